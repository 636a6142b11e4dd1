/* post.c: the order of things from the first flat instruction to the boot sector. */
#include "post.h"

extern char entry_08[], entry_09[], entry_0e[], entry_10[], entry_11[], entry_12[], entry_13[], entry_14[], entry_15[],
    entry_16[], entry_17[], entry_18[], entry_19[], entry_1a_any[], entry_40[], entry_70[], entry_74[], entry_75[],
    entry_76[], entry_02[], entry_05[], entry_iret[], entry_irq1[], entry_irq2[], entry_diskette_params[];

static void set_vector(u8 n, const void *offset)
{
    IVT[n] = (u32)SEG_BIOS << 16 | (u16)(u32)offset;
}

static void set_vectors(void)
{
    memset((void *)0, 0, 0x400);
    for (unsigned i = 0; i < 0x20; i++)
        set_vector((u8)i, entry_iret);
    for (unsigned i = 8; i < 0x10; i++)
        set_vector((u8)i, entry_irq1);
    for (unsigned i = 0x70; i < 0x78; i++)
        set_vector((u8)i, entry_irq2);
    static const struct {
        u8 n;
        const char *entry;
    } service[] = { { 0x02, entry_02 },
                    { 0x05, entry_05 },
                    { 0x08, entry_08 },
                    { 0x09, entry_09 },
                    { 0x0e, entry_0e },
                    { 0x10, entry_10 },
                    { 0x11, entry_11 },
                    { 0x12, entry_12 },
                    { 0x13, entry_13 },
                    { 0x14, entry_14 },
                    { 0x15, entry_15 },
                    { 0x16, entry_16 },
                    { 0x17, entry_17 },
                    { 0x18, entry_18 },
                    { 0x19, entry_19 },
                    { 0x1a, entry_1a_any },
                    { 0x1e, entry_diskette_params },
                    { 0x40, entry_40 },
                    { 0x4a, entry_iret },
                    { 0x70, entry_70 },
                    { 0x74, entry_74 },
                    { 0x75, entry_75 },
                    { 0x76, entry_76 } };
    for (unsigned i = 0; i < ARRAY_LEN(service); i++)
        set_vector(service[i].n, service[i].entry);
    IVT[0x1d] = 0;
    IVT[0x1f] = 0;
}

static void init_areas(void)
{
    memset(BDA, 0, sizeof *BDA);
    set_vectors();
    BDA->memory_kib = BASE_MEMORY_KIB;
    BDA->ebda_seg = EBDA_DEFAULT >> 4;
    struct ebda *ebda = (void *)EBDA_DEFAULT;
    memset(ebda, 0, sizeof *ebda);
    ebda->kib = 1;
    memset((void *)LOW_FIRST, 0, BIOS_BASE - LOW_FIRST);
    LOW->stack_pos = LOW_STACK_TOP;
    FSEG->flat_pmm = (u32)pmm_main;
    FSEG->flat_boot = (u32)boot_main;
    FSEG->flat_resume = (u32)resume_main;
    FSEG->flat_ap = (u32)ap_main;
}

static void init_board(void)
{
    chips_init();
    keyboard_start();
    pci_enumerate();
    pci_assign();
    pci_setup_chips();
    smm_init();
    mtrr_init();
    smp_init();
    ports_init();
    clock_set_ticks();
}

static void init_tables(void)
{
    pirtable_init();
    mptable_init();
    smbios_init();
    acpi_init();
    bios32_init();
    pnp_init();
    pmm_init();
}

static void splash(void)
{
    print("pcemu BIOS (version %s, %u MiB RAM, %u CPU%s)\n", BIOS_VERSION, memory_mib(), (u32)FSEG->cpus,
          FSEG->cpus == 1 ? "" : "s");
}

static void splash_drives(void)
{
    for (unsigned i = 0; i < LOW->drives; i++)
        if (LOW->drive[i].kind != DRIVE_NONE)
            print("%s\n", LOW->drive[i].title);
    print("\n");
}

void post_main(void)
{
    option_roms_save();
    shadow_open();
    option_roms_restore();
    init_areas();
    fwcfg_init();
    memory_find();
    memory_init_zones();
    init_board();
    init_tables();
    option_rom_vga();
    sercon_init();
    splash();
    keyboard_finish();
    drives_find();
    splash_drives();
    option_roms_run();
    boot_order();
    boot_menu();
    pmm_close();
    memory_close();
    shadow_close();
    /* what POST used below 1 MiB is zero at hand-over; its variables are gone from here on */
    memset((void *)TMP_LOW_START, 0, TMP_LOW_END - TMP_LOW_START);
    jump16(0, SEG_BIOS, (u16)(u32)entry_19);
}
