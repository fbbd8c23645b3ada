/* Vector functions against libm in the next wider precision: dense sweeps, special values, tails. */
#include "rows.h"

enum { BLOCK = 1024 };

typedef struct function {
    const char *name;
    long double (*exact)(long double);
    double (*exact_for_f32)(double);
    double limit;  /* ulp */
    double lo, hi; /* a dense sweep besides the one over all exponents */
} function;

static const function functions[] = {
    {"exp", expl, exp, 2, -110, 90},  {"log", logl, log, 2, 0, 4},      {"tanh", tanhl, tanh, 2, -12, 12},
    {"sin", sinl, sin, 2, -100, 100}, {"cos", cosl, cos, 2, -100, 100}, {"erf", erfl, erf, 4, -7, 7},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static void evaluate(const fqpi_kernel *k, size_t f, int64_t n, const void *x, void *y) {
    if (f == 0)
        k->vexp(n, x, y);
    else if (f == 1)
        k->vlog(n, x, y);
    else if (f == 2)
        k->vtanh(n, x, y);
    else if (f == 3)
        k->vsincos(n, x, y, NULL);
    else if (f == 4)
        k->vsincos(n, x, NULL, y);
    else
        k->verf(n, x, y);
}

/* Distance in units of the last place of the exact value (of the smallest subnormal number below them). */
static double ulps(const fqpi_kernel *k, double y, long double exact) {
    const bool single = k->dtype == FQP_F32;
    if (isnan(exact))
        return isnan(y) ? 0 : INFINITY;
    double rounded = single ? (double)(float)exact : (double)exact;
    if (y == rounded)
        return 0;
    if (isnan(y) || isinf(y) || isinf(rounded))
        return fabs(rounded) >= (single ? (double)FLT_MAX : DBL_MAX) && fabs(y) >= (single ? (double)FLT_MAX : DBL_MAX)
                   ? 1
                   : INFINITY;
    int e;
    frexp(rounded, &e);
    const int digits = single ? FLT_MANT_DIG : DBL_MANT_DIG, lowest = single ? -149 : -1074;
    int place = e - digits > lowest && rounded != 0 ? e - digits : lowest;
    return (double)(fabsl((long double)y - exact) / ldexpl(1, place));
}

/* The reference level is the C library's own function. */
static double libm_allowance(const fqpi_kernel *k) {
    return strcmp(k->level, "reference") ? 0 : 2;
}

static long double exact_at(const fqpi_kernel *k, const function *f, double x) {
    return k->dtype == FQP_F32 ? (long double)f->exact_for_f32(x) : f->exact((long double)x);
}

/* Check a block of arguments on all levels of the precision of `like`; the exact values are computed once. */
static void check_block(const fqpi_kernel *like, size_t fi, const void *x, double worst[8]) {
    static _Alignas(64) double y[BLOCK];
    static long double exact[BLOCK];
    const function *f = &functions[fi];
    for (int i = 0; i < BLOCK; i++)
        exact[i] = exact_at(like, f, get(like, x, i));
    const fqpi_kernel *k;
    int level = 0;
    FOR_EACH_ROW(k) {
        if (k->dtype != like->dtype)
            continue;
        evaluate(k, fi, BLOCK, x, y);
        for (int i = 0; i < BLOCK; i++) {
            double u = ulps(k, get(k, y, i), exact[i]);
            if (u > f->limit + libm_allowance(k))
                fail_msg("%s/%zu: %s(%.17g) = %.17g, exact %.20Lg: %.2f ulp", k->level, k->elem * 8, f->name,
                         get(k, x, i), get(k, y, i), exact[i], u);
            if (u > worst[level])
                worst[level] = u;
        }
        level++;
    }
}

static void report(const fqpi_kernel *like, const function *f, const double worst[8]) {
    const fqpi_kernel *k;
    int level = 0;
    printf("  f%zu %-4s", like->elem * 8, f->name);
    FOR_EACH_ROW(k)
    if (k->dtype == like->dtype)
        printf("  %s %.2f ulp", k->level, worst[level++]);
    printf("\n");
}

/* Every exponent and sign: bit patterns in steps of a prime, then a dense interval. */
static void sweep(const fqpi_kernel *like, size_t fi) {
    static _Alignas(64) double storage[BLOCK];
    void *x = storage;
    double worst[8] = {0};
    const bool single = like->dtype == FQP_F32;
    const int blocks = single ? 1500 : 300;
    const function *f = &functions[fi];
    uint64_t bits = 1;
    for (int b = 0; b < blocks; b++) {
        for (int i = 0; i < BLOCK; i++) {
            if (single) {
                uint32_t low = (uint32_t)(bits >> 32);
                memcpy(at(like, x, i), &low, 4);
            } else
                memcpy(at(like, x, i), &bits, 8);
            bits += UINT64_MAX / (uint64_t)(blocks * BLOCK) - 12345;
        }
        check_block(like, fi, x, worst);
    }
    for (int b = 0; b < blocks; b++) {
        for (int i = 0; i < BLOCK; i++)
            put(like, x, i, f->lo + (f->hi - f->lo) * fqpi_rng_uniform(7, FQPI_STREAM_TEST, (uint64_t)(b * BLOCK + i)));
        check_block(like, fi, x, worst);
    }
    report(like, f, worst);
}

static void test_accuracy(void **state) {
    (void)state;
    for (size_t f = 0; f < FUNCTIONS; f++)
        for (size_t precision = 0; precision < 2; precision++)
            sweep(fqpi_kernel_row(precision), f);
}

/* The hard arguments of sin and cos: neighbours of multiples of pi/2, up to the end of the reduction and beyond. */
static void test_multiples_of_half_pi(void **state) {
    (void)state;
    for (size_t precision = 0; precision < 2; precision++) {
        const fqpi_kernel *like = fqpi_kernel_row(precision);
        static _Alignas(64) double storage[BLOCK];
        void *x = storage;
        double worst[8] = {0};
        const double top = like->dtype == FQP_F32 ? 2e4 : 2e6;
        for (int b = 0; b < 100; b++) {
            for (int i = 0; i < BLOCK; i++) {
                double n = floor(top / M_PI_2 * fqpi_rng_uniform(8, FQPI_STREAM_TEST, (uint64_t)(b * BLOCK + i)));
                put(like, x, i, (i % 2 ? -n : n) * M_PI_2);
            }
            check_block(like, 3, x, worst);
            check_block(like, 4, x, worst);
        }
        report(like, &functions[3], worst);
    }
}

static const double specials[] = {0.0,     -0.0,   INFINITY, -INFINITY, NAN,      1.0,     -1.0,    5e-324,
                                  -5e-324, 1e-310, 1.4e-45,  1e-40,     FLT_MIN,  FLT_MAX, DBL_MAX, 88.722,
                                  88.723,  88.73,  -87.34,   -103.9,    -103.98,  -104.5,  709.78,  709.79,
                                  -708.4,  -745.1, -745.2,   1e4,       1.0001e4, 1e6,     1.1e6,   1e22,
                                  9.01,    19.1,   27.3,     27.5,      10.2,     0.5,     2.0,     M_PI};
enum { SPECIALS = sizeof specials / sizeof specials[0] };

/* Every special value in every lane and in tails of every length, with its sign of zero. */
static void test_special_values(void **state) {
    (void)state;
    const fqpi_kernel *k;
    static _Alignas(64) double x[40], y[40];
    FOR_EACH_ROW(k)
    for (size_t f = 0; f < FUNCTIONS; f++)
        for (int s = 0; s < SPECIALS; s++)
            for (int n = 1; n <= 35; n++) {
                fill(k, x, 40, 0.25);
                fill(k, y, 40, 77);
                put(k, x, n - 1, specials[s]);
                evaluate(k, f, n, x, y);
                double given = get(k, x, n - 1), got = get(k, y, n - 1);
                long double exact = exact_at(k, &functions[f], given);
                if (ulps(k, got, exact) > functions[f].limit)
                    fail_msg("%s/%zu: %s(%g) = %.17g, exact %.17Lg", k->level, k->elem * 8, functions[f].name, given,
                             got, exact);
                if (exact == 0 && signbit(got) != signbit((double)exact))
                    fail_msg("%s/%zu: %s(%g): sign of zero", k->level, k->elem * 8, functions[f].name, given);
                assert_true(get(k, y, n) == 77); /* nothing is written behind the end */
            }
}

/* Sine and cosine together equal those asked for one by one; in place is allowed. */
static void test_in_place_and_both(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        enum { N = 100 };
        void *x = new_normal(k, N, 3), *s = new_numbers(k, N), *c = new_numbers(k, N), *y = new_numbers(k, N);
        k->vsincos(N, x, s, c);
        for (size_t f = 0; f < FUNCTIONS; f++) {
            evaluate(k, f, N, x, y);
            if (f == 3 || f == 4)
                assert_memory_equal(y, f == 3 ? s : c, N * k->elem);
            void *z = copy_of(k, x, N);
            evaluate(k, f, N, z, z);
            assert_memory_equal(y, z, N * k->elem);
            fqpi_free(z);
        }
        fqpi_free(x), fqpi_free(s), fqpi_free(c), fqpi_free(y);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_multiples_of_half_pi),
        cmocka_unit_test(test_special_values),
        cmocka_unit_test(test_in_place_and_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
