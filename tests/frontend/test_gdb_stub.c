/* test_gdb_stub.c: the conversation with GDB, packet by packet, at a machine of its own: what is offered, registers and
 * memory, break- and watchpoints, motion both ways, threads, leaving. */
#define _GNU_SOURCE
#include "gdb_bench.h"

static int set_up(void **state)
{
    *state = new_bench(1);
    return 0;
}

static int set_up_two(void **state)
{
    *state = new_bench(2);
    return 0;
}

static int tear_down(void **state)
{
    free_bench(*state);
    return 0;
}

static u64 rip(struct bench *b)
{
    struct debug_registers r;
    debug_get_registers(b->machine, b->stub.general, &r);
    return r.rip;
}

static bool is_error(const char *answer)
{
    return answer[0] == 'E';
}

#define assert_says(b, packet, answer) assert_string_equal(says((b), (packet)), (answer))
#define assert_refuses(b, packet) assert_true(is_error(says((b), (packet))))

/* ---- the beginning ---- */

static void what_is_offered(void **state)
{
    struct bench *b = *state;
    const char *all = says(b, "qSupported:multiprocess+;swbreak+;hwbreak+;xmlRegisters=i386");
    static const char *const has[] = { "PacketSize=4000",     "QStartNoAckMode+",       "qXfer:features:read+",
                                       "qXfer:threads:read+", "qXfer:memory-map:read+", "vContSupported+",
                                       "multiprocess+",       "ReverseStep+",           "ReverseContinue+" };
    for (unsigned i = 0; i < ARRAY_LEN(has); i++)
        assert_non_null(strstr(all, has[i]));
    assert_true(b->stub.multiprocess && b->stub.swbreak && b->stub.hwbreak);
    says(b, "qSupported:nomultiprocess+;swbreak-");
    assert_false(b->stub.multiprocess || b->stub.swbreak || b->stub.hwbreak);
    b->stub.timeline = NULL;
    assert_non_null(strstr(says(b, "qSupported"), "ReverseStep-;ReverseContinue-"));
    assert_says(b, "qAttached", "1");
    assert_says(b, "vMustReplyEmpty", "");
    assert_says(b, "qNonsense", "");
    assert_says(b, "", "");
    assert_says(b, "?", "T05thread:1;");
    assert_says(b, "!", "OK");
}

static void no_ack_mode(void **state)
{
    struct bench *b = *state;
    assert_says(b, "QStartNoAckMode", "OK");
    send_bytes(b, (const u8 *)"qC", 2);
    assert_int_equal(b->stub.link.out[0], '$');
    hear(b);
}

static void wrong_sums(void **state)
{
    struct bench *b = *state;
    for (const char *c = "$D#00"; *c; c++)
        gdbstub_receive(&b->stub, (u8)*c);
    assert_int_equal(b->stub.link.out_len, 1);
    assert_int_equal(b->stub.link.out[0], '-');
    assert_true(b->control.paused); /* and it has not detached */
    hear(b);
}

static void documents(void **state)
{
    struct bench *b = *state;
    char whole[TALK_MAX] = "";
    assert_non_null(strstr(says(b, "qXfer:features:read:target.xml:0,ffff"), "<architecture>i386:x86-64"));
    for (unsigned at = 0;; at += 100) { /* in small pieces, the same */
        char ask[64];
        snprintf(ask, sizeof ask, "qXfer:memory-map:read::%x,64", at);
        strcat(whole, says(b, ask) + 1);
        if (b->said[0] == 'l')
            break;
        assert_int_equal(b->said[0], 'm');
    }
    assert_string_equal(says(b, "qXfer:memory-map:read::0,fff") + 1, whole);
    assert_non_null(strstr(whole, "<memory type=\"ram\" start=\"0x0\" length=\"0xffff0000\"/>\n"
                                  "<memory type=\"rom\" start=\"0xffff0000\" length=\"0x10000\"/>\n"
                                  "<memory type=\"ram\" start=\"0x100000000\" length=\"0xffffffff00000000\"/>\n"
                                  "</memory-map>"));
    assert_says(b, "qXfer:memory-map:read::ffffffffffffffff,1", "l");
    assert_refuses(b, "qXfer:memory-map:read:other:0,1");
    assert_refuses(b, "qXfer:memory-map:read::0");
    assert_refuses(b, "qXfer:features:read:other.xml:0,1");
    assert_refuses(b, "qXfer:auxv:read::0,1");
    assert_non_null(strstr(says(b, "qXfer:threads:read::0,fff"), "<thread id=\"1\" core=\"0\""));
}

/* ---- registers and memory ---- */

