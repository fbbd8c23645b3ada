/* Transforms against quadrature, gradients against finite differences and the authors' formula.
 *
 * A tempered transform is tested under a wave packet g(x) = exp(-x^2/(2 s^2)) exp(2 pi i c x), whose own transform is
 * exp(-2 pi^2 s^2 c^2) at 0 and so does not see what stands there: int s(x) conj(g) dx = int F(xi) conj(g^) dxi. */
#include "activation.h"
#include "ideal_i.h"
#include "support.h"

#include <fqp/model.h>

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

/* ---- the functions themselves ---------------------------------------------------------------------------------- */

static double unit_step(double x) {
    return x > 0;
}
static double sech2(double x) {
    return 1 / (cosh(x) * cosh(x));
}
static double sigmoid_slope(double x) {
    return 0.25 / (cosh(x / 2) * cosh(x / 2));
}

static const struct {
    const char *name;
    double (*f)(double);
} plain[] = {{"step", unit_step}, {"abs", fabs}, {"sech2", sech2}, {"sigmoid_slope", sigmoid_slope},
             {"erf", erf},        {"cos", cos}};

static double function(const char *name, double param, double x) {
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(name, plain[i].name) == 0)
            return plain[i].f(x);
    for (int i = 0; fqp_activation_name((size_t)i, NULL); i++)
        if (strcmp(name, fqp_activation_name((size_t)i, NULL)) == 0) {
            double f[4];
            fqp_activation_eval(i, isnan(param) ? fqpi_activation_row(i)->value : param, x, f);
            return f[0];
        }
    fail_msg("the test does not know the function %s", name);
    return 0;
}

/* ---- transforms ------------------------------------------------------------------------------------------------ */

static const double node[5] = {-0.906179845938664, -0.538469310105683, 0, 0.538469310105683, 0.906179845938664};
static const double weight[5] = {0.236926885056189, 0.478628670499366, 0.568888888888889, 0.478628670499366,
                                 0.236926885056189};

enum { PANELS = 720 };
static const double width_of_packet = 5;

/* int s(x) conj(g(x)) dx, panels ending at multiples of 1/16, where kinks may be */
static void in_space(const char *name, double param, double c, double out[2]) {
    const double h = 45.0 / PANELS;
    out[0] = out[1] = 0;
    for (int p = -PANELS; p < PANELS; p++)
        for (int q = 0; q < 5; q++) {
            const double x = (p + 0.5) * h + 0.5 * h * node[q];
            const double v =
                0.5 * h * weight[q] * function(name, param, x) * exp(-x * x / (2 * width_of_packet * width_of_packet));
            out[0] += v * cos(2 * M_PI * c * x);
            out[1] -= v * sin(2 * M_PI * c * x);
        }
}

static double packet_at(double xi, double c) {
    const double u = 2 * M_PI * width_of_packet * (xi - c);
    return width_of_packet * sqrt(2 * M_PI) * exp(-u * u / 2);
}

static void in_frequency(size_t row, double param, double c, double out[2]) {
    const double h = 1e-3;
    out[0] = out[1] = 0;
    for (int j = -400; j <= 400; j++) {
        const double xi = c + h * j;
        double f[2];
        if (xi == 0)
            continue;
        assert_ok(ctx, fqp_transform_value(ctx, row, param, 0, xi, f));
        out[0] += h * packet_at(xi, c) * f[0];
        out[1] += h * packet_at(xi, c) * f[1];
    }
}

static void lines(const char *name, double omega, double c, double out[2]) {
    const double p = packet_at(omega / (2 * M_PI), c), q = packet_at(-omega / (2 * M_PI), c);
    const bool both = strcmp(name, "sincos") == 0;
    const double size = both ? 0.1 : 1;
    out[0] = strcmp(name, "sin") == 0 ? 0 : size * (p + q) / 2;
    out[1] = strcmp(name, "cos") == 0 ? 0 : -size * (p - q) / 2;
}

