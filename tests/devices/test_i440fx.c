/* test_i440fx.c: configuration ports, PAM and SMRAM of the 82441FX (data sheet 290549). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i440fx.h"
#include "space.h"

#define ROM_BYTE 0xb5
#define CFG_BASE 0x80000000u

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region system, pci, io, ram, low_ram, bios, vga, cf9;
    struct region smm_root, smm_alias, system_alias;
    struct address_space mem, ports, smm;
    struct pci_bus bus;
    struct i440fx chip;
    u8 vga_reg, cf9_reg;
    unsigned cf9_writes;
};

static u64 byte_read(void *dev, u64 offset, unsigned size)
{
    (void)offset, (void)size;
    return *(const u8 *)dev;
}

static void byte_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)offset, (void)size;
    *(u8 *)dev = (u8)value;
}

static const struct region_ops byte_ops = { .read = byte_read, .write = byte_write, .max_size = 1 };

static void make_map(struct bench *b)
{
    region_init_container(&b->system, "system", 0);
    region_init_container(&b->pci, "pci", 0);
    region_init_container(&b->io, "io", 0x10000);
    assert_true(region_init_ram(&b->ram, "pc.ram", 16 * MIB, &b->pool));
    assert_true(region_init_rom(&b->bios, "pc.bios", 256 * KIB, &b->pool));
    memset(b->bios.host, ROM_BYTE, 256 * KIB);
    region_init_alias(&b->low_ram, "ram-below-4g", &b->ram, 0, 2 * MIB);
    region_init_io(&b->vga, "vga-lowmem", 0x20000, &byte_ops, &b->vga_reg);
    region_add(&b->system, 0, &b->low_ram, 0);
    region_add(&b->system, 0, &b->pci, -1);
    region_add(&b->pci, 0xa0000, &b->vga, 1);
    region_add(&b->pci, 0xc0000, &b->bios, 1);
}

static void make_spaces(struct bench *b)
{
    region_init_container(&b->smm_root, "memory", 0);
    region_init_alias(&b->smm_alias, "smram", &b->chip.smram, 0, 4 * GIB);
    region_init_alias(&b->system_alias, "memory", &b->system, 0, 0);
    region_add(&b->smm_root, 0, &b->smm_alias, 1);
    region_add(&b->smm_root, 0, &b->system_alias, 0);
    space_init(&b->mem, "memory", &b->system, &b->pool, &b->h.log, false);
    space_init(&b->smm, "cpu-smm-0", &b->smm_root, &b->pool, &b->h.log, false);
    space_init(&b->ports, "I/O", &b->io, &b->pool, &b->h.log, true);
    region_init_io(&b->cf9, "piix3-reset-control", 1, &byte_ops, &b->cf9_reg);
    region_add(&b->io, 0xcf8, &b->chip.conf_idx, 0);
    region_add(&b->io, 0xcfc, &b->chip.conf_data, 0);
    region_add(&b->io, 0xcf9, &b->cf9, 1);
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    make_map(b);
    pci_bus_init(&b->bus, &b->pci, &b->io, &b->h.dma, &b->h.log);
    struct i440fx_memory memory = { &b->system, &b->ram, &b->pci };
    i440fx_init(&b->chip, &b->bus, &memory, &b->h.log);
    make_spaces(b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->mem);
    space_free(&b->smm);
    space_free(&b->ports);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static u32 cfg_read(struct bench *b, unsigned reg, unsigned size)
{
    space_write(&b->ports, 0xcf8, CFG_BASE | (reg & 0xfc), 4);
    return (u32)space_read(&b->ports, 0xcfc + (reg & 3), size);
}

static void cfg_write(struct bench *b, unsigned reg, u32 value, unsigned size)
{
    space_write(&b->ports, 0xcf8, CFG_BASE | (reg & 0xfc), 4);
    space_write(&b->ports, 0xcfc + (reg & 3), value, size);
}

static void test_identity_and_reset_values(void **state)
{
    struct bench *b = *state;
    assert_int_equal(cfg_read(b, 0x00, 4), 0x12378086);
    assert_int_equal(cfg_read(b, 0x04, 4), 0x00000000);
    assert_int_equal(cfg_read(b, 0x08, 4), 0x06000002);
    assert_int_equal(cfg_read(b, 0x2c, 4), 0x11001af4);
    assert_int_equal(cfg_read(b, 0x54, 4), 0x02000000); /* 16 MiB */
    assert_int_equal(cfg_read(b, 0x70, 4), 0x00020000);
    for (unsigned r = 0x58; r < 0x70; r += 4)
        assert_int_equal(cfg_read(b, r, 4), 0);
}

