/* net_options.h: networks and cards as the command line asks for them. Texts are the options' own. */
#ifndef PCEMU_NET_OPTIONS_H
#define PCEMU_NET_OPTIONS_H

#include "base.h"

#define NETDEVS_MAX 4
#define NET_DUMPS_MAX 4
#define NET_LIST_MAX 16 /* of hostfwd= and of dnssearch= */

/* A user network: -netdev user, or the half of -nic user that is not the card. NULL: QEMU's default. */
struct netdev_option {
    const char *id;
    bool by_default; /* of the card that nobody asked for */
    bool hub;        /* -net user: belongs to the card of -net nic */
    bool restricted, no_ipv4, no_ipv6;
    const char *net, *host, *dhcpstart, *dns;
    const char *ipv6_prefix, *ipv6_host, *ipv6_dns;
    unsigned ipv6_prefixlen; /* 0: the default */
    const char *hostname, *domainname, *tftp, *bootfile, *tftp_server_name;
    const char *hostfwd[NET_LIST_MAX], *dnssearch[NET_LIST_MAX + 1];
    unsigned hostfwds, dnssearches;
};

struct nic_option {
    bool by_default; /* nobody asked for it */
    int netdev;      /* which network; negative: none */
    const char *id, *netdev_id;
    u8 slot; /* 0, while parsing: the first that is free */
    u8 mac[6];
    bool mac_given;
    const char *romfile; /* NULL: the machine's; "": none */
    bool rombar;
    u32 romsize; /* 0: what the file needs */
};

struct net_dump_option {
    const char *file, *netdev_id;
    unsigned netdev; /* which network, after parsing */
    u32 max_len;     /* bytes of each frame that are kept */
};

#endif
