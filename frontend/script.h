/* script.h: what a run without a person is told to do and to look for: texts that shall appear on the serial port, the
 * debug console or the screen, texts that must not, and keys that are typed in between. The steps are done one after
 * the other. All of it happens on the guest's side of things: at the instruction that sends the last byte of a text, or
 * at a frame of the guest's time; never by the host's clock. */
#ifndef PCEMU_SCRIPT_H
#define PCEMU_SCRIPT_H

#include "base.h"

#define SCRIPT_STEPS_MAX 128
#define SCRIPT_BANS_MAX 32
#define SCRIPT_TEXT_MAX 4096 /* of one step */
#define SCRIPT_KEPT 0x10000u /* bytes of output that are looked at again when their step comes; a power of two */

enum script_place { SCRIPT_SERIAL, SCRIPT_DEBUGCON, SCRIPT_SCREEN, SCRIPT_PLACES };
#define SCRIPT_PORTS SCRIPT_SCREEN /* the places before it are streams of bytes */

enum script_kind {
    SCRIPT_EXPECT, /* the text appears at `place` */
    SCRIPT_TYPE,   /* keys: see script_next_key() */
    SCRIPT_SEND,   /* bytes for the serial port */
    SCRIPT_WAIT,   /* `ns` of the machine's time pass */
};

struct script_step {
    enum script_kind kind;
    enum script_place place;
    const char *text;
    u64 ns;
};

/* What the options say. */
struct script_option {
    struct script_step step[SCRIPT_STEPS_MAX], ban[SCRIPT_BANS_MAX]; /* `ban`: texts that must not appear */
    unsigned steps, bans;
};

/* What a port has sent. */
struct script_output {
    u8 byte[SCRIPT_KEPT];
    u64 sent;     /* bytes so far */
    u64 consumed; /* behind the last text that was found */
    u64 looked;   /* so far the present step's text does not end */
};

struct script {
    const struct script_option *option;
    unsigned now;                   /* the step that is being done */
    const struct script_step *seen; /* a text that must not appear, and did; NULL: none */
    struct script_output output[SCRIPT_PORTS];
};

/* `option` outlives the script. */
/* A text of the port is looked for. */
bool script_wants_port(const struct script_option *o, enum script_place port);
void script_init(struct script *s, const struct script_option *option);
/* The step to be done; NULL: all are. */
const struct script_step *script_step(const struct script *s);
/* The present step is done. */
void script_advance(struct script *s);
/* A byte that the guest sent. True: the script goes on or fails here, so the machine should stop to let it. */
bool script_take(struct script *s, enum script_place port, u8 byte);
/* The present step's text has appeared at its port: it is done. */
bool script_port_matches(struct script *s);
/* The screen as text (machine_text()): the same for it, and for texts that must not be there. */
bool script_screen_matches(const struct script *s, const char *screen);
void script_check_screen(struct script *s, const char *screen);
/* The screen has to be looked at. */
bool script_wants_screen(const struct script *s);
/* All texts have appeared, and the last step was such a text: the run has shown what it should. */
bool script_is_over(const struct script *s);
/* The last bytes of a port, at most `room`. */
size_t script_tail(const struct script *s, enum script_place port, u8 *to, size_t room);

/* ---- keys ---- */

#define SCRIPT_CHORD_MAX 8

/* Takes the next key, or the keys that are pressed together, off *text: a character of the US layout, or a name of
 * QEMU's in angle brackets: <ret>, <f1>, <ctrl-c>, <shift-tab>; <lt> is the character '<'. Return: how many keys (of
 * keys.h); 0: the text is at its end, or (*text not at its end) there is no such key. */
unsigned script_next_key(const char **text, u16 keys[SCRIPT_CHORD_MAX]);

#endif
