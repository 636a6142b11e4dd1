/* ide.h: one ATA channel of the PIIX3: two drives on a cable, the bus master behind it. Private to the piix3_ide, ide_*
 * files. Registers and bits as ATA/ATAPI-6 (T13/1410D) names them. */
#ifndef PCEMU_IDE_H
#define PCEMU_IDE_H

#include "backend.h"
#include "base.h"
#include "clock.h"
#include "dma.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

/* Command block registers, as offsets from 1F0. */
enum ide_register {
    IDE_DATA,
    IDE_FEATURES, /* read: error */
    IDE_COUNT,
    IDE_LBA_LOW,
    IDE_LBA_MID,
    IDE_LBA_HIGH,
    IDE_DEVICE,
    IDE_COMMAND, /* read: status */
};
#define IDE_ERROR IDE_FEATURES
#define IDE_STATUS IDE_COMMAND
#define IDE_TASK_REGISTERS 6 /* FEATURES … LBA_HIGH have a previous content (HOB); [0] is unused */

/* Status */
#define IDE_BSY 0x80u
#define IDE_DRDY 0x40u
#define IDE_DF 0x20u
#define IDE_DSC 0x10u /* obsolete, but always 1 in an idle disk */
#define IDE_DRQ 0x08u
#define IDE_ERR 0x01u
#define IDE_READY (IDE_DRDY | IDE_DSC)
/* Error */
#define IDE_ABRT 0x04u
#define IDE_IDNF 0x10u
#define IDE_UNC 0x40u
#define IDE_DIAGNOSTIC_PASSED 0x01u
/* Device */
#define IDE_DEVICE_LBA 0x40u
#define IDE_DEVICE_DEV 0x10u
#define IDE_DEVICE_HEAD 0x0fu
#define IDE_DEVICE_OBSOLETE 0xa0u /* read as 1 */
/* Device control */
#define IDE_CONTROL_HOB 0x80u
#define IDE_CONTROL_SRST 0x04u
#define IDE_CONTROL_NIEN 0x02u

#define IDE_DEVICE_RESET 0x08
#define IDE_EXECUTE_DEVICE_DIAGNOSTIC 0x90

#define IDE_MULTIPLE_MAX 16
#define IDE_BUFFER (IDE_MULTIPLE_MAX * BLOCK_SECTOR)

/* Virtual time: what a command costs before its first effect, and each further block. Fixed, so that an interrupt is
 * never raised inside the register write that caused it. */
#define IDE_COMMAND_NS 30000u
#define IDE_BLOCK_NS 20000u
#define IDE_RESET_NS 100000u
/* Sectors that one step of a transfer without data port handshake may move. */
#define IDE_STEP_SECTORS 128u

enum ide_phase {
    IDE_IDLE,
    IDE_START,      /* BSY: the command waits for its time */
    IDE_PIO_IN,     /* DRQ: the host reads the buffer */
    IDE_PIO_OUT,    /* DRQ: the host fills the buffer */
    IDE_NEXT_IN,    /* BSY: the next block is fetched */
    IDE_WRITE_BACK, /* BSY: the block goes to the disk */
    IDE_DMA_IN,     /* BSY: disk to memory, while the bus master runs */
    IDE_DMA_OUT,
    IDE_VERIFY,      /* BSY: sectors are read and dropped */
    IDE_IN_RESET,    /* BSY: SRST was released */
    IDE_PACKET,      /* DRQ: the host writes the twelve bytes of a packet */
    IDE_PACKET_RUN,  /* BSY: the packet is executed */
    IDE_PACKET_IN,   /* DRQ: the host reads a burst of the packet's data */
    IDE_PACKET_NEXT, /* BSY: the next burst is made ready */
    IDE_PHASE_MAX = IDE_PACKET_NEXT
};

enum ide_power { IDE_ACTIVE, IDE_STANDBY, IDE_SLEEP, IDE_POWER_MAX = IDE_SLEEP };

