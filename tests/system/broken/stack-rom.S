/* The stack is in the firmware's ROM: return addresses are lost. */
#include "broken.h"
BEGIN
        PROTECTED
        movl    $0xffff8, %esp
        call    function
        hlt
function:
        ret
TABLES
END
