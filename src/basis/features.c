/* features.c - random features on patches and their derivatives. */
#include "patches.h"

#include "activation.h"
#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <fqp/model.h>

#include <math.h>
#include <string.h>

enum { AXES = FQP_FEATURES_AXES, ORDER_MOST = 3 };
static const double COUNT_MOST = 1 << 20;

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status check(fqp_ctx *ctx, int64_t d, const double *lower, const double *upper, const fqp_features_opts *o) {
    if (d < 1 || d > AXES || !lower || !upper || !o)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: %lld coordinates; 1 to %d are served, with their box",
                         (long long)d, AXES);
    double count = (double)o->per_patch;
    for (int64_t a = 0; a < d; a++) {
        if (!(upper[a] > lower[a]) || !isfinite(upper[a] - lower[a]))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: axis %lld from %g to %g is empty", (long long)a,
                             lower[a], upper[a]);
        if (o->patches[a] < 0)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: %lld patches along axis %lld",
                             (long long)o->patches[a], (long long)a);
        count *= o->patches[a] ? (double)o->patches[a] : 1;
    }
    if (o->per_patch < 1 || count > COUNT_MOST)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: %lld a patch, %.10g in all; 1 to %.10g are served",
                         (long long)o->per_patch, count, COUNT_MOST);
    if (!(o->range > 0) || !isfinite(o->range))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: range %g must be positive", o->range);
    if (!fqpi_activation_row(o->activation))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "random features: there is no activation number %d", o->activation);
    return FQP_OK;
}

static void draw(fqp_features *f) {
    const double range = f->opts.range;
    for (int64_t j = 0; j < f->count; j++) {
        for (int64_t a = 0; a < f->d; a++)
            f->k[j * f->d + a] =
                range * (2 * fqpi_rng_uniform(f->opts.seed, FQPI_STREAM_FEATURES, (uint64_t)(j * (f->d + 1) + a)) - 1);
        f->b[j] =
            range * (2 * fqpi_rng_uniform(f->opts.seed, FQPI_STREAM_FEATURES, (uint64_t)(j * (f->d + 1) + f->d)) - 1);
    }
}

fqp_status fqp_features_create(fqp_ctx *ctx, int64_t d, const double *lower, const double *upper,
                               const fqp_features_opts *opts, fqp_features **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    const fqp_status s = check(ctx, d, lower, upper, opts);
    if (s)
        return s;
    fqp_features *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    const fqpi_activation *row = fqpi_activation_row(opts->activation);
    *f = (fqp_features){.ctx = ctx, .opts = *opts, .d = d, .patches = 1};
    f->opts.activation_param = isnan(opts->activation_param) ? row->value : opts->activation_param;
    double unused[4];
    f->derivatives = fqp_activation_eval(opts->activation, f->opts.activation_param, 0.3, unused);
    for (int64_t a = 0; a < d; a++) {
        f->along[a] = opts->patches[a] ? opts->patches[a] : 1;
        f->patches *= f->along[a];
        f->lower[a] = lower[a];
        f->width[a] = (upper[a] - lower[a]) / (double)f->along[a];
    }
    f->count = f->patches * opts->per_patch;
    f->k = fqpi_alloc(ctx, (size_t)(f->count * d), sizeof *f->k);
    f->b = fqpi_alloc(ctx, (size_t)f->count, sizeof *f->b);
    f->coefficient = fqpi_calloc(ctx, (size_t)f->count, sizeof *f->coefficient);
    if (!f->k || !f->b || !f->coefficient) {
        fqp_features_destroy(f);
        return FQP_E_NOMEM;
    }
    draw(f);
    *out = f;
    return FQP_OK;
}

void fqp_features_destroy(fqp_features *f) {
    if (!f)
        return;
    fqpi_free(f->k);
    fqpi_free(f->b);
    fqpi_free(f->coefficient);
    fqpi_free(f->row);
    fqpi_free(f->value);
    fqpi_free(f);
}

