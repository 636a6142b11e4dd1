/* i8237.c: two Intel 8237A DMA controllers, cascaded as in the PC/AT and in the PIIX3, and the page registers.
 *
 * Data sheets: Intel 8237A (order 231466) for the controllers; 82371SB (PIIX3, order 290550), "DMA registers", for
 * pages, 16-bit channels and the readable mask register. Modelled: all modes (demand, single, block, cascade; verify,
 * write, read; autoinitialise; increment and decrement), software requests, memory-to-memory with and without channel
 * 0's address hold, fixed and rotating priority, masks, status, the byte pointer flip-flop.
 * The address counts within 64 KiB (words: 128 KiB): the page register does not change.
 * Not modelled: bus time (compressed timing and extended write are stored), inverted DREQ and DACK pins, EOP# driven
 * from outside, EISA's extended modes. */
#include "i8237.h"

#define WHO "i8237"

/* Command register. */
#define COMMAND_MEM_TO_MEM BIT(0)
#define COMMAND_HOLD_0 BIT(1)
#define COMMAND_DISABLE BIT(2)
#define COMMAND_ROTATE BIT(4)
#define COMMAND_DREQ_LOW BIT(6)
#define COMMAND_DACK_HIGH BIT(7)
/* Mode register. */
#define MODE_CHANNEL 0x03u
#define MODE_TRANSFER 0x0cu
#define MODE_AUTOINIT BIT(4)
#define MODE_DECREMENT BIT(5)
#define MODE_KIND 0xc0u
#define MODE_DEMAND 0x00u
#define MODE_SINGLE 0x40u
#define MODE_BLOCK 0x80u
#define MODE_CASCADE 0xc0u
#define TRANSFER_SHIFT 2
#define TRANSFER_ILLEGAL 3

#define SELECT_CHANNEL 0x03u
#define SELECT_SET BIT(2)
#define ALL_CHANNELS 0x0fu
#define CASCADE_CHANNEL 0
#define MEM_SOURCE 0
#define MEM_TARGET 1

/* Cycles that one event may set off: a channel that reloads itself while its DREQ stays up would never end. */
#define CYCLES_MAX 0x20000u

/* dma-cont, by register. */
enum dmac_register {
    DMAC_STATUS = 0, /* write: command */
    DMAC_REQUEST = 1,
    DMAC_SINGLE_MASK = 2,
    DMAC_MODE = 3,
    DMAC_CLEAR_FLIP_FLOP = 4,
    DMAC_TEMP = 5, /* write: master clear */
    DMAC_CLEAR_MASK = 6,
    DMAC_ALL_MASK = 7,
};

/* ---- one cycle ---- */

/* Bits 23:16 come from the page register; a word's address is shifted, and the page's lowest bit is not used. */
static u32 physical(const struct i8237 *c, const struct i8237_channel *ch)
{
    if (c->shift)
        return (u32)(ch->page & 0xfe) << 16 | (u32)ch->address << 1;
    return (u32)ch->page << 16 | ch->address;
}

/* Counts the transfer that was made. True: terminal count. */
static bool count_one(struct i8237 *c, unsigned n)
{
    struct i8237_channel *ch = &c->channel[n];
    if (!(n == MEM_SOURCE &&
          (c->command & (COMMAND_MEM_TO_MEM | COMMAND_HOLD_0)) == (COMMAND_MEM_TO_MEM | COMMAND_HOLD_0)))
        ch->address = (u16)(ch->mode & MODE_DECREMENT ? ch->address - 1 : ch->address + 1);
    return ch->count-- == 0;
}

/* Reload, or mask: a channel that doesn't autoinitialise is off after its terminal count. */
static void end_of_process(struct i8237 *c, unsigned n)
{
    struct i8237_channel *ch = &c->channel[n];
    c->reached |= (u8)BIT(n);
    c->request &= (u8)~BIT(n);
    if (ch->mode & MODE_AUTOINIT) {
        ch->address = ch->base_address;
        ch->count = ch->base_count;
    } else {
        c->mask |= (u8)BIT(n);
    }
}

static void client_cycle(const struct i8237_channel *ch, enum dmac_cycle kind, u16 *data, bool tc)
{
    if (ch->client.cycle)
        ch->client.cycle(ch->client.self, kind, data, tc);
}

