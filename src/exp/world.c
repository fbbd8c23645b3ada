/* world.c - the runs a recipe's claims speak of, and the evaluation of their expressions over them. */
#include "fail.h"
#include "recipe_i.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

fqp_status fqpi_world_begin(fqpi_world *w, fqp_ctx *ctx, const fqp_recipe *recipe, const char *preset,
                            const char *dir) {
    *w = (fqpi_world){.ctx = ctx, .recipe = recipe, .preset = preset, .dir = dir, .on = "base"};
    size_t n = 1;
    while (fqp_recipe_condition(recipe, n - 1))
        n++;
    w->condition = fqpi_calloc(ctx, n, sizeof *w->condition);
    w->call = fqpi_calloc(ctx, FQPI_CALLS, sizeof *w->call);
    if (!w->condition || !w->call)
        return FQP_E_NOMEM;
    w->condition[0].name = "base";
    for (size_t i = 1; i < n; i++)
        w->condition[i].name = fqp_recipe_condition(recipe, i - 1);
    w->nconditions = n;
    return FQP_OK;
}

void fqpi_world_end(fqpi_world *w) {
    for (size_t i = 0; i < w->nconditions; i++) {
        if (w->condition[i].loaded)
            fqpi_trial_free(&w->condition[i].trial);
        fqp_store_close(w->condition[i].store);
    }
    fqpi_free(w->condition);
    fqpi_free(w->call);
    fqpi_cache_free(&w->cache);
}

/* ---- names: "gap", "swapped.gap" ------------------------------------------------------------------------------- */

static fqpi_condition *condition_of(const fqpi_world *w, const char *name, size_t n) {
    for (size_t i = 0; i < w->nconditions; i++)
        if (strlen(w->condition[i].name) == n && strncmp(w->condition[i].name, name, n) == 0)
            return &w->condition[i];
    return NULL;
}

/* The conditions of a name: one, or all of an axis of the sweep. */
static bool among(const fqpi_world *w, size_t i, const char *name, size_t n) {
    const fqpi_condition *one = condition_of(w, name, n);
    if (one)
        return one == &w->condition[i];
    const fqpi_swept *swept = fqpi_sweep_find(w->recipe, w->condition[i].name);
    return swept && swept->axis && strlen(swept->axis) == n && strncmp(swept->axis, name, n) == 0;
}

/* A call split up: conditions and row; NULL when there is no such condition or row. */
static const fqpi_measure *resolve(const fqpi_world *w, const char *name, const char **on, size_t *length) {
    const char *dot = strchr(name, '.');
    *on = dot ? name : w->on;
    *length = dot ? (size_t)(dot - name) : strlen(w->on);
    for (size_t i = 0; i < w->nconditions; i++)
        if (among(w, i, *on, *length))
            return fqpi_measure_find(dot ? dot + 1 : name);
    return NULL;
}

static bool known(void *user, const char *name, int nargs) {
    fqpi_world *w = user;
    const char *on;
    size_t length;
    const fqpi_measure *row = resolve(w, name, &on, &length);
    if (!row || nargs < row->least || nargs > row->most)
        return false;
    for (size_t i = 0; row->run && i < w->nconditions; i++)
        if (among(w, i, on, length))
            w->condition[i].used = true;
    w->uses_runs = w->uses_runs || row->run;
    return true;
}

static const char *list(void *user, size_t i) {
    (void)user;
    const fqpi_measure *row = fqpi_measure_row(i);
    return row ? row->name : NULL;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static double mean_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n ? sum / (double)n : NAN;
}

static double measure(fqpi_world *w, const fqpi_condition *c, const fqpi_measure *row, const double *args, int nargs) {
    char dir[4096];
    fqpi_print(dir, sizeof dir, "%s/%s", w->dir, c->name);
    fqpi_measuring m = {.ctx = w->ctx,
                        .trial = c->loaded ? &c->trial : NULL,
                        .dir = dir,
                        .seed = (int64_t)w->index,
                        .cache = &w->cache};
    if (!row->run)
        return row->eval(&m, args, nargs);
    if (!c->loaded)
        return NAN;
    const size_t n = c->trial.nseeds;
    if (w->stat == FQPI_STAT_ONCE)
        m.seed = 0;
    if (w->stat == FQPI_STAT_EACH || w->stat == FQPI_STAT_ONCE)
        return (size_t)m.seed < n ? row->eval(&m, args, nargs) : NAN;
    if (w->stat == FQPI_STAT_MEAN && row->pools) {
        m.seed = -1;
        return row->eval(&m, args, nargs);
    }
    double value[128];
    for (size_t i = 0; i < n && i < 128; i++) {
        m.seed = (int64_t)i;
        value[i] = row->eval(&m, args, nargs);
        if (isnan(value[i]))
            return NAN;
    }
    return w->stat == FQPI_STAT_MEAN ? mean_of(value, n) : fqp_spread_of(value, n).median;
}

/* The row of a call.  In a claim over draws the arguments change with the draw: projection_random(1), (2), ... share
 * one row, which is then called projection_random(i). */
