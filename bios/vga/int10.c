/* int10.c: interrupt 10h: which function is asked for. What is not there changes nothing. */
#include "vbe.h"

static void function_0x(struct regs *r)
{
    switch (r->ah) {
    case 0x00:
        int10_00_set_mode(r);
        break;
    case 0x01:
        int10_01_cursor_shape(r);
        break;
    case 0x02:
        int10_02_set_cursor(r);
        break;
    case 0x03:
        int10_03_get_cursor(r);
        break;
    case 0x04:
        int10_04_light_pen(r);
        break;
    case 0x05:
        int10_05_set_page(r);
        break;
    case 0x06:
        int10_06_scroll_up(r);
        break;
    case 0x07:
        int10_07_scroll_down(r);
        break;
    default:
        break;
    }
}

static void function_08(struct regs *r)
{
    switch (r->ah) {
    case 0x08:
        int10_08_read_character(r);
        break;
    case 0x09:
        int10_09_write_cells(r);
        break;
    case 0x0a:
        int10_0a_write_characters(r);
        break;
    case 0x0b:
        int10_0b_colors(r);
        break;
    case 0x0c:
        int10_0c_write_dot(r);
        break;
    case 0x0d:
        int10_0d_read_dot(r);
        break;
    case 0x0e:
        int10_0e_teletype(r);
        break;
    case 0x0f:
        int10_0f_get_mode(r);
        break;
    default:
        break;
    }
}

void int10(struct regs *r)
{
    switch (r->ah) {
    case 0x10:
        int10_10_palette(r);
        break;
    case 0x11:
        int10_11_font(r);
        break;
    case 0x12:
        int10_12_alternate_select(r);
        break;
    case 0x13:
        int10_13_write_string(r);
        break;
    case 0x1a:
        int10_1a_combination(r);
        break;
    case 0x1b:
        int10_1b_functionality(r);
        break;
    case 0x1c:
        int10_1c_state(r);
        break;
    case 0x4f:
        int10_4f_vbe(r);
        break;
    default:
        if (r->ah < 0x08)
            function_0x(r);
        else
            function_08(r);
    }
}
