/* test_ns16550.c: the serial port, by the PC16550D data sheet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "ns16550.h"

#define IRQ4 0
#define CHAR_115200 ((u64)86806) /* 10 bits, rounded up */

enum port { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

#define LSR_DR 0x01
#define LSR_OE 0x02
#define LSR_THRE 0x20
#define LSR_TEMT 0x40
#define MCR_PC 0x0b /* DTR, RTS, OUT2 */

struct bench {
    struct harness h;
    struct ns16550 uart;
    u8 sent[256];
    unsigned sent_count;
};

static void take(void *self, u8 byte)
{
    struct bench *b = self;
    b->sent[b->sent_count++ % sizeof b->sent] = byte;
}

static void out(struct bench *b, u64 port, u8 v)
{
    harness_write(&b->h, &b->uart.io, port, v, 1);
}

static u8 in(struct bench *b, u64 port)
{
    return (u8)harness_read(&b->h, &b->uart.io, port, 1);
}

static void set_divisor(struct bench *b, u16 divisor)
{
    u8 lcr = in(b, LCR);
    out(b, LCR, lcr | 0x80);
    out(b, RBR_THR, (u8)divisor);
    out(b, IER, (u8)(divisor >> 8));
    out(b, LCR, lcr);
}

/* 115200 baud, 8N1, interrupts through. */
static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    serial_init(&b->uart, 0, &b->h.clock, harness_irq(&b->h, IRQ4), (struct char_backend){ take, b });
    out(b, LCR, 0x03);
    set_divisor(b, 1);
    out(b, MCR, MCR_PC);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b);
    return 0;
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    out(b, SCR, 0x5a);
    out(b, IER, 0x0f);
    out(b, IIR_FCR, 0xc1);
    serial_receive(&b->uart, 'x');
    serial_reset(&b->uart);
    assert_int_equal(in(b, IER), 0);
    assert_int_equal(in(b, IIR_FCR), 0x01);
    assert_int_equal(in(b, LCR), 0);
    assert_int_equal(in(b, MCR), 0);
    assert_int_equal(in(b, LSR), 0x60);
    assert_int_equal(in(b, MSR), 0xb0);
    assert_int_equal(in(b, SCR), 0x5a);
    assert_false(b->h.irq[IRQ4]);
    out(b, LCR, 0x80);
    assert_int_equal(in(b, RBR_THR), 1); /* the divisor stays */
}

static void test_registers(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->uart.io.name, "serial");
    assert_int_equal(region_size(&b->uart.io), 8);
    out(b, IER, 0xff);
    assert_int_equal(in(b, IER), 0x0f);
    out(b, MCR, 0xff);
    assert_int_equal(in(b, MCR), 0x1f);
    out(b, SCR, 0xa5);
    assert_int_equal(in(b, SCR), 0xa5);
    set_divisor(b, 0x1234);
    out(b, LCR, 0x83);
    assert_int_equal(in(b, RBR_THR), 0x34);
    assert_int_equal(in(b, IER), 0x12);
    out(b, LCR, 0x03);
    assert_int_equal(in(b, IER), 0x0f);
    assert_int_equal(b->sent_count, 0);
}

static void test_transmit_takes_its_time(void **state)
{
    struct bench *b = *state;
    out(b, RBR_THR, 'A'); /* goes to the shift register at once */
    assert_int_equal(in(b, LSR), LSR_THRE);
    assert_int_equal(b->sent_count, 1);
    out(b, RBR_THR, 'B');
    assert_int_equal(in(b, LSR), 0);
    harness_advance(&b->h, CHAR_115200 - 2);
    assert_int_equal(b->sent_count, 1);
    assert_int_equal(in(b, LSR), 0);
    harness_advance(&b->h, 2);
    assert_int_equal(b->sent_count, 2);
    assert_int_equal(in(b, LSR), LSR_THRE);
    harness_advance(&b->h, CHAR_115200);
    assert_int_equal(in(b, LSR), LSR_THRE | LSR_TEMT);
    assert_memory_equal(b->sent, "AB", 2);
}

static u64 time_of_character(struct bench *b)
{
    u64 start = b->h.now;
    out(b, RBR_THR, 'x');
    while (!(in(b, LSR) & LSR_TEMT))
        harness_advance(&b->h, b->h.clock.next - b->h.now);
    return b->h.now - start;
}

