/* bench_observe.c - time of one fqp_monitor_observe: 10,000 points, 100 bins, probe by probe.
 *
 *   bench_observe [options]        --help lists them
 *
 * Prints one line for each probe: points, bins, threads, milliseconds to create the monitor, median and fastest
 * milliseconds of an observation.  dft: a line of points.  projection: a cloud of 10 columns along pc1.  scattered:
 * clouds of one, two and three columns. */
#include "fail.h"
#include "rng.h"

#include <fqp.h>

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    int64_t n, bins, rounds;
    int threads;
} options;

static void need(fqp_ctx *ctx, fqp_status s) {
    if (!s)
        return;
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        fprintf(stderr, "bench_observe: %s\n", fqp_ctx_problem(ctx, i).message);
    exit(1);
}

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static int64_t probe_named(const char *name) {
    const fqp_key *key = &fqp_monitor_section.keys[0]; /* probes */
    int64_t i = 0;
    while (strcmp(key->choices((size_t)i, NULL), name) != 0)
        i++;
    return i;
}

static void measure(fqp_ctx *ctx, const options *o, const char *name, int64_t d, fqp_monitor_setup setup) {
    double *x = calloc((size_t)(o->n * (d + 1)), sizeof *x), *y = x + o->n * d,
           *took = calloc((size_t)o->rounds, sizeof *took);
    if (!x || !took)
        exit(1);
    for (int64_t j = 0; j < o->n; j++)
        for (int64_t a = 0; a < d; a++)
            x[j * d + a] =
                strcmp(name, "dft") == 0 ? (double)j : fqpi_rng_uniform(1, FQPI_STREAM_POINTS, (uint64_t)(j * d + a));
    for (int64_t j = 0; j < o->n; j++)
        y[j] = fqpi_rng_normal(2, FQPI_STREAM_POINTS, (uint64_t)j);
    int64_t probe = probe_named(name);
    const fqp_monitor_opts opts = {.probes = {&probe, 1}};
    setup.monitor = &opts;
    fqp_monitor *m;
    fqp_bins b;
    const double began = fqpi_clock();
    need(ctx, fqp_monitor_create(ctx, fqp_view_2d(x, o->n, d), fqp_view_2d(y, o->n, 1), &setup, &m));
    const double created = fqpi_clock() - began;
    for (int64_t r = 0; r < o->rounds; r++) {
        const double start = fqpi_clock();
        need(ctx, fqp_monitor_observe(m, r, 0, fqp_view_2d(y, o->n, 1)));
        took[r] = fqpi_clock() - start;
    }
    need(ctx, fqp_monitor_bins(m, 0, 0, &b));
    qsort(took, (size_t)o->rounds, sizeof *took, rising);
    printf("observe probe %s dims %lld n %lld bins %zu threads %d create_ms %.2f median_ms %.4f fastest_ms %.4f\n",
           name, (long long)d, (long long)o->n, b.nbins, fqp_ctx_threads(ctx), 1e3 * created, 1e3 * took[o->rounds / 2],
           1e3 * took[0]);
    fqp_monitor_destroy(m);
    free(took);
    free(x);
}

/* Highest index of a box of d axes whose half holds about so many waves. */
static int64_t highest(int64_t bins, int64_t d) {
    return (int64_t)floor((pow(2 * (double)bins, 1.0 / (double)d) - 1) / 2 + 0.5);
}

static void run(fqp_ctx *ctx, const options *o) {
    const fqp_dft_opts dft = {.kmax = o->bins - 1};
    char pc1[] = "pc1";
    const fqp_projection_opts projection = {
        .direction = pc1, .kmin = 0.5, .kmax = 0.5 * (double)o->bins, .dk = 0.5, .rescale = true, .output = -1};
    measure(ctx, o, "dft", 1, (fqp_monitor_setup){.dft = &dft});
    measure(ctx, o, "projection", 10, (fqp_monitor_setup){.projection = &projection});
    for (int64_t d = 1; d <= 3; d++) {
        const fqp_scattered_opts scattered = {.kmax = d == 1 ? o->bins - 1 : highest(o->bins, d)};
        measure(ctx, o, "scattered", d, (fqp_monitor_setup){.scattered = &scattered});
    }
}

static const char help[] = "usage: bench_observe [options]\n"
                           "  --n N        points (default 10000)\n"
                           "  --bins B     bins of the spectrum (default 100)\n"
                           "  --rounds R   observations (default 300)\n"
                           "  --threads N  0: one per core (default)\n";

enum { POINTS, BINS, ROUNDS, THREADS, HELP };
static const struct option known[] = {
    {"n", required_argument, NULL, POINTS},      {"bins", required_argument, NULL, BINS},
    {"rounds", required_argument, NULL, ROUNDS}, {"threads", required_argument, NULL, THREADS},
    {"help", no_argument, NULL, HELP},           {NULL, 0, NULL, 0},
};

int main(int argc, char **argv) {
    options o = {.n = 10000, .bins = 100, .rounds = 300};
    int64_t *const number[] = {[POINTS] = &o.n, [BINS] = &o.bins, [ROUNDS] = &o.rounds};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
        if (c >= HELP) {
            fputs(help, c == HELP ? stdout : stderr);
            return c == HELP ? 0 : 2;
        }
        if (c <= ROUNDS)
            *number[c] = strtoll(optarg, NULL, 10);
        else
            o.threads = atoi(optarg);
    }
    fqp_ctx *ctx;
    if (o.n < 10 || o.bins < 2 || o.rounds < 1 || fqp_ctx_create(&(fqp_ctx_opts){.threads = o.threads}, &ctx)) {
        fputs(help, stderr);
        return 2;
    }
    run(ctx, &o);
    fqp_ctx_destroy(ctx);
    return 0;
}
