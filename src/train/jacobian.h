/* jacobian.h - derivatives of the residuals of a training set by the parameters, kept as factors (factors.h).
 *
 * Residuals r = weight (map(z) - y), output by output: row a n + i is output a of sample i.  J J^T is made of the
 * factors; J itself is written down only where there are more residuals than parameters, some rows at a time. */
#ifndef FQPI_JACOBIAN_H
#define FQPI_JACOBIAN_H

#include "trainer.h"

typedef struct fqpi_jacobian fqpi_jacobian;

/* Rows that are written down by others, into fqpi_jacobian_all [rows][padded parameters]; so many of them are there.
 */
fqp_status fqpi_jacobian_create_rows(fqp_trainer *t, int64_t rows, fqpi_jacobian **out);
double fqpi_jacobian_bytes_of_rows(const fqp_model *net, int64_t rows);
double *fqpi_jacobian_all(fqpi_jacobian *j);
void fqpi_jacobian_resize(fqpi_jacobian *j, int64_t rows);

/* Of the whole training set of t, a trainer in f64.  The work space is all allocated here. */
fqp_status fqpi_jacobian_create(fqp_trainer *t, double weight, fqpi_jacobian **out);
void fqpi_jacobian_destroy(fqpi_jacobian *j);
double fqpi_jacobian_bytes(const fqp_model *net, int64_t n); /* what create will ask for, but for room of threads */

void fqpi_jacobian_take(fqpi_jacobian *j, double *r); /* at the present parameters; r [n m] */
/* Rows [first, first + n) of J, ld elements apart. */
void fqpi_jacobian_rows(fqpi_jacobian *j, int64_t first, int64_t n, double *rows, int64_t ld);
/* The lower triangle of J J^T [n m, n m] or J^T J [P, P], row by row. */
void fqpi_jacobian_outer(fqpi_jacobian *j, double *matrix);
void fqpi_jacobian_inner(fqpi_jacobian *j, double *matrix);
void fqpi_jacobian_pull(fqpi_jacobian *j, const double *u, double *g); /* g [P] = J^T u */
void fqpi_jacobian_push(fqpi_jacobian *j, const double *v, double *u); /* u [n m] = J v */

#endif
