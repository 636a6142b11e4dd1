/* functions.S.h: the jumps of library.h, as assembler macros. A .S file names a library and its functions:
 *
 *     LIBRARY sdl2, LIBRARY_FILE
 *     FUNCTION SDL_CreateWindow
 *     END
 *
 * and gets `library_sdl2`, and a function `SDL_CreateWindow` that jumps to where the table says. In assembler, because a
 * jump leaves arguments of all kinds where they are, which C can't say. */

    .macro LIBRARY name, file
    .section .data.rel.ro, "aw"
    .balign 8
    .globl library_\name
    .hidden library_\name
    .type library_\name, %object
library_\name: /* struct library */
    .quad library_file, library_names, library_functions, library_last
    .size library_\name, . - library_\name
    .section .rodata.library, "a"
library_file:
    .asciz "\file"
library_names:
    .section .data.library, "aw"
    .balign 8
library_functions:
    .endm

#if defined(__x86_64__)
    .macro JUMP at
    jmp *\at(%rip)
    .endm
#elif defined(__aarch64__)
    .macro JUMP at
    adrp x16, \at
    ldr x16, [x16, :lo12:\at]
    br x16
    .endm
#else
#define LINKED /* the usual way: meson.build */
#endif

    .macro FUNCTION name
#ifndef LINKED
    .section .rodata.library, "a"
    .asciz "\name"
    .section .data.library, "aw"
.Lat_\name:
    .quad library_not_loaded
    .text
    .globl \name
    .hidden \name
    .type \name, %function
\name:
    JUMP .Lat_\name
    .size \name, . - \name
#endif
    .endm

    .macro END
    .section .data.library, "aw"
library_last:
    .section .note.GNU-stack, "", %progbits
    .endm
