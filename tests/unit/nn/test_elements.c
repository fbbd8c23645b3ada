/* Conversions between the model's precision and double: every value, at every stride, and nothing beside them. */
#include "elements.h"
#include "support.h"

#include <float.h>

enum { N = 37, STRIDE = 5, SPACE = N * STRIDE + 8 };

/* Some of these are no floats: what is stored is rounded to the nearest one. */
static double value(int64_t i) {
    static const double special[] = {0.0, -0.0, 1e300, -1e-300, 0x1.000001p0, 0x1.0000018p0, 0x1p-140, DBL_MIN};
    return i < 8 ? special[i] : sin(1.7 * (double)i) * pow(10, (double)(i % 7));
}

static double element(fqp_dtype t, const void *a, int64_t i) {
    return t == FQP_F32 ? (double)((const float *)a)[i] : ((const double *)a)[i];
}

static double rounded(fqp_dtype t, double x) {
    return t == FQP_F32 ? (double)(float)x : x;
}

static void expect_same(double got, double want) {
    if (memcmp(&got, &want, sizeof got) != 0)
        fail_msg("%.17g instead of %.17g", got, want);
}

/* n elements at a stride, from an address that is aligned to elements only */
static void there_and_back(fqp_dtype t, int64_t n, int64_t stride, int64_t offset) {
    _Alignas(64) double store[SPACE];
    double from[N], to[N + 1];
    for (int64_t i = 0; i < N; i++)
        from[i] = value(i), to[i] = 7;
    to[N] = 7;
    for (int64_t i = 0; i < SPACE; i++) {
        double mark = 1000 + (double)i;
        fqpi_elem_store(t, 1, &mark, fqpi_elem_at(t, store, i), 1);
    }
    fqpi_elem_store(t, n, from, fqpi_elem_at(t, store, offset), stride);
    for (int64_t i = 0; i < SPACE; i++) {
        int64_t which = (i - offset) / stride;
        bool ours = i >= offset && (i - offset) % stride == 0 && which < n;
        expect_same(element(t, store, i), ours ? rounded(t, from[which]) : 1000 + (double)i);
    }
    fqpi_elem_load(t, n, fqpi_elem_in(t, store, offset), stride, to);
    for (int64_t i = 0; i <= N; i++)
        expect_same(to[i], i < n ? rounded(t, from[i]) : 7);
}

static void strides(void **state) {
    (void)state;
    const fqp_dtype types[] = {FQP_F32, FQP_F64};
    for (int t = 0; t < 2; t++)
        for (int64_t stride = 1; stride <= STRIDE; stride++)
            for (int64_t offset = 0; offset < 4; offset++)
                for (int64_t n = 0; n <= N; n++)
                    there_and_back(types[t], n, stride, offset);
}

static void numbers_that_are_none(void **state) {
    (void)state;
    const double x[] = {NAN, INFINITY, -INFINITY, 1e39};
    double y[4];
    float f[4];
    fqpi_elem_store(FQP_F32, 4, x, f, 1);
    fqpi_elem_load(FQP_F32, 4, f, 1, y);
    assert_true(isnan(y[0]) && y[1] > DBL_MAX && y[2] < -DBL_MAX && y[3] > DBL_MAX);
}

static void scaling(void **state) {
    (void)state;
    for (int64_t n = 0; n <= N; n++) {
        float f[N + 1];
        double d[N + 1];
        for (int64_t i = 0; i <= N; i++)
            d[i] = (double)(f[i] = (float)(i - 9));
        fqpi_elem_scale(FQP_F32, n, 0.75, f);
        fqpi_elem_scale(FQP_F64, n, 0.75, d);
        for (int64_t i = 0; i <= N; i++) {
            double want = (double)(i - 9) * (i < n ? 0.75 : 1);
            assert_near(d[i], want, 0);
            assert_near((double)f[i], want, 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strides),
        cmocka_unit_test(numbers_that_are_none),
        cmocka_unit_test(scaling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
