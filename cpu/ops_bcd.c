/* ops_bcd.c: DAA DAS AAA AAS AAM AAD SALC (SDM vol. 2; flags that it leaves undefined as processors give them). */
#include "alu.h"
#include "exec.h"
#include "rows.h"

static u8 al(const struct cpu *c)
{
    return (u8)c->r[RAX];
}
static void put_al(struct cpu *c, u8 v)
{
    put8(c, REG_OFFSET(RAX), v);
}

static void decimal_adjust(struct cpu *c, bool subtract)
{
    u8 old = al(c), v = old;
    bool cf = (c->fl & HF_CF) != 0, af = (c->fl & HF_AF) != 0, carry = false;
    if ((old & 15) > 9 || af) {
        carry = cf || (subtract ? old < 6 : old > 0xf9);
        v = (u8)(subtract ? v - 6 : v + 6);
        af = true;
    }
    if (old > 0x99 || cf) {
        v = (u8)(subtract ? v - 0x60 : v + 0x60);
        carry = true;
    }
    put_al(c, v);
    c->fl = (u16)(alu_szp_8(v) | (carry ? HF_CF : 0) | (af ? HF_AF : 0));
}

EXEC(daa)
{
    decimal_adjust(c, false);
    NEXT;
}

EXEC(das)
{
    decimal_adjust(c, true);
    NEXT;
}

static void ascii_adjust(struct cpu *c, bool subtract)
{
    u16 ax = (u16)c->r[RAX];
    bool adjust = (ax & 15) > 9 || (c->fl & HF_AF);
    if (adjust)
        ax = (u16)(subtract ? ax - 0x106 : ax + 0x106);
    put16(c, REG_OFFSET(RAX), ax & 0xff0f);
    c->fl = (u16)(alu_szp_8(al(c)) | (adjust ? HF_CF | HF_AF : 0));
}

EXEC(aaa)
{
    ascii_adjust(c, false);
    NEXT;
}

EXEC(aas)
{
    ascii_adjust(c, true);
    NEXT;
}

EXEC(aam)
{
    u8 base = (u8)u->imm, v = al(c);
    if (base == 0)
        RAISE(EXC_DE, 0);
    put16(c, REG_OFFSET(RAX), (u16)((v / base) << 8 | v % base));
    alu_logic_8(c, al(c));
    NEXT;
}

EXEC(aad)
{
    u8 tens = (u8)((u8)(c->r[RAX] >> 8) * (u8)u->imm);
    put16(c, REG_OFFSET(RAX), alu_add_8(c, al(c), tens)); /* CF, AF, OF, too, are those of the sum */
    NEXT;
}

EXEC(salc)
{
    put_al(c, (c->fl & HF_CF) ? 0xff : 0);
    NEXT;
}
