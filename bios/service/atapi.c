/* atapi.c: ATAPI drives: packets by the data port (ATA/ATAPI-6, 9.8; SFF-8020i for the commands). */
#include "service.h"

#define REG_FEATURES 1
#define REG_REASON 2
#define REG_BYTES_LOW 4
#define REG_BYTES_HIGH 5
#define REG_STATUS 7
#define BSY 0x80
#define DRQ 0x08
#define ERR 0x01
#define CMD_PACKET 0xa0
#define CONTROL_IRQ 0x08
#define PACKET 12
#define BLOCK 2048u
#define CHUNK_BYTES 0xf800u
#define TIMEOUT_MS 10000

#define CDB_TEST_READY 0x00
#define CDB_REQUEST_SENSE 0x03
#define CDB_START_STOP 0x1b
#define CDB_READ10 0x28
#define START_STOP_EJECT 2
#define TRIES 4

static bool send_packet(u16 base, const u8 cdb[PACKET])
{
    outb((u16)(base + REG_FEATURES), 0);
    outb((u16)(base + REG_BYTES_LOW), (u8)CHUNK_BYTES);
    outb((u16)(base + REG_BYTES_HIGH), (u8)(CHUNK_BYTES >> 8));
    outb((u16)(base + REG_STATUS), CMD_PACKET);
    delay_us(1);
    if (!ata_wait((u16)(base + REG_STATUS), BSY | DRQ, DRQ, TIMEOUT_MS))
        return false;
    for (unsigned i = 0; i < PACKET; i += 2)
        outw(base, (u16)(cdb[i] | cdb[i + 1] << 8));
    return true;
}

static void move(u16 base, u32 linear, u16 bytes, bool write)
{
    u16 seg = (u16)(linear >> 4), off = linear & 15;
    if (write)
        far_outsw(base, seg, off, bytes / 2);
    else
        far_insw(base, seg, off, bytes / 2);
}

/* Data as long as the drive wants; what goes beyond `bytes` is thrown away. */
static u8 transfer(u16 base, u32 linear, u32 bytes, bool write)
{
    for (;;) {
        delay_us(1);
        if (!ata_wait((u16)(base + REG_STATUS), BSY, 0, TIMEOUT_MS))
            return DISK_TIMEOUT;
        u8 status = inb((u16)(base + REG_STATUS));
        if (status & ERR)
            return DISK_BAD_MEDIA;
        if (!(status & DRQ))
            return DISK_OK;
        u16 n = (u16)(inb((u16)(base + REG_BYTES_LOW)) | inb((u16)(base + REG_BYTES_HIGH)) << 8), take = n;
        if (take > bytes)
            take = (u16)bytes;
        move(base, linear, take, write);
        for (u16 rest = (u16)((n - take + 1) / 2); rest; rest--)
            inw(base);
        linear += take;
        bytes -= take;
    }
}

u8 atapi_packet(u8 drive, const u8 cdb[PACKET], u16 seg, u16 off, u32 bytes, bool write)
{
    u16 base = GET_LOW(drive[drive].command_port);
    ata_select(drive);
    u8 status = send_packet(base, cdb) ? transfer(base, seg * 16u + off, bytes, write) : DISK_TIMEOUT;
    outb(GET_LOW(drive[drive].control_port), CONTROL_IRQ);
    return status;
}

/* Not by an initialiser, which compilers keep among constants: those can't be reached. */
static NOINLINE void short_packet(u8 cdb[PACKET], u8 operation, u8 byte4)
{
    for (unsigned i = 1; i < PACKET; i++)
        cdb[i] = 0;
    cdb[0] = operation;
    cdb[4] = byte4;
}

/* Unit attention after a reset or a change of disk is no failure: sense it away and try again. */
static u8 with_retries(u8 drive, const u8 cdb[PACKET], u16 seg, u16 off, u32 bytes)
{
    u8 status = DISK_OK;
    for (unsigned i = 0; i < TRIES; i++) {
        u8 sense[18], request[PACKET];
        short_packet(request, CDB_REQUEST_SENSE, sizeof sense);
        status = atapi_packet(drive, cdb, seg, off, bytes, false);
        if (status != DISK_BAD_MEDIA)
            return status;
        if (atapi_packet(drive, request, stack_segment(), (u16)(u32)sense, sizeof sense, false))
            return status;
        if ((sense[2] & 15) == 2 && sense[12] == 0x3a)
            return DISK_NOT_READY;
    }
    return status;
}

u8 atapi_test_ready(u8 drive)
{
    u8 cdb[PACKET];
    short_packet(cdb, CDB_TEST_READY, 0);
    return with_retries(drive, cdb, 0, 0, 0);
}

u8 atapi_eject(u8 drive)
{
    u8 cdb[PACKET];
    short_packet(cdb, CDB_START_STOP, START_STOP_EJECT);
    return with_retries(drive, cdb, 0, 0, 0);
}

u8 atapi_transfer(struct disk_op *op)
{
    if (op->command == OP_WRITE)
        return DISK_WRITE_PROTECTED;
    op->done = 0;
    while (op->command == OP_READ && op->done < op->count) {
        u32 lba = op->lba_low + op->done, linear = op->seg * 16u + op->off + op->done * BLOCK;
        u16 n = (u16)(op->count - op->done);
        if (n > CHUNK_BYTES / BLOCK)
            n = CHUNK_BYTES / BLOCK;
        const u8 cdb[PACKET] = { CDB_READ10,   0,    (u8)(lba >> 24), (u8)(lba >> 16), (u8)(lba >> 8), (u8)lba, 0,
                                 (u8)(n >> 8), (u8)n };
        u8 status = with_retries(op->drive, cdb, (u16)(linear >> 4), linear & 15, n * BLOCK);
        if (status)
            return status;
        op->done = (u16)(op->done + n);
    }
    return DISK_OK;
}
