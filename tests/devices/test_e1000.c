/* test_e1000.c: the 82540EM's registers, EEPROM, PHY and interrupt, after Intel's 8254x Software Developer's Manual. */
#include "e1000_bench.h"

/* ---- identity and reset (table 4-1, chapter 13) ---- */

static u32 cfg(struct bench *b, unsigned reg)
{
    return pci_config_read(&b->bus, PCI_DEVFN(3, 0), reg, 4);
}

static void test_configuration_space(void **state)
{
    struct bench *b = *state;
    assert_int_equal(cfg(b, 0x00), 0x100e8086);
    assert_int_equal(cfg(b, 0x08), 0x02000003);
    assert_int_equal(cfg(b, 0x2c), 0x11001af4);
    assert_int_equal(cfg(b, 0x3c), 0x00000100);
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), 0x10, UINT32_MAX, 4);
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), 0x14, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x10), 0xfffe0000);
    assert_int_equal(cfg(b, 0x14), 0xffffffc1);
    assert_int_equal(cfg(b, 0x30), 0);
}

static void test_option_rom(void **state)
{
    struct bench *b = *state;
    static struct e1000 other;
    static const u8 image[5000] = { 0x55, 0xaa };
    struct e1000_config config = bench_config(b);
    config.devfn = PCI_DEVFN(4, 0);
    config.number = 1;
    config.rom = image;
    config.rom_size = sizeof image;
    assert_true(e1000_init(&other, &config));
    pci_config_write(&b->bus, PCI_DEVFN(4, 0), 0x30, UINT32_MAX, 4);
    assert_int_equal(pci_config_read(&b->bus, PCI_DEVFN(4, 0), 0x30, 4), 0xffffe001);
    assert_int_equal(harness_read(&b->h, &other.rom, 0, 2), 0xaa55);
}

static void test_reset_values(void **state)
{
    static const struct {
        u32 reg, value;
    } expect[] = { { CTRL, 0x00140240 }, { STATUS, 0x80080783 },
                   { VET, 0x8100 },      { 0x0e00, 0x602 },
                   { PBA, 0x00100030 },  { RAL0, 0x12005452 },
                   { RAH0, 0x80005634 }, { 0x5820, 0x222300 },
                   { RCTL, 0 },          { TCTL, 0 },
                   { IMS, 0 },           { ICR, 0 },
                   { 0x4074, 0 },        { 0x2810, 0 },
                   { 0x18, 0 },          { 0x5000, 0 } };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++)
        assert_int_equal(rd(b, expect[i].reg), expect[i].value);
    assert_false(harness_logged(&b->h, "unknown register"));
}

static void test_software_reset(void **state)
{
    struct bench *b = *state;
    wr(b, TCTL, 2);
    wr(b, MTA + 4, 5);
    wr(b, RAL0, 1);
    wr(b, 0x10, 0x40);
    wr(b, IMS, ICR_RXT0);
    wr(b, CTRL, rd(b, CTRL) | BIT(26));
    assert_int_equal(rd(b, CTRL), 0x00140240); /* RST clears itself */
    assert_int_equal(rd(b, TCTL), 0);
    assert_int_equal(rd(b, MTA + 4), 0);
    assert_int_equal(rd(b, IMS), 0);
    assert_int_equal(rd(b, RAL0), 0x12005452); /* out of the EEPROM again */
    assert_int_equal(cfg(b, PCI_COMMAND) & 7, 7);
    assert_true(rd(b, STATUS) & 2); /* the PHY is not reset */
}

static void test_reserved_bits_and_arrays(void **state)
{
    struct bench *b = *state;
    wr(b, RDLEN, UINT32_MAX);
    assert_int_equal(rd(b, RDLEN), 0xfff80);
    wr(b, RDBAL, UINT32_MAX);
    assert_int_equal(rd(b, RDBAL), 0xfffffff0);
    wr(b, VFTA + 4 * 127, 0x12345678);
    assert_int_equal(rd(b, VFTA + 4 * 127), 0x12345678);
    wr(b, 0x547c, UINT32_MAX); /* RAH15 */
    assert_int_equal(rd(b, 0x547c), 0x8003ffff);
    wr(b, 0x9804, 1); /* between two words of FFVT */
    assert_int_equal(rd(b, 0x9804), 0);
    wr(b, 0x1fffc, 0xdeadbeef); /* packet buffer memory */
    assert_int_equal(rd(b, 0x1fffc), 0xdeadbeef);
    wr(b, PBA, 0x20);
    assert_int_equal(rd(b, PBA), 0x00200020);
    rd(b, 0x6000);
    assert_true(harness_logged(&b->h, "unknown register at 06000"));
}

