/* ps2_keyboard.h: a 101/102/104-key PS/2 keyboard at the far end of the keyboard controller's wire.
 *
 * The front end presses keys (keys.h); the keyboard repeats them by itself, so the host's own repeats are ignored.
 * Bytes for the controller wait in two queues, replies to commands before scan codes; the controller takes them at its
 * own pace and is told through `ready` that there is something. */
#ifndef PCEMU_PS2_KEYBOARD_H
#define PCEMU_PS2_KEYBOARD_H

#include "clock.h"
#include "keys.h"
#include "log.h"
#include "ps2_queue.h"
#include "state.h"

#define PS2_SCAN_CODES 256

struct ps2_keyboard {
    /* wiring */
    struct log *log;
    struct clock *clock;
    struct timer bat_timer, repeat_timer;
    void (*ready)(void *owner); /* bytes have come into an empty keyboard */
    void *owner;
    /* state */
    struct ps2_queue replies, scan_codes;
    bool in_sequence; /* a prefix went out: its code follows before any reply */
    u8 last_sent;     /* for Resend */
    u8 expect;        /* the command whose argument comes next, or 0 */
    bool scanning;
    u8 set; /* scan code set, 1 to 3 */
    u8 leds;
    u8 typematic;
    u8 repeating;                /* the key that repeats, or KEY_NONE */
    u8 print_form;               /* how Print Screen went down */
    u32 down[256 / 32];          /* keys held, a bit each */
    u8 key_type[PS2_SCAN_CODES]; /* set 3: what each code sends */
};

#define PS2_LED_SCROLL BIT(0)
#define PS2_LED_NUM BIT(1)
#define PS2_LED_CAPS BIT(2)

void ps2_keyboard_init(struct ps2_keyboard *s, struct clock *clock, struct log *log);
/* Power-on, with the self-test already over (its AAh came before the machine's first instruction). Held keys stay held:
 * they are the user's fingers. */
void ps2_keyboard_reset(void *self);
/* A key (enum key) goes down or up. Unknown keys are logged and ignored, and so is a key that is already there. */
void ps2_keyboard_key(struct ps2_keyboard *s, unsigned key, bool down);
/* No key that goes down or up now would be lost for want of room in the scan code queue. */
bool ps2_keyboard_ready(const struct ps2_keyboard *s);

/* For the keyboard controller. */
void ps2_keyboard_connect(struct ps2_keyboard *s, void (*ready)(void *owner), void *owner);
bool ps2_keyboard_pending(const struct ps2_keyboard *s);
/* The next byte; 0 when none is pending. */
u8 ps2_keyboard_take(struct ps2_keyboard *s);
/* True when the last byte taken was a prefix whose code is still to come. */
bool ps2_keyboard_in_sequence(const struct ps2_keyboard *s);
/* A byte from the host: a command or the argument of one. */
void ps2_keyboard_write(struct ps2_keyboard *s, u8 v);

extern const struct state_table ps2_keyboard_state;

#endif
