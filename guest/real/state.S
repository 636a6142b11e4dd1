/* state.S: void state(void): puts the transcript's program (tour/transcript.S, linked at 7C00) in our own place and
 * starts it. The few instructions that copy it must be elsewhere, at COPIER. */
#define COPIER 0x6000

        .code16
        .text
        .globl  state
state:  cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    $copier, %si
        movw    $COPIER, %di
        movw    $(copier_end - copier), %cx
        rep movsb
        movw    $transcript, %si
        movw    $0x7c00, %di
        movw    $(transcript_end - transcript), %cx
        ljmp    $0, $COPIER

copier: rep movsb                       # downwards: they may overlap
        ljmp    $0, $0x7c00
copier_end:

        .balign 4
transcript:
        .incbin TRANSCRIPT
transcript_end:

        .section .note.GNU-stack, "", @progbits
