/* pcibios.c: the PCI BIOS, specification 2.1: int 1Ah/B1h in real and 16-bit protected mode, and the 32-bit entry that
 * the BIOS32 service directory names. In protected mode only the stack, ports and what CS reaches can be used. */
#include "service.h"

#define PORT_INDEX 0xcf8
#define PORT_DATA 0xcfc
#define ENABLE 0x80000000u
#define SIGNATURE 0x20494350u /* "PCI " */
#define MECHANISM_1 0x01
#define VERSION_21 0x0210

#define OK 0x00
#define NOT_SUPPORTED 0x81
#define BAD_VENDOR 0x83
#define NOT_FOUND 0x86
#define BAD_REGISTER 0x87
#define SET_FAILED 0x88
#define BUFFER_SMALL 0x89

#define REG_CLASS 0x08
#define REG_HEADER 0x0e
#define MULTI 0x80

static u32 config(u16 bdf, u8 reg)
{
    outl(PORT_INDEX, ENABLE | (u32)bdf << 8 | (reg & 0xfcu));
    return inl(PORT_DATA);
}

/* The n-th function whose register, shifted, is `want`. */
static bool find(u8 reg, u8 shift, u32 want, u16 n, u16 *found)
{
    u32 last = (u32)GET_FSEG(pci_last_bus) << 8 | 0xff;
    for (u32 bdf = 0; bdf <= last; bdf++) {
        u32 id = config((u16)bdf, 0);
        if ((u16)id == 0xffff || (u16)id == 0) {
            if (!(bdf & 7))
                bdf |= 7;
            continue;
        }
        if (config((u16)bdf, reg) >> shift == want && n-- == 0) {
            *found = (u16)bdf;
            return true;
        }
        if (!(bdf & 7) && !(config((u16)bdf, REG_HEADER) >> 16 & MULTI))
            bdf |= 7;
    }
    return false;
}

static u8 read(struct bregs *regs)
{
    u16 reg = regs->di;
    unsigned size = 1u << (regs->al & 3);
    if (reg > 0xff || (reg & (size - 1)))
        return BAD_REGISTER;
    u32 v = config(regs->bx, (u8)reg) >> (reg & 3) * 8;
    if (size == 1)
        regs->cl = (u8)v;
    else if (size == 2)
        regs->cx = (u16)v;
    else
        regs->ecx = v;
    return OK;
}

static u8 write(struct bregs *regs)
{
    u16 reg = regs->di;
    unsigned size = 1u << ((regs->al - 3) & 3);
    if (reg > 0xff || (reg & (size - 1)))
        return BAD_REGISTER;
    outl(PORT_INDEX, ENABLE | (u32)regs->bx << 8 | (reg & 0xfcu));
    u16 port = (u16)(PORT_DATA + (reg & 3));
    if (size == 1)
        outb(port, regs->cl);
    else if (size == 2)
        outw(port, regs->cx);
    else
        outl(port, regs->ecx);
    return OK;
}

/* ES:(E)DI: a word with the buffer's size, and a far pointer to it; filled with the slots of the PIR table. */
static u8 routing_options(struct bregs *regs, bool wide)
{
    u32 at = wide ? regs->edi : regs->di, size = GET_FSEG(pir_size), room = far_get(regs->es, at, 2);
    far_set(regs->es, at, size, 2);
    if (!size || room < size)
        return size ? BUFFER_SMALL : NOT_SUPPORTED;
    u32 to = far_get(regs->es, at + 2, wide ? 4 : 2);
    u16 seg = (u16)far_get(regs->es, at + (wide ? 6 : 4), 2);
    u32 from = GET_FSEG(pir) - BIOS_BASE + 32; /* behind the table's head */
    for (u32 i = 0; i < size; i++)
        far_set(seg, to + i, cs_get(from + i, 1), 1);
    regs->bx = GET_FSEG(pir_irqs);
    return OK;
}

static u8 find_device(struct bregs *regs)
{
    u16 bdf;
    if (regs->dx == 0xffff)
        return BAD_VENDOR;
    if (!find(0, 0, regs->dx | (u32)regs->cx << 16, regs->si, &bdf))
        return NOT_FOUND;
    regs->bx = bdf;
    return OK;
}

static u8 find_class(struct bregs *regs)
{
    u16 bdf;
    if (!find(REG_CLASS, 8, regs->ecx & 0xffffff, regs->si, &bdf))
        return NOT_FOUND;
    regs->bx = bdf;
    return OK;
}

static u8 function(struct bregs *regs, bool wide)
{
    switch (regs->al) {
    case 0x01:
        regs->al = MECHANISM_1;
        regs->bx = VERSION_21;
        regs->cl = (u8)GET_FSEG(pci_last_bus);
        regs->edx = SIGNATURE;
        return OK;
    case 0x02:
        return find_device(regs);
    case 0x03:
        return find_class(regs);
    case 0x08:
    case 0x09:
    case 0x0a:
        return read(regs);
    case 0x0b:
    case 0x0c:
    case 0x0d:
        return write(regs);
    case 0x0e:
        return routing_options(regs, wide);
    case 0x0f: /* interrupts are routed by POST, and stay so */
        return SET_FAILED;
    default:
        return NOT_SUPPORTED;
    }
}

bool pcibios_service(struct bregs *regs);
bool pcibios_service(struct bregs *regs)
{
    if (!GET_FSEG(pci_present))
        return false;
    u8 status = function(regs, false);
    regs->ah = status;
    set_cf(regs, status != OK);
    return true;
}

#ifdef BIOS_MODE16
/* int 1Ah in protected mode: the PCI BIOS alone. */
void handle_pcibios16(struct bregs *regs);
void handle_pcibios16(struct bregs *regs)
{
    set_cf(regs, false);
    if (regs->ah != 0xb1 || !pcibios_service(regs))
        set_cf(regs, true);
}
#else
void handle_pcibios32(struct bregs *regs);
void handle_pcibios32(struct bregs *regs)
{
    u8 status = GET_FSEG(pci_present) ? function(regs, true) : NOT_SUPPORTED;
    regs->ah = status;
    set_cf(regs, status != OK);
}
#endif
