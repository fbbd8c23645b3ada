/* Domains of points: periods of grids whole and in part, of clouds, and what counts as a grid. */
#include "domain.h"
#include "unit/num/points.h"

static fqpi_domain domain_of(fqp_ctx *ctx, const double *x, int64_t n, int64_t d) {
    fqpi_domain o;
    assert_ok(ctx, fqpi_domain_find(ctx, "test", table(x, n, d), &o));
    return o;
}

static bool is_grid(fqp_ctx *ctx, const fqpi_domain *o, const double *x, int64_t n) {
    int64_t place[1000];
    bool grid;
    assert_ok(ctx, fqpi_domain_grid(ctx, o, table(x, n, o->d), place, &grid));
    return grid;
}

/* A line of 100 nodes: whole, shifted far away, in single precision, with holes, with jitter. */
static void lines(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[100], far[100], single[100], holes[100], jitter[100];
    int64_t n = 0;
    for (int j = 0; j < 100; j++) {
        x[j] = 0.01 * j;
        far[j] = 1000 + x[j];
        single[j] = (double)(float)(0.01 * j);
        jitter[j] = 0.01 * (j + 0.2 * (fqpi_rng_uniform(1, FQPI_STREAM_TEST, (uint64_t)j) - 0.5));
        if (j % 5 != 3)
            holes[n++] = x[j];
    }
    const double *const full[] = {x, far, single};
    for (int i = 0; i < 3; i++) {
        const fqpi_domain o = domain_of(ctx, full[i], 100, 1);
        assert_int_equal(o.nodes[0], 100);
        assert_near(o.period[0], 1, 1e-6);
        assert_true(is_grid(ctx, &o, full[i], 100));
    }
    fqpi_domain o = domain_of(ctx, holes, n, 1);
    assert_int_equal(o.nodes[0], 100);
    assert_near(o.period[0], 1, 1e-12);
    assert_false(is_grid(ctx, &o, holes, n));
    o = domain_of(ctx, jitter, 100, 1);
    assert_int_equal(o.nodes[0], 100);
    assert_false(is_grid(ctx, &o, jitter, 100));
    assert_near(o.period[0], (jitter[99] - jitter[0]) * 100 / 99, 1e-12);
    fqp_ctx_destroy(ctx);
}

/* Two columns in any order; a point twice is no grid; a column that never changes. */
static void planes(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[2 * 60];
    for (int j = 0; j < 60; j++) {
        const int at = (j * 37) % 60; /* any order */
        x[2 * j] = 3 - 0.5 * (at / 12);
        x[2 * j + 1] = -1 + 0.1 * (at % 12);
    }
    fqpi_domain o = domain_of(ctx, x, 60, 2);
    assert_int_equal(o.nodes[0], 5);
    assert_int_equal(o.nodes[1], 12);
    assert_near(o.period[0], 2.5, 1e-12);
    assert_near(o.period[1], 1.2, 1e-12);
    assert_true(is_grid(ctx, &o, x, 60));
    assert_near(fqpi_domain_waves(&o, 3), 5 * 7, 0);
    assert_int_equal(fqpi_domain_highest(&o, 15), 1);
    assert_int_equal(fqpi_domain_highest(&o, 1000), 5);
    x[2] = x[0];
    x[3] = x[1];
    assert_false(is_grid(ctx, &o, x, 60));
    for (int j = 0; j < 60; j++)
        x[2 * j] = 7;
    o = domain_of(ctx, x, 60, 2);
    assert_int_equal(o.nodes[0], 1);
    assert_int_equal(fqpi_domain_most(&o, 0), 0);
    fqp_ctx_destroy(ctx);
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx = open_ctx(1);
    double x[20] = {0};
    fqpi_domain o;
    assert_refused(ctx, fqpi_domain_find(ctx, "test", table(x, 5, 4), &o), FQP_E_SHAPE,
                   "test needs points of 1 to 3 coordinates, x has 4 columns; use a projection along a direction");
    assert_refused(ctx, fqpi_domain_find(ctx, "test", table(x, 10, 2), &o), FQP_E_SHAPE,
                   "test: all 10 points lie at one place");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(planes), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
