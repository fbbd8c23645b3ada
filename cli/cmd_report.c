/* cmd_report.c - fqp report: the page and the figures of run directories. */
#include "cli.h"
#include "mem.h"

#include <string.h>

static const option_row options[] = {
    {"out", 'o', OPT_VALUE, "FILE", OFFER_FILE, NULL, "The page; default: report.html in the first directory."},
    {"figures", 'f', OPT_VALUE, "FORMATS", OFFER_NONE, NULL,
     "Write figure files instead, in these formats, separated by commas: svg,pdf,png."},
    {"to", 0, OPT_VALUE, "DIR", OFFER_DIR, NULL, "Folder of the figure files; default: figures in each directory."},
    {"open", 0, OPT_VALUE, "WHEN", OFFER_WORDS, "yes no", "Show the page in the browser of the desktop; default: no."},
    {"summary", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Make summary.json again first (after a kill)."},
    {0}};

static int figures(const invocation *inv, fqp_ctx *ctx, const char *dir, size_t *all) {
    char *folder = value_of(inv, "to") ? fqpi_strdup(NULL, value_of(inv, "to")) : fqpi_format(NULL, "%s/figures", dir);
    size_t written = 0;
    const fqp_status s = fqp_report_figures(ctx, dir, folder ? folder : "figures", value_of(inv, "figures"), &written);
    if (!s && !given(inv, "json"))
        printf("%zu figures in %s\n", written, folder ? folder : "figures");
    *all += written;
    fqpi_free(folder);
    return s ? term_problems(inv, ctx, s, NULL) : 0;
}

static int page(const invocation *inv, fqp_ctx *ctx) {
    const char *out = value_of(inv, "out");
    const fqp_status s = fqp_report_html(ctx, inv->narguments, inv->argument, out);
    if (s)
        return term_problems(inv, ctx, s, NULL);
    char *path = out ? fqpi_strdup(NULL, out) : fqpi_format(NULL, "%s/report.html", inv->argument[0]);
    if (given(inv, "json"))
        json_print(json_pack("{s:s, s:i, s:s}", "status", "FQP_OK", "exit", 0, "report", path ? path : ""));
    else
        printf("report: %s\n", path ? path : "");
    if (path && given(inv, "open") && strcmp(value_of(inv, "open"), "yes") == 0)
        show_in_browser(path);
    fqpi_free(path);
    return 0;
}

static int run(invocation *inv) {
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    int code = 0;
    size_t written = 0;
    for (size_t i = 0; i < inv->narguments && !code && given(inv, "summary"); i++) {
        const fqp_status s = fqp_summarise(ctx, inv->argument[i]);
        code = s ? term_problems(inv, ctx, s, NULL) : 0;
    }
    for (size_t i = 0; i < inv->narguments && !code && given(inv, "figures"); i++)
        code = figures(inv, ctx, inv->argument[i], &written);
    if (!code && !given(inv, "figures"))
        code = page(inv, ctx);
    else if (!code && given(inv, "json"))
        json_print(json_pack("{s:s, s:i, s:I}", "status", "FQP_OK", "exit", 0, "figures", (json_int_t)written));
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_report = {.name = "report",
                            .arguments = "DIR...",
                            .summary = "write the page or the figures of run directories",
                            .about = "One self-contained HTML page for one or more run directories, or figure files "
                                     "without a browser. Everything is "
                                     "made from what the directories hold.",
                            .example = "fqp report runs/demo_sines\nfqp report runs/a runs/b --out compare.html\nfqp "
                                       "report runs/demo_sines --figures svg,pdf",
                            .options = options,
                            .offer = OFFER_DIR,
                            .least = 1,
                            .most = -1,
                            .run = run};
