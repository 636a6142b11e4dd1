#include "post.h"
u32 acpi_own(void)
{
    return 0;
}