static void registers(void **state)
{
    struct bench *b = *state;
    assert_says(b, "p10", "f0ff000000000000");
    assert_says(b, "P0=8877665544332211", "OK");
    assert_says(b, "p0", "8877665544332211");
    assert_refuses(b, "P0=88");
    assert_refuses(b, "P0=zz77665544332211");
    assert_refuses(b, "P0");
    assert_refuses(b, "pffff");
    assert_refuses(b, "p");
    assert_refuses(b, "pffffffffffffffffffff");
    char all[TALK_MAX], write[TALK_MAX + 1];
    snprintf(all, sizeof all, "%s", says(b, "g"));
    snprintf(write, sizeof write, "G%s", all);
    assert_says(b, write, "OK");
    assert_says(b, "g", all);
    assert_says(b, "G01000000000000", "E.not the digits of registers");
    assert_says(b, "G0100000000000000", "OK"); /* the first alone */
    assert_says(b, "p0", "0100000000000000");
}

static void memory(void **state)
{
    struct bench *b = *state;
    assert_says(b, "mffff0,5", "ea000000f0");
    assert_says(b, "M600,4:01020304", "OK");
    assert_says(b, "m600,4", "01020304");
    assert_says(b, "X600,3:}\x03}]\x2e", "OK"); /* # } . */
    assert_says(b, "m600,4", "237d2e04");
    assert_says(b, "X600,0:", "OK");
    assert_says(b, "Mffff0,1:00", "E14"); /* ROM */
    assert_refuses(b, "M600,4:0102");
    assert_refuses(b, "M600,ffffffffffffffff:01");
    assert_refuses(b, "M600:01");
    assert_refuses(b, "X600,4:1");
    assert_refuses(b, "m600");
    assert_refuses(b, "m");
    assert_refuses(b, "m,");
    assert_refuses(b, "m11112222333344445,1");
    says(b, "m0,ffffffffffffffff");
    assert_int_equal(strlen(b->said), PACKET_MAX);
    assert_says(b, "Qqemu.PhyMemMode:1", "OK");
    assert_says(b, "qqemu.PhyMemMode", "1");
    assert_refuses(b, "Qqemu.PhyMemMode:2");
    assert_says(b, "mfffffff0,1", "ea");
    assert_says(b, "qCRC:fffffff0,5", "C15608ac4");
    assert_refuses(b, "qCRC:0,ffffffffff");
    assert_refuses(b, "qRcmd,7");
    assert_refuses(b, "qRcmd,zz");
    assert_non_null(strstr(says(b, "qRcmd,696e666f20737461747573"), "|OK")); /* info status */
}

/* ---- motion ---- */

static void break_and_watch(void **state)
{
    struct bench *b = *state;
    says(b, "qSupported:swbreak+;hwbreak+");
    assert_says(b, "Z1,f000c,1", "OK");
    assert_says(b, "Z1,f000c,1", "OK"); /* once more is the same */
    assert_says(b, "Z0,f0020,1", "OK");
    assert_non_null(strstr(stops(b, "vCont;c"), "T05"));
    assert_int_equal(rip(b), 0x20);
    assert_says(b, "z0,f0020,1", "OK");
    stops(b, "c");
    assert_int_equal(rip(b), LOOP_INC);
    assert_says(b, "z1,f000c,1", "OK");
    assert_refuses(b, "z1,f000c,1");
    assert_says(b, "Z2,500,2", "OK");
    assert_non_null(strstr(stops(b, "c"), "watch:500;"));
    assert_int_equal(rip(b), LOOP_JMP);
    assert_says(b, "z2,500,2", "OK");
    assert_says(b, "Z3,500,2", "OK");
    assert_non_null(strstr(stops(b, "vCont;C05:1"), "rwatch:500;"));
    assert_says(b, "z3,500,2", "OK");
    assert_says(b, "Z4,7bfe,2", "OK");
    assert_non_null(strstr(stops(b, "c"), "awatch:7bfe;"));
    assert_says(b, "Z5,0,1", "");
    assert_says(b, "Z", "");
    assert_refuses(b, "Z0");
    assert_refuses(b, "Z0,");
    assert_refuses(b, "Z2,ffffffffffffffff,2");
    assert_refuses(b, "Z2,500,fffffffffffffffff");
    for (unsigned i = b->stub.points; i < POINTS_MAX; i++) {
        char z[32];
        snprintf(z, sizeof z, "Z0,%x,1", 0x10000 + i);
        assert_says(b, z, "OK");
    }
    assert_refuses(b, "Z0,1,1");
}

static void steps(void **state)
{
    struct bench *b = *state;
    assert_says(b, "vCont?", "vCont;c;C;s;S;t;r");
    assert_non_null(strstr(stops(b, "s"), "T05thread:1;"));
    assert_int_equal(rip(b), 0);
    stops(b, "vCont;s:1");
    assert_int_equal(rip(b), 2);
    stops(b, "vCont;S05:p1.1;c");
    assert_int_equal(rip(b), 4);
    stops(b, "vCont;r0,9:1"); /* the range */
    assert_int_equal(rip(b), LOOP_CALL);
    stops(b, "S05");
    assert_int_equal(rip(b), 0x20);
    stops(b, "s4"); /* from another address */
    assert_int_equal(rip(b), 7);
    assert_refuses(b, "vCont;");
    assert_refuses(b, "vCont;x");
    assert_refuses(b, "vCont;C");
    assert_refuses(b, "vCont;r1");
    assert_refuses(b, "vCont;s:9");
    assert_non_null(strstr(stops(b, "vCont;t"), "T05thread:1;"));
    send_bytes(b, (const u8 *)"c", 1); /* on, until Ctrl-C */
    run(b, 5);
    assert_false(b->control.paused);
    gdbstub_receive(&b->stub, 3);
    hear(b);
    assert_non_null(strstr(b->said, "T02thread:1;"));
    assert_true(b->control.paused);
}

