/* e1000_filter.c: which frames the 82540EM keeps, by address and by VLAN. Software Developer's Manual, section 3.2.1
 * (address filtering), 9.3 (VLAN filtering), 13.5 (MTA, RA, VFTA). */
#include "e1000_regs.h"

#define RECEIVE_ADDRESSES 16
#define HASH_MASK 0xfffu
#define VLAN_ID 0xfffu
#define VLAN_CFI BIT(12)

bool e1000_is_vlan(const struct e1000 *s, const u8 *frame, size_t len)
{
    return len >= ETH_HEADER + VLAN_TAG && get_be16(frame + ETH_TYPE) == s->reg[R_VET];
}

static bool vlan_passes(const struct e1000 *s, const u8 *frame, size_t len)
{
    u32 rctl = s->reg[R_RCTL];
    if (!(rctl & RCTL_VFE) || !e1000_is_vlan(s, frame, len))
        return true;
    u16 tag = get_be16(frame + ETH_HEADER), id = tag & VLAN_ID;
    if (rctl & RCTL_CFIEN && !(tag & VLAN_CFI) != !(rctl & RCTL_CFI))
        return false;
    return s->vfta[id >> 5] >> (id & 31) & 1;
}

/* One of the receive addresses; ASEL says which of the frame's two it is compared with. */
static bool address_matches(const struct e1000 *s, const u8 *frame)
{
    for (unsigned i = 0; i < RECEIVE_ADDRESSES; i++) {
        u32 low = s->ra[2 * i], high = s->ra[2 * i + 1], select = high >> RAH_ASEL_SHIFT & 3;
        const u8 *a = frame + (select == ASEL_SOURCE ? ETH_ADDRESS : 0);
        if (high & RAH_AV && select <= ASEL_SOURCE && get_le32(a) == low && get_le16(a + 4) == (high & 0xffff))
            return true;
    }
    return false;
}

/* Twelve bits of the address, chosen by RCTL.MO, are a bit of the table. */
static bool hash_matches(const struct e1000 *s, const u8 *frame)
{
    static const u8 shift[4] = { 4, 3, 2, 0 };
    u32 hash = (u32)get_le16(frame + 4) >> shift[s->reg[R_RCTL] >> RCTL_MO_SHIFT & 3] & HASH_MASK;
    return s->mta[hash >> 5] >> (hash & 31) & 1;
}

enum e1000_verdict e1000_filter(const struct e1000 *s, const u8 *frame, size_t len)
{
    u32 rctl = s->reg[R_RCTL];
    if (!vlan_passes(s, frame, len))
        return E1000_REJECT;
    if (address_matches(s, frame) || (is_broadcast(frame) && rctl & RCTL_BAM))
        return E1000_EXACT;
    if (!is_multicast(frame))
        return rctl & RCTL_UPE ? E1000_INEXACT : E1000_REJECT;
    return rctl & RCTL_MPE || hash_matches(s, frame) ? E1000_INEXACT : E1000_REJECT;
}
