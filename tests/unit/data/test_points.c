/* Points by expression: grids, scattered points, targets, noise, split, and what is refused. */
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

static void defaults_are_the_canonical_setting(void **state) {
    (void)state;
    fqp_dataset *d = NULL;
    assert_ok(ctx, fqp_dataset_create(ctx, NULL, 1, NULL, &d));
    assert_int_equal(d->n, 201);
    assert_int_equal(d->d, 1);
    assert_int_equal(d->m, 1);
    assert_int_equal(d->grid_ndim, 1);
    assert_int_equal(d->grid[0], 201);
    assert_int_equal(d->n_test, 0);
    assert_int_equal(d->x.dtype, FQP_F64);
    assert_near(real_at(&d->x, 0), -3.14, 0);
    assert_near(real_at(&d->x, 200), 3.14, 0);
    for (int64_t i = 0; i < 201; i++) {
        double x = -3.14 + 6.28 * (double)i / 200;
        assert_near(real_at(&d->x, i), x, 1e-14);
        assert_near(real_at(&d->y, i), sin(x) + sin(3 * x) + sin(5 * x), 1e-13);
    }
    assert_string_equal(d->origin, "sin(x) + sin(3*x) + sin(5*x) on [-3.14, 3.14], grid of 201 points, upper end "
                                   "included");
    fqp_dataset_destroy(d);
    fqp_dataset_destroy(NULL);
}

static void grids_vary_the_last_axis_fastest(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx,
                                  "{target: ['x + 10*y', 'x*y', z], lower: [0, 1, -1], upper: [1, 2, 1], "
                                  "n: [2, 3, 4], endpoint: false, test_n: 2}",
                                  1);
    assert_int_equal(d->n, 24);
    assert_int_equal(d->d, 3);
    assert_int_equal(d->m, 3);
    assert_int_equal(d->grid_ndim, 3);
    assert_int_equal(d->n_test, 8);
    assert_int_equal(d->grid_test[1], 2);
    int64_t i = 0;
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 3; b++)
            for (int c = 0; c < 4; c++, i++) {
                double x = a / 2.0, y = 1 + b / 3.0, z = -1 + c / 2.0;
                assert_near(real_at(&d->x, 3 * i), x, 1e-15);
                assert_near(real_at(&d->x, 3 * i + 1), y, 1e-15);
                assert_near(real_at(&d->x, 3 * i + 2), z, 1e-15);
                assert_near(real_at(&d->y, 3 * i), x + 10 * y, 1e-14);
                assert_near(real_at(&d->y, 3 * i + 1), x * y, 1e-15);
                assert_near(real_at(&d->y, 3 * i + 2), z, 1e-15);
            }
    assert_near(d->lower[2], -1, 0);
    assert_near(d->upper[1], 2, 0);
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{target: x5, lower: 0, upper: 1, n: [2, 2, 2, 2, 2]}", 1);
    assert_int_equal(d->d, 5);
    assert_int_equal(d->n, 32);
    assert_int_equal(d->grid_ndim, 0);
    assert_near(real_at(&d->y, 1), 1, 0);
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{target: x, lower: 3, upper: 4, n: 1}", 1);
    assert_near(real_at(&d->x, 0), 3, 0);
    fqp_dataset_destroy(d);
}

static void test_points_may_have_their_own_box(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{target: 2*x, lower: -1, upper: 1, n: 5, test_n: 4, test_upper: 3}", 1);
    assert_near(real_at(&d->x, 4), 1, 0);
    assert_near(real_at(&d->x_test, 0), -1, 0);
    assert_near(real_at(&d->x_test, 3), 3, 0);
    assert_near(real_at(&d->y_test, 3), 6, 0);
    fqp_dataset_destroy(d);
    static const char *const refused[] = {"{target: x, lower: 0, upper: 1, n: 2, test_n: 4, test_lower: 1}",
                                          "{target: x, lower: 0, upper: 1, n: 2, test_n: 4, test_upper: [1, 2]}"};
    static const char *const said[] = {"data.upper: 1 is not above data.test_lower 1",
                                       "data.test_upper: 2 numbers for 1 dimensions"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dataset_from(ctx, refused[i], 1, &d), FQP_E_CONFIG);
        assert_string_equal(fqp_ctx_problem(ctx, 0).message, said[i]);
    }
}

