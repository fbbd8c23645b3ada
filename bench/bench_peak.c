/* bench_peak.c - the measured limits of this machine: multiply-adds in registers, the kernel's matrix product at its
 * best shape, and a large copy.
 *
 *   bench_peak [THREADS] [SECONDS]     prints lines: what precision threads rate (GFLOP/s, copy: GB/s read and written)
 */
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "peak.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_THREADS = 256 };
static const size_t COPY_BYTES = (size_t)256 << 20;

/* Shapes of layers at which the product may be fastest. */
static const int64_t shapes[][3] = {{96, 48, 96}, {192, 64, 192}, {240, 64, 240}, {384, 64, 384}, {1024, 64, 1024}};

typedef struct product {
    const fqpi_kernel *k;
    fqpi_gemm g;
    void *a, *b, *c;
} product;

static void *numbers(const fqpi_kernel *k, int64_t n) {
    void *p = fqpi_alloc(NULL, (size_t)n, k->elem);
    if (!p)
        abort();
    for (int64_t i = 0; i < n; i++) {
        double x = fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)i) - 0.5;
        if (k->dtype == FQP_F32)
            ((float *)p)[i] = (float)x;
        else
            ((double *)p)[i] = x;
    }
    return p;
}

static void multiply(void *arg) {
    const product *p = arg;
    p->k->gemm(&p->g, NULL);
}

static double product_rate(const fqpi_kernel *k, const int64_t *shape, int threads, double seconds) {
    product p[MOST_THREADS];
    void *arg[MOST_THREADS] = {0};
    int64_t m = shape[0], n = shape[1], depth = shape[2];
    for (int i = 0; i < threads; i++) {
        p[i] = (product){.k = k, .a = numbers(k, m * depth), .b = numbers(k, depth * n), .c = numbers(k, m * n)};
        p[i].g = (fqpi_gemm){.m = m,
                             .n = n,
                             .k = depth,
                             .a = p[i].a,
                             .a_row = depth,
                             .a_col = 1,
                             .b = p[i].b,
                             .b_row = n,
                             .c = p[i].c,
                             .c_row = n,
                             .c_panel = true};
        arg[i] = &p[i];
    }
    double rate = bench_rate(threads, multiply, arg, 2.0 * (double)(m * n * depth), seconds);
    for (int i = 0; i < threads; i++)
        fqpi_free(p[i].a), fqpi_free(p[i].b), fqpi_free(p[i].c);
    return rate;
}

static double best_product(const fqpi_kernel *k, int threads, double seconds) {
    double best = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        double rate = product_rate(k, shapes[i], threads, seconds);
        best = rate > best ? rate : best;
    }
    return best;
}

int main(int argc, char **argv) {
    fqp_ctx *ctx;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = argc > 1 ? atoi(argv[1]) : 0}, &ctx))
        return 1;
    int all = fqp_ctx_threads(ctx) < MOST_THREADS ? fqp_ctx_threads(ctx) : MOST_THREADS;
    double seconds = argc > 2 ? atof(argv[2]) : 0.2;
    for (int threads = 1; threads <= all; threads = threads < all ? all : all + 1) {
        for (fqp_dtype t = FQP_F64; t <= FQP_F32; t++) {
            const char *name = fqp_dtype_name(t);
            printf("fma %s %d %.1f\n", name, threads, 1e-9 * bench_fma_peak(t, threads, seconds));
            printf("gemm %s %d %.1f\n", name, threads, 1e-9 * best_product(fqpi_kernel_get(ctx, t), threads, seconds));
        }
        printf("copy - %d %.1f\n", threads, 1e-9 * bench_copy_peak(COPY_BYTES, threads, 5 * seconds));
    }
    fqp_ctx_destroy(ctx);
    return 0;
}
