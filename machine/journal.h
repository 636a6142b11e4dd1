/* journal.h: everything that came into a machine from outside, with its place in history; given again at the same
 * places it makes the same history. The parts of the machine that outside reaches (panel.c, machine.c, media.c,
 * debug.c, the network's and the streams' gates) come through here.
 *
 * A place is a count of instructions, a time (idle time passes at one count) and whether the machine had begun to wait
 * there. What comes between slices is an input; what a network card finds when it asks is a net answer, which has its
 * place within an instruction and is taken in order. */
#ifndef PCEMU_JOURNAL_H
#define PCEMU_JOURNAL_H

#include "machine.h"

enum journal_kind {
    JOURNAL_KEY,      /* key, down */
    JOURNAL_MOUSE,    /* dx, dy, dz | buttons << 32 */
    JOURNAL_POINTER,  /* x, y, dz | buttons << 32 */
    JOURNAL_SERIAL,   /* byte */
    JOURNAL_POWER,    /* the power button */
    JOURNAL_NMI,      /* the NMI button */
    JOURNAL_RESET,    /* the reset button */
    JOURNAL_WAKE,     /* machine_wake() */
    JOURNAL_BOOT,     /* the boot order's letters, lowest byte first */
    JOURNAL_LINK,     /* card, up */
    JOURNAL_RATE,     /* -clock host: ns an instruction from here on, 32.32 */
    JOURNAL_SKIP,     /* -clock host: the machine waits until this time */
    JOURNAL_WRITE,    /* debug_write(): cpu | space << 32, address; data */
    JOURNAL_SET_REGS, /* debug_set_registers(): cpu; data */
    JOURNAL_IN,       /* debug_port_read(): port, size */
    JOURNAL_OUT,      /* debug_port_write(): port, size, value */
    JOURNAL_EJECT,    /* drive, force */
    JOURNAL_CHANGE,   /* drive, force; data: what the front end calls the medium */
    JOURNAL_END,      /* the end of a recording: the machine's hash */
    JOURNAL_KINDS
};

struct journal_event {
    u64 icount, now;
    u64 a, b, c;
    u64 data; /* where its bytes are in journal.data */
    u32 len;  /* how many */
    u8 kind;  /* enum journal_kind */
    bool halted;
};

struct journal_net {
    u64 icount, now;
    u64 again;
    u64 data;
    u32 len;
    u32 card;
};

enum journal_mode {
    JOURNAL_OFF,
    JOURNAL_RECORD,
    JOURNAL_REPLAY, /* inputs come from the journal; the front end's are dropped */
};

struct journal {
    enum journal_mode mode;
    struct journal_event *event;
    size_t events, event_room, next;
    struct journal_net *net;
    size_t nets, net_room, next_net;
    u8 *data;
    size_t data_len, data_room;
    /* While a machine is in its past (timeline.h): where its present is, and what is done from there on. */
    u64 end_icount, end_now; /* UINT64_MAX: it is in its present */
    bool end_halted;
    size_t end_event;
    enum journal_mode end_mode;
    bool searches;  /* nobody wants to go on from there when that place is met */
    bool applying;  /* an input is being given again */
    bool failed;    /* the host had no memory: what came is not all here */
    bool diverged;  /* history is another one than was recorded */
    bool cut;       /* something came that can't be given again: history begins anew */
    bool ended;     /* JOURNAL_END was reached… */
    u64 start_hash; /* of a recording */
    u64 ended_hash; /* …and the machine's hash should be this */
    bool (*change)(void *self, unsigned drive, const char *name, bool force); /* JOURNAL_CHANGE, given again */
    void *change_self;
};

struct journal *journal_new(void);
void journal_free(struct journal *j);
/* Drops what was recorded from the present place on, and records. */
void journal_record(struct journal *j);

/* The machine's state is another's: its past is not how it came to be. */
void journal_forget(struct machine *m);

/* An input from outside: true: it is to act now (and was noted where one records). */
bool journal_input(struct machine *m, enum journal_kind kind, u64 a, u64 b, u64 c);
bool journal_input_data(struct machine *m, enum journal_kind kind, u64 a, u64 b, const void *data, size_t len);

/* For the loop. While inputs are given again: the count at which the next one is due, or recording goes on; else
 * UINT64_MAX. */
u64 journal_next_icount(const struct machine *m);
/* The time of the next one, if it is at this count; else UINT64_MAX. */
u64 journal_next_now(const struct machine *m);
/* Gives the input that is due here, at most one. False: none is. */
bool journal_step(struct machine *m);

/* The next input's place can't be reached any more: a processor runs where it waited. It is due here instead. */
void journal_missed(struct machine *m);

/* Noted where one records. */
void journal_note(struct machine *m, enum journal_kind kind, u64 a);

/* Puts gates around the configuration's streams and networks. */
void journal_gate(struct machine *m);

#endif
