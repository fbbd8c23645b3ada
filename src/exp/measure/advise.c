/* advise.c - what advice is worth: its regret against a grid search of 12 points, and its cost
 * (recipes/advise_bank.yaml). */
#include <fqp/advise.h>

#include "advise_targets.h"
#include "advise_trial.h"
#include "fail.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 12, HALF = POINTS / 2, PARAMETERS = 5000, PARTS = 2 };
static const double LEAST_SIGMA = 0.25, LEAST_OMEGA = 4, PI = 3.14159265358979323846;

typedef struct judged {
    bool known, smooth, plain;
    double regret, cost, random;
} judged;
typedef struct judgements {
    judged each[PARTS][FQPI_ADVISE_TARGETS];
} judgements;

/* ---- one target ------------------------------------------------------------------------------------------------- */

typedef struct bench {
    fqp_ctx *ctx;
    fqpi_advise_target target;
    fqp_facts facts;
    fqpi_split split;
    int64_t seed;
} bench;

/* Error at the test points after a full training with these overrides. */
static double train(const bench *b, const char *remedy, const char *const *also, size_t nalso) {
    const fqpi_candidate_ask ask = {.remedy = remedy,
                                    .factor = 1,
                                    .also = also,
                                    .nalso = nalso,
                                    .parameters = PARAMETERS,
                                    .steps = b->target.steps,
                                    .seed = b->seed};
    fqpi_candidate c;
    double error = NAN;
    if (fqpi_candidate_open(b->ctx, &b->split, &b->facts, &ask, &c))
        return NAN;
    fqp_status s = fqpi_candidate_step(b->ctx, &c, ask.steps);
    if (!s)
        s = fqpi_candidate_error(b->ctx, &c, &b->target.x_test, &b->target.y_test, &error);
    const bool diverged = c.diverged;
    fqpi_candidate_free(&c);
    return s ? NAN : diverged || !isfinite(error) ? INFINITY : error;
}

static double log_spaced(double low, double high, int i) {
    return low * pow(high / low, (double)i / (HALF - 1));
}

/* The grid: sigma in cycles per unit, omega_0 in radians per unit of inputs in [-1, 1]. */
static double grid_point(const bench *b, int i) {
    double nyquist = INFINITY;
    for (int a = 0; a < b->facts.d; a++)
        nyquist = fmin(nyquist, b->facts.nyquist[a]);
    char text[64];
    const char *also[] = {text};
    if (i < HALF)
        fqpi_print(text, sizeof text, "model.feature_sigma=[%.17g]", log_spaced(LEAST_SIGMA, nyquist / 2, i));
    else
        fqpi_print(text, sizeof text, "model.omega0=%.17g",
                   log_spaced(LEAST_OMEGA, 2 * PI * (double)b->facts.d / 5 * nyquist, i - HALF));
    return train(b, i < HALF ? "fourier" : "siren", also, 1);
}

/* The advised network, trained as its trial was. */
static double advised(const bench *b, const json_t *answer) {
    enum { MOST = 32 };
    const char *also[MOST];
    const json_t *set = json_object_get(answer, "set");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(set) && n < MOST; i++)
        also[n++] = json_string_value(json_array_get(set, i));
    return train(b, json_string_value(json_object_get(answer, "remedy")), also, n);
}

static json_t *advice(const bench *b) {
    const fqp_advise_opts o = {.steps = b->target.steps, .parameters = PARAMETERS, .seed = b->seed};
    char *text = NULL;
    if (fqp_advise(b->ctx, fqp_array_view(&b->target.data->x), fqp_array_view(&b->target.data->y), &o, &text))
        return NULL;
    json_t *j = json_loads(text, 0, NULL);
    fqpi_free_text(text);
    return j;
}

