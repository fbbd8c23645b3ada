/* laws_transform.c - laws of the transforms themselves: fast against slow, adjoint, shift. */
#include "fft.h"
#include "mem.h"
#include "nudft.h"
#include "nufft.h"
#include "selftest_i.h"

#include <string.h>

typedef struct shape {
    int d;
    int64_t n[3]; /* nodes of a grid, or highest indices */
} shape;

static int64_t product(const shape *s) {
    int64_t all = 1;
    for (int a = 0; a < s->d; a++)
        all *= s->n[a];
    return all;
}

/* ---- FFT -------------------------------------------------------------------------------------------------------- */

/* Coefficient k of the field y on a grid, by its definition. */
static void by_sum(const shape *s, const double *y, int64_t k, double z[2]) {
    z[0] = z[1] = 0;
    for (int64_t j = 0; j < product(s); j++) {
        double turns = 0;
        int64_t place = j, wave = k;
        for (int a = s->d - 1; a >= 0; a--) {
            turns += (double)(place % s->n[a] * (wave % s->n[a]) % s->n[a]) / (double)s->n[a];
            place /= s->n[a];
            wave /= s->n[a];
        }
        const double c = cos(2 * M_PI * turns), i = sin(2 * M_PI * turns);
        z[0] += y[2 * j] * c + y[2 * j + 1] * i;
        z[1] += y[2 * j + 1] * c - y[2 * j] * i;
    }
}

static fqp_status fft_of(fqp_ctx *ctx, const shape *s, double *deviation) {
    const int64_t n = product(s);
    fqpi_cfft *fft;
    double *y = fqpi_alloc(ctx, 2 * (size_t)n, sizeof *y), off = 0, all = 0;
    if (!y)
        return FQP_E_NOMEM;
    fqp_status status = fqpi_cfft_create(ctx, s->d, s->n, &fft);
    if (!status) {
        for (int64_t i = 0; i < 2 * n; i++)
            y[i] = fqpi_cfft_field(fft)[i] = fqpi_law_normal(i);
        fqpi_cfft_run(fft, -1);
        for (int64_t k = 0; k < n; k++) {
            double z[2];
            const double *got = fqpi_cfft_field(fft) + 2 * k;
            by_sum(s, y, k, z);
            off += (got[0] - z[0]) * (got[0] - z[0]) + (got[1] - z[1]) * (got[1] - z[1]);
            all += z[0] * z[0] + z[1] * z[1];
        }
        fqpi_cfft_destroy(fft);
        *deviation = fqpi_law_worse(sqrt(off / all), *deviation);
    }
    fqpi_free(y);
    return status;
}

static fqp_status dft_is_the_sum(fqp_ctx *ctx, double *deviation) {
    static const shape shapes[] = {{1, {1}}, {1, {64}}, {1, {201}}, {2, {8, 9}}, {3, {4, 5, 6}}};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes && !s; i++)
        s = fft_of(ctx, &shapes[i], deviation);
    return s;
}

/* ---- non-uniform FFT -------------------------------------------------------------------------------------------- */

enum { POINTS = 300 };

static double scattered(int64_t i) {
    return fqpi_law_uniform(i);
}

static double jittered(int64_t i) {
    return ((double)(i % POINTS) + 0.8 * fqpi_law_uniform(i)) / POINTS;
}

static double clustered(int64_t i) {
    return i % 5 ? 0.4 + 1e-3 * fqpi_law_uniform(i) : fqpi_law_uniform(i);
}

static double (*const places[])(int64_t) = {scattered, jittered, clustered};
static const shape boxes[] = {{1, {90}}, {2, {11, 6}}, {3, {4, 3, 5}}};

/* Both roads over the same points; c, box: what goes in and comes out. */
typedef struct pair {
    fqpi_nufft *sum, *grid;
    int64_t box;
    double *c, *c_sum, *c_grid; /* [POINTS][2] */
    double *F, *F_sum, *F_grid; /* [box][2] */
} pair;

static void close_pair(pair *p) {
    fqpi_nufft_destroy(p->sum);
    fqpi_nufft_destroy(p->grid);
    fqpi_free(p->c);
    fqpi_free(p->F);
}

static fqp_status open_pair(fqp_ctx *ctx, const shape *s, double (*place)(int64_t), double shift, pair *p) {
    double u[3 * POINTS];
    *p = (pair){0};
    for (int64_t i = 0; i < POINTS * s->d; i++)
        u[i] = place(i) + shift;
    fqp_status status =
        fqpi_nufft_create(ctx, s->d, POINTS, u, s->n, &(fqpi_nufft_opts){.road = FQPI_NUFFT_SUM}, &p->sum);
    if (!status)
        status = fqpi_nufft_create(ctx, s->d, POINTS, u, s->n, &(fqpi_nufft_opts){.road = FQPI_NUFFT_GRID}, &p->grid);
    p->box = status ? 0 : fqpi_nufft_box(p->sum);
    p->c = status ? NULL : fqpi_alloc(ctx, 6 * POINTS, sizeof *p->c);
    p->F = status ? NULL : fqpi_alloc(ctx, 6 * (size_t)p->box, sizeof *p->F);
    if (!p->c || !p->F)
        return status ? status : FQP_E_NOMEM;
    p->c_sum = p->c + 2 * POINTS;
    p->c_grid = p->c_sum + 2 * POINTS;
    p->F_sum = p->F + 2 * p->box;
    p->F_grid = p->F_sum + 2 * p->box;
    for (int64_t i = 0; i < 2 * POINTS; i++)
        p->c[i] = fqpi_law_normal(i);
    for (int64_t i = 0; i < 2 * p->box; i++)
        p->F[i] = fqpi_law_normal(i + 10000);
    fqpi_nufft_type1(p->sum, p->c, p->F_sum);
    fqpi_nufft_type1(p->grid, p->c, p->F_grid);
    fqpi_nufft_type2(p->sum, p->F, p->c_sum);
    fqpi_nufft_type2(p->grid, p->F, p->c_grid);
    return FQP_OK;
}

