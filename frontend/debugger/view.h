/* view.h: one processor of a machine that stands still, as the debugger looks at it: its registers, copied once, and
 * the ways to read memory that the rest of the debugger builds on. */
#ifndef PCEMU_VIEW_H
#define PCEMU_VIEW_H

#include "debug.h"
#include "machine.h"

struct view {
    struct machine *machine;
    unsigned cpu;
    struct debug_registers r;
    enum debug_mode mode;
};

/* Bits that the debugger explains (SDM vol. 3, 2.3, 2.5, 3.4.5). */
#define FLAG_CF BIT(0)
#define FLAG_PF BIT(2)
#define FLAG_AF BIT(4)
#define FLAG_ZF BIT(6)
#define FLAG_SF BIT(7)
#define FLAG_TF BIT(8)
#define FLAG_IF BIT(9)
#define FLAG_DF BIT(10)
#define FLAG_OF BIT(11)
#define FLAG_IOPL_SHIFT 12
#define FLAG_NT BIT(14)
#define FLAG_VM BIT(17)
#define CR0_PE BIT(0)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_WP BIT(16)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)
#define CR4_PAE BIT(5)
#define CR4_OSFXSR BIT(9)
#define CR4_LA57 BIT(12)
#define CR4_PCIDE BIT(17)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)
#define MSR_EFER 0xc0000080u

enum {
    EXC_DE = 0,
    EXC_DB = 1,
    EXC_NMI = 2,
    EXC_UD = 6,
    EXC_NM = 7,
    EXC_DF = 8,
    EXC_TS = 10,
    EXC_NP = 11,
    EXC_SS = 12,
    EXC_GP = 13,
    EXC_PF = 14,
    EXC_MF = 16,
    EXC_AC = 17,
    EXC_XM = 19,
};

/* Error codes (SDM vol. 3, 6.13 and 4.7). */
#define ERROR_EXT BIT(0)
#define ERROR_IDT BIT(1)
#define ERROR_TI BIT(2)
#define PF_PRESENT BIT(0)
#define PF_WRITE BIT(1)
#define PF_USER BIT(2)
#define PF_RESERVED BIT(3)
#define PF_FETCH BIT(4)

/* Looks at processor `cpu` as it stands now. */
void view_take(struct view *v, struct machine *m, unsigned cpu);

static inline bool view_is_long(const struct view *v)
{
    return (v->r.efer & EFER_LMA) != 0;
}
/* Selectors are paragraphs: real and virtual-8086 mode. */
static inline bool view_is_paragraph(const struct view *v)
{
    return !(v->r.cr0 & CR0_PE) || (v->r.rflags & FLAG_VM);
}
bool view_is_canonical(const struct view *v, u64 linear);
/* segment:offset as a linear address. `segment`: enum debug_segment. */
u64 view_linear(const struct view *v, unsigned segment, u64 offset);
u64 view_code(const struct view *v); /* of CS:RIP */
/* Bytes at a linear address; false: not all can be read. */
bool view_read(const struct view *v, u64 linear, void *to, size_t len);
/* A number of 1 … 8 bytes. */
bool view_read_number(const struct view *v, u64 linear, unsigned size, u64 *value);
/* Bits of an offset into a stack: 16, 32 or 64. */
u64 view_stack_mask(const struct view *v);

const char *view_mode_name(enum debug_mode mode);
const char *view_segment_name(unsigned segment);
/* "#GP"; "vector 20h" for those without a name, in buf. */
const char *view_vector_name(unsigned vector, char buf[16]);
bool view_vector_has_error(unsigned vector);
/* CS:RIP in the mode's spelling: 0000:7c00, 0008:00100000, ffffffff80000000. */
void view_print_address(const struct view *v, u16 cs, u64 rip, FILE *out);
/* Its number and width, but for AH, CH, DH and BH; false: there is none of that name. */
bool view_general_name(const char *name, unsigned *number, unsigned *bytes);
/* The general register `name`, of any width (rax … bpl, ah); false: there is none of that name. */
bool view_general(const struct view *v, const char *name, u64 *value);
/* The segment register (es … gs) by enum debug_segment; DEBUG_SEGMENTS: none. */
unsigned view_segment(const char *name);
/* "pc.ram, RAM", "pc.bios, ROM", "vga-lowmem, device", "nothing" */
const char *view_place_kind(enum debug_place_kind kind);

#endif
