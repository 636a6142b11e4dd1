/* int13.c: int 13h: whose drive number it is. 00h-7Fh diskettes, 80h up fixed disks, E0h up CDs (EDD only); a CD that
 * is booted as a disk takes the first number of its kind, and the real ones move up by one. */
#include "service.h"

#define FIRST_DISK 0x80
#define FIRST_CD 0xe0

void disk_status(struct bregs *regs, u8 status)
{
    regs->ah = status;
    set_cf(regs, status != DISK_OK);
    if (regs->dl >= FIRST_DISK)
        SET_BDA(disk_status, status);
    else
        SET_BDA(floppy_status, status);
}

static void fixed_disk(struct bregs *regs, u8 n)
{
    if (n >= GET_LOW(hd_count))
        disk_status(regs, DISK_BAD_PARAMETER);
    else
        disk_service(regs, GET_LOW(hd_map[n]));
}

void handle_13(struct bregs *regs);
void handle_13(struct bregs *regs)
{
    u8 n = regs->dl;
    if (cdemu_is(n) && regs->ah != 0x4b) {
        cdemu_service(regs);
        return;
    }
    if (regs->ah == 0x4b) {
        cdemu_service(regs);
        return;
    }
    u8 moved = GET_LOW(cdemu.active) && (n & FIRST_DISK) == GET_LOW(cdemu.int13_drive) && n < FIRST_CD;
    if (n >= FIRST_CD && (u8)(n - FIRST_CD) < GET_LOW(cd_count))
        edd_service(regs, GET_LOW(cd_map[n - FIRST_CD]));
    else if (n >= FIRST_DISK)
        fixed_disk(regs, (u8)(n - FIRST_DISK - moved));
    else
        floppy_service(regs, (u8)(n - moved));
}

void handle_40(struct bregs *regs);
void handle_40(struct bregs *regs)
{
    floppy_service(regs, regs->dl);
}
