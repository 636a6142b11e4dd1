/* vmmouse.c: VMware's absolute pointing device: a queue of words that a driver reads through vmport, four to an event:
 * buttons, x, y, wheel. Its interrupt is the PS/2 mouse's, which is made to send a packet for each event.
 *
 * References: QEMU 7.2's hw/i386/vmmouse.c for the behaviour; the guest's side is Linux's
 * drivers/input/mouse/vmmouse.c. As there: four places are left free for a version word; after too large a read the
 * mouse is off and its status says so until the next Read ID. Here, unlike there, reset also forgets that absolute
 * places were asked for. */
#include "vmmouse.h"

#define EVENT_WORDS 4
#define VERSION 0x3442554au
#define STATUS_OFF 0xffff0000u

enum command {
    CMD_DISABLE = 0x000000f5,
    CMD_READ_ID = 0x45414552,
    CMD_REQUEST_RELATIVE = 0x4c455252,
    CMD_REQUEST_ABSOLUTE = 0x53424152,
};

#define EVENT_LEFT 0x20u
#define EVENT_RIGHT 0x10u
#define EVENT_MIDDLE 0x08u
#define EVENT_RELATIVE 0x00010000u

static void put(struct vmmouse *s, u32 word)
{
    if (s->count < VMMOUSE_QUEUE)
        s->queue[s->count++] = word;
}

bool vmmouse_ready(const struct vmmouse *s)
{
    return s->count <= VMMOUSE_QUEUE - EVENT_WORDS;
}

void vmmouse_move(struct vmmouse *s, int x, int y, int dz, unsigned buttons)
{
    if (!s->enabled || !vmmouse_ready(s))
        return;
    put(s, (buttons & PS2_MOUSE_LEFT ? EVENT_LEFT : 0) | (buttons & PS2_MOUSE_RIGHT ? EVENT_RIGHT : 0) |
               (buttons & PS2_MOUSE_MIDDLE ? EVENT_MIDDLE : 0) | (s->absolute ? 0 : EVENT_RELATIVE));
    put(s, s->absolute ? (u32)x << 1 : (u32)x); /* 16 bits across the screen */
    put(s, s->absolute ? (u32)y << 1 : (u32)y);
    put(s, (u32)dz);
    ps2_mouse_nudge(s->ps2);
}

u32 vmmouse_status(const struct vmmouse *s)
{
    return (s->enabled ? 0 : STATUS_OFF) | s->count;
}

static void read_id(struct vmmouse *s)
{
    if (s->count == VMMOUSE_QUEUE)
        return;
    put(s, VERSION);
    s->enabled = true;
}

void vmmouse_command(struct vmmouse *s, u32 command)
{
    switch (command) {
    case CMD_DISABLE:
        s->enabled = false;
        break;
    case CMD_READ_ID:
        read_id(s);
        break;
    case CMD_REQUEST_RELATIVE:
    case CMD_REQUEST_ABSOLUTE:
        if (s->enabled)
            s->absolute = command == CMD_REQUEST_ABSOLUTE;
        break;
    default:
        log_guest(s->log, "vmmouse", "unknown command %08x", command);
        break;
    }
}

bool vmmouse_data(struct vmmouse *s, u32 *data, u32 size)
{
    if (size == 0 || size > VMMOUSE_DATA_MAX || size > s->count) {
        log_guest(s->log, "vmmouse", "read of %u words where %u wait: turned off", size, s->count);
        s->enabled = false;
        return false;
    }
    memcpy(data, s->queue, size * sizeof *data);
    s->count = (u16)(s->count - size);
    memmove(s->queue, s->queue + size, s->count * sizeof *s->queue);
    return true;
}

void vmmouse_init(struct vmmouse *s, struct ps2_mouse *ps2, struct log *log)
{
    *s = (struct vmmouse){ .ps2 = ps2, .log = log };
}

void vmmouse_reset(void *self)
{
    struct vmmouse *s = self;
    memset(s->queue, 0, sizeof s->queue);
    s->count = 0;
    s->enabled = s->absolute = false;
}

static const struct state_field vmmouse_fields[] = {
    STATE_INTS(struct vmmouse, queue),
    STATE_MAX(struct vmmouse, count, VMMOUSE_QUEUE),
    STATE(struct vmmouse, enabled),
    STATE(struct vmmouse, absolute),
    STATE_END,
};

const struct state_table vmmouse_state = { "vmmouse", 1, vmmouse_fields, NULL };
