/* Activations of every level against formulas written out here in long double, against the reference level, and the
 * rules of the verbs act and act3: omega, default parameters, missing outputs, tails, in place, NaN. */
#include "rows.h"

static long double phi(long double z) {
    return expl(-z * z / 2) / sqrtl(2 * acosl(-1));
}

static long double ramp(long double x) {
    return x > 0 ? x : 0;
}

/* value and first derivative, independently of the library */
static void exact(int act, double a, long double z, long double *f, long double *d) {
    const long double pi = acosl(-1), bell = expl(-a * a * z * z), turn = (a * fabsl(z) + 1) * z;
    const bool unit = z > 0 && z < 1;
    const long double e = expl(-fabsl(z)), s = z > 0 ? 1 / (1 + e) : e / (1 + e), s1 = e / ((1 + e) * (1 + e));
    const long double cdf = erfcl(-z / sqrtl(2)) / 2, t = z / a, hump = powl(acosl(-1), 0.25L) / (15 * a);
    const struct {
        long double f, d;
    } table[FQPI_ACT_COUNT] = {
        [FQPI_ACT_TANH] = {tanhl(z), 1 / (coshl(z) * coshl(z))},
        [FQPI_ACT_RELU] = {z > 0 ? z : 0, z > 0},
        [FQPI_ACT_LEAKY_RELU] = {z > 0 ? z : a * z, z > 0 ? 1 : a},
        [FQPI_ACT_ELU] = {z > 0 ? z : a * expm1l(z), z > 0 ? 1 : a * expl(z)},
        [FQPI_ACT_GELU] = {z * cdf, cdf + z * phi(z)},
        [FQPI_ACT_SILU] = {z * s, s + z * s1},
        [FQPI_ACT_SOFTPLUS] = {(z > 0 ? z : 0) + log1pl(e), s},
        [FQPI_ACT_SIGMOID] = {s, s1},
        [FQPI_ACT_SIN] = {sinl(z), cosl(z)},
        [FQPI_ACT_RICKER] = {hump * (1 - t * t) * expl(-t * t / 2), hump / a * (t * t * t - 3 * t) * expl(-t * t / 2)},
        [FQPI_ACT_GAUSSIAN] = {expl(-z * z), -2 * z * expl(-z * z)},
        [FQPI_ACT_RELU_POWER] = {z > 0 ? powl(z, a) : 0, z > 0 ? a * powl(z, a - 1) : 0},
        [FQPI_ACT_SOFTSIGN] = {z / (1 + fabsl(z)), 1 / ((1 + fabsl(z)) * (1 + fabsl(z)))},
        [FQPI_ACT_IDENTITY] = {z, 1},
        [FQPI_ACT_ERF] = {erfl(z), 2 / sqrtl(acosl(-1)) * expl(-z * z)},
        [FQPI_ACT_COS] = {cosl(z), -sinl(z)},
        [FQPI_ACT_SRELU] = {ramp(z) * ramp(1 - z), unit ? 1 - 2 * z : 0},
        [FQPI_ACT_S2RELU] = {sinl(2 * pi * z) * ramp(z) * ramp(1 - z),
                             unit ? 2 * pi * cosl(2 * pi * z) * z * (1 - z) + sinl(2 * pi * z) * (1 - 2 * z) : 0},
        [FQPI_ACT_PHI] = {z > 3 ? 0 : ramp(z) * ramp(z) - 3 * ramp(z - 1) * ramp(z - 1) + 3 * ramp(z - 2) * ramp(z - 2),
                          z > 3 ? 0 : 2 * ramp(z) - 6 * ramp(z - 1) + 6 * ramp(z - 2)},
        [FQPI_ACT_HAT] = {ramp(1 - fabsl(z - 1)), z <= 0 || z >= 2 ? 0
                                                  : z <= 1         ? 1
                                                                   : -1},
        [FQPI_ACT_WAVE] = {unit ? z - 2 * ramp(z - 0.25L) + 2 * ramp(z - 0.75L) : 0, !unit                     ? 0
                                                                                     : z > 0.25L && z <= 0.75L ? -1
                                                                                                               : 1},
        [FQPI_ACT_SINCOS] = {(sinl(z) + cosl(z)) / 10, (cosl(z) - sinl(z)) / 10},
        [FQPI_ACT_GABOR] = {cosl(z) * bell, -(sinl(z) + 2 * a * a * z * cosl(z)) * bell},
        [FQPI_ACT_FINER] = {sinl(turn), cosl(turn) * (2 * a * fabsl(z) + 1)},
    };
    *f = table[act].f;
    *d = table[act].d;
}

