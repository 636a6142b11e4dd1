/* testfloat_forms.h: for each function of TestFloat the code that computes it. */
/* movss xmm0,[rsi]; addss xmm0,[rsi+16]; movss [rsi+64],xmm0 */
{ "f32_add", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\x58\x46\x10\xf3\x0f\x11\x46\x40\xf4") },
/* movss xmm0,[rsi]; subss xmm0,[rsi+16]; movss [rsi+64],xmm0 */
{ "f32_sub", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\x5c\x46\x10\xf3\x0f\x11\x46\x40\xf4") },
/* movss xmm0,[rsi]; mulss xmm0,[rsi+16]; movss [rsi+64],xmm0 */
{ "f32_mul", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\x59\x46\x10\xf3\x0f\x11\x46\x40\xf4") },
/* movss xmm0,[rsi]; divss xmm0,[rsi+16]; movss [rsi+64],xmm0 */
{ "f32_div", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\x5e\x46\x10\xf3\x0f\x11\x46\x40\xf4") },
/* sqrtss xmm0,[rsi]; movss [rsi+64],xmm0 */
{ "f32_sqrt", true, CODE("\xf3\x0f\x51\x06\xf3\x0f\x11\x46\x40\xf4") },
/* roundss xmm0,[rsi],4; movss [rsi+64],xmm0 */
{ "f32_roundToInt", true, CODE("\x66\x0f\x3a\x0a\x06\x04\xf3\x0f\x11\x46\x40\xf4") },
/* movss xmm0,[rsi]; movss xmm1,[rsi+16]; vfmadd213ss xmm1,xmm0,[rsi+32]; movss [rsi+64],xmm1 */
{ "f32_mulAdd", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\x10\x4e\x10\xc4\xe2\x79\xa9\x4e\x20\xf3\x0f\x11\x4e\x40\xf4") },
/* movss xmm0,[rsi]; cmpss xmm0,[rsi+16],0; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f32_eq", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\xc2\x46\x10\x00\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movss xmm0,[rsi]; cmpss xmm0,[rsi+16],1; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f32_lt", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\xc2\x46\x10\x01\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movss xmm0,[rsi]; cmpss xmm0,[rsi+16],2; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f32_le", true, CODE("\xf3\x0f\x10\x06\xf3\x0f\xc2\x46\x10\x02\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movss xmm0,[rsi]; comiss xmm0,[rsi+16]; setnp al; sete ah; and al,ah; mov [rsi+64],al */
{ "f32_eq_signaling", true, CODE("\xf3\x0f\x10\x06\x0f\x2f\x46\x10\x0f\x9b\xc0\x0f\x94\xc4\x20\xe0\x88\x46\x40\xf4") },
/* movss xmm0,[rsi+16]; ucomiss xmm0,[rsi]; setae al; mov [rsi+64],al */
{ "f32_le_quiet", true, CODE("\xf3\x0f\x10\x46\x10\x0f\x2e\x06\x0f\x93\xc0\x88\x46\x40\xf4") },
/* movss xmm0,[rsi+16]; ucomiss xmm0,[rsi]; seta al; mov [rsi+64],al */
{ "f32_lt_quiet", true, CODE("\xf3\x0f\x10\x46\x10\x0f\x2e\x06\x0f\x97\xc0\x88\x46\x40\xf4") },
/* cvtss2si eax,[rsi]; mov [rsi+64],eax */
{ "f32_to_i32", true, CODE("\xf3\x0f\x2d\x06\x89\x46\x40\xf4") },
/* cvtss2si rax,[rsi]; mov [rsi+64],rax */
{ "f32_to_i64", true, CODE("\xf3\x48\x0f\x2d\x06\x48\x89\x46\x40\xf4") },
/* cvtsi2ss xmm0,[rsi]; movss [rsi+64],xmm0 */
{ "i32_to_f32", true, CODE("\xf3\x0f\x2a\x06\xf3\x0f\x11\x46\x40\xf4") },
/* cvtsi2ss xmm0,[rsi]; movss [rsi+64],xmm0 */
{ "i64_to_f32", true, CODE("\xf3\x48\x0f\x2a\x06\xf3\x0f\x11\x46\x40\xf4") },
/* mov eax,[rsi]; cvtsi2ss xmm0,rax; movss [rsi+64],xmm0 */
{ "ui32_to_f32", true, CODE("\x8b\x06\xf3\x48\x0f\x2a\xc0\xf3\x0f\x11\x46\x40\xf4") },
/* movsd xmm0,[rsi]; addsd xmm0,[rsi+16]; movsd [rsi+64],xmm0 */
{ "f64_add", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\x58\x46\x10\xf2\x0f\x11\x46\x40\xf4") },
/* movsd xmm0,[rsi]; subsd xmm0,[rsi+16]; movsd [rsi+64],xmm0 */
{ "f64_sub", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\x5c\x46\x10\xf2\x0f\x11\x46\x40\xf4") },
/* movsd xmm0,[rsi]; mulsd xmm0,[rsi+16]; movsd [rsi+64],xmm0 */
{ "f64_mul", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\x59\x46\x10\xf2\x0f\x11\x46\x40\xf4") },
/* movsd xmm0,[rsi]; divsd xmm0,[rsi+16]; movsd [rsi+64],xmm0 */
{ "f64_div", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\x5e\x46\x10\xf2\x0f\x11\x46\x40\xf4") },
/* sqrtsd xmm0,[rsi]; movsd [rsi+64],xmm0 */
{ "f64_sqrt", true, CODE("\xf2\x0f\x51\x06\xf2\x0f\x11\x46\x40\xf4") },
/* roundsd xmm0,[rsi],4; movsd [rsi+64],xmm0 */
{ "f64_roundToInt", true, CODE("\x66\x0f\x3a\x0b\x06\x04\xf2\x0f\x11\x46\x40\xf4") },
/* movsd xmm0,[rsi]; movsd xmm1,[rsi+32]; vfmadd231sd xmm1,xmm0,[rsi+16]; movsd [rsi+64],xmm1 */
{ "f64_mulAdd", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\x10\x4e\x20\xc4\xe2\xf9\xb9\x4e\x10\xf2\x0f\x11\x4e\x40\xf4") },
/* movsd xmm0,[rsi]; cmpsd xmm0,[rsi+16],0; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f64_eq", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\xc2\x46\x10\x00\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movsd xmm0,[rsi]; cmpsd xmm0,[rsi+16],1; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f64_lt", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\xc2\x46\x10\x01\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movsd xmm0,[rsi]; cmpsd xmm0,[rsi+16],2; movd eax,xmm0; and eax,1; mov [rsi+64],eax */
{ "f64_le", true, CODE("\xf2\x0f\x10\x06\xf2\x0f\xc2\x46\x10\x02\x66\x0f\x7e\xc0\x83\xe0\x01\x89\x46\x40\xf4") },
/* movsd xmm0,[rsi]; comisd xmm0,[rsi+16]; setnp al; sete ah; and al,ah; mov [rsi+64],al */
{ "f64_eq_signaling", true, CODE("\xf2\x0f\x10\x06\x66\x0f\x2f\x46\x10\x0f\x9b\xc0\x0f\x94\xc4\x20\xe0\x88\x46\x40\xf4") },
/* movsd xmm0,[rsi+16]; ucomisd xmm0,[rsi]; setae al; mov [rsi+64],al */
{ "f64_le_quiet", true, CODE("\xf2\x0f\x10\x46\x10\x66\x0f\x2e\x06\x0f\x93\xc0\x88\x46\x40\xf4") },
/* movsd xmm0,[rsi+16]; ucomisd xmm0,[rsi]; seta al; mov [rsi+64],al */
{ "f64_lt_quiet", true, CODE("\xf2\x0f\x10\x46\x10\x66\x0f\x2e\x06\x0f\x97\xc0\x88\x46\x40\xf4") },
/* cvtsd2si eax,[rsi]; mov [rsi+64],eax */
{ "f64_to_i32", true, CODE("\xf2\x0f\x2d\x06\x89\x46\x40\xf4") },
/* cvtsd2si rax,[rsi]; mov [rsi+64],rax */
{ "f64_to_i64", true, CODE("\xf2\x48\x0f\x2d\x06\x48\x89\x46\x40\xf4") },
/* cvtsi2sd xmm0,[rsi]; movsd [rsi+64],xmm0 */
{ "i32_to_f64", true, CODE("\xf2\x0f\x2a\x06\xf2\x0f\x11\x46\x40\xf4") },
/* cvtsi2sd xmm0,[rsi]; movsd [rsi+64],xmm0 */
{ "i64_to_f64", true, CODE("\xf2\x48\x0f\x2a\x06\xf2\x0f\x11\x46\x40\xf4") },
/* mov eax,[rsi]; cvtsi2sd xmm0,rax; movsd [rsi+64],xmm0 */
{ "ui32_to_f64", true, CODE("\x8b\x06\xf2\x48\x0f\x2a\xc0\xf2\x0f\x11\x46\x40\xf4") },
/* cvtss2sd xmm0,[rsi]; movsd [rsi+64],xmm0 */
{ "f32_to_f64", true, CODE("\xf3\x0f\x5a\x06\xf2\x0f\x11\x46\x40\xf4") },
/* cvtsd2ss xmm0,[rsi]; movss [rsi+64],xmm0 */
{ "f64_to_f32", true, CODE("\xf2\x0f\x5a\x06\xf3\x0f\x11\x46\x40\xf4") },
/* vcvtph2ps xmm0,[rsi]; movss [rsi+64],xmm0 */
{ "f16_to_f32", true, CODE("\xc4\xe2\x79\x13\x06\xf3\x0f\x11\x46\x40\xf4") },
/* movups xmm0,[rsi]; vcvtps2ph [rsi+64],xmm0,4 */
{ "f32_to_f16", true, CODE("\x0f\x10\x06\xc4\xe3\x79\x1d\x46\x40\x04\xf4") },
/* fld [rsi]; fld [rsi+16]; faddp st(1),st; fstp [rsi+64] */
{ "extF80_add", false, CODE("\xdb\x2e\xdb\x6e\x10\xde\xc1\xdb\x7e\x40\xf4") },
/* fld [rsi]; fld [rsi+16]; fsubp st(1),st; fstp [rsi+64] */
{ "extF80_sub", false, CODE("\xdb\x2e\xdb\x6e\x10\xde\xe9\xdb\x7e\x40\xf4") },
/* fld [rsi]; fld [rsi+16]; fmulp st(1),st; fstp [rsi+64] */
{ "extF80_mul", false, CODE("\xdb\x2e\xdb\x6e\x10\xde\xc9\xdb\x7e\x40\xf4") },
/* fld [rsi]; fld [rsi+16]; fdivp st(1),st; fstp [rsi+64] */
{ "extF80_div", false, CODE("\xdb\x2e\xdb\x6e\x10\xde\xf9\xdb\x7e\x40\xf4") },
/* fld [rsi]; fsqrt; fstp [rsi+64] */
{ "extF80_sqrt", false, CODE("\xdb\x2e\xd9\xfa\xdb\x7e\x40\xf4") },
/* fld [rsi]; frndint; fstp [rsi+64] */
{ "extF80_roundToInt", false, CODE("\xdb\x2e\xd9\xfc\xdb\x7e\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; 1: fprem1; fnstsw ax; test ah,4; jnz 1b; fstp [rsi+64]; fstp st(0) */
{ "extF80_rem", false, CODE("\xdb\x6e\x10\xdb\x2e\xd9\xf5\xdf\xe0\xf6\xc4\x04\x75\xf7\xdb\x7e\x40\xdd\xd8\xf4") },
/* fld [rsi+16]; fld [rsi]; fcompp; fnstsw ax; sahf; setnp dl; sete al; and al,dl; mov [rsi+64],al */
{ "extF80_eq_signaling", false, CODE("\xdb\x6e\x10\xdb\x2e\xde\xd9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x94\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; fcompp; fnstsw ax; sahf; setnp dl; setbe al; and al,dl; mov [rsi+64],al */
{ "extF80_le", false, CODE("\xdb\x6e\x10\xdb\x2e\xde\xd9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x96\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; fcompp; fnstsw ax; sahf; setnp dl; setb al; and al,dl; mov [rsi+64],al */
{ "extF80_lt", false, CODE("\xdb\x6e\x10\xdb\x2e\xde\xd9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x92\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; fucompp; fnstsw ax; sahf; setnp dl; sete al; and al,dl; mov [rsi+64],al */
{ "extF80_eq", false, CODE("\xdb\x6e\x10\xdb\x2e\xda\xe9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x94\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; fucompp; fnstsw ax; sahf; setnp dl; setbe al; and al,dl; mov [rsi+64],al */
{ "extF80_le_quiet", false, CODE("\xdb\x6e\x10\xdb\x2e\xda\xe9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x96\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi+16]; fld [rsi]; fucompp; fnstsw ax; sahf; setnp dl; setb al; and al,dl; mov [rsi+64],al */
{ "extF80_lt_quiet", false, CODE("\xdb\x6e\x10\xdb\x2e\xda\xe9\xdf\xe0\x9e\x0f\x9b\xc2\x0f\x92\xc0\x20\xd0\x88\x46\x40\xf4") },
/* fld [rsi]; fistp [rsi+64] */
{ "extF80_to_i32", false, CODE("\xdb\x2e\xdb\x5e\x40\xf4") },
/* fld [rsi]; fistp [rsi+64] */
{ "extF80_to_i64", false, CODE("\xdb\x2e\xdf\x7e\x40\xf4") },
/* fld [rsi]; fstp [rsi+64] */
{ "extF80_to_f32", false, CODE("\xdb\x2e\xd9\x5e\x40\xf4") },
/* fld [rsi]; fstp [rsi+64] */
{ "extF80_to_f64", false, CODE("\xdb\x2e\xdd\x5e\x40\xf4") },
/* fld [rsi]; fstp [rsi+64] */
{ "f32_to_extF80", false, CODE("\xd9\x06\xdb\x7e\x40\xf4") },
/* fld [rsi]; fstp [rsi+64] */
{ "f64_to_extF80", false, CODE("\xdd\x06\xdb\x7e\x40\xf4") },
/* fild [rsi]; fstp [rsi+64] */
{ "i32_to_extF80", false, CODE("\xdb\x06\xdb\x7e\x40\xf4") },
/* fild [rsi]; fstp [rsi+64] */
{ "i64_to_extF80", false, CODE("\xdf\x2e\xdb\x7e\x40\xf4") },
