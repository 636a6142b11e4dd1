/* smm.c: system management mode: an SMI by the APM port, the handler in SMRAM, RSM. The firmware has moved SMBASE to
 * A0000 and left SMRAM unlocked; our handler takes its place for a moment. */
#include "pci.h"
#include "tests.h"

#define HOST PCI_FUNCTION(0, 0)
#define SMRAM 0x72
enum { SMRAM_CLOSED = 0x0a, SMRAM_OPEN = 0x4a, SMRAM_LOCKED = 0x10 };
#define PIIX4_DEVACTB 0x58
#define DEVACTB_APMC_EN BIT(25)
#define HANDLER 0xa8000
#define APM_CONTROL 0xb2
#define APM_STATUS 0xb3

extern const u8 smm_handler[], smm_handler_end[];
volatile u32 smm_count, smm_cr0, smm_revision, smm_cs;

/* 16-bit code; data segments reach all memory. */
__asm__(".section .rodata\n"
        ".code16\n"
        "smm_handler: movl $smm_count, %ebx\n"
        "incl (%ebx)\n"
        "movl $smm_cr0, %ebx\n"
        "movl %cr0, %eax\n"
        "movl %eax, (%ebx)\n"
        "movl $smm_cs, %ebx\n"
        "xorl %eax, %eax\n"
        "movw %cs, %ax\n"
        "movl %eax, (%ebx)\n"
        "movl $smm_revision, %ebx\n"
        "movl %cs:0xfefc, %eax\n"
        "movl %eax, (%ebx)\n"
        "movl $0xdeadbeef, %ecx\n"
        "rsm\n"
        "smm_handler_end:\n"
        ".code32\n"
        ".text\n");

static u8 old[256];

static void install(void)
{
    u8 control = pci_read8(HOST, SMRAM);
    pci_write8(HOST, SMRAM, SMRAM_OPEN);
    mem_copy(old, (void *)HANDLER, sizeof old);
    mem_copy((void *)HANDLER, smm_handler, (u32)(smm_handler_end - smm_handler));
    pci_write8(HOST, SMRAM, control);
}

static void remove(void)
{
    u8 control = pci_read8(HOST, SMRAM);
    pci_write8(HOST, SMRAM, SMRAM_OPEN);
    mem_copy((void *)HANDLER, old, sizeof old);
    pci_write8(HOST, SMRAM, control);
}

/* Whether all registers came back. */
static int interrupt(void)
{
    u32 a = 0, b = 0x11111111, c = 0x22222222, s = 0x33333333, d = 0x44444444, flags = 0;
    __asm__ volatile("stc\n"
                     "outb %%al, $0xb2\n"
                     "nop\nnop\nnop\n"
                     "setc %%al\n"
                     "movzbl %%al, %%eax"
                     : "+a"(a), "+b"(b), "+c"(c), "+S"(s), "+D"(d)
                     :
                     : "memory", "cc");
    flags = a;
    return flags == 1 && b == 0x11111111 && c == 0x22222222 && s == 0x33333333 && d == 0x44444444;
}

void smm_tests(void)
{
    u8 control = pci_read8(HOST, SMRAM);
    u32 pm = pci_find(PCI_PIIX4_PM);
    if (pci_read(HOST, PCI_ID) != PCI_I440FX || control & SMRAM_LOCKED) {
        tap_skip("SMM", "SMRAM is locked, or there is no i440FX");
        return;
    }
    if (pm == PCI_NONE || !(pci_read(pm, PIIX4_DEVACTB) & DEVACTB_APMC_EN)) {
        tap_skip("SMM", "the firmware has not let port B2 send SMIs");
        return;
    }
    install();
    ok(!mem_same((void *)HANDLER, smm_handler, (u32)(smm_handler_end - smm_handler)),
       "SMRAM closed: A8000 is the screen's memory");
    smm_count = 0;
    int same = interrupt();
    if (!smm_count && host() != HOST_PCEMU && host() != HOST_TCG) {
        remove();
        tap_skip("an SMI by port B2 runs the handler in SMRAM", "the firmware has not set SMM up");
        return;
    }
    is(smm_count, 1, "an SMI by port B2 runs the handler in SMRAM");
    ok(same, "RSM brings all registers back");
    ok(!(smm_cr0 & CR0_PE) && !(smm_cr0 & CR0_PG), "inside, CR0.PE and PG are clear");
    ok(read_cr0() & CR0_PE, "... and PE is set again behind RSM");
    check_unless(ON_BOCHS, (smm_revision & 0xffff) && (smm_revision & BIT(17)),
                 "the state save area's revision: SMBASE can be moved", "the emulator's area has another form");
    outb(APM_STATUS, 0x5a);
    is(inb(APM_STATUS), 0x5a, "B3 keeps a byte");
    remove();
}
