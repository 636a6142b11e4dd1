/* i8042.c: Intel 8042 with the keyboard controller program of the AT and PS/2.
 *
 * References: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller"; Intel
 * UPI-41/42 User's Manual for the status register.
 * Modelled: the command set listed in enum command, the output port with A20 and reset, translation of scan code set 2
 * to 1, the auxiliary port, one output buffer in front of which bytes from keyboard and mouse wait, paced as on the
 * wire; of two that come at once the keyboard's is first. Password and dump are in i8042_security.c.
 * Not modelled: IBF is never seen, a command is done at once. Commands that are not listed are logged. */
#include "i8042.h"
#include "ps2_scancodes.h"

#define STATUS_OBF BIT(0)
#define STATUS_SYS BIT(2)
#define STATUS_CMD BIT(3)
#define STATUS_UNLOCKED BIT(4)
#define STATUS_AUX BIT(5)
#define STATUS_TIMEOUT BIT(6)

#define MODE_INT BIT(0)
#define MODE_INT2 BIT(1)
#define MODE_SYS BIT(2)
#define MODE_DISABLE_KBD BIT(4)
#define MODE_DISABLE_AUX BIT(5)
#define MODE_XLAT BIT(6)

#define PORT_RESET_N BIT(0)
#define PORT_A20 BIT(1)
#define PORT_IRQ1 BIT(4)
#define PORT_IRQ12 BIT(5)
#define PORT_WIRES_IDLE 0xc0 /* keyboard clock and data */
#define PORT_WRITABLE (PORT_RESET_N | PORT_A20)

#define SELF_TEST_PASSED 0x55
#define INTERFACE_OK 0x00
#define PULSE_NS 6000
#define SET1_BREAK_BIT 0x80

/* 11 bits at 16 kHz: PS/2 devices clock at 10 to 16.7 kHz. */
#define WIRE_BYTE_NS ((u64)11 * 62500)
#define AUX_PRIORITY 1 /* after the keyboard's timer */

enum command {
    CMD_READ_RAM = 0x20,  /* to 3f */
    CMD_WRITE_RAM = 0x60, /* to 7f */
    CMD_TEST_PASSWORD = 0xa4,
    CMD_LOAD_PASSWORD = 0xa5,
    CMD_ENABLE_PASSWORD = 0xa6,
    CMD_DISABLE_AUX = 0xa7,
    CMD_ENABLE_AUX = 0xa8,
    CMD_TEST_AUX = 0xa9,
    CMD_SELF_TEST = 0xaa,
    CMD_TEST_KBD = 0xab,
    CMD_DUMP = 0xac,
    CMD_DISABLE_KBD = 0xad,
    CMD_ENABLE_KBD = 0xae,
    CMD_READ_INPUT_PORT = 0xc0,
    CMD_POLL_LOW = 0xc1,
    CMD_POLL_HIGH = 0xc2,
    CMD_READ_OUTPUT_PORT = 0xd0,
    CMD_WRITE_OUTPUT_PORT = 0xd1,
    CMD_WRITE_KBD_BUFFER = 0xd2,
    CMD_WRITE_AUX_BUFFER = 0xd3,
    CMD_WRITE_AUX = 0xd4,
    CMD_A20_OFF = 0xdd,
    CMD_A20_ON = 0xdf,
    CMD_READ_TEST_INPUTS = 0xe0,
    CMD_PULSE = 0xf0, /* to ff */
};

static u8 mode(const struct i8042 *s)
{
    return s->ram[0];
}

/* Output buffer. */

static bool irq1_level(const struct i8042 *s)
{
    return (s->status & (STATUS_OBF | STATUS_AUX)) == STATUS_OBF && (mode(s) & MODE_INT);
}

static bool irq12_level(const struct i8042 *s)
{
    return (s->status & (STATUS_OBF | STATUS_AUX)) == (STATUS_OBF | STATUS_AUX) && (mode(s) & MODE_INT2);
}

static void update_irqs(struct i8042 *s)
{
    irq_set(&s->wires.irq1, irq1_level(s));
    irq_set(&s->wires.irq12, irq12_level(s));
}

static void put_output(struct i8042 *s, u8 v, u8 status)
{
    s->output = v;
    s->status = (u8)((s->status & STATUS_CMD) | STATUS_OBF | status);
    update_irqs(s);
}

