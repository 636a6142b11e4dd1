/* vga_bench.h: the standard VGA as a PCI card on a bench of its own: ports, memory window, display interface. */
#ifndef PCEMU_TESTS_VGA_BENCH_H
#define PCEMU_TESTS_VGA_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "harness.h"
#include "pci_bench.h"
#include "space.h"
#include "vga_pci.h"
#include "vga_regs.h"

#define MISC_COLOR_RAM (MISC_COLOR | MISC_RAM_ENABLE)

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region memory, io;
    struct pci_bus bus;
    struct vga_pci card;
    struct vga *vga;
};

static const u8 rom_bytes[] = { 0x55, 0xaa, 0x05, 0xe9 };

static inline void init_card(struct bench *b, struct vga_pci *card, u8 devfn)
{
    struct vga_pci_config config = { &b->bus, devfn, &b->h.clock, &b->h.log, &b->pool, rom_bytes, sizeof(rom_bytes) };
    assert_true(vga_pci_init(card, &config));
}

static inline int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    init_card(b, &b->card, PCI_DEVFN(2, 0));
    b->vga = &b->card.vga;
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

/* Port numbers as on the PC. */
static inline struct region *port_region(struct bench *b, unsigned port, u64 *offset)
{
    struct vga *s = b->vga;
    struct {
        unsigned first, last;
        struct region *region;
    } map[] = { { 0x3b4, 0x3b5, &s->crtc_mono },  { 0x3ba, 0x3ba, &s->status_mono },  { 0x3c0, 0x3cf, &s->ports },
                { 0x3d4, 0x3d5, &s->crtc_color }, { 0x3da, 0x3da, &s->status_color }, { 0x1ce, 0x1d1, &s->vbe } };
    for (unsigned i = 0; i < ARRAY_LEN(map); i++)
        if (port >= map[i].first && port <= map[i].last) {
            *offset = port - map[i].first;
            return map[i].region;
        }
    fail_msg("no region for port %x", port);
    return NULL;
}

static inline u8 in(struct bench *b, unsigned port)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    return (u8)harness_read(&b->h, r, offset, 1);
}

static inline void out(struct bench *b, unsigned port, u8 value)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    harness_write(&b->h, r, offset, value, 1);
}

static inline void outw(struct bench *b, unsigned port, u16 value)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    harness_write(&b->h, r, offset, value, 2);
}

static inline u16 inw(struct bench *b, unsigned port)
{
    u64 offset = 0;
    struct region *r = port_region(b, port, &offset);
    return (u16)harness_read(&b->h, r, offset, 2);
}

/* Index and data in one word, as software writes them. */
static inline void indexed(struct bench *b, unsigned port, u8 index, u8 value)
{
    outw(b, port, (u16)(index | value << 8));
}

static inline u8 read_indexed(struct bench *b, unsigned port, u8 index)
{
    out(b, port, index);
    return in(b, port + 1);
}

static inline void dispi(struct bench *b, u16 index, u16 value)
{
    outw(b, 0x1ce, index);
    outw(b, 0x1d0, value);
}

static inline u16 read_dispi(struct bench *b, u16 index)
{
    outw(b, 0x1ce, index);
    return inw(b, 0x1d0);
}

static inline u8 peek(struct bench *b, u32 addr)
{
    return (u8)harness_read(&b->h, &b->vga->lowmem, addr - 0xa0000, 1);
}

static inline void poke(struct bench *b, u32 addr, u8 value)
{
    harness_write(&b->h, &b->vga->lowmem, addr - 0xa0000, value, 1);
}

static inline u8 *plane_byte(struct bench *b, u32 addr, unsigned plane)
{
    return &b->vga->vram.host[4 * addr + plane];
}

/* Retrace. Text mode 3: 900 dots by 449 lines at 28.322 MHz: 14.268 ms. */
static inline void set_text_timing(struct bench *b)
{
    static const u8 crtc[] = { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e,
                               0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3 };
    out(b, 0x3c2, 0x67);
    for (u8 i = 0; i < ARRAY_LEN(crtc); i++)
        indexed(b, 0x3d4, i, crtc[i]);
}

/* Bochs display interface. */

static inline void set_mode(struct bench *b, u16 width, u16 height, u16 bpp, u16 flags)
{
    dispi(b, DISPI_ENABLE, 0);
    dispi(b, DISPI_XRES, width);
    dispi(b, DISPI_YRES, height);
    dispi(b, DISPI_BPP, bpp);
    dispi(b, DISPI_ENABLE, (u16)(DISPI_ENABLED | flags));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
