/* main.c: the parts in a row. */
#include "image.h"

void image_main(void);

struct registers call_with(u16 ax, u16 bx, u16 cx, u16 dx, const void *p)
{
    struct registers r = { ax, bx, cx, dx, 0, (u32)p, (u32)p, 0 };
    video(&r);
    return r;
}

struct registers call(u16 ax, u16 bx, u16 cx, u16 dx)
{
    return call_with(ax, bx, cx, dx, NULL);
}

void image_main(void)
{
    print_init();
    test_modes();
    test_services();
    test_vesa();
    print("END\r\n");
}
