/* acpi_aml.h: a small writer of AML, the byte code of ACPI's definition blocks. See acpi_aml.c.
 *
 * Everything is appended to a buffer of the caller's. When the room runs out nothing more is written and `full` is
 * set; the caller looks at it once, at the end. */
#ifndef PCEMU_ACPI_AML_H
#define PCEMU_ACPI_AML_H

#include "base.h"

struct aml {
    u8 *data; /* not owned */
    size_t len, room;
    bool full;
};

/* Names are written as in ASL: "\\_SB.PCI0", "LNKA"; segments shorter than four letters are padded. */

/* Plain bytes and little-endian numbers (table headers, resource descriptors). */
void aml_bytes(struct aml *a, const void *bytes, size_t n);
void aml_u8(struct aml *a, u8 v);
void aml_u16(struct aml *a, u16 v);
void aml_u32(struct aml *a, u32 v);
void aml_u64(struct aml *a, u64 v);

/* Closes an object with a package length: `mark` is where its contents begin, after the opcode. */
void aml_end(struct aml *a, size_t mark);

/* Puts an integer in front of what has been written since `mark`. */
void aml_put_int(struct aml *a, size_t mark, u32 v);

void aml_ref(struct aml *a, const char *name); /* a name */
void aml_int(struct aml *a, u32 v);
void aml_string(struct aml *a, const char *text);
void aml_eisa_id(struct aml *a, const char *id); /* "PNP0A03" */

/* A ResourceTemplate: descriptors between begin and end. */
size_t aml_resources(struct aml *a);
void aml_resources_end(struct aml *a, size_t mark);
void aml_res_io(struct aml *a, u16 base, u8 align, u8 length);
void aml_res_irq(struct aml *a, unsigned irq);     /* edge, active high, exclusive; irq < 16 */
void aml_res_dma(struct aml *a, unsigned channel); /* 8-bit, compatible timing, no bus master; channel < 8 */
/* Extended interrupt: consumer, level, active high, shared. */
void aml_res_interrupts(struct aml *a, const u32 *irq, u8 n);
void aml_res_memory32(struct aml *a, u32 base, u32 length, bool writable);
void aml_res_bus_range(struct aml *a, u16 first, u16 last);
void aml_res_io_range(struct aml *a, u16 first, u16 last);
void aml_res_memory_range32(struct aml *a, u32 first, u32 last, bool cacheable);
void aml_res_memory_range64(struct aml *a, u64 first, u64 last, bool cacheable);

#endif
