/* floppy.c: int 13h for diskettes (IBM PC/AT Technical Reference, "Diskette I/O"). */
#include "service.h"

#define TYPE_NO_CHANGE_LINE 1
#define TYPE_CHANGE_LINE 2
#define FDC_READ 0xe6
#define FDC_WRITE 0xc5
#define MEDIA_KNOWN 0x10

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

static void transfer(struct bregs *regs, u8 n, u8 command)
{
    struct chs at = { regs->ch, regs->dh, regs->cl & 0x3f };
    u8 type = type_of(n), count = regs->al, done = 0;
    u32 linear = regs->es * 16u + regs->bx, last = linear + count * 512u - 1;
    if (!count || !at.sectors || at.cylinders >= GET_CONST(limits[type].cylinders) || at.heads > 1 ||
        at.sectors > GET_CONST(limits[type].sectors)) {
        regs->al = 0;
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    u8 status = command != OP_VERIFY && (linear ^ last) >> 16 ? DISK_BOUNDARY : fdc_find_media(unit_of(n));
    if (!status && command != OP_VERIFY)
        status = fdc_transfer(unit_of(n), command == OP_READ ? FDC_READ : FDC_WRITE, &at, count, linear, &done);
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
