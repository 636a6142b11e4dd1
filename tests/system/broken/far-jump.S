/* The far jump into protected mode names the data segment. */
#include "broken.h"
#undef CODE32
#define CODE32 0x10
BEGIN
        PROTECTED
        hlt
TABLES
END
