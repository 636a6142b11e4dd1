/* debug.c: see debug.h.
 *
 * A register that changes by being read would make looking an act. So before the first register is read all the state
 * of the chips is saved, and it is put back where it has changed: what a chip is lies in its state table. */
#include "pc.h"

#include "debug.h"

#include <assert.h>
#include <inttypes.h>

static struct cpu *cpu_number(const struct machine *m, unsigned cpu)
{
    assert(cpu < debug_cpus(m));
    return m->cpu[cpu].cpu;
}

unsigned debug_cpus(const struct machine *m)
{
    return m->cpus;
}

bool debug_has_long_mode(const struct machine *m)
{
    return cpu_has_long_mode(m->cpu[0].cpu);
}

void debug_get_registers(const struct machine *m, unsigned cpu, struct debug_registers *r)
{
    cpu_inspect(cpu_number(m, cpu), r);
}

bool debug_set_registers(struct machine *m, unsigned cpu, const struct debug_registers *r)
{
    return journal_input_data(m, JOURNAL_SET_REGS, cpu, 0, r, sizeof *r) && cpu_adopt(cpu_number(m, cpu), r);
}

enum debug_mode debug_mode(const struct machine *m, unsigned cpu)
{
    return cpu_debug_mode(cpu_number(m, cpu));
}

void debug_row_name(unsigned row, char name[DEBUG_ROW_NAME])
{
    cpu_row_name(row, name, DEBUG_ROW_NAME);
}

bool debug_msr(struct machine *m, unsigned cpu, u32 msr, u64 *value)
{
    return cpu_peek_msr(cpu_number(m, cpu), msr, value);
}

size_t debug_entries(const struct machine *m, unsigned cpu, struct debug_entry *to, size_t room)
{
    return cpu_entries(cpu_number(m, cpu), to, room);
}

size_t debug_events(const struct machine *m, unsigned cpu, struct debug_event *to, size_t room)
{
    return cpu_events(cpu_number(m, cpu), to, room);
}

void debug_print_registers(struct machine *m, unsigned cpu, FILE *out)
{
    cpu_print(cpu_number(m, cpu), out);
}

struct debug_view debug_view(const struct machine *m, unsigned cpu)
{
    return cpu_view(cpu_number(m, cpu));
}

u64 debug_rflags(const struct debug_view *v)
{
    return cpu_rflags(v->processor);
}

/* ---- memory ---- */

bool debug_translate(struct machine *m, unsigned cpu, u64 linear, u64 *physical)
{
    return cpu_translate(cpu_number(m, cpu), linear, physical);
}

/* Registers are read in units of the size that their chip declares, at most a doubleword. */
static size_t read_register(struct address_space *as, const struct section *s, u64 addr, u8 *buf, size_t len)
{
    unsigned size = s->region->ops->max_size && s->region->ops->max_size < 4 ? s->region->ops->max_size : 4;
    while (size > len || addr & (size - 1) || s->last - addr < size - 1)
        size /= 2;
    u64 value = space_read(as, addr, size);
    memcpy(buf, &value, size);
    return size;
}

/* As it stands, without a thought of what reading does. Addresses end at 2^64. */
static void read_raw(struct address_space *as, u64 addr, u8 *buf, size_t len)
{
    while (len) {
        struct section s = *space_find(as, addr, false);
        size_t n = s.last - addr < len - 1 ? (size_t)(s.last - addr) + 1 : len;
        if (!s.region)
            memset(buf, 0xff, n);
        else if (s.region->kind == REGION_IO)
            n = read_register(as, &s, addr, buf, n);
        else
            n = space_peek(as, addr, buf, n);
        addr += n;
        buf += n;
        len -= n;
    }
}

static bool has_registers(struct address_space *as, u64 addr, size_t len)
{
    for (;;) {
        const struct section *s = space_find(as, addr, false);
        if (s->region && s->region->kind == REGION_IO)
            return true;
        if (s->last - addr >= len - 1)
            return false;
        len -= (size_t)(s->last - addr) + 1;
        addr = s->last + 1;
    }
}

/* A processor sees the registers of its own APIC. */
static size_t read_untraced(struct machine *m, unsigned cpu, struct address_space *as, u64 addr, u8 *buf, size_t len)
{
    unsigned running = m->apic_bus.running;
    struct state_buf before = { 0 };
    if (!machine_save_chips(m, &before)) {
        state_buf_free(&before);
        return 0;
    }
    m->apic_bus.running = cpu;
    read_raw(as, addr, buf, len);
    m->apic_bus.running = running;
    if (!machine_restore_chips(m, &before))
        log_host(m->log, "debug", "a register's reading could not be undone");
    state_buf_free(&before);
    return len;
}

