/* problem.h - a problem (fqp/problem.h) as equations in time for the spectral solver. */
#ifndef FQPI_SPECTRAL_PROBLEM_H
#define FQPI_SPECTRAL_PROBLEM_H

#include "spectral/spectral.h"

#include <fqp/problem.h>

enum { FQPI_SPECTRAL_UNKNOWNS = 4, FQPI_SPECTRAL_TERMS = 64 };

typedef struct fqpi_spectral_plan {
    fqp_ctx *ctx;
    const fqp_pde *problem;
    size_t equation;                   /* the piece */
    int64_t d, m, count;               /* coordinates, unknowns, derivatives of the piece */
    int order[FQPI_SPECTRAL_UNKNOWNS]; /* of the highest derivative by time of an unknown: 1 or 2 */
    int field[FQPI_SPECTRAL_UNKNOWNS]; /* of its value; the next one is its rate where the order is 2 */
    double begin, end;                 /* of time */
    double *numbers;                   /* of the equations, as they start */
    /* at places [room]: [m, count], [m], [d], and the inverse [m, m] of what the derivatives by time are multiplied by
     */
    double *u, *r, *x, *mass;
    int64_t room;
    fqpi_spectral_flow flow;
    fqpi_spectral_term term[FQPI_SPECTRAL_TERMS];
    double linear[FQPI_SPECTRAL_FIELDS * FQPI_SPECTRAL_TERMS];
} fqpi_spectral_plan;

/* FQP_E_UNSUPPORTED with the reason: no time, no box, more than two space coordinates, an unknown without a derivative
 * by time, walls whose conditions are neither periodic, nor u = 0, nor u_n = 0. */
fqp_status fqpi_spectral_plan_create(fqp_ctx *ctx, const fqp_pde *problem, fqpi_spectral_plan **out);
void fqpi_spectral_plan_destroy(fqpi_spectral_plan *p);
/* w [n, fields] of the initial conditions at x [n, axes]. */
fqp_status fqpi_spectral_initial(const fqpi_spectral_plan *p, int64_t n, const double *x, double *w);

/* Make ready for w_t at so many places x [n, axes], which stay the same: what the derivatives by time are multiplied by
 * may depend on the place, not on u or on time. */
fqp_status fqpi_spectral_plan_ready(fqpi_spectral_plan *p, int64_t n, const double *x);

/* ---- what its files share ---------------------------------------------------------------------------------------- */

/* problem.c: how the message of a refusal begins, and ends */
fqp_status fqpi_spectral_refuse(fqp_ctx *ctx, const char *what);
/* residual and its derivatives dr [n, rows, points, m, count] of any piece, with the plan's numbers */
fqp_status fqpi_spectral_residual(const fqpi_spectral_plan *p, size_t piece, int64_t n, const double *x,
                                  const double *normal, const double *u, double *r, double *dr);
/* derivative q of the equations, and has it some by space? */
fqp_derivative fqpi_spectral_derivative(const fqpi_spectral_plan *p, int64_t q);
bool fqpi_spectral_in_space(const fqpi_spectral_plan *p, fqp_derivative which);
/* terms of derivative q of unknown j: none where the solver finds it, several where axes are summed; their number */
int fqpi_spectral_terms_of(const fqpi_spectral_plan *p, int64_t j, int64_t q, fqpi_spectral_term *out);
int fqpi_spectral_term_number(const fqpi_spectral_plan *p, fqpi_spectral_term term); /* -1: unknown */
/* a [n, n] becomes its inverse, n <= FQPI_SPECTRAL_FIELDS; false: singular */
bool fqpi_spectral_invert(int64_t n, double *a);
/* walls.c: parity of every field from the conditions */
fqp_status fqpi_spectral_walls(fqpi_spectral_plan *p);
/* rates.c: w_t of the flow, and its linear part */
fqp_status fqpi_spectral_rate(void *plan, double t, int64_t n, const double *x, const double *w, double *dw);
fqp_status fqpi_spectral_linearise(fqpi_spectral_plan *p);

#endif
