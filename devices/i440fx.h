/* i440fx.h: the 82441FX host bridge (PMC). See i440fx.c. */
#ifndef PCEMU_I440FX_H
#define PCEMU_I440FX_H

#include "pci.h"

/* Configuration registers (82441FX data sheet, section 3.2). */
enum i440fx_register {
    I440FX_PAM0 = 0x59, /* … PAM6 at 5F */
    I440FX_DRB0 = 0x60,
    I440FX_SMRAM = 0x72,
};

#define I440FX_PAM_REGISTERS 7
#define I440FX_PAM_SEGMENTS 13

/* One programmable segment of C0000 … FFFFF. The three aliases cover the same addresses; which are enabled, and for
 * which direction, follows RE and WE. */
struct i440fx_pam {
    u8 reg, shift;     /* the nibble that rules it */
    struct region ram; /* pam-ram: RE and WE, or the write half of WE alone */
    struct region rom; /* pam-rom: the read half of RE alone */
    struct region pci; /* pam-pci: whatever is not enabled goes to the bus */
};

struct i440fx {
    /* wiring */
    struct pci_device pci;
    struct pci_bus *bus;
    struct log *log;
    struct region conf_idx;     /* pci-conf-idx: 4 ports, CF8 */
    struct region conf_data;    /* pci-conf-data: 4 ports, CFC */
    struct region smram_region; /* A0000-BFFFF in `system`: the bus, unless SMRAM is open */
    struct region smram;        /* container: what SMM alone sees, for the CPU's SMM address space */
    struct region smram_low;    /* A0000-BFFFF of RAM in it */
    struct i440fx_pam pam[I440FX_PAM_SEGMENTS];

    /* state (besides pci) */
    u32 confadd; /* CONFADD, the register at CF8 */
};

/* The regions that the chip stands between; all outlive it. */
struct i440fx_memory {
    struct region *system; /* container: the CPU's physical space */
    struct region *ram;    /* pc.ram */
    struct region *pci;    /* container: the bus's memory space */
};

/* Puts function 00.0 on the bus, creates conf_idx and conf_data (not placed) and, in `system`, the PAM and SMRAM
 * windows, whose addresses are the chip's own. RAM that is smaller than a window simply is not there. */
void i440fx_init(struct i440fx *s, struct pci_bus *bus, const struct i440fx_memory *memory, struct log *log);
void i440fx_reset(void *self);
/* Sets all PAM registers, as the guest may have left them. */
void i440fx_set_pam(struct i440fx *s, const u8 pam[I440FX_PAM_REGISTERS]);
extern const struct state_table i440fx_state;

/* i440fx_pam.c */
void i440fx_pam_init(struct i440fx *s, const struct i440fx_memory *memory);
/* Enables the windows as PAM0 … PAM6 say. */
void i440fx_pam_update(struct i440fx *s);

#endif
