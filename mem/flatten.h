/* flatten.h: from the tree of regions to a sorted list of sections. */
#ifndef PCEMU_FLATTEN_H
#define PCEMU_FLATTEN_H

#include "space.h"

/* Makes `map` what the tree under `root` is to one direction of access (REGION_R or REGION_W): sorted sections without
 * gaps over 0 … 2^64 - 1, neighbours joined where they continue each other. False when the host has no memory; the map
 * is then whole but lacks regions (and has no section at all if it never had one). */
bool flatten(struct flat_map *map, const struct region *root, enum region_access direction);

#endif