static int compare(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void judge(const bench *b, judged *out) {
    double error[POINTS], best = INFINITY;
    for (int i = 0; i < POINTS; i++) {
        error[i] = grid_point(b, i);
        best = fmin(best, error[i]);
    }
    json_t *j = advice(b);
    const json_t *answer = json_object_get(j, "answer");
    if (answer) {
        const double steps = json_number_value(json_object_get(json_object_get(j, "budget"), "steps_taken"));
        out->regret = advised(b, answer) / best;
        out->cost = steps / (POINTS * (double)b->target.steps);
        out->plain = json_is_true(json_object_get(answer, "plain"));
        out->random = error[fqpi_rng_below(b->target.seed, FQPI_STREAM_TARGET, 1000, POINTS)] / best;
        const char *setting = json_string_value(json_object_get(answer, "setting"));
        fqpi_log(b->ctx, FQP_LOG_INFO,
                 "%s: %s %s, error %.3g, best of the grid %.3g, regret %.3g, cost %.3g, random %.3g", b->target.name,
                 json_string_value(json_object_get(answer, "remedy")), setting ? setting : "", out->regret * best, best,
                 out->regret, out->cost, out->random);
    }
    out->smooth = b->target.smooth;
    json_decref(j);
}

static void look(fqp_ctx *ctx, int i, fqpi_advise_part part, judged *out) {
    bench b = {.ctx = ctx, .seed = i + 1};
    *out = (judged){.known = true, .regret = INFINITY, .cost = INFINITY, .random = NAN};
    if (fqpi_advise_target_make(ctx, i, part, &b.target))
        return;
    if (!fqp_facts_of(ctx, b.target.data, &b.facts) && !fqpi_split_make(ctx, b.target.data, b.seed, &b.split))
        judge(&b, out);
    fqpi_split_free(&b.split);
    fqpi_advise_target_free(&b.target);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static judged *table(const fqpi_measuring *m, double part) {
    static const char owner;
    judgements *all = fqpi_cache_place(m, &owner, sizeof *all, NULL);
    return all && (part == 0 || part == 1) ? all->each[(int)part] : NULL;
}

static const judged *one(const fqpi_measuring *m, double i, double part) {
    judged *of_part = table(m, part);
    if (!of_part || !(i >= 1 && i <= FQPI_ADVISE_TARGETS))
        return NULL;
    judged *j = &of_part[(int)i - 1];
    if (!j->known)
        look(m->ctx, (int)i - 1, (fqpi_advise_part)part, j);
    return j;
}

static double regret_of(const judged *j) {
    return j->regret;
}
static double cost_of(const judged *j) {
    return j->cost;
}
static double random_of(const judged *j) {
    return j->random;
}
static double plain_of(const judged *j) {
    return j->smooth && j->plain;
}

static double single(const fqpi_measuring *m, const double *arg, double (*of)(const judged *)) {
    const judged *j = one(m, arg[0], arg[1]);
    return j ? of(j) : NAN;
}

static size_t gather(const fqpi_measuring *m, double part, double (*of)(const judged *), double *v) {
    size_t n = 0;
    for (int i = 1; i <= FQPI_ADVISE_TARGETS; i++) {
        const judged *j = one(m, i, part);
        if (j)
            v[n++] = of(j);
    }
    return n;
}

static double median(const fqpi_measuring *m, double part, double (*of)(const judged *)) {
    double v[FQPI_ADVISE_TARGETS];
    const size_t n = gather(m, part, of, v);
    qsort(v, n, sizeof *v, compare);
    return n ? (v[(n - 1) / 2] + v[n / 2]) / 2 : NAN;
}

static double regret(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return single(m, arg, regret_of);
}

static double cost(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return single(m, arg, cost_of);
}

static double random_regret(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return single(m, arg, random_of);
}

static double median_regret(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return median(m, arg[0], regret_of);
}

static double median_cost(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return median(m, arg[0], cost_of);
}

static double median_random(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return median(m, arg[0], random_of);
}

static double within(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double v[FQPI_ADVISE_TARGETS], count = 0;
    const size_t n = gather(m, arg[1], regret_of, v);
    for (size_t i = 0; i < n; i++)
        count += v[i] <= arg[0];
    return n ? count : NAN;
}

static double smooth_plain(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double v[FQPI_ADVISE_TARGETS], count = 0;
    const size_t n = gather(m, arg[0], plain_of, v);
    for (size_t i = 0; i < n; i++)
        count += v[i];
    return n ? count : NAN;
}

const fqpi_measure fqpi_measures_advise[] = {
    {"advise_regret", 2, 2, false, false,
     "advise_regret(i, part): test error of the advised setting over the best of the grid, target i = 1 .. 30; part 0: "
     "held, 1: development",
     regret},
    {"advise_cost", 2, 2, false, false,
     "advise_cost(i, part): steps of the advice, trials included, over those of the grid", cost},
    {"advise_random", 2, 2, false, false, "advise_random(i, part): the same ratio of a random setting of the grid",
     random_regret},
    {"advise_median_regret", 1, 1, false, false, "advise_median_regret(part): median of advise_regret over the targets",
     median_regret},
    {"advise_median_cost", 1, 1, false, false, "advise_median_cost(part): median of advise_cost over the targets",
     median_cost},
    {"advise_median_random", 1, 1, false, false, "advise_median_random(part): median of advise_random over the targets",
     median_random},
    {"advise_within", 2, 2, false, false, "advise_within(factor, part): targets whose advise_regret is at most this",
     within},
    {"advise_smooth_plain", 1, 1, false, false,
     "advise_smooth_plain(part): smooth targets (of six) for which a plain network is called enough", smooth_plain},
    {0}};
