/* floppy_fdc.c: the diskette controller (Intel 82078 data sheet, sections 5 and 6) with DMA channel 2 and IRQ 6. */
#include "service.h"

#define PORT_DOR 0x3f2
#define PORT_MSR 0x3f4
#define PORT_FIFO 0x3f5
#define PORT_CCR 0x3f7
#define DOR_RUN 0x0c
#define MSR_RQM 0x80
#define MSR_DIO 0x40
#define MSR_BUSY 0x10
#define CMD_SPECIFY 0x03
#define CMD_RECALIBRATE 0x07
#define CMD_SENSE_INT 0x08
#define CMD_SEEK 0x0f
#define CMD_READ_ID 0x4a
#define CMD_FORMAT 0x4d
#define CMD_WRITE 0xc5
#define ST0_ABNORMAL 0xc0
#define SECTOR_512 2
#define MOTOR_TICKS 37
#define MOTOR_MS 5
#define RECAL_INTERRUPT 0x80
#define TIMEOUT_MS 3000
#define FORMAT_BYTES 4u

#define DMA_ADDRESS 0x04
#define DMA_COUNT 0x05
#define DMA_MASK 0x0a
#define DMA_MODE 0x0b
#define DMA_FLIP 0x0c
#define DMA_PAGE 0x81
#define DMA_CHANNEL 2
#define DMA_MASKED 4
#define DMA_TO_MEMORY 0x46
#define DMA_FROM_MEMORY 0x4a

static bool wait_irq(void)
{
    struct timer t;
    timer_start(&t, TIMEOUT_MS);
    while (!(GET_BDA(floppy_recal) & RECAL_INTERRUPT)) {
        if (timer_expired(&t))
            return false;
        let_interrupts_in();
    }
    SET_BDA(floppy_recal, GET_BDA(floppy_recal) & ~RECAL_INTERRUPT);
    return true;
}

static bool send(const u8 *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!ata_wait(PORT_MSR, MSR_RQM | MSR_DIO, MSR_RQM, TIMEOUT_MS))
            return false;
        outb(PORT_FIFO, bytes[i]);
    }
    return true;
}

static bool receive(u8 *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!ata_wait(PORT_MSR, MSR_RQM | MSR_DIO, MSR_RQM | MSR_DIO, TIMEOUT_MS))
            return false;
        bytes[i] = inb(PORT_FIFO);
    }
    return true;
}

static bool sense(u8 result[2])
{
    const u8 c = CMD_SENSE_INT;
    return send(&c, 1) && receive(result, 2);
}

u8 fdc_reset(void)
{
    u8 dor = (u8)((GET_BDA(floppy_motor) & 15) << 4), result[2], specify[3];
    specify[0] = CMD_SPECIFY;
    specify[1] = 0xaf;
    specify[2] = 0x02;
    SET_BDA(floppy_recal, 0);
    outb(PORT_DOR, dor);
    delay_us(10);
    outb(PORT_DOR, (u8)(dor | DOR_RUN));
    if (!wait_irq())
        return DISK_TIMEOUT;
    for (unsigned i = 0; i < 4; i++)
        if (!sense(result))
            return DISK_TIMEOUT;
    return send(specify, 3) ? DISK_OK : DISK_TIMEOUT;
}

static void motor_on(u8 unit)
{
    bool was = GET_BDA(floppy_motor) & BIT(unit);
    SET_BDA(floppy_motor, (GET_BDA(floppy_motor) & 0xf0) | BIT(unit));
    SET_BDA(floppy_motor_count, MOTOR_TICKS);
    outb(PORT_DOR, (u8)(DOR_RUN | unit | 0x10u << unit));
    if (!was)
        delay_us(MOTOR_MS * 1000);
}

void fdc_motor_tick(void)
{
    u8 n = GET_BDA(floppy_motor_count);
    if (!n)
        return;
    SET_BDA(floppy_motor_count, --n);
    if (n)
        return;
    outb(PORT_DOR, (u8)(inb(PORT_DOR) & 0x0f));
    SET_BDA(floppy_motor, GET_BDA(floppy_motor) & 0xf0);
}

static u8 seek_with(const u8 *command, unsigned n)
{
    u8 result[2];
    SET_BDA(floppy_recal, GET_BDA(floppy_recal) & ~RECAL_INTERRUPT);
    if (!send(command, n) || !wait_irq() || !sense(result))
        return DISK_TIMEOUT;
    return result[0] & ST0_ABNORMAL ? DISK_SEEK : DISK_OK;
}

static u8 recalibrate(u8 unit)
{
    u8 c[2];
    c[0] = CMD_RECALIBRATE;
    c[1] = unit;
    u8 status = seek_with(c, 2);
    if (status == DISK_SEEK) /* a step of 80 tracks may not have been enough */
        status = seek_with(c, 2);
    SET_BDA(floppy_recal, GET_BDA(floppy_recal) | BIT(unit));
    return status;
}

