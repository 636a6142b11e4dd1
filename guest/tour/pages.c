/* pages.c: the tour's pages about memory and the processor's tables. */
#include "alloc.h"
#include "paging.h"
#include "pages.h"

static const char *region_type(u32 type)
{
    return type == 1 ? "RAM" : type == 2 ? "reserved" : type == 3 ? "ACPI tables" : type == 4 ? "ACPI, kept" : "other";
}

static void boot_chain(void)
{
    struct cpuid vendor = cpuid(0, 0), model = cpuid(1, 0);
    u32 name[4] = { vendor.ebx, vendor.edx, vendor.ecx, 0 };
    heading("How we came here");
    line("FFFFFFF0  the processor's first instruction: JMP %04x:%04x", *(volatile u16 *)0xffff3,
         *(volatile u16 *)0xffff1);
    line("   7C00   the firmware loaded sector 0 of drive %02x, and jumped: real mode", info->drive);
    line("   7E00   the boot sector loaded the second stage: menu, memory map, A20");
    line("  10000   the second stage loaded this kernel (%u sectors) and set CR0.PE", info->kernel_sectors);
    line(" 200000   the 64-bit part: CR4.PAE, CR3, EFER.LME, CR0.PG, a far jump");
    line(" ");
    heading("The processor now");
    line("%s, family and model %08x, %u logical processor(s) in the package", (const char *)name, model.eax,
         model.ebx >> 16 & 0xff ? model.ebx >> 16 & 0xff : 1);
    line("CR0 %08x   CR3 %08x   CR4 %08x   EFER %llx", (u32)read_cr0(), (u32)read_cr3(), (u32)read_cr4(),
         cpuid(0x80000000u, 0).eax >= 0x80000001u ? rdmsr(MSR_EFER) : 0);
    line("Time stamp %llx   ticks %08x", rdtsc(), ticks());
    line(" ");
    heading("The pages");
    for (u32 i = 0; i < tour_page_count; i += 2)
        line("  %-36s%s", tour_pages[i].title, i + 1 < tour_page_count ? tour_pages[i + 1].title : "");
}

static void memory_map(void)
{
    u32 pages;
    heading("The firmware's map (INT 15h, AX = E820)");
    for (u32 i = 0; i < info->e820_count; i++) {
        const struct e820 *e = &info->e820[i];
        line("%016llx - %016llx  %s", e->base, e->base + e->size - 1, region_type(e->type));
    }
    line(" ");
    heading("What is where below 1 MiB");
    line("    0 -   3FF  interrupt vector table       7E00 -  FFFF  our second stage");
    line("  400 -   4FF  BIOS data area              10000 - 7FFFF  this kernel");
    line("  500 -  7BFF  free; the firmware's stack  80000 - 9FFFF  EBDA from %x on", *(volatile u16 *)0x40e * 16u);
    line(" 7C00 -  7DFF  our boot sector             A0000 - BFFFF  the screen's memory");
    line("C0000 - C7FFF  VGA BIOS (%04x)             F0000 - FFFFF  the firmware", *(volatile u16 *)0xc0000);
    line(" ");
    heading("The allocator");
    if (!memory.total)
        alloc_init();
    line("%llu bytes in all", memory.total);
    u64 bytes = arena_bytes(memory.used, &pages);
    line("%llu used in %u pages", bytes, pages);
    bytes = arena_bytes(memory.free, &pages);
    line("%llu free in %u pages", bytes, pages);
    for (u32 i = 0; i < LEVELS; i++)
        if (memory.free[i])
            line("   level %u: the first free page is at %llx, of %llx bytes", i, memory.free[i]->block - 32,
                 memory.free[i]->size);
}

static void vectors(void)
{
    static const char *const names[] = {
        "divide error",  "debug", "NMI",    "INT3",      "INTO",     "print screen", "",     "",      "IRQ0 timer",
        "IRQ1 keyboard", "IRQ2",  "IRQ3",   "IRQ4 COM1", "IRQ5",     "IRQ6 floppy",  "IRQ7", "video", "equipment",
        "memory",        "disk",  "serial", "system",    "keyboard", "printer",      "",     "boot",  "time"
    };
    const volatile u16 *ivt = (const volatile u16 *)0;
    __asm__("" : "+r"(ivt)); /* address 0 is a place like others */
    heading("Real mode's interrupt vectors: 256 of offset and segment, from address 0");
    for (u32 i = 0; i < 128; i += 2)
        line("%02x  %04x:%04x  %-20s   %02x  %04x:%04x  %s", i, ivt[2 * i + 1], ivt[2 * i],
             i < ARRAY_LEN(names) ? names[i] : "", i + 1, ivt[2 * i + 3], ivt[2 * i + 2],
             i + 1 < ARRAY_LEN(names) ? names[i + 1] : "");
}

static void data_area(void)
{
    const volatile u8 *b = (const volatile u8 *)0x400;
    __asm__("" : "+r"(b));
    heading("The firmware's variables, 400 to 4FF");
    line("400  COM1 to COM4   %04x %04x %04x %04x", b[0] | b[1] << 8, b[2] | b[3] << 8, b[4] | b[5] << 8,
         b[6] | b[7] << 8);
    line("410  equipment      %04x", b[0x10] | b[0x11] << 8);
    line("413  low memory     %u KiB", b[0x13] | (u32)b[0x14] << 8);
    line("417  shift state    %02x %02x   (press Shift, Ctrl, Alt)", b[0x17], b[0x18]);
    line("449  video mode     %02x, %u columns; cursor %u, %u", b[0x49], b[0x4a], b[0x51], b[0x50]);
    line("463  CRT controller %04x", b[0x63] | b[0x64] << 8);
    line("46C  ticks          %08x", ticks());
    line("475  hard disks     %u", b[0x75]);
    line(" ");
    for (u32 i = 0; i < 256; i += 16)
        line("%03x  %02x %02x %02x %02x %02x %02x %02x %02x  %02x %02x %02x %02x %02x %02x %02x %02x", 0x400 + i, b[i],
             b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7], b[i + 8], b[i + 9], b[i + 10],
             b[i + 11], b[i + 12], b[i + 13], b[i + 14], b[i + 15]);
}

