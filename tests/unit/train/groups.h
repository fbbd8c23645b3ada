/* groups.h - a made-up loss on two groups of points, each with derivatives of its own: what their tests share.
 *
 *   group 0   residuals r = sum_c a_c u_c + u_0 u_1 / 2 + k u_0 - sin(3 x_0) at every point, for both outputs
 *   group 1   differences r = w(x) - w(x') of w = u_0 + u_1 u_2 between the points of pairs, for both outputs
 * with u_c the c-th derivative asked for, k the model's only number; the loss is the mean of r^2 over each group. */
#ifndef FQP_TEST_GROUPS_H
#define FQP_TEST_GROUPS_H

#include "unit/train/fixture.h"

#include <math.h>

enum { D = 2, M = 2, N0 = 150, N1 = 90, C0 = 6, C1 = 3 };

static const fqp_derivative inside[C0] = {{.order = {0}},    {.order = {1, 0}}, {.order = {0, 2}},
                                          {.order = {1, 1}}, {.order = {2, 1}}, {.order = {2, 2}, .summed = true}};
static const fqp_derivative across[C1] = {{.order = {0}}, {.order = {0, 1}}, {.order = {3, 0}}};
static const double factor[C0] = {1, -0.5, 0.2, 0.3, -0.04, 0.1};

typedef struct made_up {
    int64_t calls, draws;
    int64_t every;    /* steps between two draws; 0: the same points */
    int64_t n0;       /* points of group 0 */
    fqp_status fails; /* what the objective answers */
    bool bad;         /* an adjoint that is no number */
} made_up;

static inline int64_t epoch_of(const made_up *p, int64_t step) {
    return p->every > 0 && step > 0 ? step / p->every : 0;
}

static inline fqp_status draw(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    made_up *p = user;
    const uint64_t epoch = (uint64_t)epoch_of(p, step);
    p->draws++;
    *changed = step > 0 && p->every > 0 && step % p->every == 0;
    batch[0].n = p->n0;
    batch[1].n = N1;
    for (int64_t i = 0; i < p->n0 * D; i++)
        batch[0].x[i] = 2 * fqpi_rng_uniform(3 + epoch, FQPI_STREAM_POINTS, (uint64_t)i) - 1;
    for (int64_t i = 0; i < N1 * D; i++)
        batch[1].x[i] = 2 * fqpi_rng_uniform(4 + epoch, FQPI_STREAM_POINTS, (uint64_t)i) - 1;
    return FQP_OK;
}

/* r at output i of a point of group 0, and its derivatives by the u there and by k. */
static inline double inner(const double *u, const double *x, double k, double *du, double *dk) {
    double r = 0.5 * u[0] * u[1] + k * u[0] - sin(3 * x[0]);
    for (int c = 0; c < C0; c++) {
        r += factor[c] * u[c];
        du[c] = factor[c];
    }
    du[0] += 0.5 * u[1] + k;
    du[1] += 0.5 * u[0];
    *dk = u[0];
    return r;
}

static inline double other(const double *u, double *du) {
    du[0] = 1;
    du[1] = u[2];
    du[2] = u[1];
    return u[0] + u[1] * u[2];
}

static inline fqp_status objective(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                                   double *dnumbers, double *loss) {
    made_up *p = user;
    const double share0 = 1 / (double)(p->n0 * M), share1 = 2 / (double)(N1 * M);
    (void)step;
    p->calls++;
    *loss = 0;
    for (int64_t i = 0; i < p->n0 * M; i++) {
        double du[C0], dk, r = inner(batch[0].u + i * C0, batch[0].x + i / M * D, numbers[0], du, &dk);
        *loss += share0 * r * r;
        for (int c = 0; c < C0; c++)
            batch[0].du[i * C0 + c] = 2 * share0 * r * du[c];
        dnumbers[0] += 2 * share0 * r * dk;
    }
    for (int64_t pair = 0; pair < N1 / 2; pair++)
        for (int64_t i = 0; i < M; i++) {
            const int64_t a = (2 * pair * M + i) * C1, b = ((2 * pair + 1) * M + i) * C1;
            double da[C1], db[C1], r = other(batch[1].u + a, da) - other(batch[1].u + b, db);
            *loss += share1 * r * r;
            for (int c = 0; c < C1; c++) {
                batch[1].du[a + c] = 2 * share1 * r * da[c];
                batch[1].du[b + c] = -2 * share1 * r * db[c];
            }
        }
    if (p->bad)
        batch[1].du[7] = NAN;
    return p->fails;
}

