/* net_user.c: see net.h. libslirp is a TCP/IP stack that plays the network and its servers. It is given the machine's
 * time, and looks at the host's sockets in receive(), which the card calls at points of the machine's time: after each
 * frame that it sent, and when receive() itself said. That is every millisecond while libslirp holds a socket of the
 * host, the next of its own time-outs while only its connections go on, and otherwise when the guest sends again. */
#define _GNU_SOURCE
#include "net.h"

#include "clock.h"
#include "library.h"
#include "net_user_config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define MS_NS ((u64)1000000)
#define POLL_NS MS_NS   /* between two looks at the host's sockets */
#define FRAME_ROOM 2048 /* above the MTU that libslirp is left with: 1500 */
#define FRAMES 1024     /* that wait for the guest; more are lost, as in a real network */
#define SOCKETS_MAX 1024
#define IDLE_TIMEOUT_MS 1000u /* libslirp's answer where no time-out of its own runs */
/* Router advertisements come at random times within an interval; without chance, at its end (RFC 4861, 6.2.1). */
#define ADVERTISEMENT_NS (600 * NS_PER_SEC)

struct frame {
    size_t len;
    u8 data[FRAME_ROOM];
};

/* libslirp asks for timers; it has one. */
struct user_timer {
    SlirpTimerCb fire;
    void *opaque;
    u64 deadline;
};

struct net_user {
    Slirp *slirp;       /* NULL: not started yet */
    SlirpConfig config; /* for the start */
    bool failed;        /* it can't be started */
    struct log *log;
    bool repeatable;
    u64 now, polled; /* the machine's time: now, and at the last look at the host */
    struct frame frame[FRAMES];
    unsigned first, frames;
    struct pollfd socket[SOCKETS_MAX];
    unsigned sockets;
    struct user_timer timer;
    bool timer_used;
};

/* ---- what libslirp calls ---- */

static ssize_t on_frame(const void *data, size_t len, void *opaque)
{
    struct net_user *n = opaque;
    if (n->frames == FRAMES || len > FRAME_ROOM)
        return (ssize_t)len;
    struct frame *f = &n->frame[(n->first + n->frames++) % FRAMES];
    f->len = len;
    memcpy(f->data, data, len);
    return (ssize_t)len;
}

static void on_guest_error(const char *message, void *opaque)
{
    struct net_user *n = opaque;
    log_guest(n->log, "user network", "%s", message);
}

static s64 on_clock(void *opaque)
{
    const struct net_user *n = opaque;
    return (s64)n->now;
}

static void *on_timer_new(SlirpTimerCb fire, void *fire_opaque, void *opaque)
{
    struct net_user *n = opaque;
    if (n->timer_used)
        return NULL;
    n->timer_used = true;
    n->timer = (struct user_timer){ fire, fire_opaque, CLOCK_NEVER };
    return &n->timer;
}

static void on_timer_free(void *timer, void *opaque)
{
    struct net_user *n = opaque;
    (void)timer;
    n->timer_used = false;
}

static void on_timer_mod(void *timer, s64 expire_ms, void *opaque)
{
    struct net_user *n = opaque;
    struct user_timer *t = timer;
    if (t)
        t->deadline = n->repeatable ? n->now + ADVERTISEMENT_NS : (u64)expire_ms * MS_NS;
}

static void on_socket(int fd, void *opaque)
{
    (void)fd, (void)opaque; /* each look asks for all of them */
}

static void on_notify(void *opaque)
{
    (void)opaque;
}

static int add_socket(int fd, int events, void *opaque)
{
    static const struct {
        int slirp;
        short host;
    } names[] = { { SLIRP_POLL_IN, POLLIN }, { SLIRP_POLL_OUT, POLLOUT }, { SLIRP_POLL_PRI, POLLPRI } };
    struct net_user *n = opaque;
    if (n->sockets == SOCKETS_MAX)
        return -1;
    struct pollfd *p = &n->socket[n->sockets];
    *p = (struct pollfd){ .fd = fd };
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (events & names[i].slirp)
            p->events |= names[i].host;
    return (int)n->sockets++;
}

static int socket_events(int index, void *opaque)
{
    const struct net_user *n = opaque;
    if (index < 0 || (unsigned)index >= n->sockets)
        return 0;
    short r = n->socket[index].revents;
    return (r & POLLIN ? SLIRP_POLL_IN : 0) | (r & POLLOUT ? SLIRP_POLL_OUT : 0) | (r & POLLPRI ? SLIRP_POLL_PRI : 0) |
           (r & POLLERR ? SLIRP_POLL_ERR : 0) | (r & POLLHUP ? SLIRP_POLL_HUP : 0);
}

static const SlirpCb callbacks = {
    .send_packet = on_frame,
    .guest_error = on_guest_error,
    .clock_get_ns = on_clock,
    .timer_new = on_timer_new,
    .timer_free = on_timer_free,
    .timer_mod = on_timer_mod,
    .register_poll_fd = on_socket,
    .unregister_poll_fd = on_socket,
    .notify = on_notify,
};