static size_t read_physical(struct machine *m, unsigned cpu, u64 addr, u8 *buf, size_t len)
{
    struct address_space *as = cpu_memory(cpu_number(m, cpu));
    if (len && UINT64_MAX - addr < len - 1)
        len = (size_t)(UINT64_MAX - addr) + 1;
    if (!len)
        return 0;
    if (has_registers(as, addr, len) && m->in_cpu) /* what it would do can't be undone within an instruction */
        return 0;
    if (has_registers(as, addr, len))
        return read_untraced(m, cpu, as, addr, buf, len);
    read_raw(as, addr, buf, len);
    return len;
}

/* RAM only: in pieces, so that the end is known where something else begins. */
static size_t write_physical(const struct cpu *c, u64 addr, const u8 *buf, size_t len)
{
    struct address_space *as = cpu_memory(c);
    size_t done = 0;
    while (done < len) {
        const struct section *s = space_find(as, addr + done, true);
        u64 left = s->last - (addr + done);
        size_t n = left < len - done - 1 ? (size_t)left + 1 : len - done;
        if (!s->region || s->region->kind != REGION_RAM)
            break;
        space_write_bytes(as, addr + done, buf + done, n);
        done += n;
        if (left == UINT64_MAX - (addr + done - n))
            break;
    }
    return done;
}

/* One access of debug_read() or debug_write(): `to` or `from` is NULL. */
static size_t access_memory(struct machine *m, unsigned cpu, enum debug_space space, u64 addr, u8 *to, const u8 *from,
                            size_t len)
{
    struct cpu *c = cpu_number(m, cpu);
    size_t done = 0;
    m->apic_bus.running = cpu; /* whose local APIC is seen */
    while (done < len) {
        u64 physical = addr + done;
        size_t n = len - done, page = (size_t)(PAGE_SIZE - (physical & ~PAGE_MASK));
        if (space == DEBUG_LINEAR && !cpu_translate(c, addr + done, &physical))
            break;
        if (space == DEBUG_LINEAR && n > page)
            n = page;
        size_t part = to ? read_physical(m, cpu, physical, to + done, n) : write_physical(c, physical, from + done, n);
        done += part;
        if (part < n)
            break;
    }
    m->apic_bus.running = m->turn;
    return done;
}

size_t debug_read(struct machine *m, unsigned cpu, enum debug_space space, u64 addr, void *buf, size_t len)
{
    return access_memory(m, cpu, space, addr, buf, NULL, len);
}

size_t debug_write(struct machine *m, unsigned cpu, enum debug_space space, u64 addr, const void *buf, size_t len)
{
    if (!journal_input_data(m, JOURNAL_WRITE, cpu | (u64)space << 32, addr, buf, len))
        return 0;
    return access_memory(m, cpu, space, addr, NULL, buf, len);
}

/* ---- paging ---- */

enum debug_paging debug_paging(const struct machine *m, unsigned cpu)
{
    return cpu_paging(cpu_number(m, cpu));
}

bool debug_mappings(struct machine *m, unsigned cpu, bool (*each)(void *self, const struct debug_mapping *map),
                    void *self)
{
    return cpu_mappings(cpu_number(m, cpu), each, self);
}

void debug_walk(struct machine *m, unsigned cpu, u64 linear, struct debug_walk *w)
{
    cpu_walk(cpu_number(m, cpu), linear, w);
}

/* ---- ports ---- */

u32 debug_port_read(struct machine *m, u16 port, unsigned size)
{
    if (!journal_input(m, JOURNAL_IN, port, size, 0))
        return (u32)low_bytes(UINT64_MAX, size);
    return (u32)space_read(&m->port_space, port, size);
}

void debug_port_write(struct machine *m, u16 port, u32 value, unsigned size)
{
    if (journal_input(m, JOURNAL_OUT, port, size, value))
        space_write(&m->port_space, port, value, size);
}

/* ---- the map ---- */

bool debug_print_map(struct machine *m, enum debug_map form, FILE *out)
{
    struct address_space *spaces[2 + 2 * MACHINE_CPUS_MAX + PC_MASTERS_MAX] = { &m->memory_space, &m->port_space };
    size_t count = 2;
    for (unsigned i = 0; i < m->cpus; i++) {
        spaces[count++] = &m->cpu[i].memory;
        spaces[count++] = &m->cpu[i].smm_memory;
    }
    for (unsigned i = 0; i < m->masters; i++)
        spaces[count++] = &m->master[i].space;
    if (form != DEBUG_MAP_FLAT)
        return mtree_print(spaces, count, form == DEBUG_MAP_DISABLED, out);
    mtree_print_flat(spaces, count, out);
    return true;
}

