/* ideal_rows.c - the table of transforms, F[s](xi) = int s(x) exp(-2 pi i xi x) dx.
 *
 * Rows follow from three of them: F[1_{x>0}] = 1/(2 pi i xi), F[tanh] = -i pi csch(pi^2 xi), F[exp(-x^2)] =
 * sqrt(pi) exp(-pi^2 xi^2), by F[s'] = 2 pi i xi F[s] and F[x s] = (i/(2 pi)) dF[s]/dxi.  Formulas are those of
 * ordinary points; what stands at xi = 0 only (delta and its derivative) is told in words. */
#include "gamma.h"
#include "ideal_i.h"

#include <math.h>
#include <stdbool.h>

static double sign(double x) {
    return x < 0 ? -1 : 1;
}

/* ln csch u, u > 0, from its smallest to its largest values */
static double log_csch(double u) {
    return M_LN2 - u - log(-expm1(-2 * u));
}

static void real(double s, double log, double slope, fqpi_polar *out) {
    *out = (fqpi_polar){.log = log, .unit = {s, 0}, .slope = {slope, 0}};
}

static void imaginary(double s, double log, double slope, fqpi_polar *out) {
    *out = (fqpi_polar){.log = log, .unit = {0, s}, .slope = {slope, 0}};
}

static double one(double p) {
    (void)p;
    return 1;
}

static double two(double p) {
    (void)p;
    return 2;
}

static double pi2(double p) {
    (void)p;
    return M_PI * M_PI;
}

static double two_pi2(double p) {
    (void)p;
    return 2 * M_PI * M_PI;
}

/* ---- powers of frequency --------------------------------------------------------------------------------------- */

static void step_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    imaginary(-sign(xi), -log(2 * M_PI * fabs(xi)), -1 / xi, out);
}

static void relu_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    real(-1, -2 * log(2 * M_PI * fabs(xi)), -2 / xi, out);
}

static void abs_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    real(-1, M_LN2 - 2 * log(2 * M_PI * fabs(xi)), -2 / xi, out);
}

/* leak x + (1 - leak) relu(x) */
static void leaky_at(double leak, double xi, fqpi_polar *out) {
    real(-sign(1 - leak), log(fabs(1 - leak)) - 2 * log(2 * M_PI * fabs(xi)), -2 / xi, out);
}

/* Gamma(p + 1)/(2 pi i xi)^(p + 1), principal branch */
static void relu_power_at(double p, double xi, fqpi_polar *out) {
    const double turn = -M_PI / 2 * (p + 1) * sign(xi);
    *out = (fqpi_polar){.log = fqpi_log_gamma(p + 1) - (p + 1) * log(2 * M_PI * fabs(xi)),
                        .unit = {cos(turn), sin(turn)},
                        .slope = {-(p + 1) / xi, 0}};
}

static double relu_power_rate(double p) {
    return p + 1;
}

/* elu'' = (1 - alpha) delta + alpha e^x 1_{x<0}:  z = 1 - alpha + alpha/(1 - i omega), F = -z/omega^2 */
static void elu_at(double alpha, double xi, fqpi_polar *out) {
    const double o = 2 * M_PI * xi, q = 1 + o * o;
    const double z[2] = {1 - alpha + alpha / q, alpha * o / q}, size = hypot(z[0], z[1]);
    /* dz/domega = i alpha/(1 - i omega)^2 = i alpha (1 + i omega)^2/q^2 */
    const double dz[2] = {-2 * alpha * o / (q * q), alpha * (1 - o * o) / (q * q)};
    const double ratio[2] = {(dz[0] * z[0] + dz[1] * z[1]) / (size * size),
                             (dz[1] * z[0] - dz[0] * z[1]) / (size * size)};
    *out = (fqpi_polar){.log = log(size) - 2 * log(fabs(o)),
                        .unit = {-z[0] / size, -z[1] / size},
                        .slope = {2 * M_PI * ratio[0] - 2 / xi, 2 * M_PI * ratio[1]}};
}

static double elu_rate(double alpha) {
    return alpha == 1 ? 3 : 2;
}

/* ---- exponential decay ----------------------------------------------------------------------------------------- */

static void tanh_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = M_PI * M_PI, u = c * fabs(xi);
    imaginary(-sign(xi), log(M_PI) + log_csch(u), -c * sign(xi) / tanh(u), out);
}

