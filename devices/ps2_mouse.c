/* ps2_mouse.c: the microcontroller in a PS/2 mouse: commands, modes, sampling, packets.
 *
 * References: IBM PS/2 Hardware Interface Technical Reference, "Auxiliary Device" (commands, modes, the packet of three
 * bytes); Microsoft, "Five-Button Wheel Mouse" (the knocks 200-100-80 and 200-200-80, the fourth byte).
 * Modelled: every command of the reference; stream, remote and wrap mode; scaling; the plain, the wheel and the
 * five-button packet. A new packet is made only when the last is gone, so that motion which the host has no time for
 * adds up; what does not fit into one packet comes in the next ones, and the overflow bits are never set.
 * Not modelled: resolution is stored and reported, but a count of the front end is one of the mouse's at any resolution
 * (a pointer on a screen has no millimetres); the duration of the self-test is shortened, see PS2_BAT_NS. */
#include "ps2_mouse.h"

#define COUNT_MAX 255 /* nine bits with the sign */
#define WHEEL_MAX 7
#define MOTION_MAX 8192 /* counts that wait for a host that does not listen */

#define DEFAULT_RATE 100
#define DEFAULT_RESOLUTION 2 /* 4 counts a millimetre */
#define RESOLUTION_MAX 3

/* First byte of a packet. */
#define PACKET_ALWAYS BIT(3)
#define PACKET_X_SIGN BIT(4)
#define PACKET_Y_SIGN BIT(5)
#define PACKET_BUTTONS (PS2_MOUSE_LEFT | PS2_MOUSE_RIGHT | PS2_MOUSE_MIDDLE)
/* Fourth byte of an Explorer's: four bits of wheel, then the side buttons. */
#define WHEEL_MASK 0x0f
#define SIDE_BUTTONS_SHIFT 1

/* First byte of Status Request's answer. */
#define STATUS_RIGHT BIT(0)
#define STATUS_MIDDLE BIT(1)
#define STATUS_LEFT BIT(2)
#define STATUS_SCALE_2_1 BIT(4)
#define STATUS_REPORTING BIT(5)
#define STATUS_REMOTE BIT(6)

enum command {
    CMD_SCALE_1_1 = 0xe6,
    CMD_SCALE_2_1 = 0xe7,
    CMD_RESOLUTION = 0xe8,
    CMD_STATUS = 0xe9,
    CMD_STREAM = 0xea,
    CMD_READ_DATA = 0xeb,
    CMD_UNWRAP = 0xec,
    CMD_WRAP = 0xee,
    CMD_REMOTE = 0xf0,
    CMD_READ_TYPE = 0xf2,
    CMD_RATE = 0xf3,
    CMD_ENABLE = 0xf4,
    CMD_DISABLE = 0xf5,
    CMD_SET_DEFAULT = 0xf6,
    CMD_RESEND = 0xfe,
    CMD_RESET = 0xff,
};

static int clamp(int v, int max)
{
    return v > max ? max : v < -max ? -max : v;
}

/* ---- answers ---- */

bool ps2_mouse_pending(const struct ps2_mouse *s)
{
    return s->out.count;
}

u8 ps2_mouse_take(struct ps2_mouse *s)
{
    return ps2_mouse_pending(s) ? ps2_queue_pop(&s->out) : 0;
}

/* A byte from the host ends what was being said; so does a new packet, which has waited for its end. */
static void begin_answer(struct ps2_mouse *s)
{
    ps2_queue_clear(&s->out);
    s->last_len = 0;
}

static void answer(struct ps2_mouse *s, u8 v)
{
    if (s->last_len < PS2_MOUSE_ANSWER_MAX)
        s->last[s->last_len++] = v;
    ps2_queue_push(&s->out, v);
}

static void tell(struct ps2_mouse *s)
{
    if (s->ready && ps2_mouse_pending(s))
        s->ready(s->owner);
}

static void send_again(struct ps2_mouse *s)
{
    ps2_queue_clear(&s->out);
    for (unsigned i = 0; i < s->last_len && i < PS2_MOUSE_ANSWER_MAX; i++)
        ps2_queue_push(&s->out, s->last[i]);
}

