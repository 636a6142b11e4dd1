/* test_mtree.c: the printed tree, byte for byte as QEMU 7.2 prints the same regions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "space.h"

static const struct region_ops no_ops = { 0 };

struct bench {
    struct log log;
    struct ram_pool pool;
    struct region system, pci, ram, low, lowmem, bios, isa_bios, smram_region, pam_rom, pam_pci, mmio, edid, dispi;
    struct region msi, io, rtc, rtc_index, pm, evt, master, bus_master;
    struct address_space memory, ports, card;
    FILE *out;
    char *text;
    size_t len;
};

static void make_memory(struct bench *b)
{
    region_init_container(&b->system, "system", 0);
    region_init_container(&b->pci, "pci", 0);
    assert_true(region_init_ram(&b->ram, "pc.ram", MIB, &b->pool));
    assert_true(region_init_rom(&b->bios, "pc.bios", 256 * KIB, &b->pool));
    region_init_alias(&b->low, "ram-below-4g", &b->ram, 0, MIB);
    region_init_io(&b->lowmem, "vga-lowmem", 0x20000, &no_ops, NULL);
    region_init_alias(&b->isa_bios, "isa-bios", &b->bios, 0x20000, 0x20000);
    region_init_alias(&b->smram_region, "smram-region", &b->pci, 0xa0000, 0x20000);
    region_init_alias(&b->pam_rom, "pam-rom", &b->ram, 0xc0000, 0x4000);
    region_init_alias(&b->pam_pci, "pam-pci", &b->pci, 0xc0000, 0x4000);
    region_init_container(&b->mmio, "vga.mmio", 0x1000);
    region_init_io(&b->edid, "edid", 0x180, &no_ops, NULL);
    region_init_io(&b->dispi, "bochs dispi interface", 22, &no_ops, NULL);
    region_init_io(&b->msi, "apic-msi", MIB, &no_ops, NULL);
    region_add(&b->system, 0xfee00000, &b->msi, 4096);
    region_add(&b->system, 0, &b->pci, -1);
    region_add(&b->system, 0, &b->low, 0);
    region_add(&b->system, 0xc0000, &b->pam_rom, 1);
    region_add(&b->system, 0xc0000, &b->pam_pci, 1);
    region_set_enabled(&b->pam_pci, false);
    region_add(&b->system, 0xa0000, &b->smram_region, 1);
    region_add(&b->pci, 0xfffc0000, &b->bios, 0);
    region_add(&b->pci, 0xfebb0000, &b->mmio, 1);
    region_add(&b->mmio, 0x500, &b->dispi, 0);
    region_add(&b->mmio, 0, &b->edid, 0);
    region_add(&b->pci, 0xa0000, &b->lowmem, 1);
    region_add(&b->pci, 0xe0000, &b->isa_bios, 1);
}

static void make_ports(struct bench *b)
{
    region_init_container(&b->io, "io", 0x10000);
    region_init_io(&b->rtc, "rtc", 2, &no_ops, NULL);
    region_init_io(&b->rtc_index, "rtc-index", 1, &no_ops, NULL);
    region_init_container(&b->pm, "piix4-pm", 0x40);
    region_init_io(&b->evt, "acpi-evt", 4, &no_ops, NULL);
    region_add(&b->io, 0x70, &b->rtc, 0);
    region_add(&b->rtc, 0, &b->rtc_index, 0);
    region_add(&b->io, 0, &b->pm, 0);
    region_add(&b->pm, 0, &b->evt, 0);
    region_set_enabled(&b->pm, false);
    region_init_container(&b->master, "bus master container", 0);
    region_init_alias(&b->bus_master, "bus master", &b->system, 0, 0);
    region_add(&b->master, 0, &b->bus_master, 0);
    region_set_enabled(&b->bus_master, false);
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    log_init(&b->log, NULL);
    ram_pool_init(&b->pool);
    make_memory(b);
    make_ports(b);
    space_init(&b->memory, "memory", &b->system, &b->pool, &b->log, false);
    space_init(&b->ports, "I/O", &b->io, &b->pool, &b->log, true);
    space_init(&b->card, "card", &b->master, &b->pool, &b->log, false);
    b->out = open_memstream(&b->text, &b->len);
    assert_non_null(b->out);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->memory);
    space_free(&b->ports);
    space_free(&b->card);
    ram_pool_free(&b->pool);
    fclose(b->out);
    free(b->text);
    free(b);
    return 0;
}

#define PCI_LINES(I)                                                                                                   \
    I "0000000000000000-ffffffffffffffff (prio -1, i/o): pci\n" I                                                      \
      "  00000000000a0000-00000000000bffff (prio 1, i/o): vga-lowmem\n" I                                              \
      "  00000000000e0000-00000000000fffff (prio 1, rom): alias isa-bios @pc.bios "                                    \
      "0000000000020000-000000000003ffff\n" I "  00000000febb0000-00000000febb0fff (prio 1, i/o): vga.mmio\n" I        \
      "    00000000febb0000-00000000febb017f (prio 0, i/o): edid\n" I                                                  \
      "    00000000febb0500-00000000febb0515 (prio 0, i/o): bochs dispi interface\n" I                                 \
      "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\n"

#define SYSTEM_LINES                                                                                                   \
    "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n"                                                      \
    "    0000000000000000-00000000000fffff (prio 0, ram): alias ram-below-4g @pc.ram 0000000000000000-"                \
    "00000000000fffff\n" PCI_LINES("    ") "    00000000000a0000-00000000000bffff (prio 1, i/o): alias smram-region "  \
                                           "@pci 00000000000a0000-00000000000bffff\n"                                  \
                                           "    00000000000c0000-00000000000c3fff (prio 1, ram): alias pam-rom "       \
                                           "@pc.ram 00000000000c0000-00000000000c3fff\n"                               \
                                           "    00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi\n"

static void a_tree_prints_as_qemu_does(void **state)
{
    struct bench *b = *state;
    region_print(&b->system, b->out);
    fflush(b->out);
    assert_string_equal(b->text, SYSTEM_LINES);
}

static void spaces_and_alias_targets_print_once(void **state)
{
    struct bench *b = *state;
    struct address_space *spaces[] = { &b->memory, &b->ports, &b->card };
    assert_true(mtree_print(spaces, ARRAY_LEN(spaces), false, b->out));
    fflush(b->out);
    assert_string_equal(b->text, "address-space: memory\n" SYSTEM_LINES "\n"
                                 "address-space: I/O\n"
                                 "  0000000000000000-000000000000ffff (prio 0, i/o): io\n"
                                 "      0000000000000000-0000000000000003 (prio 0, i/o): acpi-evt\n"
                                 "    0000000000000070-0000000000000071 (prio 0, i/o): rtc\n"
                                 "      0000000000000070-0000000000000070 (prio 0, i/o): rtc-index\n\n"
                                 "address-space: card\n"
                                 "  0000000000000000-ffffffffffffffff (prio 0, i/o): bus master container\n\n"
                                 "memory-region: pc.ram\n"
                                 "  0000000000000000-00000000000fffff (prio 0, ram): pc.ram\n\n"
                                 "memory-region: pc.bios\n"
                                 "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\n\n"
                                 "memory-region: pci\n" PCI_LINES("  ") "\n"
                                                                        "memory-region: system\n" SYSTEM_LINES "\n");
}

static void disabled_regions_can_be_shown(void **state)
{
    struct bench *b = *state;
    region_print_all(&b->io, b->out);
    region_print_all(&b->master, b->out);
    fflush(b->out);
    assert_string_equal(b->text, "  0000000000000000-000000000000ffff (prio 0, i/o): io\n"
                                 "    0000000000000000-000000000000003f (prio 0, i/o): piix4-pm [disabled]\n"
                                 "      0000000000000000-0000000000000003 (prio 0, i/o): acpi-evt\n"
                                 "    0000000000000070-0000000000000071 (prio 0, i/o): rtc\n"
                                 "      0000000000000070-0000000000000070 (prio 0, i/o): rtc-index\n"
                                 "  0000000000000000-ffffffffffffffff (prio 0, i/o): bus master container\n"
                                 "    0000000000000000-ffffffffffffffff (prio 0, i/o): alias bus master @system "
                                 "0000000000000000-ffffffffffffffff [disabled]\n");
}

/* Regions of one address and priority: all of them, in order of look-up. */
static void equals_are_all_printed(void **state)
{
    struct bench *b = *state;
    struct region root, r[4];
    static const char *const names[] = { "first", "second", "third", "strong" };
    region_init_container(&root, "root", 16);
    for (unsigned i = 0; i < 4; i++) {
        region_init_io(&r[i], names[i], 1, &no_ops, NULL);
        region_add(&root, 2, &r[i], i == 3);
    }
    region_print(&root, b->out);
    fflush(b->out);
    assert_string_equal(b->text, "  0000000000000000-000000000000000f (prio 0, i/o): root\n"
                                 "    0000000000000002-0000000000000002 (prio 1, i/o): strong\n"
                                 "    0000000000000002-0000000000000002 (prio 0, i/o): third\n"
                                 "    0000000000000002-0000000000000002 (prio 0, i/o): second\n"
                                 "    0000000000000002-0000000000000002 (prio 0, i/o): first\n");
}

