/* frame.h: what host.c and enter.S share: a program's registers on their way into the processor and back. Offsets for
 * the assembler, checked in host.c. */
#ifndef PCEMU_TESTS_SILICON_FRAME_H
#define PCEMU_TESTS_SILICON_FRAME_H

#define FRAME_FX 0
#define FRAME_XSTATE_BV 512
#define FRAME_YMM 576
#define FRAME_R 832
#define FRAME_FLAGS 960
#define FRAME_FAR 968 /* offset, selector */
#define FRAME_SEL 976 /* by enum seg_name: ES, CS, SS, DS, FS, GS */
#define FRAME_FS_BASE 992
#define FRAME_GS_BASE 1000
#define FRAME_OWN_RSP 1008
#define FRAME_OWN_FS_BASE 1016
#define FRAME_FSGSBASE 1024 /* this host has the instructions */
#define FRAME_AVX 1032      /* this host has YMM registers */
#define FRAME_COMPONENTS 7  /* of XSAVE: x87, SSE, AVX */

#ifndef __ASSEMBLER__
#include "state.h"

struct host_frame {
    u8 fx[512] __attribute__((aligned(64))); /* from here: the standard form of XSAVE */
    u64 xstate_bv;
    u64 xsave_header[7];
    u8 ymm[16][16];
    u64 r[16];
    u64 flags;
    u32 far_offset;
    u16 far_selector;
    u16 pad;
    u16 sel[8];
    u64 fs_base, gs_base;
    u64 own_rsp, own_fs_base;
    u64 fsgsbase, avx;
};

extern struct host_frame host_frame __attribute__((visibility("hidden")));
/* enter.S. Runs the program of host_frame until it comes to EXIT_AT (0; host_frame has its registers) or until a signal
 * handler has called host_return(). */
int host_enter(void);
_Noreturn void host_return(int value);
/* Where EXIT_AT leads. */
void host_leave(void);
#endif

#endif
