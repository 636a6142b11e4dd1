/* test.h: the firmware's tests: a program that is booted, calls every service, and says PASS or FAIL on COM1. It runs
 * in real mode with CS = DS = ES = SS, so pointers are offsets in its segment. */
#ifndef TEST_BIOS_H
#define TEST_BIOS_H

#include "io.h"
#include "types.h"

#define PROGRAM_SEGMENT 0x1000
#define CF 0x0001
#define ZF 0x0040
#define IF 0x0200

struct regs {
    union {
        u32 eax;
        u16 ax;
        struct {
            u8 al, ah;
        };
    };
    union {
        u32 ebx;
        u16 bx;
        struct {
            u8 bl, bh;
        };
    };
    union {
        u32 ecx;
        u16 cx;
        struct {
            u8 cl, ch;
        };
    };
    union {
        u32 edx;
        u16 dx;
        struct {
            u8 dl, dh;
        };
    };
    union {
        u32 esi;
        u16 si;
    };
    union {
        u32 edi;
        u16 di;
    };
    u32 ebp, reserved[2];
    u16 es, ds, flags;
};

/* ---- call.S ---- */
void call_far(struct regs *r, u32 seg_off);
void protected_call(struct regs *r, u32 offset, u32 selector);
extern volatile u32 tick_count, alarm_count, mouse_count;
extern volatile u16 mouse_seen[3];
extern u16 protected_words, protected_stack[6];
extern u8 protected_int;
extern char hook_tick[], hook_alarm[], hook_mouse[];

/* ---- main.c ---- */
void check(const char *name, bool ok);                /* a line: PASS or FAIL */
void check_equal(const char *name, u32 is, u32 want); /* with both numbers where they differ */
void note(const char *text, u32 v);                   /* a line that is neither */
u32 peek(u32 linear, unsigned size);                  /* below 1 MiB */
void poke(u32 linear, u32 v, unsigned size);
bool same(const void *a, const char *b, unsigned n);
/* Software interrupt n; the carry flag. r->es and r->ds of 0 mean this program's. */
bool interrupt(u8 n, struct regs *r);
bool wait_until(bool (*done)(void), u32 ticks); /* ticks of 40:6C; false: did not come */
u32 ticks(void);

extern u8 boot_drive;
extern u8 buffer[4096], buffer2[2048];
static inline u32 far_here(const void *p)
{
    return (u32)PROGRAM_SEGMENT << 16 | (u16)(u32)p;
}

void test_disk(void);
void test_cd(void);
void test_floppy(void);
void test_memory(void);
void test_areas(bool zero);
void test_system(void);
void test_keyboard(void);
void test_mouse(void);
void test_ports(void);
void test_clock(void);
void test_pci(void);
void test_protected(void);
void test_power(void);
void test_power_off(void);

#endif
