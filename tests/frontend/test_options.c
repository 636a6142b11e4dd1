/* test_options.c: the command line: what each option sets, and what is said about a wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options.h"

#define WORDS_MAX 32

struct line {
    struct options o;
    enum options_result result;
    char *said;
    size_t said_len;
    char words[1024];
};

/* Parses a command line given as one string, words parted by blanks. */
static void parse(struct line *l, const char *text)
{
    char *argv[WORDS_MAX] = { (char[]){ "pcemu" } };
    int argc = 1;
    snprintf(l->words, sizeof l->words, "%s", text);
    for (char *word = strtok(l->words, " "); word; word = strtok(NULL, " ")) {
        assert_true(argc < WORDS_MAX);
        argv[argc++] = word;
    }
    FILE *err = open_memstream(&l->said, &l->said_len);
    l->result = options_parse(&l->o, argc, argv, err);
    fclose(err);
}

static void forget(struct line *l)
{
    options_free(&l->o);
    free(l->said);
}

static void runs(struct line *l, const char *text)
{
    parse(l, text);
    if (l->result != OPTIONS_RUN)
        fail_msg("%s: %s", text, l->said);
    assert_string_equal(l->said, "");
}

/* One line is said, and it holds `about`. */
static void is_wrong(const char *text, const char *about)
{
    struct line l;
    parse(&l, text);
    assert_int_equal(l.result, OPTIONS_WRONG);
    char *end = strchr(l.said, '\n');
    if (strncmp(l.said, "pcemu: ", 7) != 0 || !strstr(l.said, about) || !end || end[1])
        fail_msg("%s: said \"%s\", not one line about \"%s\"", text, l.said, about);
    forget(&l);
}

static void defaults(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "");
    assert_true(l.o.ram_size == 128 * MIB);
    assert_int_equal(l.o.icount_shift, 3);
    assert_int_equal(l.o.display, SCREEN_AUTO);
    assert_int_equal(l.o.clock, CLOCK_AUTO);
    assert_int_equal(l.o.serial.kind, STREAM_UNSET);
    assert_int_equal(l.o.debugcon.kind, STREAM_UNSET);
    assert_null(l.o.drive[0].file);
    assert_false(l.o.exit_device || l.o.no_reboot || l.o.snapshot || l.o.boot_menu);
    forget(&l);
}

static void help_and_version(void **state)
{
    (void)state;
    struct line l;
    const char *const help[] = { "-h", "--help", "-m 64 -help" };
    for (unsigned i = 0; i < ARRAY_LEN(help); i++) {
        parse(&l, help[i]);
        assert_int_equal(l.result, OPTIONS_HELP);
        forget(&l);
    }
    parse(&l, "--version");
    assert_int_equal(l.result, OPTIONS_VERSION);
    forget(&l);
}

static void one_dash_or_two(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "--m 64 --no-reboot -snapshot disk.img");
    assert_true(l.o.ram_size == 64 * MIB && l.o.no_reboot && l.o.snapshot);
    assert_string_equal(l.o.drive[0].file, "disk.img");
    assert_true(l.o.drive[0].snapshot);
    forget(&l);
}

static void disks(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hdb b.img -drive file=c.img,format=raw,if=ide,index=2,media=disk,snapshot=on,readonly=on a.img");
    assert_string_equal(l.o.drive[0].file, "a.img");
    assert_string_equal(l.o.drive[1].file, "b.img");
    assert_string_equal(l.o.drive[2].file, "c.img");
    assert_null(l.o.drive[3].file);
    assert_true(l.o.drive[2].raw && l.o.drive[2].snapshot && l.o.drive[2].read_only);
    assert_false(l.o.drive[0].raw || l.o.drive[0].snapshot);
    forget(&l);
}

static void drives_without_a_place_take_the_first_free_one(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-drive file=a.img -drive file=d.img,bus=1,unit=1 -drive file=b.img");
    assert_string_equal(l.o.drive[0].file, "a.img");
    assert_string_equal(l.o.drive[1].file, "b.img");
    assert_string_equal(l.o.drive[3].file, "d.img");
    forget(&l);
}

