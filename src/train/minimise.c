/* minimise.c - steps of the optimisers that want the whole vector and more than one evaluation. */
#include "finish.h"
#include "group_rows.h"
#include "jacobian.h"
#include "lapack.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a sum of squares needs besides the vectors of the optimiser. */
struct fqpi_least_squares {
    fqpi_jacobian *jacobian;
    fqpi_group_rows *rows; /* that fill the Jacobian from groups of points; NULL: the data set does */
    const fqp_model *net;
    fqpi_squares squares;
    double *numbers; /* the arrays of squares */
};

static const double MOST_BYTES = 1 << 30;

/* ---- refusals ---------------------------------------------------------------------------------- */

/* The key that chose a row, for messages. */
static const char *key_of(const fqp_train_opts *o, const fqpi_optimizer *row) {
    return row == fqpi_finish_row(o) ? "train.finish" : "train.optimizer";
}

static int64_t system_size(const fqp_model *net, int64_t rows) {
    return rows < net->parameters ? rows : net->parameters;
}

static fqp_status check_bytes(fqp_ctx *ctx, const fqp_model *net, int64_t rows, double jacobian, const char *key,
                              const fqpi_optimizer *row) {
    const double size = (double)system_size(net, rows);
    const double bytes = (2 * size * size + 3 * (double)rows) * sizeof(double) + jacobian;
    if (bytes <= MOST_BYTES)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                     "%s: %s would need %.1f GiB for %lld residuals and %lld parameters, more than %.0f; use lbfgs",
                     key, row->name, bytes / 0x1p30, (long long)rows, (long long)net->parameters, MOST_BYTES / 0x1p30);
}

static fqp_status check_squares(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o,
                                const fqpi_optimizer *row) {
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    if (strcmp(loss->name, "mse") != 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s: %s minimises a sum of squares; %s is none, mse is",
                         key_of(o, row), row->name, loss->name);
    if (net->numbers > 0 && o->weight_decay > 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.weight_decay: %s would apply it to model.numbers too; set one of them to nothing",
                         row->name);
    return check_bytes(ctx, net, n * net->m, fqpi_jacobian_bytes(net, n), key_of(o, row), row);
}

fqp_status fqpi_minimise_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o,
                               const fqpi_optimizer *row) {
    if (!row->minimise)
        return FQP_OK;
    if (o->batch > 0 && o->batch < n)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.batch: %s needs every training point in each step; set 0, or another train.optimizer",
                         row->name);
    if (net->k->dtype != FQP_F64)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s: %s needs model.precision f64; %s in f32", key_of(o, row),
                         row->name,
                         row->squares      ? "its equations square the condition, which is too much"
                         : row->last_layer ? "what it solves for is larger than the sum it gives"
                                           : "the line search cannot tell points apart");
    return row->squares      ? check_squares(ctx, net, n, o, row)
           : row->last_layer ? fqpi_last_layer_check(ctx, net, n, o)
                             : FQP_OK;
}

/* ---- work space -------------------------------------------------------------------------------- */

