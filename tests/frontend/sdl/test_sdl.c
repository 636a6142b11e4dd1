/* test_sdl.c: the window, on SDL's dummy video driver: keys and closing as events, pictures of changing sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <SDL.h>

#include "keys.h"
#include "sdl.h"

struct bench {
    struct log log;
    struct display *display;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    log_init(&b->log, NULL);
    b->display = display_open("test", &b->log);
    assert_non_null(b->display);
    while (display_poll(b->display).kind != DISPLAY_NONE)
        ;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    display_close(b->display);
    free(b);
    return 0;
}

static void push_key(Uint32 type, SDL_Scancode code, Uint8 repeat)
{
    SDL_Event e = { .type = type };
    e.key.keysym.scancode = code;
    e.key.repeat = repeat;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void expect_key(struct display *d, unsigned key, bool down)
{
    struct display_event e = display_poll(d);
    assert_int_equal(e.kind, DISPLAY_KEY);
    assert_int_equal(e.key, key);
    assert_int_equal(e.down, down);
}

static void test_keys(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    push_key(SDL_KEYDOWN, SDL_SCANCODE_A, 0);
    push_key(SDL_KEYDOWN, SDL_SCANCODE_A, 1);
    push_key(SDL_KEYUP, SDL_SCANCODE_A, 0);
    push_key(SDL_KEYDOWN, SDL_SCANCODE_AUDIOPLAY, 0); /* no key of a PC keyboard */
    push_key(SDL_KEYDOWN, SDL_SCANCODE_UNKNOWN, 0);
    push_key(SDL_KEYDOWN, SDL_SCANCODE_RCTRL, 0);
    push_key(SDL_KEYDOWN, SDL_SCANCODE_KP_ENTER, 0);
    push_key(SDL_KEYDOWN, SDL_SCANCODE_NONUSBACKSLASH, 0);
    expect_key(d, KEY_A, true);
    expect_key(d, KEY_A, false);
    expect_key(d, KEY_RIGHT_CTRL, true);
    expect_key(d, KEY_KP_ENTER, true);
    expect_key(d, KEY_ISO_BACKSLASH, true);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
}

static void push_hot_key(SDL_Scancode code, Uint16 mod)
{
    SDL_Event e = { .type = SDL_KEYDOWN };
    e.key.keysym.scancode = code;
    e.key.keysym.mod = mod;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void test_hot_keys(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    SDL_Window *window = SDL_GetWindowFromID(1);
    assert_non_null(window);
    push_hot_key(SDL_SCANCODE_G, KMOD_LCTRL | KMOD_LALT | KMOD_NUM);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
    assert_true(SDL_GetWindowFlags(window) & SDL_WINDOW_KEYBOARD_GRABBED);
    assert_non_null(strstr(SDL_GetWindowTitle(window), "Ctrl-Alt-G"));
    push_hot_key(SDL_SCANCODE_G, KMOD_LCTRL | KMOD_LALT);
    push_hot_key(SDL_SCANCODE_G, KMOD_LALT);
    push_hot_key(SDL_SCANCODE_F, KMOD_LCTRL | KMOD_RALT); /* AltGr makes characters */
    push_hot_key(SDL_SCANCODE_DELETE, KMOD_LCTRL | KMOD_LALT);
    expect_key(d, KEY_G, true);
    assert_false(SDL_GetWindowFlags(window) & SDL_WINDOW_KEYBOARD_GRABBED);
    assert_string_equal(SDL_GetWindowTitle(window), "test");
    expect_key(d, KEY_F, true);
    expect_key(d, KEY_DELETE, true);
    push_hot_key(SDL_SCANCODE_F, KMOD_LCTRL | KMOD_LALT);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
    push_hot_key(SDL_SCANCODE_U, KMOD_LCTRL | KMOD_LALT);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE); /* whether or not the driver can do it */
}

static void push_button(Uint32 type, Uint8 button, int x, int y)
{
    SDL_Event e = { .type = type };
    e.button.button = button;
    e.button.x = x;
    e.button.y = y;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void push_motion(int x, int y, int dx, int dy)
{
    SDL_Event e = { .type = SDL_MOUSEMOTION };
    e.motion.x = x;
    e.motion.y = y;
    e.motion.xrel = dx;
    e.motion.yrel = dy;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void push_wheel(int y)
{
    SDL_Event e = { .type = SDL_MOUSEWHEEL };
    e.wheel.y = y;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

static void push_focus_lost(void)
{
    SDL_Event e = { .type = SDL_WINDOWEVENT };
    e.window.event = SDL_WINDOWEVENT_FOCUS_LOST;
    e.window.windowID = 1;
    assert_int_equal(SDL_PushEvent(&e), 1);
}

/* SDL says "no more" at the end of what was there at the last "no more"; so ask twice. */
static struct display_event next_event(struct display *d)
{
    struct display_event e = display_poll(d);
    return e.kind == DISPLAY_NONE ? display_poll(d) : e;
}

static void expect_mouse(struct display *d, enum display_event_kind kind, int x, int y, int dz, unsigned buttons)
{
    struct display_event e = next_event(d);
    assert_int_equal(e.kind, kind);
    assert_int_equal(e.x, x);
    assert_int_equal(e.y, y);
    assert_int_equal(e.dz, dz);
    assert_int_equal(e.buttons, buttons);
}

static void show_picture(struct display *d, u32 width, u32 height)
{
    struct vga_frame f = { .room = (size_t)width * height, .width = width, .height = height };
    f.pixels = calloc(f.room, sizeof(u32));
    assert_non_null(f.pixels);
    assert_true(display_show(d, &f));
    free(f.pixels);
    while (display_poll(d).kind != DISPLAY_NONE)
        ;
}

static void test_grabbed_mouse(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    SDL_Window *window = SDL_GetWindowFromID(1);
    push_motion(10, 10, 3, 4); /* not the guest's */
    push_wheel(1);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_RIGHT, 10, 10);
    push_button(SDL_MOUSEBUTTONUP, SDL_BUTTON_RIGHT, 10, 10);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT, 10, 10);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
    assert_string_equal(SDL_GetWindowTitle(window), "test");
    push_button(SDL_MOUSEBUTTONUP, SDL_BUTTON_LEFT, 10, 10);
    assert_int_equal(next_event(d).kind, DISPLAY_NONE);
    assert_non_null(strstr(SDL_GetWindowTitle(window), "Ctrl-Alt-G"));
    assert_true(SDL_GetRelativeMouseMode());
    push_motion(10, 10, 3, -4);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT, 10, 10);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_X2, 10, 10);
    push_wheel(-2);
    push_button(SDL_MOUSEBUTTONUP, SDL_BUTTON_LEFT, 10, 10);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_MIDDLE, 10, 10);
    push_button(SDL_MOUSEBUTTONDOWN, 77, 10, 10);
    expect_mouse(d, DISPLAY_MOUSE, 3, -4, 0, 0);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_LEFT);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_LEFT | DISPLAY_FORWARD);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 2, DISPLAY_LEFT | DISPLAY_FORWARD);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_FORWARD);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_FORWARD | DISPLAY_MIDDLE);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_FORWARD | DISPLAY_MIDDLE);
    push_focus_lost();
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, 0);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
    assert_false(SDL_GetRelativeMouseMode());
    assert_string_equal(SDL_GetWindowTitle(window), "test");
}

