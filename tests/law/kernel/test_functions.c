/* Identities of the vector functions and the activations: symmetries, inverses, Pythagoras, and each derivative against
 * the central difference of the one below it. */
#include "unit/kernel/rows.h"

enum { N = 2000 };

static const char *const names[] = {
#define R(NAME, name) [FQPI_ACT_##NAME] = #name,
    FQPI_ACTIVATIONS(R)
#undef R
};

/* 4th order: f'(z) = (8 (f(z+h) - f(z-h)) - (f(z+2h) - f(z-2h)))/(12 h) */
static double difference(const fqpi_kernel *k, int act, double param, double omega, int order, double z, double h) {
    static const double offsets[4] = {1, -1, 2, -2};
    double x[4], y[4], *out[4] = {NULL, NULL, NULL, NULL};
    for (int i = 0; i < 4; i++)
        x[i] = z + h * offsets[i];
    out[order] = y;
    k->act3(act, param, omega, 4, x, out[0], out[1], out[2], out[3]);
    return (8 * (y[0] - y[1]) - (y[2] - y[3])) / (12 * h);
}

/* Where a derivative jumps, in the argument of sigma; all have 0. */
static bool over_a_kink(int act, double at, double reach) {
    static const struct {
        int act;
        double at;
    } kinks[] = {{FQPI_ACT_SRELU, 1},   {FQPI_ACT_S2RELU, 1}, {FQPI_ACT_PHI, 1}, {FQPI_ACT_PHI, 2},
                 {FQPI_ACT_PHI, 3},     {FQPI_ACT_HAT, 1},    {FQPI_ACT_HAT, 2}, {FQPI_ACT_WAVE, 0.25},
                 {FQPI_ACT_WAVE, 0.75}, {FQPI_ACT_WAVE, 1}};
    for (size_t i = 0; i < sizeof kinks / sizeof *kinks; i++)
        if (kinks[i].act == act && fabs(at - kinks[i].at) <= reach)
            return true;
    return false;
}

static void test_derivatives_follow_from_each_other(void **state) {
    (void)state;
    static const struct {
        int act;
        double param;
    } more[] = {{FQPI_ACT_RICKER, 0.5}, {FQPI_ACT_RELU_POWER, 4}, {FQPI_ACT_RELU_POWER, 3.5}, {FQPI_ACT_ELU, 0.3}};
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        if (k->dtype != FQP_F64)
            continue;
        for (int c = 0; c < FQPI_ACT_COUNT + 4; c++) {
            const int act = c < FQPI_ACT_COUNT ? c : more[c - FQPI_ACT_COUNT].act;
            const double param = c < FQPI_ACT_COUNT ? NAN : more[c - FQPI_ACT_COUNT].param, omega = c % 2 ? 1 : 1.7,
                         h = act == FQPI_ACT_GABOR ? 1e-4 : 1e-3; /* its envelope is 10 times as steep */
            for (double z = -4.03; z < 4.1; z += 0.0617) {        /* no difference reaches over the kink at 0 */
                double d[4];
                if (over_a_kink(act, omega * z, 2.1 * omega * h))
                    continue;
                k->act3(act, param, omega, 1, &z, &d[0], &d[1], &d[2], &d[3]);
                for (int order = 0; order < 3; order++) {
                    const double size = 1 + fabs(d[order]) + fabs(d[order + 1]);
                    char what[80];
                    snprintf(what, sizeof what, "%s, derivative %d at %g", names[act], order + 1, z);
                    expect_close(k, what, d[order + 1], difference(k, act, param, omega, order, z, h), 2e-8 * size * 4);
                }
            }
        }
    }
}