/* A byte of the controller's own (status: AUX and time-out bits); it waits when the output buffer is taken. */
static void respond(struct i8042 *s, u8 v, u8 status)
{
    if (!(s->status & STATUS_OBF)) {
        put_output(s, v, status);
        return;
    }
    if (s->waiting_status)
        log_guest(s->log, "i8042", "reply %02x lost: the output buffer was not read", s->waiting);
    s->waiting = v;
    s->waiting_status = (u8)(STATUS_OBF | status);
}

/* A device may send when its interface is enabled and the output buffer is free. */
static bool keyboard_may_send(const struct i8042 *s)
{
    return !(s->status & STATUS_OBF) && !(mode(s) & MODE_DISABLE_KBD) && ps2_keyboard_pending(s->keyboard);
}

static bool mouse_may_send(const struct i8042 *s)
{
    return !(s->status & STATUS_OBF) && !(mode(s) & MODE_DISABLE_AUX) && ps2_mouse_pending(s->mouse);
}

/* Starts what may be sent; a byte takes its time on the wire. */
static void poll_devices(struct i8042 *s)
{
    if (!timer_running(&s->keyboard_timer) && keyboard_may_send(s))
        timer_set(&s->keyboard_timer, clock_now(s->clock) + WIRE_BYTE_NS);
    if (!timer_running(&s->aux_timer) && mouse_may_send(s))
        timer_set(&s->aux_timer, clock_now(s->clock) + WIRE_BYTE_NS);
}

static void device_ready(void *self)
{
    poll_devices(self);
}

/* To the system, unless the password is asked for. */
static void keyboard_code(struct i8042 *s, u8 code)
{
    bool locked = s->locked;
    u8 v = locked ? i8042_typed(s, code) : code;
    if (v || !locked)
        put_output(s, v, 0);
}

/* Set 2 to set 1: F0h vanishes and becomes the next code's bit 7. */
static void keyboard_byte(struct i8042 *s, u8 v)
{
    if (!(mode(s) & MODE_XLAT)) {
        keyboard_code(s, v);
    } else if (v == PS2_BREAK) {
        s->translate_break = true;
    } else {
        u8 code = (u8)(ps2_translate(v) | (s->translate_break ? SET1_BREAK_BIT : 0));
        s->translate_break = false;
        keyboard_code(s, code);
    }
}

static void keyboard_fire(void *self)
{
    struct i8042 *s = self;
    if (!keyboard_may_send(s))
        return;
    keyboard_byte(s, ps2_keyboard_take(s->keyboard));
    poll_devices(s);
}

static void aux_fire(void *self)
{
    struct i8042 *s = self;
    if (!mouse_may_send(s))
        return;
    u8 v = ps2_mouse_take(s->mouse);
    if (!s->locked)
        put_output(s, v, STATUS_AUX);
    else
        poll_devices(s);
}

static void set_mode(struct i8042 *s, u8 v)
{
    s->ram[0] = v;
    if (!(v & MODE_XLAT))
        s->translate_break = false;
    update_irqs(s);
    poll_devices(s);
}

/* Output port. */

static u8 read_output_port(const struct i8042 *s)
{
    return (u8)(s->output_port | PORT_WIRES_IDLE | (irq1_level(s) ? PORT_IRQ1 : 0) | (irq12_level(s) ? PORT_IRQ12 : 0));
}

static void write_output_port(struct i8042 *s, u8 v)
{
    bool reset = (s->output_port & PORT_RESET_N) && !(v & PORT_RESET_N);
    s->output_port = v & PORT_WRITABLE;
    irq_set(&s->wires.a20, v & PORT_A20);
    if (reset)
        irq_pulse(&s->wires.reset);
}

static void set_a20(struct i8042 *s, bool on)
{
    write_output_port(s, (u8)((s->output_port & ~PORT_A20) | (on ? PORT_A20 : 0)));
}

/* F0h-FFh: the low bits of the output port whose command bit is 0 go low for 6 us. */
static void pulse_output_port(struct i8042 *s, u8 command)
{
    if (!(command & PORT_RESET_N))
        irq_pulse(&s->wires.reset);
    if (!(command & PORT_A20)) {
        irq_set(&s->wires.a20, false);
        timer_set(&s->a20_timer, clock_now(s->clock) + PULSE_NS);
    }
}

static void pulse_ends(void *self)
{
    struct i8042 *s = self;
    irq_set(&s->wires.a20, s->output_port & PORT_A20);
}

/* Commands. */

static void self_test(struct i8042 *s)
{
    set_mode(s, mode(s) | MODE_SYS);
    respond(s, SELF_TEST_PASSED, 0);
}

