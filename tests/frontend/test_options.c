/* test_options.c: the command line: what each option sets, and what is said about a wrong one. Drives, networks and
 * streams have files of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

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

static void lists(void **state)
{
    (void)state;
    static const char *const line[][2] = {
        { "-device help", "name \"e1000\", bus PCI" },
        { "-device ?", "name \"pc-testdev\", bus ISA\n" },
        { "-machine help", "pc-i440fx-7.2" },
        { "-m 64 -accel help", "tcg\n" },
        { "-cpu help", "qemu64" },
        { "-d help", "guest_errors" },
        { "-chardev help", "  socket\n" },
        { "-display help", "none\n" },
        { "-netdev help", "user\n" },
        { "-vga help", "standard VGA" },
    };
    for (unsigned i = 0; i < ARRAY_LEN(line); i++) {
        struct line l;
        char *text;
        size_t len;
        parse(&l, line[i][0]);
        assert_int_equal(l.result, OPTIONS_LIST);
        FILE *out = open_memstream(&text, &len);
        l.o.list(out);
        fclose(out);
        if (!strstr(text, line[i][1]))
            fail_msg("%s: %s", line[i][0], text);
        free(text);
        forget(&l);
    }
    is_wrong("-serial help", "-serial help: pcemu has stdio");
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
    is_wrong("-device rtl8139", "-device help lists");
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
    is_wrong("-machine pc,accel=nonsense", "no such accelerator");
    is_wrong("-accel tcg:more", "no such accelerator");
    is_wrong("-machine pc,acpi=off", "no property 'acpi=off'");
    is_wrong("-display curses", "a window (sdl,");
    is_wrong("-vnc :1", "no VNC server");
    is_wrong("-action panic=none", "reboot=reset|shutdown");
    is_wrong("-vga cirrus", "std");
}

static void notes(const char *line, const char *about)
{
    struct line l;
    parse(&l, line);
    assert_int_equal(l.result, OPTIONS_RUN);
    if (about ? !strstr(l.said, about) || strchr(l.said, '\n') != l.said + l.said_len - 1 : *l.said)
        fail_msg("%s: said \"%s\", not \"%s\"", line, l.said, about ? about : "");
    forget(&l);
}

/* What makes QEMU faster is done without. */
static void accelerators(void **state)
{
    (void)state;
    notes("-enable-kvm", "no accelerator kvm here");
    notes("-accel kvm", "no accelerator kvm here");
    notes("-machine pc,accel=kvm:hvf,kernel-irqchip=split", "no accelerator kvm:hvf here");
    notes("-accel kvm -accel tcg,thread=multi,tb-size=64", NULL);
    notes("-enable-kvm -machine accel=kvm:tcg", NULL);
    notes("-cpu host,-smap", "pcemu's own");
}

/* Those with another way to say it, and those that mean nothing here. */
static void other_words(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-display gtk,gl=on,show-cursor=on -action reboot=shutdown,shutdown=pause -k en-us -singlestep -pidfile p "
             "-machine hpet=on,smm=on");
    assert_int_equal(l.o.display, SCREEN_SDL);
    assert_true(l.o.no_reboot && l.o.no_shutdown);
    assert_string_equal(l.o.pid_file, "p");
    forget(&l);
    runs(&l, "-vnc none -action reboot=reset");
    assert_int_equal(l.o.display, SCREEN_NONE);
    assert_false(l.o.no_reboot);
    forget(&l);
}

