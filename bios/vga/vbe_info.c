/* vbe_info.c: what there is: VBE functions 00 (the adapter) and 01 (a mode). */
#include "vbe.h"

#define SIGNATURE_VBE2 0x32454256 /* "VBE2": the caller has room for 512 bytes and wants version 2 and above */
#define SIGNATURE_VESA 0x41534556
#define VERSION 0x0300
#define CAPABILITY_8_BIT_DAC BIT(0)
#define OEM_REVISION 0x0001

static ROM_DATA ROM char oem[] = "pcemu VGA BIOS";
static ROM_DATA ROM char vendor[] = "pcemu";
static ROM_DATA ROM char product[] = "Standard VGA with Bochs display interface";
static ROM_DATA ROM char revision[] = "1.0";

struct PACKED controller {
    u32 signature;
    u16 version;
    struct far oem;
    u32 capabilities;
    struct far modes;
    u16 memory; /* 64 KiB */
    u16 oem_revision;
    struct far vendor, product, revision;
};
#define LIST_AT 34 /* in the reserved bytes, up to 256 */
#define LIST_ROOM ((256 - LIST_AT) / 2)

static struct far rom_string(ROM char *s)
{
    return (struct far){ NEAR(s), rom_segment() };
}

enum vbe_status vbe_00_controller(struct regs *r)
{
    bool vbe2 = get_far32(r->es, r->di) == SIGNATURE_VBE2;
    struct controller c = {
        .signature = SIGNATURE_VESA,
        .version = VERSION,
        .oem = rom_string(oem),
        .capabilities = CAPABILITY_8_BIT_DAC,
        .modes = { (u16)(r->di + LIST_AT), r->es },
        .memory = dispi_memory(),
    };
    if (vbe2) {
        c.oem_revision = OEM_REVISION;
        c.vendor = rom_string(vendor);
        c.product = rom_string(product);
        c.revision = rom_string(revision);
    }
    far_fill8(r->es, r->di, 0, vbe2 ? 512 : 256);
    far_copy(r->es, r->di, stack_segment(), NEAR(&c), sizeof c);
    vbe_mode_list(r->es, c.modes.offset, LIST_ROOM);
    return VBE_OK;
}

/* ---- function 01 ---- */

#define ATTRIBUTE_SUPPORTED BIT(0)
#define ATTRIBUTE_INFORMATION BIT(1)
#define ATTRIBUTE_TELETYPE BIT(2)
#define ATTRIBUTE_COLOR BIT(3)
#define ATTRIBUTE_GRAPHICS BIT(4)
#define ATTRIBUTE_NOT_VGA BIT(5)
#define ATTRIBUTE_LINEAR BIT(7)
#define WINDOW_ALL 0x07 /* moves, is read, is written */
#define WINDOW_KIB 64
#define RESERVED_BITS_FREE BIT(1) /* direct colour: the caller may use them */
#define MEMORY_TEXT 0
#define MEMORY_CGA 1
#define MEMORY_PLANAR 3
#define MEMORY_PACKED 4
#define MEMORY_DIRECT 6

struct PACKED field {
    u8 bits, at;
};

struct PACKED mode_info {
    u16 attributes;
    u8 window_a, window_b;
    u16 granularity, window_size, segment_a, segment_b;
    struct far window_function;
    u16 pitch;
    u16 width, height;
    u8 cell_width, cell_height, planes, bpp, banks, memory_model, bank_size, pages, reserved_1;
    struct field red, green, blue, rest;
    u8 direct;
    u32 frame_buffer;
    u32 reserved_2;
    u16 reserved_3;
    u16 linear_pitch;
    u8 banked_pages, linear_pages;
    struct field linear_red, linear_green, linear_blue, linear_rest;
    u32 most_dot_clock;
};
#define INFO_SIZE 256
#define MOST_DOT_CLOCK 250000000u

extern const u8 window_entry[];

static void fill_window(struct mode_info *i, u16 segment)
{
    i->window_a = WINDOW_ALL;
    i->granularity = i->window_size = WINDOW_KIB;
    i->segment_a = segment;
    i->window_function = (struct far){ NEAR(window_entry), rom_segment() };
    i->banks = 1;
    i->reserved_1 = 1;
}

static void fill_colors(struct mode_info *i)
{
    bool green_6 = i->bpp == 16;
    if (i->bpp < 15)
        return;
    if (i->bpp <= 16) {
        i->red = (struct field){ 5, green_6 ? 11 : 10 };
        i->green = (struct field){ green_6 ? 6 : 5, 5 };
        i->blue = (struct field){ 5, 0 };
        i->rest = (struct field){ green_6 ? 0 : 1, green_6 ? 0 : 15 };
    } else {
        i->red = (struct field){ 8, 16 };
        i->green = (struct field){ 8, 8 };
        i->blue = (struct field){ 8, 0 };
        i->rest = (struct field){ i->bpp == 32 ? 8 : 0, i->bpp == 32 ? 24 : 0 };
        i->direct = i->bpp == 32 ? RESERVED_BITS_FREE : 0;
    }
    i->linear_red = i->red;
    i->linear_green = i->green;
    i->linear_blue = i->blue;
    i->linear_rest = i->rest;
}

