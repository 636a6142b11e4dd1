/* board.c: the tour's pages about the chips. Reading their registers here disturbs none. */
#include "apic.h"
#include "pages.h"
#include "pci.h"

#define PIC1 0x20
#define PIC2 0xa0
#define READ_IRR 0x0a
#define READ_ISR 0x0b
#define ELCR 0x4d0

static const char *class_name(u32 class)
{
    switch (class) {
    case 0x0600:
        return "host bridge";
    case 0x0601:
        return "ISA bridge";
    case 0x0101:
        return "IDE controller";
    case 0x0680:
        return "bridge: power management";
    case 0x0300:
        return "VGA adapter";
    case 0x0200:
        return "Ethernet card";
    default:
        return "";
    }
}

static void show_function(u32 device, u32 function)
{
    u32 f = PCI_FUNCTION(device, function), id = pci_read(f, PCI_ID), class = pci_read(f, PCI_CLASS) >> 16;
    if (id == 0xffffffffu)
        return;
    line("00:%02x.%x  %04x:%04x  class %04x  %s", device, function, id & 0xffff, id >> 16, class, class_name(class));
    for (u32 bar = 0; bar < 6; bar++) {
        u32 v = pci_read(f, PCI_BAR0 + 4 * bar);
        if (v)
            line("         base %u: %08x, %s", bar, v & 1 ? v & ~3u : v & ~15u,
                 v & 1   ? "ports"
                 : v & 8 ? "memory, prefetchable"
                         : "memory");
    }
    u32 interrupt = pci_read(f, PCI_INTERRUPT);
    if (interrupt >> 8 & 0xff)
        line("         interrupt pin %c, line %u", (int)('A' + (interrupt >> 8 & 0xff) - 1), interrupt & 0xff);
}

void page_pci(void)
{
    heading("Configuration space, by ports CF8 and CFC");
    line("CF8: 31 enable, 23..16 bus, 15..11 device, 10..8 function, 7..2 register");
    for (u32 device = 0; device < 32; device++)
        for (u32 function = 0; function < 8; function++)
            show_function(device, function);
}

void page_lapic(void)
{
    static const struct {
        u32 reg;
        const char *name;
    } registers[] = {
        { LAPIC_ID, "ID" },
        { LAPIC_VERSION, "Version" },
        { LAPIC_TPR, "TPR  Task priority" },
        { LAPIC_APR, "APR  Arbitration priority" },
        { LAPIC_PPR, "PPR  Processor priority" },
        { LAPIC_LDR, "LDR  Logical destination" },
        { LAPIC_DFR, "DFR  Destination format" },
        { LAPIC_SVR, "SVR  Spurious interrupt vector" },
        { LAPIC_ESR, "ESR  Error status" },
        { LAPIC_LVT_CMCI, "LVT  CMCI" },
        { LAPIC_ICR_LOW, "ICR  bits 0..31" },
        { LAPIC_ICR_HIGH, "ICR  bits 32..63" },
        { LAPIC_LVT_TIMER, "LVT  Timer" },
        { LAPIC_LVT_THERMAL, "LVT  Thermal monitor" },
        { LAPIC_LVT_PERFORMANCE, "LVT  Performance counter" },
        { LAPIC_LVT_LINT0, "LVT  LINT0" },
        { LAPIC_LVT_LINT1, "LVT  LINT1" },
        { LAPIC_LVT_ERROR, "LVT  Error" },
        { LAPIC_TIMER_INITIAL, "Timer: initial count" },
        { LAPIC_TIMER_CURRENT, "Timer: current count" },
        { LAPIC_TIMER_DIVIDE, "Timer: divide configuration" },
    };
    if (!(cpuid(1, 0).edx & BIT(9))) {
        line("There is none.");
        return;
    }
    heading("The local APIC's registers");
    if (!lapic_read(LAPIC_TIMER_INITIAL)) { /* something to watch */
        lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | LVT_PERIODIC | VECTOR_FREE);
        lapic_write(LAPIC_TIMER_INITIAL, 0xffffffffu);
    }
    for (u32 i = 0; i < ARRAY_LEN(registers); i++)
        line("%08x  %08x  %s", LAPIC + registers[i].reg, lapic_read(registers[i].reg), registers[i].name);
}

static u8 pic(u16 port, u8 which)
{
    outb(port, which);
    return inb(port);
}

void page_ioapic(void)
{
    heading("The 8259s: requests, in service, masked, level");
    line("master    IRR %02x   ISR %02x   IMR %02x   ELCR %02x", pic(PIC1, READ_IRR), pic(PIC1, READ_ISR),
         inb(PIC1 + 1), inb(ELCR));
    line("slave     IRR %02x   ISR %02x   IMR %02x   ELCR %02x", pic(PIC2, READ_IRR), pic(PIC2, READ_ISR),
         inb(PIC2 + 1), inb(ELCR + 1));
    line(" ");
    heading("The I/O APIC at FEC00000");
    line("ID %08x   version %08x", ioapic_read(IOAPIC_ID), ioapic_read(IOAPIC_VERSION));
    for (u32 pin = 0; pin < 24; pin++) {
        u32 low = ioapic_read(IOAPIC_ENTRY(pin)), high = ioapic_read(IOAPIC_ENTRY(pin) + 1);
        line("%2u  %08x %08x  vector %02x  %s%s%s", pin, high, low, low & 0xff, low & RTE_MASKED ? "masked " : "",
             low & RTE_LEVEL ? "level " : "edge ", low & RTE_REMOTE_IRR ? "remote IRR" : "");
    }
}
