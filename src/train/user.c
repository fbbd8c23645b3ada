/* user.c - a user's own objective, stream of data and optimiser: what is refused, and the calls of a step. */
#include "user.h"
#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "path.h"
#include "real.h"
#include "rng.h"
#include "slopes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is refused --------------------------------------------------------------------------- */

/* Optimisers with a line search compare losses of one batch at several points and keep their own account of steps. */
static fqp_status check_steps(const fqp_trainer *t, const char *what) {
    if (t->sampling)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "%s: not with train.sampling, which weighs the losses of the table",
                         what);
    if (t->optimizer->kronecker)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "%s: train.optimizer kfac knows the curvature of mse and cross_entropy on the points of the "
                         "data set; set one that follows a gradient (gd, momentum, adam, ...)",
                         what);
    if (!t->optimizer->minimise)
        return FQP_OK;
    return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                     "%s: train.optimizer %s makes its steps by itself; set one that follows a gradient (gd, momentum, "
                     "adam, ...)",
                     what, t->optimizer->name);
}

static fqp_status check_accuracy(const fqp_trainer *t, const char *what) {
    if (!(t->opts.stop_accuracy > 0))
        return FQP_OK;
    return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                     "%s: no classes are counted with it, so train.stop_accuracy %g is never met", what,
                     t->opts.stop_accuracy);
}

/* Activations that have derivatives up to `order`. */
static void list_smooth(fqp_ctx *ctx, int order, fqpi_text *out) {
    for (int i = 0; fqpi_activation_row(i); i++) {
        const fqpi_activation *a = fqpi_activation_row(i);
        double f[4];
        if (i != FQPI_ACT_IDENTITY && fqp_activation_eval(i, a->value, 0.5, f) >= order)
            fqpi_text_add(ctx, out, " %s", a->name);
    }
}

/* The start is known at the data set's points, and only the losses of the table take it off. */
static fqp_status check_start(const fqp_trainer *t, const char *what) {
    if (!t->opts.subtract_start)
        return FQP_OK;
    return fqpi_fail(t->ctx, FQP_E_UNSUPPORTED, NULL,
                     "%s: not with train.subtract_start, which knows f_0 at the points of the data set only", what);
}

/* A layer whose activation is not smooth enough; NULL: none.  The gradient of what holds derivatives of some order
 * takes one order more of it. */
static const fqpi_layer *roughest(const fqp_model *net, int order) {
    double f[4];
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        if (y->act != FQPI_ACT_IDENTITY && fqp_activation_eval(y->act, y->param, 0.5, f) <= order)
            return y;
    }
    return NULL;
}

static fqp_status check_order(const fqp_trainer *t, int order) {
    static const char *const nth[] = {"", "first", "second", "third"};
    if (order < 0 || order > 2)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "objective: order %d; values are 0, derivatives by the inputs 1 and 2", order);
    if (order == 0)
        return FQP_OK;
    if (t->net->output->map)
        return fqpi_fail(t->ctx, FQP_E_UNSUPPORTED, NULL,
                         "objective: derivatives by the inputs need model.output linear, not %s", t->net->output->name);
    if (t->net->embed.d > FQP_AXES)
        return fqpi_fail(t->ctx, FQP_E_UNSUPPORTED, NULL, "objective: derivatives by %d inputs at most, not %lld",
                         FQP_AXES, (long long)t->net->embed.d);
    const fqpi_layer *y = roughest(t->net, order);
    if (!y)
        return FQP_OK;
    fqpi_text names = {0};
    list_smooth(t->ctx, order + 1, &names);
    fqp_status s = fqpi_fail(t->ctx, FQP_E_UNSUPPORTED, NULL,
                             "objective: order %d needs the %s derivative of the activation, and %s has none; smooth "
                             "enough are:%s",
                             order, nth[order + 1], fqpi_activation_row(y->act)->name, names.s ? names.s : "");
    fqpi_text_free(&names);
    return s;
}

