/* crash.c: the last words of a pcemu that has gone wrong. Signals belong to the process, so this file has the program's
 * one variable of file scope: the session whose terminal is to be put back. */
#include "session.h"

#include <signal.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static struct session *volatile crashing;

static void last_words(int signal)
{
    static const char text[] = "\npcemu: internal error: this is a mistake in pcemu, not in the guest (signal ";
    char number[4] = { (char)('0' + signal / 10), (char)('0' + signal % 10), ')', '\n' };
    struct session *s = crashing;
    crashing = NULL;
    if (s) {
        stream_close(&s->serial);
        stream_close(&s->parallel);
        stream_close(&s->debugcon);
        stream_close(&s->monitor_stream);
        stream_close(&s->gdb_stream);
    }
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0 || write(STDERR_FILENO, number, sizeof number) < 0)
        _exit(STATUS_BUG);
    _exit(STATUS_BUG);
}

void crash_watch(struct session *s)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    crashing = s;
    struct sigaction action = { .sa_handler = last_words, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };
    for (unsigned i = 0; i < ARRAY_LEN(fatal); i++)
        if (!SANITIZED || fatal[i] == SIGABRT) /* a sanitizer's report says more */
            sigaction(fatal[i], &action, NULL);
}
