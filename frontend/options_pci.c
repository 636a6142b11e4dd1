/* options_pci.c: the slots of the PCI bus, and the cards for tests that -device puts there. */
#include "options.h"

#include "keyval.h"

#define FIRST_SLOT 3
#define LAST_SLOT 31
#define CARDS_MAX (MACHINE_NICS + 2)
#define EDU_DMA_MASK ((u64)0xfffffff) /* 28 bits, as QEMU's */

bool options_pci_slot(struct options *o, const char *text, u8 *to)
{
    int used = 0;
    unsigned slot, function = 0;
    bool ok = (sscanf(text, "%2x.%1x%n", &slot, &function, &used) == 2 && !text[used]) ||
              (function = 0, sscanf(text, "%2x%n", &slot, &used) == 1 && !text[used]);
    if (!ok || slot < FIRST_SLOT || slot > LAST_SLOT || function)
        return options_fail(o, "addr=%s: pcemu puts cards in the slots 03 to 1f of its PCI bus, function 0", text);
    *to = (u8)slot;
    return true;
}

/* What every card has: its bus and its place. */
static bool set_common(struct options *o, const char *card, u8 *slot, const struct keyval *item)
{
    if (strcmp(item->key, "driver") == 0 || strcmp(item->key, "id") == 0 ||
        (strcmp(item->key, "bus") == 0 && strcmp(item->value, "pci.0") == 0))
        return true;
    if (strcmp(item->key, "addr") == 0)
        return options_pci_slot(o, item->value, slot);
    return options_fail(o, "-device %s: no property '%s=%s' that pcemu has", card, item->key, item->value);
}

static bool only_one(struct options *o, const char *card, bool *there)
{
    if (*there)
        return options_fail(o, "-device %s: there is one already, and pcemu takes one", card);
    return *there = true;
}

bool options_add_edu(struct options *o, const struct keyvals *kv)
{
    o->edu_dma_mask = EDU_DMA_MASK;
    for (unsigned i = 0; i < kv->count; i++) {
        const struct keyval *item = &kv->item[i];
        bool mask = strcmp(item->key, "dma_mask") == 0;
        if (mask && !parse_number(item->value, UINT64_MAX, &o->edu_dma_mask))
            return options_fail(o, "-device edu,dma_mask=%s: not a number", item->value);
        if (!mask && !set_common(o, "edu", &o->edu_slot, item))
            return false;
    }
    return only_one(o, "edu", &o->edu);
}

bool options_add_pci_testdev(struct options *o, const struct keyvals *kv)
{
    for (unsigned i = 0; i < kv->count; i++)
        if (!set_common(o, "pci-testdev", &o->pci_testdev_slot, &kv->item[i]))
            return false;
    return only_one(o, "pci-testdev", &o->pci_testdev);
}

static unsigned list_cards(struct options *o, u8 *slot[CARDS_MAX])
{
    unsigned n = 0;
    while (n < o->nics) {
        slot[n] = &o->nic[n].slot;
        n++;
    }
    if (o->edu)
        slot[n++] = &o->edu_slot;
    if (o->pci_testdev)
        slot[n++] = &o->pci_testdev_slot;
    return n;
}

bool options_give_slots(struct options *o)
{
    u32 taken = BIT(FIRST_SLOT) - 1;
    u8 *slot[CARDS_MAX];
    unsigned cards = list_cards(o, slot);
    for (unsigned i = 0; i < cards; i++) {
        if (*slot[i] && taken >> *slot[i] & 1)
            return options_fail(o, "-device …,addr=%02x: PCI: slot %u is in use", *slot[i], *slot[i]);
        taken |= *slot[i] ? BIT(*slot[i]) : 0;
    }
    for (unsigned i = 0; i < cards; i++) {
        unsigned free_slot = FIRST_SLOT;
        while (taken >> free_slot & 1)
            free_slot++;
        if (!*slot[i])
            *slot[i] = (u8)free_slot;
        taken |= BIT(*slot[i]);
    }
    return true;
}
