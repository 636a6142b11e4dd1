/* pm_smbus.h: the SMBus host controller of the 82371AB (PIIX4), with the EEPROMs of eight memory modules. See
 * pm_smbus.c. */
#ifndef PCEMU_PM_SMBUS_H
#define PCEMU_PM_SMBUS_H

#include "base.h"
#include "log.h"
#include "region.h"
#include "smbus_eeprom.h"
#include "state.h"

#define PM_SMBUS_EEPROMS 8
#define PM_SMBUS_BLOCK 32

struct pm_smbus {
    /* wiring */
    struct log *log;
    struct region io; /* pm-smbus: 64 ports; the first 16 are registers */

    /* state */
    u8 status, control, command, address, data[2];
    u8 block[PM_SMBUS_BLOCK];                     /* SMBBLKDAT reads and writes them one after the other */
    u8 index;                                     /* of the next */
    struct smbus_eeprom eeprom[PM_SMBUS_EEPROMS]; /* at addresses 50h to 57h */
};

void pm_smbus_init(struct pm_smbus *s, struct log *log);
void pm_smbus_reset(struct pm_smbus *s);
extern const struct state_field pm_smbus_fields[];

#endif
