/* try.S: functions that may end in an exception. try_call() and try_user() remember the stack; try_end() comes back to
 * it, as longjmp() would. Tries nest. */
#include "selectors.h"

#define EFLAGS_PLAIN 2
#define USER_STACK_SIZE 16384
#define NO_FAULT 0x100
#define TSS_ESP0 4

        .code32
        .text
        .globl  try_call, try_user, try_end, try_stack, user_return
/* u32 try_call(void (*f)(void *), void *arg) */
try_call:
        pushal
        pushfl
        pushl   try_esp
        movl    %esp, try_esp
        movl    44(%esp), %eax
        pushl   48(%esp)
        call    *%eax
        pushl   $NO_FAULT
        pushl   $0
/* void try_end(u32 vector) */
try_end:
        movl    4(%esp), %edx
        movl    try_esp, %esp
        popl    try_esp
        movl    $DATA32, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        ljmp    $CODE32, $1f
1:      popfl
        movl    %edx, 28(%esp)          # PUSHAL's EAX
        popal
        ret

/* u32 try_user(void (*f)(void *), void *arg): IRET to ring 3. The function returns to user_return. */
try_user:
        pushal
        pushfl
        pushl   try_esp
        movl    %esp, try_esp
        movl    44(%esp), %eax
        movl    48(%esp), %ecx
        movl    %esp, tss_main + TSS_ESP0
        movl    $user_stack_end - 8, %edx
        movl    $user_return, (%edx)
        movl    %ecx, 4(%edx)
        pushl   $USER_DATA32
        pushl   %edx
        pushl   user_eflags
        pushl   $USER_CODE32
        pushl   %eax
        movl    $USER_DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        iretl
user_return:
        int     $0x80

try_stack:
        movl    try_esp, %eax
        ret

        .data
        .globl  user_eflags
user_eflags:
        .long   EFLAGS_PLAIN            # what ring 3 starts with: IOPL 0, interrupts off

        .bss
        .balign 4096
        .skip   USER_STACK_SIZE
        .globl  user_stack_end
user_stack_end:
try_esp:
        .skip   4

        .section .note.GNU-stack, "", @progbits
