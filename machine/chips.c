/* chips.c: the state of all parts of a machine, walked by their tables: saved, put back, loaded, as one number. */
#include "pc.h"
#include "snapshot.h"

static const struct state_field machine_fields[] = {
    STATE(struct machine, time.base_ns),
    STATE(struct machine, time.base_icount),
    STATE(struct machine, time.rate),
    STATE_MAX(struct machine, turn, MACHINE_CPUS_MAX - 1),
    STATE(struct machine, turn_end),
    STATE(struct machine, icount_others),
    STATE_INTS(struct machine, irq_count),
    STATE_INTS(struct machine, irq_sources),
    STATE(struct machine, halted),
    STATE(struct machine, halted_since),
    STATE(struct machine, reset_asked),
    STATE_MAX(struct machine, status, MACHINE_STUCK),
    STATE(struct machine, suspended),
    STATE_MAX(struct machine, wake, PIIX4_WAKE_TIMER),
    STATE(struct machine, exit_status),
    STATE_TIMER(struct machine, timeout),
    STATE_END,
};

/* What hostile bytes must not do: name a processor that is not there, or a rate at which time stands. */
static bool machine_post_load(void *self)
{
    struct machine *m = self;
    m->apic_bus.running = m->turn;
    return m->turn < m->cpus && m->time.rate != 0;
}

static const struct state_table machine_table = { "machine", 1, machine_fields, machine_post_load };

/* ---- all state but memory ---- */

bool machine_save_chips(struct machine *m, struct state_buf *out)
{
    bool ok = state_save(&machine_table, m, out);
    for (unsigned i = 0; i < m->devices; i++)
        ok = ok && state_save(m->device[i].state, m->device[i].self, out);
    for (unsigned i = 0; i < m->cpus; i++)
        ok = ok && state_save(&cpu_state_table, m->cpu[i].cpu, out);
    return ok;
}

/* Loads one part from `was`, unless it stands so: loading throws out what was derived from it. */
static bool restore(const struct state_table *table, void *self, struct state_buf *was)
{
    struct state_buf now = { 0 };
    const char *why;
    bool saved = state_save(table, self, &now);
    bool same = saved && now.len <= was->len - was->pos && memcmp(now.data, was->data + was->pos, now.len) == 0;
    if (same)
        was->pos += now.len;
    state_buf_free(&now);
    return same || state_load(table, self, was, &why);
}

bool machine_restore_chips(struct machine *m, struct state_buf *was)
{
    size_t start = was->pos;
    bool ok = restore(&machine_table, m, was);
    for (unsigned i = 0; i < m->devices; i++)
        ok = ok && restore(m->device[i].state, m->device[i].self, was);
    for (unsigned i = 0; i < m->cpus; i++)
        ok = ok && restore(&cpu_state_table, m->cpu[i].cpu, was);
    was->pos = start;
    return ok && restore(&machine_table, m, was);
}

static bool load_part(const struct state_table *table, void *self, struct state_buf *in, char *why)
{
    const char *field;
    if (state_load(table, self, in, &field))
        return true;
    snprintf(why, SNAPSHOT_WHY_MAX, "damaged, or made by another version of pcemu: field '%s' of '%s' is refused",
             field, table->name);
    return false;
}

/* Chips that settle their outputs pull wires, which the board counts, and wake processors: so its own state is loaded
 * once more when all are still. */
static bool load_board_again(struct machine *m, struct state_buf *in, size_t at, char *why)
{
    size_t end = in->pos;
    in->pos = at;
    bool ok = load_part(&machine_table, m, in, why);
    in->pos = end;
    return ok;
}

bool machine_load_chips(struct machine *m, struct state_buf *in, char *why)
{
    size_t start = in->pos;
    bool ok = load_part(&machine_table, m, in, why);
    for (unsigned i = 0; i < m->devices; i++)
        ok = ok && load_part(m->device[i].state, m->device[i].self, in, why);
    for (unsigned i = 0; i < m->cpus; i++)
        ok = ok && load_part(&cpu_state_table, m->cpu[i].cpu, in, why);
    if (ok && in->pos != in->len) {
        snprintf(why, SNAPSHOT_WHY_MAX, "damaged, or made by another version of pcemu: more parts than this machine");
        ok = false;
    }
    return ok && load_board_again(m, in, start, why);
}

void machine_settle(struct machine *m)
{
    u64 now = machine_now_ns(m), rate = VTIME_ONE_NS << m->config.icount_shift;
    if (m->config.clock == MACHINE_CLOCK_INSN && m->time.rate != rate)
        vtime_set_rate(&m->time, machine_icount(m), rate);
    if (m->config.host_now)
        pace_set(&m->pace, now);
    m->resting = m->alarm_rang = false;
    timer_set(&m->timeout, m->config.timeout_ns ? now + m->config.timeout_ns : CLOCK_NEVER);
    if (m->status == MACHINE_TIMED_OUT)
        m->status = MACHINE_RUNNING;
}

/* ---- the state as one number ---- */

#define HASH_PRIME 0x100000001b3u

/* Whole words: memory is large. Pages of zeros, which the host has not given memory to yet, count nothing. */
static u64 hash_memory(const struct ram_pool *pool, u64 hash)
{
    for (u64 page = 0; page < pool->pages; page++) {
        const u8 *host = ram_page_host(pool, page);
        u64 h = 0;
        for (unsigned i = 0; i < PAGE_SIZE; i += 8)
            h = (h ^ get_le64(host + i)) * HASH_PRIME;
        if (h)
            hash = (hash ^ h ^ page) * HASH_PRIME;
    }
    return hash;
}

u64 machine_hash(struct machine *m)
{
    u64 hash = state_hash(&machine_table, m, 0);
    for (unsigned i = 0; i < m->devices; i++)
        hash = state_hash(m->device[i].state, m->device[i].self, hash);
    for (unsigned i = 0; i < m->cpus; i++)
        hash = state_hash(&cpu_state_table, m->cpu[i].cpu, hash);
    return hash_memory(&m->pool, hash);
}
