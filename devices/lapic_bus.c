/* lapic_bus.c: messages between APICs: interprocessor interrupts (SDM vol. 3, 10.6), destinations (10.6.2, 10.12.9),
 * messages of the I/O APIC, and message-signalled interrupts (10.11). Everything is delivered at once.
 *
 * The window at FEE00000 is one for all processors: its first page shows the registers of the APIC of the processor
 * that runs; a write anywhere behind it is a message of the form of 10.11. */
#include "lapic_internal.h"

#define REGION_SIZE ((u64)MIB)
#define REGISTER_PAGE PAGE_SIZE

/* ICR (figure 10-12) */
#define ICR_DELIVERY_SHIFT 8
#define ICR_DELIVERY_MASK 7
#define ICR_LOGICAL BIT(11)
#define ICR_ASSERT BIT(14)
#define ICR_LEVEL BIT(15)
#define ICR_SHORTHAND_SHIFT 18
#define ICR_SHORTHAND_MASK 3
#define ICR_DEST_SHIFT 56
#define ICR_DEST_SHIFT_X2APIC 32

enum { TO_DEST = 0, TO_SELF = 1, TO_ALL = 2, TO_OTHERS = 3 };

/* MSI (figures 10-24 and 10-25) */
#define MSI_DEST_SHIFT 12
#define MSI_LOGICAL BIT(2)
#define MSI_DELIVERY_SHIFT 8
#define MSI_ASSERT BIT(14)
#define MSI_LEVEL BIT(15)

#define DFR_FLAT 0xf
#define DFR_CLUSTER 0x0

struct message {
    u32 dest; /* DEST_ALL: everyone */
    bool logical;
    u8 mode, vector;
    bool level;
};

/* Destinations */

/* 10.12.10.2: the logical ID follows from the APIC ID. */
u32 lapic_x2apic_ldr(const struct lapic *s)
{
    return (u32)(s->config.id >> 4) << 16 | BIT(s->config.id & 0xf);
}

static bool matches_logical_x2apic(const struct lapic *s, u32 dest)
{
    u32 ldr = lapic_x2apic_ldr(s);

    return dest >> 16 == ldr >> 16 && dest & ldr & 0xffff;
}

/* 10.6.2.2: eight flat bits, or fifteen clusters of four. */
static bool matches_logical(const struct lapic *s, u32 dest)
{
    if (dest > DEST_ALL_8BIT)
        return false;
    switch (s->dfr >> 28) {
    case DFR_FLAT:
        return dest & s->ldr;
    case DFR_CLUSTER:
        return (dest >> 4 == s->ldr >> 4 || dest >> 4 == 0xf) && dest & s->ldr & 0xf;
    default:
        return false;
    }
}

static bool matches(const struct lapic *s, const struct message *m)
{
    if (!lapic_enabled(s))
        return false;
    if (m->dest == DEST_ALL)
        return true;
    if (!m->logical)
        return m->dest == (lapic_x2apic(s) ? s->config.id : s->id);
    return lapic_x2apic(s) ? matches_logical_x2apic(s, m->dest) : matches_logical(s, m->dest);
}

/* Delivery */

/* 10.6.2.4: of those that take it the one with the least to do; between equals the first on the bus. */
static void send_lowest(struct lapic_bus *bus, const struct message *m)
{
    struct lapic *least = NULL;

    for (unsigned i = 0; i < bus->apics; i++) {
        struct lapic *s = bus->apic[i];
        if (matches(s, m) && s->svr & SVR_ENABLE && (!least || lapic_ppr(s) < lapic_ppr(least)))
            least = s;
    }
    if (least)
        lapic_receive(least, m->mode, m->vector, m->level);
}

/* `except`: one that is left out, or NULL. */
static void send(struct lapic_bus *bus, const struct message *m, const struct lapic *except)
{
    if (m->mode == DM_LOWEST && !except) {
        send_lowest(bus, m);
        return;
    }
    for (unsigned i = 0; i < bus->apics; i++)
        if (bus->apic[i] != except && matches(bus->apic[i], m))
            lapic_receive(bus->apic[i], m->mode, m->vector, m->level);
}

void lapic_bus_deliver(void *self, u32 dest, bool logical, u8 delivery_mode, u8 vector, bool level)
{
    const struct message m = { .dest = dest == DEST_ALL_8BIT && !logical ? DEST_ALL : dest,
                               .logical = logical,
                               .mode = delivery_mode,
                               .vector = vector,
                               .level = level };

    send(self, &m, NULL);
}

