/* tap.h: the Test Anything Protocol: one line a check, "ok N - name" or "not ok N - name", the plan at the end. */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

#include "types.h"

/* A heading, as a TAP comment. */
void tap_stage(const char *name);
/* One check; returns `passed`. */
int tap_ok(int passed, const char *name);
/* One check that a value is as expected; says both when it is not. */
int tap_equal(u64 got, u64 expected, const char *name);
/* A check that can't be made on this machine. */
void tap_skip(const char *name, const char *why);
/* "# text", for whoever reads. */
void tap_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The plan "1..N" and the sums; how many checks failed. */
u32 tap_finish(void);

#define ok tap_ok
#define is tap_equal

/* The emulators on which something is known to be missing (docs/guest.md says what and why): by CPUID; Bochs by
 * its port E9. */
enum host { HOST_OTHER, HOST_TCG, HOST_PCEMU, HOST_BOCHS };
enum host host(void);

#endif
