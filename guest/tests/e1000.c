/* e1000.c: the 82540EM: its EEPROM, its PHY, and a frame that the loopback of the PHY brings back by both descriptor
 * rings. Manual: Intel 317453 (PCI/PCI-X family). */
#include "irq.h"
#include "pci.h"
#include "tests.h"

enum {
    CTRL = 0x0000,
    STATUS = 0x0008,
    EERD = 0x0014,
    MDIC = 0x0020,
    ICR = 0x00c0,
    ICS = 0x00c8,
    IMS = 0x00d0,
    IMC = 0x00d8,
    RCTL = 0x0100,
    TCTL = 0x0400,
    TIPG = 0x0410,
    RDBAL = 0x2800,
    RDBAH = 0x2804,
    RDLEN = 0x2808,
    RDH = 0x2810,
    RDT = 0x2818,
    TDBAL = 0x3800,
    TDBAH = 0x3804,
    TDLEN = 0x3808,
    TDH = 0x3810,
    TDT = 0x3818,
    GPRC = 0x4074,
    GPTC = 0x4080,
    RAL = 0x5400,
    RAH = 0x5404
};
#define CTRL_SLU BIT(6)
#define CTRL_RST BIT(26)
#define RCTL_EN BIT(1)
#define RCTL_UPE BIT(3)
#define RCTL_BAM BIT(15)
#define RCTL_LBM_MAC (1u << 6)
#define RCTL_SECRC BIT(26)
#define TCTL_SETUP 0x0103f0fau /* enabled, short packets padded, collision numbers for full duplex */
#define RAH_VALID BIT(31)
#define MDIC_READ (2u << 26 | 1u << 21)
#define MDIC_WRITE (1u << 26 | 1u << 21)
#define MDIC_READY BIT(28)
#define PHY_CONTROL 0
#define PHY_ID1 2
#define PHY_LOOPBACK 0x4140
#define PHY_NORMAL 0x1140
#define CMD_EOP_IFCS_RS 0x0b
#define DONE 1
#define ICR_TXDW BIT(0)
#define ICR_RXT0 BIT(7)
#define RING 8u
#define FRAME 100u

struct rx_desc {
    u64 address;
    u16 length, checksum;
    u8 status, errors;
    u16 special;
} PACKED;

struct tx_desc {
    u64 address;
    u16 length;
    u8 cso, cmd;
    volatile u8 status;
    u8 css;
    u16 special;
} PACKED;

static volatile struct rx_desc rx[RING] __attribute__((aligned(128)));
static volatile struct tx_desc tx[RING] __attribute__((aligned(128)));
static u8 frame[FRAME], buffers[RING][2048];
static u32 base;
static volatile u32 cause;

static u32 rd(u32 reg)
{
    return MMIO32(base + reg);
}

static void wr(u32 reg, u32 v)
{
    MMIO32(base + reg) = v;
}

static u32 phy(u32 command)
{
    wr(MDIC, command);
    for (u32 i = 0; i < 1000 && !(rd(MDIC) & MDIC_READY); i++)
        delay_us(10);
    return rd(MDIC) & 0xffff;
}

static u32 eeprom(u32 word)
{
    wr(EERD, word << 8 | 1);
    for (u32 i = 0; i < 1000 && !(rd(EERD) & 0x10); i++)
        delay_us(10);
    return rd(EERD) >> 16;
}

static void identity(void)
{
    u32 low = rd(RAL), high = rd(RAH), sum = 0;
    ok(high & RAH_VALID, "RAH: a station address is valid");
    is(eeprom(0) | eeprom(1) << 16, low, "EERD: words 0 and 1 of the EEPROM are RAL");
    is(eeprom(2), high & 0xffff, "... word 2 is RAH");
    for (u32 i = 0; i < 64; i++)
        sum += eeprom(i);
    is(sum & 0xffff, 0xbaba, "... and all 64 add up to BABA");
    is(phy(MDIC_READ | PHY_ID1 << 16), 0x0141, "MDIC: the PHY is Marvell's");
}

