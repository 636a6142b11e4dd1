/* ps2_keyboard.c: the microcontroller in a PS/2 keyboard: commands, scan code queue, typematic repeat.
 *
 * Reference: IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)": commands from the system,
 * buffer and overrun, typematic rates, scan code sets.
 * Modelled: every command of the reference; a queue of 16 bytes of scan codes with the overrun code in the 17th place
 * (a sequence that does not fit is left out as a whole), ahead of which go the replies to commands.
 * Not modelled: a key does not repeat into a queue that nobody reads. Who presses keys waits for room there, so that a
 * release may come later than it was done, and the repeats would be those of a key that is up. The duration of the
 * self-test is shortened from 500-750 ms to PS2_BAT_NS; scanning does not pause between a command and its argument; see
 * ps2_scancodes.c for the shift codes of the cursor keys. */
#include "ps2_keyboard.h"
#include "ps2_scancodes.h"

#define SCAN_QUEUE_LIMIT 16
#define QUARTER_SECOND_NS (NS_PER_SEC / 4)
#define TYPEMATIC_HZ 240       /* the rate formula's unit is 1/240 s */
#define TYPEMATIC_DEFAULT 0x2b /* 10.9 a second after 500 ms */
#define OVERRUN_SET1 0xff
#define OVERRUN_SET23 0x00
#define DEFAULT_SET 2

enum reply {
    REPLY_ECHO = 0xee,
    ID_FIRST = 0xab,
    ID_SECOND = 0x83,
};

enum command {
    CMD_SET_LEDS = 0xed, /* the lowest command: smaller bytes are arguments */
    CMD_ECHO = 0xee,
    CMD_SCAN_SET = 0xf0,
    CMD_READ_ID = 0xf2,
    CMD_TYPEMATIC = 0xf3,
    CMD_ENABLE = 0xf4,
    CMD_DEFAULT_DISABLE = 0xf5,
    CMD_SET_DEFAULT = 0xf6,
    CMD_ALL_TYPEMATIC = 0xf7,
    CMD_ALL_MAKE_BREAK = 0xf8,
    CMD_ALL_MAKE = 0xf9,
    CMD_ALL_TYPEMATIC_MAKE_BREAK = 0xfa,
    CMD_KEY_TYPEMATIC = 0xfb,
    CMD_KEY_MAKE_BREAK = 0xfc,
    CMD_KEY_MAKE = 0xfd,
    CMD_RESEND = 0xfe,
    CMD_RESET = 0xff,
};

/* Typematic byte: bits 6-5 the delay, (n + 1) * 250 ms. */
static u64 repeat_delay(const struct ps2_keyboard *s)
{
    return ((s->typematic >> 5 & 3) + 1u) * QUARTER_SECOND_NS;
}

/* Bits 4-3 (B) and 2-0 (A): a repeat every (8 + A) * 2^B / 240 s. */
static u64 repeat_period(const struct ps2_keyboard *s)
{
    return ((8u + (s->typematic & 7)) << (s->typematic >> 3 & 3)) * NS_PER_SEC / TYPEMATIC_HZ;
}

/* A key that rested while its codes were unread. */
static void repeat_again(struct ps2_keyboard *s)
{
    if (s->repeating != KEY_NONE && s->scanning && !s->scan_codes.count && !timer_running(&s->repeat_timer))
        timer_set(&s->repeat_timer, clock_now(s->clock) + repeat_period(s));
}

bool ps2_keyboard_pending(const struct ps2_keyboard *s)
{
    return s->replies.count || s->scan_codes.count;
}

bool ps2_keyboard_in_sequence(const struct ps2_keyboard *s)
{
    return s->in_sequence && s->scan_codes.count;
}

u8 ps2_keyboard_take(struct ps2_keyboard *s)
{
    if (!ps2_keyboard_pending(s))
        return 0;
    bool scan_code = !s->replies.count || ps2_keyboard_in_sequence(s);
    u8 v = ps2_queue_pop(scan_code ? &s->scan_codes : &s->replies);
    if (scan_code)
        s->in_sequence = v == PS2_PREFIX_E0 || v == PS2_PREFIX_E1 || v == PS2_BREAK;
    if (v != PS2_RESEND)
        s->last_sent = v;
    repeat_again(s);
    return v;
}

