/* e1000_fifo.c: the receive half of the 82540EM's packet buffer: frames wait in it for descriptors. Software
 * Developer's Manual, sections 13.4.38 (PBA) and 13.8 (the diagnostic registers, in units of 8 bytes). What stands
 * before a frame in the buffer is this model's own. The guest can write all of it: nothing read from the buffer is
 * trusted. Frames on their way out don't pass through the transmit half, which is plain memory. */
#include "e1000_regs.h"

#define UNIT 8u        /* bytes of a FIFO pointer's step, and of what stands before a frame */
#define RXA_MASK 0x7fu /* KiB */
#define RXA_MAX 64u

static unsigned units(const struct e1000 *s)
{
    return (s->reg[R_PBA] & RXA_MASK) * 1024 / UNIT;
}

static unsigned used(const struct e1000 *s)
{
    unsigned size = units(s);
    return size ? (s->rx_tail + size - s->rx_head) % size : 0;
}

static unsigned units_for(size_t len)
{
    return 1 + (unsigned)((len + UNIT - 1) / UNIT);
}

void e1000_fifo_reset(struct e1000 *s)
{
    s->rx_head = s->rx_tail = 0;
}

/* Pointers that a diagnostic write left outside are put right. */
static void check_pointers(struct e1000 *s)
{
    if (s->rx_head >= units(s) || s->rx_tail >= units(s))
        e1000_fifo_reset(s);
}

bool e1000_fifo_has_room(const struct e1000 *s, size_t len)
{
    return units(s) && used(s) + units_for(len) < units(s);
}

/* How much of `len` bytes from unit `at` on lies before the ring's end. */
static size_t before_end(const struct e1000 *s, unsigned at, size_t len)
{
    size_t rest = (units(s) - at) * (size_t)UNIT;
    return len < rest ? len : rest;
}

/* len is at most the ring's size, in both. */
static void copy_in(struct e1000 *s, unsigned at, const u8 *data, size_t len)
{
    size_t first = before_end(s, at, len);
    memcpy(s->buffer + at * (size_t)UNIT, data, first);
    memcpy(s->buffer, data + first, len - first);
}

static void copy_out(const struct e1000 *s, unsigned at, u8 *data, size_t len)
{
    size_t first = before_end(s, at, len);
    memcpy(data, s->buffer + at * (size_t)UNIT, first);
    memcpy(data + first, s->buffer, len - first);
}

bool e1000_fifo_push(struct e1000 *s, const struct e1000_rx_status *status, const u8 *frame)
{
    u8 head[UNIT];
    check_pointers(s);
    if (!e1000_fifo_has_room(s, status->len))
        return false;
    put_le16(head, status->len);
    put_le16(head + 2, status->checksum);
    put_le16(head + 4, status->special);
    head[6] = status->status;
    head[7] = status->errors;
    copy_in(s, s->rx_tail, head, UNIT);
    copy_in(s, (s->rx_tail + 1) % units(s), frame, status->len);
    s->rx_tail = (u16)((s->rx_tail + units_for(status->len)) % units(s));
    return true;
}

/* What stands before the frame at unit `at`, `left` units before the tail; false: nothing that e1000_fifo_push() wrote.
 */
static bool read_head(const struct e1000 *s, unsigned at, unsigned left, struct e1000_rx_status *status)
{
    u8 head[UNIT];
    copy_out(s, at, head, UNIT);
    *status = (struct e1000_rx_status){ get_le16(head), get_le16(head + 2), get_le16(head + 4), head[6], head[7] };
    return status->len && status->len <= E1000_FRAME_MAX && units_for(status->len) <= left;
}

bool e1000_fifo_peek(struct e1000 *s, struct e1000_rx_status *status)
{
    check_pointers(s);
    if (used(s) == 0)
        return false;
    if (read_head(s, s->rx_head, used(s), status))
        return true;
    log_guest(s->log, s->pci.name, "the packet buffer was overwritten: what it held is lost");
    e1000_fifo_reset(s);
    return false;
}

void e1000_fifo_pop(struct e1000 *s, const struct e1000_rx_status *status, u8 *frame)
{
    copy_out(s, (s->rx_head + 1) % units(s), frame, status->len);
    s->rx_head = (u16)((s->rx_head + units_for(status->len)) % units(s));
}

/* ---- registers ---- */

u32 e1000_read_rdfh(struct e1000 *s)
{
    return s->rx_head;
}

u32 e1000_read_rdft(struct e1000 *s)
{
    return s->rx_tail;
}

/* Frames in the buffer; the walk ends at the first thing that is none. */
u32 e1000_read_rdfpc(struct e1000 *s)
{
    struct e1000_rx_status status;
    u32 n = 0;
    check_pointers(s);
    unsigned at = s->rx_head, left = used(s);
    while (left && read_head(s, at, left, &status)) {
        at = (at + units_for(status.len)) % units(s);
        left -= units_for(status.len);
        n++;
    }
    return n;
}

void e1000_write_rdfh(struct e1000 *s, u32 value)
{
    s->rx_head = (u16)(value & FIFO_POINTER);
    check_pointers(s);
}

void e1000_write_rdft(struct e1000 *s, u32 value)
{
    s->rx_tail = (u16)(value & FIFO_POINTER);
    check_pointers(s);
}

/* The transmitter gets what the receiver leaves of 64 KiB. */
void e1000_write_pba(struct e1000 *s, u32 value)
{
    u32 rxa = value & RXA_MASK;
    rxa = rxa > RXA_MAX ? RXA_MAX : rxa;
    s->reg[R_PBA] = (RXA_MAX - rxa) << 16 | rxa;
    e1000_fifo_reset(s);
    e1000_rx_wake(s);
}
