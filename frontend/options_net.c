/* options_net.c: network cards and what they are connected with: -nic, -netdev, -net, -device e1000, -object
 * filter-dump.
 */
#include "options.h"

#include "keyval.h"

#include <ctype.h>
#include <stdio.h>

#define DUMP_MAX_LEN 65536
#define HUB (-1)  /* -net: no id was given, the card and the network are those of -net */
#define NONE (-2) /* the card has no network */

/* ---- networks ---- */

/* Properties of -netdev user whose value is kept as it is. */
static const char **text_property(struct netdev_option *n, const char *key)
{
    const struct {
        const char *key, **field;
    } properties[] = {
        { "id", &n->id },
        { "hostname", &n->hostname },
        { "net", &n->net },
        { "host", &n->host },
        { "tftp", &n->tftp },
        { "bootfile", &n->bootfile },
        { "dhcpstart", &n->dhcpstart },
        { "dns", &n->dns },
        { "domainname", &n->domainname },
        { "tftp-server-name", &n->tftp_server_name },
        { "ipv6-prefix", &n->ipv6_prefix },
        { "ipv6-host", &n->ipv6_host },
        { "ipv6-dns", &n->ipv6_dns },
    };
    for (size_t i = 0; i < ARRAY_LEN(properties); i++)
        if (strcmp(properties[i].key, key) == 0)
            return properties[i].field;
    return NULL;
}

static bool add_to_list(struct options *o, const struct keyval *item, const char **list, unsigned *count)
{
    if (*count == NET_LIST_MAX)
        return options_fail(o, "-netdev user: more than %d of %s=", NET_LIST_MAX, item->key);
    return (list[(*count)++] = options_keep(o, item->value));
}

static bool set_user_flag(struct options *o, struct netdev_option *n, const struct keyval *item)
{
    bool on;
    bool known = strcmp(item->key, "restrict") == 0 || strcmp(item->key, "ipv4") == 0 || strcmp(item->key, "ipv6") == 0;
    if (!known)
        return options_fail(o, "-netdev user: pcemu's user network has no property '%s'", item->key);
    if (!parse_bool(item->value, &on))
        return options_fail(o, "-netdev user: Parameter '%s' expects 'on' or 'off'", item->key);
    if (item->key[0] == 'r')
        n->restricted = on;
    else if (item->key[3] == '4')
        n->no_ipv4 = !on;
    else
        n->no_ipv6 = !on;
    return true;
}

static bool set_user_property(struct options *o, struct netdev_option *n, const struct keyval *item)
{
    const char **text = text_property(n, item->key);
    u64 bits;
    if (text)
        return (*text = options_keep(o, item->value));
    if (strcmp(item->key, "hostfwd") == 0)
        return add_to_list(o, item, n->hostfwd, &n->hostfwds);
    if (strcmp(item->key, "dnssearch") == 0)
        return add_to_list(o, item, n->dnssearch, &n->dnssearches);
    if (strcmp(item->key, "ipv6-prefixlen") == 0) {
        if (!parse_number(item->value, UINT8_MAX, &bits))
            return options_fail(o, "-netdev user: ipv6-prefixlen=%s is not a number of bits", item->value);
        n->ipv6_prefixlen = (unsigned)bits;
        return true;
    }
    return set_user_flag(o, n, item);
}

static struct netdev_option *new_netdev(struct options *o)
{
    if (o->netdevs == NETDEVS_MAX) {
        options_fail(o, "-netdev: more than %d networks", NETDEVS_MAX);
        return NULL;
    }
    o->net_given = true;
    return &o->netdev[o->netdevs++];
}

static bool is_user(struct options *o, const char *name, const char *type)
{
    return (type && strcmp(type, "user") == 0) ||
           options_fail(o, "-%s %s: Parameter 'type' expects a network backend type: pcemu has user", name,
                        type ? type : "");
}

/* The items of a user network, but those of `skip` (NULL: none). */
static bool set_user(struct options *o, const struct keyvals *kv, const char *const *skip, struct netdev_option *n)
{
    for (unsigned i = 0; i < kv->count; i++) {
        bool skipped = strcmp(kv->item[i].key, "type") == 0;
        for (const char *const *s = skip; s && *s; s++)
            skipped |= strcmp(kv->item[i].key, *s) == 0;
        if (!skipped && !set_user_property(o, n, &kv->item[i]))
            return false;
    }
    return true;
}

