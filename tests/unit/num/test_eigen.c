/* Leading eigenpairs by iteration: against LAPACK and closed forms, for spectra that are hard on a Krylov space. */
#include "eigen.h"
#include "lapack.h"
#include "mem.h"
#include "real.h"
#include "rng.h"
#include "support.h"

#include <stdlib.h>

enum { N = 320 };
static const double PI = 3.14159265358979323846;

static fqp_view view(const double *a) {
    return (fqp_view){.data = a, .dtype = FQP_F64, .ndim = 2, .shape = {N, N}};
}

static fqp_status apply_view(void *user, const fqpi_panels *p, const double *v, double *out) {
    fqpi_panels_apply(p, *(fqp_view *)user, v, out);
    return FQP_OK;
}

static fqp_ctx *context(int threads) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
    assert_ok(ctx, fqpi_lapack_ready(ctx, "tests need"));
    return ctx;
}

typedef struct pairs {
    int64_t n, count;
    double *value, *vector, residual;
} pairs;

static pairs leading(fqp_ctx *ctx, fqp_view a, fqpi_lanczos_opts o) {
    pairs e = {.n = a.shape[0], .count = o.count};
    e.value = calloc((size_t)e.count, sizeof(double));
    e.vector = calloc((size_t)(e.count * e.n), sizeof(double));
    o.tolerance = o.tolerance > 0 ? o.tolerance : 1e-10;
    assert_true(fqpi_lanczos_fits(e.n, &o));
    assert_ok(ctx, fqpi_lanczos(ctx, "test", e.n, (fqpi_operator){apply_view, &a}, &o, e.value, e.vector, &e.residual));
    return e;
}

static void release(pairs *e) {
    free(e->value);
    free(e->vector);
}

/* Unit vectors, orthogonal, and A v = l v, each computed here. */
static void check_pairs(fqp_view a, const pairs *e, double tolerance) {
    double *image = calloc((size_t)e->n, sizeof(double));
    for (int64_t i = 0; i < e->count; i++) {
        const double *v = e->vector + i * e->n;
        double worst = 0;
        for (int64_t r = 0; r < e->n; r++) {
            image[r] = 0;
            for (int64_t c = 0; c < e->n; c++)
                image[r] += fqpi_real_at(a, r * e->n + c) * v[c];
            worst = fmax(worst, fabs(image[r] - e->value[i] * v[r]));
        }
        assert_true(worst <= tolerance * e->value[0]);
        for (int64_t j = 0; j <= i; j++) {
            double dot = 0;
            for (int64_t r = 0; r < e->n; r++)
                dot += v[r] * e->vector[j * e->n + r];
            assert_near(dot, i == j, 1e-12);
        }
    }
    free(image);
}

/* Points of a spiral: no symmetry. */
static double *kernel_matrix(double (*of)(double)) {
    double *a = calloc(N * N, sizeof(double));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i * N + j] = of(fabs(pow((i + 0.5) / N, 1.3) - pow((j + 0.5) / N, 1.3)));
    return a;
}

static double laplace(double r) {
    return exp(-3 * r);
}

static double gauss(double r) {
    return exp(-8 * r * r);
}

/* The spectrum of LAPACK, falling. */
static double *spectrum(fqp_ctx *ctx, const double *a, int64_t n) {
    double *copy = calloc((size_t)(n * n), sizeof(double)), *value = calloc((size_t)n, sizeof(double));
    memcpy(copy, a, (size_t)(n * n) * sizeof(double));
    assert_ok(ctx, fqpi_symmetric_eigen(ctx, "test", n, copy, value));
    for (int64_t i = 0; i < n / 2; i++) {
        double v = value[i];
        value[i] = value[n - 1 - i];
        value[n - 1 - i] = v;
    }
    free(copy);
    return value;
}

static void agrees_with_lapack(void **state) {
    (void)state;
    double (*const kernel[])(double) = {laplace, gauss}; /* falling as k^-2, and to rounding within 20 */
    fqp_ctx *ctx = context(2);
    for (size_t k = 0; k < 2; k++) {
        double *a = kernel_matrix(kernel[k]), *want = spectrum(ctx, a, N);
        for (int64_t room = 0; room < 100; room += 72) { /* 72: nine panels, so that it must restart */
            pairs e = leading(ctx, view(a), (fqpi_lanczos_opts){.count = 30, .block = 8, .room = room});
            for (int i = 0; i < 30; i++)
                assert_near(e.value[i], want[i], 1e-13 * want[0]);
            assert_true(e.residual <= 2e-10);
            check_pairs(view(a), &e, 2e-10);
            release(&e);
        }
        free(want);
        free(a);
    }
    fqp_ctx_destroy(ctx);
}

