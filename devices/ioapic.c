/* ioapic.c: Intel 82093AA I/O Advanced Programmable Interrupt Controller (data sheet 290566-001), in the version that
 * QEMU's pc has: IOAPICVER reads 0x20, and there is the EOI register at 0x40 that came with that version.
 *
 * An edge-triggered input sends its message on a rising edge, unless it is masked then: such edges are lost. A
 * level-triggered input sends while it is asserted and its Remote IRR is clear; the EOI message clears Remote IRR.
 * Writing an entry as edge-triggered clears Remote IRR, too, which guests use to end a level interrupt without an EOI.
 *
 * The polarity bit is stored and not looked at: an input here says "asserted", whatever the wire's voltage. Messages
 * are delivered at once, so the delivery status always reads idle. Not modelled: the serial APIC bus and its
 * arbitration (IOAPICARB follows the ID). */
#include "ioapic.h"

#define WHO "ioapic"

/* Memory-mapped registers (3.1) */
#define IOREGSEL 0x00
#define IOWIN 0x10
#define EOI_REGISTER 0x40
#define REGION_SIZE 0x1000

/* Registers behind IOREGSEL (3.2) */
#define IOAPICID 0x00
#define IOAPICVER 0x01
#define IOAPICARB 0x02
#define IOREDTBL 0x10

#define VERSION 0x20
#define VERSION_MAX_ENTRY_SHIFT 16
#define ID_SHIFT 24
#define ID_MASK 0xf

/* Redirection entry (3.2.4) */
#define REDIR_VECTOR 0xff
#define REDIR_DELIVERY_SHIFT 8
#define REDIR_DELIVERY_MASK 7
#define REDIR_LOGICAL BIT64(11)
#define REDIR_REMOTE_IRR BIT64(14)
#define REDIR_LEVEL BIT64(15)
#define REDIR_MASKED BIT64(16)
#define REDIR_DEST_SHIFT 56
#define REDIR_WRITABLE (0x1afff | (u64)0xff << REDIR_DEST_SHIFT)

static bool pin_asserted(const struct ioapic *s, unsigned pin)
{
    return s->level & BIT(pin);
}

static void send(struct ioapic *s, unsigned pin)
{
    u64 entry = s->redir[pin];

    s->bus.deliver(s->bus.owner, (u32)(entry >> REDIR_DEST_SHIFT), (entry & REDIR_LOGICAL) != 0,
                   (u8)(entry >> REDIR_DELIVERY_SHIFT & REDIR_DELIVERY_MASK), (u8)(entry & REDIR_VECTOR),
                   (entry & REDIR_LEVEL) != 0);
}

/* Sends for a level-triggered input that is asserted, not masked, and not in service. */
static void service_level(struct ioapic *s, unsigned pin)
{
    if (!(s->redir[pin] & REDIR_LEVEL) || s->redir[pin] & (REDIR_MASKED | REDIR_REMOTE_IRR) || !pin_asserted(s, pin))
        return;
    s->redir[pin] |= REDIR_REMOTE_IRR;
    send(s, pin);
}

void ioapic_set_irq(void *self, unsigned pin, bool level)
{
    struct ioapic *s = self;

    if (pin >= IOAPIC_PINS)
        return;
    bool rose = level && !pin_asserted(s, pin);
    s->level = level ? s->level | BIT(pin) : s->level & ~BIT(pin);
    if (s->redir[pin] & REDIR_LEVEL)
        service_level(s, pin);
    else if (rose && !(s->redir[pin] & REDIR_MASKED))
        send(s, pin);
}

struct irq_line ioapic_irq(struct ioapic *s, unsigned pin)
{
    return (struct irq_line){ ioapic_set_irq, s, pin };
}

void ioapic_eoi(void *self, u8 vector)
{
    struct ioapic *s = self;

    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        if ((s->redir[pin] & REDIR_VECTOR) != vector || !(s->redir[pin] & REDIR_REMOTE_IRR))
            continue;
        s->redir[pin] &= ~REDIR_REMOTE_IRR;
        service_level(s, pin);
    }
}

static void write_redir(struct ioapic *s, unsigned index, u32 value)
{
    unsigned pin = index / 2;
    u64 *entry = &s->redir[pin];
    u64 half = (u64)UINT32_MAX << (index % 2 * 32);
    u64 writable = REDIR_WRITABLE & half;

    *entry = (*entry & ~writable) | ((u64)value << (index % 2 * 32) & writable);
    if (!(*entry & REDIR_LEVEL))
        *entry &= ~REDIR_REMOTE_IRR;
    service_level(s, pin);
}

static u32 read_register(struct ioapic *s)
{
    unsigned index = s->ioregsel - (unsigned)IOREDTBL;

    switch (s->ioregsel) {
    case IOAPICID:
    case IOAPICARB:
        return (u32)s->id << ID_SHIFT;
    case IOAPICVER:
        return VERSION | (IOAPIC_PINS - 1) << VERSION_MAX_ENTRY_SHIFT;
    default:
        if (index < 2 * IOAPIC_PINS)
            return (u32)(s->redir[index / 2] >> (index % 2 * 32));
        log_guest(s->log, WHO, "read of register %02x, which does not exist", s->ioregsel);
        return 0;
    }
}

static void write_register(struct ioapic *s, u32 value)
{
    unsigned index = s->ioregsel - (unsigned)IOREDTBL;

    if (s->ioregsel == IOAPICID)
        s->id = value >> ID_SHIFT & ID_MASK;
    else if (index < 2 * IOAPIC_PINS)
        write_redir(s, index, value);
    else
        log_guest(s->log, WHO, "write of %08x to register %02x, which is read-only or does not exist", value,
                  s->ioregsel);
}

static u64 mmio_read(void *dev, u64 offset, unsigned size)
{
    struct ioapic *s = dev;

    if (offset == IOREGSEL)
        return s->ioregsel;
    if (offset == IOWIN && size == 4)
        return read_register(s);
    log_guest(s->log, WHO, "read of %u bytes at offset %03x", size, (unsigned)offset);
    return 0;
}

static void mmio_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ioapic *s = dev;

    if (offset == IOREGSEL)
        s->ioregsel = (u8)value;
    else if (offset == IOWIN && size == 4)
        write_register(s, (u32)value);
    else if (offset == EOI_REGISTER && size == 4)
        ioapic_eoi(s, (u8)value);
    else
        log_guest(s->log, WHO, "write of %u bytes at offset %03x", size, (unsigned)offset);
}

static const struct region_ops mmio_ops = { .read = mmio_read, .write = mmio_write, .max_size = 4 };

void ioapic_init(struct ioapic *s, struct apic_bus bus, struct log *log)
{
    memset(s, 0, sizeof(*s));
    s->bus = bus;
    s->log = log;
    region_init_io(&s->region, "ioapic", REGION_SIZE, &mmio_ops, s);
    ioapic_reset(s);
}

/* The inputs' levels are other chips' doing and stay. */
void ioapic_reset(void *self)
{
    struct ioapic *s = self;

    s->ioregsel = 0;
    s->id = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        s->redir[pin] = REDIR_MASKED;
}

static const struct state_field ioapic_fields[] = {
    STATE(struct ioapic, ioregsel),
    STATE_MAX(struct ioapic, id, ID_MASK),
    STATE_INTS(struct ioapic, redir),
    STATE_MAX(struct ioapic, level, BIT(IOAPIC_PINS) - 1),
    STATE_END,
};
const struct state_table ioapic_state = { "ioapic", 1, ioapic_fields, NULL };
