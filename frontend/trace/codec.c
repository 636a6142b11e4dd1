/* codec.c: see codec.h. */
#include "codec.h"

#include "encode.h"

enum {
    FIELD_CPU,
    FIELD_ICOUNT,
    FIELD_NS,
    FIELD_LINEAR,
    FIELD_RIP,
    FIELD_ADDR,
    FIELD_PHYSICAL,
    FIELD_OLD,
    FIELD_VALUE,
    FIELD_ERROR,
    FIELD_SIZE,
    FIELD_VECTOR,
    FIELD_SOURCE,
    FIELD_FLAGS,
    FIELD_NAME,
    FIELD_INSN,
    FIELD_TEXT,
    FIELDS
};

void trace_codec_begin(struct trace_codec *c)
{
    if (!++c->frame) { /* numbers come again */
        memset(c->known, 0, sizeof c->known);
        c->frame = 1;
    }
    c->cpu = 0;
    c->icount = c->ns = c->addr = 0;
    memset(c->on, 0, sizeof c->on);
    c->names = 0;
}

static u64 unzigzag(u64 v)
{
    return v >> 1 ^ (0 - (v & 1));
}

void trace_know(struct trace_known *k, u16 frame, const struct trace_insn *i)
{
    *k = (struct trace_known){
        i->linear, (u32)(i->linear - i->rip), frame, i->cs, (u8)(i->length | i->mode << 4), { 0 }
    };
    memcpy(k->bytes, i->bytes, i->length);
}

/* ---- writing ---- */

u8 *trace_encode_new(u8 *p, const struct trace_codec *c, struct trace_known *k, const struct trace_insn *i)
{
    trace_know(k, c->frame, i);
    *p++ = k->length_mode;
    p = trace_put(p, i->cs);
    p = trace_put(p, trace_zigzag(i->rip - i->linear));
    memcpy(p, i->bytes, i->length);
    return p + i->length;
}

u8 *trace_encode_insn(struct trace_codec *c, u8 *to, const struct trace_insn *i)
{
    return trace_encode_insn_here(c, to, i);
}

u8 *trace_encode_state(struct trace_codec *c, u8 *to, const struct trace_insn *i)
{
    u64 *old = c->on[i->cpu % TRACE_CPUS].reg;
    *to++ = TRACE_STATE;
    *to++ = (u8)(c->cpu = i->cpu % TRACE_CPUS);
    return trace_put_changes(to, old, i, trace_changes(old, i));
}

static unsigned name_number(const struct trace_codec *c, const char *name)
{
    unsigned n = 0;
    while (n < c->names && strcmp(c->name[n], name) != 0)
        n++;
    return n;
}

/* A number; one that is not known yet is followed by the name. */
static u8 *put_name(struct trace_codec *c, u8 *p, const char *name)
{
    char cut[TRACE_NAME_MAX];
    snprintf(cut, sizeof cut, "%s", name);
    unsigned n = name_number(c, cut);
    p = trace_put(p, n);
    if (n < c->names)
        return p;
    size_t len = strlen(cut);
    *p++ = (u8)len;
    memcpy(p, cut, len);
    if (n < TRACE_NAMES)
        memcpy(c->name[c->names++], cut, sizeof cut);
    return p + len;
}

static u32 fields_of(const struct trace_codec *c, const struct trace_record *r)
{
    u32 f = 0;
    f |= (u32)(r->cpu != c->cpu) << FIELD_CPU;
    f |= (u32)(r->icount != c->icount) << FIELD_ICOUNT;
    f |= (u32)(r->ns != c->ns) << FIELD_NS;
    f |= (u32)(r->linear != 0) << FIELD_LINEAR;
    f |= (u32)(r->rip != r->linear) << FIELD_RIP;
    f |= (u32)(r->addr != 0) << FIELD_ADDR;
    f |= (u32)(r->physical != UINT64_MAX) << FIELD_PHYSICAL;
    f |= (u32)(r->old != 0) << FIELD_OLD;
    f |= (u32)(r->value != r->old) << FIELD_VALUE;
    f |= (u32)(r->error != 0) << FIELD_ERROR;
    f |= (u32)(r->size != 0) << FIELD_SIZE;
    f |= (u32)(r->vector != 0) << FIELD_VECTOR;
    f |= (u32)(r->source != 0) << FIELD_SOURCE;
    f |= (u32)(r->flags != 0) << FIELD_FLAGS;
    f |= (u32)(r->name != NULL) << FIELD_NAME;
    f |= (u32)(r->length != 0) << FIELD_INSN;
    return f | (u32)(r->text != NULL) << FIELD_TEXT;
}