/* On a circle every eigenvalue but the first is double: pairs stand together and span cos and sin. */
static void pairs_of_a_circle(void **state) {
    (void)state;
    fqp_ctx *ctx = context(1);
    double *a = calloc(N * N, sizeof(double));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double t = fabs(2 * PI * (i - j) / N);
            t = t > PI ? 2 * PI - t : t;
            a[i * N + j] = (cos(t) + 1) * (PI - t) / (4 * PI);
        }
    pairs e = leading(ctx, view(a), (fqpi_lanczos_opts){.count = 21, .block = 16});
    for (int k = 0; k <= 10; k++) {
        double want = 0; /* of the circulant matrix */
        for (int j = 0; j < N; j++)
            want += a[j] * cos(2 * PI * k * j / N);
        for (int i = k ? 2 * k - 1 : 0; i <= 2 * k; i++) {
            double c = 0, s = 0;
            assert_near(e.value[i], want, 1e-12 * e.value[0]);
            for (int j = 0; j < N; j++) {
                c += e.vector[i * N + j] * cos(2 * PI * k * j / N);
                s += e.vector[i * N + j] * sin(2 * PI * k * j / N);
            }
            assert_near((c * c + s * s) * (k ? 2 : 1) / N, 1, 1e-10);
        }
    }
    release(&e);
    free(a);
    fqp_ctx_destroy(ctx);
}

