/* predict_theory.c - from a configuration to its kernel, the eigenpairs of it, and training in closed form.
 *
 * The engine's mean of squares over n points and m outputs is (c/2) sum |f - y|^2 with c = 2/(n m); ntk.h does the
 * rest. */
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "output.h"
#include "predict_i.h"

#include <math.h>
#include <string.h>

/* ---- what can be predicted ------------------------------------------------------------------------------------- */

static const struct {
    const char *optimizer;
    int rule;
} rules[] = {{"gd", FQP_FLOW_GD}, {"momentum", FQP_FLOW_MOMENTUM}, {"nesterov", FQP_FLOW_NESTEROV}};

static int rule_of(const fqp_train_opts *o) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(fqp_optimizer_name((size_t)o->optimizer, NULL), rules[i].optimizer) == 0)
            return rules[i].rule;
    return -1;
}

/* Rows of refusals: the key, its value, why it stands in the way, and the way out. */
fqp_status fqpi_theory_check(fqp_ctx *ctx, const fqp_config *config) {
    const fqp_train_opts *train = fqp_config_section(config, "train");
    const fqp_model_opts *model = fqp_config_section(config, "model");
    const char *loss = fqp_loss_name((size_t)train->loss, NULL);
    const struct {
        bool hinders;
        const char *key, *value, *why;
    } rows[] = {
        {rule_of(train) < 0, "train.optimizer", fqp_optimizer_name((size_t)train->optimizer, NULL),
         "does not follow the gradient itself, so its steps are not linear in the function and no kernel predicts "
         "them; gd, momentum and nesterov are predicted (nearest: --set train.optimizer=momentum, with a learning rate "
         "of its own)"},
        {train->finish > 0, "train.finish", fqp_finish_name((size_t)train->finish, NULL),
         "takes the last steps by another optimiser, whose steps no kernel predicts; take train.finish: none"},
        {strcmp(loss, "mse") != 0, "train.loss", loss,
         "is no square, so training is not linear in the function; take train.loss: mse"},
        {model->output != 0, "model.output", fqpi_output_name((size_t)model->output, NULL),
         "bends the outputs, so training is not linear in the function; take model.output: linear"},
        {train->weight_decay > 0, "train.weight_decay", "a decay",
         "pulls parameters to 0, which the kernel knows nothing of; take 0"},
        {train->schedule != 0, "train.schedule", "the learning rate",
         "changes while training, and the closed form is that of a constant one; take train.schedule: constant"},
        {train->lr_layers.n > 0, "train.lr_layers", "the learning rate",
         "differs among layers, whose parts of the kernel are not known apart; take none"},
        {train->lr_branches.n > 0, "train.lr_branches", "the learning rate",
         "differs among branches, whose parts of the kernel are not known apart; take none"},
        {model->slopes > 0 && (train->lr_slopes != 1 || train->slope_recovery > 0),
         train->slope_recovery > 0 ? "train.slope_recovery" : "train.lr_slopes", "the way of the slopes",
         "is not that of the gradient of the squares alone, which the kernel stands for; take the default"},
        {train->warmup > 0, "train.warmup", "the learning rate",
         "changes while training, and the closed form is that of a constant one; take train.warmup: 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].hinders)
            return fqpi_config_fail(ctx, config, rows[i].key, FQP_E_UNSUPPORTED, "%s %s", rows[i].value, rows[i].why);
    return FQP_OK;
}

/* ---- points ---------------------------------------------------------------------------------------------------- */

static fqp_status take_points(fqpi_theory *t) {
    const fqp_monitor_opts *monitor = fqp_config_section(t->config, "monitor");
    const fqp_dataset *d = t->data;
    t->elsewhere = monitor->on != 0;
    if (t->elsewhere && d->n_test == 0)
        return fqpi_config_fail(t->ctx, t->config, "monitor.on", FQP_E_CONFIG, "there are no test points");
    const fqp_array *along = t->elsewhere ? &d->coordinate_test : &d->coordinate;
    t->x = fqp_array_view(t->elsewhere ? &d->x_test : &d->x);
    t->y = fqp_array_view(t->elsewhere ? &d->y_test : &d->y);
    t->where = along->data ? fqp_array_view(along) : t->x;
    t->n = d->n;
    t->m = d->m;
    t->n_eval = t->x.shape[0];
    return FQP_OK;
}

/* f_0 at points x into out [n, m]. */
static fqp_status start_at(const fqpi_theory *t, fqp_view x, double *out) {
    if (!t->from_zero)
        return fqp_model_eval(t->ctx, t->model, x, out);
    memset(out, 0, (size_t)(x.shape[0] * t->m) * sizeof *out);
    return FQP_OK;
}

/* ---- kernel ---------------------------------------------------------------------------------------------------- */

enum { COUPLED_ROWS = 3000 }; /* whose eigenpairs take some ten seconds */

static fqp_status choose_kernel(fqpi_theory *t, fqp_ntk **k) {
    const fqp_model_opts *model = fqp_config_section(t->config, "model");
    t->coupling = FQPI_SHARED;
    if (!t->empirical)
        return fqp_ntk_infinite(t->ctx, model, t->data->d, k);
    if (t->m > 1)
        t->coupling = t->n * t->m <= COUPLED_ROWS ? FQPI_COUPLED : FQPI_AVERAGED;
    const int64_t output = t->m == 1 ? 0 : t->coupling == FQPI_COUPLED ? FQP_NTK_ALL : FQP_NTK_SUM;
    return fqp_ntk_empirical(t->ctx, t->model, output, k);
}

/* Kernel and eigenvectors, or vectors twice, and the rows of points elsewhere, twice while they are taken in. */
static fqp_status ask_memory(fqpi_theory *t) {
    const double rows = (double)t->rows, pairs = (double)t->pairs;
    const double elsewhere = t->elsewhere ? (double)t->n_eval / (double)t->n * rows * (rows + pairs) : 0;
    char need[FQPI_BYTES_SIZE], have[FQPI_BYTES_SIZE];
    t->bytes = sizeof(double) * (rows * rows + 2 * rows * pairs + elsewhere);
    const double spare = fqpi_memory_free();
    if (t->bytes <= spare)
        return FQP_OK;
    return fqpi_config_fail(t->ctx, t->config, "data.n", FQP_E_NOMEM,
                            "the kernel of %lld points takes %s with its eigenpairs, %s are free; take fewer points or "
                            "fewer pairs (theory.pairs)",
                            (long long)t->rows, fqpi_bytes_text(t->bytes, need), fqpi_bytes_text(spare, have));
}

static void count_values(fqpi_theory *t, const fqp_eigen *e) {
    const fqp_theory_opts *o = fqp_config_section(t->config, "theory");
    t->value_first = e->value[0];
    t->value_last = e->value[0];
    for (int64_t i = 0; i < e->count; i++) {
        const bool kept = e->value[i] > 0 && e->value[i] >= o->cutoff * e->value[0];
        t->cut += !kept;
        t->value_last = kept ? e->value[i] : t->value_last;
    }
}

static void scale_values(const fqpi_theory *t, fqp_eigen *e, bool reversed) {
    for (int64_t i = 0; i < e->count && t->coupling == FQPI_AVERAGED; i++)
        e->value[i] /= (double)t->m;
    for (int64_t i = 0, j = e->count - 1; i < j && reversed; i++, j--) {
        const double v = e->value[i];
        e->value[i] = e->value[j];
        e->value[j] = v;
    }
}

static fqp_status take_eigen(fqpi_theory *t, const fqp_ntk *k, fqp_eigen *e) {
    fqp_gram *g = NULL;
    double began = fqpi_clock();
    fqp_status s = fqp_gram_of(k, fqp_array_view(&t->data->x), NULL, &g);
    t->kernel_seconds = fqpi_clock() - began;
    began = fqpi_clock();
    if (!s)
        s = fqp_gram_eigen(g, t->pairs < t->rows ? t->pairs : 0, 0, e);
    t->eigen_seconds = fqpi_clock() - began;
    fqp_gram_destroy(g);
    return s;
}

/* ---- flow ------------------------------------------------------------------------------------------------------ */

/* [n, m] by points to [m, n] by outputs, when rows of the kernel are a n + i. */
static void by_outputs(const fqpi_theory *t, int64_t n, const double *from, double *to) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0; a < t->m; a++)
            to[t->coupling == FQPI_COUPLED ? a * n + i : i * t->m + a] = from[i * t->m + a];
}

