/* bench_kernel.c - rates of the matrix products and of the vector functions, every level, one thread.
 *
 * Products are stated with their share of the multiply-adds that this machine reaches in registers, functions with the
 * bytes they read and write and their share of those of a plain copy of as many elements: in the first-level cache, and
 * for what passes over all parameters in memory too.
 *
 * usage: bench_kernel [seconds per figure, default 0.03 [level]] */
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "peak.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7 };

typedef void (*work_fn)(const fqpi_kernel *k, void *arg);

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median of several rounds: seconds of one call. */
static double seconds_of(const fqpi_kernel *k, work_fn work, void *arg, double budget) {
    double seconds[ROUNDS];
    long calls = 1;
    for (;;) { /* calls that fill a round */
        double t = fqpi_clock();
        for (long i = 0; i < calls; i++)
            work(k, arg);
        t = fqpi_clock() - t;
        if (t > budget / ROUNDS / 2)
            break;
        calls *= 2;
    }
    for (int r = 0; r < ROUNDS; r++) {
        double t = fqpi_clock();
        for (long i = 0; i < calls; i++)
            work(k, arg);
        seconds[r] = (fqpi_clock() - t) / (double)calls;
    }
    qsort(seconds, ROUNDS, sizeof seconds[0], by_value);
    return seconds[ROUNDS / 2];
}

static void *numbers(const fqpi_kernel *k, int64_t n) {
    void *p = fqpi_alloc(NULL, (size_t)n, k->elem);
    for (int64_t i = 0; i < n; i++) {
        double x = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)i);
        if (k->dtype == FQP_F32)
            ((float *)p)[i] = (float)x;
        else
            ((double *)p)[i] = x;
    }
    return p;
}

typedef struct product {
    const char *name;
    int64_t m, n, k;
    enum { FORWARD, FUSED, TRANSPOSED, WEIGHT, DOTS } kind;
    fqpi_gemm g;
    fqpi_epilogue e;
    fqpi_row_dots dots;
} product;

static void multiply(const fqpi_kernel *k, void *arg) {
    const product *p = arg;
    if (p->kind == DOTS)
        k->row_dots(&p->dots);
    else
        k->gemm(&p->g, p->kind == FUSED ? &p->e : NULL);
}

static void bench_product(const fqpi_kernel *k, product p, double peak, double budget) {
    const int64_t columns = (p.n + k->lanes - 1) / k->lanes * k->lanes;
    void *a = numbers(k, p.m * p.k), *b = numbers(k, p.k * columns),
         /* as rows or columns: as many */ *c = numbers(k, p.m * columns), *deriv = numbers(k, p.m * columns);
    const bool across = p.kind == TRANSPOSED;
    p.g = (fqpi_gemm){.m = p.m,
                      .n = p.n,
                      .k = p.k,
                      .a = a,
                      .a_row = across ? 1 : p.k,
                      .a_col = across ? p.m : 1,
                      .b = b,
                      .b_row = columns,
                      .c = c,
                      .c_row = p.kind == WEIGHT ? p.n : columns,
                      .c_panel = p.kind != WEIGHT};
    p.e = (fqpi_epilogue){
        .bias = a, .scale = 1, .bias_scale = 1, .act = FQPI_ACT_TANH, .act_param = NAN, .act_omega = 1, .deriv = deriv};
    p.dots = (fqpi_row_dots){
        .m = p.m, .n = p.n, .k = p.k, .a = a, .a_row = p.k, .b = b, .b_row = p.k, .c = c, .c_row = p.n, .scale = 1};
    double t = seconds_of(k, multiply, &p, budget), rate = 2.0 * (double)(p.m * p.n * p.k) / t;
    printf("  %-32s m %4d n %4d k %4d  %7.1f GFLOP/s %3.0f %%  %8.2f us\n", p.name, (int)p.m, (int)p.n, (int)p.k,
           1e-9 * rate, 100 * rate / peak, t * 1e6);
    fqpi_free(a), fqpi_free(b), fqpi_free(c), fqpi_free(deriv);
}

enum { CACHED = 2048, LARGE = 1 << 22 };
typedef struct arrays {
    int64_t n;
    void *x, *y, *z, *w;
    int act;
} arrays;

static void run_exp(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vexp(a->n, a->x, a->y);
}
static void run_log(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vlog(a->n, a->x, a->y);
}
static void run_tanh(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vtanh(a->n, a->x, a->y);
}
static void run_sincos(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vsincos(a->n, a->x, a->y, a->z);
}
static void run_erf(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->verf(a->n, a->x, a->y);
}
static void run_act(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->act(a->act, NAN, 1, a->n, a->x, a->y, a->z);
}
static void run_adam(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->adam(a->n, a->w, a->x, a->y, a->z, &(fqpi_adam){1e-9, 0.9, 0.999, 1e-8, 0.1, 0.001, 0, 0});
}
static void run_transpose(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->transpose(a->n / 64, 64, a->x, 64, a->y, a->n / 64);
}
static void run_lane_dots(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->lane_dots(a->n / 64, 64, a->x, 64, a->z, a->y, false);
    k->fold_lanes(a->n / 64, a->y, 1, a->w, 1, false);
}
static void run_dot(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    ((double *)a->y)[0] = k->dot(a->n, a->x, a->z);
}

