/* lesson.S: a boot sector that goes all the way from real mode to 64-bit code, one step at a time, for the debugger to
 * stop at (lesson.dbg). Built as a flat binary at 7C00.
 *
 *   7C00  real mode: stack, A20       8 (CS)   16 (data)   24 (64-bit CS)      1000  PML4, 2000 PDPT, 3000 PD
 */
        .intel_syntax noprefix
        .code16
        .globl  start
PML4    = 0x1000
PDPT    = 0x2000
PD      = 0x3000
EFER    = 0xc0000080

start:  ljmp    0, offset begin         # some firmware starts us at 07C0:0000
begin:  xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, offset start
        cli

        in      al, 0x92                # the A20 gate, as old machines have it: closed…
        and     al, 0xfd
        out     0x92, al
        or      al, 2                   # …and opened
        out     0x92, al

load_gdt:
        lgdt    [gdt_register]          # the descriptors that protected mode needs
        mov     eax, cr0
        or      al, 1                   # PE
set_pe: mov     cr0, eax
        ljmp    8, offset wide

        .code32
wide:   mov     ax, 16
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     esp, offset start

        mov     edi, PML4               # three empty tables, and one page of 2 MiB that shows the first 2 MiB
        xor     eax, eax
        mov     ecx, 0xc00
        cld
        rep     stosd
        mov     edi, 0xb8000            # and an empty corner of the screen
        mov     ecx, 2
        rep     stosd
        mov     dword ptr [PML4], PDPT + 3
        mov     dword ptr [PDPT], PD + 3
        mov     dword ptr [PD], 0x83
        mov     eax, PML4
        mov     cr3, eax
        mov     eax, 0x20               # PAE
        mov     cr4, eax
        mov     ecx, EFER
        rdmsr
        or      eax, 0x100              # LME
set_lme:
        wrmsr
        mov     eax, cr0
        or      eax, 0x80000000         # PG: long mode is active from here, in its compatibility mode
set_pg: mov     cr0, eax
        ljmp    24, offset long_mode

        .code64
long_mode:
        mov     rax, 0x0f210f340f360f20
show:   mov     [0xb8000], rax
        hlt
        jmp     long_mode

        .balign 8
gdt:    .quad   0
        .quad   0x00cf9a000000ffff      # 08: 32-bit code, flat
        .quad   0x00cf92000000ffff      # 10: data, flat
        .quad   0x00af9a000000ffff      # 18: 64-bit code
gdt_end:
gdt_register:
        .word   gdt_end - gdt - 1
        .long   gdt
        .org    510
        .word   0xaa55
