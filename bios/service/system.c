/* system.c: int 11h, 12h and 15h (IBM PC/AT and PS/2 BIOS Interface Technical Reference; ACPI 3.0, 15.1 for E820h). */
#include "service.h"

#define UNSUPPORTED 0x86
#define SMAP 0x534d4150
#define E820_SIZE 20
#define PORT_A20 0x92
#define A20_BIT 0x02
#define KIB_16M 0x3c00u
#define KIB_MAX_88 0xfc00u

void handle_11(struct bregs *regs);
void handle_11(struct bregs *regs)
{
    regs->ax = GET_BDA(equipment);
}

void handle_12(struct bregs *regs);
void handle_12(struct bregs *regs)
{
    regs->ax = GET_BDA(memory_kib);
}

static void answer(struct bregs *regs, u8 ah, bool failed)
{
    regs->ah = ah;
    set_cf(regs, failed);
}

/* 24h: 0 off, 1 on, 2 state, 3 which ways there are. */
static void a20(struct bregs *regs)
{
    u8 port = inb(PORT_A20);
    switch (regs->al) {
    case 0:
    case 1:
        outb(PORT_A20, (u8)((port & ~(A20_BIT | 1)) | (regs->al ? A20_BIT : 0)));
        break;
    case 2:
        regs->al = !!(port & A20_BIT);
        break;
    case 3:
        regs->bx = 3;
        break;
    default:
        answer(regs, UNSUPPORTED, true);
        return;
    }
    answer(regs, 0, false);
}

static u32 kib_above_1m(void)
{
    return GET_FSEG(ram_below_4g) / 1024 - 1024;
}

static void memory_88(struct bregs *regs)
{
    u32 kib = kib_above_1m();
    regs->ax = (u16)(kib < KIB_MAX_88 ? kib : KIB_MAX_88);
    set_cf(regs, false);
}

/* E801h: KiB from 1 to 16 MiB, and 64 KiB units above. */
static void memory_e801(struct bregs *regs)
{
    u32 kib = kib_above_1m();
    regs->cx = regs->ax = (u16)(kib < KIB_16M ? kib : KIB_16M);
    regs->dx = regs->bx = (u16)(kib > KIB_16M ? (kib - KIB_16M) / 64 : 0);
    set_cf(regs, false);
}

static void memory_e820(struct bregs *regs)
{
    u32 n = regs->ebx;
    if (regs->edx != SMAP || regs->ecx < E820_SIZE || n >= GET_FSEG(e820_entries)) {
        answer(regs, UNSUPPORTED, true);
        return;
    }
    for (unsigned i = 0; i < E820_SIZE; i += 4)
        far_set(regs->es, (u16)(regs->di + i),
                cs_get(BIOS_CS_OFFSET + FSEG_VARS + (u32)offsetof(struct fseg, e820) + n * E820_SIZE + i, 4), 4);
    regs->ebx = n + 1 < GET_FSEG(e820_entries) ? n + 1 : 0;
    regs->eax = SMAP;
    regs->ecx = E820_SIZE;
    set_cf(regs, false);
}

static void e8(struct bregs *regs)
{
    if (regs->al == 0x01)
        memory_e801(regs);
    else if (regs->al == 0x20)
        memory_e820(regs);
    else
        answer(regs, UNSUPPORTED, true);
}

void handle_15(struct bregs *regs);
void handle_15(struct bregs *regs)
{
    switch (regs->ah) {
    case 0x24:
        a20(regs);
        break;
    case 0x4f: /* keyboard intercept: the code stays as it is */
        set_cf(regs, true);
        break;
    case 0x52: /* may media be ejected? */
    case 0x80:
    case 0x81:
    case 0x82:
    case 0x85:
    case 0x90: /* device busy, interrupt complete: for operating systems to hook */
    case 0x91:
        answer(regs, 0, false);
        break;
    case 0x53:
        apm_service(regs);
        break;
    case 0x83:
    case 0x86:
        rtc_wait_service(regs);
        break;
    case 0x87:
        block_move(regs);
        break;
    case 0x88:
        memory_88(regs);
        break;
    case 0xc0:
        regs->es = SEG_BIOS;
        regs->bx = 0xe6f5;
        answer(regs, 0, false);
        break;
    case 0xc1:
        regs->es = GET_BDA(ebda_seg);
        set_cf(regs, false);
        break;
    case 0xc2:
        mouse_service(regs);
        break;
    case 0xe8:
        e8(regs);
        break;
    default:
        answer(regs, UNSUPPORTED, true);
    }
}
