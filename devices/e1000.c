/* e1000.c: the Intel 82540EM gigabit Ethernet controller as a PCI function: its register windows, option ROM, reset and
 * state. Intel, PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual (317453). The parts:
 * e1000_regs (register file), e1000_eeprom, e1000_phy, e1000_irq, e1000_rx with _filter, _rxsum and _fifo, e1000_tx
 * with _offload, e1000_stats. As the card of QEMU's `pc` it has no capabilities in configuration space and no flash
 * BAR. All that the guest can point at memory goes by pci.dma, which reaches RAM alone; nothing of the card runs within
 * itself: register writes set timers, and the timers' steps are bounded.
 * Not modelled: power management and wake-up (their registers are memory), management (ASF), flash, the TBI interface
 * of other members of the family, registers of other members (the log names each that is met). */
#include "e1000_regs.h"

#include <stdio.h>

#define ROM_MAX_SIZE (16 * MIB)
#define ROM_MIN_SIZE 0x800u /* PCI 2.1, 6.2.5.2 */

#define IOADDR 0
#define IODATA 4

/* ---- the window of 64 ports (section 13.2.2): an address, and the register there ---- */

static u64 port_read(void *dev, u64 offset, unsigned size)
{
    struct e1000 *s = dev;
    if (offset == IOADDR)
        return s->io_addr;
    if (offset == IODATA && s->io_addr < E1000_MMIO_SIZE)
        return e1000_mmio_read(s, s->io_addr, size);
    log_guest(s->log, s->pci.name, "read of port %02x with IOADDR %08x", (unsigned)offset, s->io_addr);
    return 0;
}

static void port_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct e1000 *s = dev;
    if (offset == IOADDR)
        s->io_addr = (u32)value;
    else if (offset == IODATA && s->io_addr < E1000_MMIO_SIZE)
        e1000_mmio_write(s, s->io_addr, value, size);
    else
        log_guest(s->log, s->pci.name, "write of port %02x with IOADDR %08x", (unsigned)offset, s->io_addr);
}

/* ---- building ---- */

static bool rom_init(struct e1000 *s, const struct e1000_config *config)
{
    u64 size = ROM_MIN_SIZE;
    if (config->rom_size > ROM_MAX_SIZE) {
        log_host(config->log, s->pci.name, "ROM of %zu bytes is larger than 16 MiB", config->rom_size);
        return false;
    }
    while (size < config->rom_size)
        size *= 2;
    if (!region_init_rom(&s->rom, "e1000.rom", size, config->pool))
        return false;
    memcpy(s->rom.host, config->rom, config->rom_size);
    return true;
}

/* Bus mastering may have been switched on. */
static void config_written(void *self, unsigned offset, unsigned size)
{
    struct e1000 *s = self;
    if (offset > PCI_COMMAND || offset + size <= PCI_COMMAND || !pci_bus_master(&s->pci))
        return;
    e1000_tx_wake(s);
    e1000_rx_wake(s);
}

static void init_function(struct e1000 *s, const struct e1000_config *config)
{
    static const struct pci_id id = {
        .vendor = 0x8086, .device = 0x100e, .revision = 3, .class_code = 0x020000, .interrupt_pin = 1
    };
    static const struct region_ops mmio = { e1000_mmio_read, e1000_mmio_write, 4, 4 };
    static const struct region_ops ports = { port_read, port_write, 4, 4 };
    pci_device_init(&s->pci, config->bus, config->devfn, "e1000", &id);
    s->pci.config_written = config_written;
    s->pci.self = s;
    region_init_io(&s->mmio, "e1000-mmio", E1000_MMIO_SIZE, &mmio, s);
    region_init_io(&s->io, "e1000-io", E1000_PORTS, &ports, s);
    pci_add_bar(&s->pci, 0, PCI_BAR_MEM, &s->mmio);
    pci_add_bar(&s->pci, 1, PCI_BAR_IO, &s->io);
}

static void init_timers(struct e1000 *s, unsigned number)
{
    const struct {
        struct timer *timer;
        const char *what;
        void (*fire)(void *self);
    } timers[E1000_TIMERS] = {
        { &s->autoneg, "link", e1000_phy_timer },    { &s->tx_timer, "transmit", e1000_tx_timer },
        { &s->rx_timer, "receive", e1000_rx_timer }, { &s->itr, "ITR", e1000_itr_timer },
        { &s->rxt0, "RXT0", e1000_rxt0_timer },      { &s->txdw, "TXDW", e1000_txdw_timer },
    };
    for (unsigned i = 0; i < E1000_TIMERS; i++) {
        snprintf(s->timer_name[i], sizeof s->timer_name[i], "e1000.%u %s", number, timers[i].what);
        timer_init(timers[i].timer, s->clock, s->timer_name[i], 0, timers[i].fire, s);
    }
}

bool e1000_init(struct e1000 *s, const struct e1000_config *config)
{
    memset(s, 0, sizeof *s);
    s->clock = config->clock;
    s->log = config->log;
    s->net = config->net;
    s->cable = config->net.send;
    init_function(s, config);
    if (config->rom) {
        if (!rom_init(s, config))
            return false;
        pci_add_bar(&s->pci, PCI_ROM_SLOT, PCI_BAR_MEM, &s->rom);
    }
    init_timers(s, config->number);
    e1000_eeprom_init(s, config->mac);
    e1000_reset(s);
    return true;
}