static bool add_netdev(struct options *o, const char *name, const struct keyvals *kv)
{
    struct netdev_option *n = is_user(o, name, keyvals_get(kv, "type")) ? new_netdev(o) : NULL;
    if (!n || !set_user(o, kv, NULL, n))
        return false;
    if (!n->id)
        return options_fail(o, "-%s user: Parameter 'id' is missing", name);
    for (unsigned i = 0; i + 1 < o->netdevs; i++)
        if (o->netdev[i].id && strcmp(o->netdev[i].id, n->id) == 0)
            return options_fail(o, "-%s user,id=%s: Duplicate ID '%s' for netdev", name, n->id, n->id);
    return true;
}

/* ---- cards ---- */

static struct nic_option *new_nic(struct options *o)
{
    if (o->nics == MACHINE_NICS) {
        options_fail(o, "-nic: more than %d network cards", MACHINE_NICS);
        return NULL;
    }
    struct nic_option *n = &o->nic[o->nics++];
    *n = (struct nic_option){ .netdev = NONE, .rombar = true };
    return n;
}

static bool set_mac(struct options *o, struct nic_option *n, const char *text)
{
    int used = 0;
    unsigned b[6];
    bool ok =
        sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &used) == 6 && !text[used];
    for (unsigned i = 0; ok && i < 6; i++)
        n->mac[i] = (u8)b[i];
    if (!ok)
        return options_fail(o, "mac=%s: not an address like 52:54:00:12:34:56", text);
    if (n->mac[0] & 1)
        return options_fail(o, "mac=%s: NIC cannot have multicast MAC address (odd 1st byte)", text);
    n->mac_given = true;
    return true;
}

static bool set_addr(struct options *o, struct nic_option *n, const char *text)
{
    return options_pci_slot(o, text, &n->slot);
}

static bool check_model(struct options *o, const char *model)
{
    return !model || strcmp(model, "e1000") == 0 || strcmp(model, "e1000-82540em") == 0 ||
           options_fail(o, "Unsupported NIC model: %s (pcemu has e1000)", model);
}

/* Networks belong to one card. */
static bool connect(struct options *o, struct nic_option *n, int netdev)
{
    for (unsigned i = 0; i < o->nics; i++)
        if (netdev != NONE && &o->nic[i] != n && o->nic[i].netdev == netdev)
            return options_fail(o, "netdev '%s' has a card already", o->netdev[netdev].id ? o->netdev[netdev].id : "");
    n->netdev = netdev;
    return true;
}

/* -nic none, or a card and its network in one. */
static bool add_nic(struct options *o, const char *name, const struct keyvals *kv)
{
    static const char *const card[] = { "model", "mac", NULL };
    const char *type = keyvals_get(kv, "type"), *mac = keyvals_get(kv, "mac");
    o->net_given = true;
    if (type && strcmp(type, "none") == 0)
        return true;
    if (!is_user(o, name, type) || !check_model(o, keyvals_get(kv, "model")))
        return false;
    struct nic_option *nic = new_nic(o);
    struct netdev_option *n = nic ? new_netdev(o) : NULL;
    return n && set_user(o, kv, card, n) && (!mac || set_mac(o, nic, mac)) && connect(o, nic, (int)o->netdevs - 1);
}

/* ---- -net: a card, or a network, of which there is one each ---- */

static bool set_net_nic(struct options *o, struct nic_option *nic, const struct keyval *item)
{
    if (strcmp(item->key, "type") == 0 || strcmp(item->key, "name") == 0)
        return true;
    if (strcmp(item->key, "model") == 0)
        return check_model(o, item->value);
    if (strcmp(item->key, "macaddr") == 0)
        return set_mac(o, nic, item->value);
    if (strcmp(item->key, "addr") == 0)
        return set_addr(o, nic, item->value);
    if (strcmp(item->key, "netdev") == 0)
        return (nic->netdev_id = options_keep(o, item->value));
    return options_fail(o, "-net nic: Invalid parameter '%s'", item->key);
}

