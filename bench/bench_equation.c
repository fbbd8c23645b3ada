/* bench_equation.c - time of a training step of networks that solve equations, as bench/run holds it against PyTorch.
 *
 *   pinn2d  u_xx + u_yy = f in [-1, 1]^2, residuals at 2000 points and values at 400 on the border; 2-50-50-50-50-1
 * tanh ritz1d  -u'' = f in [-1, 1] by Deep Ritz, 1000 + 100 new points a step, the error at 201 points every step; six
 *           1-30-30-30-1 sin, which see 32 x (Liu, Cai & Xu 2007.11207, the authors' program)
 *
 * usage: bench_equation SETTING [THREADS, default 1 [SECONDS, default 1]]
 * Prints: setting, threads, time of a step (median, smallest, largest of rounds), loss.
 */
#include "fail.h"
#include "rng.h"

#include <fqp.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7, TEST = 201, SET = 12 };
static const double PI = 3.14159265358979323846;

/* ---- pinn2d ---------------------------------------------------------------------------------------- */

enum { INSIDE = 2000, BORDER = 400 };

static double uniform(int64_t i) {
    return 2 * fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)i) - 1;
}

static fqp_status pinn_draw(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user;
    *changed = step == 0;
    if (batch[0].n == INSIDE)
        return FQP_OK;
    batch[0].n = INSIDE;
    batch[1].n = BORDER;
    for (int64_t i = 0; i < 2 * INSIDE; i++)
        batch[0].x[i] = uniform(i);
    for (int64_t i = 0; i < BORDER; i++) {
        batch[1].x[2 * i + i % 2] = i / 2 % 2 ? 1 : -1;
        batch[1].x[2 * i + 1 - i % 2] = uniform(2 * INSIDE + i);
    }
    return FQP_OK;
}

/* mean (u_xx + u_yy - f)^2 + mean u^2 on the border, f = -2 pi^2 sin(pi x) sin(pi y) */
static fqp_status pinn_objective(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                                 double *dnumbers, double *loss) {
    double *f = user;
    (void)step, (void)numbers, (void)dnumbers;
    *loss = 0;
    for (int64_t i = 0; i < INSIDE && isnan(f[INSIDE - 1]); i++)
        f[i] = -2 * PI * PI * sin(PI * batch[0].x[2 * i]) * sin(PI * batch[0].x[2 * i + 1]);
    for (int64_t i = 0; i < INSIDE; i++) {
        const double r = batch[0].u[i] - f[i];
        *loss += r * r / INSIDE;
        batch[0].du[i] = 2 * r / INSIDE;
    }
    for (int64_t i = 0; i < BORDER; i++) {
        *loss += batch[1].u[i] * batch[1].u[i] / BORDER;
        batch[1].du[i] = 2 * batch[1].u[i] / BORDER;
    }
    return FQP_OK;
}

/* ---- ritz1d ---------------------------------------------------------------------------------------- */

enum { LINE = 1000, ENDS = 100 };
static const double MU = 6 * 3.14159265358979323846;

static fqp_status ritz_draw(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user;
    *changed = true;
    batch[0].n = LINE;
    batch[1].n = ENDS;
    for (int64_t i = 0; i < LINE; i++)
        batch[0].x[i] = uniform(step * (LINE + ENDS) + i);
    for (int64_t i = 0; i < ENDS; i++)
        batch[1].x[i] = uniform(step * (LINE + ENDS) + LINE + i) < 0 ? -1 : 1;
    return FQP_OK;
}

/* 2 mean (u'^2/2 - f u) + 1000 mean (u - sin mu x)^2 at the ends, f = mu^2 sin(mu x) */
static fqp_status ritz_objective(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                                 double *dnumbers, double *loss) {
    (void)user, (void)step, (void)numbers, (void)dnumbers;
    *loss = 0;
    for (int64_t i = 0; i < LINE; i++) {
        const double u = batch[0].u[2 * i], slope = batch[0].u[2 * i + 1], f = MU * MU * sin(MU * batch[0].x[i]);
        *loss += (slope * slope - 2 * f * u) / LINE;
        batch[0].du[2 * i] = -2 * f / LINE;
        batch[0].du[2 * i + 1] = 2 * slope / LINE;
    }
    for (int64_t i = 0; i < ENDS; i++) {
        const double r = batch[1].u[i] - sin(MU * batch[1].x[i]);
        *loss += 1000 * r * r / ENDS;
        batch[1].du[i] = 2000 * r / ENDS;
    }
    return FQP_OK;
}

/* ---- settings -------------------------------------------------------------------------------------- */

static const fqp_derivative value = {.order = {0}}, laplacian = {.order = {2, 2}, .summed = true};
static const fqp_derivative value_and_slope[] = {{.order = {0}}, {.order = {1}}};
static const fqp_group pinn_groups[] = {{.most = INSIDE, .count = 1, .which = &laplacian},
                                        {.most = BORDER, .count = 1, .which = &value}};
