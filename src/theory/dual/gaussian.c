/* gaussian: s = exp(-u^2).  With D = det(1 + 2 S) = 1 + 2 q1 + 2 q2 + 4 q1 q2 (1 - c^2),
 *
 *   E[s s] = D^(-1/2),   E[s' s'] = 4 S12 D^(-3/2) */
#include "dual.h"
#include "kernel.h"

static double square(double param, double q) {
    (void)param;
    return 1 / sqrt(1 + 4 * q);
}

static void pair(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    const double size = sqrt(p->q1) * sqrt(p->q2), det = size * fqpi_gap_sine(p->gap);
    const double D = 1 + 2 * (p->q1 + p->q2) + 4 * det * det;
    e->value = 1 / sqrt(D);
    e->slope = 4 * size * fqpi_gap_cosine(p->gap) * e->value / D;
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

const fqpi_dual fqpi_dual_gaussian = {
    .activation = FQPI_ACT_GAUSSIAN, .formula = "det(1 + 2 S)^(-1/2)", .square = square, .pair = pair};
