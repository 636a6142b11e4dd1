/* e1000_regs.h: what the parts of the 82540EM (e1000*.c) share: its registers and bits, named as Intel's PCI/PCI-X
 * Family of Gigabit Ethernet Controllers Software Developer's Manual (317453) prints them. Not for users of the chip:
 * those include e1000.h. */
#ifndef PCEMU_E1000_REGS_H
#define PCEMU_E1000_REGS_H

#include "e1000.h"

/* CTRL, 13.4.1. */
#define CTRL_FD BIT(0)
#define CTRL_SLU BIT(6)
#define CTRL_SPEED_SHIFT 8
#define CTRL_FRCSPD BIT(11)
#define CTRL_FRCDPLX BIT(12)
#define CTRL_RST BIT(26)
#define CTRL_RFCE BIT(27)
#define CTRL_VME BIT(30)
#define CTRL_PHY_RST BIT(31)
#define CTRL_RESET 0x00140240u /* SWDPIN2, SWDPIN0, SPEED 1000, SLU */

/* STATUS, 13.4.2. */
#define STATUS_FD BIT(0)
#define STATUS_LU BIT(1)
#define STATUS_TXOFF BIT(4)
#define STATUS_SPEED_SHIFT 6
#define STATUS_ASDV_SHIFT 8
#define STATUS_MTXCKOK BIT(10)
#define STATUS_FIXED (0x80080000u | STATUS_MTXCKOK) /* as the machine's card shows them */

/* EECD, 13.4.3. */
#define EECD_SK BIT(0)
#define EECD_CS BIT(1)
#define EECD_DI BIT(2)
#define EECD_DO BIT(3)
#define EECD_FWE_DISABLED BIT(4)
#define EECD_FWE 0x30u
#define EECD_REQ BIT(6)
#define EECD_GNT BIT(7)
#define EECD_PRES BIT(8)
#define EECD_WRITABLE (EECD_SK | EECD_CS | EECD_DI | EECD_FWE | EECD_REQ)

#define CTRL_EXT_EE_RST BIT(13)
#define CTRL_EXT_WRITABLE 0x00c29df0u
#define FLA_SO BIT(3)
#define FLA_REQ BIT(4)
#define FLA_GNT BIT(5)
#define FLA_WRITABLE 0x17u
#define VET_RESET 0x8100u
#define LEDCTL_RESET 0x00000602u
#define PBA_RESET 0x00100030u /* receive 48 KiB, transmit 16 KiB */
#define MANC_RESET 0x00222300u
#define RXDCTL_RESET 0u
#define TSPMT_RESET 0u
#define FIFO_POINTER 0x1fffu
#define RING_LENGTH 0xfff80u

/* Causes in ICR, ICS, IMS, IMC; 13.4.17. */
#define INT_TXDW BIT(0)
#define INT_TXQE BIT(1)
#define INT_LSC BIT(2)
#define INT_RXDMT0 BIT(4)
#define INT_RXO BIT(6)
#define INT_RXT0 BIT(7)
#define INT_MDAC BIT(9)
#define INT_PHYINT BIT(12)
#define INT_TXD_LOW BIT(15)
#define INT_SRPD BIT(16)
#define INT_CAUSES 0x0001ffffu

/* RCTL, 13.4.22. */
#define RCTL_EN BIT(1)
#define RCTL_SBP BIT(2)
#define RCTL_UPE BIT(3)
#define RCTL_MPE BIT(4)
#define RCTL_LPE BIT(5)
#define RCTL_LBM_SHIFT 6
#define RCTL_RDMTS_SHIFT 8
#define RCTL_MO_SHIFT 12
#define RCTL_BAM BIT(15)
#define RCTL_BSIZE_SHIFT 16
#define RCTL_VFE BIT(18)
#define RCTL_CFIEN BIT(19)
#define RCTL_CFI BIT(20)
#define RCTL_DPF BIT(22)
#define RCTL_PMCF BIT(23)
#define RCTL_BSEX BIT(25)
#define RCTL_SECRC BIT(26)
#define RCTL_WRITABLE 0x06dfb3feu
#define LBM_MAC 1u

#define TCTL_EN BIT(1)
#define TCTL_PSP BIT(3)
#define TCTL_WRITABLE 0x037ffffau
#define TXDCTL_LWTHRESH_SHIFT 25
#define TIDV_FPD BIT(31)
#define RDTR_FPD BIT(31)

/* RXCSUM, 13.4.39. */
#define RXCSUM_PCSS 0xffu
#define RXCSUM_IPOFLD BIT(8)
#define RXCSUM_TUOFLD BIT(9)

#define RAH_AV BIT(31)
#define RAH_ASEL_SHIFT 16
#define ASEL_SOURCE 1u

