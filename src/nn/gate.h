/* gate.h - one row per kind of gates: functions of the coordinates that weigh the branches. */
#ifndef FQPI_GATE_H
#define FQPI_GATE_H

#include "feature.h"

typedef struct fqpi_gate {
    const char *name, *doc;
    int64_t (*branches)(const fqp_model_opts *o, int64_t d);               /* that it weighs; 0: no gates */
    fqp_status (*check)(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o); /* NULL: nothing to check */
    const fqpi_feature_row *feature;                                       /* NULL: no gates */
    const char *key, *each; /* whose branches they are, and how many of them there are, for messages */
} fqpi_gate;

const fqpi_gate *fqpi_gate_row(int gate); /* of a choice that was checked */
bool fqpi_gate_windows(const fqp_model_opts *o);

#endif
