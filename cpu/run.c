/* run.c: the loop around the handlers: events between instructions, entry into blocks, exceptions. */
#include "block.h"
#include "fast.h"
#include "recorder.h"
#include "watch.h"

/* ---- leaving ---- */

bool exception_has_error(unsigned vector)
{
    return vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC;
}

bool cpu_fault(struct cpu *c, unsigned vector, u32 error)
{
    c->exc = (struct pending_exception){ true, (u8)vector, exception_has_error(vector), error, 0 };
    return false;
}

const struct uop *cpu_leave(struct cpu *c, const struct uop *u)
{
    c->rip = ip_of(c, u);
    c->budget += u_block(u)->n - u->ord;
    return NULL;
}

const struct uop *cpu_raise(struct cpu *c, const struct uop *u, unsigned vector, u32 error)
{
    cpu_fault(c, vector, error);
    return cpu_leave(c, u);
}

const struct uop *op_nop(struct cpu *c, const struct uop *u)
{
    (void)c;
    NEXT;
}

const struct uop *op_ud(struct cpu *c, const struct uop *u)
{
    RAISE(EXC_UD, 0);
}
const struct uop *op_gp0(struct cpu *c, const struct uop *u)
{
    RAISE(EXC_GP, 0);
}
const struct uop *op_nm(struct cpu *c, const struct uop *u)
{
    RAISE(EXC_NM, 0);
}

/* The end of a block that no branch ends: its off_len holds where the next instruction is. */
const struct uop *op_fall(struct cpu *c, const struct uop *u)
{
    FOLLOW(fall);
}

/* The end of a block of one instruction. */
const struct uop *op_stop(struct cpu *c, const struct uop *u)
{
    c->rip = ip_after(c, u);
    return NULL;
}

/* ---- going on ---- */

const struct uop *cpu_enter(struct cpu *c)
{
    if (UNLIKELY(c->events || c->exact || c->activity != ACT_RUNNING))
        return NULL;
    u64 key = c->rip + c->jump_base;
    const struct jump_entry *j = &c->jump[jump_hash(key)];
    if (j->ip != key || j->tag != c->jump_tag || c->budget < uop_block_cost(j->uop))
        return NULL;
    c->budget -= uop_block_cost(j->uop);
    c->r[R_PAGE] = j->page;
    return j->uop;
}

const struct uop *cpu_end_block(struct cpu *c, const struct uop *u)
{
    c->rip = ip_after(c, u);
    return cpu_enter(c);
}

/* A mode that also holds what the page says: does the code segment begin in it, does it end in it? */
static u32 page_mode(const struct cpu *c, u64 lin)
{
    u32 m = c->mode;
    if (m & MODE_64)
        return m;
    u64 off = lin & (PAGE_SIZE - 1), page_rip = c->rip - off;
    if ((s64)page_rip < 0)
        m |= MODE_FIRST;
    u64 most = c->seg[CS].limit < c->ip_mask ? c->seg[CS].limit : c->ip_mask;
    if (page_rip + (PAGE_SIZE - 1) > most && (s64)(page_rip + (PAGE_SIZE - 1)) > (s64)most)
        m |= MODE_ONE;
    return m;
}

/* Checks rip itself; false with #GP(0) recorded. */
static bool rip_ok(struct cpu *c)
{
    if (c->mode & MODE_64)
        return is_canonical(c, c->rip) || cpu_fault(c, EXC_GP, 0);
    return c->rip <= c->seg[CS].limit || cpu_fault(c, EXC_GP, 0);
}

static u64 icount_now(const struct cpu *c)
{
    return c->icount_end - (u64)c->budget;
}

static u64 rip_linear(const struct cpu *c)
{
    return (c->mode & MODE_64) ? c->rip : (u32)(c->seg[CS].base + c->rip);
}

/* The block that the jump cache led to from here before an epoch ended, if it still is what lies at `lin`: spares the
 * look-up in the table of blocks, which misses the host's caches. */