/* Spaces of one root: one tree under all their names, by the alphabet. */
static void spaces_of_one_root_print_once(void **state)
{
    struct bench *b = *state;
    struct address_space second;
    space_init(&second, "a second", &b->io, &b->pool, &b->log, true);
    struct address_space *spaces[] = { &b->ports, &b->card, &second };
    assert_true(mtree_print(spaces, ARRAY_LEN(spaces), false, b->out));
    fflush(b->out);
    assert_non_null(strstr(b->text, "address-space: I/O\naddress-space: a second\n  0000000000000000-"));
    assert_null(strstr(strstr(b->text, "a second") + 1, "a second"));
    space_free(&second);
}

/* PAM: RAM for reads, the bus for writes is "rom"; the bus for reads, RAM for writes is the bus alone. */
static void windows_for_one_direction(void **state)
{
    struct bench *b = *state;
    struct address_space *spaces[] = { &b->memory };
    region_set_access(&b->pam_rom, REGION_R);
    region_set_access(&b->pam_pci, REGION_W);
    region_set_enabled(&b->pam_pci, true);
    region_print(&b->system, b->out);
    fflush(b->out);
    assert_string_equal(b->text, SYSTEM_LINES);
    region_set_addr(&b->pam_rom, 0xe0000); /* over a ROM of the bus, which takes the writes */
    region_set_addr(&b->pam_pci, 0xe0000);
    region_set_target_offset(&b->pam_pci, 0xe0000);
    mtree_print_flat(spaces, 1, b->out);
    fflush(b->out);
    assert_non_null(strstr(b->text, "  00000000000e0000-00000000000e3fff (prio 0, rom): pc.ram @00000000000c0000\n"
                                    "  00000000000e4000-00000000000fffff (prio 0, ram): pc.ram @00000000000e4000\n"));
}

