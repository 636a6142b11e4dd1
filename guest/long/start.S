        .code64
        .section .start, "ax"
        .globl  long_entry
long_entry:
        ret
        .section .note.GNU-stack, "", @progbits
