/* pages.h: the tour's pages of other files. */
#ifndef GUEST_PAGES_H
#define GUEST_PAGES_H

#include "tour.h"

void page_pci(u32 from);
void page_lapic(u32 from);
void page_ioapic(u32 from);

#endif
