/* i440fx_pam.c: the 82441FX's Programmable Attribute Map: 13 segments of C0000-FFFFF, each in one of four modes
 * (82441FX data sheet, section 3.2.14 and table 5):
 *
 *     WE RE   reads  writes   windows enabled
 *      0  0   bus    bus      pam-pci (RW)
 *      0  1   RAM    bus      pam-rom (R), pam-pci (W)
 *      1  0   bus    RAM      pam-pci (R), pam-ram (W)
 *      1  1   RAM    RAM      pam-ram (RW)
 */
#include "i440fx.h"

#define PAM_RE BIT(0)
#define PAM_WE BIT(1)
#define PAM_PRIORITY 1

static const struct {
    u32 base, size;
    u8 reg, shift;
} segments[I440FX_PAM_SEGMENTS] = {
    { 0xf0000, 0x10000, 0x59, 4 }, { 0xc0000, 0x4000, 0x5a, 0 }, { 0xc4000, 0x4000, 0x5a, 4 },
    { 0xc8000, 0x4000, 0x5b, 0 },  { 0xcc000, 0x4000, 0x5b, 4 }, { 0xd0000, 0x4000, 0x5c, 0 },
    { 0xd4000, 0x4000, 0x5c, 4 },  { 0xd8000, 0x4000, 0x5d, 0 }, { 0xdc000, 0x4000, 0x5d, 4 },
    { 0xe0000, 0x4000, 0x5e, 0 },  { 0xe4000, 0x4000, 0x5e, 4 }, { 0xe8000, 0x4000, 0x5f, 0 },
    { 0xec000, 0x4000, 0x5f, 4 },
};

static void add_window(struct region *system, struct region *r, const char *name, struct region *target, u32 base,
                       u32 size)
{
    region_init_alias(r, name, target, base, size);
    region_set_enabled(r, false);
    region_add(system, base, r, PAM_PRIORITY);
}

void i440fx_pam_init(struct i440fx *s, const struct i440fx_memory *memory)
{
    for (unsigned i = 0; i < I440FX_PAM_SEGMENTS; i++) {
        struct i440fx_pam *p = &s->pam[i];
        u32 base = segments[i].base, size = segments[i].size;
        p->reg = segments[i].reg;
        p->shift = segments[i].shift;
        add_window(memory->system, &p->ram, "pam-ram", memory->ram, base, size);
        add_window(memory->system, &p->rom, "pam-rom", memory->ram, base, size);
        add_window(memory->system, &p->pci, "pam-pci", memory->pci, base, size);
    }
}

static void set_window(struct region *r, unsigned access)
{
    bool on = access != REGION_NONE;
    if (on && r->access != access)
        region_set_access(r, (enum region_access)access);
    if (on != r->enabled)
        region_set_enabled(r, on);
}

static void update_segment(struct i440fx_pam *p, unsigned mode)
{
    bool re = mode & PAM_RE, we = mode & PAM_WE;
    unsigned bus = (re ? 0u : (unsigned)REGION_R) | (we ? 0u : (unsigned)REGION_W);
    set_window(&p->pci, bus);
    set_window(&p->rom, re && !we ? REGION_R : REGION_NONE);
    set_window(&p->ram, !we ? REGION_NONE : re ? REGION_RW : REGION_W);
}

void i440fx_pam_update(struct i440fx *s)
{
    for (unsigned i = 0; i < I440FX_PAM_SEGMENTS; i++)
        update_segment(&s->pam[i], s->pci.config[s->pam[i].reg] >> s->pam[i].shift);
}
