/* e1000_phy.c: the 82540EM's copper PHY, a Marvell 88E1011, behind MDIC: its registers, auto-negotiation with a partner
 * that can do everything but pause frames, and the link as the MAC sees it. Software Developer's Manual,
 * sections 13.4.8 (MDIC) and 13.5 (PHY registers). Not modelled: what depends on a real cable (crossover, length,
 * errors), the LED registers' effect, test modes. */
#include "e1000_regs.h"

/* MDIC, 13.4.8. */
#define MDIC_REG_SHIFT 16
#define MDIC_PHY_SHIFT 21
#define MDIC_OP_SHIFT 26
#define MDIC_R BIT(28)
#define MDIC_I BIT(29)
#define MDIC_E BIT(30)
#define MDIC_STORED 0x27ffffffu
#define MDI_WRITE 1u
#define MDI_READ 2u
#define PHY_ADDRESS 1u

enum phy_register {
    PCTRL = 0,
    PSTATUS = 1,
    PHY_ID1 = 2,
    PHY_ID2 = 3,
    ANA = 4,
    LPA = 5,
    ANE = 6,
    NPT = 7,
    GCON = 9,
    GSTATUS = 10,
    EPSTATUS = 15,
    PSCON = 16,
    PSSTAT = 17,
    PINTE = 18,
    PINTS = 19,
    EPSCON1 = 20,
    PREC = 21,
};

#define PCTRL_RESET BIT(15)
#define PCTRL_LOOPBACK BIT(14)
#define PCTRL_SPEED_LSB BIT(13)
#define PCTRL_ANE BIT(12)
#define PCTRL_POWER_DOWN BIT(11)
#define PCTRL_RESTART BIT(9)
#define PCTRL_DUPLEX BIT(8)
#define PCTRL_SPEED_MSB BIT(6)
#define PSTATUS_COMPLETE BIT(5)
#define PSTATUS_LINK BIT(2)
#define LPA_ACK BIT(14)
#define ANE_PARTNER_ABLE BIT(0)
#define ANA_100FD BIT(8)
#define ANA_100HD BIT(7)
#define ANA_10FD BIT(6)
#define ANA_10HD BIT(5)
#define GCON_1000FD BIT(9)
#define GCON_1000HD BIT(8)
#define GSTATUS_PARTNER 0x3c00u /* both receivers are well, the partner does 1000 in both duplexes */
#define PSSTAT_SPEED_SHIFT 14
#define PSSTAT_DUPLEX BIT(13)
#define PSSTAT_RESOLVED BIT(11)
#define PSSTAT_LINK BIT(10)
#define PINT_COMPLETE BIT(11)
#define PINT_LINK BIT(10)

#define AUTONEG_NS ((u64)500 * 1000 * 1000)

/* Values at reset and the bits that software can change. Registers that are not here don't exist. */
static const struct phy_row {
    u16 reset, writable;
    bool exists;
} phy_rows[E1000_PHY_REGS] = {
    [PCTRL] = { 0x1140, 0x7dc0, true },
    [PSTATUS] = { 0x7949, 0, true },
    [PHY_ID1] = { 0x0141, 0, true },
    [PHY_ID2] = { 0x0c20, 0, true },
    [ANA] = { 0x0de1, 0xbfe0, true },
    [LPA] = { 0x01e1, 0, true },
    [ANE] = { 0x0004, 0, true },
    [NPT] = { 0x2001, 0xb7ff, true },
    [8] = { 0, 0, true },
    [GCON] = { 0x0e00, 0xff00, true },
    [GSTATUS] = { 0, 0, true },
    [EPSTATUS] = { 0x3000, 0, true },
    [PSCON] = { 0x0360, 0xffff, true },
    [PSSTAT] = { 0, 0, true },
    [PINTE] = { 0, 0xffff, true },
    [PINTS] = { 0, 0, true },
    [EPSCON1] = { 0x0d60, 0xffff, true },
    [PREC] = { 0, 0, true },
    [22] = { 0, 0xffff, true },
    [24] = { 0x4100, 0xffff, true },
    [25] = { 0, 0xffff, true },
    [26] = { 0x000a, 0xffff, true },
    [29] = { 0, 0xffff, true },
    [30] = { 0, 0xffff, true },
};