static void processors(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-cpu Nehalem,vendor=AuthenticAMD,family=270,model=3,stepping=15,level=2,xlevel=0x80000001,model-id=own,"
             "migratable=off");
    assert_int_equal(l.o.cpu.identity.given, BIT(7) - 1);
    assert_string_equal(l.o.cpu.identity.vendor, "AuthenticAMD");
    assert_string_equal(l.o.cpu.identity.brand, "own");
    assert_int_equal(l.o.cpu.identity.family, 270);
    assert_int_equal(l.o.cpu.identity.xlevel, 0x80000001);
    forget(&l);
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
    is_wrong("-cpu nosuch", "unable to find CPU model 'nosuch'");
    is_wrong("-cpu max,stepping=16", "stepping=16");
    notes("-cpu kvm64,+vmx", "warning: TCG doesn't support requested feature: CPUID.01H:ECX.vmx [bit 5]");
    is_wrong("-cpu max,+frob", "no feature 'frob'");
    is_wrong("-cpu max,frob", "no feature 'frob'");
    is_wrong("-cpu max,pge=maybe", "no feature 'pge' that could be 'maybe'");
    is_wrong("-cpu max,vendor=Intel", "12 to 12 characters");
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
    assert_true(l.o.loader[0].raw);
    assert_int_equal(l.o.loader[1].data_bytes[0], 7);
    assert_int_equal(l.o.loader[1].data_len, 4);
    assert_true(l.o.testdev);
    forget(&l);
    runs(&l, "-smp 2 -device loader,file=a,cpu-num=1 -device loader,addr=8,cpu-num=0 -device "
             "loader,addr=0,data=0x1122,data-len=8,data-be=on");
    assert_true(l.o.loader[0].starts && l.o.loader[0].cpu == 1);
    assert_true(l.o.loader[1].starts && l.o.loader[1].addr == 8);
    assert_memory_equal(l.o.loader[2].data_bytes, "\0\0\0\0\0\0\x11\x22", 8);
    forget(&l);
    is_wrong("-device loader,addr=1", "needs file=");
    is_wrong("-device loader,file=a,cpu-num=1", "CPU#1 is nonexistent");
    is_wrong("-device loader,file=a,data=1,data-len=1,addr=0", "do not go together");
    is_wrong("-device loader,data=1,addr=0", "needs data-len=");
    is_wrong("-device loader,force-raw=on,addr=0", "force-raw= needs file=");
    is_wrong("-device loader,data=1,data-len=1,force-raw=on,addr=0", "goes with file=");
    is_wrong("-device loader,data=1,data-len=9,addr=1", "data-len=9");
    is_wrong("-device loader,cpu-num=0", "needs file=");
    is_wrong("-device loader,cpu-num=8,addr=1", "cpu-num=8");
    is_wrong("-initrd rd.gz", "-kernel");
    runs(&l, "-coverage out.info -kernel vmlinux");
    assert_string_equal(l.o.coverage_file, "out.info");
    assert_string_equal(l.o.coverage_program[0], "vmlinux");
    forget(&l);
    runs(&l, "-coverage file=out.info,symbols=a,symbols=b");
    assert_int_equal(l.o.coverage_programs, 2);
    forget(&l);
    is_wrong("-coverage out.info", "needs symbols=");
    is_wrong("-coverage symbols=a", "needs file=");
    is_wrong("-coverage a,b=c", "no property 'b'");
}

static void test_cards(void **state)
{
    (void)state;
    struct line l;
    runs(&l, "-device edu -device pci-testdev,addr=3");
    assert_true(l.o.edu && l.o.pci_testdev);
    assert_int_equal(l.o.pci_testdev_slot, 3);
    assert_int_equal(l.o.nic[0].slot, 4);
    assert_int_equal(l.o.edu_slot, 5);
    assert_int_equal(l.o.edu_dma_mask, 0xfffffff);
    forget(&l);
    runs(&l, "-nic none -device edu,dma_mask=0xffffffff,addr=1f.0");
    assert_int_equal(l.o.edu_slot, 0x1f);
    assert_int_equal(l.o.edu_dma_mask, 0xffffffff);
    forget(&l);
    is_wrong("-device edu -device edu", "there is one already");
    is_wrong("-device edu,addr=4 -device pci-testdev,addr=4", "slot 4 is in use");
    is_wrong("-device edu,addr=2", "addr=2");
    is_wrong("-device pci-testdev,membar=16", "membar=16");
    is_wrong("-device virtio-net", "-device help lists");
}

static void options_of_qemu_are_told_from_unknown_ones(void **state)
{
    (void)state;
    is_wrong("-dtb x", "-dtb: QEMU has this option");
    is_wrong("-pflash x", "-pflash: QEMU has this option");
    is_wrong("-colour", "-colour: no such option");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(help_and_version),
        cmocka_unit_test(lists),
        cmocka_unit_test(one_dash_or_two),
        cmocka_unit_test(memory),
        cmocka_unit_test(debug_exit),
        cmocka_unit_test(the_adapters_rom),
        cmocka_unit_test(what_there_is_anyway),
        cmocka_unit_test(accelerators),
        cmocka_unit_test(other_words),
        cmocka_unit_test(processors),
        cmocka_unit_test(smp),
        cmocka_unit_test(clocks),
        cmocka_unit_test(rtc),
        cmocka_unit_test(boot),
        cmocka_unit_test(logs),
        cmocka_unit_test(kernels),
        cmocka_unit_test(test_cards),
        cmocka_unit_test(options_of_qemu_are_told_from_unknown_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
