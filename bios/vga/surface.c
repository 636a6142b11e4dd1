/* surface.c: the present mode as something to write on. */
#include "vgabios.h"
#include "vbe.h"

#define CGA_PITCH 80

static u32 pitch_of(ROM struct mode *m, u16 columns)
{
    switch (m->model) {
    case MODEL_TEXT:
        return columns * 2u;
    case MODEL_CGA4:
    case MODEL_CGA2:
        return CGA_PITCH;
    case MODEL_PACKED:
        return columns * 8u;
    default:
        return columns;
    }
}

void surface_open(struct surface *s, u8 page)
{
    u8 number = GET_BDA(video_mode);
    ROM struct mode *m = mode_find(number);
    s->columns = GET_BDA(columns);
    s->rows = (u16)(GET_BDA(last_row) + 1);
    s->cell_height = (u8)GET_BDA(cell_height);
    s->linear = false;
    s->base = 0;
    s->bank = 0;
    if (!m) {
        dispi_surface(s);
        return;
    }
    s->model = m->model;
    s->bpp = m->bpp;
    s->segment = m->segment;
    s->pitch = pitch_of(m, s->columns);
    if (page < m->pages)
        s->base = (u16)(page * GET_BDA(page_size));
}
