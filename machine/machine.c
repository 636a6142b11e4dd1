/* machine.c: the life of a machine: power-on, the loop that shares time between the processors and the timers, reset,
 * and how a run ends. Which of several processors runs is decided in turns.c.
 *
 * The processor runs up to the earliest deadline and no further, so that a timer fires at its instruction; inside a
 * device access time is exact, too, because it is computed from the count of instructions at that moment. A deadline
 * that a device sets for earlier cuts the present run short. What the parts ask of the machine from within an access
 * (reset, power-off) ends the run after that instruction and is done here, between instructions. */
#include "pc.h"

#include <inttypes.h>
#include <stdlib.h>

#define WHO "machine"

/* Instructions in a slice of the instruction clock: a few ms of host time. Slices have no effect on history. */
#define SLICE_INSNS 500000u
/* A wait skipped costs the host about as much as this many instructions. */
#define SKIP_COST 500u
/* Halted for that long with interrupts off: no NMI watchdog will come, either. With interrupts on: not even the clock
 * chip's alarm, once a day. The chips' own timers (a date that is counted on) may run for ever. */
#define STUCK_NS (2 * NS_PER_SEC)
#define NO_WAKE_NS (25 * 3600 * NS_PER_SEC)

#define TIMEOUT_PRIORITY 1000 /* after the chips' timers */

u64 machine_now_ns(struct machine *m)
{
    return vtime_at(&m->time, machine_icount(m));
}

static u64 clock_source(void *m)
{
    return machine_now_ns(m);
}

static void deadline_earlier(void *machine)
{
    struct machine *m = machine;
    turn_run_until(m, vtime_icount_at(&m->time, m->clock.next));
}

/* ---- what the parts ask for ---- */

static void stop_cpu(struct machine *m)
{
    if (m->in_cpu)
        cpu_stop(turn_cpu(m));
}

void machine_stop(struct machine *m)
{
    m->stop_asked = true;
    turn_run_until(m, machine_icount(m)); /* as if the slice ended here: no trace is left in the state */
}

static void end_run(struct machine *m, enum machine_status status)
{
    if (m->status == MACHINE_RUNNING)
        m->status = (u8)status;
    stop_cpu(m);
}

void machine_ask_reset(void *machine)
{
    struct machine *m = machine;
    m->reset_asked = true;
    if (m->config.no_reboot)
        end_run(m, MACHINE_RESET_REQUEST);
    else
        stop_cpu(m);
}

void machine_ask_power_off(void *machine)
{
    end_run(machine, MACHINE_POWERED_OFF);
}

void machine_ask_exit(void *machine, u32 status)
{
    struct machine *m = machine;
    m->exit_status = status;
    end_run(m, MACHINE_DEBUG_EXIT);
}

/* The chip set answers the processor's shutdown cycle with a reset. */
void machine_saw_triple_fault(void *machine)
{
    struct machine *m = machine;
    if (m->config.no_reboot) {
        end_run(m, MACHINE_TRIPLE_FAULT);
        return;
    }
    log_guest(m->log, WHO, "triple fault after %" PRIu64 " instructions: reset", machine_icount(m));
    m->reset_asked = true;
    stop_cpu(m);
}

static void timed_out(void *machine)
{
    end_run(machine, MACHINE_TIMED_OUT);
}

/* ---- power-on and reset ---- */

static void load(struct machine *m, const struct machine_load *l)
{
    static const u8 zeros[PAGE_SIZE];
    const struct dma memory = space_dma(&m->memory_space);
    dma_write(&memory, l->addr, l->data, l->size);
    for (u64 done = 0; done < l->zeros; done += PAGE_SIZE) {
        u64 left = l->zeros - done;
        dma_write(&memory, l->addr + l->size + done, zeros, left < PAGE_SIZE ? left : PAGE_SIZE);
    }
    if (l->starts) {
        struct debug_registers r;
        cpu_inspect(m->cpu[l->cpu].cpu, &r);
        r.rip = l->start;
        cpu_adopt(m->cpu[l->cpu].cpu, &r);
    }
}