static void floppy_drives(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hda a.img");
    assert_true(l.o.drive[4].present); /* A: is there without being asked, and empty */
    assert_null(l.o.drive[4].file);
    assert_false(l.o.drive[5].present);
    forget(&l);
    runs(&l, "-nodefaults -hda a.img");
    assert_false(l.o.drive[4].present);
    forget(&l);
    runs(&l, "-fdb b.img -drive if=floppy,file=a.img,id=boot,snapshot=on");
    assert_string_equal(l.o.drive[4].file, "a.img");
    assert_string_equal(l.o.drive[4].id, "boot");
    assert_true(l.o.drive[4].snapshot);
    assert_string_equal(l.o.drive[5].file, "b.img");
    forget(&l);
    runs(&l, "-drive if=floppy,index=1");
    assert_true(l.o.drive[5].present);
    assert_null(l.o.drive[5].file);
    forget(&l);
}

static void cdrom_drives(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-hda a.img");
    assert_true(l.o.drive[2].present && l.o.drive[2].cdrom); /* there without being asked, and empty */
    assert_null(l.o.drive[2].file);
    forget(&l);
    runs(&l, "-nodefaults -hda a.img");
    assert_false(l.o.drive[2].present);
    forget(&l);
    runs(&l, "-hdc c.img -drive media=cdrom,index=1,file=b.iso");
    assert_false(l.o.drive[2].cdrom);
    assert_true(l.o.drive[1].cdrom && l.o.drive[1].read_only);
    forget(&l);
    runs(&l, "-cdrom c.iso");
    assert_true(l.o.drive[2].cdrom && l.o.drive[2].read_only);
    assert_string_equal(l.o.drive[2].file, "c.iso");
    forget(&l);
}

static void a_drive_can_opt_out_of_snapshot(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-snapshot -hda a.img -drive file=b.img,snapshot=off");
    assert_true(l.o.drive[0].snapshot);
    assert_false(l.o.drive[1].snapshot);
    forget(&l);
}

static void wrong_disks(void **state)
{
    (void)state;
    is_wrong("-hda a.img b.img", "both are disk 0");
    is_wrong("-drive format=raw", "file= is missing");
    is_wrong("-drive file=x,format=qcow2", "raw");
    is_wrong("-drive file=x,if=virtio", "if=ide or if=floppy");
    is_wrong("-drive file=x,if=floppy,index=2", "floppy drives 0 and 1");
    is_wrong("-fda a.img -drive file=b.img,if=floppy,index=0", "both are floppy 0 (-fda)");
    is_wrong("-drive file=x,media=tape", "media=disk or media=cdrom");
    is_wrong("-drive if=floppy,media=cdrom", "can't be media=cdrom");
    is_wrong("-cdrom a.iso -hdc b.img", "both are disk 2 (-hdc)");
    is_wrong("-drive file=x,index=4", "0 to 3");
    is_wrong("-drive file=x,snapshot=maybe", "neither on nor off");
    is_wrong("-drive file=x,colour=red", "no property 'colour'");
    is_wrong("-drive file=a -drive file=b -drive file=c -drive file=d -drive file=e", "more than 4 disks");
}

static void memory(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-m 1G");
    assert_true(l.o.ram_size == GIB);
    forget(&l);
    runs(&l, "-m size=6G");
    assert_true(l.o.ram_size == 6 * GIB);
    forget(&l);
    runs(&l, "-m 1M");
    assert_true(l.o.ram_size == MIB);
    forget(&l);
    is_wrong("-m 512k", "1M to");
    is_wrong("-m lots", "not a size");
    is_wrong("-m 64,slots=2", "no property 'slots'");
    is_wrong("-m", "needs an argument");
}

