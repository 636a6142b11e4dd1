/* options_stream.c: byte streams: -serial, -parallel, -debugcon, -monitor, -mon, -gdb, -chardev. */
#include "options.h"

#include "keyval.h"

#define WHAT_STREAMS                                                                                                   \
    "pcemu has stdio, file:PATH, pipe:PATH, pty, unix:PATH, tcp:HOST:PORT, telnet:HOST:PORT, chardev:ID, null and "    \
    "none; mon: before it shares it with the monitor"

/* ",server=on,wait=off" and the like. */
static bool set_socket_word(struct options *o, const char *name, const struct keyval *item, struct stream_option *s)
{
    bool flag;
    bool known = strcmp(item->key, "server") == 0 || strcmp(item->key, "wait") == 0;
    if (!known)
        return options_fail(o, "-%s: a socket has no property '%s'", name, item->key);
    if (!parse_bool(item->value, &flag))
        return options_fail(o, "-%s: %s=%s: neither on nor off", name, item->key, item->value);
    *(*item->key == 's' ? &s->server : &s->wait) = flag;
    return true;
}

/* HOST:PORT; the host may be missing, or be an address in brackets. */
static bool split_address(struct options *o, const char *name, const char *address, struct stream_option *s)
{
    char *host = (char *)(uintptr_t)options_keep(o, address);
    char *colon = host ? strrchr(host, ':') : NULL;
    if (!colon || !colon[1])
        return options_fail(o, "-%s tcp:%s: needs HOST:PORT", name, address);
    *colon = 0;
    s->port = colon + 1;
    size_t len = strlen(host);
    if (*host == '[' && host[len - 1] == ']') {
        host[len - 1] = 0;
        host++;
    }
    s->host = host;
    return true;
}