#define IDE_SELF_TESTS 21
#define ATAPI_PACKET 12

/* A CD-ROM drive's own state, besides that of the ATA device that it is. */
struct ide_atapi {
    u8 packet[ATAPI_PACKET];
    u8 sense_key, asc, ascq;
    bool dma;         /* the packet's data go by the bus master */
    u32 limit;        /* PIO: bytes in a burst, at most */
    u32 burst_end;    /* of the present burst, in the buffer */
    u32 sector_bytes; /* a READ: what the host gets of each sector; 0: all data are in the buffer */
    u8 read_what;     /* READ CD: byte 9 */
    bool tray_open, locked;
    u8 changed;                      /* enum atapi_changed */
    bool new_media, eject_requested; /* for GET EVENT STATUS NOTIFICATION */
};

struct ide_channel;

struct ide_drive {
    /* wiring */
    struct ide_channel *channel;
    const struct block_backend *disk; /* never NULL; sectors == 0: no drive on the cable, or no disc in it */
    unsigned unit;                    /* 0 or 1 */
    bool cdrom;                       /* a CD-ROM drive; its `disk` may change */
    struct timer timer;

    /* state */
    u8 status, error, device, command;
    u8 task[2][IDE_TASK_REGISTERS]; /* [0] most recent, [1] previous content */
    u8 phase;                       /* enum ide_phase */
    u8 transfer;                    /* flags of enum ide_transfer of the transfer under way */
    bool intrq;                     /* interrupt pending in the drive */
    u64 lba;                        /* next sector of the transfer */
    u32 remaining;                  /* sectors after those in the buffer */
    u32 pos, len;                   /* bytes: progress in the buffer, and its fill */
    u8 buffer[IDE_BUFFER];
    u8 multiple;       /* sectors per block, 0: off */
    u8 heads, sectors; /* current CHS translation */
    u8 transfer_mode;  /* SET FEATURES 03: mode in the register's coding */
    u8 power;          /* enum ide_power */
    bool write_cache, look_ahead, smart, smart_autosave;
    u8 self_tests;                /* entries of the self-test log, which begins anew when it is full… */
    u8 self_test[IDE_SELF_TESTS]; /* …each the number of its test */
    bool keep_features;           /* SET FEATURES 66: a software reset changes nothing */
    struct ide_atapi atapi;
};

struct ide_bmdma {
    /* state */
    u8 command, status;
    u32 table; /* BMIDTP */
    u32 next;  /* address of the next descriptor */
    u32 addr;  /* the present descriptor: address, bytes left, EOT */
    u32 left;
    bool last;
};

struct ide_channel {
    /* wiring */
    unsigned index; /* 0 primary, 1 secondary */
    struct log *log;
    struct clock *clock;
    const struct dma *dma;
    bool (*may_master)(void *function); /* the PCI function's bus master enable */
    void *function;
    struct irq_line irq;
    struct region command_block; /* ide: 8 ports */
    struct region control_block; /* ide: 1 port */
    struct region bm_registers;  /* piix-bmdma: command, status */
    struct region bm_table;      /* bmdma: BMIDTP */
    struct ide_drive drive[2];

    /* state (besides drive) */
    u8 selected; /* 0, 1 */
    u8 control;
    bool irq_level;
    struct ide_bmdma bm;
};

static inline bool ide_present(const struct ide_drive *d)
{
    return d->cdrom || d->disk->sectors != 0;
}

/* ---- ide_channel.c: the cable ---- */

struct ide_wiring {
    struct clock *clock;
    struct log *log;
    const struct dma *dma;
    bool (*may_master)(void *function);
    void *function;
};
/* What is on a cable's plug. */
struct ide_plug {
    const struct block_backend *disk; /* NULL or no sectors: no drive, or no disc in it */
    bool cdrom;
};
/* Makes channel `index` (0, 1) with its regions, not placed. */
void ide_channel_init(struct ide_channel *c, unsigned index, const struct ide_wiring *w, struct irq_line irq,
                      const struct ide_plug plug[2]);
