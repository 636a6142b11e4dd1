/* pnp.c: the Plug and Play BIOS entry points (specification 1.0a, section 4), in real and 16-bit protected mode. The
 * board's devices are described by ACPI and SMBIOS; here there are no nodes, and ISA has no Plug and Play cards. */
#include "service.h"

#define GET_NUMBER_OF_NODES 0x00
#define GET_ISA_CONFIGURATION 0x40
#define SUCCESS 0x00
#define NOT_SUPPORTED 0x82

/* Behind the registers and the return address: the function's number and its arguments, as words. */
static u16 argument(const struct bregs *regs, unsigned n)
{
    const u16 *stack = (const u16 *)(regs + 1) + 2;
    return stack[n];
}

static u16 function(const struct bregs *regs)
{
    switch (argument(regs, 0)) {
    case GET_NUMBER_OF_NODES: /* far *count, far *largest size */
        far_set(argument(regs, 2), argument(regs, 1), 0, 1);
        far_set(argument(regs, 4), argument(regs, 3), 0, 2);
        return SUCCESS;
    case GET_ISA_CONFIGURATION: { /* far *structure */
        u16 off = argument(regs, 1), seg = argument(regs, 2);
        far_set(seg, off, 1, 2);
        far_set(seg, (u16)(off + 2), 0, 4);
        return SUCCESS;
    }
    default:
        return NOT_SUPPORTED;
    }
}

void handle_pnp_real(struct bregs *regs);
void handle_pnp_real(struct bregs *regs)
{
    regs->ax = function(regs);
}

void handle_pnp_prot(struct bregs *regs);
void handle_pnp_prot(struct bregs *regs)
{
    regs->ax = function(regs);
}
