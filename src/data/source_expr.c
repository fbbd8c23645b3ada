/* source_expr.c - targets by expression on the points of a box. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"

#include <stdio.h>
#include <string.h>

enum { MOST_POINTS = 1000000000 };

typedef struct plan {
    fqp_reals lower, upper; /* as given, or where none is given the one number of every axis */
    fqpi_box box, test_box;
    const fqpi_sampling *sampling;
    int64_t count[FQPI_BOX_MAX_DIM], test_count[FQPI_BOX_MAX_DIM]; /* grids: per axis */
    int64_t n, n_test;
} plan;

/* A list of one number serves every axis. */
static bool fits(size_t length, int d) {
    return length == 1 || length == (size_t)d;
}

static size_t most(size_t a, size_t b) {
    return a > b ? a : b;
}

static void find_dimension(fqpi_data_job *job, plan *p) {
    const fqp_data_opts *o = job->o;
    size_t d = most(p->lower.n, p->upper.n);
    d = most(d, p->sampling->grid ? o->n.n : 1);
    if (d > (size_t)p->sampling->max_dim) {
        fqpi_data_refuse(job, FQP_E_CONFIG, "sampling", "%s serves at most %d dimensions, the box has %zu",
                         p->sampling->name, p->sampling->max_dim, d);
        return;
    }
    p->box.d = (int)d;
    if (!fits(p->lower.n, p->box.d))
        fqpi_data_refuse(job, FQP_E_CONFIG, "lower", "%zu numbers for %d dimensions", p->lower.n, p->box.d);
    if (!fits(p->upper.n, p->box.d))
        fqpi_data_refuse(job, FQP_E_CONFIG, "upper", "%zu numbers for %d dimensions", p->upper.n, p->box.d);
}

/* Corners named `low` and `high` in the section. */
static void find_box(fqpi_data_job *job, const char *low, const fqp_reals *lower, const char *high,
                     const fqp_reals *upper, fqpi_box *box) {
    for (int j = 0; j < box->d; j++) {
        box->lower[j] = lower->v[lower->n == 1 ? 0 : j];
        box->upper[j] = upper->v[upper->n == 1 ? 0 : j];
        if (!(box->upper[j] > box->lower[j])) {
            fqpi_data_refuse(job, FQP_E_CONFIG, high, "%.10g is not above data.%s %.10g", box->upper[j], low,
                             box->lower[j]);
            return;
        }
    }
}

static void find_boxes(fqpi_data_job *job, plan *p) {
    const fqp_data_opts *o = job->o;
    const bool lower = o->test_lower.n > 0, upper = o->test_upper.n > 0;
    find_box(job, "lower", &p->lower, "upper", &p->upper, &p->box);
    p->test_box.d = p->box.d;
    if (lower && !fits(o->test_lower.n, p->box.d))
        fqpi_data_refuse(job, FQP_E_CONFIG, "test_lower", "%zu numbers for %d dimensions", o->test_lower.n, p->box.d);
    if (upper && !fits(o->test_upper.n, p->box.d))
        fqpi_data_refuse(job, FQP_E_CONFIG, "test_upper", "%zu numbers for %d dimensions", o->test_upper.n, p->box.d);
    if (!job->status)
        find_box(job, lower ? "test_lower" : "lower", lower ? &o->test_lower : &p->lower,
                 upper ? "test_upper" : "upper", upper ? &o->test_upper : &p->upper, &p->test_box);
}

/* Points per axis of a grid; answers their product. */
static int64_t find_counts(fqpi_data_job *job, const char *key, fqp_ints list, int d, int64_t *count) {
    if (!fits(list.n, d)) {
        fqpi_data_refuse(job, FQP_E_CONFIG, key, "%zu numbers for %d dimensions", list.n, d);
        return 0;
    }
    int64_t n = 1;
    for (int j = 0; j < d; j++) {
        count[j] = list.v[list.n == 1 ? 0 : j];
        if (n > MOST_POINTS / count[j]) {
            fqpi_data_refuse(job, FQP_E_CONFIG, key, "a grid of more than %d points", MOST_POINTS);
            return 0;
        }
        n *= count[j];
    }
    return n;
}

static void find_points(fqpi_data_job *job, plan *p) {
    const fqp_data_opts *o = job->o;
    if (o->n.n == 0)
        fqpi_data_refuse(job, FQP_E_CONFIG, "n", "the number of points is missing");
    else if (p->sampling->grid)
        p->n = find_counts(job, "n", o->n, p->box.d, p->count);
    else if (o->n.n > 1)
        fqpi_data_refuse(job, FQP_E_CONFIG, "n", "sampling %s takes one total, %zu numbers are given",
                         p->sampling->name, o->n.n);
    else
        p->n = o->n.v[0];
    if (o->test_n.n)
        p->n_test = find_counts(job, "test_n", o->test_n, p->box.d, p->test_count);
}

