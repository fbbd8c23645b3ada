/* lfp_i.h - what the files of the linear frequency principle share. */
#ifndef FQPI_LFP_I_H
#define FQPI_LFP_I_H

#include <fqp/lfp.h>

/* Is the law in order? */
fqp_status fqpi_lfp_check(fqp_ctx *ctx, const fqp_lfp_law *law);
/* Does the affine function belong to what costs nothing (else only the constant)? */
bool fqpi_lfp_affine(const fqp_lfp_law *law);

/* The kernel of a law with what does not depend on the distance. */
typedef struct fqpi_radial {
    fqp_lfp_law law;
    double cubic, linear; /* relu: G = cubic x^3 - linear x */
} fqpi_radial;
fqpi_radial fqpi_radial_of(const fqp_lfp_law *law);
double fqpi_radial_at(const fqpi_radial *g, double distance); /* distance >= 0 */

/* A copy of v as f64 [n, columns] (1-D: one column).  n or columns 0: any number.  Shape, type and finite values are
 * checked; `what` begins messages ("points"). */
fqp_status fqpi_lfp_matrix(fqp_ctx *ctx, const char *what, fqp_view v, int64_t n, int64_t columns, fqp_array *out);
double fqpi_lfp_distance(int64_t d, const double *a, const double *b);

#endif
