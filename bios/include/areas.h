/* areas.h: what stands in the areas of memmap.h: the BIOS data areas of the IBM PC/AT, the firmware's own variables in
 * low memory (read/write at run time) and in the F segment (written by POST, read-only afterwards). */
#ifndef BIOS_AREAS_H
#define BIOS_AREAS_H

#include "memmap.h"
#include "types.h"

/* 40:0, IBM PC/AT Technical Reference, "BIOS data area". */
struct bda {
    u16 com_port[4];
    u16 lpt_port[3];
    u16 ebda_seg;
    u16 equipment; /* 10 */
    u8 reserved_12;
    u16 memory_kib;
    u8 reserved_15[2];
    u8 kbd_flag0; /* 17 */
    u8 kbd_flag1;
    u8 alt_keypad;
    u16 kbd_head, kbd_tail;
    u16 kbd_buf[16];
    u8 floppy_recal; /* 3e */
    u8 floppy_motor;
    u8 floppy_motor_count;
    u8 floppy_status;
    u8 floppy_result[7];
    u8 video_mode; /* 49 */
    u16 video_columns;
    u16 video_page_size;
    u16 video_page_start;
    u16 cursor_pos[8];
    u16 cursor_shape;
    u8 video_page; /* 62 */
    u16 crtc_port;
    u8 video_msr;
    u8 video_palette;
    struct far_ptr resume; /* 67: where to go on after a reset that CMOS 0Fh asked for */
    u8 unexpected_irq;
    u32 ticks; /* 6c */
    u8 ticks_overflow;
    u8 break_flag; /* 71 */
    u16 warm_boot;
    u8 disk_status; /* 74 */
    u8 hd_count;
    u8 disk_control;
    u8 disk_offset;
    u8 lpt_timeout[4]; /* 78 */
    u8 com_timeout[4];
    u16 kbd_buf_start, kbd_buf_end; /* 80 */
    u8 video_rows;
    u16 char_height;
    u8 video_ctl;
    u8 video_switches;
    u8 modeset_ctl;
    u8 dcc_index;
    u8 floppy_rate; /* 8b */
    u8 disk_controller_status;
    u8 disk_controller_error;
    u8 disk_irq; /* 8e */
    u8 floppy_harddisk_info;
    u8 floppy_media[4]; /* 90 */
    u8 floppy_track[2]; /* 94 */
    u8 kbd_flag2;       /* 96 */
    u8 kbd_led;
    struct far_ptr wait_flag; /* 98 */
    u32 wait_us;
    u8 rtc_wait; /* a0 */
    u8 lan[7];
    struct far_ptr video_save; /* a8 */
    u8 reserved_ac[0x54];
} PACKED;
_Static_assert(offsetof(struct bda, kbd_flag2) == 0x96 && sizeof(struct bda) == 0x100, "BIOS data area");

/* The fixed-disk parameter table that interrupt vectors 41h and 46h point to. */
struct fdpt {
    u16 cylinders;
    u8 heads;
    u8 a0_signature; /* A0h: translated, the physical geometry follows */
    u8 phys_sectors;
    u16 precomp;
    u8 reserved;
    u8 control;
    u16 phys_cylinders;
    u8 phys_heads;
    u16 landing;
    u8 sectors;
    u8 checksum;
} PACKED;

struct ebda {
    u8 kib; /* its size */
    u8 reserved_1[0x21];
    struct far_ptr mouse_handler; /* 22 */
    u8 mouse_flag1;
    u8 mouse_flag2;
    u8 mouse_data[8];
    u8 reserved_30[0x0d];
    struct fdpt fdpt[2]; /* 3d */
    u8 reserved_5d[0x400 - 0x5d];
} PACKED;
_Static_assert(offsetof(struct ebda, fdpt) == 0x3d, "extended BIOS data area");

/* Device parameter table extension (EDD 3.0, table 8): how to reach a disk without us. */
struct dpte {
    u16 command_port, control_port;
    u8 head, vendor, irq, blocks, dma, pio;
    u16 options, reserved;
    u8 revision, sum;
} PACKED;

struct chs {
    u16 cylinders, heads, sectors;
};

enum drive_kind { DRIVE_NONE, DRIVE_FLOPPY, DRIVE_ATA, DRIVE_ATAPI };
#define DRIVES_MAX 12
#define DRIVE_TITLE 44

/* A drive that POST found. Which int 13h number it has: low.hd_map and the like. */
struct drive {
    u8 kind; /* enum drive_kind */
    u8 unit; /* 0 master, 1 slave; of a floppy: its number */
    u8 channel;
    u8 floppy_type; /* as in CMOS 10h */
    u8 removable;
    u8 lba48;
    u16 command_port, control_port, dma_port; /* dma_port 0: no DMA */
    u16 block_size;
    u32 sectors_low, sectors_high;
    struct chs physical, logical;
    u8 translation; /* as in CMOS 39h */
    u8 dma_ok;
    u16 pci_bdf;
    char title[DRIVE_TITLE]; /* for the splash and the menu, ends in 0 */
};

