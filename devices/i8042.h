/* i8042.h: the PC's keyboard controller, with a keyboard on its first port and a mouse on its second.
 *
 *     ps2_keyboard_init(&m->keyboard, &m->clock, &m->log);
 *     ps2_mouse_init(&m->mouse, &m->clock, &m->log);
 *     i8042_init(&m->i8042, &m->clock, &m->log, &m->keyboard, &m->mouse, &wires);
 */
#ifndef PCEMU_I8042_H
#define PCEMU_I8042_H

#include "clock.h"
#include "irq.h"
#include "log.h"
#include "ps2_keyboard.h"
#include "ps2_mouse.h"
#include "region.h"
#include "state.h"

#define I8042_RAM 32
#define I8042_PASSWORD 16
#define I8042_DUMP_CODES 57
#define I8042_INPUT_PORT 0x80 /* the keyboard is not locked */

struct i8042_wires {
    struct irq_line irq1, irq12;
    struct irq_line a20;   /* set at every write of the output port, changed or not; not by reset */
    struct irq_line reset; /* pulsed: the output port's bit 0 (active low) went low */
};

struct i8042 {
    /* wiring */
    struct region data_io; /* "i8042-data", 1 byte */
    struct region cmd_io;  /* "i8042-cmd", 1 byte */
    struct clock *clock;
    struct log *log;
    struct ps2_keyboard *keyboard;
    struct ps2_mouse *mouse;
    struct i8042_wires wires;
    struct timer keyboard_timer; /* a byte from the keyboard has come over the wire */
    struct timer aux_timer;      /* one from the mouse has */
    struct timer a20_timer;      /* the pulse of A20 ends */
    /* state */
    u8 ram[I8042_RAM];    /* ram[0] is the command byte */
    u8 status;            /* OBF, command/data, AUX OBF, time-out */
    u8 output;            /* output buffer */
    u8 waiting;           /* a reply that found the output buffer full… */
    u8 waiting_status;    /* …and its status bits, or 0 */
    u8 expect;            /* command whose data byte comes next, or 0 */
    u8 output_port;       /* bits 0 and 1: reset (active low), A20 */
    bool translate_break; /* F0h of set 2 seen */
    u8 polled;            /* the command (C1h, C2h) whose half of the input port the status register shows, or 0 */
    u8 dump_left;         /* scan codes of a diagnostic dump still to come */
    u8 password[I8042_PASSWORD], password_len, password_at;
    bool locked; /* until the password has been typed */
};

/* `keyboard`, `mouse`: not owned. The command byte starts as 03h: both interrupts on, no translation. */
void i8042_init(struct i8042 *s, struct clock *clock, struct log *log, struct ps2_keyboard *keyboard,
                struct ps2_mouse *mouse, const struct i8042_wires *wires);
void i8042_reset(void *self);

/* i8042_security.c. The answer to "test password"; a byte of a password (false: it was the last); what the system gets
 * when it is enabled, or 0; a make or break code comes while it is; a dump's next code, while dump_left says that there
 * is one. */
u8 i8042_test_password(const struct i8042 *s);
bool i8042_load_password(struct i8042 *s, u8 code);
u8 i8042_enable_password(struct i8042 *s);
u8 i8042_typed(struct i8042 *s, u8 code);
void i8042_start_dump(struct i8042 *s);
u8 i8042_next_dumped(struct i8042 *s);

extern const struct state_table i8042_state;

#endif