static bool add_net_nic(struct options *o, const struct keyvals *kv)
{
    struct nic_option *nic = new_nic(o);
    if (!nic)
        return false;
    nic->netdev = HUB;
    for (unsigned i = 0; i < kv->count; i++)
        if (!set_net_nic(o, nic, &kv->item[i]))
            return false;
    return true;
}

static bool add_net(struct options *o, const char *name, const struct keyvals *kv)
{
    static const char *const skip[] = { "name", NULL };
    const char *type = keyvals_get(kv, "type");
    o->net_given = true;
    if (type && strcmp(type, "none") == 0)
        return true;
    if (type && strcmp(type, "nic") == 0)
        return add_net_nic(o, kv);
    struct netdev_option *n = is_user(o, name, type) ? new_netdev(o) : NULL;
    if (!n || !set_user(o, kv, skip, n))
        return false;
    n->hub = true;
    return true;
}

/* ---- -device e1000 ---- */

static bool set_card_property(struct options *o, struct nic_option *n, const struct keyval *item)
{
    u64 size;
    if (strcmp(item->key, "driver") == 0 || (strcmp(item->key, "bus") == 0 && strcmp(item->value, "pci.0") == 0))
        return true;
    if (strcmp(item->key, "mac") == 0)
        return set_mac(o, n, item->value);
    if (strcmp(item->key, "addr") == 0)
        return set_addr(o, n, item->value);
    if (strcmp(item->key, "netdev") == 0)
        return (n->netdev_id = options_keep(o, item->value));
    if (strcmp(item->key, "id") == 0)
        return (n->id = options_keep(o, item->value));
    if (strcmp(item->key, "romfile") == 0)
        return (n->romfile = options_keep(o, item->value));
    if (strcmp(item->key, "rombar") == 0 && parse_number(item->value, 1, &size)) {
        n->rombar = size;
        return true;
    }
    if (strcmp(item->key, "romsize") == 0 && parse_number(item->value, 16 * MIB, &size) && !(size & (size - 1))) {
        n->romsize = (u32)size;
        return true;
    }
    return options_fail(o, "-device e1000: pcemu's card has no property '%s=%s'", item->key, item->value);
}

bool options_add_e1000(struct options *o, const struct keyvals *kv)
{
    struct nic_option *n = new_nic(o);
    for (unsigned i = 0; n && i < kv->count; i++)
        if (!set_card_property(o, n, &kv->item[i]))
            return false;
    return n;
}

/* ---- -object filter-dump ---- */

static bool set_dump_property(struct options *o, struct net_dump_option *d, const struct keyval *item)
{
    u64 len;
    if (strcmp(item->key, "qom-type") == 0 || strcmp(item->key, "id") == 0)
        return true;
    if (strcmp(item->key, "netdev") == 0)
        return (d->netdev_id = options_keep(o, item->value));
    if (strcmp(item->key, "file") == 0)
        return (d->file = options_keep(o, item->value));
    if (strcmp(item->key, "maxlen") == 0 && parse_number(item->value, UINT32_MAX, &len) && len) {
        d->max_len = (u32)len;
        return true;
    }
    return options_fail(o, "-object filter-dump: pcemu has no property '%s=%s'", item->key, item->value);
}

static bool add_object(struct options *o, const char *name, const struct keyvals *kv)
{
    const char *type = keyvals_get(kv, "qom-type");
    if (!type || strcmp(type, "filter-dump") != 0)
        return options_fail(o, "-%s %s: pcemu has the object filter-dump", name, type ? type : "");
    if (o->net_dumps == NET_DUMPS_MAX)
        return options_fail(o, "-%s filter-dump: more than %d", name, NET_DUMPS_MAX);
    struct net_dump_option *d = &o->net_dump[o->net_dumps++];
    *d = (struct net_dump_option){ .max_len = DUMP_MAX_LEN };
    for (unsigned i = 0; i < kv->count; i++)
        if (!set_dump_property(o, d, &kv->item[i]))
            return false;
    if (!keyvals_get(kv, "id"))
        return options_fail(o, "-%s filter-dump: Parameter 'id' is missing", name);
    if (!d->netdev_id)
        return options_fail(o, "-%s filter-dump: Parameter 'netdev' is required", name);
    return d->file || options_fail(o, "-%s filter-dump: dump filter needs 'file' property set!", name);
}