static void test_confadd_takes_dwords_alone(void **state)
{
    struct bench *b = *state;
    space_write(&b->ports, 0xcf8, 0xffffffff, 4);
    assert_int_equal(space_read(&b->ports, 0xcf8, 4), 0x80fffffc);
    space_write(&b->ports, 0xcf8, 0x80000000, 4);
    space_write(&b->ports, 0xcf8, 0x12, 1);
    space_write(&b->ports, 0xcfa, 0x1234, 2);
    space_write(&b->ports, 0xcfb, 0, 1);
    assert_int_equal(space_read(&b->ports, 0xcf8, 4), 0x80000000);
    assert_int_equal(space_read(&b->ports, 0xcf8, 1), 0xff);
    assert_int_equal(space_read(&b->ports, 0xcfa, 2), 0xffff);
}

static void test_cf9_is_someone_elses(void **state)
{
    struct bench *b = *state;
    space_write(&b->ports, 0xcf8, 0x80005a00, 4);
    assert_int_equal(b->cf9_reg, 0); /* a dword at CF8 is CONFADD's, CF9 included */
    space_write(&b->ports, 0xcf9, 0x02, 1);
    assert_int_equal(b->cf9_reg, 2);
    assert_int_equal(space_read(&b->ports, 0xcf8, 4), 0x80005a00);
}

static void test_confdata_lanes(void **state)
{
    struct bench *b = *state;
    space_write(&b->ports, 0xcf8, CFG_BASE, 4);
    assert_int_equal(space_read(&b->ports, 0xcfc, 1), 0x86);
    assert_int_equal(space_read(&b->ports, 0xcfd, 1), 0x80);
    assert_int_equal(space_read(&b->ports, 0xcfe, 2), 0x1237);
    assert_int_equal(space_read(&b->ports, 0xcfd, 2), 0x3780);
    cfg_write(b, 0x62, 0xabcd, 2);
    assert_int_equal(cfg_read(b, 0x60, 4), 0xabcd0000);
}

static void test_nothing_selected(void **state)
{
    struct bench *b = *state;
    space_write(&b->ports, 0xcf8, 0, 4); /* CONE clear */
    assert_int_equal(space_read(&b->ports, 0xcfc, 4), 0xffffffff);
    space_write(&b->ports, 0xcf8, CFG_BASE | 0x10000, 4); /* bus 1 */
    assert_int_equal(space_read(&b->ports, 0xcfc, 4), 0xffffffff);
    space_write(&b->ports, 0xcfc, 0, 4);
    space_write(&b->ports, 0xcf8, CFG_BASE | 5 << 11, 4);
    assert_int_equal(space_read(&b->ports, 0xcfc, 2), 0xffff);
}

static const struct {
    u32 base, size;
    u8 reg, shift;
} segment[] = {
    { 0xf0000, 0x10000, 0x59, 4 }, { 0xc0000, 0x4000, 0x5a, 0 }, { 0xc4000, 0x4000, 0x5a, 4 },
    { 0xc8000, 0x4000, 0x5b, 0 },  { 0xcc000, 0x4000, 0x5b, 4 }, { 0xd0000, 0x4000, 0x5c, 0 },
    { 0xd4000, 0x4000, 0x5c, 4 },  { 0xd8000, 0x4000, 0x5d, 0 }, { 0xdc000, 0x4000, 0x5d, 4 },
    { 0xe0000, 0x4000, 0x5e, 0 },  { 0xe4000, 0x4000, 0x5e, 4 }, { 0xe8000, 0x4000, 0x5f, 0 },
    { 0xec000, 0x4000, 0x5f, 4 },
};

