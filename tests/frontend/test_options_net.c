/* test_options_net.c: cards and networks on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

static void is_mac(const struct nic_option *n, const char *text)
{
    char mac[18];
    snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1], n->mac[2], n->mac[3], n->mac[4],
             n->mac[5]);
    assert_string_equal(mac, text);
}

static void default_card(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "");
    assert_true(l.o.nics == 1 && l.o.netdevs == 1 && l.o.nic[0].netdev == 0 && l.o.nic[0].slot == 3);
    assert_true(l.o.nic[0].rombar && !l.o.nic[0].romfile);
    is_mac(&l.o.nic[0], "52:54:00:12:34:56");
    forget(&l);
    static const char *const without[] = { "-nodefaults", "-nic none", "-net none" };
    for (unsigned i = 0; i < ARRAY_LEN(without); i++) {
        runs(&l, without[i]);
        assert_true(l.o.nics == 0 && l.o.netdevs == 0);
        forget(&l);
    }
}

static void cards_and_networks(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-nic user,model=e1000,mac=02:00:00:00:00:01,hostfwd=tcp::5555-:22,hostfwd=udp::1-:2,restrict=on,"
             "net=10.9.0.0/16,host=10.9.0.1,dhcpstart=10.9.0.9,hostname=box,tftp=/srv,bootfile=x,ipv6=off");
    const struct netdev_option *n = &l.o.netdev[0];
    assert_true(l.o.nics == 1 && l.o.netdevs == 1 && l.o.nic[0].netdev == 0);
    assert_true(n->restricted && n->no_ipv6 && !n->no_ipv4 && n->hostfwds == 2);
    assert_string_equal(n->hostfwd[1], "udp::1-:2");
    assert_string_equal(n->net, "10.9.0.0/16");
    assert_string_equal(n->tftp, "/srv");
    is_mac(&l.o.nic[0], "02:00:00:00:00:01");
    forget(&l);
    runs(&l, "-netdev user,id=a -device e1000,netdev=b,mac=52:54:00:12:34:56,addr=05.0,id=c -netdev user,id=b "
             "-device e1000,netdev=a,romfile= -object filter-dump,id=d,netdev=b,file=x.pcap,maxlen=100");
    assert_true(l.o.nics == 2 && l.o.nic[0].netdev == 1 && l.o.nic[1].netdev == 0);
    assert_true(l.o.nic[0].slot == 5 && l.o.nic[1].slot == 3);
    is_mac(&l.o.nic[1], "52:54:00:12:34:57");
    assert_true(l.o.net_dumps == 1 && l.o.net_dump[0].netdev == 1 && l.o.net_dump[0].max_len == 100);
    forget(&l);
    runs(&l, "-net user,hostfwd=tcp::1-:1 -net nic,model=e1000,macaddr=02:00:00:00:00:02");
    assert_true(l.o.nics == 1 && l.o.nic[0].netdev == 0 && l.o.netdev[0].hostfwds == 1);
    is_mac(&l.o.nic[0], "02:00:00:00:00:02");
    forget(&l);
    runs(&l, "-device e1000"); /* the default card, and one without a network */
    assert_true(l.o.nics == 2 && l.o.nic[0].netdev < 0 && l.o.nic[1].netdev == 0);
    forget(&l);
}

static void wrong_networks(void **state)
{
    (void)state;
    is_wrong("-nic tap", "network backend type");
    is_wrong("-nic user,model=rtl8139", "Unsupported NIC model: rtl8139");
    is_wrong("-nic user,smb=/", "no property 'smb'");
    is_wrong("-nic user,restrict=maybe", "'on' or 'off'");
    is_wrong("-nic user,mac=1:2:3", "52:54:00:12:34:56");
    is_wrong("-nic user,mac=01:00:00:00:00:00", "multicast");
    is_wrong("-netdev user", "'id' is missing");
    is_wrong("-netdev user,id=a -netdev user,id=a", "Duplicate ID 'a'");
    is_wrong("-netdev user,id=a -device e1000,netdev=b", "can't find value 'b'");
    is_wrong("-netdev user,id=a -device e1000,netdev=a -device e1000,netdev=a", "has a card already");
    is_wrong("-device e1000,addr=02", "slots 03 to 1f");
    is_wrong("-device e1000,addr=4 -device e1000,addr=4", "slot 4 is in use");
    is_wrong("-device e1000,bootindex=1", "no property 'bootindex=1'");
    is_wrong("-nic user -nic user -nic user -nic user -nic user", "more than 4");
    is_wrong("-object rng-random,id=r", "filter-dump");
    is_wrong("-object filter-dump,id=d,file=x", "'netdev' is required");
    is_wrong("-object filter-dump,id=d,netdev=n", "needs 'file'");
    is_wrong("-object filter-dump,id=d,netdev=n,file=x", "not 'n'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_card),
        cmocka_unit_test(cards_and_networks),
        cmocka_unit_test(wrong_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
