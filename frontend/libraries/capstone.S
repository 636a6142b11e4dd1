/* capstone.S: the disassembler, see library.h. */
#include "functions.S.h"

    LIBRARY capstone, LIBRARY_FILE
    FUNCTION cs_close
    FUNCTION cs_disasm
    FUNCTION cs_disasm_iter
    FUNCTION cs_free
    FUNCTION cs_insn_group
    FUNCTION cs_malloc
    FUNCTION cs_open
    FUNCTION cs_option
    FUNCTION cs_reg_name
    END
