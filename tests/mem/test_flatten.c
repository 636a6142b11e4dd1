/* test_flatten.c: flat maps of random trees against an oracle that asks the tree anew for every address, also after
 * random changes, so that a change which failed to mark the map stale is seen as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "flatten.h"

#define NODES 22
#define TREES 600
#define CHANGES 12
#define EDGE 260 /* addresses looked at from either end of the space */

struct forest {
    struct region node[NODES];
    unsigned added[NODES]; /* when it was placed; later wins among equals */
    unsigned clock;
    u64 seed;
};

static u64 dice(struct forest *f, u64 sides)
{
    f->seed ^= f->seed >> 12;
    f->seed ^= f->seed << 25;
    f->seed ^= f->seed >> 27;
    return (f->seed * 0x2545f4914f6cdd1du >> 16) % sides;
}

static const struct region_ops no_ops = { 0 };

/* What the oracle finds at one address. */
struct hit {
    const struct region *region;
    u64 offset;
};

static bool beats(const struct forest *f, unsigned a, unsigned b)
{
    const struct region *x = &f->node[a], *y = &f->node[b];
    return x->priority != y->priority ? x->priority > y->priority : f->added[a] > f->added[b];
}

static struct hit ask(const struct forest *f, const struct region *r, u64 offset, unsigned direction);

/* Asks the children that cover the offset, the strongest first, until one answers. */
static struct hit ask_children(const struct forest *f, const struct region *r, u64 offset, unsigned direction)
{
    bool asked[NODES] = { false };
    for (;;) {
        int best = -1;
        for (unsigned i = 0; i < NODES; i++) {
            const struct region *c = &f->node[i];
            bool covers = c->parent == r && offset >= c->addr && offset - c->addr <= c->last;
            if (covers && !asked[i] && (best < 0 || beats(f, i, (unsigned)best)))
                best = (int)i;
        }
        if (best < 0)
            return (struct hit){ 0 };
        asked[best] = true;
        struct hit hit = ask(f, &f->node[best], offset - f->node[best].addr, direction);
        if (hit.region)
            return hit;
    }
}

static struct hit ask(const struct forest *f, const struct region *r, u64 offset, unsigned direction)
{
    if (!r->enabled || !(r->access & direction) || offset > r->last)
        return (struct hit){ 0 };
    if (r->kind == REGION_ALIAS) {
        u64 there = offset + r->target_offset;
        return there < offset ? (struct hit){ 0 } : ask(f, r->target, there, direction);
    }
    struct hit hit = ask_children(f, r, offset, direction);
    if (!hit.region && r->kind != REGION_CONTAINER)
        hit = (struct hit){ r, offset };
    return hit;
}

/* Random trees. Every edge, of a container to its child and of an alias to its target, goes from a later to an earlier
 * node, so that there are no circles. */

static u64 some_addr(struct forest *f)
{
    return dice(f, 8) ? dice(f, 200) : UINT64_MAX - dice(f, 200);
}

static u64 some_size(struct forest *f)
{
    return dice(f, 6) ? 1 + dice(f, 120) : 0;
}

static void make_memory(struct region *r, enum region_kind kind, u64 size)
{
    region_init_container(r, "memory", size);
    r->kind = kind;
}

static void make_node(struct forest *f, unsigned i)
{
    struct region *r = &f->node[i];
    switch (dice(f, i < 3 ? 3 : 8)) {
    case 0:
        region_init_io(r, "io", 1 + dice(f, 120), &no_ops, NULL);
        break;
    case 1:
        make_memory(r, REGION_RAM, some_size(f));
        break;
    case 2:
        make_memory(r, REGION_ROM, some_size(f));
        break;
    case 3:
    case 4:
        region_init_alias(r, "alias", &f->node[dice(f, i)], dice(f, 6) ? dice(f, 100) : UINT64_MAX - dice(f, 50),
                          some_size(f));
        break;
    default:
        region_init_container(r, "container", some_size(f));
    }
}

static void adopt(struct forest *f, unsigned i, unsigned sides)
{
    struct region *r = &f->node[i];
    if (r->kind != REGION_CONTAINER && r->kind != REGION_IO)
        return;
    for (unsigned c = 0; c < i; c++)
        if (!f->node[c].parent && dice(f, sides) == 0) {
            f->added[c] = f->clock++;
            region_add(r, some_addr(f), &f->node[c], (int)dice(f, 3) - 1);
        }
}

static struct region *make_tree(struct forest *f, u64 seed)
{
    *f = (struct forest){ .seed = seed * 0x9e3779b97f4a7c15u + 1 };
    for (unsigned i = 0; i < NODES - 1; i++) {
        make_node(f, i);
        f->node[i].access = dice(f, 4) ? REGION_RW : (u8)dice(f, 4);
        f->node[i].enabled = dice(f, 6) != 0;
        adopt(f, i, 3);
    }
    struct region *root = &f->node[NODES - 1];
    region_init_container(root, "root", dice(f, 3) ? 0 : 220);
    adopt(f, NODES - 1, 1);
    return root;
}

