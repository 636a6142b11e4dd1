/* dw.S: ELF files and their lines of source (libdw, and libelf, which that needs), see library.h. */
#include "functions.S.h"

    LIBRARY dw, LIBRARY_FILE
    FUNCTION dwarf_begin
    FUNCTION dwarf_end
    FUNCTION dwarf_getsrc_die
    FUNCTION dwarf_lineno
    FUNCTION dwarf_linesrc
    FUNCTION dwarf_attr
    FUNCTION dwarf_formstring
    FUNCTION dwarf_getsrclines
    FUNCTION dwarf_onesrcline
    FUNCTION dwarf_lineendsequence
    FUNCTION dwarf_lineaddr
    FUNCTION dwarf_nextcu
    FUNCTION dwarf_offdie
    FUNCTION elf_begin
    FUNCTION elf_end
    FUNCTION elf_getdata
    FUNCTION elf_nextscn
    FUNCTION elf_strptr
    FUNCTION elf_version
    FUNCTION gelf_getshdr
    FUNCTION gelf_getsym
    END
