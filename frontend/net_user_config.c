/* net_user_config.c: see net_user_config.h. Defaults and checks are QEMU's. */
#define _GNU_SOURCE
#include "net_user_config.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define PREFIX6_BITS 64
#define PREFIX6_MAX 126
#define NAME_MAX_LEN 255
#define BOOTFILE_MAX 127
#define PORT_MAX 65535

static bool fail(FILE *err, const char *what)
{
    fprintf(err, "pcemu: -netdev user: %s\n", what);
    return false;
}

static struct in_addr ipv4(u32 host_order)
{
    return (struct in_addr){ htonl(host_order) };
}

/* The mask of a network without one: by class, and by private range. */
static u32 default_mask(u32 net)
{
    static const struct {
        u32 mask, value, netmask;
    } classes[] = {
        { 0x80000000, 0x00000000, 0xff000000 }, { 0xfff00000, 0xac100000, 0xfff00000 },
        { 0xc0000000, 0x80000000, 0xffff0000 }, { 0xffff0000, 0xc0a80000, 0xffff0000 },
        { 0xffff0000, 0xc6120000, 0xfffe0000 }, { 0xe0000000, 0xe0000000, 0xffffff00 },
    };
    for (unsigned i = 0; i < ARRAY_LEN(classes); i++)
        if ((net & classes[i].mask) == classes[i].value)
            return classes[i].netmask;
    return 0xfffffff0;
}

/* "10.0.2.0/24", "10.0.2.0/255.255.255.0" or "10.0.2.0". */
static bool parse_network(SlirpConfig *c, const char *text, FILE *err)
{
    char address[INET_ADDRSTRLEN + 1];
    size_t len = strcspn(text, "/");
    if (len >= sizeof address)
        return fail(err, "Failed to parse netmask");
    memcpy(address, text, len);
    address[len] = 0;
    if (!inet_aton(address, &c->vnetwork))
        return fail(err, "Failed to parse netmask");
    if (!text[len]) {
        c->vnetmask = ipv4(default_mask(ntohl(c->vnetwork.s_addr)));
        return true;
    }
    char *end;
    long bits = strtol(text + len + 1, &end, 10);
    if (*end)
        return inet_aton(text + len + 1, &c->vnetmask) || fail(err, "Failed to parse netmask (trailing chars)");
    if (bits < 4 || bits > 32)
        return fail(err, "Invalid netmask provided (must be in range 4-32)");
    c->vnetmask = ipv4((u32)(UINT32_MAX << (32 - bits)));
    return true;
}

static bool inside(const SlirpConfig *c, struct in_addr a)
{
    return (a.s_addr & c->vnetmask.s_addr) == c->vnetwork.s_addr;
}

/* The address that a host part has in the guest's network. */
static struct in_addr member(const SlirpConfig *c, u32 host_part)
{
    return (struct in_addr){ c->vnetwork.s_addr | (htonl(host_part) & ~c->vnetmask.s_addr) };
}

static bool parse_address(const char *text, struct in_addr *a, const char *what, FILE *err)
{
    return !text || inet_aton(text, a) || fail(err, what);
}

static bool configure_ipv4(SlirpConfig *c, const struct netdev_option *o, FILE *err)
{
    c->vnetwork = ipv4(0x0a000200);
    c->vnetmask = ipv4(0xffffff00);
    if (o->net && !parse_network(c, o->net, err))
        return false;
    c->vnetwork.s_addr &= c->vnetmask.s_addr;
    c->vhost = member(c, 0x0202);
    c->vdhcp_start = member(c, 0x020f);
    c->vnameserver = member(c, 0x0203);
    if (!parse_address(o->host, &c->vhost, "Failed to parse host", err) ||
        !parse_address(o->dns, &c->vnameserver, "Failed to parse DNS", err) ||
        !parse_address(o->dhcpstart, &c->vdhcp_start, "Failed to parse DHCP start address", err))
        return false;
    if (!inside(c, c->vhost))
        return fail(err, "Host doesn't belong to network");
    if (o->restricted && !inside(c, c->vnameserver))
        return fail(err, "DNS doesn't belong to network");
    if (c->vnameserver.s_addr == c->vhost.s_addr)
        return fail(err, "DNS must be different from host");
    if (!inside(c, c->vdhcp_start))
        return fail(err, "DHCP doesn't belong to network");
    if (c->vdhcp_start.s_addr == c->vhost.s_addr || c->vdhcp_start.s_addr == c->vnameserver.s_addr)
        return fail(err, "DHCP must be different from host and DNS");
    return true;
}

static bool same_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned bits)
{
    unsigned bytes = bits / 8, rest = bits % 8;
    u8 mask = (u8)(0xff00u >> rest);
    return memcmp(a->s6_addr, b->s6_addr, bytes) == 0 && ((a->s6_addr[bytes] ^ b->s6_addr[bytes]) & mask) == 0;
}

