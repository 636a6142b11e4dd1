/* edit.S: the debugger's prompt, see library.h. */
#include "functions.S.h"

    LIBRARY edit, LIBRARY_FILE
    FUNCTION el_end
    FUNCTION el_get
    FUNCTION el_gets
    FUNCTION el_init
    FUNCTION el_insertstr
    FUNCTION el_line
    FUNCTION el_set
    FUNCTION history
    FUNCTION history_end
    FUNCTION history_init
    END
