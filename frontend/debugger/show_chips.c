/* show_chips.c: the 8254, the HPET and the IDE controller for people: registers and bits by the names of their data
 * sheets (8254; IA-PC HPET 1.0a; ATA/ATAPI-6 and SFF-8038i). */
#include "chip_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define FIELD_MAX 80

/* ---- fields by name ---- */

bool chip_text_take(struct chip_text *c, const struct machine *m, const char *state)
{
    *c = (struct chip_text){ 0 };
    FILE *out = open_memstream(&c->text, &c->len);
    bool ok = out && debug_print_chip(m, state, out);
    if (out && fclose(out) == 0 && ok)
        return true;
    chip_text_free(c);
    return false;
}

void chip_text_free(struct chip_text *c)
{
    free(c->text);
    *c = (struct chip_text){ 0 };
}

u64 chip_get(const struct chip_text *c, const char *format, ...)
{
    char name[FIELD_MAX];
    va_list ap;
    va_start(ap, format);
    vsnprintf(name, sizeof name, format, ap);
    va_end(ap);
    size_t len = strlen(name);
    for (const char *line = c->text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == '=')
            return strtoull(line + len + 1, NULL, 0);
    }
    return 0;
}

void chip_print_bits(FILE *out, const char *name, u64 value, const struct bit_name *bits)
{
    fprintf(out, "  %-18s %02" PRIX64 "h  ", name, value);
    bits_print(bits, value, out);
    fputc('\n', out);
}

/* ---- 8254 ---- */

#define PIT_HZ 1193182.0
#define PIT_COUNTERS 3
#define PIT_MOST 0x10000u

static const char *pit_state(const struct chip_text *c, unsigned n)
{
    if (!chip_get(c, "counter[%u].cr_written", n))
        return "no count was written yet";
    if (!chip_get(c, "counter[%u].gate", n))
        return "its gate is closed";
    return chip_get(c, "counter[%u].counting", n) ? "counts" : "is loaded at the next pulse";
}

static void show_pit(struct debugger *d, const struct chip_text *c)
{
    static const char *const use[] = { "IRQ 0, the system timer", "memory refresh", "the speaker" };
    static const char *const modes[] = {
        "interrupt on terminal count", "one-shot",       "rate generator", "square wave", "software-triggered strobe",
        "hardware-triggered strobe",   "rate generator", "square wave"
    };
    static const char *const access[] = { "counter latch", "low byte", "high byte", "low byte, then high byte" };
    for (unsigned n = 0; n < PIT_COUNTERS; n++) {
        u64 mode = chip_get(c, "counter[%u].mode", n) & 7, cr = chip_get(c, "counter[%u].cr", n);
        u64 reload = cr ? cr : PIT_MOST;
        fprintf(d->out, "counter %u, %s\n", n, use[n]);
        fprintf(d->out, "  %-18s %" PRIu64 ": %s, %s, %s\n", "control word", mode, modes[mode],
                access[chip_get(c, "counter[%u].rw", n) & 3], chip_get(c, "counter[%u].bcd", n) ? "BCD" : "binary");
        if (chip_get(c, "counter[%u].cr_written", n))
            fprintf(d->out, "  %-18s %04" PRIX64 "h: every %" PRIu64 " pulses, %.2f Hz\n", "count register", cr, reload,
                    PIT_HZ / (double)reload);
        fprintf(d->out, "  %-18s %s; GATE %" PRIu64 ", OUT %" PRIu64 "%s\n", "counting element", pit_state(c, n),
                chip_get(c, "counter[%u].gate", n), chip_get(c, "counter[%u].out", n),
                chip_get(c, "counter[%u].count_latched", n) ? ", count latched" : "");
    }
}

/* ---- HPET ---- */

#define HPET_TIMERS 3
#define HPET_NS 10
#define HPET_ENABLE BIT(0)
#define HPET_ROUTE_SHIFT 9
#define HPET_ROUTE_MASK 31u

