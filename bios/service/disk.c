/* disk.c: int 13h for fixed disks: the PC/AT's functions by cylinder, head and sector; those from 41h on are EDD's. */
#include "service.h"

#define MAX_CHS_COUNT 128
#define TYPE_FIXED 3

u8 disk_transfer(struct disk_op *op)
{
    u8 kind = GET_LOW(drive[op->drive].kind);
    return kind == DRIVE_ATA ? ata_transfer(op) : kind == DRIVE_ATAPI ? atapi_transfer(op) : DISK_BAD_PARAMETER;
}

static struct chs geometry(u8 drive)
{
    return (struct chs){ GET_LOW(drive[drive].logical.cylinders), GET_LOW(drive[drive].logical.heads),
                         GET_LOW(drive[drive].logical.sectors) };
}

/* CX and DH as int 13h has them, to a block number; false: not on the disk. */
static bool to_lba(const struct bregs *regs, const struct chs *g, u32 *lba)
{
    u32 cylinder = regs->ch | (u32)(regs->cl & 0xc0) << 2, sector = regs->cl & 0x3f;
    if (cylinder >= g->cylinders || regs->dh >= g->heads || sector == 0 || sector > g->sectors)
        return false;
    *lba = (cylinder * g->heads + regs->dh) * g->sectors + sector - 1;
    return true;
}

static void transfer(struct bregs *regs, u8 drive, u8 command)
{
    struct chs g = geometry(drive);
    struct disk_op op = { .drive = drive, .command = command, .count = regs->al, .seg = regs->es, .off = regs->bx };
    if (!regs->al || regs->al > MAX_CHS_COUNT || !to_lba(regs, &g, &op.lba_low)) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    u8 status = disk_transfer(&op);
    regs->al = (u8)op.done;
    disk_status(regs, status);
}

static void parameters(struct bregs *regs, u8 drive)
{
    struct chs g = geometry(drive);
    u32 last = g.cylinders - 2u;
    regs->al = 0;
    regs->ch = (u8)last;
    regs->cl = (u8)((last >> 2 & 0xc0) | (g.sectors & 0x3f));
    regs->dh = (u8)(g.heads - 1);
    disk_status(regs, DISK_OK);
    regs->dl = GET_LOW(hd_count);
}

static void disk_type(struct bregs *regs, u8 drive)
{
    struct chs g = geometry(drive);
    u32 sectors = (g.cylinders - 1u) * g.heads * g.sectors;
    regs->cx = (u16)(sectors >> 16);
    regs->dx = (u16)sectors;
    regs->ah = TYPE_FIXED;
    set_cf(regs, false);
    SET_BDA(disk_status, DISK_OK);
}

static u8 test_ready(u8 drive)
{
    u16 status = (u16)(GET_LOW(drive[drive].command_port) + 7);
    ata_select(drive);
    u8 now = inb(status);
    outb(GET_LOW(drive[drive].control_port), 0x08);
    return (now & 0xc0) == 0x40 ? DISK_OK : DISK_NOT_READY;
}

void disk_service(struct bregs *regs, u8 drive)
{
    switch (regs->ah) {
    case 0x00: /* reset */
    case 0x0d: {
        disk_status(regs, ata_reset(drive));
        break;
    }
    case 0x01: /* the last status */
        regs->ah = GET_BDA(disk_status);
        set_cf(regs, regs->ah != 0);
        SET_BDA(disk_status, DISK_OK);
        break;
    case 0x02:
        transfer(regs, drive, OP_READ);
        break;
    case 0x03:
        transfer(regs, drive, OP_WRITE);
        break;
    case 0x04:
        transfer(regs, drive, OP_VERIFY);
        break;
    case 0x08:
        parameters(regs, drive);
        break;
    case 0x10:
        disk_status(regs, test_ready(drive));
        break;
    case 0x05: /* format a track: sectors have been there since the factory */
    case 0x09: /* initialise drive parameters */
    case 0x0c: /* seek */
    case 0x11: /* recalibrate */
    case 0x14: /* controller diagnostic */
        disk_status(regs, DISK_OK);
        break;
    case 0x15:
        disk_type(regs, drive);
        break;
    case 0x41 ... 0x4e:
        edd_service(regs, drive);
        break;
    default:
        disk_status(regs, DISK_BAD_PARAMETER);
    }
}