static const char *const names[] = {
#define R(NAME, name) [FQPI_ACT_##NAME] = #name,
    FQPI_ACTIVATIONS(R)
#undef R
};

typedef struct parameters {
    int act;
    double param, meant; /* handed over, and what it stands for */
} parameters;

static const parameters cases[] = {
    {FQPI_ACT_TANH, NAN, 0},
    {FQPI_ACT_RELU, NAN, 0},
    {FQPI_ACT_LEAKY_RELU, NAN, 0.01},
    {FQPI_ACT_ELU, NAN, 1},
    {FQPI_ACT_GELU, NAN, 0},
    {FQPI_ACT_SILU, NAN, 0},
    {FQPI_ACT_SOFTPLUS, NAN, 0},
    {FQPI_ACT_SIGMOID, NAN, 0},
    {FQPI_ACT_SIN, NAN, 0},
    {FQPI_ACT_RICKER, NAN, 1},
    {FQPI_ACT_GAUSSIAN, NAN, 0},
    {FQPI_ACT_RELU_POWER, NAN, 2},
    {FQPI_ACT_SOFTSIGN, NAN, 0},
    {FQPI_ACT_IDENTITY, NAN, 0},
    {FQPI_ACT_LEAKY_RELU, 0.3, 0.3},
    {FQPI_ACT_ELU, 0.7, 0.7},
    {FQPI_ACT_RICKER, 0.1, 0.1},
    {FQPI_ACT_RICKER, 3, 3},
    {FQPI_ACT_RELU_POWER, 1, 1},
    {FQPI_ACT_RELU_POWER, 3, 3},
    {FQPI_ACT_RELU_POWER, 1.5, 1.5},
    {FQPI_ACT_ERF, NAN, 0},
    {FQPI_ACT_COS, NAN, 0},
    {FQPI_ACT_RELU_POWER, 7, 7},
    {FQPI_ACT_RELU_POWER, 4.25, 4.25},
    {FQPI_ACT_RELU_POWER, 20, 20},
    {FQPI_ACT_SRELU, NAN, 0},
    {FQPI_ACT_S2RELU, NAN, 0},
    {FQPI_ACT_PHI, NAN, 0},
    {FQPI_ACT_HAT, NAN, 0},
    {FQPI_ACT_WAVE, NAN, 0},
    {FQPI_ACT_SINCOS, NAN, 0},
    {FQPI_ACT_GABOR, NAN, 10},
    {FQPI_ACT_GABOR, 1.0 / 3, 1.0 / 3},
    {FQPI_ACT_FINER, 1.0 / 30, 1.0 / 30},
    {FQPI_ACT_FINER, NAN, 1},
};
enum { CASES = sizeof cases / sizeof cases[0], N = 1501 };

/* Largest error of value and slope; the bound is relative to value plus argument times slope (the argument is rounded).
 */
