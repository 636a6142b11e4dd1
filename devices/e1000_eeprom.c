/* e1000_eeprom.c: the card's 64-word serial EEPROM (a Microwire part, 93C46), read by EERD or bit by bit through EECD;
 * Software Developer's Manual, chapter 5 and sections 13.4.3 and 13.4.4; for the serial protocol the AT93C46 data
 * sheet. Not modelled: programming time (a write is done when chip select falls). */
#include "e1000_regs.h"

#define EERD_START BIT(0)
#define EERD_DONE BIT(4)
#define EERD_ADDR_SHIFT 8
#define EERD_DATA_SHIFT 16

#define CHECKSUM_WORD 0x3fu
#define CHECKSUM 0xbabau /* of all words; 5.6.35 */
#define ADDRESS_BITS 6
#define WORD_BITS 16
#define COMMAND_START BIT(2 + ADDRESS_BITS) /* the start bit, once opcode and address are in */

enum { EE_COMMAND, EE_READING, EE_WRITING, EE_FINISHED };
enum opcode { OP_EXTENDED, OP_WRITE, OP_READ, OP_ERASE };
enum extended { EXT_DISABLE, EXT_WRITE_ALL, EXT_ERASE_ALL, EXT_ENABLE }; /* by the two high address bits */

/* What the machine's cards hold; table 5-2 names the words. Address (0 to 2), device (0Bh, 0Dh) and checksum are filled
 * in. */
static const u16 contents[E1000_EEPROM_WORDS] = {
    0x0000, 0x0000, 0x0000, 0x0000, 0xffff, 0x0000, 0x0000, 0x0000, /* address, compatibility */
    0x3000, 0x1000, 0x6403, 0x100e, 0x8086, 0x100e, 0x8086, 0x3040, /* board number, control 1, identity, control 2 */
    0x0008, 0x2000, 0x7e14, 0x0048, 0x1000, 0x00d8, 0x0000, 0x2700, /* */
    0x6cc9, 0x3150, 0x0722, 0x040b, 0x0984, 0x0000, 0xc000, 0x0706, /* */
    0x1008, 0x0000, 0x0f04, 0x7fff, 0x4d01, 0xffff, 0xffff, 0xffff, /* management, LED defaults */
    0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, /* */
    0x0100, 0x4000, 0x121c, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, /* boot agent */
    0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0x0000, /* checksum */
};

void e1000_eeprom_init(struct e1000 *s, const u8 mac[ETH_ADDRESS])
{
    u16 sum = 0;
    memcpy(s->eeprom, contents, sizeof contents);
    for (unsigned i = 0; i < ETH_ADDRESS / 2; i++)
        s->eeprom[i] = get_le16(mac + 2 * (size_t)i);
    for (unsigned i = 0; i < CHECKSUM_WORD; i++)
        sum = (u16)(sum + s->eeprom[i]);
    s->eeprom[CHECKSUM_WORD] = (u16)(CHECKSUM - sum);
}

void e1000_eeprom_reset(struct e1000 *s)
{
    s->eeprom_state = EE_COMMAND;
    s->eeprom_in = 0;
    s->eeprom_writable = false;
}

void e1000_write_eerd(struct e1000 *s, u32 value)
{
    if (!(value & EERD_START))
        return;
    u32 word = value >> EERD_ADDR_SHIFT & 0xff;
    u16 data = s->eeprom[word % E1000_EEPROM_WORDS];
    s->reg[R_EERD] = (u32)data << EERD_DATA_SHIFT | word << EERD_ADDR_SHIFT | EERD_DONE;
}

/* ---- bit by bit ---- */

static void start_reading(struct e1000 *s, u8 word)
{
    s->eeprom_state = EE_READING;
    s->eeprom_at = word % E1000_EEPROM_WORDS;
    s->eeprom_bits = WORD_BITS + 1; /* a zero comes first */
    s->eeprom_out = 0;
}

static void fill(struct e1000 *s, u16 value)
{
    for (unsigned i = 0; s->eeprom_writable && i < E1000_EEPROM_WORDS; i++)
        s->eeprom[i] = value;
}

