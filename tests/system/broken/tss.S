/* An interrupt from level 3, while the base in the TSS's descriptor is two bytes beside the TSS. */
#include "broken.h"
#undef MORE_DESCRIPTORS
#define MORE_DESCRIPTORS .quad USER_DESCRIPTORS, 0x0000890000000067 | ((TSS_AT + 2) << 16);
BEGIN
        PROTECTED
        TO_USER
user:   int     $0x01
handler:
        hlt
USER_GATES
TABLES
END