void ide_channel_reset(struct ide_channel *c);
/* INTRQ, as the selected drive and nIEN make it. */
void ide_update_irq(struct ide_channel *c);
extern const struct state_field ide_channel_fields[];

/* ---- ide_disk.c: commands of ATA devices ---- */

void ide_disk_power_on(struct ide_drive *d);
/* Software reset or diagnostic has finished: ready, signature in the task file, no interrupt. */
void ide_disk_reset_done(struct ide_drive *d);
/* A write to the command register of a present drive that is neither BSY nor DRQ. */
void ide_disk_command(struct ide_drive *d, u8 command);
/* The drive's timer. */
void ide_disk_step(void *drive);
/* Ends the command: status, interrupt. */
void ide_disk_done(struct ide_drive *d);
void ide_disk_fail(struct ide_drive *d, unsigned error);
/* The device's signature in the task file: a disk's, or a packet device's. */
void ide_disk_put_signature(struct ide_drive *d);
/* Waits `ns` with BSY in `phase`. */
void ide_disk_busy(struct ide_drive *d, enum ide_phase phase, u64 ns);

/* ---- ide_transfer.c: sectors to and from the host ---- */

enum ide_transfer {
    IDE_T_EXT = 1,
    IDE_T_MULTIPLE = 2,
    IDE_T_DMA = 4,
    IDE_T_WRITE = 8,
    IDE_T_VERIFY = 16,
    IDE_T_TRIM = 32, /* the data are ranges of sectors, not sectors */
    IDE_T_ALL = 63
};
/* The address in the task file, which exists, and the sectors from there that are asked for, which may not; false: the
 * command has failed with the right error. */
bool ide_transfer_address(struct ide_drive *d, bool ext, u64 *lba, u32 *count);
/* Writes an address back to the task file, in the form that the device register asks for. */
void ide_transfer_put_address(struct ide_drive *d, u64 lba, bool ext);
/* Starts a READ, WRITE or VERIFY; flags of enum ide_transfer. */
void ide_transfer_start(struct ide_drive *d, unsigned flags);
/* DATA SET MANAGEMENT with TRIM: takes the host's list of ranges. */
void ide_transfer_trim(struct ide_drive *d);
/* Offers the buffer's first `len` bytes to the host: one block of PIO data in. */
void ide_transfer_send(struct ide_drive *d, u32 len);
/* The timer's step in phases NEXT_IN … VERIFY. */
void ide_transfer_step(struct ide_drive *d);
/* The data register, one word. */
u16 ide_data_read(struct ide_drive *d);
void ide_data_write(struct ide_drive *d, u16 word);

/* ---- ide_identify.c, ide_smart.c ---- */

/* Fills the buffer's first 512 bytes. */
void ide_identify(struct ide_drive *d);
/* Cylinders, 1 … 65535, of the disk in a translation of heads * sectors (neither 0). */
u32 ide_cylinders(const struct ide_drive *d, unsigned heads, unsigned sectors);
void ide_smart_command(struct ide_drive *d);

/* IDENTIFY PACKET DEVICE, of a CD-ROM drive. */
void ide_identify_packet(struct ide_drive *d);

/* ---- ide_atapi.c: packets and their data ---- */

enum atapi_changed {
    ATAPI_SAME,
    ATAPI_CHANGED,      /* the next command finds no disc… */
    ATAPI_CHANGED_TOLD, /* …and the one after it a new one */
    ATAPI_CHANGED_MAX = ATAPI_CHANGED_TOLD
};
enum atapi_sense {
    SENSE_NONE = 0,
    SENSE_NOT_READY = 2,
    SENSE_MEDIUM_ERROR = 3,
    SENSE_ILLEGAL = 5,
    SENSE_ATTENTION = 6
};
/* Additional sense codes. */
#define ASC_READ_ERROR 0x11
#define ASC_INVALID_COMMAND 0x20
#define ASC_BLOCK_OUT_OF_RANGE 0x21
#define ASC_INVALID_FIELD 0x24
#define ASC_MEDIUM_CHANGED 0x28
#define ASC_SAVING_NOT_SUPPORTED 0x39
#define ASC_NO_MEDIUM 0x3a
#define ASC_REMOVAL_PREVENTED 0x53

