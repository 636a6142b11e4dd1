/* ata.c: ATA disks: sectors by bus-master DMA (Intel 82371SB data sheet, 2.7) where the channel has it and the buffer
 * is even, by the data port otherwise. ATA/ATAPI-6 for registers and commands. Interrupts of the disk are off
 * meanwhile. */
#include "service.h"

#define REG_DATA 0
#define REG_FEATURES 1
#define REG_ERROR 1
#define REG_COUNT 2
#define REG_LBA0 3
#define REG_LBA1 4
#define REG_LBA2 5
#define REG_DEVICE 6
#define REG_STATUS 7
#define BSY 0x80
#define DRDY 0x40
#define DF 0x20
#define DRQ 0x08
#define ERR 0x01
#define DEVICE_LBA 0xe0
#define DEVICE_SLAVE 0x10
#define CONTROL_NO_IRQ 0x0a
#define CONTROL_IRQ 0x08
#define CONTROL_RESET 0x04

#define CMD_READ 0x20
#define CMD_WRITE 0x30
#define CMD_VERIFY 0x40
#define CMD_READ_DMA 0xc8
#define CMD_WRITE_DMA 0xca
#define CMD_READ_EXT 0x24
#define CMD_WRITE_EXT 0x34
#define CMD_VERIFY_EXT 0x42
#define CMD_READ_DMA_EXT 0x25
#define CMD_WRITE_DMA_EXT 0x35

#define BM_COMMAND 0
#define BM_STATUS 2
#define BM_TABLE 4
#define BM_START 1
#define BM_TO_MEMORY 8
#define BM_ACTIVE 1
#define BM_ERROR 2
#define BM_IRQ 4
#define PRD_END 0x80000000u

#define DMA_LEAST 8 /* sectors: fewer are as fast by the port */
#define PORT_PCI_INDEX 0xcf8
#define PORT_PCI_DATA 0xcfc
#define PCI_ENABLE 0x80000000u
#define PCI_COMMAND 0x04
#define PCI_MASTER 0x04

#define CHUNK 128 /* sectors a command: 64 KiB */
#define TIMEOUT_MS 5000

bool ata_wait(u16 port, u8 mask, u8 value, u32 ms)
{
    struct timer t;
    if ((inb(port) & mask) == value)
        return true;
    timer_start(&t, ms);
    while ((inb(port) & mask) != value)
        if (timer_expired(&t))
            return false;
    return true;
}

void ata_select(u8 drive)
{
    u16 base = GET_LOW(drive[drive].command_port);
    u8 device = GET_LOW(drive[drive].unit) ? DEVICE_SLAVE : 0;
    outb(GET_LOW(drive[drive].control_port), CONTROL_NO_IRQ);
    ata_wait((u16)(base + REG_STATUS), BSY, 0, TIMEOUT_MS);
    outb((u16)(base + REG_DEVICE), (u8)(DEVICE_LBA | device));
    for (unsigned i = 0; i < 4; i++)
        inb(GET_LOW(drive[drive].control_port));
}

static void task_file(u16 base, u8 features, u8 count, u8 lba0, u8 lba1, u8 lba2)
{
    outb((u16)(base + REG_FEATURES), features);
    outb((u16)(base + REG_COUNT), count);
    outb((u16)(base + REG_LBA0), lba0);
    outb((u16)(base + REG_LBA1), lba1);
    outb((u16)(base + REG_LBA2), lba2);
}

static bool needs_ext(const struct disk_op *op, u16 count)
{
    return op->lba_high || op->lba_low + count > 0x0fffffff;
}

/* Which command moves the data: [operation][dma][48 bits]. */
static u8 command_for(u8 operation, bool dma, bool ext)
{
    static const u8 commands[3][2][2] VAR16 = { { { CMD_READ, CMD_READ_EXT }, { CMD_READ_DMA, CMD_READ_DMA_EXT } },
                                                { { CMD_WRITE, CMD_WRITE_EXT }, { CMD_WRITE_DMA, CMD_WRITE_DMA_EXT } },
                                                { { CMD_VERIFY, CMD_VERIFY_EXT }, { CMD_VERIFY, CMD_VERIFY_EXT } } };
    return GET_CONST(commands[operation][dma][ext]);
}

static bool issue(const struct disk_op *op, u32 lba, u16 count, bool dma)
{
    u16 base = GET_LOW(drive[op->drive].command_port);
    bool ext = needs_ext(op, count);
    u8 device = GET_LOW(drive[op->drive].unit) ? DEVICE_SLAVE : 0;
    ata_select(op->drive);
    if (!ata_wait((u16)(base + REG_STATUS), BSY | DRDY, DRDY, TIMEOUT_MS))
        return false;
    if (ext) {
        task_file(base, 0, (u8)(count >> 8), (u8)(lba >> 24), (u8)op->lba_high, (u8)(op->lba_high >> 8));
        device |= DEVICE_LBA;
    } else {
        device |= (u8)(DEVICE_LBA | (lba >> 24 & 15));
    }
    task_file(base, 0, (u8)count, (u8)lba, (u8)(lba >> 8), (u8)(lba >> 16));
    outb((u16)(base + REG_DEVICE), device);
    outb((u16)(base + REG_STATUS), command_for(op->command, dma, ext));
    return true;
}