static void by_points(const fqpi_theory *t, int64_t n, const double *from, double *to) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = 0; a < t->m; a++)
            to[i * t->m + a] = from[t->coupling == FQPI_COUPLED ? a * n + i : i * t->m + a];
}

static fqp_status begin_flow(fqpi_theory *t, const fqp_eigen *e, int rule) {
    const fqp_train_opts *train = fqp_config_section(t->config, "train");
    const fqp_theory_opts *theory = fqp_config_section(t->config, "theory");
    const double *y = t->data->y.data;
    double *f = fqpi_alloc(t->ctx, (size_t)(t->n * t->m), sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    fqp_status s = start_at(t, fqp_array_view(&t->data->x), f);
    for (int64_t i = 0; i < t->n * t->m; i++)
        f[i] -= y[i];
    by_outputs(t, t->n, f, t->residual);
    fqpi_free(f);
    t->c = 2.0 / (double)(t->n * t->m);
    const fqp_flow_opts o = {
        .rule = rule, .lr = train->lr, .momentum = train->momentum, .c = t->c, .cutoff = theory->cutoff};
    if (!s)
        s = fqp_flow_create(t->ctx, e, t->residual, t->coupling == FQPI_COUPLED ? 1 : t->m, &o, &t->flow);
    if (!s)
        t->stable = fqp_flow_stable(t->flow, &t->largest_lr);
    return s;
}

static fqp_status look_elsewhere(fqpi_theory *t, const fqp_ntk *k) {
    const int64_t rows = fqp_ntk_rows(k, t->n_eval), outputs = t->n_eval * t->m;
    double *cross = fqpi_alloc(t->ctx, (size_t)rows * (size_t)t->rows, sizeof *cross);
    double *f = fqpi_alloc(t->ctx, (size_t)outputs, sizeof *f);
    t->outside = fqpi_alloc(t->ctx, (size_t)outputs, sizeof *t->outside);
    fqp_status s = cross && f && t->outside ? start_at(t, t->x, f) : FQP_E_NOMEM;
    if (!s)
        s = fqp_ntk_gram(k, t->x, fqp_array_view(&t->data->x), FQP_NTK_TANGENT, cross);
    for (int64_t i = 0; !s && t->coupling == FQPI_AVERAGED && i < rows * t->rows; i++)
        cross[i] /= (double)t->m;
    if (!s) {
        by_outputs(t, t->n_eval, f, t->outside);
        s = fqp_flow_points(t->flow, rows, cross, t->outside);
    }
    fqpi_free(cross);
    fqpi_free(f);
    return s;
}

static fqp_status build(fqpi_theory *t, fqpi_theory_wish wish) {
    const fqp_theory_opts *o = fqp_config_section(t->config, "theory");
    fqp_ntk *k = NULL;
    fqp_eigen e = {0};
    fqp_status s = choose_kernel(t, &k);
    if (!s) {
        t->rows = fqp_ntk_rows(k, t->n);
        t->pairs = o->pairs > 0 && o->pairs < t->rows ? o->pairs : t->rows;
        t->residual = fqpi_alloc(t->ctx, (size_t)(t->n * t->m), sizeof *t->residual);
        s = t->residual ? ask_memory(t) : FQP_E_NOMEM;
    }
    if (!s)
        s = take_eigen(t, k, &e);
    if (!s) {
        scale_values(t, &e, false);
        count_values(t, &e);
        if (wish.reversed)
            scale_values(&(fqpi_theory){.coupling = FQPI_SHARED}, &e, true);
        s = begin_flow(t, &e, wish.rule < 0 ? rule_of(fqp_config_section(t->config, "train")) : wish.rule);
    }
    fqp_eigen_free(&e);
    if (!s && t->elsewhere)
        s = look_elsewhere(t, k);
    fqp_ntk_destroy(k);
    return s;
}

fqp_status fqpi_theory_create(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, int64_t seed,
                              fqpi_theory_wish wish, fqpi_theory *out) {
    const fqp_train_opts *train = fqp_config_section(config, "train");
    const fqp_model_opts *model = fqp_config_section(config, "model");
    const fqp_theory_opts *theory = fqp_config_section(config, "theory");
    *out = (fqpi_theory){.ctx = ctx,
                         .config = config,
                         .data = data,
                         .seed = seed,
                         .lr = train->lr,
                         .from_zero = train->subtract_start || model->antisymmetric,
                         .empirical = (wish.kernel < 0 ? theory->kernel : wish.kernel) == 1};
    fqp_status s = fqpi_theory_check(ctx, config);
    if (!s)
        s = take_points(out);
    if (!s)
        s = fqp_model_create(ctx, data->d, data->m, model, (uint64_t)seed, &out->model);
    return s ? s : build(out, wish);
}

void fqpi_theory_free(fqpi_theory *t) {
    fqp_flow_destroy(t->flow);
    fqp_model_destroy(t->model);
    fqpi_free(t->residual);
    fqpi_free(t->outside);
    *t = (fqpi_theory){0};
}

bool fqpi_theory_common(const fqpi_theory *t) {
    return t->from_zero && !t->empirical;
}

/* ---- a step ---------------------------------------------------------------------------------------------------- */

fqp_status fqpi_theory_at(fqpi_theory *t, double step, double *f, double *loss) {
    const double *y = t->data->y.data;
    fqp_status s = fqp_flow_residual(t->flow, step, t->residual);
    if (!s && t->elsewhere)
        s = fqp_flow_eval(t->flow, step, t->outside);
    if (s)
        return s;
    double sum = 0;
    for (int64_t i = 0; i < t->n * t->m; i++)
        sum += t->residual[i] * t->residual[i];
    *loss = t->c / 2 * sum;
    by_points(t, t->n_eval, t->elsewhere ? t->outside : t->residual, f);
    for (int64_t i = 0; !t->elsewhere && i < t->n * t->m; i++)
        f[i] += y[i];
    return FQP_OK;
}