/* One byte or word of channel n. True: terminal count. */
static bool transfer(struct i8237 *c, unsigned n)
{
    struct i8237_channel *ch = &c->channel[n];
    unsigned kind = (ch->mode & MODE_TRANSFER) >> TRANSFER_SHIFT;
    u32 at = physical(c, ch);
    bool tc = ch->count == 0;
    u8 bytes[2] = { 0xff, 0xff };
    u16 data = UINT16_MAX;
    if (kind == TRANSFER_ILLEGAL)
        kind = DMAC_VERIFY;
    if (kind == DMAC_READ) {
        dma_read(&c->pair->dma, at, bytes, 1u << c->shift);
        data = get_le16(bytes);
    }
    client_cycle(ch, (enum dmac_cycle)kind, &data, tc);
    put_le16(bytes, data);
    if (kind == DMAC_WRITE)
        dma_write(&c->pair->dma, at, bytes, 1u << c->shift);
    if (count_one(c, n))
        end_of_process(c, n);
    return tc;
}

/* A byte from where channel 0 points to where channel 1 does; channel 1's count ends it. True: terminal count. */
static bool transfer_memory(struct i8237 *c)
{
    struct i8237_channel *target = &c->channel[MEM_TARGET];
    dma_read(&c->pair->dma, physical(c, &c->channel[MEM_SOURCE]), &c->temp, 1);
    dma_write(&c->pair->dma, physical(c, target), &c->temp, 1);
    if (count_one(c, MEM_SOURCE))
        end_of_process(c, MEM_SOURCE);
    if (!count_one(c, MEM_TARGET))
        return false;
    end_of_process(c, MEM_TARGET);
    c->request &= (u8)~BIT(MEM_SOURCE);
    return true;
}

/* ---- who is served ---- */

static u8 asking(const struct i8237 *c)
{
    if (c->command & COMMAND_DISABLE)
        return 0;
    return (u8)((c->dreq & ~c->mask) | c->request);
}

/* The first controller's requests pass through channel 4, which must be set up to cascade them. */
static bool reaches_processor(const struct i8237_pair *p, const struct i8237 *c)
{
    const struct i8237 *master = &p->chip[1];
    if (c == master)
        return true;
    return !(master->command & COMMAND_DISABLE) && !(master->mask & BIT(CASCADE_CHANNEL)) &&
           (master->channel[CASCADE_CHANNEL].mode & MODE_KIND) == MODE_CASCADE;
}

/* The asking channel of highest priority that has something to transfer; DMAC_CHANNELS: none. */
static unsigned choose(const struct i8237 *c)
{
    u8 wants = asking(c);
    unsigned first = c->command & COMMAND_ROTATE ? c->next : 0;
    for (unsigned i = 0; i < DMAC_CHANNELS; i++) {
        unsigned n = (first + i) % DMAC_CHANNELS;
        if ((wants & BIT(n)) && (c->channel[n].mode & MODE_KIND) != MODE_CASCADE)
            return n;
    }
    return DMAC_CHANNELS;
}

static bool is_memory_to_memory(const struct i8237 *c, unsigned n)
{
    return n == MEM_SOURCE && (c->command & COMMAND_MEM_TO_MEM) && (c->request & BIT(n));
}

/* Serves channel n until it lets the bus go: after one cycle in single mode, when DREQ falls in demand mode, at the
 * terminal count in any. Returns the cycles made. */
static u32 serve(struct i8237 *c, unsigned n)
{
    bool memory = is_memory_to_memory(c, n), tc = false;
    bool block = memory || (c->channel[n].mode & MODE_KIND) == MODE_BLOCK;
    bool single = !block && (c->channel[n].mode & MODE_KIND) == MODE_SINGLE;
    u32 cycles = 0;
    do {
        tc = memory ? transfer_memory(c) : transfer(c, n);
        cycles++;
    } while (!tc && !single && (block || (asking(c) & BIT(n))));
    c->next = (u8)((n + 1) % DMAC_CHANNELS);
    return cycles;
}

/* Serves both controllers until nobody asks; the guard keeps a chip's DREQ, changed within its own cycle, from starting
 * another round in the middle of this one. */
