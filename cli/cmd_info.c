/* cmd_info.c - fqp help and fqp version. */
#include "cli.h"
#include "mem.h"
#include "reference.h"

#include <string.h>

static const option_row no_options[] = {{0}};

static int help_key(const invocation *inv, const char *word) {
    fqp_ctx *ctx = term_ctx(inv, 1);
    if (!ctx)
        return 4;
    fqpi_text text = {0};
    const fqp_status s = fqpi_reference_help(ctx, fqp_sections(), word, &text);
    if (!s)
        fputs(text.s ? text.s : "", stdout);
    const int code = s ? term_problems(inv, ctx, s, NULL) : 0;
    fqpi_text_free(&text);
    term_ctx_destroy(ctx);
    return code;
}

static int help(invocation *inv) {
    if (inv->narguments == 0) {
        help_overview(stdout);
        return 0;
    }
    const command *c = command_find(inv->argument[0]);
    if (c) {
        help_command(stdout, c);
        return 0;
    }
    return help_key(inv, strcmp(inv->argument[0], "config") == 0 ? NULL : inv->argument[0]);
}

const command cmd_help = {.name = "help",
                          .arguments = "[KEY|SECTION|COMMAND|config]",
                          .summary = "explain a configuration key, a section or a command",
                          .about = "fqp help config lists the sections.",
                          .example = "fqp help train.lr\nfqp help monitor.filter\nfqp help run",
                          .options = no_options,
                          .offer = OFFER_KEY,
                          .least = 0,
                          .most = 1,
                          .run = help};

static int version(invocation *inv) {
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    if (given(inv, "json"))
        json_print(json_pack("{s:s, s:s, s:i}", "version", fqp_version(), "build", fqp_build_info(), "threads",
                             fqp_ctx_threads(ctx)));
    else
        printf("fqp %s\n%s\n", fqp_version(), fqp_build_info());
    term_ctx_destroy(ctx);
    return 0;
}

const command cmd_version = {.name = "version",
                             .arguments = "",
                             .summary = "version, compiler and libraries",
                             .example = "fqp version --json",
                             .options = no_options,
                             .least = 0,
                             .most = 0,
                             .run = version};