/* unix:PATH, tcp:HOST:PORT and telnet:HOST:PORT, with their properties. */
static bool parse_socket(struct options *o, const char *name, const char *arg, struct stream_option *s)
{
    struct keyvals kv;
    s->kind = *arg == 'u' ? STREAM_UNIX : STREAM_TCP;
    s->telnet = strncmp(arg, "telnet", 6) == 0;
    s->wait = true;
    bool ok = keyvals_split(&kv, strchr(arg, ':') + 1, "address") || options_fail(o, "-%s: too many properties", name);
    for (unsigned i = 1; ok && i < kv.count; i++)
        ok = set_socket_word(o, name, &kv.item[i], s);
    const char *address = ok && kv.count && strcmp(kv.item[0].key, "address") == 0 ? kv.item[0].value : "";
    if (ok && !*address)
        ok = options_fail(o, "-%s %s: " WHAT_STREAMS, name, arg);
    else if (ok && s->kind == STREAM_TCP)
        ok = split_address(o, name, address, s);
    else if (ok)
        ok = (s->path = options_keep(o, address));
    keyvals_free(&kv);
    return ok;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static const char *label_of(const char *option)
{
    static const char *const label[][2] = {
        { "serial", "serial0" }, { "parallel", "parallel0" }, { "monitor", "compat_monitor0" }, { "gdb", "gdb" }
    };
    for (size_t i = 0; i < ARRAY_LEN(label); i++)
        if (strcmp(option, label[i][0]) == 0)
            return label[i][1];
    return "debugcon";
}

/* A stream in the short form of -serial. */
static bool parse_stream(struct options *o, const char *name, const char *arg, struct stream_option *s)
{
    bool shared = starts(arg, "mon:");
    const char *what = shared ? arg + 4 : arg;
    *s = (struct stream_option){ .kind = STREAM_NULL, .label = label_of(name), .mux = shared, .escape = shared };
    if (!shared && strcmp(what, "none") == 0)
        return true;
    if (strcmp(what, "stdio") == 0)
        s->kind = STREAM_STDIO;
    else if (strcmp(what, "pty") == 0)
        s->kind = STREAM_PTY;
    else if (starts(what, "unix:") || starts(what, "tcp:") || starts(what, "telnet:"))
        return parse_socket(o, name, what, s);
    else if ((starts(what, "file:") || starts(what, "pipe:")) && what[5])
        s->kind = *what == 'f' ? STREAM_FILE : STREAM_PIPE;
    else if (!shared && starts(what, "chardev:"))
        s->by_id = true;
    else if (strcmp(what, "null") != 0)
        return options_fail(o, "-%s %s: " WHAT_STREAMS, name, arg);
    if (s->kind == STREAM_FILE || s->kind == STREAM_PIPE)
        s->path = what + 5;
    if (s->by_id)
        s->id = what + 8;
    return true;
}

bool option_serial(struct options *o, const char *name, const char *arg)
{
    struct stream_option s;
    if (!parse_stream(o, name, arg, &s))
        return false;
    if (o->serials++ == 0)
        o->serial = s;
    else if (s.kind != STREAM_NULL || s.by_id)
        return options_fail(o, "-%s %s: pcemu has one serial port", name, arg);
    return true;
}

/* `none` takes the port off the board, `null` the printer off the port. */
bool option_parallel(struct options *o, const char *name, const char *arg)
{
    struct stream_option s;
    if (!parse_stream(o, name, arg, &s))
        return false;
    if (o->parallel.kind != STREAM_UNSET || o->parallel.by_id)
        return options_fail(o, "-%s %s: pcemu has one parallel port", name, arg);
    if (s.mux)
        return options_fail(o, "-%s %s: it is the serial port that is shared: -serial mon:stdio", name, arg);
    o->parallel = s;
    o->no_parallel = strcmp(arg, "none") == 0;
    return true;
}

bool option_debugcon(struct options *o, const char *name, const char *arg)
{
    if (!parse_stream(o, name, arg, &o->debugcon))
        return false;
    return !o->debugcon.mux ||
           options_fail(o, "-%s %s: it is the serial port that is shared: -serial mon:stdio", name, arg);
}

bool option_monitor(struct options *o, const char *name, const char *arg)
{
    if (!parse_stream(o, name, arg, &o->monitor))
        return false;
    if (o->monitor.mux)
        return options_fail(o, "-%s %s: it is the serial port that is shared: -serial mon:stdio", name, arg);
    return o->monitor.kind != STREAM_FILE || options_fail(o, "-%s %s: a monitor needs input", name, arg);
}

/* A socket listens without being told to, and nobody waits for GDB. */
bool option_gdb(struct options *o, const char *name, const char *arg)
{
    struct stream_option *s = &o->gdb;
    bool socket = starts(arg, "tcp:") || starts(arg, "unix:");
    if (s->kind != STREAM_UNSET || s->by_id)
        return options_fail(o, "-%s %s: there is one GDB stub", name, arg);
    if (!parse_stream(o, name, arg, s))
        return false;
    if (s->mux || s->kind == STREAM_FILE || s->telnet)
        return options_fail(o, "-%s %s: GDB needs input and output of its own: tcp::PORT, unix:PATH or stdio", name,
                            arg);
    if (socket) {
        s->server = true;
        s->wait = false;
    }
    return true;
}

bool option_gdb_short(struct options *o, const char *name, const char *arg)
{
    (void)arg;
    return option_gdb(o, name, "tcp::1234");
}

bool option_mon(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    bool ok = keyvals_split(&kv, arg, "chardev") || options_fail(o, "-%s: too many properties", name);
    const char *id = ok ? keyvals_get(&kv, "chardev") : NULL, *mode = ok ? keyvals_get(&kv, "mode") : NULL;
    if (ok && mode && strcmp(mode, "readline") != 0)
        ok = options_fail(o, "-%s mode=%s: pcemu has the monitor for people (readline), not QMP", name, mode);
    else if (ok && !id)
        ok = options_fail(o, "-%s %s: needs chardev=", name, arg);
    else if (ok)
        o->monitor = (struct stream_option){ .by_id = true, .id = options_keep(o, id) };
    keyvals_free(&kv);
    return ok && o->monitor.id;
}

static bool set_chardev_flag(struct options *o, const struct keyval *item, struct stream_option *s)
{
    bool flag = true;
    if (!parse_bool(item->value, &flag))
        return options_fail(o, "-chardev: pcemu has no property '%s'", item->key);
    if (strcmp(item->key, "append") == 0)
        s->append = flag;
    else if (strcmp(item->key, "logappend") == 0)
        s->log_append = flag;
    else if (strcmp(item->key, "telnet") == 0)
        s->telnet = flag;
    else if (strcmp(item->key, "signal") == 0)
        s->escape = !flag;
    else if (strcmp(item->key, "server") == 0)
        s->server = flag;
    else if (strcmp(item->key, "wait") == 0)
        s->wait = flag;
    else if (strcmp(item->key, "mux") == 0)
        s->mux = s->escape = flag;
    else
        return options_fail(o, "-chardev: pcemu has no property '%s'", item->key);
    return true;
}

static bool set_chardev_kind(struct options *o, const char *name, struct stream_option *s)
{
    static const struct {
        const char *name;
        enum stream_kind kind;
    } kinds[] = { { "stdio", STREAM_STDIO }, { "file", STREAM_FILE }, { "null", STREAM_NULL },
                  { "socket", STREAM_UNIX }, { "pipe", STREAM_PIPE }, { "pty", STREAM_PTY } };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(name, kinds[i].name) == 0) {
            s->kind = kinds[i].kind;
            return true;
        }
    return options_fail(o, "-chardev %s: pcemu has stdio, file, socket, pipe, pty and null", name);
}

