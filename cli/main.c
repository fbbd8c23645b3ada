/* main.c - find the command and run it. */
#include "cli.h"
#include "fail.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *command_text = "fqp";

static int unknown_command(const char *name) {
    const char *known[32];
    size_t n = 0;
    for (; commands[n] && n < 32; n++)
        known[n] = commands[n]->name;
    const char *near = fqpi_nearest(name, known, n);
    if (near)
        return usage(NULL, "unknown command \"%s\"; did you mean \"%s\"?", name, near);
    return usage(NULL, "unknown command \"%s\"; fqp --help lists them", name);
}

static int dispatch(const command *c, int argc, char **argv) {
    invocation inv;
    bool help;
    int code = invocation_parse(c, argc, argv, &inv, &help);
    if (!code && help)
        help_command(stdout, c);
    else if (!code)
        code = c->run(&inv);
    invocation_free(&inv);
    return code;
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "");
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, with a message, not a dead process */
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        help_overview(stderr);
        return 2;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        help_overview(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    const command *c = command_find(name);
    if (!c)
        return unknown_command(name);
    char *text = command_line(argc, argv);
    command_text = text ? text : "fqp";
    int code = dispatch(c, argc - 2, argv + 2);
    if (fflush(stdout) != 0 && code == 0) {
        fprintf(stderr, "fqp: standard output cannot be written\n");
        code = 2;
    }
    free(text);
    return code;
}