static void check_case(const fqpi_kernel *k, const parameters *p, double omega, double width) {
    void *z = new_numbers(k, N), *f = new_numbers(k, N), *d = new_numbers(k, N);
    for (int i = 0; i < N; i++)
        put(k, z, i, width * (2.0 * i / (N - 1) - 1));
    k->act(p->act, p->param, omega, N, z, f, d);
    for (int i = 0; i < N; i++) {
        const long double w = (long double)omega * (long double)get(k, z, i);
        long double y, slope;
        exact(p->act, p->meant, w, &y, &slope);
        const bool chirp = p->act == FQPI_ACT_FINER; /* its own argument is (q |w| + 1) w, of slope `pace` */
        const double q = chirp ? p->meant * (double)fabsl(w) : 0, pace = 1 + 2 * q;
        const double u = unit_of(k), reach = 1 + (double)fabsl(w) * (1 + 2 * q),
                     power = p->act == FQPI_ACT_RELU_POWER ? 4 + 4 * p->meant : 4;
        char what[100];
        snprintf(what, sizeof what, "%s(%g) param %g omega %g", names[p->act], get(k, z, i), p->meant, omega);
        expect_close(k, what, get(k, f, i), (double)y,
                     power * u * ((double)fabsl(y) + reach * fmin(1, (double)fabsl(slope)) + 1e-3));
        const double bend = p->act == FQPI_ACT_RICKER   ? 1 / (p->meant * p->meant * p->meant)
                            : p->act == FQPI_ACT_GABOR  ? 1 + 2 * p->meant * p->meant
                            : p->act == FQPI_ACT_S2RELU ? 20
                                                        : pace;
        expect_close(k, what, get(k, d, i), omega * (double)slope,
                     power * 2 * u * fabs(omega) * ((double)fabsl(slope) + reach * bend));
    }
    fqpi_free(z), fqpi_free(f), fqpi_free(d);
}

static void test_values_and_slopes(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int c = 0; c < CASES; c++) {
        check_case(k, &cases[c], 1, 6);
        check_case(k, &cases[c], 1, 0.01);
        check_case(k, &cases[c], 30, 1.5);
        check_case(k, &cases[c], -2, 10);
    }
}

/* Small values in the tails keep their relative precision where the formula allows it. */
static void test_tails(void **state) {
    (void)state;
    static const int kept[] = {FQPI_ACT_GELU, FQPI_ACT_SILU, FQPI_ACT_SOFTPLUS, FQPI_ACT_SIGMOID};
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (size_t a = 0; a < sizeof kept / sizeof kept[0]; a++)
        for (double z = -2; z > -11; z -= 0.13) {
            void *x = new_numbers(k, 1), *f = new_numbers(k, 1);
            long double y, slope;
            put(k, x, 0, z);
            k->act(kept[a], NAN, 1, 1, x, f, NULL);
            exact(kept[a], 0, (long double)get(k, x, 0), &y, &slope);
            expect_close(k, names[kept[a]], get(k, f, 0), (double)y, 8 * (1 + z * z) * unit_of(k) * (double)fabsl(y));
            fqpi_free(x), fqpi_free(f);
        }
}

/* act3 agrees with the reference in all orders; asked for one by one, the members are the same bits. */
static void test_jets(void **state) {
    (void)state;
    const fqpi_kernel *k;
    enum { M = 517 };
    FOR_EACH_ROW(k)
    for (int c = 0; c < CASES; c++) {
        const double omega = c % 2 ? 1 : 2.5;
        void *z = new_normal(k, M, 21), *want[4], *got[4];
        for (int o = 0; o < 4; o++)
            want[o] = new_numbers(k, M), got[o] = new_numbers(k, M);
        reference_of(k)->act3(cases[c].act, cases[c].param, omega, M, z, want[0], want[1], want[2], want[3]);
        k->act3(cases[c].act, cases[c].param, omega, M, z, got[0], got[1], got[2], got[3]);
        for (int o = 0; o < 4; o++) {
            double largest = 1;
            for (int i = 0; i < M; i++)
                largest = fmax(largest, fmin(1e4, fabs(get(k, want[o], i))));
            for (int i = 0; i < M; i++) /* negative powers near 0 are large: relative there */
                expect_close(k, names[cases[c].act], get(k, got[o], i), get(k, want[o], i),
                             100 * unit_of(k) * fmax(largest, fabs(get(k, want[o], i))));
            void *one[4] = {NULL, NULL, NULL, NULL};
            void *alone = one[o] = new_numbers(k, M);
            k->act3(cases[c].act, cases[c].param, omega, M, z, one[0], one[1], one[2], one[3]);
            assert_memory_equal(alone, got[o], (size_t)M * k->elem);
            fqpi_free(alone);
        }
        fqpi_free(z);
        for (int o = 0; o < 4; o++)
            fqpi_free(want[o]), fqpi_free(got[o]);
    }
}

