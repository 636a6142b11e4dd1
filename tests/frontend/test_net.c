/* test_net.c: the user network: its options' checks, what it answers by itself (ARP, DHCP), when it wants to be asked,
 * a connection to a socket of the host; and dumps in libpcap's format. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "net.h"
#include "net_user_config.h"

#include <arpa/inet.h>
#include <unistd.h>

#define MS ((u64)1000000)
#define NEVER UINT64_MAX
#define FRAME_MAX 2048

static const u8 guest_mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

/* ---- options ---- */

static void wrong(const struct netdev_option *option, const char *why)
{
    char *text = NULL;
    size_t len = 0;
    FILE *err = open_memstream(&text, &len);
    struct log log;
    log_init(&log, err);
    assert_null(net_user_open(option, true, &log, err));
    fclose(err);
    if (!strstr(text, why))
        fail_msg("'%s' does not say '%s'", text, why);
    free(text);
}

static void test_wrong_options(void **state)
{
    (void)state;
    wrong(&(struct netdev_option){ .net = "10.0.2"
                                          "x" },
          "Failed to parse netmask");
    wrong(&(struct netdev_option){ .net = "10.0.2.0/33" }, "range 4-32");
    wrong(&(struct netdev_option){ .host = "10.0.3.2" }, "Host doesn't belong to network");
    wrong(&(struct netdev_option){ .dns = "10.0.2.2" }, "DNS must be different from host");
    wrong(&(struct netdev_option){ .dns = "8.8.8.8", .restricted = true }, "DNS doesn't belong to network");
    wrong(&(struct netdev_option){ .dhcpstart = "10.1.2.15" }, "DHCP doesn't belong to network");
    wrong(&(struct netdev_option){ .dhcpstart = "10.0.2.3" }, "DHCP must be different");
    wrong(&(struct netdev_option){ .no_ipv4 = true, .no_ipv6 = true }, "IPv4 and IPv6 disabled");
    wrong(&(struct netdev_option){ .no_ipv4 = true, .host = "10.0.2.2" }, "IPv4 disabled");
    wrong(&(struct netdev_option){ .ipv6_prefix = "x" }, "IPv6 prefix");
    wrong(&(struct netdev_option){ .ipv6_prefixlen = 127 }, "between 0 and 126");
    wrong(&(struct netdev_option){ .ipv6_host = "fec1::2" }, "IPv6 Host doesn't belong");
    wrong(&(struct netdev_option){ .domainname = "" }, "cannot be empty");
    static char long_name[300];
    memset(long_name, 'x', sizeof long_name - 1);
    wrong(&(struct netdev_option){ .bootfile = long_name }, "bootfile");
    static const struct {
        const char *rule, *why;
    } rules[] = {
        { "x", "No : separators" },          { "sctp::1-:1", "Bad protocol name" },
        { "tcp:1", "Missing : separator" },  { "tcp:a:1-:1", "host address" },
        { "tcp::1", "host port separator" }, { "tcp::65536-:1", "Bad host port" },
        { "tcp::1-1", "guest address" },     { "tcp::1-10.0.2.z:1", "guest address" },
        { "tcp::1-:0", "Bad guest port" },   { "tcp::1-:", "Bad guest port" },
    };
    for (unsigned i = 0; i < ARRAY_LEN(rules); i++)
        wrong(&(struct netdev_option){ .hostfwd = { rules[i].rule }, .hostfwds = 1 }, rules[i].why);
}