#define RING_DESCRIPTOR 16u
#define ETH_ADDRESS 6u
#define ETH_HEADER 14u
#define ETH_CRC 4u
#define ETH_MIN 60u      /* without CRC */
#define ETH_MAX 1518u    /* without CRC, with a VLAN tag */
#define ETH_OVERHEAD 20u /* preamble, start delimiter and gap: bytes of time on the wire */
#define ETH_TYPE 12u     /* offset of the type field */
#define VLAN_TAG 4u
#define MODERATION_NS 1024u /* unit of RDTR, RADV, TIDV, TADV */
#define ITR_NS 256u         /* unit of ITR */

enum e1000_reg {
#define REG(name, offset, reset, writable, read, write) R_##name,
#define STAT(name, offset) R_##name,
#define STAT64(name, offset) R_##name##L, R_##name##H,
#include "e1000_regs.def"
#undef REG
#undef STAT
#undef STAT64
    E1000_REGS_USED
};
_Static_assert((int)E1000_REGS_USED <= E1000_REGS, "e1000.h has room for too few registers");

/* e1000_regs.c */
u64 e1000_mmio_read(void *dev, u64 offset, unsigned size);
void e1000_mmio_write(void *dev, u64 offset, u64 value, unsigned size);
void e1000_reset_registers(struct e1000 *s);
u32 e1000_read_status(struct e1000 *s);
u32 e1000_read_fla(struct e1000 *s);
void e1000_write_ctrl(struct e1000 *s, u32 value);
void e1000_write_ctrl_ext(struct e1000 *s, u32 value);

/* e1000.c: the MAC's reset, without the PHY and PCI configuration space. */
void e1000_mac_reset(struct e1000 *s);

/* e1000_eeprom.c */
void e1000_eeprom_init(struct e1000 *s, const u8 mac[ETH_ADDRESS]);
void e1000_eeprom_reset(struct e1000 *s);
u32 e1000_read_eecd(struct e1000 *s);
void e1000_write_eecd(struct e1000 *s, u32 value);
void e1000_write_eerd(struct e1000 *s, u32 value);

/* e1000_phy.c */
void e1000_phy_reset(struct e1000 *s); /* RESET# pin or CTRL.PHY_RST: negotiates anew */
void e1000_phy_power_on(struct e1000 *s);
void e1000_phy_timer(void *self);
void e1000_phy_cable(struct e1000 *s);
void e1000_write_mdic(struct e1000 *s, u32 value);
bool e1000_phy_loopback(const struct e1000 *s);
/* The MAC sees a link (STATUS.LU). */
bool e1000_link_up(const struct e1000 *s);
/* Speed that the MAC works at: 0 10, 1 100, 2 and 3 1000 Mb/s. */
unsigned e1000_speed(const struct e1000 *s);
bool e1000_full_duplex(const struct e1000 *s);
/* Time that a frame of `len` bytes (without CRC) takes on the wire, ns. */
u64 e1000_wire_ns(const struct e1000 *s, size_t len);

/* e1000_irq.c */
void e1000_cause(struct e1000 *s, u32 causes);      /* sets ICR bits now */
void e1000_rx_cause(struct e1000 *s);               /* RXT0, moderated by RDTR and RADV */
void e1000_tx_cause(struct e1000 *s, bool delayed); /* TXDW; delayed: by TIDV and TADV */
void e1000_irq_reset(struct e1000 *s);
void e1000_itr_timer(void *self);
void e1000_rxt0_timer(void *self);
void e1000_txdw_timer(void *self);
u32 e1000_read_icr(struct e1000 *s);
u32 e1000_read_ics(struct e1000 *s);
u32 e1000_read_imc(struct e1000 *s);
void e1000_write_icr(struct e1000 *s, u32 value);
void e1000_write_ics(struct e1000 *s, u32 value);
void e1000_write_ims(struct e1000 *s, u32 value);
void e1000_write_imc(struct e1000 *s, u32 value);
void e1000_write_rdtr(struct e1000 *s, u32 value);
void e1000_write_tidv(struct e1000 *s, u32 value);

/* e1000_stats.c */
void e1000_count(struct e1000 *s, enum e1000_reg counter);
void e1000_count_tx(struct e1000 *s, const u8 *frame, size_t len);
void e1000_count_rx_total(struct e1000 *s, size_t len);
void e1000_count_rx_good(struct e1000 *s, const u8 *frame, size_t len);
u32 e1000_stat_read(struct e1000 *s, unsigned index);

/* e1000_checksum.c: Internet checksums and the Ethernet CRC. Sums are ones' complement, not inverted, host order. */
u32 e1000_sum(const u8 *data, size_t len, u32 sum);
u16 e1000_fold(u32 sum);
u32 e1000_crc(const u8 *data, size_t len);
static inline u16 get_be16(const u8 *p)
{
    return (u16)(p[0] << 8 | p[1]);
}
static inline void put_be16(u8 *p, u16 v)
{
    p[0] = (u8)(v >> 8);
    p[1] = (u8)v;
}
static inline bool is_multicast(const u8 *frame)
{
    return frame[0] & 1;
}
static inline bool is_broadcast(const u8 *frame)
{
    return memcmp(frame, "\xff\xff\xff\xff\xff\xff", ETH_ADDRESS) == 0;
}

