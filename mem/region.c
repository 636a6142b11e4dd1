/* region.c: the tree of regions: making, placing and changing them. What a tree means is in flatten.c. */
#include "space.h"
#include <assert.h>

static void init(struct region *r, const char *name, enum region_kind kind, u64 size)
{
    *r = (struct region){ .name = name, .kind = (u8)kind, .access = REGION_RW, .enabled = true, .last = size - 1 };
}

void region_init_container(struct region *r, const char *name, u64 size_or_0_for_2_64)
{
    init(r, name, REGION_CONTAINER, size_or_0_for_2_64);
}

static bool is_width(unsigned size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

void region_init_io(struct region *r, const char *name, u64 size, const struct region_ops *ops, void *dev)
{
    assert(size != 0);
    assert(ops->min_size == 0 || (is_width(ops->min_size) && size % ops->min_size == 0));
    assert(ops->max_size == 0 || (is_width(ops->max_size) && ops->max_size >= ops->min_size));
    init(r, name, REGION_IO, size);
    r->ops = ops;
    r->dev = dev;
}

void region_init_alias(struct region *r, const char *name, struct region *target, u64 target_offset, u64 size)
{
    init(r, name, REGION_ALIAS, size);
    r->target = target;
    r->target_offset = target_offset;
    r->next_alias = target->aliases;
    target->aliases = r;
}

/* Marks every space that may see `r` stale: those rooted at r or above it, and those that see one of these through an
 * alias. A disabled ancestor hides r. */
static void changed(const struct region *r)
{
    for (const struct region *p = r; p && (p == r || p->enabled); p = p->parent) {
        for (struct address_space *as = p->space; as; as = as->next_of_root)
            space_mark_stale(as);
        for (const struct region *a = p->aliases; a; a = a->next_alias)
            if (a->enabled)
                changed(a);
    }
}

static void changed_if_enabled(const struct region *r)
{
    if (r->enabled)
        changed(r);
}

void region_add(struct region *parent, u64 addr, struct region *child, int priority)
{
    assert(parent->kind == REGION_CONTAINER || parent->kind == REGION_IO);
    assert(!child->parent);
    child->parent = parent;
    child->addr = addr;
    child->priority = priority;
    struct region **at = &parent->children;
    while (*at && (*at)->priority > priority)
        at = &(*at)->next;
    child->next = *at;
    *at = child;
    changed_if_enabled(child);
}

void region_remove(struct region *child)
{
    assert(child->parent);
    changed_if_enabled(child);
    struct region **at = &child->parent->children;
    while (*at != child)
        at = &(*at)->next;
    *at = child->next;
    child->next = NULL;
    child->parent = NULL;
}

void region_set_enabled(struct region *r, bool enabled)
{
    if (r->enabled == enabled)
        return;
    r->enabled = enabled;
    changed(r);
}

/* The region keeps its place among equals: the order must follow from how the machine was built, not from what moved
 * last, or a restored machine would differ from the saved one. */
void region_set_addr(struct region *r, u64 addr)
{
    if (r->addr == addr)
        return;
    r->addr = addr;
    changed_if_enabled(r);
}

void region_set_size(struct region *r, u64 size)
{
    assert(size);
    if (r->last == size - 1)
        return;
    r->last = size - 1;
    changed_if_enabled(r);
}

void region_set_access(struct region *r, enum region_access access)
{
    if (r->access == access)
        return;
    r->access = (u8)access;
    changed_if_enabled(r);
}

void region_set_target_offset(struct region *r, u64 target_offset)
{
    if (r->target_offset == target_offset)
        return;
    r->target_offset = target_offset;
    changed_if_enabled(r);
}
