/* lfp_law.c - from the initial distribution of a two-layer network to the symbol gamma^2 and its kernel G.
 *
 * Ridge argument: with wide biases the kernel of neurons of one w is p_b(0) P(w.(x - x')), where, modulo constants and
 * squares,
 *     relu: P_a(s) = int relu(u) relu(u + s) du = |s|^3/12       P_b = int step step = -|s|/2
 *     tanh: P_a = -2 s coth s                                   P_b = int sech^2 sech^2 = 4 (s coth s - 1)/sinh^2 s
 * For w ~ N(0, weight^2 I) w.x is N(0, weight^2 |x|^2) in any dimension.  The transform of the mean over directions is
 *     gamma^2 = Gamma(d/2)/pi^(d/2) |xi|^-(d-1) E[ |F[s](xi/r)|^2/r + a^2 |F[s'](xi/r)|^2/r ]
 * (Luo, Ma, Xu, Zhang arXiv 2010.08153). */
#include "lfp_i.h"

#include "activation.h"
#include "fail.h"
#include "gamma.h"
#include "init.h"
#include "output.h"
#include "reparam.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- quadrature: 16 Gauss-Legendre points on each of some panels ------------------------------------------------ */

static const double node[8] = {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863,
                               0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317439,
                               0.9445750230732325761, 0.9894009349916499326};
static const double weight[8] = {0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382,
                                 0.1495959888165767321, 0.1246289712555338720, 0.0951585116824927848,
                                 0.0622535239386478929, 0.0271524594117540949};

typedef double (*integrand)(const fqp_lfp_law *law, double at, double x);

static double integrate(const fqp_lfp_law *law, double at, integrand f, double from, double to, int panels) {
    double sum = 0;
    const double h = (to - from) / (2 * panels);
    for (int p = 0; p < panels; p++) {
        const double mid = from + h * (2 * p + 1);
        for (int q = 0; q < 8; q++)
            sum += h * weight[q] * (f(law, at, mid - h * node[q]) + f(law, at, mid + h * node[q]));
    }
    return sum;
}

/* ---- relu -------------------------------------------------------------------------------------------------------- */

static double half_ratio(double d) { /* Gamma(d/2)/pi^(d/2) */
    return exp(fqpi_log_gamma(d / 2) - d / 2 * log(M_PI));
}

static double relu_symbol(const fqp_lfp_law *law, double xi) {
    const double d = (double)law->d, o2 = 4 * M_PI * M_PI * xi * xi;
    return half_ratio(d) * pow(xi, 1 - d) * (law->a / (o2 * o2) + law->b / o2);
}

/* Means of |cos|^3 and |cos| over directions give G_d its Gamma functions. */
static void relu_factors(fqpi_radial *g) {
    const double d = (double)g->law.d, c = fqpi_log_gamma(d / 2) - 0.5 * log(M_PI);
    g->cubic = g->law.a / 12 * exp(c - fqpi_log_gamma((d + 3) / 2));
    g->linear = g->law.b / 2 * exp(c - fqpi_log_gamma((d + 1) / 2));
}

static double relu_kernel(const fqpi_radial *g, double x) {
    return (g->cubic * x * x - g->linear) * x;
}

/* ---- tanh -------------------------------------------------------------------------------------------------------- */

/* P_a without its -2|s|: decays like exp(-2 s), s > 0 */
static double tanh_rest(double s) {
    return s < 1e-8 ? -2 : -4 * s / expm1(2 * s);
}

static double tanh_slopes(double s) {
    if (s < 1e-2) { /* 4/3 - 16 s^2/45 ..., where the quotient would cancel */
        const double s2 = s * s;
        return 4.0 / 3 - s2 * (8.0 / 15 - s2 * (8.0 / 63));
    }
    if (s > 350)
        return 0;
    const double sh = sinh(s);
    return 4 * (s / tanh(s) - 1) / (sh * sh);
}

/* Density of w.x/(weight |x|) on z > 0, twice. */
static double density(const fqp_lfp_law *law, double z) {
    if (law->uniform)
        return z <= 1 ? 1 : 0;
    return 2 * exp(-z * z / 2) / sqrt(2 * M_PI);
}

static double tanh_of_z(const fqp_lfp_law *law, double s, double z) {
    return density(law, z) * (law->a * tanh_rest(s * z) + law->b * tanh_slopes(s * z));
}

static double tanh_kernel(const fqpi_radial *g, double x) {
    const fqp_lfp_law *law = &g->law;
    const double s = law->weight * x, reach = law->uniform ? 1 : 9, mean = law->uniform ? 0.5 : sqrt(2 / M_PI);
    const double to = s * reach > 22 ? 22 / s : reach;
    return -2 * law->a * mean * s + integrate(law, s, tanh_of_z, 0, to, 12);
}