static void test_addresses(void **state)
{
    (void)state;
    SlirpConfig c;
    assert_true(net_user_config(&c, &(struct netdev_option){ .net = "192.168.7.9/24" }, stderr));
    assert_int_equal(ntohl(c.vnetwork.s_addr), 0xc0a80700);
    assert_int_equal(ntohl(c.vhost.s_addr), 0xc0a80702);
    assert_int_equal(ntohl(c.vdhcp_start.s_addr), 0xc0a8070f);
    assert_true(net_user_config(&c, &(struct netdev_option){ .net = "10.9.0.0" }, stderr));
    assert_int_equal(ntohl(c.vnetmask.s_addr), 0xff000000);
    assert_int_equal(ntohl(c.vnameserver.s_addr), 0x0a000203);
    assert_true(net_user_config(&c, &(struct netdev_option){ .net = "10.9.0.0/255.255.0.0" }, stderr));
    assert_int_equal(ntohl(c.vhost.s_addr), 0x0a090202);
    struct hostfwd f;
    assert_true(net_user_hostfwd(&f, "udp:127.0.0.1:5000-10.0.2.15:53", stderr));
    assert_true(f.udp && f.host_port == 5000 && f.guest_port == 53);
    assert_int_equal(ntohl(f.host.s_addr), 0x7f000001);
    assert_int_equal(ntohl(f.guest.s_addr), 0x0a00020f);
}

/* ---- frames ---- */

struct bench {
    struct log log;
    struct net_user *user;
    struct net_backend net;
    u64 now, again;
    u8 frame[FRAME_MAX];
    size_t len;
};

static struct bench *open_bench(const struct netdev_option *option)
{
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->user = net_user_open(option, true, &b->log, stderr);
    assert_non_null(b->user);
    b->net = net_user_backend(b->user);
    return b;
}

static int set_up(void **state)
{
    *state = open_bench(&(struct netdev_option){ .no_ipv6 = true });
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    net_user_close(b->user);
    free(b);
    return 0;
}

static bool receive(struct bench *b)
{
    b->len = b->net.receive(b->net.self, b->now, b->frame, sizeof b->frame, &b->again);
    return b->len;
}

static void put16(u8 *p, unsigned v)
{
    p[0] = (u8)(v >> 8);
    p[1] = (u8)v;
}

static unsigned get16(const u8 *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

static unsigned sum(const u8 *p, size_t len, unsigned s)
{
    for (size_t i = 0; i < len; i++)
        s += i & 1 ? p[i] : (unsigned)p[i] << 8;
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    return s;
}

static void ask_arp(struct bench *b)
{
    u8 f[60] = { 255, 255, 255, 255, 255, 255 };
    memcpy(f + 6, guest_mac, 6);
    memcpy(f + 12, "\x08\x06\0\1\x08\0\6\4\0\1", 10);
    memcpy(f + 22, guest_mac, 6);
    memcpy(f + 28, "\x0a\0\2\x0f\0\0\0\0\0\0\x0a\0\2\2", 14);
    b->net.send(b->net.self, b->now, f, sizeof f);
}

static void test_arp(void **state)
{
    struct bench *b = *state;
    assert_false(receive(b));
    assert_true(b->again == NEVER); /* nothing goes on */
    assert_false(b->net.waits_for_host(b->net.self));
    ask_arp(b);
    assert_true(receive(b));
    assert_memory_equal(b->frame, guest_mac, 6);
    assert_memory_equal(b->frame + 12, "\x08\x06\0\1\x08\0\6\4\0\2\x52\x55\x0a\0\2\2\x0a\0\2\2", 20);
    assert_false(receive(b));
    assert_true(b->again == NEVER);
}

/* The network that nobody asked for starts when it is used: the guest can't tell. Its router is the first to speak. */
static void test_started_late(void **state)
{
    (void)state;
    struct bench *bench[] = { open_bench(&(struct netdev_option){ 0 }),
                              open_bench(&(struct netdev_option){ .by_default = true }) };
    const struct bench *early = bench[0], *late = bench[1];
    bool came[ARRAY_LEN(bench)];
    unsigned frames = 0;
    for (unsigned step = 0; step < 6; step++) {
        for (unsigned i = 0; i < ARRAY_LEN(bench); i++) {
            if (step == 3)
                ask_arp(bench[i]);
            came[i] = receive(bench[i]);
        }
        assert_int_equal(came[0], came[1]);
        assert_int_equal(early->len, late->len);
        assert_memory_equal(early->frame, late->frame, early->len);
        if (!came[0])
            assert_int_equal(early->again, late->again);
        frames += came[0];
        for (unsigned i = 0; i < ARRAY_LEN(bench); i++)
            bench[i]->now = step == 4 ? bench[i]->again : bench[i]->now + MS;
    }
    assert_int_equal(frames, 2);
    for (unsigned i = 0; i < ARRAY_LEN(bench); i++) {
        net_user_close(bench[i]->user);
        free(bench[i]);
    }
}

/* An IPv4 packet of `len` bytes after its header. */
static void send_ip(struct bench *b, const u8 *to, u8 protocol, const u8 *data, size_t len)
{
    u8 f[1500] = { 0x52, 0x55, 0x0a, 0, 2, 2 };
    memcpy(f + 6, guest_mac, 6);
    f[12] = 8;
    u8 *ip = f + 14;
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)len + 20);
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, protocol == 17 ? "\0\0\0\0" : "\x0a\0\2\x0f", 4);
    memcpy(ip + 16, to, 4);
    put16(ip + 10, ~sum(ip, 20, 0));
    memcpy(ip + 20, data, len);
    b->net.send(b->net.self, b->now, f, len + 34);
}