/* 13.2.2: IOADDR and IODATA. */
static void test_port_window(void **state)
{
    struct bench *b = *state;
    harness_write(&b->h, &b->chip.io, 0, 0x5400, 4);
    assert_int_equal(harness_read(&b->h, &b->chip.io, 0, 4), 0x5400);
    assert_int_equal(harness_read(&b->h, &b->chip.io, 4, 4), 0x12005452);
    harness_write(&b->h, &b->chip.io, 4, 0xabcd, 4);
    assert_int_equal(rd(b, RAL0), 0xabcd);
    harness_write(&b->h, &b->chip.io, 0, 0x80000, 4);
    assert_int_equal(harness_read(&b->h, &b->chip.io, 4, 4), 0);
    assert_true(harness_logged(&b->h, "IOADDR 00080000"));
}

/* ---- EEPROM (chapter 5) ---- */

static u16 eerd(struct bench *b, unsigned word)
{
    wr(b, EERD, word << 8 | 1);
    u32 v = rd(b, EERD);
    assert_true(v & BIT(4));
    return (u16)(v >> 16);
}

static void test_eeprom_by_eerd(void **state)
{
    struct bench *b = *state;
    u16 sum = 0;
    assert_int_equal(eerd(b, 0), 0x5452);
    assert_int_equal(eerd(b, 1), 0x1200);
    assert_int_equal(eerd(b, 2), 0x5634);
    assert_int_equal(eerd(b, 0x0d), 0x100e);
    assert_int_equal(eerd(b, 0x0e), 0x8086);
    for (unsigned i = 0; i < 64; i++)
        sum = (u16)(sum + eerd(b, i));
    assert_int_equal(sum, 0xbaba);
}

static void lines(struct bench *b, bool cs, bool sk, bool di)
{
    wr(b, EECD, 0x40u | (cs ? 2 : 0) | (sk ? 1 : 0) | (di ? 4 : 0));
}

static void shift_in(struct bench *b, unsigned bits, u32 value)
{
    while (bits-- > 0) {
        bool di = value >> bits & 1;
        lines(b, true, false, di);
        lines(b, true, true, di);
    }
    lines(b, true, false, false);
}

static u16 shift_out(struct bench *b)
{
    u16 v = 0;
    for (unsigned i = 0; i < 16; i++) {
        lines(b, true, true, false);
        v = (u16)((u32)v << 1 | (rd(b, EECD) >> 3 & 1));
        lines(b, true, false, false);
    }
    return v;
}

static void deselect(struct bench *b)
{
    lines(b, false, false, false);
    lines(b, true, false, false);
}

static void test_eeprom_bit_by_bit(void **state)
{
    struct bench *b = *state;
    assert_int_equal(rd(b, EECD) & 0x100, 0x100); /* present */
    lines(b, false, false, false);
    assert_int_equal(rd(b, EECD) & 0x80, 0x80); /* granted */
    deselect(b);
    shift_in(b, 2, 0); /* zeros before the start bit */
    shift_in(b, 9, 6u << 6 | 0x02);
    assert_int_equal(rd(b, EECD) & 8, 0); /* the dummy bit */
    assert_int_equal(shift_out(b), 0x5634);
    assert_int_equal(shift_out(b), 0x0000); /* word 3 follows */
    assert_int_equal(shift_out(b), 0xffff);
}

static void test_eeprom_write(void **state)
{
    struct bench *b = *state;
    deselect(b);
    shift_in(b, 9, 5u << 6 | 0x20); /* write, but writing is disabled */
    shift_in(b, 16, 0x1234);
    assert_int_equal(eerd(b, 0x20), 0x1008);
    deselect(b);
    shift_in(b, 9, 4u << 6 | 0x30); /* EWEN */
    deselect(b);
    shift_in(b, 9, 5u << 6 | 0x20);
    shift_in(b, 16, 0x1234);
    assert_int_equal(eerd(b, 0x20), 0x1234);
    deselect(b);
    shift_in(b, 9, 7u << 6 | 0x20); /* erase */
    assert_int_equal(eerd(b, 0x20), 0xffff);
    deselect(b);
    shift_in(b, 9, 4u << 6); /* EWDS */
    deselect(b);
    shift_in(b, 9, 5u << 6 | 0x20);
    shift_in(b, 16, 0x4321);
    assert_int_equal(eerd(b, 0x20), 0xffff);
}

