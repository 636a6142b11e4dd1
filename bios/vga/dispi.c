/* dispi.c: the Bochs display interface ("VBE Display API" of Bochs): two 16-bit ports that set linear modes. */
#include "vbe.h"

#define PORT_INDEX 0x1ce
#define PORT_DATA 0x1cf
#define ID_MASK 0xfff0
#define ID_VALUE 0xb0c0
#define ID_FIRST_WITH_MEMORY_SIZE 0xb0c5
#define FRAME_BUFFER_ISA 0xe0000000u
#define MEMORY_BEFORE 64 /* 4 MiB: version B0C2 to B0C4 */

u16 dispi_read(u16 index)
{
    outw(PORT_INDEX, index);
    return inw(PORT_DATA);
}

void dispi_write(u16 index, u16 value)
{
    outw(PORT_INDEX, index);
    outw(PORT_DATA, value);
}

bool dispi_present(void)
{
    return (dispi_read(DISPI_ID) & ID_MASK) == ID_VALUE;
}

bool dispi_enabled(void)
{
    return dispi_present() && (dispi_read(DISPI_ENABLE) & DISPI_ENABLED);
}

void dispi_off(void)
{
    if (dispi_present())
        dispi_write(DISPI_ENABLE, 0);
}

u16 dispi_memory(void)
{
    if (!dispi_present())
        return 4; /* what a VGA has */
    return dispi_read(DISPI_ID) >= ID_FIRST_WITH_MEMORY_SIZE ? dispi_read(DISPI_VIDEO_MEMORY_64K) : MEMORY_BEFORE;
}

u32 dispi_pitch(u16 width, u8 bpp)
{
    return bpp == 4 ? width / 8u : width * ((bpp + 7u) / 8u);
}

/* An adapter that is not on PCI has it at a fixed place. */
u32 dispi_frame_buffer(void)
{
    u32 bar = pci_adapter_bar(0);
    return bar ? bar : FRAME_BUFFER_ISA;
}

u16 dispi_most_columns(void)
{
    u16 enable = dispi_read(DISPI_ENABLE);
    dispi_write(DISPI_ENABLE, enable | DISPI_GETCAPS);
    u16 most = dispi_read(DISPI_XRES);
    dispi_write(DISPI_ENABLE, enable);
    return most;
}

void dispi_surface(struct surface *s)
{
    s->bpp = (u8)dispi_read(DISPI_BPP);
    s->model = s->bpp == 4 ? MODEL_PLANAR : MODEL_PACKED;
    s->linear = true;
    s->segment = 0xa000;
    s->pitch = dispi_pitch(dispi_read(DISPI_VIRT_WIDTH), s->bpp);
    s->bank = dispi_read(DISPI_BANK);
}