static ALWAYS_INLINE struct block *known_block(const struct cpu *c, const struct fetch_entry *f, u64 lin, u32 mode)
{
    u64 key = c->rip + c->jump_base;
    const struct jump_entry *j = &c->jump[jump_hash(key)];
    if (j->ip != key || j->uop == block_unlinked || !f->host || (mode & MODE_FIRST))
        return NULL;
    struct block *b = (struct block *)(uintptr_t)u_block(j->uop);
    bool same = b->key == (f->ram_page << PAGE_SHIFT | (lin & (PAGE_SIZE - 1))) && b->mode_key == mode;
    return same && !b->dead && !block_crosses(b) ? b : NULL;
}

/* The block at rip, entered: budget charged. NULL: an exception is recorded. */
static ALWAYS_INLINE const struct uop *enter_block(struct cpu *c)
{
    u64 lin = rip_linear(c);
    record_entry(c, lin, c->retry_exact || c->step_one);
    if (!rip_ok(c))
        return NULL;
    if (UNLIKELY((c->mode & MODE_ONE) && !(c->eflags & FL_RF) && debug_check_fetch(c, lin) &&
                 icount_now(c) != c->inhibit_db_at)) { /* MOV SS puts off these, too (SDM vol. 3, 17.3.1.1) */
        cpu_fault(c, EXC_DB, 0);
        return NULL;
    }
    const struct fetch_entry *f = mmu_fetch(c, lin);
    if (!f)
        return NULL;
    u32 mode = page_mode(c, lin) | (c->retry_exact || c->step_one ? MODE_ONE : 0);
    struct fetch_entry entry = *f;
    struct block *b = known_block(c, f, lin, mode);
    if (!b)
        b = block_get(c, &entry, lin, mode);
    if (b && b->n > c->budget && !(mode & MODE_ONE))
        b = block_get(c, &entry, lin, mode |= MODE_ONE);
    if (!b)
        return NULL;
    c->r[R_PAGE] = c->rip - (lin & (PAGE_SIZE - 1));
    c->budget -= b->n;
    if (mode & MODE_ONE) {
        c->exact = true;
        c->jump_tag = UINT64_MAX;
    } else if (entry.host) {
        u64 key = c->rip + c->jump_base;
        c->jump[jump_hash(key)] = (struct jump_entry){ key, c->jump_tag, b->uop, c->r[R_PAGE] };
    }
    return b->uop;
}

static struct links *links_of(const struct uop *u)
{
    return (struct links *)(uintptr_t)(u + 1);
}

/* The slow side of a direct branch: checks the target, links it when it lies in the same page, enters it when it can.
 */
static const struct uop *follow(struct cpu *c, const struct uop *u, u64 page_off, u64 rip, const struct uop **link)
{
    c->rip = rip;
    if (!rip_ok(c)) {
        if (link == &links_of(u)->taken) /* the branch itself faults */
            return cpu_leave(c, u);
        c->exc.valid = false; /* the next instruction does: the run loop meets it again */
        return NULL;
    }
    if (c->exact)
        return NULL;
    if (page_off >= PAGE_SIZE || rip != c->r[R_PAGE] + page_off || *link != block_unlinked)
        return cpu_enter(c);
    u64 lin = rip_linear(c);
    const struct fetch_entry *f = mmu_fetch(c, lin);
    if (!f || !f->host || f->ram_page != u_block(u)->key >> PAGE_SHIFT) {
        c->exc.valid = false; /* the run loop meets it again */
        return NULL;
    }
    u64 flushes = c->blocks->flushes;
    struct fetch_entry entry = *f;
    struct block *b = block_get(c, &entry, lin, page_mode(c, lin));
    if (!b || block_crosses(b) || flushes != c->blocks->flushes) {
        c->exc.valid = false;
        return NULL;
    }
    *link = b->uop;
    return cpu_enter(c);
}

static const struct uop *follow_taken(struct cpu *c, const struct uop *u)
{
    return follow(c, u, u->imm, c->rip, &links_of(u)->taken);
}

static const struct uop *follow_fall(struct cpu *c, const struct uop *u)
{
    return follow(c, u, u_end(u), c->rip, &links_of(u)->fall);
}

