/* bench_jets.c - forward pass and reverse sweep with second derivatives: the network 2-50-50-50-50-1 (tanh) at 2000
 * points with order 2 and 400 points with order 0, one thread, every level.
 *
 * usage: bench_jets [rounds, default 30 [level [f32 | f64]]]
 */
#include "fail.h"
#include "jet.h"
#include "mem.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { D = 2, INSIDE = 2000, BORDER = 400 };

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct set {
    fqpi_jet_plan *plan;
    int64_t n, tile;
    double *x, *u; /* [n, d], [n, count] */
    fqpi_jet jet;
    void *block;
} set;

static double *normals(int64_t n) {
    double *x = fqpi_alloc(NULL, (size_t)n, sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)i);
    return x;
}

static set set_create(fqp_ctx *ctx, const fqp_model *net, int64_t n, size_t count, const fqp_derivative *which) {
    set s = {.n = n};
    if (fqpi_jet_plan_create(ctx, net, count, which, &s.plan))
        exit(1);
    s.tile = fqpi_jet_tile(net, s.plan);
    s.x = normals(n * D);
    s.u = normals(n * (int64_t)count);
    s.block = fqpi_calloc(NULL, 1, fqpi_jet_bytes(net, s.plan, s.tile));
    fqpi_jet_place(net, s.plan, s.tile, s.block, &s.jet);
    return s;
}

static void set_destroy(set *s) {
    fqpi_free(s->x), fqpi_free(s->u), fqpi_free(s->block);
    fqpi_jet_plan_destroy(s->plan);
}

/* The square of the last derivative asked for, less 1. */
static void objective(set *s, int64_t from, int64_t n) {
    const int64_t count = (int64_t)s->plan->count;
    for (int64_t i = from; i < from + n; i++) {
        const double r = s->u[(i + 1) * count - 1] - 1;
        memset(s->u + i * count, 0, (size_t)count * sizeof *s->u);
        s->u[(i + 1) * count - 1] = 2 * r / (double)s->n;
    }
}

static int64_t at_most(int64_t n, int64_t most) {
    return n < most ? n : most;
}

static void tile_forward(const fqp_model *net, set *s, int64_t from, int64_t n) {
    fqpi_jet_forward(net, &s->jet, n, s->x + from * D);
    fqpi_jet_get(net, &s->jet, n, s->u + from * (int64_t)s->plan->count);
}

static void tile_backward(const fqp_model *net, set *s, int64_t from, int64_t n, void *grad, bool accumulate) {
    fqpi_jet_put(net, &s->jet, n, s->u + from * (int64_t)s->plan->count);
    fqpi_jet_backward(net, &s->jet, n, grad, accumulate);
}

/* An objective that looks at one tile at a time. */
static void by_tile(const fqp_model *net, set *s, void *grad, bool first) {
    for (int64_t from = 0; from < s->n; from += s->tile) {
        const int64_t n = at_most(s->n - from, s->tile);
        tile_forward(net, s, from, n);
        objective(s, from, n);
        tile_backward(net, s, from, n, grad, !first || from > 0);
    }
}

/* An objective that must see the whole batch: each tile goes forward a second time before its way back, which is
 * quicker than fetching what the first time left from distant memory. */
static void by_batch(const fqp_model *net, set *s, void *grad, bool first) {
    for (int64_t from = 0; from < s->n; from += s->tile)
        tile_forward(net, s, from, at_most(s->n - from, s->tile));
    objective(s, 0, s->n);
    for (int64_t from = 0; from < s->n; from += s->tile) {
        const int64_t n = at_most(s->n - from, s->tile);
        fqpi_jet_forward(net, &s->jet, n, s->x + from * D);
        tile_backward(net, s, from, n, grad, !first || from > 0);
    }
}

