/* e1000_tx.c: the transmitter of the 82540EM: it walks along the descriptor ring, puts frames together, cuts large
 * packets into segments, and sends at the wire's speed: one frame a step of its timer. Software Developer's Manual,
 * sections 3.3 to 3.5. A step does bounded work, whatever the ring holds: it reads a few descriptors and one frame.
 * Not modelled: collisions and half duplex's back-off, descriptor prefetch and write-back thresholds (a descriptor is
 * read when its turn comes and written back at once), sending PAUSE frames. */
#include "e1000_regs.h"

#define STEP_DESCRIPTORS 64        /* in one step without a frame */
#define FETCH_NS 1000u             /* from a write of the tail to the first descriptor's arrival */
#define STEP_NS 1000u              /* between two steps that sent nothing */
#define ROOM (E1000_FRAME_MAX - 8) /* of a frame, before a tag is inserted */

/* Legacy and data descriptors, 3.3.3 and 3.3.7. */
#define TXD_LENGTH 8
#define TXD_CSO 10
#define TXD_CMD 11
#define TXD_STATUS 12
#define TXD_CSS 13 /* POPTS in a data descriptor */
#define TXD_SPECIAL 14
#define DATA_LENGTH 0xfffffu
#define DTYP_SHIFT 20
#define DTYP_CONTEXT 0u
#define DTYP_DATA 1u
#define CMD_EOP BIT(0)
#define CMD_IFCS BIT(1)
#define CMD_IC BIT(2)  /* legacy: insert a checksum */
#define CMD_TSE BIT(2) /* data: segment */
#define CMD_RS BIT(3)
#define CMD_RPS BIT(4)
#define CMD_DEXT BIT(5)
#define CMD_VLE BIT(6)
#define CMD_IDE BIT(7)
#define STATUS_DD BIT(0)

bool e1000_loopback(const struct e1000 *s)
{
    return e1000_phy_loopback(s) || (s->reg[R_RCTL] >> RCTL_LBM_SHIFT & 3) == LBM_MAC;
}

static u8 command(const struct e1000 *s)
{
    return s->tx.descriptor[TXD_CMD];
}

/* ---- on the wire ---- */

static void transmit(struct e1000 *s, const u8 *frame, size_t len)
{
    u64 now = clock_now(s->clock);
    s->tx_free_at = now + e1000_wire_ns(s, len);
    if (len < ETH_HEADER) {
        log_guest(s->log, s->pci.name, "a frame of %zu bytes is not sent", len);
        return;
    }
    e1000_count_tx(s, frame, len);
    if (e1000_loopback(s)) {
        e1000_receive(s, frame, len);
    } else if (s->net.send) {
        s->net.send(s->net.self, now, frame, len);
        e1000_rx_wake(s);
    }
}

static size_t insert_vlan(struct e1000 *s, u8 *frame, size_t len)
{
    if (!(command(s) & CMD_VLE) || !(s->reg[R_CTRL] & CTRL_VME) || len < ETH_TYPE)
        return len;
    memmove(frame + ETH_TYPE + VLAN_TAG, frame + ETH_TYPE, len - ETH_TYPE);
    put_be16(frame + ETH_TYPE, (u16)s->reg[R_VET]);
    put_be16(frame + ETH_HEADER, get_le16(s->tx.descriptor + TXD_SPECIAL));
    return len + VLAN_TAG;
}

/* Without IFCS the frame's last four bytes are its CRC. Short frames are padded by TCTL.PSP. */
static size_t finish_length(struct e1000 *s, u8 *frame, size_t len)
{
    if (!(command(s) & CMD_IFCS) && !s->tx.segmenting)
        len -= len < ETH_CRC ? len : ETH_CRC;
    if (len < ETH_MIN && s->reg[R_TCTL] & TCTL_PSP) {
        memset(frame + len, 0, ETH_MIN - len);
        len = ETH_MIN;
    }
    return len;
}

static void insert_checksums(struct e1000 *s, u8 *frame, size_t len)
{
    const u8 *d = s->tx.descriptor;
    if (!(command(s) & CMD_DEXT)) {
        if (command(s) & CMD_IC)
            e1000_legacy_checksum(frame, len, d[TXD_CSS], d[TXD_CSO]);
        return;
    }
    e1000_insert_checksums(&s->tx.current, s->tx.options, frame, len);
}

