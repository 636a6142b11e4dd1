/* paging.h: page-table entries, and the tables that the tests use.
 *
 *   63 62        52 51                   12 11  9  8  7  6  5  4  3  2  1  0
 *   +--+-----------+-----------------------+-----+--+--+--+--+--+--+--+--+--+
 *   |NX|  ignored  | address of page/table | AVL |G |PS|D |A |CD|WT|U |W |P |
 *   +--+-----------+-----------------------+-----+--+--+--+--+--+--+--+--+--+
 *
 * Entries of 32-bit paging are the lower half. (Intel SDM vol. 3, 4.3 to 4.5.) */
#ifndef GUEST_PAGING_H
#define GUEST_PAGING_H

#include "types.h"

enum { PTE_P = 0x001, PTE_W = 0x002, PTE_U = 0x004, PTE_A = 0x020, PTE_D = 0x040, PTE_PS = 0x080, PTE_G = 0x100 };
#define PTE_NX (1ull << 63)
#define PTE_RESERVED_51 (1ull << 51)

/* A page fault's error code. */
enum { PF_P = 0x01, PF_W = 0x02, PF_U = 0x04, PF_RSVD = 0x08, PF_I = 0x10 };

#define PAGE 4096u
#define PAGE_4M 0x400000u
#define PAGE_2M 0x200000u
#define WINDOW 0x40000000u /* linear: the tests' pages; all else is mapped to itself */

#endif