static void extended_command(struct e1000 *s, enum extended what)
{
    s->eeprom_state = EE_FINISHED;
    if (what == EXT_ENABLE || what == EXT_DISABLE)
        s->eeprom_writable = what == EXT_ENABLE;
    else if (what == EXT_ERASE_ALL)
        fill(s, 0xffff);
    else
        s->eeprom_state = EE_WRITING;
}

/* Start bit, opcode and address are in. */
static void command(struct e1000 *s)
{
    u8 word = (u8)(s->eeprom_in & (BIT(ADDRESS_BITS) - 1));
    s->eeprom_at = word;
    s->eeprom_bits = WORD_BITS;
    switch ((enum opcode)(s->eeprom_in >> ADDRESS_BITS & 3)) {
    case OP_READ:
        start_reading(s, word);
        break;
    case OP_WRITE:
        s->eeprom_state = EE_WRITING;
        break;
    case OP_ERASE:
        if (s->eeprom_writable)
            s->eeprom[word] = 0xffff;
        s->eeprom_state = EE_FINISHED;
        break;
    case OP_EXTENDED:
        extended_command(s, (enum extended)(word >> (ADDRESS_BITS - 2)));
        break;
    }
}

static void write_word(struct e1000 *s)
{
    bool all = (s->eeprom_in >> (WORD_BITS + ADDRESS_BITS) & 3) == OP_EXTENDED;
    u16 data = (u16)s->eeprom_in;
    s->eeprom_state = EE_FINISHED;
    if (all)
        fill(s, data);
    else if (s->eeprom_writable)
        s->eeprom[s->eeprom_at % E1000_EEPROM_WORDS] = data;
}

/* The next bit of the word goes to DO; after the last comes the next word. */
static void shift_out(struct e1000 *s)
{
    if (s->eeprom_bits > WORD_BITS) {
        s->eeprom_out = s->eeprom[s->eeprom_at % E1000_EEPROM_WORDS];
        s->eeprom_bits = WORD_BITS;
        return;
    }
    if (s->eeprom_bits > 1) {
        s->eeprom_bits--;
        s->eeprom_out = (u16)(s->eeprom_out << 1);
        return;
    }
    s->eeprom_at = (u8)((s->eeprom_at + 1) % E1000_EEPROM_WORDS);
    s->eeprom_out = s->eeprom[s->eeprom_at];
    s->eeprom_bits = WORD_BITS;
}

/* A rising edge of SK. Zeros before the start bit are nothing. */
static void clock_bit(struct e1000 *s, bool di)
{
    if (s->eeprom_state == EE_READING) {
        shift_out(s);
    } else if (s->eeprom_state == EE_COMMAND) {
        s->eeprom_in = s->eeprom_in << 1 | di;
        if (s->eeprom_in >= COMMAND_START)
            command(s);
    } else if (s->eeprom_state == EE_WRITING) {
        s->eeprom_in = s->eeprom_in << 1 | di;
        if (--s->eeprom_bits == 0)
            write_word(s);
    }
}

/* The pins are moved one at a time by software that works; the lines as they were are in the old value, which the
 * register file has replaced already, so it is kept in eeprom_lines. */
void e1000_write_eecd(struct e1000 *s, u32 value)
{
    u32 old = s->eeprom_lines;
    s->eeprom_lines = (u8)(value & (EECD_SK | EECD_CS | EECD_DI));
    if (!(value & EECD_CS) || !(old & EECD_CS)) {
        s->eeprom_state = EE_COMMAND;
        s->eeprom_in = 0;
    }
    if (value & EECD_CS && old & EECD_CS && value & ~old & EECD_SK)
        clock_bit(s, value & EECD_DI);
}

u32 e1000_read_eecd(struct e1000 *s)
{
    u32 v = s->reg[R_EECD] | EECD_PRES;
    bool out = s->eeprom_state != EE_READING || s->eeprom_out >> (WORD_BITS - 1);
    return v | (v & EECD_REQ ? EECD_GNT : 0) | (out ? EECD_DO : 0);
}
