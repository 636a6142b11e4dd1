/* test_disk.c: raw images: reading, writing, snapshots, odd sizes, refusals, locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

#define SECTORS 400 /* four overlay clusters, the last incomplete */

struct bench {
    char dir[64], path[96];
    struct log log;
    char *said;
    size_t said_len;
    FILE *err;
    struct disk disk;
};

/* Byte `i` of the image that every test starts with. */
static u8 pattern(u64 i)
{
    return (u8)(i * 7 + i / BLOCK_SECTOR);
}

static void write_image(struct bench *b, size_t bytes)
{
    FILE *f = fopen(b->path, "w");
    assert_non_null(f);
    for (size_t i = 0; i < bytes; i++)
        fputc(pattern(i), f);
    fclose(f);
}

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    strcpy(b->dir, "/tmp/pcemu-disk-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    snprintf(b->path, sizeof b->path, "%s/disk.img", b->dir);
    b->err = open_memstream(&b->said, &b->said_len);
    log_init(&b->log, b->err);
    write_image(b, SECTORS * BLOCK_SECTOR);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    disk_close(&b->disk);
    fclose(b->err);
    free(b->said);
    unlink(b->path);
    rmdir(b->dir);
    free(b);
    return 0;
}

static bool open_as(struct bench *b, bool read_only, bool snapshot, bool raw)
{
    struct disk_options o = { .path = b->path, .read_only = read_only, .snapshot = snapshot, .raw = raw, .number = 2 };
    return disk_open(&b->disk, &o, &b->log, b->err);
}

static bool read_sectors(struct bench *b, u64 sector, u8 *buf, u32 count)
{
    return b->disk.backend.read(b->disk.backend.self, sector, buf, count);
}

static bool write_sectors(struct bench *b, u64 sector, const u8 *buf, u32 count)
{
    return b->disk.backend.write(b->disk.backend.self, sector, buf, count);
}

static u8 file_byte(struct bench *b, off_t at)
{
    u8 byte = 0;
    int fd = open(b->path, O_RDONLY);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    close(fd);
    return byte;
}

static bool said(struct bench *b, const char *text)
{
    fflush(b->err);
    return b->said && strstr(b->said, text);
}

static void reads_and_writes_the_file(void **state)
{
    struct bench *b = *state;
    u8 buf[3 * BLOCK_SECTOR];
    assert_true(open_as(b, false, false, false));
    assert_int_equal(b->disk.backend.sectors, SECTORS);
    assert_string_equal(b->disk.backend.serial, "QM00003");
    assert_false(b->disk.backend.read_only);
    assert_true(read_sectors(b, 5, buf, 3));
    for (unsigned i = 0; i < sizeof buf; i++)
        assert_int_equal(buf[i], pattern(5 * BLOCK_SECTOR + i));
    memset(buf, 0xa5, sizeof buf);
    assert_true(write_sectors(b, SECTORS - 1, buf, 1));
    assert_true(b->disk.backend.flush(b->disk.backend.self));
    assert_int_equal(file_byte(b, (SECTORS - 1) * BLOCK_SECTOR), 0xa5);
    assert_int_equal(file_byte(b, (SECTORS - 1) * BLOCK_SECTOR - 1), pattern((SECTORS - 1) * BLOCK_SECTOR - 1));
}

static void a_snapshot_leaves_the_file_alone(void **state)
{
    struct bench *b = *state;
    static u8 buf[140 * BLOCK_SECTOR], back[142 * BLOCK_SECTOR];
    assert_true(open_as(b, false, true, false));
    memset(buf, 0x5a, sizeof buf);
    assert_true(write_sectors(b, 127, buf, 140)); /* the end of cluster 0, all of 1, the start of 2 */
    assert_true(read_sectors(b, 126, back, 142));
    assert_int_equal(back[BLOCK_SECTOR - 1], pattern(127 * BLOCK_SECTOR - 1));
    for (unsigned i = 0; i < sizeof buf; i++)
        assert_int_equal(back[BLOCK_SECTOR + i], 0x5a);
    assert_int_equal(back[141 * BLOCK_SECTOR], pattern(267 * BLOCK_SECTOR));
    assert_int_equal(file_byte(b, 127 * BLOCK_SECTOR), pattern(127 * BLOCK_SECTOR));
}

static void the_last_cluster_may_be_incomplete(void **state)
{
    struct bench *b = *state;
    u8 buf[BLOCK_SECTOR] = { 1 };
    assert_true(open_as(b, false, true, false));
    assert_true(write_sectors(b, SECTORS - 1, buf, 1));
    assert_true(read_sectors(b, SECTORS - 2, buf, 1));
    assert_int_equal(buf[0], pattern((SECTORS - 2) * BLOCK_SECTOR));
    assert_true(read_sectors(b, SECTORS - 1, buf, 1));
    assert_int_equal(buf[0], 1);
}

