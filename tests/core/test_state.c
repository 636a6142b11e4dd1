/* test_state.c: the saved form byte for byte, round trips, and every way in which a state is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "clock.h"
#include "state.h"

struct channel {
    u16 count;
    u8 mode;
};

enum phase { IDLE, BUSY };

struct chip {
    /* wiring */
    struct clock *clock;
    /* state */
    u32 id;
    s32 level;
    bool armed;
    enum phase phase;
    u8 index;
    u16 latch[3];
    u8 fifo[5];
    u64 total;
    struct channel channel[2];
    struct channel spare;
    struct timer timer;
};

static const struct state_field channel_fields[] = {
    STATE(struct channel, count),
    STATE_MAX(struct channel, mode, 5),
    STATE_END,
};

static const struct state_field chip_fields[] = {
    STATE(struct chip, id),
    STATE(struct chip, level),
    STATE(struct chip, armed),
    STATE_MAX(struct chip, phase, BUSY),
    STATE_MAX(struct chip, index, 4),
    STATE_INTS(struct chip, latch),
    STATE_BYTES(struct chip, fifo),
    STATE(struct chip, total),
    STATE_ARRAY(struct chip, channel, channel_fields),
    STATE_STRUCT(struct chip, spare, channel_fields),
    STATE_TIMER(struct chip, timer),
    STATE_END,
};

static bool chip_post_load(void *self)
{
    return ((const struct chip *)self)->total != 666;
}

static const struct state_table chip_state = { "chip", 3, chip_fields, chip_post_load };

/* Offsets in the saved form: 1 + 4 name, 4 version. */
enum { AT_VERSION = 5, AT_ID = 9, AT_ARMED = 17, AT_PHASE = 18, AT_INDEX = 22, AT_TOTAL = 34, AT_MODE1 = 47 };
#define IMAGE_LEN 59

static const u8 golden[IMAGE_LEN] = {
    4,    'c',  'h',  'i',  'p',  3,    0,    0,    0, /* name, version */
    0x78, 0x56, 0x34, 0x12,                            /* id */
    0xfe, 0xff, 0xff, 0xff,                            /* level */
    1,                                                 /* armed */
    1,    0,    0,    0,                               /* phase */
    4,                                                 /* index */
    0x11, 0x10, 0x22, 0x20, 0x33, 0x30,                /* latch */
    1,    2,    3,    4,    5,                         /* fifo */
    8,    7,    6,    5,    4,    3,    2,    1,       /* total */
    0xcd, 0xab, 5,    0xef, 0xbe, 0,    0x34, 0x12, 2, /* channel[2], spare */
    0xe8, 0x03, 0,    0,    0,    0,    0,    0,       /* timer */
};

static u64 now_zero(void *source)
{
    (void)source;
    return 0;
}

static void nothing(void *owner)
{
    (void)owner;
}

static void chip_init(struct chip *c, struct clock *clock)
{
    memset(c, 0, sizeof *c);
    clock_init(clock);
    clock->now = now_zero;
    c->clock = clock;
    timer_init(&c->timer, clock, "chip", 0, nothing, c);
}

static void chip_fill(struct chip *c)
{
    c->id = 0x12345678;
    c->level = -2;
    c->armed = true;
    c->phase = BUSY;
    c->index = 4;
    memcpy(c->latch, (u16[]){ 0x1011, 0x2022, 0x3033 }, sizeof c->latch);
    memcpy(c->fifo, "\1\2\3\4\5", 5);
    c->total = 0x0102030405060708;
    c->channel[0] = (struct channel){ 0xabcd, 5 };
    c->channel[1] = (struct channel){ 0xbeef, 0 };
    c->spare = (struct channel){ 0x1234, 2 };
    timer_set(&c->timer, 1000);
}

static void saved_form_is_fixed(void **state)
{
    (void)state;
    struct clock clock;
    struct chip c;
    struct state_buf out = { 0 };
    chip_init(&c, &clock);
    chip_fill(&c);
    assert_true(state_save(&chip_state, &c, &out));
    assert_int_equal(out.len, IMAGE_LEN);
    assert_memory_equal(out.data, golden, IMAGE_LEN);
    state_buf_free(&out);
    assert_null(out.data);
}

static void load_restores_all(void **state)
{
    (void)state;
    struct clock clock;
    struct chip c;
    u8 image[IMAGE_LEN];
    memcpy(image, golden, sizeof image);
    struct state_buf in = { .data = image, .len = sizeof image }, out = { 0 };
    const char *why = "untouched";
    chip_init(&c, &clock);
    assert_true(state_load(&chip_state, &c, &in, &why));
    assert_null(why);
    assert_int_equal(in.pos, IMAGE_LEN);
    assert_int_equal(c.level, -2);
    assert_int_equal(c.channel[1].count, 0xbeef);
    assert_int_equal(clock.next, 1000);
    assert_ptr_equal(c.clock, &clock);
    assert_true(state_save(&chip_state, &c, &out));
    assert_memory_equal(out.data, golden, IMAGE_LEN);
    state_buf_free(&out);
}

