/* info.c: what the adapter is and how it is set up (functions 04, 12, 1A, 1B). */
#include "vgabios.h"

#define SUPPORTED_12 0x12
#define SUPPORTED_1A 0x1a
#define SUPPORTED_1B 0x1b
#define MEMORY_256K 3

extern ROM u8 static_functionality[];
extern ROM struct {
    u8 count, version, last_code, reserved;
    u8 pairs[16][2];
} display_combinations;

/* There is no light pen. */
void int10_04_light_pen(struct regs *r)
{
    r->ah = 0;
}

/* ---- function 12 ---- */

static void set_option(u8 mask, bool set)
{
    u8 options = GET_BDA(options);
    SET_BDA(options, set ? options | mask : options & ~mask);
}

static void configuration(struct regs *r)
{
    r->bh = GET_BDA(control) & CONTROL_MONO ? 1 : 0;
    r->bl = MEMORY_256K;
    r->cx = GET_BDA(switches) & 0x0f;
}

/* Of the text modes that are set from now on: 200, 350, 400. */
static bool scan_lines(u8 which)
{
    if (which > 2)
        return false;
    set_option(OPTION_200_LINES, which == 0);
    set_option(OPTION_400_LINES, which == 2);
    return true;
}

static void cursor_emulation(bool off)
{
    u8 control = GET_BDA(control) & (u8)~CONTROL_NO_CURSOR_EMULATION;
    SET_BDA(control, control | (off ? CONTROL_NO_CURSOR_EMULATION : 0));
}

static void memory_answers(bool off)
{
    u8 misc = inb(PORT_MISC_READ) & (u8)~MISC_RAM_ENABLE;
    outb(PORT_MISC_WRITE, (u8)(misc | (off ? 0 : MISC_RAM_ENABLE)));
}

static bool set_something(u8 what, u8 value)
{
    switch (what) {
    case 0x30:
        return scan_lines(value);
    case 0x31:
        set_option(OPTION_NO_PALETTE_LOAD, value);
        return true;
    case 0x32:
        memory_answers(value);
        return true;
    case 0x33:
        set_option(OPTION_GRAY_SUMMING, !value);
        return true;
    case 0x34:
        cursor_emulation(value);
        return true;
    case 0x36:
        hw_screen(!value);
        return true;
    default: /* 20: print screen is the system BIOS's; 35: there is no second adapter to switch to */
        return false;
    }
}

void int10_12_alternate_select(struct regs *r)
{
    if (r->bl == 0x10)
        configuration(r);
    else if (set_something(r->bl, r->al))
        r->al = SUPPORTED_12;
}

/* ---- function 1A ---- */

static void combination_get(struct regs *r)
{
    u8 i = GET_BDA(combination);
    bool known = i < display_combinations.count;
    r->bl = known ? display_combinations.pairs[i][1] : 0xff;
    r->bh = known ? display_combinations.pairs[i][0] : 0xff;
    if (known && !r->bl) { /* the active one comes first */
        r->bl = r->bh;
        r->bh = 0;
    }
}

static void combination_set(const struct regs *r)
{
    for (u8 i = 0; i < display_combinations.count; i++) {
        u8 a = display_combinations.pairs[i][0], b = display_combinations.pairs[i][1];
        if ((a == r->bl && b == r->bh) || (a == r->bh && b == r->bl)) {
            SET_BDA(combination, i);
            return;
        }
    }
}

void int10_1a_combination(struct regs *r)
{
    if (r->al == 0)
        combination_get(r);
    else if (r->al == 1)
        combination_set(r);
    else
        return;
    r->al = SUPPORTED_1A;
}

/* ---- function 1B ---- */

struct PACKED functionality {
    struct far static_table;
    u8 bda_449[0x1e]; /* 449 to 466 */
    u8 bda_484[3];    /* 484 to 486 */
    u8 active, alternate;
    u16 colors;
    u8 pages, scan_lines, font, second_font, flags;
    u8 reserved[3];
    u8 memory, save_pointers;
    u8 reserved_end[13];
};

static u8 scan_lines_code(void)
{
    u16 lines = hw_scan_lines();
    return lines == 480 ? 3 : lines == 350 ? 1 : hw_read(hw_crtc_port(), CRTC_MAXIMUM_SCAN_LINE) & 0x80 ? 0 : 2;
}

static u8 state_flags(void)
{
    u8 options = GET_BDA(options), flags = 0x01; /* all modes on all displays */
    flags |= options & OPTION_GRAY_SUMMING ? 0x02 : 0;
    flags |= GET_BDA(control) & CONTROL_MONO ? 0x04 : 0;
    flags |= options & OPTION_NO_PALETTE_LOAD ? 0x08 : 0;
    flags |= GET_BDA(control) & CONTROL_NO_CURSOR_EMULATION ? 0 : 0x10;
    flags |= hw_attr_read(ATTR_MODE) & ATTR_MODE_BLINK ? 0x20 : 0;
    return flags;
}

static u16 color_count(ROM struct mode *m)
{
    if (!m || m->number == 7)
        return 0;
    return (u16)(m->model == MODEL_TEXT ? 16 : 1u << m->bpp);
}

static void fill(struct functionality *f)
{
    ROM struct mode *m = mode_find(GET_BDA(video_mode));
    u8 map = hw_read(PORT_SEQ, SEQ_CHARACTER_MAP);
    struct regs r = { .al = 0 };
    combination_get(&r);
    *f = (struct functionality){ .static_table = { NEAR(static_functionality), rom_segment() } };
    for (u8 i = 0; i < sizeof f->bda_449; i++)
        f->bda_449[i] = get_far8(0, (u16)(0x449 + i));
    for (u8 i = 0; i < sizeof f->bda_484; i++)
        f->bda_484[i] = get_far8(0, (u16)(0x484 + i));
    f->active = r.bl;
    f->alternate = r.bh;
    f->colors = color_count(m);
    f->pages = m ? m->pages : 1;
    f->scan_lines = scan_lines_code();
    f->font = (u8)((map & 3) | (map >> 2 & 4));
    f->second_font = (u8)((map >> 2 & 3) | (map >> 3 & 4));
    f->flags = state_flags();
    f->memory = MEMORY_256K;
}

void int10_1b_functionality(struct regs *r)
{
    struct functionality f;
    if (r->bx != 0)
        return;
    fill(&f);
    far_copy(r->es, r->di, stack_segment(), NEAR(&f), sizeof f);
    r->al = SUPPORTED_1B;
}
