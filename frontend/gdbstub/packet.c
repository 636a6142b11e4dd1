/* packet.c: see packet.h. */
#include "packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CTRL_C 3
#define ESCAPE '}'
#define ESCAPE_BIT 0x20

static const char digits[] = "0123456789abcdef";

int packet_digit(u8 c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool packet_unhex(const char *text, u8 *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = packet_digit((u8)text[2 * i]), low = high < 0 ? -1 : packet_digit((u8)text[2 * i + 1]);
        if (low < 0)
            return false;
        data[i] = (u8)(high << 4 | low);
    }
    return true;
}

void packet_reset(struct packet_link *p)
{
    p->state = PACKET_OUTSIDE;
    p->no_ack = p->broken = false;
    p->out_len = p->last_len = 0;
}

void packet_free(struct packet_link *p)
{
    free(p->out);
    free(p->last);
    *p = (struct packet_link){ 0 };
}

/* ---- out ---- */

static bool reserve(struct packet_link *p, size_t more)
{
    if (p->out_room - p->out_len >= more)
        return true;
    size_t room = 2 * p->out_room + more;
    u8 *out = p->broken ? NULL : realloc(p->out, room);
    if (!out) {
        p->broken = true;
        return false;
    }
    p->out = out;
    p->out_room = room;
    return true;
}

static void put(struct packet_link *p, u8 byte)
{
    if (reserve(p, 1))
        p->out[p->out_len++] = byte;
}

static void put_escaped(struct packet_link *p, u8 byte)
{
    bool special = byte == '$' || byte == '#' || byte == '*' || byte == ESCAPE;
    if (special)
        put(p, ESCAPE);
    put(p, special ? byte ^ ESCAPE_BIT : byte);
}

void packet_begin(struct packet_link *p)
{
    p->last_at = p->out_len;
    put(p, '$');
}

void packet_bytes(struct packet_link *p, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put_escaped(p, ((const u8 *)data)[i]);
}

void packet_text(struct packet_link *p, const char *text)
{
    packet_bytes(p, text, strlen(text));
}

void packet_format(struct packet_link *p, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    packet_text(p, text);
}

void packet_hex(struct packet_link *p, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        u8 byte = ((const u8 *)data)[i];
        put(p, (u8)digits[byte >> 4]);
        put(p, (u8)digits[byte & 15]);
    }
}

/* Until it is acknowledged a packet may be asked for again. */
static void keep(struct packet_link *p)
{
    size_t len = p->out_len - p->last_at;
    u8 *last = p->no_ack || p->broken ? NULL : realloc(p->last, len);
    p->last_len = 0;
    if (!last)
        return;
    memcpy(last, p->out + p->last_at, len);
    p->last = last;
    p->last_len = len;
}

void packet_end(struct packet_link *p)
{
    u8 sum = 0;
    for (size_t i = p->last_at + 1; i < p->out_len; i++)
        sum = (u8)(sum + p->out[i]);
    put(p, '#');
    put(p, (u8)digits[sum >> 4]);
    put(p, (u8)digits[sum & 15]);
    keep(p);
}

void packet_send(struct packet_link *p, const char *text)
{
    packet_begin(p);
    packet_text(p, text);
    packet_end(p);
}

void packet_sent(struct packet_link *p, size_t n)
{
    if (n < p->out_len) /* else there may be no memory yet */
        memmove(p->out, p->out + n, p->out_len - n);
    p->out_len -= n;
}

/* ---- in ---- */

static void take(struct packet_link *p, u8 byte)
{
    if (p->len == PACKET_MAX)
        p->too_long = true;
    else
        p->data[p->len++] = byte;
}

static enum packet_event outside(struct packet_link *p, u8 byte)
{
    switch (byte) {
    case '$':
        p->state = PACKET_INSIDE;
        p->len = 0;
        p->sum = 0;
        p->too_long = false;
        break;
    case '-':
        if (p->last_len && reserve(p, p->last_len)) {
            memcpy(p->out + p->out_len, p->last, p->last_len);
            p->out_len += p->last_len;
        }
        break;
    case CTRL_C:
        return PACKET_INTERRUPT;
    default: /* '+', and noise */
        break;
    }
    return PACKET_NOTHING;
}

static enum packet_event whole(struct packet_link *p)
{
    bool right = p->sum == p->sum_said && !p->too_long;
    p->state = PACKET_OUTSIDE;
    if (!p->no_ack)
        put(p, right ? '+' : '-');
    if (!right)
        return PACKET_NOTHING;
    p->data[p->len] = 0;
    return PACKET_READY;
}

enum packet_event packet_feed(struct packet_link *p, u8 byte)
{
    int digit;
    switch (p->state) {
    case PACKET_OUTSIDE:
        return outside(p, byte);
    case PACKET_INSIDE:
        if (byte == '#') {
            p->state = PACKET_SUM1;
            break;
        }
        p->sum = (u8)(p->sum + byte);
        if (byte == ESCAPE)
            p->state = PACKET_ESCAPED;
        else
            take(p, byte);
        break;
    case PACKET_ESCAPED:
        p->sum = (u8)(p->sum + byte);
        take(p, byte ^ ESCAPE_BIT);
        p->state = PACKET_INSIDE;
        break;
    case PACKET_SUM1:
        digit = packet_digit(byte);
        p->sum_said = (u8)((unsigned)digit << 4);
        p->too_long |= digit < 0;
        p->state = PACKET_SUM2;
        break;
    case PACKET_SUM2:
        digit = packet_digit(byte);
        p->sum_said |= (u8)((unsigned)digit & 15);
        p->too_long |= digit < 0;
        return whole(p);
    }
    return PACKET_NOTHING;
}