static double tanh_of_r(const fqp_lfp_law *law, double xi, double r) {
    const double u = M_PI * M_PI * xi / r;
    if (u > 350)
        return 0;
    const double d = (double)law->d, f = M_PI / sinh(u), g = 2 * M_PI * xi / r * f, z = r / law->weight;
    const double p =
        law->uniform ? 1 / law->weight
                     : exp((d - 1) * log(z) - z * z / 2 - (d / 2 - 1) * M_LN2 - fqpi_log_gamma(d / 2)) / law->weight;
    return p * (law->a * f * f + law->b * g * g) / r;
}

static double tanh_symbol(const fqp_lfp_law *law, double xi) {
    const double d = (double)law->d, crest = cbrt(2 * M_PI * M_PI * xi * law->weight * law->weight);
    const double to = law->uniform ? law->weight : fmax(10 * law->weight, 4 * crest);
    return half_ratio(d) * pow(xi, 1 - d) * integrate(law, xi, tanh_of_r, 0, to, 60);
}

/* ---- the doors --------------------------------------------------------------------------------------------------- */

static const struct {
    double (*symbol)(const fqp_lfp_law *, double);
    double (*kernel)(const fqpi_radial *, double);
    void (*factors)(fqpi_radial *); /* NULL: none */
} kinds[] = {
    [FQP_LFP_RELU] = {relu_symbol, relu_kernel, relu_factors}, [FQP_LFP_TANH] = {tanh_symbol, tanh_kernel, NULL}};

double fqp_lfp_symbol(const fqp_lfp_law *law, double xi) {
    return xi != 0 ? kinds[law->kind].symbol(law, fabs(xi)) : INFINITY;
}

fqpi_radial fqpi_radial_of(const fqp_lfp_law *law) {
    fqpi_radial g = {.law = *law};
    if (kinds[law->kind].factors)
        kinds[law->kind].factors(&g);
    return g;
}

double fqpi_radial_at(const fqpi_radial *g, double distance) {
    return kinds[g->law.kind].kernel(g, distance);
}

double fqp_lfp_kernel(const fqp_lfp_law *law, double distance) {
    const fqpi_radial g = fqpi_radial_of(law);
    return fqpi_radial_at(&g, fabs(distance));
}

double fqp_lfp_crossover(const fqp_lfp_law *law) {
    return law->kind == FQP_LFP_RELU ? sqrt(law->a / law->b) / (2 * M_PI) : NAN;
}

bool fqpi_lfp_affine(const fqp_lfp_law *law) {
    return law->kind == FQP_LFP_RELU && law->a > 0;
}

fqp_status fqpi_lfp_check(fqp_ctx *ctx, const fqp_lfp_law *law) {
    if (!law || law->d < 1 || (law->kind != FQP_LFP_RELU && law->kind != FQP_LFP_TANH))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "lfp: a law of at least one dimension is needed, of kind relu or tanh");
    if (!(law->a >= 0) || !(law->b >= 0) || !isfinite(law->a) || !isfinite(law->b) || law->a + law->b == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "lfp: the moments are A = %g and B = %g; both must be 0 or more, and not both 0", law->a,
                         law->b);
    if (law->kind == FQP_LFP_TANH && !(law->weight > 0 && isfinite(law->weight)))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "lfp: tanh needs the size of the weights, which is %g", law->weight);
    if (law->uniform && law->d > 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "lfp: uniform weights are isotropic in one dimension only, not in %lld",
                         (long long)law->d);
    return FQP_OK;
}

fqp_lfp_law fqp_lfp_moments(int64_t d, double a, double b) {
    return (fqp_lfp_law){.d = d, .a = a, .b = b, .rate = 1, .weight = NAN, .spread = NAN, .radius = NAN};
}

/* ---- from a network ---------------------------------------------------------------------------------------------- */

static fqp_status refuse(fqp_ctx *ctx, const char *key, const char *fmt, ...) FQP_PRINTF(3, 4);
static fqp_status refuse(fqp_ctx *ctx, const char *key, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s: %s", key, text);
}

