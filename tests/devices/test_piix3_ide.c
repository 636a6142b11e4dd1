/* test_piix3_ide.c: the cable, interrupts, hostile input and snapshots of the 82371SB's IDE function (ATA/ATAPI-6,
 * sections 5 to 7, 9). */
#include "ide_bench.h"

static void test_pci_function(void **state)
{
    struct bench *b = *state;
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 0, 4), 0x70108086);
    piix3_ide_reset(&b->chip);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 4, 4), 0x02800000);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 8, 4), 0x01018000);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 0x20, 4), 1);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 0x40, 4), 0);
    pci_config_write(&b->bus, DEVFN, 0x20, UINT32_MAX, 4);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 0x20, 4), 0xfffffff1);
    pci_config_write(&b->bus, DEVFN, 0x40, 0x80008000, 4);
    assert_int_equal(pci_config_read(&b->bus, DEVFN, 0x40, 4), 0x80008000);
}

static void test_power_on_signature(void **state)
{
    struct bench *b = *state;
    assert_int_equal(reg(b, R_STATUS), 0x50);
    assert_int_equal(reg(b, R_ERROR), 0x01);
    assert_int_equal(reg(b, R_COUNT), 1);
    assert_int_equal(reg(b, R_LOW), 1);
    assert_int_equal(reg(b, R_MID), 0);
    assert_int_equal(reg(b, R_HIGH), 0);
    assert_int_equal(reg(b, R_DEVICE), 0xa0);
    assert_false(irq(b));
}

static void test_absent_slave(void **state)
{
    struct bench *b = *state;
    set(b, R_DEVICE, 0xb0);
    set(b, R_COUNT, 0x55);
    set(b, R_LOW, 0xaa);
    assert_int_equal(reg(b, R_STATUS), 0);
    assert_int_equal(alt_status(b), 0);
    assert_int_equal(reg(b, R_DEVICE), 0xb0);
    assert_int_equal(reg(b, R_COUNT), 0x55); /* device 0 answers for it */
    set(b, R_COMMAND, 0xec);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0);
    assert_int_equal(in(b, b->base, 2), 0);
    assert_false(irq(b));
    set(b, R_DEVICE, 0xa0);
    assert_int_equal(reg(b, R_STATUS), 0x50);
}

static void test_empty_cable(void **state)
{
    struct bench *b = *state;
    struct harness other;
    struct piix3_ide none;
    struct pci_bus bus;
    struct region memory, io;
    struct irq_line irqs[2] = { harness_irq(&b->h, 20), harness_irq(&b->h, 21) };
    struct block_backend no_medium = { 0 };
    const struct ide_plug drive[4] = { { NULL, false }, { NULL, false }, { &no_medium, false }, { NULL, false } };
    harness_init(&other);
    bench_bus_init(&bus, &memory, &io, &other);
    piix3_ide_init(&none, &bus, DEVFN, &other.clock, irqs, drive, &other.log);
    for (unsigned n = 0; n < 2; n++) {
        struct region *r = &none.channel[n].command_block;
        for (unsigned cmd = 0; cmd < 256; cmd++) {
            harness_write(&other, r, R_DEVICE, cmd & 0x10, 1);
            harness_write(&other, r, R_COMMAND, cmd, 1);
            harness_advance(&other, LATER);
            for (unsigned i = 1; i < 8; i++)
                assert_int_equal(harness_read(&other, r, i, 1), 0);
            assert_int_equal(harness_read(&other, r, 0, 4), 0);
            harness_write(&other, r, 0, UINT32_MAX, 4);
        }
        assert_int_equal(harness_read(&other, &none.channel[n].control_block, 0, 1), 0);
    }
    assert_false(b->h.irq[20] || b->h.irq[21]);
    harness_free(&other);
}

static void test_software_reset(void **state)
{
    struct bench *b = *state;
    command28(b, 0x20, 5, 1);
    wait(b);
    control(b, 0x04);
    assert_int_equal(alt_status(b), 0x80);
    assert_false(irq(b));
    set(b, R_COUNT, 0x77); /* not listening */
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(alt_status(b), 0x80);
    control(b, 0x00);
    assert_int_equal(alt_status(b), 0x80);
    harness_advance(&b->h, IDE_RESET_NS);
    test_power_on_signature(state);
}

