#include "common.h"
BEGIN
        jmp     .
END
