/* empirical.h - the inside of the kernel of a network at hand. */
#ifndef FQPI_EMPIRICAL_H
#define FQPI_EMPIRICAL_H

#include "factors.h"
#include "ntk_i.h"

typedef struct fqpi_empirical {
    const fqp_model *net;
    int64_t output; /* a number, FQP_NTK_SUM or FQP_NTK_ALL */
    double bytes;   /* of the factors held at a time, and of vectors of parameters */
} fqpi_empirical;

/* The network in the precision of the work, and room for the points of each thread. */
typedef struct fqpi_points {
    fqp_ctx *ctx;
    const fqp_model *net;
    fqp_model *copy; /* NULL: the network is in that precision */
    void *rows;
    int64_t row;
} fqpi_points;
/* To be closed also when this fails. */
fqp_status fqpi_points_open(const fqp_ntk *k, fqp_dtype t, fqpi_points *p);
void fqpi_points_close(fqpi_points *p);
/* f holds points [first, first + n) of x. */
void fqpi_points_take(const fqpi_points *p, fqp_view x, int64_t first, int64_t n, fqpi_factors *f);
/* What the kernel needs of some points: the outputs it is made of. */
fqpi_factor_opts fqpi_points_opts(const fqp_ntk *k, int64_t samples);
/* Points whose factors take no more than `bytes`, but a span at least. */
int64_t fqpi_points_within(const fqp_model *net, fqpi_factor_opts o, double bytes);

/* explicit.c: for networks that factors do not serve */
extern const fqpi_ntk_kind fqpi_ntk_explicit;
fqp_status fqpi_empirical_has_no_covariance(const fqp_ntk *k);

fqp_status fqpi_empirical_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out);

#endif