/* A branch into another page is never linked: the jump cache knows where it leads, checks included. */
#define ENTER_OR(slow)                                                                                                 \
    do {                                                                                                               \
        u64 key_ = c->rip + c->jump_base;                                                                              \
        const struct jump_entry *j_ = &c->jump[jump_hash(key_)];                                                       \
        s64 left_ = c->budget - uop_block_cost(j_->uop);                                                               \
        if (UNLIKELY(j_->ip != key_ || j_->tag != c->jump_tag || left_ < 0))                                           \
            return slow(c, u);                                                                                         \
        c->budget = left_;                                                                                             \
        c->r[R_PAGE] = j_->page;                                                                                       \
        PASS_ON(j_->uop);                                                                                              \
    } while (0)

const struct uop *cpu_follow_taken(struct cpu *c, const struct uop *u)
{
    static const u64 mask[4] = { 0xffff, 0xffff, 0xffffffff, UINT64_MAX };
    if (LIKELY(u_size(u) == 3 && u->imm >= PAGE_SIZE)) {
        const struct uop *t = jump_64(c, c->r[R_PAGE] + u->imm);
        if (LIKELY(t != NULL))
            PASS_ON(t);
    }
    c->rip = (c->r[R_PAGE] + u->imm) & mask[u_size(u)];
    if (u->imm < PAGE_SIZE)
        return follow_taken(c, u);
    ENTER_OR(follow_taken);
}

const struct uop *cpu_follow_fall(struct cpu *c, const struct uop *u)
{
    c->rip = ip_after(c, u);
    if (u_end(u) < PAGE_SIZE)
        return follow_fall(c, u);
    ENTER_OR(follow_fall);
}

/* ---- events ---- */

static void wake(struct cpu *c)
{
    if (c->activity == ACT_HALTED)
        c->activity = ACT_RUNNING;
}

/* Delivery takes the time of one instruction. */
static void interrupt(struct cpu *c, unsigned vector, enum intr_source source)
{
    wake(c);
    c->budget--;
    if (!cpu_interrupt(c, vector, source, false, 0))
        cpu_deliver_exception(c);
}

static void take_debug_trap(struct cpu *c)
{
    c->events &= ~EV_DEBUG;
    c->dr6 |= c->dr6_pending;
    c->dr6_pending = 0;
    interrupt(c, EXC_DB, INTR_EXCEPTION);
}

static void take_nmi(struct cpu *c)
{
    c->events &= ~EV_NMI;
    c->nmi_blocked = true;
    interrupt(c, EXC_NMI, INTR_NMI);
}

static void take_intr(struct cpu *c)
{
    int vector = c->w.ack(c->w.owner);
    if (vector >= 0)
        interrupt(c, (unsigned)vector, INTR_EXTERNAL);
}

/* Between two instructions, in the order of SDM vol. 3, table 6-2. */
static ALWAYS_INLINE void take_events(struct cpu *c)
{
    bool held = icount_now(c) == c->inhibit_at;
    c->step_one = false;
    if (c->events & EV_TLB) {
        c->events &= ~EV_TLB;
        tlb_forget_map(c);
    }
    if ((c->events & EV_SMI) && !c->smm && c->activity != ACT_WAIT_SIPI && c->activity != ACT_SHUTDOWN) {
        c->events &= ~EV_SMI;
        smm_enter(c);
    } else if ((c->events & EV_INIT) && !c->smm) {
        c->events &= ~EV_INIT;
        if (UNLIKELY(c->probe))
            watch_reset(c, RESET_OF_CPU);
        cpu_init_state(c); /* and a SIPI that followed is acted on next */
    } else if ((c->events & EV_SIPI) && c->activity == ACT_WAIT_SIPI) {
        c->events &= ~EV_SIPI;
        cpu_start_at(c, c->sipi_vector);
    } else if (c->activity == ACT_SHUTDOWN || c->activity == ACT_WAIT_SIPI) {
        return;
    } else if ((c->events & EV_DEBUG) && icount_now(c) != c->inhibit_db_at) {
        take_debug_trap(c);
    } else if ((c->events & EV_NMI) && !c->nmi_blocked && !held) {
        take_nmi(c);
    } else if ((c->events & EV_INTR) && (c->eflags & FL_IF) && !held) {
        take_intr(c);
    }
    c->step_one = held && c->events;
}