static void rings(void)
{
    for (u32 i = 0; i < RING; i++) {
        rx[i] = (struct rx_desc){ .address = (u32)(uptr)buffers[i] };
        tx[i] = (struct tx_desc){ .address = (u32)(uptr)frame };
    }
    wr(RDBAL, (u32)(uptr)rx);
    wr(RDBAH, 0);
    wr(RDLEN, sizeof rx);
    wr(RDH, 0);
    wr(RDT, RING - 1);
    wr(TDBAL, (u32)(uptr)tx);
    wr(TDBAH, 0);
    wr(TDLEN, sizeof tx);
    wr(TDH, 0);
    wr(TDT, 0);
    wr(TIPG, 0x00602006);
    wr(RCTL, RCTL_EN | RCTL_UPE | RCTL_BAM | RCTL_LBM_MAC | RCTL_SECRC);
    wr(TCTL, TCTL_SETUP);
}

static void fill_frame(void)
{
    u32 low = rd(RAL), high = rd(RAH);
    for (u32 i = 0; i < FRAME; i++)
        frame[i] = (u8)(i * 7);
    for (u32 i = 0; i < 6; i++)
        frame[i] = frame[6 + i] = (u8)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
    frame[12] = 0x88; /* an Ethernet type for experiments */
    frame[13] = 0xb5;
}

static void quiet(void)
{
    cause |= rd(ICR);
}

static void loopback(u32 irq)
{
    phy(MDIC_WRITE | PHY_CONTROL << 16 | PHY_LOOPBACK);
    rings();
    fill_frame();
    cause = 0;
    rd(GPTC);
    rd(GPRC);
    rd(ICR);
    irq_begin();
    if (ON_QEMU)
        wait_ms(1500); /* it receives nothing in the second after a write to RCTL */
    irq_open(irq, quiet);
    wr(IMS, ICR_TXDW | ICR_RXT0);
    tx[0].length = FRAME;
    tx[0].cmd = CMD_EOP_IFCS_RS;
    wr(TDT, 1);
    for (u32 i = 0; i < 300 && !(tx[0].status & DONE && rx[0].status & DONE); i++)
        wait_ms(1);
    wait_ms(5);
    wr(IMC, 0xffffffffu);
    irq_end();
    ok(tx[0].status & DONE, "a frame is sent: its descriptor is done");
    ok(rx[0].status & DONE && !rx[0].errors, "... and received, by the loopback");
    is(rx[0].length, FRAME, "... with its length");
    ok(mem_same(buffers[0], frame, FRAME), "... and its bytes");
    ok(rd(TDH) == 1 && rd(RDH) == 1, "the rings' heads have moved");
    ok(irq_count[irq] >= 1 && cause & ICR_TXDW && cause & ICR_RXT0, "interrupts for both, by the PCI line");
    ok(rd(GPTC) == 1 && rd(GPRC) == 1, "one good packet sent, one received, count the statistics");
    is(rd(GPTC), 0, "... which a read clears");
    phy(MDIC_WRITE | PHY_CONTROL << 16 | PHY_NORMAL);
    wr(RCTL, 0);
    wr(TCTL, 0);
}

void e1000_tests(void)
{
    u32 card = pci_find(PCI_E1000);
    if (card == PCI_NONE) {
        tap_skip("82540EM", "there is no such card");
        return;
    }
    base = pci_read(card, PCI_BAR0) & 0xfffffff0u;
    u32 command = pci_read(card, PCI_COMMAND) & 0xffff;
    pci_write(card, PCI_COMMAND, command | COMMAND_MEMORY | COMMAND_MASTER);
    wr(IMC, 0xffffffffu);
    wr(CTRL, rd(CTRL) | CTRL_RST);
    delay_us(20000);
    wr(IMC, 0xffffffffu);
    wr(CTRL, (rd(CTRL) & ~CTRL_RST) | CTRL_SLU);
    rd(ICR);
    identity();
    wr(ICS, ICR_TXDW);
    ok(rd(ICR) & ICR_TXDW, "ICS sets a cause");
    ok(!(rd(ICR) & ICR_TXDW), "ICR: a read clears it");
    loopback(pci_read8(card, PCI_INTERRUPT));
    pci_write(card, PCI_COMMAND, command);
}