static void backwards(void **state)
{
    struct bench *b = *state;
    assert_non_null(strstr(stops(b, "bs"), "replaylog:begin"));
    assert_non_null(strstr(stops(b, "bc"), "replaylog:begin"));
    says(b, "Z1,f000c,1");
    stops(b, "c");
    stops(b, "c");
    u64 second = machine_icount(b->machine);
    says(b, "z1,f000c,1");
    says(b, "Z2,500,2");
    stops(b, "c");
    stops(b, "c");
    assert_says(b, "m500,2", "0300");
    assert_non_null(strstr(stops(b, "bs"), "T05"));
    assert_int_equal(rip(b), LOOP_INC);
    assert_non_null(strstr(stops(b, "bc"), "watch:500;")); /* before the access */
    assert_int_equal(rip(b), LOOP_INC);
    assert_int_equal(machine_icount(b->machine), second);
    stops(b, "bc");
    assert_non_null(strstr(stops(b, "bc"), "replaylog:begin"));
    assert_int_equal(rip(b), RESET_VECTOR);
    assert_says(b, "bx", "");
    assert_says(b, "b", "");
    assert_says(b, "bss", "");
    says(b, "z2,500,2");
    stops(b, "s"); /* what is written in the past makes another future */
    assert_says(b, "M500,2:3412", "OK");
    assert_false(timeline_in_past(b->timeline));
    b->stub.timeline = NULL;
    assert_refuses(b, "bs");
}

/* ---- threads, the end ---- */

static void threads(void **state)
{
    struct bench *b = *state;
    assert_says(b, "qfThreadInfo", "m1,2");
    assert_says(b, "qsThreadInfo", "l");
    assert_says(b, "T2", "OK");
    assert_refuses(b, "T3");
    assert_refuses(b, "T");
    assert_says(b, "Hg2", "OK");
    assert_says(b, "qC", "QC2");
    assert_says(b, "Hc-1", "OK");
    assert_says(b, "Hg0", "OK");
    assert_refuses(b, "Hg3");
    assert_refuses(b, "H");
    assert_refuses(b, "Hgp2.1");
    says(b, "qSupported:multiprocess+");
    assert_says(b, "qfThreadInfo", "mp1.1,p1.2");
    assert_says(b, "Hgp1.2", "OK");
    assert_says(b, "qC", "QCp1.2");
    assert_non_null(says(b, "qThreadExtraInfo,p1.2"));
    assert_refuses(b, "qThreadExtraInfo,p1.7");
    assert_says(b, "Hgp1.1", "OK");
    assert_non_null(strstr(stops(b, "vCont;s:p1.1;c:p1.-1"), "T05thread:p1.1;"));
    assert_non_null(strstr(says(b, "qXfer:threads:read::0,fff"), "<thread id=\"p1.2\" core=\"1\""));
}

static void detaching(void **state)
{
    struct bench *b = *state;
    says(b, "Z1,f000c,1");
    assert_says(b, "D", "OK");
    assert_true(b->stub.close);
    assert_false(b->control.paused);
    assert_int_equal(b->stub.points, 0);
    gdbstub_lost(&b->stub);
    for (unsigned i = 0; i < 5; i++) /* nothing stops it any more */
        assert_true(timeline_run(b->timeline) <= MACHINE_IDLE);
    gdbstub_connected(&b->stub);
    assert_true(b->control.paused);
    says(b, "Z1,f000c,1");
    gdbstub_lost(&b->stub); /* without a word */
    assert_int_equal(b->stub.points, 0);
    gdbstub_connected(&b->stub);
    says(b, "vKill;1");
    assert_true(b->control.quit);
}

static void the_end_waits(void **state)
{
    struct bench *b = *state;
    assert_false(gdbstub_ended(&b->stub, "text", true, 3)); /* GDB does not wait for anything */
    hear(b);
    assert_string_equal(b->said, "W03");
    send_bytes(b, (const u8 *)"c", 1);
    assert_true(gdbstub_ended(&b->stub, "text", true, 3));
    hear(b);
    assert_string_equal(b->said, "O74657874|T0bthread:1;");
    send_bytes(b, (const u8 *)"c", 1);
    assert_false(gdbstub_ended(&b->stub, "text", true, 3));
    hear(b);
    assert_string_equal(b->said, "W03");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_offered), TEST(no_ack_mode),
        TEST(wrong_sums),      TEST(documents),
        TEST(registers),       TEST(memory),
        TEST(break_and_watch), TEST(steps),
        TEST(backwards),       cmocka_unit_test_setup_teardown(threads, set_up_two, tear_down),
        TEST(detaching),       TEST(the_end_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
