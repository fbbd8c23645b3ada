/* bench_jet.c - forward pass and reverse sweep with second derivatives: the network 2-50-50-50-50-1 (tanh) at 2000
 * points with order 2 and 400 points with order 0, one thread, every level.
 *
 * usage: bench_jet [rounds, default 30 [level [f32 | f64]]]
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
    int order;
    int64_t n;
    double *x, *u, *u_x, *u_xx;
    int64_t tile;
    fqpi_jet jet;
    void *block;
} set;

static double *normals(int64_t n) {
    double *x = fqpi_alloc(NULL, (size_t)n, sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)i);
    return x;
}

static set set_create(const fqp_model *net, int order, int64_t n) {
    set s = {.order = order, .n = n, .tile = fqpi_jet_tile(net, order)};
    s.x = normals(n * D);
    s.u = normals(n), s.u_x = normals(n * D), s.u_xx = normals(n * D);
    s.block = fqpi_calloc(NULL, 1, fqpi_jet_bytes(net, order, s.tile));
    fqpi_jet_place(net, order, s.tile, s.block, &s.jet);
    return s;
}

static void set_destroy(set *s) {
    fqpi_free(s->x), fqpi_free(s->u), fqpi_free(s->u_x), fqpi_free(s->u_xx), fqpi_free(s->block);
}

/* Minus a Laplacian minus a source, squared; the square of the values on the border. */
static void objective(set *s, int64_t from, int64_t n) {
    for (int64_t i = from; i < from + n; i++) {
        double r = s->u[i] - 1;
        if (s->order == 2) {
            r = -s->u_xx[i * D] - s->u_xx[i * D + 1] - 1;
            s->u_xx[i * D] = s->u_xx[i * D + 1] = -2 * r / (double)s->n;
            s->u_x[i * D] = s->u_x[i * D + 1] = 0;
        }
        s->u[i] = s->order == 2 ? 0 : 2 * r / (double)s->n;
    }
}

static void sweep(const fqp_model *net, set *s, void *grad, bool first) {
    for (int64_t from = 0; from < s->n; from += s->tile) {
        const int64_t n = s->n - from < s->tile ? s->n - from : s->tile;
        double *u = s->u + from, *u_x = s->u_x + from * D, *u_xx = s->u_xx + from * D;
        fqpi_jet_forward(net, &s->jet, n, s->x + from * D);
        fqpi_jet_get(net, &s->jet, n, u, u_x, u_xx);
        objective(s, from, n);
        fqpi_jet_put(net, &s->jet, n, u, u_x, u_xx);
        fqpi_jet_backward(net, &s->jet, n, grad, !first || from > 0);
    }
}

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

/* Multiplications and additions of the products alone: forward, weights, and data below the first layer. */
static double flops(const fqp_model *net) {
    double sum = 0;
    for (int64_t l = 0; l < net->layers; l++)
        sum += 2.0 * (double)(net->layer[l].in * net->layer[l].out) * (l ? 3 : 2);
    return sum * (INSIDE * (1 + 2 * D) + BORDER);
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
    set inside = set_create(net, 2, INSIDE), border = set_create(net, 0, BORDER);
    void *grad = fqpi_calloc(ctx, (size_t)net->parameters, net->k->elem);
    double *seconds = fqpi_alloc(ctx, (size_t)rounds, sizeof *seconds);
    for (int r = 0; r < rounds; r++) {
        seconds[r] = fqpi_clock();
        sweep(net, &inside, grad, true);
        sweep(net, &border, grad, false);
        seconds[r] = fqpi_clock() - seconds[r];
    }
    qsort(seconds, (size_t)rounds, sizeof *seconds, by_value);
    const double median = seconds[rounds / 2], rate = flops(net) / median;
    printf("%-10s %s  %8.3f ms a step, at best %8.3f  %6.1f GFLOP/s in products, %3.0f %% of the best product\n", level,
           precision ? "f64" : "f32", median * 1e3, seconds[0] * 1e3, rate * 1e-9, 100 * rate / peak(net->k));
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
