/* pci.c: the adapter's place in PCI's configuration space (mechanism 1), bus 0. */
#include "vbe.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u
#define ID_ADAPTER 0x11111234u
#define BAR_0 0x10
#define BAR_MEMORY_MASK 0xfffffff0u
#define FUNCTIONS 256

static u32 config(u16 function, u8 at)
{
    outl(CONFIG_ADDRESS, CONFIG_ENABLE | (u32)function << 8 | at);
    return inl(CONFIG_DATA);
}

static u32 find_bar(u8 n)
{
    for (u16 function = 0; function < FUNCTIONS; function++)
        if (config(function, 0) == ID_ADAPTER)
            return config(function, (u8)(BAR_0 + 4 * n)) & BAR_MEMORY_MASK;
    return 0;
}

u32 pci_adapter_bar(u8 n)
{
    u32 address = inl(CONFIG_ADDRESS); /* we may be between somebody's address and data */
    u32 bar = find_bar(n);
    outl(CONFIG_ADDRESS, address);
    return bar;
}
