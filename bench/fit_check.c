/* fit_check.c - see fit_check.h. */
#include "fit_check.h"
#include "mem.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seeds of batch order: the trainer of copy i has seed i + 1. */
static uint64_t seed_of(int copy) {
    return (uint64_t)copy + 1;
}

static void save(fqp_ctx *ctx, const char *folder, const char *name, fqp_view v) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    bench_need(ctx, fqp_npy_write(ctx, path, v));
}

static void *room(bench_fit *f, int64_t n, size_t size) {
    void *p = fqpi_calloc(f->ctx, (size_t)n, size);
    if (!p)
        exit(1);
    return p;
}

/* ---- what training starts from ----------------------------------------------------------------------------------- */

static void save_weights(bench_fit *f, const char *folder) {
    fqp_dtype type = fqp_model_precision(f->model[0]);
    int64_t n = fqp_model_parameter_count(f->model[0]), layers = fqp_model_layers(f->model[0]);
    size_t bytes = (size_t)n * fqp_dtype_size(type);
    char *all = room(f, f->copies, bytes);
    for (int i = 0; i < f->copies; i++)
        memcpy(all + (size_t)i * bytes, fqp_model_parameters(f->model[i]), bytes);
    save(f->ctx, folder, "weights", fqp_view_make(all, type, 2, (int64_t[]){f->copies, n}));
    fqpi_free(all);

    int64_t *size = room(f, layers + 1, sizeof *size);
    for (int64_t l = 0; l < layers; l++) {
        int64_t weight, bias;
        fqp_model_layer(f->model[0], l, &size[l], &size[l + 1], &weight, &bias);
    }
    save(f->ctx, folder, "sizes", fqp_view_make(size, FQP_I64, 1, (int64_t[]){layers + 1}));
    fqpi_free(size);
}

static void save_data(bench_fit *f, const char *folder) {
    if (f->data->classes)
        return; /* other code reads the images itself */
    save(f->ctx, folder, "x", fqp_array_view(&f->data->x));
    save(f->ctx, folder, "y", fqp_array_view(&f->data->y));
}

/* The order of mini-batches: position i of epoch e is row permuted(seed, e, i) of the data. */
static void save_batches(bench_fit *f, int64_t steps, const char *folder) {
    int64_t batch = bench_fit_batch(f), epoch = bench_fit_epoch(f), n = f->data->n;
    if (batch == n)
        return;
    if (steps >= epoch) {
        fprintf(stderr, "bench_fit: a check ends before the first epoch, after %lld steps\n", (long long)epoch - 1);
        exit(2);
    }
    int64_t *row = room(f, steps * batch, sizeof *row);
    for (int64_t i = 0; i < steps * batch; i++)
        row[i] = (int64_t)fqpi_rng_permuted(seed_of(0), FQPI_STREAM_BATCH, 0, (uint64_t)n, (uint64_t)i);
    save(f->ctx, folder, "batches", fqp_view_make(row, FQP_I64, 2, (int64_t[]){steps, batch}));
    fqpi_free(row);
}

/* ---- the steps --------------------------------------------------------------------------------------------------- */

typedef struct curve {
    double *loss; /* [steps] */
    int64_t steps;
    fqp_monitor *monitor; /* NULL: none */
} curve;

static fqp_status watch(void *user, const fqp_frame *frame, bool *stop) {
    curve *c = user;
    (void)stop;
    if (frame->step < c->steps)
        c->loss[frame->step] = frame->loss;
    return c->monitor ? fqp_monitor_observe(c->monitor, frame->step, frame->seconds, frame->prediction) : FQP_OK;
}

static void save_spectrum(bench_fit *f, const fqp_monitor *monitor, const char *folder) {
    fqp_bins b;
    bench_need(f->ctx, fqp_monitor_bins(monitor, 0, fqp_monitor_frames(monitor) - 1, &b));
    double *row = room(f, (int64_t)b.nbins * 3, sizeof *row);
    for (size_t i = 0; i < b.nbins; i++) {
        row[3 * i] = b.axis[i];
        memcpy(row + 3 * i + 1, b.prediction + 2 * i, 2 * sizeof *row);
    }
    save(f->ctx, folder, "spectrum", fqp_view_2d(row, (int64_t)b.nbins, 3));
    save(f->ctx, folder, "watched", fqp_array_view(&f->data->x_test));
    fqpi_free(row);
}

/* Full batches: the loss arrives with the frames, as it does for a user. */
static void run_watched(bench_fit *f, int64_t steps, double *loss, const char *folder) {
    fqp_trainer *trainer[BENCH_COPIES];
    curve curves[BENCH_COPIES];
    fqp_schedule every = {0};
    bool points = f->data->n_test > 0;
    f->train.steps = steps;
    bench_need(f->ctx, fqp_schedule_parse(f->ctx, "every:1", (fqp_origin){0}, &every));
    for (int i = 0; i < f->copies; i++) {
        curves[i] = (curve){.loss = loss + i * steps, .steps = steps};
        if (points)
            bench_need(f->ctx,
                       fqp_monitor_create(f->ctx, fqp_array_view(&f->data->x_test), fqp_array_view(&f->data->y_test),
                                          &(fqp_monitor_setup){0}, &curves[i].monitor));
        bench_need(f->ctx, fqp_trainer_create(f->ctx, f->model[i], f->data, &f->train, seed_of(i), NULL, &trainer[i]));
        bench_need(f->ctx, fqp_trainer_observe(trainer[i], fqp_array_view(points ? &f->data->x_test : &f->data->x),
                                               &every, watch, &curves[i]));
    }
    bench_need(f->ctx, fqp_population_run(f->ctx, (size_t)f->copies, trainer, NULL));
    if (curves[0].monitor)
        save_spectrum(f, curves[0].monitor, folder);
    for (int i = 0; i < f->copies; i++) {
        fqp_monitor_destroy(curves[i].monitor);
        fqp_trainer_destroy(trainer[i]);
    }
    fqp_schedule_release(&every);
}

static void run_steps(bench_fit *f, int64_t steps, double *loss) {
    fqp_trainer *trainer;
    bench_need(f->ctx, fqp_trainer_create(f->ctx, f->model[0], f->data, &f->train, seed_of(0), NULL, &trainer));
    for (int64_t s = 0; s < steps; s++)
        bench_need(f->ctx, fqp_trainer_step(trainer, 1, &loss[s]));
    fqp_trainer_destroy(trainer);
}

void bench_fit_check(bench_fit *f, int64_t steps, const char *folder) {
    save_weights(f, folder);
    save_data(f, folder);
    save_batches(f, steps, folder);
    double *loss = room(f, f->copies * steps, sizeof *loss);
    if (f->setting->watched || f->copies > 1)
        run_watched(f, steps, loss, folder);
    else
        run_steps(f, steps, loss);
    save(f->ctx, folder, "loss", fqp_view_2d(loss, f->copies, steps));
    for (int64_t s = 0; s < steps; s++)
        printf("%lld %.9g\n", (long long)s, loss[s]);
    fqpi_free(loss);
}
