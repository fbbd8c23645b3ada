/* noisy_bank.c - the bank of noisy one-dimensional targets on which stopping rules are measured.
 *
 * A case is drawn from its number alone: 1 to 4 sines of 0.5 to 6 cycles over [-pi, pi) (any real number, so that most
 * do not fit the domain) and amplitudes 0.5 to 1; 100 to 400 training points, equispaced or random; a quarter as many
 * held-out points at random places; white noise of 0.1 to 1 times the signal's root mean square on both.  A 1-100-100-1
 * tanh network is trained by Adam, 1e-3, full batch. */
#include "noisy_bank.h"

#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { STEPS = 6000, EVERY = 10, FRAMES = STEPS / EVERY + 1 };
static const char *const setting = "model: {hidden: [100, 100], activation: tanh, init: glorot_uniform, bias_std: 0}\n"
                                   "train: {optimizer: adam, lr: 1e-3, steps: 6000}";

enum { DRAW_SINES, DRAW_RATIO, DRAW_N, DRAW_GRID, DRAW_WAVE = 16 }; /* places of the target's draws */

static double draw(uint64_t number, uint64_t place, double low, double high) {
    return low + (high - low) * fqpi_rng_uniform(number, FQPI_STREAM_TARGET, place);
}

static double signal_at(const fqpi_noisy *c, double x) {
    double sum = 0;
    for (int k = 0; k < c->sines; k++)
        sum += c->amplitude[k] * sin(c->frequency[k] * x + c->phase[k]);
    return sum;
}

static void draw_target(fqpi_noisy *c, uint64_t number) {
    c->sines = 1 + (int)floor(draw(number, DRAW_SINES, 0, FQPI_NOISY_SINES));
    for (int k = 0; k < c->sines; k++) {
        const uint64_t place = DRAW_WAVE + 3 * (uint64_t)k;
        c->frequency[k] = draw(number, place, 0.5, 6);
        c->amplitude[k] = draw(number, place + 1, 0.5, 1);
        c->phase[k] = draw(number, place + 2, 0, 2 * M_PI);
    }
    c->ratio = 0.1 * pow(10, draw(number, DRAW_RATIO, 0, 1));
    c->n = (int64_t)round(100 * pow(4, draw(number, DRAW_N, 0, 1)));
    c->grid = draw(number, DRAW_GRID, 0, 1) < 0.5;
    c->held = (c->n + 2) / 4;
    c->points = c->n + c->held + FQPI_NOISY_CLEAN;
}

static void draw_points(fqpi_noisy *c, uint64_t number, bool noiseless) {
    const int64_t noisy = c->n + c->held;
    for (int64_t i = 0; i < c->points; i++) {
        const double u = i >= noisy            ? ((double)(i - noisy) + 0.5) / FQPI_NOISY_CLEAN
                         : c->grid && i < c->n ? (double)i / (double)c->n
                                               : fqpi_rng_uniform(number, FQPI_STREAM_POINTS, (uint64_t)i);
        c->x[i] = M_PI * (2 * u - 1);
        c->y[i] = signal_at(c, c->x[i]);
    }
    double power = 0;
    for (int64_t i = noisy; i < c->points; i++)
        power += c->y[i] * c->y[i] / FQPI_NOISY_CLEAN;
    c->noise = noiseless ? 0 : c->ratio * sqrt(power);
    for (int64_t i = 0; i < noisy; i++)
        c->y[i] += c->noise * fqpi_rng_normal(number, FQPI_STREAM_NOISE, (uint64_t)i);
}

static fqp_status allocate(fqp_ctx *ctx, fqpi_noisy *c) {
    const size_t points = (size_t)c->points;
    c->x = fqpi_alloc(ctx, 2 * points, sizeof *c->x);
    c->step = fqpi_alloc(ctx, FRAMES, sizeof *c->step);
    c->prediction = fqpi_alloc(ctx, FRAMES * points, sizeof *c->prediction);
    if (!c->x || !c->step || !c->prediction)
        return FQP_E_NOMEM;
    c->y = c->x + points;
    return FQP_OK;
}

