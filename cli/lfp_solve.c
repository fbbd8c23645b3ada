/* lfp_solve.c - data, network and points of fqp lfp, and what is computed from them. */
#include "fail.h"
#include "lfp.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The network of --x and --y when no key says otherwise. */
static const char usual_network[] =
    "model: {hidden: [10000], activation: relu, init: ntk, parameters: ntk, bias_std: 5}";

enum { LINE = 201, SQUARE = 41, EXACT_MOST = 1000 };

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

static fqp_status as_matrix(fqp_ctx *ctx, const char *option, fqp_array *a) {
    if (a->ndim == 1) {
        a->ndim = 2;
        a->shape[1] = 1;
    }
    if (a->ndim == 2 && a->shape[0] > 0 && a->shape[1] > 0)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                     "--%s: an array of n or n x columns numbers is needed, this one has %d axes", option, a->ndim);
}

static fqp_status read_matrix(const lfp_problem *p, const char *option, fqp_array *out) {
    fqp_array raw = {0};
    fqp_status s = fqp_array_read(p->t.ctx, value_of(p->inv, option), &raw);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&raw), FQP_F64, out);
    fqp_array_free(&raw);
    return s ? s : as_matrix(p->t.ctx, option, out);
}

/* Where the key stands that a refusal begins with: "model.hidden: ...". */
static fqp_status with_place(lfp_problem *p, fqp_status s) {
    if (s != FQP_E_UNSUPPORTED || fqp_ctx_problem_count(p->t.ctx) != 1)
        return s;
    char key[64] = "", *text = fqpi_strdup(NULL, fqp_ctx_problem(p->t.ctx, 0).message);
    const char *colon = text ? strchr(text, ':') : NULL;
    if (colon && (size_t)(colon - text) < sizeof key)
        snprintf(key, sizeof key, "%.*s", (int)(colon - text), text);
    const fqp_origin o = fqp_config_origin(p->t.config, key);
    if (o.source) {
        fqp_ctx_problems_clear(p->t.ctx);
        s = fqpi_fail(p->t.ctx, FQP_E_CONFIG, &o, "%s", text);
    }
    fqpi_free(text);
    return s;
}

int lfp_from_files(lfp_problem *p) {
    static const char *const needed[] = {"x", "y"};
    for (size_t i = 0; i < 2; i++)
        if (!given(p->inv, needed[i]))
            return usage(p->inv->command, "--%s is missing; fqp lfp RECIPE, or fqp lfp --x x.npy --y y.npy", needed[i]);
    p->t.ctx = term_ctx(p->inv, 0);
    if (!p->t.ctx)
        return 4;
    const char *const *set;
    const size_t n = values_of(p->inv, "set", &set);
    fqp_status s = fqp_config_parse(p->t.ctx, "defaults", usual_network, n, set, &p->t.config);
    if (!s)
        s = read_matrix(p, "x", &p->x);
    if (!s)
        s = read_matrix(p, "y", &p->y);
    return s ? term_problems(p->inv, p->t.ctx, s, "nothing was computed.") : 0;
}

int lfp_from_config(lfp_problem *p) {
    const int code = target_open(p->inv, p->inv->argument[0], &p->t);
    if (code)
        return code;
    const fqp_run_opts *run = fqp_config_section(p->t.config, "run");
    fqp_status s = fqp_dataset_create(p->t.ctx, fqp_config_section(p->t.config, "data"),
                                      run->seed > 0 ? (uint64_t)run->seed : 1, p->t.config, &p->data);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->x), FQP_F64, &p->x);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->y), FQP_F64, &p->y);
    return s ? term_problems(p->inv, p->t.ctx, s, "nothing was computed.") : 0;
}

/* ---- where it is evaluated --------------------------------------------------------------------------------------- */

void lfp_range(const lfp_problem *p, int64_t axis, double *low, double *high) {
    const double *x = p->x.data;
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < p->n; i++) {
        *low = fmin(*low, x[i * p->d + axis]);
        *high = fmax(*high, x[i * p->d + axis]);
    }
}

/* A grid a tenth wider than the data, in one or two dimensions; else the points themselves. */
static fqp_status grid(lfp_problem *p) {
    if (p->d > 2)
        return fqp_array_convert(p->t.ctx, fqp_array_view(&p->x), FQP_F64, &p->at);
    const int64_t side = p->d == 1 ? LINE : SQUARE, shape[2] = {p->d == 1 ? side : side * side, p->d};
    const fqp_status s = fqp_array_create(p->t.ctx, FQP_F64, 2, shape, &p->at);
    for (int64_t axis = 0; axis < p->d && !s; axis++) {
        double low, high;
        lfp_range(p, axis, &low, &high);
        const double margin = 0.1 * (high - low), step = (high - low + 2 * margin) / (double)(side - 1);
        for (int64_t i = 0; i < shape[0]; i++) {
            const int64_t place = p->d == 1 ? i : axis == 0 ? i / side : i % side;
            ((double *)p->at.data)[i * p->d + axis] = low - margin + step * (double)place;
        }
    }
    return s;
}

static fqp_status places(lfp_problem *p) {
    if (given(p->inv, "at"))
        return read_matrix(p, "at", &p->at);
    if (p->data && p->data->n_test > 0)
        return fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->x_test), FQP_F64, &p->at);
    return grid(p);
}

/* ---- what is computed -------------------------------------------------------------------------------------------- */

