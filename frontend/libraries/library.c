/* library.c: see library.h. */
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void library_not_loaded(void)
{
    fputs("pcemu: a mistake in pcemu: a library is used that was not loaded\n", stderr);
    abort();
}

/* So it is, too, where the processor is one that functions.S.h has no jumps for: there are no functions, then. */
static bool is_loaded(const struct library *l)
{
    return l->functions == l->last || l->last[-1] != (void *)library_not_loaded;
}

const char *library_load(const struct library *l)
{
    if (is_loaded(l))
        return NULL;
    void *handle = dlopen(l->file, RTLD_LAZY | RTLD_NODELETE);
    const char *name = l->names;
    for (void **f = l->functions; handle && f < l->last; f++, name += strlen(name) + 1) {
        void *found = dlsym(handle, name);
        if (!found)
            return dlerror();
        *f = found;
    }
    return handle ? NULL : dlerror();
}
