/* pci.c: the PCI BIOS and APM by real mode, and every protected-mode entry point. */
#include "test.h"

#define HOST 0x12378086u
#define VERSION_21 0x0210
#define SIGNATURE 0x20494350u

static bool pci(struct regs *r)
{
    return !interrupt(0x1a, r) && r->ah == 0;
}

void test_pci(void)
{
    struct regs r = { .eax = 0xb101 };
    check("int 1Ah/B101h", pci(&r) && r.edx == SIGNATURE && r.bx == VERSION_21 && (r.al & 1));
    r = (struct regs){ .eax = 0xb102, .ecx = 0x1237, .edx = 0x8086 };
    check("int 1Ah/B102h", pci(&r) && r.bx == 0);
    r = (struct regs){ .eax = 0xb102, .ecx = 0x9999, .edx = 0x8086 };
    check("int 1Ah/B102h: no such device", !pci(&r) && r.ah == 0x86);
    r = (struct regs){ .eax = 0xb103, .ecx = 0x060100 };
    check("int 1Ah/B103h", pci(&r) && r.bx == 0x0008);
    r = (struct regs){ .eax = 0xb108, .edi = 1 };
    check("int 1Ah/B108h", pci(&r) && r.cl == 0x80);
    r = (struct regs){ .eax = 0xb109, .edi = 2 };
    check("int 1Ah/B109h", pci(&r) && r.cx == 0x1237);
    r = (struct regs){ .eax = 0xb10a };
    check("int 1Ah/B10Ah", pci(&r) && r.ecx == HOST);
    r = (struct regs){ .eax = 0xb109, .edi = 1 };
    check("int 1Ah/B109h: a register that is none", !pci(&r) && r.ah == 0x87);
    r = (struct regs){ .eax = 0xb108, .ebx = 0x0a, .edi = 0x3c };
    bool ok = pci(&r);
    u8 old = r.cl;
    r = (struct regs){ .eax = 0xb10b, .ebx = 0x08, .edi = 0x3c, .ecx = 0x5a };
    (void)ok;
    (void)old;
    check("int 1Ah/B10Bh to B10Dh", pci(&r) &&
                                        (r = (struct regs){ .eax = 0xb10c, .edi = 0x04, .ecx = 0x0107 }, pci(&r)) &&
                                        (r = (struct regs){ .eax = 0xb10d, .edi = 0x00, .ecx = 0 }, pci(&r)));
    static struct {
        u16 size, off, seg;
    } route;
    route.size = sizeof buffer;
    route.off = (u16)(u32)buffer;
    route.seg = PROGRAM_SEGMENT;
    r = (struct regs){ .eax = 0xb10e, .edi = (u16)(u32)&route };
    check("int 1Ah/B10Eh", pci(&r) && route.size >= 16 && route.size % 16 == 0 && buffer[1] == 0x08);
    route.size = 1;
    r = (struct regs){ .eax = 0xb10e, .edi = (u16)(u32)&route };
    check("int 1Ah/B10Eh: too small a buffer", !pci(&r) && r.ah == 0x89);
}

static u32 find(u32 from, const char *signature)
{
    for (u32 at = from; at < 0x100000; at += 16)
        if (peek(at, 1) == (u8)signature[0] && peek(at + 1, 1) == (u8)signature[1] &&
            peek(at + 2, 1) == (u8)signature[2] && peek(at + 3, 1) == (u8)signature[3])
            return at;
    return 0;
}

static void protected(struct regs *r, u32 offset, u32 selector)
{
    r->flags = 0;
    protected_call(r, offset, selector);
}

static void test_bios32(void)
{
    u32 at = find(0xe0000, "_32_"), entry = at ? peek(at + 4, 4) : 0;
    struct regs r = { .eax = 0x49435024 };
    protected(&r, entry, 0x18);
    check("BIOS32: the PCI service", at && r.al == 0 && r.ebx == 0xf0000 && r.ecx >= 0x1000 && r.edx < r.ecx);
    u32 service = r.ebx + r.edx;
    r = (struct regs){ .eax = 0x21212121 };
    protected(&r, entry, 0x18);
    check("BIOS32: no such service", r.al == 0x80);
    r = (struct regs){ .eax = 0xb101 };
    protected(&r, service, 0x18);
    check("32-bit PCI BIOS, flat: B101h", r.edx == SIGNATURE && r.bx == VERSION_21 && r.ah == 0 && !(r.flags & CF));
    r = (struct regs){ .eax = 0xb10a };
    protected(&r, service - 0xf0000, 0x10);
    check("32-bit PCI BIOS, segmented: B10Ah", r.ecx == HOST && r.ah == 0);
    r = (struct regs){ .eax = 0xb102, .ecx = 0x1237, .edx = 0x8086 };
    protected(&r, service - 0xf0000, 0x10);
    check_equal("32-bit PCI BIOS, segmented: B102h", r.bx | (u32)r.ah << 16, 0x0000);
    r = (struct regs){ .eax = 0xb102, .ecx = 0x7010, .edx = 0x8086 };
    protected(&r, service - 0xf0000, 0x10);
    check_equal("32-bit PCI BIOS, segmented: B102h beyond the first device", r.bx | (u32)r.ah << 16, 0x0009);
    r = (struct regs){ .eax = 0xb102, .ecx = 0x7010, .edx = 0x8086 };
    protected(&r, service, 0x18);
    check_equal("32-bit PCI BIOS, flat: B102h", r.bx | (u32)r.ah << 16, 0x0009);
    r = (struct regs){ .eax = 0xb103, .ecx = 0x060000 };
    protected(&r, service, 0x18);
    check("32-bit PCI BIOS, flat: B103h", r.bx == 0 && r.ah == 0);
}