static void drop_scan_codes(struct ps2_keyboard *s)
{
    ps2_queue_clear(&s->scan_codes);
    s->in_sequence = false;
}

static void tell(struct ps2_keyboard *s)
{
    if (s->ready)
        s->ready(s->owner);
}

static void reply(struct ps2_keyboard *s, u8 v)
{
    if (!ps2_queue_push(&s->replies, v))
        log_guest(s->log, "ps2_keyboard", "reply %02x dropped: %d replies wait unread", v, PS2_QUEUE_SIZE);
    tell(s);
}

/* Keys. */

static bool is_down(const struct ps2_keyboard *s, unsigned key)
{
    return s->down[key / 32] >> key % 32 & 1;
}

static bool either_down(const struct ps2_keyboard *s, unsigned left, unsigned right)
{
    return is_down(s, left) || is_down(s, right);
}

static enum ps2_print_form print_form(const struct ps2_keyboard *s)
{
    if (either_down(s, KEY_LEFT_ALT, KEY_RIGHT_ALT))
        return PS2_PRINT_SYSRQ;
    if (either_down(s, KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT) || either_down(s, KEY_LEFT_CTRL, KEY_RIGHT_CTRL))
        return PS2_PRINT_SHIFTED;
    return PS2_PRINT_PLAIN;
}

static void send_sequence(struct ps2_keyboard *s, const struct ps2_sequence *sequence)
{
    u8 overrun = s->set == 1 ? OVERRUN_SET1 : OVERRUN_SET23;
    struct ps2_queue *q = &s->scan_codes;
    if (!sequence->len)
        return;
    if (q->count + sequence->len > SCAN_QUEUE_LIMIT) {
        if (!q->count || ps2_queue_last(q) != overrun)
            ps2_queue_push(q, overrun);
        return;
    }
    for (unsigned i = 0; i < sequence->len; i++)
        ps2_queue_push(q, sequence->byte[i]);
    tell(s);
}

static void send_set3(struct ps2_keyboard *s, unsigned key, bool down)
{
    u8 code = ps2_set3_code(key);
    struct ps2_sequence q = { .byte = { code }, .len = 1 };
    if (!down) {
        if (!(s->key_type[code] & PS2_BREAKS))
            return;
        q = (struct ps2_sequence){ .byte = { PS2_BREAK, code }, .len = 2 };
    }
    send_sequence(s, &q);
}

static void send_key(struct ps2_keyboard *s, unsigned key, bool down, enum ps2_print_form print)
{
    bool ctrl = either_down(s, KEY_LEFT_CTRL, KEY_RIGHT_CTRL);
    struct ps2_sequence q;
    if (s->set == 3) {
        send_set3(s, key, down);
        return;
    }
    if (s->set == 2)
        q = ps2_set2_sequence(key, down, print, ctrl);
    else
        q = ps2_set1_sequence(key, down, print, ctrl);
    send_sequence(s, &q);
}

static bool repeats(const struct ps2_keyboard *s, unsigned key)
{
    if (s->set == 3)
        return s->key_type[ps2_set3_code(key)] & PS2_REPEATS;
    return key != KEY_PAUSE;
}

static void stop_repeat(struct ps2_keyboard *s)
{
    s->repeating = KEY_NONE;
    timer_stop(&s->repeat_timer);
}

static void repeat_fire(void *self)
{
    struct ps2_keyboard *s = self;
    if (s->repeating == KEY_NONE || !s->scanning || s->scan_codes.count)
        return;
    /* Print Screen's own shift code is not repeated. */
    send_key(s, s->repeating, true, s->print_form == PS2_PRINT_PLAIN ? PS2_PRINT_SHIFTED : s->print_form);
    timer_set(&s->repeat_timer, clock_now(s->clock) + repeat_period(s));
}

static void key_goes_down(struct ps2_keyboard *s, unsigned key)
{
    if (key == KEY_PRINT_SCREEN)
        s->print_form = (u8)print_form(s);
    stop_repeat(s);
    if (!s->scanning)
        return;
    send_key(s, key, true, s->print_form);
    if (repeats(s, key)) {
        s->repeating = (u8)key;
        timer_set(&s->repeat_timer, clock_now(s->clock) + repeat_delay(s));
    }
}

