/* snapshot.c: the machine's part of a snapshot's payload, see snapshot.h:
 *
 *     DESC  4 bytes length; text, a line for each property of the machine that state tables take for granted
 *     CHIP  4 bytes length; what the state tables declare, in the order of machine_save_chips()
 *     PAGE  for each page of RAM, ROM and video memory that is not all zero: 8 bytes number (its ram address >> 12),
 *           4096 bytes; rising; then a number of all ones
 *
 * What is derived is not saved: TLBs, decoded code, flattened maps, levels of wires that a chip's output follows. */
#include "pc.h"
#include "snapshot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#define TAG_BYTES 4
#define TAG_DESC "DESC"
#define TAG_CHIP "CHIP"
#define TAG_PAGE "PAGE"
#define NO_MORE_PAGES UINT64_MAX

#define CHIPS_MAX (16u << 20)

static bool refuse(char *why, const char *text)
{
    snprintf(why, SNAPSHOT_WHY_MAX, "%s", text);
    return false;
}

/* ---- what the machine is built of ---- */

static u32 checksum(const void *data, size_t len)
{
    return data ? (u32)crc32_z(crc32(0, NULL, 0), data, len) : 0;
}

static u32 fw_cfg_checksum(const struct fw_cfg *f)
{
    u32 sum = 0;
    for (unsigned local = 0; local < 2; local++)
        for (unsigned key = 0; key < FW_CFG_FILE_FIRST; key++)
            sum = sum * 31 + checksum(f->item[local][key].data, f->item[local][key].len);
    for (unsigned i = 0; i < f->files; i++)
        sum = (sum * 31 + checksum(f->file[i].item.data, f->file[i].item.len)) * 31 +
              checksum(f->file[i].name, strlen(f->file[i].name));
    return sum;
}

static void describe_cpus(const struct machine_config *c, FILE *out)
{
    struct cpu_features f = cpu_choice_features(&c->cpu, NULL);
    fprintf(out, "processor: %08x", cpu_choice_signature(&c->cpu));
    for (unsigned i = 0; i < CPUID_WORDS; i++)
        fprintf(out, " %08x", f.word[i]);
    fprintf(out, "\nprocessors: %u of %u, sockets %u, cores %u, threads %u\n", c->smp.cpus, c->smp.max_cpus,
            c->smp.sockets, c->smp.cores, c->smp.threads);
}

static void describe_drive(const struct machine *m, unsigned n, FILE *out)
{
    struct machine_drive d = machine_drive(m, n);
    if (d.present)
        fprintf(out, "drive %u: %s, %" PRIu64 " sectors%s\n", n, d.removable ? "removable" : "fixed", d.medium->sectors,
                d.medium->read_only ? ", read-only" : "");
    else
        fprintf(out, "drive %u: none\n", n);
}

static void describe_nic(const struct machine_nic *n, unsigned i, FILE *out)
{
    fprintf(out, "network card %u: slot %u, %02x:%02x:%02x:%02x:%02x:%02x, option ROM %08x\n", i, n->slot, n->mac[0],
            n->mac[1], n->mac[2], n->mac[3], n->mac[4], n->mac[5], checksum(n->rom, n->rom_size));
}

static void describe_extras(const struct machine_config *c, FILE *out)
{
    fprintf(out, "parallel port: %s\n", c->parallel ? "yes" : "no");
    fprintf(out, "debug console: %#x\n", c->debugcon ? c->debugcon_port : 0u);
    fprintf(out, "isa-debug-exit: %#x, %u ports\n", c->exit_device ? c->exit_port : 0u,
            c->exit_device ? c->exit_size : 0);
    fprintf(out, "pc-testdev: %s\n", c->testdev ? "yes" : "no");
    fprintf(out, "edu: slot %u, %#" PRIx64 "\n", c->edu_slot, c->edu_dma_mask);
    fprintf(out, "pci-testdev: slot %u\n", c->pci_testdev_slot);
    fprintf(out, "kernel: %08x\n", checksum(c->kernel.image, c->kernel.size));
    for (unsigned i = 0; i < c->loads; i++)
        fprintf(out, "loaded: %#" PRIx64 ", %08x, %" PRIu64 " zeros\n", c->load[i].addr,
                checksum(c->load[i].data, c->load[i].size), c->load[i].zeros);
}

