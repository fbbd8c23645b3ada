/* ideal_gradient.c - the loss at one frequency and its gradient, in closed form.
 *
 * With xi = k/(2 pi w) a neuron contributes h^ = (a/|w|) e^{i b k/w} F(xi), so that
 *   dh^/da = h^/a      dh^/db = (i k/w) h^      dh^/dw = h^ [ -1/w - i b k/w^2 - (xi/w) dlnF/dxi ]
 * and dL/dtheta = Re( conj(D) dh^/dtheta ), D = h^ - f^ (Xu et al. arXiv 1901.06523, section 4, for tanh).  Complex
 * numbers carry their size as a logarithm, for F falls like exp(-pi k/(2 w)). */
#include "ideal_i.h"

#include "fail.h"

#include <math.h>

/* exp(log) (re + i im), re and im of order 1 */
typedef struct scaled {
    double log, re, im;
} scaled;

static scaled times(scaled a, double re, double im) {
    return (scaled){a.log, a.re * re - a.im * im, a.re * im + a.im * re};
}

static scaled plus(scaled a, scaled b) {
    const double top = fmax(a.log, b.log);
    if (isinf(top))
        return a;
    const double p = exp(a.log - top), q = exp(b.log - top);
    return (scaled){top, p * a.re + q * b.re, p * a.im + q * b.im};
}

static scaled of(double re, double im) {
    const double size = hypot(re, im);
    return size > 0 ? (scaled){log(size), re / size, im / size} : (scaled){-INFINITY, 0, 0};
}

/* e^{i b k/w} F(xi)/|w|, the transform of the neuron without its factor a; slope: d ln F/d xi. */
static scaled of_neuron(const fqpi_transform *t, double param, fqp_neuron n, double k, double slope[2]) {
    fqpi_polar p;
    t->at(param, k / (2 * M_PI * n.w), &p);
    slope[0] = p.slope[0];
    slope[1] = p.slope[1];
    const scaled f = {p.log - log(fabs(n.w)), p.unit[0], p.unit[1]};
    return times(f, cos(n.b * k / n.w), sin(n.b * k / n.w));
}

static fqp_status check(fqp_ctx *ctx, size_t row, double *param, size_t n, const fqp_neuron *neuron, double k,
                        const fqpi_transform **out) {
    fqp_transform described;
    fqp_status s = fqp_transform_describe(ctx, row, *param, &described);
    if (s)
        return s;
    *out = &fqpi_transforms[row];
    *param = isnan(*param) ? (*out)->value : *param;
    if (!(*out)->at)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "%s: its transform is two lines, so that the loss at one frequency is not defined",
                         (*out)->name);
    if (!isfinite(k) || k == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "the loss at one frequency: k is %g, it must be finite and not 0", k);
    for (size_t j = 0; j < n; j++)
        if (neuron[j].w == 0 || !isfinite(neuron[j].a) || !isfinite(neuron[j].w) || !isfinite(neuron[j].b))
            return fqpi_fail(ctx, FQP_E_ARG, NULL,
                             "neuron %zu is (a, w, b) = (%g, %g, %g): finite numbers are needed, and w other than 0", j,
                             neuron[j].a, neuron[j].w, neuron[j].b);
    return FQP_OK;
}

static scaled residual_of(const fqpi_transform *t, double param, size_t n, const fqp_neuron *neuron, double k,
                          const double target[2]) {
    scaled d = of(-target[0], -target[1]);
    double slope[2];
    for (size_t j = 0; j < n; j++)
        d = plus(d, times(of_neuron(t, param, neuron[j], k, slope), neuron[j].a, 0));
    return d;
}

/* The three components of one neuron under the residual d. */
static void gradient(const fqpi_transform *t, double param, fqp_neuron n, double k, scaled d, double *value,
                     double *logarithm) {
    double slope[2];
    const scaled e = of_neuron(t, param, n, k, slope);
    const double xi = k / (2 * M_PI * n.w), a = n.a;
    const double factor[3][2] = {
        {1, 0},
        {a * (-1 / n.w - slope[0] * xi / n.w), a * (-n.b * k / (n.w * n.w) - slope[1] * xi / n.w)},
        {0, a * k / n.w}};
    for (int q = 0; q < 3; q++) {
        const scaled h = times(e, factor[q][0], factor[q][1]);
        const double product = d.re * h.re + d.im * h.im, size = d.log + h.log;
        if (value)
            value[q] = product == 0 ? 0 : product * exp(size);
        if (logarithm)
            logarithm[q] = product == 0 ? -INFINITY : log(fabs(product)) + size;
    }
}

fqp_status fqp_ideal_loss(fqp_ctx *ctx, size_t row, double param, size_t n, const fqp_neuron *neuron, double k,
                          const double target[2], double *loss, double residual[2]) {
    const fqpi_transform *t = NULL;
    const fqp_status s = check(ctx, row, &param, n, neuron, k, &t);
    if (s)
        return s;
    const scaled d = residual_of(t, param, n, neuron, k, target);
    const double re = d.re * exp(d.log), im = d.im * exp(d.log);
    *loss = 0.5 * (re * re + im * im);
    if (residual) {
        residual[0] = re;
        residual[1] = im;
    }
    return FQP_OK;
}

fqp_status fqp_ideal_gradient(fqp_ctx *ctx, size_t row, double param, size_t n, const fqp_neuron *neuron, double k,
                              const double target[2], double *value, double *logarithm) {
    const fqpi_transform *t = NULL;
    const fqp_status s = check(ctx, row, &param, n, neuron, k, &t);
    if (s)
        return s;
    const scaled d = residual_of(t, param, n, neuron, k, target);
    for (size_t j = 0; j < n; j++)
        gradient(t, param, neuron[j], k, d, value ? value + 3 * j : NULL, logarithm ? logarithm + 3 * j : NULL);
    return FQP_OK;
}

fqp_status fqp_ideal_gradient_at(fqp_ctx *ctx, size_t row, double param, fqp_neuron neuron, double k, double amplitude,
                                 double phase, double value[3], double logarithm[3]) {
    const fqpi_transform *t = NULL;
    const fqp_status s = check(ctx, row, &param, 1, &neuron, k, &t);
    if (s)
        return s;
    const scaled d = {log(fabs(amplitude)), copysign(1, amplitude) * cos(phase), copysign(1, amplitude) * sin(phase)};
    gradient(t, param, neuron, k, d, value, logarithm);
    return FQP_OK;
}