static inline fqp_status residuals(void *user, int64_t step, size_t g, const fqp_group_batch *batch,
                                   const double *numbers, int64_t *rows, int64_t *span, double *r, double *dr,
                                   double *dnumbers) {
    const made_up *p = user;
    const double root0 = sqrt(1 / (double)(p->n0 * M)), root1 = sqrt(2 / (double)(N1 * M));
    (void)step;
    *span = g ? 2 : 1;
    *rows = g ? N1 / 2 * M : p->n0 * M;
    for (int64_t i = 0; g == 0 && i < *rows; i++) { /* row i is output i % M of point i / M */
        double du[C0], dk;
        r[i] = root0 * inner(batch[0].u + i * C0, batch[0].x + i / M * D, numbers[0], du, &dk);
        for (int c = 0; c < C0; c++)
            dr[(i * M + i % M) * C0 + c] = root0 * du[c];
        dnumbers[i] = root0 * dk;
    }
    for (int64_t i = 0; g == 1 && i < *rows; i++) {
        const int64_t pair = i / M, out = i % M;
        double da[C1], db[C1];
        r[i] = root1 * (other(batch[1].u + (2 * pair * M + out) * C1, da) -
                        other(batch[1].u + ((2 * pair + 1) * M + out) * C1, db));
        for (int c = 0; c < C1; c++) {
            dr[((i * 2 + 0) * M + out) * C1 + c] = root1 * da[c];
            dr[((i * 2 + 1) * M + out) * C1 + c] = -root1 * db[c];
        }
    }
    return FQP_OK;
}

static const fqp_group both[2] = {
    {.most = N0, .count = C0, .which = inside, .rows = N0 * M, .span = 1},
    {.most = N1, .count = C1, .which = across, .rows = N1 / 2 * M, .span = 2},
};

static inline fqp_groups groups_of(made_up *p) {
    return (fqp_groups){
        .count = 2, .group = both, .draw = draw, .objective = objective, .residuals = residuals, .user = p};
}

static int64_t narrow[] = {9, 7};
static double start[] = {0.7};

typedef struct setting {
    int threads;
    bool f32, slopes;
    fqp_train_opts train;
} setting;

static inline setting plain(const char *optimizer, int64_t steps) {
    setting s = {.threads = 2, .train = fqpi_train_defaults};
    s.train.optimizer = find(fqp_optimizer_name, optimizer);
    s.train.steps = steps;
    s.train.lr = 3e-3;
    return s;
}

/* A trainer that minimises the made-up loss. */
static inline void open_groups(fixture *f, const setting *s, made_up *p) {
    fixture_open(f, s->threads);
    fixture_data(f, 3, D, M);
    fqp_model_opts mo = small_model(narrow, 2, FQPI_ACT_TANH, !s->f32);
    mo.numbers = (fqp_reals){start, 1};
    mo.slopes = s->slopes ? find(fqp_slopes_name, "neuron") : 0;
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &s->train, 11, NULL, &f->trainer));
    if (p->n0 == 0)
        p->n0 = N0;
    const fqp_groups groups = groups_of(p);
    assert_ok(f->ctx, fqp_trainer_groups(f->trainer, &groups));
}

static inline double loss_of(fixture *f) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_gradient(f->trainer, &loss, NULL));
    return loss;
}

#endif
