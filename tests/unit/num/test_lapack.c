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
        cmocka_unit_test(missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