/* ---- packets ---- */

/* Stream mode's 2:1: small motions stay fine, from six counts on they double. */
static int scaled(const struct ps2_mouse *s, int v)
{
    static const u8 small[] = { 0, 1, 1, 3, 6, 9 };
    int size = v < 0 ? -v : v;
    if (!s->scale_2_1 || s->remote)
        return v;
    size = size < (int)ARRAY_LEN(small) ? small[size] : 2 * size;
    return v < 0 ? -size : size;
}

/* Takes from a counter what fits into a packet. */
static int take_counts(s16 *counter, int max)
{
    int v = clamp(*counter, max);
    *counter = (s16)(*counter - v);
    return v;
}

static u8 fourth_byte(struct ps2_mouse *s)
{
    int dz = take_counts(&s->dz, WHEEL_MAX);
    if (s->type == PS2_MOUSE_WHEEL)
        return (u8)dz;
    return (u8)((dz & WHEEL_MASK) | (s->buttons & (PS2_MOUSE_BACK | PS2_MOUSE_FORWARD)) << SIDE_BUTTONS_SHIFT);
}

static void answer_packet(struct ps2_mouse *s)
{
    int max = s->scale_2_1 ? COUNT_MAX / 2 : COUNT_MAX;
    int x = scaled(s, take_counts(&s->dx, max)), y = scaled(s, -take_counts(&s->dy, max));
    u8 first = (u8)(PACKET_ALWAYS | (s->buttons & PACKET_BUTTONS));
    answer(s, (u8)(first | (x < 0 ? PACKET_X_SIGN : 0) | (y < 0 ? PACKET_Y_SIGN : 0)));
    answer(s, (u8)x);
    answer(s, (u8)y);
    if (s->type != PS2_MOUSE_PLAIN)
        answer(s, fourth_byte(s));
    s->reported = s->buttons;
}

/* ---- sampling ---- */

static u8 seen_buttons(const struct ps2_mouse *s, u8 buttons)
{
    return buttons & (s->type == PS2_MOUSE_EXPLORER ? PS2_MOUSE_BUTTONS : PACKET_BUTTONS);
}

static bool buttons_changed(const struct ps2_mouse *s)
{
    return seen_buttons(s, s->buttons) != seen_buttons(s, s->reported);
}

static bool changed(const struct ps2_mouse *s)
{
    return s->dx || s->dy || s->dz || buttons_changed(s);
}

static bool streaming(const struct ps2_mouse *s)
{
    return s->reporting && !s->remote && !s->wrap;
}

static void next_sample(struct ps2_mouse *s)
{
    u64 rate = s->rate ? s->rate : DEFAULT_RATE;
    timer_set(&s->sample_timer, clock_now(s->clock) + NS_PER_SEC / rate);
}

/* A sample; without news it is the last until there is some. */
static void sample(void *self)
{
    struct ps2_mouse *s = self;
    if (!streaming(s) || !changed(s))
        return;
    if (!ps2_mouse_pending(s)) {
        begin_answer(s);
        answer_packet(s);
        tell(s);
    }
    next_sample(s);
}

static void clear_counters(struct ps2_mouse *s)
{
    s->dx = s->dy = s->dz = 0;
}

static void count(s16 *counter, int d)
{
    *counter = (s16)clamp(*counter + clamp(d, MOTION_MAX), MOTION_MAX);
}

void ps2_mouse_move(struct ps2_mouse *s, int dx, int dy, int dz, unsigned buttons)
{
    count(&s->dx, dx);
    count(&s->dy, dy);
    if (s->type != PS2_MOUSE_PLAIN)
        count(&s->dz, dz);
    s->buttons = buttons & PS2_MOUSE_BUTTONS;
    if (!timer_running(&s->sample_timer))
        sample(s);
}

void ps2_mouse_nudge(struct ps2_mouse *s)
{
    ps2_mouse_move(s, 1, 0, 0, s->buttons);
}

bool ps2_mouse_ready(const struct ps2_mouse *s)
{
    return !streaming(s) || !buttons_changed(s);
}

/* ---- commands ---- */