static bool configure_ipv6(SlirpConfig *c, const struct netdev_option *o, FILE *err)
{
    unsigned bits = o->ipv6_prefixlen ? o->ipv6_prefixlen : PREFIX6_BITS;
    if (inet_pton(AF_INET6, o->ipv6_prefix ? o->ipv6_prefix : "fec0::", &c->vprefix_addr6) != 1)
        return fail(err, "Failed to parse IPv6 prefix");
    if (bits > PREFIX6_MAX)
        return fail(err, "Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)");
    c->vprefix_len = (u8)bits;
    c->vhost6 = c->vnameserver6 = c->vprefix_addr6;
    c->vhost6.s6_addr[15] |= 2;
    c->vnameserver6.s6_addr[15] |= 3;
    if (o->ipv6_host && inet_pton(AF_INET6, o->ipv6_host, &c->vhost6) != 1)
        return fail(err, "Failed to parse IPv6 host");
    if (!same_prefix(&c->vprefix_addr6, &c->vhost6, bits))
        return fail(err, "IPv6 Host doesn't belong to network");
    if (o->ipv6_dns && inet_pton(AF_INET6, o->ipv6_dns, &c->vnameserver6) != 1)
        return fail(err, "Failed to parse IPv6 DNS");
    return true;
}

static bool check_names(const struct netdev_option *o, FILE *err)
{
    if (o->domainname && !*o->domainname)
        return fail(err, "'domainname' parameter cannot be empty");
    if (o->domainname && strlen(o->domainname) > NAME_MAX_LEN)
        return fail(err, "'domainname' parameter cannot exceed 255 bytes");
    if (o->hostname && strlen(o->hostname) > NAME_MAX_LEN)
        return fail(err, "'vhostname' parameter cannot exceed 255 bytes");
    if (o->tftp_server_name && strlen(o->tftp_server_name) > NAME_MAX_LEN)
        return fail(err, "'tftp-server-name' parameter cannot exceed 255 bytes");
    if (o->bootfile && strlen(o->bootfile) > BOOTFILE_MAX)
        return fail(err, "'bootfile' parameter cannot exceed 127 bytes");
    return true;
}

bool net_user_config(SlirpConfig *c, const struct netdev_option *o, FILE *err)
{
    *c = (SlirpConfig){ .version = SLIRP_CONFIG_VERSION_MAX };
    c->in_enabled = !o->no_ipv4;
    c->in6_enabled = !o->no_ipv6;
    if (o->no_ipv4 && (o->net || o->host || o->dns))
        return fail(err, "IPv4 disabled but netmask/host/dns provided");
    if (o->no_ipv6 && (o->ipv6_prefix || o->ipv6_host || o->ipv6_dns))
        return fail(err, "IPv6 disabled but prefix/host6/dns6 provided");
    if (o->no_ipv4 && o->no_ipv6)
        return fail(err, "IPv4 and IPv6 disabled");
    if (!configure_ipv4(c, o, err) || !configure_ipv6(c, o, err) || !check_names(o, err))
        return false;
    c->restricted = o->restricted;
    c->vhostname = o->hostname;
    c->tftp_server_name = o->tftp_server_name;
    c->tftp_path = o->tftp;
    c->bootfile = o->bootfile;
    c->vdnssearch = o->dnssearches ? (const char **)(void *)o->dnssearch : NULL;
    c->vdomainname = o->domainname;
    return true;
}

/* ---- hostfwd ---- */

/* The text up to `separator`, which is passed; false: there is none, or the text is too long. */
static bool take(const char **text, char separator, char word[64])
{
    const char *end = strchr(*text, separator);
    size_t len = end ? (size_t)(end - *text) : 0;
    if (!end || len >= 64)
        return false;
    memcpy(word, *text, len);
    word[len] = 0;
    *text = end + 1;
    return true;
}

static bool take_port(const char *word, long min, int *port)
{
    char *end;
    long v = strtol(word, &end, 0);
    *port = (int)v;
    return *word && !*end && v >= min && v <= PORT_MAX;
}

/* What is wrong with the rule; NULL: nothing. */
static const char *parse_rule(struct hostfwd *f, const char *rule)
{
    char word[64];
    if (!take(&rule, ':', word))
        return "No : separators";
    f->udp = strcmp(word, "udp") == 0;
    if (*word && !f->udp && strcmp(word, "tcp") != 0)
        return "Bad protocol name";
    if (!take(&rule, ':', word))
        return "Missing : separator";
    if (*word && !inet_aton(word, &f->host))
        return "Bad host address";
    if (!take(&rule, '-', word))
        return "Bad host port separator";
    if (!take_port(word, 0, &f->host_port))
        return "Bad host port";
    if (!take(&rule, ':', word))
        return "Missing guest address";
    if (*word && !inet_aton(word, &f->guest))
        return "Bad guest address";
    return take_port(rule, 1, &f->guest_port) ? NULL : "Bad guest port";
}

bool net_user_hostfwd(struct hostfwd *f, const char *rule, FILE *err)
{
    *f = (struct hostfwd){ 0 };
    const char *wrong = parse_rule(f, rule);
    if (wrong)
        fprintf(err, "pcemu: -netdev user: Invalid host forwarding rule '%s' (%s)\n", rule, wrong);
    return !wrong;
}
