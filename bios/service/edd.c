/* edd.c: the extensions of int 13h: Phoenix Enhanced Disk Drive Specification 3.0, functions 41h-49h and 4Eh. */
#include "service.h"

#define MAGIC_IN 0x55aa
#define MAGIC_OUT 0xaa55
#define VERSION_30 0x30
#define SUPPORT_ACCESS BIT(0)
#define SUPPORT_LOCKING BIT(1)
#define SUPPORT_EDD BIT(2)
#define INFO_DMA_TRANSPARENT BIT(0)
#define INFO_GEOMETRY_VALID BIT(1)
#define INFO_REMOVABLE BIT(2)
#define INFO_CHANGE_LINE BIT(4)
#define INFO_LOCKABLE BIT(5)
#define INFO_GEOMETRY_MAX BIT(6)
#define SIZE_V1 0x1a
#define SIZE_V2 0x1e
#define SIZE_V3 0x42
#define PATH_KEY 0xbedd
#define PATH_LENGTH 36
#define CHS_LIMIT 0xffffff

struct address_packet {
    u8 size, reserved;
    u16 count;
    struct far_ptr buffer;
    u32 lba_low, lba_high;
} PACKED;

struct parameters {
    u16 size, info;
    u32 cylinders, heads, sectors;
    u32 total_low, total_high;
    u16 bytes;
    struct far_ptr dpte;
    u16 key;
    u8 path_length, reserved[3];
    char bus[4], interface[8];
    u32 interface_path[2], device_path[2];
    u8 reserved2, sum;
} PACKED;
_Static_assert(sizeof(struct parameters) == SIZE_V3, "EDD 3.0, table 6");

#define PACKET(field) GET_FAR(regs->ds, ((struct address_packet *)(u32)regs->si)->field)
#define SET_PACKET(field, v) SET_FAR(regs->ds, ((struct address_packet *)(u32)regs->si)->field, v)

static void transfer(struct bregs *regs, u8 drive, u8 command)
{
    struct disk_op op = { .drive = drive,
                          .command = command,
                          .count = PACKET(count),
                          .seg = PACKET(buffer.seg),
                          .off = PACKET(buffer.off),
                          .lba_low = PACKET(lba_low),
                          .lba_high = PACKET(lba_high) };
    u32 sectors = GET_LOW(drive[drive].sectors_low), high = GET_LOW(drive[drive].sectors_high);
    u8 kind = GET_LOW(drive[drive].kind);
    if (PACKET(size) < 0x10 ||
        (kind == DRIVE_ATA && (op.lba_high > high || (op.lba_high == high && op.lba_low >= sectors)))) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    u8 status = disk_transfer(&op);
    SET_PACKET(count, op.done);
    disk_status(regs, status);
}

#define PARAM(field) ((struct parameters *)(u32)regs->si)->field
#define SET_PARAM(field, v) SET_FAR(regs->ds, PARAM(field), v)

static void basic_parameters(struct bregs *regs, u8 drive)
{
    bool cd = GET_LOW(drive[drive].kind) == DRIVE_ATAPI;
    u32 low = GET_LOW(drive[drive].sectors_low), high = GET_LOW(drive[drive].sectors_high);
    u32 cylinders = GET_LOW(drive[drive].physical.cylinders);
    bool chs = !cd && !high && low <= CHS_LIMIT;
    SET_PARAM(info, cd ? INFO_REMOVABLE | INFO_CHANGE_LINE | INFO_LOCKABLE | INFO_GEOMETRY_MAX
                       : INFO_DMA_TRANSPARENT | (chs ? INFO_GEOMETRY_VALID : 0));
    SET_PARAM(cylinders, cd ? ~0u : cylinders);
    SET_PARAM(heads, cd ? ~0u : GET_LOW(drive[drive].physical.heads));
    SET_PARAM(sectors, cd ? ~0u : GET_LOW(drive[drive].physical.sectors));
    SET_PARAM(total_low, cd ? ~0u : low);
    SET_PARAM(total_high, cd ? ~0u : high);
    SET_PARAM(bytes, GET_LOW(drive[drive].block_size));
}

static u8 far_sum(u16 seg, u32 off, u32 bytes)
{
    u8 sum = 0;
    for (; bytes; bytes--)
        sum = (u8)(sum + far_get(seg, off++, 1));
    return sum;
}

static void path(struct bregs *regs, u8 drive)
{
    u16 bdf = GET_LOW(drive[drive].pci_bdf);
    SET_PARAM(key, PATH_KEY);
    SET_PARAM(path_length, PATH_LENGTH);
    for (unsigned i = 0; i < 3; i++)
        SET_PARAM(reserved[i], 0);
    far_set(regs->ds, (u32)&PARAM(bus), 0x20494350, 4);           /* "PCI " */
    far_set(regs->ds, (u32)&PARAM(interface), 0x20415441, 4);     /* "ATA " */
    far_set(regs->ds, (u32)&PARAM(interface) + 4, 0x20202020, 4); /* "    " */
    SET_PARAM(interface_path[0], (u32)(bdf >> 8) | (u32)(bdf >> 3 & 31) << 8 | (u32)(bdf & 7) << 16 |
                                     (u32)GET_LOW(drive[drive].channel) << 24);
    SET_PARAM(interface_path[1], 0);
    SET_PARAM(device_path[0], GET_LOW(drive[drive].unit));
    SET_PARAM(device_path[1], 0);
    SET_PARAM(reserved2, 0);
    SET_PARAM(sum, 0);
    u32 key = (u32)&PARAM(key);
    SET_PARAM(sum, -far_sum(regs->ds, key, SIZE_V3 - SIZE_V2));
}

