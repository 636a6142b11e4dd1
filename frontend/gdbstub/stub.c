/* stub.c: the conversation with GDB: packets by their first letter. */
#include "gdbstub.h"

#include "probe.h"

#include <ctype.h>

/* ---- numbers, threads, answers ---- */

bool gdb_number(const char **text, u64 *value)
{
    const char *t = *text;
    for (*value = 0; packet_digit((u8)*t) >= 0 && *value >> 60 == 0; t++)
        *value = *value << 4 | (u64)packet_digit((u8)*t);
    bool some = t != *text && packet_digit((u8)*t) < 0;
    *text = t;
    return some;
}

static bool thread_number(const struct gdbstub *g, const char **text, int *cpu)
{
    u64 n;
    if (strncmp(*text, "-1", 2) == 0) {
        *text += 2;
        *cpu = GDB_ALL;
        return true;
    }
    if (!gdb_number(text, &n) || n > debug_cpus(g->control->machine))
        return false;
    *cpu = n ? (int)n - 1 : GDB_ANY;
    return true;
}

/* "pPROCESS.THREAD", or "THREAD". There is one process: 1, any, or all. */
bool gdb_thread(const struct gdbstub *g, const char **text, int *cpu)
{
    u64 process = 1;
    if (**text != 'p')
        return thread_number(g, text, cpu);
    ++*text;
    if (strncmp(*text, "-1", 2) == 0)
        *text += 2;
    else if (!gdb_number(text, &process) || process > 1)
        return false;
    *cpu = GDB_ALL;
    if (**text != '.')
        return true;
    ++*text;
    return thread_number(g, text, cpu);
}

void gdb_put_thread(struct gdbstub *g, unsigned cpu)
{
    packet_format(&g->link, g->multiprocess ? "p1.%x" : "%x", cpu + 1);
}

void gdb_ok(struct gdbstub *g)
{
    packet_send(&g->link, "OK");
}

void gdb_error(struct gdbstub *g, const char *why)
{
    packet_begin(&g->link);
    packet_format(&g->link, "E.%s", why);
    packet_end(&g->link);
}

u64 gdb_linear_rip(const struct debug_registers *r)
{
    u64 linear = r->seg[DEBUG_CS].base + r->rip;
    return r->code == DEBUG_CODE_64 ? r->rip : (u32)linear;
}

/* By what the processor can be, as QEMU's stubs have it; or by its mode now. */
enum layout_arch gdb_choose_arch(struct gdbstub *g)
{
    struct debug_registers r;
    debug_get_registers(g->control->machine, g->general, &r);
    if (g->follow && r.code == DEBUG_CODE_16)
        return LAYOUT_I8086;
    if (g->follow && r.code == DEBUG_CODE_32)
        return LAYOUT_I386;
    return debug_has_long_mode(g->control->machine) ? LAYOUT_AMD64 : LAYOUT_I386;
}

/* ---- registers ---- */

static struct debug_registers registers(struct gdbstub *g)
{
    struct debug_registers r;
    debug_get_registers(g->control->machine, g->general, &r);
    return r;
}

static void put_value(struct gdbstub *g, unsigned n, const struct debug_registers *r)
{
    u8 value[LAYOUT_VALUE_MAX];
    packet_hex(&g->link, value, layout_get(g->arch, n, r, value));
}

static void read_registers(struct gdbstub *g)
{
    struct debug_registers r = registers(g);
    packet_begin(&g->link);
    for (unsigned n = 0; n < layout_count(g->arch); n++)
        put_value(g, n, &r);
    packet_end(&g->link);
}

static void read_register(struct gdbstub *g, const char *text)
{
    u64 n;
    if (!gdb_number(&text, &n) || n >= layout_count(g->arch)) {
        gdb_error(g, "no such register");
        return;
    }
    struct debug_registers r = registers(g);
    packet_begin(&g->link);
    put_value(g, (unsigned)n, &r);
    packet_end(&g->link);
}

static void set_registers(struct gdbstub *g, const struct debug_registers *r)
{
    gdb_changes_history(g);
    if (debug_set_registers(g->control->machine, g->general, r))
        gdb_ok(g);
    else
        gdb_error(g, "the processor can't hold that value");
}

/* Fewer than there are: the rest stays. */
static void write_registers(struct gdbstub *g, const char *text)
{
    struct debug_registers r = registers(g);
    u8 value[LAYOUT_VALUE_MAX];
    for (unsigned n = 0; n < layout_count(g->arch) && *text; n++) {
        unsigned bytes = layout_bytes(g->arch, n);
        if (!packet_unhex(text, value, bytes)) {
            gdb_error(g, "not the digits of registers");
            return;
        }
        layout_put(g->arch, n, &r, value);
        text += (size_t)2 * bytes;
    }
    set_registers(g, &r);
}