int64_t fqp_features_count(const fqp_features *f) {
    return f->count;
}

double *fqp_features_coefficients(fqp_features *f) {
    return f->coefficient;
}

/* ---- patches ----------------------------------------------------------------------------------------------------- */

void fqpi_features_place(const fqp_features *f, int64_t patch, int64_t *at) {
    for (int64_t a = f->d - 1; a >= 0; a--) {
        at[a] = patch % f->along[a];
        patch /= f->along[a];
    }
}

int64_t fqpi_features_patch(const fqp_features *f, const double *x) {
    int64_t patch = 0;
    for (int64_t a = 0; a < f->d; a++) {
        const double place = floor((x[a] - f->lower[a]) / f->width[a]);
        patch = patch * f->along[a] + (int64_t)fmax(0, fmin((double)f->along[a] - 1, place));
    }
    return patch;
}

/* psi and its derivatives by y up to order 3 along one axis; first, last: there is no neighbour on that side. */
static void bump(double y, bool first, bool last, double psi[ORDER_MOST + 1]) {
    const double w = 2 * M_PI, s = sin(w * y), c = cos(w * y);
    memset(psi, 0, (ORDER_MOST + 1) * sizeof *psi);
    const bool rises = y < -0.75 && !first, falls = y >= 0.75 && !last;
    if ((rises && y < -1.25) || (falls && y >= 1.25))
        return;
    psi[0] = 1;
    if (!rises && !falls)
        return;
    const double sign = rises ? 1 : -1, half[4] = {s / 2, w * c / 2, -w * w * s / 2, -w * w * w * c / 2};
    psi[0] = 0.5 + sign * half[0];
    for (int q = 1; q <= ORDER_MOST; q++)
        psi[q] = sign * half[q];
}

/* Patches that reach to a point along an axis: one or two neighbours, from *first to the one returned. */
static int64_t reach(const fqp_features *f, int64_t a, double x, int64_t *first) {
    const double place = (x - f->lower[a]) / f->width[a], most = (double)f->along[a] - 1;
    *first = (int64_t)fmax(0, fmin(most, floor(place - 0.125)));
    return (int64_t)fmax(0, fmin(most, floor(place + 0.125)));
}

/* ---- derivatives ------------------------------------------------------------------------------------------------- */

static double binomial(int n, int k) {
    static const double table[4][4] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}};
    return table[n][k];
}

/* The features of a patch alone, without psi. */
static void add_sigma(const fqp_features *f, int64_t patch, const double *y, const int *order, double factor,
                      double *row) {
    const int64_t first = patch * f->opts.per_patch;
    int total = 0;
    for (int64_t a = 0; a < f->d; a++)
        total += order[a];
    for (int64_t j = first; j < first + f->opts.per_patch; j++) {
        double z = f->b[j], size = factor, value[4];
        for (int64_t a = 0; a < f->d; a++) {
            z += f->k[j * f->d + a] * y[a];
            for (int q = 0; q < order[a]; q++)
                size *= f->k[j * f->d + a];
        }
        fqp_activation_eval(f->opts.activation, f->opts.activation_param, z, value);
        row[j] += size * value[total];
    }
}

/* Leibniz' rule along axis a and those after it; rest: orders left to sigma. */
static void add_product(const fqp_features *f, int64_t patch, const double *y, double psi[AXES][ORDER_MOST + 1],
                        const int *order, int64_t a, int *rest, double factor, double *row) {
    if (factor == 0)
        return;
    if (a == f->d) {
        add_sigma(f, patch, y, rest, factor, row);
        return;
    }
    for (int q = 0; q <= order[a]; q++) {
        rest[a] = order[a] - q;
        add_product(f, patch, y, psi, order, a + 1, rest, factor * binomial(order[a], q) * psi[a][q], row);
    }
}

