/* apm.c: Advanced Power Management BIOS, interface specification 1.2: int 15h/53h and the two protected-mode entries.
 * The machine can be turned off; it never asks for standby or suspend, has no battery, and idles in HLT. */
#include "service.h"

#define VERSION 0x0102
#define SIGNATURE 0x504d /* "PM" */
#define FLAG_16 BIT(0)
#define FLAG_32 BIT(1)

#define OK 0x00
#define NOT_CONNECTED 0x03
#define ALREADY_REAL 0x02
#define ALREADY_16 0x05
#define ALREADY_32 0x07
#define UNKNOWN_DEVICE 0x09
#define OUT_OF_RANGE 0x0a
#define CANNOT_ENTER 0x60
#define NO_EVENT 0x80
#define NO_FUNCTION 0x0c

#define DEVICE_BIOS 0x0000
#define DEVICE_ALL 0x0001
#define STATE_STANDBY 1
#define STATE_SUSPEND 2
#define STATE_OFF 3

#define PM1_CONTROL 4
#define SLP_EN 0x2000
#define SLP_TYP 0x1c00
#define PORT_BOCHS_SHUTDOWN 0x8900

static void power_off(void)
{
    static const char bochs[] VAR16 = "Shutdown";
    u16 pm = GET_FSEG(pm_base);
    for (unsigned i = 0; i + 1 < sizeof bochs; i++)
        outb(PORT_BOCHS_SHUTDOWN, (u8)GET_CONST(bochs[i]));
    if (pm)
        outw((u16)(pm + PM1_CONTROL), (u16)((inw((u16)(pm + PM1_CONTROL)) & ~SLP_TYP) | SLP_EN)); /* type 0: S5 */
    for (;;)
        __asm__ volatile("cli; hlt");
}

#ifdef BIOS_MODE16
extern char entry_apm16[];

static u8 connect(struct bregs *regs, u8 how)
{
    u8 now = GET_LOW(apm_connected);
    if (now)
        return now == 1 ? ALREADY_REAL : now == 2 ? ALREADY_16 : ALREADY_32;
    SET_LOW(apm_connected, how);
    if (how == 1)
        return OK;
    regs->ax = SEG_BIOS;
    regs->ebx = how == 2 ? (u32)entry_apm16 : GET_FSEG(apm32_entry);
    regs->cx = SEG_BIOS; /* the data segment, or the 16-bit code segment of the 32-bit interface */
    regs->dx = SEG_BIOS;
    regs->si = 0xfff0;
    regs->di = 0xfff0;
    if (how == 3) {
        regs->esi = 0xfff0fff0;
        regs->di = 0xfff0;
    }
    return OK;
}

static u8 disconnect(void)
{
    if (!GET_LOW(apm_connected))
        return NOT_CONNECTED;
    SET_LOW(apm_connected, 0);
    return OK;
}
#endif

static u8 set_state(const struct bregs *regs)
{
    if (regs->bx != DEVICE_ALL)
        return regs->bx == DEVICE_BIOS || regs->bx > DEVICE_ALL ? UNKNOWN_DEVICE : OK;
    switch (regs->cx) {
    case STATE_STANDBY:
    case STATE_SUSPEND:
        return CANNOT_ENTER;
    case STATE_OFF:
        power_off();
        return OK;
    default:
        return OUT_OF_RANGE;
    }
}

static u8 power_status(struct bregs *regs)
{
    if (regs->bx != DEVICE_ALL)
        return UNKNOWN_DEVICE;
    regs->bx = 0x01ff; /* on line; the battery's state is not known… */
    regs->cx = 0x80ff; /* …since there is none */
    regs->dx = 0xffff;
    regs->si = 0;
    return OK;
}

/* What every mode can do. */
static u8 common(struct bregs *regs)
{
    switch (regs->al) {
    case 0x05: /* CPU idle: an interrupt is what wakes it */
        __asm__ volatile("sti; hlt; cli");
        return OK;
    case 0x06: /* CPU busy */
    case 0x08: /* enable and disable, restore defaults */
    case 0x09:
    case 0x0d:
    case 0x0f:
    case 0x10:
        return OK;
    case 0x07:
        return set_state(regs);
    case 0x0a:
        return power_status(regs);
    case 0x0b:
        return NO_EVENT;
    case 0x0c: /* power state of a device: ready */
        regs->cx = 0;
        return OK;
    case 0x0e:
        regs->ax = VERSION;
        return OK;
    default:
        return NO_FUNCTION;
    }
}

static void answer(struct bregs *regs, u8 status)
{
    if (status)
        regs->ah = status;
    set_cf(regs, status != OK);
}

#ifdef BIOS_MODE16
void apm_service(struct bregs *regs)
{
    u8 status;
    switch (regs->al) {
    case 0x00:
        regs->ax = VERSION;
        regs->bx = SIGNATURE;
        regs->cx = FLAG_16 | FLAG_32;
        status = OK;
        break;
    case 0x01:
    case 0x02:
    case 0x03:
        status = connect(regs, regs->al);
        break;
    case 0x04:
        status = disconnect();
        break;
    case 0x05:
        halt_until_interrupt();
        status = OK;
        break;
    default:
        status = GET_LOW(apm_connected) ? common(regs) : NOT_CONNECTED;
    }
    answer(regs, status);
}

void handle_apm16(struct bregs *regs);
void handle_apm16(struct bregs *regs)
{
    answer(regs, common(regs));
}
#else
void handle_apm32(struct bregs *regs);
void handle_apm32(struct bregs *regs)
{
    answer(regs, common(regs));
}
#endif