/* Any length, with or without slope, in place: the same bits, and nothing written behind the end. */
static void test_lengths(void **state) {
    (void)state;
    const fqpi_kernel *k;
    enum { M = 70 };
    FOR_EACH_ROW(k)
    for (int a = 0; a < FQPI_ACT_COUNT; a++) {
        void *z = new_normal(k, M, 22), *f = new_numbers(k, M), *d = new_numbers(k, M);
        k->act(a, NAN, 1.5, M, z, f, d);
        for (int64_t n = 0; n < M; n++) {
            void *in_place = copy_of(k, z, M), *slope = copy_of(k, z, M), *bare = copy_of(k, z, M);
            k->act(a, NAN, 1.5, n, in_place, in_place, slope);
            k->act(a, NAN, 1.5, n, z, bare, NULL);
            assert_memory_equal(in_place, f, (size_t)n * k->elem);
            assert_memory_equal(bare, f, (size_t)n * k->elem);
            assert_memory_equal(slope, d, (size_t)n * k->elem);
            const size_t rest = (size_t)(M - n) * k->elem;
            assert_memory_equal(at(k, in_place, n), at(k, z, n), rest);
            assert_memory_equal(at(k, bare, n), at(k, z, n), rest);
            assert_memory_equal(at(k, slope, n), at(k, z, n), rest);
            fqpi_free(in_place), fqpi_free(slope), fqpi_free(bare);
        }
        fqpi_free(z), fqpi_free(f), fqpi_free(d);
    }
}

/* NaN stays NaN (a diverging training must be seen); infinite arguments give the limits, never NaN by accident. */
static void test_nan_and_infinity(void **state) {
    (void)state;
    const fqpi_kernel *k;
    static const double ends[FQPI_ACT_COUNT][2] = {
        [FQPI_ACT_TANH] = {-1, 1},
        [FQPI_ACT_RELU] = {0, INFINITY},
        [FQPI_ACT_LEAKY_RELU] = {-INFINITY, INFINITY},
        [FQPI_ACT_ELU] = {-1, INFINITY},
        [FQPI_ACT_GELU] = {0, INFINITY},
        [FQPI_ACT_SILU] = {0, INFINITY},
        [FQPI_ACT_SOFTPLUS] = {0, INFINITY},
        [FQPI_ACT_SIGMOID] = {0, 1},
        [FQPI_ACT_SIN] = {NAN, NAN},
        [FQPI_ACT_RICKER] = {0, 0},
        [FQPI_ACT_GAUSSIAN] = {0, 0},
        [FQPI_ACT_RELU_POWER] = {0, INFINITY},
        [FQPI_ACT_SOFTSIGN] = {-1, 1},
        [FQPI_ACT_IDENTITY] = {-INFINITY, INFINITY},
        [FQPI_ACT_ERF] = {-1, 1},
        [FQPI_ACT_COS] = {NAN, NAN},
        [FQPI_ACT_SINCOS] = {NAN, NAN},
        [FQPI_ACT_FINER] = {NAN, NAN},
    };
    FOR_EACH_ROW(k)
    for (int a = 0; a < FQPI_ACT_COUNT; a++) {
        void *z = new_numbers(k, 4), *f = new_numbers(k, 4), *d = new_numbers(k, 4);
        put(k, z, 0, -INFINITY), put(k, z, 1, INFINITY), put(k, z, 2, NAN), put(k, z, 3, 0.5);
        k->act(a, NAN, 1, 4, z, f, d);
        for (int i = 0; i < 2; i++) {
            expect_close(k, names[a], get(k, f, i), ends[a][i], 1e-6);
            if (!isnan(ends[a][i]) && isnan(get(k, d, i)))
                fail_msg("%s: %s'(%g) is NaN", k->level, names[a], get(k, z, i));
        }
        if (!isnan(get(k, f, 2)))
            fail_msg("%s: %s(NaN) = %g", k->level, names[a], get(k, f, 2));
        if (isnan(get(k, f, 3)))
            fail_msg("%s: NaN spoils its neighbour in %s", k->level, names[a]);
        fqpi_free(z), fqpi_free(f), fqpi_free(d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_slopes),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_jets),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_nan_and_infinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
