/* residual.c - regression against the strong residual of -u'' = g, whose squares weigh mode k by k^4.
 *
 * u = sin pi x + sin 3 pi x + sin 5 pi x on [-1, 1], 201 points, 1-200-200-1 tanh, Adam 5e-4:
 *   kind 0: mean (h - u)^2;   1: mean (-h'' - g)^2/(25 pi^2)^2 + 10 mean over the ends h^2;   2: mean (h - u)^2/(25
 * pi^2)^2 Error of mode k: |a_k - 1|, a_k = (1/100) sum_j h_j sin(k pi x_j), on these points orthogonal; captured below
 * 0.2. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { POINTS = 201, MIDDLE = POINTS / 2, MODES = 3, STEPS = 6000, EVERY = 10, FRAMES = STEPS / EVERY + 1, HOLD = 20 };
static const double TAU = 0.2, SCALE = 25 * M_PI * M_PI;
static const int frequency[MODES] = {1, 3, 5};

typedef struct bench {
    int kind;
    double x[POINTS], u[POINTS], g[POINTS], wave[MODES][POINTS];
    double error[FRAMES][MODES];
    size_t frames;
} bench;

static void set_up(bench *b, int kind) {
    b->kind = kind;
    for (int j = 0; j < POINTS; j++) {
        b->x[j] = (double)(j - MIDDLE) / MIDDLE;
        for (int k = 0; k < MODES; k++) {
            const double w = frequency[k] * M_PI;
            b->wave[k][j] = sin(w * b->x[j]);
            b->u[j] += b->wave[k][j];
            b->g[j] += w * w * b->wave[k][j];
        }
    }
}

static fqp_status regression(const bench *b, const fqp_batch *batch, double *loss) {
    const double *h = batch->u.data, factor = (b->kind ? 1 / (SCALE * SCALE) : 1) / POINTS;
    for (int j = 0; j < POINTS; j++) {
        const double r = h[j] - b->u[j];
        *loss += factor * r * r;
        batch->du[j] = 2 * factor * r;
    }
    return FQP_OK;
}

static fqp_status strong(const bench *b, const fqp_batch *batch, double *loss) {
    const double *h = batch->u.data, *h_xx = batch->u_xx.data, factor = 1 / (SCALE * SCALE) / POINTS;
    for (int j = 0; j < POINTS; j++) {
        const double r = -h_xx[j] - b->g[j];
        *loss += factor * r * r;
        batch->du_xx[j] = -2 * factor * r;
    }
    for (int j = 0; j < POINTS; j += POINTS - 1) {
        *loss += 5 * h[j] * h[j];
        batch->du[j] = 10 * h[j];
    }
    return FQP_OK;
}

static fqp_status objective(void *user, const fqp_batch *batch, double *loss) {
    const bench *b = user;
    *loss = 0;
    return b->kind == 1 ? strong(b, batch, loss) : regression(b, batch, loss);
}

static bool all_captured(const bench *b) {
    for (int k = 0; k < MODES; k++) {
        const int64_t f = fqp_capture_frame(&b->error[0][k], b->frames, MODES, TAU, HOLD);
        if (f < 0 || (size_t)f + HOLD >= b->frames)
            return false;
    }
    return true;
}

static fqp_status observe(void *user, const fqp_frame *frame, bool *stop) {
    bench *b = user;
    for (int k = 0; k < MODES && b->frames < FRAMES; k++) {
        double a = 0;
        for (int j = 0; j < POINTS; j++)
            a += fqp_view_at(frame->prediction, j) * b->wave[k][j];
        b->error[b->frames][k] = fabs(a / MIDDLE - 1);
    }
    b->frames += b->frames < FRAMES;
    *stop = all_captured(b);
    return FQP_OK;
}

static fqp_status train(const fqpi_measuring *m, bench *b, const fqp_config *config) {
    const fqp_dataset data = {.n = POINTS,
                              .d = 1,
                              .m = 1,
                              .x = {.data = b->x, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, 1}},
                              .y = {.data = b->u, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, 1}}};
    const uint64_t seed = (uint64_t)m->seed + 1;
    fqp_model *model = NULL;
    fqp_trainer *t = NULL;
    fqp_schedule when = {0};
    fqp_status s = fqp_schedule_parse(m->ctx, "every:10", (fqp_origin){0}, &when);
    if (!s)
        s = fqp_model_create(m->ctx, 1, 1, fqp_config_section(config, "model"), seed, &model);
    if (!s)
        s = fqp_trainer_create(m->ctx, model, &data, fqp_config_section(config, "train"), seed, config, &t);
    if (!s)
        s = fqp_trainer_objective(t, b->kind == 1 ? 2 : 0, objective, b);
    if (!s)
        s = fqp_trainer_observe(t, fqp_view_2d(b->x, POINTS, 1), &when, observe, b);
    if (!s)
        s = fqp_trainer_run(t);
    fqp_trainer_destroy(t);
    fqp_model_destroy(model);
    fqp_schedule_release(&when);
    return s;
}

/* Capture steps, infinite: never. */
static fqp_status times(const fqpi_measuring *m, int kind, double *t) {
    static const char *const text = "model: {hidden: [200, 200], activation: tanh, init: glorot_normal}\n"
                                    "train: {optimizer: adam, lr: 5e-4, steps: 6000}";
    fqp_config *config = NULL;
    fqp_status s = fqp_config_parse(m->ctx, "measure", text, 0, NULL, &config);
    bench *b = s ? NULL : fqpi_calloc(m->ctx, 1, sizeof *b);
    if (b) {
        set_up(b, kind);
        s = train(m, b, config);
        for (int k = 0; k < MODES && !s; k++) {
            const int64_t f = fqp_capture_frame(&b->error[0][k], b->frames, MODES, TAU, HOLD);
            t[k] = f < 0 ? INFINITY : (double)(f * EVERY);
        }
    }
    fqpi_free(b);
    fqp_config_destroy(config);
    return s ? s : b ? FQP_OK : FQP_E_NOMEM;
}

static const double *times_of(const fqpi_measuring *m, int kind) {
    bool fresh;
    double *t = fqpi_measuring_memo(m, fqpi_measures_residual, kind, 0, &fresh);
    if (fresh && times(m, kind, t))
        t[0] = t[1] = t[2] = NAN;
    return t;
}

static double residual_t(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *t = times_of(m, (int)arg[0]);
    for (int k = 0; t && k < MODES; k++)
        if (arg[1] == frequency[k])
            return t[k];
    return NAN;
}

/* t(5)/t(1), what was never captured counting as the last step. */
static double residual_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const double *t = times_of(m, (int)arg[0]);
    return !t || isnan(t[0]) ? NAN : fmin(t[2], STEPS) / fmax(fmin(t[0], STEPS), 1);
}

const fqpi_measure fqpi_measures_residual[] = {
    {"residual_gap", 1, 1, false, false,
     "residual_gap(kind): t(5)/t(1) of sine modes on [-1, 1]; kind 0: regression, 1: residual of -u'', 2: regression "
     "divided by 25 pi^2",
     residual_gap},
    {"residual_t", 2, 2, false, false, "residual_t(kind, k): step at which mode k was captured there", residual_t},
    {0}};