static void test_dhcp(void **state)
{
    struct bench *b = *state;
    u8 udp[308] = { 0, 68, 0, 67, 1, 52 };
    u8 *bootp = udp + 8;
    memcpy(bootp, "\1\1\6\0\xde\xad\xbe\xef", 8);
    memcpy(bootp + 28, guest_mac, 6);
    memcpy(bootp + 236, "\x63\x82\x53\x63\x35\1\1\xff", 8); /* discover */
    send_ip(b, (const u8 *)"\xff\xff\xff\xff", 17, udp, sizeof udp);
    assert_true(receive(b));
    const u8 *answer = b->frame + 14 + 20 + 8;
    assert_memory_equal(answer + 4, "\xde\xad\xbe\xef", 4);
    assert_memory_equal(answer + 16, "\x0a\0\2\x0f", 4);
    assert_memory_equal(answer + 236, "\x63\x82\x53\x63\x35\1\2", 7); /* offer */
    assert_false(receive(b));
    assert_true(b->again == NEVER);
}

static void test_ping(void **state)
{
    struct bench *b = *state;
    u8 icmp[40] = { 8, 0, 0, 0, 1, 2, 0, 1 };
    ask_arp(b);
    assert_true(receive(b));
    put16(icmp + 2, ~sum(icmp, sizeof icmp, 0));
    send_ip(b, (const u8 *)"\x0a\0\2\2", 1, icmp, sizeof icmp);
    assert_true(receive(b));
    assert_int_equal(b->frame[34], 0); /* echo reply */
    assert_false(b->net.waits_for_host(b->net.self));
}

/* ---- a connection to the host ---- */

#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

static void send_tcp(struct bench *b, unsigned port, u32 seq, u32 ack, u8 flags)
{
    u8 tcp[20] = { 0x30, 0x39 };
    put16(tcp + 2, port);
    put16(tcp + 4, seq >> 16);
    put16(tcp + 6, seq & 0xffff);
    put16(tcp + 8, ack >> 16);
    put16(tcp + 10, ack & 0xffff);
    tcp[12] = 0x50;
    tcp[13] = flags;
    put16(tcp + 14, 8192);
    unsigned s = sum((const u8 *)"\x0a\0\2\x0f\x0a\0\2\2", 8, 6 + 20);
    put16(tcp + 16, ~sum(tcp, 20, s));
    send_ip(b, (const u8 *)"\x0a\0\2\2", 6, tcp, sizeof tcp);
}

/* The next TCP segment from the host; the machine's time goes on as the network asks for, the host's with it. */
static const u8 *tcp_answer(struct bench *b)
{
    for (unsigned i = 0; i < 5000; i++) {
        if (receive(b) && get16(b->frame + 12) == 0x0800 && b->frame[23] == 6)
            return b->frame + 34;
        if (b->len)
            continue;
        assert_true(b->again != NEVER);
        assert_true(b->again > b->now);
        b->now = b->again;
        usleep(1000);
    }
    fail_msg("the host does not answer");
    return NULL;
}

