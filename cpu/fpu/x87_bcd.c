/* x87_bcd.c: packed decimal, 18 digits and a sign byte (SDM vol. 1, 8.1.2.6). */
#include "x87_mem.h"

#define BCD_BYTES 10u
/* The packed BCD indefinite: FFFF C000 0000 0000 0000. */
static const struct f80 bcd_indefinite = { 0xc000000000000000u, 0xffff };

EXEC(fbld)
{
    struct f80 m, v;
    TRY(x87_begin(c) && x87_load80(c, u, &m));
    x87_track_mem(c, u, EA_GEN);
    if (st_full(c)) {
        if (x87_stack_overflow(c, u))
            st_push(c, &f80_indefinite);
        NEXT;
    }
    u16 sw = x87h_bld(&v, &v, &m, c->fpu.cw, x87_known(c));
    if (x87_retire(c, u, sw & FSW_EXCEPTIONS))
        st_push(c, &v);
    NEXT;
}

EXEC(fbstp)
{
    struct f80 m = bcd_indefinite;
    u16 sw = X87_IE;
    TRY(x87_begin(c));
    bool empty = st_empty(c, 0);
    if (!empty)
        sw = x87h_bst(&m, st_reg(c, 0), c->fpu.cw, x87_known(c));
    bool ok = x87_may_store(c, sw);
    if (ok)
        TRY(x87_store80(c, u, &m));
    x87_track_mem(c, u, EA_GEN);
    if (empty)
        (void)x87_stack_underflow(c, u);
    else
        (void)x87_retire(c, u, sw);
    if (ok)
        st_pop(c);
    NEXT;
}
