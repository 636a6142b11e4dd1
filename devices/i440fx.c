/* i440fx.c: Intel 82441FX PCI and Memory Controller (PMC), the host bridge of the 440FX PCIset: configuration mechanism
 * #1 (ports CF8, CFC), memory attribute map (i440fx_pam.c), SMRAM. Data sheet: 82441FX/82442FX, order no. 290549.
 * Reset values and identity are those of QEMU's `pc`.
 * Not modelled: DRAM timing and row boundary registers (they store), the closing of SMRAM to data while code is fetched
 * from it (D_CLS), memory gap (FDHC), error reporting, configuration cycles to buses behind bridges. */
#include "i440fx.h"

#define CONFADD_ENABLE BIT(31)
#define CONFADD_WRITABLE 0x80fffffcu /* section 3.1.1: CONE, bus, device, function, register */

/* SMRAM, section 3.2.24 */
#define SMRAM_C_BASE_SEG 0x02u
#define SMRAM_G_SMRAME 0x08u
#define SMRAM_D_LCK 0x10u
#define SMRAM_D_CLS 0x20u
#define SMRAM_D_OPEN 0x40u
#define SMRAM_BASE 0xa0000u
#define SMRAM_SIZE 0x20000u
#define SMRAM_SPACE (4 * GIB)

/* ---- CF8 and CFC ---- */

/* CONFADD answers to dwords alone; bytes and words at CF8 … CFB go on to the bus, where nobody takes them (CF9 has a
 * region of its own above this one). */
static u64 conf_idx_read(void *dev, u64 offset, unsigned size)
{
    const struct i440fx *s = dev;
    return offset == 0 && size == 4 ? s->confadd : low_bytes(UINT64_MAX, size);
}

static void conf_idx_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i440fx *s = dev;
    if (offset == 0 && size == 4)
        s->confadd = (u32)value & CONFADD_WRITABLE;
}

static bool selected(const struct i440fx *s, u8 *devfn, unsigned *reg)
{
    *devfn = (u8)(s->confadd >> 8);
    *reg = s->confadd & 0xfc;
    return (s->confadd & CONFADD_ENABLE) && (s->confadd >> 16 & 0xff) == 0;
}

static u64 conf_data_read(void *dev, u64 offset, unsigned size)
{
    struct i440fx *s = dev;
    u8 devfn;
    unsigned reg;
    if (!selected(s, &devfn, &reg))
        return low_bytes(UINT64_MAX, size);
    return pci_config_read(s->bus, devfn, reg + (unsigned)offset, size);
}

static void conf_data_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i440fx *s = dev;
    u8 devfn;
    unsigned reg;
    if (selected(s, &devfn, &reg))
        pci_config_write(s->bus, devfn, reg + (unsigned)offset, (u32)value, size);
}

/* No limit on sizes: the width of an access is part of its meaning. */
static const struct region_ops conf_idx_ops = { .read = conf_idx_read, .write = conf_idx_write };
static const struct region_ops conf_data_ops = { .read = conf_data_read, .write = conf_data_write, .max_size = 4 };

/* ---- SMRAM ---- */

static void smram_init(struct i440fx *s, const struct i440fx_memory *memory)
{
    region_init_alias(&s->smram_region, "smram-region", memory->pci, SMRAM_BASE, SMRAM_SIZE);
    region_add(memory->system, SMRAM_BASE, &s->smram_region, 1);
    region_init_container(&s->smram, "smram", SMRAM_SPACE);
    region_init_alias(&s->smram_low, "smram-low", memory->ram, SMRAM_BASE, SMRAM_SIZE);
    region_add(&s->smram, SMRAM_BASE, &s->smram_low, 0);
}

/* D_OPEN shows the RAM to everyone; G_SMRAME shows it to SMM. Without G_SMRAME D_OPEN has no effect by the data sheet;
 * firmware sets both. */
static void smram_update(struct i440fx *s)
{
    u8 v = s->pci.config[I440FX_SMRAM];
    bool enabled = v & SMRAM_G_SMRAME, open = enabled && (v & SMRAM_D_OPEN);
    if (s->smram_region.enabled != !open)
        region_set_enabled(&s->smram_region, !open);
    if (s->smram.enabled != enabled)
        region_set_enabled(&s->smram, enabled);
}

/* Section 3.2.24: D_LCK, once set, clears D_OPEN and freezes itself, D_OPEN, G_SMRAME and C_BASE_SEG until reset. */
static void smram_written(struct i440fx *s)
{
    u8 *v = &s->pci.config[I440FX_SMRAM];
    if (*v & SMRAM_D_LCK) {
        *v &= (u8)~SMRAM_D_OPEN;
        s->pci.writable[I440FX_SMRAM] = SMRAM_D_CLS;
    }
    if (*v & SMRAM_D_CLS)
        log_unimp(s->log, "i440fx", "SMRAM.D_CLS: data accesses of SMM still reach SMRAM");
    smram_update(s);
}

