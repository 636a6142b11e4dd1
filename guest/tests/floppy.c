/* floppy.c: the 8237s, and a floppy disk by DMA. The disk is one whose sectors begin with MARK ^ number
 * (docs/guest.md); without one the transfers are left out. Data sheets: Intel 82078, 8237A. */
#include "irq.h"
#include "tests.h"

enum { DOR = 0x3f2, MSR = 0x3f4, FIFO = 0x3f5, DIR = 0x3f7, CCR = 0x3f7 };
enum { MSR_RQM = 0x80, MSR_DIO = 0x40 };
enum { DOR_RESET = 0x00, DOR_ON = 0x0c, DOR_MOTOR = 0x10 };
enum {
    CMD_SPECIFY = 0x03,
    CMD_SENSE = 0x08,
    CMD_RECALIBRATE = 0x07,
    CMD_SEEK = 0x0f,
    CMD_READ = 0x46,
    CMD_WRITE = 0x45,
    CMD_VERSION = 0x10
};
enum {
    DMA_ADDRESS2 = 0x04,
    DMA_COUNT2 = 0x05,
    DMA_STATUS = 0x08,
    DMA_MASK = 0x0a,
    DMA_MODE = 0x0b,
    DMA_FLIP_FLOP = 0x0c,
    DMA_PAGE2 = 0x81
};
enum { MODE_TO_MEMORY = 0x46, MODE_FROM_MEMORY = 0x4a }; /* single, channel 2 */
#define SECTORS 18u
#define MARK 0x464c4f50u
#define CMOS_DRIVES 0x10
#define SECONDS 3000

static u32 sector[128] __attribute__((aligned(1024)));
static u8 result[7];

static int send(u8 v)
{
    for (u32 i = 0; i < 1000; i++) {
        if ((inb(MSR) & (MSR_RQM | MSR_DIO)) == MSR_RQM) {
            outb(FIFO, v);
            return 1;
        }
        delay_us(20);
    }
    return 0;
}

static u32 receive(void)
{
    for (u32 i = 0; i < 1000; i++) {
        if ((inb(MSR) & (MSR_RQM | MSR_DIO)) == (MSR_RQM | MSR_DIO))
            return inb(FIFO);
        delay_us(20);
    }
    return 0x100;
}

static void controllers(void)
{
    outb(DMA_FLIP_FLOP, 0);
    outb(0x06, 0x34); /* channel 3 */
    outb(0x06, 0x12);
    outb(DMA_FLIP_FLOP, 0);
    u32 low = inb(0x06), high = inb(0x06);
    is(low | high << 8, 0x1234, "8237: an address by the flip-flop, low byte first");
    outb(0x82, 0x5a);
    is(inb(0x82), 0x5a, "the page register of channel 3 reads back");
    outb(0xd8, 0);
    outb(0xc6, 0x78); /* channel 5's count */
    outb(0xc6, 0x56);
    outb(0xd8, 0);
    low = inb(0xc6);
    high = inb(0xc6);
    is(low | high << 8, 0x5678, "the second 8237: a count");
}

static void program_dma(u8 mode)
{
    const u32 address = (u32)(uptr)sector;
    outb(DMA_MASK, 0x06);
    outb(DMA_FLIP_FLOP, 0);
    outb(DMA_MODE, mode);
    outb(DMA_ADDRESS2, (u8)address);
    outb(DMA_ADDRESS2, (u8)(address >> 8));
    outb(DMA_PAGE2, (u8)(address >> 16));
    outb(DMA_FLIP_FLOP, 0);
    outb(DMA_COUNT2, (u8)(sizeof sector - 1));
    outb(DMA_COUNT2, (u8)((sizeof sector - 1) >> 8));
    outb(DMA_MASK, 0x02);
}

