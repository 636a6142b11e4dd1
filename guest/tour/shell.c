/* shell.c: a line of command at a time: looks at memory, ports, registers; writes, too. Nothing is protected here: that
 * is what it is for. A mistake that faults is said and survived. */
#include "alloc.h"
#include "pci.h"
#include "tour.h"

#define LINE_MOST 70
#define WORDS_MOST 5
#define PATIENCE (10 * 60 * 182 / 10)
#define BACKSPACE 8
#define ENTER '\r'
#define ESCAPE 27

static char text[LINE_MOST + 1];
static char *words[WORDS_MOST];
static u32 word_count;

/* Hexadecimal, with or without 0x. */
static u32 number(u32 word)
{
    u32 v = 0;
    const char *p = word < word_count ? words[word] : "0";
    if (p[0] == '0' && (p[1] | 0x20) == 'x')
        p += 2;
    for (; *p; p++) {
        u32 c = (u8)*p | 0x20u;
        v = v << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    return v;
}

static int read_line(void)
{
    u32 n = 0;
    print("> ");
    for (;;) {
        u32 key = key_wait(PATIENCE);
        if (!key || key == ESCAPE)
            return 0;
        if (key == ENTER || key == '\n') {
            text[n] = 0;
            print("\n");
            return 1;
        }
        if (key == BACKSPACE && n) {
            n--;
            u32 column = *(volatile u8 *)0x450, row = *(volatile u8 *)0x451;
            screen_goto(row, column - 1);
            print(" ");
            screen_goto(row, column - 1);
        } else if (key >= ' ' && key < 0x7f && n < LINE_MOST) {
            text[n++] = (char)key;
            print("%c", (int)key);
        }
    }
}

static void split(void)
{
    char *p = text;
    for (word_count = 0; word_count < WORDS_MOST;) {
        while (*p == ' ')
            *p++ = 0;
        if (!*p)
            return;
        words[word_count++] = p;
        while (*p && *p != ' ')
            p++;
    }
    *p = 0;
}

static void do_dump(void *arg)
{
    (void)arg;
    const volatile u8 *p = (const volatile u8 *)(uptr)(number(1) & ~15u);
    u32 lines = word_count > 2 ? (number(2) + 15) / 16 : 8;
    for (u32 i = 0; i < lines && i < 20; i++, p += 16) {
        print("%08x ", (u32)(uptr)p);
        for (u32 j = 0; j < 16; j++)
            print(" %02x", p[j]);
        print("  ");
        for (u32 j = 0; j < 16; j++)
            print("%c", p[j] >= ' ' && p[j] < 0x7f ? p[j] : '.');
        print("\n");
    }
}

static void do_write(void *arg)
{
    (void)arg;
    *(volatile u8 *)(uptr)number(1) = (u8)number(2);
}

static void do_in(void *arg)
{
    (void)arg;
    print("%02x\n", inb((u16)number(1)));
}

static void do_out(void *arg)
{
    (void)arg;
    outb((u16)number(1), (u8)number(2));
}

static void do_cpuid(void *arg)
{
    (void)arg;
    struct cpuid r = cpuid(number(1), number(2));
    print("EAX %08x EBX %08x ECX %08x EDX %08x\n", r.eax, r.ebx, r.ecx, r.edx);
}

static void do_msr(void *arg)
{
    (void)arg;
    print("%016llx\n", rdmsr(number(1)));
}

static void do_pci(void *arg)
{
    (void)arg;
    for (u32 i = 0; i < 4; i++)
        print("%02x: %08x %08x %08x %08x\n", 16 * i, pci_read(PCI_FUNCTION(number(1), number(2)), 16 * i),
              pci_read(PCI_FUNCTION(number(1), number(2)), 16 * i + 4),
              pci_read(PCI_FUNCTION(number(1), number(2)), 16 * i + 8),
              pci_read(PCI_FUNCTION(number(1), number(2)), 16 * i + 12));
}

static void do_alloc(void *arg)
{
    (void)arg;
    if (!memory.total)
        alloc_init();
    print("%llx\n", arena_alloc(&memory, number(1), word_count > 2 ? number(2) : 1));
}

static void do_free(void *arg)
{
    (void)arg;
    print(arena_free(&memory, number(1)) ? "freed\n" : "there is no such block\n");
}

static void do_off(void *arg)
{
    (void)arg;
    power_off();
}

static void do_help(void *arg);

static const struct {
    const char *name, *help;
    void (*run)(void *);
} commands[] = {
    { "d", "d ADDRESS [SIZE]          memory", do_dump },
    { "w", "w ADDRESS BYTE            write it", do_write },
    { "in", "in PORT                   a port's byte", do_in },
    { "out", "out PORT BYTE             write it", do_out },
    { "cpuid", "cpuid LEAF [SUBLEAF]      what the processor says of itself", do_cpuid },
    { "msr", "msr NUMBER                a model-specific register", do_msr },
    { "pci", "pci DEVICE [FUNCTION]     configuration space", do_pci },
    { "alloc", "alloc SIZE [ALIGN]        a block of memory", do_alloc },
    { "free", "free ADDRESS              gives it back", do_free },
    { "off", "off                       powers the machine off", do_off },
    { "help", "help                      this; all numbers are hexadecimal; exit, or Esc: back", do_help },
};

static void do_help(void *arg)
{
    (void)arg;
    for (u32 i = 0; i < ARRAY_LEN(commands); i++)
        print("%s\n", commands[i].help);
}

static void command(void)
{
    for (u32 i = 0; i < ARRAY_LEN(commands); i++)
        if (text_same(words[0], commands[i].name)) {
            u32 got = try_call(commands[i].run, NULL);
            if (got != NO_FAULT)
                print("Exception %02x, error code %x, at %08x\n", got, fault.error, fault.eip);
            return;
        }
    print("What is '%s'? There is help.\n", words[0]);
}

void shell_run(void)
{
    print("The shell. `help` lists its commands; Esc leads back to the tour.\n");
    while (read_line()) {
        split();
        if (word_count && text_same(words[0], "exit"))
            return;
        if (word_count)
            command();
    }
}
