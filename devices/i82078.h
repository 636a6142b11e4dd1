/* i82078.h: the floppy disk controller and its drives. Registers and bits as the data sheet of the Intel 82078 names
 * them (order 290475; those of the 82077AA, 290166, are a part of them). The rest of this header is for the i82078*.c
 * files. */
#ifndef PCEMU_I82078_H
#define PCEMU_I82078_H

#include "clock.h"
#include "floppy_drive.h"
#include "i8237.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define FDC_DRIVES 2 /* on the cable */
#define FDC_UNITS 4  /* that the controller can select */
#define FDC_FIFO 17  /* bytes of the longest command, RESTORE */
#define FDC_SECTOR 512u

/* Virtual time. A drive of ours is some ten times as quick as a real one, in the same proportions. */
#define FDC_RESET_NS 100000u  /* from the end of a reset to the interrupt by which the controller reports */
#define FDC_STEP_NS 200000u   /* a cylinder of a seek… */
#define FDC_SETTLE_NS 500000u /* …and once for its end */
#define FDC_SECTOR_NS 500000u /* until the next sector has passed under the head */
#define FDC_RESULT_NS 10000u
#define FDC_SEARCH_NS 20000000u /* two revolutions: nothing was found */

enum fdc_phase {
    FDC_COMMAND,  /* the host writes a command */
    FDC_EXECUTE,  /* the controller is at work; the timer brings the next step */
    FDC_GIVE,     /* a sector waits for the host to read it */
    FDC_TAKE,     /* the host is to fill the buffer */
    FDC_RESULT,   /* the host reads result bytes */
    FDC_IN_RESET, /* held, or not yet awake */
    FDC_PHASE_MAX = FDC_IN_RESET
};

/* What the timer brings during FDC_EXECUTE. */
enum fdc_step {
    FDC_STEP_SECTOR, /* the next sector of the transfer is under the head */
    FDC_STEP_STORE,  /* the buffer is on the disk */
    FDC_STEP_END,    /* the result phase */
    FDC_STEP_MAX = FDC_STEP_END
};

enum fdc_transfer_kind {
    FDC_READ,
    FDC_READ_DELETED,
    FDC_READ_TRACK,
    FDC_READ_ID,
    FDC_VERIFY,
    FDC_WRITE,
    FDC_WRITE_DELETED,
    FDC_FORMAT,
    FDC_FORMAT_AND_WRITE,
    FDC_SCAN_EQUAL,
    FDC_SCAN_LOW,
    FDC_SCAN_HIGH,
    FDC_KIND_MAX = FDC_SCAN_HIGH
};

/* A transfer under way: its address is that of the sector that comes next. */
struct fdc_transfer {
    u8 kind; /* enum fdc_transfer_kind */
    bool multi_track, skip;
    u8 unit, head; /* the head that is selected */
    u8 c, h, r, n;
    u8 eot;
    u16 left; /* sectors that are still to come: VERIFY with a count, FORMAT, READ TRACK */
    u8 step;  /* of R: 1, or 2 in a SCAN of every other sector */
    u8 fill;  /* FORMAT */
    bool tc;  /* the DMA controller has said that it was enough */
    bool scan_met, scan_equal;
    u8 st0, st1, st2;
};

struct i82078 {
    /* wiring */
    struct region ports;   /* "fdc", 5 bytes: SRB, DOR, TDR, MSR and DSR, FIFO */
    struct region dir_ccr; /* "fdc", 1 byte: DIR and CCR */
    struct clock *clock;
    struct log *log;
    struct irq_line irq, dreq;
    struct timer timer;           /* the phase */
    struct timer seek[FDC_UNITS]; /* seeks go on beside other commands */
    struct floppy_drive drive[FDC_UNITS];

    /* state */
    u8 dor, tdr, dsr;
    bool dsr_power_down;
    u8 phase, next_step;
    u8 fifo[FDC_FIFO], pos, len; /* the command, or the result */
    bool int_pending;            /* of the command's own phases */
    u8 reset_status;             /* bit n: unit n's SENSE INTERRUPT STATUS after a reset is due */
    u8 seek_end;                 /* bit n: unit n has ended a seek that nobody asked about */
    u8 seek_busy;                /* bit n: MSR, unit n is busy with a seek */
    u8 seek_st0[FDC_UNITS];
    u8 pcn[FDC_UNITS];  /* present cylinder number */
    u8 srt_hut, hlt_nd; /* SPECIFY's bytes */
    u8 config;          /* CONFIGURE's second byte: EIS, EFIFO, POLL, FIFOTHR */
    u8 precomp_track;
    u8 perpendicular; /* D3-D0, GAP, WGATE */
    u8 power_mode;    /* POWERDOWN MODE's byte */
    u8 option;        /* OPTION's byte */
    u8 drive_spec[FDC_UNITS];
    u8 last_eot; /* DUMPREG's SC/EOT */
    bool lock;
    struct fdc_transfer x;
    u8 buffer[FDC_SECTOR];
    u16 data_pos, data_len; /* of the buffer, during GIVE and TAKE */
};