/* ---- PHY (13.4.8, 13.5) ---- */

static u16 phy(struct bench *b, unsigned reg)
{
    wr(b, MDIC, 2u << 26 | 1u << 21 | reg << 16);
    u32 v = rd(b, MDIC);
    assert_int_equal(v & (BIT(28) | BIT(30)), BIT(28));
    return (u16)v;
}

static void phy_set(struct bench *b, unsigned reg, u16 value)
{
    wr(b, MDIC, 1u << 26 | 1u << 21 | reg << 16 | value);
    assert_int_equal(rd(b, MDIC) & (BIT(28) | BIT(30)), BIT(28));
}

static void test_phy_identity(void **state)
{
    struct bench *b = *state;
    assert_int_equal(phy(b, 2), 0x0141);
    assert_int_equal(phy(b, 3), 0x0c20);
    assert_int_equal(phy(b, 0), 0x1140);
    assert_int_equal(phy(b, 1), 0x796d); /* link, negotiation complete */
    assert_int_equal(phy(b, 17), 0xac00);
    assert_int_equal(phy(b, 10), 0x3c00);
    wr(b, MDIC, 2u << 26 | 2u << 21 | 2u << 16); /* there is no PHY 2 */
    assert_int_equal(rd(b, MDIC) & (BIT(28) | BIT(30)), BIT(28) | BIT(30));
    wr(b, MDIC, 2u << 26 | 1u << 21 | BIT(29));
    assert_int_equal(rd(b, ICR), ICR_MDAC);
}

static void test_negotiation_takes_time(void **state)
{
    struct bench *b = *state;
    wr(b, IMS, ICR_LSC);
    phy_set(b, 0, 0x1340); /* restart */
    assert_int_equal(phy(b, 0), 0x1140);
    assert_int_equal(rd(b, STATUS) & 2, 0);
    assert_int_equal(phy(b, 1) & 0x24, 0);
    assert_true(b->h.irq[IRQ_LINE]);
    assert_int_equal(rd(b, ICR), ICR_LSC);
    harness_advance(&b->h, 499 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 0);
    harness_advance(&b->h, 2 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 2);
    assert_int_equal(rd(b, ICR), ICR_LSC);
    assert_int_equal(phy(b, 1) & 0x24, 0x20); /* it was down since the last read */
    assert_int_equal(phy(b, 1) & 0x24, 0x24);
    assert_int_equal(phy(b, 5), 0x41e1);
}

static void test_negotiated_speed(void **state)
{
    struct bench *b = *state;
    phy_set(b, 9, 0); /* not 1000 */
    phy_set(b, 0, 0x1340);
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 0xc1, 0x41); /* 100, full duplex */
    phy_set(b, 4, 0x0021);                        /* 10, half */
    phy_set(b, 0, 0x1340);
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 0xc1, 0x00);
    phy_set(b, 4, 0x0001); /* nothing */
    phy_set(b, 0, 0x1340);
    harness_advance(&b->h, 1000 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 0);
    phy_set(b, 0, 0xa100); /* forced 100 full; takes effect by a reset */
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 0xc3, 0x43);
    wr(b, CTRL, 0x40 | 1 << 11 | 1 << 12 | 2 << 8 | 1); /* the MAC's speed and duplex are forced */
    assert_int_equal(rd(b, STATUS) & 0xc3, 0x83);
}

static void test_cable(void **state)
{
    struct bench *b = *state;
    e1000_set_link(&b->chip, false);
    harness_advance(&b->h, 1000 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 0);
    assert_int_equal(rd(b, ICR), ICR_LSC);
    e1000_set_link(&b->chip, true);
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 2);
    wr(b, CTRL, 0); /* without SLU the MAC has no link */
    assert_int_equal(rd(b, STATUS) & 2, 0);
    wr(b, CTRL, BIT(31) | 0x40); /* PHY reset */
    assert_int_equal(phy(b, 1) & 0x24, 0);
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 2);
}