static void run(struct i8237_pair *p)
{
    if (p->busy)
        return;
    p->busy = true;
    for (u32 cycles = 0; cycles < CYCLES_MAX;) {
        struct i8237 *c = &p->chip[0];
        unsigned n = reaches_processor(p, c) ? choose(c) : DMAC_CHANNELS;
        if (n == DMAC_CHANNELS)
            n = choose(c = &p->chip[1]);
        if (n == DMAC_CHANNELS)
            break;
        cycles += serve(c, n);
    }
    p->busy = false;
}

static void set_dreq(void *self, unsigned channel, bool level)
{
    struct i8237_pair *p = self;
    struct i8237 *c = &p->chip[channel / DMAC_CHANNELS & 1];
    u8 bit = (u8)BIT(channel % DMAC_CHANNELS);
    c->dreq = (u8)(level ? c->dreq | bit : c->dreq & ~bit);
    if (level)
        run(p);
}

struct irq_line dmac_dreq(struct i8237_pair *p, unsigned channel)
{
    return (struct irq_line){ set_dreq, p, channel };
}

void dmac_connect(struct i8237_pair *p, unsigned channel, const struct dmac_client *client)
{
    p->chip[channel / DMAC_CHANNELS & 1].channel[channel % DMAC_CHANNELS].client = *client;
}

/* ---- registers ---- */

static u64 chan_read(void *dev, u64 offset, unsigned size)
{
    struct i8237 *c = dev;
    unsigned reg = (unsigned)(offset >> c->shift);
    const struct i8237_channel *ch = &c->channel[reg / 2 % DMAC_CHANNELS];
    u16 v = reg & 1 ? ch->count : ch->address;
    bool high = c->flip_flop;
    (void)size;
    c->flip_flop = !high;
    return high ? v >> 8 : v & 0xff;
}

static u16 with_byte(u16 v, bool high, u8 byte)
{
    return (u16)(high ? (v & 0xff) | byte << 8 : (v & 0xff00) | byte);
}

/* Base and current register are written together. */
static void chan_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8237 *c = dev;
    unsigned reg = (unsigned)(offset >> c->shift);
    struct i8237_channel *ch = &c->channel[reg / 2 % DMAC_CHANNELS];
    u16 *base = reg & 1 ? &ch->base_count : &ch->base_address;
    u16 *current = reg & 1 ? &ch->count : &ch->address;
    (void)size;
    *base = with_byte(*base, c->flip_flop, (u8)value);
    *current = with_byte(*current, c->flip_flop, (u8)value);
    c->flip_flop = !c->flip_flop;
}

static void clear(struct i8237 *c)
{
    c->command = c->request = c->reached = c->temp = c->next = 0;
    c->mask = ALL_CHANNELS;
    c->flip_flop = false;
}

static u64 cont_read(void *dev, u64 offset, unsigned size)
{
    struct i8237 *c = dev;
    u8 v = 0;
    (void)size;
    switch (offset >> c->shift) {
    case DMAC_STATUS:
        v = (u8)((c->dreq | c->request) << 4 | c->reached);
        c->reached = 0;
        break;
    case DMAC_TEMP:
        v = c->temp;
        break;
    case DMAC_ALL_MASK:
        v = c->mask;
        break;
    default:
        log_guest(c->pair->log, WHO, "write-only register %u read", (unsigned)(offset >> c->shift));
        break;
    }
    return v;
}

static void write_command(struct i8237 *c, u8 v)
{
    if (v & (COMMAND_DREQ_LOW | COMMAND_DACK_HIGH))
        log_unimp(c->pair->log, WHO, "command %02x: inverted DREQ and DACK pins", v);
    c->command = v;
}

static void write_mode(struct i8237 *c, u8 v)
{
    if ((v & MODE_TRANSFER) >> TRANSFER_SHIFT == TRANSFER_ILLEGAL && (v & MODE_KIND) != MODE_CASCADE)
        log_guest(c->pair->log, WHO, "mode %02x: illegal kind of transfer", v);
    c->channel[v & MODE_CHANNEL].mode = (u8)(v & ~MODE_CHANNEL);
}

static u8 with_bit(u8 bits, u8 select)
{
    u8 bit = (u8)BIT(select & SELECT_CHANNEL);
    return (u8)(select & SELECT_SET ? bits | bit : bits & ~bit);
}

