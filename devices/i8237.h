/* i8237.h: the PC/AT's two DMA controllers with their page registers: channels 0 to 3 move bytes, 5 to 7 words, channel
 * 4 carries the first controller's requests. A transfer takes no virtual time: it happens when a chip raises its DREQ,
 * or when the guest lets a channel go on whose DREQ is up. */
#ifndef PCEMU_I8237_H
#define PCEMU_I8237_H

#include "dma.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define DMAC_CHANNELS 4

/* What one cycle does for the chip behind a channel. */
enum dmac_cycle {
    DMAC_VERIFY, /* nothing moves: DACK and TC alone */
    DMAC_WRITE,  /* the chip gives *data, memory is written */
    DMAC_READ,   /* the chip takes *data, which was read from memory */
};

/* A chip behind a channel. It asks by its DREQ line, dmac_dreq(). */
struct dmac_client {
    /* One cycle with DACK; channels 0 to 3 use the low byte of *data. `tc`: terminal count, this cycle is the last. To
     * stop a transfer in demand mode the chip lowers its DREQ within the call. */
    void (*cycle)(void *self, enum dmac_cycle kind, u16 *data, bool tc);
    void *self; /* NULL cycle: nobody is there, reads give FF */
};

struct i8237_channel {
    /* wiring */
    struct dmac_client client;
    /* state */
    u16 base_address, base_count;
    u16 address, count;
    u8 mode;
    u8 page; /* physical address bits 23:16 (words: 23:17) */
};

struct i8237 {
    /* wiring */
    struct region chan_io;   /* "dma-chan": addresses and counts, 8 registers */
    struct region cont_io;   /* "dma-cont": 8 registers */
    struct region page_low;  /* "dma-page": 3 bytes, at the page base + 1 */
    struct region page_high; /* "dma-page": 1 byte, at the page base + 7 */
    struct i8237_pair *pair;
    unsigned shift; /* 1: 16-bit channels, and a register every second port */
    /* state */
    struct i8237_channel channel[DMAC_CHANNELS];
    u8 command;
    u8 request; /* software requests, bit n: channel n */
    u8 dreq;    /* levels of the DREQ pins */
    u8 mask;
    u8 reached; /* status: channels that have reached terminal count */
    u8 temp;
    u8 next; /* rotating priority: the channel that comes first */
    bool flip_flop;
};

struct i8237_pair {
    /* wiring */
    struct dma dma;
    struct log *log;
    /* state */
    struct i8237 chip[2]; /* [0]: channels 0 to 3; [1]: 4 to 7 */
    /* while a transfer runs */
    bool busy;
};

/* Makes both controllers; their regions are not placed. */
void dmac_init(struct i8237_pair *p, struct dma dma, struct log *log);
/* The RESET pin. */
void dmac_reset(void *self);
/* Puts a chip behind channel 0 … 7 (not 4). */
void dmac_connect(struct i8237_pair *p, unsigned channel, const struct dmac_client *client);
/* The DREQ pin of a channel. */
struct irq_line dmac_dreq(struct i8237_pair *p, unsigned channel);

extern const struct state_table i8237_state;

#endif
