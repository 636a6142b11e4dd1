/* vbe_monitor.c: the monitor: power (VBE/PM 1.0, function 10) and description (VBE/DDC 1.0, function 15). */
#include "vbe.h"

#define PM_VERSION 0x10
#define PM_STANDBY 0x01
#define PM_SUSPEND 0x02
#define PM_OFF 0x04
#define PM_STATES (PM_STANDBY | PM_SUSPEND | PM_OFF)

#define DDC2 BIT(1)
#define DDC_SECONDS_A_BLOCK 1

extern const u8 edid_blocks[];
#define EDID_BLOCK 128
#define EDID_BLOCKS 2

/* There are no wires for synchronisation whose silence a monitor would take for a command: the screen is dark, and the
 * state is remembered. */
static enum vbe_status set_power(u8 state)
{
    if (state & (u8)~PM_STATES)
        return VBE_NOT_HERE;
    hw_screen(state == 0);
    SET_BDA(power_state, state);
    return VBE_OK;
}

enum vbe_status vbe_10_power(struct regs *r)
{
    switch (r->bl) {
    case 0:
        r->bl = PM_VERSION;
        r->bh = PM_STATES;
        return VBE_OK;
    case 1:
        return set_power(r->bh);
    case 2:
        r->bh = GET_BDA(power_state);
        return VBE_OK;
    default:
        return VBE_FAILED;
    }
}

static bool edid_known(void)
{
    return get_far8(rom_segment(), (u16)(NEAR(edid_blocks) + 1)) == 0xff;
}

enum vbe_status vbe_15_monitor(struct regs *r)
{
    if (r->bl > 1 || !edid_known())
        return VBE_FAILED;
    if (r->bl == 0) {
        r->bl = DDC2;
        r->bh = DDC_SECONDS_A_BLOCK;
        return VBE_OK;
    }
    if (r->dx >= EDID_BLOCKS)
        return VBE_FAILED;
    far_copy(r->es, r->di, rom_segment(), (u16)(NEAR(edid_blocks) + r->dx * EDID_BLOCK), EDID_BLOCK);
    return VBE_OK;
}
