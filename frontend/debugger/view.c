/* view.c: see view.h. */
#include "view.h"

#include <inttypes.h>

void view_take(struct view *v, struct machine *m, unsigned cpu)
{
    v->machine = m;
    v->cpu = cpu;
    debug_get_registers(m, cpu, &v->r);
    v->mode = debug_mode(m, cpu);
}

bool view_is_canonical(const struct view *v, u64 linear)
{
    unsigned shift = (v->r.cr4 & CR4_LA57) ? 7 : 16;
    return (u64)((s64)(linear << shift) >> shift) == linear;
}

/* In 64-bit mode only FS and GS have bases. */
u64 view_linear(const struct view *v, unsigned segment, u64 offset)
{
    if (v->r.code != DEBUG_CODE_64)
        return (u32)(v->r.seg[segment].base + offset);
    return segment == DEBUG_FS || segment == DEBUG_GS ? v->r.seg[segment].base + offset : offset;
}

u64 view_code(const struct view *v)
{
    return view_linear(v, DEBUG_CS, v->r.rip);
}

bool view_read(const struct view *v, u64 linear, void *to, size_t len)
{
    return debug_read(v->machine, v->cpu, DEBUG_LINEAR, linear, to, len) == len;
}

bool view_read_number(const struct view *v, u64 linear, unsigned size, u64 *value)
{
    *value = 0;
    return view_read(v, linear, value, size);
}

u64 view_stack_mask(const struct view *v)
{
    const u32 big = BIT(22); /* B of the stack segment */
    if (v->r.code == DEBUG_CODE_64)
        return UINT64_MAX;
    return v->r.seg[DEBUG_SS].attr & big ? 0xffffffff : 0xffff;
}

const char *view_mode_name(enum debug_mode mode)
{
    static const char *const name[] = {
        [DEBUG_MODE_REAL] = "real mode",
        [DEBUG_MODE_PROTECTED_16] = "16-bit protected mode",
        [DEBUG_MODE_PROTECTED_32] = "32-bit protected mode",
        [DEBUG_MODE_VM86] = "virtual-8086 mode",
        [DEBUG_MODE_COMPATIBILITY_16] = "16-bit compatibility mode",
        [DEBUG_MODE_COMPATIBILITY_32] = "32-bit compatibility mode",
        [DEBUG_MODE_64] = "64-bit mode",
        [DEBUG_MODE_SMM] = "system management mode",
    };
    return name[mode];
}

const char *view_segment_name(unsigned segment)
{
    static const char *const name[] = { "ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR" };
    return segment < ARRAY_LEN(name) ? name[segment] : "?";
}

const char *view_vector_name(unsigned vector, char buf[16])
{
    static const char *const name[] = { "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", NULL,
                                        "#TS", "#NP", "#SS", "#GP", "#PF", NULL,  "#MF", "#AC", "#MC", "#XM" };
    if (vector < ARRAY_LEN(name) && name[vector])
        return name[vector];
    snprintf(buf, 16, "vector %02Xh", vector & 0xff);
    return buf;
}

bool view_vector_has_error(unsigned vector)
{
    return vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC;
}

void view_print_address(const struct view *v, u16 cs, u64 rip, FILE *out)
{
    if (v->r.code == DEBUG_CODE_64)
        fprintf(out, "%016" PRIx64, rip);
    else
        fprintf(out, "%04x:%0*" PRIx64, cs, rip > 0xffff || v->r.code == DEBUG_CODE_32 ? 8 : 4, rip);
}

const char *view_place_kind(enum debug_place_kind kind)
{
    static const char *const name[] = { [DEBUG_PLACE_NONE] = "nothing",
                                        [DEBUG_PLACE_RAM] = "RAM",
                                        [DEBUG_PLACE_ROM] = "ROM",
                                        [DEBUG_PLACE_DEVICE] = "a device" };
    return name[kind];
}

/* ---- registers by their names ---- */

bool view_general_name(const char *name, unsigned *number, unsigned *bytes)
{
    static const char *const names[DEBUG_GPRS][4] = {
        { "rax", "eax", "ax", "al" },      { "rcx", "ecx", "cx", "cl" },      { "rdx", "edx", "dx", "dl" },
        { "rbx", "ebx", "bx", "bl" },      { "rsp", "esp", "sp", "spl" },     { "rbp", "ebp", "bp", "bpl" },
        { "rsi", "esi", "si", "sil" },     { "rdi", "edi", "di", "dil" },     { "r8", "r8d", "r8w", "r8b" },
        { "r9", "r9d", "r9w", "r9b" },     { "r10", "r10d", "r10w", "r10b" }, { "r11", "r11d", "r11w", "r11b" },
        { "r12", "r12d", "r12w", "r12b" }, { "r13", "r13d", "r13w", "r13b" }, { "r14", "r14d", "r14w", "r14b" },
        { "r15", "r15d", "r15w", "r15b" },
    };
    static const unsigned sizes[] = { 8, 4, 2, 1 };
    for (unsigned i = 0; i < DEBUG_GPRS; i++)
        for (unsigned k = 0; k < ARRAY_LEN(sizes); k++)
            if (strcmp(name, names[i][k]) == 0) {
                *number = i;
                *bytes = sizes[k];
                return true;
            }
    return false;
}

bool view_general(const struct view *v, const char *name, u64 *value)
{
    static const char *const high[] = { "ah", "ch", "dh", "bh" };
    unsigned number, bytes;
    if (view_general_name(name, &number, &bytes)) {
        *value = low_bytes(v->r.gpr[number], bytes);
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LEN(high); i++)
        if (strcmp(name, high[i]) == 0) {
            *value = v->r.gpr[i] >> 8 & 0xff;
            return true;
        }
    return false;
}

unsigned view_segment(const char *name)
{
    static const char *const names[] = { "es", "cs", "ss", "ds", "fs", "gs" };
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return DEBUG_SEGMENTS;
}
