/* main.c: pcemu. */
#include "session.h"

#include "batch.h"

#include <stdlib.h>

/* A snapshot or a recording that was asked for and can't be written is the run's failure. */
static int run_and_save(struct session *s)
{
    int status = s->options->debug ? session_debug(s) : session_script_status(s, session_run(s));
    bool ok = session_end_recording(s, stderr);
    ok = (!s->options->save || session_save(s, s->options->save, stderr)) && ok;
    return ok ? status : STATUS_HOST;
}

static int run(const struct options *o)
{
    struct session *s = malloc(sizeof *s);
    if (!s) {
        fprintf(stderr, "pcemu: no memory\n");
        return STATUS_HOST;
    }
    int status = (int)session_open(s, o);
    if (status == STATUS_POWERED_OFF)
        status = run_and_save(s);
    session_close(s);
    free(s);
    return status;
}

int main(int argc, char **argv)
{
    struct options o;
    int status = STATUS_USAGE;
    if (argc > 1 && strcmp(argv[1], "trace") == 0)
        return trace_tool(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "batch") == 0)
        return batch_tool(argc - 1, argv + 1);
    switch (options_parse(&o, argc, argv, stderr)) {
    case OPTIONS_HELP:
        options_usage(stdout);
        status = 0;
        break;
    case OPTIONS_LIST:
        o.list(stdout);
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
