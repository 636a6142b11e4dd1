/* service.h: what the files of the real-mode services offer each other. They run on the services' stack (entry/stubs.S)
 * with interrupts off; memory by the macros of far.h. */
#ifndef BIOS_SERVICE_H
#define BIOS_SERVICE_H

#include "bregs.h"
#include "far.h"
#include "io.h"

/* ---- stubs.S ---- */
extern char wait_moment[], wait_interrupt[];
void call_out(struct bregs *regs, u32 far_address);
static inline void let_interrupts_in(void)
{
    struct bregs r = { .flags = 0 };
    call_out(&r, (u32)SEG_BIOS << 16 | (u32)wait_moment);
}
static inline void halt_until_interrupt(void)
{
    struct bregs r = { .flags = 0 };
    call_out(&r, (u32)SEG_BIOS << 16 | (u32)wait_interrupt);
}
/* As software interrupt n. */
static inline void call_vector(u8 n, struct bregs *regs)
{
    regs->flags = 0;
    call_out(regs, GET_IVT(n));
}

/* ---- timer.c ---- */
struct timer {
    u32 last, left;
    u32 pm; /* by the PM timer, or by the refresh toggle */
};
void timer_start(struct timer *t, u32 ms);
bool timer_expired(struct timer *t);
void delay_us(u32 us);

/* ---- ata.c, atapi.c: 0 or a status of int 13h ---- */
struct disk_op {
    u8 drive; /* index in low.drive[] */
    u8 command;
    u16 count; /* blocks */
    u32 lba_low, lba_high;
    u16 seg, off;
    u16 done; /* blocks moved */
};
enum { OP_READ, OP_WRITE, OP_VERIFY };
u8 ata_transfer(struct disk_op *op);
u8 ata_reset(u8 drive);
u8 atapi_packet(u8 drive, const u8 cdb[12], u16 seg, u16 off, u32 bytes, bool write);
u8 atapi_transfer(struct disk_op *op);
u8 atapi_test_ready(u8 drive);
u8 atapi_eject(u8 drive);
bool ata_wait(u16 port, u8 mask, u8 value, u32 ms);
void ata_select(u8 drive);

/* ---- int 13h ---- */
#define DISK_OK 0x00
#define DISK_BAD_PARAMETER 0x01
#define DISK_ADDRESS_NOT_FOUND 0x02
#define DISK_WRITE_PROTECTED 0x03
#define DISK_NO_SECTOR 0x04
#define DISK_CHANGED 0x06
#define DISK_BOUNDARY 0x09
#define DISK_BAD_MEDIA 0x0c
#define DISK_CONTROLLER 0x20
#define DISK_SEEK 0x40
#define DISK_TIMEOUT 0x80
#define DISK_NOT_READY 0xaa
#define DISK_LOCKED 0xb1
#define DISK_NOT_LOCKED 0xb0
#define DISK_NOT_REMOVABLE 0xb2
#define DISK_NO_EJECT 0xb4
void disk_status(struct bregs *regs, u8 status); /* AH, CF, and the BDA's byte for fixed disks */
void disk_service(struct bregs *regs, u8 drive);
void edd_service(struct bregs *regs, u8 drive);
void floppy_service(struct bregs *regs, u8 drive);
void cdemu_service(struct bregs *regs);
bool cdemu_is(u8 number); /* is this int 13h drive the emulated one? */
u8 disk_transfer(struct disk_op *op);

/* ---- floppy_fdc.c ---- */
u8 fdc_transfer(u8 unit, u8 command, const struct chs *at, u8 count, u32 linear, u8 *done);
u8 fdc_find_media(u8 unit);
u8 fdc_reset(void);
void fdc_motor_tick(void);

/* ---- i8042.c ---- */
bool kbc_command(u8 command);
bool kbc_write(u8 v);             /* to the data port */
bool kbc_mouse(u8 v, u8 *answer); /* a byte to the mouse; its answer */
bool kbc_mouse_answer(u8 *v);
u8 kbc_mode(void);
void kbc_set_mode(u8 v);
void kbd_set_leds(u8 leds);

/* ---- keyboard ---- */
bool key_put(u16 key);           /* false: the buffer is full */
u16 key_code(u8 scan, u8 flags); /* keytable.c */

/* ---- services that others serve, too ---- */
void mouse_service(struct bregs *regs);
void apm_service(struct bregs *regs);
void block_move(struct bregs *regs);
void rtc_wait_service(struct bregs *regs);
bool pcibios_service(struct bregs *regs);
void sercon_poll(void);
void irq_end(u8 irq);

#define PORT_PIC1 0x20
#define PORT_PIC2 0xa0

#endif