static void test_reset_ends_a_dma(void **state)
{
    struct bench *b = *state;
    command28(b, 0xc8, 0, 8);
    wait(b);
    assert_int_equal(alt_status(b), 0x80);
    control(b, 0x04);
    control(b, 0x00);
    harness_advance(&b->h, IDE_RESET_NS);
    test_power_on_signature(state);
}

/* ---- interrupts ---- */

static void test_interrupts_come_later(void **state)
{
    struct bench *b = *state;
    set(b, R_COMMAND, 0xec);
    assert_int_equal(alt_status(b), 0x80);
    assert_false(irq(b));
    harness_advance(&b->h, IDE_COMMAND_NS - 1);
    assert_false(irq(b));
    harness_advance(&b->h, 1);
    assert_true(irq(b));
    assert_int_equal(alt_status(b), 0x58);
    assert_true(irq(b)); /* alternate status does not acknowledge */
    assert_int_equal(reg(b, R_STATUS), 0x58);
    assert_false(irq(b));
}

static void test_nien(void **state)
{
    struct bench *b = *state;
    control(b, 0x02);
    simple(b, 0xe7, 0, 0);
    assert_false(irq(b));
    control(b, 0x00); /* still pending */
    assert_true(irq(b));
    reg(b, R_STATUS);
    assert_false(irq(b));
}

static void test_only_the_selected_drive_interrupts(void **state)
{
    struct bench *b = *state;
    b->base = 0x170;
    set(b, R_COMMAND, 0xe7);
    set(b, R_DEVICE, 0xb0);
    wait(b);
    assert_false(irq(b));
    assert_int_equal(reg(b, R_STATUS), 0x50); /* device 1's; device 0 keeps its interrupt */
    set(b, R_DEVICE, 0xa0);
    assert_true(irq(b));
    reg(b, R_STATUS);
    assert_false(irq(b));
}

static void test_command_clears_interrupt(void **state)
{
    struct bench *b = *state;
    simple(b, 0xe7, 0, 0);
    assert_true(irq(b));
    set(b, R_COMMAND, 0xe7);
    assert_false(irq(b));
    wait(b);
    assert_ok(b);
}

static void test_busy_drive_is_left_alone(void **state)
{
    struct bench *b = *state;
    u8 sector[512];
    command28(b, 0x20, 7, 1);
    set(b, R_LOW, 99); /* too late */
    set(b, R_COMMAND, 0x30);
    assert_true(harness_logged(&b->h, "busy"));
    set(b, R_DEVICE, 0xef); /* selection may change, the address does not */
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, sector, 256);
    assert_memory_equal(sector, b->disk[0].data + 7 * 512, 512);
}

/* While one drive is at work the other may be set up: the first one's address stays its own. */
static void test_two_drives_at_work(void **state)
{
    struct bench *b = *state;
    u8 first[512], second[512];
    b->base = 0x170;
    command28(b, 0x20, 0x123456, 1);
    set(b, R_DEVICE, 0xf0);
    command28(b, 0x20, 7, 1);
    wait(b);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, second, 256);
    assert_int_equal(get_le32(second), 7);
    set(b, R_DEVICE, 0xe0);
    assert_int_equal(reg(b, R_STATUS), 0x58);
    read_words(b, first, 256);
    assert_int_equal(get_le32(first), 0x123456);
}

/* ---- hostile input, state ---- */

static void test_noise(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->chip.channel[0].command_block,
                                 &b->chip.channel[0].control_block,
                                 &b->chip.channel[1].command_block,
                                 &b->chip.channel[1].control_block,
                                 &b->chip.bmdma,
                                 &b->chip.channel[0].command_block,
                                 &b->chip.channel[1].command_block };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 200000);
}