static void test_pci16(void)
{
    struct regs r = { .eax = 0xb101 };
    protected_int = 1;
    protected(&r, 0xfe6e, 0x08);
    check("16-bit protected PCI BIOS: B101h", r.edx == SIGNATURE && r.ah == 0);
    r = (struct regs){ .eax = 0xb10a };
    protected(&r, 0xfe6e, 0x08);
    check("16-bit protected PCI BIOS: B10Ah", r.ecx == HOST && r.ah == 0);
    protected_int = 0;
}

/* A function of the real-mode entry: its number is pushed before the far call. */
static u16 pnp_real(u32 entry, u16 function)
{
    static u32 where;
    u32 ax = 0x1234;
    where = entry;
    __asm__ volatile("pushw %[function]\n\tlcallw *%[where]\n\taddw $2, %%sp"
                     : "+a"(ax)
                     : [function] "r"(function), [where] "m"(where)
                     : "memory", "cc");
    return (u16)ax;
}

static void test_pnp(void)
{
    u32 at = find(0xf0000, "$PnP");
    static struct {
        u8 nodes;
        u16 size;
    } answer;
    if (!at)
        return;
    check_equal("real-mode PnP entry: an unknown function", pnp_real(peek(at + 0x0d, 4), 0x60), 0x82);
    protected_words = 1;
    protected_stack[0] = 0x60;
    struct regs r = { .eax = 0x1234 };
    protected(&r, peek(at + 0x11, 2), 0x08);
    (void)answer;
    protected_words = 0;
    check("16-bit protected PnP entry answers", r.ax == 0x82 || r.ax == 0);
}

static void test_apm16(void)
{
    struct regs r = { .eax = 0x5302 };
    bool ok = !interrupt(0x15, &r) && r.ax == 0xf000;
    u32 entry = r.bx;
    check("int 15h/5302h", ok);
    r = (struct regs){ .eax = 0x530e, .ecx = 0x0102 };
    protected(&r, entry, 0x08);
    check("16-bit protected APM: 530Eh", r.ax == 0x0102 && !(r.flags & CF));
    r = (struct regs){ .eax = 0x530b };
    protected(&r, entry, 0x08);
    check("16-bit protected APM: 530Bh", r.ah == 0x80 && (r.flags & CF));
    r = (struct regs){ .eax = 0x5304 };
    check("int 15h/5304h", !interrupt(0x15, &r));
}

static void test_apm32(void)
{
    struct regs r = { .eax = 0x5303 };
    bool ok = !interrupt(0x15, &r) && r.ax == 0xf000;
    u32 entry = r.ebx;
    check("int 15h/5303h", ok);
    r = (struct regs){ .eax = 0x530e, .ecx = 0x0102 };
    protected(&r, entry, 0x10);
    check("32-bit APM: 530Eh", r.ax == 0x0102 && !(r.flags & CF));
    r = (struct regs){ .eax = 0x530a, .ebx = 1 };
    protected(&r, entry, 0x10);
    check("32-bit APM: 530Ah", r.bh == 1 && !(r.flags & CF));
    r = (struct regs){ .eax = 0x5304 };
    check("int 15h/5304h again", !interrupt(0x15, &r));
}

void test_protected(void)
{
    test_bios32();
    test_pci16();
    test_pnp();
    test_apm16();
    test_apm32();
}

void test_power(void)
{
    struct regs r = { .eax = 0x5300 };
    check("int 15h/5300h", !interrupt(0x15, &r) && r.bx == 0x504d && (r.cx & 3) == 3);
    r = (struct regs){ .eax = 0x5301 };
    check("int 15h/5301h", !interrupt(0x15, &r));
    r = (struct regs){ .eax = 0x530a, .ebx = 1 };
    check("int 15h/530Ah", !interrupt(0x15, &r) && r.bh == 1);
    r = (struct regs){ .eax = 0x5305 };
    u32 before = ticks();
    check("int 15h/5305h idles", !interrupt(0x15, &r) && ticks() - before < 3);
    r = (struct regs){ .eax = 0x530e, .ecx = 0x0102 };
    check("int 15h/530Eh", !interrupt(0x15, &r) && r.ax == 0x0102);
}

/* The last thing seen: the machine is off. */
void test_power_off(void)
{
    struct regs r = { .eax = 0x5307, .ebx = 1, .ecx = 3 };
    interrupt(0x15, &r);
    check("int 15h/5307h turns the machine off", false);
}
