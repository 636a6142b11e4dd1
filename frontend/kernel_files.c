/* kernel_files.c: see kernel_files.h. For a Multiboot kernel -initrd is a list of modules, as in QEMU:
 * "FILE ARGUMENTS,FILE ARGUMENTS". Which kind it is the machine says. */
#define _GNU_SOURCE
#include "kernel_files.h"

#include "elf_file.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX (2 * GIB - 1)

static bool read_module(struct kernel_files *f, struct machine_kernel *c, char *text, FILE *err)
{
    if (c->modules == MACHINE_MODULES) {
        fprintf(err, "pcemu: -initrd: more than %d modules\n", MACHINE_MODULES);
        return false;
    }
    struct rom *file = &f->module[c->modules];
    struct machine_module *m = &c->module[c->modules];
    size_t length = strcspn(text, " ");
    char *path = strndup(text, length);
    bool ok = path && file_load(file, path, FILE_MAX, err);
    free(path);
    if (ok) {
        *m = (struct machine_module){ file->data, file->size, text };
        c->modules++;
    }
    return ok;
}

static bool read_modules(struct kernel_files *f, struct machine_kernel *c, const char *list, FILE *err)
{
    char *rest = f->texts = strdup(list), *text;
    bool ok = f->texts != NULL;
    while (ok && (text = strsep(&rest, ",")) != NULL)
        ok = read_module(f, c, text, err);
    return ok;
}

bool kernel_files_open(struct kernel_files *f, const struct options *o, struct machine_kernel *config, struct log *log,
                       FILE *err)
{
    if (!o->kernel)
        return true;
    if (!file_load(&f->kernel, o->kernel, FILE_MAX, err))
        return false;
    *config = (struct machine_kernel){
        .image = f->kernel.data, .size = f->kernel.size, .name = o->kernel, .command_line = o->kernel_arguments
    };
    enum machine_kernel_kind kind = machine_kernel_kind(config);
    if (o->initrd && (kind == MACHINE_KERNEL_MULTIBOOT || kind == MACHINE_KERNEL_MULTIBOOT2)) {
        if (!read_modules(f, config, o->initrd, err))
            return false;
    } else if (o->initrd) {
        if (!file_load(&f->initrd, o->initrd, FILE_MAX, err))
            return false;
        config->initrd = f->initrd.data;
        config->initrd_size = f->initrd.size;
    }
    const char *why = machine_kernel_check(config, o->ram_size, log);
    if (why)
        fprintf(err, "pcemu: -kernel %s: %s\n", o->kernel, why);
    return !why;
}

/* ---- -device loader ---- */

static bool add_load(struct machine_load *load, unsigned *loads, const struct load_option *l, struct machine_load part,
                     FILE *err)
{
    if (*loads < MACHINE_LOADS) {
        load[(*loads)++] = part;
        return true;
    }
    fprintf(err, "pcemu: -device loader,file=%s: more than %d parts to load\n", l->file ? l->file : "", MACHINE_LOADS);
    return false;
}

/* The segments of an ELF file, each by its physical address. */
static bool load_elf(const struct rom *file, const struct load_option *l, u64 ram_size, struct machine_load *load,
                     unsigned *loads, u64 *entry, FILE *err)
{
    struct elf_file e;
    struct elf_extent extent;
    const char *why = elf_open(&e, file->data, file->size);
    why = why ? why : elf_measure(&e, &extent);
    for (unsigned i = 0; !why && i < e.segments; i++) {
        struct elf_segment s = elf_segment(&e, i);
        if (s.type != ELF_PT_LOAD || !s.memory_size)
            continue;
        if (s.memory_size > ram_size)
            why = "an ELF file with a segment that is larger than memory";
        else if (!add_load(load, loads, l,
                           (struct machine_load){ .addr = s.physical,
                                                  .data = file->data + s.offset,
                                                  .size = s.file_size,
                                                  .zeros = s.memory_size - s.file_size },
                           err))
            return false;
    }
    if (why)
        fprintf(err, "pcemu: -device loader,file=%s: %s\n", l->file, why);
    *entry = extent.entry;
    return !why;
}

static bool load_one(struct rom *file, const struct load_option *l, u64 ram_size, struct machine_load *load,
                     unsigned *loads, FILE *err)
{
    u64 start = l->addr;
    if (l->file && !file_load(file, l->file, FILE_MAX, err))
        return false;
    if (l->file && !l->raw && elf_is(file->data, file->size)) {
        if (!load_elf(file, l, ram_size, load, loads, &start, err))
            return false;
    } else if (l->file || l->data_len) {
        struct machine_load part = { .addr = l->addr, .data = l->data_bytes, .size = l->data_len };
        if (l->file) {
            part.data = file->data;
            part.size = file->size;
        }
        if (!add_load(load, loads, l, part, err))
            return false;
    }
    return !l->starts ||
           add_load(load, loads, l, (struct machine_load){ .starts = true, .cpu = l->cpu, .start = start }, err);
}

bool load_files_open(struct kernel_files *f, const struct options *o, struct machine_load *load, unsigned *loads,
                     FILE *err)
{
    for (unsigned i = 0; i < o->loaders; i++)
        if (!load_one(&f->load[i], &o->loader[i], o->ram_size, load, loads, err))
            return false;
    return true;
}

void kernel_files_close(struct kernel_files *f)
{
    for (unsigned i = 0; i < LOADERS_MAX; i++)
        rom_free(&f->load[i]);
    rom_free(&f->kernel);
    rom_free(&f->initrd);
    for (unsigned i = 0; i < MACHINE_MODULES; i++)
        rom_free(&f->module[i]);
    free(f->texts);
    f->texts = NULL;
}
