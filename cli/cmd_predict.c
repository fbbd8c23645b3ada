/* cmd_predict.c - fqp predict: what the tangent kernel says before training, and against it. */
#include "cli.h"
#include "mem.h"

#include <math.h>
#include <string.h>

static const option_row options[] = {
    {"kernel", 'k', OPT_VALUE, "KERNEL", OFFER_WORDS, "infinite empirical",
     "Whose kernel predicts: the infinitely wide network's, or the network's own (theory.kernel)."},
    {"train", 't', OPT_FLAG, NULL, OFFER_NONE, NULL, "Then train, and hold the prediction against the run."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL,
     "Override a key of the configuration: --set train.lr=1e-3. May be given again."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Run directory; default: run.dir, or runs/ and the name of the recipe."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe, such as smoke."},
    {"seeds", 'n', OPT_INT, "N", OFFER_NONE, NULL, "Number of seeds to train (run.seeds)."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished run in the directory first."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

static json_t *theory_of(const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/theory/theory.json", dir);
    return json_load_file(path, 0, NULL);
}

static int print_json(const target *t, fqp_status s) {
    char path[4096];
    snprintf(path, sizeof path, "%s/summary.json", t->dir);
    json_t *theory = theory_of(t->dir), *summary = json_load_file(path, 0, NULL), *out = json_problems(t->ctx, s);
    json_object_set_new(out, "dir", json_string(t->dir));
    json_object_set_new(out, "theory", theory ? theory : json_null());
    json_object_set_new(out, "summary", summary ? summary : json_null());
    json_print(out);
    return fqp_status_exit(s);
}

static int show(const invocation *inv, const target *t) {
    const char *const dirs[] = {t->dir};
    const bool report = !given(inv, "no-report");
    const fqp_status written = report ? fqp_report_html(t->ctx, 1, dirs, NULL) : FQP_OK;
    if (given(inv, "json"))
        return print_json(t, written);
    show_theory(stdout, t->dir);
    if (written)
        return term_problems(inv, t->ctx, written, "The prediction is complete; only its report could not be written.");
    if (report)
        printf("report: %s/report.html\n", t->dir);
    return 0;
}

static fqp_status train(const target *t) {
    const fqp_run_request request = {.dir = t->dir, .resume = true, .command = command_text};
    fqp_status s = fqp_run(t->ctx, t->config, &request);
    term_progress_end();
    return s ? s : fqp_predict_compare(t->ctx, t->dir);
}

static int predict(const invocation *inv, const target *t) {
    const fqp_predict_request request = {.dir = t->dir, .replace = given(inv, "replace"), .command = command_text};
    fqp_status s = fqp_predict(t->ctx, t->config, &request);
    term_progress_end();
    if (s)
        return given(inv, "json") ? print_json(t, s) : term_problems(inv, t->ctx, s, "nothing was predicted.");
    if (given(inv, "train")) {
        if (!given(inv, "json"))
            show_theory(stdout, t->dir);
        s = train(t);
    }
    if (!s)
        return show(inv, t);
    char *aftermath = fqpi_format(NULL, "The prediction is in %s. Go on with: fqp run %s --resume", t->dir, t->dir);
    const int code = given(inv, "json") ? print_json(t, s) : term_problems(inv, t->ctx, s, aftermath);
    fqpi_free(aftermath);
    return code;
}

static int run(invocation *inv) {
    target t;
    int code = target_open(inv, inv->argument[0], &t);
    if (!code)
        code = predict(inv, &t);
    target_close(&t);
    return code;
}

const command cmd_predict = {
    .name = "predict",
    .arguments = "RECIPE|FILE|DIR",
    .summary = "say before training what each frequency's error will be",
    .about = "From architecture, data and learning rate to the error curve of every frequency, the step at which each "
             "is learnt and the final function, by the tangent kernel, without training. Given a run directory DIR, "
             "the prediction is laid over what was measured: how far the kernel moved, and where the theory fails. "
             "Predicted are gd, momentum and nesterov on mse.",
    .example = "fqp predict my.yaml\nfqp predict my.yaml --kernel empirical --train --out runs/both\nfqp predict "
               "runs/mine\nfqp run runs/both --resume",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 1,
    .most = 1,
    .run = run};