/* A CD that is booted as a floppy or hard disk (El Torito 1.0). */
struct cd_emulation {
    u8 active;
    u8 media;       /* El Torito's media type: 1, 2, 3 floppies, 4 hard disk */
    u8 int13_drive; /* what it answers to: 00h or 80h */
    u8 drive;       /* index of the CD drive */
    u16 load_segment, sector_count;
    u32 first_block; /* 2048-byte block of the image */
    u32 sectors;     /* 512-byte sectors */
    struct chs geometry;
};

enum boot_kind { BOOT_FLOPPY = 1, BOOT_DISK, BOOT_CD, BOOT_BEV, BOOT_BCV };
#define BOOT_MAX 16

struct boot_entry {
    u8 kind;     /* enum boot_kind */
    u8 rank;     /* what is lower is tried first: boot_add() */
    u8 drive;    /* index in drive[] */
    u16 seg;     /* of an option ROM… */
    u16 entry;   /* …its boot entry vector… */
    u16 product; /* …and the offset of its name, 0: none */
};

#define DISK_MAX 8
#define MTRR_MAX 16
#define LOW_MAGIC 0x574f4c50 /* "PLOW" */
#define PRD_MAX 4

/* Read/write at run time: SEG_LOW:LOW_VARS. POST zeroes it. */
struct low {
    u32 magic;
    u32 stack_pos; /* stubs.S: where the services' stack is free from */
    u32 caller_esp;
    u16 caller_ss, reserved_14;
    u32 smp_lock; /* smp.S */
    u32 smp_cpus; /* that have answered */
    struct {
        u32 address;
        u32 count;
    } prd[PRD_MAX]; /* bus-master IDE, in dwords, so that it crosses no 64 KiB */
    u8 pam[7];      /* the PAM registers as POST left them */
    u8 hd_count, cd_count, floppy_count;
    u8 hd_map[DISK_MAX], cd_map[DISK_MAX], floppy_map[2]; /* indices in drive[] */
    struct drive drive[DRIVES_MAX];
    u8 drives;
    struct cd_emulation cdemu;
    u8 locks[DRIVES_MAX]; /* int 13h/45h */
    struct dpte dpte;
    struct boot_entry boot[BOOT_MAX];
    u8 boots, boot_next; /* what int 18h tries next */
    u8 boot_tried;
    u32 timer_scratch;
    u8 apm_connected; /* 0 no, 1 real, 2 16-bit, 3 32-bit */
    u8 apm_enabled;
    u8 mouse_packet;    /* bytes of a packet, 3 or 4 */
    u8 console;         /* POST's messages go to the screen */
    u8 cd_buffer[2048]; /* a block of an emulated disk; a sector that DMA can't move */
    u8 sercon;          /* the console goes to COM1, too */
    u8 sercon_key[8];   /* an escape sequence under way */
    u8 sercon_keys;
    struct far_ptr sercon_int10; /* the video service behind the serial console */
    u8 mtrrs;
    struct {
        u32 index;
        u64 value;
    } PACKED mtrr[MTRR_MAX]; /* what POST set, for other processors and for waking */
} PACKED;
_Static_assert(sizeof(struct low) <= LOW_VARS_SIZE, "low variables");
_Static_assert(offsetof(struct low, stack_pos) == 4 && offsetof(struct low, caller_esp) == 8 &&
                   offsetof(struct low, caller_ss) == 12,
               "stubs.S");
_Static_assert(offsetof(struct low, smp_lock) == 16, "smp.S");
_Static_assert(offsetof(struct low, prd) % 4 == 0, "PRD tables are aligned");

#define E820_RAM 1
#define E820_RESERVED 2
#define E820_ACPI 3
#define E820_NVS 4
#define E820_MAX 32

struct e820 {
    u32 base_low, base_high, length_low, length_high, type;
};

/* Read-only at run time: SEG_BIOS:FSEG_VARS. */
struct fseg {
    u32 magic;
    /* 32-bit flat entry points, for stubs that switch over */
    u32 flat_pmm, flat_boot, flat_resume, flat_ap;
    struct e820 e820[E820_MAX];
    u32 e820_entries;
    u32 ram_below_4g; /* bytes, up to the permanent high zone */
    u32 ram_above_4g_64k;
    u16 pm_base; /* 0: no power management */
    u16 pci_last_bus;
    u8 pci_present;
    u8 pmm_open;
    u16 cpus;
    u32 pir;  /* linear */
    u32 facs; /* linear, 0: no ACPI */
    u16 pnp;  /* offset of the PnP installation structure */
    u16 apm32_entry;
    u16 pir_size;
    u16 pir_irqs; /* ISA interrupts that only PCI uses */
};
_Static_assert(sizeof(struct fseg) <= FSEG_VARS_SIZE, "F segment variables");

#endif