static void streams(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-serial file:out.txt -debugcon stdio -global isa-debugcon.iobase=0x402");
    assert_int_equal(l.o.serial.kind, STREAM_FILE);
    assert_string_equal(l.o.serial.path, "out.txt");
    assert_int_equal(l.o.debugcon.kind, STREAM_STDIO);
    assert_int_equal(l.o.debugcon_port, 0x402);
    forget(&l);
    runs(&l, "-chardev file,id=log,path=x,,y.txt,append=on -device isa-debugcon,chardev=log,iobase=0x403 -serial null");
    assert_int_equal(l.o.debugcon.kind, STREAM_FILE);
    assert_string_equal(l.o.debugcon.path, "x,y.txt");
    assert_true(l.o.debugcon.append);
    assert_int_equal(l.o.debugcon_port, 0x403);
    assert_int_equal(l.o.serial.kind, STREAM_NULL);
    forget(&l);
    is_wrong("-serial telnet::4444", "stdio, mon:stdio");
    is_wrong("-serial stdio -serial file:x", "one serial port");
    is_wrong("-serial stdio -debugcon stdio", "can't share");
    runs(&l, "");
    assert_true(!l.o.no_parallel && l.o.parallel.kind == STREAM_UNSET);
    forget(&l);
    runs(&l, "-nodefaults");
    assert_true(l.o.no_parallel);
    forget(&l);
    runs(&l, "-nodefaults -parallel null");
    assert_true(!l.o.no_parallel);
    forget(&l);
    runs(&l, "-chardev file,id=p,path=paper -parallel chardev:p");
    assert_true(!l.o.no_parallel && l.o.parallel.kind == STREAM_FILE);
    assert_string_equal(l.o.parallel.path, "paper");
    forget(&l);
    is_wrong("-parallel stdio -debugcon stdio", "-parallel and -debugcon can't share");
    is_wrong("-parallel null -parallel null", "one parallel port");
    is_wrong("-parallel /dev/parport0", "stdio, mon:stdio");
    is_wrong("-serial chardev:nobody", "no -chardev with id=nobody");
    is_wrong("-chardev file,id=a", "needs path=");
    is_wrong("-chardev pty,id=a", "stdio, file, socket and null");
}

static void sockets(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-monitor unix:/tmp/m,,1,server,nowait -serial tcp:[::1]:4444,server=on");
    assert_int_equal(l.o.monitor.kind, STREAM_UNIX);
    assert_string_equal(l.o.monitor.path, "/tmp/m,1");
    assert_true(l.o.monitor.server);
    assert_false(l.o.monitor.wait);
    assert_int_equal(l.o.serial.kind, STREAM_TCP);
    assert_string_equal(l.o.serial.host, "::1");
    assert_string_equal(l.o.serial.port, "4444");
    assert_true(l.o.serial.server && l.o.serial.wait);
    forget(&l);
    runs(&l, "-chardev socket,id=a,path=/tmp/m,server=on,wait=off -mon chardev=a,mode=readline");
    assert_int_equal(l.o.monitor.kind, STREAM_UNIX);
    assert_false(l.o.monitor.wait);
    forget(&l);
    runs(&l, "-chardev socket,id=a,port=55 -monitor chardev:a");
    assert_int_equal(l.o.monitor.kind, STREAM_TCP);
    assert_string_equal(l.o.monitor.host, "");
    forget(&l);
    is_wrong("-monitor unix:", "unix:PATH");
    is_wrong("-monitor unix:/tmp/m,color=red", "no property 'color'");
    is_wrong("-monitor unix:/tmp/m,server=perhaps", "neither on nor off");
    is_wrong("-monitor tcp:4444", "HOST:PORT");
    is_wrong("-chardev socket,id=a", "needs path=");
    is_wrong("-chardev socket,id=a,path=/a,port=1", "either path= or port=");
    is_wrong("-monitor file:x", "needs input");
    is_wrong("-mon chardev=a,mode=control", "not QMP");
    is_wrong("-mon mode=readline", "needs chardev=");
    is_wrong("-qmp stdio", "QEMU has this option");
}

