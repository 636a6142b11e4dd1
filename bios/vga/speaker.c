/* speaker.c: the bell: timer 2 on the loudspeaker, for a fraction of a second. */
#include "vgabios.h"

#define PIT_CONTROL 0x43
#define PIT_COUNTER_2 0x42
#define PIT_SQUARE_WAVE_2 0xb6
#define PORT_B 0x61
#define PORT_B_SPEAKER 0x03
#define PORT_B_REFRESH BIT(4) /* changes every 15 us */
#define BELL_DIVISOR 1331     /* 896 Hz */
#define BELL_CHANGES 4000u    /* 60 ms */
#define POLLS_A_CHANGE 200    /* where it never changes, the bell is short */

static void wait_refresh(void)
{
    u8 was = inb(PORT_B) & PORT_B_REFRESH;
    for (u8 i = 0; i < POLLS_A_CHANGE; i++)
        if ((inb(PORT_B) & PORT_B_REFRESH) != was)
            return;
}

void speaker_beep(void)
{
    u8 port_b = inb(PORT_B);
    outb(PIT_CONTROL, PIT_SQUARE_WAVE_2);
    outb(PIT_COUNTER_2, BELL_DIVISOR & 0xff);
    outb(PIT_COUNTER_2, BELL_DIVISOR >> 8);
    outb(PORT_B, port_b | PORT_B_SPEAKER);
    for (u16 i = 0; i < BELL_CHANGES; i++)
        wait_refresh();
    outb(PORT_B, port_b);
}
