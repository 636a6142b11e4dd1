/* pmm.c: the Post Memory Manager (Phoenix/IBM specification 1.01): memory for option ROMs while POST runs. */
#include "post.h"

#define FUNCTION_ALLOCATE 0
#define FUNCTION_FIND 1
#define FUNCTION_FREE 2
#define FLAG_LOW BIT(0)
#define FLAG_HIGH BIT(1)
#define FLAG_ALIGNED BIT(2)
#define FLAG_PERMANENT BIT(3)
#define NOT_SUPPORTED 0xffffffffu
#define PARAGRAPH 16u
#define ANONYMOUS 0xffffffffu

extern char entry_pmm[];

static struct pmm {
    u32 signature;
    u8 version, length, sum;
    u16 off, seg;
    u8 reserved[5];
} PACKED *header;

void pmm_init(void)
{
    header = malloc_fseg(sizeof *header);
    if (!header)
        return;
    *header = (struct pmm){ .signature = 0x4d4d5024 /* "$PMM" */,
                            .version = 1,
                            .length = sizeof *header,
                            .off = (u16)(u32)entry_pmm,
                            .seg = SEG_BIOS };
    header->sum = (u8)-checksum(header, sizeof *header);
    FSEG->pmm_open = true;
}

void pmm_close(void)
{
    if (header)
        memset(header, 0, sizeof *header);
    FSEG->pmm_open = false;
}

/* A block as large as it is aligned, by its size's lowest bit, if the flag asks for that. */
static u32 allocate_in(enum zone low, enum zone high, u32 bytes, u32 handle, u16 flags)
{
    u32 align = flags & FLAG_ALIGNED ? bytes & (0u - bytes) : PARAGRAPH;
    void *p = NULL;
    if (flags & FLAG_HIGH)
        p = memory_alloc(high, bytes, align, handle);
    if (!p && (flags & FLAG_LOW))
        p = memory_alloc(low, bytes, align, handle);
    return (u32)p;
}

static u32 allocate(u32 paragraphs, u32 handle, u16 flags)
{
    bool permanent = flags & FLAG_PERMANENT;
    enum zone low = permanent ? ZONE_LOW : ZONE_TMP_LOW, high = permanent ? ZONE_HIGH : ZONE_TMP_HIGH;
    if (!paragraphs) { /* how large is the largest block? */
        u32 a = flags & FLAG_LOW ? memory_largest(low) : 0, b = flags & FLAG_HIGH ? memory_largest(high) : 0;
        return (a > b ? a : b) / PARAGRAPH;
    }
    if (paragraphs >= 0x10000000u || (handle != ANONYMOUS && memory_by_handle(handle)))
        return 0;
    return allocate_in(low, high, paragraphs * PARAGRAPH, handle, flags);
}

/* The arguments as they lie on the caller's stack: the function's number, then its own. */
u32 pmm_main(void *arguments)
{
    const u16 *a = arguments;
    u32 first = a[1] | (u32)a[2] << 16, second = a[3] | (u32)a[4] << 16;
    if (!FSEG->pmm_open)
        return NOT_SUPPORTED;
    switch (a[0]) {
    case FUNCTION_ALLOCATE:
        return allocate(first, second, a[5]);
    case FUNCTION_FIND:
        return (u32)memory_by_handle(first);
    case FUNCTION_FREE:
        return memory_free((void *)first) ? 0 : 1;
    default:
        return NOT_SUPPORTED;
    }
}
