/* x87_pieces.c: memory operands that the processor takes in pieces: 80-bit numbers as 8 and 2 bytes, an environment by
 * words or doublewords, the registers behind it as numbers. Each piece is checked against its segment by itself, and
 * wraps by itself where addresses are of 16 or 32 bits. The manual gives only the layouts (SDM vol. 1, 8.1.10); this is
 * what silicon does. */
#include "x87.h"

#define MANTISSA_BYTES 8u
#define EXPONENT_BYTES 2u

enum pass { READ, PROBE, WRITE };

static bool piece(struct cpu *c, const struct uop *u, u8 *image, unsigned at, unsigned bytes, enum pass pass)
{
    static const u64 masks[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    u64 offset = (ea_offset(c, u) + at) & masks[u_asize(u)], linear;
    bool write = pass != READ;
    if (!(at ? seg_linear(c, u_seg(u), offset, bytes, write, &linear)
             : seg_aligned(c, u_seg(u), offset, bytes, write, &linear)))
        return false;
    if (pass == READ)
        return lin_read(c, linear, image + at, bytes);
    return pass == PROBE ? lin_probe(c, linear, bytes, true) : lin_write(c, linear, image + at, bytes);
}

static bool number(struct cpu *c, const struct uop *u, u8 *image, unsigned at, enum pass pass)
{
    return piece(c, u, image, at, MANTISSA_BYTES, pass) &&
           piece(c, u, image, at + MANTISSA_BYTES, EXPONENT_BYTES, pass);
}

static bool state(struct cpu *c, const struct uop *u, u8 *image, unsigned unit, unsigned regs, enum pass pass)
{
    unsigned at = 0;
    for (unsigned i = 0; i < ENV_UNITS; i++, at += unit)
        if (!piece(c, u, image, at, unit, pass))
            return false;
    for (unsigned i = 0; i < regs; i++, at += MANTISSA_BYTES + EXPONENT_BYTES)
        if (!number(c, u, image, at, pass))
            return false;
    return true;
}

bool x87_load80(struct cpu *c, const struct uop *u, void *to)
{
    return number(c, u, to, 0, READ);
}

bool x87_store80(struct cpu *c, const struct uop *u, const void *from)
{
    u8 image[MANTISSA_BYTES + EXPONENT_BYTES];
    memcpy(image, from, sizeof image);
    return number(c, u, image, 0, PROBE) && number(c, u, image, 0, WRITE);
}

bool x87_load_state(struct cpu *c, const struct uop *u, u8 *image, unsigned unit, unsigned regs)
{
    return state(c, u, image, unit, regs, READ);
}

bool x87_store_state(struct cpu *c, const struct uop *u, u8 *image, unsigned unit, unsigned regs)
{
    return state(c, u, image, unit, regs, PROBE) && state(c, u, image, unit, regs, WRITE);
}