/* Commands that change the controller and don't answer; false: not one of them. */
static bool silent_command(struct i8042 *s, u8 command)
{
    switch (command) {
    case CMD_DISABLE_AUX:
        set_mode(s, mode(s) | MODE_DISABLE_AUX);
        return true;
    case CMD_ENABLE_AUX:
        set_mode(s, mode(s) & (u8)~MODE_DISABLE_AUX);
        return true;
    case CMD_DISABLE_KBD:
        set_mode(s, mode(s) | MODE_DISABLE_KBD);
        return true;
    case CMD_ENABLE_KBD:
        set_mode(s, mode(s) & (u8)~MODE_DISABLE_KBD);
        return true;
    case CMD_LOAD_PASSWORD:
        s->password_len = 0;
        s->locked = false;
        s->expect = command;
        return true;
    case CMD_WRITE_OUTPUT_PORT:
    case CMD_WRITE_KBD_BUFFER:
    case CMD_WRITE_AUX_BUFFER:
    case CMD_WRITE_AUX:
        s->expect = command;
        return true;
    case CMD_POLL_LOW:
    case CMD_POLL_HIGH:
        s->polled = command;
        return true;
    case CMD_A20_OFF:
    case CMD_A20_ON:
        set_a20(s, command == CMD_A20_ON);
        return true;
    default:
        return false;
    }
}

/* Commands that answer through the output buffer. */
static void answered_command(struct i8042 *s, u8 command)
{
    switch (command) {
    case CMD_TEST_PASSWORD:
        respond(s, i8042_test_password(s), 0);
        break;
    case CMD_DUMP:
        i8042_start_dump(s);
        respond(s, i8042_next_dumped(s), 0);
        break;
    case CMD_TEST_AUX:
    case CMD_TEST_KBD:
        respond(s, INTERFACE_OK, 0);
        break;
    case CMD_SELF_TEST:
        self_test(s);
        break;
    case CMD_READ_INPUT_PORT:
        respond(s, I8042_INPUT_PORT, 0);
        break;
    case CMD_READ_OUTPUT_PORT:
        respond(s, read_output_port(s), 0);
        break;
    case CMD_READ_TEST_INPUTS: /* both clock lines low: no device is sending */
        respond(s, 0, 0);
        break;
    default:
        log_unimp(s->log, "i8042", "command %02x", command);
        break;
    }
}

static void enable_password(struct i8042 *s)
{
    u8 answer = i8042_enable_password(s);
    if (answer)
        respond(s, answer, 0);
}

static void do_command(struct i8042 *s, u8 command)
{
    s->expect = s->polled = s->dump_left = 0;
    if (command >= CMD_PULSE)
        pulse_output_port(s, command);
    else if ((command & ~(I8042_RAM - 1)) == CMD_READ_RAM)
        respond(s, s->ram[command % I8042_RAM], 0);
    else if ((command & ~(I8042_RAM - 1)) == CMD_WRITE_RAM)
        s->expect = command;
    else if (command == CMD_ENABLE_PASSWORD)
        enable_password(s);
    else if (!silent_command(s, command))
        answered_command(s, command);
}

/* To the mouse; as a write to the keyboard does, it enables the interface. */
static void write_aux(struct i8042 *s, u8 v)
{
    ps2_mouse_write(s->mouse, v);
    set_mode(s, mode(s) & (u8)~MODE_DISABLE_AUX);
}

static void command_data(struct i8042 *s, u8 command, u8 v)
{
    switch (command) {
    case CMD_WRITE_RAM:
        set_mode(s, v);
        break;
    case CMD_LOAD_PASSWORD: /* a row of codes, up to a 0 */
        s->expect = i8042_load_password(s, v) ? command : 0;
        break;
    case CMD_WRITE_OUTPUT_PORT:
        write_output_port(s, v);
        break;
    case CMD_WRITE_KBD_BUFFER:
        respond(s, v, 0);
        break;
    case CMD_WRITE_AUX_BUFFER:
        respond(s, v, STATUS_AUX);
        break;
    case CMD_WRITE_AUX:
        write_aux(s, v);
        break;
    default: /* 61h to 7fh */
        s->ram[command % I8042_RAM] = v;
        break;
    }
}

/* Ports. */

static u64 data_read(void *dev, u64 offset, unsigned size)
{
    struct i8042 *s = dev;
    u8 v = s->output;
    (void)offset;
    (void)size;
    s->status &= (u8) ~(STATUS_OBF | STATUS_AUX | STATUS_TIMEOUT);
    update_irqs(s);
    if (s->waiting_status) {
        u8 status = s->waiting_status;
        s->waiting_status = 0;
        put_output(s, s->waiting, status);
    } else if (s->dump_left) {
        put_output(s, i8042_next_dumped(s), 0);
    }
    poll_devices(s);
    return v;
}

