/* smm.c: sets up system management mode: SMRAM at A0000 (82441FX data sheet, 3.2.22), the handler in it, SMI by writes
 * to the APM port (82371AB data sheet, 7.1 and 7.2). The first processor's SMBASE is moved; SMI reaches no other one.
 */
#include "post.h"

#define HOST_BRIDGE PCI_BDF(0, 0, 0)
#define ID_I440FX 0x12378086
#define SMRAM_CONTROL 0x72
#define SMRAM_OPEN 0x4a
#define SMRAM_CLOSED 0x0a
#define PIIX4_PM 0x71138086u
#define DEVACTB 0x58
#define APMC_EN BIT(25)
#define GLBCTL 0x28
#define SMI_EN 1
#define PORT_APMC 0xb2
#define PORT_APMS 0xb3
#define FIRST_ENTRY 0x38000
#define SAVE_STATE 0x3fe00
#define SAVE_STATE_SIZE 512
#define ENTRY 0xa8000
#define POLLS 100000u

extern const u8 smm_relocate[], smm_relocate_end[], smm_handler[], smm_handler_end[], smm_pm_base[];

/* False: the handler has not run. */
static bool move_smbase(void)
{
    u8 *at = (u8 *)FIRST_ENTRY, saved[64], state[SAVE_STATE_SIZE];
    u32 size = (u32)(smm_relocate_end - smm_relocate);
    memcpy(saved, at, sizeof saved);
    memcpy(state, (void *)SAVE_STATE, sizeof state);
    memcpy(at, smm_relocate, size);
    outb(PORT_APMS, 1);
    outb(PORT_APMC, 0);
    for (u32 n = 0; n < POLLS && inb(PORT_APMS); n++)
        cpu_relax();
    memcpy((void *)SAVE_STATE, state, sizeof state);
    memcpy(at, saved, sizeof saved);
    return inb(PORT_APMS) == 0;
}

void smm_init(void)
{
    u32 pm = pci_find_bdf(PIIX4_PM);
    if (!fwcfg_present()) /* Bochs: a system in long mode does not come back from its SMI, and ACPI needs none there */
        return;
    if (pm == NO_FUNCTION || pci_read32(HOST_BRIDGE, 0) != ID_I440FX)
        return;
    u32 devactb = pci_read32((u16)pm, DEVACTB);
    if (devactb & APMC_EN) /* was set up before a reset that leaves it alone */
        return;
    pci_write8(HOST_BRIDGE, SMRAM_CONTROL, SMRAM_OPEN);
    memcpy((void *)ENTRY, smm_handler, (u32)(smm_handler_end - smm_handler));
    memcpy((void *)(ENTRY + (smm_pm_base - smm_handler)), &FSEG->pm_base, 2);
    pci_write32((u16)pm, DEVACTB, devactb | APMC_EN);
    u16 control = (u16)(FSEG->pm_base + GLBCTL);
    outl(control, inl(control) | SMI_EN);
    pci_write8(HOST_BRIDGE, SMRAM_CONTROL, SMRAM_CLOSED);
    if (!move_smbase()) {
        debug("SMI does not come: without system management mode\n");
        pci_write32((u16)pm, DEVACTB, devactb);
    }
}
