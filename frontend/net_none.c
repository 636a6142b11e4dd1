/* net_none.c: the user network where pcemu was built without libslirp: there is none. */
#include "net.h"

bool net_user_available(void)
{
    return false;
}

struct net_user *net_user_open(const struct netdev_option *option, bool repeatable, struct log *log, FILE *err)
{
    (void)option, (void)repeatable, (void)log;
    fprintf(err, "pcemu: -netdev user: this pcemu was built without libslirp (Debian's libslirp-dev)\n");
    return NULL;
}

void net_user_close(struct net_user *n)
{
    (void)n;
}

struct net_backend net_user_backend(struct net_user *n)
{
    (void)n;
    return (struct net_backend){ 0 };
}