static double norm(const double *v, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static double distance(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

/* Every shape at every kind of points. */
static fqp_status over_pairs(fqp_ctx *ctx, double (*off)(const pair *), double *deviation) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes && !s; i++)
        for (size_t k = 0; k < sizeof places / sizeof *places && !s; k++) {
            pair p;
            s = open_pair(ctx, &boxes[i], places[k], 0, &p);
            if (!s)
                *deviation = fqpi_law_worse(off(&p), *deviation);
            close_pair(&p);
        }
    return s;
}

static double roads_apart(const pair *p) {
    return fqpi_law_worse(distance(p->F_sum, p->F_grid, 2 * p->box) / norm(p->F_sum, 2 * p->box),
                          distance(p->c_sum, p->c_grid, 2 * POINTS) / norm(p->c_sum, 2 * POINTS));
}

static fqp_status nufft_is_the_sum(fqp_ctx *ctx, double *deviation) {
    return over_pairs(ctx, roads_apart, deviation);
}

static void dot(const double *a, const double *b, int64_t n, double out[2]) {
    out[0] = out[1] = 0;
    for (int64_t i = 0; i < n; i++) {
        out[0] += a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
        out[1] += a[2 * i + 1] * b[2 * i] - a[2 * i] * b[2 * i + 1];
    }
}

/* <F c, b> - <c, F* b> over |F c| |b| */
static double not_adjoint(const pair *p) {
    double left[2], right[2];
    dot(p->F_grid, p->F, p->box, left);
    dot(p->c, p->c_grid, POINTS, right);
    return hypot(left[0] - right[0], left[1] - right[1]) / (norm(p->F_grid, 2 * p->box) * norm(p->F, 2 * p->box));
}

static fqp_status types_are_adjoint(fqp_ctx *ctx, double *deviation) {
    return over_pairs(ctx, not_adjoint, deviation);
}

static fqp_status shift_turns(fqp_ctx *ctx, double *deviation) {
    static const double shift = 0.2371;
    pair here, moved;
    fqp_status s = open_pair(ctx, &boxes[0], scattered, 0, &here);
    fqp_status t = open_pair(ctx, &boxes[0], scattered, shift, &moved);
    for (int64_t i = 0; i < here.box && !s && !t; i++) {
        const double turn = -2 * M_PI * shift * (double)(i - boxes[0].n[0]), c = cos(turn), w = sin(turn);
        double *z = here.F_grid + 2 * i;
        const double re = z[0] * c - z[1] * w;
        z[1] = z[0] * w + z[1] * c;
        z[0] = re;
    }
    if (!s && !t)
        *deviation = distance(here.F_grid, moved.F_grid, 2 * here.box) / norm(moved.F_grid, 2 * here.box);
    close_pair(&here);
    close_pair(&moved);
    return s ? s : t;
}

/* The projection's transform, at frequencies that are no multiples of anything. */
static fqp_status projection_is_the_sum(fqp_ctx *ctx, double *deviation) {
    enum { COUNT = 40 };
    double s[POINTS], y[POINTS], out[2 * COUNT], shift = 0.5, off = 0, all = 0;
    for (int64_t j = 0; j < POINTS; j++) {
        s[j] = 3 * fqpi_law_uniform(j) - 1;
        y[j] = fqpi_law_normal(j);
    }
    fqpi_nudft *f;
    const fqp_status status = fqpi_nudft_create(ctx, POINTS, s, 0.37, 0.73, COUNT, 1, &f);
    if (status)
        return status;
    fqpi_nudft_run(f, y, 1, &shift, out);
    fqpi_nudft_destroy(f);
    for (int k = 0; k < COUNT; k++) {
        double re = 0, im = 0;
        for (int j = 0; j < POINTS; j++) {
            re += (y[j] - shift) * cos(2 * M_PI * (0.37 + k * 0.73) * s[j]) / POINTS;
            im -= (y[j] - shift) * sin(2 * M_PI * (0.37 + k * 0.73) * s[j]) / POINTS;
        }
        off += (out[2 * k] - re) * (out[2 * k] - re) + (out[2 * k + 1] - im) * (out[2 * k + 1] - im);
        all += re * re + im * im;
    }
    *deviation = sqrt(off / all);
    return FQP_OK;
}

const fqpi_law fqpi_laws_transform[] = {
    {{"dft", "FFT of grids in 1-D to 3-D against the direct sum, relative 2-norm", 1e-13}, dft_is_the_sum},
    {{"nufft",
      "non-uniform FFT of both types at scattered, jittered and clustered points in 1-D to 3-D against the direct sum, "
      "relative 2-norm",
      1e-12},
     nufft_is_the_sum},
    {{"adjoint", "<F a, b> = <a, F* b> for the non-uniform FFT, relative to |F a| |b|", 1e-13}, types_are_adjoint},
    {{"shift", "points moved by s turn coefficient k by exp(-2 pi i k s), relative 2-norm", 1e-12}, shift_turns},
    {{"projection", "transform along a direction against the direct sum, relative 2-norm", 1e-12},
     projection_is_the_sum},
    {{0}, NULL},
};
