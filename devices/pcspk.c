/* pcspk.c: port 61h of a PC, as the PIIX3 has it.
 *
 * Data sheet: Intel 82371SB (PIIX3, order 290550), "NMI Status and Control Register":
 *     bit 0 R/W  counter 2's gate             bit 4 RO  refresh cycle toggle
 *     bit 1 R/W  speaker data enable          bit 5 RO  counter 2's OUT
 *     bit 2 R/W  SERR# disable (and clear)    bit 6 RO  IOCHK# seen: never
 *     bit 3 R/W  IOCHK# disable (and clear)   bit 7 RO  SERR# seen: never
 * The refresh toggle changes every 18 pulses of the timer's clock (15.085 us), counter 1's customary setting, whatever
 * counter 1 does: there is no DRAM to refresh, but guests time loops by it.
 * Not modelled: sound; SERR# and IOCHK#, which nothing in the machine drives. */
#include "pcspk.h"

#define NSC_GATE2 BIT(0)
#define NSC_WRITABLE 0x0f
#define NSC_REFRESH BIT(4)
#define NSC_OUT2 BIT(5)
#define REFRESH_PULSES 18
#define SPEAKER_COUNTER 2

static u64 pcspk_read(void *dev, u64 offset, unsigned size)
{
    struct pcspk *s = dev;
    u8 v = s->control;
    (void)offset;
    (void)size;
    if (pit_pulses(s->pit) / REFRESH_PULSES & 1)
        v |= NSC_REFRESH;
    if (pit_out(s->pit, SPEAKER_COUNTER))
        v |= NSC_OUT2;
    return v;
}

static void pcspk_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct pcspk *s = dev;
    (void)offset;
    (void)size;
    s->control = (u8)value & NSC_WRITABLE;
    pit_set_gate(s->pit, SPEAKER_COUNTER, s->control & NSC_GATE2);
}

static const struct region_ops pcspk_ops = { pcspk_read, pcspk_write, 1, 1 };

void pcspk_init(struct pcspk *s, struct i8254 *pit)
{
    *s = (struct pcspk){ .pit = pit };
    region_init_io(&s->io, "pcspk", 1, &pcspk_ops, s);
    pcspk_reset(s);
}

void pcspk_reset(void *self)
{
    struct pcspk *s = self;
    s->control = 0;
    pit_set_gate(s->pit, SPEAKER_COUNTER, false);
}

static const struct state_field pcspk_fields[] = {
    STATE_MAX(struct pcspk, control, NSC_WRITABLE),
    STATE_END,
};

const struct state_table pcspk_state = { "pcspk", 1, pcspk_fields, NULL };
