/* devices.c: a Multiboot kernel that uses QEMU's edu by pin and by message, and its pci-testdev, and prints on COM1
 * what it sees; it ends by isa-debug-exit at F4. */
#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define COM1 0x3f8
#define EXIT 0xf4
#define EDU 0x11e81234u
#define TESTDEV 0x00051b36u
#define LAPIC 0xfee00000u
#define VECTOR_PIC 0x20
#define VECTOR_MSI 0x41

__asm__(".section .text.start, \"ax\"\n"
        ".long 0x1badb002, 3, -(0x1badb002 + 3)\n"
        ".globl start\n"
        "start: leal stack_top, %esp\n"
        "call kernel\n"
        ".bss\n"
        ".skip 8192\n"
        "stack_top:\n"
        ".text\n");

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static volatile u32 *word(u32 address)
{
    return (volatile u32 *)address;
}

/* ---- printing ---- */

static void put(char c)
{
    while (!(inb(COM1 + 5) & 0x20))
        ;
    outb(COM1, (u8)c);
}

static void print(const char *text)
{
    while (*text)
        put(*text++);
}

static void line(const char *text, u32 value)
{
    print(text);
    put(' ');
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
    put('\n');
}

/* ---- interrupts ---- */

static volatile u32 *edu;
static volatile u32 by_pin, by_message, seen;

struct frame;

__attribute__((interrupt)) static void pin_handler(struct frame *frame)
{
    (void)frame;
    by_pin++;
    seen = edu[0x24 / 4];
    edu[0x64 / 4] = seen;
    outb(0xa0, 0x20);
    outb(0x20, 0x20);
}

__attribute__((interrupt)) static void message_handler(struct frame *frame)
{
    (void)frame;
    by_message++;
    seen = edu[0x24 / 4];
    edu[0x64 / 4] = seen;
    *word(LAPIC + 0xb0) = 0;
}

static u64 gdt[3] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff };
static u64 idt[0x50];

static void set_gate(unsigned vector, u32 handler)
{
    idt[vector] = (handler & 0xffff) | 0x08u << 16 | (u64)(0x8e00u | (handler & 0xffff0000)) << 32;
}

static void load_tables(void)
{
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) gdtr = { sizeof gdt - 1, (u32)gdt }, idtr = { sizeof idt - 1, (u32)idt };
    for (unsigned i = VECTOR_PIC; i < VECTOR_PIC + 16; i++)
        set_gate(i, (u32)pin_handler);
    set_gate(VECTOR_MSI, (u32)message_handler);
    __asm__ volatile(
        "lgdt %0; lidt %1; ljmp $8, $1f; 1: movl $16, %%eax; movl %%eax, %%ds; movl %%eax, %%es; movl %%eax, %%ss"
        :
        : "m"(gdtr), "m"(idtr)
        : "eax", "memory");
}

/* The 8259s, all masked but `irq` and the cascade. */
static void open_pic(unsigned irq)
{
    static const u8 words[][2] = { { 0x11, 0x11 }, { VECTOR_PIC, VECTOR_PIC + 8 }, { 4, 2 }, { 1, 1 } };
    for (unsigned i = 0; i < 4; i++) {
        outb(i ? 0x21 : 0x20, words[i][0]);
        outb(i ? 0xa1 : 0xa0, words[i][1]);
    }
    u16 mask = (u16) ~(1u << irq | 1u << 2);
    outb(0x21, (u8)mask);
    outb(0xa1, (u8)(mask >> 8));
}

/* Halts until `count` is `value`. */
static void wait(volatile u32 *count, u32 value)
{
    while (*count != value)
        __asm__ volatile("sti; hlt; cli");
}

/* ---- PCI ---- */

static u32 config(unsigned slot, unsigned reg)
{
    outl(0xcf8, 0x80000000 | slot << 11 | reg);
    return inl(0xcfc);
}

static void set_config(unsigned slot, unsigned reg, u32 value)
{
    outl(0xcf8, 0x80000000 | slot << 11 | reg);
    outl(0xcfc, value);
}

__attribute__((noinline)) static void give_up(void)
{
    print("not found\n");
    outb(EXIT, 1);
}

static unsigned find(u32 id)
{
    for (unsigned slot = 0; slot < 32; slot++)
        if (config(slot, 0) == id)
            return slot;
    give_up();
    return 0;
}

/* ---- edu ---- */

