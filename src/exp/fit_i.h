/* fit_i.h - how good a fit is, from its run directory. */
#ifndef FQPI_FIT_I_H
#define FQPI_FIT_I_H

#include "exp.h"

#include <fqp/function.h>
#include <fqp/remedy.h>

/* A fit in memory again. */
typedef struct fqpi_fitted {
    fqp_config *config;
    fqp_dataset *data;
    fqp_function *function;
} fqpi_fitted;

/* DIR/fit.json anew from what the directory holds. */
fqp_status fqpi_fit_measure(fqp_ctx *ctx, const char *dir);

/* The fitted signal as a file of its kind, DIR/reconstruction.*; *out: file, kind, and how good a copy it is.  Of what
 * is no signal the values at the training points, and NULL. */
fqp_status fqpi_fit_rebuild(fqp_ctx *ctx, const char *dir, const fqpi_fitted *fit, json_t **out);

/* Octaves of a probe's axis: bands.from, .to, .share (of the target's energy), .error (relative, NaN where there is no
 * energy) of the last frame; and the error over all bins of every frame. */
json_t *fqpi_fit_bands(const fqpi_series *s);
json_t *fqpi_fit_curve(const fqpi_seed *seed, const fqpi_series *s);

#endif
