/* resume.h: what the tests must remember over a reset, in bytes of the CMOS memory that no firmware uses. */
#ifndef GUEST_RESUME_H
#define GUEST_RESUME_H

#include "io.h"

#define RESUME_CMOS 0x70
#define RESUME_MAGIC 0x5a

/* Stages that are no reset of the tests: the transcript's state, the tour. */
#define RESUME_RUNNING 0x52 /* the tests run: a reset now was nobody's intention */
#define RESUME_STATE 0x53
#define RESUME_TOUR 0x54

struct resume {
    u8 stage; /* which reset is to come */
    u16 tests, failed, skipped;
};

static inline u8 resume_sum(void)
{
    u8 sum = 0;
    for (u8 i = 0; i < 8; i++)
        sum = (u8)(sum * 3 + cmos_read((u8)(RESUME_CMOS + i)));
    return sum;
}

static inline u16 resume_word(u8 at)
{
    return (u16)(cmos_read((u8)(RESUME_CMOS + at)) | cmos_read((u8)(RESUME_CMOS + at + 1)) << 8);
}

static inline void resume_put(u8 at, u16 v)
{
    cmos_write((u8)(RESUME_CMOS + at), (u8)v);
    cmos_write((u8)(RESUME_CMOS + at + 1), (u8)(v >> 8));
}

/* Nonzero: something was remembered; it is forgotten now. */
static inline int resume_read(struct resume *r)
{
    if (cmos_read(RESUME_CMOS) != RESUME_MAGIC || cmos_read(RESUME_CMOS + 8) != resume_sum())
        return 0;
    *r = (struct resume){ cmos_read(RESUME_CMOS + 1), resume_word(2), resume_word(4), resume_word(6) };
    cmos_write(RESUME_CMOS, 0);
    return 1;
}

static inline void resume_write(const struct resume *r)
{
    cmos_write(RESUME_CMOS, RESUME_MAGIC);
    cmos_write(RESUME_CMOS + 1, r->stage);
    resume_put(2, r->tests);
    resume_put(4, r->failed);
    resume_put(6, r->skipped);
    cmos_write(RESUME_CMOS + 8, resume_sum());
}

#endif
