/* piix4_pm.c: power management function of the Intel 82371AB (PIIX4): ACPI fixed registers (PM1 event and control, PM
 * timer), SCI, soft off, APM control ports with SMI, general purpose events of the board, SMBus (pm_smbus.c). Data
 * sheet order no. 290562, sections 7.1 and 7.2; ACPI 3.0, section 4.7. Reset values, ACPI enable and disable by the APM
 * port, GPE block and the codes of SLP_TYP are those of QEMU's `pc`.
 * As there: SCI is raised whether or not SCI_EN is set, SMI at APMC is gated by DEVACTB.APMC_EN alone (not by
 * GLBCTL.SMI_EN), and ACPI enable/disable never reaches SMM.
 * Suspend to RAM is the machine's to do.
 * Not modelled: suspend to S1 and S2, device and bus activity monitors, clock throttling, general purpose pins, SMI
 * from any other source; their registers store, and what would have an effect is logged. */
#include "piix4_pm.h"

enum config_register {
    PMBASE = 0x40,
    DEVACTB = 0x58,
    DEVRESA = 0x5c,
    DEVRESB = 0x60,
    DEVRESC = 0x64,
    PMREGMISC = 0x80,
    SMBBA = 0x90,
    SMBHSTCFG = 0xd2,
};
#define BASE_MASK 0xffc0u
#define PMREGMISC_PMIOSE 0x01u
#define SMBHSTCFG_SMB_HST_EN 0x01u
#define DEVACTB_APMC_EN BIT(25)

enum io_register {
    PMTMR = 0x08,
    GPSTS = 0x0c,
    GPEN = 0x0e,
    PCNTRL = 0x10,
    PLVL2 = 0x14,
    PLVL3 = 0x15,
    GLBSTS = 0x18,
    DEVSTS = 0x1c,
    GLBEN = 0x20,
    GLBCTL = 0x28,
    DEVCTL = 0x2c,
    GPOREG = 0x34,
};

/* PMSTS, PMEN (PM1a event block) */
#define TMROF 0x0001u
#define GBL 0x0020u
#define PWRBTN 0x0100u
#define RTC 0x0400u
#define PMSTS_WRITE_ONE_CLEARS 0x8d31u /* with BM, THRMOR and RSM */
#define PMEN_WRITABLE (TMROF | GBL | PWRBTN | RTC)
#define RSM 0x8000u /* ACPI's WAK_STS */
#define SCI_SOURCES (TMROF | GBL | PWRBTN | RTC)
/* PMCNTRL */
#define SCI_EN 0x0001u
#define SUS_TYP_SHIFT 10
#define SUS_EN 0x2000u
#define PMCNTRL_STORED 0x1c03u
/* SUS_TYP as the machine's ACPI tables use it */
enum suspend_type { SUS_SOFT_OFF = 0, SUS_TO_RAM = 1, SUS_TO_DISK = 2, SUS_WORKING = 5 };

#define PMTMR_HZ 3579545u
#define PMTMR_MASK 0xffffffu
#define PMTMR_HALF 0x800000u

#define GLBSTS_APM_STS 0x20u
#define APM_ACPI_ENABLE 0xf1u
#define APM_ACPI_DISABLE 0xf0u

static const char who[] = "piix4_pm";

/* ---- SCI ---- */

static void update_sci(struct piix4_pm *s)
{
    bool level = (s->pmsts & s->pmen & SCI_SOURCES) || (s->gpe_sts[0] & s->gpe_en[0]) || (s->gpe_sts[1] & s->gpe_en[1]);
    irq_set(&s->out.sci, level);
}

void piix4_pm_power_button(struct piix4_pm *s)
{
    s->pmsts |= PWRBTN;
    update_sci(s);
}

/* ---- PM timer: 24 bits, always running; a change of bit 23 sets TMROF_STS ---- */

static u64 ticks(const struct piix4_pm *s)
{
    return muldiv64(clock_now(s->clock), PMTMR_HZ, NS_PER_SEC);
}

static void start_overflow(struct piix4_pm *s)
{
    u64 next = (ticks(s) | (PMTMR_HALF - 1)) + 1;
    timer_set(&s->overflow, muldiv64(next, NS_PER_SEC, PMTMR_HZ) + 1);
}

