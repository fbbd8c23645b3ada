/* cmd_advise.c - fqp advise: settings for a target, by formula and by short trials. */
#include "cli.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Points, [n] or [n, inputs]: npy, npz, csv."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Values at those points, [n] or [n, outputs]."},
    {"settings", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Formulas alone; nothing is trained."},
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

static int advise(const invocation *inv, const target *t) {
    const fqp_advise_opts o = {.settings = given(inv, "settings"), .command = command_text};
    char *text = NULL;
    const fqp_status s = fqp_advise_config(t->ctx, t->config, &o, &text);
    term_progress_end();
    json_t *advice = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    int code = fqp_status_exit(s);
    if (given(inv, "json")) {
        json_t *out = json_problems(t->ctx, s);
        json_object_set(out, "advice", advice ? advice : json_null());
        json_print(out);
    } else {
        code = term_problems(inv, t->ctx, s, "nothing was advised.");
        if (advice)
            show_advice(advice);
    }
    json_decref(advice);
    return code;
}

static int run(invocation *inv) {
    target t = {.ctx = NULL};
    int code = open_any(inv, &t);
    if (!code)
        code = advise(inv, &t);
    target_close(&t);
    return code;
}

const command cmd_advise = {
    .name = "advise",
    .arguments = "[SIGNAL|RECIPE|DIR]",
    .summary = "settings against spectral bias for a target, by formula and trial",
    .about =
        "Says from the spectrum and the sampling of a target which sigma, omega_0, scales, phases, samples and "
        "parameters suit it, each with formula and source. The target is a file (image, sound, array, table), a recipe "
        "or configuration, or the arrays of --x and --y.",
    .example = "fqp advise photo.png --settings\nfqp advise --x x.npy --y y.npy --settings",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = 1,
    .run = run};
