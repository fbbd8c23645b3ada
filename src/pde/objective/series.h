/* series.h - functions of d coordinates as their Taylor coefficients at many points, and the arithmetic that keeps them
 * exact: what a product or quotient needs of its factors' derivatives.
 *
 * A series is a [count, FQPI_SERIES_TILE] array: coefficient D^a f / a! of every multi-index |a| <= order, for the
 * points of a tile (Griewank & Walther 2008, chapter 13). */
#ifndef FQPI_SERIES_H
#define FQPI_SERIES_H

#include <fqp/model.h>

enum {
    FQPI_SERIES_AXES = 4,
    FQPI_SERIES_MOST = 70,   /* multi-indices of four axes up to order 4 */
    FQPI_SERIES_PAIRS = 495, /* pairs of them whose sum is one of them */
    FQPI_SERIES_TILE = 64
};

typedef struct fqpi_objective_series {
    int d, order, count;
    uint8_t index[FQPI_SERIES_MOST][FQPI_SERIES_AXES]; /* by order; 0: the value */
    int pairs;
    struct {
        int16_t a, b, sum;
    } pair[FQPI_SERIES_PAIRS]; /* by sum */
} fqpi_objective_series;

void fqpi_objective_series_create(int d, int order, fqpi_objective_series *s);
/* The place of a multi-index; -1: its order is too high. */
int fqpi_objective_series_find(const fqpi_objective_series *s, const uint8_t *index);
/* a! */
double fqpi_objective_series_factorial(const fqpi_objective_series *s, int i);

/* out must be none of the arguments. */
void fqpi_objective_series_product(const fqpi_objective_series *s, const double *a, const double *b, double *out);
void fqpi_objective_series_inverse(const fqpi_objective_series *s, const double *a, double *out);
void fqpi_objective_series_constant(const fqpi_objective_series *s, double value, double *out);
/* slope * (x_axis - zero) at n points x [n, d]. */
void fqpi_objective_series_line(const fqpi_objective_series *s, int axis, double zero, double slope, int64_t n,
                                const double *x, double *out);

#endif