/* ---- reset ---- */

void e1000_mac_reset(struct e1000 *s)
{
    e1000_reset_registers(s);
    e1000_eeprom_reset(s);
    e1000_tx_reset(s);
    e1000_fifo_reset(s);
    e1000_irq_reset(s);
    s->rx_free_at = 0;
    e1000_rx_wake(s);
}

void e1000_reset(void *self)
{
    struct e1000 *s = self;
    pci_device_reset(&s->pci);
    s->io_addr = 0;
    e1000_phy_power_on(s);
    e1000_mac_reset(s);
}

void e1000_set_link(struct e1000 *s, bool up)
{
    s->cable = up && s->net.send;
    e1000_phy_cable(s);
}

/* ---- state ---- */

static bool post_load(void *self)
{
    struct e1000 *s = self;
    if (!e1000_tx_state_ok(s))
        return false;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field context_fields[] = {
    STATE(struct e1000_context, ipcss),
    STATE(struct e1000_context, ipcso),
    STATE(struct e1000_context, tucss),
    STATE(struct e1000_context, tucso),
    STATE(struct e1000_context, ipcse),
    STATE(struct e1000_context, tucse),
    STATE(struct e1000_context, tucmd),
    STATE(struct e1000_context, header_len),
    STATE(struct e1000_context, mss),
    STATE(struct e1000_context, payload_len),
    STATE_END,
};

static const struct state_field phy_fields[] = {
    STATE_INTS(struct e1000_phy, reg),
    STATE(struct e1000_phy, link),
    STATE(struct e1000_phy, complete),
    STATE(struct e1000_phy, was_down),
    STATE(struct e1000_phy, full_duplex),
    STATE_MAX(struct e1000_phy, speed, 2),
    STATE_END,
};

static const struct state_field tx_fields[] = {
    STATE_STRUCT(struct e1000_tx, checksum, context_fields),
    STATE_STRUCT(struct e1000_tx, segment, context_fields),
    STATE_STRUCT(struct e1000_tx, current, context_fields),
    STATE_BYTES(struct e1000_tx, frame),
    STATE(struct e1000_tx, used),
    STATE_BYTES(struct e1000_tx, header),
    STATE(struct e1000_tx, in_packet),
    STATE(struct e1000_tx, too_long),
    STATE(struct e1000_tx, segmenting),
    STATE(struct e1000_tx, segments),
    STATE(struct e1000_tx, options),
    STATE(struct e1000_tx, busy),
    STATE(struct e1000_tx, addr),
    STATE(struct e1000_tx, left),
    STATE_BYTES(struct e1000_tx, descriptor),
    STATE_END,
};

static const struct state_field fields[] = {
    STATE_STRUCT(struct e1000, pci, pci_device_fields),
    STATE_INTS(struct e1000, reg),
    STATE_INTS(struct e1000, mta),
    STATE_INTS(struct e1000, vfta),
    STATE_INTS(struct e1000, ra),
    STATE_INTS(struct e1000, ip4at),
    STATE_INTS(struct e1000, ip6at),
    STATE_INTS(struct e1000, wupm),
    STATE_INTS(struct e1000, fflt),
    STATE_INTS(struct e1000, ffmt),
    STATE_INTS(struct e1000, ffvt),
    STATE(struct e1000, io_addr),
    STATE_INTS(struct e1000, eeprom),
    STATE(struct e1000, eeprom_in),
    STATE(struct e1000, eeprom_out),
    STATE_MAX(struct e1000, eeprom_bits, 17),
    STATE_MAX(struct e1000, eeprom_at, E1000_EEPROM_WORDS - 1),
    STATE_MAX(struct e1000, eeprom_state, 3),
    STATE(struct e1000, eeprom_lines),
    STATE(struct e1000, eeprom_writable),
    STATE_STRUCT(struct e1000, phy, phy_fields),
    STATE(struct e1000, cable),
    STATE_STRUCT(struct e1000, tx, tx_fields),
    STATE(struct e1000, tx_free_at),
    STATE(struct e1000, tx_paused_until),
    STATE(struct e1000, rx_free_at),
    STATE(struct e1000, net_again),
    STATE_BYTES(struct e1000, buffer),
    STATE_MAX(struct e1000, rx_head, E1000_BUFFER / 8 - 1),
    STATE_MAX(struct e1000, rx_tail, E1000_BUFFER / 8 - 1),
    STATE(struct e1000, irq_level),
    STATE(struct e1000, itr_until),
    STATE(struct e1000, rxt0_limit),
    STATE(struct e1000, txdw_limit),
    STATE_TIMER(struct e1000, autoneg),
    STATE_TIMER(struct e1000, tx_timer),
    STATE_TIMER(struct e1000, rx_timer),
    STATE_TIMER(struct e1000, itr),
    STATE_TIMER(struct e1000, rxt0),
    STATE_TIMER(struct e1000, txdw),
    STATE_END,
};

const struct state_table e1000_state = { "e1000", 1, fields, post_load };