static void linearise(void *self) {
    struct fqpi_least_squares *q = self;
    fqpi_squares *s = &q->squares;
    if (q->rows) {
        s->rows = fqpi_group_rows_take(q->rows, fqpi_jacobian_all(q->jacobian), s->r);
        s->size = system_size(q->net, s->rows);
        fqpi_jacobian_resize(q->jacobian, s->rows);
    } else {
        fqpi_jacobian_take(q->jacobian, s->r);
    }
    if (s->rows < q->net->parameters)
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

static void close_squares(struct fqpi_least_squares *q) {
    if (!q)
        return;
    fqpi_jacobian_destroy(q->jacobian);
    fqpi_group_rows_destroy(q->rows);
    fqpi_free(q->numbers);
    fqpi_free(q);
}

static fqp_status ready(const fqp_trainer *t, const fqpi_optimizer *row) {
    char who[64];
    snprintf(who, sizeof who, "%s: %s needs", key_of(&t->opts, row), row->name);
    return row->squares || row->last_layer ? fqpi_lapack_ready(t->ctx, who) : FQP_OK;
}

/* Room for so many residuals. */
static fqp_status open_squares(const fqp_trainer *t, int64_t rows, struct fqpi_least_squares **out) {
    const int64_t size = system_size(t->net, rows);
    struct fqpi_least_squares *q = *out = fqpi_calloc(t->ctx, 1, sizeof *q);
    double *p = q ? q->numbers = fqpi_calloc(t->ctx, (size_t)(2 * size * size + 3 * rows), sizeof *p) : NULL;
    if (!p)
        return FQP_E_NOMEM;
    q->net = t->net;
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

/* The mean of the squares of h - y is |r|^2/2 with r = sqrt(2/(n m)) (h - y). */
fqp_status fqpi_minimise_open(fqp_trainer *t) {
    const fqpi_optimizer *last = fqpi_finish_row(&t->opts);
    const int64_t rows = t->n * t->net->m;
    fqp_status s = ready(t, t->optimizer);
    if (!s && last)
        s = ready(t, last);
    if (s || !(t->optimizer->squares || (last && last->squares)))
        return s;
    s = open_squares(t, rows, &t->least);
    return s ? s : fqpi_jacobian_create(t, sqrt(2 / (double)rows), &t->least->jacobian);
}

/* ---- groups ------------------------------------------------------------------------------------ */

static const fqpi_optimizer *by_squares(const fqp_trainer *t) {
    const fqpi_optimizer *last = fqpi_finish_row(&t->opts), *first = fqpi_optimizer_row(t->opts.optimizer);
    return first->squares ? first : last && last->squares ? last : NULL;
}

static int64_t rows_of(const fqp_groups *groups) {
    int64_t rows = 0;
    for (size_t i = 0; i < groups->count; i++)
        rows += groups->group[i].rows;
    return rows;
}

fqp_status fqpi_minimise_check_groups(const fqp_trainer *t, const fqp_groups *groups) {
    const fqpi_optimizer *row = by_squares(t);
    const int64_t rows = rows_of(groups);
    if (!row)
        return FQP_OK;
    if (!groups->residuals || rows < 1)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "groups: %s %s minimises a sum of squares, and this loss gives no residuals; use lbfgs",
                         key_of(&t->opts, row), row->name);
    double adjoints = 0;
    for (size_t i = 0; i < groups->count; i++) {
        const fqp_group *g = &groups->group[i];
        adjoints = fmax(adjoints, (double)g->rows * fmax(1, (double)g->span) * (double)g->count * (double)t->net->m);
    }
    return check_bytes(t->ctx, t->net, rows, fqpi_jacobian_bytes_of_rows(t->net, rows) + adjoints * sizeof(double),
                       key_of(&t->opts, row), row);
}

fqp_status fqpi_minimise_open_groups(fqp_trainer *t, const fqp_groups *given, const fqpi_groups *groups) {
    struct fqpi_least_squares *next = NULL;
    if (!by_squares(t))
        return FQP_OK;
    fqp_status s = open_squares(t, rows_of(given), &next);
    s = s ? s : fqpi_jacobian_create_rows(t, rows_of(given), &next->jacobian);
    s = s ? s : fqpi_group_rows_create(t, groups, &next->rows);
    if (s) {
        close_squares(next);
        return s;
    }
    close_squares(t->least);
    t->least = next;
    return FQP_OK;
}

void fqpi_minimise_close(fqp_trainer *t) {
    close_squares(t->least);
    t->least = NULL;
}

/* ---- steps ------------------------------------------------------------------------------------- */

/* Loss plus weight decay, L + (decay/2) |w|^2, and its gradient. */
static double value(void *self, double *g) {
    fqp_trainer *t = self;
    const fqpi_kernel *k = t->net->k;
    int64_t n = t->net->parameters - t->net->numbers;
    double decay = t->opts.weight_decay, f;
    fqpi_measure(t, g != NULL);
    f = t->now.loss;
    if (g)
        memcpy(g, t->gradient, (size_t)t->net->parameters * sizeof *g);
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
    if (fqpi_user_steps(t) && fqpi_groups_draw(t, t->now.step))
        return FQPI_FAILED;
    fqpi_objective o = {.value = value,
                        .solve_last = solve_last,
                        .self = t,
                        .n = t->net->parameters,
                        .w = t->net->w,
                        .changed = t->parts.groups.changed,
                        .k = t->net->k,
                        .lr = fqpi_learning_rate(t, t->now.step),
                        .squares = t->least ? &t->least->squares : NULL};
    double f;
    t->parts.groups.held = true;
    bool better = t->optimizer->minimise(&o, t->opts.memory, t->state, t->stride, t->now.memo, &f);
    if (!better && !t->parts.failed && isfinite(f))
        fqpi_measure(t, false); /* the last point tried is not the one that is kept */
    t->parts.groups.held = false;
    if (t->parts.failed)
        return FQPI_FAILED;
    if (!isfinite(f))
        return FQPI_DIVERGED;
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
