/* advise_trial.c - one candidate of an advice: points held out, a network by a remedy, its training in parts. */
#include "advise_trial.h"

#include "fail.h"
#include "mem.h"
#include "real.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- points held out -------------------------------------------------------------------------------------------- */

enum { HELD = 5 }; /* one point in so many */

/* Rows of v in the order `at`, as f64. */
static fqp_status rows(fqp_ctx *ctx, const fqp_array *v, const int64_t *at, int64_t n, fqp_array *out) {
    const int64_t shape[] = {n, v->shape[1]};
    const fqp_view from = fqp_array_view(v);
    const fqp_status s = fqp_array_create(ctx, FQP_F64, 2, shape, out);
    double *to = out->data;
    for (int64_t i = 0; !s && i < n; i++)
        for (int64_t c = 0; c < shape[1]; c++)
            *to++ = fqpi_real_at(from, at[i] * shape[1] + c);
    return s;
}

static fqp_status own_points(fqp_ctx *ctx, const fqp_dataset *d, fqpi_split *out) {
    out->how = "the data set's own test points";
    fqp_status s = fqp_dataset_from_arrays(ctx, fqp_array_view(&d->x), fqp_array_view(&d->y), NULL, NULL, &out->train);
    if (!s)
        s = fqp_array_convert(ctx, fqp_array_view(&d->x_test), FQP_F64, &out->x);
    return s ? s : fqp_array_convert(ctx, fqp_array_view(&d->y_test), FQP_F64, &out->y);
}

static fqp_status random_fifth(fqp_ctx *ctx, const fqp_dataset *d, int64_t seed, fqpi_split *out) {
    const int64_t held = d->n / HELD, left = d->n - held;
    int64_t *order = fqpi_alloc(ctx, (size_t)d->n, sizeof *order);
    fqp_array x = {0}, y = {0};
    if (!order)
        return FQP_E_NOMEM;
    out->how = "a random fifth of the points";
    fqpi_rng_permutation((uint64_t)seed, FQPI_STREAM_SPLIT, 0, d->n, order);
    fqp_status s = rows(ctx, &d->x, order, held, &out->x);
    if (!s)
        s = rows(ctx, &d->y, order, held, &out->y);
    if (!s)
        s = rows(ctx, &d->x, order + held, left, &x);
    if (!s)
        s = rows(ctx, &d->y, order + held, left, &y);
    if (!s)
        s = fqp_dataset_from_arrays(ctx, fqp_array_view(&x), fqp_array_view(&y), NULL, NULL, &out->train);
    fqp_array_free(&x);
    fqp_array_free(&y);
    fqpi_free(order);
    return s;
}

fqp_status fqpi_split_make(fqp_ctx *ctx, const fqp_dataset *data, int64_t seed, fqpi_split *out) {
    *out = (fqpi_split){.how = NULL};
    const fqp_status s = data->n_test > 1 ? own_points(ctx, data, out) : random_fifth(ctx, data, seed, out);
    if (s)
        fqpi_split_free(out);
    return s;
}

void fqpi_split_free(fqpi_split *s) {
    fqp_dataset_destroy(s->train);
    fqp_array_free(&s->x);
    fqp_array_free(&s->y);
    s->train = NULL;
}

/* ---- a network -------------------------------------------------------------------------------------------------- */

/* Remedies whose frequencies are one number of a formula. */
const char *fqpi_advise_key(const fqp_remedy *r) {
    static const struct {
        const char *remedy, *key;
    } keys[] = {{"fourier", "model.feature_sigma"},
                {"fourier_learnt", "model.feature_sigma"},
                {"siren", "model.omega0"},
                {"finer", "model.omega0"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].remedy, r->name) == 0)
            return keys[i].key;
    return NULL;
}