static void many_clusters(void **state)
{
    struct bench *b = *state;
    u8 buf[BLOCK_SECTOR];
    assert_int_equal(truncate(b->path, (off_t)(2000 * OVERLAY_CLUSTER)), 0);
    assert_true(open_as(b, false, true, false));
    for (unsigned i = 0; i < 2000; i += 3) {
        put_le32(buf, i);
        assert_true(write_sectors(b, i * (OVERLAY_CLUSTER / BLOCK_SECTOR), buf, 1));
    }
    for (unsigned i = 0; i < 2000; i++) {
        assert_true(read_sectors(b, i * (OVERLAY_CLUSTER / BLOCK_SECTOR), buf, 1));
        if (i % 3 == 0)
            assert_int_equal(get_le32(buf), i);
        else if (i > 3)
            assert_int_equal(get_le32(buf), 0);
    }
}

static void an_incomplete_sector_is_padded(void **state)
{
    struct bench *b = *state;
    u8 buf[BLOCK_SECTOR];
    write_image(b, 1000);
    assert_true(open_as(b, false, false, false));
    assert_int_equal(b->disk.backend.sectors, 2);
    assert_true(read_sectors(b, 1, buf, 1));
    assert_int_equal(buf[487], pattern(999));
    for (unsigned i = 488; i < BLOCK_SECTOR; i++)
        assert_int_equal(buf[i], 0);
    buf[511] = 9;
    assert_true(write_sectors(b, 1, buf, 1));
    assert_int_equal(file_byte(b, 1023), 9);
}

static void read_only_needs_no_permission_to_write(void **state)
{
    struct bench *b = *state;
    assert_true(open_as(b, true, false, false));
    assert_true(b->disk.backend.read_only);
    assert_true(b->disk.backend.flush(b->disk.backend.self));
}

static void refuses_what_is_no_disk(void **state)
{
    struct bench *b = *state;
    struct disk_options o = { .path = b->dir };
    assert_false(disk_open(&b->disk, &o, &b->log, b->err));
    assert_true(said(b, "is a directory"));
    o.path = "/dev/null";
    assert_false(disk_open(&b->disk, &o, &b->log, b->err));
    assert_true(said(b, "neither a file nor a block device"));
    o.path = "/nowhere/disk.img";
    assert_false(disk_open(&b->disk, &o, &b->log, b->err));
    assert_true(said(b, "/nowhere/disk.img: No such file"));
    write_image(b, 0);
    assert_false(open_as(b, false, false, false));
    assert_true(said(b, "is empty"));
}

static void refuses_other_formats_unless_told(void **state)
{
    struct bench *b = *state;
    int fd = open(b->path, O_WRONLY);
    assert_int_equal(pwrite(fd, "QFI\xfb", 4, 0), 4);
    close(fd);
    assert_false(open_as(b, false, false, false));
    assert_true(said(b, "a qcow2 image"));
    assert_true(open_as(b, false, false, true));
}

static void two_writers_are_refused(void **state)
{
    struct bench *b = *state;
    struct disk second, third;
    struct disk_options o = { .path = b->path };
    assert_true(open_as(b, false, false, false));
    assert_false(disk_open(&second, &o, &b->log, b->err));
    assert_true(said(b, "is in use by another program"));
    o.snapshot = true;
    assert_false(disk_open(&second, &o, &b->log, b->err)); /* it would see the writer's half-done work */
    disk_close(&b->disk);
    assert_true(disk_open(&second, &o, &b->log, b->err));
    assert_true(disk_open(&third, &o, &b->log, b->err)); /* readers go together */
    disk_close(&second);
    disk_close(&third);
}

static void a_disk_in_memory(void **state)
{
    struct bench *b = *state;
    static const u8 image[1024] = { [0] = 0xeb, [512] = 0x77 };
    u8 buf[BLOCK_SECTOR];
    assert_true(disk_open_memory(&b->disk, image, sizeof image, 0, &b->log));
    assert_int_equal(b->disk.backend.sectors, 2);
    assert_true(read_sectors(b, 1, buf, 1));
    assert_int_equal(buf[0], 0x77);
    buf[0] = 1;
    assert_true(write_sectors(b, 0, buf, 1));
    assert_true(read_sectors(b, 0, buf, 1));
    assert_int_equal(buf[0], 1);
    assert_int_equal(image[0], 0xeb);
}

static void a_file_that_shrinks_is_a_host_error(void **state)
{
    struct bench *b = *state;
    u8 buf[BLOCK_SECTOR];
    assert_true(open_as(b, false, false, false));
    assert_int_equal(truncate(b->path, BLOCK_SECTOR), 0);
    assert_false(read_sectors(b, 2, buf, 1));
    assert_true(said(b, "became shorter"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_and_writes_the_file),
        TEST(a_snapshot_leaves_the_file_alone),
        TEST(the_last_cluster_may_be_incomplete),
        TEST(many_clusters),
        TEST(an_incomplete_sector_is_padded),
        TEST(read_only_needs_no_permission_to_write),
        TEST(refuses_what_is_no_disk),
        TEST(refuses_other_formats_unless_told),
        TEST(two_writers_are_refused),
        TEST(a_disk_in_memory),
        TEST(a_file_that_shrinks_is_a_host_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