/* ---- the options ---- */

static bool with_items(struct options *o, const char *name, const char *arg, const char *implied,
                       bool (*add)(struct options *o, const char *name, const struct keyvals *kv))
{
    struct keyvals kv;
    bool ok = keyvals_split(&kv, arg, implied) || options_fail(o, "-%s: too many properties", name);
    ok = ok && add(o, name, &kv);
    keyvals_free(&kv);
    return ok;
}

bool option_netdev(struct options *o, const char *name, const char *arg)
{
    return with_items(o, name, arg, "type", add_netdev);
}

bool option_nic(struct options *o, const char *name, const char *arg)
{
    return with_items(o, name, arg, "type", add_nic);
}

bool option_net(struct options *o, const char *name, const char *arg)
{
    return with_items(o, name, arg, "type", add_net);
}

bool option_object(struct options *o, const char *name, const char *arg)
{
    return with_items(o, name, arg, "qom-type", add_object);
}

/* ---- after the last option ---- */

/* The network of an id; NONE: there is none. */
static int find_netdev(const struct options *o, const char *id)
{
    for (unsigned i = 0; i < o->netdevs; i++)
        if (o->netdev[i].id && strcmp(o->netdev[i].id, id) == 0)
            return (int)i;
    return NONE;
}

static int find_hub(const struct options *o)
{
    for (unsigned i = 0; i < o->netdevs; i++)
        if (o->netdev[i].hub)
            return (int)i;
    return NONE;
}

static bool connect_nic(struct options *o, struct nic_option *n)
{
    if (n->netdev_id) {
        int netdev = find_netdev(o, n->netdev_id);
        if (netdev == NONE)
            return options_fail(o, "-device e1000: Property 'e1000.netdev' can't find value '%s'", n->netdev_id);
        return connect(o, n, netdev);
    }
    return n->netdev != HUB || connect(o, n, find_hub(o));
}

static bool mac_taken(const struct options *o, const u8 mac[6])
{
    for (unsigned i = 0; i < o->nics; i++)
        if (o->nic[i].mac_given && memcmp(o->nic[i].mac, mac, 6) == 0)
            return true;
    return false;
}

/* Cards without an address get 52:54:00:12:34:56 and those that follow. */
static void give_macs(struct options *o)
{
    u8 mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
    for (unsigned i = 0; i < o->nics; i++) {
        if (o->nic[i].mac_given)
            continue;
        while (mac_taken(o, mac))
            mac[5]++;
        memcpy(o->nic[i].mac, mac, sizeof mac);
        o->nic[i].mac_given = true;
    }
}

static bool find_dumped(struct options *o)
{
    for (unsigned i = 0; i < o->net_dumps; i++) {
        int netdev = find_netdev(o, o->net_dump[i].netdev_id);
        if (netdev == NONE)
            return options_fail(o, "-object filter-dump: Parameter 'netdev' expects a network backend id, not '%s'",
                                o->net_dump[i].netdev_id);
        o->net_dump[i].netdev = (unsigned)netdev;
    }
    return true;
}

/* A card on the user network, where nothing was said. */
static bool add_default(struct options *o)
{
    struct nic_option *nic = new_nic(o);
    if (!nic)
        return true; /* -device has taken all places */
    nic->by_default = true;
    struct netdev_option *n = new_netdev(o);
    if (n)
        n->by_default = true;
    return n && connect(o, nic, (int)o->netdevs - 1);
}

/* A network without a card is no mistake, but hardly meant. */
static void warn_of_lonely(struct options *o)
{
    for (unsigned i = 0; i < o->netdevs; i++) {
        bool connected = false;
        for (unsigned n = 0; n < o->nics; n++)
            connected |= o->nic[n].netdev == (int)i;
        if (!connected)
            fprintf(o->err, "pcemu: warning: netdev %s has no peer\n", o->netdev[i].id ? o->netdev[i].id : "user");
    }
}

bool options_settle_net(struct options *o)
{
    if (!o->net_given && !o->no_defaults && !add_default(o))
        return false;
    for (unsigned i = 0; i < o->nics; i++)
        if (!connect_nic(o, &o->nic[i]))
            return false;
    give_macs(o);
    warn_of_lonely(o);
    return options_give_slots(o) && find_dumped(o);
}
