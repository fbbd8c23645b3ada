/* bench_fit.c - time of a training step of the settings that bench/run holds against PyTorch and NumPy.
 *
 *   bench_fit SETTING [options]       SETTING: see fit_setting.c; --help lists the options
 *
 * Prints one line of words and values: setting, precision, threads, time of a step or epoch, or steps a second (median,
 * smallest and largest of several rounds), work of a step, rate, and its share of the multiply-adds that the same
 * number of threads reaches in registers, measured just before and after.  --check writes the first steps down instead,
 * --steps takes so many and no more. */
#include "fail.h"
#include "fit_check.h"
#include "peak.h"

#include <fqp.h>

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5, CHECK_STEPS = 100 };

typedef struct options {
    int threads;
    double seconds;
    const char *kernel, *check;
    int64_t steps; /* 0: time */
    bench_change change;
} options;

/* ---- rounds of steps, timed -------------------------------------------------------------------------------------- */

typedef struct bench {
    bench_fit fit;
    fqp_trainer *trainer; /* plain settings: one goes through all rounds */
} bench;

static double plain_steps(bench *b, int64_t steps) {
    double loss, began = fqpi_clock();
    bench_need(b->fit.ctx, fqp_trainer_step(b->trainer, steps, &loss));
    return fqpi_clock() - began;
}

static fqp_status watch(void *user, const fqp_frame *f, bool *stop) {
    (void)stop;
    return fqp_monitor_observe(user, f->step, f->seconds, f->prediction);
}

/* A new trainer with its monitor: frames of a round do not pile upon those of the last. */
static double watched_steps(bench *b, int64_t steps) {
    bench_fit *f = &b->fit;
    fqp_trainer *trainer;
    fqp_monitor *monitor;
    fqp_schedule every = {0};
    fqp_view x = fqp_array_view(&f->data->x_test), y = fqp_array_view(&f->data->y_test);
    f->train.steps = steps;
    bench_need(f->ctx, fqp_trainer_create(f->ctx, f->model[0], f->data, &f->train, 1, NULL, &trainer));
    bench_need(f->ctx, fqp_schedule_parse(f->ctx, "every:1", (fqp_origin){0}, &every));
    bench_need(f->ctx, fqp_monitor_create(f->ctx, x, y, &(fqp_monitor_setup){0}, &monitor));
    bench_need(f->ctx, fqp_trainer_observe(trainer, x, &every, watch, monitor));
    double began = fqpi_clock();
    bench_need(f->ctx, fqp_trainer_run(trainer));
    double took = fqpi_clock() - began;
    fqp_schedule_release(&every);
    fqp_monitor_destroy(monitor);
    fqp_trainer_destroy(trainer);
    return took;
}

static double together_steps(bench *b, int64_t steps) {
    bench_fit *f = &b->fit;
    fqp_trainer *trainer[BENCH_COPIES];
    f->train.steps = steps;
    for (int i = 0; i < f->copies; i++)
        bench_need(f->ctx, fqp_trainer_create(f->ctx, f->model[i], f->data, &f->train, 1, NULL, &trainer[i]));
    double began = fqpi_clock();
    bench_need(f->ctx, fqp_population_run(f->ctx, (size_t)f->copies, trainer, NULL));
    double took = fqpi_clock() - began;
    for (int i = 0; i < f->copies; i++)
        fqp_trainer_destroy(trainer[i]);
    return took;
}

static double run_steps(bench *b, int64_t steps) {
    if (b->fit.setting->watched)
        return watched_steps(b, steps);
    return b->fit.copies > 1 ? together_steps(b, steps) : plain_steps(b, steps);
}

static void bench_open(bench *b, fqp_ctx *ctx, const bench_setting *s, const options *o) {
    *b = (bench){0};
    bench_fit_open(ctx, s, &o->change, &b->fit);
    if (!s->watched && b->fit.copies == 1)
        bench_need(ctx, fqp_trainer_create(ctx, b->fit.model[0], b->fit.data, &b->fit.train, 1, NULL, &b->trainer));
}

static void bench_close(bench *b) {
    fqp_trainer_destroy(b->trainer);
    bench_fit_close(&b->fit);
}

/* ---- one figure -------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Has the trainer yet to find out how many threads serve it best? */
static bool choosing(const bench *b) {
    return b->trainer && !fqp_trainer_plan(b->trainer).measured;
}

/* Seconds of a step in each round, rising.  Rounds of a setting with epochs are whole epochs. */
static void time_rounds(bench *b, double seconds, double *round) {
    int64_t unit = bench_fit_epoch(&b->fit), steps = unit;
    double took = 0, step = 0;
    /* warm up, let the trainer choose its threads, and see how many steps fill a round */
    for (double spent = 0; spent < seconds / ROUNDS || (choosing(b) && spent < 2); spent += took) {
        took = run_steps(b, steps);
        step = took / (double)steps;
        steps = took < seconds / ROUNDS / 8 ? 2 * steps : steps;
    }
    steps = (int64_t)(seconds / ROUNDS / step) / unit * unit;
    steps = steps < unit ? unit : steps;
    for (int r = 0; r < ROUNDS; r++)
        round[r] = run_steps(b, steps) / (double)steps;
    qsort(round, ROUNDS, sizeof *round, compare);
}