/* What is in tx.frame goes out. */
static void emit(struct e1000 *s, bool last)
{
    struct e1000_tx *t = &s->tx;
    if (t->segmenting) {
        if (t->segments == 0)
            memcpy(t->header, t->frame, t->current.header_len);
        e1000_fix_segment(&t->current, t->frame, t->used, t->segments, last);
        t->segments++;
    }
    insert_checksums(s, t->frame, t->used);
    size_t len = insert_vlan(s, t->frame, t->used);
    transmit(s, t->frame, finish_length(s, t->frame, len));
    t->used = 0;
}

/* ---- descriptors ---- */

static u32 ring_size(const struct e1000 *s)
{
    return s->reg[R_TDLEN] / RING_DESCRIPTOR;
}

static u32 pending(struct e1000 *s)
{
    u32 size = ring_size(s), head = s->reg[R_TDH], tail = s->reg[R_TDT];
    if (head < size && tail < size)
        return (tail + size - head) % size;
    if (head != tail)
        log_guest(s->log, s->pci.name, "TDH %u or TDT %u is outside the ring of %u", head, tail, size);
    return 0;
}

static u64 descriptor_address(const struct e1000 *s)
{
    return (s->reg[R_TDBAL] | (u64)s->reg[R_TDBAH] << 32) + (u64)s->reg[R_TDH] * RING_DESCRIPTOR;
}

/* The head moves on; what was asked for is reported. */
static void complete(struct e1000 *s)
{
    u8 cmd = command(s);
    if (cmd & (CMD_RS | CMD_RPS)) {
        u8 status = s->tx.descriptor[TXD_STATUS] | STATUS_DD;
        dma_write(&s->pci.dma, descriptor_address(s) + TXD_STATUS, &status, 1);
    }
    s->tx.busy = false;
    if (s->reg[R_TDH] < ring_size(s))
        s->reg[R_TDH] = (s->reg[R_TDH] + 1) % ring_size(s);
    if (cmd & (CMD_RS | CMD_RPS))
        e1000_tx_cause(s, cmd & CMD_IDE);
    u32 left = pending(s), low = 8 * (s->reg[R_TXDCTL] >> TXDCTL_LWTHRESH_SHIFT);
    if (left == 0)
        e1000_cause(s, INT_TXQE);
    if (low && left == low)
        e1000_cause(s, INT_TXD_LOW);
}

static void take_context(struct e1000 *s)
{
    struct e1000_context c = e1000_context_read(s->tx.descriptor);
    if (!(c.tucmd & TUCMD_TSE)) {
        s->tx.checksum = c;
        return;
    }
    s->tx.segment = c;
    e1000_count(s, R_TSCTC);
}

/* Segments that get ahead, and that the frame's buffer holds. */
static bool segments_fit(const struct e1000_context *c)
{
    return c->mss && c->header_len && (u32)c->header_len + c->mss <= ROOM;
}

/* Bytes that a frame of the present packet can have. */
static u32 frame_limit(const struct e1000_tx *t)
{
    return t->segmenting ? (u32)t->current.header_len + t->current.mss : ROOM;
}

/* A packet's first descriptor says what is to be done with all of it. */
static void begin_packet(struct e1000 *s)
{
    struct e1000_tx *t = &s->tx;
    bool data = command(s) & CMD_DEXT;
    t->in_packet = true;
    t->too_long = false;
    t->used = t->segments = 0;
    t->options = data ? t->descriptor[TXD_CSS] : 0;
    t->segmenting = data && command(s) & CMD_TSE;
    t->current = t->segmenting ? t->segment : t->checksum;
    if (!t->segmenting || segments_fit(&t->current))
        return;
    log_guest(s->log, s->pci.name, "segments of %u bytes after a header of %u are not sent", t->current.mss,
              t->current.header_len);
    e1000_count(s, R_TSCTFC);
    t->segmenting = false;
    t->too_long = true;
}

bool e1000_tx_state_ok(const struct e1000 *s)
{
    const struct e1000_tx *t = &s->tx;
    return t->used <= frame_limit(t) && (!t->segmenting || segments_fit(&t->current));
}