static void segments(void)
{
    u32 cs, ss, tr, ldt;
    __asm__ volatile("movl %%cs, %0; movl %%ss, %1; str %2; sldt %3" : "=r"(cs), "=r"(ss), "=r"(tr), "=r"(ldt));
    heading("The global descriptor table (prot/gdt.c, desc.h)");
    for (u32 s = 8; s < 8 * GDT_SLOTS; s += 8) {
        const struct segment_desc d = gdt_get(s);
        u32 limit = d.limit_0_15 | (d.flags_and_limit_16_19 & 15u) << 16, flags = d.flags_and_limit_16_19;
        if (d.access & SEG_P)
            line("%04x  base %08x  limit %08x  DPL %u  %-14s %s%s%s%s", s,
                 d.base_0_15 | (u32)d.base_16_23 << 16 | (u32)d.base_24_31 << 24,
                 flags & SEG_G ? limit << 12 | 0xfff : limit, d.access >> 5 & 3, desc_kind(d.access),
                 flags & SEG_G ? "G " : "", flags & SEG_D ? "D " : "", flags & SEG_L ? "L " : "",
                 s == (cs & 0xfff8)    ? "<- CS"
                 : s == (ss & 0xfff8)  ? "<- SS"
                 : s == (tr & 0xfff8)  ? "<- TR"
                 : s == (ldt & 0xfff8) ? "<- LDTR"
                                       : "");
    }
}

static void interrupts(void)
{
    struct table_register r;
    __asm__ volatile("sidt %0" : "=m"(r));
    heading("The interrupt descriptor table (prot/trap.c)");
    line("at %08x, limit %04x", (u32)r.base, r.limit);
    for (u32 v = 0; v < 256; v++) {
        const struct gate_desc *g = idt_entry(v);
        line("%02x  %04x:%08x  DPL %u  %s", v, g->selector, g->offset_0_15 | (u32)g->offset_16_31 << 16,
             g->access >> 5 & 3, desc_kind(g->access));
    }
}

static void tables(void)
{
    heading("Four levels of page tables, as long mode has them (long/run.c)");
    u32 root = long_tables();
    const u64 *top = (const u64 *)(uptr)root;
    line("CR3 %08x", root);
    for (u32 i = 0; i < 512; i++)
        if (top[i] & PTE_P) {
            line("  PML4[%03x]   %016llx", i, top[i]);
            const u64 *second = (const u64 *)(uptr)(top[i] & 0xfffff000u);
            for (u32 j = 0; j < 512; j++)
                if (second[j] & PTE_P) {
                    const u64 *third = (const u64 *)(uptr)(second[j] & 0xfffff000u);
                    line("    PDPT[%03x]  %016llx  1 GiB from %llx", j, second[j], (u64)j << 30);
                    for (u32 k = 0; k < 4; k++)
                        line("      PD[%03x]   %016llx  2 MiB, %s%s%s%s", k, third[k], third[k] & PTE_W ? "W" : "-",
                             third[k] & PTE_U ? "U" : "-", third[k] & PTE_A ? "A" : "-", third[k] & PTE_D ? "D" : "-");
                }
        }
}

static void transcript(void)
{
    heading("The state of the transcript");
    line("Long mode without a kernel. The page tables are at 1000, 2000 and 3000, the");
    line("descriptors at 7F80, with a limit of one page; the processor waits in HLT at");
    line("824E. In the monitor, `info registers` and `info mem` then print, byte for");
    line("byte, what tests/system/transcript/ has (docs/guest.md says how).");
    line(" ");
    line("  linear address      size                maps to");
    line("  0000000000000000    2 MiB               0, writable");
    line("  0000007e00000000    1 GiB               0, read-only");
    line("  0000007e40000000    1 GiB               0, writable");
    line("  0000007e80000000    1 GiB               0, read-only");
    line("  0000007f00000000    1 GiB               0, read-only");
    line("  0000007f40000000    1 GiB               0, writable");
    line(" ");
    print_color(COLOR_BRIGHT);
    line("Enter goes there: the machine is reset, and nothing comes after it.");
    print_color(COLOR_PLAIN);
}

const struct tour_page tour_pages[] = {
    { '1', " 1  The boot chain", boot_chain },
    { '2', " 2  The memory map", memory_map },
    { '3', " 3  The interrupt vector table", vectors },
    { '4', " 4  The BIOS data area", data_area },
    { '5', " 5  Segments: the GDT", segments },
    { '6', " 6  Interrupts: the IDT", interrupts },
    { '7', " 7  Page tables", tables },
    { '8', " 8  PCI", page_pci },
    { '9', " 9  The local APIC", page_lapic },
    { '0', " 0  The I/O APIC and the 8259s", page_ioapic },
    { 't', " T  The transcript", transcript },
};
const u32 tour_page_count = ARRAY_LEN(tour_pages);