static void overflow(void *self)
{
    struct piix4_pm *s = self;
    s->pmsts |= TMROF;
    start_overflow(s);
    update_sci(s);
    s->out.timer(s->out.machine);
}

static u64 tmr_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return (ticks(dev) & PMTMR_MASK) >> (8 * offset);
}

/* ---- PM1 event and control ---- */

static u64 evt_read(void *dev, u64 offset, unsigned size)
{
    const struct piix4_pm *s = dev;
    (void)size;
    return ((u32)s->pmen << 16 | s->pmsts) >> (8 * offset);
}

/* `value` holds the written bytes in their place in PMSTS (low word) and PMEN; `mask` says which they are. */
static void evt_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix4_pm *s = dev;
    u32 mask = (u32)(low_bytes(UINT32_MAX, size) << (8 * offset)), v = (u32)(value << (8 * offset)) & mask;
    s->pmsts &= (u16) ~(v & PMSTS_WRITE_ONE_CLEARS);
    s->pmen = (u16)(((s->pmen & ~(mask >> 16)) | v >> 16) & PMEN_WRITABLE);
    update_sci(s);
}

static void suspend(struct piix4_pm *s)
{
    unsigned type = s->pmcntrl >> SUS_TYP_SHIFT & 7;
    switch (type) {
    case SUS_SOFT_OFF:
    case SUS_TO_DISK:
        s->out.power_off(s->out.machine);
        break;
    case SUS_WORKING:
        break;
    case SUS_TO_RAM:
        s->out.suspend(s->out.machine);
        break;
    default:
        log_unimp(s->log, who, "suspend type %u: the machine goes on", type);
        break;
    }
}

static u64 cnt_read(void *dev, u64 offset, unsigned size)
{
    const struct piix4_pm *s = dev;
    (void)size;
    return (u64)s->pmcntrl >> (8 * offset);
}

static void cnt_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix4_pm *s = dev;
    u32 mask = (u32)(low_bytes(UINT16_MAX, size) << (8 * offset)), v = (u32)(value << (8 * offset)) & mask;
    s->pmcntrl = (u16)(((s->pmcntrl & ~mask) | v) & PMCNTRL_STORED);
    if (v & SUS_EN)
        suspend(s);
}

static u16 wake_bit(enum piix4_wake by)
{
    return by == PIIX4_WAKE_RTC ? RTC : by == PIIX4_WAKE_TIMER ? TMROF : PWRBTN;
}

bool piix4_pm_wakes(const struct piix4_pm *s, enum piix4_wake by)
{
    return by == PIIX4_WAKE_BUTTON || s->pmen & wake_bit(by);
}

void piix4_pm_woke(struct piix4_pm *s, enum piix4_wake by)
{
    s->pmsts |= RSM | wake_bit(by);
    update_sci(s);
}

/* ---- the rest of the port block ---- */

/* Bits that store what is written, register by register (section 7.2). */
static const u8 misc_writable[PIIX4_PM_PORTS] = {
    [GPEN] = 0x01,       [GPEN + 1] = 0x0f,   [PCNTRL] = 0x1e,     [PCNTRL + 1] = 0x3e, [PCNTRL + 2] = 0x07,
    [GLBEN] = 0x07,      [GLBEN + 1] = 0x0d,  [GLBCTL] = 0xff,     [GLBCTL + 1] = 0xff, [GLBCTL + 2] = 0xff,
    [GLBCTL + 3] = 0x07, [DEVCTL] = 0xff,     [DEVCTL + 1] = 0xff, [DEVCTL + 2] = 0xff, [DEVCTL + 3] = 0x0f,
    [GPOREG] = 0xff,     [GPOREG + 1] = 0xff, [GPOREG + 2] = 0xff, [GPOREG + 3] = 0x7f,
};

static u64 misc_read(void *dev, u64 offset, unsigned size)
{
    const struct piix4_pm *s = dev;
    (void)size;
    if (offset == PLVL2 || offset == PLVL3)
        log_unimp(s->log, who, "processor power state C%u", offset == PLVL2 ? 2u : 3u);
    return s->misc[offset % PIIX4_PM_PORTS];
}