/* e1000_filter.c: which frames the card keeps (3.2.1, 9.3). */
enum e1000_verdict { E1000_REJECT, E1000_INEXACT, E1000_EXACT };
enum e1000_verdict e1000_filter(const struct e1000 *s, const u8 *frame, size_t len);
/* The frame's type is VET, and the tag is there. */
bool e1000_is_vlan(const struct e1000 *s, const u8 *frame, size_t len);

/* e1000_fifo.c: the receive half of the packet buffer. */
struct e1000_rx_status { /* what goes into the frame's last descriptor */
    u16 len;             /* bytes of the frame that follow, CRC included if it is kept */
    u16 checksum, special;
    u8 status, errors;
};
/* Bits of a receive descriptor's status and errors, 3.2.3. */
#define RXD_DD BIT(0)
#define RXD_EOP BIT(1)
#define RXD_IXSM BIT(2)
#define RXD_VP BIT(3)
#define RXD_TCPCS BIT(5)
#define RXD_IPCS BIT(6)
#define RXD_PIF BIT(7)
#define RXD_TCPE BIT(5)
#define RXD_IPE BIT(6)

void e1000_fifo_reset(struct e1000 *s);
bool e1000_fifo_has_room(const struct e1000 *s, size_t len);
/* False: no room (or no receive buffer at all). */
bool e1000_fifo_push(struct e1000 *s, const struct e1000_rx_status *status, const u8 *frame);
/* The oldest frame's status; false: the buffer is empty. */
bool e1000_fifo_peek(struct e1000 *s, struct e1000_rx_status *status);
/* Copies the oldest frame, which e1000_fifo_peek() has shown, and removes it. */
void e1000_fifo_pop(struct e1000 *s, const struct e1000_rx_status *status, u8 *frame);
u32 e1000_read_rdfh(struct e1000 *s);
u32 e1000_read_rdft(struct e1000 *s);
u32 e1000_read_rdfpc(struct e1000 *s);
void e1000_write_rdfh(struct e1000 *s, u32 value);
void e1000_write_rdft(struct e1000 *s, u32 value);
void e1000_write_pba(struct e1000 *s, u32 value);

/* e1000_rxsum.c: fills in checksum, status and errors for a frame (without CRC). */
void e1000_check_received(const struct e1000 *s, const u8 *frame, size_t len, struct e1000_rx_status *r);

/* e1000_rx.c */
/* A frame (without CRC) comes off the wire, or from the transmitter in loopback. */
void e1000_receive(struct e1000 *s, const u8 *frame, size_t len);
void e1000_rx_timer(void *self);
/* There may be a frame, or a descriptor for one, sooner than was thought. */
void e1000_rx_wake(struct e1000 *s);
void e1000_write_rctl(struct e1000 *s, u32 value);
void e1000_write_rdt(struct e1000 *s, u32 value);

/* e1000_tx.c */
/* What is sent comes back instead of leaving, by RCTL.LBM or the PHY. */
bool e1000_loopback(const struct e1000 *s);
void e1000_tx_reset(struct e1000 *s);
/* After a load: the frame that is put together fits its buffer. */
bool e1000_tx_state_ok(const struct e1000 *s);
void e1000_tx_timer(void *self);
void e1000_tx_wake(struct e1000 *s);
void e1000_write_tx_kick(struct e1000 *s, u32 value);
void e1000_write_tdh(struct e1000 *s, u32 value);

/* e1000_offload.c: what the transmitter does to a frame of `len` bytes on its way out; 3.3.6, 3.5. */
#define TUCMD_TCP BIT(0)
#define TUCMD_IP BIT(1)
#define TUCMD_TSE BIT(2)
#define POPTS_IXSM BIT(0)
#define POPTS_TXSM BIT(1)
struct e1000_context e1000_context_read(const u8 descriptor[RING_DESCRIPTOR]);
/* Inserts the checksums that `options` (POPTS) ask for. */
void e1000_insert_checksums(const struct e1000_context *c, u8 options, u8 *frame, size_t len);
/* Makes the headers of segment number `n` right: lengths, identification, sequence number, flags, and the pseudo
 * header's sum. `last`: the packet's end. */
void e1000_fix_segment(const struct e1000_context *c, u8 *frame, size_t len, unsigned n, bool last);
/* A legacy descriptor's checksum: from `start` to the end, into `at`. */
void e1000_legacy_checksum(u8 *frame, size_t len, unsigned start, unsigned at);

#endif
