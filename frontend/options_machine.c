/* options_machine.c: what the machine is made of: -machine, -accel, -m, -rtc, -boot, -icount. */
#include "options.h"

#include "keyval.h"

#include <stdio.h>

static bool split(struct options *o, struct keyvals *kv, const char *name, const char *arg, const char *implied)
{
    return keyvals_split(kv, arg, implied) || options_fail(o, "-%s: too many properties", name);
}

/* Calls `set` for each item of an argument; `set` says its own errors. */
static bool each_item(struct options *o, const char *name, const char *arg, const char *implied,
                      bool (*set)(struct options *o, const char *name, const struct keyval *item))
{
    struct keyvals kv;
    bool ok = split(o, &kv, name, arg, implied);
    for (unsigned i = 0; ok && i < kv.count; i++)
        ok = set(o, name, &kv.item[i]);
    keyvals_free(&kv);
    return ok;
}

static bool is_any(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* -machine and -accel */

/* "kvm:tcg": a list of accelerators, of which tcg stands for the emulator's own processor. The others make QEMU faster;
 * what the guest sees is the same, so they are done without: options_settle_accel() says so where nothing else is
 * offered. */
static bool take_accels(struct options *o, const char *name, const char *list)
{
    static const char *const known[] = { "kvm", "hvf", "whpx", "nvmm", "hax", "xen" };
    const char *wanted = options_keep(o, list);
    if (!wanted)
        return false;
    for (size_t len; *list; list += len + (list[len] == ':')) {
        len = strcspn(list, ":");
        bool other = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            other = other || (len == strlen(known[i]) && strncmp(list, known[i], len) == 0);
        if (len == 3 && strncmp(list, "tcg", 3) == 0)
            o->accel_tcg = true;
        else if (!other)
            return options_fail(o, "-%s %s: no such accelerator; pcemu has only its own processor (tcg)", name, list);
        else
            o->accel = wanted;
    }
    return true;
}

void options_settle_accel(struct options *o)
{
    if (o->accel && !o->accel_tcg)
        options_note(o, "there is no accelerator %s here: the processor is pcemu's own", o->accel);
}

bool option_enable_kvm(struct options *o, const char *name, const char *arg)
{
    (void)arg;
    return take_accels(o, name, "kvm");
}

static bool set_machine(struct options *o, const char *name, const struct keyval *item)
{
    static const char *const types[] = { "pc", "pc-i440fx-7.2" };
    static const char *const off[] = { "usb", "vmport", "nvdimm", "mem-merge" }, *const as_it_is[] = { "hpet", "acpi",
                                                                                                       "smm",
                                                                                                       "graphics" };
    bool on = true;
    if (strcmp(item->key, "type") == 0)
        return is_any(item->value, types, ARRAY_LEN(types)) ||
               options_fail(o, "-%s %s: pcemu has the machine pc (pc-i440fx-7.2)", name, item->value);
    if (strcmp(item->key, "accel") == 0)
        return take_accels(o, name, item->value);
    if (strcmp(item->key, "kernel-irqchip") == 0) /* a word to KVM */
        return true;
    if (is_any(item->key, off, ARRAY_LEN(off)) && parse_bool(item->value, &on) && !on)
        return true;
    if (is_any(item->key, as_it_is, ARRAY_LEN(as_it_is)) && parse_bool(item->value, &on) && on)
        return true;
    return options_fail(o, "-%s: pcemu's pc has no property '%s=%s'", name, item->key, item->value);
}

bool option_machine(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, "type", set_machine);
}

/* Threads, translation buffers and the like are the host's. */
static bool set_accel(struct options *o, const char *name, const struct keyval *item)
{
    static const char *const hosts[] = { "thread", "tb-size", "kernel-irqchip", "split-wx", "igd-passthru" };
    if (strcmp(item->key, "accel") == 0)
        return take_accels(o, name, item->value);
    return is_any(item->key, hosts, ARRAY_LEN(hosts)) ||
           options_fail(o, "-%s %s=%s: no such property", name, item->key, item->value);
}

bool option_accel(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, "accel", set_accel);
}

/* -m */

static bool set_memory(struct options *o, const char *name, const struct keyval *item)
{
    if (strcmp(item->key, "size") != 0)
        return options_fail(o, "-%s: pcemu's memory has no property '%s'", name, item->key);
    if (!parse_size(item->value, MIB, &o->ram_size))
        return options_fail(o, "-%s %s: not a size (128, 64M, 1G …)", name, item->value);
    if (o->ram_size < MACHINE_RAM_MIN || o->ram_size > MACHINE_RAM_MAX)
        return options_fail(o, "-%s %s: memory is 1M to 1024G", name, item->value);
    o->ram_size = (o->ram_size + 2 * PAGE_SIZE - 1) & ~(2 * PAGE_SIZE - 1); /* as QEMU rounds it */
    return true;
}

bool option_memory(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, "size", set_memory);
}

/* -rtc */

static s64 days_from_civil(int y, int month, int day)
{
    s64 year = month <= 2 ? y - 1 : y, era = year / 400, of_era = year - era * 400;
    s64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* 2006-06-17T16:01:21 or 2006-06-17. */
static bool parse_date(const char *text, s64 *seconds)
{
    int y, mon, day, h = 0, min = 0, sec = 0, used = 0;
    bool ok = (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mon, &day, &h, &min, &sec, &used) == 6 && !text[used]) ||
              (h = min = sec = 0, sscanf(text, "%4d-%2d-%2d%n", &y, &mon, &day, &used) == 3 && !text[used]);
    if (!ok || y < 1970 || mon < 1 || mon > 12 || day < 1 || day > 31 || h < 0 || h > 23 || min < 0 || min > 59 ||
        sec < 0 || sec > 59)
        return false;
    *seconds = days_from_civil(y, mon, day) * 86400 + h * 3600 + min * 60 + sec;
    return true;
}