static u8 *put_field(struct trace_codec *c, u8 *p, const struct trace_record *r, unsigned field)
{
    switch (field) {
    case FIELD_CPU:
        return trace_put(p, c->cpu = r->cpu % TRACE_CPUS);
    case FIELD_ICOUNT:
        return trace_put(p, trace_zigzag(r->icount - c->icount));
    case FIELD_NS:
        return trace_put(p, trace_zigzag(r->ns - c->ns));
    case FIELD_LINEAR:
        return trace_put(p, trace_zigzag(r->linear - c->on[c->cpu].next));
    case FIELD_RIP:
        return trace_put(p, trace_zigzag(r->rip - r->linear));
    case FIELD_ADDR:
        return trace_put(p, trace_zigzag(r->addr - c->addr));
    case FIELD_PHYSICAL:
        return trace_put(p, trace_zigzag(r->physical - r->addr));
    case FIELD_OLD:
        return trace_put(p, r->old);
    case FIELD_VALUE:
        return trace_put(p, trace_zigzag(r->value - r->old));
    case FIELD_ERROR:
        return trace_put(p, r->error);
    case FIELD_SIZE:
        return trace_put(p, r->size);
    case FIELD_VECTOR:
        return trace_put(p, r->vector);
    case FIELD_SOURCE:
        return trace_put(p, r->source);
    case FIELD_FLAGS:
        return trace_put(p, r->flags);
    case FIELD_NAME:
        return put_name(c, p, r->name);
    case FIELD_INSN:
        *p++ = (u8)(r->length | r->mode << 4);
        p = trace_put(p, r->cs);
        memcpy(p, r->bytes, r->length);
        return p + r->length;
    default:
        p = trace_put(p, r->text_len);
        memcpy(p, r->text, r->text_len);
        return p + r->text_len;
    }
}

u8 *trace_encode(struct trace_codec *c, u8 *to, const struct trace_record *r)
{
    u32 fields = fields_of(c, r);
    *to++ = r->kind;
    to = trace_put(to, fields);
    for (u32 left = fields; left; left &= left - 1)
        to = put_field(c, to, r, (unsigned)__builtin_ctz(left));
    c->icount = r->icount;
    c->ns = r->ns;
    c->addr = r->addr;
    return to;
}

/* ---- reading: nothing in a file is trusted ---- */

struct reader {
    const u8 *p, *end;
    bool bad;
};

static u64 get(struct reader *in)
{
    u64 v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in->p == in->end)
            break;
        u8 byte = *in->p++;
        v |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    in->bad = true;
    return 0;
}

static const u8 *get_bytes(struct reader *in, u64 n)
{
    const u8 *p = in->p;
    if (in->bad || n > (u64)(in->end - in->p)) {
        in->bad = true;
        return NULL;
    }
    in->p += n;
    return p;
}

static u8 get_byte(struct reader *in)
{
    const u8 *p = get_bytes(in, 1);
    return p ? *p : 0;
}

static void get_insn_bytes(struct reader *in, unsigned length, u8 *bytes)
{
    const u8 *p = get_bytes(in, length);
    if (p)
        memcpy(bytes, p, length);
}

static void decode_changes(struct trace_codec *c, struct reader *in, struct trace_record *r)
{
    u64 mask = get(in);
    in->bad |= mask >= BIT(TRACE_REGS);
    r->kind = TRACE_STATE;
    r->cpu = (u8)c->cpu;
    r->rip = c->on[c->cpu].rip;
    r->physical = UINT64_MAX;
    r->icount = c->icount;
    r->ns = c->ns;
    r->changed = 0;
    for (u32 left = (u32)mask & (BIT(TRACE_REGS) - 1); left; left &= left - 1) {
        unsigned bit = (unsigned)__builtin_ctz(left), n = bit ? bit - 1 : TRACE_FLAGS;
        r->changed |= BIT(n);
        r->reg[n] = c->on[c->cpu].reg[n] += unzigzag(get(in));
    }
}

static void decode_new(struct trace_codec *c, struct reader *in, struct trace_known *k, u64 linear)
{
    u8 head = get_byte(in);
    *k = (struct trace_known){ .linear = linear, .frame = c->frame, .cs = (u16)get(in), .length_mode = head };
    k->base = (u32)(0 - unzigzag(get(in)));
    get_insn_bytes(in, head & 15, k->bytes);
}

static u64 known_rip(const struct trace_known *k)
{
    return (k->length_mode >> 4 & 7) == PROBE_MODE_LONG ? k->linear : (u32)(k->linear - k->base);
}

