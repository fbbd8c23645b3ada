/* wavefit_i.h - what wavefit.c and wavefit_rounds.c share. */
#ifndef FQPI_WAVEFIT_I_H
#define FQPI_WAVEFIT_I_H

#include "wavefit.h"

int64_t fqpi_wavefit_shell(int64_t d, const int *k);
/* The next place of the cube [-shells, shells]^d, the last number fastest; false after the last. */
bool fqpi_wavefit_next(int64_t d, int64_t shells, int *k);
/* Is k one of the waves: within the shells, and in the half of them that has no wave twice? */
bool fqpi_wavefit_counts(int64_t d, int64_t shells, const int *k);
/* Most shells whose waves take no more than so many functions; at least 1. */
int64_t fqpi_wavefit_most(int64_t d, int64_t functions);
/* w->k, counts; w->d is given. */
fqp_status fqpi_wavefit_list(fqp_ctx *ctx, int64_t shells, fqpi_wavefit *w);
/* w->low and turn from the points. */
void fqpi_wavefit_box(fqp_view x, fqpi_wavefit *w);
/* phi [functions] at x [d] */
void fqpi_wavefit_functions(const fqpi_wavefit *w, const double *x, double *phi);

#endif
