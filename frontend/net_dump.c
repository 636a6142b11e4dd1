/* net_dump.c: see net.h. The file begins with libpcap's header of 24 bytes; each frame has one of 16, with the
 * machine's time in microseconds, counted from what the guest's clock showed at power-on. */
#include "net.h"

#include <errno.h>

#define PCAP_MAGIC 0xa1b2c3d4u
#define PCAP_MAJOR 2
#define PCAP_MINOR 4
#define LINK_ETHERNET 1
#define NS_IN_SECOND ((u64)1000000000)

static void write_out(struct net_dump *d, const void *data, size_t len)
{
    if (!d->file || fwrite(data, 1, len, d->file) == len)
        return;
    log_host(d->log, "filter-dump", "%s: %s: the dump ends here", d->path, strerror(errno));
    fclose(d->file);
    d->file = NULL;
}

static void dump(struct net_dump *d, u64 now, const u8 *frame, size_t len)
{
    u8 head[16];
    size_t kept = len < d->max_len ? len : d->max_len;
    put_le32(head, (u32)(d->epoch + (s64)(now / NS_IN_SECOND)));
    put_le32(head + 4, (u32)(now % NS_IN_SECOND / 1000));
    put_le32(head + 8, (u32)kept);
    put_le32(head + 12, (u32)len);
    write_out(d, head, sizeof head);
    write_out(d, frame, kept);
}

static void send_frame(void *self, u64 now, const u8 *frame, size_t len)
{
    struct net_dump *d = self;
    dump(d, now, frame, len);
    d->below.send(d->below.self, now, frame, len);
}

static size_t receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct net_dump *d = self;
    size_t len = d->below.receive(d->below.self, now, frame, room, again);
    if (len)
        dump(d, now, frame, len);
    return len;
}

static bool waits_for_host(void *self)
{
    const struct net_dump *d = self;
    return d->below.waits_for_host && d->below.waits_for_host(d->below.self);
}

bool net_dump_open(struct net_dump *d, const struct net_dump_option *option, const struct net_backend *below, s64 epoch,
                   struct log *log, FILE *err)
{
    u8 head[24] = { 0 };
    *d = (struct net_dump){ *below, fopen(option->file, "we"), option->file, option->max_len, epoch, log };
    if (!d->file) {
        fprintf(err, "pcemu: net dump: can't open %s: %s\n", option->file, strerror(errno));
        return false;
    }
    put_le32(head, PCAP_MAGIC);
    put_le16(head + 4, PCAP_MAJOR);
    put_le16(head + 6, PCAP_MINOR);
    put_le32(head + 16, option->max_len);
    put_le32(head + 20, LINK_ETHERNET);
    write_out(d, head, sizeof head);
    return true;
}

void net_dump_close(struct net_dump *d)
{
    if (d->file && fclose(d->file) != 0)
        log_host(d->log, "filter-dump", "%s: %s", d->path, strerror(errno));
    d->file = NULL;
}

struct net_backend net_dump_backend(struct net_dump *d)
{
    return (struct net_backend){ send_frame, receive, waits_for_host, d };
}
