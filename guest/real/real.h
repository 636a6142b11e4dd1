/* real.h: what the second stage's files know of each other. All of it is 16-bit code in segment 0. */
#ifndef GUEST_REAL_H
#define GUEST_REAL_H

#include "boot_info.h"
#include "io.h"
#include "print.h"
#include "tap.h"

#define BDA_COM1 0x400
#define BDA_EQUIPMENT 0x410
#define BDA_MEMORY 0x413
#define BDA_TICKS 0x46c
#define BDA_DRIVES 0x475
#define BDA_CRTC 0x463

/* A variable of the firmware's at an address below 64 KiB. */
#define LOW8(address) (*(volatile u8 *)(uptr)(address))
#define LOW16(address) (*(volatile u16 *)(uptr)(address))
#define LOW32(address) (*(volatile u32 *)(uptr)(address))

#define FLAG_CF BIT(0)
#define FLAG_ZF BIT(6)
#define FLAG_TF BIT(8)
#define FLAG_IF BIT(9)

/* bios.S: INT `vector` with these registers; they come back in the same place. */
void bios_int(u32 vector, struct real_regs *r);
void report(void);

/* bios.S: what the processor put on the stack for an exception that a test caused. */
struct real_fault {
    u32 vector;
    u32 error; /* protected mode alone */
    u16 ip, cs, flags, sp;
    u16 flags_inside; /* as the handler found them */
    u16 pad;
};
extern struct real_fault real_fault;

#define NO_FAULT 0x100

/* Runs f; the vector of the exception that ended it, or NO_FAULT. Interrupts are off meanwhile. */
u32 real_try(void (*f)(void));
/* The same within 16-bit protected mode, by the tables of prot16.S. */
u32 prot16_try(void (*f)(void));

void cpu_real_tests(void);
void bios_tests(void);
void prot16_tests(void);
void screen_probe(void);
/* state.S: the transcript's program; does not come back. */
void state(void);
u32 load_kernel(void);

#endif
