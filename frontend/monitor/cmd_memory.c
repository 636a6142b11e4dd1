/* cmd_memory.c: x, xp, print, i, o, sum, memsave, pmemsave, gva2gpa: memory and ports. */
#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define SAVE_CHUNK 65536
/* What one x or xp shows at most; a wrong count shall not fill the host's memory. */
#define DUMP_MAX (4 * MIB)

/* ---- registers in expressions ---- */

static bool segment_value(const struct debug_registers *r, unsigned n, const char *what, s64 *value)
{
    if (strcmp(what, "") == 0)
        *value = r->seg[n].selector;
    else if (strcmp(what, ".base") == 0)
        *value = (s64)r->seg[n].base;
    else if (strcmp(what, ".limit") == 0)
        *value = (s32)r->seg[n].limit;
    else
        return false;
    return true;
}

/* r8 … r15. */
static bool numbered(const struct debug_registers *r, const char *name, s64 *value)
{
    char *end;
    if (name[0] != 'r' || name[1] < '1' || name[1] > '9')
        return false;
    unsigned long n = strtoul(name + 1, &end, 10);
    if (*end || n < 8 || n >= DEBUG_GPRS)
        return false;
    *value = (s64)r->gpr[n];
    return true;
}

static bool named(const struct debug_registers *r, const char *name, s64 *value)
{
    const struct {
        const char *name;
        u64 value;
    } registers[] = { { "eax", r->gpr[0] },
                      { "ecx", r->gpr[1] },
                      { "edx", r->gpr[2] },
                      { "ebx", r->gpr[3] },
                      { "esp", r->gpr[4] },
                      { "sp", r->gpr[4] },
                      { "ebp", r->gpr[5] },
                      { "fp", r->gpr[5] },
                      { "esi", r->gpr[6] },
                      { "edi", r->gpr[7] },
                      { "eflags", r->rflags },
                      { "eip", r->rip },
                      { "pc", r->rip + r->seg[DEBUG_CS].base } };
    for (unsigned i = 0; i < ARRAY_LEN(registers); i++)
        if (strcmp(registers[i].name, name) == 0) {
            *value = (s64)registers[i].value;
            return true;
        }
    return numbered(r, name, value);
}

static bool find_register(void *self, const char *name, s64 *value)
{
    static const char *const segment[] = { "es", "cs", "ss", "ds", "fs", "gs" };
    const struct monitor *m = self;
    struct debug_registers r;
    debug_get_registers(m->control->machine, m->cpu, &r);
    for (unsigned i = 0; i < ARRAY_LEN(segment); i++)
        if (strncmp(name, segment[i], 2) == 0 && (!name[2] || name[2] == '.'))
            return segment_value(&r, i, name + 2, value);
    return named(&r, name, value);
}

struct expr_names monitor_names(struct monitor *m)
{
    if (m->names)
        return *m->names;
    return (struct expr_names){ .find = find_register, .self = m };
}

/* ---- printing values ---- */

static void print_char(u8 c, FILE *out)
{
    if (c == '\'' || c == '\\')
        fprintf(out, "'\\%c'", c);
    else if (c == '\n' || c == '\r')
        fprintf(out, "'\\%c'", c == '\n' ? 'n' : 'r');
    else if (c >= ' ' && c <= '~')
        fprintf(out, "'%c'", c);
    else
        fprintf(out, "'\\x%02x'", c);
}

void cmd_print(struct monitor *m, const struct args *a)
{
    s64 value = args_number(a, "val", 0);
    switch (a->format.letter) {
    case 'o':
        fprintf(m->out, "%#" PRIo64, value);
        break;
    case 'x':
        fprintf(m->out, "%#" PRIx64, value);
        break;
    case 'u':
        fprintf(m->out, "%" PRIu64, value);
        break;
    case 'c':
        print_char((u8)value, m->out);
        break;
    default:
        fprintf(m->out, "%" PRId64, value);
        break;
    }
    fputc('\n', m->out);
}

/* Digits that the largest item needs, as QEMU reckons them. */
static int digits(char letter, int size)
{
    int bits = 8 * size;
    return letter == 'o' ? (bits + 2) / 3 : letter == 'x' ? bits / 4 : letter == 'c' ? 0 : (bits * 10 + 32) / 33;
}

static void print_item(const u8 *at, char letter, int size, FILE *out)
{
    u64 value = 0;
    int width = digits(letter, size);
    memcpy(&value, at, (size_t)size);
    fputc(' ', out);
    if (letter == 'o')
        fprintf(out, "%#*" PRIo64, width, value);
    else if (letter == 'u')
        fprintf(out, "%*" PRIu64, width, value);
    else if (letter == 'd')
        fprintf(out, "%*" PRId64, width, (s64)(value << (64 - 8 * size)) >> (64 - 8 * size));
    else if (letter == 'c')
        print_char((u8)value, out);
    else
        fprintf(out, "0x%0*" PRIx64, width, value);
}

