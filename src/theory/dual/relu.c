/* relu and leaky relu: with the slope r on the negative side and th the angle of the correlation,
 *
 *   E[s s]   = sqrt(q1 q2)/2 ((1 + r^2) cos th + (1 - r)^2 (sin th - th cos th)/pi)
 *   E[s' s'] = (1 + r^2)/2 - (1 - r)^2 th/(2 pi)
 *
 * the arc-cosine kernels of order 1 and 0 (Cho & Saul 2009); both depend on the angle alone but for the norms.  Where a
 * variance is 0 there is no angle, and s'(0) is r, as the engine takes it. */
#include "dual.h"
#include "kernel.h"

static const double pi = 3.14159265358979323846;

static double slope_at_zero(double r, const fqpi_pair *p) {
    return p->q1 == p->q2 ? r * r : 0.5 * r * (1 + r);
}

static double square(double r, double q) {
    return 0.5 * (1 + r * r) * q;
}

static void pair(double r, const fqpi_pair *p, fqpi_expectation *e) {
    const double th = fqpi_gap_angle(p->gap), sine = fqpi_gap_sine(p->gap), cosine = fqpi_gap_cosine(p->gap);
    const double even = 1 + r * r, bend = (1 - r) * (1 - r) / pi, arc = bend * (sine - th * cosine) / even;
    e->value = 0.5 * even * sqrt(p->q1 * p->q2) * (cosine + arc);
    e->slope = p->q1 == 0 || p->q2 == 0 ? slope_at_zero(r, p) : 0.5 * (even - bend * th);
    e->gap = fqpi_gap(fqpi_gap_below_one(p->gap) - arc, fqpi_gap_above_minus_one(p->gap) + arc);
}

static double square_relu(double param, double q) {
    (void)param;
    return square(0, q);
}

static void pair_relu(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    pair(0, p, e);
}

const fqpi_dual fqpi_dual_relu = {.activation = FQPI_ACT_RELU,
                                  .formula = "arc-cosine kernels of order 1 and 0 (Cho & Saul 2009)",
                                  .square = square_relu,
                                  .pair = pair_relu};
const fqpi_dual fqpi_dual_leaky_relu = {.activation = FQPI_ACT_LEAKY_RELU,
                                        .formula = "arc-cosine kernels of order 1 and 0 (Cho & Saul 2009)",
                                        .square = square,
                                        .pair = pair};
