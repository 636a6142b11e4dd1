/* state.h: a device's state, declared once in a table, that serves reset checks, save, load, print, compare and hash.
 * Wiring (pointers, regions, lines, callbacks) is never in the table. Values are saved little-endian, in table order.
 *
 *     const struct state_field i8254_fields[] = {
 *         STATE_ARRAY(struct i8254, counter, i8254_counter_fields), // structs with a table of their own
 *         STATE(struct i8254, port61),                              // an integer, bool or enum
 *         STATE_MAX(struct i8254, rw_index, 3),                     // the same, refused by a load when above 3
 *         STATE_INTS(struct i8254, latch),                          // an array of integers
 *         STATE_TIMER(struct i8254, irq_timer),                     // a struct timer: its deadline
 *         STATE_END };
 *     const struct state_table i8254_state = { "i8254", 1, i8254_fields, i8254_post_load };
 */
#ifndef PCEMU_STATE_H
#define PCEMU_STATE_H

#include "base.h"
#include <stdio.h>

enum state_kind { STATE_K_END, STATE_K_INT, STATE_K_BYTES, STATE_K_STRUCT, STATE_K_TIMER };

struct state_field {
    const char *name;
    enum state_kind kind;
    u32 offset;
    u32 size;  /* of one element */
    u32 count; /* elements */
    u64 max;   /* STATE_K_INT: largest legal value */
    const struct state_field *sub;
};

struct state_table {
    const char *name;
    u32 version;
    const struct state_field *fields;
    /* Called after loading: recompute what is derived, check what a range can't say. False refuses the state. NULL:
     * none. */
    bool (*post_load)(void *self);
};

#define STATE_ELEM(T, f) (((T *)0)->f)
#define STATE_COUNT_OF(T, f, E) ((u32)(sizeof(STATE_ELEM(T, f)) / sizeof(E)))
/* Largest legal value by type: a bool that holds neither 0 nor 1 is undefined behaviour. */
#define STATE_TYPE_MAX(E) _Generic((E), bool : 1, default : UINT64_MAX)
#define STATE(T, f)                                                                                                    \
    {                                                                                                                  \
#f, STATE_K_INT, offsetof(T, f), sizeof(STATE_ELEM(T, f)), 1, STATE_TYPE_MAX(STATE_ELEM(T, f)), NULL           \
    }
#define STATE_MAX(T, f, m)                                                                                             \
    {                                                                                                                  \
#f, STATE_K_INT, offsetof(T, f), sizeof(STATE_ELEM(T, f)), 1, (m), NULL                                        \
    }
/* An array of integers. */
#define STATE_INTS(T, f)                                                                                               \
    {                                                                                                                  \
#f, STATE_K_INT, offsetof(T, f), sizeof(STATE_ELEM(T, f)[0]), ARRAY_LEN(STATE_ELEM(T, f)),                     \
            STATE_TYPE_MAX(STATE_ELEM(T, f)[0]), NULL                                                                  \
    }
/* Raw bytes (a FIFO, VRAM inside the struct). */
#define STATE_BYTES(T, f)                                                                                              \
    {                                                                                                                  \
#f, STATE_K_BYTES, offsetof(T, f), sizeof(STATE_ELEM(T, f)), 1, 0, NULL                                        \
    }
#define STATE_STRUCT(T, f, fields)                                                                                     \
    {                                                                                                                  \
#f, STATE_K_STRUCT, offsetof(T, f), sizeof(STATE_ELEM(T, f)), 1, 0, (fields)                                   \
    }
#define STATE_ARRAY(T, f, fields)                                                                                      \
    {                                                                                                                  \
#f, STATE_K_STRUCT, offsetof(T, f), sizeof(STATE_ELEM(T, f)[0]), ARRAY_LEN(STATE_ELEM(T, f)), 0, (fields)      \
    }
#define STATE_TIMER(T, f)                                                                                              \
    {                                                                                                                  \
#f, STATE_K_TIMER, offsetof(T, f), sizeof(struct timer), 1, 0, NULL                                            \
    }
#define STATE_END                                                                                                      \
    {                                                                                                                  \
        NULL, STATE_K_END, 0, 0, 0, 0, NULL                                                                            \
    }

/* A growing byte buffer that state is written to, and the cursor that it is read from. */
struct state_buf {
    u8 *data;
    size_t len, room, pos;
};
void state_buf_free(struct state_buf *b);
/* Appends bytes. False when the host has no memory. */
bool state_buf_put(struct state_buf *b, const void *bytes, size_t len);

/* Appends the state of `self`. False when the host has no memory. */
bool state_save(const struct state_table *t, const void *self, struct state_buf *out);
/* Restores it. On a wrong name, version, range or a short buffer: false, *why names the field, `self` may be half
 * loaded. */
bool state_load(const struct state_table *t, void *self, struct state_buf *in, const char **why);
/* 64-bit FNV-1a over the saved form, chained from `seed`. */
u64 state_hash(const struct state_table *t, const void *self, u64 seed);
/* One "name=value" line per field. */
void state_print(const struct state_table *t, const void *self, FILE *out);

#endif
