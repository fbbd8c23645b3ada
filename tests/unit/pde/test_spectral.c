/* Fourier pseudo-spectral steps against closed forms, against the Cole-Hopf integral, and against themselves at other
 * steps and points. */
#include "legendre.h"
#include "spectral/phi.h"
#include "spectral/spectral.h"
#include "support.h"

#include <stdlib.h>

static const double PI = 3.14159265358979323846;

/* ---- phi functions ----------------------------------------------------------------------------------------------- */

/* phi_l(z) = int_0^1 e^{(1 - s) z} s^{l-1}/(l-1)! ds */
static double complex phi_integral(int l, double complex z) {
    enum { NODES = 60 };
    double s[NODES], w[NODES];
    double complex sum = 0;
    fqpi_legendre(NODES, 0, 1, s, w);
    for (int i = 0; i < NODES; i++)
        sum += w[i] * cexp((1 - s[i]) * z) * pow(s[i], l - 1) / tgamma(l);
    return sum;
}

static void phi_of_numbers(void **state) {
    (void)state;
    const double complex z[] = {0, 1e-9, -1e-3, 2 * I, -30 + 5 * I, 3, 40 * I};
    double complex phi[FQPI_PHI_COUNT][FQPI_PHI_MOST * FQPI_PHI_MOST];
    for (size_t i = 0; i < sizeof z / sizeof z[0]; i++) {
        fqpi_phi(1, &z[i], phi);
        assert_true(cabs(phi[0][0] - cexp(z[i])) < 1e-13 * (1 + cabs(cexp(z[i]))));
        for (int l = 1; l < FQPI_PHI_COUNT; l++)
            assert_true(cabs(phi[l][0] - phi_integral(l, z[i])) < 1e-13 * (1 + cabs(phi_integral(l, z[i]))));
    }
    const double complex stiff = -1e8;
    fqpi_phi(1, &stiff, phi);
    assert_near(creal(phi[1][0]) * 1e8, 1, 1e-12);
    assert_near(creal(phi[2][0]) * 1e8, 1, 1e-7);
}

/* A = [[0, 1], [-w^2, 0]]: e^A is a turn, however far apart its entries lie. */
static void phi_of_a_turn(void **state) {
    (void)state;
    const double w = 1e3;
    const double complex a[4] = {0, 1, -w * w, 0};
    double complex phi[FQPI_PHI_COUNT][FQPI_PHI_MOST * FQPI_PHI_MOST];
    fqpi_phi(2, a, phi);
    assert_near(creal(phi[0][0]), cos(w), 1e-11);
    assert_near(creal(phi[0][1]) * w, sin(w), 1e-11);
    assert_near(creal(phi[0][2]) / w, -sin(w), 1e-11);
    assert_near(creal(phi[1][0]) * w, sin(w), 1e-11);
}

/* ---- equations --------------------------------------------------------------------------------------------------- */

enum { MOST_TERMS = 6 };
typedef struct equation {
    fqpi_spectral_flow flow;
    fqpi_spectral_term term[MOST_TERMS];
    double linear[FQPI_SPECTRAL_FIELDS * MOST_TERMS];
} equation;

static fqpi_spectral *begun(fqp_ctx *ctx, equation *e, int64_t points, double (*initial)(int field, const double *x)) {
    fqpi_spectral *s = NULL;
    const double *x;
    e->flow.term = e->term;
    e->flow.linear = e->linear;
    assert_ok(ctx, fqpi_spectral_create(ctx, &e->flow, points, &s));
    const int64_t n = fqpi_spectral_places(s, &x);
    double *w = malloc((size_t)(n * e->flow.fields) * sizeof *w);
    for (int64_t i = 0; i < n; i++)
        for (int f = 0; f < e->flow.fields; f++)
            w[i * e->flow.fields + f] = initial(f, x + i * e->flow.axes);
    fqpi_spectral_begin(s, 0, w);
    free(w);
    return s;
}

static double at(fqpi_spectral *s, const double *x, int field) {
    const fqpi_spectral_term value = {.field = field};
    double u = NAN;
    assert_int_equal(fqpi_spectral_eval(s, 1, x, 1, &value, &u), FQP_OK);
    return u;
}

static double value_at(equation *e, int64_t points, double (*initial)(int, const double *), double t, double h,
                       const double *x) {
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqpi_spectral *s = begun(ctx, e, points, initial);
    assert_ok(ctx, fqpi_spectral_run(s, t, h));
    const double u = at(s, x, 0);
    fqpi_spectral_destroy(s);
    fqp_ctx_destroy(ctx);
    return u;
}