static void write_register(struct gdbstub *g, const char *text)
{
    struct debug_registers r = registers(g);
    u8 value[LAYOUT_VALUE_MAX];
    u64 n;
    if (!gdb_number(&text, &n) || n >= layout_count(g->arch) || *text++ != '=' ||
        !packet_unhex(text, value, layout_bytes(g->arch, (unsigned)n))) {
        gdb_error(g, "no such register");
        return;
    }
    layout_put(g->arch, (unsigned)n, &r, value);
    set_registers(g, &r);
}

/* ---- break- and watchpoints: KIND,ADDRESS,LENGTH ---- */

static void change_point(struct gdbstub *g, const char *text, bool add)
{
    u64 addr, len;
    unsigned kind = (unsigned)(*text++ - '0');
    if (kind >= POINT_KINDS) {
        packet_send(&g->link, ""); /* not known */
        return;
    }
    if (*text++ != ',' || !gdb_number(&text, &addr) || *text++ != ',' || !gdb_number(&text, &len))
        gdb_error(g, "Z needs KIND,ADDRESS,LENGTH");
    else if (add ? points_add(g, (enum point_kind)kind, addr, len) : points_remove(g, (enum point_kind)kind, addr, len))
        gdb_ok(g);
    else
        gdb_error(g, add ? "no room for another point" : "there is no such point");
}

/* ---- going on ---- */

/* c and s, with an optional address to go on from. */
static void resume_at(struct gdbstub *g, const char *text, bool step)
{
    struct debug_registers r = registers(g);
    u64 addr;
    if (gdb_number(&text, &addr)) {
        r.rip = addr;
        gdb_changes_history(g);
        if (!debug_set_registers(g->control->machine, g->general, &r)) {
            gdb_error(g, "the processor can't be there");
            return;
        }
    }
    if (step)
        resume_step(g, g->general, 1, 0);
    else
        resume_continue(g);
}

/* One action of vCont: ACTION[:THREAD]. `cpu` is the processor, GDB_ALL for those not named elsewhere. */
struct action {
    char letter;
    u64 first, last;
    int cpu;
};

static bool parse_action(struct gdbstub *g, const char **text, struct action *a)
{
    u64 ignored, end;
    *a = (struct action){ .letter = *(*text)++, .first = 1, .cpu = GDB_ALL };
    switch (a->letter) {
    case 'c':
    case 's':
    case 't':
        break;
    case 'C':
    case 'S':
        if (!gdb_number(text, &ignored)) /* a signal, of which a processor knows nothing */
            return false;
        a->letter = (char)tolower(a->letter);
        break;
    case 'r':
        if (!gdb_number(text, &a->first) || *(*text)++ != ',' || !gdb_number(text, &end))
            return false;
        a->last = end - 1;
        a->letter = 's';
        break;
    default:
        return false;
    }
    if (**text != ':')
        return true;
    ++*text;
    return gdb_thread(g, text, &a->cpu);
}

/* The machine has one time: when a processor steps, the others move as their turns come. The first action that steps
 * decides; without one the machine goes on. */
static void vcont(struct gdbstub *g, const char *text)
{
    struct action a, chosen = { .letter = 't' };
    while (*text == ';') {
        text++;
        if (!parse_action(g, &text, &a)) {
            gdb_error(g, "vCont has c, C, s, S, r and t");
            return;
        }
        if ((a.letter == 's' && chosen.letter != 's') || (a.letter == 'c' && chosen.letter == 't'))
            chosen = a;
    }
    if (chosen.letter == 's')
        resume_step(g, chosen.cpu < 0 ? g->general : (unsigned)chosen.cpu, chosen.first, chosen.last);
    else if (chosen.letter == 'c')
        resume_continue(g);
    else if (g->move != MOVE_NONE)
        resume_stop(g, 0);
    else /* it stands already, and GDB waits for a word */
        resume_send_stop(g);
}

static void detach(struct gdbstub *g)
{
    points_clear(g);
    resume_cancel(g);
    gdb_ok(g);
    g->control->paused = g->control->prelaunch = false;
    g->close = true;
}

static void kill_machine(struct gdbstub *g, bool answer)
{
    if (answer)
        gdb_ok(g);
    g->control->quit = true;
}

static void restart(struct gdbstub *g, const char *text)
{
    (void)text;
    g->control->reset = true;
    g->control->paused = true;
}

/* ---- packets ---- */

static void v_packet(struct gdbstub *g, const char *text)
{
    if (strcmp(text, "vCont?") == 0)
        packet_send(&g->link, "vCont;c;C;s;S;t;r");
    else if (strncmp(text, "vCont;", 6) == 0)
        vcont(g, text + 5);
    else if (strncmp(text, "vAttach;", 8) == 0)
        resume_send_stop(g);
    else if (strncmp(text, "vKill;", 6) == 0)
        kill_machine(g, true);
    else
        packet_send(&g->link, "");
}