void lapic_bus_msi(struct lapic_bus *bus, u32 address, u32 data)
{
    if (data & MSI_LEVEL && !(data & MSI_ASSERT))
        return; /* the end of a level: nothing to do */
    lapic_bus_deliver(bus, address >> MSI_DEST_SHIFT & DEST_ALL_8BIT, address & MSI_LOGICAL,
                      data >> MSI_DELIVERY_SHIFT & 7, (u8)data, (data & MSI_LEVEL) != 0);
}

/* Interprocessor interrupts */

static u32 ipi_dest(const struct lapic *s)
{
    u32 dest = (u32)(s->icr >> ICR_DEST_SHIFT);

    if (lapic_x2apic(s))
        return (u32)(s->icr >> ICR_DEST_SHIFT_X2APIC);
    return dest == DEST_ALL_8BIT && !(s->icr & ICR_LOGICAL) ? DEST_ALL : dest;
}

/* Tables 10-3 and 10-4: what may be sent to whom. */
static bool ipi_legal(struct lapic *s, u8 mode, u8 vector, unsigned shorthand)
{
    if ((mode == DM_FIXED || mode == DM_LOWEST) && vector < FIRST_LEGAL_VECTOR) {
        lapic_error(s, ESR_SEND_ILLEGAL);
        return false;
    }
    if (mode == DM_FIXED || ((shorthand == TO_DEST || shorthand == TO_OTHERS) && mode != DM_EXTINT && mode != 3))
        return true;
    log_guest(s->log, LAPIC_WHO, "IPI with delivery mode %u and shorthand %u, which is not defined", mode, shorthand);
    return false;
}

void lapic_send_ipi(struct lapic *s)
{
    u32 icr = (u32)s->icr;
    unsigned shorthand = icr >> ICR_SHORTHAND_SHIFT & ICR_SHORTHAND_MASK;
    struct message m = { .dest = shorthand == TO_DEST ? ipi_dest(s) : DEST_ALL,
                         .logical = icr & ICR_LOGICAL,
                         .mode = icr >> ICR_DELIVERY_SHIFT & ICR_DELIVERY_MASK,
                         .vector = (u8)icr };

    if (m.mode == DM_INIT && icr & ICR_LEVEL && !(icr & ICR_ASSERT))
        return; /* "level de-assert" synchronised arbitration IDs once; no processor since the P6 acts on it */
    if (!ipi_legal(s, m.mode, m.vector, shorthand))
        return;
    if (shorthand == TO_SELF)
        lapic_receive(s, m.mode, m.vector, false);
    else
        send(s->bus, &m, shorthand == TO_OTHERS ? s : NULL);
}

/* Pins that reach every processor */

static void set_lint_all(void *self, unsigned n, bool level)
{
    struct lapic_bus *bus = self;

    for (unsigned i = 0; i < bus->apics; i++)
        lapic_set_lint(bus->apic[i], n, level);
}

struct irq_line lapic_bus_lint(struct lapic_bus *bus, unsigned n)
{
    return (struct irq_line){ set_lint_all, bus, n };
}

/* The window */

static struct lapic *running(const struct lapic_bus *bus)
{
    return bus->running < bus->apics ? bus->apic[bus->running] : NULL;
}

static u64 window_read(void *dev, u64 offset, unsigned size)
{
    struct lapic_bus *bus = dev;
    struct lapic *s = running(bus);

    if (offset < REGISTER_PAGE && s)
        return lapic_mmio_read(s, offset, size);
    log_guest(bus->log, LAPIC_WHO, "read of the message window at offset %05x", (unsigned)offset);
    return low_bytes(UINT64_MAX, size);
}

static void window_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct lapic_bus *bus = dev;
    struct lapic *s = running(bus);

    if (offset >= REGISTER_PAGE)
        lapic_bus_msi(bus, (u32)offset, (u32)value);
    else if (s)
        lapic_mmio_write(s, offset, value, size);
}

static const struct region_ops window_ops = { .read = window_read, .write = window_write, .max_size = 4 };

void lapic_bus_init(struct lapic_bus *bus, struct log *log)
{
    memset(bus, 0, sizeof(*bus));
    bus->log = log;
    region_init_io(&bus->region, "apic-msi", REGION_SIZE, &window_ops, bus);
}
