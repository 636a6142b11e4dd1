/* test_gdb_fuzz.c: bytes of nonsense for the GDB stub, of which none may do harm (run it under AddressSanitizer):
 * packets made of the protocol's words, with bytes changed. The seed is fixed; PCEMU_FUZZ_PACKETS sets how many there
 * are, and PCEMU_FUZZ_SEED another seed. */
#define _GNU_SOURCE
#include "gdb_bench.h"

#define FUZZ_PACKETS 20000
#define FUZZ_SEED 0x6db

static u64 next_random(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static size_t random_packet(u8 *data, size_t room, u64 *seed)
{
    static const char *const pieces[] = { "?",
                                          "g",
                                          "G",
                                          "p",
                                          "P",
                                          "m",
                                          "M",
                                          "X",
                                          "Z0",
                                          "Z2",
                                          "z2",
                                          "c",
                                          "s",
                                          "C05",
                                          "S05",
                                          "bs",
                                          "bc",
                                          "vCont",
                                          "vCont?",
                                          "vAttach",
                                          "H",
                                          "Hg",
                                          "Hc",
                                          "T",
                                          "D",
                                          "R",
                                          "qC",
                                          "qCRC:",
                                          "qXfer:",
                                          "features:",
                                          "read:",
                                          "threads:",
                                          "memory-map:",
                                          "target.xml:",
                                          "qRcmd,",
                                          "696e666f20",
                                          "qSupported",
                                          "qThreadExtraInfo,",
                                          "Qqemu.sstep:",
                                          "Qpcemu.follow:",
                                          "qpcemu.mode",
                                          "QStartNoAckMode",
                                          ",",
                                          ";",
                                          ":",
                                          "=",
                                          ".",
                                          "p1.1",
                                          "-1",
                                          "0",
                                          "1",
                                          "2",
                                          "500",
                                          "f000c",
                                          "7fffffffffffffff",
                                          "ffffffffffffffff",
                                          "10000",
                                          "}",
                                          "*",
                                          "r",
                                          "t" };
    size_t len = 0;
    for (u64 n = next_random(seed) % 8; n--;) {
        const char *piece = pieces[next_random(seed) % ARRAY_LEN(pieces)];
        size_t add = strlen(piece);
        if (len + add > room)
            break;
        memcpy(data + len, piece, add);
        len += add;
    }
    for (u64 n = next_random(seed) % 4; n-- && len;)
        data[next_random(seed) % len] = (u8)next_random(seed);
    return len;
}

static u64 number(const char *name, u64 otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

static void nonsense(void **state)
{
    (void)state;
    struct bench *b = new_bench(1);
    u64 seed = number("PCEMU_FUZZ_SEED", FUZZ_SEED), packets = number("PCEMU_FUZZ_PACKETS", FUZZ_PACKETS);
    for (u64 i = 0; i < packets; i++) {
        u8 data[512];
        size_t len = random_packet(data, sizeof data, &seed);
        if (next_random(&seed) % 16)
            send_bytes(b, data, len);
        else
            for (size_t k = 0; k < len; k++)
                gdbstub_receive(&b->stub, data[k]);
        run(b, 2);
        if (!b->control.paused)
            gdbstub_receive(&b->stub, 3);
        packet_sent(&b->stub.link, b->stub.link.out_len);
        assert_false(b->stub.link.broken);
        if (b->stub.close || b->control.quit) {
            gdbstub_lost(&b->stub);
            gdbstub_connected(&b->stub);
            b->control.quit = false;
        }
    }
    gdbstub_lost(&b->stub);
    gdbstub_connected(&b->stub);
    assert_string_equal(says(b, "qfThreadInfo"), "m1");
    free_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nonsense) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
