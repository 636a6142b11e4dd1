/* main.c: the second stage's course in real mode: the report, the menu, the memory map, the first tests, the kernel. */
#include "real.h"
#include "resume.h"

#define DEBUG_EXIT 0xf4
#define VERDICT_FAILED 0x11
#define MENU_TICKS 55 /* three seconds of the timer's 18.2 a second */
#define COM1 0x3f8
#define COM_LCR 3
#define LCR_8N1 3
#define COM_LSR 5
#define LSR_DATA_READY 1
#define KEYBOARD 0x16
#define KEY_READ 0x0000
#define KEY_PEEK 0x0100
#define SYSTEM 0x15
#define SYSTEM_MEMORY_MAP 0xe820
#define SMAP 0x534d4150
#define E820_SIZE 24

extern const u8 boot_entry;         /* a byte of the boot sector */
extern const u32 kernel_sectors[2]; /* and of the second stage: the kernel's, the whole image's */

static u8 key_pressed(void)
{
    struct real_regs r = { .eax = KEY_PEEK };
    bios_int(KEYBOARD, &r);
    if (!(r.eflags & FLAG_ZF)) {
        r = (struct real_regs){ .eax = KEY_READ };
        bios_int(KEYBOARD, &r);
        return (u8)r.eax ? (u8)r.eax : ENTRY_TOUR;
    }
    u16 com1 = LOW16(BDA_COM1);
    return com1 && inb((u16)(com1 + COM_LSR)) & LSR_DATA_READY ? inb(com1) : 0;
}

/* A key, or the tour after three seconds. */
static u8 ask(void)
{
    print("\nT: the tests. P: power off. Any other key: the tour, which starts by itself in 3 seconds.\n");
    u32 began = LOW32(BDA_TICKS);
    for (;;) {
        u8 key = key_pressed();
        if (key)
            return key | 0x20;
        if (LOW32(BDA_TICKS) - began > MENU_TICKS) /* midnight sets the ticks back: ends the wait, too */
            return ENTRY_TOUR;
        __asm__ volatile("sti; hlt"); /* the timer wakes us */
    }
}

static void memory_map(void)
{
    struct boot_info *b = info;
    struct real_regs r = { 0 };
    for (b->e820_count = 0; b->e820_count < E820_MAX; b->e820_count++) {
        r.eax = SYSTEM_MEMORY_MAP;
        r.edx = SMAP;
        r.ecx = E820_SIZE;
        r.es = 0;
        r.edi = (u32)(uptr)&b->e820[b->e820_count];
        b->e820[b->e820_count].more = 1;
        bios_int(SYSTEM, &r);
        if (r.eflags & FLAG_CF || r.eax != SMAP)
            return;
        if (!r.ebx) {
            b->e820_count++;
            return;
        }
    }
}

static void begin(u8 drive)
{
    struct boot_info *b = info;
    for (u32 i = 0; i < sizeof *b; i++)
        ((u8 *)b)[i] = 0;
    b->drive = drive;
    b->kernel_sectors = kernel_sectors[0];
    b->image_sectors = kernel_sectors[1];
    screen_probe();
    outb((u16)(COM1 + COM_LCR), LCR_8N1); /* some firmware leaves words of five bits */
    memory_map();
}

/* A reset in the course of the tests brings us here again; CMOS memory says so (lib/resume.h). */
static int resumes(void)
{
    struct resume r;
    if (!resume_read(&r))
        return 0;
    if (r.stage == RESUME_STATE)
        state();
    if (r.stage == RESUME_RUNNING) {
        print("Bail out! The machine was reset in the course of the tests.\n");
        outb(DEBUG_EXIT, VERDICT_FAILED);
        info->entry = ENTRY_OFF;
        return 1;
    }
    if (r.stage == RESUME_TOUR) {
        info->entry = ENTRY_TOUR;
        return 1;
    }
    info->entry = ENTRY_RESUME;
    info->reset_stage = r.stage;
    info->tests = r.tests;
    info->failed = r.failed;
    info->skipped = r.skipped;
    return 1;
}

static void first_tests(void)
{
    resume_write(&(struct resume){ .stage = RESUME_RUNNING });
    tap_stage("real mode: the processor");
    cpu_real_tests();
    tap_stage("real mode: the firmware and what it leaves in memory");
    bios_tests();
    tap_stage("16-bit protected mode");
    prot16_tests();
}

void real_main(void);
void real_main(void)
{
    begin(info->drive);
    if (!resumes()) {
        if (!boot_entry)
            report();
        info->entry = boot_entry ? boot_entry : ask();
        if (info->entry == ENTRY_STATE)
            state();
        if (info->entry == ENTRY_TESTS)
            first_tests();
    }
    if (load_kernel())
        return;
    print("The kernel can't be read from the disk.\n");
    for (;;)
        __asm__ volatile("hlt");
}
