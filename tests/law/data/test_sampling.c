/* Point sets: published Sobol points, balance of the sequence, strata of Latin hypercubes, discrepancy. */
#include "../../unit/data/dataset_from.h"
#include "sobol.h"

#include <stdlib.h>

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* The first ten points in three dimensions as printed with the program of Joe and Kuo. */
static void sobol_begins_as_published(void **state) {
    (void)state;
    static const double published[10][3] = {
        {0, 0, 0},
        {0.5, 0.5, 0.5},
        {0.75, 0.25, 0.25},
        {0.25, 0.75, 0.75},
        {0.375, 0.375, 0.625},
        {0.875, 0.875, 0.125},
        {0.625, 0.125, 0.875},
        {0.125, 0.625, 0.375},
        {0.1875, 0.3125, 0.9375},
        {0.6875, 0.8125, 0.4375},
    };
    double x[30];
    fqpi_sobol(0, 10, 3, NULL, x);
    for (int i = 0; i < 30; i++)
        assert_near(x[i], published[i / 3][i % 3], 0);
}

static void sobol_may_begin_anywhere(void **state) {
    (void)state;
    static double all[1000 * 16], part[100 * 16];
    uint64_t shift[16];
    for (int j = 0; j < 16; j++)
        shift[j] = 0x9E3779B97F4A7C15u * (uint64_t)(j + 1);
    fqpi_sobol(0, 1000, 16, shift, all);
    for (int first = 0; first <= 900; first += 150) {
        fqpi_sobol(first, 100, 16, shift, part);
        assert_memory_equal(part, all + first * 16, sizeof part);
    }
}

/* Along each axis every 2^m points from a multiple of 2^m lie one in each of 2^m strata, shifted or not. */
static void sobol_is_balanced_along_each_axis(void **state) {
    (void)state;
    enum { M = 1024, D = 16 };
    static double x[M * D];
    uint64_t shift[D];
    for (int j = 0; j < D; j++)
        shift[j] = 0xD1342543DE82EF95u * (uint64_t)(j + 3);
    for (int s = 0; s < 2; s++)
        for (int block = 0; block < 3; block++) {
            fqpi_sobol((int64_t)block * M, M, D, s ? shift : NULL, x);
            for (int j = 0; j < D; j++) {
                bool seen[M] = {false};
                for (int i = 0; i < M; i++) {
                    int k = (int)(x[i * D + j] * M);
                    assert_in_range(k, 0, M - 1);
                    assert_false(seen[k]);
                    seen[k] = true;
                }
            }
        }
}

/* Property A (Sobol 1976), which the direction numbers of Joe and Kuo have: the first 2^d points lie one in each of the
 * 2^d sub-cubes of halved axes.  One wrong direction number breaks it. */
static void sobol_has_property_a(void **state) {
    (void)state;
    for (int d = 1; d <= 16; d++) {
        int64_t n = (int64_t)1 << d;
        double *x = malloc((size_t)n * (size_t)d * sizeof *x);
        unsigned char *seen = calloc((size_t)n, 1);
        assert_non_null(x);
        assert_non_null(seen);
        fqpi_sobol(0, n, d, NULL, x);
        for (int64_t i = 0; i < n; i++) {
            int64_t cube = 0;
            for (int j = 0; j < d; j++)
                cube = 2 * cube + (x[i * d + j] >= 0.5);
            assert_false(seen[cube]);
            seen[cube] = 1;
        }
        free(x);
        free(seen);
    }
}

/* Squared L2 star discrepancy by Warnock's formula (1972). */
static double discrepancy(const double *x, int n, int d) {
    double one = 0, two = 0;
    for (int i = 0; i < n; i++) {
        double p = 1;
        for (int j = 0; j < d; j++)
            p *= (1 - x[i * d + j] * x[i * d + j]) / 2;
        one += p;
        for (int k = 0; k < n; k++) {
            double q = 1;
            for (int j = 0; j < d; j++)
                q *= 1 - fmax(x[i * d + j], x[k * d + j]);
            two += q;
        }
    }
    return pow(1.0 / 3, d) - 2 * one / n + two / ((double)n * n);
}

static double discrepancy_of(const char *sampling, int d, uint64_t seed) {
    char text[200];
    snprintf(text, sizeof text, "{target: x1, lower: 0, upper: %s, n: 256, sampling: %s}",
             d == 2 ? "[1, 1]" : "[1, 1, 1, 1]", sampling);
    fqp_dataset *s = dataset_made(ctx, text, seed);
    assert_int_equal(s->d, d);
    double v = sqrt(discrepancy(s->x.data, 256, d));
    fqp_dataset_destroy(s);
    return v;
}

/* Mean over seeds; random points have the expected value sqrt((2^-d - 3^-d)/n). */
static void sobol_fills_more_evenly_than_random(void **state) {
    (void)state;
    for (int d = 2; d <= 4; d += 2) {
        double sobol = 0, uniform = 0, latin = 0;
        for (uint64_t seed = 1; seed <= 8; seed++) {
            sobol += discrepancy_of("sobol", d, seed) / 8;
            uniform += discrepancy_of("random", d, seed) / 8;
            latin += discrepancy_of("latin", d, seed) / 8;
        }
        double expected = sqrt((pow(0.5, d) - pow(1.0 / 3, d)) / 256);
        assert_near(uniform / expected, 1, 0.35);
        assert_true(sobol < uniform * d / 8); /* log(n)^d/n against 1/sqrt(n): the gain shrinks with d */
        assert_true(latin < uniform);
    }
}

static void latin_has_one_point_in_every_stratum(void **state) {
    (void)state;
    enum { N = 157 };
    for (uint64_t seed = 1; seed <= 3; seed++) {
        fqp_dataset *s =
            dataset_made(ctx, "{target: x, lower: [0, -5, 2], upper: [1, 5, 3], n: 157, sampling: latin}", seed);
        for (int j = 0; j < 3; j++) {
            bool seen[N] = {false};
            int in_order = 0;
            for (int i = 0; i < N; i++) {
                double u = (real_at(&s->x, i * 3 + j) - s->lower[j]) / (s->upper[j] - s->lower[j]);
                int k = (int)(u * N);
                assert_false(seen[k]);
                seen[k] = true;
                in_order += k == i;
            }
            assert_true(in_order < 10);
        }
        fqp_dataset_destroy(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sobol_begins_as_published),           cmocka_unit_test(sobol_may_begin_anywhere),
        cmocka_unit_test(sobol_is_balanced_along_each_axis),   cmocka_unit_test(sobol_has_property_a),
        cmocka_unit_test(sobol_fills_more_evenly_than_random), cmocka_unit_test(latin_has_one_point_in_every_stratum),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