static void dump(struct monitor *m, enum debug_space space, u64 addr, const struct format *f)
{
    u64 len = (u64)f->count * (u64)f->size, line = f->size == 1 ? 8 : 16;
    int item = f->letter == 'c' ? 1 : f->size;
    if (len > DUMP_MAX)
        fprintf(m->out, "pcemu shows at most %" PRIu64 " bytes\n", DUMP_MAX);
    len = len < DUMP_MAX ? len : DUMP_MAX;
    for (; len; addr += line) {
        u8 buf[16];
        u64 n = len < line ? len : line;
        fprintf(m->out, "%016" PRIx64 ":", addr);
        if (debug_read(m->control->machine, m->cpu, space, addr, buf, n) < n) {
            fputs(" Cannot access memory\n", m->out);
            return;
        }
        for (u64 i = 0; i < n; i += (u64)item)
            print_item(buf + i, f->letter, item, m->out);
        fputc('\n', m->out);
        len -= n;
    }
}

static void examine(struct monitor *m, const struct args *a, enum debug_space space)
{
    u64 addr = (u64)args_number(a, "addr", 0);
    if (a->format.letter == 'i')
        monitor_disassemble(m, space, addr, a->format.count);
    else
        dump(m, space, addr, &a->format);
}

void cmd_x(struct monitor *m, const struct args *a)
{
    examine(m, a, DEBUG_LINEAR);
}

void cmd_xp(struct monitor *m, const struct args *a)
{
    examine(m, a, DEBUG_PHYSICAL);
}

void cmd_gva2gpa(struct monitor *m, const struct args *a)
{
    u64 linear = (u64)args_number(a, "addr", 0), physical;
    if (debug_translate(m->control->machine, m->cpu, linear, &physical))
        fprintf(m->out, "gpa: %#" PRIx64 "\n", physical);
    else
        fputs("Unmapped\n", m->out);
}

/* ---- sums and files ---- */

/* BSD's checksum. */
void cmd_sum(struct monitor *m, const struct args *a)
{
    u64 addr = (u32)args_number(a, "start", 0), size = (u32)args_number(a, "size", 0);
    u16 sum = 0;
    u8 buf[4096];
    while (size) {
        size_t n = size < sizeof buf ? (size_t)size : sizeof buf;
        size_t got = debug_read(m->control->machine, m->cpu, DEBUG_PHYSICAL, addr, buf, n);
        memset(buf + got, 0xff, n - got);
        for (size_t i = 0; i < n; i++)
            sum = (u16)((u16)(sum >> 1 | sum << 15) + buf[i]);
        addr += n;
        size -= n;
    }
    fprintf(m->out, "%05d\n", sum);
}

static bool save_bytes(struct monitor *m, enum debug_space space, u64 addr, u64 size, FILE *file)
{
    u8 *buf = malloc(SAVE_CHUNK);
    bool ok = buf;
    while (ok && size) {
        size_t n = size < SAVE_CHUNK ? (size_t)size : SAVE_CHUNK;
        ok = debug_read(m->control->machine, m->cpu, space, addr, buf, n) == n;
        if (!ok)
            fprintf(m->out, "Error: Invalid addr 0x%016" PRIx64 "/size %" PRId64 " specified\n", addr, (s64)size);
        else if (!(ok = fwrite(buf, 1, n, file) == n))
            fprintf(m->out, "Error: writing memory to file: %s\n", strerror(errno));
        addr += n;
        size -= n;
    }
    free(buf);
    return ok;
}

static void save(struct monitor *m, const struct args *a, enum debug_space space)
{
    const char *path = args_text(a, "filename");
    FILE *file = fopen(path, "wbe");
    if (!file) {
        fprintf(m->out, "Error: Could not open '%s': %s\n", path, strerror(errno));
        return;
    }
    bool ok = save_bytes(m, space, (u64)args_number(a, "val", 0), (u32)args_number(a, "size", 0), file);
    if (fclose(file) != 0 && ok)
        fprintf(m->out, "Error: writing memory to file: %s\n", strerror(errno));
}

void cmd_memsave(struct monitor *m, const struct args *a)
{
    save(m, a, DEBUG_LINEAR);
}

void cmd_pmemsave(struct monitor *m, const struct args *a)
{
    save(m, a, DEBUG_PHYSICAL);
}

/* ---- ports ---- */

static unsigned port_size(const struct args *a)
{
    return a->format.size == 2 || a->format.size == 4 ? (unsigned)a->format.size : 1;
}

void cmd_i(struct monitor *m, const struct args *a)
{
    unsigned size = port_size(a);
    u16 port = (u16)args_number(a, "addr", 0);
    if (args_given(a, "index")) {
        debug_port_write(m->control->machine, port, (u8)args_number(a, "index", 0), 1);
        port++;
    }
    u32 value = debug_port_read(m->control->machine, port, size);
    fprintf(m->out, "port%c[0x%04x] = 0x%0*x\n", size == 1 ? 'b' : size == 2 ? 'w' : 'l', port, (int)size * 2, value);
}

void cmd_o(struct monitor *m, const struct args *a)
{
    debug_port_write(m->control->machine, (u16)args_number(a, "addr", 0), (u32)args_number(a, "val", 0), port_size(a));
}