static void key_goes_up(struct ps2_keyboard *s, unsigned key)
{
    if (s->repeating == key)
        stop_repeat(s);
    if (s->scanning)
        send_key(s, key, false, s->print_form);
}

void ps2_keyboard_key(struct ps2_keyboard *s, unsigned key, bool down)
{
    if (!ps2_has_key(key)) {
        log_unimp(s->log, "ps2_keyboard", "no scan code for key %02x", key);
        return;
    }
    if (is_down(s, key) == down)
        return;
    s->down[key / 32] ^= BIT(key % 32);
    if (down)
        key_goes_down(s, key);
    else
        key_goes_up(s, key);
}

bool ps2_keyboard_ready(const struct ps2_keyboard *s)
{
    return !s->scanning || s->scan_codes.count + PS2_SEQUENCE_MAX <= SCAN_QUEUE_LIMIT;
}

/* Commands. */

static void set_all_types(struct ps2_keyboard *s, enum ps2_key_type type)
{
    memset(s->key_type, (int)type, sizeof s->key_type);
}

static void set_defaults(struct ps2_keyboard *s)
{
    stop_repeat(s);
    drop_scan_codes(s);
    s->set = DEFAULT_SET;
    s->leds = 0;
    s->typematic = TYPEMATIC_DEFAULT;
    s->expect = 0;
    for (unsigned code = 0; code < PS2_SCAN_CODES; code++)
        s->key_type[code] = (u8)ps2_set3_type((u8)code);
}

static void bat_done(void *self)
{
    struct ps2_keyboard *s = self;
    s->scanning = true;
    reply(s, PS2_BAT_OK);
}

static void start_reset(struct ps2_keyboard *s)
{
    set_defaults(s);
    ps2_queue_clear(&s->replies);
    s->scanning = false;
    reply(s, PS2_ACK);
    timer_set(&s->bat_timer, clock_now(s->clock) + PS2_BAT_NS);
}

/* F0h 0 asks for the present set, 1 to 3 choose one. */
static bool select_set(struct ps2_keyboard *s, u8 set)
{
    if (set > 3)
        return false;
    reply(s, PS2_ACK);
    if (set == 0) {
        reply(s, s->set);
        return true;
    }
    stop_repeat(s);
    drop_scan_codes(s);
    s->set = set;
    return true;
}

static bool take_argument(struct ps2_keyboard *s, u8 command, u8 v)
{
    switch (command) {
    case CMD_SET_LEDS:
        if (v > (PS2_LED_SCROLL | PS2_LED_NUM | PS2_LED_CAPS))
            return false;
        s->leds = v;
        break;
    case CMD_SCAN_SET:
        return select_set(s, v);
    case CMD_TYPEMATIC:
        if (v & BIT(7))
            return false;
        s->typematic = v;
        break;
    case CMD_KEY_TYPEMATIC:
    case CMD_KEY_MAKE_BREAK:
    case CMD_KEY_MAKE: /* a list of codes, ended by the next command */
        s->key_type[v] = command == CMD_KEY_TYPEMATIC ? PS2_REPEATS
                         : command == CMD_KEY_MAKE    ? PS2_MAKE_ONLY
                                                      : PS2_BREAKS;
        s->expect = command;
        break;
    default:
        return false;
    }
    reply(s, PS2_ACK);
    return true;
}

/* Commands that are answered with ACK after they are done; false: not a command. */
static bool plain_command(struct ps2_keyboard *s, u8 v)
{
    switch (v) {
    case CMD_SET_LEDS:
    case CMD_SCAN_SET:
    case CMD_TYPEMATIC:
    case CMD_KEY_TYPEMATIC:
    case CMD_KEY_MAKE_BREAK:
    case CMD_KEY_MAKE:
        s->expect = v;
        return true;
    case CMD_READ_ID:
        return true;
    case CMD_ENABLE:
        drop_scan_codes(s);
        s->scanning = true;
        repeat_again(s);
        return true;
    case CMD_DEFAULT_DISABLE:
        set_defaults(s);
        s->scanning = false;
        return true;
    case CMD_SET_DEFAULT:
        set_defaults(s);
        return true;
    case CMD_ALL_TYPEMATIC:
        set_all_types(s, PS2_REPEATS);
        return true;
    case CMD_ALL_MAKE_BREAK:
        set_all_types(s, PS2_BREAKS);
        return true;
    case CMD_ALL_MAKE:
        set_all_types(s, PS2_MAKE_ONLY);
        return true;
    case CMD_ALL_TYPEMATIC_MAKE_BREAK:
        set_all_types(s, PS2_TYPEMATIC);
        return true;
    default:
        return false;
    }
}

