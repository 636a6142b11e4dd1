/* pm_smbus.c: SMBus host controller of the Intel 82371AB (PIIX4), data sheet order no. 290562, section 7.3 (registers)
 * and 11.4 (operation). The bus has no devices on it: each transaction ends with a device error, as nobody acknowledges
 * the address.
 * Not modelled: block data, the slave interface, interrupts at the end of a transaction. */
#include "pm_smbus.h"

enum smbus_register { SMBHSTSTS = 0, SMBHSTCNT = 2, SMBHSTCMD = 3, SMBHSTADD = 4, SMBHSTDAT0 = 5, SMBHSTDAT1 = 6 };

#define STS_DEV_ERR 0x04u
#define STS_WRITE_ONE_CLEARS 0x1eu
#define CNT_INTEREN 0x01u
#define CNT_START 0x40u
#define CNT_STORED 0x1fu

static u64 smbus_read(void *dev, u64 offset, unsigned size)
{
    const struct pm_smbus *s = dev;
    (void)size;
    switch (offset) {
    case SMBHSTSTS:
        return s->status;
    case SMBHSTCNT:
        return s->control;
    case SMBHSTCMD:
        return s->command;
    case SMBHSTADD:
        return s->address;
    case SMBHSTDAT0:
        return s->data[0];
    case SMBHSTDAT1:
        return s->data[1];
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
        s->status |= STS_DEV_ERR;
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
}

const struct state_field pm_smbus_fields[] = { STATE(struct pm_smbus, status),     STATE(struct pm_smbus, control),
                                               STATE(struct pm_smbus, command),    STATE(struct pm_smbus, address),
                                               STATE_BYTES(struct pm_smbus, data), STATE_END };