static bool set_rtc(struct options *o, const char *name, const struct keyval *item)
{
    if (strcmp(item->key, "base") == 0) {
        o->rtc_base = strcmp(item->value, "utc") == 0         ? RTC_BASE_UTC
                      : strcmp(item->value, "localtime") == 0 ? RTC_BASE_LOCALTIME
                                                              : RTC_BASE_DATE;
        if (o->rtc_base == RTC_BASE_DATE && !parse_date(item->value, &o->rtc_date))
            return options_fail(o, "-%s base=%s: neither utc, localtime nor a date like 2006-06-17T16:01:21", name,
                                item->value);
        return true;
    }
    if (strcmp(item->key, "clock") == 0 && strcmp(item->value, "vm") == 0)
        return true;
    return options_fail(o, "-%s %s=%s: pcemu has base= and clock=vm", name, item->key, item->value);
}

bool option_rtc(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, NULL, set_rtc);
}

/* -boot */

static bool set_boot_order(struct options *o, const char *name, const char *order)
{
    size_t len = strlen(order);
    if (len >= sizeof o->boot_order || strspn(order, "acdn") != len)
        return options_fail(o, "-%s order=%s: up to three of the letters a, c, d, n", name, order);
    for (size_t i = 0; i < len; i++)
        if (strchr(order + i + 1, order[i]))
            return options_fail(o, "-%s order=%s: '%c' stands there twice", name, order, order[i]);
    memset(o->boot_order, 0, sizeof o->boot_order);
    memcpy(o->boot_order, order, len);
    return true;
}

static bool set_boot(struct options *o, const char *name, const struct keyval *item)
{
    if (strcmp(item->key, "order") == 0)
        return set_boot_order(o, name, item->value);
    if (strcmp(item->key, "menu") == 0 && parse_bool(item->value, &o->boot_menu))
        return true;
    return options_fail(o, "-%s %s=%s: pcemu has order= and menu=on|off", name, item->key, item->value);
}

bool option_boot(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, "order", set_boot);
}

/* -icount */

static bool set_icount(struct options *o, const char *name, const struct keyval *item)
{
    u64 shift;
    bool on = true;
    if (strcmp(item->key, "shift") == 0) {
        if (!parse_number(item->value, MACHINE_SHIFT_MAX, &shift))
            return options_fail(o, "-%s shift=%s: 0 to %d (an instruction takes 2^shift ns)", name, item->value,
                                MACHINE_SHIFT_MAX);
        o->icount_shift = (unsigned)shift;
        return true;
    }
    const char **text = strcmp(item->key, "rr") == 0           ? &o->rr_mode
                        : strcmp(item->key, "rrfile") == 0     ? &o->rr_file
                        : strcmp(item->key, "rrsnapshot") == 0 ? &o->load
                                                               : NULL;
    if (text)
        return (*text = options_keep(o, item->value)) != NULL;
    bool fixed = strcmp(item->key, "sleep") == 0 || strcmp(item->key, "align") == 0;
    if (fixed && parse_bool(item->value, &on) && !on)
        return true;
    return options_fail(o, "-%s %s=%s: pcemu has shift=, rr=, rrfile=, rrsnapshot=, sleep=off and align=off", name,
                        item->key, item->value);
}

/* QEMU's way to ask for -record and -replay. */
static bool settle_rr(struct options *o, const char *name)
{
    if (!o->rr_mode && !o->rr_file)
        return true;
    if (!o->rr_mode || !o->rr_file)
        return options_fail(o, "-%s: rr=record|replay and rrfile=FILE go together", name);
    if (strcmp(o->rr_mode, "record") == 0)
        o->record = o->rr_file;
    else if (strcmp(o->rr_mode, "replay") == 0)
        o->replay = o->rr_file;
    else
        return options_fail(o, "-%s rr=%s: record or replay", name, o->rr_mode);
    return true;
}

bool option_icount(struct options *o, const char *name, const char *arg)
{
    o->icount = true;
    return each_item(o, name, arg, "shift", set_icount) && settle_rr(o, name);
}

/* -action: QEMU's newer words for -no-reboot and -no-shutdown. */

static bool set_action(struct options *o, const char *name, const struct keyval *item)
{
    const char *value = item->value;
    bool reboot = strcmp(item->key, "reboot") == 0, shutdown = strcmp(item->key, "shutdown") == 0;
    if (reboot && (strcmp(value, "reset") == 0 || strcmp(value, "shutdown") == 0))
        o->no_reboot = *value == 's';
    else if (shutdown && (strcmp(value, "poweroff") == 0 || strcmp(value, "pause") == 0))
        o->no_shutdown = strcmp(value, "pause") == 0;
    else
        return options_fail(o, "-%s %s=%s: pcemu has reboot=reset|shutdown and shutdown=poweroff|pause", name,
                            item->key, value);
    return true;
}

bool option_action(struct options *o, const char *name, const char *arg)
{
    return each_item(o, name, arg, NULL, set_action);
}
