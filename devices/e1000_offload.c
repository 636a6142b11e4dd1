/* e1000_offload.c: checksum insertion and TCP segmentation of the 82540EM. Software Developer's Manual, sections 3.3.6
 * (context descriptor), 3.5 (segmentation) and 3.6 (checksums). Offsets are the guest's: each is checked against the
 * frame, and what lies outside is left undone. */
#include "e1000_regs.h"

#define IPV4_LENGTH 2u
#define IPV4_ID 4u
#define IPV6_HEADER 40u
#define IPV6_LENGTH 4u
#define TCP_SEQUENCE 4u
#define TCP_FLAGS 13u
#define TCP_FIN 0x01u
#define TCP_PSH 0x08u
#define UDP_LENGTH 4u

struct e1000_context e1000_context_read(const u8 d[RING_DESCRIPTOR])
{
    return (struct e1000_context){
        .ipcss = d[0],
        .ipcso = d[1],
        .ipcse = get_le16(d + 2),
        .tucss = d[4],
        .tucso = d[5],
        .tucse = get_le16(d + 6),
        .payload_len = get_le32(d + 8) & 0xfffff,
        .tucmd = d[11],
        .header_len = d[13],
        .mss = get_le16(d + 14),
    };
}

/* The sum from `start` to `end` (inclusive; 0: the frame's end), inverted, goes to `at`. */
static void insert_sum(u8 *frame, size_t len, size_t start, size_t at, size_t end)
{
    size_t stop = end && end < len ? end + 1 : len;
    if (at + 2 <= len && start < stop)
        put_be16(frame + at, (u16)~e1000_fold(e1000_sum(frame + start, stop - start, 0)));
}

void e1000_legacy_checksum(u8 *frame, size_t len, unsigned start, unsigned at)
{
    insert_sum(frame, len, start, at, 0);
}

/* A UDP checksum of 0 would say that there is none (RFC 768). */
static void avoid_zero(const struct e1000_context *c, u8 *frame, size_t len)
{
    size_t at = c->tucso;
    if (!(c->tucmd & TUCMD_TCP) && at + 2 <= len && get_be16(frame + at) == 0)
        put_be16(frame + at, 0xffff);
}

void e1000_insert_checksums(const struct e1000_context *c, u8 options, u8 *frame, size_t len)
{
    if (options & POPTS_TXSM) {
        insert_sum(frame, len, c->tucss, c->tucso, c->tucse);
        avoid_zero(c, frame, len);
    }
    if (options & POPTS_IXSM)
        insert_sum(frame, len, c->ipcss, c->ipcso, c->ipcse);
}

static void add_be16(u8 *frame, size_t len, size_t at, u32 n)
{
    if (at + 2 <= len)
        put_be16(frame + at, (u16)(get_be16(frame + at) + n));
}

static void set_be16(u8 *frame, size_t len, size_t at, size_t value)
{
    if (at + 2 <= len)
        put_be16(frame + at, (u16)value);
}

static void fix_ip(const struct e1000_context *c, u8 *frame, size_t len, unsigned n)
{
    size_t ip = c->ipcss;
    if (c->tucmd & TUCMD_IP) {
        set_be16(frame, len, ip + IPV4_LENGTH, len > ip ? len - ip : 0);
        add_be16(frame, len, ip + IPV4_ID, n);
    } else {
        set_be16(frame, len, ip + IPV6_LENGTH, len > ip + IPV6_HEADER ? len - ip - IPV6_HEADER : 0);
    }
}

static void fix_tcp(const struct e1000_context *c, u8 *frame, size_t len, unsigned n, bool last)
{
    size_t tcp = c->tucss;
    if (tcp + TCP_FLAGS >= len)
        return;
    u8 *seq = frame + tcp + TCP_SEQUENCE;
    u32 v = ((u32)get_be16(seq) << 16 | get_be16(seq + 2)) + n * (u32)c->mss;
    put_be16(seq, (u16)(v >> 16));
    put_be16(seq + 2, (u16)v);
    if (!last)
        frame[tcp + TCP_FLAGS] &= (u8) ~(TCP_FIN | TCP_PSH);
}

void e1000_fix_segment(const struct e1000_context *c, u8 *frame, size_t len, unsigned n, bool last)
{
    size_t length = len > c->tucss ? len - c->tucss : 0, at = c->tucso;
    fix_ip(c, frame, len, n);
    if (c->tucmd & TUCMD_TCP)
        fix_tcp(c, frame, len, n, last);
    else
        set_be16(frame, len, c->tucss + UDP_LENGTH, length);
    /* Software gave the pseudo header's sum without the length, which differs from segment to segment. */
    if (at + 2 <= len)
        put_be16(frame + at, e1000_fold(get_be16(frame + at) + (u32)length));
}