/* The monitor and the serial port on one terminal. */
static void shared_terminal(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-nographic");
    assert_true(l.o.serial.mux && l.o.serial.escape);
    forget(&l);
    runs(&l, "-nographic -monitor none");
    assert_false(l.o.serial.mux);
    assert_true(l.o.serial.escape);
    forget(&l);
    runs(&l, "-serial mon:stdio");
    assert_true(l.o.serial.mux);
    forget(&l);
    runs(&l, "-chardev stdio,id=a,mux=on -serial chardev:a -mon a");
    assert_true(l.o.serial.mux);
    assert_int_equal(l.o.monitor.kind, STREAM_NULL);
    forget(&l);
    runs(&l, "-chardev stdio,id=a,mux=on -serial chardev:a");
    assert_false(l.o.serial.mux);
    forget(&l);
    is_wrong("-serial stdio -monitor stdio", "mon:stdio");
    is_wrong("-monitor mon:stdio", "mon:stdio");
}

static void nographic(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-nographic");
    assert_int_equal(l.o.display, SCREEN_NONE);
    assert_true(l.o.serial.kind == STREAM_STDIO && l.o.serial.escape);
    forget(&l);
    runs(&l, "-nographic -serial null");
    assert_int_equal(l.o.serial.kind, STREAM_NULL);
    forget(&l);
}

static void debug_exit(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-device isa-debug-exit,iobase=0xf4,iosize=0x04");
    assert_true(l.o.exit_device && l.o.exit_port == 0xf4 && l.o.exit_size == 4);
    forget(&l);
    runs(&l, "-device isa-debug-exit");
    assert_true(l.o.exit_port == 0x501 && l.o.exit_size == 2);
    forget(&l);
    is_wrong("-device isa-debug-exit,iobase=0x10000", "not a port number");
    is_wrong("-device isa-debug-exit,iobase=0xffff", "do not fit");
    is_wrong("-device isa-debug-exit,iosize=0", "do not fit");
    is_wrong("-device isa-debug-exit -device isa-debug-exit", "one already");
    is_wrong("-device rtl8139", "isa-debug-exit");
}

static void the_adapters_rom(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-device VGA,romfile=a.bin");
    assert_string_equal(l.o.vga_rom, "a.bin");
    forget(&l);
    runs(&l, "-global VGA.romfile=b.bin");
    assert_string_equal(l.o.vga_rom, "b.bin");
    forget(&l);
    runs(&l, "-device VGA");
    assert_null(l.o.vga_rom);
    forget(&l);
    is_wrong("-device VGA,romfile=", "needs a ROM");
    is_wrong("-device VGA,vgamem_mb=32", "no property 'vgamem_mb'");
}

static void what_there_is_anyway(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-machine pc,accel=kvm:tcg,usb=off -accel tcg,thread=single -cpu qemu64 -smp cpus=1,cores=1 -vga std "
             "-monitor none -parallel none -net none -nic none -nodefaults -no-user-config -name guest=box "
             "-screen-text out.txt");
    assert_string_equal(l.o.name, "box");
    assert_true(l.o.no_parallel);
    assert_string_equal(l.o.screen_text, "out.txt");
    forget(&l);
    is_wrong("-M q35", "machine pc");
    is_wrong("-machine pc,accel=kvm", "tcg");
    is_wrong("-accel kvm", "tcg");
    is_wrong("-vga cirrus", "std");
}

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

static void processors(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "");
    assert_true(cpu_choice_has(&l.o.cpu, "lm") && cpu_choice_has(&l.o.cpu, "smap")); /* the default has it all */
    forget(&l);
    runs(&l, "-cpu pentium3,+sse2,-sse,cx16=on,pge=off");
    assert_true(cpu_choice_has(&l.o.cpu, "sse2") && cpu_choice_has(&l.o.cpu, "cx16"));
    assert_true(!cpu_choice_has(&l.o.cpu, "sse") && !cpu_choice_has(&l.o.cpu, "pge"));
    assert_true(cpu_choice_has(&l.o.cpu, "pae") && !cpu_choice_has(&l.o.cpu, "lm"));
    forget(&l);
    runs(&l, "-cpu max,-sse4_2,lahf_lm=off,check");
    assert_true(!cpu_choice_has(&l.o.cpu, "sse4.2") && !cpu_choice_has(&l.o.cpu, "lahf-lm"));
    forget(&l);
    runs(&l, "-cpu qemu64-v1,+vmx,check=off"); /* not to be had: said in the log */
    assert_false(cpu_choice_has(&l.o.cpu, "vmx"));
    forget(&l);
    is_wrong("-cpu host", "not the host's");
    is_wrong("-cpu base", "max has all");
    is_wrong("-cpu Haswell", "pcemu's models are max, 486, pentium,");
    is_wrong("-cpu max,+frob", "no feature 'frob'");
    is_wrong("-cpu max,frob", "no feature 'frob'");
    is_wrong("-cpu max,pge=maybe", "no feature 'pge' that could be 'maybe'");
    is_wrong("-cpu max,vendor=GenuineIntel", "no feature 'vendor'");
    is_wrong("-cpu max,+vmx,enforce", "has no vmx");
}