/* What is printed for a step of so many seconds. */
static double figure(const bench_fit *f, double seconds) {
    if (f->copies > 1)
        return f->copies / seconds;
    return f->setting->epochs ? seconds * (double)bench_fit_epoch(f) : 1e3 * seconds;
}

static void report(bench *b, double seconds) {
    const bench_fit *f = &b->fit;
    int threads = fqp_ctx_threads(f->ctx);
    fqp_dtype type = fqp_model_precision(f->model[0]);
    double round[ROUNDS], flop = bench_fit_flop(f), peak = bench_fma_peak(type, threads, 0.03);
    time_rounds(b, seconds, round);
    peak = fmax(peak, bench_fma_peak(type, threads, 0.03));
    double rate = flop / round[ROUNDS / 2], value[ROUNDS];
    for (int r = 0; r < ROUNDS; r++)
        value[r] = figure(f, round[r]);
    qsort(value, ROUNDS, sizeof *value, compare);
    const char *unit = f->copies > 1 ? "steps/s" : f->setting->epochs ? "s/epoch" : "ms/step";
    printf("%s precision %s threads %d time %.6f min %.6f max %.6f unit %s", f->setting->name, fqp_dtype_name(type),
           threads, value[ROUNDS / 2], value[0], value[ROUNDS - 1], unit);
    printf(" mflop %.4f gflops %.2f peak %.1f share %.4f\n", 1e-6 * flop, 1e-9 * rate, 1e-9 * peak, rate / peak);
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

static const char help[] =
    "usage: bench_fit SETTING [options]\n"
    "  --threads N          0: one per core (default)\n"
    "  --seconds S          time spent measuring (default 1)\n"
    "  --precision f32|f64  of the network (default f32)\n"
    "  --width W            of every hidden layer\n"
    "  --depth L            weight layers\n"
    "  --batch B            points of a step\n"
    "  --activation NAME\n"
    "  --kernel LEVEL       reference, base, avx2, avx512 (default: the best of this processor)\n"
    "  --steps N            take N steps and print nothing (for instruction counts); with --check: how many, default "
    "100\n"
    "  --check FOLDER       write initial weights, batches and losses of the first steps there (see fit_check.h)\n"
    "settings:";

static int usage(FILE *to, int code) {
    fputs(help, to);
    for (const bench_setting *s = bench_settings; s->name; s++)
        fprintf(to, " %s", s->name);
    fputc('\n', to);
    return code;
}

enum { THREADS, SECONDS, PRECISION, WIDTH, DEPTH, BATCH, ACTIVATION, KERNEL, STEPS, CHECK, HELP };
static const struct option known[] = {
    {"threads", required_argument, NULL, THREADS},
    {"seconds", required_argument, NULL, SECONDS},
    {"precision", required_argument, NULL, PRECISION},
    {"width", required_argument, NULL, WIDTH},
    {"depth", required_argument, NULL, DEPTH},
    {"batch", required_argument, NULL, BATCH},
    {"activation", required_argument, NULL, ACTIVATION},
    {"kernel", required_argument, NULL, KERNEL},
    {"steps", required_argument, NULL, STEPS},
    {"check", required_argument, NULL, CHECK},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, options *o) {
    int64_t *const number[] = {
        [WIDTH] = &o->change.width, [DEPTH] = &o->change.depth, [BATCH] = &o->change.batch, [STEPS] = &o->steps};
    const char **const text[] = {[PRECISION] = &o->change.precision,
                                 [ACTIVATION] = &o->change.activation,
                                 [KERNEL] = &o->kernel,
                                 [CHECK] = &o->check};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
        if (c == HELP)
            return usage(stdout, 0);
        if (c > HELP)
            return usage(stderr, 2);
        if (c == THREADS)
            o->threads = atoi(optarg);
        else if (c == SECONDS)
            o->seconds = atof(optarg);
        else if (c < (int)(sizeof number / sizeof number[0]) && number[c])
            *number[c] = strtoll(optarg, NULL, 10);
        else
            *text[c] = optarg;
    }
    return optind + 1 == argc ? -1 : usage(stderr, 2);
}

int main(int argc, char **argv) {
    options o = {.seconds = 1};
    int code = read_options(argc, argv, &o);
    if (code >= 0)
        return code;
    const bench_setting *s = bench_setting_find(argv[optind]);
    if (!s)
        return usage(stderr, 2);
    fqp_ctx *ctx;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = o.threads, .kernel = o.kernel}, &ctx)) {
        fprintf(stderr, "bench_fit: no such kernel, or no memory\n");
        return 1;
    }
    bench b;
    bench_open(&b, ctx, s, &o);
    if (o.check)
        bench_fit_check(&b.fit, o.steps ? o.steps : CHECK_STEPS, o.check);
    else if (o.steps)
        run_steps(&b, o.steps);
    else
        report(&b, o.seconds);
    bench_close(&b);
    fqp_ctx_destroy(ctx);
    return 0;
}
