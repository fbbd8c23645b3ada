/* Two-layer networks of every level and activation against the reference: any number of units, inputs and samples. */
#include "rows.h"

enum { SAMPLES = 37 };

static fqpi_units units_of(const fqpi_kernel *k, int64_t n, int64_t d, double slope) {
    return (fqpi_units){.n = n,
                        .d = d,
                        .w = new_normal(k, d * (n + 3), 1),
                        .w_row = n + 3,
                        .b = n % 3 ? new_normal(k, n, 2) : NULL,
                        .a = new_normal(k, n, 3),
                        .w_scale = 0.5,
                        .b_scale = 0.25,
                        .a_scale = 0.125,
                        .slope = slope};
}

static void drop(const fqpi_units *u) {
    fqpi_free((void *)(uintptr_t)u->w), fqpi_free((void *)(uintptr_t)u->b), fqpi_free((void *)(uintptr_t)u->a);
}

static void compare(const fqpi_kernel *k, const char *what, const void *got, const void *want, int64_t n, double unit) {
    double size = 1;
    for (int64_t i = 0; i < n; i++)
        size = fmax(size, fabs(get(k, want, i)));
    for (int64_t i = 0; i < n; i++)
        expect_close(k, what, get(k, got, i), get(k, want, i), 64 * unit * size);
}

static void check(const fqpi_kernel *k, int64_t n, int64_t d, double slope) {
    const fqpi_kernel *plain = reference_of(k);
    const fqpi_units u = units_of(k, n, d, slope);
    const int64_t sums = SAMPLES * k->lanes, size = d * (n + 1);
    void *x = new_normal(k, SAMPLES * d, 4), *dy = new_normal(k, SAMPLES, 5);
    void *got = new_numbers(k, sums), *want = new_numbers(k, sums);
    k->units_forward(&u, SAMPLES, x, got);
    plain->units_forward(&u, SAMPLES, x, want);
    compare(k, "sums of units", got, want, sums, unit_of(k));
    void *g[2][3];
    for (int i = 0; i < 2; i++) {
        g[i][0] = new_numbers(k, size), g[i][1] = new_numbers(k, n), g[i][2] = new_numbers(k, n);
        const fqpi_unit_gradient to = {.w = g[i][0], .w_row = n + 1, .b = u.b ? g[i][1] : NULL, .a = g[i][2]};
        (i ? plain : k)->units_backward(&u, SAMPLES, x, dy, &to);
    }
    compare(k, "gradient of w", g[0][0], g[1][0], size, unit_of(k));
    compare(k, "gradient of b", g[0][1], g[1][1], n, unit_of(k));
    compare(k, "gradient of a", g[0][2], g[1][2], n, unit_of(k));
    for (int i = 0; i < 6; i++)
        fqpi_free(g[i / 3][i % 3]);
    fqpi_free(x), fqpi_free(dy), fqpi_free(got), fqpi_free(want);
    drop(&u);
}

static void test_units(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (double slope = 0; slope < 2.5; slope += 0.75)
        for (int64_t n = 1; n < 150; n = n * 3 / 2 + 1)
            check(k, n, 1 + n % 4, slope);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_units)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
