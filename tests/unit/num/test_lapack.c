/* Cholesky factors by LAPACK: their product is the matrix, what they solve is solved, and what has none is told. */
#include "lapack.h"
#include "rng.h"
#include "support.h"

#include <stdlib.h>

enum { N = 150 };

/* B B^T + I of a random B [N, N], both triangles. */
static double *positive(void) {
    double *b = calloc(N * N, sizeof *b), *a = calloc(N * N, sizeof *a);
    for (uint64_t i = 0; i < N * N; i++)
        b[i] = fqpi_rng_normal(3, FQPI_STREAM_POINTS, i);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i * N + j] = i == j;
            for (int k = 0; k < N; k++)
                a[i * N + j] += b[i * N + k] * b[j * N + k];
        }
    free(b);
    return a;
}

static void factors_multiply_to_the_matrix(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    double *a = positive(), *l = calloc(N * N, sizeof *l), x[N], b[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            l[i * N + j] = j <= i ? a[i * N + j] : NAN; /* not looked at */
    assert_true(fqpi_cholesky(N, l));
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0;
            for (int k = 0; k <= j; k++)
                sum += l[i * N + k] * l[j * N + k];
            assert_near(sum, a[i * N + j], 1e-11);
        }
    for (int i = 0; i < N; i++)
        x[i] = b[i] = cos(i);
    fqpi_cholesky_solve(N, l, x);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int j = 0; j < N; j++)
            sum += a[i * N + j] * x[j];
        assert_near(sum, b[i], 1e-11);
    }
    free(a);
    free(l);
    fqp_ctx_destroy(ctx);
}

static void an_indefinite_matrix_has_no_factor(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    double a[] = {1, 0, 2, 1}; /* 1 2; 2 1 */
    assert_false(fqpi_cholesky(2, a));
    double c[] = {4, 0, 2, 2};
    assert_true(fqpi_cholesky(2, c));
    assert_near(c[0], 2, 0);
    assert_near(c[2], 1, 0);
    assert_near(c[3], 1, 0);
    fqp_ctx_destroy(ctx);
}

/* Indefinite with a zero diagonal, as the equations of an interpolant are: |x_i - x_j| with a row and column of ones.
 */
static void indefinite_systems_are_solved(void **state) {
    (void)state;
    enum { M = 40, COLUMNS = 3 };
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    double a[M * M], f[M * M], x[COLUMNS * M], b[COLUMNS * M], condition;
    for (int i = 0; i < M; i++)
        for (int j = 0; j < M; j++) {
            double border = (i == M - 1) != (j == M - 1);
            a[i * M + j] = i < M - 1 && j < M - 1 ? fabs(sin(i) - sin(j)) : border;
            f[i * M + j] = j <= i ? a[i * M + j] : NAN; /* not looked at */
        }
    for (int i = 0; i < COLUMNS * M; i++)
        x[i] = b[i] = cos(3 * i);
    assert_ok(ctx, fqpi_symmetric_solve(ctx, "test", M, f, COLUMNS, x, &condition));
    assert_true(condition > 1e-8 && condition < 1);
    for (int c = 0; c < COLUMNS; c++)
        for (int i = 0; i < M; i++) {
            double sum = 0;
            for (int j = 0; j < M; j++)
                sum += a[i * M + j] * x[c * M + j];
            assert_near(sum, b[c * M + i], 1e-10);
        }
    double singular[] = {1, 0, 1, 1}, y[] = {1, 2}; /* 1 1; 1 1 */
    assert_refused(ctx, fqpi_symmetric_solve(ctx, "test", 2, singular, 1, y, NULL), FQP_E_DATA,
                   "test: the 2 equations have no one solution in double precision (1/condition is 0)");
    assert_near(y[1], 2, 0);
    double bad[] = {1, 0, NAN, 1};
    assert_int_equal(fqpi_symmetric_solve(ctx, "test", 2, bad, 1, y, NULL), FQP_E_DATA);
    fqp_ctx_destroy(ctx);
}

