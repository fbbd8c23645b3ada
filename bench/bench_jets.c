/* bench_jets.c - forward pass and reverse sweep with derivatives by the inputs, one thread, every level: the network
 * 2-50-50-50-50-1 (tanh) at 2000 points.
 *
 *   by tile  each tile forward and back; what it leaves is near
 *   kept     all tiles forward, then all back, as a step of training that must see the whole batch
 *
 * usage: bench_jets [rounds, default 30 [level [f32 | f64 [plan]]]]
 */
#include "fail.h"
#include "jet.h"
#include "mem.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { D = 2, POINTS = 2000, BORDER = 400, ASKED = 8 };

typedef struct plan {
    const char *name, *what;
    size_t count;
    fqp_derivative which[ASKED];
    int64_t border; /* further points, values alone */
} plan;

static const plan plans[] = {
    {"value", "u", 1, {{.order = {0}}}, 0},
    {"gradient", "u u_x u_y", 3, {{.order = {0}}, {.order = {1}}, {.order = {0, 1}}}, 0},
    {"laplacian", "u_xx + u_yy", 1, {{.order = {2, 2}, .summed = true}}, 0},
    {"second", "u_xx u_yy", 2, {{.order = {2}}, {.order = {0, 2}}}, 0},
    {"mixed", "u_xx u_xy u_yy", 3, {{.order = {2}}, {.order = {1, 1}}, {.order = {0, 2}}}, 0},
    {"fourth", "u_xxxx u_xxyy u_yyyy", 3, {{.order = {4}}, {.order = {2, 2}}, {.order = {0, 4}}}, 0},
    {"pinn2d", "u_xx + u_yy, and u at 400 more", 1, {{.order = {2, 2}, .summed = true}}, BORDER},
};
enum { PLANS = sizeof plans / sizeof plans[0] };

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- points and passes ----------------------------------------------------------------------------- */

typedef struct set {
    fqpi_jet_plan *plan;
    int64_t n, tile, tiles;
    double *x, *u; /* [n, d], [n, count] */
    fqpi_jet *jet; /* [tiles] */
    void *kept, *work;
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
    s.tiles = (n + s.tile - 1) / s.tile;
    s.x = normals(n * D);
    s.u = normals(n * (int64_t)count);
    s.jet = fqpi_calloc(NULL, (size_t)s.tiles, sizeof *s.jet);
    const size_t kept = fqpi_jet_kept_bytes(net, s.plan, s.tile);
    s.kept = fqpi_calloc(NULL, (size_t)s.tiles, kept);
    s.work = fqpi_calloc(NULL, 1, fqpi_jet_work_bytes(net, s.plan, s.tile));
    for (int64_t i = 0; i < s.tiles; i++)
        fqpi_jet_place_kept(net, s.plan, s.tile, (char *)s.kept + (size_t)i * kept, &s.jet[i]);
    return s;
}

static void set_destroy(set *s) {
    fqpi_free(s->x), fqpi_free(s->u), fqpi_free(s->jet), fqpi_free(s->kept), fqpi_free(s->work);
    fqpi_jet_plan_destroy(s->plan);
}

static int64_t tile_at(const set *s, int64_t i, int64_t *first) {
    *first = i * s->tile;
    return s->n - *first < s->tile ? s->n - *first : s->tile;
}

/* Tile i on the passes of tile `at`. */
static void forward(const fqp_model *net, set *s, int64_t i, int64_t at) {
    int64_t first;
    const int64_t n = tile_at(s, i, &first);
    fqpi_jet_share(net, &s->jet[at], s->work);
    fqpi_jet_forward(net, &s->jet[at], n, s->x + first * D);
    fqpi_jet_get(net, &s->jet[at], n, s->u + first * (int64_t)s->plan->count);
}

static void backward(const fqp_model *net, set *s, int64_t i, int64_t at, void *grad, bool accumulate) {
    int64_t first;
    const int64_t n = tile_at(s, i, &first);
    fqpi_jet_share(net, &s->jet[at], s->work);
    fqpi_jet_put(net, &s->jet[at], n, s->u + first * (int64_t)s->plan->count);
    fqpi_jet_backward(net, &s->jet[at], n, grad, accumulate);
}

/* Half the square of the sum of the derivatives asked for, less 1. */
static void objective(set *s, int64_t first, int64_t n) {
    const int64_t count = (int64_t)s->plan->count;
    for (int64_t i = first; i < first + n; i++) {
        double r = -1;
        for (int64_t q = 0; q < count; q++)
            r += s->u[i * count + q];
        for (int64_t q = 0; q < count; q++)
            s->u[i * count + q] = r / (double)s->n;
    }
}

