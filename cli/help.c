/* help.c - help of a command and of the program, from the tables. */
#include "cli.h"

#include <string.h>

void print_wrapped(FILE *f, const char *text, int indent, int width) {
    int at = indent;
    for (const char *w = text; *w;) {
        const int n = (int)strcspn(w, " \n");
        if (at > indent && at + 1 + n > width) {
            fprintf(f, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', f);
            at++;
        }
        fprintf(f, "%.*s", n, w);
        at += n;
        w += n;
        if (*w == '\n') {
            fprintf(f, "\n%*s", indent, "");
            at = indent;
        }
        w += strspn(w, " \n");
    }
    fputc('\n', f);
}

static void print_options(FILE *f, const option_row *o) {
    enum { COLUMN = 26 };
    for (; o && o->name; o++) {
        char left[64];
        const bool valued = o->kind != OPT_FLAG;
        const char letter[] = {'-', o->letter, ',', ' ', 0};
        snprintf(left, sizeof left, "  %s--%s%s%s%s", o->letter ? letter : "    ", o->name, valued ? " " : "",
                 valued ? o->value : "", o->kind == OPT_LIST ? " ..." : "");
        if ((int)strlen(left) >= COLUMN)
            fprintf(f, "%s\n%*s", left, COLUMN, "");
        else
            fprintf(f, "%-*s", COLUMN, left);
        print_wrapped(f, o->help, COLUMN, term_width());
        if (o->words)
            fprintf(f, "%*sOne of: %s.\n", COLUMN, "", o->words);
    }
}

void help_command(FILE *f, const command *c) {
    const char *bold = ink_on(f, INK_BOLD), *plain = ink_off(f);
    fprintf(f, "%sfqp %s%s - %s\n\n", bold, c->name, plain, c->summary);
    fprintf(f, "%sUsage:%s fqp %s%s%s [options]\n", bold, plain, c->name, *c->arguments ? " " : "", c->arguments);
    if (c->about) {
        fprintf(f, "\n");
        print_wrapped(f, c->about, 0, term_width());
    }
    fprintf(f, "\n%sOptions:%s\n", bold, plain);
    print_options(f, c->options);
    print_options(f, common_options);
    fprintf(f, "\n%sExample:%s\n", bold, plain);
    for (const char *line = c->example; *line;) {
        const size_t n = strcspn(line, "\n");
        fprintf(f, "  %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
}

void help_overview(FILE *f) {
    const char *bold = ink_on(f, INK_BOLD), *plain = ink_off(f);
    fprintf(f, "%sfqp%s - measure the spectral bias of neural networks, frequency by frequency\n\n", bold, plain);
    fprintf(f, "%sUsage:%s fqp COMMAND [options]\n\n%sCommands:%s\n", bold, plain, bold, plain);
    for (size_t i = 0; commands[i]; i++)
        fprintf(f, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(f, "\nfqp COMMAND --help shows the options and an example; fqp help KEY explains a configuration key.\n");
    fprintf(
        f,
        "\n%sExample:%s\n  fqp run demo_sines       # train a small network, watch every frequency, write a report\n"
        "  fqp analyze --x x.npy --y y.npy --pred 'pred_*.npy'   # the same for your own run\n",
        bold, plain);
    fprintf(
        f,
        "\nExit codes: 0 done, 1 a claim failed or the run diverged, 2 usage or configuration, 3 bad data, 4 internal "
        "fault,\n130 interrupted (what was recorded is kept).\n");
}
