/* Gaussian expectations of activations against integrals over the plane, at covariances of all sizes and angles. */
#include "activation.h"
#include "dual/dual.h"
#include "kernel.h"
#include "support.h"

#include <fqp/ntk.h>

/* ---- the other road: nested integrals over panels that shrink towards the kinks ------------------- */

enum { NODES = 16 };

static double node[NODES], weight[NODES]; /* Gauss-Legendre on [-1, 1] */

static void find_nodes(void) {
    for (int i = 0; i < NODES; i++) {
        double x = cos(acos(-1.0) * (i + 0.75) / (NODES + 0.5)), slope = 0;
        for (int round = 0; round < 50; round++) {
            double p = 1, before = 0;
            for (int k = 1; k <= NODES; k++) {
                const double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
                before = p;
                p = next;
            }
            slope = NODES * (x * p - before) / (x * x - 1);
            x -= p / slope;
        }
        node[i] = x;
        weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

/* f(z, both) adds weight * s s and weight * s' s' to both. */
typedef struct plane {
    int activation;
    double param, a, b, c, sine, outer; /* u = a z, v = b (c z + sine y) */
    double f[4];                        /* the activation at u */
} plane;

typedef void (*integrand)(plane *p, double z, double w, double both[2]);

/* Both sides of `centre`, to where the normal density is nothing. */
static void integrate(plane *p, integrand f, double centre, double both[2]) {
    for (int side = -1; side <= 1; side += 2) {
        const double end = 9 - side * centre;
        for (double from = 0, to = 2e-5; from < end; from = to, to = fmin(4 * to, to + 0.9))
            for (int i = 0; i < NODES; i++) {
                const double z = centre + side * (from + (to - from) * (1 + node[i]) / 2);
                const double w = weight[i] * (to - from) / 2 * 0.39894228040143267794 * exp(-0.5 * z * z);
                if (w > 1e-22)
                    f(p, z, w, both);
            }
    }
}

static void at_both(plane *p, double y, double w, double both[2]) {
    double g[4];
    fqp_activation_eval(p->activation, p->param, p->b * (p->c * p->outer + p->sine * y), g);
    both[0] += w * p->f[0] * g[0];
    both[1] += w * p->f[1] * g[1];
}

static void at_first(plane *p, double z, double w, double both[2]) {
    double inner[2] = {0};
    fqp_activation_eval(p->activation, p->param, p->a * z, p->f);
    p->outer = z;
    if (p->sine == 0) {
        at_both(p, 0, w, both);
        return;
    }
    const double kink = -p->c * z / p->sine;
    integrate(p, at_both, fmax(-9.5, fmin(9.5, kink)), inner);
    both[0] += w * inner[0];
    both[1] += w * inner[1];
}

static void by_quadrature(int activation, double param, double q1, double q2, double gap, double both[2]) {
    plane p = {.activation = activation, .param = param, .a = sqrt(q1), .b = sqrt(q2)};
    p.c = fqpi_gap_cosine(gap);
    p.sine = fqpi_gap_sine(gap);
    both[0] = both[1] = 0;
    integrate(&p, at_first, 0, both);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static const double gaps[] = {0.7, -0.6, 1, 0.05, 1e-4, -1e-9, 0};
static const double sizes[][2] = {{1.3, 0.8}, {1e-3, 2}, {12, 5}, {1e-8, 1e-8}};
enum { GAPS = sizeof gaps / sizeof gaps[0], SIZES = sizeof sizes / sizeof sizes[0] };

/* Rows without closed form, by the kernel of one hidden layer: its covariance is E[s s], and with nothing trained but
 * biases below, the tangent kernel is E[s' s']. */
static void by_kernel(const fqpi_dual *row, double param, const fqpi_pair *p, fqpi_expectation *e) {
    fqp_ctx *ctx = NULL;
    fqp_ntk *k = NULL;
    assert_ok(NULL, fqp_ctx_create(NULL, &ctx));
    const fqp_ntk_layer layer[] = {{.gain = 2,
                                    .weight_var = 1,
                                    .bias_gain = 1,
                                    .train_bias = true,
                                    .activation = row->activation,
                                    .param = param,
                                    .omega = 1},
                                   {.gain = 1, .weight_var = 1}};
    const double a = sqrt(p->q1), b = sqrt(p->q2);
    const double x[] = {a, 0, b * fqpi_gap_cosine(p->gap), b * fqpi_gap_sine(p->gap)};
    double K[4];
    assert_ok(ctx, fqp_ntk_infinite_layers(ctx, 2, layer, &k));
    assert_ok(ctx, fqp_ntk_gram(k, fqp_view_2d(x, 2, 2), (fqp_view){0}, FQP_NTK_COVARIANCE, K));
    e->value = K[1];
    e->gap = fqpi_gap_of(K[0], K[3], K[1]);
    assert_ok(ctx, fqp_ntk_gram(k, fqp_view_2d(x, 2, 2), (fqp_view){0}, FQP_NTK_TANGENT, K));
    e->slope = K[1];
    fqp_ntk_destroy(k);
    fqp_ctx_destroy(ctx);
}

static void expect(const fqpi_dual *row, double param, double q1, double q2, double gap) {
    const double e1 = row->square(param, q1), e2 = row->square(param, q2);
    const fqpi_pair p = {.q1 = q1, .q2 = q2, .gap = gap, .e1 = e1, .e2 = e2};
    fqpi_expectation e;
    double want[2], first[2], second[2];
    if (row->pair)
        row->pair(param, &p, &e);
    else
        by_kernel(row, param, &p, &e);
    by_quadrature(row->activation, param, q1, q2, gap, want);
    by_quadrature(row->activation, param, q1, q1, 0, first);
    by_quadrature(row->activation, param, q2, q2, 0, second);
    const double size = sqrt(e1) * sqrt(e2), slope = sqrt(first[1]) * sqrt(second[1]);
    if (!(fabs(e1 - first[0]) <= 2e-12 * e1) || !(fabs(e.value - want[0]) <= 2e-12 * size) ||
        !(fabs(e.slope - want[1]) <= 5e-12 * slope) || !(fabs(fqpi_gap_cosine(e.gap) - want[0] / size) <= 2e-12))
        fail_msg("%s(%g), variances %g %g, gap %g: square %.15g value %.15g slope %.15g correlation %.15g; by "
                 "quadrature %.15g %.15g %.15g %.15g",
                 fqp_activation_name((size_t)row->activation, NULL), param, q1, q2, gap, e1, e.value, e.slope,
                 fqpi_gap_cosine(e.gap), first[0], want[0], want[1], want[0] / size);
}

static void rows_are_integrals(void **state) {
    (void)state;
    for (size_t r = 0; fqpi_dual_nth(r); r++) {
        const fqpi_dual *row = fqpi_dual_nth(r);
        const double standard = fqpi_activation_row(row->activation)->value;
        const double params[] = {standard, row->activation == FQPI_ACT_LEAKY_RELU   ? -0.4
                                           : row->activation == FQPI_ACT_RELU_POWER ? 3
                                           : row->activation == FQPI_ACT_RICKER     ? 0.8
                                                                                    : standard};
        for (int k = 0; k < (params[1] != params[0] ? 2 : 1); k++)
            for (int g = 0; g < GAPS; g++)
                for (int s = 0; s < SIZES; s++)
                    expect(row, params[k], sizes[s][0], sizes[s][1], gaps[g]);
    }
}

int main(void) {
    find_nodes();
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_integrals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