static void set_defaults(struct ps2_mouse *s)
{
    s->rate = DEFAULT_RATE;
    s->resolution = DEFAULT_RESOLUTION;
    s->scale_2_1 = s->reporting = s->remote = s->wrap = false;
    s->expect = 0;
    s->refused = false;
    memset(s->knock, 0, sizeof s->knock);
    clear_counters(s);
    s->reported = s->buttons;
}

static void bat_done(void *self)
{
    struct ps2_mouse *s = self;
    begin_answer(s);
    answer(s, PS2_BAT_OK);
    answer(s, s->type);
    tell(s);
}

static void start_reset(struct ps2_mouse *s)
{
    set_defaults(s);
    s->type = PS2_MOUSE_PLAIN;
    answer(s, PS2_ACK);
    timer_set(&s->bat_timer, clock_now(s->clock) + PS2_BAT_NS);
}

static void answer_status(struct ps2_mouse *s)
{
    u8 held = s->buttons;
    answer(s, (u8)((held & PS2_MOUSE_RIGHT ? STATUS_RIGHT : 0) | (held & PS2_MOUSE_MIDDLE ? STATUS_MIDDLE : 0) |
                   (held & PS2_MOUSE_LEFT ? STATUS_LEFT : 0) | (s->scale_2_1 ? STATUS_SCALE_2_1 : 0) |
                   (s->reporting ? STATUS_REPORTING : 0) | (s->remote ? STATUS_REMOTE : 0)));
    answer(s, s->resolution);
    answer(s, s->rate);
}

static void hear_knock(struct ps2_mouse *s, u8 rate)
{
    static const u8 wheel[PS2_MOUSE_KNOCK] = { 200, 100, 80 }, explorer[PS2_MOUSE_KNOCK] = { 200, 200, 80 };
    memmove(s->knock, s->knock + 1, sizeof s->knock - 1);
    s->knock[PS2_MOUSE_KNOCK - 1] = rate;
    if (memcmp(s->knock, wheel, sizeof wheel) == 0)
        s->type = PS2_MOUSE_WHEEL;
    else if (memcmp(s->knock, explorer, sizeof explorer) == 0)
        s->type = PS2_MOUSE_EXPLORER;
}

static bool set_rate(struct ps2_mouse *s, u8 rate)
{
    static const u8 legal[] = { 10, 20, 40, 60, 80, 100, 200 };
    if (!memchr(legal, rate, sizeof legal))
        return false;
    s->rate = rate;
    hear_knock(s, rate);
    return true;
}

static bool take_argument(struct ps2_mouse *s, u8 command, u8 v)
{
    if (command == CMD_RATE)
        return set_rate(s, v);
    if (v > RESOLUTION_MAX)
        return false;
    s->resolution = v;
    return true;
}

/* Commands that change a setting and are only acknowledged; false: not one of them. */
static bool setting_command(struct ps2_mouse *s, u8 v)
{
    switch (v) {
    case CMD_SCALE_1_1:
    case CMD_SCALE_2_1:
        s->scale_2_1 = v == CMD_SCALE_2_1;
        return true;
    case CMD_RESOLUTION:
    case CMD_RATE:
        s->expect = v;
        return true;
    case CMD_STREAM:
    case CMD_REMOTE:
        s->remote = v == CMD_REMOTE;
        return true;
    case CMD_UNWRAP:
    case CMD_WRAP:
        s->wrap = v == CMD_WRAP;
        return true;
    case CMD_ENABLE:
    case CMD_DISABLE:
        s->reporting = v == CMD_ENABLE;
        s->reported = s->buttons;
        return true;
    case CMD_SET_DEFAULT:
        set_defaults(s);
        return true;
    default:
        return false;
    }
}

/* Commands whose acknowledgement is followed by data; false: not one of them. */
static bool asking_command(struct ps2_mouse *s, u8 v)
{
    if (v != CMD_STATUS && v != CMD_READ_TYPE && v != CMD_READ_DATA)
        return false;
    answer(s, PS2_ACK);
    if (v == CMD_READ_DATA) {
        s->last_len = 0; /* Resend sends the packet again, without the acknowledgement */
        answer_packet(s);
        return true;
    }
    if (v == CMD_STATUS)
        answer_status(s);
    else
        answer(s, s->type);
    clear_counters(s);
    return true;
}

