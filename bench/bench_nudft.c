/* bench_nudft.c - seconds and peak memory of Fourier sums over 60,000 scattered points: 200 frequencies, 10 outputs.
 *
 *   bench_nudft [THREADS] [POINTS]     prints: nudft threads seconds_create seconds_run peak_mib checksum error
 *
 * The points are normal numbers and the outputs unit vectors in turn; `error` is the largest deviation of ten of the
 * frequencies from the direct sum. */
#include <fqp.h>

#include "fail.h"
#include "nudft.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { FREQUENCIES = 200, OUTPUTS = 10, RUNS = 9 };
static const double DK = 0.05;

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double worst_error(int n, const double *s, const double *out) {
    const double two_pi = 2 * acos(-1);
    double worst = 0;
    for (int k = 0; k < FREQUENCIES; k += FREQUENCIES / 10) {
        double sum[OUTPUTS][2] = {{0}};
        for (int j = 0; j < n; j++) {
            sum[j % OUTPUTS][0] += cos(two_pi * k * DK * s[j]);
            sum[j % OUTPUTS][1] -= sin(two_pi * k * DK * s[j]);
        }
        for (int c = 0; c < OUTPUTS; c++)
            for (int part = 0; part < 2; part++)
                worst = fmax(worst, fabs(out[2 * (k * OUTPUTS + c) + part] - sum[c][part] / n));
    }
    return worst;
}

int main(int argc, char **argv) {
    fqp_ctx *ctx;
    const int n = argc > 2 ? atoi(argv[2]) : 60000;
    if (n < 1 || fqp_ctx_create(&(fqp_ctx_opts){.threads = argc > 1 ? atoi(argv[1]) : 0}, &ctx))
        return 1;
    double *s = malloc((size_t)n * sizeof *s), *y = calloc((size_t)n * OUTPUTS, sizeof *y);
    double *out = malloc(2 * FREQUENCIES * OUTPUTS * sizeof *out), shift[OUTPUTS] = {0}, create[RUNS], run[RUNS];
    for (int j = 0; j < n; j++) {
        s[j] = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)j);
        y[j * OUTPUTS + j % OUTPUTS] = 1;
    }
    for (int i = 0; i < RUNS; i++) {
        fqpi_nudft *f;
        const double began = fqpi_clock();
        if (fqpi_nudft_create(ctx, n, s, 0, DK, FREQUENCIES, OUTPUTS, &f)) {
            fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, 0).message);
            return 1;
        }
        create[i] = fqpi_clock() - began;
        fqpi_nudft_run(f, y, OUTPUTS, shift, out);
        run[i] = fqpi_clock() - began - create[i];
        fqpi_nudft_destroy(f);
    }
    qsort(create, RUNS, sizeof create[0], by_value);
    qsort(run, RUNS, sizeof run[0], by_value);
    double sum = 0;
    for (int i = 0; i < 2 * FREQUENCIES * OUTPUTS; i++)
        sum += out[i];
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("nudft %d %.5f %.5f %.0f %.10f %.1e\n", fqp_ctx_threads(ctx), create[RUNS / 2], run[RUNS / 2],
           (double)use.ru_maxrss / 1024, sum, worst_error(n, s, out));
    free(s);
    free(y);
    free(out);
    fqp_ctx_destroy(ctx);
    return 0;
}
