/* test_vmport.c: VMware's port and the absolute pointer behind it, as QEMU 7.2's vmport.c and vmmouse.c answer. */
#include "i8042_bench.h"
#include "vmport.h"

#define MAGIC 0x564d5868u
#define FAILED UINT32_MAX

#define GET_VERSION 10
#define GET_UUID 19
#define GET_RAM_SIZE 20
#define MOUSE_DATA 39
#define MOUSE_STATUS 40
#define MOUSE_COMMAND 41
#define GET_HZ 45
#define GET_VCPU_INFO 68

#define READ_ID 0x45414552
#define DISABLE 0xf5
#define RELATIVE 0x4c455252
#define ABSOLUTE 0x53424152

struct vm_bench {
    struct bench *b;
    struct vmmouse mouse;
    struct vmport port;
    struct vmport_registers r;
};

static void get(void *owner, struct vmport_registers *r)
{
    *r = ((struct vm_bench *)owner)->r;
}

static void set(void *owner, const struct vmport_registers *r)
{
    ((struct vm_bench *)owner)->r = *r;
}

static int vm_setup(void **state)
{
    struct vm_bench *v = calloc(1, sizeof *v);
    assert_non_null(v);
    setup((void **)&v->b);
    const struct vmport_cpu cpu = { get, set, v };
    vmmouse_init(&v->mouse, &v->b->mouse, &v->b->h.log);
    vmport_init(&v->port, &cpu, &v->mouse, 0x123456000, true, &v->b->h.log);
    *state = v;
    return 0;
}

static int vm_teardown(void **state)
{
    struct vm_bench *v = *state;
    teardown((void **)&v->b);
    free(v);
    return 0;
}

static u32 call(struct vm_bench *v, u32 command, u32 ebx)
{
    v->r = (struct vmport_registers){ MAGIC, ebx, 0xabcd0000 | command, 0x5658, 0x11111111, 0x22222222 };
    u64 value = v->port.io.ops->read(v->port.io.dev, 0, 4);
    assert_int_equal(value, v->r.eax);
    return v->r.eax;
}

static void assert_registers(struct vm_bench *v, u32 ebx, u32 ecx, u32 edx, u32 esi, u32 edi)
{
    assert_int_equal(v->r.ebx, ebx);
    assert_int_equal(v->r.ecx, ecx);
    assert_int_equal(v->r.edx, edx);
    assert_int_equal(v->r.esi, esi);
    assert_int_equal(v->r.edi, edi);
}

static void test_region(void **state)
{
    struct vm_bench *v = *state;
    assert_string_equal(v->port.io.name, "vmport");
    assert_int_equal(region_size(&v->port.io), 1);
    assert_true(v->port.io.wide);
}

static void test_commands(void **state)
{
    struct vm_bench *v = *state;
    assert_int_equal(call(v, GET_VERSION, 0), 6);
    assert_registers(v, MAGIC, 2, 0x5658, 0x11111111, 0x22222222);
    assert_int_equal(call(v, GET_RAM_SIZE, 0), 0x23456000);
    assert_int_equal(v->r.ebx, 0x1177);
    assert_int_equal(call(v, GET_UUID, 1), 0);
    assert_registers(v, 0, 0, 0, 0x11111111, 0x22222222);
    assert_int_equal(call(v, GET_HZ, 1), MAGIC);
    assert_int_equal(v->r.ebx, FAILED);
    assert_int_equal(call(v, GET_VCPU_INFO, 7), 8);
    assert_int_equal(v->r.ebx, 7);
    v->port.x2apic = false;
    assert_int_equal(call(v, GET_VCPU_INFO, 7), 0);
}

static void test_refusals(void **state)
{
    struct vm_bench *v = *state;
    assert_int_equal(call(v, 1, 5), FAILED);
    assert_registers(v, 5, 0xabcd0001, 0x5658, 0x11111111, 0x22222222);
    assert_true(harness_logged(&v->b->h, "command 01"));
    v->r = (struct vmport_registers){ .eax = 0x12345678, .ecx = GET_VERSION };
    assert_int_equal(v->port.io.ops->read(v->port.io.dev, 0, 4), FAILED);
    assert_int_equal(v->r.eax, FAILED);
    assert_int_equal(v->r.ebx, 0);
    v->r = (struct vmport_registers){ .eax = MAGIC, .ecx = GET_VERSION };
    v->port.io.ops->write(v->port.io.dev, 0, 0, 1); /* a write is a read */
    assert_int_equal(v->r.eax, 6);
}

