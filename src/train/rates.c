/* rates.c - learning rates of layers and branches, relative to train.lr. */
#include "elements.h"
#include "mem.h"
#include "path.h"

#include <string.h>

/* ---- refusals ------------------------------------------------------------------------------------ */

static fqp_status check_list(fqp_ctx *ctx, const char *key, fqp_reals list, int64_t want, const char *of,
                             const fqpi_optimizer *row) {
    if (list.n == 0)
        return FQP_OK;
    if ((int64_t)list.n != want)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.%s: %zu factors, the network has %lld %s", key, list.n,
                         (long long)want, of);
    for (size_t i = 0; i < list.n; i++)
        if (!(list.v[i] >= 0 && list.v[i] <= 1e6))
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.%s: factor %g is outside [0, 1e+06]", key, list.v[i]);
    if (row->minimise)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.%s: %s moves all parameters together and has no learning rate of parts", key,
                         row->name);
    return FQP_OK;
}

fqp_status fqpi_rates_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o) {
    const fqpi_optimizer *row = fqpi_optimizer_row(o->optimizer);
    const int64_t branches = net->embed.branches;
    fqp_status s = check_list(ctx, "lr_layers", o->lr_layers, net->layers, "layers of weights", row);
    s = s ? s : check_list(ctx, "lr_branches", o->lr_branches, branches, "branches (model.scales)", row);
    if (!s && o->lr_branches.n > 0 && net->layer[0].shared)
        s = fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                      "train.lr_branches: with model.branches shared all branches have the same weights");
    return s;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static fqp_status copy(fqp_ctx *ctx, fqp_reals *list) {
    double *v = list->n > 0 ? fqpi_alloc(ctx, list->n, sizeof *v) : NULL;
    if (list->n > 0 && !v) {
        *list = (fqp_reals){0};
        return FQP_E_NOMEM;
    }
    if (v)
        memcpy(v, list->v, list->n * sizeof *v);
    list->v = v;
    return FQP_OK;
}

fqp_status fqpi_rates_open(fqp_trainer *t) {
    const fqp_status s = copy(t->ctx, &t->opts.lr_layers), other = copy(t->ctx, &t->opts.lr_branches);
    return s ? s : other;
}

void fqpi_rates_close(fqp_trainer *t) {
    fqpi_free(t->opts.lr_layers.v);
    fqpi_free(t->opts.lr_branches.v);
}

/* ---- factors ------------------------------------------------------------------------------------- */

bool fqpi_rates_differ(const fqp_trainer *t) {
    return t->opts.lr_layers.n + t->opts.lr_branches.n > 0;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

double fqpi_rate_of(const fqp_trainer *t, int64_t l, int64_t at, int64_t *same) {
    if (l < 0)
        return 1; /* model.numbers */
    const fqpi_layer *y = &t->net->layer[l];
    const int64_t in = fqpi_block_in(y), rows = fqpi_weight_rows(y), past = y->weight + in * rows;
    const bool bias = y->bias >= 0 && at >= y->bias && at < y->bias + rows;
    const int64_t first = bias ? y->bias : y->weight, width = bias ? 1 : in;
    if (!bias && (at < y->weight || at >= past))
        return 1; /* not of a layer: trained slopes and the like */
    *same = least(*same, first + width * rows - at);
    double factor = t->opts.lr_layers.n > 0 ? t->opts.lr_layers.v[l] : 1;
    if (t->opts.lr_branches.n == 0 || y->blocks == 1)
        return factor;
    const int64_t of_branch = width * fqpi_block_out(y), branch = (at - first) / of_branch;
    *same = least(*same, first + (branch + 1) * of_branch - at);
    return factor * t->opts.lr_branches.v[branch];
}
