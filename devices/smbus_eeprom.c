/* smbus_eeprom.c: a 24C02-like EEPROM: an address counter and 256 bytes (JEDEC 21-C, appendix on serial presence
 * detect; SMBus 2.0, 5.5, for the protocols). As QEMU 7.2's hw/i2c/smbus_eeprom.c: its pc has eight of them, blank;
 * they take writes, which a reset undoes. Not modelled: the write cycle's time, write protection. */
#include "smbus_eeprom.h"

void smbus_eeprom_reset(struct smbus_eeprom *s)
{
    memset(s, 0, sizeof *s);
}

void smbus_eeprom_write(struct smbus_eeprom *s, const u8 *bytes, unsigned count)
{
    if (!count)
        return;
    s->offset = bytes[0];
    for (unsigned i = 1; i < count; i++)
        s->data[s->offset++] = bytes[i];
}

u8 smbus_eeprom_read(struct smbus_eeprom *s)
{
    return s->data[s->offset++];
}

const struct state_field smbus_eeprom_fields[] = {
    STATE_BYTES(struct smbus_eeprom, data),
    STATE(struct smbus_eeprom, offset),
    STATE_END,
};