/* d ln(u csch u)/du = 1/u - coth u, whose terms cancel for small u */
static double slope_u_csch(double u) {
    return u < 1e-3 ? -u / 3 + u * u * u / 45 : 1 / u - 1 / tanh(u);
}

static void sech2_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = M_PI * M_PI, u = c * fabs(xi);
    real(1, M_LN2 + log(u) + log_csch(u), c * sign(xi) * slope_u_csch(u), out);
}

static void sigmoid_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = 2 * M_PI * M_PI, u = c * fabs(xi);
    imaginary(-sign(xi), log(M_PI) + log_csch(u), -c * sign(xi) / tanh(u), out);
}

static void sigmoid_slope_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = 2 * M_PI * M_PI, u = c * fabs(xi);
    real(1, log(u) + log_csch(u), c * sign(xi) * slope_u_csch(u), out);
}

/* softplus' = sigmoid */
static void softplus_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = 2 * M_PI * M_PI, u = c * fabs(xi);
    real(-1, log_csch(u) - log(2 * fabs(xi)), -c * sign(xi) / tanh(u) - 1 / xi, out);
}

/* x sigmoid(x):  -pi^2 csch u coth u */
static void silu_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double c = 2 * M_PI * M_PI, u = c * fabs(xi), coth = 1 / tanh(u);
    const double dcoth = u > 350 ? 0 : -2 / sinh(2 * u);
    real(-1, 2 * log(M_PI) + log_csch(u) + log(coth), c * sign(xi) * (dcoth - coth), out);
}

/* ---- Gaussian decay -------------------------------------------------------------------------------------------- */

static void gaussian_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    real(1, 0.5 * log(M_PI) - M_PI * M_PI * xi * xi, -2 * M_PI * M_PI * xi, out);
}

static double gaussian_zero(double p) {
    (void)p;
    return sqrt(M_PI);
}

static void erf_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    imaginary(-sign(xi), -M_PI * M_PI * xi * xi - log(M_PI * fabs(xi)), -2 * M_PI * M_PI * xi - 1 / xi, out);
}

/* x Phi(x):  -(1 + 1/omega^2) exp(-omega^2/2) */
static void gelu_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double o2 = 4 * M_PI * M_PI * xi * xi;
    real(-1, log1p(1 / o2) - o2 / 2, -4 * M_PI * M_PI * xi - 2 / (xi * (1 + o2)), out);
}

static void ricker_at(double a, double xi, fqpi_polar *out) {
    const double u = 2 * M_PI * a * fabs(xi), c = 2 * M_PI * a;
    real(1, 0.25 * log(M_PI) - log(15) + 0.5 * log(2 * M_PI) + 2 * log(u) - u * u / 2, 2 / xi - c * c * xi, out);
}

static double ricker_rate(double a) {
    return 2 * M_PI * M_PI * a * a;
}

/* exp(-(r x)^2) cos x: the Gaussian's transform about the two frequencies +-1/(2 pi), far + near */
static void gabor_at(double r, double xi, fqpi_polar *out) {
    const double centre = 1 / (2 * M_PI), near = M_PI * (fabs(xi) - centre) / r, far = M_PI * (fabs(xi) + centre) / r;
    const double share = exp(-2 * M_PI * fabs(xi) / (r * r)); /* exp(near^2 - far^2) */
    real(1, 0.5 * log(M_PI) - log(2 * r) - near * near + log1p(share),
         -2 * M_PI / r * sign(xi) * (near + far * share) / (1 + share), out);
}

static double gabor_rate(double r) {
    return M_PI * M_PI / (r * r);
}

static double gabor_zero(double r) {
    return sqrt(M_PI) / r * exp(-1 / (4 * r * r));
}

static double zero(double p) {
    (void)p;
    return 0;
}

/* ---- compact support ------------------------------------------------------------------------------------------- */

/* Functions that are even, or odd, about `middle`: F = exp(-2 pi i middle xi) r, with i for odd ones; slope = r'/r. */
static void about(double middle, double xi, double r, double slope, bool odd, fqpi_polar *out) {
    const double turn = 2 * M_PI * middle * xi, c = cos(turn) * sign(r), s = sin(turn) * sign(r);
    *out = (fqpi_polar){.log = log(fabs(r)), .slope = {slope, -2 * M_PI * middle}};
    out->unit[0] = odd ? s : c;
    out->unit[1] = odd ? c : -s;
}