static bool set_chardev_word(struct options *o, const struct keyval *item, struct stream_option *s)
{
    const struct {
        const char *key, **to;
    } texts[] = {
        { "id", &s->id }, { "path", &s->path }, { "host", &s->host }, { "port", &s->port }, { "logfile", &s->log }
    };
    if (strcmp(item->key, "backend") == 0)
        return set_chardev_kind(o, item->value, s);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(item->key, texts[i].key) == 0)
            return (*texts[i].to = options_keep(o, item->value));
    return set_chardev_flag(o, item, s);
}

/* The properties of a socket together say which kind it is. */
static bool settle_socket(struct options *o, struct stream_option *s)
{
    if (s->port) {
        s->kind = STREAM_TCP;
        s->host = s->host ? s->host : "";
        return !s->path || options_fail(o, "-chardev socket: either path= or port=");
    }
    return s->path || options_fail(o, "-chardev socket: needs path=, or host= and port=");
}

bool option_chardev(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    if (o->chardevs == STREAMS_MAX)
        return options_fail(o, "-%s: more than %d", name, STREAMS_MAX);
    struct stream_option *s = &o->chardev[o->chardevs++];
    s->wait = true;
    bool ok = keyvals_split(&kv, arg, "backend") || options_fail(o, "-%s: too many properties", name);
    for (unsigned i = 0; ok && i < kv.count; i++)
        ok = set_chardev_word(o, &kv.item[i], s);
    keyvals_free(&kv);
    if (ok && (!s->id || s->kind == STREAM_UNSET))
        return options_fail(o, "-%s %s: needs a backend and id=", name, arg);
    if (ok && s->kind == STREAM_UNIX)
        ok = settle_socket(o, s);
    if (ok && (s->kind == STREAM_FILE || s->kind == STREAM_PIPE) && !s->path)
        return options_fail(o, "-%s %s: needs path=", name, arg);
    return ok;
}

/* After the last option. */

static bool find_stream(struct options *o, struct stream_option *s)
{
    if (!s->by_id)
        return true;
    for (unsigned i = 0; i < o->chardevs; i++)
        if (strcmp(o->chardev[i].id, s->id) == 0) {
            *s = o->chardev[i];
            s->by_id = true;
            return true;
        }
    return options_fail(o, "there is no -chardev with id=%s", s->id);
}

/* The serial port and the monitor on one -chardev with mux=on. */
static void settle_mux(struct options *o)
{
    bool shared = o->monitor.by_id && o->serial.by_id && strcmp(o->monitor.id, o->serial.id) == 0 && o->serial.mux;
    if (o->serial.by_id)
        o->serial.mux = shared;
    if (shared)
        o->monitor = (struct stream_option){ .kind = STREAM_NULL };
}

bool options_find_streams(struct options *o)
{
    static const char *const name[] = { "serial", "parallel", "debugcon", "gdb" };
    struct stream_option *const stream[] = { &o->serial, &o->parallel, &o->debugcon, &o->gdb };
    const char *first = NULL;
    for (unsigned i = 0; i < ARRAY_LEN(stream); i++) {
        if (!find_stream(o, stream[i]))
            return false;
        if (stream[i]->kind == STREAM_STDIO && first)
            return options_fail(o, "-%s and -%s can't share stdio", first, name[i]);
        if (stream[i]->kind == STREAM_STDIO)
            first = name[i];
    }
    if (!find_stream(o, &o->monitor))
        return false;
    settle_mux(o);
    if (first && o->monitor.kind == STREAM_STDIO)
        return options_fail(o, "-%s and -monitor can't share stdio; -serial mon:stdio has both", first);
    return true;
}
