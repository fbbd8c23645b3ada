/* Points of curves and cubes: where they lie, what is measured along, and what is refused. */
#include "dataset_from.h"
#include "mem.h"

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* Rahaman et al. 1806.08734: |x| = 1 + 0.5 sin(L t), and the angle of x is t. */
static void curves(void **state) {
    (void)state;
    fqp_dataset *d =
        dataset_made(ctx, "{source: curve, curve: flower, petals: 3, n: 24, test_n: 7, target: 'cos(5*t)'}", 1);
    assert_int_equal(d->n, 24);
    assert_int_equal(d->d, 2);
    assert_int_equal(d->grid_ndim, 1);
    assert_int_equal(d->grid[0], 24);
    assert_int_equal(d->n_test, 7);
    for (int64_t i = 0; i < 24; i++) {
        const double t = 2 * M_PI * (double)i / 24, a = real_at(&d->x, 2 * i), b = real_at(&d->x, 2 * i + 1);
        assert_near(real_at(&d->coordinate, i), t, 1e-14);
        assert_near(hypot(a, b), 1 + 0.5 * sin(3 * t), 1e-14);
        assert_near(fabs(remainder(atan2(b, a) - t, 2 * M_PI)), 0, 1e-14);
        assert_near(real_at(&d->y, i), cos(5 * t), 1e-13);
    }
    assert_near(real_at(&d->coordinate_test, 1), 2 * M_PI / 7, 1e-14);
    assert_near(real_at(&d->y_test, 1), cos(10 * M_PI / 7), 1e-13);
    assert_string_equal(d->origin, "cos(5*t) along a flower of 3 petals, 24 points");
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: curve, n: 8, target: 't*u1', subset: 3}", 4);
    assert_int_equal(d->n, 3);
    assert_int_equal(d->n_test, 5);
    assert_int_equal(d->grid_ndim, 0);
    for (int64_t i = 0; i < 3; i++)
        assert_near(cos(real_at(&d->coordinate, i)), real_at(&d->x, 2 * i), 1e-14);
    for (int64_t i = 0; i < 5; i++)
        assert_near(sin(real_at(&d->coordinate_test, i)), real_at(&d->x_test, 2 * i + 1), 1e-14);
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: curve, radius: 3, n: 5, test_n: 4, target: t}", 1);
    for (int64_t i = 0; i < 5; i++)
        assert_near(hypot(real_at(&d->x, 2 * i), real_at(&d->x, 2 * i + 1)), 3, 1e-14);
    assert_near(real_at(&d->x_test, 0), 3, 0);
    assert_string_equal(d->origin, "t along a circle of radius 3, 5 points");
    fqp_dataset_destroy(d);
}

/* Density 1 + 0.8 cos t: its integral t + 0.8 sin t grows by 2 pi/n from point to point. */
static void density(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{source: curve, n: 50, target: t, density: '3 + 2.4*cos(t)'}", 1);
    assert_int_equal(d->grid_ndim, 0);
    for (int64_t i = 0; i < 50; i++) {
        const double t = real_at(&d->coordinate, i);
        assert_near(t + 0.8 * sin(t), 2 * M_PI * (double)i / 50, 2e-7);
    }
    fqp_dataset_destroy(d);
}

static void cubes(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{source: cube, dims: 4, target: [parity, and, 'x1*x4']}", 1);
    assert_int_equal(d->n, 16);
    assert_int_equal(d->d, 4);
    assert_int_equal(d->n_test, 0);
    for (int64_t i = 0; i < 16; i++) {
        double parity = 1, all = 1;
        for (int c = 0; c < 4; c++) {
            const double x = real_at(&d->x, 4 * i + c);
            assert_near(x, (i >> (3 - c)) & 1 ? 1 : -1, 0);
            parity *= x;
            all = x > 0 ? all : -1;
        }
        assert_near(real_at(&d->y, 3 * i), parity, 0);
        assert_near(real_at(&d->y, 3 * i + 1), all, 0);
        assert_near(real_at(&d->y, 3 * i + 2), real_at(&d->x, 4 * i) * real_at(&d->x, 4 * i + 3), 0);
    }
    fqp_dataset_destroy(d);
}

