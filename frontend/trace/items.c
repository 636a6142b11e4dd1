/* items.c: what -d can name. QEMU's names mean what they mean there, as far as there is such a thing here; what is
 * about QEMU's translator is refused. */
#include "record.h"

/* Chips by the names of their windows in the map: prefixes. */
enum { DEV_PIC, DEV_APIC, DEV_IDE, DEV_PCI, DEV_VGA };
static const struct {
    u8 device;
    const char *prefix;
} windows[] = {
    { DEV_PIC, "pic" },      { DEV_PIC, "elcr" },     { DEV_APIC, "apic" }, { DEV_APIC, "kvm-apic" },
    { DEV_APIC, "ioapic" },  { DEV_IDE, "ide" },      { DEV_IDE, "bmdma" }, { DEV_IDE, "piix-bmdma" },
    { DEV_PCI, "pci-conf" }, { DEV_VGA, "vga" },      { DEV_VGA, "vbe" },   { DEV_VGA, "edid" },
    { DEV_VGA, "bochs" },    { DEV_VGA, "qemu ext" },
};

#define PORTS (BIT(TRACE_PORT) | BIT(TRACE_MMIO))
#define ALL_DEVICES UINT32_MAX

struct item {
    const char *name;
    u32 kinds, devices;
    const char *help; /* NULL: refused, as it is about QEMU's own inside */
};
static const struct item items[] = {
    { "exec", BIT(TRACE_EXEC) | BIT(TRACE_STATE), 0, "each instruction, with the registers that it changes" },
    { "in_asm", BIT(TRACE_ASM), 0, "each instruction when it is met for the first time" },
    { "block", BIT(TRACE_BLOCK), 0, "where straight-line code is entered" },
    { "branch", BIT(TRACE_BRANCH), 0, "taken branches" },
    { "cpu", BIT(TRACE_CPU), 0, "all registers where straight-line code is entered" },
    { "int", BIT(TRACE_INT) | BIT(TRACE_EXCEPTION), 0, "interrupts and exceptions" },
    { "pcall", BIT(TRACE_INT) | BIT(TRACE_IRET) | BIT(TRACE_TASK) | BIT(TRACE_MODE), 0,
      "interrupts, returns from them, task switches, modes" },
    { "mode", BIT(TRACE_MODE), 0, "changes of the processor's mode" },
    { "smm", BIT(TRACE_MODE) | BIT(TRACE_INT), 0, "system management interrupts and modes" },
    { "task", BIT(TRACE_TASK), 0, "task switches" },
    { "cr", BIT(TRACE_CR), 0, "writes to control registers" },
    { "msr", BIT(TRACE_MSR), 0, "RDMSR and WRMSR" },
    { "mmu", BIT(TRACE_WALK), 0, "page walks of data" },
    { "page", BIT(TRACE_WALK), 0, "page faults" },
    { "mem", BIT(TRACE_READ) | BIT(TRACE_WRITE), 0, "data read and written (slow)" },
    { "io", BIT(TRACE_PORT), ALL_DEVICES, "accesses to ports" },
    { "mmio", BIT(TRACE_MMIO), ALL_DEVICES, "accesses to chips in memory space" },
    { "pic", PORTS, BIT(DEV_PIC), "the 8259 pair's registers" },
    { "apic", PORTS, BIT(DEV_APIC), "the local and I/O APICs' registers (x2APIC: msr)" },
    { "ide", PORTS, BIT(DEV_IDE), "the disk controller's registers" },
    { "pci", PORTS, BIT(DEV_PCI), "configuration space" },
    { "vga", PORTS, BIT(DEV_VGA), "the display adapter's registers and windows" },
    { "cpu_reset", BIT(TRACE_RESET) | BIT(TRACE_CPU), 0, "registers before a reset" },
    { "reset", BIT(TRACE_RESET) | BIT(TRACE_SHUTDOWN), 0, "resets, triple faults" },
    { "halt", BIT(TRACE_HALT), 0, "HLT" },
    { "unimp", BIT(TRACE_LOG), 0, "what the guest asks for and is not modelled (default)" },
    { "guest_errors", BIT(TRACE_LOG), 0, "what the guest does wrong (default)" },
    { "rows", 0, 0, "at the end: which rows of the instruction table were met" },
    { "stats", 0, 0, "at the end: which instructions ran, where most of them, the processor's look-ups (slow)" },
    { "nochain", 0, 0, "nothing: every instruction is traced anyway" },
    { "out_asm", 0, 0, NULL },
    { "op", 0, 0, NULL },
    { "op_opt", 0, 0, NULL },
    { "op_ind", 0, 0, NULL },
    { "op_plugin", 0, 0, NULL },
    { "plugin", 0, 0, NULL },
    { "strace", 0, 0, NULL },
    { "fpu", 0, 0, NULL },
};

static const struct item *find(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(items); i++)
        if (strcmp(items[i].name, name) == 0)
            return &items[i];
    return NULL;
}