static void smp_is(const char *line, unsigned cpus, unsigned maxcpus, unsigned sockets, unsigned cores,
                   unsigned threads)
{
    struct line l;
    runs(&l, line);
    assert_int_equal(l.o.smp.cpus, cpus);
    assert_int_equal(l.o.smp.max_cpus, maxcpus);
    assert_int_equal(l.o.smp.sockets, sockets);
    assert_int_equal(l.o.smp.cores, cores);
    assert_int_equal(l.o.smp.threads, threads);
    forget(&l);
}

static void smp(void **state)
{
    (void)state;
    smp_is("-smp 4", 4, 4, 1, 4, 1);
    smp_is("-smp cpus=2,maxcpus=8", 2, 8, 1, 8, 1);
    smp_is("-smp 8,sockets=2", 8, 8, 2, 4, 1);
    smp_is("-smp 8,cores=2", 8, 8, 4, 2, 1);
    smp_is("-smp 8,sockets=2,cores=2", 8, 8, 2, 2, 2);
    smp_is("-smp 8,threads=2", 8, 8, 1, 4, 2);
    smp_is("-smp sockets=2,cores=3", 6, 6, 2, 3, 1);
    smp_is("-smp 3,sockets=1,dies=1,cores=4,threads=1,maxcpus=4", 3, 4, 1, 4, 1);
    is_wrong("-smp 9", "1 to 8");
    is_wrong("-smp 0", "cpus=0");
    is_wrong("-smp -1", "cpus=-1");
    is_wrong("-smp 4,maxcpus=2", "maxcpus (2) must be at least cpus (4)");
    is_wrong("-smp 4,sockets=3", "must be maxcpus (4)");
    is_wrong("-smp 4,dies=2", "one die");
    is_wrong("-smp 4,books=2", "no property 'books'");
    is_wrong("-smp cores=1000000,threads=1000000,sockets=1000000", "1 to 8");
}

static void clocks(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-icount shift=5,sleep=off");
    assert_int_equal(l.o.clock, CLOCK_INSN);
    assert_int_equal(l.o.icount_shift, 5);
    forget(&l);
    runs(&l, "-clock host -timeout 2.5");
    assert_int_equal(l.o.clock, CLOCK_HOST);
    assert_true(l.o.timeout_ns == 2500000000u);
    forget(&l);
    is_wrong("-icount 11", "0 to 10");
    is_wrong("-icount auto", "0 to 10");
    is_wrong("-icount 3,sleep=on", "sleep=off");
    is_wrong("-icount 3 -clock host", "-clock host");
    is_wrong("-clock sundial", "insn and host");
    is_wrong("-timeout 0", "above 0");
    is_wrong("-timeout nan", "above 0");
}

static void rtc(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-rtc base=2006-06-17T16:01:21,clock=vm");
    assert_int_equal(l.o.rtc_base, RTC_BASE_DATE);
    assert_true(l.o.rtc_date == 1150560081);
    forget(&l);
    runs(&l, "-rtc base=2024-02-29");
    assert_true(l.o.rtc_date == 1709164800);
    forget(&l);
    runs(&l, "-rtc base=1970-01-01");
    assert_true(l.o.rtc_date == 0);
    forget(&l);
    is_wrong("-rtc base=yesterday", "date");
    is_wrong("-rtc base=2006-13-01", "date");
    is_wrong("-rtc base=2006-06-17T16:01", "date");
    is_wrong("-rtc clock=host", "clock=vm");
}

