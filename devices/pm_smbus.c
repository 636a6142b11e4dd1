/* pm_smbus.c: SMBus host controller of the Intel 82371AB (PIIX4), data sheet order no. 290562, section 7.3 (registers)
 * and 11.4 (operation); SMBus 2.0, section 5.5, for the protocols. On the bus are the serial presence detect EEPROMs of
 * eight memory modules, at addresses 50h to 57h; others are not acknowledged, which ends with a device error.
 * Modelled: quick command, byte, byte data, word data and block data, each done at once: HOST_BUSY is never seen.
 * Not modelled, and logged: interrupts at the end of a transaction, other protocols, the slave interface. */
#include "pm_smbus.h"

enum smbus_register {
    SMBHSTSTS = 0,
    SMBHSTCNT = 2,
    SMBHSTCMD = 3,
    SMBHSTADD = 4,
    SMBHSTDAT0 = 5,
    SMBHSTDAT1 = 6,
    SMBBLKDAT = 7
};

#define STS_INTER 0x02u
#define STS_DEV_ERR 0x04u
#define STS_FAILED 0x10u
#define STS_WRITE_ONE_CLEARS 0x1eu
#define CNT_INTEREN 0x01u
#define CNT_KILL 0x02u
#define CNT_START 0x40u
#define CNT_STORED 0x1fu
#define CNT_PROTOCOL_SHIFT 2
#define ADD_READ 0x01u

enum smbus_protocol { PROT_QUICK = 0, PROT_BYTE = 1, PROT_BYTE_DATA = 2, PROT_WORD_DATA = 3, PROT_BLOCK = 5 };

#define EEPROM_FIRST 0x50u

/* ---- transactions ---- */

static void read_block(struct pm_smbus *s, struct smbus_eeprom *e)
{
    u8 count = smbus_eeprom_read(e);
    if (count > PM_SMBUS_BLOCK)
        count = 0;
    for (unsigned i = 0; i < count; i++)
        s->block[i] = smbus_eeprom_read(e);
    s->data[0] = count;
    s->index = 0;
}

static bool read_device(struct pm_smbus *s, struct smbus_eeprom *e, unsigned protocol)
{
    if (protocol >= PROT_BYTE_DATA)
        smbus_eeprom_write(e, &s->command, 1);
    switch (protocol) {
    case PROT_QUICK:
        return true;
    case PROT_BYTE:
    case PROT_BYTE_DATA:
        s->data[0] = smbus_eeprom_read(e);
        return true;
    case PROT_WORD_DATA:
        s->data[0] = smbus_eeprom_read(e);
        s->data[1] = smbus_eeprom_read(e);
        return true;
    case PROT_BLOCK:
        read_block(s, e);
        return true;
    default:
        return false;
    }
}

/* The count goes over the wire before the bytes, and an EEPROM takes it for one of them. */
static bool write_block(struct pm_smbus *s, struct smbus_eeprom *e)
{
    u8 bytes[2 + PM_SMBUS_BLOCK] = { s->command, s->data[0] };
    if (s->data[0] > PM_SMBUS_BLOCK)
        return false;
    memcpy(bytes + 2, s->block, s->data[0]);
    smbus_eeprom_write(e, bytes, 2u + s->data[0]);
    s->index = 0;
    return true;
}

static bool write_device(struct pm_smbus *s, struct smbus_eeprom *e, unsigned protocol)
{
    const u8 bytes[3] = { s->command, s->data[0], s->data[1] };
    if (protocol == PROT_BLOCK)
        return write_block(s, e);
    if (protocol > PROT_WORD_DATA)
        return false;
    smbus_eeprom_write(e, bytes, protocol); /* as many bytes as its number says */
    return true;
}

static void transaction(struct pm_smbus *s)
{
    unsigned protocol = s->control >> CNT_PROTOCOL_SHIFT & 7, n = (s->address >> 1) - EEPROM_FIRST;
    bool known = protocol <= PROT_WORD_DATA || protocol == PROT_BLOCK, done = false;
    if (!known)
        log_unimp(s->log, "pm-smbus", "protocol %u", protocol);
    else if (n < PM_SMBUS_EEPROMS)
        done =
            s->address & ADD_READ ? read_device(s, &s->eeprom[n], protocol) : write_device(s, &s->eeprom[n], protocol);
    s->status |= (u8)(done ? STS_INTER : STS_DEV_ERR);
}

/* ---- registers ---- */

static u8 next_index(struct pm_smbus *s)
{
    u8 at = s->index % PM_SMBUS_BLOCK;
    s->index = (u8)((at + 1) % PM_SMBUS_BLOCK);
    return at;
}

static u64 smbus_read(void *dev, u64 offset, unsigned size)
{
    struct pm_smbus *s = dev;
    (void)size;
    switch (offset) {
    case SMBHSTSTS:
        return s->status;
    case SMBHSTCNT: /* reading it starts the block anew */
        s->index = 0;
        return s->control;
    case SMBHSTCMD:
        return s->command;
    case SMBHSTADD:
        return s->address;
    case SMBHSTDAT0:
        return s->data[0];
    case SMBHSTDAT1:
        return s->data[1];
    case SMBBLKDAT:
        return s->block[next_index(s)];
    default:
        return 0;
    }
}

static void write_control(struct pm_smbus *s, u8 value)
{
    s->control = value & CNT_STORED;
    if (value & CNT_INTEREN)
        log_unimp(s->log, "pm-smbus", "interrupt at the end of a transaction");
    if (value & CNT_START)
        transaction(s);
    if (value & CNT_KILL) {
        s->status |= STS_FAILED;
        s->index = 0;
    }
}

static void smbus_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct pm_smbus *s = dev;
    u8 v = (u8)value;
    (void)size;
    switch (offset) {
    case SMBHSTSTS:
        s->status &= (u8) ~(v & STS_WRITE_ONE_CLEARS);
        break;
    case SMBHSTCNT:
        write_control(s, v);
        break;
    case SMBHSTCMD:
        s->command = v;
        break;
    case SMBHSTADD:
        s->address = v;
        break;
    case SMBHSTDAT0:
        s->data[0] = v;
        break;
    case SMBHSTDAT1:
        s->data[1] = v;
        break;
    case SMBBLKDAT:
        s->block[next_index(s)] = v;
        break;
    default:
        log_unimp(s->log, "pm-smbus", "write of %02x to register %02x", v, (unsigned)offset);
        break;
    }
}

static const struct region_ops smbus_ops = { .read = smbus_read, .write = smbus_write, .max_size = 1 };

void pm_smbus_init(struct pm_smbus *s, struct log *log)
{
    s->log = log;
    region_init_io(&s->io, "pm-smbus", 64, &smbus_ops, s);
}

void pm_smbus_reset(struct pm_smbus *s)
{
    s->status = s->control = s->command = s->address = s->data[0] = s->data[1] = 0;
    memset(s->block, 0, sizeof s->block);
    s->index = 0;
    for (unsigned i = 0; i < PM_SMBUS_EEPROMS; i++)
        smbus_eeprom_reset(&s->eeprom[i]);
}

const struct state_field pm_smbus_fields[] = {
    STATE(struct pm_smbus, status),
    STATE(struct pm_smbus, control),
    STATE(struct pm_smbus, command),
    STATE(struct pm_smbus, address),
    STATE_BYTES(struct pm_smbus, data),
    STATE_BYTES(struct pm_smbus, block),
    STATE_MAX(struct pm_smbus, index, PM_SMBUS_BLOCK - 1),
    STATE_ARRAY(struct pm_smbus, eeprom, smbus_eeprom_fields),
    STATE_END,
};
