/* lfp_points.h - four points, XOR, and their solution, for the tests of the linear frequency principle. */
#ifndef FQP_TEST_LFP_POINTS_H
#define FQP_TEST_LFP_POINTS_H

#include "lfp_i.h"
#include "support.h"

static fqp_ctx *ctx;

static int set_up(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int tear_down(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static const double X4[4] = {-0.8, -0.3, 0.2, 0.9}, Y4[4] = {0.5, -0.7, 0.9, -0.1};
static const double at5[5] = {-1, -0.5, 0, 0.5, 1};
static const double XOR[8] = {1, 1, 1, -1, -1, 1, -1, -1}, YXOR[4] = {1, -1, -1, 1};

static void solve(fqp_lfp_law law, int64_t n, const double *x, const double *y, int64_t k, const double *at,
                  double *out) {
    fqp_lfp *l = NULL;
    assert_ok(ctx, fqp_lfp_create(ctx, &law, fqp_view_2d(x, n, law.d), fqp_view_1d(y, n), NULL, &l));
    assert_near(fqp_lfp_describe(l).miss, 0, 1e-11);
    assert_ok(ctx, fqp_lfp_eval(l, fqp_view_2d(at, k, law.d), out));
    fqp_lfp_destroy(l);
}

#endif
