/* control.h: what the monitor's commands do to the run: the machine, and the host's side of it as far as a command can
 * see or change it. The front end owns it and looks between slices at what was asked. */
#ifndef PCEMU_CONTROL_H
#define PCEMU_CONTROL_H

#include "keyplay.h"
#include "log.h"
#include "machine.h"

#include <stdio.h>

#define CONTROL_STREAMS_MAX 8

enum control_mode { CONTROL_RETAIN, CONTROL_READ_ONLY, CONTROL_READ_WRITE }; /* RETAIN: as the drive has it */

struct control {
    struct machine *machine;
    struct log *log;
    const char *name;    /* -name; NULL: none */
    const char *version; /* of pcemu */
    bool paused;         /* the machine does not run… */
    bool prelaunch;      /* …and has not yet */
    bool shut_down;      /* …and will not before it is reset: -no-shutdown */
    bool quit;           /* end the run */
    bool reset;          /* press the reset button */
    struct key_player keys;
    unsigned mouse_buttons; /* as mouse_button left them */

    /* The streams, in QEMU's words ("serial0", "stdio"). */
    struct {
        const char *label, *filename;
    } stream[CONTROL_STREAMS_MAX];
    unsigned streams;

    /* The host's side; each gets `self`. */
    void *self;
    /* What a drive (machine.h) is called, in `buf` where it has no name of its own; the file behind it, NULL: none. */
    const char *(*drive_name)(void *self, unsigned drive, char buf[16]);
    const char *(*drive_file)(void *self, unsigned drive);
    /* Takes the medium out of the drive called `name`; puts the image `file` in. False: one line on `err` says why. */
    bool (*eject)(void *self, const char *name, bool force, FILE *err);
    bool (*change)(void *self, const char *name, const char *file, enum control_mode mode, bool force, FILE *err);
    /* Sends the log to another file; NULL: to standard error. */
    bool (*set_log_file)(void *self, const char *path, char *error);
    /* Snapshots of the machine by their tags; save: NULL makes up a tag. False: one line on `err` says why. */
    bool (*save)(void *self, const char *tag, FILE *err);
    bool (*load)(void *self, const char *tag, FILE *err);
    bool (*delete_snapshot)(void *self, const char *tag, FILE *err);
    void (*list_snapshots)(void *self, FILE *out);
    /* Prints `info network`; NULL: there is none. */
    void (*print_network)(void *self, FILE *out);
};

#define CONTROL_ERROR_MAX 256

#endif
