/* desc.h: segment and gate descriptors taken apart, named and drawn (SDM vol. 3, 3.4.5, 3.5 and 6.11). */
#ifndef PCEMU_DESC_H
#define PCEMU_DESC_H

#include "view.h"

#define SELECTOR_RPL 3u
#define SELECTOR_TI BIT(2)

enum {
    SYSTEM_TSS16 = 1,
    SYSTEM_LDT = 2,
    SYSTEM_TSS16_BUSY = 3,
    SYSTEM_CALL16 = 4,
    SYSTEM_TASK_GATE = 5,
    SYSTEM_INT16 = 6,
    SYSTEM_TRAP16 = 7,
    SYSTEM_TSS32 = 9,
    SYSTEM_TSS32_BUSY = 11,
    SYSTEM_CALL32 = 12,
    SYSTEM_INT32 = 14,
    SYSTEM_TRAP32 = 15,
};

struct descriptor {
    u64 raw, high; /* `high`: the second half of one of 16 bytes, else 0 */
    u64 base;
    u32 limit;    /* in bytes */
    bool in_long; /* read by a processor in long mode */
    bool segment; /* code or data: S */
    bool code, present, big, long_code, conforming, expand_down, accessed;
    bool rw; /* code: readable; data: writable */
    unsigned type, dpl;
    /* gates */
    bool gate;
    u16 target;
    u64 offset;
    unsigned ist;
};

void descriptor_parse(struct descriptor *d, u64 raw, u64 high, bool in_long);

enum descriptor_found {
    DESCRIPTOR_OK,
    DESCRIPTOR_OUTSIDE,  /* of its table */
    DESCRIPTOR_NO_LDT,   /* TI is set and there is no LDT */
    DESCRIPTOR_UNMAPPED, /* the table is not in memory there */
};
/* Reads the descriptor that `selector` names. *linear: where it stands. */
enum descriptor_found descriptor_read(const struct view *v, u16 selector, struct descriptor *d, u64 *linear);
/* The same for gate `vector` of the IDT. */
enum descriptor_found descriptor_read_gate(const struct view *v, unsigned vector, struct descriptor *d, u64 *linear);

/* What it is, in words: "a 32-bit code segment, readable", "an available 32-bit TSS". */
void descriptor_describe(const struct descriptor *d, char *text, size_t size);
/* One line: base, limit or target, privilege. */
void descriptor_print(const struct descriptor *d, FILE *out);
/* Its bits, each field in its place. */
void descriptor_draw(const struct descriptor *d, FILE *out);

#endif