static bool negotiates(const struct e1000_phy *p)
{
    return p->reg[PCTRL] & PCTRL_ANE;
}

bool e1000_phy_loopback(const struct e1000 *s)
{
    return s->phy.reg[PCTRL] & PCTRL_LOOPBACK;
}

/* In loopback the transmitter is its own link partner. */
bool e1000_link_up(const struct e1000 *s)
{
    return s->reg[R_CTRL] & CTRL_SLU && (s->phy.link || e1000_phy_loopback(s));
}

unsigned e1000_speed(const struct e1000 *s)
{
    return s->reg[R_CTRL] & CTRL_FRCSPD ? s->reg[R_CTRL] >> CTRL_SPEED_SHIFT & 3 : s->phy.speed;
}

bool e1000_full_duplex(const struct e1000 *s)
{
    return s->reg[R_CTRL] & CTRL_FRCDPLX ? s->reg[R_CTRL] & CTRL_FD : s->phy.full_duplex;
}

u64 e1000_wire_ns(const struct e1000 *s, size_t len)
{
    static const u16 ns_per_byte[] = { 800, 80, 8, 8 };
    size_t bytes = (len < ETH_MIN ? ETH_MIN : len) + ETH_CRC + ETH_OVERHEAD;
    return bytes * ns_per_byte[e1000_speed(s)];
}

/* ---- the link ---- */

/* The best of what both ends offer (IEEE 802.3, annex 28B), or what is forced. False: nothing in common. */
static bool resolve(struct e1000_phy *p)
{
    static const struct {
        u8 reg, speed;
        bool full;
        u16 bit;
    } offers[] = {
        { GCON, 2, true, GCON_1000FD }, { GCON, 2, false, GCON_1000HD }, { ANA, 1, true, ANA_100FD },
        { ANA, 1, false, ANA_100HD },   { ANA, 0, true, ANA_10FD },      { ANA, 0, false, ANA_10HD },
    };
    if (!negotiates(p)) {
        u16 c = p->reg[PCTRL];
        p->speed = c & PCTRL_SPEED_MSB ? 2 : c & PCTRL_SPEED_LSB ? 1 : 0;
        p->full_duplex = c & PCTRL_DUPLEX;
        return true;
    }
    for (unsigned i = 0; i < ARRAY_LEN(offers); i++)
        if (p->reg[offers[i].reg] & offers[i].bit) {
            p->speed = offers[i].speed;
            p->full_duplex = offers[i].full;
            return true;
        }
    return false;
}

static void phy_interrupt(struct e1000 *s, u16 causes)
{
    s->phy.reg[PINTS] |= causes;
    if (s->phy.reg[PINTS] & s->phy.reg[PINTE])
        e1000_cause(s, INT_PHYINT);
}

static void set_link(struct e1000 *s, bool link)
{
    bool was = e1000_link_up(s), changed = link != s->phy.link;
    s->phy.link = link;
    s->phy.was_down |= !link;
    if (changed)
        phy_interrupt(s, PINT_LINK);
    if (was != e1000_link_up(s))
        e1000_cause(s, INT_LSC);
    if (link) {
        e1000_tx_wake(s);
        e1000_rx_wake(s);
    }
}

/* The link comes down, and up again when both ends have agreed. */
static void renegotiate(struct e1000 *s)
{
    s->phy.complete = false;
    set_link(s, false);
    timer_stop(&s->autoneg);
    if (s->cable && !(s->phy.reg[PCTRL] & PCTRL_POWER_DOWN))
        timer_set(&s->autoneg, clock_now(s->clock) + AUTONEG_NS);
}

static void established(struct e1000 *s)
{
    bool agreed = resolve(&s->phy);
    s->phy.complete = agreed && negotiates(&s->phy);
    if (s->phy.complete)
        phy_interrupt(s, PINT_COMPLETE);
    set_link(s, agreed);
}

