/* why.h: why an exception was raised: the rule that failed, found by making the processor's checks again on the state
 * at the fault, which the faulting instruction has left unchanged. */
#ifndef PCEMU_WHY_H
#define PCEMU_WHY_H

#include "view.h"

#define WHY_MAX 400

/* An exception, and what was being delivered when it was raised: -1: nothing, it is the program's own. */
struct fault {
    u8 vector;
    bool has_error;
    u32 error;
    u64 address; /* #PF: linear */
    int delivering;
    bool software; /* … for an INT n of the program */
};

/* "#GP(0010h)" */
void fault_name(const struct fault *f, char text[24]);
/* The rule, in a sentence without a full stop. */
void why(const struct view *v, const struct fault *f, char text[WHY_MAX]);

/* ---- for why_*.c ---- */

/* Sets the text; true, always. */
bool why_say(char text[WHY_MAX], const char *format, ...) PRINTF_LIKE(2, 3);
/* Puts more behind it. */
void why_add(char text[WHY_MAX], const char *format, ...) PRINTF_LIKE(2, 3);
/* Why a linear address is not mapped, or may not be used so: the entry at which the walk ends. */
void why_walk(const struct view *v, u64 linear, u32 access, char text[WHY_MAX]);

struct insn;
struct descriptor;

/* Rules about the selector that an error code names, in the present instruction. False: none of them. */
bool why_selector(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX]);
/* Delivery through the IDT or the vector table. */
void why_delivery(const struct view *v, const struct fault *f, char text[WHY_MAX]);
/* Memory operands and the stack: limits, types, canonical addresses. */
bool why_access(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX]);
/* Control registers, MSRs, privileged instructions. */
bool why_system(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX]);
void why_page_fault(const struct view *v, const struct fault *f, char text[WHY_MAX]);

/* What is wrong with the descriptor of a code segment that a far transfer names; "" when nothing is. */
void why_code_selector(const struct view *v, u16 selector, const char *role, char text[WHY_MAX]);
/* The same of a stack segment for privilege `cpl`. */
void why_stack_selector(const struct view *v, u16 selector, unsigned cpl, const char *role, char text[WHY_MAX]);

/* ---- what often lies behind it ---- */

/* A cause that the exception alone does not show: "" when none is known. `target`: where the present mode was entered,
 * if it is known (else DEBUG_NOWHERE). */
void root_cause(const struct view *v, const struct fault *f, u64 target, char text[WHY_MAX]);

#endif