static void test_character_times(void **state)
{
    struct bench *b = *state;
    static const struct {
        u8 lcr;
        u16 divisor;
        u64 ns;
    } known[] = {
        { 0x03, 12, 1041666 },        /* 9600 8N1: 10 bits */
        { 0x07, 12, 1145833 },        /* two stop bits */
        { 0x0b, 12, 1145833 },        /* parity */
        { 0x00, 12, 729166 },         /* five bits */
        { 0x04, 12, 781250 },         /* five bits and one and a half stop bits */
        { 0x1e, 12, 1145833 },        /* 7E2 */
        { 0x03, 1, 86805 },           /* 115200 */
        { 0x03, 0xffff, 5688802083 }, /* the slowest */
        { 0x03, 0, 86805 },           /* counts as 1 */
    };
    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        out(b, LCR, known[i].lcr);
        set_divisor(b, known[i].divisor);
        assert_int_equal(time_of_character(b), known[i].ns);
    }
}

static void test_thr_is_overwritten_without_fifo(void **state)
{
    struct bench *b = *state;
    out(b, RBR_THR, '1');
    out(b, RBR_THR, '2');
    out(b, RBR_THR, '3');
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->sent_count, 2);
    assert_memory_equal(b->sent, "13", 2);
}

static void test_transmit_fifo(void **state)
{
    struct bench *b = *state;
    out(b, IIR_FCR, 0x01);
    for (u8 i = 0; i < 20; i++) /* one in the shift register, 16 in the FIFO, three lost */
        out(b, RBR_THR, i);
    assert_int_equal(in(b, LSR), 0);
    harness_advance(&b->h, 15 * CHAR_115200);
    assert_int_equal(in(b, LSR), 0);
    harness_advance(&b->h, CHAR_115200);
    assert_int_equal(in(b, LSR), LSR_THRE); /* the FIFO is empty, the shift register not */
    harness_advance(&b->h, CHAR_115200);
    assert_int_equal(in(b, LSR), LSR_THRE | LSR_TEMT);
    assert_int_equal(b->sent_count, 17);
    for (u8 i = 0; i < 17; i++)
        assert_int_equal(b->sent[i], i);
    out(b, RBR_THR, 'x');
    out(b, RBR_THR, 'y');
    out(b, IIR_FCR, 0x05); /* reset the transmitter's FIFO */
    assert_int_equal(in(b, LSR), LSR_THRE);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->sent_count, 18);
    out(b, RBR_THR, 'x');
    harness_advance(&b->h, CHAR_115200);
    out(b, IIR_FCR, 0x05);
    assert_int_equal(in(b, LSR), LSR_THRE | LSR_TEMT);
}

static void test_instant(void **state)
{
    struct bench *b = *state;
    serial_set_instant(&b->uart, true);
    out(b, IER, 0x02);
    in(b, IIR_FCR);
    unsigned rises = b->h.rises[IRQ4];
    for (u8 i = 0; i < 100; i++) {
        out(b, RBR_THR, i);
        assert_int_equal(in(b, LSR), LSR_THRE | LSR_TEMT);
    }
    assert_int_equal(b->sent_count, 100);
    assert_int_equal(b->h.rises[IRQ4] - rises, 100);
    assert_int_equal(b->h.clock.next, CLOCK_NEVER);
}

static void test_drain(void **state)
{
    struct bench *b = *state;
    out(b, IIR_FCR, 0x01);
    for (unsigned i = 0; i < 5; i++)
        out(b, RBR_THR, (u8)('a' + i));
    assert_int_equal(b->sent_count, 1);
    serial_drain(&b->uart);
    assert_int_equal(b->sent_count, 5);
    assert_memory_equal(b->sent, "abcde", 5);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->sent_count, 5);
}

static void test_thre_interrupt(void **state)
{
    struct bench *b = *state;
    assert_false(b->h.irq[IRQ4]);
    out(b, IER, 0x02); /* THR is empty: asks at once */
    assert_true(b->h.irq[IRQ4]);
    assert_int_equal(in(b, IIR_FCR), 0x02); /* the read clears it */
    assert_false(b->h.irq[IRQ4]);
    assert_int_equal(in(b, IIR_FCR), 0x01);
    out(b, IER, 0x02); /* enabled already: no news */
    assert_false(b->h.irq[IRQ4]);
    out(b, RBR_THR, 'A');
    assert_true(b->h.irq[IRQ4]);
    out(b, RBR_THR, 'B'); /* so does a write */
    assert_false(b->h.irq[IRQ4]);
    harness_advance(&b->h, CHAR_115200);
    assert_true(b->h.irq[IRQ4]);
    out(b, IER, 0);
    assert_false(b->h.irq[IRQ4]);
    out(b, IER, 0x02);
    assert_true(b->h.irq[IRQ4]);
}

