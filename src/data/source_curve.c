/* source_curve.c - points of a closed plane curve x(t), t in [0, 2 pi), with targets that are functions of t.
 *
 * The network sees x(t), probes measure along t: a winding curve makes a high frequency in t a low one in the plane
 * (Rahaman et al. 1806.08734, section 5).  With a density rho the training points are t_j = F^-1(j/n), F the integral
 * of rho scaled to F(2 pi) = 1. */
#include "data_i.h"
#include "expr_i.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void circle(double t, double petals, double x[2]) {
    (void)petals;
    x[0] = cos(t);
    x[1] = sin(t);
}

static void flower(double t, double petals, double x[2]) {
    const double radius = 1 + 0.5 * sin(petals * t);
    x[0] = radius * cos(t);
    x[1] = radius * sin(t);
}

static const fqpi_curve CURVES[] = {
    {"circle", "the unit circle (cos t, sin t)", circle},
    {"flower", "R (cos t, sin t) with R = 1 + 0.5 sin(petals t), Rahaman et al. 1806.08734", flower},
};

const fqpi_curve *fqpi_curve_row(size_t i) {
    return i < sizeof CURVES / sizeof *CURVES ? &CURVES[i] : NULL;
}

/* ---- where along the curve ------------------------------------------------------------------------------------- */

static const fqpi_box ROUND = {.d = 1, .lower = {0}, .upper = {2 * M_PI}};

enum { CELLS = 8192 }; /* of the integral of the density, by the trapezoidal rule */

static bool dense(const fqp_data_opts *o) {
    return o->density && *o->density;
}

/* The density's integral from 0 to each of CELLS + 1 points. */
static fqp_status integrate(fqpi_data_job *job, const fqp_expr *e, double *sum) {
    double t[2] = {0}, rho[2] = {0};
    for (int i = 0; i <= CELLS && !job->status; i++) {
        t[1] = 2 * M_PI * i / CELLS;
        job->status = fqpi_expr_eval(job->ctx, e, 1, &t[1], NULL, &rho[1]);
        if (!job->status && !(rho[1] > 0 && isfinite(rho[1])))
            return fqpi_data_refuse(job, FQP_E_EXPR, "density", "\"%s\" is %.6g at t = %.6g, but must be positive",
                                    fqp_expr_text(e), rho[1], t[1]);
        sum[i] = i ? sum[i - 1] + 0.5 * (rho[0] + rho[1]) : 0;
        rho[0] = rho[1];
    }
    return job->status;
}

static fqp_status compile_density(fqpi_data_job *job, fqp_expr **out) {
    static const char *const variable = "t";
    const fqp_expr_opts opts = {.variables = &variable, .nvariables = 1, .origin = fqpi_data_origin(job, "density")};
    const fqp_status s = fqpi_expr_create_at(job->ctx, job->o->density, &opts, "data.density", out);
    job->status = job->status ? job->status : s;
    return s;
}

static fqp_status place_densely(fqpi_data_job *job, int64_t n, double *t) {
    fqp_expr *e = NULL;
    double *sum = fqpi_alloc(job->ctx, CELLS + 1, sizeof *sum);
    if (!sum)
        return job->status = FQP_E_NOMEM;
    if (!compile_density(job, &e))
        integrate(job, e, sum);
    for (int64_t j = 0, cell = 0; j < n && !job->status; j++) {
        const double want = sum[CELLS] * (double)j / (double)n;
        while (sum[cell + 1] < want)
            cell++;
        t[j] = 2 * M_PI * ((double)cell + (want - sum[cell]) / (sum[cell + 1] - sum[cell])) / CELLS;
    }
    fqp_expr_destroy(e);
    fqpi_free(sum);
    return job->status;
}

/* ---- points ---------------------------------------------------------------------------------------------------- */

typedef struct part {
    int64_t n;
    fqp_array *x, *y, *t;
    bool dense;
} part;

