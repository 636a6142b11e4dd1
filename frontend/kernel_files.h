/* kernel_files.h: the files of -kernel and -initrd. See kernel_files.c. */
#ifndef PCEMU_KERNEL_FILES_H
#define PCEMU_KERNEL_FILES_H

#include "rom.h"

struct kernel_files {
    struct rom kernel, initrd, module[MACHINE_MODULES];
    char *texts; /* the initrd's argument, cut to pieces */
    struct rom load[LOADERS_MAX];
};

/* Reads what `o` asks for and puts it into `config`, which points into `f`; closed by kernel_files_close(). False: one
 * line on `err` has said what is wrong. */
bool kernel_files_open(struct kernel_files *f, const struct options *o, struct machine_kernel *config, struct log *log,
                       FILE *err);
/* The same for -device loader: fills in `load`, which has room for MACHINE_LOADS, and *loads. */
bool load_files_open(struct kernel_files *f, const struct options *o, struct machine_load *load, unsigned *loads,
                     FILE *err);
void kernel_files_close(struct kernel_files *f);

#endif