static void add(struct trace_items *t, const struct item *item)
{
    bool is_all = item->devices == ALL_DEVICES;
    bool had_walks = (t->kinds & BIT(TRACE_WALK)) && !t->fault_walks_only;
    t->kinds |= item->kinds & ~PORTS;
    if (strcmp(item->name, "page") == 0 || strcmp(item->name, "mmu") == 0)
        t->fault_walks_only = item->name[0] == 'p' && !had_walks;
    t->unimp |= strcmp(item->name, "unimp") == 0;
    t->guest |= strcmp(item->name, "guest_errors") == 0;
    t->cpu_blocks |= strcmp(item->name, "cpu") == 0;
    t->cpu_reset |= strcmp(item->name, "cpu_reset") == 0;
    t->rows |= strcmp(item->name, "rows") == 0;
    t->stats |= strcmp(item->name, "stats") == 0;
    if (is_all) /* those ports, or that memory: whatever is there */
        t->kinds |= item->kinds;
    else
        t->devices |= item->devices;
}

const char *trace_items_add(struct trace_items *t, char *list, const char **why)
{
    char *item;
    while ((item = strsep(&list, ","))) {
        const struct item *i = find(item);
        *why = i ? "is about QEMU's translator" : "is not known; -d help lists what is";
        if (!i || !i->help)
            return item;
        add(t, i);
    }
    return NULL;
}

void trace_items_help(FILE *out)
{
    fputs("What -d can name, separated by commas (docs/tracing.md):\n", out);
    for (unsigned i = 0; i < ARRAY_LEN(items); i++)
        if (items[i].help)
            fprintf(out, "%-16s %s\n", items[i].name, items[i].help);
}

bool trace_wants_name(const struct trace_items *t, bool is_port, const char *name)
{
    if (t->kinds & BIT(is_port ? TRACE_PORT : TRACE_MMIO))
        return true;
    for (unsigned i = 0; name && i < ARRAY_LEN(windows); i++)
        if ((t->devices & BIT(windows[i].device)) && strncmp(name, windows[i].prefix, strlen(windows[i].prefix)) == 0)
            return true;
    return false;
}

static const char *const kind_names[TRACE_KINDS] = {
    [TRACE_EXEC] = "exec",  [TRACE_STATE] = "state", [TRACE_BLOCK] = "block", [TRACE_BRANCH] = "branch",
    [TRACE_ASM] = "in_asm", [TRACE_INT] = "int",     [TRACE_IRET] = "iret",   [TRACE_EXCEPTION] = "exception",
    [TRACE_READ] = "read",  [TRACE_WRITE] = "write", [TRACE_PORT] = "io",     [TRACE_MMIO] = "mmio",
    [TRACE_CR] = "cr",      [TRACE_MSR] = "msr",     [TRACE_MODE] = "mode",   [TRACE_TASK] = "task",
    [TRACE_WALK] = "mmu",   [TRACE_RESET] = "reset", [TRACE_HALT] = "halt",   [TRACE_SHUTDOWN] = "shutdown",
    [TRACE_CPU] = "cpu",    [TRACE_LOG] = "log",
};

const char *trace_kind_name(unsigned kind)
{
    return kind < TRACE_KINDS ? kind_names[kind] : "?";
}

u32 trace_kinds_named(const char *list)
{
    u32 kinds = 0;
    while (*list) {
        size_t n = strcspn(list, ",");
        unsigned k = 0;
        while (k < TRACE_KINDS && (strlen(kind_names[k]) != n || strncmp(kind_names[k], list, n) != 0))
            k++;
        if (k == TRACE_KINDS)
            return 0;
        kinds |= BIT(k) | (k == TRACE_EXEC ? BIT(TRACE_STATE) : 0);
        list += n + (list[n] == ',');
    }
    return kinds;
}

static const struct {
    char name[8];
    u8 code;
} modes[8] = {
    [PROBE_MODE_REAL] = { "real", DEBUG_CODE_16 },
    [PROBE_MODE_VM86] = { "vm86", DEBUG_CODE_16 },
    [PROBE_MODE_PROTECTED_16] = { "prot16", DEBUG_CODE_16 },
    [PROBE_MODE_PROTECTED_32] = { "prot32", DEBUG_CODE_32 },
    [PROBE_MODE_COMPATIBILITY_16] = { "comp16", DEBUG_CODE_16 },
    [PROBE_MODE_COMPATIBILITY_32] = { "comp32", DEBUG_CODE_32 },
    [PROBE_MODE_LONG] = { "long", DEBUG_CODE_64 },
    [TRACE_MODE_REAL_32] = { "real32", DEBUG_CODE_32 },
};

enum debug_code trace_code(u8 mode)
{
    return (enum debug_code)modes[mode & 7].code;
}

const char *trace_mode_name(u8 mode)
{
    return modes[mode & 7].name;
}
