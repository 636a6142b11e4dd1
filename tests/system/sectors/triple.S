/* A triple fault: no interrupt table, then an interrupt. */
#include "common.h"
BEGIN
        lidt    none
        int3
none:   .word   0
        .long   0
END
