/* pace.c: see pace.h. */
#include "pace.h"

#define FIRST_SPEED (VTIME_ONE_NS / 20) /* 50 million instructions a second */
#define SPEED_MIN (VTIME_ONE_NS / 4096)
#define SPEED_MAX (VTIME_ONE_NS * 64)
/* Shorter runs say little about the speed. */
#define MEASURE_MIN_NS 100000u
/* A delay longer than this is forgotten: the host slept, or a debugger held it. */
#define LAG_MAX_NS 1000000000u
/* Within one slice time runs at an eighth to sixteen times its pace. */
#define SLOWEST 8
#define FASTEST 16

void pace_init(struct pace *p, u64 (*host_now)(void *host), void *host)
{
    *p = (struct pace){ .host_now = host_now, .host = host, .origin = host_now(host), .speed = FIRST_SPEED };
}

void pace_set(struct pace *p, u64 now)
{
    p->origin = p->host_now(p->host) - now;
}

u64 pace_target(const struct pace *p)
{
    return p->host_now(p->host) - p->origin;
}

static u64 clamp(u64 v, u64 low, u64 high)
{
    return v < low ? low : v > high ? high : v;
}

/* How far virtual time shall go in the next slice. */
static u64 advance(struct pace *p, u64 now)
{
    u64 target = pace_target(p);
    if (target > now && target - now > LAG_MAX_NS) {
        p->origin += target - now - LAG_MAX_NS;
        target = now + LAG_MAX_NS;
    }
    u64 end = target + PACE_SLICE_NS;
    return clamp(end > now ? end - now : 0, PACE_SLICE_NS / SLOWEST, (u64)PACE_SLICE_NS * FASTEST);
}

u64 pace_begin(struct pace *p, struct vtime *t, u64 icount)
{
    u64 insns = (u64)((p->speed * (u128)PACE_SLICE_NS) >> 32);
    u64 rate = (advance(p, vtime_at(t, icount)) << 32) / insns;
    vtime_set_rate(t, icount, rate ? rate : 1);
    return insns;
}

void pace_measure(struct pace *p, u64 insns, u64 ns)
{
    if (ns < MEASURE_MIN_NS)
        return;
    u64 speed = (u64)(((u128)insns << 32) / ns);
    p->speed = clamp((3 * p->speed + clamp(speed, SPEED_MIN, SPEED_MAX)) / 4, SPEED_MIN, SPEED_MAX);
}