static struct debug_place place_in(struct address_space *as, u64 addr)
{
    static const enum debug_place_kind kinds[] = {
        [REGION_RAM] = DEBUG_PLACE_RAM, [REGION_ROM] = DEBUG_PLACE_ROM, [REGION_IO] = DEBUG_PLACE_DEVICE
    };
    const struct section *w = space_find(as, addr, true);
    const struct region *writes_to = w->region;
    const struct section *s = space_find(as, addr, false);
    struct debug_place place = { .first = s->first, .last = s->last };
    if (!s->region)
        return place;
    place.kind = kinds[s->region->kind];
    if (place.kind == DEBUG_PLACE_RAM && writes_to != s->region)
        place.kind = DEBUG_PLACE_ROM;
    place.name = s->region->name;
    place.offset = s->offset + (addr - s->first);
    return place;
}

void debug_hear_dma(struct machine *m, void (*wrote)(void *self, u64 physical, u64 length), void *self)
{
    m->memory_space.device_wrote = wrote;
    m->memory_space.device_wrote_self = self;
}

struct debug_place debug_place(struct machine *m, unsigned cpu, u64 physical)
{
    return place_in(cpu_memory(cpu_number(m, cpu)), physical);
}

struct debug_place debug_port_place(struct machine *m, u16 port)
{
    return place_in(&m->port_space, port);
}

static const char *name_at(struct address_space *as, u64 addr)
{
    const struct section *s = space_find(as, addr, false);
    if (!s->region)
        s = space_find(as, addr, true);
    return s->region ? s->region->name : NULL;
}

const char *debug_port_name(struct machine *m, u16 port)
{
    return name_at(&m->port_space, port);
}

const char *debug_memory_name(struct machine *m, unsigned cpu, u64 physical)
{
    return name_at(cpu_memory(cpu_number(m, cpu)), physical);
}

/* ---- chips ---- */

void debug_print_pic(const struct machine *m, FILE *out)
{
    pic_print(&m->pic, out);
}

void debug_print_ioapic(const struct machine *m, FILE *out)
{
    ioapic_print(&m->ioapic, out);
}

void debug_print_lapic(const struct machine *m, unsigned cpu, FILE *out)
{
    assert(cpu < debug_cpus(m));
    lapic_print(&m->cpu[cpu].lapic, out);
}

bool debug_print_chip(const struct machine *m, const char *name, FILE *out)
{
    for (unsigned i = 0; i < m->devices; i++)
        if (strcmp(m->device[i].name, name) == 0) {
            state_print(m->device[i].state, m->device[i].self, out);
            return true;
        }
    return false;
}

static void print_counts(const struct machine *m, const char *chip, unsigned inputs, FILE *out)
{
    fprintf(out, "IRQ statistics for %s:\n", chip);
    for (unsigned i = 0; i < inputs; i++)
        if (m->irq_count[i])
            fprintf(out, "%2u: %" PRIu64 "\n", i, m->irq_count[i]);
}

/* The I/O APIC stands at all wires, the 8259s at the first sixteen. */
void debug_print_irqs(const struct machine *m, FILE *out)
{
    print_counts(m, "ioapic", PC_GSIS, out);
    print_counts(m, "isa-i8259", PIC_IRQS, out);
}

void debug_print_pci(const struct machine *m, FILE *out)
{
    pci_print(&m->pci, out);
}

/* The firmware's flash, and what it fetches through fw_cfg to write it to memory. */
void debug_print_roms(const struct machine *m, FILE *out)
{
    fprintf(out, "addr=%016" PRIx64 " size=0x%06" PRIx64 " mem=rom name=\"%s\"\n", m->bios.addr, region_size(&m->bios),
            m->bios.name);
    for (unsigned i = 0; i < m->fw_cfg.files; i++) {
        const struct fw_cfg_file *f = &m->fw_cfg.file[i];
        if (strncmp(f->name, "etc/acpi/", 9) == 0 || strcmp(f->name, "etc/table-loader") == 0)
            fprintf(out, "/rom@%s size=0x%06x name=\"%s\"\n", f->name, f->item.size, f->name);
    }
}