static fqp_status check_network(fqp_ctx *ctx, const fqp_model_opts *o) {
    if (o->hidden.n != 1)
        return refuse(
            ctx, "model.hidden",
            "the linear frequency principle is derived for one hidden layer, this network has %zu: the kernel "
            "of a deeper one is no multiplication by a function of frequency (fqp predict takes any depth)",
            o->hidden.n);
    if (o->activation != FQPI_ACT_RELU && o->activation != FQPI_ACT_TANH)
        return refuse(ctx, "model.activation", "the symbol gamma^2 is known for relu and tanh, not for %s",
                      fqp_activation_name((size_t)o->activation, NULL));
    if (o->first_activation > 0)
        return refuse(ctx, "model.first_activation", "the one hidden layer is that of model.activation");
    if (fqpi_slopes_row(o->slopes)->form || o->scales.n > 0)
        return refuse(ctx, fqpi_slopes_row(o->slopes)->form ? "model.slopes" : "model.scales",
                      "the symbol gamma^2 is that of plain neurons of scale 1");
    if (strcmp(fqpi_output_row(o->output)->name, "linear") != 0)
        return refuse(ctx, "model.output", "the theory is that of squared errors of a linear output, not of %s",
                      fqpi_output_row(o->output)->name);
    if (!o->bias)
        return refuse(ctx, "model.bias",
                      "without biases every neuron bends at 0 and the kernel depends on x and x', not on "
                      "x - x': there is no multiplication in frequency");
    if (o->embedding || o->filters || o->gate)
        return refuse(
            ctx,
            o->embedding ? "model.embedding"
            : o->filters ? "model.filters"
                         : "model.gate",
            "the symbol is that of neurons of the coordinates, summed as they are; take embedding identity, no "
            "filters and no gate");
    return FQP_OK;
}

/* E[r] and E[r^3], r = |w| of d entries of this spread. */
static void radii(fqpi_spread s, double d, double *r1, double *r3) {
    if (s.uniform) { /* d = 1 */
        *r1 = s.size / 2;
        *r3 = s.size * s.size * s.size / 4;
        return;
    }
    const double c = s.size * M_SQRT2, g = fqpi_log_gamma(d / 2);
    *r1 = c * exp(fqpi_log_gamma((d + 1) / 2) - g);
    *r3 = c * c * c * exp(fqpi_log_gamma((d + 3) / 2) - g);
}

fqp_status fqp_lfp_law_of(fqp_ctx *ctx, const fqp_model_opts *o, int64_t d, fqp_lfp_law *out) {
    if (!o || !out || d < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_lfp_law_of: a network and its number of inputs are needed");
    const fqp_status s = check_network(ctx, o);
    if (s)
        return s;
    const fqpi_init *rule = fqpi_init_row(o->init);
    const double width = (double)o->hidden.v[0];
    fqpi_init_layer first = {.layer = 0,
                             .in = d,
                             .out = o->hidden.v[0],
                             .weight_std = o->weight_std,
                             .omega0 = o->omega0,
                             .hidden_fans = (double)(d + o->hidden.v[0]),
                             .ntk = o->parameters == 1};
    fqpi_init_layer last = first;
    last.hidden_fans = (double)(o->hidden.v[0] + 1);
    last.layer = 1;
    last.in = first.out;
    last.out = 1;
    fqpi_spread w = rule->weight(&first), a = rule->weight(&last), b = {0};
    if (!isnan(o->bias_std))
        b.size = o->bias_std;
    else if (rule->bias)
        b = rule->bias(&first);
    if (b.size == 0)
        return refuse(
            ctx, isnan(o->bias_std) ? "model.init" : "model.bias_std",
            "all biases begin at 0, so that every neuron bends at 0; the theory needs biases spread wider than "
            "w.x, such as model.bias_std: 5");
    if (w.uniform && d > 1)
        return refuse(ctx, "model.init",
                      "%s draws uniform weights, whose direction is not isotropic in %lld dimensions; an "
                      "init with normal weights is needed",
                      rule->name, (long long)d);
    if (first.ntk)
        w.size /= sqrt((double)d);
    double r1, r3;
    radii(w, (double)d, &r1, &r3);
    const double a2 = a.uniform ? a.size * a.size / 3 : a.size * a.size;
    const bool relu = o->activation == FQPI_ACT_RELU;
    *out = (fqp_lfp_law){.d = d,
                         .kind = relu ? FQP_LFP_RELU : FQP_LFP_TANH,
                         .a = relu ? r3 : 1,
                         .b = relu ? a2 * r1 : a2,
                         .uniform = w.uniform,
                         .weight = w.size,
                         .rate = (first.ntk ? 1 : width) * (b.uniform ? 0.5 : 1 / sqrt(2 * M_PI)) / b.size,
                         .spread = b.uniform ? b.size / sqrt(3) : b.size,
                         .radius = r1};
    return FQP_OK;
}