static const struct bit_name hpet_config[] = { { 0, "ENABLE_CNF", "" }, { 1, "LEG_RT_CNF", "" }, { 0, NULL, NULL } };
static const struct bit_name hpet_status[] = {
    { 0, "T0_INT_STS", "" }, { 1, "T1_INT_STS", "" }, { 2, "T2_INT_STS", "" }, { 0, NULL, NULL }
};
static const struct bit_name hpet_timer[] = { { 1, "INT_TYPE_CNF", "" },     { 2, "INT_ENB_CNF", "" },
                                              { 3, "TYPE_CNF", "" },         { 4, "PER_INT_CAP", "" },
                                              { 5, "SIZE_CAP", "" },         { 6, "VAL_SET_CNF", "" },
                                              { 8, "32MODE_CNF", "" },       { 14, "FSB_EN_CNF", "" },
                                              { 15, "FSB_INT_DEL_CAP", "" }, { 0, NULL, NULL } };

static void show_hpet(struct debugger *d, const struct chip_text *c)
{
    u64 config = chip_get(c, "config"), counter = chip_get(c, "counter");
    if (config & HPET_ENABLE)
        counter += (machine_now_ns(d->machine) - chip_get(c, "counter_since")) / HPET_NS;
    chip_print_bits(d->out, "GEN_CONF", config, hpet_config);
    chip_print_bits(d->out, "GINTR_STA", chip_get(c, "status"), hpet_status);
    fprintf(d->out, "  %-18s %016" PRIX64 "h, %s\n", "MAIN_CNT", counter,
            config & HPET_ENABLE ? "counts, 100 MHz" : "stands");
    for (unsigned n = 0; n < HPET_TIMERS; n++) {
        u64 conf = chip_get(c, "timer[%u].config", n);
        fprintf(d->out, "timer %u, IRQ %u\n", n, (unsigned)(conf >> HPET_ROUTE_SHIFT) & HPET_ROUTE_MASK);
        chip_print_bits(d->out, "TIMn_CONF", conf & UINT32_MAX, hpet_timer);
        fprintf(d->out, "  %-18s %016" PRIX64 "h", "TIMn_COMP", chip_get(c, "timer[%u].comparator", n));
        fprintf(d->out, ", period %" PRIu64 "\n", chip_get(c, "timer[%u].period", n));
    }
}

/* ---- IDE ---- */

static const struct bit_name ide_status[] = { { 7, "BSY", "" }, { 6, "DRDY", "" }, { 5, "DF", "" },
                                              { 4, "DSC", "" }, { 3, "DRQ", "" },  { 2, "CORR", "" },
                                              { 1, "IDX", "" }, { 0, "ERR", "" },  { 0, NULL, NULL } };
static const struct bit_name ide_error[] = { { 7, "ICRC", "" }, { 6, "UNC", "" },  { 5, "MC", "" },
                                             { 4, "IDNF", "" }, { 3, "MCR", "" },  { 2, "ABRT", "" },
                                             { 1, "NM", "" },   { 0, "AMNF", "" }, { 0, NULL, NULL } };
static const struct bit_name ide_device[] = { { 6, "LBA", "" }, { 4, "DEV", "" }, { 0, NULL, NULL } };
static const struct bit_name ide_control[] = {
    { 7, "HOB", "" }, { 2, "SRST", "" }, { 1, "nIEN", "" }, { 0, NULL, NULL }
};
static const struct bit_name bm_command[] = { { 0, "SSBM", "" }, { 3, "RWCON", "" }, { 0, NULL, NULL } };
static const struct bit_name bm_status[] = { { 0, "BMIDEA", "" },  { 1, "ERROR", "" },   { 2, "INTERRUPT", "" },
                                             { 5, "DRV0CAP", "" }, { 6, "DRV1CAP", "" }, { 0, NULL, NULL } };

