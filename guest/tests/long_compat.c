/* long_compat.c: compatibility mode: 32-bit code under long mode's paging and gates. */
#include "long.h"

extern u8 compat_look[], compat_limit[], compat_wrap[];

/* EBX points at the results. */
__asm__(".code32\n"
        "compat_look: movw %cs, (%ebx)\n"
        "xorl %eax, %eax\n"
        ".byte 0x40\n" /* INC EAX; a REX prefix in 64-bit mode */
        "nop\n"
        "movl %eax, 4(%ebx)\n"
        "pushl $0x11223344\n"
        "popl %eax\n"
        "movl %eax, 8(%ebx)\n"
        "movw $0x93, %ax\n" /* TEST_SLOT, RPL 3 */
        "movw %ax, %fs\n"
        "movl %fs:4, %eax\n"
        "movl %eax, 12(%ebx)\n"
        "int $0x80\n"
        "compat_limit: movw $0x93, %ax\n"
        "movw %ax, %fs\n"
        "movl %fs:13, %eax\n"
        "int $0x80\n"
        "compat_wrap: movl $0xfffffffc, %eax\n"
        "movl 8(%eax,%ebx), %eax\n" /* EBX + 4, cut to 32 bits */
        "movl %eax, 4(%ebx)\n"
        "int $0x80\n"
        ".code64\n");

void long_compat_tests(void)
{
    static u32 seen[5], data[4] = { 0, 0x55667788, 0, 0 };
    struct segment_desc *d = long_gdt(TEST_SLOT);
    *d = segment_desc((u32)(u64)data, 15, SEG_DATA_RW | SEG_DPL3, SEG_D);
    ok(try_compat((void (*)(void))compat_look, seen) == VECTOR_RETURN && seen[0] == USER_CODE32,
       "32-bit code in ring 3 of long mode");
    is(seen[1], 1, "40h is INC EAX again");
    is(seen[2], 0x11223344, "PUSH and POP have 32 bits");
    is(seen[3], 0x55667788, "segments have bases again");
    ok(long_fault.rip >> 32 == 0 && long_fault.cs == USER_CODE32,
       "an interrupt goes to 64-bit code, with the frame of 64 bits");
    strict(LENIENT, long_faulted(try_compat((void (*)(void))compat_limit, seen), VECTOR_GP, 0),
           "segments have limits again: #GP(0)");
    seen[1] = 0x31415926;
    seen[4] = 0;
    ok(try_compat((void (*)(void))compat_wrap, seen) == VECTOR_RETURN && seen[1] == 0x31415926,
       "addresses wrap at 4 GiB");
    *d = segment_desc(0, 0, 0, 0);
}
