/* bench_ntk.c - kernels of infinitely wide networks against the matrix product they contain: X X^T, lower triangle, by
 * the same kernel in the same tiles.
 *
 *   bench_ntk [POINTS [INPUTS [THREADS]]]     default 2000 784 1
 *   prints: activation, depth (layers of weights), seconds, share of the product's speed, millions of pairs a second */
#include "fail.h"
#include "infinite.h"
#include "mem.h"
#include "rng.h"
#include "team.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 5 };

typedef struct products {
    const fqpi_kernel *k;
    int64_t n, d;
    const double *x, *panel;
    double *out;
} products;

/* Rows of one tile height: the columns up to the diagonal. */
static void product_rows(void *arg, int64_t item, int member) {
    (void)member;
    const products *p = arg;
    const int64_t i = item * FQPI_TILE_ROWS, rows = i + FQPI_TILE_ROWS < p->n ? FQPI_TILE_ROWS : p->n - i;
    for (int64_t j = 0; j < i + rows; j += FQPI_TILE_COLUMNS) {
        const fqpi_gemm g = {.m = rows,
                             .n = p->n - j < FQPI_TILE_COLUMNS ? p->n - j : FQPI_TILE_COLUMNS,
                             .k = p->d,
                             .a = p->x + i * p->d,
                             .a_row = p->d,
                             .a_col = 1,
                             .b = p->panel + j * p->d,
                             .b_row = FQPI_TILE_COLUMNS,
                             .c = p->out + i * p->n + j,
                             .c_row = p->n};
        p->k->gemm(&g, NULL);
    }
}

static double least_of(double *seconds) {
    double least = seconds[0];
    for (int r = 1; r < ROUNDS; r++)
        least = seconds[r] < least ? seconds[r] : least;
    return least;
}

static double time_product(fqp_ctx *ctx, int64_t n, int64_t d, const double *x, double *out) {
    const fqpi_kernel *k = fqpi_kernel_get(ctx, FQP_F64);
    const int64_t padded = (n + FQPI_TILE_COLUMNS - 1) / FQPI_TILE_COLUMNS * FQPI_TILE_COLUMNS;
    double *panel = fqpi_calloc(ctx, (size_t)(padded * d), sizeof *panel), seconds[ROUNDS];
    if (!panel)
        abort();
    products p = {.k = k, .n = n, .d = d, .x = x, .panel = panel, .out = out};
    for (int r = 0; r < ROUNDS; r++) {
        const double began = fqpi_clock();
        for (int64_t j = 0; j < n; j += FQPI_TILE_COLUMNS)
            k->transpose(n - j < FQPI_TILE_COLUMNS ? n - j : FQPI_TILE_COLUMNS, d, x + j * d, d, panel + j * d,
                         FQPI_TILE_COLUMNS);
        fqpi_team_for(ctx, (n + FQPI_TILE_ROWS - 1) / FQPI_TILE_ROWS, product_rows, &p);
        seconds[r] = fqpi_clock() - began;
    }
    fqpi_free(panel);
    return least_of(seconds);
}

static double time_kernel(fqp_ctx *ctx, int activation, size_t depth, fqp_view x, double *out) {
    fqp_ntk_layer layer[8];
    double seconds[ROUNDS];
    for (size_t l = 0; l < depth; l++)
        layer[l] = (fqp_ntk_layer){.gain = 1,
                                   .weight_var = 2,
                                   .bias_gain = 1,
                                   .bias_var = 0.1,
                                   .train_weight = true,
                                   .train_bias = true,
                                   .activation = activation,
                                   .param = NAN,
                                   .omega = 1};
    fqp_ntk *k = NULL;
    if (fqp_ntk_infinite_layers(ctx, depth, layer, &k))
        abort();
    for (int r = 0; r < ROUNDS; r++) {
        const double began = fqpi_clock();
        if (fqp_ntk_gram(k, x, (fqp_view){0}, FQP_NTK_TANGENT, out))
            abort();
        seconds[r] = fqpi_clock() - began;
    }
    fqp_ntk_destroy(k);
    return least_of(seconds);
}

int main(int argc, char **argv) {
    const int64_t n = argc > 1 ? atoll(argv[1]) : 2000, d = argc > 2 ? atoll(argv[2]) : 784;
    fqp_ctx *ctx = NULL;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = argc > 3 ? atoi(argv[3]) : 1}, &ctx))
        return 1;
    double *x = fqpi_alloc(ctx, (size_t)(n * d), sizeof *x), *out = fqpi_calloc(ctx, (size_t)(n * n), sizeof *out);
    if (!x || !out)
        return 1;
    for (int64_t i = 0; i < n * d; i++)
        x[i] = fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)i);
    const double product = time_product(ctx, n, d, x, out), pairs = 0.5 * (double)n * (double)(n + 1);
    printf("%lld points of %lld inputs, %d threads; X X^T, lower triangle: %.4f s, %.1f GFLOP/s\n", (long long)n,
           (long long)d, fqp_ctx_threads(ctx), product, 2 * pairs * (double)d / product * 1e-9);
    static const int activations[] = {FQPI_ACT_RELU, FQPI_ACT_ERF,  FQPI_ACT_SIN,
                                      FQPI_ACT_COS,  FQPI_ACT_GELU, FQPI_ACT_TANH};
    for (size_t a = 0; a < sizeof activations / sizeof activations[0]; a++)
        for (size_t depth = 2; depth <= 4; depth++) {
            const double s = time_kernel(ctx, activations[a], depth, fqp_view_2d(x, n, d), out);
            printf("%-12s depth %zu  %.4f s  %5.1f %%  %8.1f M pairs/s\n",
                   fqp_activation_name((size_t)activations[a], NULL), depth, s, 100 * product / s, 1e-6 * pairs / s);
        }
    fqpi_free(x);
    fqpi_free(out);
    fqp_ctx_destroy(ctx);
    return 0;
}
