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
        cmocka_unit_test_setup_teardown(test_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pictures, setup, teardown),
        cmocka_unit_test(test_no_display),
        cmocka_unit_test(test_no_blind_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