/* ---- looking at the host ---- */

/* What libslirp wants to know, and in how many ms it wants to be called at the latest. */
static u32 ask(struct net_user *n)
{
    u32 timeout = UINT32_MAX;
    n->sockets = 0;
    slirp_pollfds_fill(n->slirp, &timeout, add_socket, n);
    return timeout;
}

static void look(struct net_user *n)
{
    int r = 0;
    ask(n);
    if (n->sockets)
        r = poll(n->socket, n->sockets, 0);
    slirp_pollfds_poll(n->slirp, r < 0, socket_events, n);
    n->polled = n->now;
    if (n->timer_used && n->timer.deadline <= n->now) {
        n->timer.deadline = CLOCK_NEVER;
        n->timer.fire(n->timer.opaque);
    }
}

/* When to look again. */
static u64 next_look(struct net_user *n)
{
    u32 timeout = ask(n);
    u64 at = n->timer_used ? n->timer.deadline : CLOCK_NEVER, own = n->now + timeout * MS_NS;
    u64 tick = (n->now / POLL_NS + 1) * POLL_NS;
    if (timeout < IDLE_TIMEOUT_MS && own < at)
        at = own;
    return n->sockets && tick < at ? tick : at;
}

/* ---- starting ---- */

/* As if it had been there from the machine's time 0 on. Returns NULL, or why it can't be: one line. */
static const char *start(struct net_user *n)
{
    u64 now = n->now;
    const char *why = library_load(&library_slirp);
    n->now = 0;
    n->slirp = why ? NULL : slirp_new(&n->config, &callbacks, n);
    n->now = now;
    n->failed = !n->slirp;
    return n->failed && !why ? "the network can't be built" : why;
}

/* The network of the card that nobody asked for is started when the guest sends something: few do, and loading libslirp
 * takes as long as the rest of the process's start. By itself, where it is repeatable, it says nothing before
 * ADVERTISEMENT_NS. */
static bool is_started(struct net_user *n, bool sending)
{
    if (n->slirp || n->failed)
        return n->slirp;
    const char *why = sending || n->now >= ADVERTISEMENT_NS ? start(n) : NULL;
    if (why)
        log_host(n->log, "user network", "%s", why);
    return n->slirp;
}

/* ---- the backend ---- */

static void send_frame(void *self, u64 now, const u8 *frame, size_t len)
{
    struct net_user *n = self;
    n->now = now;
    if (!is_started(n, true))
        return;
    if (now - n->polled >= MS_NS) /* libslirp reads the clock in a look alone */
        look(n);
    slirp_input(n->slirp, frame, (int)len);
}

static size_t receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    struct net_user *n = self;
    n->now = now;
    if (!is_started(n, false)) {
        *again = n->failed || !n->config.in6_enabled ? CLOCK_NEVER : ADVERTISEMENT_NS;
        return 0;
    }
    if (!n->frames)
        look(n);
    if (!n->frames) {
        *again = next_look(n);
        return 0;
    }
    const struct frame *f = &n->frame[n->first];
    size_t len = f->len < room ? f->len : room;
    memcpy(frame, f->data, len);
    n->first = (n->first + 1) % FRAMES;
    n->frames--;
    return len;
}

static bool waits_for_host(void *self)
{
    const struct net_user *n = self;
    return n->sockets;
}

/* ---- opening and closing ---- */

bool net_user_available(void)
{
    return true;
}

static bool add_forward(struct net_user *n, const char *rule, FILE *err)
{
    struct hostfwd f;
    if (!net_user_hostfwd(&f, rule, err))
        return false;
    if (slirp_add_hostfwd(n->slirp, f.udp, f.host, f.host_port, f.guest, f.guest_port) == 0)
        return true;
    fprintf(err, "pcemu: -netdev user: Could not set up host forwarding rule '%s': %s\n", rule, strerror(errno));
    return false;
}

struct net_user *net_user_open(const struct netdev_option *option, bool repeatable, struct log *log, FILE *err)
{
    SlirpConfig config;
    if (!net_user_config(&config, option, err))
        return NULL;
    struct net_user *n = calloc(1, sizeof *n);
    if (n) {
        n->log = log;
        n->repeatable = repeatable;
        n->config = config;
    }
    if (n && option->by_default) { /* done without where it can't be */
        is_started(n, !repeatable);
        return n;
    }
    const char *why = n ? start(n) : "no memory";
    if (why) {
        fprintf(err, "pcemu: -netdev user: %s\n", why);
        free(n);
        return NULL;
    }
    for (unsigned i = 0; i < option->hostfwds; i++)
        if (!add_forward(n, option->hostfwd[i], err)) {
            net_user_close(n);
            return NULL;
        }
    return n;
}

void net_user_close(struct net_user *n)
{
    if (n->slirp)
        slirp_cleanup(n->slirp);
    free(n);
}

struct net_backend net_user_backend(struct net_user *n)
{
    return (struct net_backend){ send_frame, receive, waits_for_host, n };
}