static const struct {
    const char *name;
    void (*run)(const fqp_model *net, set *s, void *grad, bool first);
} ways[] = {{"by tile", by_tile}, {"by batch", by_batch}};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* Rate of a product whose factors stay in the nearest cache: what the level can do at best. */
static double peak(const fqpi_kernel *k) {
    enum { ROWS = 32, DEPTH = 128, COLUMNS = 32, CALLS = 200, ROUNDS = 20 };
    void *a = fqpi_calloc(NULL, ROWS * DEPTH, k->elem), *b = fqpi_calloc(NULL, DEPTH * COLUMNS, k->elem),
         *c = fqpi_calloc(NULL, ROWS * COLUMNS, k->elem);
    const fqpi_gemm g = {.m = ROWS,
                         .n = COLUMNS,
                         .k = DEPTH,
                         .a = a,
                         .a_row = DEPTH,
                         .a_col = 1,
                         .b = b,
                         .b_row = COLUMNS,
                         .c = c,
                         .c_row = COLUMNS,
                         .c_panel = true};
    double best = 1e9;
    for (int r = 0; r < ROUNDS; r++) {
        const double start = fqpi_clock();
        for (int i = 0; i < CALLS; i++)
            k->gemm(&g, NULL);
        const double seconds = fqpi_clock() - start;
        best = seconds < best ? seconds : best;
    }
    fqpi_free(a), fqpi_free(b), fqpi_free(c);
    return 2.0 * ROWS * DEPTH * COLUMNS * CALLS / best;
}

/* Multiplications and additions that the products need: forward once, weights, and data below the first layer. */
static double flops(const fqp_model *net) {
    double sum = 0;
    for (int64_t l = 0; l < net->layers; l++)
        sum += 2.0 * (double)(net->layer[l].in * net->layer[l].out) * (l ? 3 : 2);
    return sum * (INSIDE * (2 + D) + BORDER);
}

static void bench(const char *level, int precision, int rounds) {
    static const int64_t hidden[] = {50, 50, 50, 50};
    fqp_ctx_opts co = {.threads = 1, .kernel = level};
    fqp_ctx *ctx;
    if (fqp_ctx_create(&co, &ctx))
        return;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){(int64_t *)hidden, 4};
    o.precision = precision;
    fqp_model *net;
    if (fqp_model_create(ctx, D, 1, &o, 1, &net))
        exit(1);
    static const fqp_derivative value = {.order = {0}}, laplacian = {.order = {2, 2}, .summed = true};
    set inside = set_create(ctx, net, INSIDE, 1, &laplacian), border = set_create(ctx, net, BORDER, 1, &value);
    void *grad = fqpi_calloc(ctx, (size_t)net->parameters, net->k->elem);
    double *seconds = fqpi_alloc(ctx, (size_t)rounds, sizeof *seconds);
    for (size_t w = 0; w < WAYS; w++) {
        for (int r = 0; r < rounds; r++) {
            seconds[r] = fqpi_clock();
            ways[w].run(net, &inside, grad, true);
            ways[w].run(net, &border, grad, false);
            seconds[r] = fqpi_clock() - seconds[r];
        }
        qsort(seconds, (size_t)rounds, sizeof *seconds, by_value);
        const double median = seconds[rounds / 2], rate = flops(net) / median;
        printf("%-8s %s  objective %-9s %8.3f ms a step, at best %8.3f  %6.1f GFLOP/s, %3.0f %% of the best product\n",
               level, precision ? "f64" : "f32", ways[w].name, median * 1e3, seconds[0] * 1e3, rate * 1e-9,
               100 * rate / peak(net->k));
    }
    fqpi_free(grad), fqpi_free(seconds);
    set_destroy(&inside), set_destroy(&border);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

int main(int argc, char **argv) {
    const int rounds = argc > 1 ? atoi(argv[1]) : 30;
    const char *only = argc > 2 ? argv[2] : NULL;
    const char *precision = argc > 3 ? argv[3] : NULL;
    const fqpi_kernel *k;
    for (size_t row = 0; (k = fqpi_kernel_row(row)) != NULL; row++)
        if ((!precision || !strcmp(precision, k->dtype == FQP_F32 ? "f32" : "f64")) &&
            (only ? !strcmp(only, k->level) : strcmp("reference", k->level)))
            bench(k->level, k->dtype == FQP_F64, rounds);
    return 0;
}
