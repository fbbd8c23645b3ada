/* solution.c - residual, error and numbers of a differential equation into the run directory, frame by frame. */
#include "solution.h"
#include "fail.h"
#include "field.h"
#include "mem.h"
#include "solution_i.h"

#include <math.h>
#include <string.h>

/* A right side smaller than this part of the equation's terms is rounding, not a right side. */
static const double no_right_side = 1e-8;

struct fqpi_solution {
    fqpi_solution_setup by;
    int64_t n, m, rows;
    size_t nnumbers;
    double *start;  /* [nnumbers] */
    double *target; /* [n, rows] t of the header */
    double scale;
    fqpi_field *field; /* NULL: residuals come with the frames, or there are none */
    fqp_monitor *monitor;
    double *residual, *doubt, *watched; /* [n, rows] */
    double norm;                        /* of y */
};

/* ---- what residuals are measured in ------------------------------------------------------------------------------ */

static double root_mean_square(const double *v, int64_t n) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            sum += v[i] * v[i];
            count++;
        }
    return count ? sqrt(sum / (double)count) : 0;
}

/* The size of the equation's terms at the reference; 0 where the nodes lie on no grid. */
static fqp_status terms(fqpi_solution *s, double *size) {
    fqpi_field *field = s->field;
    *size = 0;
    if (!s->by.reference)
        return FQP_OK;
    fqpi_kept kept = fqpi_keep(s->by.ctx, FQP_OK);
    fqp_status st = field ? FQP_OK : fqpi_field_create(s->by.ctx, s->by.problem, s->by.x, &field);
    if (st == FQP_E_DATA || st == FQP_E_UNSUPPORTED) {
        fqp_ctx_problems_clear(s->by.ctx);
        return fqpi_restore(s->by.ctx, &kept);
    }
    st = st ? st : fqpi_field_terms(field, s->by.y, s->start, s->residual);
    if (!st)
        *size = root_mean_square(s->residual, s->n * s->rows);
    if (field != s->field)
        fqpi_field_destroy(field);
    fqpi_keep_more(s->by.ctx, st, &kept);
    return fqpi_restore(s->by.ctx, &kept);
}

static fqp_status choose_target(fqpi_solution *s) {
    const int64_t all = s->n * s->rows;
    double size = 0;
    fqp_status st = fqpi_field_zero(s->by.ctx, s->by.problem, s->by.x, s->start, s->target);
    st = st ? st : terms(s, &size);
    if (st)
        return st;
    for (int64_t i = 0; i < all; i++)
        s->target[i] = isfinite(s->target[i]) ? -s->target[i] : 0;
    s->scale = root_mean_square(s->target, all);
    if (s->scale > no_right_side * size)
        return FQP_OK;
    memset(s->target, 0, (size_t)all * sizeof *s->target);
    for (int64_t r = 0; r < s->rows; r++)
        s->target[r] = size * (double)s->n; /* every coefficient of 1/n sum t exp(-ikx) is then of modulus `size` */
    s->scale = size;
    return FQP_OK;
}

/* Bins in which the solution has nothing can hold residual: all are told of, none is a peak. */
static fqp_status watch(fqpi_solution *s) {
    fqp_monitor_setup setup = fqp_monitor_setup_from(s->by.config);
    fqp_dft_opts dft = *setup.dft;
    fqp_projection_opts projection = *setup.projection;
    fqp_scattered_opts scattered = *setup.scattered;
    dft.peaks = projection.peaks = scattered.peaks = 1;
    projection.output = -1;
    setup.dft = &dft;
    setup.projection = &projection;
    setup.scattered = &scattered;
    return fqpi_held_monitor(s->by.ctx, s->by.x, fqp_view_2d(s->target, s->n, s->rows), &setup, &s->monitor);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status find_field(fqpi_solution *s) {
    fqp_ctx *ctx = s->by.ctx;
    if (s->by.exact_residual)
        return FQP_OK;
    fqpi_kept kept = fqpi_keep(ctx, FQP_OK);
    const fqp_status st = fqpi_field_create(ctx, s->by.problem, s->by.x, &s->field);
    if (st == FQP_E_DATA || st == FQP_E_UNSUPPORTED) {
        fqpi_kept why = fqpi_keep(ctx, st);
        fqpi_log(ctx, FQP_LOG_WARN, "no residual: %s", fqpi_kept_first(&why));
        fqpi_kept_free(&why);
    } else {
        fqpi_keep_more(ctx, st, &kept);
    }
    return fqpi_restore(ctx, &kept);
}

static fqp_status open_solution(fqpi_solution *s) {
    fqp_ctx *ctx = s->by.ctx;
    const fqp_pde *p = s->by.problem;
    const int64_t piece = fqpi_field_equations(p);
    if (piece < 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "this problem has no equation");
    s->n = s->by.y.shape[0];
    s->m = fqp_problem_unknowns(p);
    const int64_t d = s->by.x.ndim > 1 ? s->by.x.shape[1] : 1, m = s->by.y.ndim > 1 ? s->by.y.shape[1] : 1;
    if (d != fqp_problem_inputs(p) || m != s->m)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "the problem has %lld coordinates and %lld unknowns, but the points have %lld and the targets "
                         "%lld columns",
                         (long long)fqp_problem_inputs(p), (long long)s->m, (long long)d, (long long)m);
    s->rows = fqp_problem_piece(p, (size_t)piece).rows;
    s->nnumbers = fqp_problem_numbers(p);
    const size_t all = (size_t)(s->n * s->rows);
    s->start = fqpi_alloc(ctx, s->nnumbers, sizeof *s->start);
    s->target = fqpi_alloc(ctx, all, sizeof *s->target);
    s->residual = fqpi_alloc(ctx, all, sizeof *s->residual);
    s->doubt = fqpi_alloc(ctx, all, sizeof *s->doubt);
    s->watched = fqpi_alloc(ctx, all, sizeof *s->watched);
    if (!s->start || !s->target || !s->residual || !s->doubt || !s->watched)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < s->nnumbers; i++)
        fqp_problem_number(p, i, &s->start[i]);
    for (int64_t i = 0; i < s->n * s->m; i++)
        s->norm = hypot(s->norm, fqp_view_at(s->by.y, i));
    fqp_status st = find_field(s);
    if (!st && (s->field || s->by.exact_residual))
        st = choose_target(s);
    if (!st && s->scale > 0)
        st = watch(s);
    return st ? st : fqpi_solution_describe(&s->by, s->scale);
}

