/* ops_alu.c: ADD OR ADC SBB AND SUB XOR CMP TEST in every form, INC DEC NOT NEG (SDM vol. 2). */
#include "joined.h"
#include "rows.h"

#define OP add
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP or
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP adc
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP sbb
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP and
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP sub
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP xor
#define OP_WRITES 1
#include "ops_alu_widths.tmpl.h"
#define OP cmp
#define OP_WRITES 0
#include "ops_alu_widths.tmpl.h"
#define OP test
#define OP_WRITES 0
#include "ops_alu_widths.tmpl.h"

static ALWAYS_INLINE u8 alu_not_8(struct cpu *c, u8 a)
{
    return (void)c, (u8)~a;
}
static ALWAYS_INLINE u16 alu_not_16(struct cpu *c, u16 a)
{
    return (void)c, (u16)~a;
}
static ALWAYS_INLINE u32 alu_not_32(struct cpu *c, u32 a)
{
    return (void)c, ~a;
}
static ALWAYS_INLINE u64 alu_not_64(struct cpu *c, u64 a)
{
    return (void)c, ~a;
}

#define OP inc
#include "ops_unary.tmpl.h"
#define OP dec
#include "ops_unary.tmpl.h"
#define OP not
#include "ops_unary.tmpl.h"
#define OP neg
#include "ops_unary.tmpl.h"