static void check_row(size_t row, double param) {
    static const double centre[] = {-0.7, 0.6, 0.9};
    const char *name = fqp_transform_name(row, NULL);
    for (size_t i = 0; i < 3; i++) {
        double want[2], got[2];
        in_space(name, param, centre[i], want);
        if (fqpi_transforms[row].at)
            in_frequency(row, param, centre[i], got);
        else
            lines(name, isnan(param) ? 1 : param, centre[i], got);
        for (int q = 0; q < 2; q++)
            if (fabs(got[q] - want[q]) > 1e-9)
                fail_msg("%s(%g) at %g: %.12g, quadrature %.12g", name, param, centre[i], got[q], want[q]);
    }
}

static void transforms_equal_quadrature(void **state) {
    (void)state;
    size_t n = 0;
    for (; fqp_transform_name(n, NULL); n++)
        check_row(n, NAN);
    assert_true(n >= 16);
    static const struct {
        const char *name;
        double param;
    } further[] = {{"leaky_relu", 0.3}, {"leaky_relu", 1.5}, {"elu", 0.4}, {"relu_power", 3},
                   {"relu_power", 4.5}, {"ricker", 0.3},     {"sin", 4.0}, {"gabor", 0.4}};
    for (size_t i = 0; i < sizeof further / sizeof *further; i++) {
        size_t row;
        assert_ok(ctx, fqp_transform_find(ctx, further[i].name, &row));
        check_row(row, further[i].param);
    }
}

static void integrals_at_zero(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double integral;
    } of[] = {{"sech2", 2},
              {"sigmoid_slope", 1},
              {"gaussian", 1.77245385090551603},
              {"ricker", 0},
              {"srelu", 1.0 / 6},
              {"s2relu", 0},
              {"hat", 1},
              {"phi", 2},
              {"wave", 0},
              {"gabor", 0.17680282505836545}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        size_t row;
        double at[2], near[2];
        assert_ok(ctx, fqp_transform_find(ctx, of[i].name, &row));
        assert_ok(ctx, fqp_transform_value(ctx, row, NAN, 0, 0, at));
        assert_ok(ctx, fqp_transform_value(ctx, row, NAN, 0, 1e-7, near));
        assert_near(at[0], of[i].integral, 1e-15);
        assert_near(near[0], of[i].integral, 2e-9);
    }
}

/* d ln F/d xi of every row against differences of ln|F| and of the phase. */
static void slopes_equal_differences(void **state) {
    (void)state;
    static const double at[] = {-1.3, -0.02, 3e-5, 0.11, 0.8, 40.3};
    for (const fqpi_transform *t = fqpi_transforms; t->name; t++)
        for (size_t i = 0; i < 6 && t->at; i++) {
            const double xi = at[i], h = 1e-5 * fmin(3, fabs(xi));
            fqpi_polar a, b, c;
            t->at(t->value, xi, &c);
            t->at(t->value, xi - h, &a);
            t->at(t->value, xi + h, &b);
            const double turned = (a.unit[0] * b.unit[1] - a.unit[1] * b.unit[0]) / (2 * h);
            assert_near(c.slope[0], (b.log - a.log) / (2 * h), 1e-6 * (1 + fabs(c.slope[0]) + 1 / fabs(xi)));
            assert_near(c.slope[1], turned, 1e-6 * (1 + fabs(c.slope[1])));
            assert_near(c.unit[0] * c.unit[0] + c.unit[1] * c.unit[1], 1, 1e-14);
        }
}

