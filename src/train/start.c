/* start.c - train.subtract_start: the network learns f - f_0, as if it had begun at 0 (Chizat, Oyallon & Bach
 * 1812.07956, section 2).  Targets are raised by f_0, predictions lowered by it; the parameters of the start are kept
 * with checkpoints. */
#include "elements.h"
#include "mem.h"
#include "path.h"
#include "slopes.h"
#include "trainer.h"

#include <string.h>

fqp_status fqpi_start_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o) {
    if (!o->subtract_start || !net->output->map)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                     "train.subtract_start: model.output is %s, and a start can be subtracted from linear outputs only",
                     net->output->name);
}

static size_t weight_bytes(const fqp_trainer *t) {
    return (size_t)t->net->parameters * t->net->k->elem;
}

/* f_0 at the training points, into the targets. */
static fqp_status raise_targets(fqp_trainer *t) {
    const int64_t m = t->net->m;
    fqp_status s = fqp_model_eval(t->ctx, t->net, t->points, t->start.f);
    for (int64_t i = 0; !s && i < t->n * m; i++)
        t->y_own[i] = t->start.y[i] + t->start.f[i];
    return s;
}

fqp_status fqpi_start_open(fqp_trainer *t) {
    if (!t->opts.subtract_start)
        return FQP_OK;
    const size_t outputs = (size_t)(t->n * t->net->m);
    t->start.w = fqpi_calloc(t->ctx, (size_t)t->stride, t->net->k->elem);
    t->start.f = fqpi_alloc(t->ctx, outputs, sizeof(double));
    t->y_own = fqpi_alloc(t->ctx, outputs, sizeof(double)); /* linear outputs have no targets of their own yet */
    if (!t->start.w || !t->start.f || !t->y_own)
        return FQP_E_NOMEM;
    memcpy(t->start.w, t->net->w, weight_bytes(t));
    t->start.y = t->y;
    t->y = t->y_own;
    t->bytes += weight_bytes(t) + 2 * outputs * sizeof(double);
    return raise_targets(t);
}

static void predict(void *arg, int member, int members) {
    fqpi_pass_points(arg, member, members);
}

/* Do it with the parameters of the start in place of the present ones. */
static fqp_status at_the_start(fqp_trainer *t, fqp_status (*what)(fqp_trainer *t)) {
    void *now = t->net->w;
    t->net->w = t->start.w;
    fqpi_slopes_refresh(t, 0, 1);
    fqp_status s = what(t);
    t->net->w = now;
    fqpi_slopes_refresh(t, 0, 1);
    return s;
}

void fqpi_start_lower(const fqp_trainer *t, int64_t from, int64_t past) {
    const fqp_dtype type = t->net->k->dtype;
    for (int64_t i = from; t->start.f_eval && i < past; i++) {
        double f, f0;
        fqpi_elem_load(type, 1, fqpi_elem_in(type, t->prediction, i), 1, &f);
        fqpi_elem_load(type, 1, fqpi_elem_in(type, t->start.f_eval, i), 1, &f0);
        f -= f0;
        fqpi_elem_store(type, 1, &f, fqpi_elem_at(type, t->prediction, i), 1);
    }
}

static fqp_status look_at_points(fqp_trainer *t) {
    const size_t bytes = (size_t)(t->n_eval * t->net->m) * t->net->k->elem;
    void *f = fqpi_alloc(t->ctx, 1, bytes);
    if (!f)
        return FQP_E_NOMEM;
    fqpi_free(t->start.f_eval);
    t->start.f_eval = NULL;
    fqpi_team_run_on(t->ctx, 1, predict, t);
    memcpy(f, t->prediction, bytes);
    t->start.f_eval = f;
    return FQP_OK;
}

fqp_status fqpi_start_observe(fqp_trainer *t) {
    return t->start.w && t->n_eval > 0 ? at_the_start(t, look_at_points) : FQP_OK;
}

fqp_status fqpi_start_restore(fqp_trainer *t, const void *w) {
    memcpy(t->start.w, w, weight_bytes(t));
    fqp_status s = at_the_start(t, raise_targets);
    if (s)
        return s;
    if (t->shallow)
        fqpi_shallow_targets(t);
    for (int i = 0; i < t->members; i++)
        t->member[i].loaded = false;
    return fqpi_start_observe(t);
}

void fqpi_start_close(fqp_trainer *t) {
    fqpi_free(t->start.w);
    fqpi_free(t->start.f);
    fqpi_free(t->start.f_eval);
}
