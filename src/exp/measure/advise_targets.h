/* advise_targets.h - the bank of targets on which advice is judged against a grid search. */
#ifndef FQPI_ADVISE_TARGETS_H
#define FQPI_ADVISE_TARGETS_H

#include "exp.h"

enum { FQPI_ADVISE_TARGETS = 30 };

/* Part of the bank: targets nobody looked at while the advice was made, and those it was made on. */
typedef enum fqpi_advise_part { FQPI_ADVISE_HELD, FQPI_ADVISE_DEVELOPMENT } fqpi_advise_part;

typedef struct fqpi_advise_target {
    const char *name;
    bool smooth; /* no detail that a plain network would miss */
    uint64_t seed;
    int64_t steps;            /* of a full training */
    fqp_dataset *data;        /* training points, 2 % noise on every third target; no test points */
    fqp_array x_test, y_test; /* random points of the box, without noise */
} fqpi_advise_target;

/* Target i = 0 .. 29: 12 curves, 12 images of 64 x 64, 6 of scattered points. */
fqp_status fqpi_advise_target_make(fqp_ctx *ctx, int i, fqpi_advise_part part, fqpi_advise_target *out);
void fqpi_advise_target_free(fqpi_advise_target *t);

#endif
