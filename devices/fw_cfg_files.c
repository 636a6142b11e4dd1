/* fw_cfg_files.c: the items and files that QEMU 7.2's pc gives to its firmware, made from what the machine says of
 * itself. Names, keys and layouts are those of QEMU; SeaBIOS 1.16 is who reads them (src/fw/paravirt.c).
 *
 * A kernel to start directly (keys 0x07 to 0x18) is machine/pc_kernel.c's. Not given: NUMA nodes (a missing item reads
 * as zeros, which says that there are none), the TPM's log. */
#include "fw_cfg.h"

#include "acpi_tables.h"
#include "smbios.h"

#define E820_ENTRY_SIZE 20
#define E820_MAX 16

/* struct hpet_fw_config: a count and eight entries of which pc has one. */
#define HPET_CFG_ENTRIES 8
#define HPET_CFG_ENTRY_SIZE 15
#define HPET_CFG_BLOCK_ID 1
#define HPET_CFG_ADDRESS 5
#define HPET_BLOCK_ID 0x8086a201 /* the low half of the chip's capability register */

/* etc/system-states: a byte for each of S0 to S5: bit 7 says that it can be entered, the rest is its SLP_TYP. */
#define STATE_ENABLED 0x80
#define S3_SLP_TYP 1
#define S4_SLP_TYP 2

static bool add_hpet(struct fw_cfg *s, u64 base)
{
    u8 cfg[1 + HPET_CFG_ENTRIES * HPET_CFG_ENTRY_SIZE] = { 0 };

    if (base) {
        cfg[0] = 1;
        put_le32(cfg + HPET_CFG_BLOCK_ID, HPET_BLOCK_ID);
        put_le64(cfg + HPET_CFG_ADDRESS, base);
    }
    return fw_cfg_add(s, FW_CFG_HPET, cfg, sizeof(cfg));
}

static bool add_e820(struct fw_cfg *s, const struct e820_entry *e, unsigned n)
{
    u8 table[E820_MAX * E820_ENTRY_SIZE];

    if (n > E820_MAX)
        return false;
    for (unsigned i = 0; i < n; i++) {
        put_le64(table + i * E820_ENTRY_SIZE, e[i].address);
        put_le64(table + i * E820_ENTRY_SIZE + 8, e[i].length);
        put_le32(table + i * E820_ENTRY_SIZE + 16, e[i].type);
    }
    return fw_cfg_add_file_copy(s, "etc/e820", table, n * E820_ENTRY_SIZE);
}

static bool add_system_states(struct fw_cfg *s, bool s3, bool s4)
{
    const u8 states[6] = {
        [0] = STATE_ENABLED,
        [3] = (u8)(S3_SLP_TYP | (s3 ? STATE_ENABLED : 0)),
        [4] = (u8)(S4_SLP_TYP | (s4 ? STATE_ENABLED : 0)),
        [5] = STATE_ENABLED,
    };

    return fw_cfg_add_file_copy(s, "etc/system-states", states, sizeof(states));
}

static bool add_acpi(struct fw_cfg *s, const struct acpi_tables *t)
{
    return fw_cfg_add_file(s, ACPI_FILE_RSDP, t->rsdp, sizeof(t->rsdp), sizeof(t->rsdp)) &&
           fw_cfg_add_file(s, ACPI_FILE_TABLES, t->tables, t->tables_len, ACPI_TABLES_FILE_SIZE) &&
           fw_cfg_add_file(s, ACPI_FILE_LOADER, t->loader, t->loader_len, ACPI_LOADER_FILE_SIZE);
}

static bool add_smbios(struct fw_cfg *s, const struct smbios *t)
{
    return fw_cfg_add_file(s, "etc/smbios/smbios-anchor", t->anchor, sizeof(t->anchor), sizeof(t->anchor)) &&
           fw_cfg_add_file(s, "etc/smbios/smbios-tables", t->tables, t->len, t->len);
}

static bool add_boot(struct fw_cfg *s, const struct fw_cfg_machine *m)
{
    const char *order = m->boot_order;

    return fw_cfg_add_file_copy(s, "bootorder", order, order ? (u32)strlen(order) + 1 : 0) &&
           fw_cfg_add_file_copy(s, "bios-geometry", NULL, 0) &&
           fw_cfg_add_file_copy(s, "etc/boot-fail-wait", &m->boot_fail_wait, sizeof(m->boot_fail_wait)) &&
           fw_cfg_add_u16(s, FW_CFG_BOOT_MENU, m->boot_menu);
}

static bool add_processors(struct fw_cfg *s, const struct fw_cfg_machine *m)
{
    return fw_cfg_add_u16(s, FW_CFG_NB_CPUS, m->cpus) && fw_cfg_add_u16(s, FW_CFG_MAX_CPUS, m->max_cpus) &&
           fw_cfg_add_u32(s, FW_CFG_IRQ0_OVERRIDE, 1); /* IRQ0 stands at pin 2 of the I/O APIC */
}

bool fw_cfg_add_machine(struct fw_cfg *s, const struct fw_cfg_machine *m)
{
    return fw_cfg_add(s, FW_CFG_UUID, m->uuid, sizeof(m->uuid)) && fw_cfg_add_u64(s, FW_CFG_RAM_SIZE, m->ram_size) &&
           fw_cfg_add_u16(s, FW_CFG_NOGRAPHIC, m->nographic) && add_processors(s, m) && add_boot(s, m) &&
           add_hpet(s, m->hpet_base) && add_e820(s, m->e820, m->e820_entries) && add_system_states(s, m->s3, m->s4) &&
           (!m->acpi || add_acpi(s, m->acpi)) && (!m->smbios || add_smbios(s, m->smbios));
}
