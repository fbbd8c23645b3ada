/* cmd_run.c - fqp run: train, monitor, store, summarise, report. */
#include "cli.h"
#include "mem.h"

#include <string.h>

static const option_row options[] = {
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL,
     "Override a key of the configuration: --set train.lr=1e-3. May be given again."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Run directory; default: run.dir, or runs/ and the name of the recipe."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe, such as smoke."},
    {"seeds", 'n', OPT_INT, "N", OFFER_NONE, NULL, "Number of seeds (run.seeds)."},
    {"resume", 'r', OPT_FLAG, NULL, OFFER_NONE, NULL, "Go on with the run in the directory."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished run in the directory first."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

static void print_json(const char *dir, const char *report, fqp_ctx *ctx, fqp_status s) {
    char path[4096];
    snprintf(path, sizeof path, "%s/summary.json", dir);
    json_t *summary = json_load_file(path, 0, NULL), *out = json_problems(ctx, s);
    json_object_set_new(out, "dir", json_string(dir));
    json_object_set_new(out, "report", report ? json_string(report) : json_null());
    json_object_set_new(out, "summary", summary ? summary : json_null());
    json_print(out);
}

/* Was the run begun?  Mistakes of the caller are found before anything is written. */
static bool begun(const target *t, fqp_status s) {
    if (s == FQP_E_ARG || s == FQP_E_CONFIG || s == FQP_E_EXPR || s == FQP_E_LOCKED)
        return false;
    char path[4096];
    snprintf(path, sizeof path, "%s/manifest.json", t->dir);
    FILE *f = fopen(path, "r");
    if (f)
        fclose(f);
    return f != NULL;
}

/* A run that ended early has something to show too. */
static bool has_frames(fqp_status s) {
    return s == FQP_OK || s == FQP_E_INTERRUPTED || s == FQP_E_DIVERGED;
}

static int finish(const invocation *inv, const target *t, fqp_status s) {
    char *aftermath = NULL;
    if (s == FQP_E_INTERRUPTED)
        aftermath = fqpi_format(NULL, "What was recorded is in %s. Go on with: fqp run %s --resume", t->dir, t->dir);
    else if (s && !begun(t, s))
        aftermath = fqpi_format(NULL, "nothing was run.");
    else if (s == FQP_E_DIVERGED)
        aftermath = fqpi_format(NULL, "What was recorded is in %s.", t->dir);
    else if (s)
        aftermath =
            fqpi_format(NULL, "What was recorded is in %s. Once the cause is gone, go on with: fqp run %s --resume",
                        t->dir, t->dir);
    const bool json = given(inv, "json");
    int code = json ? fqp_status_exit(s) : term_problems(inv, t->ctx, s, aftermath);
    fqpi_free(aftermath);
    if (!has_frames(s))
        return json ? term_problems(inv, t->ctx, s, NULL) : code;
    char *report = given(inv, "no-report") ? NULL : fqpi_format(NULL, "%s/report.html", t->dir);
    if (json)
        print_json(t->dir, report, t->ctx, s);
    fqp_ctx_interrupt_clear(t->ctx);
    const char *const dirs[] = {t->dir};
    const fqp_status written = report ? fqp_report_html(t->ctx, 1, dirs, NULL) : FQP_OK;
    if (!json)
        show_run(stdout, t->dir);
    if (written && !code)
        code = term_problems(inv, t->ctx, written, "The run is complete; only its report could not be written.");
    else if (report && !written && !json)
        printf("report: %s\n", report);
    fqpi_free(report);
    return code;
}

int run_target(const invocation *inv, const target *t) {
    const fqp_run_request request = {
        .dir = t->dir, .resume = t->resume, .replace = given(inv, "replace"), .command = command_text};
    const fqp_status s = fqp_run(t->ctx, t->config, &request);
    term_progress_end();
    return finish(inv, t, s);
}

static int run(invocation *inv) {
    target t;
    int code = target_open(inv, inv->argument[0], &t);
    if (!code)
        code = run_target(inv, &t);
    target_close(&t);
    return code;
}

const command cmd_run = {.name = "run",
                         .arguments = "RECIPE|FILE|DIR",
                         .summary = "train a network and watch every frequency",
                         .about = "Trains every seed of a recipe (RECIPE, or RECIPE:CONDITION), of a configuration "
                                  "FILE (- is standard input), or "
                                  "goes on with a run directory (DIR --resume). Writes the run directory and "
                                  "report.html. Ctrl-C saves and stops.",
                         .example = "fqp run demo_sines\nfqp run sines_1d:shallow --seeds 3 --out runs/shallow\nfqp "
                                    "run my.yaml --set train.lr=1e-3 "
                                    "--set model.activation=relu\nfqp run runs/shallow --resume",
                         .options = options,
                         .offer = OFFER_RECIPE,
                         .least = 1,
                         .most = 1,
                         .run = run};
