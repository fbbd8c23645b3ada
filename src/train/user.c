/* user.c - a user's own objective, stream of data and optimiser: what is refused, and the step of parameters. */
#include "user.h"
#include "elements.h"
#include "fail.h"
#include "finish.h"
#include "mem.h"
#include "path.h"
#include "real.h"
#include "rng.h"
#include "slopes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is refused --------------------------------------------------------------------------- */

fqp_status fqpi_user_check_steps(const fqp_trainer *t, const char *what) {
    if (t->sampling)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "%s: not with train.sampling, which weighs the losses of the table",
                         what);
    if (t->optimizer->kronecker)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "%s: train.optimizer kfac knows the curvature of mse and cross_entropy on the points of the "
                         "data set; set one that follows a gradient (gd, momentum, adam, ...)",
                         what);
    return FQP_OK;
}

/* Optimisers with a line search compare losses of one batch at several points and keep their own account of steps. */
static fqp_status check_gradient(const fqp_trainer *t, const char *what) {
    fqp_status s = fqpi_user_check_steps(t, what);
    if (s || !t->optimizer->minimise)
        return s;
    return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                     "%s: train.optimizer %s makes its steps by itself; set one that follows a gradient (gd, momentum, "
                     "adam, ...)",
                     what, t->optimizer->name);
}

/* fqp_batch has no account of a line search. */
static fqp_status check_all_steps(const fqp_trainer *t, const char *what) {
    fqp_status s = check_gradient(t, what);
    if (s || t->opts.finish == 0)
        return s;
    return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "%s: not with train.finish %s; fqp_trainer_groups goes with it", what,
                     fqpi_finish_row(&t->opts)->name);
}

fqp_status fqpi_user_check_accuracy(const fqp_trainer *t, const char *what) {
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
fqp_status fqpi_user_check_start(const fqp_trainer *t, const char *what) {
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
    fqp_status s = fqpi_user_open(t);
    if (s)
        t->parts = *before;
    return s;
}

fqp_status fqp_trainer_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user) {
    if (!t || !fn)
        return FQP_E_ARG;
    fqp_status s = check_all_steps(t, "objective");
    s = s ? s : fqpi_user_check_start(t, "objective");
    s = s ? s : fqpi_user_check_accuracy(t, "objective");
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
    fqp_status s = check_all_steps(t, "stream");
    s = s ? s : fqpi_user_check_start(t, "stream");
    s = s ? s : fqpi_user_check_accuracy(t, "stream");
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
    fqp_status s = check_gradient(t, "optimizer");
    if (s)
        return s;
    t->parts.optimizer = fn;
    t->parts.optimizer_data = user;
    t->known = false;
    return FQP_OK;
}

/* ---- numbers that cannot be used --------------------------------------------------------------- */

fqp_status fqpi_user_finite(fqp_trainer *t, const char *what, int64_t n, int64_t columns, const double *v) {
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

/* ---- the step ---------------------------------------------------------------------------------- */

/* Further numbers of the network have no decay, which is for weights. */
static void update_numbers(fqp_trainer *t, const fqpi_update *u) {
    const fqp_model *net = t->net;
    const int64_t at = net->parameters - net->numbers;
    fqpi_update own = *u;
    own.decay = 0;
    if (net->numbers > 0)
        fqpi_apply(t, 0, -1, at, net->numbers, fqpi_elem_in(net->k->dtype, t->gradient, at), &own);
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
    update_numbers(t, u);
    return FQP_OK;
}
