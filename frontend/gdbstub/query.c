/* query.c: the packets that begin with q and Q: what the stub can do, what it runs on, and settings. */
#include "gdbstub.h"

#include <stdlib.h>

#define XML_PIECE 2048 /* of a document in one packet: escapes and all, it fits */

/* `text` begins with `word`: what comes behind it, else NULL. */
static const char *after(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 ? text + len : NULL;
}

/* ---- documents, in pieces ---- */

/* ANNEX:OFFSET,LENGTH */
static bool split_annex(const char *text, const char *annex, u64 *offset, u64 *length)
{
    const char *rest = after(text, annex);
    return rest && *rest++ == ':' && gdb_number(&rest, offset) && *rest++ == ',' && gdb_number(&rest, length);
}

static void send_piece(struct gdbstub *g, const char *document, size_t size, u64 offset, u64 length)
{
    size_t at = offset < size ? (size_t)offset : size, len = size - at;
    if (len > length)
        len = (size_t)length;
    if (len > XML_PIECE)
        len = XML_PIECE;
    packet_begin(&g->link);
    packet_text(&g->link, at + len == size ? "l" : "m");
    packet_bytes(&g->link, document + at, len);
    packet_end(&g->link);
}

static void send_document(struct gdbstub *g, void (*print)(struct gdbstub *g, FILE *out), u64 offset, u64 length)
{
    char *document = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&document, &size);
    if (out)
        print(g, out);
    if (out && fclose(out) == 0)
        send_piece(g, document, size, offset, length);
    else
        gdb_error(g, "the host has no memory");
    free(document);
}

static void print_description(struct gdbstub *g, FILE *out)
{
    layout_print_xml(g->arch, out);
}

static const char *state_of(struct gdbstub *g, unsigned cpu)
{
    struct debug_registers r;
    debug_get_registers(g->control->machine, cpu, &r);
    return r.halted ? "halted " : "running";
}

static void print_threads(struct gdbstub *g, FILE *out)
{
    fputs("<?xml version=\"1.0\"?>\n<threads>\n", out);
    for (unsigned i = 0; i < debug_cpus(g->control->machine); i++)
        fprintf(out, "<thread id=\"%s%x\" core=\"%u\" name=\"CPU#%u\">%s</thread>\n", g->multiprocess ? "p1." : "",
                i + 1, i, i, state_of(g, i));
    fputs("</threads>\n", out);
}

/* ---- the memory map ---- */

/* From `from` to `end`, which is 0 for the end of all addresses. */
static void print_region(const char *type, u64 from, u64 end, FILE *out)
{
    if (from != end)
        fprintf(out, "<memory type=\"%s\" start=\"0x%llx\" length=\"0x%llx\"/>\n", type, (unsigned long long)from,
                (unsigned long long)(end - from));
}

/* GDB reads it once, refuses accesses to what is not in it and writes to ROM, and its addresses are linear. So all is
 * RAM but what is ROM whatever the guest does, which is above the first MiB, and that while there is no paging. */
static void print_memory_map(struct gdbstub *g, FILE *out)
{
    struct machine *m = g->control->machine;
    u64 ram = 0, end = debug_paging(m, g->general) == DEBUG_PAGING_OFF ? 4 * GIB : 0;
    fputs("<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
          "\"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n<memory-map>\n",
          out);
    for (u64 at = MIB; at < end;) {
        struct debug_place place = debug_place(m, g->general, at);
        if (place.kind == DEBUG_PLACE_ROM) {
            print_region("ram", ram, at, out);
            print_region("rom", at, place.last + 1, out);
            ram = place.last + 1;
        }
        at = place.last < at ? end : place.last + 1;
    }
    print_region("ram", ram, 0, out);
    fputs("</memory-map>\n", out);
}

/* The description that GDB reads from its beginning is the one that it has from then on. */
static void transfer(struct gdbstub *g, const char *text)
{
    u64 offset, length;
    const char *rest;
    if ((rest = after(text, "features:read:")) && split_annex(rest, "target.xml", &offset, &length)) {
        if (offset == 0)
            g->arch = gdb_choose_arch(g);
        send_document(g, print_description, offset, length);
    } else if ((rest = after(text, "threads:read:")) && split_annex(rest, "", &offset, &length)) {
        send_document(g, print_threads, offset, length);
    } else if ((rest = after(text, "memory-map:read:")) && split_annex(rest, "", &offset, &length)) {
        send_document(g, print_memory_map, offset, length);
    } else {
        packet_send(&g->link, "E00"); /* no such document */
    }
}

/* ---- the beginning of a conversation ---- */

static bool offers(const char *features, const char *name)
{
    const char *at = strstr(features, name);
    return at && (at[-1] == ':' || at[-1] == ';') && at[strlen(name)] == '+';
}

static void supported(struct gdbstub *g, const char *features)
{
    g->multiprocess = offers(features, "multiprocess");
    g->swbreak = offers(features, "swbreak");
    g->hwbreak = offers(features, "hwbreak");
    packet_begin(&g->link);
    packet_format(&g->link,
                  "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:memory-map:read+;"
                  "vContSupported+;"
                  "multiprocess+;swbreak+;hwbreak+;ReverseStep%c;ReverseContinue%c",
                  PACKET_MAX, gdb_can_reverse(g) ? '+' : '-', gdb_can_reverse(g) ? '+' : '-');
    packet_end(&g->link);
}

/* ---- threads ---- */

