/* floppy.c: int 13h for diskettes (IBM PC/AT Technical Reference, "Diskette I/O"). */
#include "service.h"

#define TYPE_NO_CHANGE_LINE 1
#define TYPE_CHANGE_LINE 2
#define FDC_READ 0xe6
#define FDC_WRITE 0xc5

/* By the type in CMOS 10h, from 1: 360K, 1.2M, 720K, 1.44M, 2.88M. */
static const struct chs limits[6] VAR16 = { { 0, 0, 0 },  { 40, 2, 9 },  { 80, 2, 15 },
                                            { 80, 2, 9 }, { 80, 2, 18 }, { 80, 2, 36 } };

static u8 type_of(u8 n)
{
    return n < GET_LOW(floppy_count) ? GET_LOW(drive[GET_LOW(floppy_map[n])].floppy_type) : 0;
}

static u8 unit_of(u8 n)
{
    return GET_LOW(drive[GET_LOW(floppy_map[n])].unit);
}

#define BOUNCE (LOW_BASE + LOW_VARS + (u32)offsetof(struct low, cd_buffer))

/* One sector by the buffer in low memory, for which the caller's lies across 64 KiB, where DMA can't go. */
static u8 bounce(u8 unit, u8 command, const struct chs *at, u32 linear)
{
    u16 seg = (u16)(linear >> 4), off = linear & 15, buffer = (u16)(LOW_VARS + offsetof(struct low, cd_buffer));
    u8 done;
    if (command == FDC_WRITE)
        far_copy(SEG_LOW, buffer, seg, off, 512);
    u8 status = fdc_transfer(unit, command, at, 1, BOUNCE, &done);
    if (!status && command == FDC_READ)
        far_copy(seg, off, SEG_LOW, buffer, 512);
    return status;
}

/* Track by track, and no further than the next 64 KiB at once. */
static u8 move(u8 unit, u8 command, struct chs at, u16 track, u8 count, u32 linear, u8 *done)
{
    u8 status = DISK_OK, moved;
    for (*done = 0; *done < count; *done = (u8)(*done + moved), linear += moved * 512u) {
        u32 room = (0x10000 - (linear & 0xffff)) / 512, n = track - at.sectors + 1u;
        if (n > (u8)(count - *done))
            n = (u8)(count - *done);
        if (n > room)
            n = room;
        moved = 1;
        if (!n)
            status = bounce(unit, command, &at, linear);
        else
            status = fdc_transfer(unit, command, &at, (u8)n, linear, &moved);
        if (status)
            return status;
        at.sectors = (u16)(at.sectors + moved);
        if (at.sectors > track) {
            at.sectors = 1;
            at.heads++;
        }
        if (at.heads > 1 && *done + moved < count)
            return DISK_NO_SECTOR;
    }
    return status;
}

static void transfer(struct bregs *regs, u8 n, u8 command)
{
    struct chs at = { regs->ch, regs->dh, regs->cl & 0x3f };
    u8 type = type_of(n), count = regs->al, done = 0;
    u16 track = GET_CONST(limits[type].sectors);
    if (!count || !at.sectors || at.cylinders >= GET_CONST(limits[type].cylinders) || at.heads > 1 ||
        at.sectors > track) {
        regs->al = 0;
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    u8 status = fdc_find_media(unit_of(n));
    if (!status && command != OP_VERIFY)
        status = move(unit_of(n), command == OP_READ ? FDC_READ : FDC_WRITE, at, track, count,
                      regs->es * 16u + regs->bx, &done);
    else if (!status)
        done = count;
    regs->al = done;
    disk_status(regs, status);
}

extern char entry_diskette_params[];

static void parameters(struct bregs *regs, u8 n)
{
    u8 type = type_of(n);
    regs->ax = regs->bx = regs->cx = regs->dx = 0;
    regs->es = regs->di = 0;
    regs->dl = GET_LOW(floppy_count);
    if (type) {
        u16 cylinders = GET_CONST(limits[type].cylinders);
        regs->bl = type;
        regs->ch = (u8)(cylinders - 1);
        regs->cl = (u8)GET_CONST(limits[type].sectors);
        regs->dh = 1;
        regs->es = SEG_BIOS;
        regs->di = (u16)(u32)entry_diskette_params;
    }
    set_cf(regs, false);
    SET_BDA(floppy_status, DISK_OK);
}

static void format(struct bregs *regs, u8 n)
{
    struct chs at = { regs->ch, regs->dh, GET_CONST(limits[type_of(n)].sectors) };
    u8 done, status = DISK_BAD_PARAMETER;
    if (at.cylinders < GET_CONST(limits[type_of(n)].cylinders) && at.heads < 2 && regs->al) {
        status = fdc_find_media(unit_of(n));
        if (!status)
            status = fdc_transfer(unit_of(n), 0x4d, &at, regs->al, regs->es * 16u + regs->bx, &done);
    }
    disk_status(regs, status);
}

static void type(struct bregs *regs, u8 n)
{
    disk_status(regs, DISK_OK);
    regs->ah = !type_of(n) ? 0 : type_of(n) == 1 ? TYPE_NO_CHANGE_LINE : TYPE_CHANGE_LINE;
}

#define PORT_DIR 0x3f7
#define DIR_CHANGED 0x80

static void change(struct bregs *regs)
{
    bool changed = inb(PORT_DIR) & DIR_CHANGED;
    disk_status(regs, changed ? DISK_CHANGED : DISK_OK);
}

static void present(struct bregs *regs, u8 n)
{
    switch (regs->ah) {
    case 0x02:
        transfer(regs, n, OP_READ);
        break;
    case 0x03:
        transfer(regs, n, OP_WRITE);
        break;
    case 0x04:
        transfer(regs, n, OP_VERIFY);
        break;
    case 0x05:
        format(regs, n);
        break;
    case 0x16:
        change(regs);
        break;
    case 0x17: /* disk type, media type for format: what the drive has is what it gets */
    case 0x18:
        disk_status(regs, DISK_OK);
        regs->es = SEG_BIOS;
        regs->di = (u16)(u32)entry_diskette_params;
        break;
    default:
        disk_status(regs, DISK_BAD_PARAMETER);
    }
}

void floppy_service(struct bregs *regs, u8 n)
{
    switch (regs->ah) {
    case 0x00:
        disk_status(regs, GET_LOW(floppy_count) ? fdc_reset() : DISK_OK);
        break;
    case 0x01:
        regs->ah = GET_BDA(floppy_status);
        set_cf(regs, regs->ah != 0);
        break;
    case 0x08:
        parameters(regs, n);
        break;
    case 0x15:
        type(regs, n);
        break;
    default:
        if (type_of(n) && type_of(n) < ARRAY_LEN(limits))
            present(regs, n);
        else
            disk_status(regs, type_of(n) ? DISK_BAD_PARAMETER : DISK_TIMEOUT);
    }
}