static fqp_status fill(fqpi_data_job *job, const fqpi_target *target, const part *p) {
    const int64_t n = p->n, m = target->m;
    fqp_array *const array[] = {p->x, p->y, p->t};
    const int64_t columns[] = {2, m, 1};
    for (int i = 0; i < 3 && !job->status; i++)
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, columns[i]}, array[i]);
    if (job->status)
        return job->status;
    double *t = p->t->data, *x = p->x->data;
    if (p->dense)
        place_densely(job, n, t);
    else
        fqpi_grid_fill(&ROUND, &n, false, n, t);
    for (int64_t j = 0; j < n; j++) {
        fqpi_curve_row((size_t)job->o->curve)->at(t[j], (double)job->o->petals, x + 2 * j);
        x[2 * j] *= job->o->radius, x[2 * j + 1] *= job->o->radius;
    }
    return job->status ? job->status : fqpi_target_eval(job, target, 1, n, t, p->y->data);
}

static void describe(fqpi_data_job *job, int64_t n) {
    fqpi_text s = {0};
    const fqp_data_opts *o = job->o;
    for (size_t j = 0; j < o->target.n; j++)
        fqpi_text_add(job->ctx, &s, "%s%s", j ? ", " : "", o->target.v[j]);
    const char *name = fqpi_curve_row((size_t)o->curve)->name;
    fqpi_text_add(job->ctx, &s, " along a %s", name);
    if (strcmp(name, "flower") == 0)
        fqpi_text_add(job->ctx, &s, " of %lld petals", (long long)o->petals);
    if (o->radius != 1)
        fqpi_text_add(job->ctx, &s, " of radius %.6g", o->radius);
    fqpi_text_add(job->ctx, &s, ", %lld point%s", (long long)n, n == 1 ? "" : "s");
    if (dense(o))
        fqpi_text_add(job->ctx, &s, ", density %s", o->density);
    if (s.failed)
        job->status = FQP_E_NOMEM;
    job->out->origin = s.s;
}

static int64_t total(fqpi_data_job *job, const char *key, fqp_ints list) {
    if (list.n == 1)
        return list.v[0];
    if (list.n > 1)
        fqpi_data_refuse(job, FQP_E_CONFIG, key, "a curve takes one number of points, %zu are given", list.n);
    else if (strcmp(key, "n") == 0)
        fqpi_data_refuse(job, FQP_E_CONFIG, key, "the number of points is missing");
    return 0;
}

static fqp_status compile_targets(fqpi_data_job *job, fqpi_target *target) {
    if (job->o->target.n == 0)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "target", "the expression is missing");
    return fqpi_target_create(job, 1, "t", target);
}

static fqp_status check(fqpi_data_job *job, int64_t *n) {
    fqpi_target target = {0};
    fqp_expr *density = NULL;
    *n = total(job, "n", job->o->n);
    total(job, "test_n", job->o->test_n);
    compile_targets(job, &target);
    if (dense(job->o))
        compile_density(job, &density);
    fqp_expr_destroy(density);
    fqpi_target_free(&target);
    return job->status;
}

static fqp_status build(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    fqpi_target target = {0};
    const int64_t n = total(job, "n", job->o->n), n_test = total(job, "test_n", job->o->test_n);
    compile_targets(job, &target);
    if (!job->status) {
        *s = (fqp_dataset){.n = n, .d = 2, .m = target.m, .n_test = n_test, .upper = {2 * M_PI}};
        fill(job, &target, &(part){n, &s->x, &s->y, &s->coordinate, dense(job->o)});
    }
    if (!job->status && n_test) {
        fill(job, &target, &(part){n_test, &s->x_test, &s->y_test, &s->coordinate_test, false});
        s->grid_test_ndim = 1;
        s->grid_test[0] = n_test;
    }
    if (!job->status && !dense(job->o)) {
        s->grid_ndim = 1;
        s->grid[0] = n;
    }
    if (!job->status)
        describe(job, n);
    fqpi_target_free(&target);
    return job->status;
}

const fqpi_source fqpi_source_curve = {"curve", "points of a closed plane curve, targets along it", build, check};
