/* net_user_config.h: the addresses and rules of a user network, read from its options. */
#ifndef PCEMU_NET_USER_CONFIG_H
#define PCEMU_NET_USER_CONFIG_H

#include "options.h"

#include <libslirp.h>

struct hostfwd {
    bool udp;
    struct in_addr host, guest;
    int host_port, guest_port;
};

/* Fills in `c`, whose strings point into the option. False: one line on `err` has said what is wrong. */
bool net_user_config(SlirpConfig *c, const struct netdev_option *option, FILE *err);
/* A rule "[tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport". */
bool net_user_hostfwd(struct hostfwd *f, const char *rule, FILE *err);

#endif
