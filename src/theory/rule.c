/* rule.c - gradient flow, gradient descent and momentum of one mode in closed form.
 *
 * With the velocity p of momentum a mode is a recursion of second order (O'Donoghue & Candes, 1204.3982, section 4, for
 * the update rules of kernel/update.inc),
 *     r(s+2) = T r(s+1) - D r(s),   r(0) = 1,   r(1) = 1 - h,
 *     momentum: T = 1 + mu - a, D = mu, h = a         nesterov: T = (1 + mu)(1 - a), D = mu (1 - a), h = a (1 + mu)
 * whose roots z solve z^2 - T z + D = 0.  For both, (1 - z)(1 - z') = a, so that a root near 1 is 1 - e with e small
 * and exact.  Discriminants are written as products that do not cancel. */
#include "rule.h"

#include <math.h>

/* exp(x) with its sign after s changes of it */
static fqpi_decay power(double x, bool alternates, double s) {
    const bool odd = alternates && fmod(s, 2) != 0;
    const double size = exp(x);
    return odd ? (fqpi_decay){-size, -size - 1} : (fqpi_decay){size, expm1(x)};
}

static fqpi_decay flow(double a, double momentum, double s) {
    (void)momentum;
    return power(-a * s, false, s);
}

static fqpi_decay descent(double a, double momentum, double s) {
    (void)momentum;
    return a < 1 ? power(s * log1p(-a), false, s) : power(a > 1 ? s * log(a - 1) : -INFINITY, true, s);
}

typedef struct recursion {
    double trace, determinant, discriminant; /* T, D, T^2 - 4 D */
    double a, h;
} recursion;

/* Roots rho exp(+-i theta): rho^s cos(s theta) + (r1 - T/2) rho^(s-1) sin(s theta)/sin(theta). */
static double turning(const recursion *c, double trace, double r1, double s) {
    const double rho = sqrt(c->determinant), half = sqrt(-c->discriminant) / 2, theta = atan2(half, trace / 2);
    const double envelope = exp((s - 1) * 0.5 * log(c->determinant));
    return envelope * (rho * cos(s * theta) + (r1 - trace / 2) * sin(s * theta) * rho / half);
}

/* 1 + q + ... + q^(s-1) for |q| <= 1 given as 1 - q */
static double series(double rest, double s) {
    if (rest == 0)
        return s;
    return (rest < 1 ? -expm1(s * log1p(-rest)) : 1 - pow(1 - rest, s)) / rest;
}

/* Real roots z >= |z'|: z^s + (r1 - z)(z^s - z'^s)/(z - z'). */
static fqpi_decay falling(const recursion *c, bool flipped, double trace, double r1, double s) {
    const double root = sqrt(c->discriminant), z = (trace + root) / 2;
    if (z == 0)
        return (fqpi_decay){s == 1 ? r1 : 0, s == 1 ? r1 - 1 : -1};
    const double e = 2 * c->a / (2 - trace + root); /* 1 - z, where the trace is as it was */
    const double log_z = flipped ? log(z) : log1p(-e), beyond = flipped ? r1 - z : e - c->h;
    const double terms = series(root / z, s), last = exp((s - 1) * log_z), sum = z + beyond * terms;
    const double factor = sum == 0 ? 0 : last * sum;
    const double small = expm1(s * log_z) + beyond * last * terms;
    return (fqpi_decay){factor, fabs(factor - 1) < 0.5 && !flipped ? small : factor - 1};
}

static fqpi_decay second_order(const recursion *c, double s) {
    const bool flipped = c->trace < 0; /* r(s) (-1)^s is the recursion with -T and -r1 */
    const double trace = fabs(c->trace), r1 = flipped ? c->h - 1 : 1 - c->h;
    fqpi_decay d;
    if (c->discriminant < 0) {
        d.factor = turning(c, trace, r1, s);
        d.gain = d.factor - 1;
    } else {
        d = falling(c, flipped, trace, r1, s);
    }
    if (flipped && fmod(s, 2) != 0)
        d = (fqpi_decay){-d.factor, -d.factor - 1};
    return d;
}

static fqpi_decay heavy_ball(double a, double mu, double s) {
    const double root = sqrt(mu), low = (1 - mu) / (1 + root), high = 1 + root;
    return second_order(&(recursion){1 + mu - a, mu, (a - low * low) * (a - high * high), a, a}, s);
}

static fqpi_decay nesterov(double a, double mu, double s) {
    const double rest = 1 - a, discriminant = rest * ((1 - mu) * (1 - mu) - a * (1 + mu) * (1 + mu));
    return second_order(&(recursion){(1 + mu) * rest, mu * rest, discriminant, a, a * (1 + mu)}, s);
}

static double always(double mu) {
    (void)mu;
    return INFINITY;
}

static double below_two(double mu) {
    (void)mu;
    return 2;
}

static double heavy_ball_limit(double mu) {
    return 2 * (1 + mu);
}

static double nesterov_limit(double mu) {
    return 2 * (1 + mu) / (1 + 2 * mu);
}

static const fqpi_rule rows[] = {
    [FQP_FLOW_CONTINUOUS] = {"flow", false, false, always, flow},
    [FQP_FLOW_GD] = {"gd", true, false, below_two, descent},
    [FQP_FLOW_MOMENTUM] = {"momentum", true, true, heavy_ball_limit, heavy_ball},
    [FQP_FLOW_NESTEROV] = {"nesterov", true, true, nesterov_limit, nesterov},
};

const fqpi_rule *fqpi_rule_row(int rule) {
    return rule >= 0 && rule < (int)(sizeof rows / sizeof rows[0]) ? &rows[rule] : NULL;
}

fqpi_decay fqpi_rule_decay(const fqpi_rule *rule, double a, double momentum, double s) {
    if (!(a > 0) || !(s > 0))
        return (fqpi_decay){1, 0};
    if (isinf(s))
        return a < rule->limit(momentum) ? (fqpi_decay){0, -1} : (fqpi_decay){INFINITY, INFINITY};
    return rule->decay(a, momentum, s);
}