static void misc_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix4_pm *s = dev;
    u8 *r = &s->misc[offset % PIIX4_PM_PORTS], w = misc_writable[offset % PIIX4_PM_PORTS];
    (void)size;
    if (offset == GLBSTS)
        *r &= (u8) ~(value & GLBSTS_APM_STS);
    *r = (u8)((*r & ~w) | (value & w));
    if (offset == PCNTRL && (value & 0x10))
        log_unimp(s->log, who, "clock throttling (PCNTRL.THT_EN)");
    if ((offset == GLBEN || offset == GLBEN + 1 || offset == DEVCTL) && *r)
        log_unimp(s->log, who, "SMI source enabled at %02x: %02x", (unsigned)offset, *r);
}

/* ---- general purpose events: no source is connected ---- */

static u64 gpe_read(void *dev, u64 offset, unsigned size)
{
    const struct piix4_pm *s = dev;
    (void)size;
    return offset < 2 ? s->gpe_sts[offset] : s->gpe_en[offset & 1];
}

static void gpe_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix4_pm *s = dev;
    (void)size;
    if (offset < 2)
        s->gpe_sts[offset] &= (u8)~value;
    else
        s->gpe_en[offset & 1] = (u8)value;
    update_sci(s);
}

/* ---- APM ports ---- */

static u64 apm_read(void *dev, u64 offset, unsigned size)
{
    const struct piix4_pm *s = dev;
    (void)size;
    return offset ? s->apms : s->apmc;
}

static void apmc_written(struct piix4_pm *s)
{
    if (s->apmc == APM_ACPI_ENABLE) {
        s->pmcntrl |= SCI_EN;
    } else if (s->apmc == APM_ACPI_DISABLE) {
        s->pmcntrl &= (u16)~SCI_EN;
    } else if (pci_get(&s->pci, DEVACTB, 4) & DEVACTB_APMC_EN) {
        s->misc[GLBSTS] |= GLBSTS_APM_STS;
        s->out.smi(s->out.machine);
    }
}

static void apm_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct piix4_pm *s = dev;
    (void)size;
    if (offset) {
        s->apms = (u8)value;
        return;
    }
    s->apmc = (u8)value;
    apmc_written(s);
}

/* ---- placing ---- */

static void place(struct region *r, u32 base, bool enabled)
{
    if (!enabled)
        region_set_enabled(r, false);
    region_set_addr(r, base & BASE_MASK);
    if (enabled)
        region_set_enabled(r, true);
}

static void update_places(struct piix4_pm *s)
{
    const struct pci_device *d = &s->pci;
    place(&s->io, pci_get(d, PMBASE, 2), d->config[PMREGMISC] & PMREGMISC_PMIOSE);
    place(&s->smbus.io, pci_get(d, SMBBA, 2), d->config[SMBHSTCFG] & SMBHSTCFG_SMB_HST_EN);
}

static void config_written(void *self, unsigned offset, unsigned size)
{
    (void)offset, (void)size;
    update_places(self);
}

/* ---- the function ---- */

static const struct region_ops io_ops = { .read = misc_read, .write = misc_write, .max_size = 1 };
static const struct region_ops evt_ops = { .read = evt_read, .write = evt_write, .max_size = 4 };
static const struct region_ops cnt_ops = { .read = cnt_read, .write = cnt_write, .max_size = 2 };
static const struct region_ops tmr_ops = { .read = tmr_read, .max_size = 4 };
static const struct region_ops gpe_ops = { .read = gpe_read, .write = gpe_write, .max_size = 1 };
static const struct region_ops apm_ops = { .read = apm_read, .write = apm_write, .max_size = 1 };

static void init_regions(struct piix4_pm *s, struct region *ports)
{
    region_init_io(&s->io, "piix4-pm", PIIX4_PM_PORTS, &io_ops, s);
    region_init_io(&s->evt, "acpi-evt", 4, &evt_ops, s);
    region_init_io(&s->cnt, "acpi-cnt", 2, &cnt_ops, s);
    region_init_io(&s->tmr, "acpi-tmr", 4, &tmr_ops, s);
    region_init_io(&s->gpe0, "acpi-gpe0", 4, &gpe_ops, s);
    region_init_io(&s->apm, "apm-io", 2, &apm_ops, s);
    region_add(&s->io, 0, &s->evt, 0);
    region_add(&s->io, 4, &s->cnt, 0);
    region_add(&s->io, PMTMR, &s->tmr, 0);
    region_set_enabled(&s->io, false);
    region_set_enabled(&s->smbus.io, false);
    region_add(ports, 0, &s->io, 0);
    region_add(ports, 0, &s->smbus.io, 0);
}