fqp_status fqpi_solution_create(const fqpi_solution_setup *setup, fqpi_solution **out) {
    fqpi_solution *s = fqpi_calloc(setup->ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    s->by = *setup;
    const fqp_status st = open_solution(s);
    if (st) {
        fqpi_solution_destroy(s);
        return st;
    }
    *out = s;
    return FQP_OK;
}

void fqpi_solution_destroy(fqpi_solution *s) {
    if (!s)
        return;
    fqp_monitor_destroy(s->monitor);
    fqpi_field_destroy(s->field);
    fqpi_free(s->start);
    fqpi_free(s->target);
    fqpi_free(s->residual);
    fqpi_free(s->doubt);
    fqpi_free(s->watched);
    fqpi_free(s);
}

fqp_monitor *fqpi_solution_monitor(const fqpi_solution *s) {
    return s->monitor;
}

int64_t fqpi_solution_rows(const fqpi_solution *s) {
    return s->rows;
}

double fqpi_solution_scale(const fqpi_solution *s) {
    return s->scale;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static fqp_status append(const fqpi_solution *s, const char *series, fqp_view v) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s", s->by.folder, series);
    return fqp_store_append(s->by.store, name, v);
}

static fqp_status append_error(const fqpi_solution *s, fqp_view u) {
    double distance = 0;
    for (int64_t i = 0; i < s->n * s->m; i++)
        distance = hypot(distance, fqp_view_at(u, i) - fqp_view_at(s->by.y, i));
    const double error = s->norm > 0 ? distance / s->norm : distance;
    return append(s, "rel_l2", fqp_view_make(&error, FQP_F64, 0, NULL));
}

static fqp_status observe(fqpi_solution *s, int64_t step, double seconds, const double *residual) {
    const int64_t all = s->n * s->rows;
    const double size = root_mean_square(residual, all) / s->scale;
    for (int64_t i = 0; i < all; i++)
        s->watched[i] = s->target[i] + (isfinite(residual[i]) ? residual[i] : 0);
    const fqp_status st = fqp_monitor_observe(s->monitor, step, seconds, fqp_view_2d(s->watched, s->n, s->rows));
    return st ? st : append(s, "residual_size", fqp_view_make(&size, FQP_F64, 0, NULL));
}

static fqp_status append_residual(fqpi_solution *s, int64_t step, double seconds, fqp_view u, const double *residual,
                                  const double *numbers) {
    fqp_status st = FQP_OK;
    if (!residual) {
        st = fqpi_field_residual(s->field, u, numbers, s->residual, s->doubt);
        st = st ? st : append(s, "doubt", fqp_view_2d(s->doubt, s->n, s->rows));
        residual = s->residual;
    }
    st = st ? st : append(s, "residual", fqp_view_2d(residual, s->n, s->rows));
    return st || !s->monitor ? st : observe(s, step, seconds, residual);
}

fqp_status fqpi_solution_frame(fqpi_solution *s, int64_t step, double seconds, fqp_view u, const double *residual,
                               const double *numbers) {
    const double *k = numbers ? numbers : s->start;
    if (s->by.exact_residual && !residual)
        return fqpi_fail(s->by.ctx, FQP_E_ARG, NULL, "step %lld: the residual is missing", (long long)step);
    fqp_status st = s->by.reference ? append_error(s, u) : FQP_OK;
    if (!st && (s->field || residual))
        st = append_residual(s, step, seconds, u, residual, k);
    if (!st && s->nnumbers)
        st = append(s, "numbers", fqp_view_1d(k, (int64_t)s->nnumbers));
    return st;
}

fqp_status fqpi_solution_resume(fqpi_solution *s, int64_t frames) {
    static const char *const series[] = {"rel_l2", "residual_size", "residual", "doubt", "numbers"};
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < sizeof series / sizeof *series && !st; i++) {
        char name[FQPI_NAME], file[FQPI_NAME + 4];
        fqpi_print(name, sizeof name, "%s/%s", s->by.folder, series[i]);
        fqpi_print(file, sizeof file, "%s.npy", name);
        if (fqp_store_has(s->by.store, file))
            st = fqp_store_truncate(s->by.store, name, frames);
    }
    return st;
}
