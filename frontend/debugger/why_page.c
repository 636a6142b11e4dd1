/* why_page.c: page faults: the walk, entry by entry, to the one that forbids the access (SDM vol. 3, 4.7). */
#include "why.h"

#include <inttypes.h>

#define ENTRY_NX BIT64(63)

static const char *entry_name(const struct view *v, unsigned level)
{
    static const char *const name[] = {
        "", "page table entry", "page directory entry", "page directory pointer", "PML4 entry", "PML5 entry"
    };
    (void)v;
    return level < ARRAY_LEN(name) ? name[level] : "entry";
}

/* The first entry on the way that lacks `bit`, or has it where `set`. */
static const struct debug_walk_step *find_entry(const struct debug_walk *w, u64 bit, bool set)
{
    for (unsigned i = 0; i < w->steps; i++)
        if (w->step[i].at != DEBUG_NOWHERE && ((w->step[i].entry & bit) != 0) == set)
            return &w->step[i];
    return NULL;
}

static void say_entry(const struct view *v, const struct debug_walk_step *s, const char *what, char text[WHY_MAX])
{
    if (!s) {
        why_add(text, "the page tables %s", what);
    } else if (s->at == DEBUG_NOWHERE) {
        why_add(text, "the %s (loaded with CR3) is %016" PRIx64 " and %s", entry_name(v, s->level), s->entry, what);
    } else {
        why_add(text, "the %s at physical %08" PRIx64 " is %016" PRIx64 " and %s", entry_name(v, s->level), s->at,
                s->entry, what);
        if (!s->in_ram)
            why_add(text, " (there is no RAM at that address)");
    }
}

/* ---- reserved bits (SDM vol. 3, 4.3 to 4.5, "reserved": must be 0) ---- */

#define ENTRY_PAT_LARGE_SHIFT 13 /* above a large page's PAT bit */
#define LEVEL_BITS 9
#define PAGE_BITS 12
#define PSE_RESERVED BIT64(21)
#define ADDRESS_TOP 51

/* Bits that no processor of that paging lets an entry have. */
static u64 always_reserved(const struct view *v, const struct debug_walk_step *s, enum debug_paging paging)
{
    bool large = (s->entry & DEBUG_ENTRY_PS) && s->level > 1;
    u64 bits = v->r.efer & EFER_NXE ? 0 : ENTRY_NX;
    if (paging == DEBUG_PAGING_32)
        return large ? PSE_RESERVED : 0;
    if (paging == DEBUG_PAGING_PAE)
        bits |= s->level == 3 ? BIT64(63) | 0x1e6 : 0x7ff0000000000000u;
    if (s->level >= 4)
        return bits | DEBUG_ENTRY_PS;
    if (large && (paging != DEBUG_PAGING_PAE || s->level == 2))
        bits |= BIT64(PAGE_BITS + LEVEL_BITS * (s->level - 1)) - BIT64(ENTRY_PAT_LARGE_SHIFT);
    return bits;
}

static const char *meaning(unsigned bit)
{
    return bit == 63                           ? " (XD, while EFER.NXE is off)"
           : bit > ADDRESS_TOP                 ? ""
           : bit == 7                          ? " (PS)"
           : bit >= PAGE_BITS + LEVEL_BITS * 2 ? " (of an address that this processor does not have)"
                                               : " (of an address within a large page)";
}

/* Else the address is too large: its highest bit. */
static void say_reserved(const struct view *v, const struct debug_walk *w, char text[WHY_MAX])
{
    char what[80];
    enum debug_paging paging = debug_paging(v->machine, v->cpu);
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < w->steps; i++) {
            const struct debug_walk_step *s = &w->step[i];
            u64 bits =
                s->entry & (pass ? (BIT64(ADDRESS_TOP + 1) - 1) & ~(u64)UINT32_MAX : always_reserved(v, s, paging));
            if (!bits)
                continue;
            unsigned bit = 63u - (unsigned)__builtin_clzll(bits);
            snprintf(what, sizeof what, "has reserved bit %u set%s", bit, meaning(bit));
            say_entry(v, s, what, text);
            return;
        }
    say_entry(v, w->steps ? &w->step[w->steps - 1] : NULL, "has reserved bits set, or one above it has", text);
}

void why_walk(const struct view *v, u64 linear, u32 access, char text[WHY_MAX])
{
    struct debug_walk w;
    debug_walk(v->machine, v->cpu, linear, &w);
    if (!w.canonical)
        why_add(text, "the address is not canonical");
    else if (access & PF_RESERVED)
        say_reserved(v, &w, text);
    else if (!w.mapped)
        say_entry(v, w.steps ? &w.step[w.steps - 1] : NULL, "is not present", text);
    else if ((access & PF_USER) && !(w.rights & DEBUG_ENTRY_U))
        say_entry(v, find_entry(&w, DEBUG_ENTRY_U, false), "is for the supervisor alone, CPL is 3", text);
    else if ((access & PF_WRITE) && !(w.rights & DEBUG_ENTRY_W))
        say_entry(v, find_entry(&w, DEBUG_ENTRY_W, false), "allows no writes", text);
    else if ((access & PF_FETCH) && w.no_execute)
        say_entry(v, find_entry(&w, ENTRY_NX, true), "forbids execution (XD)", text);
    else if ((w.rights & DEBUG_ENTRY_U) && !(access & PF_USER))
        why_add(text, "the page is the user's, and CR4.%s keeps the supervisor out of it",
                access & PF_FETCH ? "SMEP" : "SMAP");
    else
        why_add(text, "the page tables map it now");
}

void why_page_fault(const struct view *v, const struct fault *f, char text[WHY_MAX])
{
    u64 code = view_code(v);
    bool fetch = (f->error & PF_FETCH) || (!(f->error & PF_WRITE) && f->address - code < 16);
    const char *what = fetch ? "the instruction at" : f->error & PF_WRITE ? "a write to" : "a read of";
    why_say(text, "%s linear %08" PRIx64 " has no page: ", what, f->address);
    if (f->error & PF_PRESENT)
        why_say(text, "%s linear %08" PRIx64 " is forbidden: ", what, f->address);
    why_walk(v, f->address, f->error | (fetch ? PF_FETCH : 0), text);
}