static void make_plan(fqpi_data_job *job, plan *p) {
    const fqp_data_opts *o = job->o;
    static double low = -3.14, high = 3.14; /* the interval of Xu et al. 1901.06523 */
    *p = (plan){.sampling = fqpi_sampling_row((size_t)o->sampling),
                .lower = o->lower.n ? o->lower : (fqp_reals){&low, 1},
                .upper = o->upper.n ? o->upper : (fqp_reals){&high, 1}};
    if (o->target.n == 0)
        fqpi_data_refuse(job, FQP_E_CONFIG, "target", "the expression is missing");
    if (!job->status)
        find_dimension(job, p);
    if (!job->status) {
        find_boxes(job, p);
        find_points(job, p);
    }
}

static void note_grid(const int64_t *count, int d, int *ndim, int64_t *grid) {
    *ndim = d <= 3 ? d : 0;
    for (int j = 0; j < *ndim; j++)
        grid[j] = count[j];
}

static void describe(fqpi_data_job *job, const plan *p) {
    fqpi_text t = {0};
    const fqp_data_opts *o = job->o;
    for (size_t j = 0; j < o->target.n; j++)
        fqpi_text_add(job->ctx, &t, "%s%s", j ? ", " : "", o->target.v[j]);
    for (int j = 0; j < p->box.d && j < 3; j++)
        fqpi_text_add(job->ctx, &t, "%s[%.10g, %.10g]", j ? " x " : " on ", p->box.lower[j], p->box.upper[j]);
    if (p->box.d > 3)
        fqpi_text_add(job->ctx, &t, " x ... (%d dimensions)", p->box.d);
    fqpi_text_add(job->ctx, &t, ", %s of ", p->sampling->name);
    for (int j = 0; p->sampling->grid && p->box.d > 1 && j < p->box.d && j < 3; j++)
        fqpi_text_add(job->ctx, &t, "%lld%s", (long long)p->count[j],
                      j == p->box.d - 1 ? " = "
                      : j == 2          ? " x ... = "
                                        : " x ");
    fqpi_text_add(job->ctx, &t, "%lld point%s", (long long)p->n, p->n == 1 ? "" : "s");
    if (p->sampling->even)
        fqpi_text_add(job->ctx, &t, ", upper end %s", o->endpoint ? "included" : "left out");
    if (o->quantize > 0)
        fqpi_text_add(job->ctx, &t, ", rounded to multiples of %.10g", o->quantize);
    if (t.failed)
        job->status = FQP_E_NOMEM;
    job->out->origin = t.s;
}

static fqp_status create_matrix(fqpi_data_job *job, int64_t n, int64_t d, fqp_array *out) {
    if (!job->status)
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, d}, out);
    return job->status;
}

static fqp_status fill(fqpi_data_job *job, const plan *p, const fqpi_target *t) {
    fqp_dataset *s = job->out;
    int d = p->box.d;
    *s = (fqp_dataset){.n = p->n, .d = d, .m = t->m, .n_test = p->n_test, .endpoint = job->o->endpoint};
    create_matrix(job, p->n, d, &s->x);
    create_matrix(job, p->n, t->m, &s->y);
    if (p->n_test) {
        create_matrix(job, p->n_test, d, &s->x_test);
        create_matrix(job, p->n_test, t->m, &s->y_test);
    }
    if (job->status)
        return job->status;
    if (p->sampling->even)
        fqpi_grid_fill(&p->box, p->count, job->o->endpoint, p->n, s->x.data);
    else if (p->sampling->grid)
        fqpi_chebyshev_fill(&p->box, p->count, p->n, s->x.data);
    else
        p->sampling->fill(job->seed, &p->box, p->n, s->x.data);
    fqpi_target_eval(job, t, d, p->n, s->x.data, s->y.data);
    if (p->n_test && !job->status) {
        fqpi_grid_fill(&p->test_box, p->test_count, job->o->endpoint, p->n_test, s->x_test.data);
        fqpi_target_eval(job, t, d, p->n_test, s->x_test.data, s->y_test.data);
        note_grid(p->test_count, d, &s->grid_test_ndim, s->grid_test);
    }
    if (p->sampling->even)
        note_grid(p->count, d, &s->grid_ndim, s->grid);
    for (int j = 0; j < d && j < 3; j++) {
        s->lower[j] = p->box.lower[j];
        s->upper[j] = p->box.upper[j];
    }
    describe(job, p);
    return job->status;
}

static fqp_status check(fqpi_data_job *job, int64_t *n) {
    plan p;
    fqpi_target t = {0};
    make_plan(job, &p);
    if (p.box.d > 0 && job->o->target.n > 0)
        fqpi_target_create(job, p.box.d, NULL, &t);
    fqpi_target_free(&t);
    *n = p.n;
    return job->status;
}

static fqp_status build(fqpi_data_job *job) {
    plan p;
    fqpi_target t = {0};
    make_plan(job, &p);
    if (p.box.d > 0 && job->o->target.n > 0)
        fqpi_target_create(job, p.box.d, NULL, &t);
    if (!job->status)
        fill(job, &p, &t);
    fqpi_target_free(&t);
    return job->status;
}

const fqpi_source fqpi_source_expr = {"expr", "expressions on the points of a box", build, check};