static void decay_is_as_said(void **state) {
    (void)state;
    for (size_t row = 0; fqp_transform_name(row, NULL); row++) {
        fqp_transform d;
        assert_ok(ctx, fqp_transform_describe(ctx, row, NAN, &d));
        if (d.decay == FQP_DECAY_LINES)
            continue;
        double p, q, law[2], unit[2];
        assert_ok(ctx, fqp_transform_log(ctx, row, NAN, 1000.3, &p, unit));
        assert_ok(ctx, fqp_transform_log(ctx, row, NAN, 2000.3, &q, unit));
        assert_ok(ctx, fqp_ideal_law(ctx, row, NAN, 1, 2 * M_PI * 1000.3, &law[0]));
        assert_ok(ctx, fqp_ideal_law(ctx, row, NAN, 1, 2 * M_PI * 2000.3, &law[1]));
        const double rest = q - p - (law[1] - law[0]); /* at most powers of xi beside an exponential, and what shifts
                                                          a Gaussian by less than one cycle */
        const double shift = strcmp(d.name, "gabor") == 0 ? 2 * d.rate * 1000 : 0;
        assert_near(rest, 0, d.decay == FQP_DECAY_POWER ? 1e-2 : shift + 2 * M_LN2 + 1e-9);
    }
}

/* ---- gradients ------------------------------------------------------------------------------------------------- */

static const fqp_neuron three[3] = {{0.7, 0.9, 0.3}, {-0.4, 1.3, -0.6}, {0.5, 0.6, 0.2}};
static const double target[2] = {0.3, -0.2};

static size_t row_of(const char *name) {
    size_t row = 0;
    assert_ok(ctx, fqp_transform_find(ctx, name, &row));
    return row;
}

static void stored_vector(void **state) {
    (void)state;
    static const double want[9] = {-0.025722925, -0.055577142, 0.047722715,  -0.071414960, 0.031954433,
                                   0.015779425,  -0.008730329, -0.030897462, 0.017353961};
    double got[9], logs[9];
    assert_ok(ctx, fqp_ideal_gradient(ctx, row_of("tanh"), NAN, 3, three, 1.7, target, got, logs));
    for (int i = 0; i < 9; i++) {
        assert_near(got[i], want[i], 1e-8);
        assert_near(logs[i], log(fabs(got[i])), 1e-12);
    }
}

static double loss_at(size_t row, const fqp_neuron *n, double k) {
    double loss;
    assert_ok(ctx, fqp_ideal_loss(ctx, row, NAN, 3, n, k, target, &loss, NULL));
    return loss;
}

static void gradients_equal_differences(void **state) {
    (void)state;
    static const double ks[] = {-2.2, 0.4, 1.7, 5};
    for (size_t row = 0; fqp_transform_name(row, NULL); row++)
        for (size_t i = 0; i < 4 && fqpi_transforms[row].at; i++) {
            fqp_neuron n[3] = {three[0], three[1], three[2]};
            n[2].w = -0.6;
            double g[9], h = 1e-6;
            assert_ok(ctx, fqp_ideal_gradient(ctx, row, NAN, 3, n, ks[i], target, g, NULL));
            for (int j = 0; j < 9; j++) {
                double *p = j % 3 == 0 ? &n[j / 3].a : j % 3 == 1 ? &n[j / 3].w : &n[j / 3].b;
                const double at = *p;
                *p = at + h;
                const double up = loss_at(row, n, ks[i]);
                *p = at - h;
                const double down = loss_at(row, n, ks[i]);
                *p = at;
                assert_near(g[j], (up - down) / (2 * h), 1e-8 * (1 + fabs(g[j])) + 1e-9 * (up + down));
            }
        }
}

/* The closed gradient of the papers, for one tanh neuron with w > 0. */
static void published_form(void **state) {
    (void)state;
    const fqp_neuron n = {0.8, 1.1, -0.4};
    for (double k = 0.5; k < 12; k += 1.5) {
        double got[3], logs[3];
        const double amplitude = 1.3, phase = 0.7, u = M_PI * k / (2 * n.w);
        assert_ok(ctx, fqp_ideal_gradient_at(ctx, row_of("tanh"), NAN, n, k, amplitude, phase, got, logs));
        const double s = sin(n.b * k / n.w - phase), c = cos(n.b * k / n.w - phase), e0 = amplitude / (2 * sinh(u));
        const double e1 = 1 / tanh(u), w2 = n.w * n.w, w3 = w2 * n.w;
        assert_near(got[0], 2 * M_PI / n.w * s * e0, 1e-14);
        assert_near(got[1],
                    (s * (M_PI * M_PI * n.a * k / w3 * e1 - 2 * M_PI * n.a / w2) - c * 2 * M_PI * n.a * n.b * k / w3) *
                        e0,
                    1e-13);
        assert_near(got[2], 2 * M_PI * n.a * k / w2 * c * e0, 1e-14);
    }
}