static u8 final_status(u16 base)
{
    if (!ata_wait((u16)(base + REG_STATUS), BSY, 0, TIMEOUT_MS))
        return DISK_TIMEOUT;
    u8 status = inb((u16)(base + REG_STATUS));
    return status & (ERR | DF) ? DISK_BAD_MEDIA : status & DRQ ? DISK_CONTROLLER : DISK_OK;
}

/* Sector by sector; the far address moves on within its 64 KiB by segment. */
static u8 by_port(const struct disk_op *op, u32 lba, u16 count, u32 linear)
{
    u16 base = GET_LOW(drive[op->drive].command_port);
    if (!issue(op, lba, count, false))
        return DISK_TIMEOUT;
    for (; op->command != OP_VERIFY && count; count--, linear += 512) {
        inb(GET_LOW(drive[op->drive].control_port)); /* 400 ns until BSY is true */
        if (!ata_wait((u16)(base + REG_STATUS), BSY, 0, TIMEOUT_MS))
            return DISK_TIMEOUT;
        u8 status = inb((u16)(base + REG_STATUS));
        if ((status & (ERR | DF)) || !(status & DRQ))
            return DISK_BAD_MEDIA;
        u16 seg = (u16)(linear >> 4), off = linear & 15;
        if (op->command == OP_READ)
            far_insw(base, seg, off, 256);
        else
            far_outsw(base, seg, off, 256);
    }
    inb(GET_LOW(drive[op->drive].control_port));
    return final_status(base);
}

/* The buffer as physical regions, none across 64 KiB. */
static void fill_prd(u32 linear, u32 bytes)
{
    for (unsigned i = 0; bytes && i < PRD_MAX; i++) {
        u32 n = 0x10000 - (linear & 0xffff);
        if (n > bytes)
            n = bytes;
        bytes -= n;
        SET_LOW(prd[i].address, linear);
        SET_LOW(prd[i].count, (n & 0xffff) | (bytes ? 0 : PRD_END));
        linear += n;
    }
}

static u8 by_dma(const struct disk_op *op, u32 lba, u16 count, u32 linear)
{
    u16 base = GET_LOW(drive[op->drive].command_port), bm = GET_LOW(drive[op->drive].dma_port);
    u8 direction = op->command == OP_READ ? BM_TO_MEMORY : 0, status;
    struct timer t;
    fill_prd(linear, count * 512u);
    outb((u16)(bm + BM_COMMAND), 0);
    outl((u16)(bm + BM_TABLE), LOW_BASE + LOW_VARS + (u32)offsetof(struct low, prd));
    outb((u16)(bm + BM_STATUS), (u8)(inb((u16)(bm + BM_STATUS)) | BM_ERROR | BM_IRQ));
    outb((u16)(bm + BM_COMMAND), direction);
    if (!issue(op, lba, count, true))
        return DISK_TIMEOUT;
    outb((u16)(bm + BM_COMMAND), (u8)(direction | BM_START));
    timer_start(&t, TIMEOUT_MS);
    do {
        status = inb((u16)(bm + BM_STATUS));
    } while ((status & (BM_ACTIVE | BM_ERROR | BM_IRQ)) == BM_ACTIVE && !timer_expired(&t));
    outb((u16)(bm + BM_COMMAND), 0);
    u8 done = final_status(base);
    return (status & BM_ERROR) ? DISK_BAD_MEDIA : done ? done : status & BM_ACTIVE ? DISK_TIMEOUT : DISK_OK;
}

/* The controller may write to memory from the first transfer on that is worth it. */
static void let_master(u16 bdf)
{
    outl(PORT_PCI_INDEX, PCI_ENABLE | (u32)bdf << 8 | PCI_COMMAND);
    u16 command = inw(PORT_PCI_DATA);
    if (!(command & PCI_MASTER))
        outw(PORT_PCI_DATA, command | PCI_MASTER);
}

static u8 one_command(struct disk_op *op, u32 lba, u16 count, u32 linear)
{
    u8 status = DISK_TIMEOUT;
    if (op->command != OP_VERIFY && count >= DMA_LEAST && GET_LOW(drive[op->drive].dma_ok) && !(linear & 1)) {
        let_master(GET_LOW(drive[op->drive].pci_bdf));
        status = by_dma(op, lba, count, linear);
        if (status)
            SET_LOW(drive[op->drive].dma_ok, 0); /* a channel that says no once is not asked again */
    }
    if (status)
        status = by_port(op, lba, count, linear);
    outb(GET_LOW(drive[op->drive].control_port), CONTROL_IRQ);
    return status;
}

u8 ata_transfer(struct disk_op *op)
{
    u32 linear = op->seg * 16u + op->off;
    op->done = 0;
    while (op->done < op->count) {
        u16 n = (u16)(op->count - op->done);
        if (n > CHUNK)
            n = CHUNK;
        u8 status = one_command(op, op->lba_low + op->done, n, linear);
        if (status)
            return status;
        op->done = (u16)(op->done + n);
        linear += n * 512u;
    }
    return DISK_OK;
}

u8 ata_reset(u8 drive)
{
    u16 control = GET_LOW(drive[drive].control_port), base = GET_LOW(drive[drive].command_port);
    outb(control, CONTROL_NO_IRQ | CONTROL_RESET);
    delay_us(5);
    outb(control, CONTROL_NO_IRQ);
    delay_us(2000);
    bool ready = ata_wait((u16)(base + REG_STATUS), BSY, 0, TIMEOUT_MS);
    outb(control, CONTROL_IRQ);
    return ready ? DISK_OK : DISK_TIMEOUT;
}
