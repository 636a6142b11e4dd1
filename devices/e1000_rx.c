/* e1000_rx.c: the receiver of the 82540EM: frames come off the wire one after another, at the wire's speed, pass the
 * filters, wait in the packet buffer, and go to memory where the descriptor ring says. Software Developer's Manual,
 * section 3.2.
 * Not modelled: frames with errors (none come), descriptor prefetch and write-back thresholds (a descriptor is read
 * when it is used and written at once). */
#include "e1000_regs.h"

#define NET_ASK_MIN_NS 1000u /* a network is not asked more often */
#define PAUSE_TYPE 0x8808u
#define PAUSE_OPCODE 0x0001u
#define PAUSE_QUANTUM_BITS 512u

/* Receive descriptor, 3.2.3. */
#define RXD_LENGTH 8
#define RXD_CHECKSUM 10
#define RXD_STATUS 12
#define RXD_ERRORS 13
#define RXD_SPECIAL 14

/* ---- the descriptor ring ---- */

static u32 ring_size(const struct e1000 *s)
{
    return s->reg[R_RDLEN] / RING_DESCRIPTOR;
}

/* Descriptors that belong to the card. A tail outside the ring is never reached: all do. */
static u32 available(struct e1000 *s)
{
    u32 size = ring_size(s), head = s->reg[R_RDH], tail = s->reg[R_RDT];
    if (size == 0 || head >= size) {
        if (size)
            log_guest(s->log, s->pci.name, "RDH %u is outside the ring of %u", head, size);
        return 0;
    }
    return tail < size ? (tail + size - head) % size : size;
}

static u32 buffer_size(const struct e1000 *s)
{
    u32 rctl = s->reg[R_RCTL], bytes = 2048u >> (rctl >> RCTL_BSIZE_SHIFT & 3);
    return rctl & RCTL_BSEX ? 16 * bytes : bytes;
}

/* Writes one descriptor back; its address field stays. */
static void write_back(struct e1000 *s, u64 at, u16 len, const struct e1000_rx_status *r, bool end)
{
    u8 d[RING_DESCRIPTOR] = { 0 };
    put_le16(d + RXD_LENGTH, len);
    d[RXD_STATUS] = RXD_DD;
    if (end) {
        put_le16(d + RXD_CHECKSUM, r->checksum);
        put_le16(d + RXD_SPECIAL, r->special);
        d[RXD_STATUS] |= r->status | RXD_EOP;
        d[RXD_ERRORS] = r->errors;
    }
    dma_write(&s->pci.dma, at + RXD_LENGTH, d + RXD_LENGTH, RING_DESCRIPTOR - RXD_LENGTH);
}

/* Fills the next descriptor with what is left of a frame; returns the bytes that went into it. A descriptor without a
 * buffer takes nothing. */
static u32 fill_descriptor(struct e1000 *s, const u8 *data, u32 left, const struct e1000_rx_status *r)
{
    u64 base = s->reg[R_RDBAL] | (u64)s->reg[R_RDBAH] << 32, at = base + (u64)s->reg[R_RDH] * RING_DESCRIPTOR;
    u8 address[8];
    dma_read(&s->pci.dma, at, address, sizeof address);
    u64 to = get_le64(address);
    u32 n = !to ? 0 : left < buffer_size(s) ? left : buffer_size(s);
    if (n)
        dma_write(&s->pci.dma, to, data, n);
    write_back(s, at, (u16)n, r, n == left);
    s->reg[R_RDH] = (s->reg[R_RDH] + 1) % ring_size(s);
    return n;
}

/* One frame goes to memory. The ring may hold descriptors without buffers: what does not fit then is lost. */
static void store_frame(struct e1000 *s, const u8 *frame, const struct e1000_rx_status *r, u32 descriptors)
{
    u32 done = 0;
    while (done < r->len && descriptors-- > 0)
        done += fill_descriptor(s, frame + done, r->len - done, r);
    if (s->reg[R_RSRPD] && r->len <= s->reg[R_RSRPD])
        e1000_cause(s, INT_SRPD);
    if (available(s) <= ring_size(s) >> ((s->reg[R_RCTL] >> RCTL_RDMTS_SHIFT & 3) + 1))
        e1000_cause(s, INT_RXDMT0);
    e1000_rx_cause(s);
}

/* Moves what waits in the packet buffer to memory, as far as there are descriptors. */
static void drain(struct e1000 *s)
{
    struct e1000_rx_status r;
    u8 frame[E1000_FRAME_MAX];
    while (s->reg[R_RCTL] & RCTL_EN && ring_size(s) && pci_bus_master(&s->pci) && e1000_fifo_peek(s, &r)) {
        u32 free = available(s), need = (r.len + buffer_size(s) - 1) / buffer_size(s);
        bool never = need >= ring_size(s) && free + 1 >= ring_size(s);
        if (free < need && !never)
            return;
        e1000_fifo_pop(s, &r, frame);
        if (never)
            log_guest(s->log, s->pci.name, "a frame of %u bytes does not fit into the ring", r.len);
        else
            store_frame(s, frame, &r, free);
    }
}

/* ---- off the wire ---- */

