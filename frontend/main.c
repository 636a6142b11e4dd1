/* main.c: pcemu. */
#include "session.h"

#include <stdlib.h>

static int run(const struct options *o)
{
    struct session *s = malloc(sizeof *s);
    if (!s) {
        fprintf(stderr, "pcemu: no memory\n");
        return STATUS_HOST;
    }
    int status = (int)session_open(s, o);
    if (status == STATUS_POWERED_OFF)
        status = session_run(s);
    session_close(s);
    free(s);
    return status;
}

int main(int argc, char **argv)
{
    struct options o;
    int status = STATUS_USAGE;
    switch (options_parse(&o, argc, argv, stderr)) {
    case OPTIONS_HELP:
        options_usage(stdout);
        status = 0;
        break;
    case OPTIONS_CPU_HELP:
        cpu_models_print(stdout);
        status = 0;
        break;
    case OPTIONS_VERSION:
        printf("pcemu %s\n", PCEMU_VERSION);
        status = 0;
        break;
    case OPTIONS_RUN:
        status = run(&o);
        break;
    case OPTIONS_WRONG:
        break;
    }
    options_free(&o);
    return status;
}