/* One mode of one segment, at both of its ends: what a read sees and whether a write reaches the RAM. */
static void check_mode(struct bench *b, unsigned i, unsigned mode)
{
    u64 end[2] = { segment[i].base, segment[i].base + segment[i].size - 1 };
    cfg_write(b, segment[i].reg, mode << segment[i].shift, 1);
    assert_int_equal(cfg_read(b, segment[i].reg, 1), mode << segment[i].shift);
    for (unsigned e = 0; e < 2; e++) {
        b->ram.host[end[e]] = 0x11;
        assert_int_equal(space_read(&b->mem, end[e], 1), mode & 1 ? 0x11 : ROM_BYTE);
        space_write(&b->mem, end[e], 0x22, 1);
        assert_int_equal(b->ram.host[end[e]], mode & 2 ? 0x22 : 0x11);
        assert_int_equal(space_read(&b->mem, end[e], 1), !(mode & 1) ? ROM_BYTE : mode & 2 ? 0x22 : 0x11);
    }
}

static void test_pam_modes(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(segment); i++)
        for (unsigned mode = 0; mode < 16; mode++)
            check_mode(b, i, mode & 3); /* in every order of two modes at least once: 0 … 3 cyclically */
}

static void test_pam_mode_changes(void **state)
{
    static const u8 order[] = { 0, 2, 0, 3, 1, 0, 1, 3, 2, 1, 2, 3, 0 };
    struct bench *b = *state;
    for (unsigned k = 0; k < ARRAY_LEN(order); k++)
        check_mode(b, 4, order[k]);
}

static void test_pam_neighbours_are_apart(void **state)
{
    struct bench *b = *state;
    cfg_write(b, 0x5a, 0x03, 1); /* C0000-C3FFF only */
    b->ram.host[0xc3fff] = b->ram.host[0xc4000] = 0x33;
    assert_int_equal(space_read(&b->mem, 0xc3fff, 1), 0x33);
    assert_int_equal(space_read(&b->mem, 0xc4000, 1), ROM_BYTE);
    assert_int_equal(space_read(&b->mem, 0xc3fff, 2), ROM_BYTE << 8 | 0x33);
    cfg_write(b, 0x58, 0xffffffff, 4); /* all of them, through a dword */
    assert_int_equal(cfg_read(b, 0x58, 4), 0x333330ff);
    b->ram.host[0xf0000] = 0x44;
    assert_int_equal(space_read(&b->mem, 0xf0000, 1), 0x44);
}

/* Which windows of a segment are there, and for what. */
static void test_pam_windows(void **state)
{
    struct bench *b = *state;
    static const u8 expect[4][3] = { /* pam-ram, pam-rom, pam-pci */
                                     { 0, 0, REGION_RW },
                                     { 0, REGION_R, REGION_W },
                                     { REGION_W, 0, REGION_R },
                                     { REGION_RW, 0, 0 }
    };
    for (unsigned mode = 0; mode < 4; mode++) {
        cfg_write(b, 0x59, mode << 4, 1);
        const struct region *window[3] = { &b->chip.pam[0].ram, &b->chip.pam[0].rom, &b->chip.pam[0].pci };
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(window[i]->enabled ? window[i]->access : 0, expect[mode][i]);
    }
    assert_string_equal(b->chip.pam[0].ram.name, "pam-ram");
    assert_string_equal(b->chip.pam[0].rom.name, "pam-rom");
    assert_string_equal(b->chip.pam[0].pci.name, "pam-pci");
}

