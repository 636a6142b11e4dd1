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

void why_walk(const struct view *v, u64 linear, u32 access, char text[WHY_MAX])
{
    struct debug_walk w;
    debug_walk(v->machine, v->cpu, linear, &w);
    if (!w.canonical)
        why_add(text, "the address is not canonical");
    else if (!w.mapped)
        say_entry(v, w.steps ? &w.step[w.steps - 1] : NULL, "is not present", text);
    else if (access & PF_RESERVED)
        say_entry(v, w.steps ? &w.step[w.steps - 1] : NULL, "has reserved bits set, or one above it has", text);
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