void e1000_phy_timer(void *self)
{
    established(self);
}

static void reset_registers(struct e1000_phy *p)
{
    for (unsigned i = 0; i < E1000_PHY_REGS; i++)
        p->reg[i] = phy_rows[i].reset;
}

void e1000_phy_reset(struct e1000 *s)
{
    reset_registers(&s->phy);
    renegotiate(s);
}

/* The card had stand-by power: the link is there when the machine is switched on. */
void e1000_phy_power_on(struct e1000 *s)
{
    timer_stop(&s->autoneg);
    s->phy = (struct e1000_phy){ 0 };
    reset_registers(&s->phy);
    resolve(&s->phy);
    s->phy.link = s->phy.complete = s->cable;
}

void e1000_phy_cable(struct e1000 *s)
{
    renegotiate(s);
}

/* ---- registers ---- */

static u16 read_status(struct e1000_phy *p)
{
    u16 v = phy_rows[PSTATUS].reset;
    v |= p->link && !p->was_down ? PSTATUS_LINK : 0;
    v |= p->complete ? PSTATUS_COMPLETE : 0;
    p->was_down = !p->link;
    return v;
}

static u16 read_specific_status(const struct e1000_phy *p)
{
    u16 v = (u16)(p->speed << PSSTAT_SPEED_SHIFT);
    v |= p->full_duplex ? PSSTAT_DUPLEX : 0;
    v |= p->link ? PSSTAT_LINK : 0;
    return v | (p->complete || !negotiates(p) ? PSSTAT_RESOLVED : 0);
}

static u16 phy_read(struct e1000 *s, unsigned reg)
{
    struct e1000_phy *p = &s->phy;
    u16 v = p->reg[reg];
    switch (reg) {
    case PSTATUS:
        return read_status(p);
    case LPA:
        return p->complete ? (u16)(v | LPA_ACK) : 0;
    case ANE:
        return (u16)(v | (p->complete ? ANE_PARTNER_ABLE : 0));
    case GSTATUS:
        return p->complete ? GSTATUS_PARTNER : 0;
    case PSSTAT:
        return read_specific_status(p);
    case PINTS:
        p->reg[PINTS] = 0;
        return v;
    default:
        return v;
    }
}

/* Speed, duplex and negotiation take effect by a reset, a restart, or waking up. */
static void write_control(struct e1000 *s, u16 old, u16 value)
{
    bool woken = old & ~value & PCTRL_POWER_DOWN, asleep = value & ~old & PCTRL_POWER_DOWN;
    bool restarted = value & PCTRL_RESTART && value & PCTRL_ANE;
    if (value & PCTRL_RESET || woken || asleep || restarted)
        renegotiate(s);
}

static void phy_write(struct e1000 *s, unsigned reg, u16 value)
{
    u16 old = s->phy.reg[reg], writable = phy_rows[reg].writable;
    s->phy.reg[reg] = (u16)((old & ~writable) | (value & writable));
    if (reg == PCTRL)
        write_control(s, old, value);
}

/* One frame on the management bus; it takes no time. Only PHY 1 answers. */
void e1000_write_mdic(struct e1000 *s, u32 value)
{
    unsigned reg = value >> MDIC_REG_SHIFT & 31, op = value >> MDIC_OP_SHIFT & 3;
    bool ok = (value >> MDIC_PHY_SHIFT & 31) == PHY_ADDRESS && (op == MDI_READ || op == MDI_WRITE);
    u32 v = value & MDIC_STORED;
    v |= value & (3u << MDIC_OP_SHIFT);
    if (ok && !phy_rows[reg].exists)
        log_unimp(s->log, s->pci.name, "PHY register %u does not exist here", reg);
    if (ok && op == MDI_WRITE)
        phy_write(s, reg, (u16)value);
    if (ok && op == MDI_READ)
        v = (v & 0xffff0000u) | phy_read(s, reg);
    s->reg[R_MDIC] = v | MDIC_R | (ok ? 0 : MDIC_E);
    if (value & MDIC_I)
        e1000_cause(s, INT_MDAC);
}