static void test_power_down(void **state)
{
    struct bench *b = *state;
    phy_set(b, 0, 0x1940);
    harness_advance(&b->h, 1000 * MS);
    assert_int_equal(phy(b, 1) & 0x24, 0);
    phy_set(b, 0, 0x1140);
    harness_advance(&b->h, 501 * MS);
    assert_int_equal(rd(b, STATUS) & 2, 2);
}

/* ---- interrupts (13.4.17 to 13.4.21) ---- */

static void test_causes_and_masks(void **state)
{
    struct bench *b = *state;
    wr(b, ICS, ICR_TXDW | ICR_RXT0);
    assert_false(b->h.irq[IRQ_LINE]);
    assert_int_equal(rd(b, ICS), ICR_TXDW | ICR_RXT0);
    wr(b, IMS, ICR_RXT0);
    assert_int_equal(rd(b, IMS), ICR_RXT0);
    assert_int_equal(rd(b, IMC), 0);
    assert_true(b->h.irq[IRQ_LINE]);
    assert_true(cfg(b, PCI_COMMAND) & (u32)PCI_STATUS_INTERRUPT << 16);
    wr(b, IMC, ICR_RXT0);
    assert_false(b->h.irq[IRQ_LINE]);
    wr(b, IMS, ICR_RXT0);
    wr(b, ICR, ICR_RXT0); /* ones clear */
    assert_false(b->h.irq[IRQ_LINE]);
    assert_int_equal(rd(b, ICR), ICR_TXDW);
    assert_int_equal(rd(b, ICR), 0); /* reading clears */
}

static void test_throttling(void **state)
{
    struct bench *b = *state;
    wr(b, ITR, 1000); /* 256 µs */
    wr(b, IMS, ICR_TXDW);
    wr(b, ICS, ICR_TXDW);
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    wr(b, ICS, ICR_TXDW);
    assert_false(b->h.irq[IRQ_LINE]);
    harness_advance(&b->h, 255999);
    assert_false(b->h.irq[IRQ_LINE]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[IRQ_LINE]);
    rd(b, ICR);
    harness_advance(&b->h, MS); /* after a pause the next one comes at once */
    wr(b, ICS, ICR_TXDW);
    assert_true(b->h.irq[IRQ_LINE]);
}

static void test_interrupt_disable(void **state)
{
    struct bench *b = *state;
    wr(b, IMS, ICR_TXDW);
    wr(b, ICS, ICR_TXDW);
    pci_config_write(&b->bus, PCI_DEVFN(3, 0), PCI_COMMAND, 7 | PCI_COMMAND_INTX_DISABLE, 2);
    assert_false(b->h.irq[IRQ_LINE]);
    e1000_reset(&b->chip);
    assert_false(b->h.irq[IRQ_LINE]);
    assert_int_equal(rd(b, ICR), 0);
}

static void test_no_network(void **state)
{
    struct bench *b = *state;
    static struct e1000 other;
    struct e1000_config config = bench_config(b);
    config.devfn = PCI_DEVFN(4, 0);
    config.number = 1;
    config.net = (struct net_backend){ 0 };
    assert_true(e1000_init(&other, &config));
    assert_int_equal(harness_read(&b->h, &other.mmio, STATUS, 4) & 2, 0);
    e1000_set_link(&other, true);
    harness_advance(&b->h, 1000 * MS);
    assert_int_equal(harness_read(&b->h, &other.mmio, STATUS, 4) & 2, 0);
}

static void test_state(void **state)
{
    struct bench *b = *state;
    static struct e1000 other;
    struct e1000_config config = bench_config(b);
    config.devfn = PCI_DEVFN(4, 0);
    config.number = 1;
    assert_true(e1000_init(&other, &config));
    harness_check_state(&e1000_state, &b->chip, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        T(test_configuration_space),
        T(test_option_rom),
        T(test_reset_values),
        T(test_software_reset),
        T(test_reserved_bits_and_arrays),
        T(test_port_window),
        T(test_eeprom_by_eerd),
        T(test_eeprom_bit_by_bit),
        T(test_eeprom_write),
        T(test_phy_identity),
        T(test_negotiation_takes_time),
        T(test_negotiated_speed),
        T(test_cable),
        T(test_power_down),
        T(test_causes_and_masks),
        T(test_throttling),
        T(test_interrupt_disable),
        T(test_no_network),
        T(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