/* Allen-Cahn: u_t = 1e-2 u_xx + 5 u - 5 u^3 */
static fqp_status allen_cahn(void *user, double t, int64_t n, const double *x, const double *w, double *dw) {
    (void)user, (void)t, (void)x;
    for (int64_t i = 0; i < n; i++)
        dw[i] = 1e-2 * w[2 * i + 1] + 5 * w[2 * i] - 5 * w[2 * i] * w[2 * i] * w[2 * i];
    return FQP_OK;
}

static double hump(int field, const double *x) {
    (void)field;
    return exp(cos(PI * x[0])) * cos(PI * x[0]) / 3;
}

static equation allen_cahn_equation(void) {
    return (equation){.flow = {.axes = 1, .fields = 1, .terms = 2, .lower = {-1}, .upper = {1}, .rate = allen_cahn},
                      .term = {{0, {0}}, {0, {2}}},
                      .linear = {0, 1e-2}};
}

static void fourth_order_in_time(void **state) {
    (void)state;
    equation e = allen_cahn_equation();
    const double x = 0.37, best = value_at(&e, 256, hump, 1, 1e-3, &x), more = value_at(&e, 512, hump, 1, 2e-3, &x);
    const double coarse = fabs(value_at(&e, 256, hump, 1, 0.04, &x) - best),
                 fine = fabs(value_at(&e, 256, hump, 1, 0.02, &x) - best);
    assert_near(more, best, 1e-9);
    assert_true(coarse > 1e-8 && coarse / fine > 12 && coarse / fine < 20);
}

/* Which part of the equation counts as linear changes the error of a step, not what it converges to. */
static void any_linear_part(void **state) {
    (void)state;
    equation one = allen_cahn_equation(), other = allen_cahn_equation();
    other.linear[0] = -8;
    other.linear[1] = 2e-2;
    const double x = -0.81;
    assert_near(value_at(&one, 64, hump, 0.5, 2e-3, &x), value_at(&other, 64, hump, 0.5, 2e-3, &x), 1e-9);
}

/* Burgers, nu = 0.03: u_t = nu u_xx - u u_x from -sin(pi x), periodic as it stays odd */
static const double nu = 0.03;
static fqp_status burgers(void *user, double t, int64_t n, const double *x, const double *w, double *dw) {
    (void)user, (void)t, (void)x;
    for (int64_t i = 0; i < n; i++)
        dw[i] = nu * w[3 * i + 2] - w[3 * i] * w[3 * i + 1];
    return FQP_OK;
}

static double minus_sine(int field, const double *x) {
    (void)field;
    return -sin(PI * x[0]);
}

/* Cole (1951), Hopf (1950): u = -int sin(pi y) f(y) exp(-(x - y)^2/(4 nu t)) dy over that without the sine, f(y) =
 * exp(-cos(pi y)/(2 pi nu)). */
static double cole_hopf(double x, double t) {
    enum { NODES = 400 };
    double y[NODES], w[NODES], above = 0, below = 0;
    fqpi_legendre(NODES, x - 4, x + 4, y, w);
    for (int i = 0; i < NODES; i++) {
        const double f = w[i] * exp(-(cos(PI * y[i]) + 1) / (2 * PI * nu) - (x - y[i]) * (x - y[i]) / (4 * nu * t));
        above -= sin(PI * y[i]) * f;
        below += f;
    }
    return above / below;
}

static void burgers_by_cole_and_hopf(void **state) {
    (void)state;
    equation e = {.flow = {.axes = 1, .fields = 1, .terms = 3, .lower = {-1}, .upper = {1}, .rate = burgers},
                  .term = {{0, {0}}, {0, {1}}, {0, {2}}},
                  .linear = {0, 0, nu}};
    for (double x = -0.9; x < 1; x += 0.3) {
        assert_near(value_at(&e, 256, minus_sine, 0.5, 2e-3, &x), cole_hopf(x, 0.5), 1e-9);
        e.flow.parity[0][0] = -1; /* the same, with walls in place of the period */
        assert_near(value_at(&e, 256, minus_sine, 0.5, 2e-3, &x), cole_hopf(x, 0.5), 1e-9);
        e.flow.parity[0][0] = 0;
    }
}

/* Waves between walls, odd in x and even in y: u_tt = u_xx + u_yy, u = cos(omega t) sin(pi x) cos(2 pi y) on [0, 1]^2
 */