static void test_out2_gates_the_interrupt(void **state)
{
    struct bench *b = *state;
    out(b, MCR, 0x03);
    out(b, IER, 0x02);
    assert_false(b->h.irq[IRQ4]);
    out(b, MCR, MCR_PC);
    assert_true(b->h.irq[IRQ4]);
    out(b, MCR, MCR_PC | 0x10); /* in loopback OUT2's pin is inactive */
    assert_false(b->h.irq[IRQ4]);
}

static void test_receive_without_fifo(void **state)
{
    struct bench *b = *state;
    out(b, IER, 0x01);
    assert_int_equal(serial_can_receive(&b->uart), 1);
    serial_receive(&b->uart, 'q');
    assert_int_equal(b->h.clock.next, CLOCK_NEVER); /* no time-out without FIFO */
    assert_int_equal(serial_can_receive(&b->uart), 0);
    assert_true(b->h.irq[IRQ4]);
    assert_int_equal(in(b, IIR_FCR), 0x04);
    assert_int_equal(in(b, LSR), LSR_DR | LSR_THRE | LSR_TEMT);
    assert_int_equal(in(b, RBR_THR), 'q');
    assert_false(b->h.irq[IRQ4]);
    assert_int_equal(in(b, LSR), LSR_THRE | LSR_TEMT);
    assert_int_equal(serial_can_receive(&b->uart), 1);
    serial_receive(&b->uart, '1');
    serial_receive(&b->uart, '2'); /* overrun: the new takes the old one's place */
    out(b, IER, 0x05);
    assert_int_equal(in(b, IIR_FCR), 0x06); /* line status is the highest */
    assert_int_equal(in(b, LSR), LSR_OE | LSR_DR | LSR_THRE | LSR_TEMT);
    assert_int_equal(in(b, IIR_FCR), 0x04);
    assert_int_equal(in(b, LSR) & LSR_OE, 0);
    assert_int_equal(in(b, RBR_THR), '2');
}

static void test_receive_fifo_and_triggers(void **state)
{
    struct bench *b = *state;
    static const u8 trigger[] = { 1, 4, 8, 14 };
    out(b, IER, 0x01);
    for (u8 i = 0; i < 4; i++) {
        out(b, IIR_FCR, (u8)(0x03 | i << 6));
        for (u8 n = 1; n <= 16; n++) {
            assert_int_equal(serial_can_receive(&b->uart), 17 - n);
            serial_receive(&b->uart, n);
            assert_int_equal(b->h.irq[IRQ4], n >= trigger[i]);
        }
        assert_int_equal(serial_can_receive(&b->uart), 0);
        assert_int_equal(in(b, IIR_FCR), 0xc4);
        serial_receive(&b->uart, 99); /* lost */
        assert_int_equal(in(b, LSR) & (LSR_OE | LSR_DR), LSR_OE | LSR_DR);
        for (u8 n = 1; n <= 16; n++) {
            assert_int_equal(in(b, RBR_THR), n);
            assert_int_equal(b->h.irq[IRQ4], 16 - n >= trigger[i]);
        }
        assert_int_equal(in(b, LSR) & LSR_DR, 0);
    }
}

static void test_character_timeout(void **state)
{
    struct bench *b = *state;
    u64 four = 4 * (u64)86805;
    out(b, IER, 0x01);
    out(b, IIR_FCR, 0x81); /* trigger at 8 */
    serial_receive(&b->uart, 'a');
    harness_advance(&b->h, four - 1);
    serial_receive(&b->uart, 'b'); /* each character starts it anew */
    harness_advance(&b->h, four - 1);
    assert_false(b->h.irq[IRQ4]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[IRQ4]);
    assert_int_equal(in(b, IIR_FCR), 0xcc);
    assert_int_equal(in(b, RBR_THR), 'a'); /* a read ends it, and starts it anew */
    assert_false(b->h.irq[IRQ4]);
    assert_int_equal(in(b, IIR_FCR), 0xc1);
    harness_advance(&b->h, four);
    assert_int_equal(in(b, IIR_FCR), 0xcc);
    assert_int_equal(in(b, RBR_THR), 'b');
    harness_advance(&b->h, NS_PER_SEC);
    assert_false(b->h.irq[IRQ4]);
    assert_int_equal(b->h.clock.next, CLOCK_NEVER);
}

