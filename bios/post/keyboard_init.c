/* keyboard_init.c: the i8042 and its keyboard: tested, scan code set 1 by translation, interrupts on. The mouse port is
 * found here and left off until int 15h/C2h turns it on. */
#include "post.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define OUT_FULL 1
#define IN_FULL 2
#define CMD_WRITE_MODE 0x60
#define CMD_MOUSE_OFF 0xa7
#define CMD_SELF_TEST 0xaa
#define CMD_KEYBOARD_OFF 0xad
#define CMD_KEYBOARD_ON 0xae
#define SELF_TEST_OK 0x55
#define MODE_IRQ1 1
#define MODE_SYSTEM 4
#define MODE_KEYBOARD_OFF 0x10
#define MODE_MOUSE_OFF 0x20
#define MODE_TRANSLATE 0x40
#define KBD_RESET 0xff
#define KBD_ACK 0xfa
#define KBD_BAT_OK 0xaa
#define WAIT_POLLS 200000u

static bool wait(u8 bit, bool set)
{
    for (u32 n = 0; n < WAIT_POLLS; n++)
        if (!!(inb(PORT_STATUS) & bit) == set)
            return true;
    return false;
}

static bool command(u8 v)
{
    if (!wait(IN_FULL, false))
        return false;
    outb(PORT_STATUS, v);
    return true;
}

static bool data(u8 v)
{
    if (!wait(IN_FULL, false))
        return false;
    outb(PORT_DATA, v);
    return true;
}

static int answer(void)
{
    return wait(OUT_FULL, true) ? inb(PORT_DATA) : -1;
}

static void flush(void)
{
    for (unsigned n = 0; n < 64 && (inb(PORT_STATUS) & OUT_FULL); n++)
        inb(PORT_DATA);
}

static bool reset_sent;

/* The keyboard tests itself meanwhile, which takes long: keyboard_finish() hears the result. */
void keyboard_start(void)
{
    u16 buffer = offsetof(struct bda, kbd_buf);
    BDA->kbd_head = BDA->kbd_tail = BDA->kbd_buf_start = buffer;
    BDA->kbd_buf_end = (u16)(buffer + sizeof BDA->kbd_buf);
    BDA->kbd_flag2 = 0x10; /* 101 keys */
    if (inb(PORT_STATUS) == 0xff)
        return;
    flush();
    if (!command(CMD_KEYBOARD_OFF) || !command(CMD_MOUSE_OFF))
        return;
    flush();
    if (!command(CMD_SELF_TEST) || answer() != SELF_TEST_OK)
        return;
    command(CMD_WRITE_MODE);
    data(MODE_KEYBOARD_OFF | MODE_MOUSE_OFF);
    command(CMD_KEYBOARD_ON);
    reset_sent = data(KBD_RESET);
}

void keyboard_finish(void)
{
    if (!reset_sent)
        return;
    if (answer() != KBD_ACK || answer() != KBD_BAT_OK)
        debug("keyboard does not answer\n");
    command(CMD_WRITE_MODE);
    data(MODE_IRQ1 | MODE_SYSTEM | MODE_MOUSE_OFF | MODE_TRANSLATE);
}
