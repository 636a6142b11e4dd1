/* net.c: see net.h: puts a network together from its parts. */
#include "net.h"

bool netdev_open(struct netdev *n, const struct options *o, unsigned index, bool repeatable, s64 epoch, struct log *log,
                 FILE *err)
{
    const struct netdev_option *option = &o->netdev[index];
    *n = (struct netdev){ .user = net_user_open(option, repeatable, log, err) };
    if (!n->user)
        return false;
    n->backend = net_user_backend(n->user);
    for (unsigned i = 0; i < o->net_dumps; i++) {
        if (o->net_dump[i].netdev != index)
            continue;
        struct net_dump *d = &n->dump[n->dumps++];
        if (!net_dump_open(d, &o->net_dump[i], &n->backend, epoch, log, err))
            return false;
        n->backend = net_dump_backend(d);
    }
    return true;
}

void netdev_close(struct netdev *n)
{
    for (unsigned i = 0; i < n->dumps; i++)
        net_dump_close(&n->dump[i]);
    if (n->user)
        net_user_close(n->user);
    *n = (struct netdev){ 0 };
}
