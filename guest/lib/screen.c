/* screen.c: the text screen at B8000, 80 by 25 cells of a character and an attribute. Where the cursor is stands in the
 * BIOS data area, so that the firmware's services, the kernel and its 64-bit part agree. */
#include "boot_info.h"
#include "io.h"
#include "print.h"

#define TEXT 0xb8000
#define COLUMNS 80
#define ROWS 25
#define BDA_COLUMN 0x450
#define BDA_ROW 0x451
#define CRTC_INDEX 0x3d4
#define CRTC_DATA 0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW 0x0f

void screen_clear(u8 attribute);
void screen_goto(u32 row, u32 column);

static volatile u16 *cell(u32 row, u32 column)
{
    return (volatile u16 *)TEXT + row * COLUMNS + column;
}

void screen_goto(u32 row, u32 column)
{
    u32 at = row * COLUMNS + column;
    *(volatile u8 *)BDA_ROW = (u8)row;
    *(volatile u8 *)BDA_COLUMN = (u8)column;
    outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
    outb(CRTC_DATA, (u8)(at >> 8));
    outb(CRTC_INDEX, CRTC_CURSOR_LOW);
    outb(CRTC_DATA, (u8)at);
}

static void scroll(void)
{
    for (u32 i = 0; i < (ROWS - 1) * COLUMNS; i++)
        *cell(0, i) = *cell(1, i);
    for (u32 i = 0; i < COLUMNS; i++)
        *cell(ROWS - 1, i) = COLOR_PLAIN << 8 | ' ';
}

void screen_clear(u8 attribute)
{
    for (u32 i = 0; i < ROWS * COLUMNS; i++)
        *cell(0, i) = (u16)(attribute << 8 | ' ');
    screen_goto(0, 0);
}

void screen_putc(char c, u8 attribute)
{
    u32 row = *(volatile u8 *)BDA_ROW, column = *(volatile u8 *)BDA_COLUMN;
    if (row >= ROWS)
        row = ROWS - 1;
    if (c == '\n') {
        row++;
        column = 0;
    } else {
        *cell(row, column) = (u16)(attribute << 8 | (u8)c);
        if (++column == COLUMNS) {
            row++;
            column = 0;
        }
    }
    if (row == ROWS) {
        scroll();
        row--;
    }
    screen_goto(row, column);
}
