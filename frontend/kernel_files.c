/* kernel_files.c: see kernel_files.h. For a Multiboot kernel -initrd is a list of modules, as in QEMU:
 * "FILE ARGUMENTS,FILE ARGUMENTS". Which kind it is the machine says. */
#define _GNU_SOURCE
#include "kernel_files.h"

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

bool load_files_open(struct kernel_files *f, const struct options *o, struct machine_load *load, FILE *err)
{
    for (unsigned i = 0; i < o->loaders; i++) {
        const struct load_option *l = &o->loader[i];
        if (l->file && !file_load(&f->load[i], l->file, FILE_MAX, err))
            return false;
        load[i] = (struct machine_load){ l->addr, (const u8 *)&l->data, l->data_len };
        if (l->file)
            load[i] = (struct machine_load){ l->addr, f->load[i].data, f->load[i].size };
    }
    return true;
}

void kernel_files_close(struct kernel_files *f)
{
    for (unsigned i = 0; i < MACHINE_LOADS; i++)
        rom_free(&f->load[i]);
    rom_free(&f->kernel);
    rom_free(&f->initrd);
    for (unsigned i = 0; i < MACHINE_MODULES; i++)
        rom_free(&f->module[i]);
    free(f->texts);
    f->texts = NULL;
}
