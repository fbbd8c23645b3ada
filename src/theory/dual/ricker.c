/* ricker of width a: s = C (1 - u^2) exp(-u^2/2) of u/a, C = pi^(1/4)/(15 a).  With the variances in units of a^2,
 * D = det(1 + S) = 1 + q1 + q2 + q1 q2 (1 - c^2) and the moments of the tilted Gaussian of covariance S (1 + S)^-1,
 *
 *   E[s s]   = C^2 ((1 + q1)(1 + q2) + 2 S12^2) D^(-5/2) = C^2 (D + 3 S12^2) D^(-5/2)
 *   E[s' s'] = C^2/a^2 (9 D + 15 S12^2) S12 D^(-7/2), its derivative by S12 */
#include "dual.h"
#include "kernel.h"

static double height(double a) {
    return 1.33133536380038971280 / (15 * a);
}

static double square(double a, double q) {
    const double r = q / (a * a), D = 1 + 2 * r, c = height(a);
    return c * c * (D + 3 * r * r) / (D * D * sqrt(D));
}

static void pair(double a, const fqpi_pair *p, fqpi_expectation *e) {
    const double q1 = p->q1 / (a * a), q2 = p->q2 / (a * a), size = sqrt(q1) * sqrt(q2), c = height(a);
    const double det = size * fqpi_gap_sine(p->gap), s12 = size * fqpi_gap_cosine(p->gap);
    const double D = 1 + q1 + q2 + det * det, power = c * c / (D * D * sqrt(D));
    e->value = power * (D + 3 * s12 * s12);
    e->slope = power / (a * a) * s12 * (9 + 15 * s12 * s12 / D);
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

const fqpi_dual fqpi_dual_ricker = {
    .activation = FQPI_ACT_RICKER, .formula = "moments of a tilted Gaussian", .square = square, .pair = pair};