static void flat_views(void **state)
{
    struct bench *b = *state;
    struct address_space *spaces[] = { &b->ports, &b->card };
    mtree_print_flat(spaces, ARRAY_LEN(spaces), b->out);
    fflush(b->out);
    assert_string_equal(b->text, "FlatView #0\n"
                                 " AS \"I/O\", root: io\n"
                                 " Root memory region: io\n"
                                 "  0000000000000000-000000000000006f (prio 0, i/o): io\n"
                                 "  0000000000000070-0000000000000070 (prio 0, i/o): rtc-index\n"
                                 "  0000000000000071-0000000000000071 (prio 0, i/o): rtc @0000000000000001\n"
                                 "  0000000000000072-000000000000ffff (prio 0, i/o): io @0000000000000072\n\n"
                                 "FlatView #1\n"
                                 " AS \"card\", root: bus master container\n"
                                 " Root memory region: (none)\n"
                                 "  No rendered FlatView\n\n");
}

/* A view that is nothing but an alias of another is that one's. */
static void a_bus_master_shares_the_view(void **state)
{
    struct bench *b = *state;
    struct address_space *spaces[] = { &b->memory, &b->card };
    region_set_enabled(&b->bus_master, true);
    mtree_print_flat(spaces, ARRAY_LEN(spaces), b->out);
    fflush(b->out);
    assert_non_null(strstr(b->text, "FlatView #0\n"
                                    " AS \"memory\", root: system\n"
                                    " AS \"card\", root: bus master container\n"
                                    " Root memory region: system\n"
                                    "  0000000000000000-000000000009ffff (prio 0, ram): pc.ram\n"
                                    "  00000000000a0000-00000000000bffff (prio 1, i/o): vga-lowmem\n"
                                    "  00000000000c0000-00000000000fffff (prio 0, ram): pc.ram @00000000000c0000\n"
                                    "  00000000febb0000-00000000febb017f (prio 0, i/o): edid\n"));
    assert_null(strstr(b->text, "FlatView #1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tree_prints_as_qemu_does, setup, teardown),
        cmocka_unit_test_setup_teardown(spaces_and_alias_targets_print_once, setup, teardown),
        cmocka_unit_test_setup_teardown(disabled_regions_can_be_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(equals_are_all_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(spaces_of_one_root_print_once, setup, teardown),
        cmocka_unit_test_setup_teardown(windows_for_one_direction, setup, teardown),
        cmocka_unit_test_setup_teardown(flat_views, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bus_master_shares_the_view, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
