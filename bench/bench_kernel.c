/* bench_kernel.c - GFLOP/s of the matrix product and G elements/s of the vector functions, every level, one thread.
 *
 * usage: bench_kernel [seconds per figure, default 0.03 [level]] */
#include "fail.h"
#include "kernel.h"
#include "mem.h"
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
    enum { FORWARD, FUSED, TRANSPOSED, WEIGHT } kind;
    fqpi_gemm g;
    fqpi_epilogue e;
} product;

static void multiply(const fqpi_kernel *k, void *arg) {
    const product *p = arg;
    k->gemm(&p->g, p->kind == FUSED ? &p->e : NULL);
}

static void bench_product(const fqpi_kernel *k, product p, double budget) {
    const int64_t columns = (p.n + k->lanes - 1) / k->lanes * k->lanes;
    void *a = numbers(k, p.m * p.k), *b = numbers(k, p.k * columns), *c = numbers(k, p.m * columns),
         *deriv = numbers(k, p.m * columns);
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
    double t = seconds_of(k, multiply, &p, budget);
    printf("  %-32s m %4d n %4d k %4d  %7.1f GFLOP/s  %8.2f us\n", p.name, (int)p.m, (int)p.n, (int)p.k,
           2e-9 * (double)(p.m * p.n * p.k) / t, t * 1e6);
    fqpi_free(a), fqpi_free(b), fqpi_free(c), fqpi_free(deriv);
}

enum { N = 2048 };
typedef struct arrays {
    void *x, *y, *z, *w;
    int act;
} arrays;

static void run_exp(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vexp(N, a->x, a->y);
}
static void run_log(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vlog(N, a->x, a->y);
}
static void run_tanh(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vtanh(N, a->x, a->y);
}
static void run_sincos(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->vsincos(N, a->x, a->y, a->z);
}
static void run_erf(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->verf(N, a->x, a->y);
}
static void run_act(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->act(a->act, NAN, 1, N, a->x, a->y, a->z);
}
static void run_adam(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->adam(N, a->w, a->x, a->y, a->z, &(fqpi_adam){1e-9, 0.9, 0.999, 1e-8, 0.1, 0.001, 0, 0});
}
static void run_transpose(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->transpose(N / 64, 64, a->x, 64, a->y, N / 64);
}
static void run_lane_dots(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    k->lane_dots(N / 64, 64, a->x, 64, a->z, a->y, false);
    k->fold_lanes(N / 64, a->y, 1, a->w, 1, false);
}
static void run_dot(const fqpi_kernel *k, void *arg) {
    const arrays *a = arg;
    ((double *)a->y)[0] = k->dot(N, a->x, a->z);
}

static const struct {
    const char *name;
    work_fn run;
} functions[] = {
    {"exp", run_exp},   {"log", run_log}, {"tanh", run_tanh},           {"sincos", run_sincos},       {"erf", run_erf},
    {"adam", run_adam}, {"dot", run_dot}, {"transpose", run_transpose}, {"lane_dots", run_lane_dots},
};

static const char *const act_names[] = {
#define R(NAME, name) [FQPI_ACT_##NAME] = #name,
    FQPI_ACTIVATIONS(R)
#undef R
};

static void bench_functions(const fqpi_kernel *k, double budget) {
    arrays a = {numbers(k, N), numbers(k, N), numbers(k, N), numbers(k, N), 0};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        printf("  %-32s %7.2f G/s\n", functions[i].name, 1e-9 * N / seconds_of(k, functions[i].run, &a, budget));
    for (a.act = 0; a.act < FQPI_ACT_COUNT; a.act++)
        printf("  act %-28s %7.2f G/s (value and derivative)\n", act_names[a.act],
               1e-9 * N / seconds_of(k, run_act, &a, budget));
    fqpi_free(a.x), fqpi_free(a.y), fqpi_free(a.z), fqpi_free(a.w);
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
        {.name = "large weight gradient", .m = 1024, .n = 1024, .k = 64, .kind = WEIGHT},
        {.name = "long weight gradient", .m = 200, .n = 200, .k = 10000, .kind = WEIGHT},
        {.name = "many samples", .m = 200, .n = 10000, .k = 200, .kind = FORWARD},
        {.name = "small", .m = 40, .n = 64, .k = 40, .kind = FUSED},
    };
    const fqpi_kernel *k;
    for (size_t row = 0; (k = fqpi_kernel_row(row)) != NULL; row++) {
        if (only && strcmp(only, k->level))
            continue;
        printf("%s, %s\n", k->level, k->dtype == FQP_F32 ? "f32" : "f64");
        for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
            bench_product(k, products[i], budget);
        bench_functions(k, budget);
    }
    return 0;
}
