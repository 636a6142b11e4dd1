/* acpi_aml.h: a small writer of AML, the byte code of ACPI's definition blocks. See acpi_aml.c.
 *
 * Everything is appended to a buffer of the caller's. Objects that carry their length are opened by a function that
 * returns a mark, and closed by aml_end() with that mark. When the room runs out nothing more is written and `full` is
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

/* Objects with a length; close each with aml_end(). */
size_t aml_scope(struct aml *a, const char *name);
size_t aml_device(struct aml *a, const char *name);
size_t aml_method(struct aml *a, const char *name, unsigned args, bool serialized);
size_t aml_processor(struct aml *a, const char *name, u8 id);
size_t aml_if(struct aml *a); /* the predicate follows, then the body */
size_t aml_package(struct aml *a, u8 elements);
/* Field units follow by aml_field_unit(); `access` is AML_ACC_…; no lock, other bits preserved. */
size_t aml_field(struct aml *a, const char *region, u8 access);
void aml_end(struct aml *a, size_t mark);

#define AML_ACC_BYTE 1
#define AML_ACC_DWORD 3

#define AML_SPACE_MEMORY 0
#define AML_SPACE_IO 1
#define AML_SPACE_PCI_CONFIG 2

void aml_field_unit(struct aml *a, const char *name4, unsigned bits); /* bits < 64 */
void aml_op_region(struct aml *a, const char *name, u8 space, u32 offset, u32 length);

/* Terms. */
void aml_name(struct aml *a, const char *name); /* Name (name, …): the object follows */
void aml_ref(struct aml *a, const char *name);  /* a name used as a term, or a call: its arguments follow */
void aml_int(struct aml *a, u32 v);
void aml_string(struct aml *a, const char *text);
void aml_buffer(struct aml *a, const void *bytes, u8 n); /* n < 61 */
void aml_eisa_id(struct aml *a, const char *id);         /* "PNP0A03" */
void aml_arg(struct aml *a, unsigned n);
void aml_return(struct aml *a); /* the value follows */
void aml_store(struct aml *a);  /* the source follows, then the target */
void aml_and(struct aml *a);    /* two operands and a target (or aml_no_target) follow */
void aml_or(struct aml *a);
void aml_less(struct aml *a); /* two operands follow */
void aml_no_target(struct aml *a);
/* CreateDWordField (source…: follows by aml_arg/aml_ref, then aml_int offset, then aml_ref name) */
void aml_create_dword_field(struct aml *a);

/* Name (name, value) for the common cases. */
void aml_name_int(struct aml *a, const char *name, u32 v);
void aml_name_string(struct aml *a, const char *name, const char *text);
void aml_name_eisa_id(struct aml *a, const char *name, const char *id);

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
