/* sin and cos: with d = E[(u - v)^2] and t = E[(u + v)^2],
 *
 *   E[sin u sin v] = (exp(-d/2) - exp(-t/2))/2,   E[cos u cos v] = (exp(-d/2) + exp(-t/2))/2,
 *
 * each the slope of the other (characteristic functions of u - v and u + v). */
#include "dual.h"
#include "kernel.h"

/* exp(-d/2) - 1 and exp(-t/2) - 1 */
static void waves(const fqpi_pair *p, double *near, double *far) {
    const double a = sqrt(p->q1), b = sqrt(p->q2), between = 0.5 * (a - b) * (a - b);
    *near = expm1(-between - a * b * fqpi_gap_below_one(p->gap));
    *far = expm1(-between - a * b * fqpi_gap_above_minus_one(p->gap));
}

static double square_sin(double param, double q) {
    (void)param;
    return -0.5 * expm1(-2 * q);
}

static double square_cos(double param, double q) {
    (void)param;
    return 0.5 * (1 + exp(-2 * q));
}

static void pair_sin(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    double near, far;
    waves(p, &near, &far);
    e->value = 0.5 * (near - far);
    e->slope = 1 + 0.5 * (near + far);
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

static void pair_cos(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    double near, far;
    waves(p, &near, &far);
    e->value = 1 + 0.5 * (near + far);
    e->slope = 0.5 * (near - far);
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

const fqpi_dual fqpi_dual_sin = {
    .activation = FQPI_ACT_SIN, .formula = "exp(-(q1+q2)/2) sinh S12", .square = square_sin, .pair = pair_sin};
const fqpi_dual fqpi_dual_cos = {
    .activation = FQPI_ACT_COS, .formula = "exp(-(q1+q2)/2) cosh S12", .square = square_cos, .pair = pair_cos};