static const fqp_group ritz_groups[] = {{.most = LINE, .count = 2, .which = value_and_slope},
                                        {.most = ENDS, .count = 1, .which = &value}};

typedef struct setting {
    const char *name, *set[SET];
    int64_t inputs;
    fqp_groups groups;
    bool tested; /* the error at TEST points after every step */
} setting;

static const setting settings[] = {
    {"pinn2d",
     {"model.hidden=[50, 50, 50, 50]", "model.activation=tanh", "train.optimizer=adam", "train.lr=1e-3",
      "train.steps=100000000"},
     2,
     {.count = 2, .group = pinn_groups, .draw = pinn_draw, .objective = pinn_objective},
     false},
    {"ritz1d",
     {"model.hidden=[180, 180, 180]", "model.activation=sin", "model.scales=[32, 32, 32, 32, 32, 32]",
      "model.branches=separate", "train.optimizer=adam", "train.lr=1e-4", "train.steps=100000000"},
     1,
     {.count = 2, .group = ritz_groups, .draw = ritz_draw, .objective = ritz_objective},
     true},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void need(fqp_ctx *ctx, fqp_status s) {
    if (s == FQP_OK)
        return;
    fprintf(stderr, "bench_equation: %s: %s\n", fqp_status_name(s),
            fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).message : "");
    exit(1);
}

typedef struct run {
    fqp_ctx *ctx;
    const setting *is;
    fqp_model *model;
    fqp_trainer *trainer;
    double loss, error;
} run;

static double steps(run *r, int64_t n) {
    static double test[TEST], u[TEST];
    for (int64_t i = 0; i < TEST; i++)
        test[i] = (double)i / (TEST / 2) - 1;
    const double began = fqpi_clock();
    if (!r->is->tested)
        need(r->ctx, fqp_trainer_step(r->trainer, n, &r->loss));
    for (int64_t k = 0; k < n && r->is->tested; k++) {
        need(r->ctx, fqp_trainer_step(r->trainer, 1, &r->loss));
        need(r->ctx, fqp_model_eval(r->ctx, r->model, fqp_view_1d(test, TEST), u));
        r->error = 0;
        for (int64_t i = 0; i < TEST; i++)
            r->error += 2 * pow(u[i] - sin(MU * test[i]), 2) / TEST;
    }
    return fqpi_clock() - began;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rounds of so many steps that all of them take about `seconds`. */
static void report(run *r, int threads, double seconds) {
    double round[ROUNDS], once = steps(r, 20) / 20;
    const int64_t n = (int64_t)fmax(1, seconds / ROUNDS / once);
    for (int i = 0; i < ROUNDS; i++)
        round[i] = 1e3 * steps(r, n) / (double)n;
    qsort(round, ROUNDS, sizeof *round, by_value);
    printf("%s threads %d time %.6f min %.6f max %.6f unit ms/step loss %.6g", r->is->name, threads, round[ROUNDS / 2],
           round[0], round[ROUNDS - 1], r->loss);
    printf(r->is->tested ? " error %.6g\n" : "\n", r->error);
}

static void bench(const setting *s, int threads, double seconds) {
    static double source[INSIDE] = {0}, point[2] = {0}, target[1] = {0};
    run r = {.is = s};
    fqp_config *config;
    fqp_dataset *data;
    size_t given = 0;
    while (given < SET && s->set[given])
        given++;
    need(NULL, fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &r.ctx));
    need(r.ctx, fqp_config_parse(r.ctx, s->name, "", given, s->set, &config));
    need(r.ctx, fqp_dataset_from_arrays(r.ctx, fqp_view_2d(point, 1, s->inputs), fqp_view_2d(target, 1, 1), NULL, NULL,
                                        &data));
    need(r.ctx, fqp_model_create(r.ctx, s->inputs, 1, fqp_config_section(config, "model"), 1, &r.model));
    need(r.ctx, fqp_trainer_create(r.ctx, r.model, data, fqp_config_section(config, "train"), 1, NULL, &r.trainer));
    fqp_groups groups = s->groups;
    source[INSIDE - 1] = NAN; /* not made yet */
    groups.user = source;
    need(r.ctx, fqp_trainer_groups(r.trainer, &groups));
    report(&r, threads, seconds);
    fqp_trainer_destroy(r.trainer);
    fqp_model_destroy(r.model);
    fqp_dataset_destroy(data);
    fqp_config_destroy(config);
    fqp_ctx_destroy(r.ctx);
}

int main(int argc, char **argv) {
    const int threads = argc > 2 ? atoi(argv[2]) : 1;
    const double seconds = argc > 3 ? atof(argv[3]) : 1;
    for (int i = 0; i < SETTINGS; i++)
        if (argc > 1 && !strcmp(argv[1], settings[i].name)) {
            bench(&settings[i], threads, seconds);
            return 0;
        }
    fprintf(stderr, "usage: bench_equation SETTING [THREADS [SECONDS]]; settings:");
    for (int i = 0; i < SETTINGS; i++)
        fprintf(stderr, " %s", settings[i].name);
    fprintf(stderr, "\n");
    return 2;
}
