/* edu.c: QEMU's educational PCI device: a liveness check, factorials that take a while, an interrupt by pin or message,
 * and a DMA controller between memory and a buffer of 4 KiB. Data sheet: QEMU's docs/specs/edu.
 *
 * Factorials are modulo 2^32 and take a microsecond and a nanosecond a factor. A transfer takes 100 ms, as QEMU's. One
 * that does not lie within the buffer is logged and moves nothing; QEMU 7.2 ends there. A reset clears all registers.
 */
#include "edu.h"

#include <assert.h>

#define VENDOR_QEMU 0x1234
#define DEVICE_EDU 0x11e8
#define REVISION 0x10
#define CLASS_OTHERS 0x00ff00
#define MSI_AT 0x40
#define MMIO_SIZE MIB

enum edu_register {
    IDENTIFICATION = 0x00,
    LIVENESS = 0x04,
    FACTORIAL = 0x08,
    STATUS = 0x20,
    INTERRUPT_STATUS = 0x24,
    INTERRUPT_RAISE = 0x60,
    INTERRUPT_ACKNOWLEDGE = 0x64,
    DMA_SOURCE = 0x80, /* from here on accesses may have eight bytes */
    DMA_DESTINATION = 0x88,
    DMA_COUNT = 0x90,
    DMA_COMMAND = 0x98
};
#define IDENTITY 0x010000edu
#define STATUS_COMPUTING BIT(0)
#define STATUS_INTERRUPT BIT(7) /* when the factorial is there */
#define COMMAND_START BIT(0)
#define COMMAND_FROM_BUFFER BIT(1)
#define COMMAND_INTERRUPT BIT(2)
#define IRQ_FACTORIAL 0x001u
#define IRQ_DMA 0x100u
#define BUFFER_AT 0x40000u /* in the addresses of DMA */

#define FACTORIAL_NS 1000u
#define DMA_NS (100 * (NS_PER_SEC / 1000))
#define TIMER_PRIORITY 0
#define FACTORS_OF_TWO 34 /* from here on a factorial is a multiple of 2^32 */

/* ---- interrupts ---- */

static void raise_irq(struct edu *s, u32 bits)
{
    s->irq_status |= bits;
    if (!s->irq_status)
        return;
    if (pci_msi_enabled(&s->pci))
        pci_msi_send(&s->pci);
    else
        pci_intx_set(&s->pci, true);
}

static void acknowledge_irq(struct edu *s, u32 bits)
{
    s->irq_status &= ~bits;
    if (!s->irq_status && !pci_msi_enabled(&s->pci))
        pci_intx_set(&s->pci, false);
}

/* ---- factorials ---- */

static void start_factorial(struct edu *s, u32 n)
{
    if (s->status & STATUS_COMPUTING)
        return;
    s->factorial = n;
    s->status |= STATUS_COMPUTING;
    timer_set(&s->computed, clock_now(s->clock) + FACTORIAL_NS + n);
}

static void factorial_done(void *self)
{
    struct edu *s = self;
    u32 n = s->factorial, product = n < FACTORS_OF_TWO;
    for (; product && n > 1; n--)
        product *= n;
    s->factorial = product;
    s->status &= ~STATUS_COMPUTING;
    if (s->status & STATUS_INTERRUPT)
        raise_irq(s, IRQ_FACTORIAL);
}

/* ---- DMA ---- */

/* The place in the buffer; false: the transfer does not lie within it. */
static bool in_buffer(const struct edu *s, u64 address, u64 *at)
{
    *at = address - BUFFER_AT;
    if (address >= BUFFER_AT && *at <= EDU_BUFFER && s->dma_count <= EDU_BUFFER - *at)
        return true;
    log_guest(s->log, "edu", "DMA of %llu bytes at %#llx: outside of the buffer", (unsigned long long)s->dma_count,
              (unsigned long long)address);
    return false;
}

static u64 reachable(const struct edu *s, u64 address)
{
    if (address & ~s->dma_mask)
        log_guest(s->log, "edu", "DMA address %#llx: cut to %#llx", (unsigned long long)address,
                  (unsigned long long)(address & s->dma_mask));
    return address & s->dma_mask;
}

static void transfer_done(void *self)
{
    struct edu *s = self;
    u64 at;
    if (s->dma_command & COMMAND_FROM_BUFFER) {
        if (in_buffer(s, s->dma_source, &at))
            dma_write(&s->pci.dma, reachable(s, s->dma_destination), s->buffer + at, s->dma_count);
    } else if (in_buffer(s, s->dma_destination, &at)) {
        dma_read(&s->pci.dma, reachable(s, s->dma_source), s->buffer + at, s->dma_count);
    }
    s->dma_command &= ~(u64)COMMAND_START;
    if (s->dma_command & COMMAND_INTERRUPT)
        raise_irq(s, IRQ_DMA);
}

