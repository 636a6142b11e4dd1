/* tests.h: the rooms of the test plan, in their order. */
#ifndef GUEST_TESTS_H
#define GUEST_TESTS_H

#include "kernel.h"

void tests_run(void);
void tests_resume(void);

void segment_tests(void);
void gate_tests(void);
void task_tests(void);
void paging_tests(void);
void pae_tests(void);
void v86_tests(void);
void sysenter_tests(void);
void debug_tests(void);
void fpu_tests(void);
void return_tests(void);
void long_tests(void);
void pic_tests(void);
void pit_tests(void);
void rtc_tests(void);
void kbd_tests(void);
void apic_tests(void);
void smp_tests(void);
void hpet_tests(void);
void pm_tests(void);
void pci_tests(void);
void ide_tests(void);
void vga_tests(void);
void pam_tests(void);
void smm_tests(void);
void floppy_tests(void);
void serial_tests(void);
void e1000_tests(void);
void alloc_tests(void);
void reset_tests(u32 stage);

/* Emulators that check neither limits nor types of segments (docs/guest.md). */
#define LENIENT (host() == HOST_TCG)

/* A reserved bit in an entry is a fault with P set; the emulator with TCG leaves P out. */
#define RESERVED_ERROR (PF_RSVD | (host() == HOST_TCG ? 0u : PF_P))

/* One check that is left out there. */
static inline void strict(int lenient, int passed, const char *name)
{
    if (lenient)
        tap_skip(name, "the emulator has no segment limits and types");
    else
        tap_ok(passed, name);
}

/* One check that QEMU's board fails, or Bochs' does. */
static inline void check_unless(int lacking, int passed, const char *name, const char *why)
{
    if (lacking)
        tap_skip(name, why);
    else
        tap_ok(passed, name);
}

#define ON_QEMU (host() == HOST_TCG)
#define ON_BOCHS (host() == HOST_BOCHS)

/* try_…() ended with this vector and error code. */
static inline int faulted(u32 got, u32 vector, u32 error)
{
    return got == vector && fault.error == error;
}

/* Whether leaf 1 of CPUID has the bit. */
static inline int has_edx(u32 bit)
{
    return cpuid(1, 0).edx >> bit & 1;
}

static inline int has_ecx(u32 bit)
{
    return cpuid(1, 0).ecx >> bit & 1;
}

static inline int has_leaf7_ebx(u32 bit)
{
    return cpuid(0, 0).eax >= 7 && cpuid(7, 0).ebx >> bit & 1;
}

static inline int has_extended_edx(u32 bit)
{
    return cpuid(0x80000000u, 0).eax >= 0x80000001u && cpuid(0x80000001u, 0).edx >> bit & 1;
}

enum {
    EDX_FPU = 0,
    EDX_VME = 1,
    EDX_DE = 2,
    EDX_PSE = 3,
    EDX_PAE = 6,
    EDX_APIC = 9,
    EDX_SEP = 11,
    EDX_PGE = 13,
    EDX_MMX = 23,
    EDX_FXSR = 24,
    EDX_SSE = 25,
    EDX_SSE2 = 26
};
enum { ECX_CX16 = 13, ECX_XSAVE = 26 };
enum { EBX7_SMEP = 7, EBX7_SMAP = 20 };
enum { EXT_SYSCALL = 11, EXT_NX = 20, EXT_1G = 26, EXT_LM = 29 };

#endif