static void test_connection(void **state)
{
    struct bench *b = *state;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 1) == 0);
    assert_true(getsockname(listener, (struct sockaddr *)&a, &size) == 0);
    ask_arp(b);
    assert_true(receive(b));
    b->now = 5 * MS + 300000;
    send_tcp(b, ntohs(a.sin_port), 1000, 0, TCP_SYN);
    if (!receive(b)) {
        assert_true(b->again % MS == 0 && b->again - b->now < MS); /* a whole millisecond */
        assert_true(b->net.waits_for_host(b->net.self));
    }
    const u8 *tcp = b->len ? b->frame + 34 : tcp_answer(b);
    assert_int_equal(tcp[13] & (TCP_SYN | TCP_ACK), TCP_SYN | TCP_ACK);
    u32 theirs = (u32)get16(tcp + 4) << 16 | get16(tcp + 6);
    send_tcp(b, ntohs(a.sin_port), 1001, theirs + 1, TCP_ACK);
    int peer = accept(listener, NULL, NULL);
    assert_true(write(peer, "hello", 5) == 5);
    do
        tcp = tcp_answer(b);
    while (b->len <= 54 || memcmp(tcp + 20, "hello", 5) != 0);
    send_tcp(b, ntohs(a.sin_port), 1001, theirs + 6, TCP_ACK | TCP_RST);
    receive(b);
    assert_false(b->net.waits_for_host(b->net.self));
    close(peer);
    close(listener);
}

/* ---- dumps ---- */

static void fake_send(void *self, u64 now, const u8 *frame, size_t len)
{
    (void)now, (void)frame;
    *(size_t *)self = len;
}

static size_t fake_receive(void *self, u64 now, u8 *frame, size_t room, u64 *again)
{
    (void)self, (void)now, (void)room;
    *again = 7;
    memset(frame, 0x5a, 60);
    return 60;
}

static void test_dump(void **state)
{
    (void)state;
    char path[] = "/tmp/pcemu-dump-XXXXXX";
    close(mkstemp(path));
    size_t sent = 0;
    const struct net_backend below = { fake_send, fake_receive, NULL, &sent };
    const struct net_dump_option option = { .file = path, .max_len = 64 };
    struct net_dump d;
    struct log log;
    u8 frame[100] = { 1, 2, 3 }, data[1000];
    u64 again;
    log_init(&log, NULL);
    assert_true(net_dump_open(&d, &option, &below, 1704067200, &log, stderr));
    struct net_backend net = net_dump_backend(&d);
    net.send(net.self, 2 * 1000 * MS + 3000, frame, sizeof frame);
    assert_int_equal(net.receive(net.self, 3 * 1000 * MS, frame, sizeof frame, &again), 60);
    assert_false(net.waits_for_host(net.self));
    assert_int_equal(sent, 100);
    net_dump_close(&d);
    FILE *f = fopen(path, "r");
    assert_int_equal(fread(data, 1, sizeof data, f), 24 + 16 + 64 + 16 + 60);
    fclose(f);
    unlink(path);
    static const u32 head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 64, 1, 1704067202, 3, 64, 100 };
    for (unsigned i = 0; i < ARRAY_LEN(head); i++)
        assert_int_equal(get_le32(data + 4 * i), head[i]);
    assert_int_equal(data[40], 1);
    assert_int_equal(get_le32(data + 24 + 16 + 64), 1704067203);
    assert_int_equal(data[24 + 16 + 64 + 16], 0x5a);
}

static void test_no_dump(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *err = open_memstream(&text, &len);
    const struct net_dump_option option = { .file = "/nonexistent/x", .max_len = 64 };
    struct net_dump d;
    struct log log;
    log_init(&log, NULL);
    assert_false(net_dump_open(&d, &option, &(struct net_backend){ 0 }, 0, &log, err));
    fclose(err);
    assert_non_null(strstr(text, "net dump: can't open /nonexistent/x"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test_setup_teardown(test_arp, set_up, tear_down),
        cmocka_unit_test(test_started_late),
        cmocka_unit_test_setup_teardown(test_dhcp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_connection, set_up, tear_down),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_no_dump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