static fqpi_call *row_of_call(fqpi_world *w, const char *name, const char *text) {
    for (size_t i = 0; i < w->ncalls; i++)
        if (strcmp(w->call[i].text, text) == 0)
            return &w->call[i];
    const size_t length = strlen(name);
    for (size_t i = 0; i < w->ncalls && w->drawing; i++)
        if (strncmp(w->call[i].text, name, length) == 0 && w->call[i].text[length] == '(' && w->call[i].n == w->index) {
            fqpi_print(w->call[i].text, sizeof w->call[i].text, "%s(i)", name);
            return &w->call[i];
        }
    if (w->ncalls == FQPI_CALLS)
        return NULL;
    fqpi_call *fresh = &w->call[w->ncalls++];
    fresh->n = 0;
    fqpi_print(fresh->text, sizeof fresh->text, "%s", text);
    return fresh;
}

static void note_call(fqpi_world *w, const char *name, int nargs, const double *args, double value) {
    char text[64];
    size_t at = (size_t)snprintf(text, sizeof text, "%s(", name);
    for (int i = 0; i < nargs && at < sizeof text; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.6g", i ? ", " : "", args[i]);
    if (at < sizeof text)
        fqpi_print(text + at, sizeof text - at, ")");
    fqpi_call *call = row_of_call(w, name, text);
    if (!call || w->index >= 128 || call->n > w->index)
        return;
    while (call->n < w->index)
        call->value[call->n++] = NAN; /* not asked for then */
    call->value[call->n++] = value;
}

static double eval(void *user, const char *name, int nargs, const double *args) {
    fqpi_world *w = user;
    const char *on;
    size_t length, n = 0;
    const fqpi_measure *row = resolve(w, name, &on, &length);
    double sum = 0;
    for (size_t i = 0; row && i < w->nconditions; i++)
        if (among(w, i, on, length)) {
            sum += measure(w, &w->condition[i], row, args, nargs);
            n++;
        }
    const double value = n > 1 ? sum / (double)n : n ? sum : NAN;
    note_call(w, name, nargs, args, value);
    return value;
}

fqp_status fqpi_world_compile(fqpi_world *w, const fqpi_node *node, bool place, fqp_expr **out) {
    if (node->kind != FQPI_NODE_SCALAR)
        return fqpi_node_fail(w->ctx, node, "expected an expression, found %s", fqpi_node_noun(node));
    static const char *const names[] = {"i", "x"};
    const fqp_expr_host host = {.known = known, .eval = eval, .list = list, .user = w};
    const fqp_expr_opts opts = {
        .parameters = names, .nparameters = place ? 2 : 1, .origin = fqpi_node_origin(node), .host = &host};
    return fqp_expr_create(w->ctx, node->text, &opts, out);
}

bool fqpi_world_use(fqpi_world *w, const char *condition) {
    fqpi_condition *c = condition_of(w, condition, strlen(condition));
    if (c)
        c->used = true;
    return c != NULL;
}

void fqpi_world_forget(fqpi_world *w) {
    w->ncalls = 0;
}

size_t fqpi_world_seeds(const fqpi_world *w, const char *on) {
    const fqpi_condition *run = condition_of(w, on, strlen(on));
    return run && run->loaded ? run->trial.nseeds : 0;
}

size_t fqpi_world_samples(const fqpi_world *w, const fqpi_claim *c) {
    return c->uses_runs ? fqpi_world_seeds(w, c->on) : (size_t)c->draws;
}

fqp_status fqpi_world_value(fqpi_world *w, const fqp_expr *e, size_t index, double *out) {
    w->index = index;
    const double at[] = {(double)index + 1, w->x};
    return fqp_expr_eval(w->ctx, e, 1, NULL, at, out);
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static fqp_status run_condition(fqpi_world *w, fqpi_condition *c) {
    const double began = fqpi_clock();
    const bool base = c == &w->condition[0];
    fqp_config *config = NULL;
    fqp_status s = fqp_recipe_config(w->ctx, w->recipe, base ? NULL : c->name, w->preset, 0, NULL, &config);
    if (s)
        return s;
    char *dir = fqpi_format(w->ctx, "%s/%s", w->dir, c->name);
    char *command = fqpi_format(w->ctx, "fqp verify %s, condition %s%s%s", fqp_recipe_text(w->recipe, "name"), c->name,
                                w->preset ? ", preset " : "", w->preset ? w->preset : "");
    if (dir && command) {
        const fqp_run_request request = {.dir = dir, .resume = true, .command = command};
        fqpi_log(w->ctx, FQP_LOG_INFO, "condition %s", c->name);
        s = fqp_run(w->ctx, config, &request);
    } else {
        s = FQP_E_NOMEM;
    }
    if (s == FQP_E_DIVERGED) { /* the claims on it will find no capture and fail */
        fqp_ctx_problems_clear(w->ctx);
        s = FQP_OK;
    }
    if (!s)
        s = fqp_store_open(w->ctx, dir, FQP_STORE_READ, &c->store);
    if (!s)
        s = fqpi_trial_load(w->ctx, c->store, &c->trial);
    c->loaded = !s;
    c->seconds = fqpi_clock() - began;
    fqpi_free(dir);
    fqpi_free(command);
    fqp_config_destroy(config);
    return s;
}

fqp_status fqpi_world_run(fqpi_world *w) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < w->nconditions && !s; i++)
        if (w->condition[i].used)
            s = run_condition(w, &w->condition[i]);
    return s;
}
