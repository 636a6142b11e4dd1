/* net.h: the host's end of a network cable: the user network (libslirp), and files that what passes is dumped to. */
#ifndef PCEMU_NET_H
#define PCEMU_NET_H

#include "backend.h"
#include "log.h"
#include "options.h"

/* net_user.c: a network of the guest's own with a gateway, DHCP, DNS and TFTP, from which TCP and UDP go out as the
 * sockets of this program. All of its time is the machine's, and the host's sockets are looked at when the card asks,
 * at whole milliseconds; so what the network answers by itself is a function of what the guest sends. */
struct net_user;
bool net_user_available(void);
/* NULL: one line on `err` has said why. Where `repeatable`, nothing is left to chance that libslirp leaves to it. */
struct net_user *net_user_open(const struct netdev_option *option, bool repeatable, struct log *log, FILE *err);
void net_user_close(struct net_user *n);
struct net_backend net_user_backend(struct net_user *n);

/* net_dump.c: -object filter-dump, in the format of libpcap. */
struct net_dump {
    struct net_backend below; /* what is listened to */
    FILE *file;
    const char *path;
    u32 max_len;
    s64 epoch; /* seconds since 1970 at the machine's time 0 */
    struct log *log;
};
/* Puts itself between the card and `below`. False: one line on `err` has said why. */
bool net_dump_open(struct net_dump *d, const struct net_dump_option *option, const struct net_backend *below, s64 epoch,
                   struct log *log, FILE *err);
void net_dump_close(struct net_dump *d);
struct net_backend net_dump_backend(struct net_dump *d);

/* One -netdev: the network and those who listen to it. */
struct netdev {
    struct net_user *user;
    struct net_dump dump[NET_DUMPS_MAX];
    unsigned dumps;
    struct net_backend backend; /* what the card gets */
};
bool netdev_open(struct netdev *n, const struct options *o, unsigned index, bool repeatable, s64 epoch, struct log *log,
                 FILE *err);
void netdev_close(struct netdev *n);

#endif
