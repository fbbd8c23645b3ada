/* forecast_bank.h - training runs drawn by counter-based random numbers, for forecasts to be held against. */
#ifndef FQPI_FORECAST_BANK_H
#define FQPI_FORECAST_BANK_H

#include "measure.h"

/* Even cases are for development, odd ones are kept for the claim; no two share a seed. */
enum { FQPI_BANK_RUNS = 200, FQPI_BANK_HOLD = 20 };
#define FQPI_BANK_TAU 0.1

typedef struct fqpi_bank_run {
    size_t frames, bands;
    int64_t *step; /* [frames] */
    double *error; /* [frames, bands], of the selected bins */
} fqpi_bank_run;

/* Configuration of case i as YAML. */
char *fqpi_bank_yaml(fqp_ctx *ctx, int64_t i); /* free with fqpi_free */
/* Train case i. */
fqp_status fqpi_bank_train(fqp_ctx *ctx, int64_t i, fqpi_bank_run *out);
void fqpi_bank_free(fqpi_bank_run *run);

#endif
