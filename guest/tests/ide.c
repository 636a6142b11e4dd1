/* ide.c: the first IDE channel's first disk, which we come from: PIO, interrupts, errors, bus-master DMA; data are
 * compared. The last sectors of the image are there to be written. ATA/ATAPI-4; PIIX3, 2.7. */
#include "irq.h"
#include "pci.h"
#include "tests.h"

enum {
    DATA = 0x1f0,
    ERROR = 0x1f1,
    COUNT = 0x1f2,
    LBA_LOW = 0x1f3,
    LBA_MIDDLE = 0x1f4,
    LBA_HIGH = 0x1f5,
    DEVICE = 0x1f6,
    STATUS = 0x1f7,
    COMMAND = 0x1f7,
    CONTROL = 0x3f6
};
enum { BSY = 0x80, DRDY = 0x40, DRQ = 0x08, ERR = 0x01 };
enum {
    CMD_READ = 0x20,
    CMD_WRITE = 0x30,
    CMD_READ_DMA = 0xc8,
    CMD_WRITE_DMA = 0xca,
    CMD_FLUSH = 0xe7,
    CMD_IDENTIFY = 0xec,
    CMD_NOTHING = 0x01
};
enum { CONTROL_NIEN = 2, CONTROL_SRST = 4 };
enum { ERROR_ABRT = 0x04, ERROR_IDNF = 0x10 };
enum { BM_COMMAND = 0, BM_STATUS = 2, BM_TABLE = 4, BM_START = 1, BM_TO_MEMORY = 8, BM_ACTIVE = 1, BM_INTERRUPT = 4 };
#define DEVICE_LBA 0xe0
#define PATIENCE 2000000u
#define BAR4 0x20
#define PRD_END 0x80000000u

static u16 identity[256], first[256], many[4 * 256], pattern[4 * 256];
static struct {
    u32 address, size;
} table[4] __attribute__((aligned(16)));

static u8 idle(void)
{
    u8 s = inb(STATUS);
    for (u32 i = 0; i < PATIENCE && s & BSY; i++) {
        pause();
        s = inb(STATUS);
    }
    return s;
}

static void command(u8 cmd, u32 lba, u32 count)
{
    idle();
    outb(DEVICE, (u8)(DEVICE_LBA | lba >> 24));
    idle();
    outb(COUNT, (u8)count);
    outb(LBA_LOW, (u8)lba);
    outb(LBA_MIDDLE, (u8)(lba >> 8));
    outb(LBA_HIGH, (u8)(lba >> 16));
    outb(COMMAND, cmd);
    inb(CONTROL);
}

/* Sectors by PIO; whether all came. */
static int pio_in(u8 cmd, u32 lba, u16 *to, u32 count)
{
    command(cmd, lba, count);
    for (u32 i = 0; i < count; i++) {
        u8 s = idle();
        if (!(s & DRQ) || s & ERR)
            return 0;
        for (u32 j = 0; j < 256; j++)
            *to++ = inw(DATA);
    }
    return !(idle() & (DRQ | ERR));
}

static int pio_out(u32 lba, const u16 *from, u32 count)
{
    command(CMD_WRITE, lba, count);
    for (u32 i = 0; i < count; i++) {
        u8 s = idle();
        if (!(s & DRQ) || s & ERR)
            return 0;
        for (u32 j = 0; j < 256; j++)
            outw(DATA, *from++);
    }
    return !(idle() & (DRQ | ERR));
}

static u32 scratch(void)
{
    return info->image_sectors - SCRATCH_SECTORS;
}

static void fill_pattern(u32 seed)
{
    for (u32 i = 0; i < ARRAY_LEN(pattern); i++)
        pattern[i] = (u16)(seed = seed * 1103515245u + 12345u);
}

static void pio(void)
{
    ok(pio_in(CMD_IDENTIFY, 0, identity, 1), "IDENTIFY DEVICE sends a sector");
    ok(!(identity[0] & 0x8000) && identity[49] & 0x200, "... an ATA disk with LBA");
    is(identity[60] | (u32)identity[61] << 16, info->image_sectors, "... of as many sectors as the image has");
    ok(pio_in(CMD_READ, 0, first, 1) && first[255] == 0xaa55, "READ SECTORS: sector 0 ends with 55 AA");
    ok(mem_same(first, (void *)0x7c00, 64), "... and begins like what the firmware loaded to 7C00");
    ok(pio_in(CMD_READ, 0, many, 4) && mem_same(many, first, 512) && !mem_same(many + 256, first, 512),
       "READ SECTORS: four at once");
    ok(mem_same(many + 256, (void *)0x7e00, 64), "... the second is the second stage");
    fill_pattern(1);
    ok(pio_out(scratch(), pattern, 4), "WRITE SECTORS takes four");
    ok(pio_in(CMD_READ, scratch(), many, 4) && mem_same(many, pattern, sizeof pattern), "... which read back");
    ok(pio_in(CMD_READ, scratch() + 2, many, 1) && mem_same(many, pattern + 512, 512),
       "... the third in the third's place");
    command(CMD_FLUSH, 0, 0);
    ok(!(idle() & ERR), "FLUSH CACHE");
}

