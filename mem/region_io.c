/* region_io.c: see region_io.h. */
#include "region_io.h"

static unsigned min_width(const struct region *r)
{
    return r->ops->min_size ? r->ops->min_size : 1;
}

static unsigned max_width(const struct region *r)
{
    return r->ops->max_size ? r->ops->max_size : 8;
}

static u64 dev_read(const struct region *r, u64 offset, unsigned size)
{
    return low_bytes(r->ops->read ? r->ops->read(r->dev, offset, size) : UINT64_MAX, size);
}

static void dev_write(const struct region *r, u64 offset, u64 value, unsigned size)
{
    if (r->ops->write)
        r->ops->write(r->dev, offset, low_bytes(value, size), size);
}

/* The part of an access [pos, end) that falls into one aligned unit of the device's narrowest width. */
struct piece {
    u64 unit;       /* offset of the unit */
    unsigned shift; /* bits from the unit's start to the piece */
    unsigned bytes;
};

static struct piece piece_at(u64 pos, u64 end, unsigned min)
{
    u64 unit = pos & ~(u64)(min - 1);
    u64 stop = end - unit < min ? end : unit + min;
    return (struct piece){ unit, (unsigned)(8 * (pos - unit)), (unsigned)(stop - pos) };
}

static u64 read_units(const struct region *r, u64 offset, unsigned size, unsigned min)
{
    u64 value = 0;
    struct piece p;
    for (unsigned i = 0; i < size; i += p.bytes) {
        p = piece_at(offset + i, offset + size, min);
        value |= low_bytes(dev_read(r, p.unit, min) >> p.shift, p.bytes) << (8 * i);
    }
    return value;
}

static void write_units(const struct region *r, u64 offset, u64 value, unsigned size, unsigned min)
{
    struct piece p;
    for (unsigned i = 0; i < size; i += p.bytes) {
        p = piece_at(offset + i, offset + size, min);
        u64 mask = low_bytes(UINT64_MAX, p.bytes) << p.shift;
        u64 unit = p.bytes < min && r->ops->read ? dev_read(r, p.unit, min) : 0;
        dev_write(r, p.unit, (unit & ~mask) | (((value >> (8 * i)) << p.shift) & mask), min);
    }
}

u64 region_io_read(const struct region *r, u64 offset, unsigned size)
{
    unsigned min = min_width(r), width = size < max_width(r) ? size : max_width(r);
    if (size < min || (offset & (min - 1)))
        return read_units(r, offset, size, min);
    if (LIKELY(size == width))
        return dev_read(r, offset, size);
    u64 value = 0;
    for (unsigned i = 0; i < size; i += width)
        value |= dev_read(r, offset + i, width) << (8 * i);
    return value;
}

void region_io_write(const struct region *r, u64 offset, u64 value, unsigned size)
{
    unsigned min = min_width(r), width = size < max_width(r) ? size : max_width(r);
    if (size < min || (offset & (min - 1))) {
        write_units(r, offset, value, size, min);
        return;
    }
    if (LIKELY(size == width)) {
        dev_write(r, offset, value, size);
        return;
    }
    for (unsigned i = 0; i < size; i += width)
        dev_write(r, offset + i, value >> (8 * i), width);
}