static void declare_registers(struct pci_device *d)
{
    pci_declare(d, PCI_STATUS, 2, PCI_STATUS_DEVSEL_MEDIUM | PCI_STATUS_FAST_BACK, 0);
    pci_declare(d, PMBASE, 4, 0x00000001, BASE_MASK);
    for (unsigned r = 0x44; r < PMREGMISC; r += 4) /* CNTA … DEVRESJ */
        pci_declare(d, r, 4, 0, UINT32_MAX);
    pci_declare(d, DEVRESA, 4, 0x90000000, UINT32_MAX);
    pci_declare(d, DEVRESB, 4, 0x60000000, UINT32_MAX);
    pci_declare(d, DEVRESC, 4, 0x08000000, UINT32_MAX);
    pci_declare(d, PMREGMISC, 1, 0, PMREGMISC_PMIOSE);
    pci_declare(d, SMBBA, 4, 0x0000b101, BASE_MASK);
    pci_declare(d, SMBHSTCFG, 1, 0x09, 0x0f);
    pci_declare(d, SMBHSTCFG + 1, 1, 0, 0xff); /* SMBSLVC and the slave's shadow addresses */
    pci_declare(d, SMBHSTCFG + 2, 2, 0, 0xffff);
}

void piix4_pm_init(struct piix4_pm *s, struct pci_bus *bus, u8 devfn, struct clock *clock,
                   const struct piix4_pm_outputs *out, struct log *log)
{
    static const struct pci_id id = {
        .vendor = 0x8086, .device = 0x7113, .revision = 0x03, .class_code = 0x068000, .interrupt_pin = 1
    };
    memset(s, 0, sizeof(*s));
    s->clock = clock;
    s->log = log;
    s->out = *out;
    pci_device_init(&s->pci, bus, devfn, "PIIX4_PM", &id);
    declare_registers(&s->pci);
    s->pci.config_written = config_written;
    s->pci.self = s;
    pm_smbus_init(&s->smbus, log);
    init_regions(s, bus->io);
    timer_init(&s->overflow, clock, "piix4_pm", 0, overflow, s);
    piix4_pm_reset(s);
}

void piix4_pm_reset(void *self)
{
    struct piix4_pm *s = self;
    pci_device_reset(&s->pci);
    s->pmsts = s->pmen = s->pmcntrl = 0;
    memset(s->misc, 0, sizeof(s->misc));
    memset(s->gpe_sts, 0, sizeof(s->gpe_sts));
    memset(s->gpe_en, 0, sizeof(s->gpe_en));
    s->apmc = s->apms = 0;
    pm_smbus_reset(&s->smbus);
    update_places(s);
    start_overflow(s);
    update_sci(s);
}

static bool post_load(void *self)
{
    struct piix4_pm *s = self;
    pci_device_post_load(&s->pci);
    update_places(s);
    return true;
}

static const struct state_field piix4_pm_fields[] = { STATE_STRUCT(struct piix4_pm, pci, pci_device_fields),
                                                      STATE(struct piix4_pm, pmsts),
                                                      STATE(struct piix4_pm, pmen),
                                                      STATE(struct piix4_pm, pmcntrl),
                                                      STATE_BYTES(struct piix4_pm, misc),
                                                      STATE_BYTES(struct piix4_pm, gpe_sts),
                                                      STATE_BYTES(struct piix4_pm, gpe_en),
                                                      STATE(struct piix4_pm, apmc),
                                                      STATE(struct piix4_pm, apms),
                                                      STATE_STRUCT(struct piix4_pm, smbus, pm_smbus_fields),
                                                      STATE_TIMER(struct piix4_pm, overflow),
                                                      STATE_END };
const struct state_table piix4_pm_state = { "piix4_pm", 1, piix4_pm_fields, post_load };