static u8 pages_of(ROM struct vbe_mode *m)
{
    u32 bytes = dispi_pitch(m->width, m->bpp) * (m->bpp == 4 ? 4 : 1) * m->height;
    u32 pages = ((u32)dispi_memory() << 16) / bytes;
    return (u8)(pages > 256 ? 255 : pages - 1);
}

static void fill_dispi(struct mode_info *i, ROM struct vbe_mode *m)
{
    u32 frame_buffer = m->bpp == 4 ? 0 : dispi_frame_buffer();
    fill_window(i, 0xa000);
    i->attributes = ATTRIBUTE_SUPPORTED | ATTRIBUTE_INFORMATION | ATTRIBUTE_TELETYPE | ATTRIBUTE_COLOR |
                    ATTRIBUTE_GRAPHICS | ATTRIBUTE_NOT_VGA;
    if (frame_buffer)
        i->attributes |= ATTRIBUTE_LINEAR;
    i->pitch = (u16)dispi_pitch(m->width, m->bpp);
    i->width = m->width;
    i->height = m->height;
    i->cell_width = 8;
    i->cell_height = 16;
    i->planes = m->bpp == 4 ? 4 : 1;
    i->bpp = m->bpp;
    i->memory_model = m->bpp == 4 ? MEMORY_PLANAR : m->bpp == 8 ? MEMORY_PACKED : MEMORY_DIRECT;
    i->pages = i->banked_pages = pages_of(m);
    i->linear_pages = m->bpp == 4 ? 0 : i->pages;
    i->frame_buffer = frame_buffer;
    i->linear_pitch = m->bpp == 4 ? 0 : i->pitch;
    i->most_dot_clock = MOST_DOT_CLOCK;
    fill_colors(i);
}

static void fill_vga_graphics(struct mode_info *i, ROM struct mode *m, ROM struct video_parameters *p)
{
    bool cga = m->model == MODEL_CGA4 || m->model == MODEL_CGA2;
    i->attributes |= ATTRIBUTE_GRAPHICS;
    i->width = (u16)(p->columns * 8);
    i->height = (u16)((p->last_row + 1) * p->cell_height);
    i->pitch = cga ? 80 : m->model == MODEL_PACKED ? i->width : p->columns;
    i->planes = m->model == MODEL_PLANAR ? 4 : 1;
    i->memory_model = cga ? MEMORY_CGA : m->model == MODEL_PLANAR ? MEMORY_PLANAR : MEMORY_PACKED;
    i->banks = cga ? 2 : 1;
    i->bank_size = cga ? 8 : 0;
}

static void fill_vga(struct mode_info *i, ROM struct mode *m)
{
    ROM struct video_parameters *p = &video_parameters[m->parameters];
    fill_window(i, m->segment);
    i->window_function = (struct far){ 0, 0 };
    i->attributes = ATTRIBUTE_SUPPORTED | ATTRIBUTE_INFORMATION | ATTRIBUTE_TELETYPE;
    i->attributes |= m->number == 7 || m->number == 0x0f ? 0 : ATTRIBUTE_COLOR;
    i->cell_width = m->model == MODEL_TEXT ? 9 : 8;
    i->cell_height = p->cell_height;
    i->bpp = m->bpp;
    i->planes = 1;
    i->pages = (u8)(m->pages - 1);
    if (m->model != MODEL_TEXT) {
        fill_vga_graphics(i, m, p);
        return;
    }
    i->width = p->columns;
    i->height = (u16)(p->last_row + 1);
    i->pitch = (u16)(p->columns * 2);
    i->memory_model = MEMORY_TEXT;
}

enum vbe_status vbe_01_mode(struct regs *r)
{
    struct mode_info i = { .attributes = 0 };
    u16 number = r->cx & VBE_MODE_NUMBER;
    ROM struct vbe_mode *v = vbe_mode_find(number);
    ROM struct mode *m = number < 0x100 ? mode_find((u8)number) : NULL;
    if (!v && !m)
        return VBE_FAILED;
    if (v)
        fill_dispi(&i, v);
    else
        fill_vga(&i, m);
    far_fill8(r->es, r->di, 0, INFO_SIZE);
    far_copy(r->es, r->di, stack_segment(), NEAR(&i), sizeof i);
    return VBE_OK;
}