static void test_symmetries(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        void *x = new_normal(k, N, 1), *minus = new_numbers(k, N), *y = new_numbers(k, N), *z = new_numbers(k, N),
             *c = new_numbers(k, N), *d = new_numbers(k, N);
        for (int i = 0; i < N; i++)
            put(k, x, i, 3 * get(k, x, i)), put(k, minus, i, -get(k, x, i));
        k->vtanh(N, x, y), k->vtanh(N, minus, z);
        for (int i = 0; i < N; i++)
            expect_close(k, "tanh is odd", get(k, z, i), -get(k, y, i), 0);
        k->verf(N, x, y), k->verf(N, minus, z);
        for (int i = 0; i < N; i++)
            expect_close(k, "erf is odd", get(k, z, i), -get(k, y, i), 0);
        k->vsincos(N, x, y, c), k->vsincos(N, minus, z, d);
        for (int i = 0; i < N; i++) {
            const double s = get(k, y, i), co = get(k, c, i);
            expect_close(k, "sin is odd", get(k, z, i), -s, 0);
            expect_close(k, "cos is even", get(k, d, i), co, 0);
            expect_close(k, "sin^2 + cos^2", s * s + co * co, 1, 4 * unit_of(k));
        }
        fqpi_free(x), fqpi_free(minus), fqpi_free(y), fqpi_free(z), fqpi_free(c), fqpi_free(d);
    }
}

static void test_inverses(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        void *x = new_normal(k, N, 2), *e = new_numbers(k, N), *back = new_numbers(k, N), *minus = new_numbers(k, N);
        for (int i = 0; i < N; i++)
            put(k, x, i, 10 * get(k, x, i)), put(k, minus, i, -get(k, x, i));
        k->vexp(N, x, e), k->vlog(N, e, back);
        for (int i = 0; i < N; i++)
            expect_close(k, "log exp", get(k, back, i), get(k, x, i), unit_of(k) * (2 + 2 * fabs(get(k, x, i))));
        k->vexp(N, minus, back);
        for (int i = 0; i < N; i++)
            expect_close(k, "exp x exp -x", get(k, e, i) * get(k, back, i), 1, 4 * unit_of(k));
        fqpi_free(x), fqpi_free(e), fqpi_free(back), fqpi_free(minus);
    }
}

/* exp rises; so do log, tanh and erf: neighbours never change order by more than their rounding. */
static void test_monotone(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        void *x = new_numbers(k, N), *y = new_numbers(k, N);
        void (*const functions[])(int64_t, const void *, void *) = {k->vexp, k->vlog, k->vtanh, k->verf};
        for (int i = 0; i < N; i++)
            put(k, x, i, 0.001 + 5.0 * i / N);
        for (size_t f = 0; f < 4; f++) {
            functions[f](N, x, y);
            for (int i = 1; i < N; i++)
                if (get(k, y, i) < get(k, y, i - 1) * (1 - 2 * unit_of(k)) && get(k, y, i) >= 0)
                    fail_msg("%s: function %zu falls at %g", k->level, f, get(k, x, i));
        }
        fqpi_free(x), fqpi_free(y);
    }
}

/* (AB)^T = B^T A^T, both through the same product. */
static void test_transposed_product(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        enum { A = 37, B = 53, C = 21 };
        const int64_t lc = padded(k, C), la = padded(k, A), lb = padded(k, B);
        void *a = new_normal(k, A * lb, 3), *b = new_normal(k, B * lc, 4), *at_ = new_numbers(k, B * la),
             *ab = new_numbers(k, A * lc), *ba = new_numbers(k, C * la);
        k->transpose(A, B, a, lb, at_, la);
        k->gemm(&(fqpi_gemm){.m = A,
                             .n = C,
                             .k = B,
                             .a = a,
                             .a_row = lb,
                             .a_col = 1,
                             .b = b,
                             .b_row = lc,
                             .c = ab,
                             .c_row = lc,
                             .c_panel = true},
                NULL);
        k->gemm(&(fqpi_gemm){.m = C,
                             .n = A,
                             .k = B,
                             .a = b,
                             .a_row = 1,
                             .a_col = lc,
                             .b = at_,
                             .b_row = la,
                             .c = ba,
                             .c_row = la,
                             .c_panel = true},
                NULL);
        for (int64_t i = 0; i < A; i++)
            for (int64_t j = 0; j < C; j++) /* the same factors in the same order: the same bits */
                expect_close(k, "(AB)^T", get(k, ba, j * la + i), get(k, ab, i * lc + j), 0);
        fqpi_free(a), fqpi_free(b), fqpi_free(at_), fqpi_free(ab), fqpi_free(ba);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derivatives_follow_from_each_other),
        cmocka_unit_test(test_symmetries),
        cmocka_unit_test(test_inverses),
        cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_transposed_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