static void scattered_points_stay_in_the_box(void **state) {
    (void)state;
    static const char *const sampling[] = {"random", "latin", "sobol"};
    for (int k = 0; k < 3; k++) {
        char text[200];
        snprintf(text, sizeof text, "{target: x + y, lower: [-2, 5], upper: [-1, 9], n: 300, sampling: %s, test_n: 7}",
                 sampling[k]);
        fqp_dataset *d = dataset_made(ctx, text, 3), *same = dataset_made(ctx, text, 3),
                    *other = dataset_made(ctx, text, 4);
        assert_int_equal(d->n, 300);
        assert_int_equal(d->grid_ndim, 0);
        assert_int_equal(d->n_test, 49);
        assert_int_equal(d->grid_test_ndim, 2);
        double mean[2] = {0};
        for (int64_t i = 0; i < 600; i++) {
            double v = real_at(&d->x, i);
            assert_true(i % 2 ? v >= 5 && v <= 9 : v >= -2 && v <= -1);
            mean[i % 2] += v / 300;
        }
        assert_near(mean[0], -1.5, 0.06);
        assert_near(mean[1], 7, 0.24);
        assert_memory_equal(d->x.data, same->x.data, 600 * sizeof(double));
        assert_memory_not_equal(d->x.data, other->x.data, 600 * sizeof(double));
        fqp_dataset_destroy(d);
        fqp_dataset_destroy(same);
        fqp_dataset_destroy(other);
    }
}

/* Zeros of T_5 along x, of T_4 along y, by the recursion T_k+1 = 2 u T_k - T_k-1. */
static void chebyshev_points_are_zeros(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(
        ctx, "{target: x + y, lower: [-2, 5], upper: [-1, 9], n: [5, 4], sampling: chebyshev, test_n: 7}", 1);
    assert_int_equal(d->n, 20);
    assert_int_equal(d->grid_ndim, 0);
    assert_int_equal(d->grid_test_ndim, 2);
    for (int64_t i = 0; i < 20; i++) {
        const double u[2] = {2 * (real_at(&d->x, 2 * i) + 1.5), (real_at(&d->x, 2 * i + 1) - 7) / 2};
        for (int j = 0; j < 2; j++) {
            double t[2] = {1, u[j]};
            for (int k = 1; k < (j ? 4 : 5); k++) {
                const double next = 2 * u[j] * t[1] - t[0];
                t[0] = t[1];
                t[1] = next;
            }
            assert_near(t[1], 0, 1e-13);
        }
        if (i >= 4) /* ascending, the last axis fastest */
            assert_true(real_at(&d->x, 2 * i) > real_at(&d->x, 2 * (i - 4)));
        if (i % 4)
            assert_true(real_at(&d->x, 2 * i + 1) > real_at(&d->x, 2 * i - 1));
    }
    fqp_dataset_destroy(d);
}

static void random_numbers_of_targets_follow_the_seed(void **state) {
    (void)state;
    const char *text = "{target: [u1, u2, 'sum(k, 1, 64, u(k))/64', '2*u1'], lower: 0, upper: 1, n: 3}";
    fqp_dataset *a = dataset_made(ctx, text, 1), *b = dataset_made(ctx, text, 1), *c = dataset_made(ctx, text, 2);
    assert_memory_equal(a->y.data, b->y.data, 12 * sizeof(double));
    assert_memory_not_equal(a->y.data, c->y.data, 12 * sizeof(double));
    assert_near(real_at(&a->y, 0), real_at(&a->y, 4), 0); /* one number for all points */
    assert_near(2 * real_at(&a->y, 0), real_at(&a->y, 3), 0);
    assert_true(real_at(&a->y, 0) > 0 && real_at(&a->y, 0) < 1);
    assert_true(real_at(&a->y, 0) != real_at(&a->y, 1));
    assert_near(real_at(&a->y, 2), 0.5, 0.15);
    fqp_dataset_destroy(a);
    fqp_dataset_destroy(b);
    fqp_dataset_destroy(c);
}

