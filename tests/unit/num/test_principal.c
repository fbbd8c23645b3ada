/* Principal components against a dense covariance, tridiagonal eigenpairs against their definition. */
#include "principal.h"
#include "tridiag.h"
#include "unit/num/points.h"

static void tridiagonal_pairs(void **state) {
    (void)state;
    for (int n = 1; n < 40; n += 3) {
        double d[40], e[40], a[40], b[40], z[40 * 40];
        for (int i = 0; i < n; i++) {
            d[i] = a[i] = fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)(100 * n + i));
            e[i] = b[i] = i % 5 == 4 ? 0 : fqpi_rng_normal(2, FQPI_STREAM_TEST, (uint64_t)(100 * n + i));
        }
        assert_true(fqpi_tridiag_eigen(n, d, e, z));
        for (int j = 0; j < n; j++) {
            double norm = 0;
            for (int i = 0; i < n; i++) {
                const double up = i > 0 ? b[i - 1] * z[(i - 1) * n + j] : 0,
                             down = i + 1 < n ? b[i] * z[(i + 1) * n + j] : 0;
                assert_near(up + a[i] * z[i * n + j] + down, d[j] * z[i * n + j], 1e-13);
                norm += z[i * n + j] * z[i * n + j];
            }
            assert_near(norm, 1, 1e-13);
        }
    }
}

enum { N = 700, D = 30, COUNT = 4 };

/* Points with falling variance along rotated axes. */
static double *cloud(int d) {
    double *x = normals(5, (size_t)(N * d));
    for (int j = 0; j < N; j++) {
        double *row = x + j * d;
        for (int c = 0; c < d; c++)
            row[c] = row[c] * 4 / (1 + c) + 7;
        for (int c = 0; c + 1 < d; c++) { /* mix neighbouring columns */
            const double a = row[c], b = row[c + 1];
            row[c] = 0.8 * a - 0.6 * b;
            row[c + 1] = 0.6 * a + 0.8 * b;
        }
    }
    return x;
}

static void against_the_covariance(void **state) {
    (void)state;
    for (int d = 1; d <= D; d += 29) {
        fqp_ctx *ctx = open_ctx(2);
        double *x = cloud(d), mean[D], direction[COUNT * D], variance[COUNT], c[D][D] = {{0}};
        const int count = d < COUNT ? d : COUNT;
        fqpi_column_means(table(x, N, d), mean);
        assert_ok(ctx, fqpi_principal(ctx, table(x, N, d), mean, count, direction, variance));
        for (int j = 0; j < N; j++)
            for (int a = 0; a < d; a++)
                for (int b = 0; b < d; b++)
                    c[a][b] += (x[j * d + a] - mean[a]) * (x[j * d + b] - mean[b]) / N;
        double trace = 0;
        for (int a = 0; a < d; a++)
            trace += c[a][a];
        for (int i = 0; i < count; i++) {
            const double *v = direction + i * d;
            double top = 0;
            for (int a = 0; a < d; a++) {
                double cv = 0;
                for (int b = 0; b < d; b++)
                    cv += c[a][b] * v[b];
                assert_near(cv, variance[i] * v[a], 1e-10 * trace);
                top = fabs(v[a]) > fabs(top) ? v[a] : top;
            }
            assert_true(top > 0);
            assert_true(i == 0 || variance[i] <= variance[i - 1]);
            for (int h = 0; h <= i; h++) {
                double dot = 0;
                for (int a = 0; a < d; a++)
                    dot += v[a] * direction[h * d + a];
                assert_near(dot, h == i, 1e-10);
            }
        }
        if (d == 1)
            assert_near(variance[0], trace, 1e-12 * trace);
        free(x);
        fqp_ctx_destroy(ctx);
    }
}

/* No direction has more variance than the first: tried on random ones. */
static void the_first_is_the_largest(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double *x = cloud(D), mean[D], direction[D], variance[1];
    fqpi_column_means(table(x, N, D), mean);
    assert_ok(ctx, fqpi_principal(ctx, table(x, N, D), mean, 1, direction, variance));
    for (uint64_t seed = 0; seed < 50; seed++) {
        double *v = normals(seed, D), norm = 0, along = 0;
        for (int c = 0; c < D; c++)
            norm += v[c] * v[c];
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int c = 0; c < D; c++)
                s += v[c] * (x[j * D + c] - mean[c]);
            along += s * s / N / norm;
        }
        assert_true(along < variance[0]);
        free(v);
    }
    free(x);
    fqp_ctx_destroy(ctx);
}

static void same_bits_for_any_threads(void **state) {
    (void)state;
    double *x = cloud(D), mean[D], first[D], variance[1];
    float *single = malloc(N * D * sizeof *single);
    for (int i = 0; i < N * D; i++)
        single[i] = (float)x[i];
    const fqp_view views[] = {table(x, N, D), {.data = single, .dtype = FQP_F32, .ndim = 2, .shape = {N, D}}};
    for (int v = 0; v < 2; v++)
        for (int threads = 1; threads <= 4; threads++) {
            fqp_ctx *ctx = open_ctx(threads);
            double direction[D];
            fqpi_column_means(views[v], mean);
            assert_ok(ctx, fqpi_principal(ctx, views[v], mean, 1, direction, variance));
            if (threads == 1)
                memcpy(first, direction, sizeof first);
            assert_memory_equal(first, direction, sizeof first);
            fqp_ctx_destroy(ctx);
        }
    free(single);
    free(x);
}

/* Points on a plane: equal variances are found one after the other, the third direction does not exist. */
static void flat_clouds(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[64][3], mean[3], direction[9], variance[3];
    for (int j = 0; j < 64; j++) {
        x[j][0] = j / 8;
        x[j][1] = j % 8;
        x[j][2] = 2;
    }
    fqpi_column_means(table(x[0], 64, 3), mean);
    assert_ok(ctx, fqpi_principal(ctx, table(x[0], 64, 3), mean, 2, direction, variance));
    assert_near(variance[0], 5.25, 1e-12);
    assert_near(variance[1], 5.25, 1e-12);
    assert_near(direction[2], 0, 1e-12);
    assert_refused(ctx, fqpi_principal(ctx, table(x[0], 64, 3), mean, 3, direction, variance), FQP_E_ARG,
                   "principal component 3 was asked for, the points vary in 2 directions only");
    assert_refused(ctx, fqpi_principal(ctx, table(x[0], 64, 3), mean, 4, direction, variance), FQP_E_ARG,
                   "principal component 4 was asked for, there are 1 to 3");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tridiagonal_pairs),
        cmocka_unit_test(against_the_covariance),
        cmocka_unit_test(the_first_is_the_largest),
        cmocka_unit_test(same_bits_for_any_threads),
        cmocka_unit_test(flat_clouds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
