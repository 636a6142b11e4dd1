#include "encode.h"

static bool is_modrm_operand(unsigned o, bool rm)
{
    bool reg = (o >= OP_Gb && o <= OP_Gz) || o == OP_Sw || o == OP_Cy || o == OP_Dy || (o >= OP_Pd && o <= OP_Py) ||
               (o >= OP_Vdq && o <= OP_Vqq);
    bool other = (o >= OP_Eb && o <= OP_Ey) || (o >= OP_M && o <= OP_Rw) || (o >= OP_Nq && o <= OP_Qq) ||
                 (o >= OP_Wdq && o <= OP_Ux) || (o >= OP_Mps && o <= OP_Mvq) || (o >= OP_STi && o <= OP_Mxs);
    return other || (!rm && reg);
}

bool row_has_modrm(const struct row *r)
{
    bool any = (r->ext & (X_REG(0) | X_RM(0) | X_MEM | X_MOD3)) != 0;
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        any = any || is_modrm_operand(r->operand[k], false);
    return any;
}

static bool only_register(unsigned o)
{
    return (o >= OP_Rv && o <= OP_Rw) || o == OP_Nq || (o >= OP_Udq && o <= OP_Ux) || o == OP_STi;
}

static bool only_memory(unsigned o)
{
    return (o >= OP_M && o <= OP_My) || (o >= OP_Mps && o <= OP_Mvq) || (o >= OP_Mf32 && o <= OP_Mxs);
}

static bool has_form(const struct row *r, bool memory)
{
    bool rm = false;
    if (!row_has_modrm(r) || (r->ext & (memory ? X_MOD3 : X_MEM)))
        return false;
    for (unsigned k = 0; k < ROW_OPERANDS; k++) {
        unsigned o = r->operand[k];
        rm = rm || is_modrm_operand(o, true);
        if (memory ? only_register(o) : only_memory(o))
            return false;
    }
    return rm || !memory;
}

bool row_has_memory_form(const struct row *r)
{
    return has_form(r, true);
}
bool row_has_register_form(const struct row *r)
{
    return has_form(r, false);
}

/* C4, the map, R, X and B; W, vvvv, L and pp. Register 5 is what vvvv names. */
static unsigned vex_prefix(const struct row *r, const struct encoding *w, u8 *b)
{
    u32 x = r->ext & X_PREFIXES;
    bool w1 = (r->ext & X_W1) || (w->size == 3 && !(r->ext & X_W0));
    bool l1 = (r->ext & X_L1) || (w->size == 1 && !(r->ext & X_L0));
    unsigned pp = x == X_66 ? 1 : x == X_F3 ? 2 : x == X_F2 ? 3 : 0, vvvv = 0;
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        if (r->operand[k] >= OP_Hx && r->operand[k] <= OP_By && r->operand[k] != OP_Lx)
            vvvv = 5;
    unsigned n = 0;
    if (w->lock)
        b[n++] = 0xf0;
    b[n++] = 0xc4;
    b[n++] = (u8)((w->reg & 8 ? 0 : 0x80) | 0x40 | (w->rm & 8 ? 0 : 0x20) | (r->map - MAP_V0F + 1));
    b[n++] = (u8)((w1 ? 0x80 : 0) | (~vvvv & 15) << 3 | (l1 ? 4 : 0) | pp);
    return n;
}

static unsigned prefixes(const struct row *r, const struct encoding *w, u8 *b)
{
    unsigned n = 0;
    bool w1 = w->bits == 64 && ((r->ext & X_W1) || (w->size == 3 && !(r->ext & X_W0) && !(r->attr & A_BYTE)));
    bool op66 = w->size == (w->bits == 16 ? 2 : 1) && !(r->attr & A_BYTE);
    bool only66 = (r->ext & X_PREFIXES) == X_66;
    if (w->lock)
        b[n++] = 0xf0;
    if (only66 || (op66 && (!(r->ext & X_PREFIXES) || (r->ext & X_66) || (r->ext & (X_F2 | X_F3)))))
        b[n++] = 0x66;
    if ((r->ext & X_PREFIXES) == X_F3)
        b[n++] = 0xf3;
    if ((r->ext & X_PREFIXES) == X_F2)
        b[n++] = 0xf2;
    u8 rex = (u8)(0x40 | (w1 ? 8 : 0) | (w->reg & 8 ? 4 : 0) | (w->rm & 8 ? 1 : 0));
    if (w->bits == 64 && rex != 0x40)
        b[n++] = rex;
    return n;
}

unsigned encode_row(const struct row *r, const struct encoding *w, u8 fill, u8 bytes[ENCODING_MAX])
{
    static const u8 escapes[MAPS] = { [MAP_38] = 0x38, [MAP_3A] = 0x3a };
    bool vex = map_is_vex(r->map), gather = r->operand[1] == OP_Mvd || r->operand[1] == OP_Mvq;
    if (w->bits == 64 ? (r->attr & A_NO64) != 0 : (r->attr & A_ONLY64) || (!vex && (r->ext & X_W1)))
        return 0;
    if (gather && w->bits == 16) /* there is no SIB in 16-bit addressing */
        return 0;
    memset(bytes, fill, ENCODING_MAX);
    unsigned n = vex ? vex_prefix(r, w, bytes) : prefixes(r, w, bytes);
    if (r->map != MAP_1B && !vex)
        bytes[n++] = 0x0f;
    if (escapes[r->map])
        bytes[n++] = escapes[r->map];
    bytes[n++] = (u8)(r->op | ((r->attr & A_PLUSR) ? w->reg & 7u : 0));
    if (!row_has_modrm(r))
        return n;
    if (w->memory ? !row_has_memory_form(r) : !row_has_register_form(r))
        return 0;
    unsigned reg = (r->ext & X_REG(0)) ? r->ext & 7u : w->reg & 7u;
    unsigned rm = w->memory ? (w->bits == 16 ? 7 : 3) : (r->ext & X_RM(0)) ? (r->ext >> 4) & 7u : w->rm & 7u;
    bytes[n++] = (u8)((w->memory ? 0 : 0xc0) | reg << 3 | (gather ? 4 : rm));
    if (gather)
        bytes[n++] = 7 << 3 | 3; /* [rBX + xmm7] */
    return n;
}
