/* weak.h - equations tested with polynomials on a box of elements (VPINN: Kharazmi, Zhang & Karniadakis 1912.00873;
 * hp-VPINN 2003.05385).
 *
 *   R_k = 1/|e| int_e r phi_k                                      any equation
 *   R_k = 1/|e| int_e (e_u phi_k + e_(u_x) phi_x,k + ...)          linear equations of an energy e: one integration by
 *                                                                  parts, so first derivatives alone are needed
 *   phi_k = product over the axes of P_(k+1) - P_(k-1), 0 where the element ends
 *   term = mean over elements and k of R_k^2 */
#ifndef FQPI_WEAK_H
#define FQPI_WEAK_H

#include "objective/objective_i.h"

typedef struct fqpi_weak {
    int64_t elements, nodes, tests; /* of the box; of an element */
    int64_t along[FQP_AXES];        /* elements along an axis */
    int64_t equations, parts;       /* tested residuals of a point, and the parts each is the sum of */
    bool energy;                    /* parts are derivatives of the energy */
    double *table;                  /* [parts, tests, nodes] quadrature weight times D^part phi / |e| */
    double *base, *slope;           /* energy: its derivatives by u at u = 0, and by u once more, at all points */
    double *by_node;                /* [parts, nodes, tests] the same */
    double *column;                 /* [nodes] room */
    double *tested;                 /* [elements, equations, tests] R, then its adjoint */
    void *block;
} fqpi_weak;

/* The equations' part becomes one of tested residuals. */
fqp_status fqpi_weak_part(fqp_objective *o, fqpi_objective_part *p);
/* What follows from its points, once they are there. */
void fqpi_weak_points(fqp_objective *o, fqpi_objective_part *p);
fqp_status fqpi_weak_linearise(fqp_objective *o, fqpi_objective_part *p);
void fqpi_weak_free(fqp_objective *o);
extern const fqpi_objective_rule fqpi_weak_rule; /* weak_rule.c */

#endif