size_t fqpi_advise_numbers(const fqp_texts *set, const char *key, double *v, size_t most) {
    const size_t length = strlen(key);
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (strncmp(set->v[i], key, length) != 0 || set->v[i][length] != '=')
            continue;
        n = 0;
        const char *at = set->v[i] + length + 1;
        at += *at == '[';
        for (char *end; n < most; at = end + (*end == ',')) {
            v[n] = strtod(at, &end);
            if (end == at)
                break;
            n++;
        }
    }
    return n;
}

/* The same target with a band that reaches `factor` times as far. */
static fqp_facts widened(const fqp_facts *f, double factor) {
    fqp_facts w = *f;
    for (int a = 0; a < FQP_FACTS_AXES; a++)
        w.high[a] *= factor;
    return w;
}

static fqp_status add(fqp_ctx *ctx, fqp_texts *set, const char *text) {
    char **more = fqpi_resize(ctx, set->v, set->n + 1, sizeof *more), *copy = more ? fqpi_strdup(ctx, text) : NULL;
    if (more)
        set->v = more;
    if (copy)
        set->v[set->n++] = copy;
    return copy ? FQP_OK : FQP_E_NOMEM;
}

/* The numbers of a key once more, times the factor. */
static fqp_status multiply(fqp_ctx *ctx, const char *key, double factor, fqp_texts *set) {
    double v[FQP_FACTS_AXES];
    const size_t n = fqpi_advise_numbers(set, key, v, FQP_FACTS_AXES);
    char text[256];
    fqpi_print(text, sizeof text, "%s=", key);
    for (size_t i = 0; i < n; i++) {
        const size_t at = strlen(text);
        fqpi_print(text + at, sizeof text - at, "%s%.5g%s", n > 1 ? (i ? ", " : "[") : "", factor * v[i],
                   n > 1 && i + 1 == n ? "]" : "");
    }
    return n ? add(ctx, set, text) : FQP_OK;
}

static fqp_status prescribe(fqp_ctx *ctx, const fqp_facts *facts, const fqpi_candidate_ask *ask, fqpi_candidate *c) {
    const char *key = fqpi_advise_key(c->remedy);
    const fqp_facts f = widened(facts, key ? 1 : ask->factor);
    fqp_prescription p = {.parameters = 0};
    fqp_status s = fqp_remedy_prescribe(ctx, c->remedy, &f, ask->parameters, &p);
    c->set = p.set;
    c->parameters = p.parameters;
    if (!s && key && ask->factor != 1)
        s = multiply(ctx, key, ask->factor, &c->set);
    for (size_t i = 0; i < ask->nalso && !s; i++)
        s = add(ctx, &c->set, ask->also[i]);
    char steps[64];
    fqpi_print(steps, sizeof steps, "train.steps=%lld", (long long)ask->steps);
    return s ? s : add(ctx, &c->set, steps);
}

static fqp_status build(fqp_ctx *ctx, const fqpi_split *split, uint64_t seed, fqpi_candidate *c) {
    fqp_status s = fqp_config_parse(ctx, "advice", "", c->set.n, (const char *const *)c->set.v, &c->config);
    if (!s)
        s = fqp_model_create(ctx, split->train->d, split->train->m, fqp_config_section(c->config, "model"), seed,
                             &c->model);
    if (!s)
        s = fqp_trainer_create(ctx, c->model, split->train, fqp_config_section(c->config, "train"), seed, c->config,
                               &c->trainer);
    return s;
}

fqp_status fqpi_candidate_open(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                               const fqpi_candidate_ask *ask, fqpi_candidate *out) {
    *out = (fqpi_candidate){
        .remedy = fqp_remedy_find(ctx, ask->remedy), .factor = ask->factor, .steps = ask->steps, .error = NAN};
    fqp_status s = out->remedy ? prescribe(ctx, facts, ask, out) : FQP_E_ARG;
    if (!s)
        s = build(ctx, split, (uint64_t)ask->seed, out);
    if (s)
        fqpi_candidate_free(out);
    return s;
}