/* After a reset the controller counts from 0 wherever the head is: it must see track 0 first. */
static u8 seek(u8 unit, const struct chs *at)
{
    u8 c[3];
    if (!(GET_BDA(floppy_recal) & BIT(unit)) && recalibrate(unit) == DISK_TIMEOUT)
        return DISK_TIMEOUT;
    c[0] = CMD_SEEK;
    c[1] = (u8)(at->heads << 2 | unit);
    c[2] = (u8)at->cylinders;
    return seek_with(c, 3);
}

/* A command with a result of seven bytes; they stay in the BDA, as the AT's do. */
static u8 execute(const u8 *command, unsigned n)
{
    u8 result[7];
    SET_BDA(floppy_recal, GET_BDA(floppy_recal) & ~RECAL_INTERRUPT);
    if (!send(command, n))
        return DISK_TIMEOUT;
    if (!wait_irq()) {
        fdc_reset();
        return DISK_TIMEOUT;
    }
    if (!receive(result, 7))
        return DISK_TIMEOUT;
    for (unsigned i = 0; i < 7; i++)
        SET_BDA(floppy_result[i], result[i]);
    if (!(result[0] & ST0_ABNORMAL))
        return DISK_OK;
    return result[1] & 2      ? DISK_WRITE_PROTECTED
           : result[1] & 4    ? DISK_NO_SECTOR
           : result[1] & 0x20 ? 0x10
           : result[1] & 1    ? DISK_ADDRESS_NOT_FOUND
                              : DISK_CONTROLLER;
}

static void dma_setup(bool to_memory, u32 linear, u32 bytes)
{
    outb(DMA_MASK, DMA_CHANNEL | DMA_MASKED);
    outb(DMA_FLIP, 0);
    outb(DMA_ADDRESS, (u8)linear);
    outb(DMA_ADDRESS, (u8)(linear >> 8));
    outb(DMA_FLIP, 0);
    outb(DMA_COUNT, (u8)(bytes - 1));
    outb(DMA_COUNT, (u8)((bytes - 1) >> 8));
    outb(DMA_MODE, to_memory ? DMA_TO_MEMORY : DMA_FROM_MEMORY);
    outb(DMA_PAGE, (u8)(linear >> 16));
    outb(DMA_MASK, DMA_CHANNEL);
}

#define MEDIA_KNOWN 0x10
#define PORT_DIR 0x3f7
#define DIR_CHANGED 0x80

/* The data rate at which the disk's identifiers can be read: 500, 300, 250, 1000 kbit/s. */
u8 fdc_find_media(u8 unit)
{
    static const u8 rates[4] VAR16 = { 0, 1, 2, 3 };
    if (!(GET_BDA(floppy_recal) & 0x0f) && !GET_BDA(floppy_motor))
        fdc_reset();
    motor_on(unit);
    bool changed = inb(PORT_DIR) & DIR_CHANGED;
    if (!changed && (GET_BDA(floppy_media[unit]) & MEDIA_KNOWN)) {
        outb(PORT_CCR, GET_BDA(floppy_media[unit]) >> 6);
        return DISK_OK;
    }
    u8 status = DISK_TIMEOUT;
    for (unsigned i = 0; i < sizeof rates; i++) {
        u8 rate = GET_CONST(rates[i]), c[2];
        struct chs step;
        step.cylinders = 1; /* by hand: an initialiser may become a constant that 16-bit code can't reach */
        step.heads = step.sectors = 0;
        c[0] = CMD_READ_ID;
        c[1] = unit;
        outb(PORT_CCR, rate);
        seek(unit, &step); /* a step is what resets the change line */
        if (recalibrate(unit) == DISK_TIMEOUT)
            return DISK_TIMEOUT;
        status = execute(c, 2);
        if (status == DISK_TIMEOUT)
            return inb(PORT_DIR) & DIR_CHANGED ? DISK_NOT_READY : DISK_TIMEOUT;
        if (!status) {
            SET_BDA(floppy_media[unit], rate << 6 | MEDIA_KNOWN | 7);
            return DISK_OK;
        }
    }
    return status;
}

u8 fdc_transfer(u8 unit, u8 command, const struct chs *at, u8 count, u32 linear, u8 *done)
{
    bool format = command == CMD_FORMAT;
    u8 c[9];
    motor_on(unit);
    u8 status = seek(unit, at);
    if (status)
        return status;
    dma_setup(!format && command != CMD_WRITE, linear, format ? count * FORMAT_BYTES : count * 512u);
    c[0] = command;
    c[1] = (u8)(at->heads << 2 | unit);
    c[2] = format ? SECTOR_512 : (u8)at->cylinders;
    c[3] = format ? count : (u8)at->heads;
    c[4] = format ? 0x6c : (u8)at->sectors;
    c[5] = format ? 0xf6 : SECTOR_512;
    c[6] = (u8)(at->sectors + count - 1);
    c[7] = 0x1b;
    c[8] = 0xff;
    status = execute(c, format ? 6 : 9);
    *done = status ? 0 : count;
    SET_BDA(floppy_track[unit & 1], at->cylinders);
    return status;
}