/* One table for all drives, written when asked for. */
static void write_dpte(u8 drive)
{
    SET_LOW(dpte.command_port, GET_LOW(drive[drive].command_port));
    SET_LOW(dpte.control_port, GET_LOW(drive[drive].control_port));
    SET_LOW(dpte.head, 0xe0 | GET_LOW(drive[drive].unit) << 4);
    SET_LOW(dpte.vendor, 0xcb);
    SET_LOW(dpte.irq, GET_LOW(drive[drive].channel) ? 15 : 14);
    SET_LOW(dpte.blocks, 1);
    SET_LOW(dpte.dma, 0);
    SET_LOW(dpte.pio, 0);
    SET_LOW(dpte.options, 0x10 | (GET_LOW(drive[drive].translation) ? 0x08 : 0) |
                              (GET_LOW(drive[drive].kind) == DRIVE_ATAPI ? 0x60 : 0));
    SET_LOW(dpte.reserved, 0);
    SET_LOW(dpte.revision, 0x11);
    SET_LOW(dpte.sum, 0);
    u32 at = LOW_VARS + (u32)offsetof(struct low, dpte);
    SET_LOW(dpte.sum, -far_sum(SEG_LOW, at, sizeof(struct dpte) - 1));
}

static void parameters(struct bregs *regs, u8 drive)
{
    u16 size = GET_FAR(regs->ds, PARAM(size));
    if (size < SIZE_V1) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    size = size >= SIZE_V3 ? SIZE_V3 : size >= SIZE_V2 ? SIZE_V2 : SIZE_V1;
    SET_PARAM(size, size);
    basic_parameters(regs, drive);
    if (size >= SIZE_V2) {
        write_dpte(drive);
        SET_PARAM(dpte.seg, SEG_LOW);
        SET_PARAM(dpte.off, LOW_VARS + (u32)offsetof(struct low, dpte));
    }
    if (size >= SIZE_V3)
        path(regs, drive);
    disk_status(regs, DISK_OK);
}

/* AL: 0 lock, 1 unlock, 2 are there locks? */
static void lock(struct bregs *regs, u8 drive)
{
    u8 locks = GET_LOW(locks[drive]);
    if (!GET_LOW(drive[drive].removable)) {
        disk_status(regs, regs->al > 2 ? DISK_BAD_PARAMETER : DISK_NOT_REMOVABLE);
        return;
    }
    switch (regs->al) {
    case 0:
        if (locks == 0xff) {
            disk_status(regs, DISK_NO_EJECT);
            return;
        }
        SET_LOW(locks[drive], locks + 1);
        regs->al = 1;
        break;
    case 1:
        if (!locks) {
            disk_status(regs, DISK_NOT_LOCKED);
            return;
        }
        SET_LOW(locks[drive], locks - 1);
        regs->al = locks > 1;
        break;
    case 2:
        regs->al = locks != 0;
        break;
    default:
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    disk_status(regs, DISK_OK);
}

static void eject(struct bregs *regs, u8 drive)
{
    if (!GET_LOW(drive[drive].removable))
        disk_status(regs, DISK_NOT_REMOVABLE);
    else if (GET_LOW(locks[drive]))
        disk_status(regs, DISK_LOCKED);
    else
        disk_status(regs, atapi_eject(drive));
}

static void check_extensions(struct bregs *regs)
{
    if (regs->bx != MAGIC_IN) {
        disk_status(regs, DISK_BAD_PARAMETER);
        return;
    }
    regs->bx = MAGIC_OUT;
    regs->cx = SUPPORT_ACCESS | SUPPORT_LOCKING | SUPPORT_EDD;
    disk_status(regs, DISK_OK);
    regs->ah = VERSION_30;
}

void edd_service(struct bregs *regs, u8 drive)
{
    switch (regs->ah) {
    case 0x00: /* of the classic functions, what makes sense for a CD */
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x11:
    case 0x14:
    case 0x47:
        disk_status(regs, DISK_OK);
        break;
    case 0x10:
        disk_status(regs, atapi_test_ready(drive));
        break;
    case 0x41:
        check_extensions(regs);
        break;
    case 0x42:
        transfer(regs, drive, OP_READ);
        break;
    case 0x43:
        transfer(regs, drive, OP_WRITE);
        break;
    case 0x44:
        transfer(regs, drive, OP_VERIFY);
        break;
    case 0x45:
        lock(regs, drive);
        break;
    case 0x46:
        eject(regs, drive);
        break;
    case 0x48:
        parameters(regs, drive);
        break;
    case 0x49:
        disk_status(regs, GET_LOW(drive[drive].removable) ? DISK_CHANGED : DISK_OK);
        break;
    case 0x4e: /* hardware configuration: what the firmware does already is granted */
        disk_status(regs,
                    regs->al == 1 || regs->al == 3 || regs->al == 4 || regs->al == 6 ? DISK_OK : DISK_BAD_PARAMETER);
        break;
    default:
        disk_status(regs, DISK_BAD_PARAMETER);
    }
}
