/* cmd_advise.c - fqp advise: settings for a target, by formula and by short trials. */
#include "cli.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Points, [n] or [n, inputs]: npy, npz, csv."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Values at those points, [n] or [n, outputs]."},
    {"settings", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Formulas alone; nothing is trained."},
    {"remedies", 'r', OPT_VALUE, "A,B,C", OFFER_REMEDY, NULL,
     "Remedies that take part besides a plain network; default: fourier and siren."},
    {"time", 't', OPT_VALUE, "TIME", OFFER_NONE, NULL,
     "Time of all trials together: 30s, 2m; default: 30s without --steps. Results then depend on the machine."},
    {"steps", 0, OPT_INT, "N", OFFER_NONE, NULL, "Steps of a full trial instead of a time; reproducible."},
    {"tolerance", 0, OPT_VALUE, "E", OFFER_NONE, NULL,
     "Relative error at points held out that is good enough; default: 0.02."},
    {"parameters", 'P', OPT_INT, "N", OFFER_NONE, NULL,
     "Trainable parameters of each; default: a quarter of the numbers in the signal, from 5000 to 100000."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Seed of networks and points held out; default: 1."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Directory of advice.json and advice.yaml; default: advice/ and the name of the target."},
    {0}};

/* A path as a YAML text in double quotes. */
static char *quoted(const char *text) {
    fqpi_text t = {0};
    fqpi_text_put(NULL, &t, "\"", 1);
    for (const char *c = text; *c; c++)
        fqpi_text_add(NULL, &t, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
    fqpi_text_put(NULL, &t, "\"", 1);
    return t.s;
}

static int open_arrays(const invocation *inv, target *out) {
    const char *x = value_of(inv, "x"), *y = value_of(inv, "y");
    if (!x || !y)
        return usage(inv->command, "--%s is missing: points and values come as two files, or as one SIGNAL",
                     x ? "y" : "x");
    if (inv->narguments)
        return usage(inv->command, "either --x and --y or \"%s\", not both", inv->argument[0]);
    *out = (target){.ctx = term_ctx(inv, 0)};
    if (!out->ctx)
        return 4;
    char *qx = quoted(x), *qy = quoted(y);
    char *text = qx && qy ? fqpi_format(NULL, "data: {source: arrays, x: %s, y: %s}\n", qx, qy) : NULL;
    const fqp_status s = text ? fqp_config_parse(out->ctx, "--x and --y", text, 0, NULL, &out->config) : FQP_E_NOMEM;
    fqpi_free(text);
    fqpi_free(qy);
    fqpi_free(qx);
    snprintf(out->name, sizeof out->name, "arrays");
    return s ? term_problems(inv, out->ctx, s, "nothing was run.") : 0;
}

static int open_any(const invocation *inv, target *out) {
    if (given(inv, "x") || given(inv, "y"))
        return open_arrays(inv, out);
    if (inv->narguments == 0)
        return usage(inv->command, "a target is missing; usage: fqp advise %s", inv->command->arguments);
    return target_plain(inv, inv->argument[0], out);
}

static int tolerance_of(const invocation *inv, double *tolerance) {
    const char *text = value_of(inv, "tolerance");
    char *end = NULL;
    *tolerance = text ? strtod(text, &end) : 0;
    if (text && (*end || end == text || !(*tolerance > 0 && *tolerance < 1)))
        return usage(inv->command, "--tolerance: \"%s\" is no part of the target between 0 and 1", text);
    return 0;
}

static int finish(const invocation *inv, const target *t, const char *dir, fqp_status s, char *text) {
    json_t *advice = text ? json_loads(text, 0, NULL) : NULL;
    int code = fqp_status_exit(s);
    free(text);
    if (given(inv, "json")) {
        json_t *out = json_problems(t->ctx, s);
        json_object_set_new(out, "dir", dir ? json_string(dir) : json_null());
        json_object_set(out, "advice", advice ? advice : json_null());
        json_print(out);
    } else {
        code = term_problems(inv, t->ctx, s,
                             s == FQP_E_INTERRUPTED ? "What the trials so far say:" : "nothing was advised.");
        if (advice)
            show_advice(advice, dir);
    }
    json_decref(advice);
    return code;
}

static int advise(const invocation *inv, const target *t, const name_list *list, double seconds, double tolerance) {
    char *dir = NULL;
    if (!given(inv, "settings"))
        dir = given(inv, "out") ? fqpi_strdup(NULL, value_of(inv, "out")) : fqpi_format(NULL, "advice/%s", t->name);
    if (!dir && !given(inv, "settings"))
        return 4;
    const fqp_advise_opts o = {.settings = given(inv, "settings"),
                               .remedy = list->word,
                               .nremedies = list->n,
                               .seconds = seconds,
                               .steps = number_of(inv, "steps"),
                               .parameters = number_of(inv, "parameters"),
                               .seed = number_of(inv, "seed"),
                               .tolerance = tolerance,
                               .dir = dir,
                               .command = command_text};
    char *text = NULL;
    const fqp_status s = fqp_advise_config(t->ctx, t->config, &o, &text);
    term_progress_end();
    const int code = finish(inv, t, dir, s, text);
    fqpi_free(dir);
    return code;
}

static int run(invocation *inv) {
    double seconds, tolerance;
    name_list list = {.n = 0};
    target t = {.ctx = NULL};
    const int untimed = time_of(inv, "time", &seconds); /* each says what is wrong with it, then all end */
    const int wrong = tolerance_of(inv, &tolerance), unknown = remedies_of(inv, "remedies", &list);
    const int unread = open_any(inv, &t);
    int code = untimed ? untimed : wrong ? wrong : unknown ? unknown : unread;
    if (!code)
        code = advise(inv, &t, &list, seconds, tolerance);
    target_close(&t);
    names_free(&list);
    return code;
}

const command cmd_advise = {
    .name = "advise",
    .arguments = "[SIGNAL|RECIPE|DIR]",
    .summary = "settings against spectral bias for a target, by formula and trial",
    .about = "Says from the spectrum and the sampling of a target which sigma, omega_0, scales, phases, samples and "
             "parameters suit it, each with formula and source; then trains candidates around the formulas and a plain "
             "network, all a "
             "tenth of the way and the best to the end, and recommends one by its error at points held out. The target "
             "is a file (image, sound, array, table), a recipe "
             "or configuration, or the arrays of --x and --y.",
    .example =
        "fqp advise --x x.npy --y y.npy --time 30s\nfqp advise photo.png --steps 500 --out advice/photo\nfqp advise "
        "two_waves --settings  # formulas alone",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = 1,
    .run = run};
