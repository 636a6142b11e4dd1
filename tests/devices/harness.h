/* harness.h: a bench for one chip: a clock moved by hand, recorded interrupt lines, 1 MiB of memory for DMA. */
#ifndef PCEMU_TESTS_HARNESS_H
#define PCEMU_TESTS_HARNESS_H

#include "clock.h"
#include "dma.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define HARNESS_LINES 64
#define HARNESS_RAM (1u << 20)

struct harness {
    struct clock clock;
    u64 now; /* ns */
    struct log log;
    FILE *log_file; /* what was logged (a memory stream), see harness_logged */
    char *log_text;
    size_t log_len;
    bool irq[HARNESS_LINES];       /* present level */
    unsigned rises[HARNESS_LINES]; /* rising edges seen */
    struct dma dma;                /* to and from `ram`; outside it reads FF, writes are dropped */
    u8 *ram;
};

void harness_init(struct harness *h);
void harness_free(struct harness *h);
struct irq_line harness_irq(struct harness *h, unsigned n);
/* Moves virtual time, stopping at each deadline on the way and firing what is due. */
void harness_advance(struct harness *h, u64 ns);
/* Accesses to a device region as the bus would make them: min_size/max_size honoured. */
u64 harness_read(struct harness *h, struct region *r, u64 offset, unsigned size);
void harness_write(struct harness *h, struct region *r, u64 offset, u64 value, unsigned size);
/* `steps` seeded random accesses of any width, place and value to these regions, virtual time moving between them: for
 * the sanitizers and the chip's own assertions to find what a hostile guest would. */
void harness_fuzz(struct harness *h, struct region *const *regions, size_t count, unsigned steps);
/* True when `text` was logged since the start. */
bool harness_logged(struct harness *h, const char *text);
/* Law 4 for one device: fills every declared field with (seeded) random legal values, saves, loads into `other` (same
 * type, initialised the same way), saves again and compares the two images; fails the test on a difference. Zero-fills
 * and reloads `self`, too. */
void harness_check_state(const struct state_table *t, void *self, void *other);

#endif