struct fdc_wires {
    struct irq_line irq;
    struct i8237_pair *dmac;
    unsigned dma_channel;
};

/* disk[0], disk[1]: NULL: no such drive; without sectors: an empty drive. They outlive the device. */
void fdc_init(struct i82078 *s, struct clock *clock, struct log *log, const struct fdc_wires *wires,
              const struct block_backend *const disk[FDC_DRIVES]);
/* The RESET pin. */
void fdc_reset(void *self);
/* Somebody takes the disk out of drive 0 or 1 (NULL) or puts another in. */
void fdc_change_disk(struct i82078 *s, unsigned drive, const struct block_backend *disk);

extern const struct state_table i82078_state;

/* ---- registers and bits ---- */

#define FDC_UNIT_MASK 0x03u
#define FDC_HDS 0x04u /* head select, in a command's second byte */

#define DOR_RESET BIT(2) /* 0: held in reset */
#define DOR_DMAGATE BIT(3)
#define DOR_MOTOR_SHIFT 4
#define MSR_DRIVES 0x0fu
#define MSR_CMD_BUSY BIT(4)
#define MSR_NON_DMA BIT(5)
#define MSR_DIO BIT(6) /* 1: to the host */
#define MSR_RQM BIT(7)
#define DSR_RATE 0x03u
#define DSR_PRECOMP 0x1cu
#define DSR_POWER_DOWN BIT(6)
#define DSR_SW_RESET BIT(7)
#define DIR_DSKCHG BIT(7)
#define HLT_ND BIT(0) /* SPECIFY: no DMA */
#define CONFIG_EIS BIT(6)
#define CONFIG_EFIFO BIT(5) /* 1: the FIFO is off */
#define CONFIG_POLL BIT(4)  /* 1: no polling */
#define CONFIG_FIFOTHR 0x0fu

#define ST0_IC_ABNORMAL 0x40u
#define ST0_IC_INVALID 0x80u
#define ST0_IC_POLLING 0xc0u
#define ST0_SE BIT(5)
#define ST0_EC BIT(4)
#define ST1_EN BIT(7)
#define ST1_DE BIT(5)
#define ST1_ND BIT(2)
#define ST1_NW BIT(1)
#define ST1_MA BIT(0)
#define ST2_CM BIT(6)
#define ST2_DD BIT(5)
#define ST2_WC BIT(4)
#define ST2_SH BIT(3)
#define ST2_SN BIT(2)
#define ST2_BC BIT(1)

/* ---- i82078.c ---- */

/* INT and DREQ, as the phase and DOR make them. */
void fdc_update_lines(struct i82078 *s);
/* Result phase: `n` bytes that stand in fifo; `interrupt`: announce it. */
void fdc_result(struct i82078 *s, unsigned n, bool interrupt);
/* The command is over and has no result. */
void fdc_command_done(struct i82078 *s);
/* Works for `ns`, then does `step`. */
void fdc_execute(struct i82078 *s, enum fdc_step step, u64 ns);
/* Starts to move the head of `unit` by so many cylinders; `st0` is what its end will report. */
void fdc_start_seek(struct i82078 *s, unsigned unit, int steps, u8 st0);
/* How long such a move takes. */
u64 fdc_seek_ns(int steps);

/* ---- i82078_cmd.c: the commands ---- */

/* Bytes of the command that begins with `code`, its own included; 1 for one that does not exist. DRIVE SPECIFICATION
 * ends by a bit: fdc_command_complete(). */
unsigned fdc_command_length(u8 code);
bool fdc_command_complete(const struct i82078 *s);
/* Executes what is in fifo. */
void fdc_run_command(struct i82078 *s);

/* ---- i82078_xfer.c: the commands that move data ---- */

void fdc_start_transfer(struct i82078 *s, enum fdc_transfer_kind kind);
/* The phase's timer in FDC_EXECUTE. */
void fdc_transfer_step(struct i82078 *s);
/* The buffer's last byte was read or written, or TC has come. */
void fdc_buffer_done(struct i82078 *s);

#endif
