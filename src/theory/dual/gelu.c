/* gelu: s = u Phi(u).  By parts (Tsuchida et al. 2002.08517 give the same in another form), with
 * D = (1 + q1)(1 + q2) - S12^2 = 1 + q1 + q2 + det, det = q1 q2 (1 - c^2), P = E[Phi(u) Phi(v)] =
 * 1/4 + asin(S12/sqrt((1 + q1)(1 + q2)))/(2 pi), B = E[p(u) p(v)] = 1/(2 pi sqrt D) and h = 1/(1 + q1) + 1/(1 + q2):
 *
 *   E[s s]   = S12 P + B (det + S12^2 h)
 *   E[s' s'] = P + S12 B (2 h - 1) + S12 B (det + S12^2 h)/D, its derivative by S12 */
#include "dual.h"
#include "kernel.h"

static const double pi = 3.14159265358979323846;

static void both(double q1, double q2, double s12, double det, double *value, double *slope) {
    const double D = 1 + q1 + q2 + det, root = sqrt(D), B = 0.5 / (pi * root);
    const double P = 0.25 + atan2(s12, root) / (2 * pi), h = 1 / (1 + q1) + 1 / (1 + q2), rest = det + s12 * s12 * h;
    *value = s12 * P + B * rest;
    *slope = P + s12 * B * (2 * h - 1 + rest / D);
}

static double square(double param, double q) {
    (void)param;
    double value, slope;
    both(q, q, q, 0, &value, &slope);
    return value;
}

static void pair(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    const double size = sqrt(p->q1) * sqrt(p->q2), sine = size * fqpi_gap_sine(p->gap);
    both(p->q1, p->q2, size * fqpi_gap_cosine(p->gap), sine * sine, &e->value, &e->slope);
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

const fqpi_dual fqpi_dual_gelu = {
    .activation = FQPI_ACT_GELU, .formula = "by parts (Tsuchida et al. 2002.08517)", .square = square, .pair = pair};