static void run_momentum(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->momentum(a->n, a->w, a->x, a->y, 1e-9, 0.9, 0, false);
}
static void run_axpy(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->axpy(a->n, 1e-9, a->x, a->w);
}

/* streams: arrays read and written; large: also timed on arrays far beyond the caches */
static const struct {
    const char *name;
    work_fn run;
    int streams;
    bool large;
} functions[] = {
    {"exp", run_exp, 2, false},
    {"log", run_log, 2, false},
    {"tanh", run_tanh, 2, false},
    {"sincos", run_sincos, 3, false},
    {"erf", run_erf, 2, false},
    {"transpose", run_transpose, 2, false},
    {"lane_dots", run_lane_dots, 1, false},
    {"adam", run_adam, 7, true},
    {"momentum", run_momentum, 5, true},
    {"dot", run_dot, 2, true},
    {"axpy", run_axpy, 3, true},
};

static const char *const act_names[] = {
#define R(NAME, name) [FQPI_ACT_##NAME] = #name,
    FQPI_ACTIVATIONS(R)
#undef R
};

static arrays arrays_make(const fqpi_kernel *k, int64_t n) {
    arrays a = {.n = n, .x = numbers(k, n), .y = numbers(k, n), .z = numbers(k, n), .w = numbers(k, n)};
    return a;
}

static void arrays_free(const arrays *a) {
    fqpi_free(a->x), fqpi_free(a->y), fqpi_free(a->z), fqpi_free(a->w);
}

static void bench_function(const fqpi_kernel *k, const char *name, work_fn run, int streams, arrays *a, double copy,
                           double budget) {
    double t = seconds_of(k, run, a, budget), bytes = (double)streams * (double)a->n * (double)k->elem;
    printf("  %-24s %7d elements %7.2f G/s  %7.1f GB/s %3.0f %% of a copy\n", name, (int)a->n, 1e-9 * (double)a->n / t,
           1e-9 * bytes / t, 100 * bytes / t / copy);
}

static void bench_functions(const fqpi_kernel *k, int64_t n, double budget) {
    enum { COUNT = sizeof functions / sizeof functions[0] };
    arrays a = arrays_make(k, n);
    double copy = bench_copy_peak((size_t)n * k->elem, 1, n == LARGE ? 0.5 : budget);
    for (size_t i = 0; i < COUNT; i++)
        if (n != LARGE || functions[i].large)
            bench_function(k, functions[i].name, functions[i].run, functions[i].streams, &a, copy, budget);
    for (a.act = 0; a.act < FQPI_ACT_COUNT && n != LARGE; a.act++) {
        char name[64];
        snprintf(name, sizeof name, "act %s", act_names[a.act]); /* value and derivative */
        bench_function(k, name, run_act, 3, &a, copy, budget);
    }
    arrays_free(&a);
}

int main(int argc, char **argv) {
    const double budget = argc > 1 ? atof(argv[1]) : 0.03;
    const char *only = argc > 2 ? argv[2] : NULL;
    static const product products[] = {
        {.name = "forward", .m = 200, .n = 64, .k = 200, .kind = FORWARD},
        {.name = "forward, bias and tanh", .m = 200, .n = 64, .k = 200, .kind = FUSED},
        {.name = "data gradient (A transposed)", .m = 200, .n = 64, .k = 200, .kind = TRANSPOSED},
        {.name = "weight gradient (C no panel)", .m = 200, .n = 200, .k = 64, .kind = WEIGHT},
        {.name = "first layer, bias and tanh", .m = 200, .n = 64, .k = 1, .kind = FUSED},
        {.name = "last layer", .m = 1, .n = 64, .k = 200, .kind = FORWARD},
        {.name = "large", .m = 1024, .n = 64, .k = 1024, .kind = FORWARD},
        {.name = "large, A transposed", .m = 1024, .n = 64, .k = 1024, .kind = TRANSPOSED},
        {.name = "weight gradient, rows by rows", .m = 200, .n = 200, .k = 64, .kind = DOTS},
        {.name = "large, rows by rows", .m = 1024, .n = 1024, .k = 1024, .kind = DOTS},
        {.name = "large weight gradient", .m = 1024, .n = 1024, .k = 64, .kind = WEIGHT},
        {.name = "long weight gradient", .m = 200, .n = 200, .k = 10000, .kind = WEIGHT},
        {.name = "many samples", .m = 200, .n = 10000, .k = 200, .kind = FORWARD},
        {.name = "small", .m = 40, .n = 64, .k = 40, .kind = FUSED},
    };
    const fqpi_kernel *k;
    for (size_t row = 0; (k = fqpi_kernel_row(row)) != NULL; row++) {
        if (only && strcmp(only, k->level))
            continue;
        double peak = bench_fma_peak(k->dtype, 1, 0.1);
        printf("%s, %s; multiply-adds in registers %.1f GFLOP/s\n", k->level, fqp_dtype_name(k->dtype), 1e-9 * peak);
        for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
            bench_product(k, products[i], peak, budget);
        bench_functions(k, CACHED, budget);
        bench_functions(k, LARGE, budget);
    }
    return 0;
}
