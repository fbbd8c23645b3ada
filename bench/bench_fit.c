/* bench_fit.c - milliseconds per training step of the settings that bench/run holds against PyTorch.
 *
 *   bench_fit SETTING [THREADS] [SECONDS]     prints: setting threads ms_per_step
 *
 * fit1d-paper: 1-200-200-200-100-1 tanh, 61 points, full batch, Adam, f32.  fit1d-small: 1-64-64-1 tanh, 200 points.
 * fit1d-monitored: fit1d-paper with a 201-point evaluation and its spectrum at every step, through the observer.
 */
#include <fqp.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct setting {
    const char *name;
    int64_t n, n_eval;
    int64_t hidden[4];
    size_t nhidden;
    double lr, a, b;
} setting;

static const setting settings[] = {
    {"fit1d-paper", 61, 0, {200, 200, 200, 100}, 4, 2e-5, -10, 10},
    {"fit1d-monitored", 61, 201, {200, 200, 200, 100}, 4, 2e-5, -10, 10},
    {"fit1d-small", 200, 0, {64, 64}, 2, 1e-3, -1, 1},
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void need(fqp_ctx *ctx, fqp_status s) {
    if (s == FQP_OK)
        return;
    fprintf(stderr, "%s: %s\n", fqp_status_name(s),
            fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).message : "no message");
    exit(1);
}

static void target(int64_t n, double a, double b, double *x, double *y) {
    for (int64_t i = 0; i < n; i++) {
        x[i] = a + (b - a) * (double)i / (double)(n - 1);
        y[i] = sin(x[i]) + sin(4 * x[i]);
    }
}

static fqp_status watch(void *user, const fqp_frame *f, bool *stop) {
    (void)stop;
    return fqp_monitor_observe(user, f->step, f->seconds, f->prediction);
}

/* Seconds that `steps` further steps take. */
static double timed(fqp_ctx *ctx, fqp_trainer *t, bool monitored, int64_t steps) {
    double loss, began = now();
    if (!monitored)
        need(ctx, fqp_trainer_step(t, steps, &loss));
    else
        need(ctx, fqp_trainer_run(t));
    return now() - began;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ms(fqp_ctx *ctx, const setting *s, double seconds) {
    enum { REPEATS = 5 };
    double *x = malloc(sizeof *x * 512), *y = malloc(sizeof *y * 512), runs[REPEATS];
    target(s->n, s->a, s->b, x, y);
    fqp_model_opts mo;
    fqp_train_opts to;
    need(ctx, fqp_section_defaults(ctx, &fqp_model_section, &mo));
    need(ctx, fqp_section_defaults(ctx, &fqp_train_section, &to));
    mo.hidden.v = malloc(sizeof *mo.hidden.v * s->nhidden); /* left to the process's end */
    memcpy(mo.hidden.v, s->hidden, sizeof *mo.hidden.v * s->nhidden);
    mo.hidden.n = s->nhidden;
    to.lr = s->lr;
    fqp_view vx = fqp_view_2d(x, s->n, 1), vy = fqp_view_2d(y, s->n, 1);
    fqp_dataset *data;
    fqp_model *model;
    fqp_trainer *trainer;
    need(ctx, fqp_dataset_from_arrays(ctx, vx, vy, NULL, NULL, &data));
    int64_t steps = 200;
    for (int r = -1; r < REPEATS; r++) {
        to.steps = steps;
        need(ctx, fqp_model_create(ctx, 1, 1, &mo, 1, &model));
        need(ctx, fqp_trainer_create(ctx, model, data, &to, 1, NULL, &trainer));
        fqp_monitor *monitor = NULL;
        if (s->n_eval) {
            target(s->n_eval, s->a, s->b, x, y);
            fqp_view ex = fqp_view_2d(x, s->n_eval, 1), ey = fqp_view_2d(y, s->n_eval, 1);
            fqp_schedule every = {0};
            need(ctx, fqp_schedule_parse(ctx, "every:1", (fqp_origin){0}, &every));
            need(ctx, fqp_monitor_create(ctx, ex, ey, &(fqp_monitor_setup){0}, &monitor));
            need(ctx, fqp_trainer_observe(trainer, ex, &every, watch, monitor));
            fqp_schedule_release(&every);
        }
        if (!s->n_eval) {
            double loss;
            need(ctx, fqp_trainer_step(trainer, 20, &loss));
        }
        double took = timed(ctx, trainer, s->n_eval > 0, steps);
        if (r < 0) /* the first round only finds out how many steps fill the time */
            steps = 1 + (int64_t)((double)steps * seconds / REPEATS / took);
        else
            runs[r] = 1e3 * took / (double)steps;
        fqp_monitor_destroy(monitor);
        fqp_trainer_destroy(trainer);
        fqp_model_destroy(model);
    }
    fqp_dataset_destroy(data);
    free(x);
    free(y);
    qsort(runs, REPEATS, sizeof runs[0], compare);
    return runs[REPEATS / 2];
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "fit1d-paper";
    fqp_ctx *ctx;
    fqp_ctx_opts opts = {.threads = argc > 2 ? atoi(argv[2]) : 0};
    if (fqp_ctx_create(&opts, &ctx))
        return 1;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (strcmp(name, settings[i].name) == 0) {
            printf("%s %d %.5f\n", name, fqp_ctx_threads(ctx),
                   median_ms(ctx, &settings[i], argc > 3 ? atof(argv[3]) : 2));
            fqp_ctx_destroy(ctx);
            return 0;
        }
    fprintf(stderr, "bench_fit: unknown setting %s\n", name);
    return 2;
}
