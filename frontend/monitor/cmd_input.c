/* cmd_input.c: sendkey, mouse_move, mouse_button, screendump: what a user has keyboard, mouse and screen for. */
#include "commands.h"

#include "picture.h"

#include <errno.h>
#include <stdlib.h>

#define HOLD_MS 100
#define HOLD_MAX_MS 3600000
#define KEYS_MAX 16
#define MOUSE_BUTTONS 7

void cmd_sendkey(struct monitor *m, const struct args *a)
{
    u16 keys[KEYS_MAX];
    unsigned count = 0;
    s64 hold = args_number(a, "hold-time", HOLD_MS);
    const char *name = args_text(a, "keys");
    for (bool last = false; !last; count++) {
        size_t len = strcspn(name, "-"); /* 0: between two '-', or behind the last, there is no name */
        last = name[len] != '-';
        unsigned key = key_by_name(name, len);
        if (key == KEY_NONE) {
            fprintf(m->out, "invalid parameter: %.*s\n", (int)len, name);
            return;
        }
        if (count == KEYS_MAX) {
            fprintf(m->out, "pcemu presses at most %d keys together\n", KEYS_MAX);
            return;
        }
        keys[count] = (u16)key;
        name += len + !last;
    }
    hold = hold < 0 || hold > HOLD_MAX_MS ? HOLD_MS : hold;
    if (!key_player_add(&m->control->keys, keys, count, (u64)hold * 1000000))
        fputs("too many keys wait for the guest\n", m->out);
}

static int to_int(const char *text)
{
    long value = text ? strtol(text, NULL, 0) : 0;
    return value > 0x7fff ? 0x7fff : value < -0x7fff ? -0x7fff : (int)value;
}

void cmd_mouse_move(struct monitor *m, const struct args *a)
{
    machine_mouse(m->control->machine, to_int(args_text(a, "dx_str")), to_int(args_text(a, "dy_str")),
                  to_int(args_text(a, "dz_str")), m->control->mouse_buttons);
}

void cmd_mouse_button(struct monitor *m, const struct args *a)
{
    m->control->mouse_buttons = (unsigned)args_number(a, "button_state", 0) & MOUSE_BUTTONS;
    machine_mouse(m->control->machine, 0, 0, 0, m->control->mouse_buttons);
}

/* ---- screendump ---- */

void cmd_screendump(struct monitor *m, const struct args *a)
{
    const char *path = args_text(a, "filename"), *format = args_text(a, "format");
    struct vga_frame frame = { 0 };
    if (format && strcmp(format, "png") != 0 && strcmp(format, "ppm") != 0) {
        fprintf(m->out, "Error: invalid parameter: %s\n", format);
        return;
    }
    if (!picture_draw(&frame, m->control->machine)) {
        fputs("Error: there is no picture\n", m->out);
        free(frame.pixels);
        return;
    }
    FILE *out = fopen(path, "wbe");
    bool png = format ? strcmp(format, "png") == 0 : picture_is_png(path);
    bool ok = out && picture_write(out, &frame, png);
    int error = errno;
    if (out && fclose(out) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (!out)
        fprintf(m->out, "Error: failed to open file '%s': %s\n", path, strerror(error));
    else if (!ok)
        fprintf(m->out, "Error: failed to write file '%s': %s\n", path, strerror(error));
    free(frame.pixels);
}
