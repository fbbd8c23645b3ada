/* field.h - the residual of a problem's equations for values that are known at points alone: anyone's predictions.
 *
 * The points are the nodes of a lattice (any spacing along every axis, nodes may be missing).  Derivatives are finite
 * differences along the axes (weights: Fornberg 1988), central where neighbours are there, one-sided at ends and gaps,
 * around the corner where a coordinate is periodic; mixed derivatives one axis after the other.  Every residual is
 * computed twice, of order 6 and of order 4; where the two differ, the differences' own error speaks, not the equation.
 */
#ifndef FQPI_FIELD_H
#define FQPI_FIELD_H

#include <fqp/problem.h>

typedef struct fqpi_field fqpi_field;

/* x [n, d].  FQP_E_DATA with the reason when the points lie on no lattice (fewer than
 * one in sixteen of its places is taken), FQP_E_UNSUPPORTED when an axis has too few nodes for a derivative. */
fqp_status fqpi_field_create(fqp_ctx *ctx, const fqp_pde *p, fqp_view x, fqpi_field **out);
void fqpi_field_destroy(fqpi_field *f);
/* r [n, rows] of the values u [n, m] with numbers [K]; NaN where a node has too few neighbours.  doubt [n, rows] (may
 * be NULL): how large the error of r may be: |r(order 6) - r(order 4)| and the rounding of u. */
fqp_status fqpi_field_residual(fqpi_field *f, fqp_view u, const double *numbers, double *r, double *doubt);
/* terms [n, rows]: root of the sum of squares of the equation's terms (dr/du_j) u_j, NaN as above. */
fqp_status fqpi_field_terms(fqpi_field *f, fqp_view u, const double *numbers, double *terms);

/* ---- what needs no lattice -------------------------------------------------------------------------------------- */

/* The piece that holds the equations; count of its derivatives; -1: there is none. */
int64_t fqpi_field_equations(const fqp_pde *p);
/* r [n, rows] of u = 0, the right side with its sign. */
fqp_status fqpi_field_zero(fqp_ctx *ctx, const fqp_pde *p, fqp_view x, const double *numbers, double *r);

/* ---- the lattice (field_lattice.c) ------------------------------------------------------------------------------- */

enum { FQPI_FIELD_AXES = FQP_DOMAIN_AXES + 1 };
typedef struct fqpi_field_lattice {
    int64_t d, n, shape[FQPI_FIELD_AXES];
    double *axis[FQPI_FIELD_AXES];  /* coordinates, ascending, [shape] */
    double period[FQPI_FIELD_AXES]; /* 0: not periodic */
    int64_t places;                 /* of the whole lattice */
    int64_t *node;                  /* [places] number of the point there, -1: none */
    int64_t *place;                 /* [n] */
} fqpi_field_lattice;

fqp_status fqpi_field_lattice_create(fqp_ctx *ctx, fqp_view x, fqpi_field_lattice *out);
void fqpi_field_lattice_free(fqpi_field_lattice *l);

/* ---- finite differences along one axis (field_differences.c) ----------------------------------------------------- */

/* A sparse matrix: value i = sum over its count[i] entries, from i * FQPI_FIELD_STENCIL on, of weight * u[node]. */
enum { FQPI_FIELD_STENCIL = 12 };
typedef struct fqpi_field_differences {
    int64_t n;
    uint8_t *count; /* a node without enough neighbours has one entry of weight NaN */
    int64_t *node;
    double *weight;
    double *size; /* [n] sum of |weight|: what rounding is multiplied by */
} fqpi_field_differences;

/* The k-th derivative along `axis`, of order `accuracy`. */
fqp_status fqpi_field_differences_create(fqp_ctx *ctx, const fqpi_field_lattice *l, int axis, int k, int accuracy,
                                         fqpi_field_differences *out);
void fqpi_field_differences_apply(const fqpi_field_differences *a, const double *u, double *du);
void fqpi_field_differences_free(fqpi_field_differences *a);
/* Weights [n] of the k-th derivative at z from values at nodes x [n] (Fornberg, Math. Comp. 51, 1988); n <=
 * FQPI_FIELD_STENCIL, k <= 4. */
void fqpi_field_weights(double z, const double *x, int n, int k, double *w);

#endif