static void change_something(struct forest *f)
{
    unsigned i = (unsigned)dice(f, NODES - 1);
    struct region *r = &f->node[i];
    switch (dice(f, 5)) {
    case 0:
        region_set_enabled(r, dice(f, 2));
        break;
    case 1:
        region_set_addr(r, some_addr(f));
        break;
    case 2:
        region_set_access(r, (enum region_access)dice(f, 4));
        break;
    case 3:
        if (r->kind == REGION_ALIAS)
            region_set_target_offset(r, dice(f, 100));
        break;
    default:
        if (r->parent) {
            struct region *parent = r->parent;
            region_remove(r);
            f->added[i] = f->clock++;
            region_add(parent, some_addr(f), r, (int)dice(f, 3) - 1);
        }
    }
}

/* Checks. */

static void check_shape(const struct flat_map *m)
{
    assert_true(m->n > 0);
    assert_true(m->section[0].first == 0 && m->section[m->n - 1].last == UINT64_MAX);
    for (size_t i = 0; i < m->n; i++)
        assert_true(m->section[i].first <= m->section[i].last);
    for (size_t i = 1; i < m->n; i++) {
        const struct section *a = &m->section[i - 1], *b = &m->section[i];
        assert_true(a->last + 1 == b->first);
        assert_false(a->region == b->region && (!a->region || a->offset + (b->first - a->first) == b->offset));
    }
}

static void check_address(struct forest *f, struct address_space *as, u64 addr, bool write)
{
    struct hit want = ask(f, as->root, addr, write ? REGION_W : REGION_R);
    const struct section *s = space_find(as, addr, write);
    assert_true(s->first <= addr && addr <= s->last);
    assert_ptr_equal(s->region, want.region);
    if (want.region)
        assert_true(s->offset + (addr - s->first) == want.offset);
}

static void check_map(struct forest *f, struct address_space *as)
{
    for (unsigned write = 0; write < 2; write++) {
        for (u64 a = 0; a < EDGE; a++) {
            check_address(f, as, a, write);
            check_address(f, as, UINT64_MAX - a, write);
        }
        check_shape(&as->view[write]);
    }
}

static void count_call(void *self)
{
    (*(unsigned *)self)++;
}

static void random_trees_match_the_oracle(bool is_io)
{
    static struct forest f;
    static struct log log;
    unsigned changed = 0, went_stale = 0;
    log_init(&log, NULL);
    for (u64 seed = 1; seed <= TREES; seed++) {
        struct address_space as;
        space_init(&as, "test", make_tree(&f, seed), NULL, &log, is_io);
        as.changed = count_call;
        as.changed_self = &changed;
        check_map(&f, &as);
        for (unsigned i = 0; i < CHANGES; i++) {
            change_something(&f);
            went_stale += as.stale;
            check_map(&f, &as);
        }
        space_free(&as);
    }
    assert_int_equal(changed, went_stale);
    assert_true(went_stale > TREES);
}

static void random_memory_trees(void **state)
{
    (void)state;
    random_trees_match_the_oracle(false);
}

static void random_port_trees(void **state)
{
    (void)state;
    random_trees_match_the_oracle(true);
}

/* A second space that sees the first one's tree through an alias must hear of changes too (SMM, bus masters). */
static void aliased_trees_go_stale(void **state)
{
    (void)state;
    static struct log log;
    struct region system, pci, window, root, device;
    struct address_space as, other;
    log_init(&log, NULL);
    region_init_container(&system, "system", 0);
    region_init_container(&pci, "pci", 0);
    region_init_io(&device, "device", 0x100, &no_ops, NULL);
    region_init_container(&root, "root", 0);
    region_init_alias(&window, "window", &system, 0, 0);
    region_add(&system, 0, &pci, -1);
    region_add(&root, 0, &window, 0);
    region_set_enabled(&window, false);
    space_init(&as, "memory", &system, NULL, &log, false);
    space_init(&other, "master", &root, NULL, &log, false);
    space_find(&as, 0, false);
    space_find(&other, 0, false);
    region_add(&pci, 0x1000, &device, 0);
    assert_true(as.stale);
    assert_false(other.stale);
    assert_null(space_find(&other, 0x1000, false)->region);
    region_set_enabled(&window, true);
    assert_true(other.stale);
    assert_ptr_equal(space_find(&other, 0x1000, false)->region, &device);
    region_set_addr(&device, 0x2000);
    assert_true(other.stale);
    assert_ptr_equal(space_find(&other, 0x20ff, true)->region, &device);
    region_set_addr(&device, 0x2000);
    assert_false(other.stale);
    assert_int_equal(other.generation, 3);
    space_free(&as);
    space_free(&other);
    assert_null(system.space);
    assert_null(root.space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_memory_trees),
        cmocka_unit_test(random_port_trees),
        cmocka_unit_test(aliased_trees_go_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