static void data_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8042 *s = dev;
    u8 command = s->expect;
    (void)offset;
    (void)size;
    s->status &= (u8)~STATUS_CMD;
    s->expect = 0;
    if (command) {
        command_data(s, command, (u8)value);
        return;
    }
    ps2_keyboard_write(s->keyboard, (u8)value);
    if (!ps2_keyboard_in_sequence(s->keyboard)) /* the code that the prefix announced is gone */
        s->translate_break = false;
    set_mode(s, mode(s) & (u8)~MODE_DISABLE_KBD); /* sending to the keyboard enables its interface */
}

static u64 cmd_read(void *dev, u64 offset, unsigned size)
{
    const struct i8042 *s = dev;
    (void)offset;
    (void)size;
    if (s->polled) /* its bits in place of the upper four */
        return (u8)((s->status & 0x0f) | (mode(s) & MODE_SYS ? STATUS_SYS : 0) |
                    (s->polled == CMD_POLL_LOW ? I8042_INPUT_PORT << 4 & 0xf0 : I8042_INPUT_PORT & 0xf0));
    return (u8)(s->status | STATUS_UNLOCKED | (mode(s) & MODE_SYS ? STATUS_SYS : 0));
}

static void cmd_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8042 *s = dev;
    (void)offset;
    (void)size;
    s->status |= STATUS_CMD;
    do_command(s, (u8)value);
}

static const struct region_ops data_ops = { data_read, data_write, 1, 1 };
static const struct region_ops cmd_ops = { cmd_read, cmd_write, 1, 1 };

void i8042_init(struct i8042 *s, struct clock *clock, struct log *log, struct ps2_keyboard *keyboard,
                struct ps2_mouse *mouse, const struct i8042_wires *wires)
{
    *s = (struct i8042){ .clock = clock, .log = log, .keyboard = keyboard, .mouse = mouse, .wires = *wires };
    region_init_io(&s->data_io, "i8042-data", 1, &data_ops, s);
    region_init_io(&s->cmd_io, "i8042-cmd", 1, &cmd_ops, s);
    timer_init(&s->keyboard_timer, clock, "i8042 keyboard", 0, keyboard_fire, s);
    timer_init(&s->aux_timer, clock, "i8042 aux", AUX_PRIORITY, aux_fire, s);
    timer_init(&s->a20_timer, clock, "i8042 A20", 0, pulse_ends, s);
    ps2_keyboard_connect(keyboard, device_ready, s);
    ps2_mouse_connect(mouse, device_ready, s);
    i8042_reset(s);
}

void i8042_reset(void *self)
{
    struct i8042 *s = self;
    timer_stop(&s->keyboard_timer);
    timer_stop(&s->aux_timer);
    timer_stop(&s->a20_timer);
    memset(s->ram, 0, sizeof s->ram);
    s->ram[0] = MODE_INT | MODE_INT2;
    s->status = s->output = 0;
    s->waiting = s->waiting_status = 0;
    s->expect = s->polled = s->dump_left = 0;
    s->password_len = s->password_at = 0;
    s->locked = false;
    s->translate_break = false;
    s->output_port = PORT_RESET_N | PORT_A20;
    update_irqs(s);
}

static const struct state_field i8042_fields[] = {
    STATE_BYTES(struct i8042, ram),
    STATE(struct i8042, status),
    STATE(struct i8042, output),
    STATE(struct i8042, waiting),
    STATE(struct i8042, waiting_status),
    STATE(struct i8042, expect),
    STATE_MAX(struct i8042, output_port, PORT_WRITABLE),
    STATE_MAX(struct i8042, translate_break, 1),
    STATE(struct i8042, polled),
    STATE_MAX(struct i8042, dump_left, I8042_DUMP_CODES),
    STATE_BYTES(struct i8042, password),
    STATE_MAX(struct i8042, password_len, I8042_PASSWORD),
    STATE_MAX(struct i8042, password_at, I8042_PASSWORD - 1),
    STATE_MAX(struct i8042, locked, 1),
    STATE_TIMER(struct i8042, keyboard_timer),
    STATE_TIMER(struct i8042, aux_timer),
    STATE_TIMER(struct i8042, a20_timer),
    STATE_END,
};

const struct state_table i8042_state = { "i8042", 1, i8042_fields, NULL };
