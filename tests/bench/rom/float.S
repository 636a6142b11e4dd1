/* float.S: kernels of long mode: x87 and SSE. */
#include "bench.h"
        .code64

/* Sums, products and memory operands of three sizes. */
KERNEL "x87-arith", MODE_64, 500000, 8, "operation"
        fninit
        fldz
1:      movl    %ebx, int_operand
        fildl   int_operand
        fmull   double_operand
        faddl   double_operand
        fld     %st
        fmul    %st, %st(1)
        fxch
        fsubs   single_operand
        faddp
        faddp
        fmull   half
        fstl    double_result
        decl    %ebx
        jnz     1b
        fstp    %st
        ret

/* Division, root, comparison with a branch, conversion to an integer. */
KERNEL "x87-divide", MODE_64, 500000, 4, "operation"
        fninit
        fldl    double_operand
1:      fld1
        fadd    %st(1)
        fsqrt
        fdivrp  %st, %st(1)
        fldl    half
        fucomip %st(1), %st
        ja      2f
        fmull   half
2:      faddl   double_operand
        fistl   int_operand
        decl    %ebx
        jnz     1b
        fstp    %st
        ret

KERNEL "sse-scalar", MODE_64, 2000000, 8, "operation"
        xorpd   %xmm0, %xmm0
        movsd   double_operand, %xmm1
        movsd   half, %xmm2
1:      cvtsi2sdl %ebx, %xmm3
        movapd  %xmm3, %xmm4
        mulsd   %xmm1, %xmm3
        addsd   double_operand, %xmm3
        subsd   %xmm4, %xmm3
        divsd   %xmm1, %xmm3
        addsd   %xmm3, %xmm0
        mulsd   %xmm2, %xmm0
        ucomisd %xmm2, %xmm0
        jb      2f
        sqrtsd  %xmm0, %xmm0
2:      cvttsd2si %xmm0, %eax
        movsd   %xmm0, double_result
        decl    %ebx
        jnz     1b
        ret

/* Four singles at a time over arrays of 4 KiB. */
KERNEL "sse-packed", MODE_64, 10000, 256, "vector"
        movaps  packed_operand, %xmm7
1:      xorl    %ecx, %ecx
2:      movaps  BUFFER(%rcx), %xmm0
        movups  BUFFER2(%rcx), %xmm1
        mulps   %xmm7, %xmm0
        addps   %xmm1, %xmm0
        movaps  %xmm0, %xmm2
        shufps  $0x4e, %xmm2, %xmm2
        maxps   %xmm2, %xmm0
        minps   %xmm7, %xmm0
        movaps  %xmm0, BUFFER2(%rcx)
        addl    $16, %ecx
        cmpl    $4096, %ecx
        jne     2b
        decl    %ebx
        jnz     1b
        ret

KERNEL "sse-integer", MODE_64, 10000, 256, "vector"
        pcmpeqd %xmm7, %xmm7
1:      xorl    %ecx, %ecx
2:      movdqa  BUFFER(%rcx), %xmm0
        movdqu  BUFFER2(%rcx), %xmm1
        paddd   %xmm1, %xmm0
        movdqa  %xmm0, %xmm2
        psrld   $13, %xmm2
        pxor    %xmm2, %xmm0
        punpcklbw %xmm1, %xmm2
        pand    %xmm7, %xmm2
        por     %xmm2, %xmm0
        pshufd  $0x39, %xmm0, %xmm0
        movdqa  %xmm0, BUFFER2(%rcx)
        addl    $16, %ecx
        cmpl    $4096, %ecx
        jne     2b
        decl    %ebx
        jnz     1b
        ret

        .section .rodata, "a"
        .balign 16
packed_operand:
        .single 0.75, 1.25, 0.5, 1.0
double_operand:
        .double 1.000244140625
half:   .double 0.5
single_operand:
        .single 2.25
        .data
        .balign 8
double_result:
        .double 0
int_operand:
        .long   0