void pc_reset(struct machine *m)
{
    if (m->probes.count)
        cpu_probe_reset(turn_cpu(m));
    m->reset_asked = false;
    m->halted = m->suspended = false;
    m->wake = PIIX4_WAKE_NONE;
    m->status = MACHINE_RUNNING;
    for (unsigned i = 0; i < m->devices; i++)
        if (m->device[i].reset)
            m->device[i].reset(m->device[i].self);
    for (unsigned i = 0; i < m->cpus; i++) {
        cpu_reset(m->cpu[i].cpu);
        cpu_set_a20(m->cpu[i].cpu, true);
    }
    turn_reset(m);
    for (unsigned i = 0; i < m->config.loads; i++)
        load(m, &m->config.load[i]);
}

void machine_reset(struct machine *m)
{
    if (journal_input(m, JOURNAL_RESET, 0, 0, 0))
        pc_reset(m);
}

static void start_time(struct machine *m)
{
    bool host = m->config.clock == MACHINE_CLOCK_HOST;
    m->time.rate = VTIME_ONE_NS << (host ? 0 : m->config.icount_shift);
    clock_init(&m->clock);
    m->clock.now = clock_source;
    m->clock.earlier = deadline_earlier;
    m->clock.source = m;
    timer_init(&m->timeout, &m->clock, "timeout", TIMEOUT_PRIORITY, timed_out, m);
    pc_build_alarm(m);
    if (m->config.timeout_ns)
        timer_set(&m->timeout, m->config.timeout_ns);
    if (m->config.host_now)
        pace_init(&m->pace, m->config.host_now, m->config.host);
}

/* What 0 stands for. */
static void fill_smp(struct machine_smp *s)
{
    u8 *const counts[] = { &s->cpus, &s->sockets, &s->cores, &s->threads };
    for (unsigned i = 0; i < ARRAY_LEN(counts); i++)
        if (!*counts[i])
            *counts[i] = 1;
    if (!s->max_cpus)
        s->max_cpus = (u8)(s->sockets * s->cores * s->threads);
}

static bool smp_ok(const struct machine_config *c)
{
    const struct machine_smp *s = &c->smp;
    return s->max_cpus <= MACHINE_CPUS_MAX && s->cpus <= s->max_cpus &&
           s->sockets * s->cores * s->threads == s->max_cpus;
}

static bool config_ok(const struct machine_config *c)
{
    const char *why = NULL;
    if (c->ram_size < MACHINE_RAM_MIN || c->ram_size > MACHINE_RAM_MAX || c->ram_size & ~PAGE_MASK)
        why = "memory of that size can't be built";
    else if (c->bios_size == 0 || c->bios_size % (64 * KIB) || c->bios_size > 16 * MIB)
        why = "the firmware must be a multiple of 64 KiB, at most 16 MiB";
    else if (c->vga_bios_size > 16 * MIB)
        why = "the VGA firmware is larger than 16 MiB";
    else if (!pc_slots_ok(c))
        why = "network cards can't stand in those slots";
    else if (c->icount_shift > MACHINE_SHIFT_MAX)
        why = "an instruction can't take that long";
    else if (!smp_ok(c))
        why = "processors can't be placed like that";
    if (why)
        log_host(c->log, WHO, "%s", why);
    return !why;
}

struct machine *machine_new(const struct machine_config *config)
{
    struct machine_config full = *config;
    fill_smp(&full.smp);
    if (!config_ok(&full))
        return NULL;
    struct machine *m = calloc(1, sizeof *m);
    if (!m) {
        log_host(config->log, WHO, "no memory for the machine");
        return NULL;
    }
    m->config = full;
    m->log = config->log;
    m->stop_at = UINT64_MAX;
    journal_gate(m);
    start_time(m);
    if (!pc_build(m)) {
        log_host(m->log, WHO, "no memory for a machine with %" PRIu64 " MiB", config->ram_size / MIB);
        machine_free(m);
        return NULL;
    }
    pc_reset(m);
    return m;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    pc_free(m);
    probe_free(m);
    journal_free(m->journal);
    free(m);
}

/* ---- running ---- */