/* B-spline of order n on [0, n] */
static void spline(int n, double height, double xi, fqpi_polar *out) {
    const double x = M_PI * xi, sinc = sin(x) / x;
    about(0.5 * n, xi, height * pow(sinc, n), n * (M_PI / tan(x) - 1 / xi), false, out);
}

static void hat_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    spline(2, 1, xi, out);
}

static void phi_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    spline(3, 2, xi, out);
}

/* h(xi) = int_0^1 x (1-x) cos(2 pi xi (x - 1/2)) dx = (sin u - u cos u)/(2 u^3), u = pi xi, and its derivative */
static double hump(double xi, double *slope) {
    const double u = M_PI * xi;
    double value = 0, derivative = 0;
    if (fabs(u) > 1) {
        value = (sin(u) - u * cos(u)) / (u * u * u);
        derivative = sin(u) / (u * u) - 3 * value / u;
    } else {
        double term = 1.0 / 3;
        for (int n = 1; n < 12; n++) {
            value += term;
            term *= -u * u / (2 * n * (2 * n + 3));
            derivative += u == 0 ? 0 : 2 * n * term / u;
        }
    }
    *slope = 0.5 * M_PI * derivative;
    return 0.5 * value;
}

static void srelu_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    double slope;
    const double r = hump(xi, &slope);
    about(0.5, xi, r, slope / r, false, out);
}

static double sixth(double p) {
    (void)p;
    return 1.0 / 6;
}

/* sin(2 pi x) shifts srelu's by one cycle to both sides */
static void s2relu_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    double down, up;
    const double r = 0.5 * (hump(xi - 1, &down) - hump(xi + 1, &up));
    about(0.5, xi, r, 0.5 * (down - up) / r, true, out);
}

/* wave'' = delta_0 - 2 delta_{1/4} + 2 delta_{3/4} - delta_1 */
static void wave_at(double p, double xi, fqpi_polar *out) {
    (void)p;
    const double o = 2 * M_PI * xi, s = sin(o / 8);
    about(0.5, xi, 8 * sin(o / 4) * s * s / (o * o), M_PI / 2 * (1 / tan(o / 4) + 1 / tan(o / 8)) - 2 / xi, true, out);
}