static void test_enabling(void **state)
{
    struct vm_bench *v = *state;
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0xffff0000);
    vmmouse_move(&v->mouse, 1, 1, 0, 0); /* nobody asked */
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0xffff0000);
    call(v, MOUSE_COMMAND, ABSOLUTE);
    assert_false(v->mouse.absolute);
    assert_int_equal(call(v, MOUSE_COMMAND, READ_ID), MAGIC);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 1);
    assert_int_equal(call(v, MOUSE_DATA, 1), 0x3442554a);
    assert_int_equal(v->r.ebx, 1);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0);
    assert_true(v->mouse.enabled);
    assert_false(v->mouse.absolute);
    call(v, MOUSE_COMMAND, ABSOLUTE);
    assert_true(v->mouse.absolute);
    call(v, MOUSE_COMMAND, RELATIVE);
    assert_false(v->mouse.absolute);
    call(v, MOUSE_COMMAND, DISABLE);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0xffff0000);
    call(v, MOUSE_COMMAND, 0x99);
    assert_true(harness_logged(&v->b->h, "unknown command 00000099"));
}

static void start(struct vm_bench *v, u32 mode)
{
    call(v, MOUSE_COMMAND, READ_ID);
    call(v, MOUSE_DATA, 1);
    call(v, MOUSE_COMMAND, mode);
}

static void test_events(void **state)
{
    struct vm_bench *v = *state;
    start(v, ABSOLUTE);
    vmmouse_move(&v->mouse, 0x7fff, 0x1234, -1, PS2_MOUSE_LEFT | PS2_MOUSE_BACK);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 4);
    assert_int_equal(call(v, MOUSE_DATA, 4), 0x20);
    assert_registers(v, 0xfffe, 0x2468, 0xffffffff, 0x11111111, 0x22222222);
    call(v, MOUSE_COMMAND, RELATIVE);
    vmmouse_move(&v->mouse, -3, 4, 1, PS2_MOUSE_RIGHT | PS2_MOUSE_MIDDLE);
    vmmouse_move(&v->mouse, 1, 2, 0, 0);
    assert_int_equal(call(v, MOUSE_DATA, 6), 0x10018);
    assert_registers(v, 0xfffffffd, 4, 1, 0x10000, 1);
    assert_int_equal(call(v, MOUSE_DATA, 2), 2);
    assert_int_equal(v->r.ebx, 0);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0);
}

/* Each event is announced by a packet of the PS/2 mouse. */
static void test_announcement(void **state)
{
    struct vm_bench *v = *state;
    struct bench *b = v->b;
    command_with(b, 0xd4, 0xf4);
    assert_bytes(b, "fa");
    start(v, ABSOLUTE);
    vmmouse_move(&v->mouse, 100, 100, 0, 0);
    assert_bytes(b, "08 01 00");
    assert_nothing(b);
}

static void test_too_much_is_read(void **state)
{
    struct vm_bench *v = *state;
    static const u32 sizes[] = { 0, 3, 7, UINT32_MAX };
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        vmmouse_reset(&v->mouse);
        start(v, RELATIVE);
        call(v, MOUSE_COMMAND, READ_ID);
        call(v, MOUSE_COMMAND, READ_ID);
        assert_int_equal(call(v, MOUSE_STATUS, 0), 2);
        assert_int_equal(call(v, MOUSE_DATA, sizes[i]), MAGIC);
        assert_int_equal(v->r.ebx, sizes[i]);
        assert_int_equal(call(v, MOUSE_STATUS, 0), 0xffff0002);
    }
    assert_true(harness_logged(&v->b->h, "turned off"));
}

static void test_full_queue(void **state)
{
    struct vm_bench *v = *state;
    start(v, RELATIVE);
    unsigned events = 0;
    while (vmmouse_ready(&v->mouse) && events < 10000) {
        vmmouse_move(&v->mouse, (int)events, 0, 0, 0);
        events++;
    }
    assert_int_equal(events, 256);
    vmmouse_move(&v->mouse, 9999, 0, 0, 0);
    call(v, MOUSE_COMMAND, READ_ID);
    assert_int_equal(call(v, MOUSE_STATUS, 0), 1024);
    for (unsigned i = 0; i < 256; i++) {
        assert_int_equal(call(v, MOUSE_DATA, 4), 0x10000);
        assert_int_equal(v->r.ebx, i);
    }
    assert_int_equal(call(v, MOUSE_STATUS, 0), 0);
}

static void test_state(void **state)
{
    struct vm_bench *v = *state, *other = NULL;
    vm_setup((void **)&other);
    harness_check_state(&vmmouse_state, &v->mouse, &other->mouse);
    vm_teardown((void **)&other);
}

#define V(name) cmocka_unit_test_setup_teardown(name, vm_setup, vm_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        V(test_region),       V(test_commands),         V(test_refusals),   V(test_enabling), V(test_events),
        V(test_announcement), V(test_too_much_is_read), V(test_full_queue), V(test_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
