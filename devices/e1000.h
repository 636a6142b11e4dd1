/* e1000.h: the Intel 82540EM gigabit Ethernet controller (8086:100E), with its PHY and EEPROM. See e1000.c. */
#ifndef PCEMU_E1000_H
#define PCEMU_E1000_H

#include "backend.h"
#include "clock.h"
#include "pci.h"
#include "space.h"

#define E1000_MMIO_SIZE 0x20000u
#define E1000_PORTS 64
#define E1000_REGS 160 /* at least the rows of e1000_regs.def; e1000_regs.h checks it */
#define E1000_EEPROM_WORDS 64
#define E1000_PHY_REGS 32
#define E1000_BUFFER 0x10000u  /* packet buffer memory */
#define E1000_FRAME_MAX 16384u /* bytes of a frame */
#define E1000_HEADER_MAX 255u  /* of a segmented packet */
#define E1000_TIMERS 6

/* A context descriptor as it was written (3.3.6). */
struct e1000_context {
    u8 ipcss, ipcso, tucss, tucso;
    u16 ipcse, tucse;
    u8 tucmd, header_len;
    u16 mss;
    u32 payload_len;
};

struct e1000_phy {
    u16 reg[E1000_PHY_REGS];
    bool link, complete; /* established; auto-negotiation is done */
    bool was_down;       /* since status was read last */
    bool full_duplex;
    u8 speed; /* 0 10, 1 100, 2 1000 Mb/s */
};

struct e1000_tx {
    struct e1000_context checksum, segment; /* the contexts of TUCMD.TSE = 0 and 1 */
    struct e1000_context current;           /* the one of the present packet */
    u8 frame[E1000_FRAME_MAX];              /* being put together */
    u16 used;                               /* bytes of it */
    u8 header[E1000_HEADER_MAX]; /* of the packet that is being segmented, as the next segment shall have it */
    bool in_packet;              /* the descriptor of its end has not been met */
    bool too_long;               /* it does not fit and is dropped at its end */
    bool segmenting;
    u16 segments; /* of this packet, sent */
    u8 options;   /* POPTS of the packet's first descriptor */
    /* the descriptor being read */
    bool busy;
    u64 addr;
    u32 left;
    u8 descriptor[16];
};

struct e1000 {
    /* wiring */
    struct pci_device pci;
    struct clock *clock;
    struct log *log;
    struct net_backend net;
    struct region mmio, io, rom;
    char timer_name[E1000_TIMERS][20];

    /* state */
    u32 reg[E1000_REGS]; /* by enum e1000_reg */
    u32 mta[128], vfta[128], ra[32];
    u32 ip4at[7], ip6at[4], wupm[32], fflt[7], ffmt[256], ffvt[256];
    u32 io_addr;
    u16 eeprom[E1000_EEPROM_WORDS];
    u32 eeprom_in; /* bits shifted in since chip select, with a leading one */
    u16 eeprom_out;
    u8 eeprom_bits; /* left to shift out */
    u8 eeprom_at;   /* word that is read or written */
    u8 eeprom_state;
    u8 eeprom_lines; /* SK, CS and DI as they are */
    bool eeprom_writable;
    struct e1000_phy phy;
    bool cable; /* plugged in, and somebody at its other end */
    struct e1000_tx tx;
    u64 tx_free_at;      /* the transmitter is idle from then on, ns */
    u64 tx_paused_until; /* by a PAUSE frame */
    u64 rx_free_at;      /* the wire is idle from then on */
    u64 net_again;       /* when to ask the network again */
    u8 buffer[E1000_BUFFER];
    u16 rx_head, rx_tail; /* in the receive half, in 8 bytes */
    bool irq_level;
    u64 itr_until;              /* no new interrupt before */
    u64 rxt0_limit, txdw_limit; /* RADV and TADV: not later than, CLOCK_NEVER: no delay runs */
    struct timer autoneg, tx_timer, rx_timer, itr, rxt0, txdw;
};

/* What a card is made of. `rom` (may be NULL) is copied; the rest outlives the card. */
struct e1000_config {
    struct pci_bus *bus;
    u8 devfn;
    unsigned number; /* among the machine's cards: timers are named by it */
    struct clock *clock;
    struct log *log;
    struct ram_pool *pool;
    u8 mac[6];
    struct net_backend net; /* no send(): no cable */
    const u8 *rom;
    size_t rom_size; /* at most 16 MiB */
};

/* Puts the card on the bus, which places its registers and ROM. False when the host has no memory, or the ROM is too
 * large: the log has said so. */
bool e1000_init(struct e1000 *s, const struct e1000_config *config);
void e1000_reset(void *self);
/* Plugs the cable in or out; without a network there is none to plug. */
void e1000_set_link(struct e1000 *s, bool up);

extern const struct state_table e1000_state;

#endif