/* The next descriptor; false: there is none. */
static bool fetch(struct e1000 *s)
{
    struct e1000_tx *t = &s->tx;
    if (pending(s) == 0)
        return false;
    dma_read(&s->pci.dma, descriptor_address(s), t->descriptor, sizeof t->descriptor);
    u32 length = get_le32(t->descriptor + TXD_LENGTH), type = length >> DTYP_SHIFT & 15;
    if (command(s) & CMD_DEXT && type == DTYP_CONTEXT) {
        take_context(s);
        complete(s);
        return true;
    }
    if (command(s) & CMD_DEXT && type != DTYP_DATA)
        log_guest(s->log, s->pci.name, "transmit descriptor of type %u", type);
    t->busy = true;
    t->addr = get_le64(t->descriptor);
    t->left = command(s) & CMD_DEXT ? length & DATA_LENGTH : length & 0xffff;
    if (!t->in_packet)
        begin_packet(s);
    return true;
}

/* ---- putting frames together ---- */

/* Reads as much of the descriptor's buffer as the frame takes. */
static void gather(struct e1000 *s)
{
    struct e1000_tx *t = &s->tx;
    u32 room = frame_limit(t) - t->used, n = t->left < room ? t->left : room;
    if (t->too_long) {
        t->left = 0;
        return;
    }
    dma_read(&s->pci.dma, t->addr, t->frame + t->used, n);
    t->used = (u16)(t->used + n);
    t->addr += n;
    t->left -= n;
    if (t->left && !t->segmenting) {
        log_guest(s->log, s->pci.name, "a frame of more than %u bytes is not sent", ROOM);
        t->too_long = true;
        t->left = 0;
    }
}

/* The end of a packet. True: a frame went out. */
static bool end_packet(struct e1000 *s)
{
    bool send = !s->tx.too_long && s->tx.used;
    if (send)
        emit(s, true);
    s->tx.in_packet = false;
    complete(s);
    return send;
}

/* The next segment begins with the packet's header. */
static void start_segment(struct e1000_tx *t)
{
    memcpy(t->frame, t->header, t->current.header_len);
    t->used = t->current.header_len;
}

/* One descriptor, or one frame. True: a frame went out. */
static bool advance(struct e1000 *s)
{
    struct e1000_tx *t = &s->tx;
    gather(s);
    if (t->left == 0 && command(s) & CMD_EOP)
        return end_packet(s);
    if (t->left == 0) {
        complete(s);
        return false;
    }
    emit(s, false);
    start_segment(t);
    return true;
}

static bool may_run(const struct e1000 *s)
{
    return s->reg[R_TCTL] & TCTL_EN && pci_bus_master(&s->pci) && (e1000_link_up(s) || e1000_loopback(s));
}

/* When the wire takes the next frame. */
static u64 free_at(const struct e1000 *s)
{
    return s->tx_free_at > s->tx_paused_until ? s->tx_free_at : s->tx_paused_until;
}

void e1000_tx_timer(void *self)
{
    struct e1000 *s = self;
    u64 now = clock_now(s->clock);
    if (!may_run(s))
        return;
    if (now < free_at(s)) {
        timer_set(&s->tx_timer, free_at(s));
        return;
    }
    for (unsigned i = 0; i < STEP_DESCRIPTORS; i++) {
        if (!s->tx.busy && !fetch(s))
            return;
        if (s->tx.busy && advance(s)) {
            timer_set(&s->tx_timer, free_at(s));
            return;
        }
    }
    timer_set(&s->tx_timer, now + STEP_NS);
}

void e1000_tx_wake(struct e1000 *s)
{
    u64 at = clock_now(s->clock) + FETCH_NS;
    at = at > free_at(s) ? at : free_at(s);
    if (may_run(s) && !timer_running(&s->tx_timer))
        timer_set(&s->tx_timer, at);
}

void e1000_tx_reset(struct e1000 *s)
{
    s->tx = (struct e1000_tx){ 0 };
    s->tx_free_at = s->tx_paused_until = 0;
    timer_stop(&s->tx_timer);
}

/* ---- registers ---- */

void e1000_write_tx_kick(struct e1000 *s, u32 value)
{
    (void)value;
    e1000_tx_wake(s);
}

/* Only after a reset, by the manual; what was being read is forgotten. */
void e1000_write_tdh(struct e1000 *s, u32 value)
{
    (void)value;
    s->tx.busy = s->tx.in_packet = false;
    e1000_tx_wake(s);
}