/* ---- the doors --------------------------------------------------------------------------------- */

/* Room for the present parts; `before` is put back when there is none. */
static fqp_status replan(fqp_trainer *t, const fqpi_user *before) {
    int64_t most = t->parts.stream_n > t->n ? t->parts.stream_n : t->n;
    fqp_status s = fqpi_user_place(t, most);
    if (s)
        t->parts = *before;
    else
        t->path = &fqpi_path_user;
    t->known = false;
    return s;
}

fqp_status fqp_trainer_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user) {
    if (!t || !fn)
        return FQP_E_ARG;
    fqp_status s = check_steps(t, "objective");
    s = s ? s : check_start(t, "objective");
    s = s ? s : check_accuracy(t, "objective");
    s = s ? s : check_order(t, order);
    return s ? s : fqpi_user_objective(t, order, fn, user);
}

fqp_status fqpi_user_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user) {
    fqpi_user before = t->parts;
    t->parts.order = order;
    t->parts.objective = fn;
    t->parts.objective_data = user;
    return replan(t, &before);
}

fqp_status fqp_trainer_stream(fqp_trainer *t, int64_t n, fqp_stream_fn fn, void *user) {
    if (!t || !fn)
        return FQP_E_ARG;
    fqp_status s = check_steps(t, "stream");
    s = s ? s : check_start(t, "stream");
    s = s ? s : check_accuracy(t, "stream");
    if (!s && fqpi_spectral_judges(t))
        s = fqpi_fail(t->ctx, FQP_E_ARG, NULL, "stream: train.loss %s needs the points of the data set, a regular grid",
                      t->criterion.loss->name);
    if (!s && n < 1)
        s = fqpi_fail(t->ctx, FQP_E_ARG, NULL, "stream: batches of %lld points; at least 1 is needed", (long long)n);
    if (s)
        return s;
    fqpi_user before = t->parts;
    t->parts.stream = fn;
    t->parts.stream_data = user;
    t->parts.stream_n = n;
    return replan(t, &before);
}

fqp_status fqp_trainer_optimizer(fqp_trainer *t, fqp_optimizer_fn fn, void *user) {
    if (!t || !fn)
        return FQP_E_ARG;
    fqp_status s = check_steps(t, "optimizer");
    if (s)
        return s;
    t->parts.optimizer = fn;
    t->parts.optimizer_data = user;
    t->known = false;
    return FQP_OK;
}

/* ---- the calls --------------------------------------------------------------------------------- */

static void draw_rows(fqp_trainer *t, const fqpi_batch *b, int64_t n) {
    const fqp_model *net = t->net;
    const int64_t d = net->embed.d;
    fqpi_points *p = &t->parts.points;
    if (!b->shuffled && p->whole)
        return;
    for (int64_t j = 0; j < n; j++) {
        int64_t i = b->start + j;
        if (b->shuffled)
            i = (int64_t)fqpi_rng_permuted(t->seed, FQPI_STREAM_BATCH, (uint64_t)b->epoch, (uint64_t)t->n, (uint64_t)i);
        for (int64_t c = 0; c < d; c++)
            p->x[j * d + c] = fqpi_real_at(t->points, i * d + c);
        memcpy(p->y + j * net->m, t->y + i * net->m, (size_t)net->m * sizeof *p->y);
    }
    p->whole = !b->shuffled;
}

/* The first number that is not finite is named at once, not when it has spread to the parameters. */
static fqp_status check_finite(fqp_trainer *t, const char *what, int64_t n, int64_t columns, const double *v) {
    for (int64_t i = 0; v && i < n * columns; i++)
        if (!isfinite(v[i])) {
            snprintf(t->parts.problem, sizeof t->parts.problem, "step %lld: %s of point %lld, number %lld, is %g",
                     (long long)t->now.step, what, (long long)(i / columns), (long long)(i % columns), v[i]);
            return FQP_E_DATA;
        }
    return FQP_OK;
}