/* Every command, with every register at its extremes. */
static void test_every_command(void **state)
{
    static const u8 edge[] = { 0, 1, 0x7f, 0xff };
    struct bench *b = *state;
    for (unsigned i = 0; i < 256 * 64; i++) {
        b->base = i & 0x100 ? 0x170 : 0x1f0;
        soft_reset(b);
        set(b, R_DEVICE, i & 0x200 ? 0xf0 : 0xa0);
        for (unsigned r = R_FEATURES; r < R_DEVICE; r++)
            set(b, r, edge[i >> 10 & 3]), set(b, r, edge[i >> 12 & 3]);
        bm_start(b, i & 0x400);
        set(b, R_COMMAND, i & 0xff);
        wait(b);
        for (unsigned n = 0; n < 130; n++)
            out(b, b->base, in(b, b->base, 4), 4);
        wait(b);
        reg(b, R_STATUS);
    }
}

static void test_state(void **state)
{
    void *twin_state;
    struct bench *b = *state;
    setup(&twin_state);
    harness_check_state(&piix3_ide_state, &b->chip, &((struct bench *)twin_state)->chip);
    teardown(&twin_state);
}

/* Whatever a snapshot says, the chip keeps within its buffers and disks. */
static void test_runs_from_any_state(void **state)
{
    struct bench *b = *state;
    u64 seed = 42;
    for (unsigned round = 0; round < 300; round++) {
        for (unsigned n = 0; n < 4; n++) {
            struct ide_drive *d = &b->chip.channel[n / 2].drive[n % 2];
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            d->phase = (u8)((seed >> 33) % (IDE_PHASE_MAX + 1));
            d->transfer = (seed >> 40) & IDE_T_ALL;
            d->pos = (u32)(seed >> 20) % (IDE_BUFFER + 1);
            d->len = (u32)(seed >> 30) % (IDE_BUFFER + 1);
            d->remaining = (u32)(seed >> 24);
            d->lba = seed & 8 ? seed : (seed >> 50);
            d->multiple = (u8)((seed >> 45) % (IDE_MULTIPLE_MAX + 1));
            d->heads = (seed >> 55) & 0x0f;
            d->sectors = (u8)(seed >> 57);
            d->device = (u8)(seed >> 13);
            timer_set(&d->timer, b->h.now + (seed & 0xffff));
        }
        b->chip.channel[round & 1].bm.command = 1;
        b->chip.channel[round & 1].bm.status = 1;
        for (unsigned i = 0; i < 50; i++) {
            in(b, i & 1 ? 0x1f0 : 0x170, 4);
            out(b, i & 2 ? 0x1f0 : 0x170, i, 2);
        }
        harness_advance(&b->h, 20 * LATER);
    }
}

/* A transfer that is saved in its middle goes on where it was. */
static void test_saved_in_the_middle(void **state)
{
    struct bench *b = *state;
    struct state_buf image = { 0 };
    u8 first[512], again[1024];
    command28(b, 0x20, 50, 2);
    wait(b);
    read_words(b, first, 100);
    assert_true(state_save(&piix3_ide_state, &b->chip, &image));
    read_words(b, first, 156);
    piix3_ide_reset(&b->chip);
    assert_true(state_load(&piix3_ide_state, &b->chip, &image, NULL));
    read_words(b, again, 156);
    assert_memory_equal(again, first, 312);
    wait(b);
    read_words(b, again, 256);
    assert_memory_equal(again, b->disk[0].data + 51 * 512, 512);
    state_buf_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pci_function),
        TEST(test_power_on_signature),
        TEST(test_absent_slave),
        TEST(test_empty_cable),
        TEST(test_software_reset),
        TEST(test_reset_ends_a_dma),
        TEST(test_interrupts_come_later),
        TEST(test_nien),
        TEST(test_only_the_selected_drive_interrupts),
        TEST(test_command_clears_interrupt),
        TEST(test_busy_drive_is_left_alone),
        TEST(test_two_drives_at_work),
        TEST(test_noise),
        TEST(test_every_command),
        TEST(test_state),
        TEST(test_runs_from_any_state),
        TEST(test_saved_in_the_middle),
    };
    return cmocka_run_group_tests_name("piix3_ide", tests, NULL, NULL);
}