static void list_threads(struct gdbstub *g)
{
    packet_begin(&g->link);
    for (unsigned i = 0; i < debug_cpus(g->control->machine); i++) {
        packet_text(&g->link, i ? "," : "m");
        gdb_put_thread(g, i);
    }
    packet_end(&g->link);
}

static void describe_thread(struct gdbstub *g, const char *text)
{
    char line[64];
    int cpu;
    if (!gdb_thread(g, &text, &cpu) || cpu < 0) {
        gdb_error(g, "no such thread");
        return;
    }
    snprintf(line, sizeof line, "CPU#%d [%s]", cpu, state_of(g, (unsigned)cpu));
    packet_begin(&g->link);
    packet_hex(&g->link, line, strlen(line));
    packet_end(&g->link);
}

static void current_thread(struct gdbstub *g)
{
    packet_begin(&g->link);
    packet_text(&g->link, "QC");
    gdb_put_thread(g, g->general);
    packet_end(&g->link);
}

/* ---- monitor COMMAND ---- */

static void send_output(struct gdbstub *g, const char *text, size_t len)
{
    for (size_t at = 0; at < len; at += XML_PIECE) {
        size_t piece = len - at < XML_PIECE ? len - at : XML_PIECE;
        packet_begin(&g->link);
        packet_text(&g->link, "O");
        packet_hex(&g->link, text + at, piece);
        packet_end(&g->link);
    }
}

static void run_command(struct gdbstub *g, const char *hex)
{
    char command[1024], *text = NULL;
    size_t digits = strlen(hex), len = 0;
    FILE *out = NULL;
    if (digits % 2 || digits / 2 >= sizeof command || !packet_unhex(hex, (u8 *)command, digits / 2) ||
        !(out = open_memstream(&text, &len))) {
        gdb_error(g, "the command can't be read");
        return;
    }
    command[digits / 2] = 0;
    g->monitor.cpu = g->general;
    monitor_command(&g->monitor, command, out);
    if (fclose(out) == 0)
        send_output(g, text, len);
    free(text);
    gdb_ok(g);
}

/* ---- settings of QEMU's stub, and ours ---- */

/* What the bytes at the present place mean, by the name of GDB's architecture. */
static void send_mode(struct gdbstub *g)
{
    static const char *const names[] = {
        [DEBUG_CODE_16] = "i8086", [DEBUG_CODE_32] = "i386", [DEBUG_CODE_64] = "i386:x86-64"
    };
    struct debug_registers r;
    debug_get_registers(g->control->machine, g->general, &r);
    packet_send(&g->link, names[r.code]);
}

static void send_number(struct gdbstub *g, unsigned value)
{
    packet_begin(&g->link);
    packet_format(&g->link, "%x", value);
    packet_end(&g->link);
}

/* "qqemu.sstep" asks, "qqemu.sstep=3" and "Qqemu.sstep:3" set. */
static void set_step(struct gdbstub *g, const char *text)
{
    u64 flags;
    if (!*text)
        send_number(g, g->step.flags);
    else if (++text, gdb_number(&text, &flags) && flags <= (SSTEP_ENABLE | SSTEP_NOIRQ | SSTEP_NOTIMER)) {
        g->step.flags = (unsigned)flags;
        gdb_ok(g);
    } else {
        gdb_error(g, "sstep is a sum of 1, 2 and 4");
    }
}

static bool set_switch(struct gdbstub *g, const char *text, bool *value)
{
    if ((text[0] != '0' && text[0] != '1') || text[1]) {
        gdb_error(g, "0 or 1");
        return false;
    }
    *value = text[0] == '1';
    gdb_ok(g);
    return true;
}

static bool setting(struct gdbstub *g, const char *text)
{
    const char *rest;
    if ((rest = after(text, "qqemu.sstepbits")))
        packet_send(&g->link, "ENABLE=1,NOIRQ=2,NOTIMER=4");
    else if ((rest = after(text, "qqemu.sstep")) || (rest = after(text, "Qqemu.sstep")))
        set_step(g, rest);
    else if (strcmp(text, "qqemu.PhyMemMode") == 0)
        send_number(g, g->physical);
    else if ((rest = after(text, "Qqemu.PhyMemMode:")))
        set_switch(g, rest, &g->physical);
    else if ((rest = after(text, "Qpcemu.follow:")))
        set_switch(g, rest, &g->follow);
    else if (strcmp(text, "qpcemu.mode") == 0)
        send_mode(g);
    else
        return false;
    return true;
}

void query_packet(struct gdbstub *g, const char *text)
{
    const char *rest;
    if ((rest = after(text, "qSupported")))
        supported(g, rest);
    else if ((rest = after(text, "qXfer:")))
        transfer(g, rest);
    else if ((rest = after(text, "qRcmd,")))
        run_command(g, rest);
    else if ((rest = after(text, "qThreadExtraInfo,")))
        describe_thread(g, rest);
    else if ((rest = after(text, "qCRC:")))
        memory_crc(g, rest);
    else if (strcmp(text, "qfThreadInfo") == 0)
        list_threads(g);
    else if (strcmp(text, "qsThreadInfo") == 0)
        packet_send(&g->link, "l");
    else if (strcmp(text, "qC") == 0)
        current_thread(g);
    else if (after(text, "qAttached"))
        packet_send(&g->link, "1"); /* leave the machine alone at the end */
    else if (after(text, "qSymbol"))
        gdb_ok(g);
    else if (strcmp(text, "QStartNoAckMode") == 0) {
        gdb_ok(g);
        g->link.no_ack = true;
    } else if (!setting(g, text)) {
        packet_send(&g->link, "");
    }
}
