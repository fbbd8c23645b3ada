/* populations.c - one experiment under 32 seeds, trained together, and the spread of what was learnt when. */
#include <fqp.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 120, SEEDS = 32 };

typedef struct member {
    fqp_model *model;
    fqp_trainer *trainer;
    fqp_monitor *monitor;
} member;

static fqp_status watch(void *monitor, const fqp_frame *frame, bool *stop) {
    (void)stop;
    return fqp_monitor_observe(monitor, frame->step, frame->seconds, frame->prediction);
}

/* The step at which bin b was learnt; infinity: never. */
static double learnt(const fqp_monitor *monitor, size_t b) {
    size_t frames = fqp_monitor_frames(monitor);
    double *error = malloc(frames * sizeof *error);
    fqp_bins bins;
    for (size_t f = 0; error && f < frames && !fqp_monitor_bins(monitor, 0, f, &bins); f++)
        error[f] = bins.error[b];
    int64_t f = error ? fqp_capture_frame(error, frames, 1, 0.1, 3) : -1;
    free(error);
    return f < 0 ? INFINITY : (double)fqp_monitor_steps(monitor)[f];
}

static void print_spread(const member *m) {
    fqp_bins bins;
    for (size_t b = 0; !fqp_monitor_bins(m[0].monitor, 0, 0, &bins) && b < bins.nbins; b++) {
        double step[SEEDS];
        if (!bins.selected[b])
            continue;
        for (int i = 0; i < SEEDS; i++)
            step[i] = learnt(m[i].monitor, b);
        fqp_spread s = fqp_spread_of(step, SEEDS);
        printf("%s %s: learnt at step %.0f, median of %d seeds (80 %% of them between %.0f and %.0f)\n", bins.label[b],
               bins.axis_unit, s.median, SEEDS, s.low, s.high);
    }
}

int main(void) {
    static member m[SEEDS];
    fqp_trainer *trainers[SEEDS];
    double x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = 2.0 * i / N - 1;
        y[i] = sin(3.14159265358979 * x[i]) + 0.5 * sin(3 * 3.14159265358979 * x[i]);
    }
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1);
    fqp_ctx *ctx = NULL;
    fqp_dataset *data = NULL;
    fqp_config *config = NULL;
    fqp_schedule when = {0};

    fqp_status s = fqp_ctx_create(NULL, &ctx);
    s = s ? s
          : fqp_config_parse(ctx, "options", "model: {hidden: [40, 40]}\ntrain: {steps: 2000, lr: 2e-3}\n", 0, NULL,
                             &config);
    s = s ? s : fqp_dataset_from_arrays(ctx, vx, vy, NULL, NULL, &data);
    s = s ? s : fqp_schedule_parse(ctx, "log:40", (fqp_origin){0}, &when);
    for (int i = 0; i < SEEDS && !s; i++) {
        uint64_t seed = (uint64_t)i + 1;
        s = fqp_model_create(ctx, 1, 1, fqp_config_section(config, "model"), seed, &m[i].model);
        s = s ? s
              : fqp_trainer_create(ctx, m[i].model, data, fqp_config_section(config, "train"), seed, config,
                                   &m[i].trainer);
        s = s ? s : fqp_monitor_create(ctx, vx, vy, NULL, &m[i].monitor);
        s = s ? s : fqp_trainer_observe(m[i].trainer, vx, &when, watch, m[i].monitor);
        trainers[i] = m[i].trainer;
    }
    s = s ? s : fqp_population_run(ctx, SEEDS, trainers, NULL);
    for (size_t i = 0; s && i < fqp_ctx_problem_count(ctx); i++)
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, i).message);
    if (!s)
        print_spread(m);
    for (int i = 0; i < SEEDS; i++) {
        fqp_monitor_destroy(m[i].monitor);
        fqp_trainer_destroy(m[i].trainer);
        fqp_model_destroy(m[i].model);
    }
    fqp_schedule_release(&when);
    fqp_dataset_destroy(data);
    fqp_config_destroy(config);
    fqp_ctx_destroy(ctx);
    return fqp_status_exit(s);
}
