/* status.h: the exit statuses of pcemu. Odd ones belong to the guest: isa-debug-exit's (value << 1) | 1. */
#ifndef PCEMU_STATUS_H
#define PCEMU_STATUS_H

enum exit_status {
    STATUS_POWERED_OFF = 0,  /* the guest powered the machine off */
    STATUS_USAGE = 2,        /* bad usage, or a file that can't be read */
    STATUS_TRIPLE_FAULT = 4, /* triple fault under -no-reboot */
    STATUS_TIMED_OUT = 6,    /* -timeout */
    STATUS_BUG = 8,          /* a mistake in pcemu itself */
    STATUS_CLOSED = 10,      /* the user closed the window, or typed Ctrl-A x */
    STATUS_STUCK = 12,       /* headless, halted for ever: nothing can wake the processor */
    STATUS_RESET = 14,       /* the guest asked for a reset under -no-reboot */
    STATUS_SIGNAL = 16,      /* SIGINT, SIGTERM or SIGHUP */
    STATUS_DIVERGED = 20,    /* -replay: not the recorded run */
    STATUS_INSN_LIMIT = 22,  /* -insn-limit */
    STATUS_NOT_SENT = 24,    /* the run ended before -expect-serial's or -expect-debugcon's text came */
    STATUS_FAIL_TEXT = 26,   /* a text of -fail-serial, -fail-debugcon or -fail-screen came */
    STATUS_NOT_SHOWN = 28,   /* the run ended before -expect-screen's text came */
    STATUS_HOST = 18,        /* the host failed: no memory, no window */
};

#endif