static void errors(void)
{
    command(CMD_NOTHING, 0, 0);
    ok(idle() & ERR && inb(ERROR) & ERROR_ABRT, "an unknown command is aborted");
    command(CMD_READ, 0x0ffffff0, 1);
    ok(idle() & ERR && inb(ERROR) & (ERROR_IDNF | ERROR_ABRT), "a sector beyond the end is an error");
    outb(DEVICE, DEVICE_LBA | 0x10);
    u8 status = inb(STATUS);
    outb(DEVICE, DEVICE_LBA);
    ok(status == 0 || status == 0xff || !(status & DRQ), "no second disk: it has no data");
    outb(CONTROL, CONTROL_SRST);
    delay_us(20);
    outb(CONTROL, 0);
    delay_us(3000);
    idle();
    ok(inb(COUNT) == 1 && inb(LBA_LOW) == 1 && inb(LBA_MIDDLE) == 0 && inb(LBA_HIGH) == 0,
       "SRST: the signature of an ATA disk");
}

static volatile u32 status_seen;

static void quiet(void)
{
    status_seen = inb(STATUS);
}

static void interrupts(void)
{
    irq_begin();
    irq_open(IRQ_IDE1, quiet);
    outb(CONTROL, 0);
    command(CMD_READ, 0, 1);
    ok(wait_for(&irq_count[IRQ_IDE1], 1, 500) && status_seen & DRQ, "IRQ14 when the sector is there");
    for (u32 j = 0; j < 256; j++)
        inw(DATA);
    outb(CONTROL, CONTROL_NIEN);
    u32 before = irq_count[IRQ_IDE1];
    command(CMD_READ, 0, 1);
    idle();
    wait_ms(5);
    is(irq_count[IRQ_IDE1], before, "nIEN keeps it back");
    for (u32 j = 0; j < 256; j++)
        inw(DATA);
    outb(CONTROL, 0);
    irq_end();
}

/* One transfer; the bus master's status afterwards, 0 when it did not end. */
static u8 dma(u16 base, u8 cmd, u32 lba, u32 count)
{
    const u8 way = cmd == CMD_READ_DMA ? BM_TO_MEMORY : 0;
    outb((u16)(base + BM_COMMAND), way);
    outl((u16)(base + BM_TABLE), (u32)(uptr)table);
    outb((u16)(base + BM_STATUS), 0x06);
    command(cmd, lba, count);
    outb((u16)(base + BM_COMMAND), way | BM_START);
    u8 s = 0;
    for (u32 i = 0; i < PATIENCE && !((s = inb((u16)(base + BM_STATUS))) & BM_INTERRUPT); i++)
        pause();
    u8 ended = idle();
    outb((u16)(base + BM_COMMAND), 0);
    return s & BM_INTERRUPT && !(ended & ERR) ? s : 0;
}

static void bus_master(void)
{
    u32 ide = pci_find(PCI_PIIX3_IDE);
    u16 base = ide == PCI_NONE ? 0 : (u16)(pci_read(ide, BAR4) & 0xfff0);
    if (!base) {
        tap_skip("bus-master DMA", "there is no such controller");
        return;
    }
    pci_write(ide, PCI_COMMAND, (pci_read(ide, PCI_COMMAND) & 0xffff) | COMMAND_MASTER | COMMAND_IO);
    mem_set(many, 0, sizeof many);
    table[0].address = (u32)(uptr)many;
    table[0].size = sizeof many | PRD_END;
    u8 s = dma(base, CMD_READ_DMA, scratch(), 4);
    ok(s && !(s & BM_ACTIVE), "READ DMA ends with an interrupt, and not active any more");
    ok(mem_same(many, pattern, sizeof many), "... the data are what PIO wrote");
    mem_set(many, 0, sizeof many);
    table[0].address = (u32)(uptr)many;
    table[0].size = 512;
    table[1].address = (u32)(uptr)many + 1024;
    table[1].size = 512 | PRD_END;
    ok(dma(base, CMD_READ_DMA, scratch(), 2) && mem_same(many, pattern, 512) &&
           mem_same(many + 512, pattern + 256, 512) && many[256] == 0,
       "two descriptors scatter two sectors");
    fill_pattern(77);
    table[0].address = (u32)(uptr)pattern;
    table[0].size = sizeof pattern | PRD_END;
    ok(dma(base, CMD_WRITE_DMA, scratch() + 4, 4), "WRITE DMA");
    ok(pio_in(CMD_READ, scratch() + 4, many, 4) && mem_same(many, pattern, sizeof many), "... which PIO reads back");
}

void ide_tests(void)
{
    outb(CONTROL, CONTROL_NIEN);
    pio();
    errors();
    interrupts();
    outb(CONTROL, 0);
    bus_master();
}
