/* pc_nic.c: the board's network cards, as many as the configuration has. */
#include "pc.h"
#include "pc_map.h"

#define LAST_SLOT 31

bool pc_nics_ok(const struct machine_config *c)
{
    u32 taken = BIT(SLOT_FREE) - 1;
    if (c->nics > MACHINE_NICS)
        return false;
    for (unsigned i = 0; i < c->nics; i++) {
        unsigned slot = c->nic[i].slot;
        if (slot > LAST_SLOT || taken >> slot & 1)
            return false;
        taken |= BIT(slot);
    }
    return true;
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
    return true;
}

void pc_eject_slot(void *machine, unsigned slot)
{
    struct machine *m = machine;
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
