/* ioapic_print.c: the I/O APIC in print, its part of QEMU 7.2's `info pic`. Fields of the redirection table: 82093AA
 * data sheet, section 3.2.4. */
#include "ioapic.h"

#include <inttypes.h>
#include <stdio.h>

#define VERSION 0x20
#define FIRST_ENTRY 0x10
#define ENTRY_DELIVERY_SHIFT 8
#define ENTRY_LOGICAL BIT64(11)
#define ENTRY_ACTIVE_LOW BIT64(13)
#define ENTRY_REMOTE_IRR BIT64(14)
#define ENTRY_LEVEL BIT64(15)
#define ENTRY_MASKED BIT64(16)
#define ENTRY_DEST_SHIFT 56

static void print_pins(const char *name, u32 pins, FILE *out)
{
    fprintf(out, "  %-8s ", name);
    for (unsigned i = 0; i < IOAPIC_PINS; i++)
        if (pins & BIT(i))
            fprintf(out, "%-2u ", i);
    fprintf(out, "%s\n", pins ? "" : "(none)");
}

static void print_entry(unsigned pin, u64 entry, FILE *out)
{
    static const char *const delivery[8] = { "fixed", "lowest", "SMI", "...", "NMI", "INIT", "...", "extINT" };
    bool logical = entry & ENTRY_LOGICAL;
    fprintf(out, "  pin %-2u 0x%016" PRIx64 " dest=%" PRIx64 " vec=%-3u %s %-5s %-6s %-6s %s\n", pin, entry,
            entry >> ENTRY_DEST_SHIFT & (logical ? 0xff : 0xf), (unsigned)(entry & 0xff),
            entry & ENTRY_ACTIVE_LOW ? "active-lo" : "active-hi", entry & ENTRY_LEVEL ? "level" : "edge",
            entry & ENTRY_MASKED ? "masked" : "", delivery[entry >> ENTRY_DELIVERY_SHIFT & 7],
            logical ? "logical" : "physical");
}

void ioapic_print(const struct ioapic *s, FILE *out)
{
    u32 remote = 0, requests = 0;
    fprintf(out, "ioapic0: ver=0x%x id=0x%02x sel=0x%02x", VERSION, s->id, s->ioregsel);
    if (s->ioregsel)
        fprintf(out, " (redir[%d])", (s->ioregsel - FIRST_ENTRY) >> 1);
    fputc('\n', out);
    for (unsigned i = 0; i < IOAPIC_PINS; i++) {
        print_entry(i, s->redir[i], out);
        remote |= s->redir[i] & ENTRY_REMOTE_IRR ? BIT(i) : 0;
        requests |= s->redir[i] & ENTRY_LEVEL ? s->level & BIT(i) : 0;
    }
    print_pins("IRR", requests, out);
    print_pins("Remote IRR", remote, out);
}
