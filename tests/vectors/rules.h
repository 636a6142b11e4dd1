/* rules.h: where a vector of an 80286 binds a later processor, and where it doesn't. */
#ifndef PCEMU_TESTS_VECTORS_RULES_H
#define PCEMU_TESTS_VECTORS_RULES_H

#include "moo.h"

/* Why a vector is left out: the 80386 and its followers are not as the 80286 there. */
enum rule { RULE_NONE, RULE_LENGTH, RULE_LOCK, RULE_FS_GS, RULE_X87, RULE_PARTIAL, RULE_IDIV, RULE_CAPTURE, RULES };
extern const char *const rule_text[RULES];

/* Exceptions of an 80286 at the end of a segment are vector 13 for the stack segment, too. */
#define VECTOR_STACK 12
#define VECTOR_SEGMENT 13

enum rule rule_of(const struct moo_test *t);
/* The flags that the manual leaves undefined after this instruction. */
u16 undefined_flags(const struct moo_test *t);

#endif