/* Hg for registers and memory; Hc is older than vCont. */
static void choose_thread(struct gdbstub *g, const char *text)
{
    int cpu;
    char what = *text++;
    if ((what != 'g' && what != 'c') || !gdb_thread(g, &text, &cpu)) {
        gdb_error(g, "no such thread");
        return;
    }
    if (cpu >= 0)
        g->general = (unsigned)cpu;
    gdb_ok(g);
}

static void is_alive(struct gdbstub *g, const char *text)
{
    int cpu;
    if (gdb_thread(g, &text, &cpu) && cpu >= 0)
        gdb_ok(g);
    else
        gdb_error(g, "no such thread");
}

static void repeat_stop(struct gdbstub *g, const char *text)
{
    (void)text;
    resume_send_stop(g);
}

static void extended(struct gdbstub *g, const char *text)
{
    (void)text;
    gdb_ok(g);
}

static void all_registers(struct gdbstub *g, const char *text)
{
    (void)text;
    read_registers(g);
}

static void add_point(struct gdbstub *g, const char *text)
{
    change_point(g, text, true);
}

static void remove_point(struct gdbstub *g, const char *text)
{
    change_point(g, text, false);
}

static void c_packet(struct gdbstub *g, const char *text)
{
    resume_at(g, text, false);
}

static void s_packet(struct gdbstub *g, const char *text)
{
    resume_at(g, text, true);
}

/* With a signal, of which a processor knows nothing. */
static void c_signal(struct gdbstub *g, const char *text)
{
    (void)text;
    resume_at(g, "", false);
}

static void s_signal(struct gdbstub *g, const char *text)
{
    (void)text;
    resume_at(g, "", true);
}

static void d_packet(struct gdbstub *g, const char *text)
{
    (void)text;
    detach(g);
}

static void k_packet(struct gdbstub *g, const char *text)
{
    (void)text;
    kill_machine(g, false);
}

static void x_packet(struct gdbstub *g, const char *text)
{
    memory_write_binary(g, (const u8 *)text, g->link.len - 1);
}

static const struct {
    char letter;
    void (*handle)(struct gdbstub *g, const char *text); /* what comes behind the letter, but for q and v: all */
    bool whole;
} packets[] = { { '?', repeat_stop, false },     { '!', extended, false },      { 'g', all_registers, false },
                { 'G', write_registers, false }, { 'p', read_register, false }, { 'P', write_register, false },
                { 'm', memory_read, false },     { 'M', memory_write, false },  { 'X', x_packet, false },
                { 'Z', add_point, false },       { 'z', remove_point, false },  { 'c', c_packet, false },
                { 's', s_packet, false },        { 'C', c_signal, false },      { 'S', s_signal, false },
                { 'b', resume_back, false },     { 'v', v_packet, true },       { 'q', query_packet, true },
                { 'Q', query_packet, true },     { 'H', choose_thread, false }, { 'T', is_alive, false },
                { 'D', d_packet, false },        { 'k', k_packet, false },      { 'R', restart, false } };

static void packet(struct gdbstub *g)
{
    const char *text = (const char *)g->link.data;
    for (unsigned i = 0; i < ARRAY_LEN(packets); i++)
        if (packets[i].letter == *text) {
            packets[i].handle(g, text + !packets[i].whole);
            return;
        }
    packet_send(&g->link, ""); /* not known */
}

void gdbstub_receive(struct gdbstub *g, u8 byte)
{
    switch (packet_feed(&g->link, byte)) {
    case PACKET_READY:
        packet(g);
        break;
    case PACKET_INTERRUPT:
        if (g->move != MOVE_NONE)
            resume_stop(g, GDB_SIGNAL_INT);
        break;
    case PACKET_NOTHING:
        break;
    }
}

/* ---- the connection ---- */

void gdbstub_init(struct gdbstub *g, struct control *control)
{
    *g = (struct gdbstub){ .control = control };
    g->step.interrupt = g->step.exec = -1;
    monitor_init(&g->monitor, control, false);
}

void gdbstub_free(struct gdbstub *g)
{
    points_clear(g);
    resume_cancel(g);
    monitor_free(&g->monitor);
    packet_free(&g->link);
}

void gdbstub_connected(struct gdbstub *g)
{
    packet_reset(&g->link);
    g->connected = true;
    g->close = g->multiprocess = g->swbreak = g->hwbreak = g->physical = g->follow = false;
    g->step.flags = SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER;
    g->general = machine_running_cpu(g->control->machine);
    g->arch = gdb_choose_arch(g);
    g->move = MOVE_NONE;
    g->stop = (struct gdb_stop){ GDB_SIGNAL_TRAP, g->general, NULL, 0 };
    g->control->paused = true;
}

void gdbstub_lost(struct gdbstub *g)
{
    points_clear(g);
    resume_cancel(g);
    packet_reset(&g->link);
    g->connected = false;
}
