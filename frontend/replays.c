/* replays.c: -record and -replay: a session's inputs in a file, and the same session again. */
#include "session.h"
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>

static bool complain(FILE *err, const char *path, const char *why)
{
    fprintf(err, "pcemu: %s: %s\n", path, why);
    return false;
}

/* The machine is built with what the recording says. */
static void take_start(struct session *s)
{
    s->replay_start = replay_start(s->replay);
    s->clock = s->replay_start.clock == MACHINE_CLOCK_HOST ? CLOCK_HOST : CLOCK_INSN;
}

bool session_open_replay(struct session *s, FILE *err)
{
    char why[SNAPSHOT_WHY_MAX];
    const char *path = s->options->replay;
    struct snapshot_info info;
    u8 *data;
    size_t len;
    if (s->options->record && path)
        return complain(err, path, "-record and -replay don't go together");
    if ((s->options->record || path) && !session_can_save(s, err))
        return false;
    if (!path)
        return true;
    if (!session_read_file(path, &data, &len, err))
        return false;
    bool ok = snapshot_look(data, len, &info, why) && (s->replay = replay_open(data, len, why));
    free(data);
    if (ok)
        take_start(s);
    return ok || complain(err, path, why);
}

/* A medium that was put in then: the image by its name. */
static bool change(void *session, unsigned drive, const char *name, bool force)
{
    (void)force;
    return session_replay_change(session, drive, name, stderr);
}

bool session_begin_replay(struct session *s, FILE *err)
{
    char why[SNAPSHOT_WHY_MAX];
    s->records = s->options->record;
    if (s->records && !machine_record(s->machine))
        return complain(err, s->options->record, "no memory to record");
    if (!s->replay)
        return true;
    bool ok = machine_replay(s->machine, s->replay, change, s, why);
    s->replays = ok;
    return ok || complain(err, s->options->replay, why);
}

bool session_replay_ended(struct session *s, enum machine_status status, int *exit_status)
{
    if (!s->replays)
        return false;
    enum machine_replay state = machine_replay_state(s->machine);
    if (state == MACHINE_REPLAY_NONE || (state == MACHINE_REPLAY_RUNS && status != MACHINE_IDLE))
        return false;
    if (state == MACHINE_REPLAY_SAME) {
        fprintf(stderr, "pcemu: %s: replayed to its end, %" PRIu64 " instructions: the same\n", s->options->replay,
                machine_icount(s->machine));
        *exit_status = STATUS_POWERED_OFF;
        return status == MACHINE_RUNNING;
    }
    fprintf(stderr, "pcemu: %s: the replay is not the recorded run, at %" PRIu64 " instructions\n", s->options->replay,
            machine_icount(s->machine));
    *exit_status = STATUS_DIVERGED;
    return true;
}

static bool write_recording(struct session *s, struct snapshot_writer *w)
{
    return machine_record_end(s->machine, w);
}

bool session_end_recording(struct session *s, FILE *err)
{
    if (s->timeline) /* what was recorded ends in the present */
        timeline_goto(s->timeline, UINT64_MAX);
    return !s->options->record || session_write_file(s, s->options->record, write_recording, err);
}

void session_close_replay(struct session *s)
{
    replay_close(s->replay);
    s->replay = NULL;
}
