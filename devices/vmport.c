/* vmport.c: VMware's backdoor: a read of one port with a magic number in EAX and a command in CX, answered in the
 * processor's registers.
 *
 * References: QEMU 7.2's hw/i386/vmport.c, which answers the commands below; VMware's open-vm-tools,
 * lib/include/backdoor_def.h, for their names.
 * As in QEMU: an access of any width acts, a write as a read; without the magic number or with another command EAX
 * becomes FFFFFFFFh; the machine's UUID is all zeros, its product type that of VMware ESX; the time-stamp counter's
 * rate (command 2Dh) is not told. Not modelled: every other command of VMware's (logged). */
#include "vmport.h"

#define MAGIC 0x564d5868u
#define FAILED UINT32_MAX
#define VERSION 6
#define PRODUCT_ESX 2
#define RAM_SIZE_OK 0x1177
#define VCPU_INFO_X2APIC BIT(3)

enum command {
    CMD_GET_VERSION = 10,
    CMD_GET_UUID = 19,
    CMD_GET_RAM_SIZE = 20,
    CMD_MOUSE_DATA = 39,
    CMD_MOUSE_STATUS = 40,
    CMD_MOUSE_COMMAND = 41,
    CMD_GET_HZ = 45,
    CMD_GET_VCPU_INFO = 68,
};

static void mouse_data(struct vmport *s, struct vmport_registers *r)
{
    u32 data[VMMOUSE_DATA_MAX] = { r->eax, r->ebx, r->ecx, r->edx, r->esi, r->edi };
    if (vmmouse_data(s->mouse, data, r->ebx))
        *r = (struct vmport_registers){ data[0], data[1], data[2], data[3], data[4], data[5] };
}

/* False: no such command. */
static bool do_command(struct vmport *s, struct vmport_registers *r)
{
    switch (r->ecx & 0xff) {
    case CMD_GET_VERSION:
        r->eax = VERSION;
        r->ebx = MAGIC;
        r->ecx = PRODUCT_ESX;
        return true;
    case CMD_GET_UUID:
        r->eax = r->ebx = r->ecx = r->edx = 0;
        return true;
    case CMD_GET_RAM_SIZE:
        r->eax = (u32)s->ram_size;
        r->ebx = RAM_SIZE_OK;
        return true;
    case CMD_MOUSE_DATA:
        mouse_data(s, r);
        return true;
    case CMD_MOUSE_STATUS:
        r->eax = vmmouse_status(s->mouse);
        return true;
    case CMD_MOUSE_COMMAND:
        vmmouse_command(s->mouse, r->ebx);
        return true;
    case CMD_GET_HZ:
        r->ebx = FAILED;
        return true;
    case CMD_GET_VCPU_INFO:
        r->eax = s->x2apic ? VCPU_INFO_X2APIC : 0;
        return true;
    default:
        log_unimp(s->log, "vmport", "command %02x", r->ecx & 0xff);
        return false;
    }
}

static u64 vmport_read(void *dev, u64 offset, unsigned size)
{
    struct vmport *s = dev;
    struct vmport_registers r;
    (void)offset, (void)size;
    s->cpu.get(s->cpu.owner, &r);
    if (r.eax != MAGIC || !do_command(s, &r))
        r.eax = FAILED;
    s->cpu.set(s->cpu.owner, &r);
    return r.eax;
}

static void vmport_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)value;
    vmport_read(dev, offset, size);
}

static const struct region_ops vmport_ops = { .read = vmport_read, .write = vmport_write };

void vmport_init(struct vmport *s, const struct vmport_cpu *cpu, struct vmmouse *mouse, u64 ram_size, bool x2apic,
                 struct log *log)
{
    *s = (struct vmport){ .cpu = *cpu, .mouse = mouse, .ram_size = ram_size, .x2apic = x2apic, .log = log };
    region_init_io(&s->io, "vmport", 1, &vmport_ops, s);
    s->io.wide = true;
}
