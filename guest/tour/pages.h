/* pages.h: the tour's pages of other files. */
#ifndef GUEST_PAGES_H
#define GUEST_PAGES_H

#include "tour.h"

void page_pci(void);
void page_lapic(void);
void page_ioapic(void);

#endif