static void targets_are_rounded_before_noise(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{target: x, lower: 0, upper: 1, n: 101, quantize: 0.25, test_n: 5}", 1);
    for (int64_t i = 0; i < d->n; i++)
        assert_near(real_at(&d->y, i), round(real_at(&d->x, i) / 0.25) * 0.25, 0);
    fqp_dataset_destroy(d);
}

static void noise_is_gaussian_and_spares_the_test_points(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{target: 3*x, lower: 0, upper: 1, n: 20000, noise: 0.5, test_n: 100}", 5);
    double mean = 0, square = 0, fourth = 0;
    for (int64_t i = 0; i < d->n; i++) {
        double e = (real_at(&d->y, i) - 3 * real_at(&d->x, i)) / 0.5;
        mean += e / (double)d->n;
        square += e * e / (double)d->n;
        fourth += e * e * e * e / (double)d->n;
    }
    assert_near(mean, 0, 0.03);
    assert_near(square, 1, 0.04);
    assert_near(fourth, 3, 0.3);
    for (int64_t i = 0; i < d->n_test; i++)
        assert_near(real_at(&d->y_test, i), 3 * real_at(&d->x_test, i), 0);
    fqp_dataset_destroy(d);
}

/* Both parts together are the points, none twice; the test part has no noise. */
static void split_is_disjoint_and_complete(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{target: 2*x, lower: 0, upper: 1, n: 1001, train_fraction: 0.7, noise: 1}", 8);
    assert_int_equal(d->n, 701);
    assert_int_equal(d->n_test, 300);
    assert_int_equal(d->x.shape[0], 701);
    assert_int_equal(d->grid_ndim, 0);
    bool seen[1001] = {false};
    double last = -1;
    int noisy = 0, low = 0;
    for (int64_t i = 0; i < 1001; i++) {
        bool train = i < 701;
        double x = real_at(train ? &d->x : &d->x_test, train ? i : i - 701);
        int64_t k = llround(x * 1000);
        assert_false(seen[k]);
        seen[k] = true;
        assert_true(i == 701 || x > last);
        last = x;
        double y = real_at(train ? &d->y : &d->y_test, train ? i : i - 701);
        noisy += train && fabs(y - 2 * x) > 1e-6;
        low += train && x < 0.5;
        if (!train)
            assert_near(y, 2 * x, 0);
    }
    assert_in_range(noisy, 699, 701);
    assert_in_range(low, 310, 390);
    fqp_dataset_destroy(d);
}

