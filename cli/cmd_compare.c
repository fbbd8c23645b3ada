/* cmd_compare.c - fqp compare: remedies on one target under one budget; and a gallery of such comparisons. */
#include "cli.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const option_row options[] = {
    {"remedies", 'r', OPT_VALUE, "A,B,C", OFFER_REMEDY, NULL,
     "Remedies, separated by commas; default: all that serve the target."},
    {"budget-parameters", 'P', OPT_INT, "N", OFFER_NONE, NULL,
     "Trainable parameters of each; default: a quarter of the numbers in the signal, from 5000 to 100000."},
    {"time", 't', OPT_VALUE, "TIME", OFFER_NONE, NULL,
     "Time of training of each: 30s, 2m; default: 60s without --steps. Results then depend on the machine."},
    {"steps", 0, OPT_INT, "N", OFFER_NONE, NULL, "Optimiser steps of each instead of a time; reproducible."},
    {"seeds", 'n', OPT_INT, "N", OFFER_NONE, NULL, "Number of seeds; default: 3."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Override a key in every fit. May be given again."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL, "Directory; default: compare/ and the name of the target."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove the comparison in the directory first."},
    {"gallery", 'g', OPT_FLAG, NULL, OFFER_NONE, NULL,
     "The arguments are directories of comparisons: write one page of all of them to --out."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

static int finish(const invocation *inv, fqp_ctx *ctx, const char *dir, fqp_status s) {
    const bool json = given(inv, "json"), shown = s == FQP_OK || s == FQP_E_INTERRUPTED;
    int code = json ? fqp_status_exit(s)
                    : term_problems(inv, ctx, s,
                                    s == FQP_E_INTERRUPTED ? "The same command goes on where this one was stopped."
                                                           : "nothing was compared.");
    if (json)
        print_result(ctx, dir, "compare", s);
    if (!shown)
        return code;
    if (!json)
        show_compare(dir);
    fqp_ctx_interrupt_clear(ctx);
    const fqp_status written = given(inv, "no-report") ? FQP_OK : fqp_report_html(ctx, 1, &dir, NULL);
    if (written && !code)
        return term_problems(inv, ctx, written, "The comparison is complete; only its page could not be written.");
    if (!json && !given(inv, "no-report"))
        printf("report: %s/report.html\n", dir);
    return code;
}

static int compare(const invocation *inv, const target *t, const name_list *list, double seconds) {
    const char *const *set;
    char *dir = given(inv, "out") ? fqpi_strdup(NULL, value_of(inv, "out")) : fqpi_format(NULL, "compare/%s", t->name);
    if (!dir)
        return 4;
    fqp_compare_request q = {.dir = dir,
                             .remedies = list->word,
                             .nremedies = list->n,
                             .parameters = number_of(inv, "budget-parameters"),
                             .seconds = seconds,
                             .steps = number_of(inv, "steps"),
                             .seeds = number_of(inv, "seeds"),
                             .replace = given(inv, "replace"),
                             .command = command_text};
    q.nset = values_of(inv, "set", &set);
    q.set = set;
    const fqp_status s = fqp_compare(t->ctx, t->config, &q);
    term_progress_end();
    const int code = finish(inv, t->ctx, dir, s);
    fqpi_free(dir);
    return code;
}

static bool holds_comparison(const char *dir) {
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/compare.json", dir);
    return stat(path, &st) == 0;
}

static int gallery(const invocation *inv) {
    const char *out = given(inv, "out") ? value_of(inv, "out") : "gallery.html";
    for (size_t i = 0; i < inv->narguments; i++)
        if (!holds_comparison(inv->argument[i]))
            return usage(inv->command, "%s: holds no comparison (compare.json)", inv->argument[i]);
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    const fqp_status s = fqp_report_html(ctx, inv->narguments, inv->argument, out);
    const int code = s ? term_problems(inv, ctx, s, "no gallery was written.") : 0;
    if (!code && given(inv, "json"))
        json_print(json_pack("{s:s, s:i, s:s}", "status", "FQP_OK", "exit", 0, "report", out));
    else if (!code)
        printf("report: %s\n", out);
    term_ctx_destroy(ctx);
    return code;
}

static int run(invocation *inv) {
    if (given(inv, "gallery"))
        return gallery(inv);
    if (inv->narguments > 1)
        return usage(inv->command, "one target at a time: \"%s\" is too many (or is --gallery meant?)",
                     inv->argument[1]);
    double seconds;
    name_list list = {.n = 0};
    target t = {.ctx = NULL};
    const int untimed = time_of(inv, "time", &seconds); /* each says what is wrong with it, then all end */
    const int unknown = remedies_of(inv, "remedies", &list);
    const int unread = target_plain(inv, inv->argument[0], &t);
    int code = untimed ? untimed : unknown ? unknown : unread;
    if (!code)
        code = compare(inv, &t, &list, seconds);
    target_close(&t);
    names_free(&list);
    return code;
}

const command cmd_compare = {
    .name = "compare",
    .arguments = "SIGNAL|RECIPE|DIR...",
    .summary = "remedies against each other on one target",
    .about = "Fits one target (as of fqp fit) with several remedies, each with the same number of parameters and the "
             "same time or steps, with several seeds, one fit after another. Ranks them by relative error on the test "
             "points (training points where there are none), with the interval of the ratio to the best over seeds; "
             "says errors by octave and costs. A stopped comparison goes on by the same command. Fits lie in DIR/runs. "
             "With --gallery one page is made of the comparisons in several directories.",
    .example =
        "fqp compare two_waves --remedies plain,fourier,siren --time 20s --seeds 3\nfqp compare photo.png --time "
        "60s --out compare/photo\nfqp compare --gallery compare/* --out gallery.html",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 1,
    .most = -1,
    .run = run};