static void describe(const struct machine *m, FILE *out)
{
    const struct machine_config *c = &m->config;
    fprintf(out, "memory: %" PRIu64 " KiB\n", c->ram_size / KIB);
    describe_cpus(c, out);
    fprintf(out, "firmware: %08x\n", checksum(c->bios, c->bios_size));
    fprintf(out, "VGA firmware: %08x\n", checksum(c->vga_bios, c->vga_bios_size));
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        describe_drive(m, i, out);
    fprintf(out, "network cards: %u\n", c->nics);
    for (unsigned i = 0; i < c->nics; i++)
        describe_nic(&c->nic[i], i, out);
    describe_extras(c, out);
    fprintf(out, "tables for the firmware: %08x\n", fw_cfg_checksum(&m->fw_cfg));
    fprintf(out, "pages of memory and ROM: %" PRIu64 "\n", m->pool.pages);
}

char *machine_description(const struct machine *m, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (!out)
        return NULL;
    describe(m, out);
    if (fclose(out) != 0 || *len > SNAPSHOT_DESCRIPTION_MAX) {
        free(text);
        return NULL;
    }
    return text;
}

/* Names the first line that differs. */
bool snapshot_same_machine(const char *theirs, const char *ours, char *why)
{
    for (;;) {
        int their_len = (int)strcspn(theirs, "\n"), our_len = (int)strcspn(ours, "\n");
        if (their_len != our_len || memcmp(theirs, ours, (size_t)our_len) != 0) {
            snprintf(why, SNAPSHOT_WHY_MAX, "of another machine: the snapshot has '%.*s', this machine '%.*s'",
                     their_len < 100 ? their_len : 100, theirs, our_len < 100 ? our_len : 100, ours);
            for (char *p = why; *p; p++)
                if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
                    *p = '?';
            return false;
        }
        if (!ours[our_len])
            return true;
        theirs += our_len + (theirs[our_len] != 0);
        ours += our_len + 1;
    }
}

/* ---- saving ---- */

static bool put_pages(struct machine *m, struct snapshot_writer *w)
{
    u8 number[8];
    if (!snapshot_put(w, TAG_PAGE, TAG_BYTES))
        return false;
    for (u64 page = 0; page < m->pool.pages; page++) {
        const u8 *host = ram_page_host(&m->pool, page);
        if (page_is_zero(host))
            continue;
        put_le64(number, page);
        if (!snapshot_put(w, number, sizeof number) || !snapshot_put(w, host, PAGE_SIZE))
            return false;
    }
    put_le64(number, NO_MORE_PAGES);
    return snapshot_put(w, number, sizeof number);
}

bool machine_save(struct machine *m, struct snapshot_writer *w)
{
    size_t len;
    char *text = machine_description(m, &len);
    struct state_buf chips = { 0 };
    bool ok = text && machine_save_chips(m, &chips) && chips.len <= CHIPS_MAX &&
              snapshot_put_block(w, TAG_DESC, text, len) && snapshot_put_block(w, TAG_CHIP, chips.data, chips.len) &&
              put_pages(m, w);
    state_buf_free(&chips);
    free(text);
    return ok;
}

/* ---- checking ---- */

static bool take_tag(struct snapshot_reader *r, const char *tag)
{
    char have[TAG_BYTES];
    return snapshot_take(r, have, TAG_BYTES) && memcmp(have, tag, TAG_BYTES) == 0;
}

static const char damaged[] = "the snapshot is damaged, or made by another version of pcemu";

