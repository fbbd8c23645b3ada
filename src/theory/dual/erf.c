/* erf: with D = (1 + 2 q1)(1 + 2 q2) - 4 S12^2,
 *
 *   E[s s]   = (2/pi) asin(2 S12/sqrt((1 + 2 q1)(1 + 2 q2))) = (2/pi) atan2(2 S12, sqrt D)   (Williams 1997)
 *   E[s' s'] = (4/pi)/sqrt D,
 *
 * D expanded to 1 + 2 q1 + 2 q2 + 4 q1 q2 (1 - c^2), which loses nothing where c is near 1. */
#include "dual.h"
#include "kernel.h"

static const double pi = 3.14159265358979323846;

static double square(double param, double q) {
    (void)param;
    return 2 / pi * atan2(2 * q, sqrt(1 + 4 * q));
}

static void pair(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    const double size = sqrt(p->q1) * sqrt(p->q2), sine = fqpi_gap_sine(p->gap), det = size * sine;
    const double root = sqrt(1 + 2 * (p->q1 + p->q2) + 4 * det * det);
    e->value = 2 / pi * atan2(2 * size * fqpi_gap_cosine(p->gap), root);
    e->slope = 4 / pi / root;
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

const fqpi_dual fqpi_dual_erf = {
    .activation = FQPI_ACT_ERF, .formula = "arc-sine kernel (Williams 1997)", .square = square, .pair = pair};