static void factorial(u32 n)
{
    edu[0x08 / 4] = n;
    while (edu[0x20 / 4] & 1)
        ;
    line("factorial", edu[0x08 / 4]);
}

static void transfer(u32 from, u32 to, u32 count, u32 command)
{
    edu[0x80 / 4] = from;
    edu[0x88 / 4] = to;
    edu[0x90 / 4] = count;
    edu[0x98 / 4] = command;
}

static void wait_transfer(void)
{
    while (edu[0x98 / 4] & 1)
        ;
}

#define MOVED 4080u /* QEMU 7.2 ends where a transfer comes to the buffer's end */

static char source[MOVED], target[MOVED];

static void try_dma(volatile u32 *interrupts, u32 already)
{
    for (unsigned i = 0; i < MOVED; i++) {
        source[i] = (char)(i * 7);
        target[i] = 0;
    }
    transfer((u32)source, 0x40000, MOVED, 5);
    wait(interrupts, already + 1);
    line("DMA interrupt", seen);
    transfer(0x40010, (u32)target + 1, MOVED - 16, 3);
    wait_transfer();
    u32 same = 0;
    for (unsigned i = 0; i < MOVED - 16; i++)
        same += target[i + 1] == source[i + 16];
    line("moved there and back", same);
}

static void try_edu(void)
{
    unsigned slot = find(EDU);
    for (unsigned reg = 0; reg < 0x50; reg += 4)
        if (reg != 0x10)
            line("config", config(slot, reg));
    set_config(slot, 4, 7);
    edu = word(config(slot, 0x10) & ~15u);
    line("identification", edu[0]);
    edu[1] = 0x12345678;
    line("liveness", edu[1]);
    for (u32 n = 0; n < 15; n++)
        factorial(n);
    factorial(40);
    open_pic(config(slot, 0x3c) & 15);
    edu[0x60 / 4] = 0x55;
    wait(&by_pin, 1);
    line("raised", seen);
    edu[0x20 / 4] = 0x80;
    edu[0x08 / 4] = 10;
    wait(&by_pin, 2);
    line("factorial's interrupt", seen);
    try_dma(&by_pin, 2);
    open_pic(2); /* nothing by pin any more */
    *word(LAPIC + 0xf0) = 0x1ff;
    set_config(slot, 0x44, LAPIC);
    set_config(slot, 0x4c, VECTOR_MSI);
    set_config(slot, 0x40, config(slot, 0x40) | 0x10000);
    line("message control", config(slot, 0x40));
    edu[0x60 / 4] = 0xaa;
    wait(&by_message, 1);
    line("raised by message", seen);
    try_dma(&by_message, 1);
    line("by pin", by_pin);
    line("by message", by_message);
}

/* ---- pci-testdev ---- */

static void try_bar(u32 base, bool ports)
{
    for (u8 test = 0; test < 4; test++) {
        if (ports)
            outb((u16)base, test);
        else
            *(volatile u8 *)base = test;
        for (unsigned at = 0; at < 0x18; at += 4)
            line(ports ? "port table" : "memory table", ports ? inl((u16)(base + at)) : *word(base + at));
        u32 offset = ports ? inl((u16)(base + 4)) : *word(base + 4);
        u32 data = ports ? inl((u16)(base + 8)) : *word(base + 8);
        for (unsigned i = 0; i < 10 && offset; i++) {
            if (ports) {
                outb((u16)(base + offset), (u8)data);
                outw((u16)(base + offset), (u16)data);
                outb((u16)(base + offset), 1);
            } else {
                *(volatile u8 *)(base + offset) = (u8)data;
                *(volatile u16 *)(base + offset) = (u16)data;
                *(volatile u8 *)(base + offset) = 1;
            }
        }
        line("count", ports ? inl((u16)(base + 12)) : *word(base + 12));
    }
}

static void try_testdev(void)
{
    unsigned slot = find(TESTDEV);
    for (unsigned reg = 0; reg < 0x40; reg += 4)
        if (reg != 0x10 && reg != 0x14)
            line("config", config(slot, reg));
    set_config(slot, 4, 3);
    try_bar(config(slot, 0x10) & ~15u, false);
    try_bar(config(slot, 0x14) & ~3u, true);
}

void kernel(void)
{
    load_tables();
    try_edu();
    try_testdev();
    outb(EXIT, 0x21);
}
