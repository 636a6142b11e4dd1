/* library.h: shared libraries that only some runs need (SDL, capstone, libdw …), loaded by those runs. Linked the usual
 * way, they and the fifty that they need in turn took four fifths of the time from the start of the process to the
 * guest's first instruction.
 *
 * The rest of the front end calls their functions as always. What it calls is a jump (functions.S.h) through a table
 * that library_load() fills, so whoever uses a library calls that once before. A function that isn't in the table yet
 * (the linker says "undefined reference") is a line in the library's .S file. */
#ifndef PCEMU_LIBRARY_H
#define PCEMU_LIBRARY_H

#include "base.h"

struct library {
    const char *file;         /* as the loader finds it: "libSDL2-2.0.so.0" */
    const char *names;        /* of the functions, one behind the other, each with its 0 */
    void **functions, **last; /* where the jumps go, in the same order; the end of that */
};

extern const struct library library_capstone, library_dw, library_edit, library_ncurses, library_sdl2, library_slirp;

/* Returns NULL when the library is loaded (it stays so), else one line that says why it can't be, good until the next
 * call. */
const char *library_load(const struct library *library);

/* Where jumps go that library_load() has not filled in: ends the process with a word. */
_Noreturn void library_not_loaded(void);

#endif