void fqpi_candidate_close(fqpi_candidate *c) {
    fqp_trainer_destroy(c->trainer);
    fqp_model_destroy(c->model);
    fqp_config_destroy(c->config);
    c->trainer = NULL;
    c->model = NULL;
    c->config = NULL;
}

void fqpi_candidate_free(fqpi_candidate *c) {
    fqpi_candidate_close(c);
    for (size_t i = 0; i < c->set.n; i++)
        fqpi_free(c->set.v[i]);
    fqpi_free(c->set.v);
    c->set = (fqp_texts){0};
}

/* ---- its training ----------------------------------------------------------------------------------------------- */

enum { PART = 16 }; /* steps between two looks for an interrupt */

static fqp_status go(fqp_ctx *ctx, fqpi_candidate *c, int64_t to) {
    while (c->done < to) {
        if (fqp_ctx_interrupted(ctx))
            return fqpi_fail(ctx, FQP_E_INTERRUPTED, NULL, "interrupted");
        const int64_t n = to - c->done < PART ? to - c->done : PART;
        double loss;
        const fqp_status s = fqp_trainer_step(c->trainer, n, &loss);
        if (s)
            return s;
        c->done += n;
    }
    return FQP_OK;
}

static void give_up(fqpi_candidate *c) {
    c->diverged = true;
    c->error = INFINITY;
}

fqp_status fqpi_candidate_step(fqp_ctx *ctx, fqpi_candidate *c, int64_t n) {
    const double began = fqpi_clock();
    fqp_status s = go(ctx, c, c->done + n);
    c->seconds += fqpi_clock() - began;
    if (s != FQP_E_DIVERGED)
        return s;
    fqp_ctx_problems_clear(ctx);
    give_up(c);
    return FQP_OK;
}

fqp_status fqpi_candidate_look(fqp_ctx *ctx, fqpi_candidate *c, const fqpi_split *split) {
    if (c->diverged)
        return FQP_OK;
    const fqp_status s = fqpi_candidate_error(ctx, c, &split->x, &split->y, &c->error);
    if (!s && !isfinite(c->error))
        give_up(c);
    return s;
}

/* Sum of squares of y less its mean, column by column. */
static double deviations(const fqp_array *y) {
    const double *v = y->data;
    const int64_t n = y->shape[0], m = y->shape[1];
    double sum = 0;
    for (int64_t c = 0; c < m; c++) {
        double mean = 0;
        for (int64_t i = 0; i < n; i++)
            mean += v[i * m + c] / (double)n;
        for (int64_t i = 0; i < n; i++)
            sum += (v[i * m + c] - mean) * (v[i * m + c] - mean);
    }
    return sum;
}

fqp_status fqpi_candidate_error(fqp_ctx *ctx, const fqpi_candidate *c, const fqp_array *x, const fqp_array *y,
                                double *error) {
    const int64_t count = y->shape[0] * y->shape[1];
    double *h = fqpi_alloc(ctx, (size_t)count, sizeof *h);
    fqp_status s = h ? fqp_model_eval(ctx, c->model, fqp_array_view(x), h) : FQP_E_NOMEM;
    const double *v = y->data;
    double square = 0;
    for (int64_t i = 0; !s && i < count; i++)
        square += (h[i] - v[i]) * (h[i] - v[i]);
    fqpi_free(h);
    if (!s)
        *error = sqrt(square / deviations(y));
    return s;
}

double fqpi_candidate_pace(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                           const fqpi_candidate_ask *ask) {
    enum { WARM = 2, MOST = 64 };
    fqpi_candidate c;
    double ms = 0, loss;
    if (fqpi_candidate_open(ctx, split, facts, ask, &c))
        return 0;
    fqp_status s = fqp_trainer_step(c.trainer, WARM, &loss);
    const double began = fqpi_clock();
    for (int i = 1; !s && i <= MOST && ms * i < 50; i++) {
        s = fqp_trainer_step(c.trainer, 1, &loss);
        ms = 1e3 * (fqpi_clock() - began) / i;
    }
    fqpi_candidate_free(&c);
    return ms;
}
