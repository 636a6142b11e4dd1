/* main.c: the test program's frame: what it says, and how it calls. */
#include "test.h"

#define UART 0x3f8
#define LSR_EMPTY 0x20
#define BDA_TICKS 0x46c

u8 boot_drive;
u8 buffer[4096], buffer2[2048];
static u32 failures;

static void put(char c)
{
    while (!(inb(UART + 5) & LSR_EMPTY))
        ;
    outb(UART, (u8)c);
}

static void say(const char *s)
{
    while (*s)
        put(*s++);
}

static void say_hex(u32 v)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[v >> shift & 15]);
}

void check(const char *name, bool ok)
{
    failures += !ok;
    say(ok ? "PASS " : "FAIL ");
    say(name);
    say("\r\n");
}

void check_equal(const char *name, u32 is, u32 want)
{
    check(name, is == want);
    if (is == want)
        return;
    say("  is ");
    say_hex(is);
    say(", wanted ");
    say_hex(want);
    say("\r\n");
}

void note(const char *text, u32 v)
{
    say("NOTE ");
    say(text);
    say(" ");
    say_hex(v);
    say("\r\n");
}

u32 peek(u32 linear, unsigned size)
{
    u16 seg = (u16)(linear >> 4);
    u32 off = linear & 15, v = 0;
    for (unsigned i = 0; i < size; i++) {
        u8 b;
        __asm__ volatile("movw %w1, %%fs\n\tmovb %%fs:(%2), %0" : "=q"(b) : "r"(seg), "r"(off + i) : "memory");
        v |= (u32)b << (8 * i);
    }
    return v;
}

void poke(u32 linear, u32 v, unsigned size)
{
    u16 seg = (u16)(linear >> 4);
    u32 off = linear & 15;
    for (unsigned i = 0; i < size; i++)
        __asm__ volatile("movw %w0, %%fs\n\tmovb %b1, %%fs:(%2)"
                         :
                         : "r"(seg), "q"((u8)(v >> (8 * i))), "r"(off + i)
                         : "memory");
}

bool same(const void *a, const char *b, unsigned n)
{
    const u8 *p = a;
    for (unsigned i = 0; i < n; i++)
        if (p[i] != (u8)b[i])
            return false;
    return true;
}

bool interrupt(u8 n, struct regs *r)
{
    if (!r->es)
        r->es = PROGRAM_SEGMENT;
    if (!r->ds)
        r->ds = PROGRAM_SEGMENT;
    r->flags = IF | CF;
    call_far(r, peek(n * 4u, 4));
    return r->flags & CF;
}

u32 ticks(void)
{
    return peek(BDA_TICKS, 4);
}

bool wait_until(bool (*done)(void), u32 n)
{
    for (u32 start = ticks(); ticks() - start <= n;) {
        if (done())
            return true;
        __asm__ volatile("sti; hlt");
    }
    return done();
}

static void set_up_uart(void)
{
    outb(UART + 3, 0x83);
    outb(UART, 1);
    outb(UART + 1, 0);
    outb(UART + 3, 3);
    outb(UART + 4, 3);
}

void test_main(u32 zero, u32 drive);
void test_main(u32 zero, u32 drive)
{
    boot_drive = (u8)drive;
    set_up_uart();
    say("BEGIN\r\n");
    test_areas(zero);
    test_memory();
    test_disk();
    test_floppy();
    test_cd();
    test_system();
    test_keyboard();
    test_mouse();
    test_ports();
    test_clock();
    test_pci();
    test_protected();
    test_power();
    say(failures ? "END, with failures\r\n" : "END, all passed\r\n");
    test_power_off();
}
