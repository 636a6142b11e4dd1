/* pirtable.c: the PCI interrupt routing table (Microsoft, "PCI IRQ Routing Table Specification" 1.0): how the four pins
 * of each slot reach the PIIX3's PIRQs. */
#include "post.h"

#define SLOTS 6
#define ROUTER PCI_BDF(0, 1, 0)
#define COMPATIBLE 0x122e8086 /* the first PIIX */
#define LINK 0x60
#define IRQS 0xdef8

struct pir {
    u32 signature;
    u16 version, size;
    u8 bus, devfn;
    u16 exclusive;
    u32 compatible, miniport;
    u8 reserved[11], sum;
    struct {
        u8 bus, device;
        struct {
            u8 link;
            u16 irqs;
        } PACKED pin[4];
        u8 slot, reserved;
    } PACKED slot[SLOTS];
} PACKED;

void pirtable_init(void)
{
    struct pir *p = FSEG->pir_irqs ? malloc_fseg(sizeof *p) : NULL;
    if (!p)
        return;
    *p = (struct pir){ .signature = 0x52495024 /* "$PIR" */,
                       .version = 0x0100,
                       .size = sizeof *p,
                       .devfn = ROUTER & 0xff,
                       .exclusive = FSEG->pir_irqs,
                       .compatible = COMPATIBLE };
    for (u8 i = 0; i < SLOTS; i++) {
        u8 device = (u8)(i + 1);
        p->slot[i].device = (u8)(device << 3);
        p->slot[i].slot = i; /* the first is on the board */
        for (u8 pin = 0; pin < 4; pin++) {
            p->slot[i].pin[pin].link = (u8)(LINK + ((pin + device - 1) & 3));
            p->slot[i].pin[pin].irqs = IRQS;
        }
    }
    p->sum = (u8)-checksum(p, sizeof *p);
    FSEG->pir = (u32)p;
    FSEG->pir_size = sizeof p->slot;
}
