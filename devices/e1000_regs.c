/* e1000_regs.c: the register file of the 82540EM: which register an offset is, what software can change in it, and the
 * registers that no other part minds: CTRL, STATUS, CTRL_EXT, FLA. Software Developer's Manual, chapter 13. */
#include "e1000_regs.h"

#define BUFFER_AT 0x10000u /* PBM: the packet buffer as memory */

struct row {
    u32 offset, reset, writable;
    const char *name;
    u32 (*read)(struct e1000 *s);
    void (*write)(struct e1000 *s, u32 value);
    bool statistic;
};

static const struct row rows[] = {
#define REG(name, offset, reset, writable, read, write) { offset, reset, writable, #name, read, write, false },
#define STAT(name, offset) { offset, 0, 0, #name, NULL, NULL, true },
#define STAT64(name, offset) STAT(name##L, offset) STAT(name##H, (offset) + 4)
#include "e1000_regs.def"
#undef REG
#undef STAT
#undef STAT64
};

/* Registers that are arrays of words. Some stand eight bytes apart: their odd words take nothing. */
struct window {
    u32 first, words;
    size_t field;
    u32 writable[2]; /* of even and of odd words */
};

#define WINDOW(first, field, even, odd)                                                                                \
    {                                                                                                                  \
        first, ARRAY_LEN(((struct e1000 *)0)->field), offsetof(struct e1000, field),                                   \
        {                                                                                                              \
            even, odd                                                                                                  \
        }                                                                                                              \
    }

static const struct window windows[] = {
    WINDOW(0x5200, mta, UINT32_MAX, UINT32_MAX),
    WINDOW(0x5400, ra, UINT32_MAX, 0x8003ffff),
    WINDOW(0x5600, vfta, UINT32_MAX, UINT32_MAX),
    WINDOW(0x5840, ip4at, UINT32_MAX, 0),
    WINDOW(0x5880, ip6at, UINT32_MAX, UINT32_MAX),
    WINDOW(0x5a00, wupm, 0, 0),
    WINDOW(0x5f00, fflt, 0x7ff, 0),
    WINDOW(0x9000, ffmt, 0xf, 0),
    WINDOW(0x9800, ffvt, UINT32_MAX, 0),
};

/* The row of a register; E1000_REGS_USED: none. */
static unsigned find_row(u32 offset)
{
    unsigned low = 0, high = E1000_REGS_USED;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (rows[middle].offset == offset)
            return middle;
        if (rows[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return E1000_REGS_USED;
}

/* The word of an array that stands at `offset`, and its writable bits; NULL: none. */
static u32 *find_word(struct e1000 *s, u32 offset, u32 *writable)
{
    for (unsigned i = 0; i < ARRAY_LEN(windows); i++) {
        const struct window *w = &windows[i];
        u32 word = (offset - w->first) / 4;
        if (offset < w->first || word >= w->words)
            continue;
        *writable = w->writable[word & 1];
        return (u32 *)(void *)((u8 *)s + w->field) + word;
    }
    return NULL;
}

u64 e1000_mmio_read(void *dev, u64 offset, unsigned size)
{
    struct e1000 *s = dev;
    u32 at = (u32)offset & ~3u, writable;
    (void)size;
    if (at >= BUFFER_AT)
        return get_le32(s->buffer + (at - BUFFER_AT));
    unsigned n = find_row(at);
    if (n < E1000_REGS_USED) {
        if (rows[n].statistic)
            return e1000_stat_read(s, n);
        return rows[n].read ? rows[n].read(s) : s->reg[n];
    }
    const u32 *word = find_word(s, at, &writable);
    if (!word)
        log_unimp(s->log, s->pci.name, "read of an unknown register at %05x", at);
    return word ? *word : 0;
}

static void write_row(struct e1000 *s, unsigned n, u32 value)
{
    const struct row *r = &rows[n];
    if (r->statistic)
        log_guest(s->log, s->pci.name, "write to the statistics register %s", r->name);
    s->reg[n] = (s->reg[n] & ~r->writable) | (value & r->writable);
    if (r->write)
        r->write(s, value);
}

void e1000_mmio_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct e1000 *s = dev;
    u32 at = (u32)offset & ~3u, writable;
    (void)size;
    if (at >= BUFFER_AT) {
        put_le32(s->buffer + (at - BUFFER_AT), (u32)value);
        return;
    }
    unsigned n = find_row(at);
    if (n < E1000_REGS_USED) {
        write_row(s, n, (u32)value);
        return;
    }
    u32 *word = find_word(s, at, &writable);
    if (word)
        *word = (u32)value & writable;
    else
        log_unimp(s->log, s->pci.name, "write of %08x to an unknown register at %05x", (u32)value, at);
}

/* The first receive address is the EEPROM's (section 5.6.1). */
static void load_address(struct e1000 *s)
{
    s->ra[0] = s->eeprom[0] | (u32)s->eeprom[1] << 16;
    s->ra[1] = s->eeprom[2] | RAH_AV;
}

void e1000_reset_registers(struct e1000 *s)
{
    for (unsigned i = 0; i < E1000_REGS_USED; i++)
        s->reg[i] = rows[i].reset;
    for (unsigned i = 0; i < ARRAY_LEN(windows); i++)
        memset((u8 *)s + windows[i].field, 0, 4 * (size_t)windows[i].words);
    load_address(s);
}

/* ---- CTRL, STATUS, CTRL_EXT, FLA ---- */

u32 e1000_read_status(struct e1000 *s)
{
    u32 v = STATUS_FIXED;
    v |= e1000_full_duplex(s) ? STATUS_FD : 0;
    v |= e1000_link_up(s) ? STATUS_LU : 0;
    v |= clock_now(s->clock) < s->tx_paused_until ? STATUS_TXOFF : 0;
    v |= e1000_speed(s) << STATUS_SPEED_SHIFT;
    return v | (s->phy.speed == 2 ? 3u : s->phy.speed) << STATUS_ASDV_SHIFT;
}

void e1000_write_ctrl(struct e1000 *s, u32 value)
{
    s->reg[R_CTRL] = value & ~CTRL_RST;
    if (value & CTRL_PHY_RST)
        e1000_phy_reset(s);
    if (value & CTRL_RST)
        e1000_mac_reset(s);
    e1000_tx_wake(s);
    e1000_rx_wake(s);
}

void e1000_write_ctrl_ext(struct e1000 *s, u32 value)
{
    if (value & CTRL_EXT_EE_RST)
        load_address(s);
    s->reg[R_CTRL_EXT] &= ~CTRL_EXT_EE_RST;
}

/* The flash's lines. No flash chip is fitted: its output is pulled up. */
u32 e1000_read_fla(struct e1000 *s)
{
    u32 v = s->reg[R_FLA];
    return v | FLA_SO | (v & FLA_REQ ? FLA_GNT : 0);
}
