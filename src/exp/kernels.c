/* kernels.c - the tangent kernels of an experiment: at its training points, along a coordinate that tells frequency. */
#include "fail.h"
#include "looks.h"
#include "mem.h"
#include "principal.h"
#include "spectrum_i.h"
#include "trained.h"

#include <fqp/spectrum.h>
#include <math.h>
#include <string.h>

/* ---- points ---------------------------------------------------------------------------------------------------- */

/* Along the only input, or along the direction in which the points spread most. */
static fqp_status project(fqp_ctx *ctx, fqp_view x, fqp_kernel_points *p) {
    double *work = fqpi_alloc(ctx, (size_t)(2 * p->d + 1), sizeof *work), *mean = work, *direction = work + p->d;
    p->s = fqpi_alloc(ctx, (size_t)p->n, sizeof *p->s);
    fqp_status s = work && p->s ? FQP_OK : FQP_E_NOMEM;
    fqpi_print(p->name, sizeof p->name, "%s", p->d == 1 ? "x" : "the first principal component");
    if (!s && p->d == 1) {
        mean[0] = 0;
        direction[0] = 1;
    } else if (!s) {
        fqpi_column_means(x, mean);
        s = fqpi_principal(ctx, x, mean, 1, direction, work + 2 * p->d);
    }
    for (int64_t i = 0; i < p->n && !s; i++) {
        p->s[i] = 0;
        for (int64_t c = 0; c < p->d; c++)
            p->s[i] += direction[c] * (fqp_view_at(x, i * p->d + c) - mean[c]);
    }
    fqpi_free(work);
    return s;
}

fqp_status fqp_kernel_points_of(fqp_ctx *ctx, fqp_view x, fqp_kernel_points *out) {
    if (!ctx || !x.data || !out || x.ndim < 1 || x.ndim > 2 || x.shape[0] < 2 || (x.ndim == 2 && x.shape[1] < 1) ||
        (x.dtype != FQP_F64 && x.dtype != FQP_F32))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "kernel: points are an f32 or f64 array [n] or [n, d] of at least two");
    fqp_kernel_points p = {.n = x.shape[0], .d = x.ndim == 2 ? x.shape[1] : 1, .m = 1, .along = true, .pace = NAN};
    const fqp_status s = project(ctx, x, &p);
    if (s)
        fqp_kernel_points_free(&p);
    else
        *out = p;
    return s;
}

void fqp_kernel_points_free(fqp_kernel_points *p) {
    if (!p)
        return;
    fqpi_free(p->s);
    p->s = NULL;
}

/* Equal steps round a curve stay equal when every so manieth point is chosen. */
static bool round_a_curve(const fqp_dataset *d, int64_t n) {
    return d->coordinate.data && d->grid_ndim == 1 && !d->endpoint && d->n % n == 0;
}

static fqp_status locate(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *d, fqp_view x,
                         fqp_kernel_points *p) {
    const fqp_train_opts *train = fqp_config_section(config, "train");
    *p = (fqp_kernel_points){.n = x.shape[0], .d = d->d, .m = d->m, .along = true, .pace = NAN};
    if (strcmp(fqp_loss_name((size_t)train->loss, NULL), "mse") == 0)
        p->pace = train->lr * 2 / (double)(p->n * p->m);
    if (!d->coordinate.data)
        return project(ctx, x, p);
    fqpi_print(p->name, sizeof p->name, "t");
    if (round_a_curve(d, p->n))
        return FQP_OK;
    p->s = fqpi_alloc(ctx, (size_t)p->n, sizeof *p->s);
    for (int64_t i = 0; i < p->n && p->s; i++)
        p->s[i] = fqp_view_at(fqp_array_view(&d->coordinate), i * d->n / p->n);
    return p->s ? FQP_OK : FQP_E_NOMEM;
}

/* ---- kernels --------------------------------------------------------------------------------------------------- */

/* The data of the configuration, and the network that is asked for. */
static fqp_status make(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *r, fqpi_trained *t) {
    const uint64_t seed = r->seed > 0 ? (uint64_t)r->seed : 1;
    if (r->kind == FQP_KERNEL_END && !r->dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "kernel: a network at the end of training needs a run directory");
    if (r->kind == FQP_KERNEL_END)
        return fqpi_trained_load(ctx, r->dir, (int64_t)seed, t);
    fqp_status s = fqp_dataset_create(ctx, fqp_config_section(config, "data"), seed, config, &t->data);
    if (!s && r->kind == FQP_KERNEL_START)
        s = fqp_model_create(ctx, t->data->d, t->data->m, fqp_config_section(config, "model"), seed, &t->model);
    return s;
}

static fqp_status kernel_of(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *r, const fqpi_trained *t,
                            fqp_ntk **out) {
    if (r->kind == FQP_KERNEL_INFINITE)
        return fqp_ntk_infinite(ctx, fqp_config_section(config, "model"), t->data->d, out);
    return fqp_ntk_empirical(ctx, t->model, r->output, out);
}

/* A kernel and the points it is taken at. */
typedef struct opened {
    fqpi_trained t;
    fqp_ntk *k;
    fqp_array x;
    fqp_kernel_points points;
} opened;

static void close_kernel(opened *o) {
    fqp_array_free(&o->x);
    fqp_ntk_destroy(o->k);
    fqpi_trained_free(&o->t);
    fqp_kernel_points_free(&o->points);
}

/* To be closed also when this fails. */
static fqp_status open_kernel(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *r, opened *o) {
    *o = (opened){0};
    if (!ctx || !config || !r)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "kernel: a context, a configuration and a request are needed");
    fqp_status s = make(ctx, config, r, &o->t);
    s = s ? s : kernel_of(ctx, config, r, &o->t, &o->k);
    if (!s) {
        const int64_t all = o->t.data->n, n = r->points > 0 && r->points < all ? r->points : all;
        s = fqpi_looks_rows(ctx, fqp_array_view(&o->t.data->x), n, &o->x);
    }
    return s ? s : locate(ctx, config, o->t.data, fqp_array_view(&o->x), &o->points);
}

static void hand_over(opened *o, fqp_kernel_points *points) {
    if (!points)
        return;
    *points = o->points;
    o->points.s = NULL;
}

fqp_status fqp_kernel_create(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *request, fqp_gram **out,
                             fqp_kernel_points *points) {
    opened o;
    fqp_status s = open_kernel(ctx, config, request, &o);
    s = s ? s : fqp_gram_of(o.k, fqp_array_view(&o.x), &request->gram, out);
    if (!s)
        hand_over(&o, points);
    close_kernel(&o);
    return s;
}

static fqp_status apply(void *user, int64_t count, const double *v, double *out) {
    const opened *o = user;
    return fqp_ntk_apply(o->k, fqp_array_view(&o->x), count, v, out);
}

fqp_status fqp_kernel_leading(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *request, int64_t count,
                              fqp_kernel_points *points, fqp_spectrum *out) {
    opened o;
    fqp_eigen e = {0};
    fqp_status s = open_kernel(ctx, config, request, &o);
    if (!s) {
        const int64_t rows = fqp_ntk_rows(o.k, o.x.shape[0]);
        s = fqp_eigen_leading(ctx, rows, apply, &o, count > 0 && count < rows ? count : rows, 0, &e);
    }
    s = s ? s : fqpi_spectrum_of_pairs(ctx, &e, &o.points, NAN, out);
    if (!s)
        hand_over(&o, points);
    close_kernel(&o);
    return s;
}
