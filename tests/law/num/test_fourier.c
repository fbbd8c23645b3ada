/* Laws of the transforms: fast against direct sum, Parseval, shift, non-uniform against uniform, threads. */
#include "fft.h"
#include "nudft.h"
#include "unit/num/points.h"

static double two_pi(void) {
    return 2 * acos(-1);
}

static const int64_t shapes[][3] = {{1, 0, 0}, {2, 0, 0}, {7, 0, 0}, {64, 0, 0}, {201, 0, 0},
                                    {5, 6, 0}, {8, 3, 0}, {3, 4, 5}, {4, 2, 6}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static int axes_of(const int64_t *shape) {
    return shape[2] ? 3 : shape[1] ? 2 : 1;
}

/* sum_j y_j exp(-2 pi i sum_a j_a k_a / n_a) */
static void direct(int ndim, const int64_t *shape, const double *y, const int64_t *k, double z[2]) {
    int64_t n = 1;
    for (int a = 0; a < ndim; a++)
        n *= shape[a];
    z[0] = z[1] = 0;
    for (int64_t j = 0; j < n; j++) {
        double turns = 0;
        int64_t rest = j;
        for (int a = ndim - 1; a >= 0; a--) {
            turns += (double)(rest % shape[a] * k[a]) / (double)shape[a];
            rest /= shape[a];
        }
        z[0] += y[j] * cos(two_pi() * turns);
        z[1] -= y[j] * sin(two_pi() * turns);
    }
}

static void fast_equals_direct(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    for (int i = 0; i < SHAPES; i++) {
        const int ndim = axes_of(shapes[i]);
        fqpi_fft *f;
        assert_ok(ctx, fqpi_fft_create(ctx, ndim, shapes[i], &f));
        int64_t n = 1, k[3];
        for (int a = 0; a < ndim; a++)
            n *= shapes[i][a];
        double *y = normals((uint64_t)i, (size_t)n), energy = 0, spectrum_energy = 0;
        memcpy(fqpi_fft_field(f), y, (size_t)n * sizeof *y);
        const double *z = fqpi_fft_run(f);
        for (int64_t c = 0; c < n; c++) { /* every k of the full spectrum, negative ones too */
            int64_t rest = c;
            for (int a = ndim - 1; a >= 0; a--) {
                k[a] = rest % shapes[i][a] - shapes[i][a] / 2;
                rest /= shapes[i][a];
            }
            bool conj;
            const size_t at = fqpi_fft_index(f, k, &conj);
            assert_true(at < fqpi_fft_half(f));
            double want[2];
            direct(ndim, shapes[i], y, k, want);
            assert_near(z[2 * at], want[0], 1e-11);
            assert_near(conj ? -z[2 * at + 1] : z[2 * at + 1], want[1], 1e-11);
            spectrum_energy += want[0] * want[0] + want[1] * want[1];
            energy += y[c] * y[c];
        }
        assert_near(spectrum_energy / (double)n / energy, 1, 1e-12); /* Parseval */
        free(y);
        fqpi_fft_destroy(f);
    }
    fqpi_fft_destroy(NULL);
    fqp_ctx_destroy(ctx);
}

/* y moved by one sample turns Y_k by exp(-2 pi i k/n). */
static void shift_turns_the_phase(void **state) {
    (void)state;
    enum { N = 48 };
    fqp_ctx *ctx = open_ctx(1);
    fqpi_fft *f;
    const int64_t n = N;
    assert_ok(ctx, fqpi_fft_create(ctx, 1, &n, &f));
    double *y = normals(3, N), before[N + 2];
    memcpy(fqpi_fft_field(f), y, N * sizeof *y);
    memcpy(before, fqpi_fft_run(f), sizeof before);
    for (int j = 0; j < N; j++)
        fqpi_fft_field(f)[j] = y[(j + N - 1) % N];
    const double *after = fqpi_fft_run(f);
    for (int k = 0; k <= N / 2; k++) {
        const double c = cos(two_pi() * k / N), s = -sin(two_pi() * k / N);
        assert_near(after[2 * k], before[2 * k] * c - before[2 * k + 1] * s, 1e-12);
        assert_near(after[2 * k + 1], before[2 * k] * s + before[2 * k + 1] * c, 1e-12);
    }
    free(y);
    fqpi_fft_destroy(f);
    fqp_ctx_destroy(ctx);
}

/* On equally spaced points of [0, 1) the non-uniform transform is the DFT over n, for every integer k. */
static void nonuniform_equals_uniform(void **state) {
    (void)state;
    enum { N = 300, M = 3, K = 140 };
    fqp_ctx *ctx = open_ctx(1);
    double *y = normals(8, N * M), s[N], shift[M] = {0}, out[K * M * 2];
    for (int j = 0; j < N; j++)
        s[j] = (double)j / N;
    fqpi_nudft *u;
    fqpi_fft *f;
    const int64_t n = N;
    assert_ok(ctx, fqpi_nudft_create(ctx, N, s, 0, 1, K, M, &u));
    assert_ok(ctx, fqpi_fft_create(ctx, 1, &n, &f));
    fqpi_nudft_run(u, y, M, shift, out);
    for (int c = 0; c < M; c++) {
        for (int j = 0; j < N; j++)
            fqpi_fft_field(f)[j] = y[j * M + c];
        const double *z = fqpi_fft_run(f);
        for (int k = 0; k < K; k++) {
            assert_near(out[2 * (k * M + c)], z[2 * k] / N, 1e-12);
            assert_near(out[2 * (k * M + c) + 1], z[2 * k + 1] / N, 1e-12);
        }
    }
    free(y);
    fqpi_nudft_destroy(u);
    fqpi_fft_destroy(f);
    fqp_ctx_destroy(ctx);
}

/* Scattered points, broken frequencies, far phases: against the sum as it is written. */
static void nonuniform_equals_direct(void **state) {
    (void)state;
    enum { N = 1000, K = 77 };
    fqp_ctx *ctx = open_ctx(2);
    double *y = normals(1, 2 * N), *s = normals(2, N), out[K * 2];
    const double shift[1] = {0.25}, k0 = 30.5, dk = 0.37;
    fqpi_nudft *u;
    assert_ok(ctx, fqpi_nudft_create(ctx, N, s, k0, dk, K, 1, &u));
    fqpi_nudft_run(u, y + 1, 2, shift, out); /* the second column of two */
    for (int k = 0; k < K; k++) {
        double re = 0, im = 0;
        for (int j = 0; j < N; j++) {
            const double angle = two_pi() * (k0 + k * dk) * s[j], v = y[2 * j + 1] - shift[0];
            re += v * cos(angle) / N;
            im -= v * sin(angle) / N;
        }
        assert_near(out[2 * k], re, 1e-12);
        assert_near(out[2 * k + 1], im, 1e-12);
    }
    free(y);
    free(s);
    fqpi_nudft_destroy(u);
    fqp_ctx_destroy(ctx);
}

/* Any number of points, frequencies and outputs, clustered or at the seam of the circle: error against the sum as it is
 * written, in terms of the mean of |y|. */
static void nonuniform_of_any_size(void **state) {
    (void)state;
    static const struct {
        int64_t n, count, m;
        double k0, dk, scale, offset;
    } cases[] = {{1, 1, 1, 0, 1, 1, 0},        {1, 9, 2, -3, 0.5, 0, 0.5},   {2, 2, 1, 0.25, 2, 1, -1},
                 {50, 15, 5, 0, 0.1, 1, 0},    {300, 16, 1, 0, 1, 1e-9, 1},  {500, 17, 3, -8, 1, 0.5, 0.5},
                 {200, 500, 2, 7, 0.01, 3, 0}, {5000, 40, 4, 0, 0.05, 5, 2}, {333, 33, 9, 1e4, 1, 1, 0}};
    fqp_ctx *ctx = open_ctx(2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const int64_t n = cases[i].n, count = cases[i].count, m = cases[i].m;
        double *y = normals(1, (size_t)(n * m)), *s = normals(2, (size_t)n), *shift = normals(3, (size_t)m),
               *out = malloc((size_t)(2 * count * m) * sizeof *out);
        for (int64_t j = 0; j < n; j++)
            s[j] = cases[i].scale * s[j] + cases[i].offset;
        fqpi_nudft *u;
        assert_ok(ctx, fqpi_nudft_create(ctx, n, s, cases[i].k0, cases[i].dk, count, m, &u));
        fqpi_nudft_run(u, y, m, shift, out);
        const double own = 1e-13 + 4e-16 * two_pi() * fabs(cases[i].k0); /* rounding of k s in the sum below */
        for (int64_t k = 0; k < count; k++)
            for (int64_t c = 0; c < m; c++) {
                double re = 0, im = 0;
                for (int64_t j = 0; j < n; j++) {
                    const double angle = two_pi() * (cases[i].k0 + (double)k * cases[i].dk) * s[j],
                                 v = y[j * m + c] - shift[c];
                    re += v * cos(angle) / (double)n;
                    im -= v * sin(angle) / (double)n;
                }
                assert_near(out[2 * (k * m + c)], re, 4 * own);
                assert_near(out[2 * (k * m + c) + 1], im, 4 * own);
            }
        free(y);
        free(s);
        free(shift);
        free(out);
        fqpi_nudft_destroy(u);
    }
    fqp_ctx_destroy(ctx);
}

static void nonuniform_bits_for_any_threads(void **state) {
    (void)state;
    enum { N = 9999, K = 130, M = 10 }; /* three parts */
    double *y = normals(1, N * M), *s = normals(2, N), *first = NULL;
    const double shift[M] = {0};
    for (int threads = 1; threads <= 4; threads++) {
        fqp_ctx *ctx = open_ctx(threads);
        double *out = malloc(K * M * 2 * sizeof *out);
        fqpi_nudft *u;
        assert_ok(ctx, fqpi_nudft_create(ctx, N, s, 0.5, 0.5, K, M, &u));
        for (int again = 0; again < 2; again++) {
            fqpi_nudft_run(u, y, M, shift, out);
            if (!first) {
                first = malloc(K * M * 2 * sizeof *out);
                memcpy(first, out, K * M * 2 * sizeof *out);
            }
            assert_memory_equal(first, out, K * M * 2 * sizeof *out);
        }
        free(out);
        fqpi_nudft_destroy(u);
        fqp_ctx_destroy(ctx);
    }
    free(first);
    free(y);
    free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_equals_direct),        cmocka_unit_test(shift_turns_the_phase),
        cmocka_unit_test(nonuniform_equals_uniform), cmocka_unit_test(nonuniform_equals_direct),
        cmocka_unit_test(nonuniform_of_any_size),    cmocka_unit_test(nonuniform_bits_for_any_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
