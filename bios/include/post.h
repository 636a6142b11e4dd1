/* post.h: what the files of POST (32-bit flat mode) offer each other. Addresses are linear = physical unless said. */
#ifndef BIOS_POST_H
#define BIOS_POST_H

#include "areas.h"
#include "bregs.h"
#include "far.h"
#include "io.h"

#define LOW ((struct low *)(LOW_BASE + LOW_VARS))
#define FSEG ((struct fseg *)(BIOS_BASE + FSEG_VARS))
#define BDA ((struct bda *)(SEG_BDA * 16))
#define IVT ((volatile u32 *)0)

/* ---- lib.c ---- */
void *memset(void *to, int v, size_t n);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
u8 checksum(const void *data, size_t n); /* the sum of the bytes */
void console_init(bool screen);          /* from now on print() writes to the screen, too */
void console_cursor(unsigned row, unsigned column);
void print(const char *format, ...); /* %s %d %u %x %08x %c; to the screen and to the debug port */
void debug(const char *format, ...); /* to the debug port alone */
unsigned format_text(char *to, unsigned room, const char *format, ...);

/* ---- call16.c ---- */
void call16_far(struct bregs *r, u16 seg, u16 off, bool big); /* loads r, calls what ends in RETF, stores r */
void call16_int(struct bregs *r, u8 vector);                  /* the same as software interrupt */
void jump16(u32 eax, u16 seg, u16 off) __attribute__((noreturn));

/* ---- memory.c, e820.c ---- */
enum zone { ZONE_LOW, ZONE_FSEG, ZONE_HIGH, ZONE_TMP_LOW, ZONE_TMP_HIGH, ZONES };
void memory_find(void);                                           /* how much RAM there is */
u32 memory_mib(void);                                             /* all of it */
void memory_init_zones(void);                                     /* after low memory and the F segment are writable */
void *memory_alloc(enum zone z, u32 size, u32 align, u32 handle); /* NULL: no room. Zeroed. */
bool memory_free(void *p);                                        /* false: nobody's */
void *memory_by_handle(u32 handle);                               /* NULL: unknown */
u32 memory_largest(enum zone z);                                  /* bytes of the largest block that is free */
void memory_close(void); /* end of POST: gives back what is left of the high zone */
static inline void *malloc_low(u32 n)
{
    return memory_alloc(ZONE_LOW, n, 16, ~0u);
}
static inline void *malloc_fseg(u32 n)
{
    return memory_alloc(ZONE_FSEG, n, 16, ~0u);
}
static inline void *malloc_high(u32 n)
{
    return memory_alloc(ZONE_HIGH, n, 16, ~0u);
}
static inline void *malloc_tmp(u32 n)
{
    void *p = memory_alloc(ZONE_TMP_HIGH, n, 16, ~0u);
    return p ? p : memory_alloc(ZONE_TMP_LOW, n, 16, ~0u);
}
void e820_add(u64 base, u64 length, u32 type); /* over what was there; type 0: nothing */

/* ---- shadow.c ---- */
bool shadow_open(void);    /* all of C0000-FFFFF is RAM that can be written, the F segment a copy of the ROM */
void shadow_close(void);   /* as it stays at run time: ROMs can't be written, low memory can */
void shadow_restore(void); /* after a reset: as shadow_close() left it */
bool low_grow(u32 base);   /* low memory shall start at `base` (16 KiB steps); false: there are ROMs, or no PAM */
extern bool have_pam;

/* ---- fwcfg.c ---- */
bool fwcfg_init(void);
bool fwcfg_present(void);
bool fwcfg_item(u16 key, void *to, u32 size); /* false: no such device */
struct fwcfg_file {
    u32 size;
    u16 key;
    char name[56];
};
bool fwcfg_find(const char *name, struct fwcfg_file *file);
bool fwcfg_file_at(unsigned n, struct fwcfg_file *file); /* the n-th; false: there are not so many */
void fwcfg_read(const struct fwcfg_file *file, void *to, u32 size);

/* ---- chips.c, i8042 in kbd_init.c ---- */
void chips_init(void);   /* PICs, PIT, DMA, RTC */
void chips_resume(void); /* without the RTC */
void keyboard_start(void);
void keyboard_finish(void);
void ports_init(void); /* serial, parallel */
void clock_set_ticks(void);
void udelay(u32 us);

/* ---- pci*.c ---- */
struct pci_fn {
    u16 bdf, vendor, device, class;
    u8 prog_if, header, revision, secondary;
    u32 rom; /* where its ROM BAR was put, 0: has none */
    u32 rom_size;
    bool has_rom_run;
};
#define PCI_MAX 64
extern struct pci_fn pci_fns[PCI_MAX];
extern unsigned pci_count;
u32 pci_read32(u16 bdf, u8 reg);
u16 pci_read16(u16 bdf, u8 reg);
u8 pci_read8(u16 bdf, u8 reg);
void pci_write32(u16 bdf, u8 reg, u32 v);
void pci_write16(u16 bdf, u8 reg, u16 v);
void pci_write8(u16 bdf, u8 reg, u8 v);
void pci_enumerate(void);
void pci_assign(void);
#define NO_FUNCTION 0xffffffffu
u32 pci_next(u32 bdf);      /* the first one after NO_FUNCTION */
u32 pci_find_bdf(u32 id);   /* device << 16 | vendor */
void pci_setup_chips(void); /* the PIIX's own registers, interrupt lines, power management */
#define PCI_BDF(bus, dev, fn) ((u16)((bus) << 8 | (dev) << 3 | (fn)))

/* ---- tables ---- */
void acpi_init(void);
u32 acpi_rsdp(void); /* 0: none */
u32 acpi_own(void);  /* tables of the firmware's own; returns the RSDP's address, 0: no room */
void smbios_init(void);
void mptable_init(void);
void pirtable_init(void);
void bios32_init(void);
extern u32 pnp_address; /* linear, of the PnP installation structure */
void pnp_init(void);
void pmm_init(void);
void pmm_close(void);

/* ---- processors ---- */
#define CPUID_APIC BIT(9)
bool cpu_feature(u32 bit);        /* of CPUID leaf 1, EDX */
u32 cpu_signature(u32 *features); /* EAX and EDX of that */
extern u8 apic_ids[256];          /* of the processors that answered, the first one's first */
void mtrr_init(void);
void mtrr_copy(void); /* on another processor */
void smp_init(void);
void smm_init(void);
void ap_main(void);

/* ---- drives.c, optionrom.c, boot.c, menu.c ---- */
void drives_find(void);
void sercon_init(void);
void option_roms_save(void);    /* before the shadow is opened: ROMs on the bus */
void option_roms_restore(void); /* and after it */
void option_rom_vga(void);
void option_roms_run(void);
u32 option_roms_end(void);
void boot_order(void);
void boot_menu(void);
void boot_main(u32 failed) __attribute__((noreturn));
/* `path`: what the machine's boot order may call it: an Open Firmware device path, where * stands for a name. */
void boot_add(const struct boot_entry *e, const char *path);
void boot_cd(u8 drive, u8 number); /* index, and int 13h number */
void boot_name(const struct boot_entry *e, char *to, unsigned room);
void post_main(void) __attribute__((noreturn));
void resume_main(u32 code) __attribute__((noreturn));
u32 pmm_main(void *arguments);

#define BIOS_VERSION "0.1"

#endif
