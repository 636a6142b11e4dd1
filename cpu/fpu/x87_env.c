/* x87_env.c: the environment and the whole state in memory: FNSTENV, FLDENV, FNSAVE, FRSTOR (SDM vol. 1, 8.1.10,
 * figures 8-9 to 8-12). Four layouts: 16 or 32 bits by operand size; in real and virtual-8086 mode the pointers are
 * linear addresses and the opcode is there in both sizes. 64-bit mode uses the protected layouts. */
#include "x87.h"

#define ENV32_BYTES (ENV_UNITS * 4)
#define REG_BYTES F80_BYTES
#define REGS 8u
#define IMAGE_MAX (ENV32_BYTES + REGS * REG_BYTES)

enum tag { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static bool is_protected(const struct cpu *c)
{
    return !in_real(c) && !in_vm86(c);
}
static bool is_wide(const struct uop *u)
{
    return u_size(u) >= 2;
}
static unsigned env_unit(const struct uop *u)
{
    return is_wide(u) ? 4 : 2;
}
static unsigned env_bytes(const struct uop *u)
{
    return ENV_UNITS * env_unit(u);
}

static enum tag tag_of(const struct f80 *v)
{
    unsigned e = v->se & F80_EXP;
    if (e == 0 && v->mant == 0)
        return TAG_ZERO;
    return e == 0 || e == F80_EXP || !(v->mant & F80_INTEGER) ? TAG_SPECIAL : TAG_VALID;
}

static u16 tag_word(const struct fpu *f)
{
    u32 tags = 0;
    for (unsigned i = 0; i < 8; i++)
        tags |= (u32)((f->valid >> i) & 1 ? tag_of(&f->reg[i]) : TAG_EMPTY) << (2 * i);
    return (u16)tags;
}

/* The seven words or doublewords; reserved halves read as ones. */
static void env_put(const struct cpu *c, const struct uop *u, u8 *to)
{
    const struct fpu *f = &c->fpu;
    bool prot = is_protected(c);
    u32 ip = prot ? (u32)f->fip : (u32)f->fip + ((u32)f->fcs << 4);
    u32 dp = prot ? (u32)f->fdp : (u32)f->fdp + ((u32)f->fds << 4);
    u32 op = f->fop & FOP_MASK, ones = 0xffff0000u;
    if (is_wide(u)) {
        u32 v[7] = { ones | f->cw, ones | fpu_get_sw(c), ones | tag_word(f), ip, f->fcs | op << 16, dp, ones | f->fds };
        if (!prot) {
            v[3] = ones | (ip & 0xffff);
            v[4] = (ip & 0xffff0000u) >> 4 | op;
            v[5] = ones | (dp & 0xffff);
            v[6] = (dp & 0xffff0000u) >> 4;
        }
        memcpy(to, v, ENV32_BYTES);
        return;
    }
    u16 v[7] = { f->cw, fpu_get_sw(c), tag_word(f), (u16)ip, f->fcs, (u16)dp, f->fds };
    if (!prot) {
        v[4] = (u16)(((ip >> 4) & 0xf000) | op);
        v[6] = (u16)((dp >> 4) & 0xf000);
    }
    memcpy(to, v, (ENV_UNITS * 2));
}

static void env_pointers(struct cpu *c, const u32 v[7], bool wide)
{
    struct fpu *f = &c->fpu;
    if (is_protected(c)) {
        f->fip = v[3];
        f->fcs = (u16)v[4];
        f->fdp = v[5];
        f->fds = (u16)v[6];
        f->fop = (v[4] >> 16) & FOP_MASK; /* zero from the 16-bit layout, which has none */
        return;
    }
    u32 high = wide ? 0x0ffff000u : 0xf000u;
    f->fip = (v[3] & 0xffff) | (v[4] & high) << 4;
    f->fdp = (v[5] & 0xffff) | (v[6] & high) << 4;
    f->fop = v[4] & FOP_MASK;
    f->fcs = f->fds = 0;
}

static void env_get(struct cpu *c, const struct uop *u, const u8 *from)
{
    u32 v[7];
    bool wide = is_wide(u);
    for (unsigned i = 0; i < 7; i++)
        v[i] = wide ? get_le32(from + 4 * i) : get_le16(from + 2 * i);
    fpu_set_cw_sw(c, (u16)v[0], (u16)v[1]);
    c->fpu.valid = 0;
    for (unsigned i = 0; i < 8; i++)
        if (((v[2] >> (2 * i)) & 3) != TAG_EMPTY)
            c->fpu.valid |= (u8)BIT(i);
    env_pointers(c, v, wide);
}

/* With addresses of 16 bits the pieces behind FFFF come from the start of the segment. */
static bool wraps(struct cpu *c, const struct uop *u, unsigned bytes)
{
    return u_asize(u) == 0 && ea_offset(c, u) + bytes > 0x10000;
}

/* Aligned as its first word or doubleword has to be; then all of it inside the segment. */
static bool env_linear(struct cpu *c, const struct uop *u, unsigned bytes, bool write, u64 *linear)
{
    return ea_linear(c, u, env_unit(u), write, linear) &&
           seg_linear(c, u_seg(u), ea_offset(c, u), bytes, write, linear);
}

static bool image_load(struct cpu *c, const struct uop *u, u8 *image, unsigned regs)
{
    u64 linear;
    unsigned bytes = env_bytes(u) + regs * REG_BYTES;
    if (UNLIKELY(wraps(c, u, bytes)))
        return x87_load_state(c, u, image, env_unit(u), regs);
    return env_linear(c, u, bytes, false, &linear) && lin_probe(c, linear, bytes, false) &&
           fx_read(c, linear, image, bytes);
}

static bool image_store(struct cpu *c, const struct uop *u, u8 *image, unsigned regs)
{
    u64 linear;
    unsigned bytes = env_bytes(u) + regs * REG_BYTES;
    if (UNLIKELY(wraps(c, u, bytes)))
        return x87_store_state(c, u, image, env_unit(u), regs);
    return env_linear(c, u, bytes, true, &linear) && lin_probe(c, linear, bytes, true) &&
           fx_write(c, linear, image, bytes);
}

EXEC(fnstenv)
{
    u8 image[ENV32_BYTES];
    x87_settle(c);
    env_put(c, u, image);
    TRY(image_store(c, u, image, 0));
    fpu_set_cw(c, c->fpu.cw | FCW_MASKS);
    NEXT;
}

EXEC(fldenv)
{
    u8 image[ENV32_BYTES];
    TRY(x87_begin(c) && image_load(c, u, image, 0));
    env_get(c, u, image);
    NEXT;
}

EXEC(fnsave)
{
    u8 image[IMAGE_MAX];
    unsigned env = env_bytes(u);
    x87_settle(c);
    env_put(c, u, image);
    for (unsigned i = 0; i < REGS; i++) {
        put_le64(image + env + REG_BYTES * i, st_reg(c, i)->mant);
        put_le16(image + env + REG_BYTES * i + 8, st_reg(c, i)->se);
    }
    TRY(image_store(c, u, image, REGS));
    fpu_init(c);
    fpu_set_cw(c, FCW_INIT);
    NEXT;
}

EXEC(frstor)
{
    u8 image[IMAGE_MAX];
    unsigned env = env_bytes(u);
    TRY(x87_begin(c) && image_load(c, u, image, REGS));
    env_get(c, u, image);
    for (unsigned i = 0; i < REGS; i++) {
        st_reg(c, i)->mant = get_le64(image + env + REG_BYTES * i);
        st_reg(c, i)->se = get_le16(image + env + REG_BYTES * i + 8);
    }
    NEXT;
}