static int reset(void)
{
    u32 before = irq_count[IRQ_FDC];
    outb(DOR, DOR_RESET);
    delay_us(100);
    outb(DOR, DOR_ON);
    int came = wait_for(&irq_count[IRQ_FDC], before + 1, 500);
    for (u32 i = 0; i < 4; i++) {
        send(CMD_SENSE);
        receive();
        receive();
    }
    send(CMD_SPECIFY);
    send(0xdf);
    send(0x02);
    outb(CCR, 0);
    return came;
}

/* Recalibrate (to 0) or seek; whether it came to that cylinder. */
static int seek(u32 cylinder)
{
    u32 before = irq_count[IRQ_FDC];
    send(cylinder ? CMD_SEEK : CMD_RECALIBRATE);
    send(0);
    if (cylinder)
        send((u8)cylinder);
    if (!wait_for(&irq_count[IRQ_FDC], before + 1, SECONDS))
        return 0;
    send(CMD_SENSE);
    u32 st0 = receive(), at = receive();
    return (st0 & 0xe0) == 0x20 && at == cylinder;
}

static int transfer(u8 cmd, u32 cylinder, u32 head, u32 number)
{
    u32 before = irq_count[IRQ_FDC];
    program_dma(cmd == CMD_READ ? MODE_TO_MEMORY : MODE_FROM_MEMORY);
    const u8 bytes[] = { cmd, (u8)(head << 2), (u8)cylinder, (u8)head, (u8)number, 2, SECTORS, 0x1b, 0xff };
    for (u32 i = 0; i < sizeof bytes; i++)
        if (!send(bytes[i]))
            return 0;
    if (!wait_for(&irq_count[IRQ_FDC], before + 1, SECONDS))
        return 0;
    for (u32 i = 0; i < sizeof result; i++)
        result[i] = (u8)receive();
    return !(result[0] & 0xc0);
}

static void disk(void)
{
    static const char *const names[] = { "READ by DMA: sector 1 of the disk", "READ: cylinder 1, head 1, sector 5",
                                         "terminal count is in the 8237's status", "WRITE by DMA and READ back" };
    outb(DOR, DOR_ON | DOR_MOTOR);
    wait_ms(ON_QEMU ? 10 : 500);
    ok(seek(0), "RECALIBRATE: IRQ6, cylinder 0");
    seek(1);
    seek(0);
    if (inb(DIR) & 0x80 || !transfer(CMD_READ, 0, 0, 1) || sector[0] != MARK) {
        for (u32 i = 0; i < ARRAY_LEN(names); i++)
            tap_skip(names[i], "there is no disk with numbered sectors in drive A");
        return;
    }
    ok(sector[0] == MARK && sector[127] == MARK, names[0]);
    u8 status = inb(DMA_STATUS);
    u32 number = (1 * 2 + 1) * SECTORS + 4;
    ok(seek(1) && transfer(CMD_READ, 1, 1, 5) && sector[0] == (MARK ^ number), names[1]);
    ok(status & BIT(2), names[2]);
    u32 kept = sector[0];
    for (u32 i = 0; i < ARRAY_LEN(sector); i++)
        sector[i] = kept ^ i * 0x01010101u;
    int written = transfer(CMD_WRITE, 1, 1, 6);
    mem_set(sector, 0, sizeof sector);
    ok(written && transfer(CMD_READ, 1, 1, 6) && sector[0] == kept && sector[127] == (kept ^ 127 * 0x01010101u),
       names[3]);
}

void floppy_tests(void)
{
    controllers();
    if (!(cmos_read(CMOS_DRIVES) & 0xf0)) {
        tap_skip("floppy disks", "there is no drive A");
        return;
    }
    irq_begin();
    irq_open(IRQ_FDC, NULL);
    ok(reset(), "82078: a reset ends with IRQ6");
    send(CMD_VERSION);
    is(receive(), 0x90, "VERSION: an enhanced controller");
    disk();
    outb(DOR, DOR_ON);
    irq_end();
}
