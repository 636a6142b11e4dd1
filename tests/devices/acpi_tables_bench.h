/* acpi_tables_bench.h: ACPI tables as the firmware gets them: found by fw_cfg's loader script. */
#ifndef PCEMU_TESTS_ACPI_TABLES_BENCH_H
#define PCEMU_TESTS_ACPI_TABLES_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "acpi_tables.h"

#define TABLES_ADDRESS 0x3ffe0000
#define RSDP_ADDRESS 0xf5a00

static const struct acpi_machine pc = {
    .cpus = 2,
    .cpus_present = 2,
    .apic_id = { 0, 1 },
    .lapic_base = 0xfee00000,
    .ioapic_base = 0xfec00000,
    .hpet_base = 0xfed00000,
    .pm1_event_port = 0x600,
    .pm1_control_port = 0x604,
    .pm_timer_port = 0x608,
    .smi_command_port = 0xb2,
    .acpi_enable = 0xf1,
    .acpi_disable = 0xf0,
    .sci_irq = 9,
    .rtc_century = 0x32,
    .isa_bridge_slot = 1,
    .vga_slot = 2,
    .pci_removable = 0xfffffff8,
    .pci_hotplug_port = 0xae00,
    .pci_hotplug_length = 24,
    .cpu_hotplug_port = 0xaf00,
    .pci_config_port = 0xcf8,
    .pci_hole32 = { 0x40000000, 0xfebfffff },
    .pci_hole64 = { 0x100000000, 0x17fffffff },
    .vga_memory = { 0xa0000, 0xbffff },
    .keyboard_data_port = 0x60,
    .keyboard_command_port = 0x64,
    .keyboard_irq = 1,
    .rtc_port = 0x70,
    .rtc_irq = 8,
    .serial = { { 0x3f8, 4 } },
    .fw_cfg_port = 0x510,
    .fw_cfg_length = 12,
};

static inline u8 sum(const u8 *p, size_t n)
{
    u8 s = 0;

    while (n--)
        s = (u8)(s + *p++);
    return s;
}

/* The firmware's part */

static inline u8 *file_bytes(struct acpi_tables *t, const char *name, u32 *address)
{
    if (!strcmp(name, "etc/acpi/rsdp")) {
        *address = RSDP_ADDRESS;
        return t->rsdp;
    }
    assert_string_equal(name, "etc/acpi/tables");
    *address = TABLES_ADDRESS;
    return t->tables;
}

static inline void run_command(struct acpi_tables *t, const u8 *e)
{
    u32 address, source;
    u8 *file = file_bytes(t, (const char *)e + 4, &address);

    switch (get_le32(e)) {
    case 1: /* allocate: alignment, zone */
        assert_true(e[64] == 1 || e[64] == 2);
        break;
    case 2: /* add pointer: source file, offset, size */
        file_bytes(t, (const char *)e + 60, &source);
        assert_int_equal(e[120], 4);
        file += get_le32(e + 116);
        assert_true(get_le32(file) < t->tables_len);
        put_le32(file, get_le32(file) + source);
        break;
    case 3: { /* add checksum: where, start, length */
        u8 *at = file + get_le32(e + 60);
        *at = (u8)(*at - sum(file + get_le32(e + 64), get_le32(e + 68)));
        break;
    }
    default:
        fail_msg("loader command %u", get_le32(e));
    }
}

static inline struct acpi_tables *loaded(const struct acpi_machine *m)
{
    struct acpi_tables *t = calloc(1, sizeof(*t));

    assert_true(acpi_build(t, m));
    assert_int_equal(t->loader_len % 128, 0);
    assert_int_equal(get_le32(t->loader), 1); /* memory first */
    assert_int_equal(get_le32(t->loader + 128), 1);
    for (u32 i = 0; i < t->loader_len; i += 128)
        run_command(t, t->loader + i);
    return t;
}

static inline u8 *at_address(struct acpi_tables *t, u32 address)
{
    assert_in_range(address, TABLES_ADDRESS, TABLES_ADDRESS + t->tables_len - 8);
    return t->tables + (address - TABLES_ADDRESS);
}

/* The table with this signature, by way of RSDP and RSDT; NULL when there is none. */
static inline u8 *find_table(struct acpi_tables *t, const char *signature)
{
    u8 *rsdt = at_address(t, get_le32(t->rsdp + 16));

    for (u32 i = 36; i < get_le32(rsdt + 4); i += 4) {
        u8 *table = at_address(t, get_le32(rsdt + i));
        if (!memcmp(table, signature, 4))
            return table;
    }
    return NULL;
}

#endif
