/* slopes.c - training of slopes (nn/reparam.h): their gradient from what the rows of live weights got, the slope
 * recovery term, and their update. */
#include "slopes.h"
#include "elements.h"
#include "mem.h"

#include <math.h>

struct fqpi_slope_work {
    double *sums; /* see fqpi_reparam_weights */
    double *g;    /* gradient of the numbers */
};

/* ---- life ---------------------------------------------------------------------------------------- */

fqp_status fqpi_slopes_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o) {
    const bool slopes = net->reparam.numbers > 0;
    const char *optimizer = fqpi_optimizer_row(o->optimizer)->name;
    if (o->slope_recovery > 0 && !(slopes && net->reparam.gain[net->reparam.gains - 1].slope))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.slope_recovery: the network has no slopes; set model.slopes to network, layer or "
                         "neuron");
    if (slopes && fqpi_optimizer_row(o->optimizer)->squares && (o->lr_slopes != 1 || o->slope_recovery > 0))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.%s: %s minimises the sum of squares by all parameters alike",
                         o->slope_recovery > 0 ? "slope_recovery" : "lr_slopes", optimizer);
    if (slopes && fqpi_optimizer_row(o->optimizer)->minimise && o->lr_slopes != 0 && o->lr_slopes != 1)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.lr_slopes: %s has no learning rate to multiply by %g; 0 keeps the slopes, 1 trains "
                         "them",
                         optimizer, o->lr_slopes);
    return FQP_OK;
}

fqp_status fqpi_slopes_open(fqp_trainer *t) {
    const fqp_model *net = t->net;
    if (!net->reparam.live)
        return FQP_OK;
    t->slopes = fqpi_calloc(t->ctx, 1, sizeof *t->slopes);
    if (!t->slopes)
        return FQP_E_NOMEM;
    t->slopes->sums = fqpi_calloc(t->ctx, (size_t)(2 * net->rows), sizeof(double));
    t->slopes->g = fqpi_calloc(t->ctx, (size_t)net->reparam.numbers, sizeof(double));
    t->bytes += (size_t)(2 * net->rows + net->reparam.numbers) * sizeof(double);
    return t->slopes->sums && t->slopes->g ? FQP_OK : FQP_E_NOMEM;
}

void fqpi_slopes_close(fqp_trainer *t) {
    if (!t->slopes)
        return;
    fqpi_free(t->slopes->sums);
    fqpi_free(t->slopes->g);
    fqpi_free(t->slopes);
}

/* ---- slope recovery ------------------------------------------------------------------------------ */

/* Mean slope a of a gain's rows. */
static double mean_slope(const fqp_model *net, const fqpi_gain *q) {
    const int64_t n = fqpi_weight_rows(&net->layer[q->layer]);
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += fqpi_gain_number(net, q, i);
    return sum / (double)n;
}

static double mean_of_exponentials(const fqp_model *net) {
    double sum = 0;
    for (int64_t k = 0; k < net->reparam.gains; k++)
        sum += net->reparam.gain[k].slope ? exp(mean_slope(net, &net->reparam.gain[k])) : 0;
    return sum / (double)(net->layers - 1);
}

double fqpi_slopes_term(const fqp_trainer *t) {
    return t->opts.slope_recovery > 0 ? t->opts.slope_recovery / mean_of_exponentials(t->net) : 0;
}

/* dS/da_i of layer l is -S^2 exp(mean a_l)/(layers neurons). */
static void add_recovery(const fqp_trainer *t, double *g) {
    const fqp_model *net = t->net;
    if (!(t->opts.slope_recovery > 0))
        return;
    const double s = 1 / mean_of_exponentials(net), c = t->opts.slope_recovery;
    for (int64_t k = 0; k < net->reparam.gains; k++) {
        const fqpi_gain *q = &net->reparam.gain[k];
        const int64_t n = fqpi_weight_rows(&net->layer[q->layer]);
        const double each = -c * s * s * exp(mean_slope(net, q)) / (double)((net->layers - 1) * n);
        for (int64_t i = 0; q->slope && i < n; i++)
            g[q->at - net->reparam.at + i / q->share] += each;
    }
}

/* ---- gradient ------------------------------------------------------------------------------------ */

void fqpi_slopes_weights(fqp_trainer *t, int64_t l, int64_t i0, int64_t i1, void *g) {
    if (t->slopes)
        fqpi_reparam_weights(t->net, l, i0, i1, g, t->slopes->sums);
}

void fqpi_slopes_biases(fqp_trainer *t, int64_t l, int64_t i0, int64_t i1, void *g) {
    if (t->slopes)
        fqpi_reparam_biases(t->net, l, i0, i1, g, t->slopes->sums);
}

static void settle(fqp_trainer *t, bool recovery) {
    const fqpi_reparam *r = &t->net->reparam;
    const fqp_dtype type = t->net->k->dtype;
    double *g = t->slopes->g;
    fqpi_reparam_settle(t->net, t->slopes->sums, g);
    if (recovery)
        add_recovery(t, g);
    for (int64_t i = 0; i < r->numbers && t->opts.lr_slopes == 0; i++)
        g[i] = 0;
    fqpi_elem_store(type, r->numbers, g, fqpi_elem_at(type, t->gradient, r->at), 1);
}

void fqpi_slopes_update(fqp_trainer *t, const fqpi_update *update) {
    if (!t->slopes || t->opts.lr_slopes == 0)
        return;
    const fqpi_reparam *r = &t->net->reparam;
    fqpi_update own = *update;
    own.lr *= t->opts.lr_slopes;
    fqpi_apply(t, 0, r->gain[0].layer, r->at, r->numbers, fqpi_elem_in(t->net->k->dtype, t->gradient, r->at), &own);
}

void fqpi_slopes_finish(fqp_trainer *t, int member, int members, const fqpi_update *update) {
    if (!t->slopes)
        return;
    fqpi_meet(t, members);
    if (member > 0)
        return;
    settle(t, true);
    if (update)
        fqpi_slopes_update(t, update);
}

void fqpi_slopes_whole(fqp_trainer *t, bool recovery) {
    const fqp_dtype type = t->net->k->dtype;
    if (!t->slopes)
        return;
    for (int64_t l = 0; l < t->net->layers; l++) {
        const fqpi_layer *y = &t->net->layer[l];
        fqpi_slopes_weights(t, l, 0, fqpi_weight_rows(y), fqpi_elem_at(type, t->gradient, y->weight));
        if (y->bias >= 0)
            fqpi_slopes_biases(t, l, 0, fqpi_weight_rows(y), fqpi_elem_at(type, t->gradient, y->bias));
    }
    settle(t, recovery);
}

/* ---- live weights -------------------------------------------------------------------------------- */

void fqpi_slopes_refresh(const fqp_trainer *t, int member, int members) {
    if (!t->slopes)
        return;
    fqpi_meet(t, members);
    fqpi_reparam_refresh(t->net, member, members);
}
