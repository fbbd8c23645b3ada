/* Trained scales of branches, with and without slopes: a network of factors is the network of the scales they make;
 * its gradient and its Jacobian are the derivative of the loss. */
#include "law/train/slopes.h"

#include "jacobian.h"

static double scales[] = {1, -2.5};

static int64_t even[] = {8, 6};

static setting branched(const char *slopes, int branches, bool train_scales) {
    setting s = usual(slopes);
    s.model.hidden = (fqp_ints){even, 2};
    s.model.scales = (fqp_reals){scales, 2};
    s.model.branches = branches;
    s.model.train_scales = train_scales;
    return s;
}

/* A network of scales a_b whose factors are p_b is one of scales p_b a_b. */
static void trained_scales_are_scales(void **state) {
    (void)state;
    for (int branches = 0; branches < 2; branches++) {
        fixture f, g;
        setting s = branched("none", branches, true), other = branched("none", branches, false);
        double moved[] = {1.3 * scales[0], 0.4 * scales[1]}, a[37], b[37];
        other.model.scales.v = moved;
        open_setting(&f, &s, false);
        open_setting(&g, &other, false);
        int64_t first;
        assert_int_equal(fqp_model_scales(f.net, &first), 2);
        assert_int_equal(first, fqp_model_parameter_count(g.net));
        double *w = fqp_model_parameters(f.net);
        assert_true(w[first] == 1 && w[first + 1] == 1);
        w[first] = 1.3;
        w[first + 1] = 0.4;
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_view_2d(f.x, s.n, s.d), a));
        assert_ok(g.ctx, fqp_model_eval(g.ctx, g.net, fqp_view_2d(f.x, s.n, s.d), b));
        for (int i = 0; i < 37; i++)
            assert_true(fabs(a[i] - b[i]) < 1e-14);
        fixture_close(&f);
        fixture_close(&g);
    }
}

static void gradients_of_branches(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int branches = 0; branches < 3; branches++)
            for (int trained = 0; trained < 2; trained++) {
                if (branches == FQPI_BRANCHES_SHARED && trained)
                    continue;
                setting s = branched(kinds[k], branches, trained);
                s.threads = 2;
                s.train.slope_recovery = k > 0 && k < 4 ? 0.3 : 0;
                check_gradient(&s);
            }
}

/* Levenberg-Marquardt's rows: J^T r is the gradient of the loss. */
static void rows_of_the_jacobian(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        fixture f;
        setting s = branched(kinds[k], FQPI_BRANCHES_SEPARATE, true);
        s.m = 2;
        s.threads = 2;
        open_setting(&f, &s, true);
        const int64_t p = fqp_model_parameter_count(f.net);
        double g[256], want[256], loss, r[2 * 37];
        assert_true(p <= 256);
        fqpi_jacobian *j;
        assert_ok(f.ctx, fqpi_jacobian_create(f.trainer, sqrt(2.0 / (2 * 37)), &j));
        fqpi_jacobian_take(j, r);
        fqpi_jacobian_pull(j, r, g);
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, want));
        for (int64_t i = 0; i < p; i++)
            assert_near(g[i], want[i], 1e-13 * (1 + fabs(want[i])));
        fqpi_jacobian_destroy(j);
        fixture_close(&f);
    }
}

static void what_has_no_sense_is_refused(void **state) {
    (void)state;
    fixture f;
    setting s = usual("none");
    open_setting(&f, &s, false);
    fqp_model *net = NULL;
    setting b = branched("none", FQPI_BRANCHES_SHARED, true);
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &b.model, 1, &net), FQP_E_CONFIG,
                   "model.train_scales: with model.branches shared all branches have the same weights, and a branch's "
                   "own scale is not a factor of them; use first or separate");
    b.model.branches = 0;
    b.model.scales.n = 0;
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &b.model, 1, &net), FQP_E_CONFIG,
                   "model.train_scales: there is nothing to train; list the scales at the start in model.scales");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trained_scales_are_scales),
        cmocka_unit_test(gradients_of_branches),
        cmocka_unit_test(rows_of_the_jacobian),
        cmocka_unit_test(what_has_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
