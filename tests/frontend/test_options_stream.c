/* test_options_stream.c: byte streams on the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "options_bench.h"

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
    runs(&l, "-chardev file,id=c,path=a,logfile=b,logappend=on -serial chardev:c -monitor pipe:/tmp/m");
    assert_string_equal(l.o.serial.log, "b");
    assert_true(l.o.serial.log_append && l.o.monitor.kind == STREAM_PIPE);
    assert_string_equal(l.o.monitor.path, "/tmp/m");
    forget(&l);
    runs(&l, "-chardev pty,id=c -serial chardev:c -monitor pty");
    assert_true(l.o.serial.kind == STREAM_PTY && l.o.monitor.kind == STREAM_PTY);
    assert_string_equal(l.o.monitor.label, "compat_monitor0");
    forget(&l);
    is_wrong("-serial vc", "stdio, file:PATH, pipe:PATH, pty");
    is_wrong("-serial mon:chardev:a", "stdio, file:PATH");
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
    is_wrong("-parallel /dev/parport0", "stdio, file:PATH");
    is_wrong("-parallel mon:stdio", "it is the serial port that is shared");
    is_wrong("-debugcon mon:stdio", "it is the serial port that is shared");
    is_wrong("-serial chardev:nobody", "no -chardev with id=nobody");
    is_wrong("-chardev file,id=a", "needs path=");
    is_wrong("-chardev spicevmc,id=a", "stdio, file, socket, pipe, pty and null");
    is_wrong("-chardev pipe,id=a", "needs path=");
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
    runs(&l, "-monitor telnet:127.0.0.1:55555,server,nowait -serial mon:unix:/tmp/s,server");
    assert_true(l.o.monitor.kind == STREAM_TCP && l.o.monitor.telnet && l.o.monitor.server && !l.o.monitor.wait);
    assert_true(l.o.serial.kind == STREAM_UNIX && l.o.serial.mux && l.o.serial.escape && l.o.serial.wait);
    forget(&l);
    is_wrong("-gdb telnet::1234", "GDB needs");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams),
        cmocka_unit_test(sockets),
        cmocka_unit_test(shared_terminal),
        cmocka_unit_test(nographic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