/* A [rows, n] column by column of rank `rank`, b [lead, 2]. */
static void random_system(int rows, int n, int rank, double *a, double *b, int lead) {
    for (int j = 0; j < n; j++)
        for (int i = 0; i < rows; i++) {
            a[j * rows + i] = 0;
            for (int r = 0; r < rank; r++)
                a[j * rows + i] += fqpi_rng_normal(5, FQPI_STREAM_POINTS, (uint64_t)(i * 100 + r)) *
                                   fqpi_rng_normal(6, FQPI_STREAM_POINTS, (uint64_t)(j * 100 + r));
        }
    for (int i = 0; i < 2 * lead; i++)
        b[i] = sin(i + 0.3 * i * i);
}

/* x minimises |A x - b| exactly when A^T (A x - b) = 0, and is the shortest exactly when it is A^T z: the part of x
 * outside the row space does nothing but lengthen it. */
static void least_squares_are_least_and_shortest(void **state) {
    (void)state;
    static const int shape[][3] = {{30, 7, 7}, {9, 9, 9}, {6, 20, 6}, {30, 12, 5}, {1, 1, 1}};
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    for (size_t q = 0; q < sizeof shape / sizeof *shape; q++) {
        const int rows = shape[q][0], n = shape[q][1], rank = shape[q][2], lead = rows > n ? rows : n;
        double a[600], kept[600], b[60], want[60], other[60];
        for (int by = FQPI_BY_SVD; by <= FQPI_BY_QR; by++) {
            fqpi_least_told told;
            random_system(rows, n, rank, a, b, lead);
            memcpy(kept, a, sizeof a);
            memcpy(want, b, sizeof b);
            assert_ok(ctx, fqpi_least_squares(ctx, "test", (fqpi_decomposition)by, rows, n, a, 2, b, 1e-12, &told));
            assert_int_equal(told.rank, rank);
            for (int c = 0; c < 2; c++) {
                double residual[60];
                for (int i = 0; i < rows; i++) {
                    residual[i] = -want[c * lead + i];
                    for (int j = 0; j < n; j++)
                        residual[i] += kept[j * rows + i] * b[c * lead + j];
                }
                for (int j = 0; j < n; j++) {
                    double sum = 0;
                    for (int i = 0; i < rows; i++)
                        sum += kept[j * rows + i] * residual[i];
                    assert_near(sum, 0, 1e-11);
                    if (by == FQPI_BY_SVD)
                        other[c * lead + j] = b[c * lead + j];
                    assert_near(b[c * lead + j], other[c * lead + j], 1e-10); /* the shortest is one */
                }
            }
        }
    }
    double bad[] = {1, NAN}, y[] = {1, 2};
    assert_refused(ctx, fqpi_least_squares(ctx, "test", FQPI_BY_SVD, 2, 1, bad, 1, y, 0, NULL), FQP_E_DATA,
                   "test: element (1, 0) of the matrix is not finite");
    fqp_ctx_destroy(ctx);
}

static void missing_is_told(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqpi_late_pretend(&fqpi_lapack_library, "libnone.so.3");
    assert_refused(ctx, fqpi_lapack_ready(ctx, "train.optimizer: lm needs"), FQP_E_UNSUPPORTED,
                   "train.optimizer: lm needs LAPACK, which cannot be loaded: libnone.so.3: cannot open shared object "
                   "file: No such file or directory\n    install libopenblas0-serial (Debian, Ubuntu)");
    fqpi_late_pretend(&fqpi_lapack_library, NULL);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_multiply_to_the_matrix),
        cmocka_unit_test(an_indefinite_matrix_has_no_factor),
        cmocka_unit_test(indefinite_systems_are_solved),
        cmocka_unit_test(least_squares_are_least_and_shortest),
        cmocka_unit_test(missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