static void refused(unsigned at, u8 byte, size_t len, const char *field)
{
    struct clock clock;
    struct chip c;
    u8 *image = malloc(len); /* so that the sanitizer sees a read past a short buffer */
    assert_non_null(image);
    memcpy(image, golden, len);
    if (at < len)
        image[at] = byte;
    struct state_buf in = { .data = image, .len = len };
    const char *why = NULL;
    chip_init(&c, &clock);
    assert_false(state_load(&chip_state, &c, &in, &why));
    assert_string_equal(why, field);
    free(image);
}

static void wrong_states_are_refused(void **state)
{
    (void)state;
    refused(1, 'C', IMAGE_LEN, "(name)");
    refused(0, 3, IMAGE_LEN, "(name)");
    refused(0, 255, IMAGE_LEN, "(name)");
    refused(AT_VERSION, 2, IMAGE_LEN, "(version)");
    refused(AT_ARMED, 2, IMAGE_LEN, "armed");
    refused(AT_PHASE, 2, IMAGE_LEN, "phase");
    refused(AT_PHASE + 3, 1, IMAGE_LEN, "phase");
    refused(AT_INDEX, 5, IMAGE_LEN, "index");
    refused(AT_MODE1, 6, IMAGE_LEN, "mode");
}

static void every_short_buffer_is_refused(void **state)
{
    (void)state;
    for (size_t len = 1; len < IMAGE_LEN; len++) {
        struct clock clock;
        struct chip c;
        u8 *image = malloc(len);
        assert_non_null(image);
        memcpy(image, golden, len);
        struct state_buf in = { .data = image, .len = len };
        const char *why = NULL;
        chip_init(&c, &clock);
        assert_false(state_load(&chip_state, &c, &in, &why));
        assert_non_null(why);
        free(image);
    }
}

static void post_load_can_refuse(void **state)
{
    (void)state;
    struct clock clock;
    struct chip c;
    struct state_buf image = { 0 };
    const char *why = NULL;
    chip_init(&c, &clock);
    chip_fill(&c);
    c.total = 666;
    assert_true(state_save(&chip_state, &c, &image));
    assert_false(state_load(&chip_state, &c, &image, &why));
    assert_string_equal(why, "(post-load check)");
    state_buf_free(&image);
}

/* The hash is FNV-1a over the saved form, and every saved byte counts. */
static void hash_covers_the_saved_form(void **state)
{
    (void)state;
    struct clock clock;
    struct chip c;
    chip_init(&c, &clock);
    chip_fill(&c);
    u64 seed = 0xcbf29ce484222325, expected = seed;
    for (unsigned i = 0; i < IMAGE_LEN; i++)
        expected = (expected ^ golden[i]) * 0x100000001b3;
    assert_true(state_hash(&chip_state, &c, seed) == expected);
    c.fifo[4] ^= 1;
    assert_true(state_hash(&chip_state, &c, seed) != expected);
    c.fifo[4] ^= 1;
    assert_true(state_hash(&chip_state, &c, seed) == expected);
    timer_set(&c.timer, 1001);
    assert_true(state_hash(&chip_state, &c, seed) != expected);
}

static void several_tables_share_a_buffer(void **state)
{
    (void)state;
    enum { CHIPS = 200 }; /* more than the buffer's first room */
    static struct chip a[CHIPS], b[CHIPS];
    static struct clock clock_a[CHIPS], clock_b[CHIPS];
    struct state_buf buf = { 0 };
    for (unsigned i = 0; i < CHIPS; i++) {
        chip_init(&a[i], &clock_a[i]);
        chip_init(&b[i], &clock_b[i]);
        chip_fill(&a[i]);
        a[i].id = i;
        assert_true(state_save(&chip_state, &a[i], &buf));
    }
    for (unsigned i = 0; i < CHIPS; i++) {
        assert_true(state_load(&chip_state, &b[i], &buf, NULL));
        assert_int_equal(b[i].id, i);
    }
    assert_int_equal(buf.pos, buf.len);
    state_buf_free(&buf);
}

static void print_names_each_field(void **state)
{
    (void)state;
    struct clock clock;
    struct chip c;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    chip_init(&c, &clock);
    chip_fill(&c);
    state_print(&chip_state, &c, out);
    timer_stop(&c.timer);
    fclose(out);
    assert_string_equal(text, "id=0x12345678\nlevel=0xfffffffe\narmed=0x1\nphase=0x1\nindex=0x4\n"
                              "latch[0]=0x1011\nlatch[1]=0x2022\nlatch[2]=0x3033\nfifo=0102030405\n"
                              "total=0x102030405060708\n"
                              "channel[0].count=0xabcd\nchannel[0].mode=0x5\n"
                              "channel[1].count=0xbeef\nchannel[1].mode=0\n"
                              "spare.count=0x1234\nspare.mode=0x2\ntimer=1000\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_form_is_fixed),           cmocka_unit_test(load_restores_all),
        cmocka_unit_test(wrong_states_are_refused),      cmocka_unit_test(every_short_buffer_is_refused),
        cmocka_unit_test(post_load_can_refuse),          cmocka_unit_test(hash_covers_the_saved_form),
        cmocka_unit_test(several_tables_share_a_buffer), cmocka_unit_test(print_names_each_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
