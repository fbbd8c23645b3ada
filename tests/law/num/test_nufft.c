/* Laws of the non-uniform transforms: grid against sums, sums against the definition, adjoint, shift, threads. */
#include "nufft.h"
#include "unit/num/points.h"

#include <stdlib.h>

static double two_pi(void) {
    return 2 * acos(-1);
}

static double share(uint64_t seed, int64_t i) {
    return fqpi_rng_uniform(seed, FQPI_STREAM_TEST, (uint64_t)i);
}

/* Points in the unit cube, by kind. */
static void uniform(int d, int64_t n, double *u) {
    for (int64_t i = 0; i < n * d; i++)
        u[i] = share(11, i);
}

static void jittered(int d, int64_t n, double *u) {
    const int64_t side = (int64_t)ceil(pow((double)n, 1.0 / d) - 1e-9);
    for (int64_t j = 0; j < n; j++)
        for (int64_t a = 0, rest = j; a < d; a++, rest /= side)
            u[j * d + a] =
                ((double)(rest % side) + 0.7 * (share(12, j * d + a) - 0.5)) / (double)side; /* below 0 too */
}

static void clustered(int d, int64_t n, double *u) {
    for (int64_t i = 0; i < n * d; i++)
        u[i] = 0.3 + 1e-3 * share(13, i) + (i / d % 7 ? 0 : 1.5); /* beyond a turn too */
}

static void equal(int d, int64_t n, double *u) {
    for (int64_t i = 0; i < n * d; i++)
        u[i] = 0;
}

static void (*const kinds[])(int, int64_t, double *) = {uniform, jittered, clustered, equal};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct {
    int d;
    int64_t n, K[3];
} cases[] = {{1, 1, {1, 0, 0}},    {1, 700, {40, 0, 0}}, {1, 900, {311, 0, 0}}, {2, 300, {9, 5, 0}},
             {2, 500, {0, 31, 0}}, {3, 400, {3, 5, 4}},  {3, 100, {0, 0, 2}}};
enum { CASES = sizeof cases / sizeof *cases };

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

static fqpi_nufft *open_road(fqp_ctx *ctx, int i, const double *u, fqpi_nufft_road road, double tolerance) {
    fqpi_nufft *f;
    assert_ok(ctx, fqpi_nufft_create(ctx, cases[i].d, cases[i].n, u, cases[i].K,
                                     &(fqpi_nufft_opts){.road = road, .tolerance = tolerance}, &f));
    assert_int_equal(fqpi_nufft_taken(f), road);
    return f;
}

/* |error| <= tolerance * |result| in the 2-norm, both types; and with coarser tolerances. */
static void grid_equals_sums(void **state) {
    (void)state;
    static const double tolerance[] = {1e-12, 1e-9, 1e-5, 1e-2};
    fqp_ctx *ctx = open_ctx(1);
    for (int i = 0; i < CASES; i++)
        for (int kind = 0; kind < KINDS; kind++) {
            const int64_t n = cases[i].n;
            double *u = calloc((size_t)(n * cases[i].d), sizeof *u);
            kinds[kind](cases[i].d, n, u);
            fqpi_nufft *sums = open_road(ctx, i, u, FQPI_NUFFT_SUM, 0);
            const int64_t box = fqpi_nufft_box(sums);
            double *c = normals(1, (size_t)(2 * n)), *F = normals(2, (size_t)(2 * box));
            double *F_sum = calloc((size_t)(4 * box), sizeof *F_sum), *F_grid = F_sum + 2 * box;
            double *c_sum = calloc((size_t)(4 * n), sizeof *c_sum), *c_grid = c_sum + 2 * n;
            fqpi_nufft_type1(sums, c, F_sum);
            fqpi_nufft_type2(sums, F, c_sum);
            for (int t = 0; t < (fqpi_nufft_has_library() ? 8 : 4); t++) {
                const fqpi_nufft_road road = t < 4 ? FQPI_NUFFT_GRID : FQPI_NUFFT_LIBRARY;
                fqpi_nufft *grid = open_road(ctx, i, u, road, tolerance[t % 4]);
                fqpi_nufft_type1(grid, c, F_grid);
                fqpi_nufft_type2(grid, F, c_grid);
                assert_near(distance(F_grid, F_sum, 2 * box) / norm(F_sum, 2 * box), 0, tolerance[t % 4]);
                /* close points may all stand near a zero of the sum: measured by what it is a sum of */
                const double size = kinds[kind] == uniform || kinds[kind] == jittered
                                        ? norm(c_sum, 2 * n)
                                        : sqrt((double)n) * norm(F, 2 * box);
                assert_near(distance(c_grid, c_sum, 2 * n), 0, tolerance[t % 4] * size);
                fqpi_nufft_destroy(grid);
            }
            fqpi_nufft_destroy(sums);
            free(u);
            free(c);
            free(F);
            free(F_sum);
            free(c_sum);
        }
    fqpi_nufft_destroy(NULL);
    fqp_ctx_destroy(ctx);
}

/* The sums against the definition, one coefficient after the other. */
static void sums_are_the_definition(void **state) {
    (void)state;
    enum { N = 40 };
    fqp_ctx *ctx = open_ctx(1);
    const int64_t K[2] = {3, 2};
    double u[2 * N], *c = normals(4, 2 * N), F[2 * 7 * 5];
    uniform(2, N, u);
    fqpi_nufft *f;
    assert_ok(ctx, fqpi_nufft_create(ctx, 2, N, u, K, &(fqpi_nufft_opts){.road = FQPI_NUFFT_SUM}, &f));
    fqpi_nufft_type1(f, c, F);
    for (int a = -3; a <= 3; a++)
        for (int b = -2; b <= 2; b++) {
            double re = 0, im = 0;
            for (int j = 0; j < N; j++) {
                const double t = two_pi() * (a * u[2 * j] + b * u[2 * j + 1]);
                re += c[2 * j] * cos(t) + c[2 * j + 1] * sin(t);
                im += c[2 * j + 1] * cos(t) - c[2 * j] * sin(t);
            }
            const double *got = F + 2 * ((a + 3) * 5 + b + 2);
            assert_near(got[0], re, 1e-12);
            assert_near(got[1], im, 1e-12);
        }
    free(c);
    fqpi_nufft_destroy(f);
    fqp_ctx_destroy(ctx);
}