/* Half of the cube, another half for another seed; both parts together are all its points. */
static void subsets(void **state) {
    (void)state;
    int seen[2][1024] = {{0}}, both = 0;
    for (int seed = 0; seed < 2; seed++) {
        fqp_dataset *d = dataset_made(ctx, "{source: cube, dims: 10, target: parity, subset: 512}", (uint64_t)seed + 1);
        assert_int_equal(d->n, 512);
        assert_int_equal(d->n_test, 512);
        int count[1024] = {0};
        for (int64_t i = 0; i < 1024; i++) {
            const fqp_array *x = i < 512 ? &d->x : &d->x_test;
            int code = 0;
            for (int64_t c = 0; c < 10; c++)
                code = 2 * code + (real_at(x, i % 512 * 10 + c) > 0);
            count[code]++;
            seen[seed][code] = i < 512;
        }
        for (int i = 0; i < 1024; i++)
            assert_int_equal(count[i], 1);
        assert_string_equal(d->origin, "parity on the cube {-1, 1}^10, 512 of 1024 points");
        fqp_dataset_destroy(d);
    }
    for (int i = 0; i < 1024; i++)
        both += seen[0][i] && seen[1][i];
    assert_in_range(both, 200, 312);
}

/* Half of the outputs may have moved, none is lost. */
static void exchanged_outputs(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{source: curve, n: 100, target: [t, -t], shuffle: 0.5}", 3);
    int moved = 0;
    double sum = 0;
    for (int64_t i = 0; i < 100; i++) {
        const double t = 2 * M_PI * (double)i / 100, y = real_at(&d->y, 2 * i);
        assert_near(real_at(&d->y, 2 * i + 1), -y, 0);
        moved += fabs(y - t) > 1e-9;
        sum += y;
    }
    assert_in_range(moved, 35, 50);
    assert_near(sum, 2 * M_PI * 99 / 2, 1e-9);
    fqp_dataset_destroy(d);
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } row[] = {
        {"{source: curve, n: [3, 4], target: t}", "data.n: a curve takes one number of points, 2 are given"},
        {"{source: curve, n: 4, target: x}", "data.target: unknown name \"x\""},
        {"{source: curve, n: 4, target: t, density: 'cos(t)'}",
         "data.density: \"cos(t)\" is -0.00076699 at t = 1.57156, but must be positive"},
        {"{source: cube, dims: 3, target: x4}", "data.target: unknown name \"x4\""},
        {"{source: cube, dims: 3, target: parity, subset: 9}", "data.subset: 9 of 8 points"},
        {"{source: cube, dims: 3, target: parity, subset: 4, train_fraction: 0.5}",
         "data.subset: data.train_fraction 0.5 says another size; give one of them"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_dataset *d = NULL;
        fqp_ctx_problems_clear(ctx);
        assert_int_not_equal(dataset_from(ctx, row[i].text, 1, &d), FQP_OK);
        const char *said = fqp_ctx_problem(ctx, 0).message;
        if (strncmp(said, row[i].message, strlen(row[i].message)) != 0)
            fail_msg("%s gives\n%s\nexpected\n%s", row[i].text, said, row[i].message);
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char *const text[] = {
        "{source: curve, n: 9, test_n: 4, target: [t, u1], density: '2 + sin(t)', shuffle: 1}",
        "{source: cube, dims: 5, target: [parity, x1], subset: 7}"};
    for (size_t k = 0; k < 2; k++) {
        static const fqp_section *const sections[] = {&fqp_data_section, NULL};
        char yaml[200];
        snprintf(yaml, sizeof yaml, "data: %s\n", text[k]);
        fqp_config *c = NULL;
        assert_ok(ctx, fqpi_config_parse(ctx, sections, "t", yaml, 0, NULL, &c));
        long n = 0;
        for (fqp_status s = FQP_E_NOMEM; s; n++) {
            fqp_dataset *d = NULL;
            fqpi_mem_fail_after(ctx, n);
            s = fqp_dataset_create(ctx, fqp_config_section(c, "data"), 1, c, &d);
            fqpi_mem_fail_after(ctx, -1);
            fqp_dataset_destroy(d);
            assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        }
        assert_true(n > 8);
        fqp_config_destroy(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(curves),
                                       cmocka_unit_test(density),
                                       cmocka_unit_test(cubes),
                                       cmocka_unit_test(subsets),
                                       cmocka_unit_test(exchanged_outputs),
                                       cmocka_unit_test(mistakes),
                                       cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
