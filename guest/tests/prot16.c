/* prot16.c: 16-bit protected mode: what a descriptor forbids. Every function of a try runs there. */
#include "real.h"
#include "real/prot16.h"

enum { VECTOR_DE = 0, VECTOR_NP = 11, VECTOR_SS = 12, VECTOR_GP = 13 };

static u16 seen;

static void load_es(u16 selector)
{
    __asm__ volatile("movw %0, %%es" : : "r"(selector));
}

static u8 read_es(u16 offset)
{
    u8 v;
    __asm__ volatile("movb %%es:(%1), %0" : "=q"(v) : "b"(offset));
    return v;
}

static void write_es(u16 offset, u8 v)
{
    __asm__ volatile("movb %0, %%es:(%1)" : : "q"(v), "b"(offset) : "memory");
}

static void nothing(void) {}

static void machine_status(void)
{
    __asm__ volatile("smsw %0" : "=r"(seen));
}

static void leave_by_lmsw(void)
{
    __asm__ volatile("lmsw %w0; smsw %w0" : "=r"(seen) : "0"((u16)0));
}

static void read_signature(void)
{
    load_es(P16_SECTOR);
    seen = (u16)(read_es(510) | read_es(511) << 8);
}

static void read_past_limit(void)
{
    load_es(P16_SECTOR);
    read_es(512);
}

static void write_read_only(void)
{
    load_es(P16_READ_ONLY);
    write_es(0, 0);
}

static void read_read_only(void)
{
    load_es(P16_READ_ONLY);
    seen = read_es(510);
}

static void load_execute_only(void)
{
    load_es(P16_EXECUTE_ONLY);
}

static void load_absent(void)
{
    load_es(P16_ABSENT);
}

static void load_beyond_table(void)
{
    load_es(P16_BEYOND);
}

static void load_null(void)
{
    load_es(0);
}

static void use_null(void)
{
    load_es(0);
    read_es(0);
}

static void null_stack(void)
{
    __asm__ volatile("movw %0, %%ss" : : "r"((u16)0));
}

static void absent_stack(void)
{
    __asm__ volatile("movw %0, %%ss" : : "r"((u16)P16_ABSENT));
}

static void below_expand_down(void)
{
    load_es(P16_DOWN);
    read_es(0xefff);
}

static void in_expand_down(void)
{
    load_es(P16_DOWN);
    seen = read_es(0xf000);
}

static void high_base(void)
{
    load_es(P16_HIGH);
    write_es(0x123, 0x5a);
    seen = read_es(0x123);
}

static void divide(void)
{
    __asm__ volatile("divb %b0" : : "c"(0) : "eax");
}

static void far_return(void)
{
    __asm__ volatile("pushw %0; pushw $1f; lretw\n1:" : : "i"(P16_CODE));
}

static void jump_to_data(void)
{
    __asm__ volatile("ljmp %0, $0" : : "i"(P16_DATA));
}

static int faults(void (*f)(void), u32 vector, u32 error)
{
    return prot16_try(f) == vector && real_fault.error == error;
}

static void loads(void)
{
    ok(faults(load_execute_only, VECTOR_GP, P16_EXECUTE_ONLY), "ES = execute-only code: #GP(selector)");
    ok(faults(load_absent, VECTOR_NP, P16_ABSENT), "ES = a segment with P clear: #NP(selector)");
    ok(faults(load_beyond_table, VECTOR_GP, P16_BEYOND), "ES = a selector beyond the GDT's limit: #GP(selector)");
    ok(prot16_try(load_null) == NO_FAULT, "ES = 0: no fault; the table's first entry is not used");
    ok(faults(null_stack, VECTOR_GP, 0), "SS = 0: #GP(0)");
    ok(faults(absent_stack, VECTOR_SS, P16_ABSENT), "SS = a segment with P clear: #SS(selector)");
    ok(faults(jump_to_data, VECTOR_GP, P16_DATA), "JMP to a data segment: #GP(selector)");
    ok(prot16_try(far_return) == NO_FAULT, "RETF to the same level");
}

static void accesses(void)
{
    ok(prot16_try(read_read_only) == NO_FAULT && seen == 0x55, "W clear: reads are allowed");
    ok(prot16_try(in_expand_down) == NO_FAULT, "E set: above the limit is inside");
    if (host() == HOST_TCG) {
        static const char *const why = "the emulator has no segment limits and types";
        tap_skip("a read behind the limit: #GP(0)", why);
        tap_skip("W clear: a write is #GP(0)", why);
        tap_skip("E set: below the limit: #GP(0)", why);
        tap_skip("a read through a null selector: #GP(0)", why);
        return;
    }
    ok(faults(read_past_limit, VECTOR_GP, 0), "a read behind the limit: #GP(0)");
    ok(faults(write_read_only, VECTOR_GP, 0), "W clear: a write is #GP(0)");
    ok(faults(below_expand_down, VECTOR_GP, 0), "E set: below the limit: #GP(0)");
    ok(faults(use_null, VECTOR_GP, 0), "a read through a null selector: #GP(0)");
}

void prot16_tests(void)
{
    ok(prot16_try(nothing) == NO_FAULT, "in and back to real mode");
    ok(prot16_try(machine_status) == NO_FAULT && seen & 1, "SMSW: PE is set inside");
    ok(prot16_try(leave_by_lmsw) == NO_FAULT && seen & 1, "LMSW can't clear PE");
    ok(prot16_try(read_signature) == NO_FAULT && seen == 0xaa55,
       "base 7C00, limit 1FF: the last word is the signature");
    ok(prot16_try(high_base) == NO_FAULT && seen == 0x5a, "base 16..23: a segment at 1 MiB");
    ok(faults(divide, VECTOR_DE, 0), "#DE through a 16-bit interrupt gate");
    loads();
    accesses();
}