static void do_command(struct ps2_keyboard *s, u8 v)
{
    s->expect = 0;
    if (v == CMD_RESET) {
        start_reset(s);
    } else if (v == CMD_ECHO) {
        reply(s, REPLY_ECHO);
    } else if (v == CMD_RESEND) {
        reply(s, s->last_sent);
    } else if (plain_command(s, v)) {
        reply(s, PS2_ACK);
        if (v == CMD_READ_ID) {
            reply(s, ID_FIRST);
            reply(s, ID_SECOND);
        }
    } else {
        log_guest(s->log, "ps2_keyboard", "unknown command %02x", v);
        reply(s, PS2_RESEND);
    }
}

void ps2_keyboard_write(struct ps2_keyboard *s, u8 v)
{
    u8 command = s->expect;
    if (!command || v >= CMD_SET_LEDS) { /* a command instead of an argument ends the waiting one */
        do_command(s, v);
        return;
    }
    s->expect = 0;
    if (!take_argument(s, command, v)) {
        log_guest(s->log, "ps2_keyboard", "argument %02x of command %02x refused", v, command);
        s->expect = command;
        reply(s, PS2_RESEND);
    }
}

/* Setting up. */

void ps2_keyboard_connect(struct ps2_keyboard *s, void (*ready)(void *owner), void *owner)
{
    s->ready = ready;
    s->owner = owner;
}

void ps2_keyboard_init(struct ps2_keyboard *s, struct clock *clock, struct log *log)
{
    *s = (struct ps2_keyboard){ .clock = clock, .log = log };
    timer_init(&s->bat_timer, clock, "ps2_keyboard self-test", 0, bat_done, s);
    timer_init(&s->repeat_timer, clock, "ps2_keyboard repeat", 0, repeat_fire, s);
    ps2_keyboard_reset(s);
}

void ps2_keyboard_reset(void *self)
{
    struct ps2_keyboard *s = self;
    timer_stop(&s->bat_timer);
    set_defaults(s);
    ps2_queue_clear(&s->replies);
    s->last_sent = 0;
    s->print_form = PS2_PRINT_PLAIN;
    s->scanning = true;
}

static const struct state_field keyboard_fields[] = {
    STATE_STRUCT(struct ps2_keyboard, replies, ps2_queue_fields),
    STATE_STRUCT(struct ps2_keyboard, scan_codes, ps2_queue_fields),
    STATE_MAX(struct ps2_keyboard, in_sequence, 1),
    STATE(struct ps2_keyboard, last_sent),
    STATE(struct ps2_keyboard, expect),
    STATE_MAX(struct ps2_keyboard, scanning, 1),
    STATE_MAX(struct ps2_keyboard, set, 3),
    STATE_MAX(struct ps2_keyboard, leds, PS2_LED_SCROLL | PS2_LED_NUM | PS2_LED_CAPS),
    STATE_MAX(struct ps2_keyboard, typematic, 0x7f),
    STATE_MAX(struct ps2_keyboard, repeating, KEY_COUNT - 1),
    STATE_MAX(struct ps2_keyboard, print_form, PS2_PRINT_FORMS - 1),
    STATE_INTS(struct ps2_keyboard, down),
    STATE_BYTES(struct ps2_keyboard, key_type),
    STATE_TIMER(struct ps2_keyboard, bat_timer),
    STATE_TIMER(struct ps2_keyboard, repeat_timer),
    STATE_END,
};

const struct state_table ps2_keyboard_state = { "ps2_keyboard", 1, keyboard_fields, NULL };
