/* pc_nic.c: the board's PCI slots: network cards, as many as the configuration has, and what tests plug in. */
#include "pc.h"
#include "pc_map.h"

#define LAST_SLOT 31

static bool take(u32 *taken, unsigned slot)
{
    if (slot > LAST_SLOT || *taken >> slot & 1)
        return false;
    *taken |= BIT(slot);
    return true;
}

bool pc_slots_ok(const struct machine_config *c)
{
    u32 taken = BIT(SLOT_FREE) - 1;
    if (c->nics > MACHINE_NICS)
        return false;
    for (unsigned i = 0; i < c->nics; i++)
        if (!take(&taken, c->nic[i].slot))
            return false;
    return (!c->edu_slot || take(&taken, c->edu_slot)) && (!c->pci_testdev_slot || take(&taken, c->pci_testdev_slot));
}

static void build_test_cards(struct machine *m)
{
    const struct machine_config *c = &m->config;
    if (c->edu_slot) {
        edu_init(&m->edu, &m->pci, PCI_DEVFN(c->edu_slot, 0), &m->clock, c->edu_dma_mask, m->log);
        PC_ADD(m, edu, edu_reset, edu_state);
    }
    if (c->pci_testdev_slot) {
        pci_testdev_init(&m->pci_testdev, &m->pci, PCI_DEVFN(c->pci_testdev_slot, 0));
        PC_ADD(m, pci_testdev, pci_testdev_reset, pci_testdev_state);
    }
}

bool pc_build_nics(struct machine *m)
{
    for (unsigned i = 0; i < m->config.nics; i++) {
        const struct machine_nic *nic = &m->config.nic[i];
        struct e1000_config config = {
            .bus = &m->pci,
            .devfn = PCI_DEVFN(nic->slot, 0),
            .number = i,
            .clock = &m->clock,
            .log = m->log,
            .pool = &m->pool,
            .net = nic->net,
            .rom = nic->rom,
            .rom_size = nic->rom_size,
        };
        memcpy(config.mac, nic->mac, sizeof config.mac);
        if (!e1000_init(&m->nic[i], &config))
            return false;
        PC_ADD(m, nic[i], e1000_reset, e1000_state);
    }
    build_test_cards(m);
    return true;
}

void pc_eject_slot(void *machine, unsigned slot)
{
    struct machine *m = machine;
    if (slot && slot == m->config.edu_slot) {
        edu_reset(&m->edu);
        pci_remove(&m->edu.pci);
    }
    if (slot && slot == m->config.pci_testdev_slot) {
        pci_testdev_reset(&m->pci_testdev);
        pci_remove(&m->pci_testdev.pci);
    }
    for (unsigned i = 0; i < m->config.nics; i++)
        if (m->config.nic[i].slot == slot) {
            e1000_reset(&m->nic[i]);
            pci_remove(&m->nic[i].pci);
        }
}

bool pc_waits_for_host(const struct machine *m)
{
    for (unsigned i = 0; i < m->config.nics; i++) {
        const struct net_backend *net = &m->config.nic[i].net;
        if (net->waits_for_host && net->waits_for_host(net->self))
            return true;
    }
    return false;
}

void machine_set_link(struct machine *m, unsigned n, bool up)
{
    if (n < m->config.nics && journal_input(m, JOURNAL_LINK, n, up, 0))
        e1000_set_link(&m->nic[n], up);
}
