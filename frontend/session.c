/* session.c: opens the host's side of a machine as the options say, and closes it again. */
#define _GNU_SOURCE
#include "session.h"

#include "coverage.h"

#include "embedded.h"
#include "lint.h"
#include "picture.h"
#include "trace/stats.h"
#include "timeline.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define NIC_ROM_FILE "efi-e1000.rom"
#define NIC_ROM_PACKAGE "ipxe-qemu"
#define VAPIC_FILE "kvmvapic.bin"
#define VAPIC_PACKAGE "qemu-system-data"

/* What the guest's clock shows at power-on under -clock insn: 2024-01-01 00:00:00. */
#define INSN_RTC_START 1704067200
#define SCREEN_TEXT_MAX (2 * MIB) /* above what the CRTC can show: 256 characters of 3 bytes, 2048 rows */
#define INSN_SEED 0x9e3779b97f4a7c15u

static u64 host_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

/* The clock that the machine is paced by: it stands while the machine is stopped. */
static u64 host_now(void *session)
{
    const struct session *s = session;
    return (s->paused_since ? s->paused_since : host_time()) - s->paused_ns;
}

void session_pause(struct session *s, bool paused)
{
    u64 now = host_time();
    if (paused && !s->paused_since) {
        s->paused_since = now;
    } else if (!paused && s->paused_since) {
        s->paused_ns += now - s->paused_since;
        s->paused_since = 0;
    }
}

/* ---- what is left open by the options ---- */

static bool host_has_display(void)
{
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x && *x) || (wayland && *wayland);
}

static void choose_screen(struct session *s)
{
    s->screen = s->options->display;
    if (s->screen == SCREEN_AUTO)
        s->screen = window_available() && host_has_display() ? SCREEN_SDL : SCREEN_NONE;
    s->clock = s->options->clock;
    if (s->clock == CLOCK_AUTO && s->options->debug)
        s->clock = CLOCK_INSN; /* so that what is looked into can be repeated */
    if (s->clock == CLOCK_AUTO)
        s->clock = s->screen == SCREEN_NONE ? CLOCK_INSN : CLOCK_HOST;
}

/* Without a display, and without a word about either, the serial port is where the user looks. */
static struct stream_option serial_option(const struct session *s)
{
    const struct options *o = s->options;
    if (o->serial.kind == STREAM_UNSET && o->display == SCREEN_AUTO && s->screen == SCREEN_NONE &&
        o->monitor.kind != STREAM_STDIO && !o->debug)
        return (struct stream_option){ .kind = STREAM_STDIO };
    return o->serial;
}

static s64 rtc_start(const struct session *s)
{
    time_t now = time(NULL);
    struct tm tm;
    switch (s->options->rtc_base) {
    case RTC_BASE_DATE:
        return s->options->rtc_date;
    case RTC_BASE_LOCALTIME:
        localtime_r(&now, &tm);
        return timegm(&tm);
    case RTC_BASE_DEFAULT:
        return s->clock == CLOCK_INSN ? INSN_RTC_START : now;
    case RTC_BASE_UTC:
        break;
    }
    return now;
}

