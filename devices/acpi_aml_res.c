/* acpi_aml_res.c: resource templates: the descriptors of the ACPI specification's section 6.4 that this machine's
 * devices need, each as the document's tables lay it out. */
#include "acpi_aml.h"

#include <assert.h>

#define BUFFER_OP 0x11

/* Small items: the length is in the tag. */
#define TAG_IRQ_NO_FLAGS 0x22 /* 6.4.2.1, two bytes: edge, active high, exclusive */
#define TAG_DMA 0x2a          /* 6.4.2.2, two bytes: channels, and flags of 0: compatible, 8-bit, no bus master */
#define TAG_IO 0x47           /* 6.4.2.5 */
#define TAG_END 0x79          /* 6.4.2.9 */
#define IO_DECODE_16 1

/* Large items: a 16-bit length follows. */
#define TAG_MEMORY32_FIXED 0x86 /* 6.4.3.4 */
#define TAG_DWORD_SPACE 0x87    /* 6.4.3.5.2 */
#define TAG_WORD_SPACE 0x88     /* 6.4.3.5.3 */
#define TAG_INTERRUPT 0x89      /* 6.4.3.6 */
#define TAG_QWORD_SPACE 0x8a    /* 6.4.3.5.1 */

#define INTERRUPT_CONSUMER BIT(0)
#define INTERRUPT_SHARED BIT(3)

#define SPACE_MEMORY 0
#define SPACE_IO 1
#define SPACE_BUS 2
#define SPACE_MIN_MAX_FIXED (BIT(2) | BIT(3))
#define SPACE_IO_ENTIRE_RANGE 3
#define SPACE_MEMORY_WRITE BIT(0)
#define SPACE_MEMORY_CACHEABLE BIT(1)

/* Bytes after the length: resource type, general flags, type flags and five numbers. */
#define SPACE_LEN(bytes) (3 + 5 * (bytes))

/* The buffer's size stands before its bytes, and is known when they are there. */
size_t aml_resources(struct aml *a)
{
    aml_u8(a, BUFFER_OP);
    return a->len;
}

void aml_resources_end(struct aml *a, size_t mark)
{
    aml_u8(a, TAG_END);
    aml_u8(a, 0); /* a checksum of 0: none */
    aml_put_int(a, mark, (u32)(a->len - mark));
    aml_end(a, mark);
}

void aml_res_io(struct aml *a, u16 base, u8 align, u8 length)
{
    aml_u8(a, TAG_IO);
    aml_u8(a, IO_DECODE_16);
    aml_u16(a, base);
    aml_u16(a, base);
    aml_u8(a, align);
    aml_u8(a, length);
}

void aml_res_irq(struct aml *a, unsigned irq)
{
    assert(irq < 16);
    aml_u8(a, TAG_IRQ_NO_FLAGS);
    aml_u16(a, (u16)BIT(irq));
}

void aml_res_dma(struct aml *a, unsigned channel)
{
    assert(channel < 8);
    aml_u8(a, TAG_DMA);
    aml_u8(a, (u8)BIT(channel));
    aml_u8(a, 0);
}

void aml_res_interrupts(struct aml *a, const u32 *irq, u8 n)
{
    aml_u8(a, TAG_INTERRUPT);
    aml_u16(a, (u16)(2 + 4 * n));
    aml_u8(a, INTERRUPT_CONSUMER | INTERRUPT_SHARED);
    aml_u8(a, n);
    for (unsigned i = 0; i < n; i++)
        aml_u32(a, irq[i]);
}

void aml_res_memory32(struct aml *a, u32 base, u32 length, bool writable)
{
    aml_u8(a, TAG_MEMORY32_FIXED);
    aml_u16(a, 9);
    aml_u8(a, writable);
    aml_u32(a, base);
    aml_u32(a, length);
}

static void space_header(struct aml *a, u8 tag, u16 len, u8 type, u8 type_flags)
{
    aml_u8(a, tag);
    aml_u16(a, len);
    aml_u8(a, type);
    aml_u8(a, SPACE_MIN_MAX_FIXED);
    aml_u8(a, type_flags);
}

/* Granularity, minimum, maximum, translation, length. */
static void word_range(struct aml *a, u16 first, u16 last)
{
    aml_u16(a, 0);
    aml_u16(a, first);
    aml_u16(a, last);
    aml_u16(a, 0);
    aml_u16(a, (u16)(last - first + 1));
}

void aml_res_bus_range(struct aml *a, u16 first, u16 last)
{
    space_header(a, TAG_WORD_SPACE, SPACE_LEN(2), SPACE_BUS, 0);
    word_range(a, first, last);
}

void aml_res_io_range(struct aml *a, u16 first, u16 last)
{
    space_header(a, TAG_WORD_SPACE, SPACE_LEN(2), SPACE_IO, SPACE_IO_ENTIRE_RANGE);
    word_range(a, first, last);
}

static u8 memory_flags(bool cacheable)
{
    return (u8)(SPACE_MEMORY_WRITE | (cacheable ? SPACE_MEMORY_CACHEABLE : 0));
}

void aml_res_memory_range32(struct aml *a, u32 first, u32 last, bool cacheable)
{
    space_header(a, TAG_DWORD_SPACE, SPACE_LEN(4), SPACE_MEMORY, memory_flags(cacheable));
    aml_u32(a, 0);
    aml_u32(a, first);
    aml_u32(a, last);
    aml_u32(a, 0);
    aml_u32(a, last - first + 1);
}

void aml_res_memory_range64(struct aml *a, u64 first, u64 last, bool cacheable)
{
    space_header(a, TAG_QWORD_SPACE, SPACE_LEN(8), SPACE_MEMORY, memory_flags(cacheable));
    aml_u64(a, 0);
    aml_u64(a, first);
    aml_u64(a, last);
    aml_u64(a, 0);
    aml_u64(a, last - first + 1);
}