static void cont_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8237 *c = dev;
    u8 v = (u8)value;
    (void)size;
    switch (offset >> c->shift) {
    case DMAC_STATUS:
        write_command(c, v);
        break;
    case DMAC_REQUEST:
        c->request = with_bit(c->request, v);
        break;
    case DMAC_SINGLE_MASK:
        c->mask = with_bit(c->mask, v);
        break;
    case DMAC_MODE:
        write_mode(c, v);
        break;
    case DMAC_CLEAR_FLIP_FLOP:
        c->flip_flop = false;
        break;
    case DMAC_TEMP:
        clear(c);
        break;
    case DMAC_CLEAR_MASK:
        c->mask = 0;
        break;
    default:
        c->mask = v & ALL_CHANNELS;
        break;
    }
    run(c->pair);
}

/* Which channel a page register belongs to: ports 81, 82, 83, 87 of the first, 89, 8A, 8B, 8F of the second. */
static struct i8237_channel *page_low_channel(struct i8237 *c, u64 offset)
{
    static const u8 channel[3] = { 2, 3, 1 };
    return &c->channel[channel[offset % ARRAY_LEN(channel)]];
}

static u64 page_low_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return page_low_channel(dev, offset)->page;
}

static void page_low_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    page_low_channel(dev, offset)->page = (u8)value;
}

static u64 page_high_read(void *dev, u64 offset, unsigned size)
{
    const struct i8237 *c = dev;
    (void)offset, (void)size;
    return c->channel[0].page;
}

static void page_high_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8237 *c = dev;
    (void)offset, (void)size;
    c->channel[0].page = (u8)value;
}

/* ---- the pair ---- */

static const struct region_ops chan_ops = { chan_read, chan_write, 1, 1 };
static const struct region_ops cont_ops = { cont_read, cont_write, 1, 1 };
static const struct region_ops page_low_ops = { page_low_read, page_low_write, 1, 1 };
static const struct region_ops page_high_ops = { page_high_read, page_high_write, 1, 1 };

void dmac_init(struct i8237_pair *p, struct dma dma, struct log *log)
{
    memset(p, 0, sizeof(*p));
    p->dma = dma;
    p->log = log;
    for (unsigned i = 0; i < 2; i++) {
        struct i8237 *c = &p->chip[i];
        c->pair = p;
        c->shift = i;
        region_init_io(&c->chan_io, "dma-chan", 8u << i, &chan_ops, c);
        region_init_io(&c->cont_io, "dma-cont", 8u << i, &cont_ops, c);
        region_init_io(&c->page_low, "dma-page", 3, &page_low_ops, c);
        region_init_io(&c->page_high, "dma-page", 1, &page_high_ops, c);
    }
    dmac_reset(p);
}

/* As a master clear; the DREQ pins are other chips'. */
void dmac_reset(void *self)
{
    struct i8237_pair *p = self;
    clear(&p->chip[0]);
    clear(&p->chip[1]);
}

static const struct state_field channel_fields[] = {
    STATE(struct i8237_channel, base_address),
    STATE(struct i8237_channel, base_count),
    STATE(struct i8237_channel, address),
    STATE(struct i8237_channel, count),
    STATE(struct i8237_channel, mode),
    STATE(struct i8237_channel, page),
    STATE_END,
};

static const struct state_field chip_fields[] = {
    STATE_ARRAY(struct i8237, channel, channel_fields),
    STATE(struct i8237, command),
    STATE_MAX(struct i8237, request, ALL_CHANNELS),
    STATE_MAX(struct i8237, dreq, ALL_CHANNELS),
    STATE_MAX(struct i8237, mask, ALL_CHANNELS),
    STATE_MAX(struct i8237, reached, ALL_CHANNELS),
    STATE(struct i8237, temp),
    STATE_MAX(struct i8237, next, DMAC_CHANNELS - 1),
    STATE(struct i8237, flip_flop),
    STATE_END,
};

static const struct state_field pair_fields[] = { STATE_ARRAY(struct i8237_pair, chip, chip_fields), STATE_END };
const struct state_table i8237_state = { "i8237", 1, pair_fields, NULL };
