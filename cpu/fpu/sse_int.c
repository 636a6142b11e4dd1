/* sse_int.c: packed integers, MMX and SSE2 to SSE4.2, where each element of the result comes from the elements at the
 * same place: add, subtract, compare, minimum, maximum, average, logic (SDM vol. 1, 9.4, 10.4.4, 11.4.2, 12.10). */
#include "vec_op.h"

VEC_OP(paddb, u8, b, a + b)
VEC_OP(paddw, u16, w, a + b)
VEC_OP(paddd, u32, d, a + b)
VEC_OP(paddq, u64, q, a + b)
VEC_OP(psubb, u8, b, a - b)
VEC_OP(psubw, u16, w, a - b)
VEC_OP(psubd, u32, d, a - b)
VEC_OP(psubq, u64, q, a - b)

VEC_OP(paddsb, s8, sb, sat_s8(a + b))
VEC_OP(paddsw, s16, sw, sat_s16(a + b))
VEC_OP(paddusb, u8, b, sat_u8(a + b))
VEC_OP(paddusw, u16, w, sat_u16(a + b))
VEC_OP(psubsb, s8, sb, sat_s8(a - b))
VEC_OP(psubsw, s16, sw, sat_s16(a - b))
VEC_OP(psubusb, u8, b, sat_u8(a - b))
VEC_OP(psubusw, u16, w, sat_u16(a - b))

VEC_OP(pcmpeqb, u8, b, a == b ? -1 : 0)
VEC_OP(pcmpeqw, u16, w, a == b ? -1 : 0)
VEC_OP(pcmpeqd, u32, d, a == b ? UINT32_MAX : 0)
VEC_OP(pcmpgtb, s8, sb, a > b ? -1 : 0)
VEC_OP(pcmpgtw, s16, sw, a > b ? -1 : 0)
VEC_OP(pcmpgtd, s32, sd, a > b ? -1 : 0)
VEC_OP_XMM(pcmpeqq, u64, q, a == b ? UINT64_MAX : 0)
VEC_OP_XMM(pcmpgtq, s64, sq, a > b ? -1 : 0)

VEC_OP(pminub, u8, b, a < b ? a : b)
VEC_OP(pmaxub, u8, b, a > b ? a : b)
VEC_OP(pminsw, s16, sw, a < b ? a : b)
VEC_OP(pmaxsw, s16, sw, a > b ? a : b)
VEC_OP_XMM(pminsb, s8, sb, a < b ? a : b)
VEC_OP_XMM(pmaxsb, s8, sb, a > b ? a : b)
VEC_OP_XMM(pminuw, u16, w, a < b ? a : b)
VEC_OP_XMM(pmaxuw, u16, w, a > b ? a : b)
VEC_OP_XMM(pminsd, s32, sd, a < b ? a : b)
VEC_OP_XMM(pmaxsd, s32, sd, a > b ? a : b)
VEC_OP_XMM(pminud, u32, d, a < b ? a : b)
VEC_OP_XMM(pmaxud, u32, d, a > b ? a : b)

VEC_OP(pavgb, u8, b, (a + b + 1) >> 1)
VEC_OP(pavgw, u16, w, (a + b + 1) >> 1)

VEC_OP(pand, u64, q, a &b)
VEC_OP(pandn, u64, q, ~a &b)
VEC_OP(por, u64, q, a | b)
VEC_OP(pxor, u64, q, a ^ b)

/* SSSE3: PSIGN and PABS (SDM vol. 1, 12.6). */
VEC_OP(psignb, s8, sb, b < 0 ? -a : b == 0 ? 0 : a)
VEC_OP(psignw, s16, sw, b < 0 ? -a : b == 0 ? 0 : a)
VEC_OP(psignd, u32, d, (s32)b < 0 ? 0 - a : b == 0 ? 0 : a)
VEC_OP(pabsb, s8, sb, b < 0 ? -b : b)
VEC_OP(pabsw, s16, sw, b < 0 ? -b : b)
VEC_OP(pabsd, u32, d, (s32)b < 0 ? 0 - b : b)
