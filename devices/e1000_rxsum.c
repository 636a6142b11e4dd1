/* e1000_rxsum.c: the checksums of received frames. Software Developer's Manual, sections 3.2.9 (what is checked) and
 * 13.4.39 (RXCSUM): the plain packet checksum, and for IPv4 the header's, TCP's and UDP's.
 * Not modelled: IEEE 802.3 SNAP encapsulation, IPv6 (the 82540EM checks neither: it says so by IXSM). */
#include "e1000_regs.h"

#define TYPE_IPV4 0x0800u
#define IP_HEADER_MIN 20u
#define IP_TOTAL_LENGTH 2u
#define IP_FRAGMENT 6u
#define IP_FRAGMENT_MASK 0x3fffu /* offset, or more of them */
#define IP_PROTOCOL 9u
#define IP_ADDRESSES 12u
#define PROTOCOL_TCP 6u
#define PROTOCOL_UDP 17u
#define UDP_CHECKSUM 6u
#define GOOD 0xffffu

/* Where the type field is, after a tag that was left in the frame. */
static size_t type_offset(const struct e1000 *s, const u8 *frame, size_t len)
{
    return e1000_is_vlan(s, frame, len) ? ETH_TYPE + VLAN_TAG : ETH_TYPE;
}

/* TCP or UDP of `len` bytes at `p`, whole, under the IP header `ip`. */
static void check_transport(const u8 *ip, const u8 *p, size_t len, struct e1000_rx_status *r)
{
    u8 protocol = ip[IP_PROTOCOL];
    bool udp = protocol == PROTOCOL_UDP;
    if ((!udp && protocol != PROTOCOL_TCP) || len < 8)
        return;
    if (udp && get_be16(p + UDP_CHECKSUM) == 0)
        return;
    r->status |= RXD_TCPCS;
    u32 sum = e1000_sum(ip + IP_ADDRESSES, 8, protocol + (u32)len);
    if (e1000_fold(e1000_sum(p, len, sum)) != GOOD)
        r->errors |= RXD_TCPE;
}

static void check_ipv4(const struct e1000 *s, const u8 *ip, size_t len, struct e1000_rx_status *r)
{
    size_t header = (ip[0] & 15u) * 4, total = get_be16(ip + IP_TOTAL_LENGTH);
    if (ip[0] >> 4 != 4 || header < IP_HEADER_MIN || header > len || total < header || total > len)
        return;
    r->status &= (u8)~RXD_IXSM;
    if (s->reg[R_RXCSUM] & RXCSUM_IPOFLD) {
        r->status |= RXD_IPCS;
        if (e1000_fold(e1000_sum(ip, header, 0)) != GOOD)
            r->errors |= RXD_IPE;
    }
    if (s->reg[R_RXCSUM] & RXCSUM_TUOFLD && !(get_be16(ip + IP_FRAGMENT) & IP_FRAGMENT_MASK))
        check_transport(ip, ip + header, total - header, r);
}

void e1000_check_received(const struct e1000 *s, const u8 *frame, size_t len, struct e1000_rx_status *r)
{
    u32 rxcsum = s->reg[R_RXCSUM], start = rxcsum & RXCSUM_PCSS;
    r->checksum = start < len ? e1000_fold(e1000_sum(frame + start, len - start, 0)) : 0;
    r->checksum = (u16)(r->checksum << 8 | r->checksum >> 8); /* as it stands in the packet */
    r->status |= RXD_IXSM;
    size_t type = type_offset(s, frame, len), ip = type + 2;
    if (!(rxcsum & (RXCSUM_IPOFLD | RXCSUM_TUOFLD)) || len < ip + IP_HEADER_MIN)
        return;
    if (get_be16(frame + type) == TYPE_IPV4)
        check_ipv4(s, frame + ip, len - ip, r);
}