/* Asks for the byte once more; the second time it is an error. */
static void refuse(struct ps2_mouse *s, u8 v)
{
    log_guest(s->log, "ps2_mouse", "byte %02x refused", v);
    answer(s, s->refused ? PS2_ERROR : PS2_RESEND);
    s->refused = !s->refused;
}

static void do_command(struct ps2_mouse *s, u8 v)
{
    s->expect = 0;
    if (v == CMD_RESET) {
        start_reset(s);
    } else if (setting_command(s, v)) {
        answer(s, PS2_ACK);
        clear_counters(s);
    } else if (!asking_command(s, v)) {
        refuse(s, v);
        return;
    }
    s->refused = false;
}

static void do_argument(struct ps2_mouse *s, u8 v)
{
    u8 command = s->expect;
    if (take_argument(s, command, v)) {
        answer(s, PS2_ACK);
        s->expect = 0;
        s->refused = false;
        return;
    }
    refuse(s, v);
    if (!s->refused) /* twice wrong: given up */
        s->expect = 0;
}

void ps2_mouse_write(struct ps2_mouse *s, u8 v)
{
    if (v == CMD_RESEND && !s->wrap) {
        send_again(s);
    } else {
        begin_answer(s);
        if (s->wrap && v != CMD_RESET && v != CMD_UNWRAP)
            answer(s, v);
        else if (s->expect && v < CMD_SCALE_1_1) /* a command instead of an argument ends the waiting one */
            do_argument(s, v);
        else
            do_command(s, v);
    }
    tell(s);
    if (streaming(s) && changed(s) && !timer_running(&s->sample_timer))
        next_sample(s);
}

/* ---- setting up ---- */

void ps2_mouse_connect(struct ps2_mouse *s, void (*ready)(void *owner), void *owner)
{
    s->ready = ready;
    s->owner = owner;
}

void ps2_mouse_init(struct ps2_mouse *s, struct clock *clock, struct log *log)
{
    *s = (struct ps2_mouse){ .clock = clock, .log = log };
    timer_init(&s->bat_timer, clock, "ps2_mouse self-test", 0, bat_done, s);
    timer_init(&s->sample_timer, clock, "ps2_mouse sample", 0, sample, s);
    ps2_mouse_reset(s);
}

void ps2_mouse_reset(void *self)
{
    struct ps2_mouse *s = self;
    timer_stop(&s->bat_timer);
    timer_stop(&s->sample_timer);
    set_defaults(s);
    s->type = PS2_MOUSE_PLAIN;
    begin_answer(s);
    memset(s->last, 0, sizeof s->last);
}

static const struct state_field mouse_fields[] = {
    STATE_STRUCT(struct ps2_mouse, out, ps2_queue_fields),
    STATE_BYTES(struct ps2_mouse, last),
    STATE_MAX(struct ps2_mouse, last_len, PS2_MOUSE_ANSWER_MAX),
    STATE(struct ps2_mouse, expect),
    STATE(struct ps2_mouse, refused),
    STATE(struct ps2_mouse, reporting),
    STATE(struct ps2_mouse, remote),
    STATE(struct ps2_mouse, wrap),
    STATE(struct ps2_mouse, scale_2_1),
    STATE_MAX(struct ps2_mouse, type, PS2_MOUSE_EXPLORER),
    STATE(struct ps2_mouse, rate),
    STATE_MAX(struct ps2_mouse, resolution, RESOLUTION_MAX),
    STATE_BYTES(struct ps2_mouse, knock),
    STATE(struct ps2_mouse, dx),
    STATE(struct ps2_mouse, dy),
    STATE(struct ps2_mouse, dz),
    STATE_MAX(struct ps2_mouse, buttons, PS2_MOUSE_BUTTONS),
    STATE_MAX(struct ps2_mouse, reported, PS2_MOUSE_BUTTONS),
    STATE_TIMER(struct ps2_mouse, bat_timer),
    STATE_TIMER(struct ps2_mouse, sample_timer),
    STATE_END,
};

const struct state_table ps2_mouse_state = { "ps2_mouse", 1, mouse_fields, NULL };
