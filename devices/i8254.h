/* i8254.h: the PC's three-channel interval timer. Counter 0's OUT is IRQ 0, counter 1 once timed DRAM refresh, counter
 * 2's gate and OUT belong to port 61h (pcspk.h). All three count the same 1.193182 MHz clock, whose pulse number n
 * comes at n / 1193182 s of virtual time, rounded up to the nanosecond. */
#ifndef PCEMU_I8254_H
#define PCEMU_I8254_H

#include "clock.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define PIT_HZ 1193182u
#define PIT_COUNTERS 3

struct i8254_counter {
    /* wiring */
    struct irq_line out_line;
    /* state: programming */
    u8 rw; /* read/write format: 1 LSB, 2 MSB, 3 both */
    u8 mode;
    bool bcd;
    u16 cr; /* count register */
    bool cr_written;
    u8 lsb;                   /* first byte of a two-byte write */
    bool write_msb, read_msb; /* the second byte is next */
    bool count_latched, status_latched;
    u16 latch;
    u8 status;
    bool null_count;
    /* state: counting, in pulses of the clock since power-on */
    bool gate, out;
    bool counting;     /* the counting element is decremented by each pulse */
    u32 ce;            /* its value at pulse `at`, in binary: 0 to 65536 */
    u64 at;            /* while counting in modes 2 and 3: when it was loaded */
    u32 loaded;        /* the count it was loaded with, 0: not since the control word */
    bool armed;        /* modes 0, 1, 4, 5: reaching 0 will change OUT */
    bool load_pending; /* pulse load_at loads it */
    u64 load_at;
    bool strobe; /* modes 4, 5: OUT is low until pulse strobe_end */
    u64 strobe_end;
};

struct i8254 {
    /* wiring */
    struct region io; /* "pit", 4 bytes */
    struct clock *clock;
    struct log *log;
    struct timer timer; /* counter 0's next event */
    /* state */
    struct i8254_counter counter[PIT_COUNTERS];
};

/* `out0`: counter 0's OUT pin, to IRQ 0. */
void pit_init(struct i8254 *s, struct clock *clock, struct log *log, struct irq_line out0);
/* Power-on: no counter counts until it is programmed; all OUT pins are low; gates 0 and 1 high, gate 2 low. */
void pit_reset(void *self);
/* Sets the level of a GATE pin. */
void pit_set_gate(struct i8254 *s, unsigned counter, bool level);
/* The level of an OUT pin, now. */
bool pit_out(struct i8254 *s, unsigned counter);
/* Pulses of the clock since power-on. */
u64 pit_pulses(const struct i8254 *s);

extern const struct state_table i8254_state;

#endif
