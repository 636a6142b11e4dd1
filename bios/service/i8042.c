/* i8042.c: the keyboard controller: commands, and bytes to its two devices (IBM PC/AT Technical Reference; IBM PS/2
 * Technical Reference for the mouse). */
#include "service.h"

#define PORT_DATA 0x60
#define PORT_STATUS 0x64
#define OUT_FULL 0x01
#define IN_FULL 0x02
#define OUT_MOUSE 0x20
#define CMD_READ_MODE 0x20
#define CMD_WRITE_MODE 0x60
#define CMD_TO_MOUSE 0xd4
#define CMD_KEYBOARD_OFF 0xad
#define ACK 0xfa
#define SET_LEDS 0xed
#define MODE_IRQS 0x03
#define MODE_KEYBOARD_OFF 0x10
#define MODE_MOUSE_OFF 0x20
#define TIMEOUT_MS 100
#define ANSWER_MS 1000

static bool ready(void)
{
    return ata_wait(PORT_STATUS, IN_FULL, 0, TIMEOUT_MS);
}

bool kbc_command(u8 command)
{
    if (!ready())
        return false;
    outb(PORT_STATUS, command);
    return ready();
}

bool kbc_write(u8 v)
{
    if (!ready())
        return false;
    outb(PORT_DATA, v);
    return ready();
}

/* What comes from the other device meanwhile is lost, as on the PC/AT. */
static bool read_from(bool mouse, u8 *v)
{
    struct timer t;
    timer_start(&t, ANSWER_MS);
    while (!timer_expired(&t)) {
        u8 status = inb(PORT_STATUS);
        if (!(status & OUT_FULL))
            continue;
        *v = inb(PORT_DATA);
        if (!(status & OUT_MOUSE) == !mouse)
            return true;
    }
    return false;
}

u8 kbc_mode(void)
{
    u8 v = 0;
    kbc_command(CMD_READ_MODE);
    return read_from(false, &v) ? v : 0;
}

void kbc_set_mode(u8 v)
{
    kbc_command(CMD_WRITE_MODE);
    kbc_write(v);
}

bool kbc_mouse_answer(u8 *v)
{
    return read_from(true, v);
}

bool kbc_mouse(u8 v, u8 *answer)
{
    *answer = 0;
    return kbc_command(CMD_TO_MOUSE) && kbc_write(v) && read_from(true, answer);
}

/* With interrupts of both devices off, so that the acknowledgements are ours. */
void kbd_set_leds(u8 leds)
{
    u8 mode = kbc_mode(), v;
    kbc_set_mode((u8)((mode & ~(MODE_IRQS | MODE_KEYBOARD_OFF)) | MODE_MOUSE_OFF));
    if (kbc_write(SET_LEDS) && read_from(false, &v) && v == ACK && kbc_write(leds))
        read_from(false, &v);
    kbc_set_mode(mode);
}