#define CD_SECTOR 2048u
#define CD_RAW_SECTOR 2352u

void atapi_power_on(struct ide_drive *d);
/* The PACKET command. */
void atapi_packet_command(struct ide_drive *d);
/* The drive's timer in the phases of a packet, and of its DMA. */
void atapi_step(struct ide_drive *d);
u16 atapi_data_read(struct ide_drive *d);
void atapi_data_write(struct ide_drive *d, u16 word);
/* Ends of a packet command. */
void atapi_good(struct ide_drive *d);
void atapi_check(struct ide_drive *d, enum atapi_sense key, u8 asc);
/* Sends the buffer's first `len` bytes, cut at the allocation length that the packet gave. */
void atapi_send(struct ide_drive *d, u32 len, u32 allocation);
/* Sends `count` sectors from `lba` on: what `what` (READ CD's byte 9) selects of each, `sector_bytes` altogether. */
void atapi_send_sectors(struct ide_drive *d, u32 lba, u32 count, u32 sector_bytes, u8 what);
/* The disc: in the drive, and the tray closed? Its size in sectors of 2048 bytes. */
bool atapi_ready(const struct ide_drive *d);
u32 atapi_sectors(const struct ide_drive *d);
/* Somebody presses the button of a locked drive; takes the disc out (NULL) or puts one in. */
void atapi_eject_button(struct ide_drive *d);
void atapi_change_disc(struct ide_drive *d, const struct block_backend *disc);
extern const struct state_field ide_atapi_fields[];

/* ---- ide_atapi_cmd.c, ide_atapi_info.c: the packet commands ---- */

void atapi_execute(struct ide_drive *d);
void atapi_inquiry(struct ide_drive *d);
void atapi_mode_sense(struct ide_drive *d);
void atapi_get_configuration(struct ide_drive *d);
void atapi_get_event_status(struct ide_drive *d);
void atapi_read_disc_information(struct ide_drive *d);
void atapi_read_track_information(struct ide_drive *d);
void atapi_mechanism_status(struct ide_drive *d);
void atapi_read_toc(struct ide_drive *d);
void atapi_read_dvd_structure(struct ide_drive *d);
/* Packets hold big-endian numbers. */
static inline u32 get_be16(const u8 *p)
{
    return (u32)p[0] << 8 | p[1];
}
static inline u32 get_be32(const u8 *p)
{
    return get_be16(p) << 16 | get_be16(p + 2);
}
static inline void put_be16(u8 *p, u32 v)
{
    p[0] = (u8)(v >> 8);
    p[1] = (u8)v;
}
static inline void put_be32(u8 *p, u32 v)
{
    put_be16(p, v >> 16);
    put_be16(p + 2, v);
}

/* ---- ide_bmdma.c ---- */

void ide_bmdma_init(struct ide_channel *c);
void ide_bmdma_reset(struct ide_channel *c);
/* INTRQ has risen. */
void ide_bmdma_interrupt(struct ide_channel *c);
/* True while descriptors are to be processed. */
bool ide_bmdma_running(const struct ide_channel *c);
/* Continues transfers that wait for the bus master; called when it was started or allowed to master the bus. */
void ide_bmdma_wake(struct ide_channel *c);
/* Moves up to `len` bytes along the descriptor table; fewer when the table ends. Stops the bus master with its last
 * byte. */
u32 ide_bmdma_move(struct ide_channel *c, u8 *buf, u32 len, bool to_memory);
extern const struct state_field ide_bmdma_fields[];

#endif
