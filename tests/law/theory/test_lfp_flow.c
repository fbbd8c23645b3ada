/* The dynamics of the linear frequency principle: every frequency integrated by itself against the closed form on the
 * points, and its end against the function of least FP-norm. */
#include "lfp_i.h"
#include "lfp_points.h"
#include "support.h"

#include <stdlib.h>

static fqp_lfp_law tanh_law(int64_t d, double weight) {
    return (fqp_lfp_law){.d = d, .kind = FQP_LFP_TANH, .a = 1, .b = 0.7, .weight = weight, .rate = 1};
}

/* ---- dynamics ------------------------------------------------------------------------------------------------------
 */

static void both_roads(fqp_lfp_law law, int64_t n, const double *x, const double *y, const fqp_lfp_flow_opts *o,
                       const double *t, int times) {
    fqp_lfp_flow *f = NULL;
    assert_ok(ctx, fqp_lfp_flow_create(ctx, &law, fqp_view_2d(x, n, law.d), fqp_view_1d(y, n), o, &f));
    const int64_t count = fqp_lfp_flow_count(f);
    double *a = calloc((size_t)(4 * count), sizeof *a), *b = a + 2 * count, e[8], g[8];
    for (int i = 0; i < times; i++) {
        int64_t steps;
        assert_ok(ctx, fqp_lfp_flow_at(f, t[i], a, e));
        assert_ok(ctx, fqp_lfp_flow_integrate(f, t[i], 1e-12, b, g, &steps));
        for (int64_t k = 0; k < 2 * count; k++)
            assert_near(a[k], b[k], 1e-8);
        for (int64_t j = 0; j < n; j++)
            assert_near(e[j], g[j], 1e-8);
        assert_true(steps > 3 && fabs(e[0]) < fabs(y[0])); /* something has moved */
    }
    free(a);
    fqp_lfp_flow_destroy(f);
}

static void integrated_equals_closed(void **state) {
    (void)state;
    const double c = sqrt(2 / M_PI), c2 = sqrt(M_PI / 2);
    const fqp_lfp_flow_opts one = {.period = 4, .kmax = 48}, two = {.period = 5, .kmax = 6};
    static const double t[3] = {0.05, 1, 30};
    both_roads(fqp_lfp_moments(1, 2 * c, c), 4, X4, Y4, &one, t, 3);
    both_roads(tanh_law(1, 1.3), 4, X4, Y4, &one, t, 3);
    both_roads(fqp_lfp_moments(2, 3 * c2, c2), 4, XOR, YXOR, &two, t, 2);
}

/* Late, on a wide lattice, the flow has reached the function of least FP-norm. */
static void long_time_is_the_minimiser(void **state) {
    (void)state;
    const double c = sqrt(2 / M_PI);
    const fqp_lfp_law law = fqp_lfp_moments(1, 2 * c, c);
    double want[5], off[3];
    solve(law, 4, X4, Y4, 5, at5, want);
    for (int r = 0; r < 3; r++) {
        const fqp_lfp_flow_opts o = {.period = 16 << (2 * r), .kmax = 512 << (3 * r)};
        fqp_lfp_flow *f = NULL;
        assert_ok(ctx, fqp_lfp_flow_create(ctx, &law, fqp_view_1d(X4, 4), fqp_view_1d(Y4, 4), &o, &f));
        double *z = calloc((size_t)(2 * fqp_lfp_flow_count(f)), sizeof *z), got[5], e[4];
        assert_ok(ctx, fqp_lfp_flow_at(f, 1e6, z, e));
        assert_ok(ctx, fqp_lfp_flow_eval(f, z, fqp_view_1d(at5, 5), got));
        off[r] = 0;
        for (int i = 0; i < 5; i++)
            off[r] = fmax(off[r], fabs(got[i] - want[i]));
        for (int i = 0; i < 4; i++)
            assert_near(e[i], 0, 1e-6);
        free(z);
        fqp_lfp_flow_destroy(f);
    }
    assert_true(off[1] < off[0] / 2 && off[2] < off[1] / 2 && off[2] < 5e-3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(integrated_equals_closed),
                                       cmocka_unit_test(long_time_is_the_minimiser)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
