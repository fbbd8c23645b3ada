/* minimise.c - steps of the optimisers that want the whole vector and more than one evaluation. */
#include "jacobian.h"
#include "lapack.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a sum of squares needs besides the vectors of the optimiser. */
struct fqpi_least_squares {
    fqpi_jacobian *jacobian;
    fqpi_squares squares;
    double *numbers; /* the arrays of squares */
};

static const double MOST_BYTES = 1 << 30;

/* ---- refusals ---------------------------------------------------------------------------------- */

static int64_t system_size(const fqp_model *net, int64_t n) {
    return n * net->m < net->parameters ? n * net->m : net->parameters;
}

static double bytes_for(const fqp_model *net, int64_t n) {
    double size = (double)system_size(net, n), rows = (double)n * (double)net->m;
    return (2 * size * size + 3 * rows) * sizeof(double) + fqpi_jacobian_bytes(net, n);
}

static fqp_status check_squares(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o) {
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    double bytes = bytes_for(net, n);
    if (strcmp(loss->name, "mse") != 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.optimizer: %s minimises a sum of squares; %s is none, mse is",
                         fqpi_optimizer_row(o->optimizer)->name, loss->name);
    if (bytes > MOST_BYTES)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: %s would need %.1f GiB for %lld residuals and %lld parameters, more than "
                         "%.0f; use lbfgs",
                         fqpi_optimizer_row(o->optimizer)->name, bytes / 0x1p30, (long long)n * net->m,
                         (long long)net->parameters, MOST_BYTES / 0x1p30);
    return FQP_OK;
}

fqp_status fqpi_minimise_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o) {
    const fqpi_optimizer *row = fqpi_optimizer_row(o->optimizer);
    if (!row->minimise)
        return FQP_OK;
    if (o->batch > 0 && o->batch < n)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.batch: %s needs every training point in each step; set 0, or another train.optimizer",
                         row->name);
    if (net->k->dtype != FQP_F64)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.optimizer: %s needs model.precision f64; %s in f32", row->name,
                         row->squares      ? "its equations square the condition, which is too much"
                         : row->last_layer ? "what it solves for is larger than the sum it gives"
                                           : "the line search cannot tell points apart");
    return row->squares      ? check_squares(ctx, net, n, o)
           : row->last_layer ? fqpi_last_layer_check(ctx, net, n, o)
                             : FQP_OK;
}

/* ---- work space -------------------------------------------------------------------------------- */

static void linearise(void *self) {
    struct fqpi_least_squares *q = self;
    const fqpi_squares *s = &q->squares;
    fqpi_jacobian_take(q->jacobian, s->r);
    if (s->size == s->rows)
        fqpi_jacobian_outer(q->jacobian, s->normal);
    else
        fqpi_jacobian_inner(q->jacobian, s->normal);
}

static void pull(void *self, const double *u, double *g) {
    struct fqpi_least_squares *q = self;
    fqpi_jacobian_pull(q->jacobian, u, g);
}

static void push(void *self, const double *v, double *u) {
    struct fqpi_least_squares *q = self;
    fqpi_jacobian_push(q->jacobian, v, u);
}

/* The mean of the squares of h - y is |r|^2/2 with r = sqrt(2/(n m)) (h - y). */
fqp_status fqpi_minimise_open(fqp_trainer *t) {
    if (t->optimizer->last_layer)
        return fqpi_lapack_ready(t->ctx, "train.optimizer: least_squares needs");
    if (!t->optimizer->squares)
        return FQP_OK;
    char who[64];
    snprintf(who, sizeof who, "train.optimizer: %s needs", t->optimizer->name);
    fqp_status s = fqpi_lapack_ready(t->ctx, who);
    if (s)
        return s;
    int64_t rows = t->n * t->net->m, size = system_size(t->net, t->n);
    struct fqpi_least_squares *q = t->least = fqpi_calloc(t->ctx, 1, sizeof *q);
    double *p = q ? q->numbers = fqpi_calloc(t->ctx, (size_t)(2 * size * size + 3 * rows), sizeof *p) : NULL;
    if (!p || fqpi_jacobian_create(t, sqrt(2 / (double)rows), &q->jacobian))
        return FQP_E_NOMEM;
    q->squares = (fqpi_squares){.self = q,
                                .rows = rows,
                                .decay = t->opts.weight_decay,
                                .damping = t->opts.damping,
                                .size = size,
                                .normal = p,
                                .factor = p + size * size,
                                .r = p + 2 * size * size,
                                .q = p + 2 * size * size + rows,
                                .jw = p + 2 * size * size + 2 * rows,
                                .linearise = linearise,
                                .pull = pull,
                                .push = push};
    return FQP_OK;
}

void fqpi_minimise_close(fqp_trainer *t) {
    if (!t->least)
        return;
    fqpi_jacobian_destroy(t->least->jacobian);
    fqpi_free(t->least->numbers);
    fqpi_free(t->least);
    t->least = NULL;
}

/* ---- steps ------------------------------------------------------------------------------------- */

/* Loss plus weight decay, L + (decay/2) |w|^2, and its gradient. */
static double value(void *self, double *g) {
    fqp_trainer *t = self;
    const fqpi_kernel *k = t->net->k;
    int64_t n = t->net->parameters;
    double decay = t->opts.weight_decay, f;
    fqpi_measure(t, g != NULL);
    f = t->now.loss;
    if (g)
        memcpy(g, t->gradient, (size_t)n * sizeof *g);
    if (decay > 0) {
        if (g)
            k->axpy(n, decay, t->net->w, g);
        f += 0.5 * decay * k->dot(n, t->net->w, t->net->w);
    }
    return f;
}

static bool solve_last(void *self) {
    fqp_trainer *t = self;
    t->parts.failed = fqpi_last_layer_solve(t);
    return !t->parts.failed;
}

static fqpi_halt minimise_once(fqp_trainer *t) {
    fqpi_objective o = {.value = value,
                        .solve_last = solve_last,
                        .self = t,
                        .n = t->net->parameters,
                        .w = t->net->w,
                        .k = t->net->k,
                        .lr = fqpi_learning_rate(t, t->now.step),
                        .squares = t->least ? &t->least->squares : NULL};
    double f;
    bool better = t->optimizer->minimise(&o, t->opts.memory, t->state, t->stride, t->now.memo, &f);
    if (t->parts.failed)
        return FQPI_FAILED;
    if (!isfinite(f))
        return FQPI_DIVERGED;
    if (!better)
        fqpi_measure(t, false); /* the last point tried is not the one that is kept */
    t->last_finite = t->now.loss;
    return better ? FQPI_GOING : FQPI_CONVERGED;
}

fqpi_halt fqpi_minimise(fqp_trainer *t, int64_t until, fqpi_halt (*after)(fqp_trainer *t)) {
    fqpi_halt halt = FQPI_GOING;
    while (t->now.step < until && !halt) {
        halt = minimise_once(t);
        if (halt)
            break;
        t->now.step++;
        if (after)
            halt = after(t);
    }
    return halt;
}