static bool check_description(const struct machine *m, struct snapshot_reader *r, char *why)
{
    size_t len;
    u8 *theirs = snapshot_take_block(r, TAG_DESC, SNAPSHOT_DESCRIPTION_MAX, &len);
    char *ours = machine_description(m, &len);
    bool ok = false;
    if (!theirs)
        refuse(why, damaged);
    else if (!ours)
        refuse(why, "no memory");
    else
        ok = snapshot_same_machine((const char *)theirs, ours, why);
    free(theirs);
    free(ours);
    return ok;
}

/* The number of the next page, NO_MORE_PAGES behind the last; false: that can't be. */
static bool take_page_number(const struct machine *m, struct snapshot_reader *r, u64 least, u64 *page)
{
    u8 number[8];
    if (!snapshot_take(r, number, sizeof number))
        return false;
    *page = get_le64(number);
    return *page == NO_MORE_PAGES || (*page >= least && *page < m->pool.pages);
}

static bool check_pages(const struct machine *m, struct snapshot_reader *r)
{
    u8 data[PAGE_SIZE];
    u64 page;
    if (!take_tag(r, TAG_PAGE))
        return false;
    for (u64 least = 0; take_page_number(m, r, least, &page); least = page + 1) {
        if (page == NO_MORE_PAGES)
            return true;
        if (!snapshot_take(r, data, sizeof data))
            return false;
    }
    return false;
}

bool machine_check(struct machine *m, struct snapshot_reader *r, char *why)
{
    if (!check_description(m, r, why))
        return false;
    size_t len;
    u8 *chips = snapshot_take_block(r, TAG_CHIP, CHIPS_MAX, &len);
    free(chips);
    return (chips && check_pages(m, r)) || refuse(why, damaged);
}

/* ---- loading ---- */

/* Chips first: they may refuse, and are put back then. */
static bool load_chips(struct machine *m, struct snapshot_reader *r, char *why)
{
    struct state_buf now = { 0 }, theirs = { 0 };
    theirs.data = snapshot_take_block(r, TAG_CHIP, CHIPS_MAX, &theirs.len);
    bool ok = theirs.data && machine_save_chips(m, &now);
    if (!ok) {
        refuse(why, damaged);
    } else if (!machine_load_chips(m, &theirs, why)) {
        char unused[SNAPSHOT_WHY_MAX];
        ok = false;
        if (!machine_load_chips(m, &now, unused))
            log_host(m->log, "snapshot", "the machine's own state was refused: %s", unused);
    }
    state_buf_free(&now);
    state_buf_free(&theirs);
    return ok;
}

/* A page gets other contents, NULL: zeros. What is zero stays untouched: the host has given it no memory. */
static void set_page(struct machine *m, u64 page, const u8 *data)
{
    u8 *host = ram_page_host(&m->pool, page);
    if (data)
        memcpy(host, data, PAGE_SIZE);
    else if (!page_is_zero(host))
        memset(host, 0, PAGE_SIZE);
    else
        return;
    ram_code_written(&m->pool, page, UINT32_MAX);
}

/* After machine_check() of the same payload. */
static bool load_pages(struct machine *m, struct snapshot_reader *r)
{
    u8 data[PAGE_SIZE];
    u64 next = 0, page = 0;
    bool ok = take_tag(r, TAG_PAGE);
    while (ok && page != NO_MORE_PAGES) {
        ok = take_page_number(m, r, next, &page) && (page == NO_MORE_PAGES || snapshot_take(r, data, sizeof data));
        u64 end = !ok || page == NO_MORE_PAGES ? m->pool.pages : page;
        for (; next < end; next++)
            set_page(m, next, NULL);
        if (ok && page != NO_MORE_PAGES)
            set_page(m, next++, data);
    }
    return ok;
}

bool machine_load(struct machine *m, struct snapshot_reader *r, char *why)
{
    if (!check_description(m, r, why) || !load_chips(m, r, why))
        return false;
    if (!load_pages(m, r)) {
        log_host(m->log, "snapshot", "memory could not be read back");
        return refuse(why, damaged);
    }
    journal_forget(m);
    machine_settle(m);
    return true;
}
