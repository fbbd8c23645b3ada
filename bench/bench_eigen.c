/* bench_eigen.c - time of the leading eigenpairs of a kernel's matrix.
 *
 *   bench_eigen [options]        --help lists them
 *
 * The kernel is that of an infinitely wide relu network with one hidden layer, on random points of a sphere.  Prints
 * one line: size, pairs, precision of the matrix, threads, seconds to fill it and to find the pairs, the largest
 * residual relative to the largest eigenvalue, the first and the last value.  --save writes the matrix for
 * peer_eigen.py. */
#include "fail.h"
#include "kernel.h"
#include "rng.h"

#include <fqp.h>
#include <fqp/ntk.h>

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct options {
    int64_t n, count, dims;
    int threads;
    bool single;
    double tolerance;
    const char *save;
} options;

static void need(fqp_ctx *ctx, fqp_status s) {
    if (!s)
        return;
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++) {
        const fqp_problem p = fqp_ctx_problem(ctx, i);
        char line[1024];
        fqp_problem_text(&p, line, sizeof line);
        fprintf(stderr, "bench_eigen: %s\n", line);
    }
    exit(1);
}

static double *sphere(const options *o) {
    double *x = calloc((size_t)(o->n * o->dims), sizeof *x);
    for (int64_t i = 0; i < o->n && x; i++) {
        double square = 0, *row = x + i * o->dims;
        for (int64_t c = 0; c < o->dims; c++) {
            row[c] = fqpi_rng_normal(1, FQPI_STREAM_POINTS, (uint64_t)(i * o->dims + c));
            square += row[c] * row[c];
        }
        for (int64_t c = 0; c < o->dims; c++)
            row[c] /= sqrt(square);
    }
    return x;
}

static void run(fqp_ctx *ctx, const options *o) {
    const fqp_ntk_layer layer[] = {{2, 1, 0.1, 1, true, true, FQPI_ACT_RELU, NAN, 1},
                                   {2, 1, 0.1, 1, true, true, 0, NAN, 1}};
    double *x = sphere(o);
    fqp_ntk *k;
    fqp_gram *g;
    fqp_eigen e;
    if (!x) {
        fprintf(stderr, "bench_eigen: no memory\n");
        exit(1);
    }
    need(ctx, fqp_ntk_infinite_layers(ctx, 2, layer, &k));
    const double began = fqpi_clock();
    need(ctx, fqp_gram_of(k, fqp_view_2d(x, o->n, o->dims), &(fqp_gram_opts){.single = o->single}, &g));
    const double filled = fqpi_clock();
    if (o->save)
        need(ctx, fqp_npy_write(ctx, o->save, fqp_gram_view(g)));
    const double start = fqpi_clock();
    need(ctx, fqp_gram_eigen(g, o->count, o->tolerance, &e));
    const double done = fqpi_clock();
    printf("eigen n %lld count %lld dims %lld precision %s threads %d fill %.3f seconds %.3f residual %.2g first %.10g "
           "last %.10g\n",
           (long long)o->n, (long long)o->count, (long long)o->dims, o->single ? "f32" : "f64", fqp_ctx_threads(ctx),
           filled - began, done - start, e.residual, e.value[0], e.value[e.count - 1]);
    fqp_eigen_free(&e);
    fqp_gram_destroy(g);
    fqp_ntk_destroy(k);
    free(x);
}

static const char help[] = "usage: bench_eigen [options]\n"
                           "  --n N            points (default 10000)\n"
                           "  --count K        eigenpairs (default 1000; 0: all)\n"
                           "  --dims D         the points lie on the unit sphere of R^D (default 3)\n"
                           "  --tolerance T    of the residuals (default 1e-10)\n"
                           "  --single         the matrix is f32\n"
                           "  --threads N      0: one per core (default)\n"
                           "  --save FILE.npy  write the matrix\n";

enum { POINTS, COUNT, DIMS, TOLERANCE, SINGLE, THREADS, SAVE, HELP };
static const struct option known[] = {
    {"n", required_argument, NULL, POINTS},
    {"count", required_argument, NULL, COUNT},
    {"dims", required_argument, NULL, DIMS},
    {"tolerance", required_argument, NULL, TOLERANCE},
    {"single", no_argument, NULL, SINGLE},
    {"threads", required_argument, NULL, THREADS},
    {"save", required_argument, NULL, SAVE},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv) {
    options o = {.n = 10000, .count = 1000, .dims = 3};
    int64_t *const number[] = {[POINTS] = &o.n, [COUNT] = &o.count, [DIMS] = &o.dims};
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
        if (c >= HELP) {
            fputs(help, c == HELP ? stdout : stderr);
            return c == HELP ? 0 : 2;
        }
        if (c <= DIMS)
            *number[c] = strtoll(optarg, NULL, 10);
        else if (c == TOLERANCE)
            o.tolerance = atof(optarg);
        else if (c == THREADS)
            o.threads = atoi(optarg);
        else if (c == SAVE)
            o.save = optarg;
        else
            o.single = true;
    }
    fqp_ctx *ctx;
    if (o.n < 1 || o.dims < 2 || fqp_ctx_create(&(fqp_ctx_opts){.threads = o.threads}, &ctx)) {
        fputs(help, stderr);
        return 2;
    }
    run(ctx, &o);
    fqp_ctx_destroy(ctx);
    return 0;
}
