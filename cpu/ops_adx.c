/* ops_adx.c: ADCX and ADOX: additions with a chain of carries each, in CF and in OF, that leave all other flags alone
 * (SDM vol. 2). */
#include "exec.h"
#include "flags.h"

/* *v += source + carry; returns the carry out. */
static bool add_carry(struct cpu *c, const struct uop *u, u64 source, bool carry)
{
    unsigned size = u_size(u);
    u64 a = get_reg(c, u->dst, size), sum = a + source + carry;
    bool out = size == 3 ? sum < a || (carry && sum == a) : sum >> 32;
    put_reg(c, u->dst, size, sum);
    return out;
}

EXEC(adcx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    bool carry = add_carry(c, u, v, c->fl & HF_CF);
    c->fl = (u16)((c->fl & ~HF_CF) | (carry ? HF_CF : 0));
    NEXT;
}

EXEC(adox)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    bool carry = add_carry(c, u, v, c->fl & HF_OF);
    c->fl = (u16)((c->fl & ~HF_OF) | (carry ? HF_OF : 0));
    NEXT;
}
