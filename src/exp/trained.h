/* trained.h - the network that a seed of a stored run ended with, and the data it was trained on.
 *
 * config.yaml says how both are made, checkpoint.npz holds the parameters. */
#ifndef FQPI_TRAINED_H
#define FQPI_TRAINED_H

#include "exp.h"

typedef struct fqpi_trained {
    fqp_config *config;
    fqp_dataset *data;
    fqp_model *model; /* its parameters may be changed: nothing is written back */
} fqpi_trained;

/* Seed `seed` (its number, from 1) of the run in dir.  A run without a checkpoint is FQP_E_IO, one whose parameters do
 * not fit its configuration FQP_E_DATA, one of several stages FQP_E_UNSUPPORTED.  *out is released by
 * fqpi_trained_free, also after a failure. */
fqp_status fqpi_trained_load(fqp_ctx *ctx, const char *dir, int64_t seed, fqpi_trained *out);
/* The same as it was drawn, before training: no checkpoint is read. */
fqp_status fqpi_trained_draw(fqp_ctx *ctx, const char *dir, int64_t seed, fqpi_trained *out);
/* The parameters it began with, where train.subtract_start keeps them. */
fqp_status fqpi_trained_start(fqp_ctx *ctx, const char *dir, int64_t seed, const fqpi_trained *t, fqp_array *out);
void fqpi_trained_free(fqpi_trained *t);

#endif
