/* pci_testdev.c: QEMU's pci-testdev, by which kvm-unit-tests and qtest see how writes arrive. Data sheet: QEMU's
 * docs/specs/pci-testdev. BAR 0 is memory, BAR 1 ports. A byte written to offset 0 of either chooses one of three tests
 * of it; both then show that test's header, at one byte a read:
 *
 *      u8 test | u8 width | u16 - | u32 offset | u8 data | u8 -[3] | u32 count | name
 *
 * Writes to `offset` are counted, in the first test those of `data`. The second and third give notice to QEMU's host
 * instead (ioeventfd): such a write of one byte (in the third, of `data`) is not counted.
 * Wider accesses are made byte by byte, and not at all where they are not aligned.
 * Not modelled: the memory BAR of the property `membar`. */
#include "pci_testdev.h"

#define VENDOR_REDHAT 0x1b36
#define DEVICE_TEST 0x0005
#define CLASS_OTHERS 0x00ff00
#define MMIO_TEST_AT 2048u /* the tables take as much before it */
#define PORT_TEST_AT 128u
#define TESTS_OF_BAR 3u
#define HEADER_SIZE 16u
#define NAME_MAX_LEN 32u
#define DATA_MATCH 0xfa
#define DATA_ANY 0xce
enum { H_TEST = 0, H_WIDTH = 1, H_OFFSET = 4, H_DATA = 8, H_COUNT = 12 };
enum kind { NO_NOTICE, ANY_NOTICE, MATCHING_NOTICE };

static const char *const names[PCI_TESTDEV_TESTS] = {
    "mmio-no-eventfd",   "mmio-wildcard-eventfd",   "mmio-datamatch-eventfd",
    "portio-no-eventfd", "portio-wildcard-eventfd", "portio-datamatch-eventfd",
};

static u32 test_offset(unsigned test)
{
    return (test < TESTS_OF_BAR ? MMIO_TEST_AT : PORT_TEST_AT) + test;
}

static u8 test_data(unsigned test)
{
    return test % TESTS_OF_BAR == ANY_NOTICE ? DATA_ANY : DATA_MATCH;
}

static u64 testdev_read(void *dev, u64 offset, unsigned size)
{
    const struct pci_testdev *s = dev;
    u8 table[HEADER_SIZE + NAME_MAX_LEN] = { 0 };
    if (s->current >= PCI_TESTDEV_TESTS)
        return 0;
    const char *name = names[s->current];
    size_t length = strlen(name) + 1;
    table[H_TEST] = s->current;
    table[H_WIDTH] = 1;
    put_le32(table + H_OFFSET, test_offset(s->current));
    table[H_DATA] = test_data(s->current);
    put_le32(table + H_COUNT, s->count[s->current]);
    memcpy(table + HEADER_SIZE, name, length);
    return offset + size < HEADER_SIZE + length ? table[offset] : 0; /* the last byte can't be reached: it is 0 */
}

static void choose(struct pci_testdev *s, unsigned first, u8 test)
{
    s->current = test < TESTS_OF_BAR ? (u8)(first + test) : PCI_TESTDEV_NONE;
    if (test < TESTS_OF_BAR)
        s->count[s->current] = 0;
}

/* Does QEMU's host take notice of the write? Of its own bar's test, and of whole writes of a byte. */
static bool noticed(const struct pci_testdev *s, unsigned first, u8 value, bool alone)
{
    unsigned kind = s->current % TESTS_OF_BAR;
    return alone && s->current / TESTS_OF_BAR == first / TESTS_OF_BAR &&
           (kind == ANY_NOTICE || (kind == MATCHING_NOTICE && value == test_data(s->current)));
}

static void write_byte(struct pci_testdev *s, unsigned first, u64 offset, u8 value, bool alone)
{
    if (offset == H_TEST) {
        choose(s, first, value);
        return;
    }
    if (s->current >= PCI_TESTDEV_TESTS || offset != test_offset(s->current) || noticed(s, first, value, alone))
        return;
    if (s->current % TESTS_OF_BAR == ANY_NOTICE || value == test_data(s->current))
        s->count[s->current]++;
}

static void write_bytes(struct pci_testdev *s, unsigned first, u64 offset, u64 value, unsigned size)
{
    for (unsigned i = 0; i < size && offset % size == 0; i++)
        write_byte(s, first, offset + i, (u8)(value >> (8 * i)), size == 1);
}

static void mmio_write(void *dev, u64 offset, u64 value, unsigned size)
{
    write_bytes(dev, 0, offset, value, size);
}

static void port_write(void *dev, u64 offset, u64 value, unsigned size)
{
    write_bytes(dev, TESTS_OF_BAR, offset, value, size);
}

static u64 wide_read(void *dev, u64 offset, unsigned size)
{
    u64 value = 0;
    for (unsigned i = 0; i < size && offset % size == 0; i++)
        value |= testdev_read(dev, offset + i, 1) << (8 * i);
    return value;
}

static const struct region_ops mmio_ops = { wide_read, mmio_write, 1, 8 };
static const struct region_ops port_ops = { wide_read, port_write, 1, 4 };

void pci_testdev_init(struct pci_testdev *s, struct pci_bus *bus, u8 devfn)
{
    static const struct pci_id id = { .vendor = VENDOR_REDHAT, .device = DEVICE_TEST, .class_code = CLASS_OTHERS };
    memset(s, 0, sizeof *s);
    s->current = PCI_TESTDEV_NONE;
    region_init_io(&s->mmio, "pci-testdev-mmio", 2 * MMIO_TEST_AT, &mmio_ops, s);
    region_init_io(&s->portio, "pci-testdev-portio", 2 * PORT_TEST_AT, &port_ops, s);
    pci_device_init(&s->pci, bus, devfn, "pci-testdev", &id);
    pci_add_bar(&s->pci, 0, PCI_BAR_MEM, &s->mmio);
    pci_add_bar(&s->pci, 1, PCI_BAR_IO, &s->portio);
}

/* No test is chosen; what was counted stays, as in QEMU, until it is chosen again. */
void pci_testdev_reset(void *self)
{
    struct pci_testdev *s = self;
    pci_device_reset(&s->pci);
    s->current = PCI_TESTDEV_NONE;
}

static bool pci_testdev_post_load(void *self)
{
    struct pci_testdev *s = self;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field fields[] = { STATE_STRUCT(struct pci_testdev, pci, pci_device_fields),
                                             STATE(struct pci_testdev, current), STATE_INTS(struct pci_testdev, count),
                                             STATE_END };

const struct state_table pci_testdev_state = { "pci_testdev", 1, fields, pci_testdev_post_load };