static void dot(const double *a, const double *b, int64_t n, double out[2]) {
    out[0] = out[1] = 0;
    for (int64_t i = 0; i < n; i++) { /* a conj(b) */
        out[0] += a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
        out[1] += a[2 * i + 1] * b[2 * i] - a[2 * i] * b[2 * i + 1];
    }
}

/* <type1 c, F> = <c, type2 F> */
static void types_are_adjoint(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (int i = 0; i < CASES; i++)
        for (int road = FQPI_NUFFT_SUM; road <= (fqpi_nufft_has_library() ? FQPI_NUFFT_LIBRARY : FQPI_NUFFT_GRID);
             road++) {
            const int64_t n = cases[i].n;
            double *u = calloc((size_t)(n * cases[i].d), sizeof *u), left[2], right[2];
            uniform(cases[i].d, n, u);
            fqpi_nufft *f = open_road(ctx, i, u, (fqpi_nufft_road)road, 1e-6); /* exact at any tolerance */
            const int64_t box = fqpi_nufft_box(f);
            double *c = normals(5, (size_t)(2 * n)), *F = normals(6, (size_t)(2 * box));
            double *to = calloc((size_t)(2 * box), sizeof *to), *back = calloc((size_t)(2 * n), sizeof *back);
            fqpi_nufft_type1(f, c, to);
            fqpi_nufft_type2(f, F, back);
            dot(to, F, box, left);
            dot(c, back, n, right);
            const double size = norm(to, 2 * box) * norm(F, 2 * box);
            assert_near(left[0], right[0], 1e-14 * size);
            assert_near(left[1], right[1], 1e-14 * size);
            fqpi_nufft_destroy(f);
            free(u);
            free(c);
            free(F);
            free(to);
            free(back);
        }
    fqp_ctx_destroy(ctx);
}

/* Points moved by s turn F_k by exp(-2 pi i k s). */
static void shift_turns_the_phase(void **state) {
    (void)state;
    enum { N = 500, K = 60 };
    fqp_ctx *ctx = open_ctx(1);
    const int64_t k_most = K;
    const double s = 0.3717;
    double u[N], v[N], *c = normals(7, 2 * N), F[2 * (2 * K + 1)], G[2 * (2 * K + 1)];
    uniform(1, N, u);
    for (int j = 0; j < N; j++)
        v[j] = u[j] + s;
    fqpi_nufft *f, *g;
    const fqpi_nufft_opts o = {.road = FQPI_NUFFT_GRID};
    assert_ok(ctx, fqpi_nufft_create(ctx, 1, N, u, &k_most, &o, &f));
    assert_ok(ctx, fqpi_nufft_create(ctx, 1, N, v, &k_most, &o, &g));
    fqpi_nufft_type1(f, c, F);
    fqpi_nufft_type1(g, c, G);
    for (int k = -K; k <= K; k++) {
        const double *z = F + 2 * (k + K), *moved = G + 2 * (k + K), re = cos(two_pi() * k * s),
                     im = -sin(two_pi() * k * s);
        assert_near(moved[0], z[0] * re - z[1] * im, 1e-12 * norm(F, 2 * (2 * K + 1)));
        assert_near(moved[1], z[0] * im + z[1] * re, 1e-12 * norm(F, 2 * (2 * K + 1)));
    }
    free(c);
    fqpi_nufft_destroy(f);
    fqpi_nufft_destroy(g);
    fqp_ctx_destroy(ctx);
}

/* A second run and any number of threads give the same bits. */
static void threads_do_not_matter(void **state) {
    (void)state;
    static const struct {
        int d;
        int64_t K[3];
    } shape[] = {{1, {1500, 0, 0}}, {2, {40, 50, 0}}, {3, {9, 8, 7}}};
    enum { N = 3000 };
    for (int i = 0; i < 3; i++) {
        double *first = NULL, *u = calloc(3 * N, sizeof *u), *c = normals(8, 2 * N);
        uniform(shape[i].d, N, u);
        for (int threads = 1; threads <= 3; threads++) {
            fqp_ctx *ctx = open_ctx(threads);
            fqpi_nufft *f;
            assert_ok(ctx, fqpi_nufft_create(ctx, shape[i].d, N, u, shape[i].K,
                                             &(fqpi_nufft_opts){.road = FQPI_NUFFT_GRID}, &f));
            const size_t box = 2 * (size_t)fqpi_nufft_box(f), all = box + 2 * N;
            double *out = calloc(all, sizeof *out);
            for (int again = 0; again < 2; again++) {
                fqpi_nufft_type1(f, c, out);
                fqpi_nufft_type2(f, out, out + box);
                if (first)
                    assert_memory_equal(out, first, all * sizeof *out);
            }
            if (first)
                free(out);
            else
                first = out;
            fqpi_nufft_destroy(f);
            fqp_ctx_destroy(ctx);
        }
        free(first);
        free(u);
        free(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_equals_sums),      cmocka_unit_test(sums_are_the_definition),
        cmocka_unit_test(types_are_adjoint),     cmocka_unit_test(shift_turns_the_phase),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
