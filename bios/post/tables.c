/* tables.c: what programs look for in the F segment: the BIOS32 service directory and the Plug and Play installation
 * structure. */
#include "post.h"

extern char entry_bios32[], entry_apm32[], entry_pnp_real[], entry_pnp_prot[];

u32 pnp_address;

struct bios32 {
    u32 signature, entry;
    u8 revision, paragraphs, sum, reserved[5];
} PACKED;

struct pnp {
    u32 signature;
    u8 version, length;
    u16 control;
    u8 sum;
    u32 event_flag;
    u16 real_off, real_seg, prot_off;
    u32 prot_base, oem;
    u16 data_seg;
    u32 data_base;
} PACKED;

void bios32_init(void)
{
    struct bios32 *b = malloc_fseg(sizeof *b);
    FSEG->apm32_entry = (u16)(u32)entry_apm32;
    if (!b)
        return;
    *b = (struct bios32){ .signature = 0x5f32335f /* "_32_" */,
                          .entry = BIOS_BASE + (u32)entry_bios32,
                          .paragraphs = 1 };
    b->sum = (u8)-checksum(b, sizeof *b);
}

void pnp_init(void)
{
    struct pnp *p = malloc_fseg(sizeof *p);
    if (!p)
        return;
    *p = (struct pnp){ .signature = 0x506e5024 /* "$PnP" */,
                       .version = 0x10,
                       .length = sizeof *p,
                       .real_off = (u16)(u32)entry_pnp_real,
                       .real_seg = SEG_BIOS,
                       .prot_off = (u16)(u32)entry_pnp_prot,
                       .prot_base = BIOS_BASE,
                       .data_seg = SEG_BIOS,
                       .data_base = BIOS_BASE };
    p->sum = (u8)-checksum(p, sizeof *p);
    pnp_address = (u32)p;
    FSEG->pnp = (u16)((u32)p - BIOS_BASE);
}
