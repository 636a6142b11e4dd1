/* tour.h: the guided tour (docs/guest.md). */
#ifndef GUEST_TOUR_H
#define GUEST_TOUR_H

void tour_run(void);

#endif
