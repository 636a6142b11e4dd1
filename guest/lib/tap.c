/* tap.c: see tap.h. The counts are in the boot information, so that all stages go on counting. */
#include "tap.h"
#include "boot_info.h"
#include "io.h"
#include "print.h"

#define DEBUG_CONSOLE 0xe9
#define HYPERVISOR_LEAF 0x40000000
#define HYPERVISOR_PRESENT BIT(31)
#define SIGNATURE_TCG 0x54474354   /* "TCGT" */
#define SIGNATURE_PCEMU 0x6d656370 /* "pcem" */

void tap_stage(const char *name)
{
    print_color(COLOR_BRIGHT);
    print("# ---- %s\n", name);
    print_color(COLOR_PLAIN);
}

int tap_ok(int passed, const char *name)
{
    info->tests++;
    info->failed += !passed;
    print_color(passed ? COLOR_GREEN : COLOR_RED);
    print("%sok %u - %s\n", passed ? "" : "not ", info->tests, name);
    print_color(COLOR_PLAIN);
    return passed;
}

int tap_equal(u64 got, u64 expected, const char *name)
{
    if (!tap_ok(got == expected, name))
        print("#   got %llx, expected %llx\n", got, expected);
    return got == expected;
}

void tap_skip(const char *name, const char *why)
{
    info->tests++;
    info->skipped++;
    print_color(COLOR_YELLOW);
    print("ok %u - %s # SKIP %s\n", info->tests, name, why);
    print_color(COLOR_PLAIN);
}

void tap_say(const char *format, ...)
{
    __builtin_va_list args;
    print("# ");
    __builtin_va_start(args, format);
    print_args(format, args);
    __builtin_va_end(args);
    print("\n");
}

u32 tap_finish(void)
{
    const struct boot_info *b = info;
    print_color(b->failed ? COLOR_RED : COLOR_GREEN);
    print("1..%u\n# %u passed, %u failed, %u skipped\n", b->tests, b->tests - b->failed - b->skipped, b->failed,
          b->skipped);
    print_color(COLOR_PLAIN);
    return b->failed;
}

enum host host(void)
{
    if (!(cpuid(1, 0).ecx & HYPERVISOR_PRESENT))
        return inb(DEBUG_CONSOLE) == DEBUG_CONSOLE ? HOST_BOCHS : HOST_OTHER;
    u32 signature = cpuid(HYPERVISOR_LEAF, 0).ebx;
    return signature == SIGNATURE_TCG ? HOST_TCG : signature == SIGNATURE_PCEMU ? HOST_PCEMU : HOST_OTHER;
}