/* ---- the function ---- */

static void config_written(void *self, unsigned offset, unsigned size)
{
    struct i440fx *s = self;
    if (offset < I440FX_PAM0 + I440FX_PAM_REGISTERS && offset + size > I440FX_PAM0)
        i440fx_pam_update(s);
    if (offset <= I440FX_SMRAM && offset + size > I440FX_SMRAM)
        smram_written(s);
}

#define RAM_UNIT (8 * MIB)

/* Section 3.2: registers that the guest can set; those that pcemu does not act upon are stored. */
static void declare_registers(struct pci_device *d, u64 ram)
{
    u8 ram_units = (u8)(ram / RAM_UNIT < UINT8_MAX ? ram / RAM_UNIT : UINT8_MAX);
    pci_declare(d, 0x50, 2, 0x0000, 0xffff);  /* PMCCFG */
    pci_declare(d, 0x52, 1, 0x00, 0xff);      /* DETURBO */
    pci_declare(d, 0x53, 1, 0x00, 0x80);      /* DBC */
    pci_declare(d, 0x54, 2, 0x0000, 0xffff);  /* AXC */
    pci_declare(d, 0x56, 1, 0x00, 0xff);      /* DRAMR */
    pci_declare(d, 0x57, 1, ram_units, 0xff); /* DRAMC: QEMU's board tells coreboot here how much RAM there is */
    pci_declare(d, 0x58, 1, 0x00, 0xff);      /* DRAMT */
    pci_declare(d, 0x59, 1, 0x00, 0x30);      /* PAM0: F0000; its low nibble is reserved */
    for (unsigned i = 1; i < I440FX_PAM_REGISTERS; i++)
        pci_declare(d, I440FX_PAM0 + i, 1, 0x00, 0x33);
    pci_declare(d, I440FX_DRB0, 4, 0, UINT32_MAX);
    pci_declare(d, I440FX_DRB0 + 4, 4, 0, UINT32_MAX);
    pci_declare(d, 0x68, 1, 0x00, 0xc0); /* FDHC */
    pci_declare(d, 0x70, 1, 0x00, 0xff); /* MTT */
    pci_declare(d, 0x71, 1, 0x00, 0xff); /* CLT */
    pci_declare(d, I440FX_SMRAM, 1, SMRAM_C_BASE_SEG, SMRAM_D_OPEN | SMRAM_D_CLS | SMRAM_D_LCK | SMRAM_G_SMRAME);
    pci_declare(d, 0x90, 1, 0x00, 0xff); /* ERRCMD */
    pci_declare(d, 0x93, 1, 0x00, 0x00); /* TRC: see piix3.c for CF9 */
}

void i440fx_init(struct i440fx *s, struct pci_bus *bus, const struct i440fx_memory *memory, struct log *log)
{
    static const struct pci_id id = { .vendor = 0x8086, .device = 0x1237, .revision = 0x02, .class_code = 0x060000 };
    memset(s, 0, sizeof(*s));
    s->bus = bus;
    s->log = log;
    pci_device_init(&s->pci, bus, PCI_DEVFN(0, 0), "i440FX", &id);
    declare_registers(&s->pci, region_size(memory->ram));
    s->pci.config_written = config_written;
    s->pci.self = s;
    region_init_io(&s->conf_idx, "pci-conf-idx", 4, &conf_idx_ops, s);
    region_init_io(&s->conf_data, "pci-conf-data", 4, &conf_data_ops, s);
    smram_init(s, memory);
    i440fx_pam_init(s, memory);
    i440fx_reset(s);
}

/* Wherever the lock was set it is derived from the register itself. */
static void refresh(struct i440fx *s)
{
    bool locked = s->pci.config[I440FX_SMRAM] & SMRAM_D_LCK;
    s->pci.writable[I440FX_SMRAM] = locked ? SMRAM_D_CLS : SMRAM_D_OPEN | SMRAM_D_CLS | SMRAM_D_LCK | SMRAM_G_SMRAME;
    smram_update(s);
    i440fx_pam_update(s);
}

void i440fx_reset(void *self)
{
    struct i440fx *s = self;
    pci_device_reset(&s->pci);
    s->confadd = 0;
    refresh(s);
}

void i440fx_set_pam(struct i440fx *s, const u8 pam[I440FX_PAM_REGISTERS])
{
    memcpy(s->pci.config + I440FX_PAM0, pam, I440FX_PAM_REGISTERS);
    i440fx_pam_update(s);
}

static bool post_load(void *self)
{
    struct i440fx *s = self;
    pci_device_post_load(&s->pci);
    refresh(s);
    return true;
}

static const struct state_field i440fx_fields[] = { STATE_STRUCT(struct i440fx, pci, pci_device_fields),
                                                    STATE(struct i440fx, confadd), STATE_END };
const struct state_table i440fx_state = { "i440fx", 1, i440fx_fields, post_load };