static void test_fcr(void **state)
{
    struct bench *b = *state;
    out(b, IIR_FCR, 0xc0); /* without bit 0 nothing sticks */
    assert_int_equal(in(b, IIR_FCR), 0x01);
    out(b, IIR_FCR, 0x01);
    assert_int_equal(in(b, IIR_FCR), 0xc1);
    serial_receive(&b->uart, 'a');
    out(b, IIR_FCR, 0x03); /* reset the receiver */
    assert_int_equal(in(b, LSR) & LSR_DR, 0);
    serial_receive(&b->uart, 'a');
    out(b, IIR_FCR, 0x00); /* switching clears, too */
    assert_int_equal(in(b, LSR) & LSR_DR, 0);
    assert_int_equal(serial_can_receive(&b->uart), 1);
}

static void test_interrupt_priorities(void **state)
{
    struct bench *b = *state;
    out(b, IER, 0x0f);
    serial_receive(&b->uart, '1');
    serial_receive(&b->uart, '2');
    out(b, MCR, MCR_PC | 0x10 | 0x04); /* loopback: OUT1 to RI */
    out(b, MCR, MCR_PC);               /* back: RI's trailing edge */
    assert_int_equal(in(b, IIR_FCR), 0x06);
    in(b, LSR);
    assert_int_equal(in(b, IIR_FCR), 0x04);
    in(b, RBR_THR);
    assert_int_equal(in(b, IIR_FCR), 0x02);
    assert_int_equal(in(b, IIR_FCR), 0x00);
    assert_int_equal(in(b, MSR) & 0x0f, 0x04);
    assert_int_equal(in(b, IIR_FCR), 0x01);
    assert_false(b->h.irq[IRQ4]);
}

static void test_loopback(void **state)
{
    struct bench *b = *state;
    out(b, MCR, 0x10);
    in(b, MSR);
    static const struct {
        u8 mcr, msr;
    } known[] = { { 0x01, 0x20 }, { 0x02, 0x10 }, { 0x04, 0x40 }, { 0x08, 0x80 }, { 0x0a, 0x90 }, { 0x0f, 0xf0 } };
    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        out(b, MCR, 0x10 | known[i].mcr);
        assert_int_equal(in(b, MSR) & 0xf0, known[i].msr);
    }
    out(b, MCR, 0x10);
    assert_int_equal(in(b, MSR), 0x0f); /* all four went off */
    assert_int_equal(in(b, MSR), 0x00);
    out(b, MCR, 0x14);
    assert_int_equal(in(b, MSR), 0x40); /* RI going on is no event */
    out(b, RBR_THR, 0xae);
    assert_int_equal(in(b, LSR) & LSR_DR, 0);
    harness_advance(&b->h, CHAR_115200);
    assert_int_equal(in(b, LSR) & LSR_DR, LSR_DR);
    assert_int_equal(in(b, RBR_THR), 0xae);
    assert_int_equal(b->sent_count, 0);
    assert_int_equal(serial_can_receive(&b->uart), 0); /* the line is cut off */
    serial_receive(&b->uart, 'x');
    assert_int_equal(in(b, LSR) & LSR_DR, 0);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&ns16550_state, &b->uart, &other->uart);
    teardown((void **)&other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->uart.io };
    for (unsigned i = 0; i < 3000; i++) {
        harness_fuzz(&b->h, regions, 1, 1 + i % 11);
        serial_receive(&b->uart, (u8)i);
        assert_true(serial_can_receive(&b->uart) <= SERIAL_FIFO);
        if (i % 97 == 0)
            serial_drain(&b->uart);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reset),
        T(test_registers),
        T(test_transmit_takes_its_time),
        T(test_character_times),
        T(test_thr_is_overwritten_without_fifo),
        T(test_transmit_fifo),
        T(test_instant),
        T(test_drain),
        T(test_thre_interrupt),
        T(test_out2_gates_the_interrupt),
        T(test_receive_without_fifo),
        T(test_receive_fifo_and_triggers),
        T(test_character_timeout),
        T(test_fcr),
        T(test_interrupt_priorities),
        T(test_loopback),
        T(test_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