static void write_dma(struct edu *s, u64 *reg, u64 value)
{
    if (s->dma_command & COMMAND_START)
        return;
    *reg = value;
    if (reg == &s->dma_command)
        timer_set(&s->moved, clock_now(s->clock) + DMA_NS);
}

/* ---- registers ---- */

/* Is it an access that the device answers? Others read as ones, but bytes and words, which it never sees: zero. */
static bool decodes(u64 offset, unsigned size)
{
    return size == 4 || (size == 8 && offset >= DMA_SOURCE);
}

static u64 edu_read(void *dev, u64 offset, unsigned size)
{
    const struct edu *s = dev;
    if (size < 4 || offset % size)
        return 0;
    if (!decodes(offset, size))
        return UINT64_MAX;
    switch (offset) {
    case IDENTIFICATION:
        return IDENTITY;
    case LIVENESS:
        return s->inverted;
    case FACTORIAL:
        return s->factorial;
    case STATUS:
        return s->status;
    case INTERRUPT_STATUS:
        return s->irq_status;
    case DMA_SOURCE:
        return s->dma_source;
    case DMA_DESTINATION:
        return s->dma_destination;
    case DMA_COUNT:
        return s->dma_count;
    case DMA_COMMAND:
        return s->dma_command;
    default:
        return UINT64_MAX;
    }
}

static void edu_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct edu *s = dev;
    if (!decodes(offset, size) || offset % size)
        return;
    switch (offset) {
    case LIVENESS:
        s->inverted = ~(u32)value;
        break;
    case FACTORIAL:
        start_factorial(s, (u32)value);
        break;
    case STATUS:
        s->status = (s->status & ~STATUS_INTERRUPT) | ((u32)value & STATUS_INTERRUPT);
        break;
    case INTERRUPT_RAISE:
        raise_irq(s, (u32)value);
        break;
    case INTERRUPT_ACKNOWLEDGE:
        acknowledge_irq(s, (u32)value);
        break;
    case DMA_SOURCE:
        write_dma(s, &s->dma_source, value);
        break;
    case DMA_DESTINATION:
        write_dma(s, &s->dma_destination, value);
        break;
    case DMA_COUNT:
        write_dma(s, &s->dma_count, value);
        break;
    case DMA_COMMAND:
        if (value & COMMAND_START)
            write_dma(s, &s->dma_command, value);
        break;
    default:
        break;
    }
}

static const struct region_ops mmio_ops = { edu_read, edu_write, 1, 8 };

void edu_init(struct edu *s, struct pci_bus *bus, u8 devfn, struct clock *clock, u64 dma_mask, struct log *log)
{
    static const struct pci_id id = { .vendor = VENDOR_QEMU,
                                      .device = DEVICE_EDU,
                                      .revision = REVISION,
                                      .class_code = CLASS_OTHERS,
                                      .interrupt_pin = 1 };
    memset(s, 0, sizeof *s);
    s->clock = clock;
    s->log = log;
    s->dma_mask = dma_mask;
    timer_init(&s->computed, clock, "edu-factorial", TIMER_PRIORITY, factorial_done, s);
    timer_init(&s->moved, clock, "edu-dma", TIMER_PRIORITY, transfer_done, s);
    region_init_io(&s->mmio, "edu-mmio", MMIO_SIZE, &mmio_ops, s);
    pci_device_init(&s->pci, bus, devfn, "edu", &id);
    pci_msi_init(&s->pci, MSI_AT);
    pci_add_bar(&s->pci, 0, PCI_BAR_MEM, &s->mmio);
}

void edu_reset(void *self)
{
    struct edu *s = self;
    pci_device_reset(&s->pci);
    timer_stop(&s->computed);
    timer_stop(&s->moved);
    s->inverted = s->factorial = s->status = s->irq_status = 0;
    s->dma_source = s->dma_destination = s->dma_count = s->dma_command = 0;
    memset(s->buffer, 0, sizeof s->buffer);
}

static bool edu_post_load(void *self)
{
    struct edu *s = self;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field fields[] = { STATE_STRUCT(struct edu, pci, pci_device_fields),
                                             STATE(struct edu, inverted),
                                             STATE(struct edu, factorial),
                                             STATE(struct edu, status),
                                             STATE(struct edu, irq_status),
                                             STATE(struct edu, dma_source),
                                             STATE(struct edu, dma_destination),
                                             STATE(struct edu, dma_count),
                                             STATE(struct edu, dma_command),
                                             STATE_BYTES(struct edu, buffer),
                                             STATE_TIMER(struct edu, computed),
                                             STATE_TIMER(struct edu, moved),
                                             STATE_END };

const struct state_table edu_state = { "edu", 1, fields, edu_post_load };