static void test_button_held_at_the_end_of_a_grab(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    push_hot_key(SDL_SCANCODE_G, KMOD_LCTRL | KMOD_LALT);
    assert_int_equal(next_event(d).kind, DISPLAY_NONE);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_RIGHT, 1, 1);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, DISPLAY_RIGHT);
    push_hot_key(SDL_SCANCODE_G, KMOD_LCTRL | KMOD_LALT);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
    expect_mouse(d, DISPLAY_MOUSE, 0, 0, 0, 0);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
}

static void test_absolute_pointer(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    show_picture(d, 640, 480);
    display_set_absolute(d, true);
    push_motion(0, 479, 5, 5);
    push_motion(639, 0, 5, 5);
    push_motion(-7, 1000, 5, 5);
    push_button(SDL_MOUSEBUTTONDOWN, SDL_BUTTON_LEFT, 320, 240);
    expect_mouse(d, DISPLAY_POINTER, 0, 32767, 0, 0);
    expect_mouse(d, DISPLAY_POINTER, 32767, 0, 0, 0);
    expect_mouse(d, DISPLAY_POINTER, 0, 32767, 0, 0);
    expect_mouse(d, DISPLAY_POINTER, 320 * 32767 / 639, 240 * 32767 / 479, 0, DISPLAY_LEFT);
    push_focus_lost();
    struct display_event e = next_event(d);
    assert_int_equal(e.kind, DISPLAY_POINTER);
    assert_int_equal(e.buttons, 0);
    display_set_absolute(d, false);
    push_motion(0, 479, 5, 5);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
}

static void test_close(void **state)
{
    struct display *d = ((struct bench *)*state)->display;
    SDL_Event e = { .type = SDL_QUIT };
    SDL_PushEvent(&e);
    assert_int_equal(display_poll(d).kind, DISPLAY_QUIT);
    assert_int_equal(display_poll(d).kind, DISPLAY_NONE);
}

static void test_pictures(void **state)
{
    static const u32 sizes[][2] = { { 720, 400 }, { 640, 480 }, { 640, 480 }, { 1, 1 }, { 1280, 800 } };
    struct display *d = ((struct bench *)*state)->display;
    struct vga_frame f = { .room = 1280 * 800 };
    f.pixels = calloc(f.room, sizeof(u32));
    assert_non_null(f.pixels);
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        f.width = sizes[i][0];
        f.height = sizes[i][1];
        assert_true(display_show(d, &f));
        while (display_poll(d).kind != DISPLAY_NONE)
            ;
    }
    f.width = f.height = 0;
    assert_true(display_show(d, &f)); /* nothing to show */
    f.width = f.height = 4000;        /* a size whose pixels are not there */
    assert_true(display_show(d, &f));
    free(f.pixels);
}

static void test_no_display(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct log log;
    (void)state;
    log_init(&log, out);
    setenv("SDL_VIDEODRIVER", "nonesuch", 1);
    assert_null(display_open("test", &log));
    fclose(out);
    assert_non_null(strstr(text, "no display"));
    assert_ptr_equal(strchr(text, '\n'), text + len - 1); /* one line */
    free(text);
}

/* Left to itself SDL may draw for nobody. */
static void test_no_blind_window(void **state)
{
    struct log log;
    FILE *null = fopen("/dev/null", "w");
    (void)state;
    assert_non_null(null);
    log_init(&log, null);
    unsetenv("SDL_VIDEODRIVER");
    struct display *d = display_open("test", &log);
    if (d) {
        assert_string_not_equal(SDL_GetCurrentVideoDriver(), "offscreen");
        assert_string_not_equal(SDL_GetCurrentVideoDriver(), "dummy");
    }
    display_close(d);
    fclose(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hot_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_grabbed_mouse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_button_held_at_the_end_of_a_grab, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absolute_pointer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pictures, setup, teardown),
        cmocka_unit_test(test_no_display),
        cmocka_unit_test(test_no_blind_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
