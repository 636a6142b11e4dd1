/* smbus_eeprom.h: a serial EEPROM of 256 bytes on the SMBus, as memory modules have one. See smbus_eeprom.c. */
#ifndef PCEMU_SMBUS_EEPROM_H
#define PCEMU_SMBUS_EEPROM_H

#include "state.h"

#define SMBUS_EEPROM_BYTES 256

struct smbus_eeprom {
    /* state */
    u8 data[SMBUS_EEPROM_BYTES];
    u8 offset; /* of the next byte to be read */
};

/* Power-on: all bytes zero, as QEMU's pc has them. */
void smbus_eeprom_reset(struct smbus_eeprom *s);
/* A write on the bus: the offset, then bytes for it and the places after it, which wrap. Without bytes nothing. */
void smbus_eeprom_write(struct smbus_eeprom *s, const u8 *bytes, unsigned count);
/* The byte at the offset, which moves on. */
u8 smbus_eeprom_read(struct smbus_eeprom *s);

extern const struct state_field smbus_eeprom_fields[];

#endif
