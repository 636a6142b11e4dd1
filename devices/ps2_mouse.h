/* ps2_mouse.h: a PS/2 mouse with a wheel and five buttons at the far end of the auxiliary wire.
 *
 * The front end moves it; the mouse samples by itself. Bytes for the controller wait in a queue; the controller takes
 * them at its own pace and is told through `ready` that there is something. */
#ifndef PCEMU_PS2_MOUSE_H
#define PCEMU_PS2_MOUSE_H

#include "clock.h"
#include "log.h"
#include "ps2_queue.h"
#include "state.h"

#define PS2_MOUSE_LEFT BIT(0)
#define PS2_MOUSE_RIGHT BIT(1)
#define PS2_MOUSE_MIDDLE BIT(2)
#define PS2_MOUSE_BACK BIT(3)
#define PS2_MOUSE_FORWARD BIT(4)
#define PS2_MOUSE_BUTTONS 0x1f

/* What Read Device Type answers; the guest chooses by a knock of three sample rates. */
enum ps2_mouse_type { PS2_MOUSE_PLAIN = 0, PS2_MOUSE_WHEEL = 3, PS2_MOUSE_EXPLORER = 4 };

#define PS2_MOUSE_KNOCK 3       /* sample rates */
#define PS2_MOUSE_ANSWER_MAX 4u /* bytes: a packet with a wheel, the acknowledgement with a status */

struct ps2_mouse {
    /* wiring */
    struct log *log;
    struct clock *clock;
    struct timer bat_timer;
    struct timer sample_timer;  /* the next sample; runs on for one after the last packet */
    void (*ready)(void *owner); /* bytes have come into an empty mouse */
    void *owner;
    /* state */
    struct ps2_queue out;
    u8 last[PS2_MOUSE_ANSWER_MAX]; /* the last answer or packet, for Resend… */
    u8 last_len;
    u8 expect;    /* the command whose argument comes next, or 0 */
    bool refused; /* the last byte was refused: a second one is an error */
    bool reporting, remote, wrap, scale_2_1;
    u8 type; /* enum ps2_mouse_type */
    u8 rate; /* samples a second */
    u8 resolution;
    u8 knock[PS2_MOUSE_KNOCK]; /* sample rates set before, latest last */
    s16 dx, dy, dz;            /* counters: right, down, wheel towards the user */
    u8 buttons;                /* held now */
    u8 reported;               /* held as the host knows it */
};

void ps2_mouse_init(struct ps2_mouse *s, struct clock *clock, struct log *log);
/* Power-on, with the self-test already over. Buttons held stay held: they are the user's fingers. */
void ps2_mouse_reset(void *self);
/* The user moves it: counts to the right, towards the user, notches of the wheel towards the user; and holds `buttons`
 * (PS2_MOUSE_LEFT …). A front end that waits for ps2_mouse_ready() loses no click. */
void ps2_mouse_move(struct ps2_mouse *s, int dx, int dy, int dz, unsigned buttons);
/* Makes the mouse send a packet, of one count to the right: a sign to a driver that gets its motion elsewhere. */
void ps2_mouse_nudge(struct ps2_mouse *s);
/* Buttons that change now will be seen: the host has got the last change, or wants none. */
bool ps2_mouse_ready(const struct ps2_mouse *s);

/* For the keyboard controller. */
void ps2_mouse_connect(struct ps2_mouse *s, void (*ready)(void *owner), void *owner);
bool ps2_mouse_pending(const struct ps2_mouse *s);
/* The next byte; 0 when none is pending. */
u8 ps2_mouse_take(struct ps2_mouse *s);
/* A byte from the host: a command or the argument of one. */
void ps2_mouse_write(struct ps2_mouse *s, u8 v);

extern const struct state_table ps2_mouse_state;

#endif