static void mistakes_name_key_and_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } row[] = {
        {"{target: sin(x) + tnah(x)}", "t.yaml:1:25: data.target: unknown function \"tnah\"\n"
                                       "    sin(x) + tnah(x)\n"
                                       "             ^\n"
                                       "    did you mean \"tanh\"?"},
        {"{target: [x, y + 1]}", "t.yaml: data.target: column 1: unknown name \"y\"\n"
                                 "    y + 1\n"
                                 "    ^\n"
                                 "    did you mean \"x\"?"},
        {"{target: 1/x, lower: -1, upper: 1, n: 3}", "t.yaml:1:16: data.target: \"1/x\" is infinite at (0)"},
        {"{target: 'sqrt(x + y)', lower: [-1, -1], upper: 1, n: 3}",
         "t.yaml:1:16: data.target: \"sqrt(x + y)\" is not a number at (-1, -1)"},
        {"{lower: 1, upper: 1}", "t.yaml:1:25: data.upper: 1 is not above data.lower 1"},
        {"{lower: [1, 2], upper: [3, 4, 5]}", "t.yaml:1:15: data.lower: 2 numbers for 3 dimensions"},
        {"{n: [3, 4], lower: [1, 2, 3]}", "t.yaml:1:11: data.n: 2 numbers for 3 dimensions"},
        {"{n: [3, 4], sampling: random}", "t.yaml:1:11: data.n: sampling random takes one total, 2 numbers are given"},
        {"{n: [100000, 100000]}", "t.yaml:1:11: data.n: a grid of more than 1000000000 points"},
        {"{n: []}", "t.yaml:1:11: data.n: the number of points is missing"},
        {"{target: []}", "t.yaml:1:16: data.target: the expression is missing"},
        {"{test_n: [3, 4]}", "t.yaml:1:16: data.test_n: 2 numbers for 1 dimensions"},
        {"{sampling: sobol, lower: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}",
         "t.yaml:1:18: data.sampling: sobol serves at most 16 dimensions, the box has 17"},
        {"{train_fraction: 0.5, test_n: 3}",
         "t.yaml:1:24: data.train_fraction: there are 3 test points already; set it to 1"},
        {"{n: 3, train_fraction: 0.1}", "t.yaml:1:30: data.train_fraction: 0.1 of 3 points leaves no training points"},
        {"{n: 3, train_fraction: 0.9}", "t.yaml:1:30: data.train_fraction: 0.9 of 3 points leaves no test points"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_dataset *d = NULL;
        fqp_ctx_problems_clear(ctx);
        fqp_status s = dataset_from(ctx, row[i].text, 1, &d);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        char line[1000];
        fqp_problem_text(&p, line, sizeof line);
        if (!s || d || strcmp(line, row[i].message) != 0)
            fail_msg("%s gives %s:\n%s\nexpected:\n%s", row[i].text, fqp_status_name(s), line, row[i].message);
    }
}

static void all_mistakes_are_told_at_once(void **state) {
    (void)state;
    fqp_dataset *d = NULL;
    assert_int_equal(dataset_from(ctx, "{target: [q, w], test_n: [3, 4], lower: 7}", 1, &d), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(ctx), 4);
}

static void options_made_by_hand_are_checked(void **state) {
    (void)state;
    fqp_data_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_data_section, &o));
    fqp_dataset *d = NULL;
    o.noise = -1;
    assert_refused(ctx, fqp_dataset_create(ctx, &o, 1, NULL, &d), FQP_E_CONFIG, "data.noise: -1 is outside [0, 1e+12]");
    o.noise = NAN;
    assert_int_equal(fqp_dataset_create(ctx, &o, 1, NULL, &d), FQP_E_CONFIG);
    o.noise = 0;
    o.source = 17;
    assert_refused(ctx, fqp_dataset_create(ctx, &o, 1, NULL, &d), FQP_E_CONFIG,
                   "data.source: there is no choice number 17");
    o.source = 0;
    o.n.v[0] = 0;
    assert_refused(ctx, fqp_dataset_create(ctx, &o, 1, NULL, &d), FQP_E_CONFIG, "data.n: 0 is outside [1, 1e+09]");
    assert_int_equal(fqp_dataset_create(ctx, &o, 1, NULL, NULL), FQP_E_ARG);
    assert_null(d);
    fqp_section_release(&fqp_data_section, &o);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    fqp_data_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_data_section, &o));
    o.train_fraction = 0.5;
    int failures = 0;
    for (long n = 0;; n++) {
        fqp_dataset *d = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status s = fqp_dataset_create(ctx, &o, 1, NULL, &d);
        fqpi_mem_fail_after(ctx, -1);
        fqp_dataset_destroy(d);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
        assert_null(d);
        failures++;
    }
    assert_in_range(failures, 15, 200);
    fqp_section_release(&fqp_data_section, &o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_canonical_setting),
        cmocka_unit_test(grids_vary_the_last_axis_fastest),
        cmocka_unit_test(test_points_may_have_their_own_box),
        cmocka_unit_test(scattered_points_stay_in_the_box),
        cmocka_unit_test(chebyshev_points_are_zeros),
        cmocka_unit_test(random_numbers_of_targets_follow_the_seed),
        cmocka_unit_test(targets_are_rounded_before_noise),
        cmocka_unit_test(noise_is_gaussian_and_spares_the_test_points),
        cmocka_unit_test(split_is_disjoint_and_complete),
        cmocka_unit_test(mistakes_name_key_and_place),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(options_made_by_hand_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