static const char *ide_command(u64 command)
{
    static const struct {
        u8 number;
        const char *name;
    } names[] = {
        { 0x00, "NOP" },
        { 0x08, "DEVICE RESET" },
        { 0x20, "READ SECTOR(S)" },
        { 0x24, "READ SECTOR(S) EXT" },
        { 0x25, "READ DMA EXT" },
        { 0x29, "READ MULTIPLE EXT" },
        { 0x30, "WRITE SECTOR(S)" },
        { 0x34, "WRITE SECTOR(S) EXT" },
        { 0x35, "WRITE DMA EXT" },
        { 0x39, "WRITE MULTIPLE EXT" },
        { 0x40, "READ VERIFY SECTOR(S)" },
        { 0x70, "SEEK" },
        { 0x90, "EXECUTE DEVICE DIAGNOSTIC" },
        { 0x91, "INITIALIZE DEVICE PARAMETERS" },
        { 0xa0, "PACKET" },
        { 0xa1, "IDENTIFY PACKET DEVICE" },
        { 0xb0, "SMART" },
        { 0xc4, "READ MULTIPLE" },
        { 0xc5, "WRITE MULTIPLE" },
        { 0xc6, "SET MULTIPLE MODE" },
        { 0xc8, "READ DMA" },
        { 0xca, "WRITE DMA" },
        { 0xe0, "STANDBY IMMEDIATE" },
        { 0xe1, "IDLE IMMEDIATE" },
        { 0xe7, "FLUSH CACHE" },
        { 0xea, "FLUSH CACHE EXT" },
        { 0xec, "IDENTIFY DEVICE" },
        { 0xef, "SET FEATURES" },
    };
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].number == command)
            return names[i].name;
    return "?";
}

static void show_drive(struct debugger *d, const struct chip_text *c, unsigned channel, unsigned drive)
{
    char at[32];
    snprintf(at, sizeof at, "channel[%u].drive[%u]", channel, drive);
    u64 command = chip_get(c, "%s.command", at);
    fprintf(d->out, " device %u%s\n", drive, chip_get(c, "channel[%u].selected", channel) == drive ? ", selected" : "");
    chip_print_bits(d->out, "Status", chip_get(c, "%s.status", at), ide_status);
    chip_print_bits(d->out, "Error", chip_get(c, "%s.error", at), ide_error);
    chip_print_bits(d->out, "Device", chip_get(c, "%s.device", at), ide_device);
    fprintf(d->out, "  %-18s %02" PRIX64 "h  %s\n", "Command", command, ide_command(command));
    fprintf(d->out, "  %-18s LBA %" PRIu64 ", %" PRIu64 " sectors to come, byte %" PRIu64 " of %" PRIu64 "%s\n",
            "transfer", chip_get(c, "%s.lba", at), chip_get(c, "%s.remaining", at), chip_get(c, "%s.pos", at),
            chip_get(c, "%s.len", at), chip_get(c, "%s.intrq", at) ? "; INTRQ" : "");
}

static void show_ide(struct debugger *d, const struct chip_text *c)
{
    static const char *const use[] = { "primary: ports 1F0h and 3F6h, IRQ 14",
                                       "secondary: ports 170h and 376h, IRQ 15" };
    for (unsigned n = 0; n < ARRAY_LEN(use); n++) {
        fprintf(d->out, "%s\n", use[n]);
        chip_print_bits(d->out, "Device Control", chip_get(c, "channel[%u].control", n), ide_control);
        chip_print_bits(d->out, "BMICX", chip_get(c, "channel[%u].bm.command", n), bm_command);
        chip_print_bits(d->out, "BMISX", chip_get(c, "channel[%u].bm.status", n), bm_status);
        fprintf(d->out, "  %-18s %08" PRIX64 "h\n", "BMIDTPX", chip_get(c, "channel[%u].bm.table", n));
        for (unsigned drive = 0; drive < 2; drive++)
            show_drive(d, c, n, drive);
    }
}

/* ---- by name ---- */

void show_chip(struct debugger *d, const char *name)
{
    static const struct {
        const char *name, *state;
        void (*show)(struct debugger *d, const struct chip_text *c);
    } chips[] = { { "pit", "i8254", show_pit },
                  { "hpet", "hpet", show_hpet },
                  { "ide", "piix3_ide", show_ide },
                  { "vga", "vga", chip_show_vga } };
    struct chip_text c;
    for (unsigned i = 0; i < ARRAY_LEN(chips); i++)
        if (strcmp(name, chips[i].name) == 0 && chip_text_take(&c, d->machine, chips[i].state)) {
            chips[i].show(d, &c);
            chip_text_free(&c);
            return;
        }
    debugger_fail(d, "there is no %s", name);
}