/* The limit of the kernel flow of infinite width: K(at, x) K^-1 y. */
static fqp_status exact_limit(lfp_problem *p, fqp_ntk *k) {
    fqp_gram *g = NULL;
    fqp_eigen e = {0};
    fqp_flow *f = NULL;
    const fqp_flow_opts o = {.rule = FQP_FLOW_CONTINUOUS, .lr = 1, .c = 1};
    double *cross = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->n), sizeof *cross);
    double *r0 = fqpi_alloc(p->t.ctx, (size_t)(p->n * p->m), sizeof *r0);
    fqp_status s = cross && r0 ? fqp_gram_of(k, fqp_array_view(&p->x), NULL, &g) : FQP_E_NOMEM;
    for (int64_t i = 0; i < p->n * p->m && !s; i++)
        r0[i] = -((const double *)p->y.data)[i];
    if (!s)
        s = fqp_gram_eigen(g, 0, 0, &e);
    if (!s)
        s = fqp_flow_create(p->t.ctx, &e, r0, p->m, &o, &f);
    if (!s)
        s = fqp_ntk_gram(k, fqp_array_view(&p->at), fqp_array_view(&p->x), FQP_NTK_TANGENT, cross);
    if (!s)
        s = fqp_flow_points(f, p->k, cross, NULL);
    if (!s)
        s = fqp_flow_eval(f, INFINITY, p->kernel);
    fqp_flow_destroy(f);
    fqp_eigen_free(&e);
    fqp_gram_destroy(g);
    fqpi_free(cross);
    fqpi_free(r0);
    return s;
}

/* What the simplified theory leaves out is told as a number: the exact kernel, w trained, biases as they are. */
static fqp_status exact(lfp_problem *p) {
    if (p->n > EXACT_MOST)
        return FQP_OK;
    fqp_ntk *k = NULL;
    p->kernel = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->m), sizeof *p->kernel);
    fqp_status s =
        p->kernel ? fqp_ntk_infinite(p->t.ctx, fqp_config_section(p->t.config, "model"), p->d, &k) : FQP_E_NOMEM;
    if (!s)
        s = exact_limit(p, k);
    fqp_ntk_destroy(k);
    if (s == FQP_E_UNSUPPORTED || s == FQP_E_CONFIG) { /* no Gaussian expectation (tanh): left out */
        fqp_ctx_problems_clear(p->t.ctx);
        fqpi_free(p->kernel);
        p->kernel = NULL;
        s = FQP_OK;
    }
    return s;
}

/* Points that coincide have no spline. */
static bool distinct(const lfp_problem *p) {
    const double *x = p->x.data;
    for (int64_t i = 0; i < p->n; i++)
        for (int64_t j = 0; j < i; j++)
            if (x[i] == x[j])
                return false;
    return p->n > 1;
}

static fqp_status splines(lfp_problem *p) {
    fqp_status s = FQP_OK;
    const bool any = p->d == 1 && p->m == 1 && distinct(p);
    for (int i = 0; i < 2 && any && !s; i++) {
        p->spline[i] = fqpi_alloc(p->t.ctx, (size_t)p->k, sizeof(double));
        s = !p->spline[i] ? FQP_E_NOMEM
                          : (i ? fqp_spline_cubic : fqp_spline_linear)(p->t.ctx, p->n, p->x.data, p->y.data, p->k,
                                                                       p->at.data, p->spline[i]);
    }
    return s;
}

static fqp_status norms(lfp_problem *p) {
    const double *y = p->y.data;
    for (int64_t i = 0; i < p->n * p->m; i++) {
        p->peak = fmax(p->peak, fabs(y[i]));
        p->mean_square += y[i] * y[i] / (double)(p->n * p->m);
    }
    p->gamma = NAN;
    double period[3];
    for (int64_t j = 0; j < p->d && p->d <= 3; j++) {
        double low, high;
        lfp_range(p, j, &low, &high);
        period[j] = high > low ? 2 * (high - low) : 1;
    }
    return p->d <= 3 ? fqp_lfp_gamma(p->t.ctx, &p->law, period, &p->gamma) : FQP_OK;
}

fqp_status lfp_compute(lfp_problem *p, const fqp_lfp_opts *o) {
    p->n = p->x.shape[0];
    p->d = p->x.shape[1];
    p->m = p->y.shape[1];
    fqp_status s = with_place(p, fqp_lfp_law_of(p->t.ctx, fqp_config_section(p->t.config, "model"), p->d, &p->law));
    if (!s)
        s = places(p);
    if (!s)
        s = fqp_lfp_create(p->t.ctx, &p->law, fqp_array_view(&p->x), fqp_array_view(&p->y), o, &p->lfp);
    if (s)
        return s;
    p->k = p->at.shape[0];
    p->facts = fqp_lfp_describe(p->lfp);
    p->h = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->m), sizeof *p->h);
    s = p->h ? fqp_lfp_eval(p->lfp, fqp_array_view(&p->at), p->h) : FQP_E_NOMEM;
    if (!s)
        s = splines(p);
    if (!s)
        s = norms(p);
    return s ? s : exact(p);
}

void lfp_release(lfp_problem *p) {
    fqp_lfp_destroy(p->lfp);
    fqp_array_free(&p->x);
    fqp_array_free(&p->y);
    fqp_array_free(&p->at);
    fqp_dataset_destroy(p->data);
    fqpi_free(p->h);
    fqpi_free(p->kernel);
    fqpi_free(p->spline[0]);
    fqpi_free(p->spline[1]);
    target_close(&p->t);
}
