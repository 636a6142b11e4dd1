/* x87_ctrl.c: control and status words, tags and the stack pointer (SDM vol. 1, 8.3.9, 8.3.11). */
#include "x87_quick.h"

EXEC(fnop)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    NEXT;
}

EXEC(fldcw)
{
    u16 cw;
    TRY(fpu_check_pending(c) && load(c, u, &cw, 2));
    if (!x87_quick_set_cw(c, cw))
        fpu_set_cw(c, cw);
    NEXT;
}

EXEC(fnstcw)
{
    TRY(store(c, u, &c->fpu.cw, 2));
    NEXT;
}

EXEC(fnstsw)
{
    u16 sw = fpu_get_sw(c);
    TRY(store(c, u, &sw, 2));
    NEXT;
}

EXEC(fnstsw_ax)
{
    put16(c, REG_OFFSET(RAX), fpu_get_sw(c));
    NEXT;
}

EXEC(ffree)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    x87_clear_c1(c);
    st_free(c, u->src);
    NEXT;
}

/* Not in the manual: frees ST(i), then pops ST(0). */
EXEC(ffreep)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    x87_clear_c1(c);
    st_free(c, u->src);
    st_pop(c);
    NEXT;
}

EXEC(fincstp)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    x87_clear_c1(c);
    c->fpu.top = (c->fpu.top + 1) & 7;
    NEXT;
}

EXEC(fdecstp)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    x87_clear_c1(c);
    c->fpu.top = (c->fpu.top - 1) & 7;
    NEXT;
}