static void by_tile(const fqp_model *net, set *s, void *grad, bool accumulate) {
    for (int64_t i = 0; i < s->tiles; i++) {
        int64_t first;
        const int64_t n = tile_at(s, i, &first);
        forward(net, s, i, 0);
        objective(s, first, n);
        backward(net, s, i, 0, grad, accumulate || i > 0);
    }
}

static void kept(const fqp_model *net, set *s, void *grad, bool accumulate) {
    for (int64_t i = 0; i < s->tiles; i++)
        forward(net, s, i, i);
    objective(s, 0, s->n);
    for (int64_t i = 0; i < s->tiles; i++)
        backward(net, s, i, i, grad, accumulate || i > 0);
}

static void (*const ways[])(const fqp_model *net, set *s, void *grad, bool accumulate) = {by_tile, kept};
static const char *const way_names[] = {"by tile", "kept"};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* ---- rates ----------------------------------------------------------------------------------------- */

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
static double flops(const fqp_model *net, const fqpi_jet_plan *p, int64_t border) {
    double sum = 0;
    for (int64_t l = 0; l < net->layers; l++)
        sum += 2.0 * (double)(net->layer[l].in * net->layer[l].out) * (l ? 3 : 2);
    return sum * (double)(POINTS * p->rule.channels + border);
}

static void bench(fqp_ctx *ctx, const fqp_model *net, const plan *p, int rounds, double best) {
    static const fqp_derivative value = {.order = {0}};
    set inside = set_create(ctx, net, POINTS, p->count, p->which), border = {.n = 0};
    if (p->border)
        border = set_create(ctx, net, p->border, 1, &value);
    void *grad = fqpi_calloc(ctx, (size_t)net->parameters, net->k->elem);
    double *seconds = fqpi_alloc(ctx, (size_t)rounds, sizeof *seconds);
    for (size_t w = 0; w < WAYS; w++) {
        for (int r = 0; r < rounds; r++) {
            seconds[r] = fqpi_clock();
            ways[w](net, &inside, grad, false);
            if (p->border)
                ways[w](net, &border, grad, true);
            seconds[r] = fqpi_clock() - seconds[r];
        }
        qsort(seconds, (size_t)rounds, sizeof *seconds, by_value);
        const double median = seconds[rounds / 2];
        printf("%-7s %s  %-9s %-8s %7.3f ms a step, at best %7.3f  %3.0f %% of the best product  %5zu bytes a point\n",
               net->k->level, net->k->dtype == FQP_F64 ? "f64" : "f32", p->name, way_names[w], median * 1e3,
               seconds[0] * 1e3, 100 * flops(net, inside.plan, p->border) / median / best,
               fqpi_jet_kept_bytes(net, inside.plan, inside.tile) / (size_t)inside.tile);
    }
    fqpi_free(grad), fqpi_free(seconds);
    set_destroy(&inside);
    if (p->border)
        set_destroy(&border);
}

static void bench_level(const char *level, int precision, int rounds, const char *only) {
    static const int64_t hidden[] = {50, 50, 50, 50};
    const fqp_ctx_opts co = {.threads = 1, .kernel = level};
    fqp_ctx *ctx;
    if (fqp_ctx_create(&co, &ctx))
        return;
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){(int64_t *)hidden, 4};
    o.precision = precision;
    fqp_model *net;
    if (fqp_model_create(ctx, D, 1, &o, 1, &net))
        exit(1);
    const double best = peak(net->k);
    for (size_t i = 0; i < PLANS; i++)
        if (!only || !strcmp(only, plans[i].name))
            bench(ctx, net, &plans[i], rounds, best);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
}

int main(int argc, char **argv) {
    const int rounds = argc > 1 ? atoi(argv[1]) : 30;
    const char *only = argc > 2 ? argv[2] : NULL, *precision = argc > 3 ? argv[3] : NULL;
    const fqpi_kernel *k;
    for (size_t row = 0; (k = fqpi_kernel_row(row)) != NULL; row++)
        if ((!precision || !strcmp(precision, k->dtype == FQP_F32 ? "f32" : "f64")) &&
            (only ? !strcmp(only, k->level) : strcmp("reference", k->level)))
            bench_level(k->level, k->dtype == FQP_F64, rounds, argc > 4 ? argv[4] : NULL);
    return 0;
}