fqp_status fqpi_user_tell(fqp_trainer *t) {
    if (t->parts.failed && t->parts.problem[0])
        fqpi_fail(t->ctx, t->parts.failed, NULL, "%s", t->parts.problem);
    t->parts.problem[0] = '\0';
    return t->parts.failed;
}

static fqp_status draw_stream(fqp_trainer *t, int64_t step, int64_t n) {
    fqpi_points *p = &t->parts.points;
    p->whole = false;
    fqp_status s = t->parts.stream(t->parts.stream_data, step, n, p->x, p->y);
    s = s ? s : check_finite(t, "stream: x", n, t->net->embed.d, p->x);
    return s ? s : check_finite(t, "stream: y", n, t->net->m, p->y);
}

fqp_status fqpi_user_draw(fqp_trainer *t, int64_t step, int64_t *n) {
    fqp_status s = FQP_OK;
    if (step >= 0 && t->parts.stream) {
        *n = t->parts.stream_n;
        s = draw_stream(t, step, *n);
    } else {
        fqpi_batch b = step >= 0 ? fqpi_batch_of(t, step) : fqpi_batch_whole(t);
        *n = b.waves->n;
        draw_rows(t, &b, *n);
    }
    t->parts.failed = s;
    return s;
}

static fqp_view derivatives(const fqp_trainer *t, int64_t n, const double *v) {
    return v ? fqp_view_make(v, FQP_F64, 3, (int64_t[]){n, t->net->m, t->net->embed.d}) : (fqp_view){0};
}

fqp_status fqpi_user_evaluate(fqp_trainer *t, int64_t n, double *loss) {
    const fqpi_points *p = &t->parts.points;
    int64_t m = t->net->m, d = t->net->embed.d;
    double *const adjoint[] = {p->du, p->du_x, p->du_xx};
    static const char *const name[] = {"objective: du", "objective: du_x", "objective: du_xx"};
    for (int i = 0; i < 3; i++)
        if (adjoint[i])
            memset(adjoint[i], 0, (size_t)(n * (i ? m * d : m)) * sizeof(double));
    fqp_batch b = {.step = t->now.step,
                   .n = n,
                   .x = fqp_view_2d(p->x, n, d),
                   .y = fqp_view_2d(p->y, n, m),
                   .u = fqp_view_2d(p->u, n, m),
                   .u_x = derivatives(t, n, p->u_x),
                   .u_xx = derivatives(t, n, p->u_xx),
                   .du = p->du,
                   .du_x = p->du_x,
                   .du_xx = p->du_xx};
    fqp_status s = t->parts.objective(t->parts.objective_data, &b, loss);
    for (int i = 0; i < 3 && !s && isfinite(*loss); i++)
        s = check_finite(t, name[i], n, i ? m * d : m, adjoint[i]);
    t->parts.failed = s;
    return s;
}

fqp_status fqpi_user_update(fqp_trainer *t, const fqpi_update *u) {
    const fqp_model *net = t->net;
    fqp_dtype type = net->k->dtype;
    if (t->parts.optimizer) {
        t->parts.failed =
            t->parts.optimizer(t->parts.optimizer_data, u->step, u->lr, net->parameters, net->w, t->gradient);
        return t->parts.failed;
    }
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        int64_t n = (fqpi_block_in(y) + (y->bias < 0 ? 0 : 1)) * fqpi_weight_rows(y); /* biases follow their weights */
        fqpi_apply(t, 0, l, y->weight, n, fqpi_elem_in(type, t->gradient, y->weight), u);
    }
    fqpi_slopes_update(t, u);
    for (int64_t i = 0; i < net->features; i++) {
        const fqpi_feature *f = &net->feature[i];
        if (!f->fixed)
            fqpi_apply(t, 0, fqpi_feature_layer(net, f), f->at, f->numbers, fqpi_elem_in(type, t->gradient, f->at), u);
    }
    return FQP_OK;
}
