/* window.h - the grid of windows of gate window and embedding window. */
#ifndef FQPI_WINDOW_H
#define FQPI_WINDOW_H

#include "feature.h"

int64_t fqpi_windows_count(const fqp_model_opts *o); /* of model.windows, 1 when there are none */
/* Numbers that are no grid of windows over d coordinates, with the reason. */
fqp_status fqpi_windows_check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o);
void fqpi_windows_lay_out(int64_t d, const fqp_model_opts *o, fqpi_windows *out);
/* Middle of window b and half its width, overlap included, along axis a. */
void fqpi_windows_place(const fqpi_windows *w, int64_t b, int64_t a, double *middle, double *half);
/* value [windows] at x [d], or the derivatives of that order [d], each up to 4. */
void fqpi_windows_eval(const fqpi_windows *w, const double *x, const int *order, double *value);

#endif