static void large_frequencies_by_logarithm(void **state) {
    (void)state;
    const fqp_neuron n = {0.7, 0.01, 0.3};
    double value[3], a[3], b[3];
    assert_ok(ctx, fqp_ideal_gradient_at(ctx, row_of("tanh"), NAN, n, 100, 1, 0.7, value, a));
    assert_ok(ctx, fqp_ideal_gradient_at(ctx, row_of("tanh"), NAN, n, 200, 1, 0.7, value, b));
    for (int q = 0; q < 3; q++) {
        assert_true(value[q] == 0);
        assert_near(b[q] - a[q], -M_PI * 100 / (2 * n.w), 4);
    }
    /* the whole loss, where one neuron's transform underflows and another's does not */
    const fqp_neuron two[2] = {{0.7, 0.01, 0.3}, {0.5, 2, 0.1}};
    double all[6], logs[6];
    assert_ok(ctx, fqp_ideal_gradient(ctx, row_of("tanh"), NAN, 2, two, 50, (double[]){1e-18, 3e-18}, all, logs));
    for (int j = 0; j < 6; j++)
        assert_true(isfinite(logs[j]) && isfinite(all[j]));
    assert_true(logs[0] < -7000 && logs[3] > -90);
}

/* ---- refusals -------------------------------------------------------------------------------------------------- */

static void refusals(void **state) {
    (void)state;
    size_t row;
    double out[2], g[3];
    assert_refused(ctx, fqp_transform_find(ctx, "softsign", &row), FQP_E_UNSUPPORTED,
                   "softsign has no closed transform: the transform of x/(1 + |x|) is made of sine and cosine "
                   "integrals, not of elementary functions");
    assert_refused(ctx, fqp_transform_find(ctx, "tahn", &row), FQP_E_ARG,
                   "unknown function \"tahn\"; did you mean \"tanh\"?");
    assert_refused(ctx, fqp_transform_value(ctx, row_of("relu"), NAN, 0, 0, out), FQP_E_UNSUPPORTED,
                   "the transform of relu is singular at frequency 0: -1/(4 pi^2 xi^2) (+ (i/(4 pi)) delta') holds for "
                   "xi != 0");
    assert_refused(ctx, fqp_transform_value(ctx, row_of("sin"), NAN, 0, 1, out), FQP_E_UNSUPPORTED,
                   "sin has no transform at single frequencies: all of it stands in two lines at +-0.159155");
    assert_refused(ctx, fqp_ideal_gradient_at(ctx, row_of("tanh"), NAN, (fqp_neuron){1, 0, 1}, 1, 1, 0, g, NULL),
                   FQP_E_ARG, "neuron 0 is (a, w, b) = (1, 0, 1): finite numbers are needed, and w other than 0");
    fqp_ctx_problems_clear(ctx);
    for (size_t i = 0; fqp_activation_name(i, NULL); i++) { /* every activation has a row or a sentence */
        const fqp_status s = fqp_transform_find(ctx, fqp_activation_name(i, NULL), &row);
        assert_true(s == FQP_OK || strstr(fqp_ctx_problem(ctx, 0).message, "no closed transform: "));
        fqp_ctx_problems_clear(ctx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(transforms_equal_quadrature),
                                       cmocka_unit_test(integrals_at_zero),
                                       cmocka_unit_test(slopes_equal_differences),
                                       cmocka_unit_test(decay_is_as_said),
                                       cmocka_unit_test(stored_vector),
                                       cmocka_unit_test(gradients_equal_differences),
                                       cmocka_unit_test(published_form),
                                       cmocka_unit_test(large_frequencies_by_logarithm),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