static u64 least(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* How far a waiting processor's time may be moved on now. Under the instruction clock the host's counts only while the
 * network waits for it, and from the moment when that began. */
static u64 idle_limit(struct machine *m)
{
    if (journal_replays(m))
        return m->config.clock == MACHINE_CLOCK_HOST ? 0 : CLOCK_NEVER;
    if (m->config.clock == MACHINE_CLOCK_HOST)
        return pace_target(&m->pace);
    bool rest = m->config.host_now && pc_waits_for_host(m);
    if (rest && !m->resting)
        pace_set(&m->pace, machine_now_ns(m));
    m->resting = rest;
    return rest ? pace_target(&m->pace) : CLOCK_NEVER;
}

/* Something may wake the processors that can't be foreseen. */
static bool interrupts_enabled(const struct machine *m)
{
    if (m->suspended)
        return true;
    for (unsigned i = 0; i < m->cpus; i++)
        if (cpu_interrupts_enabled(m->cpu[i].cpu))
            return true;
    return false;
}

/* No timer will wake a processor any more. */
static bool no_timer_wakes(const struct machine *m, u64 now)
{
    u64 patience = interrupts_enabled(m) ? NO_WAKE_NS : STUCK_NS;
    if (patience == NO_WAKE_NS && pc_waits_for_host(m))
        return false;
    return m->clock.next == CLOCK_NEVER || (m->halted && now - m->halted_since >= patience);
}

/* Under the host's clock the host says how far: that is noted. */
static void skip_to(struct machine *m, u64 ns)
{
    if (m->config.clock == MACHINE_CLOCK_HOST)
        journal_note(m, JOURNAL_SKIP, ns);
    vtime_skip(&m->time, machine_icount(m), ns);
}

/* All processors wait: moves time on to the next deadline, as far as it may be moved. MACHINE_RUNNING: something is due
 * now. The instruction clock stops at deadlines alone: how long the host took must not be seen. */
static enum machine_status pass_idle_time(struct machine *m)
{
    u64 now = machine_now_ns(m), limit = idle_limit(m);
    if (!m->halted) {
        m->halted = true;
        m->halted_since = now;
    }
    u64 input = journal_next_now(m);
    if (input <= now)
        return MACHINE_RUNNING;
    if (input == UINT64_MAX && no_timer_wakes(m, now))
        return interrupts_enabled(m) ? MACHINE_IDLE : MACHINE_STUCK;
    u64 next = least(m->clock.next, input), to = least(next, limit);
    if (m->resting && to != next)
        return MACHINE_IDLE;
    if (to != CLOCK_NEVER && to > now)
        skip_to(m, to);
    return to == next && to != CLOCK_NEVER ? MACHINE_RUNNING : MACHINE_IDLE;
}

/* Runs the processor whose turn it is until `limit`, the next deadline or the end of its turn. */
static void run_cpu(struct machine *m, u64 limit)
{
    u64 start = machine_icount(m), deadline = vtime_icount_at(&m->time, m->clock.next);
    u64 end = least(least(deadline, limit), m->turn_end);
    bool host = m->config.clock == MACHINE_CLOCK_HOST && !journal_replays(m);
    u64 host_start = host ? m->pace.host_now(m->pace.host) : 0;
    m->halted = m->resting = false;
    m->in_cpu = true;
    cpu_run(turn_cpu(m), end - start);
    m->in_cpu = false;
    if (host)
        pace_measure(&m->pace, machine_icount(m) - start, m->pace.host_now(m->pace.host) - host_start);
}

/* The run was over, but a recorded hand pressed the reset button. */
static bool revived(struct machine *m)
{
    while (m->status != MACHINE_RUNNING && journal_step(m))
        ;
    return m->status == MACHINE_RUNNING;
}

enum machine_status machine_run(struct machine *m)
{
    u64 slice = m->config.slice_insns ? m->config.slice_insns : SLICE_INSNS;
    if (m->config.clock == MACHINE_CLOCK_HOST && !journal_replays(m)) {
        slice = pace_begin(&m->pace, &m->time, machine_icount(m));
        journal_note(m, JOURNAL_RATE, m->time.rate);
    }
    u64 limit = machine_icount(m) + slice;
    while (m->status == MACHINE_RUNNING || revived(m)) {
        clock_run_due(&m->clock);
        if (m->status != MACHINE_RUNNING)
            continue;
        if (m->reset_asked)
            pc_reset(m);
        if (probe_stops(m))
            return MACHINE_STOPPED;
        if (m->wake != PIIX4_WAKE_NONE)
            sleep_end(m);
        if (m->alarm_rang) {
            m->alarm_rang = false;
            return MACHINE_RUNNING;
        }
        if (journal_step(m)) {
            if (m->at_present || m->journal->ended)
                return MACHINE_RUNNING;
            continue;
        }
        if (machine_icount(m) >= limit)
            return MACHINE_RUNNING;
        if (turn_choose(m)) {
            if (machine_icount(m) >= journal_next_icount(m)) {
                journal_missed(m);
                continue;
            }
            run_cpu(m, least(least(limit, probe_next_stop(m)), journal_next_icount(m)));
            continue;
        }
        enum machine_status idle = pass_idle_time(m);
        if (idle != MACHINE_RUNNING)
            return idle;
        limit = limit > SKIP_COST ? limit - SKIP_COST : 0;
    }
    serial_drain(&m->com1);
    return (enum machine_status)m->status;
}

u64 machine_idle_ns(struct machine *m)
{
    if (no_timer_wakes(m, machine_now_ns(m)))
        return UINT64_MAX;
    bool host = m->config.clock == MACHINE_CLOCK_HOST || m->resting;
    u64 now = host ? pace_target(&m->pace) : machine_now_ns(m);
    return m->clock.next > now ? m->clock.next - now : 0;
}

u32 machine_exit_status(const struct machine *m)
{
    return m->exit_status;
}

/* ---- in and out ---- */

void machine_key(struct machine *m, unsigned key, bool down)
{
    if (!journal_input(m, JOURNAL_KEY, key, down, 0))
        return;
    if (down)
        pc_wake(m, PIIX4_WAKE_BUTTON);
    ps2_keyboard_key(&m->keyboard, key, down);
}

bool machine_key_ready(const struct machine *m)
{
    return ps2_keyboard_ready(&m->keyboard);
}

void machine_mouse(struct machine *m, int dx, int dy, int dz, unsigned buttons)
{
    if (!journal_input(m, JOURNAL_MOUSE, (u32)dx, (u32)dy, (u32)dz | (u64)buttons << 32))
        return;
    if (m->vmmouse.enabled && !m->vmmouse.absolute)
        vmmouse_move(&m->vmmouse, dx, dy, dz, buttons);
    else
        ps2_mouse_move(&m->mouse, dx, dy, dz, buttons);
}

void machine_pointer(struct machine *m, unsigned x, unsigned y, int dz, unsigned buttons)
{
    unsigned last = VMMOUSE_PLACES - 1;
    if (journal_input(m, JOURNAL_POINTER, x, y, (u32)dz | (u64)buttons << 32) && machine_wants_pointer(m))
        vmmouse_move(&m->vmmouse, (int)(x < last ? x : last), (int)(y < last ? y : last), dz, buttons);
}

bool machine_wants_pointer(const struct machine *m)
{
    return m->vmmouse.enabled && m->vmmouse.absolute;
}

bool machine_mouse_ready(const struct machine *m)
{
    return m->vmmouse.enabled ? vmmouse_ready(&m->vmmouse) : ps2_mouse_ready(&m->mouse);
}

bool machine_serial_ready(struct machine *m)
{
    return serial_can_receive(&m->com1) != 0;
}

void machine_serial_receive(struct machine *m, u8 byte)
{
    if (journal_input(m, JOURNAL_SERIAL, byte, 0, 0))
        serial_receive(&m->com1, byte);
}

bool machine_draw(struct machine *m, struct vga_frame *frame)
{
    return vga_draw(&m->vga.vga, frame);
}

size_t machine_text(struct machine *m, char *buf, size_t size)
{
    return vga_text(&m->vga.vga, buf, size);
}

void machine_print_rows(const struct machine *m, FILE *out)
{
    cpu_print_rows(m->cpu[0].cpu, out); /* all share decoded code */
}
