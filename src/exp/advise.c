/* advise.c - the door of an advice: data in, formulas, trials, an answer out. */
#include "advise_i.h"
#include "fail.h"
#include "mem.h"

#include <string.h>

/* ---- data ------------------------------------------------------------------------------------------------------- */

static fqp_status check_varies(fqp_ctx *ctx, const fqp_dataset *d) {
    const double *y = d->y.data;
    for (int64_t i = d->m; i < d->n * d->m; i++)
        if (y[i] != y[i % d->m])
            return FQP_OK;
    return fqpi_fail(ctx, FQP_E_DATA, NULL, "y is %.6g at all %lld points: there is nothing to learn", y[0],
                     (long long)d->n);
}

static fqp_status check_data(fqp_ctx *ctx, const fqp_dataset *d) {
    if (d->n < FQP_ADVISE_POINTS)
        return fqpi_fail(ctx, FQP_E_DATA, NULL, "%lld points are too few for a spectrum and trials; at least %d",
                         (long long)d->n, FQP_ADVISE_POINTS);
    return check_varies(ctx, d);
}

/* [n] is one column. */
static fqp_view columns(fqp_view v) {
    if (v.ndim == 1) {
        v.ndim = 2;
        v.shape[1] = 1;
    }
    return v;
}

/* ---- the target in words and numbers ---------------------------------------------------------------------------- */

static json_t *by_axis(const fqp_facts *f, const double *v, double factor) {
    json_t *list = json_array();
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        json_array_append_new(list, fqpi_json_real(factor * v[a]));
    return list;
}

static json_t *peaks(const fqp_facts *f) {
    json_t *list = json_array();
    for (size_t p = 0; p < f->peaks; p++)
        json_array_append_new(list, by_axis(f, f->peak[p], 1));
    return list;
}

static fqp_status describe(fqpi_advice *a) {
    const fqp_facts *f = &a->facts;
    const fqp_run_opts *run = a->base ? fqp_config_section(a->base, "run") : NULL;
    const char *title = run && run->title ? run->title : a->data->origin;
    json_t *target = json_pack(
        "{s:s, s:s, s:b, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:f, s:o, s:b}", "title", title ? title : "arrays", "kind",
        f->kind, "grid", f->grid, "n", (json_int_t)f->n, "d", (json_int_t)f->d, "m", (json_int_t)f->m, "extent",
        by_axis(f, f->half, 2), "low", by_axis(f, f->low, 1), "high", by_axis(f, f->high, 1), "nyquist",
        by_axis(f, f->nyquist, 1), "cycles", fqp_facts_cycles(f), "peaks", peaks(f), "lines", f->lines);
    a->root = json_pack("{s:s, s:s, s:o}", "fqp", fqp_version(), "command", a->opts.command ? a->opts.command : "",
                        "target", target);
    return a->root ? FQP_OK : FQP_E_NOMEM;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void fill_defaults(fqp_advise_opts *o, const fqp_facts *f) {
    if (o->parameters <= 0)
        o->parameters = fqp_remedy_budget(f);
    if (o->seed <= 0)
        o->seed = 1;
    if (!(o->tolerance > 0))
        o->tolerance = FQP_ADVISE_TOLERANCE;
    if (o->steps <= 0 && !(o->seconds > 0))
        o->seconds = FQP_ADVISE_SECONDS;
}

static fqp_status text_of(fqpi_advice *a, char **json) {
    *json = json_dumps(a->root, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    return *json ? FQP_OK : fqpi_fail(a->ctx, FQP_E_NOMEM, NULL, "out of memory: the advice cannot be written");
}

/* What an interrupt leaves is an advice too. */
static fqp_status trials(fqpi_advice *a) {
    if (a->opts.settings)
        return json_object_set_new(a->root, "status", json_string("settings")) ? FQP_E_NOMEM : FQP_OK;
    fqp_status s = fqpi_advise_rounds(a);
    if (s && s != FQP_E_INTERRUPTED)
        return s;
    fqpi_kept kept = fqpi_keep(a->ctx, s);
    const fqp_status told = fqpi_advise_answer(a, s ? "interrupted" : "done");
    return kept.status ? fqpi_restore(a->ctx, &kept) : told;
}

static fqp_status advise(fqpi_advice *a, char **json) {
    fqp_status s = check_data(a->ctx, a->data);
    if (!s)
        s = fqp_facts_of(a->ctx, a->data, &a->facts);
    if (!s) {
        fill_defaults(&a->opts, &a->facts);
        s = describe(a);
    }
    if (!s)
        s = fqpi_advise_move(a);
    if (!s)
        s = fqpi_advise_settings(a);
    if (!s)
        s = fqpi_advise_warnings(a);
    if (!s && a->opts.dir && !a->opts.settings)
        s = fqp_store_open(a->ctx, a->opts.dir, FQP_STORE_NEW, &a->store);
    if (!s)
        s = trials(a);
    fqpi_kept kept = fqpi_keep(a->ctx, s);
    if (!s || (s == FQP_E_INTERRUPTED && a->root)) {
        const fqp_status written = text_of(a, json);
        s = s ? s : written;
    }
    fqpi_advise_rounds_free(a);
    fqp_dataset_destroy(a->moved);
    fqp_store_close(a->store);
    json_decref(a->root);
    return kept.status ? fqpi_restore(a->ctx, &kept) : s;
}

static fqp_status check_call(fqp_ctx *ctx, const fqp_advise_opts *o, const void *what, char *const *json) {
    if (!ctx || !what || !json)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_advise: a context, data and a place for the advice are needed");
    fqp_ctx_problems_clear(ctx);
    fqp_status s = FQP_OK;
    for (size_t i = 0; o && i < o->nremedies; i++)
        if (!fqp_remedy_find(ctx, o->remedy[i]))
            s = FQP_E_ARG;
    return s;
}

fqp_status fqp_advise(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_advise_opts *opts, char **json) {
    fqp_dataset *data = NULL;
    fqp_status s = check_call(ctx, opts, x.data && y.data ? x.data : NULL, json);
    if (!s)
        s = fqp_dataset_from_arrays(ctx, columns(x), columns(y), NULL, NULL, &data);
    if (!s) {
        fqpi_advice a = {.ctx = ctx, .data = data, .arrays = true};
        if (opts)
            a.opts = *opts;
        s = advise(&a, json);
    }
    fqp_dataset_destroy(data);
    return s;
}

static bool of_arrays(const fqp_config *base) {
    const fqp_data_opts *o = fqp_config_section(base, "data");
    return o->x && *o->x;
}

fqp_status fqp_advise_config(fqp_ctx *ctx, const fqp_config *base, const fqp_advise_opts *opts, char **json) {
    fqp_dataset *data = NULL;
    fqp_status s = check_call(ctx, opts, base, json);
    if (!s)
        s = fqp_dataset_create(ctx, fqp_config_section(base, "data"), 1, base, &data);
    if (!s) {
        fqpi_advice a = {.ctx = ctx, .base = base, .data = data, .arrays = of_arrays(base)};
        if (opts)
            a.opts = *opts;
        s = advise(&a, json);
    }
    fqp_dataset_destroy(data);
    return s;
}
