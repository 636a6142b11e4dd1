/* fw_cfg.h: QEMU's firmware configuration device: how the machine tells its firmware what it is made of.
 * See fw_cfg.c. All data is fixed before the guest runs and can't be written by it. */
#ifndef PCEMU_FW_CFG_H
#define PCEMU_FW_CFG_H

#include "dma.h"
#include "log.h"
#include "region.h"
#include "state.h"

/* Selector keys (docs/specs/fw_cfg and SeaBIOS' use of them). */
enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00,
    FW_CFG_ID = 0x01,
    FW_CFG_UUID = 0x02,
    FW_CFG_RAM_SIZE = 0x03,
    FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_NB_CPUS = 0x05,
    FW_CFG_KERNEL_ADDR = 0x07,
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_INITRD_ADDR = 0x0a,
    FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_BOOT_MENU = 0x0e,
    FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_ENTRY = 0x10,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_ADDR = 0x13,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_ADDR = 0x16,
    FW_CFG_SETUP_SIZE = 0x17,
    FW_CFG_SETUP_DATA = 0x18,
    FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20,
    FW_CFG_IRQ0_OVERRIDE = 0x8002,
    FW_CFG_HPET = 0x8004,
};

#define FW_CFG_FILE_SLOTS 0x20
#define FW_CFG_KEYS (FW_CFG_FILE_FIRST + FW_CFG_FILE_SLOTS)
#define FW_CFG_NAME_LEN 56
#define FW_CFG_DIR_ENTRY 64
#define FW_CFG_POOL 4096

struct fw_cfg_item {
    const u8 *data; /* not owned */
    u32 len;        /* bytes at `data` */
    u32 size;       /* bytes the item has; those from `len` on are zero */
};

struct fw_cfg_file {
    char name[FW_CFG_NAME_LEN];
    struct fw_cfg_item item;
};

struct fw_cfg {
    /* wiring */
    struct region region;     /* "fwcfg": selector and data port */
    struct region dma_region; /* "fwcfg.dma" */
    struct dma dma;
    struct log *log;
    struct fw_cfg_item item[2][FW_CFG_FILE_FIRST]; /* [architecture-local?][key] */
    struct fw_cfg_file file[FW_CFG_FILE_SLOTS];    /* sorted by name */
    unsigned files;
    u8 directory[4 + FW_CFG_DIR_ENTRY * FW_CFG_FILE_SLOTS];
    u8 pool[FW_CFG_POOL]; /* copies of small items */
    u32 pool_used;
    /* state */
    u16 selector;
    u32 offset;   /* of the next byte within the selected item */
    u64 dma_addr; /* guest-physical address of the transfer descriptor being written */
};

extern const struct state_table fw_cfg_state;

/* Makes the device with its signature, version and an empty directory; the regions are not yet placed. */
void fw_cfg_init(struct fw_cfg *s, struct dma dma, struct log *log);
void fw_cfg_reset(void *self);

/* Gives item `key` (an enum fw_cfg_key below FW_CFG_FILE_FIRST, architecture-local or not) its `len` bytes, which are
 * copied. Before the guest runs only. Returns false when there is no room left for the copy. */
bool fw_cfg_add(struct fw_cfg *s, u16 key, const void *data, u32 len);
/* The same without a copy: `data` outlives the device. */
void fw_cfg_add_bytes(struct fw_cfg *s, u16 key, const void *data, u32 len);
bool fw_cfg_add_u16(struct fw_cfg *s, u16 key, u16 value);
bool fw_cfg_add_u32(struct fw_cfg *s, u16 key, u32 value);
bool fw_cfg_add_u64(struct fw_cfg *s, u16 key, u64 value);

/* Adds a file of `size` bytes, of which the first `len` stand at `data` (which must outlive the device) and the others
 * are zero. Before the guest runs only. Returns false when the directory is full or the name is too long or taken. */
bool fw_cfg_add_file(struct fw_cfg *s, const char *name, const void *data, u32 len, u32 size);
/* The same with a copy of `len` bytes; false also when there is no room left for the copy. */
bool fw_cfg_add_file_copy(struct fw_cfg *s, const char *name, const void *data, u32 len);

/* The items below are what QEMU's pc gives to its firmware. */

#define E820_RAM 1
#define E820_RESERVED 2

struct e820_entry {
    u64 address, length; /* guest-physical, bytes */
    u32 type;            /* E820_… */
};

struct acpi_tables;
struct smbios;

struct fw_cfg_machine {
    u64 ram_size;   /* bytes, all of it */
    u16 cpus;       /* running at power-on */
    u16 max_cpus;   /* largest APIC ID there can be, plus one */
    bool nographic; /* the firmware shall not expect a screen */
    bool boot_menu; /* the firmware shall offer its boot menu */
    u8 uuid[16];    /* of the machine, all zero when it has none */
    u64 hpet_base;  /* guest-physical; 0: no HPET */
    const struct e820_entry *e820;
    unsigned e820_entries;
    const char *boot_order;         /* firmware device paths, one a line; NULL: none */
    s32 boot_fail_wait;             /* ms until a restart when nothing boots; -1: never */
    bool s3, s4;                    /* the sleep states that the power management knows besides S5 */
    const struct acpi_tables *acpi; /* built, must outlive the device; NULL: none */
    const struct smbios *smbios;    /* likewise */
};

/* Adds the items and files that describe machine `m`. Returns false when something did not fit. */
bool fw_cfg_add_machine(struct fw_cfg *s, const struct fw_cfg_machine *m);

#endif
