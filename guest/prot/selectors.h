/* selectors.h: the kernel's GDT, by selector: index * 8 + TI + RPL.
 *
 *   15                          3  2  1 0
 *   +----------------------------+--+----+
 *   |           Index            |TI|RPL |   TI: 0 GDT, 1 LDT
 *   +----------------------------+--+----+
 *
 * The order of the first eight is what SYSENTER, SYSEXIT, SYSCALL and SYSRET compute from one selector in an MSR. */
#ifndef GUEST_SELECTORS_H
#define GUEST_SELECTORS_H

#define CODE32 0x08
#define DATA32 0x10
#define USER_CODE32 0x1b
#define USER_DATA32 0x23
#define USER_CODE64 0x2b
#define USER_DATA64 0x33
#define CODE64 0x38
#define DATA64 0x40
#define CODE16 0x48
#define DATA16 0x50
#define TSS_MAIN 0x58
#define TSS_OTHER 0x60
#define LDT_MAIN 0x68
#define TSS_LONG 0x70 /* two slots */
#define CALL_GATE 0x80
#define TASK_GATE 0x88
#define TEST_SLOT 0x90 /* from here on: what a test puts there */
#define TEST_SLOT_2 0x98
#define TEST_SLOT_3 0xa0
#define GDT_SLOTS 24

#define TI_LDT 4
#define RPL3 3

#endif