static void boot(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-boot dc");
    assert_string_equal(l.o.boot_order, "dc");
    forget(&l);
    runs(&l, "-boot order=c,menu=on");
    assert_true(l.o.boot_menu);
    assert_string_equal(l.o.boot_order, "c");
    forget(&l);
    is_wrong("-boot cc", "twice");
    is_wrong("-boot x", "letters");
    is_wrong("-boot splash=x.bmp", "order=");
}

static void logs(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-D log.txt -d guest_errors");
    assert_string_equal(l.o.log_file, "log.txt");
    assert_true(l.o.log_chosen && l.o.log_guest && !l.o.log_unimp);
    forget(&l);
    runs(&l, "-d rows");
    assert_true(l.o.log_rows && !l.o.log_chosen);
    forget(&l);
    runs(&l, "-d int,exec -dfilter 0x7c00+0x200 -dfrom count:5 -duntil text:ok");
    assert_int_equal(l.o.trace.ranges, 1);
    assert_int_equal(l.o.trace.from.value, 5);
    assert_true(trace_is_wanted(&l.o.trace));
    forget(&l);
    is_wrong("-d inasm", "-d help");
    is_wrong("-d op", "translator");
    is_wrong("-dfilter 5", "START..END");
    is_wrong("-dfrom now", "count:N");
}

static void kernels(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-kernel bzImage -initrd rd.gz -append quiet");
    assert_string_equal(l.o.kernel, "bzImage");
    assert_string_equal(l.o.initrd, "rd.gz");
    assert_string_equal(l.o.kernel_arguments, "quiet");
    forget(&l);
    is_wrong("-kernel", "-kernel");
    is_wrong("-append quiet", "-kernel");
    runs(&l, "-device loader,file=a,addr=0x100000,force-raw=on -device loader,data=7,data-len=4,addr=4096 -device "
             "pc-testdev");
    assert_int_equal(l.o.loaders, 2);
    assert_string_equal(l.o.loader[0].file, "a");
    assert_int_equal(l.o.loader[0].addr, 0x100000);
    assert_int_equal(l.o.loader[1].data, 7);
    assert_int_equal(l.o.loader[1].data_len, 4);
    assert_true(l.o.testdev);
    forget(&l);
    is_wrong("-device loader,file=a", "needs addr=");
    is_wrong("-device loader,addr=1", "file= or data=");
    is_wrong("-device loader,data=1,data-len=9,addr=1", "data-len=9");
    is_wrong("-device loader,cpu-num=0", "cpu-num=0");
    is_wrong("-initrd rd.gz", "-kernel");
}

static void options_of_qemu_are_told_from_unknown_ones(void **state)
{
    (void)state;
    is_wrong("-dtb x", "-dtb: QEMU has this option");
    is_wrong("--enable-kvm", "-enable-kvm: QEMU has this option");
    is_wrong("-pflash x", "-pflash: QEMU has this option");
    is_wrong("-colour", "-colour: no such option");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(help_and_version),
        cmocka_unit_test(one_dash_or_two),
        cmocka_unit_test(disks),
        cmocka_unit_test(drives_without_a_place_take_the_first_free_one),
        cmocka_unit_test(floppy_drives),
        cmocka_unit_test(cdrom_drives),
        cmocka_unit_test(a_drive_can_opt_out_of_snapshot),
        cmocka_unit_test(wrong_disks),
        cmocka_unit_test(memory),
        cmocka_unit_test(streams),
        cmocka_unit_test(sockets),
        cmocka_unit_test(shared_terminal),
        cmocka_unit_test(nographic),
        cmocka_unit_test(debug_exit),
        cmocka_unit_test(the_adapters_rom),
        cmocka_unit_test(what_there_is_anyway),
        cmocka_unit_test(default_card),
        cmocka_unit_test(cards_and_networks),
        cmocka_unit_test(wrong_networks),
        cmocka_unit_test(processors),
        cmocka_unit_test(smp),
        cmocka_unit_test(clocks),
        cmocka_unit_test(rtc),
        cmocka_unit_test(boot),
        cmocka_unit_test(logs),
        cmocka_unit_test(kernels),
        cmocka_unit_test(options_of_qemu_are_told_from_unknown_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
