/* resets.c: four ways to reset the machine. Before each, the counts go into CMOS memory (lib/resume.h); the firmware
 * starts us again, and the plan goes on behind it. */
#include "resume.h"
#include "tests.h"

#define RESET_CONTROL 0xcf9
#define RESET_HARD 0x02
#define RESET_NOW 0x06
#define KBD_COMMAND 0x64
#define KBD_RESET 0xfe
#define PORT_92 0x92

static void by_cf9(void)
{
    outb(RESET_CONTROL, RESET_HARD);
    outb(RESET_CONTROL, RESET_NOW);
}

static void by_keyboard(void)
{
    outb(KBD_COMMAND, KBD_RESET);
}

static void by_port_92(void)
{
    outb(PORT_92, (u8)(inb(PORT_92) & ~1));
    outb(PORT_92, (u8)(inb(PORT_92) | 1));
}

static void by_triple_fault(void)
{
    const struct table_register none = { 0, 0 };
    __asm__ volatile("lidt %0; int3" : : "m"(none));
}

static const struct {
    void (*act)(void);
    const char *name;
} ways[] = {
    { by_cf9, "reset by port CF9" },
    { by_keyboard, "reset by the keyboard controller (FE)" },
    { by_port_92, "reset by port 92" },
    { by_triple_fault, "reset by a triple fault" },
};

/* stage: how many have come back. */
void reset_tests(u32 stage)
{
    if (stage) {
        ok(!(read_cr0() & CR0_PG) && info->reset_stage == stage, ways[stage - 1].name);
        is(cmos_read(RESUME_CMOS), 0, "... and it was the one that was to come");
    }
    if (stage >= ARRAY_LEN(ways))
        return;
    const struct resume r = { (u8)(stage + 1), (u16)info->tests, (u16)info->failed, (u16)info->skipped };
    resume_write(&r);
    tap_say("%s", ways[stage].name);
    ways[stage].act();
    for (u32 i = 0; i < 100000000; i++)
        pause();
    struct resume back;
    resume_read(&back);
    ok(0, ways[stage].name);
    machine_exit(1);
}
