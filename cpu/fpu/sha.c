/* sha.c: SHA1RNDS4, SHA1NEXTE, SHA1MSG1, SHA1MSG2, SHA256RNDS2, SHA256MSG1, SHA256MSG2 (SDM vol. 2; FIPS 180-4). The
 * SDM counts the four words of a register from the top: word 0 is bits 127:96 where it says W0 of SHA-1. */
#include "vec_op.h"

static u32 rol(u32 v, unsigned n)
{
    return v << n | v >> (32 - n);
}
static u32 ror(u32 v, unsigned n)
{
    return v >> n | v << (32 - n);
}
static u32 choose(u32 x, u32 y, u32 z)
{
    return (x & y) ^ (~x & z);
}
static u32 majority(u32 x, u32 y, u32 z)
{
    return (x & y) ^ (x & z) ^ (y & z);
}

/* ---- SHA-1 ---- */

static u32 sha1_function(unsigned which, u32 b, u32 c, u32 d)
{
    return which == 0 ? choose(b, c, d) : which == 2 ? majority(b, c, d) : b ^ c ^ d;
}

/* Four rounds; the source holds W + E for the first and W for the others. */
static void sha1_rounds(union vec *to, const union vec *w, unsigned which)
{
    static const u32 constant[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    u32 a = to->d[3], b = to->d[2], c = to->d[1], d = to->d[0], e = 0;
    for (unsigned i = 0; i < 4; i++) {
        u32 next = sha1_function(which, b, c, d) + rol(a, 5) + w->d[3 - i] + e + constant[which];
        e = d;
        d = c;
        c = rol(b, 30);
        b = a;
        a = next;
    }
    to->d[3] = a;
    to->d[2] = b;
    to->d[1] = c;
    to->d[0] = d;
}

VEC_BODY_IMM(sha1rnds4)
{
    union vec w;
    memcpy(&w, s, bytes);
    sha1_rounds(d, &w, imm & 3);
}
VEC_XMM_IMM(sha1rnds4)

VEC_BODY(sha1nexte)
{
    u32 e = rol(d->d[3], 30);
    memmove(d, s, bytes);
    d->d[3] += e;
}
VEC_XMM_BACK(sha1nexte)

VEC_BODY(sha1msg1)
{
    const u32 w4 = s->d[3], w5 = s->d[2];
    (void)bytes;
    d->d[3] ^= d->d[1];
    d->d[2] ^= d->d[0];
    d->d[1] ^= w4;
    d->d[0] ^= w5;
}
VEC_XMM_BACK(sha1msg1)

VEC_BODY(sha1msg2)
{
    const u32 w13 = s->d[2], w14 = s->d[1], w15 = s->d[0];
    (void)bytes;
    d->d[3] = rol(d->d[3] ^ w13, 1);
    d->d[2] = rol(d->d[2] ^ w14, 1);
    d->d[1] = rol(d->d[1] ^ w15, 1);
    d->d[0] = rol(d->d[0] ^ d->d[3], 1);
}
VEC_XMM_BACK(sha1msg2)

/* ---- SHA-256 ---- */

static u32 sigma0(u32 v)
{
    return ror(v, 7) ^ ror(v, 18) ^ v >> 3;
}
static u32 sigma1(u32 v)
{
    return ror(v, 17) ^ ror(v, 19) ^ v >> 10;
}

/* Two rounds: CDGH in *to, ABEF in *s, the words plus constants in the low half of XMM0. */
static void sha256_rounds(union vec *to, const union vec *s, const u32 wk[2])
{
    u32 a = s->d[3], b = s->d[2], c = to->d[3], d = to->d[2], e = s->d[1], f = s->d[0], g = to->d[1], h = to->d[0];
    for (unsigned i = 0; i < 2; i++) {
        u32 t1 = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + choose(e, f, g) + wk[i];
        u32 t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + majority(a, b, c);
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    to->d[3] = a;
    to->d[2] = b;
    to->d[1] = e;
    to->d[0] = f;
}

EXEC(sha256rnds2)
{
    union vec s;
    if (u_mem(u))
        TRY(load_aligned16(c, u, &s));
    else
        memcpy(&s, &c->xmm[u->src], XMM_BYTES);
    const u32 wk[2] = { c->xmm[0].d[0], c->xmm[0].d[1] };
    sha256_rounds(&c->xmm[u->dst], &s, wk);
    NEXT;
}

VEC_BODY(sha256msg1)
{
    const u32 w4 = s->d[0];
    (void)bytes;
    for (unsigned i = 0; i < 3; i++)
        d->d[i] += sigma0(d->d[i + 1]);
    d->d[3] += sigma0(w4);
}
VEC_XMM_BACK(sha256msg1)

VEC_BODY(sha256msg2)
{
    const u32 w14 = s->d[2], w15 = s->d[3];
    (void)bytes;
    d->d[0] += sigma1(w14);
    d->d[1] += sigma1(w15);
    d->d[2] += sigma1(d->d[0]);
    d->d[3] += sigma1(d->d[1]);
}
VEC_XMM_BACK(sha256msg2)