static u64 choose_seed(const struct session *s)
{
    u64 seed = INSN_SEED;
    if (s->options->seed_given)
        return s->options->seed;
    if (s->clock == CLOCK_HOST && getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        return host_time();
    return seed;
}

/* ---- opening ---- */

/* A file to be written, if there is a path. */
static bool create_file(FILE **file, const char *path)
{
    *file = path ? fopen(path, "we") : NULL;
    if (path && !*file)
        fprintf(stderr, "pcemu: %s: %s\n", path, strerror(errno));
    return !path || *file;
}

static bool write_pid_file(const struct session *s)
{
    FILE *f;
    if (!create_file(&f, s->options->pid_file))
        return false;
    if (f)
        fprintf(f, "%ld\n", (long)getpid());
    if (!f || fclose(f) == 0)
        return true;
    fprintf(stderr, "pcemu: %s: %s\n", s->options->pid_file, strerror(errno));
    return false;
}

/* The log goes to the trace, at its place among what happened. */
static bool open_tracer(struct session *s)
{
    const struct options *o = s->options;
    if (!create_file(&s->trace_file, o->log_file))
        return false;
    s->tracer = tracer_new(&o->trace, s->trace_file ? s->trace_file : stderr, o->log_file);
    FILE *log = s->tracer ? tracer_log_file(s->tracer) : NULL;
    if (!log)
        fprintf(stderr, "pcemu: no memory for a trace\n");
    log_init(&s->log, log);
    return log;
}

static bool open_log(struct session *s)
{
    const struct options *o = s->options;
    bool trace = trace_is_wanted(&o->trace);
    if (trace ? !open_tracer(s) : !create_file(&s->log_file, o->log_file))
        return false;
    if (s->log_file)
        setvbuf(s->log_file, NULL, _IOLBF, BUFSIZ);
    if (!trace)
        log_init(&s->log, s->log_file);
    if (o->log_chosen) {
        s->log.quiet[LOG_UNIMP] = !o->log_unimp;
        s->log.quiet[LOG_GUEST] = !o->log_guest;
    }
    return true;
}

static void close_tracer(struct session *s)
{
    if (s->tracer && !tracer_close(s->tracer))
        fprintf(stderr, "pcemu: %s: %s: the trace is not whole\n",
                s->options->log_file ? s->options->log_file : "trace", strerror(errno));
    s->log.out = NULL;
    if (s->trace_file && fclose(s->trace_file) != 0)
        fprintf(stderr, "pcemu: %s: %s\n", s->options->log_file, strerror(errno));
}

static bool open_streams(struct session *s)
{
    s->serial_option = serial_option(s);
    return stream_open(&s->serial, &s->serial_option, &s->log, stderr) &&
           stream_open(&s->parallel, &s->options->parallel, &s->log, stderr) &&
           stream_open(&s->debugcon, &s->options->debugcon, &s->log, stderr) &&
           stream_open(&s->monitor_stream, &s->options->monitor, &s->log, stderr) &&
           stream_open(&s->gdb_stream, &s->options->gdb, &s->log, stderr);
}

/* The network of the card that nobody asked for is done without, where there is no libslirp. */
static bool net_wanted(const struct options *o, unsigned netdev)
{
    return net_user_available() || !(o->nics && o->nic[0].by_default && o->nic[0].netdev == (int)netdev);
}

static bool open_vga_rom(struct session *s)
{
    if (s->options->vga_rom)
        return rom_load(&s->vga_bios, s->options, s->options->vga_rom, NULL, stderr);
    return rom_copy(&s->vga_bios, embedded_vga_bios, embedded_vga_bios_size, stderr);
}

static bool open_roms(struct session *s)
{
    const char *named = s->options->bios;
    return (named ? rom_load(&s->bios, s->options, named, NULL, stderr)
                  : rom_copy(&s->bios, embedded_bios, embedded_bios_size, stderr)) &&
           open_vga_rom(s);
}

/* Without its option ROM the machine works all the same. */
static void open_vapic_rom(struct session *s)
{
    rom_load(&s->vapic_rom, s->options, VAPIC_FILE, VAPIC_PACKAGE, stderr);
}

/* The option ROM of a card. Where the machine's own is missing, the card has none: it works without. */
static bool open_nic_rom(struct session *s, unsigned i)
{
    const struct nic_option *nic = &s->options->nic[i];
    struct rom *rom = &s->nic_rom[i];
    if (!nic->rombar || (nic->romfile && !*nic->romfile))
        return true;
    if (!rom_load(rom, s->options, nic->romfile ? nic->romfile : NIC_ROM_FILE, nic->romfile ? NULL : NIC_ROM_PACKAGE,
                  stderr))
        return !nic->romfile;
    if (!nic->romsize)
        return true;
    if (rom->size > nic->romsize)
        fprintf(stderr, "pcemu: -device e1000: romfile is larger than romsize=%u\n", nic->romsize);
    return rom->size <= nic->romsize && rom_pad(rom, nic->romsize);
}

static bool open_net(struct session *s)
{
    const struct options *o = s->options;
    for (unsigned i = 0; i < o->netdevs; i++)
        if (net_wanted(o, i) &&
            !netdev_open(&s->netdev[i], o, i, s->clock == CLOCK_INSN, rtc_start(s), &s->log, stderr))
            return false;
    for (unsigned i = 0; i < o->nics; i++)
        if (!open_nic_rom(s, i))
            return false;
    return true;
}

/* SIGINT, SIGTERM and SIGHUP are read like other input; a broken pipe is an error of write(). */
static bool catch_signals(struct session *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    s->signals = sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
    if (s->signals < 0)
        fprintf(stderr, "pcemu: signals: %s\n", strerror(errno));
    return s->signals >= 0;
}

static void add_nics(struct session *s, struct machine_config *c)
{
    const struct options *o = s->options;
    c->nics = o->nics;
    for (unsigned i = 0; i < o->nics; i++) {
        const struct nic_option *nic = &o->nic[i];
        c->nic[i] =
            (struct machine_nic){ .slot = nic->slot, .rom = s->nic_rom[i].data, .rom_size = s->nic_rom[i].size };
        memcpy(c->nic[i].mac, nic->mac, sizeof nic->mac);
        if (nic->netdev >= 0)
            c->nic[i].net = s->netdev[nic->netdev].backend;
    }
}

static void as_recorded(const struct session *s, struct machine_config *c)
{
    c->seed = s->replay_start.seed;
    c->rtc_start = s->replay_start.rtc_start;
    c->timeout_ns = s->replay_start.timeout_ns;
    c->icount_shift = s->replay_start.icount_shift;
    c->no_reboot = s->replay_start.no_reboot;
}

static bool build_machine(struct session *s)
{
    const struct options *o = s->options;
    struct machine_config c = {
        .smp = o->smp,
        .ram_size = o->ram_size,
        .cpu = o->cpu,
        .bios = s->bios.data,
        .bios_size = s->bios.size,
        .vga_bios = s->vga_bios.data,
        .vga_bios_size = s->vga_bios.size,
        .vapic_rom = s->vapic_rom.data,
        .vapic_rom_size = s->vapic_rom.size,
        .kernel = s->kernel,
        .loads = s->loads,
        .testdev = o->testdev,
        .edu_slot = o->edu ? o->edu_slot : 0,
        .edu_dma_mask = o->edu_dma_mask,
        .pci_testdev_slot = o->pci_testdev ? o->pci_testdev_slot : 0,
        .serial = session_script_gate(s, SCRIPT_SERIAL, stream_backend(&s->serial)),
        .parallel = !o->no_parallel,
        .printer = stream_backend(&s->parallel),
        .debugcon = o->debugcon.kind > STREAM_NULL || script_wants_port(&o->script, SCRIPT_DEBUGCON),
        .debugcon_port = o->debugcon_port,
        .debugcon_out = session_script_gate(s, SCRIPT_DEBUGCON, stream_backend(&s->debugcon)),
        .exit_device = o->exit_device,
        .exit_port = o->exit_port,
        .exit_size = o->exit_size,
        .rtc_start = rtc_start(s),
        .boot_menu = o->boot_menu,
        .nographic = o->nographic,
        .clock = s->clock == CLOCK_HOST ? MACHINE_CLOCK_HOST : MACHINE_CLOCK_INSN,
        .icount_shift = o->icount_shift,
        .host_now = host_now,
        .host = s,
        .no_reboot = o->no_reboot,
        .timeout_ns = o->timeout_ns,
        .seed = choose_seed(s),
        .log = &s->log,
    };
    memcpy(c.load, s->load, sizeof c.load);
    if (s->replay)
        as_recorded(s, &c);
    memcpy(c.boot_order, o->boot_order, sizeof c.boot_order);
    session_put_media(s, &c);
    add_nics(s, &c);
    s->machine = machine_new(&c);
    return s->machine && (!s->tracer || tracer_attach(s->tracer, s->machine)) &&
           (!s->coverage || coverage_attach(s->coverage, s->machine)) &&
           (!o->log_stats || (s->stats = stats_new(s->machine)));
}

enum exit_status session_open(struct session *s, const struct options *o)
{
    *s = (struct session){ .options = o, .signals = -1, .alarm = UINT64_MAX };
    session_script_init(s);
    struct stream *const streams[] = { &s->serial, &s->parallel, &s->debugcon, &s->monitor_stream, &s->gdb_stream };
    for (unsigned i = 0; i < ARRAY_LEN(streams); i++)
        streams[i]->in = streams[i]->out = streams[i]->listening = streams[i]->kept = streams[i]->log_file = -1;
    choose_screen(s);
    if (o->coverage_file && !(s->coverage = coverage_new(o, stderr)))
        return STATUS_USAGE;
    if (!open_log(s) || !create_file(&s->screen_text, o->screen_text) ||
        !create_file(&s->screen_dump, o->screen_dump) || !session_open_media(s) ||
        (o->save && !session_can_save(s, stderr)) || !session_open_replay(s, stderr) || !open_roms(s) || !open_net(s) ||
        !kernel_files_open(&s->kernel_files, o, &s->kernel, &s->log, stderr) ||
        !load_files_open(&s->kernel_files, o, s->load, &s->loads, stderr))
        return STATUS_USAGE;
    open_vapic_rom(s);
    if (s->screen == SCREEN_SDL && !window_available()) {
        fprintf(stderr, "pcemu: -display sdl: this pcemu was built without SDL\n");
        return STATUS_USAGE;
    }
    if (!catch_signals(s))
        return STATUS_HOST;
    if (!write_pid_file(s) || !open_streams(s)) /* who has the number may send signals */
        return STATUS_USAGE;
    crash_watch(s);
    if (!build_machine(s))
        return STATUS_HOST;
    if ((o->load && !session_load(s, o->load, stderr)) || !session_begin_replay(s, stderr))
        return STATUS_USAGE;
    if (o->lint && !(s->lint = lint_new(s->machine, stderr)))
        return STATUS_HOST;
    monitor_open(s);
    if (!session_script_open(s) || !gdb_open(s))
        return STATUS_HOST;
    if (s->screen == SCREEN_SDL && !(s->window = window_open(o->name, &s->log)))
        return STATUS_HOST;
    return STATUS_POWERED_OFF;
}

/* The last picture, for transcripts and tests. */
static void write_screen_text(struct session *s)
{
    char *text = malloc(SCREEN_TEXT_MAX);
    size_t len = text && s->machine ? machine_text(s->machine, text, SCREEN_TEXT_MAX) : 0;
    if (!text || fwrite(text, 1, len, s->screen_text) != len || fflush(s->screen_text) != 0)
        log_host(&s->log, "screen", "%s: %s", s->options->screen_text, strerror(errno));
    free(text);
    fclose(s->screen_text);
}

static void write_screen_dump(struct session *s)
{
    struct vga_frame frame = { 0 };
    const char *path = s->options->screen_dump;
    bool drawn = s->machine && picture_draw(&frame, s->machine);
    if (!drawn)
        log_host(&s->log, "screen", "%s: there is no picture", path);
    else if (!picture_write(s->screen_dump, &frame, picture_is_png(path)) || fflush(s->screen_dump) != 0)
        log_host(&s->log, "screen", "%s: %s", path, strerror(errno));
    free(frame.pixels);
    fclose(s->screen_dump);
}

void session_close(struct session *s)
{
    crash_watch(NULL);
    close_tracer(s);
    if (s->coverage && s->machine)
        coverage_write(s->coverage, stderr);
    coverage_free(s->coverage);
    if (s->window)
        window_close(s->window);
    if (s->screen_text)
        write_screen_text(s);
    if (s->screen_dump)
        write_screen_dump(s);
    if (s->options->log_rows && s->machine)
        machine_print_rows(s->machine, s->log_file ? s->log_file : stderr);
    if (s->stats)
        stats_print(s->stats, s->log_file ? s->log_file : stderr);
    stats_free(s->stats);
    gdb_close(s);
    monitor_close(s);
    session_script_close(s);
    timeline_free(s->timeline);
    lint_free(s->lint);
    session_close_replay(s);
    machine_free(s->machine);
    stream_close(&s->gdb_stream);
    stream_close(&s->monitor_stream);
    stream_close(&s->serial);
    stream_close(&s->parallel);
    stream_close(&s->debugcon);
    session_close_media(s);
    rom_free(&s->bios);
    rom_free(&s->vga_bios);
    for (unsigned i = 0; i < MACHINE_NICS; i++)
        rom_free(&s->nic_rom[i]);
    for (unsigned i = 0; i < NETDEVS_MAX; i++)
        netdev_close(&s->netdev[i]);
    rom_free(&s->vapic_rom);
    kernel_files_close(&s->kernel_files);
    if (s->signals >= 0)
        close(s->signals);
    if (s->log_file)
        fclose(s->log_file);
    if (s->options->pid_file)
        unlink(s->options->pid_file);
}