/* sum of value[i] q_i q_i^T over the columns of a random orthogonal matrix (Householder reflections). */
static double *with_spectrum(const double *value) {
    double *a = calloc(N * N, sizeof(double)), u[N], w[N];
    for (int i = 0; i < N; i++)
        a[i * N + i] = value[i];
    for (int turn = 0; turn < 40; turn++) {
        double square = 0, uw = 0;
        for (int i = 0; i < N; i++) {
            u[i] = fqpi_rng_normal(5, FQPI_STREAM_POINTS, (uint64_t)(turn * N + i));
            square += u[i] * u[i];
        }
        for (int i = 0; i < N; i++) {
            w[i] = 0;
            for (int j = 0; j < N; j++)
                w[i] += a[i * N + j] * u[j];
            uw += u[i] * w[i];
        }
        for (int i = 0; i < N; i++) /* H A H with H = 1 - 2 u u^T/|u|^2 */
            for (int j = 0; j < N; j++)
                a[i * N + j] += (4 * uw / square * u[i] * u[j] - 2 * (u[i] * w[j] + w[i] * u[j])) / square;
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            a[i * N + j] = a[j * N + i];
    return a;
}

static void check_spectrum(const double *value, int64_t count, int64_t block) {
    fqp_ctx *ctx = context(2);
    double *a = with_spectrum(value);
    pairs e = leading(ctx, view(a), (fqpi_lanczos_opts){.count = count, .block = block});
    for (int i = 0; i < count; i++)
        assert_near(e.value[i], value[i], 1e-11);
    check_pairs(view(a), &e, 2e-10);
    release(&e);
    free(a);
    fqp_ctx_destroy(ctx);
}

static void more_copies_than_a_block_has_vectors(void **state) {
    (void)state;
    double value[N];
    for (int i = 0; i < N; i++)
        value[i] = i < 3 ? 2 - 0.1 * i : i < 45 ? 1 : 0.8 * pow(0.97, i);
    check_spectrum(value, 40, 8);
}

static void exhausted_spaces(void **state) {
    (void)state;
    double few[N] = {1, 0.5, 0.25, 0.25, 1e-3}, same[N], zero[N] = {0};
    for (int i = 0; i < N; i++)
        same[i] = 1;
    check_spectrum(few, 30, 8); /* rank 5 */
    check_spectrum(same, 20, 8);
    check_spectrum(zero, 10, 8);
}

/* Leading is largest, not largest in modulus. */
static void negative_values_come_last(void **state) {
    (void)state;
    double value[N];
    for (int i = 0; i < N; i++)
        value[i] = 1 - 4.0 * i / N;
    check_spectrum(value, 12, 8);
}

static void same_bits_for_any_threads(void **state) {
    (void)state;
    double *a = kernel_matrix(laplace);
    pairs e[3];
    for (int t = 0; t < 3; t++) {
        fqp_ctx *ctx = context(t + 1);
        e[t] = leading(ctx, view(a), (fqpi_lanczos_opts){.count = 25, .block = 16});
        assert_memory_equal(e[t].value, e[0].value, 25 * sizeof(double));
        assert_memory_equal(e[t].vector, e[0].vector, 25 * N * sizeof(double));
        fqp_ctx_destroy(ctx);
    }
    for (int t = 0; t < 3; t++)
        release(&e[t]);
    free(a);
}

/* A matrix in single precision is taken as it is: its eigenpairs are exact to double precision. */
static void single_precision(void **state) {
    (void)state;
    fqp_ctx *ctx = context(2);
    double *a = kernel_matrix(laplace);
    float *f = calloc(N * N, sizeof(float));
    for (int i = 0; i < N * N; i++)
        a[i] = f[i] = (float)a[i];
    pairs e = leading(ctx, (fqp_view){.data = f, .dtype = FQP_F32, .ndim = 2, .shape = {N, N}},
                      (fqpi_lanczos_opts){.count = 20});
    pairs d = leading(ctx, view(a), (fqpi_lanczos_opts){.count = 20});
    assert_memory_equal(e.vector, d.vector, 20 * N * sizeof(double));
    release(&e);
    release(&d);
    free(f);
    free(a);
    fqp_ctx_destroy(ctx);
}

static void bad_numbers_and_too_hard(void **state) {
    (void)state;
    fqp_ctx *ctx = context(1);
    double *a = kernel_matrix(laplace), value[30], *vector = calloc(30 * N, sizeof(double)), residual;
    fqp_view v = view(a);
    fqpi_lanczos_opts o = {.count = 30, .block = 8, .room = 72, .tolerance = 1e-30};
    assert_int_equal(fqpi_lanczos(ctx, "test", N, (fqpi_operator){apply_view, &v}, &o, value, vector, &residual),
                     FQP_E_DATA);
    a[7 * N + 3] = NAN;
    assert_refused(ctx, fqpi_lanczos(ctx, "test", N, (fqpi_operator){apply_view, &v}, &o, value, vector, &residual),
                   FQP_E_DATA, "test: the operator gave numbers that are not finite");
    o.count = N - 40;
    o.room = 0;
    assert_false(fqpi_lanczos_fits(N, &o));
    fqp_ctx_interrupt(ctx);
    a[7 * N + 3] = a[3 * N + 7];
    o.count = 30;
    assert_refused(ctx, fqpi_lanczos(ctx, "test", N, (fqpi_operator){apply_view, &v}, &o, value, vector, &residual),
                   FQP_E_INTERRUPTED, "test: interrupted");
    free(vector);
    free(a);
    fqp_ctx_destroy(ctx);
}

static void no_memory_at_any_place(void **state) {
    (void)state;
    double *a = kernel_matrix(gauss), value[10], *vector = calloc(10 * N, sizeof(double)), residual;
    fqp_view v = view(a);
    const fqpi_lanczos_opts o = {.count = 10, .tolerance = 1e-10, .block = 8};
    fqp_status s = FQP_E_NOMEM;
    for (long fail = 0; s == FQP_E_NOMEM; fail++) {
        fqp_ctx *ctx = context(1);
        fqpi_mem_fail_after(ctx, fail);
        s = fqpi_lanczos(ctx, "test", N, (fqpi_operator){apply_view, &v}, &o, value, vector, &residual);
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        fqp_ctx_destroy(ctx);
    }
    free(vector);
    free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_lapack),
        cmocka_unit_test(pairs_of_a_circle),
        cmocka_unit_test(more_copies_than_a_block_has_vectors),
        cmocka_unit_test(exhausted_spaces),
        cmocka_unit_test(negative_values_come_last),
        cmocka_unit_test(same_bits_for_any_threads),
        cmocka_unit_test(single_precision),
        cmocka_unit_test(bad_numbers_and_too_hard),
        cmocka_unit_test(no_memory_at_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