typedef struct watch {
    const fqp_ctx *asked; /* whose interrupt counts */
    fqpi_noisy *c;
} watch;

static fqp_status observe(void *user, const fqp_frame *frame, bool *stop) {
    fqpi_noisy *c = ((watch *)user)->c;
    if (fqp_ctx_interrupted(((watch *)user)->asked))
        return FQP_E_INTERRUPTED;
    *stop = c->frames == FRAMES;
    if (*stop)
        return FQP_OK;
    c->step[c->frames] = frame->step;
    for (int64_t i = 0; i < c->points; i++)
        c->prediction[c->frames * c->points + i] = fqp_view_at(frame->prediction, i);
    c->frames++;
    return FQP_OK;
}

static fqp_status train(fqp_ctx *ctx, watch *w, uint64_t number, const fqp_config *config) {
    fqpi_noisy *c = w->c;
    const fqp_dataset data = {.n = c->n,
                              .d = 1,
                              .m = 1,
                              .x = {.data = c->x, .dtype = FQP_F64, .ndim = 2, .shape = {c->n, 1}},
                              .y = {.data = c->y, .dtype = FQP_F64, .ndim = 2, .shape = {c->n, 1}}};
    fqp_model *model = NULL;
    fqp_trainer *t = NULL;
    fqp_schedule when = {0};
    fqp_status s = fqp_schedule_parse(ctx, "every:10", (fqp_origin){0}, &when);
    s = s ? s : fqp_model_create(ctx, 1, 1, fqp_config_section(config, "model"), number, &model);
    s = s ? s : fqp_trainer_create(ctx, model, &data, fqp_config_section(config, "train"), number, config, &t);
    s = s ? s : fqp_trainer_observe(t, fqp_view_2d(c->x, c->points, 1), &when, observe, w);
    s = s ? s : fqp_trainer_run(t);
    fqp_trainer_destroy(t);
    fqp_model_destroy(model);
    fqp_schedule_release(&when);
    return s;
}

/* On one thread: networks so small gain little by a second one, which costs as much as the first. */
static fqp_status train_alone(fqp_ctx *ctx, fqpi_noisy *c, uint64_t number, const fqp_config *config) {
    fqp_ctx *one = NULL;
    fqp_status s = fqp_ctx_create(&(fqp_ctx_opts){.threads = 1, .kernel = fqp_ctx_kernel(ctx)}, &one);
    if (s)
        return fqpi_fail(ctx, s, NULL, "no context for target %llu", (unsigned long long)number);
    s = train(one, &(watch){.asked = ctx, .c = c}, number, config);
    if (s)
        fqpi_fail(ctx, s, NULL, "target %llu: %s", (unsigned long long)number,
                  fqp_ctx_problem_count(one) ? fqp_ctx_problem(one, 0).message : fqp_status_name(s));
    fqp_ctx_destroy(one);
    return s;
}

fqp_status fqpi_noisy_run(fqp_ctx *ctx, int64_t number, bool noiseless, fqpi_noisy *out) {
    fqp_config *config = NULL;
    *out = (fqpi_noisy){0};
    fqp_status s = fqp_config_parse(ctx, "measure", setting, 0, NULL, &config);
    if (!s) {
        draw_target(out, (uint64_t)number);
        s = allocate(ctx, out);
    }
    if (!s) {
        draw_points(out, (uint64_t)number, noiseless);
        s = train_alone(ctx, out, (uint64_t)number, config);
    }
    fqp_config_destroy(config);
    if (s)
        fqpi_noisy_free(out);
    return s;
}

void fqpi_noisy_free(fqpi_noisy *c) {
    fqpi_free(c->x);
    fqpi_free(c->step);
    fqpi_free(c->prediction);
    *c = (fqpi_noisy){0};
}

double fqpi_noisy_error(const fqpi_noisy *c, int64_t frame) {
    const int64_t first = c->n + c->held;
    double sum = 0;
    for (int64_t i = first; i < c->points; i++) {
        const double e = c->prediction[frame * c->points + i] - c->y[i];
        sum += e * e;
    }
    return sum / FQPI_NOISY_CLEAN;
}
