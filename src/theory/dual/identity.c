/* identity: E[u v] = S12. */
#include "dual.h"
#include "kernel.h"

static double square(double param, double q) {
    (void)param;
    return q;
}

static void pair(double param, const fqpi_pair *p, fqpi_expectation *e) {
    (void)param;
    e->value = sqrt(p->q1) * sqrt(p->q2) * fqpi_gap_cosine(p->gap);
    e->slope = 1;
    e->gap = p->gap;
}

const fqpi_dual fqpi_dual_identity = {
    .activation = FQPI_ACT_IDENTITY, .formula = "S12", .square = square, .pair = pair};