static unsigned decode_insn(struct trace_codec *c, struct reader *in, u8 bits, struct trace_record *r)
{
    unsigned count = 0;
    if (bits & TRACE_BIT_OTHER_CPU)
        c->cpu = get_byte(in) % TRACE_CPUS;
    c->icount += bits & TRACE_BIT_LATER ? unzigzag(get(in)) : 1;
    if (bits & TRACE_BIT_CHANGED)
        decode_changes(c, in, &r[count++]);
    u64 linear = c->on[c->cpu].next + (bits & TRACE_BIT_ELSEWHERE ? unzigzag(get(in)) : 0);
    struct trace_known *k = &c->known[trace_known_place(linear)];
    if (bits & TRACE_BIT_NEW)
        decode_new(c, in, k, linear);
    in->bad |= k->frame != c->frame || k->linear != linear || !(k->length_mode & 15);
    struct trace_record *e = &r[count++];
    *e = (struct trace_record){ .kind = TRACE_EXEC,
                                .cpu = (u8)c->cpu,
                                .icount = c->icount,
                                .ns = c->ns,
                                .rip = known_rip(k),
                                .linear = linear,
                                .cs = k->cs,
                                .mode = k->length_mode >> 4,
                                .length = k->length_mode & 15,
                                .physical = UINT64_MAX };
    memcpy(e->bytes, k->bytes, sizeof e->bytes);
    c->on[c->cpu].next = linear + e->length;
    c->on[c->cpu].rip = e->rip;
    return count;
}

static const char *decode_name(struct trace_codec *c, struct reader *in)
{
    u64 n = get(in);
    if (n < c->names)
        return c->name[n];
    u8 len = get_byte(in);
    const u8 *text = get_bytes(in, len);
    if (!text || len >= TRACE_NAME_MAX || n != c->names) {
        in->bad = true;
        return NULL;
    }
    unsigned at = c->names < TRACE_NAMES ? c->names++ : TRACE_NAMES;
    memcpy(c->name[at], text, len);
    c->name[at][len] = '\0';
    return c->name[at];
}

/* Those that stand as they are. */
static void decode_plain(struct trace_record *r, unsigned field, u64 value)
{
    switch (field) {
    case FIELD_ERROR:
        r->error = (u32)value;
        break;
    case FIELD_SIZE:
        r->size = (u8)value;
        break;
    case FIELD_VECTOR:
        r->vector = (u8)value;
        break;
    case FIELD_SOURCE:
        r->source = (u8)value;
        break;
    default: /* FIELD_FLAGS */
        r->flags = (u8)value;
    }
}

static void decode_insn_bytes(struct reader *in, struct trace_record *r)
{
    u8 head = get_byte(in);
    r->length = head & 15;
    r->mode = head >> 4;
    r->cs = (u16)get(in);
    get_insn_bytes(in, r->length, r->bytes);
}

static void decode_field(struct trace_codec *c, struct reader *in, struct trace_record *r, unsigned field)
{
    switch (field) {
    case FIELD_CPU:
        r->cpu = (u8)(c->cpu = (unsigned)get(in) % TRACE_CPUS);
        break;
    case FIELD_ICOUNT:
        r->icount += unzigzag(get(in));
        break;
    case FIELD_NS:
        r->ns += unzigzag(get(in));
        break;
    case FIELD_LINEAR:
        r->rip = r->linear = c->on[c->cpu].next + unzigzag(get(in));
        break;
    case FIELD_RIP:
        r->rip = r->linear + unzigzag(get(in));
        break;
    case FIELD_ADDR:
        r->addr = c->addr + unzigzag(get(in));
        break;
    case FIELD_PHYSICAL:
        r->physical = r->addr + unzigzag(get(in));
        break;
    case FIELD_OLD:
        r->value = r->old = get(in);
        break;
    case FIELD_VALUE:
        r->value = r->old + unzigzag(get(in));
        break;
    case FIELD_ERROR:
    case FIELD_SIZE:
    case FIELD_VECTOR:
    case FIELD_SOURCE:
    case FIELD_FLAGS:
        decode_plain(r, field, get(in));
        break;
    case FIELD_NAME:
        r->name = decode_name(c, in);
        break;
    case FIELD_INSN:
        decode_insn_bytes(in, r);
        break;
    default:
        r->text_len = get(in);
        r->text = (const char *)get_bytes(in, r->text_len);
        break;
    }
}

static void decode_other(struct trace_codec *c, struct reader *in, u8 kind, struct trace_record *r)
{
    u64 fields = get(in);
    *r = (struct trace_record){
        .kind = kind, .cpu = (u8)c->cpu, .icount = c->icount, .ns = c->ns, .physical = UINT64_MAX
    };
    in->bad |= kind >= TRACE_KINDS || fields >= BIT(FIELDS);
    for (u32 left = (u32)fields & (BIT(FIELDS) - 1); left && !in->bad; left &= left - 1)
        decode_field(c, in, r, (unsigned)__builtin_ctz(left));
    c->icount = r->icount;
    c->ns = r->ns;
    c->addr = r->addr;
}

const u8 *trace_decode(struct trace_codec *c, const u8 *from, const u8 *end, struct trace_record r[2], unsigned *count)
{
    struct reader in = { from, end, false };
    u8 head = get_byte(&in);
    *count = 1;
    if (head & TRACE_BIT_INSN) {
        *count = decode_insn(c, &in, head, r);
    } else if (head == TRACE_STATE) {
        c->cpu = get_byte(&in) % TRACE_CPUS;
        decode_changes(c, &in, r);
    } else {
        decode_other(c, &in, head, r);
    }
    return in.bad ? NULL : in.p;
}
