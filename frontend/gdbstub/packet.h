/* packet.h: the framing of GDB's remote protocol (GDB manual, E.1): $data#checksum, acknowledged by + or -, with
 * escapes; and what goes the other way. Knows nothing of what the packets mean. */
#ifndef PCEMU_GDB_PACKET_H
#define PCEMU_GDB_PACKET_H

#include "base.h"

/* The longest packet that is taken, without framing; said to GDB as PacketSize. */
#define PACKET_MAX 0x4000

enum packet_event {
    PACKET_NOTHING,
    PACKET_READY,     /* p->data, p->len: escapes undone, ended by a 0 that does not count */
    PACKET_INTERRUPT, /* Ctrl-C */
};

struct packet_link {
    enum { PACKET_OUTSIDE, PACKET_INSIDE, PACKET_ESCAPED, PACKET_SUM1, PACKET_SUM2 } state;
    u8 data[PACKET_MAX + 1];
    size_t len;
    u8 sum, sum_said;
    bool too_long;
    bool no_ack; /* QStartNoAckMode: neither side acknowledges */

    /* What was not sent yet, and the last packet of it, to be sent again when asked for. */
    u8 *out;
    size_t out_len, out_room, last_at;
    u8 *last;
    size_t last_len;
    bool broken; /* the host has no memory: close the connection */
};

/* For a new connection. */
void packet_reset(struct packet_link *p);
void packet_free(struct packet_link *p);
/* The next byte from GDB. */
enum packet_event packet_feed(struct packet_link *p, u8 byte);

/* One packet out: begin, append as text or bytes, end. */
void packet_begin(struct packet_link *p);
void packet_text(struct packet_link *p, const char *text);
void packet_format(struct packet_link *p, const char *format, ...) PRINTF_LIKE(2, 3);
void packet_bytes(struct packet_link *p, const void *data, size_t len); /* binary: escaped */
void packet_hex(struct packet_link *p, const void *data, size_t len);   /* two digits a byte */
void packet_end(struct packet_link *p);
/* A packet of this text. */
void packet_send(struct packet_link *p, const char *text);
/* Forgets the first `n` bytes of p->out: they were sent. */
void packet_sent(struct packet_link *p, size_t n);

/* The value of a hexadecimal digit, -1: it is none. */
int packet_digit(u8 c);
/* Reads pairs of digits: exactly `len` bytes. False: there are not that many. */
bool packet_unhex(const char *text, u8 *data, size_t len);

#endif
