/* e1000_stats.c: the statistics of the 82540EM. Software Developer's Manual, section 13.7: counters stick at their
 * largest value and are cleared by reading; a counter of 64 bits is cleared by reading its upper half. Lengths count
 * the CRC. */
#include "e1000_regs.h"

static bool is_high_half(unsigned index)
{
    return index == R_GORCH || index == R_GOTCH || index == R_TORH || index == R_TOTH;
}

static bool is_low_half(unsigned index)
{
    return is_high_half(index + 1);
}

u32 e1000_stat_read(struct e1000 *s, unsigned index)
{
    u32 v = s->reg[index];
    if (!is_low_half(index))
        s->reg[index] = 0;
    if (is_high_half(index))
        s->reg[index - 1] = 0;
    return v;
}

void e1000_count(struct e1000 *s, enum e1000_reg counter)
{
    if (s->reg[counter] != UINT32_MAX)
        s->reg[counter]++;
}

static void add64(struct e1000 *s, enum e1000_reg low, size_t n)
{
    u64 v = s->reg[low] | (u64)s->reg[low + 1] << 32;
    v = v + n < v ? UINT64_MAX : v + n;
    s->reg[low] = (u32)v;
    s->reg[low + 1] = (u32)(v >> 32);
}

/* Counters of frames by length stand next to each other, from 64 bytes on. */
static void count_size(struct e1000 *s, enum e1000_reg first, size_t bytes)
{
    static const u16 up_to[] = { 64, 127, 255, 511, 1023 };
    unsigned i = 0;
    while (i < ARRAY_LEN(up_to) && bytes > up_to[i])
        i++;
    e1000_count(s, first + i);
}

static void count_cast(struct e1000 *s, const u8 *frame, enum e1000_reg broadcast, enum e1000_reg multicast)
{
    if (is_broadcast(frame))
        e1000_count(s, broadcast);
    else if (is_multicast(frame))
        e1000_count(s, multicast);
}

void e1000_count_tx(struct e1000 *s, const u8 *frame, size_t len)
{
    size_t bytes = len + ETH_CRC;
    e1000_count(s, R_TPT);
    e1000_count(s, R_GPTC);
    add64(s, R_TOTL, bytes);
    add64(s, R_GOTCL, bytes);
    count_size(s, R_PTC64, bytes);
    count_cast(s, frame, R_BPTC, R_MPTC);
}

void e1000_count_rx_total(struct e1000 *s, size_t len)
{
    e1000_count(s, R_TPR);
    add64(s, R_TORL, len + ETH_CRC);
}

void e1000_count_rx_good(struct e1000 *s, const u8 *frame, size_t len)
{
    size_t bytes = len + ETH_CRC;
    e1000_count(s, R_GPRC);
    add64(s, R_GORCL, bytes);
    count_size(s, R_PRC64, bytes);
    count_cast(s, frame, R_BPRC, R_MPRC);
}
