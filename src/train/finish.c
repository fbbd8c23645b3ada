/* finish.c - train.finish: L-BFGS or Levenberg-Marquardt steps after those of train.optimizer, as is usual where small
 * errors are wanted (Raissi, Perdikaris & Karniadakis 2019). */
#include "finish.h"
#include "path.h"
#include "slopes.h"

#include <string.h>

static const struct {
    const char *name, *doc;
} rows[] = {
    {"none", "one optimiser for all steps"},
    {"lbfgs", "train.optimizer lbfgs"},
    {"lm", "train.optimizer lm"},
};

const char *fqpi_finish_name(size_t i, const char **doc) {
    if (i >= sizeof rows / sizeof *rows)
        return NULL;
    if (doc)
        *doc = rows[i].doc;
    return rows[i].name;
}

static int index_of(const char *optimizer) {
    int i = 0;
    while (strcmp(fqpi_optimizer_row(i)->name, optimizer) != 0)
        i++;
    return i;
}

const fqpi_optimizer *fqpi_finish_row(const fqp_train_opts *o) {
    return o->finish > 0 ? fqpi_optimizer_row(index_of(rows[o->finish].name)) : NULL;
}

fqp_status fqpi_finish_check(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqp_train_opts *o) {
    const fqpi_optimizer *row = fqpi_finish_row(o);
    const int64_t steps = o->epochs > 0 ? o->epochs : o->steps; /* full batches: a step is an epoch */
    if (!row)
        return FQP_OK;
    if (o->finish_steps < 1 || o->finish_steps > steps)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.finish_steps: %lld of the %lld steps cannot be the last ones, of train.finish %s",
                         (long long)o->finish_steps, (long long)steps, row->name);
    if (fqpi_optimizer_row(o->optimizer)->minimise)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.finish: %s comes after an optimiser that follows a gradient (adam, ...), not after %s",
                         row->name, fqpi_optimizer_row(o->optimizer)->name);
    fqp_train_opts last = *o;
    last.optimizer = index_of(row->name);
    fqp_status s = fqpi_minimise_check(ctx, net, data->n, o, row);
    s = s ? s : fqpi_rates_check(ctx, net, &last);
    s = s ? s : fqpi_slopes_check(ctx, net, &last);
    return s || !fqpi_loss_row(o->loss)->spectrum ? s : fqpi_spectral_check(ctx, data, &last);
}

bool fqpi_finish_squares(const fqp_trainer *t) {
    const fqpi_optimizer *row = fqpi_finish_row(&t->opts);
    return fqpi_optimizer_row(t->opts.optimizer)->squares || (row && row->squares);
}

int64_t fqpi_finish_at(const fqp_trainer *t) {
    return t->opts.finish > 0 ? fqp_trainer_steps_total(t) - t->opts.finish_steps : INT64_MAX;
}

void fqpi_finish_adopt(fqp_trainer *t) {
    t->optimizer = t->now.finishing ? fqpi_finish_row(&t->opts) : fqpi_optimizer_row(t->opts.optimizer);
}

/* Neither knows the other's vectors. */
void fqpi_finish_turn(fqp_trainer *t) {
    if (t->now.finishing || t->now.step < fqpi_finish_at(t))
        return;
    memset(t->state, 0, (size_t)(t->vectors * t->stride) * t->net->k->elem);
    memset(t->now.memo, 0, sizeof t->now.memo);
    t->now.finishing = true;
    t->known = false;
    fqpi_finish_adopt(t);
}