static fqp_status waves(void *user, double t, int64_t n, const double *x, const double *w, double *dw) {
    (void)user, (void)t, (void)x;
    for (int64_t i = 0; i < n; i++) {
        dw[2 * i] = w[3 * i];
        dw[2 * i + 1] = w[3 * i + 1] + w[3 * i + 2];
    }
    return FQP_OK;
}

static double mode(int field, const double *x) {
    return field == 0 ? sin(PI * x[0]) * cos(2 * PI * x[1]) : 0;
}

static void waves_between_walls(void **state) {
    (void)state;
    equation e = {
        .flow = {.axes = 2, .fields = 2, .terms = 3, .upper = {1, 1}, .parity = {{-1, 1}, {-1, 1}}, .rate = waves},
        .term = {{1, {0, 0}}, {0, {2, 0}}, {0, {0, 2}}},
        .linear = {1, 0, 0, 0, 1, 1}};
    const double x[2] = {0.3, 0.9}, u = mode(0, x);
    assert_near(value_at(&e, 8, mode, 3, 3, x), u * cos(sqrt(5) * PI * 3), 1e-12); /* L is exact at any step */
    memset(e.linear, 0, sizeof e.linear);                                          /* classical Runge-Kutta */
    assert_near(value_at(&e, 8, mode, 1, 1e-3, x), u * cos(sqrt(5) * PI), 1e-8);
}

/* Klein-Gordon with u = cos(2 pi x) cos(3 t) + t/5: u_tt = u_xx - u - u^3 + f */
static double wanted(double x, double t) {
    return cos(2 * PI * x) * cos(3 * t) + 0.2 * t;
}

static fqp_status klein_gordon(void *user, double t, int64_t n, const double *x, const double *w, double *dw) {
    (void)user;
    for (int64_t i = 0; i < n; i++) {
        const double u = w[3 * i], v = wanted(x[i], t), wave = v - 0.2 * t;
        dw[2 * i] = w[3 * i + 1];
        dw[2 * i + 1] = w[3 * i + 2] - u - u * u * u + (-9 + 4 * PI * PI) * wave + v + v * v * v;
    }
    return FQP_OK;
}

static double wanted_at_first(int field, const double *x) {
    return field == 0 ? wanted(x[0], 0) : 0.2;
}

static void klein_gordon_as_a_system(void **state) {
    (void)state;
    equation e = {.flow = {.axes = 1, .fields = 2, .terms = 3, .upper = {1}, .rate = klein_gordon},
                  .term = {{0, {0}}, {1, {0}}, {0, {2}}},
                  .linear = {0, 1, 0, -1, 0, 1}};
    const double x = 0.123, coarse = value_at(&e, 16, wanted_at_first, 2, 0.02, &x) - wanted(x, 2),
                 fine = value_at(&e, 16, wanted_at_first, 2, 0.01, &x) - wanted(x, 2);
    assert_true(fabs(fine) < 1e-7 && coarse / fine > 12 && coarse / fine < 20);
}

/* ---- what cannot be ---------------------------------------------------------------------------------------------- */

static fqp_status explosion(void *user, double t, int64_t n, const double *x, const double *w, double *dw) {
    (void)user, (void)t, (void)x;
    for (int64_t i = 0; i < n; i++)
        dw[i] = w[i] * w[i];
    return FQP_OK;
}

static double one(int field, const double *x) {
    (void)field, (void)x;
    return 1;
}

static void refusals(void **state) {
    (void)state;
    fqp_ctx *ctx;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    equation e = {.flow = {.axes = 1, .fields = 1, .terms = 1, .upper = {1}, .rate = explosion}};
    fqpi_spectral *s = begun(ctx, &e, 8, one);
    assert_refused(ctx, fqpi_spectral_run(s, 10, 0.1), FQP_E_DIVERGED,
                   "spectral solution: numbers are not finite at t = 10, with steps of 0.1");
    fqpi_spectral_destroy(s);
    s = NULL;
    assert_refused(ctx, fqpi_spectral_create(ctx, &e.flow, 7, &s), FQP_E_ARG,
                   "spectral solution: 7 points along an axis; an even number from 4 on");
    fqp_ctx_destroy(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phi_of_numbers),           cmocka_unit_test(phi_of_a_turn),
        cmocka_unit_test(fourth_order_in_time),     cmocka_unit_test(any_linear_part),
        cmocka_unit_test(burgers_by_cole_and_hopf), cmocka_unit_test(waves_between_walls),
        cmocka_unit_test(klein_gordon_as_a_system), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
