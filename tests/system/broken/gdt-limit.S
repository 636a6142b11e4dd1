/* The limit of the GDT is that of one descriptor: the code segment lies outside. */
#include "broken.h"
#undef GDT_LIMIT
#define GDT_LIMIT 7
BEGIN
        PROTECTED
        hlt
TABLES
END