/* PAUSE frames (IEEE 802.3, annex 31B) hold the transmitter; true: software does not get to see it. */
static bool is_pause(struct e1000 *s, const u8 *frame)
{
    static const u8 group[ETH_ADDRESS] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };
    if (get_be16(frame + ETH_TYPE) != PAUSE_TYPE || memcmp(frame, group, ETH_ADDRESS) != 0)
        return false;
    u16 quanta = get_be16(frame + ETH_HEADER + 2);
    if (!(s->reg[R_CTRL] & CTRL_RFCE) || get_be16(frame + ETH_HEADER) != PAUSE_OPCODE) {
        e1000_count(s, R_FCRUC);
    } else {
        e1000_count(s, quanta ? R_XOFFRXC : R_XONRXC);
        u64 bit_ps = e1000_wire_ns(s, 1000 - ETH_CRC - ETH_OVERHEAD) / 8; /* of a thousand bytes: ps a bit */
        s->tx_paused_until = clock_now(s->clock) + quanta * (u64)PAUSE_QUANTUM_BITS * bit_ps / 1000;
        e1000_tx_wake(s);
    }
    return !(s->reg[R_RCTL] & RCTL_PMCF) || s->reg[R_RCTL] & RCTL_DPF;
}

static bool is_too_long(struct e1000 *s, size_t len)
{
    bool ok = len <= ETH_MAX || (s->reg[R_RCTL] & (RCTL_LPE | RCTL_SBP) && len + ETH_CRC <= E1000_FRAME_MAX);
    if (!ok)
        e1000_count(s, R_ROC);
    return !ok;
}

/* Takes the tag out of the frame, into the descriptor. */
static size_t strip_vlan(struct e1000 *s, u8 *frame, size_t len, struct e1000_rx_status *r)
{
    if (!(s->reg[R_CTRL] & CTRL_VME) || !e1000_is_vlan(s, frame, len))
        return len;
    r->special = get_be16(frame + ETH_HEADER);
    r->status |= RXD_VP;
    memmove(frame + ETH_TYPE, frame + ETH_TYPE + VLAN_TAG, len - ETH_TYPE - VLAN_TAG);
    return len - VLAN_TAG;
}

/* A frame that was accepted goes into the packet buffer. */
static void keep(struct e1000 *s, u8 *frame, size_t len, enum e1000_verdict verdict)
{
    struct e1000_rx_status r = { .status = verdict == E1000_INEXACT ? RXD_PIF : 0 };
    u32 crc = s->reg[R_RCTL] & RCTL_SECRC ? 0 : e1000_crc(frame, len);
    size_t stored = strip_vlan(s, frame, len, &r);
    e1000_check_received(s, frame, stored, &r);
    if (!(s->reg[R_RCTL] & RCTL_SECRC)) {
        put_le32(frame + stored, crc);
        stored += ETH_CRC;
    }
    r.len = (u16)stored;
    if (available(s) == 0)
        e1000_count(s, R_RNBC);
    if (!e1000_fifo_push(s, &r, frame)) {
        e1000_count(s, R_MPC);
        e1000_cause(s, INT_RXO);
    }
}

void e1000_receive(struct e1000 *s, const u8 *frame, size_t len)
{
    u8 copy[E1000_FRAME_MAX] = { 0 };
    if (!(s->reg[R_RCTL] & RCTL_EN) || len < ETH_HEADER)
        return;
    size_t padded = len < ETH_MIN ? ETH_MIN : len;
    e1000_count_rx_total(s, padded);
    if (is_too_long(s, padded))
        return;
    memcpy(copy, frame, len);
    enum e1000_verdict verdict = e1000_filter(s, copy, padded);
    if (is_pause(s, copy) || verdict == E1000_REJECT)
        return;
    e1000_count_rx_good(s, copy, padded);
    keep(s, copy, padded, verdict);
    drain(s);
}

/* ---- asking the network ---- */

/* The next frame has come; false: none yet. */
static bool fetch(struct e1000 *s, u64 now)
{
    u8 frame[E1000_FRAME_MAX];
    u64 again = CLOCK_NEVER;
    size_t len = s->net.receive(s->net.self, now, frame, sizeof frame, &again);
    if (!len) {
        s->net_again = again > now + NET_ASK_MIN_NS ? again : now + NET_ASK_MIN_NS;
        return false;
    }
    s->rx_free_at = now + e1000_wire_ns(s, len);
    if (e1000_link_up(s) && !e1000_loopback(s))
        e1000_receive(s, frame, len);
    return true;
}

/* Frames that software does not take wait at the other end of the wire, once the packet buffer is full. */
static bool must_wait(struct e1000 *s)
{
    struct e1000_rx_status r;
    return !e1000_fifo_has_room(s, ETH_MAX + ETH_CRC) && e1000_fifo_peek(s, &r);
}

void e1000_rx_timer(void *self)
{
    struct e1000 *s = self;
    u64 now = clock_now(s->clock);
    drain(s);
    if (!s->net.receive || must_wait(s))
        return;
    if (now >= s->rx_free_at && (!fetch(s, now))) {
        timer_set(&s->rx_timer, s->net_again);
        return;
    }
    timer_set(&s->rx_timer, s->rx_free_at);
}

void e1000_rx_wake(struct e1000 *s)
{
    u64 now = clock_now(s->clock), at = now > s->rx_free_at ? now : s->rx_free_at;
    if (!timer_running(&s->rx_timer) || s->rx_timer.deadline > at)
        timer_set(&s->rx_timer, at);
}

/* ---- registers ---- */

void e1000_write_rctl(struct e1000 *s, u32 value)
{
    (void)value;
    e1000_rx_wake(s);
}

void e1000_write_rdt(struct e1000 *s, u32 value)
{
    struct e1000_rx_status r;
    (void)value;
    if (e1000_fifo_peek(s, &r))
        e1000_rx_wake(s);
}
