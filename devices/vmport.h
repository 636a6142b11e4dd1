/* vmport.h: VMware's port, a call from the guest to its machine by registers. See vmport.c. */
#ifndef PCEMU_VMPORT_H
#define PCEMU_VMPORT_H

#include "log.h"
#include "region.h"
#include "vmmouse.h"

/* The low halves of the registers of the processor that makes the access. */
struct vmport_registers {
    u32 eax, ebx, ecx, edx, esi, edi;
};

/* The way to them. */
struct vmport_cpu {
    void (*get)(void *owner, struct vmport_registers *r);
    void (*set)(void *owner, const struct vmport_registers *r);
    void *owner;
};

struct vmport {
    /* wiring; it has no state */
    struct region io; /* "vmport", 1 port */
    struct log *log;
    struct vmport_cpu cpu;
    struct vmmouse *mouse;
    u64 ram_size; /* bytes */
    bool x2apic;  /* the processor's APIC has the x2APIC mode */
};

/* `mouse`: not owned. */
void vmport_init(struct vmport *s, const struct vmport_cpu *cpu, struct vmmouse *mouse, u64 ram_size, bool x2apic,
                 struct log *log);

#endif