static double three(double p) {
    (void)p;
    return 3;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static double line(double omega) {
    return omega / (2 * M_PI);
}

static const char tempered[] = "xi != 0, as a tempered distribution";
static const char everywhere[] = "every xi, as an integral";

const fqpi_transform fqpi_transforms[] = {
    {"tanh", "tanh x", "-i pi csch(pi^2 xi)", tempered, 0, FQP_DECAY_EXPONENTIAL, pi2, tanh_at, NULL},
    {"sech2", "1/cosh^2 x = tanh'", "2 pi^2 xi csch(pi^2 xi)", everywhere, 0, FQP_DECAY_EXPONENTIAL, pi2, sech2_at,
     two},
    {"sigmoid", "1/(1 + e^-x)", "-i pi csch(2 pi^2 xi) (+ delta/2)", tempered, 0, FQP_DECAY_EXPONENTIAL, two_pi2,
     sigmoid_at, NULL},
    {"sigmoid_slope", "sigmoid'", "2 pi^2 xi csch(2 pi^2 xi)", everywhere, 0, FQP_DECAY_EXPONENTIAL, two_pi2,
     sigmoid_slope_at, one},
    {"softplus", "ln(1 + e^x)", "-csch(2 pi^2 xi)/(2 xi) (+ (i/(4 pi)) delta')", tempered, 0, FQP_DECAY_EXPONENTIAL,
     two_pi2, softplus_at, NULL},
    {"silu", "x/(1 + e^-x)", "-pi^2 csch(2 pi^2 xi) coth(2 pi^2 xi) (+ (i/(4 pi)) delta')", tempered, 0,
     FQP_DECAY_EXPONENTIAL, two_pi2, silu_at, NULL},
    {"relu", "max(0, x)", "-1/(4 pi^2 xi^2) (+ (i/(4 pi)) delta')", tempered, 0, FQP_DECAY_POWER, two, relu_at, NULL},
    {"leaky_relu", "max(x, slope x)", "-(1 - slope)/(4 pi^2 xi^2) (+ (i (1 + slope)/(4 pi)) delta')", tempered, 0.01,
     FQP_DECAY_POWER, two, leaky_at, NULL},
    {"elu", "x, alpha (e^x - 1) below 0", "-(1 - alpha + alpha/(1 - 2 pi i xi))/(4 pi^2 xi^2) (+ delta, delta')",
     tempered, 1, FQP_DECAY_POWER, elu_rate, elu_at, NULL},
    {"relu_power", "max(0, x)^p", "Gamma(p + 1)/(2 pi i xi)^(p + 1) (+ derivatives of delta)", tempered, 2,
     FQP_DECAY_POWER, relu_power_rate, relu_power_at, NULL},
    {"step", "1 for x > 0, else 0", "1/(2 pi i xi) (+ delta/2)", tempered, 0, FQP_DECAY_POWER, one, step_at, NULL},
    {"abs", "|x|", "-1/(2 pi^2 xi^2)", tempered, 0, FQP_DECAY_POWER, two, abs_at, NULL},
    {"gaussian", "exp(-x^2)", "sqrt(pi) exp(-pi^2 xi^2)", everywhere, 0, FQP_DECAY_GAUSSIAN, pi2, gaussian_at,
     gaussian_zero},
    {"erf", "erf x", "exp(-pi^2 xi^2)/(i pi xi)", tempered, 0, FQP_DECAY_GAUSSIAN, pi2, erf_at, NULL},
    {"gelu", "x Phi(x)", "-(1 + 1/(4 pi^2 xi^2)) exp(-2 pi^2 xi^2) (+ (i/(4 pi)) delta')", tempered, 0,
     FQP_DECAY_GAUSSIAN, two_pi2, gelu_at, NULL},
    {"ricker", "(pi^(1/4)/(15 a)) (1 - (x/a)^2) exp(-(x/a)^2/2)",
     "(pi^(1/4)/15) sqrt(2 pi) (2 pi a xi)^2 exp(-(2 pi a xi)^2/2)", everywhere, 1, FQP_DECAY_GAUSSIAN, ricker_rate,
     ricker_at, zero},
    {"gabor", "cos(x) exp(-(r x)^2)",
     "sqrt(pi)/(2 r) (exp(-(pi (xi - 1/(2 pi))/r)^2) + exp(-(pi (xi + 1/(2 pi))/r)^2))", everywhere, 10,
     FQP_DECAY_GAUSSIAN, gabor_rate, gabor_at, gabor_zero},
    {"srelu", "max(0, x) max(0, 1 - x)", "exp(-i u) (sin u - u cos u)/(2 u^3), u = pi xi", everywhere, 0,
     FQP_DECAY_POWER, two, srelu_at, sixth},
    {"s2relu", "sin(2 pi x) max(0, x) max(0, 1 - x)",
     "(i/2) exp(-i pi xi) (h(xi - 1) - h(xi + 1)), h = (sin u - u cos u)/(2 u^3), u = pi xi", everywhere, 0,
     FQP_DECAY_POWER, three, s2relu_at, zero},
    {"hat", "max(0, 1 - |x - 1|)", "exp(-2 pi i xi) (sin(pi xi)/(pi xi))^2", everywhere, 0, FQP_DECAY_POWER, two,
     hat_at, one},
    {"phi", "twice the quadratic B-spline on [0, 3]", "2 exp(-3 pi i xi) (sin(pi xi)/(pi xi))^3", everywhere, 0,
     FQP_DECAY_POWER, three, phi_at, two},
    {"wave", "one piecewise linear wave on [0, 1]", "2 i exp(-i pi xi) sin(pi xi/2) sin(pi xi/4)^2/(pi xi)^2",
     everywhere, 0, FQP_DECAY_POWER, two, wave_at, zero},
    {"sin", "sin(omega x)", "(delta(xi - omega/(2 pi)) - delta(xi + omega/(2 pi)))/(2 i)",
     "nowhere an ordinary function: two lines", 1, FQP_DECAY_LINES, line, NULL, NULL},
    {"cos", "cos(omega x)", "(delta(xi - omega/(2 pi)) + delta(xi + omega/(2 pi)))/2",
     "nowhere an ordinary function: two lines", 1, FQP_DECAY_LINES, line, NULL, NULL},
    {"sincos", "(sin x + cos x)/10", "((1 - i) delta(xi - 1/(2 pi)) + (1 + i) delta(xi + 1/(2 pi)))/20",
     "nowhere an ordinary function: two lines", 1, FQP_DECAY_LINES, line, NULL, NULL},
    {0}};