void fqpi_features_add(const fqp_features *f, int64_t patch, const double *x, const int *order, double factor,
                       double *row) {
    double y[AXES], psi[AXES][ORDER_MOST + 1] = {{0}};
    int64_t at[AXES];
    int rest[AXES];
    fqpi_features_place(f, patch, at);
    for (int64_t a = 0; a < f->d; a++) {
        const double radius = f->width[a] / 2;
        y[a] = (x[a] - f->lower[a] - ((double)at[a] + 0.5) * f->width[a]) / radius;
        for (int q = 0; q < order[a]; q++)
            factor /= radius;
        if (f->opts.partition == FQP_PARTITION_SMOOTH)
            bump(y[a], at[a] == 0, at[a] == f->along[a] - 1, psi[a]);
        else
            psi[a][0] = 1;
    }
    add_product(f, patch, y, psi, order, 0, rest, factor, row);
}

static void add_at(const fqp_features *f, const double *x, const int *order, double factor, double *row) {
    if (f->opts.partition == FQP_PARTITION_INDICATOR) {
        fqpi_features_add(f, fqpi_features_patch(f, x), x, order, factor, row);
        return;
    }
    int64_t first[AXES] = {0}, last[AXES] = {0}, at[AXES];
    for (int64_t a = 0; a < f->d; a++)
        last[a] = reach(f, a, x[a], &first[a]);
    for (at[0] = first[0]; at[0] <= last[0]; at[0]++)
        for (at[1] = first[1]; at[1] <= last[1]; at[1]++)
            for (at[2] = first[2]; at[2] <= last[2]; at[2]++) {
                int64_t patch = 0;
                for (int64_t a = 0; a < f->d; a++)
                    patch = patch * f->along[a] + at[a];
                fqpi_features_add(f, patch, x, order, factor, row);
            }
}

/* ---- rows and values --------------------------------------------------------------------------------------------- */

static fqp_status check_order(const fqp_features *f, const int *order) {
    int total = 0;
    for (int64_t a = 0; a < f->d; a++) {
        if (order[a] < 0)
            return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "random features: a derivative of order %d", order[a]);
        total += order[a];
    }
    if (total > f->derivatives)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                         "random features: a derivative of order %d is asked for; %s has ordinary ones up to %d", total,
                         fqpi_activation_row(f->opts.activation)->name, f->derivatives);
    return FQP_OK;
}

static fqp_status check_points(const fqp_features *f, int64_t n, const double *x) {
    for (int64_t i = 0; i < n * f->d; i++)
        if (!isfinite(x[i]))
            return fqpi_fail(f->ctx, FQP_E_DATA, NULL, "random features: coordinate %lld of point %lld is %g",
                             (long long)(i % f->d), (long long)(i / f->d), x[i]);
    return FQP_OK;
}

fqp_status fqp_features_rows(const fqp_features *f, int64_t n, const double *x, size_t terms, const fqp_term *term,
                             double *rows) {
    fqp_status s = check_points(f, n, x);
    for (size_t t = 0; t < terms && !s; t++)
        s = check_order(f, term[t].order);
    if (s)
        return s;
    memset(rows, 0, (size_t)(n * f->count) * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        for (size_t t = 0; t < terms; t++)
            add_at(f, x + i * f->d, term[t].order, term[t].factor * (term[t].factors ? term[t].factors[i] : 1),
                   rows + i * f->count);
    return FQP_OK;
}

fqp_status fqp_features_eval(const fqp_features *f, int64_t n, const double *x, const int *order, double *u) {
    fqp_term term = {.factor = 1};
    for (int64_t a = 0; a < f->d; a++)
        term.order[a] = order ? order[a] : 0;
    double *row = fqpi_alloc(f->ctx, (size_t)f->count, sizeof *row);
    fqp_status s = row ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; i < n && !s; i++) {
        s = fqp_features_rows(f, 1, x + i * f->d, 1, &term, row);
        u[i] = 0;
        for (int64_t j = 0; j < f->count && !s; j++)
            u[i] += row[j] * f->coefficient[j];
    }
    fqpi_free(row);
    return s;
}