static bool event_ready(const struct cpu *c)
{
    u32 e = c->events & (EV_SMI | EV_NMI | EV_INIT | EV_SIPI | EV_INTR | EV_DEBUG);
    if (c->smm)
        e &= ~(EV_SMI | EV_INIT);
    if (c->nmi_blocked)
        e &= ~EV_NMI;
    if (!(c->eflags & FL_IF))
        e &= ~EV_INTR;
    if (c->activity != ACT_WAIT_SIPI)
        e &= ~EV_SIPI;
    else
        e &= EV_SIPI | EV_INIT;
    return c->activity == ACT_SHUTDOWN ? (e & EV_INIT) != 0 : e != 0;
}

bool cpu_has_work(const struct cpu *c)
{
    return c->activity == ACT_RUNNING || event_ready(c);
}

/* ---- the loop ---- */

/* After a block of one instruction: single-step trap, RF, and back to normal entry. */
static void after_exact(struct cpu *c, u32 flags_before)
{
    c->exact = false;
    c->step_one = false;
    cpu_set_jump_tag(c);
    bool completed = !c->exc.valid && !c->retry_exact;
    if ((flags_before & FL_TF) && completed && !c->delivered) {
        c->dr6_pending |= BIT(14); /* BS */
        c->events |= EV_DEBUG;
    }
    if ((flags_before & FL_RF) && completed && (c->eflags & FL_RF) && !c->delivered) {
        c->eflags &= ~FL_RF;
        cpu_update_level(c);
    }
}

static ALWAYS_INLINE void run_block(struct cpu *c, bool probed)
{
    u32 flags_before = c->eflags;
    if (probed)
        watch_lookup(c);
    c->delivered = false;
    const struct uop *u = enter_block(c);
    c->retry_exact = false;
    while (u)
        u = u->exec(c, u);
    if (c->exact)
        after_exact(c, flags_before);
    if (UNLIKELY(c->exc.valid)) {
        c->budget--;
        cpu_deliver_exception(c);
    }
}

/* Until the budget is spent, or something stops the run. Once for processors with probes, once for those without: what
 * is asked in each round costs. */
static ALWAYS_INLINE void run_blocks(struct cpu *c, bool probed)
{
    while (c->budget > 0) {
        if (UNLIKELY(c->events)) {
            if (UNLIKELY(c->events & EV_PROBE) && watch_between(c))
                break;
            if (c->events & EV_STOP) /* before any event: the same as a budget that ends here */
                break;
            take_events(c);
            if (c->budget <= 0 || (c->events & EV_PROBE))
                continue;
        }
        if (UNLIKELY(c->activity != ACT_RUNNING)) {
            if (event_ready(c) && !(icount_now(c) == c->inhibit_at))
                continue;
            break;
        }
        run_block(c, probed);
    }
}

static COLD void run_probed(struct cpu *c)
{
    watch_begin(c);
    run_blocks(c, true);
    watch_end(c);
}

u64 cpu_run(struct cpu *c, u64 insns)
{
    u64 start = c->icount_end - (u64)c->budget;
    c->icount_end = start + insns;
    c->budget = (s64)insns;
    c->events &= ~EV_STOP;
    if (UNLIKELY(c->probe))
        run_probed(c);
    else
        run_blocks(c, false);
    fpu_release(c);
    c->icount_end = icount_now(c); /* between runs the state holds the count alone */
    c->budget = 0;
    return c->icount_end - start;
}

u64 cpu_icount(const struct cpu *c)
{
    return icount_now(c);
}

void cpu_set_icount(struct cpu *c, u64 icount)
{
    c->icount_end = icount + (u64)c->budget;
    if (UNLIKELY(c->probe))
        watch_forget(c);
}

void cpu_run_until(struct cpu *c, u64 icount)
{
    u64 now = icount_now(c);
    u64 end = icount > now ? icount : now;
    if (end >= c->icount_end)
        return;
    c->budget -= (s64)(c->icount_end - end);
    c->icount_end = end;
}

void cpu_stop(struct cpu *c)
{
    c->events |= EV_STOP;
}
