/* cdemu.c: a CD booted as a diskette or hard disk (El Torito 1.0, section 4 and table 6): int 13h on its image, and
 * function 4Bh, which ends the emulation or says what it is. */
#include "service.h"

#define CD_SECTORS 4u /* of 512 bytes in a block */

struct specification {
    u8 size, media, drive, controller;
    u32 first_block;
    u16 device, buffer_segment, load_segment, sectors;
    u8 cylinders, sector_and_cylinder, heads;
} PACKED;

bool cdemu_is(u8 number)
{
    return GET_LOW(cdemu.active) && number == GET_LOW(cdemu.int13_drive);
}

/* Whole blocks go by a 2 KiB buffer in low memory, of which a part is copied. */
static u8 read_part(u8 drive, u32 block, u32 first, u32 count, u32 linear)
{
    u16 buffer = (u16)(LOW_VARS + offsetof(struct low, cd_buffer));
    struct disk_op op = {
        .drive = drive, .command = OP_READ, .count = 1, .lba_low = block, .seg = SEG_LOW, .off = buffer
    };
    u8 status = disk_transfer(&op);
    if (!status)
        far_copy((u16)(linear >> 4), linear & 15, SEG_LOW, (u16)(buffer + first * 512), (u16)(count * 512));
    return status;
}

static u8 read(u32 sector, u32 count, u32 linear, u8 *done)
{
    u32 start = GET_LOW(cdemu.first_block);
    *done = 0;
    while (count) {
        u32 first = sector % CD_SECTORS, n = CD_SECTORS - first;
        if (n > count)
            n = count;
        u8 status = read_part(GET_LOW(cdemu.drive), start + sector / CD_SECTORS, first, n, linear);
        if (status)
            return status;
        sector += n;
        count -= n;
        linear += n * 512;
        *done = (u8)(*done + n);
    }
    return DISK_OK;
}

static void transfer(struct bregs *regs, bool verify)
{
    u32 cylinder = regs->ch | (u32)(regs->cl & 0xc0) << 2, sector = regs->cl & 0x3f;
    u16 heads = GET_LOW(cdemu.geometry.heads), sectors = GET_LOW(cdemu.geometry.sectors);
    if (!regs->al || cylinder >= GET_LOW(cdemu.geometry.cylinders) || regs->dh >= heads || !sector ||
        sector > sectors) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    u8 status = DISK_OK;
    if (!verify)
        status =
            read((cylinder * heads + regs->dh) * sectors + sector - 1, regs->al, regs->es * 16u + regs->bx, &regs->al);
    disk_status(regs, status);
}

extern char entry_diskette_params[];

static void parameters(struct bregs *regs)
{
    u16 last = (u16)(GET_LOW(cdemu.geometry.cylinders) - 1);
    bool floppy = GET_LOW(cdemu.media) < 4;
    regs->al = 0;
    regs->bl = floppy ? (u8)(GET_LOW(cdemu.media) == 1 ? 2 : GET_LOW(cdemu.media) == 2 ? 4 : 6) : 0;
    regs->ch = (u8)last;
    regs->cl = (u8)((last >> 2 & 0xc0) | GET_LOW(cdemu.geometry.sectors));
    regs->dh = (u8)(GET_LOW(cdemu.geometry.heads) - 1);
    disk_status(regs, DISK_OK);
    regs->dl = (u8)(floppy ? GET_LOW(floppy_count) + 1 : GET_LOW(hd_count) + 1);
    if (floppy) {
        regs->es = SEG_BIOS;
        regs->di = (u16)(u32)entry_diskette_params;
    }
}

#define SPEC(field) ((struct specification *)(u32)regs->si)->field
#define SET_SPEC(field, v) SET_FAR(regs->ds, SPEC(field), v)

/* AL = 0: end it and say what it was; 1: say what it is. */
static void terminate(struct bregs *regs)
{
    u16 cylinders = GET_LOW(cdemu.geometry.cylinders);
    if (!GET_LOW(cdemu.active) || regs->al > 1) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    SET_SPEC(size, sizeof(struct specification));
    SET_SPEC(media, GET_LOW(cdemu.media));
    SET_SPEC(drive, GET_LOW(cdemu.int13_drive));
    SET_SPEC(controller, GET_LOW(drive[GET_LOW(cdemu.drive)].channel));
    SET_SPEC(first_block, GET_LOW(cdemu.first_block));
    SET_SPEC(device, GET_LOW(drive[GET_LOW(cdemu.drive)].unit));
    SET_SPEC(buffer_segment, 0);
    SET_SPEC(load_segment, GET_LOW(cdemu.load_segment));
    SET_SPEC(sectors, GET_LOW(cdemu.sector_count));
    SET_SPEC(cylinders, cylinders);
    SET_SPEC(sector_and_cylinder, (cylinders >> 2 & 0xc0) | GET_LOW(cdemu.geometry.sectors));
    SET_SPEC(heads, GET_LOW(cdemu.geometry.heads));
    if (regs->al == 0)
        SET_LOW(cdemu.active, 0);
    disk_status(regs, DISK_OK);
}

void cdemu_service(struct bregs *regs)
{
    switch (regs->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
    case 0x14:
    case 0x16:
        disk_status(regs, DISK_OK);
        break;
    case 0x01:
        regs->ah = regs->dl & 0x80 ? GET_BDA(disk_status) : GET_BDA(floppy_status);
        set_cf(regs, regs->ah != 0);
        break;
    case 0x02:
        transfer(regs, false);
        break;
    case 0x03:
    case 0x05:
        disk_status(regs, DISK_WRITE_PROTECTED);
        break;
    case 0x04:
        transfer(regs, true);
        break;
    case 0x08:
        parameters(regs);
        break;
    case 0x15:
        disk_status(regs, DISK_OK);
        regs->ah = GET_LOW(cdemu.media) < 4 ? 1 : 3;
        regs->cx = (u16)(GET_LOW(cdemu.sectors) >> 16);
        regs->dx = GET_LOW(cdemu.media) < 4 ? regs->dx : (u16)GET_LOW(cdemu.sectors);
        break;
    case 0x4b:
        terminate(regs);
        break;
    default:
        disk_status(regs, DISK_BAD_PARAMETER);
    }
}