static void test_smram_closed(void **state)
{
    struct bench *b = *state;
    b->ram.host[0xa0000] = 0x77;
    b->vga_reg = 0x66;
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x02);
    assert_int_equal(space_read(&b->mem, 0xa0000, 1), 0x66);
    assert_int_equal(space_read(&b->smm, 0xa0000, 1), 0x66); /* G_SMRAME clear */
    cfg_write(b, I440FX_SMRAM, 0x0a, 1);
    assert_int_equal(space_read(&b->mem, 0xa0000, 1), 0x66);
    assert_int_equal(space_read(&b->smm, 0xa0000, 1), 0x77);
    space_write(&b->smm, 0xbffff, 0x99, 1);
    assert_int_equal(b->ram.host[0xbffff], 0x99);
    assert_int_equal(space_read(&b->smm, 0x100000, 1), b->ram.host[0x100000]);
}

static void test_smram_open(void **state)
{
    struct bench *b = *state;
    b->ram.host[0xa8000] = 0x77;
    cfg_write(b, I440FX_SMRAM, 0x4a, 1); /* as firmware does */
    assert_int_equal(space_read(&b->mem, 0xa8000, 1), 0x77);
    cfg_write(b, I440FX_SMRAM, 0x0a, 1);
    assert_int_equal(space_read(&b->mem, 0xa8000, 1), b->vga_reg);
    cfg_write(b, I440FX_SMRAM, 0x42, 1); /* D_OPEN without G_SMRAME */
    assert_int_equal(space_read(&b->mem, 0xa8000, 1), b->vga_reg);
}

static void test_smram_lock(void **state)
{
    struct bench *b = *state;
    cfg_write(b, I440FX_SMRAM, 0x5a, 1);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x1a); /* D_LCK clears D_OPEN */
    cfg_write(b, I440FX_SMRAM, 0x42, 1);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x1a);
    cfg_write(b, I440FX_SMRAM, 0x3a, 1);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x3a); /* D_CLS is not locked */
    assert_true(harness_logged(&b->h, "D_CLS"));
    i440fx_reset(&b->chip);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x02);
    cfg_write(b, I440FX_SMRAM, 0x4a, 1);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x4a);
}

static void test_lock_survives_load(void **state)
{
    struct bench *b = *state;
    struct state_buf image = { 0 };
    cfg_write(b, I440FX_SMRAM, 0x1a, 1);
    cfg_write(b, 0x59, 0x10, 1);
    assert_true(state_save(&i440fx_state, &b->chip, &image));
    i440fx_reset(&b->chip);
    assert_true(state_load(&i440fx_state, &b->chip, &image, NULL));
    cfg_write(b, I440FX_SMRAM, 0x4a, 1);
    assert_int_equal(cfg_read(b, I440FX_SMRAM, 1), 0x1a);
    b->ram.host[0xf0000] = 0x5c;
    assert_int_equal(space_read(&b->mem, 0xf0000, 1), 0x5c);
    state_buf_free(&image);
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    cfg_write(b, 0x59, 0x30, 1);
    i440fx_reset(&b->chip);
    assert_int_equal(space_read(&b->ports, 0xcf8, 4), 0);
    assert_int_equal(cfg_read(b, 0x59, 1), 0);
    assert_int_equal(space_read(&b->mem, 0xf0000, 1), ROM_BYTE);
}

static void test_state(void **state)
{
    void *twin_state;
    struct bench *b = *state;
    setup(&twin_state);
    harness_check_state(&i440fx_state, &b->chip, &((struct bench *)twin_state)->chip);
    teardown(&twin_state);
}

static void test_noise(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->chip.conf_idx, &b->chip.conf_data };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_identity_and_reset_values),
        TEST(test_confadd_takes_dwords_alone),
        TEST(test_cf9_is_someone_elses),
        TEST(test_confdata_lanes),
        TEST(test_nothing_selected),
        TEST(test_pam_modes),
        TEST(test_pam_mode_changes),
        TEST(test_pam_neighbours_are_apart),
        TEST(test_pam_windows),
        TEST(test_smram_closed),
        TEST(test_smram_open),
        TEST(test_smram_lock),
        TEST(test_lock_survives_load),
        TEST(test_reset),
        TEST(test_state),
        TEST(test_noise),
    };
    return cmocka_run_group_tests_name("i440fx", tests, NULL, NULL);
}
