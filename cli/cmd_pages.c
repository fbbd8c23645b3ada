/* cmd_pages.c - fqp man, fqp completion and fqp reference: pages made from the tables. */
#include "cli.h"
#include "mem.h"
#include "reference.h"

#include <ctype.h>
#include <string.h>

static const option_row no_options[] = {{0}};

/* Sections of the configuration through the key tables, printed. */
static int print_sections(const invocation *inv, void (*write)(fqp_ctx *, const fqp_section *const *, fqpi_text *)) {
    fqp_ctx *ctx = term_ctx(inv, 1);
    if (!ctx)
        return 4;
    fqpi_text text = {0};
    write(ctx, fqp_sections(), &text);
    const bool good = !text.failed;
    fputs(good && text.s ? text.s : "", stdout);
    fqpi_text_free(&text);
    term_ctx_destroy(ctx);
    return good ? 0 : 4;
}

/* ---- roff -------------------------------------------------------------------------------------------------------- */

static void roff(const char *text) {
    bool start = true;
    for (const char *p = text; *p; p++) {
        if (start && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        start = *p == '\n';
        if (*p == '-')
            fputs("\\-", stdout);
        else if (*p == '\\')
            fputs("\\e", stdout);
        else
            fputc(*p, stdout);
    }
}

static void roff_option(const option_row *o) {
    printf(".TP\n.B ");
    if (o->letter)
        printf("\\-%c, ", o->letter);
    printf("\\-\\-");
    roff(o->name);
    if (o->kind != OPT_FLAG)
        printf(" \\fI%s\\fR", o->value);
    printf("\n");
    roff(o->help);
    printf("\n");
    if (o->words)
        printf("One of: %s.\n", o->words);
}

static void roff_command(const command *c) {
    printf(".SS fqp ");
    roff(c->name);
    printf(" %s\n", c->arguments);
    roff(c->about ? c->about : c->summary);
    printf("\n");
    for (const option_row *o = c->options; o->name; o++)
        roff_option(o);
    printf(".PP\nExample:\n.nf\n");
    roff(c->example);
    printf("\n.fi\n");
}

static int man(invocation *inv) {
    printf(".TH FQP 1 \"\" \"fqp %s\" \"User Commands\"\n.SH NAME\nfqp \\- measure the spectral bias of neural "
           "networks, frequency by "
           "frequency\n.SH SYNOPSIS\n.B fqp\n.I command\n[options]\n.SH COMMANDS\n",
           fqp_version());
    for (size_t i = 0; commands[i]; i++)
        roff_command(commands[i]);
    printf(".SH OPTIONS OF EVERY COMMAND\n");
    for (const option_row *o = common_options; o->name; o++)
        roff_option(o);
    printf(".SH CONFIGURATION\n");
    const int code = print_sections(inv, fqpi_reference_man);
    printf(".SH EXIT STATUS\n0 done; 1 a claim failed or the run diverged; 2 usage or configuration; 3 bad data file; "
           "4 internal fault; "
           "130 interrupted, with the state saved.\n.SH ENVIRONMENT\n.TP\n.B FQP_RECIPES\nFolders of recipes, "
           "separated by colons.\n.TP\n"
           ".B FQP_KERNEL\nProcessor level: reference, base, avx2, avx512.\n.TP\n.B NO_COLOR\nNo colours when set.\n");
    return code;
}

const command cmd_man = {.name = "man",
                         .arguments = "",
                         .summary = "print the manual page",
                         .example = "fqp man | man -l -",
                         .options = no_options,
                         .least = 0,
                         .most = 0,
                         .run = man};

/* ---- Markdown ---------------------------------------------------------------------------------------------------- */

static void markdown_options(const option_row *o) {
    for (; o->name; o++) {
        printf("| `--%s%s%s`", o->name, o->kind == OPT_FLAG ? "" : " ", o->kind == OPT_FLAG ? "" : o->value);
        if (o->letter)
            printf(", `-%c`", o->letter);
        printf(" | %s%s%s |\n", o->help, o->words ? " One of: " : "", o->words ? o->words : "");
    }
}

static int reference(invocation *inv) {
    const bool configuration = inv->narguments && strcmp(inv->argument[0], "config") == 0;
    if (inv->narguments && !configuration && strcmp(inv->argument[0], "cli") != 0)
        return usage(inv->command, "\"%s\" is none of: cli config", inv->argument[0]);
    if (configuration)
        return print_sections(inv, fqpi_reference_markdown);
    printf("# The command line\n\nMade from the tables of the program (`fqp reference cli`).\n");
    for (size_t i = 0; commands[i]; i++) {
        const command *c = commands[i];
        printf("\n## fqp %s %s\n\n%s\n", c->name, c->arguments, c->about ? c->about : c->summary);
        if (c->options->name)
            printf("\n| option | meaning |\n|---|---|\n");
        markdown_options(c->options);
        printf("\n```\n%s\n```\n", c->example);
    }
    printf("\n## Options of every command\n\n| option | meaning |\n|---|---|\n");
    markdown_options(common_options);
    printf("\n## Measures of claims\n\n| function | meaning |\n|---|---|\n");
    const char *doc = NULL;
    for (size_t i = 0; fqp_measure_name(i, &doc); i++)
        printf("| `%s` | %s |\n", fqp_measure_name(i, &doc), doc);
    return 0;
}

const command cmd_reference = {.name = "reference",
                               .arguments = "[cli|config]",
                               .summary = "print the reference page of the command line or of the configuration",
                               .example = "fqp reference config > docs/reference/config.md",
                               .options = no_options,
                               .offer = OFFER_WORDS,
                               .words = "cli config",
                               .least = 0,
                               .most = 1,
                               .run = reference};
