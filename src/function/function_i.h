/* function_i.h - the inside of a trained function, for the files of this layer. */
#ifndef FQPI_FUNCTION_I_H
#define FQPI_FUNCTION_I_H

#include "net.h"
#include <fqp/function.h>

typedef struct fqpi_function_part {
    fqp_model_opts options; /* own texts and lists */
    uint64_t seed;
    fqp_model *model;
    double factor, turn;
    double *phase; /* [d]; NULL: no gate */
} fqpi_function_part;

typedef struct fqpi_remark {
    char *key, *value;
} fqpi_remark;

struct fqp_function {
    fqp_ctx *ctx;
    int64_t d, m;
    double *centre, *half;   /* [d] */
    double *offset, *spread; /* [m] */
    fqpi_function_part *part;
    size_t parts;
    fqpi_remark *note; /* in the order they were first set */
    size_t notes;
};

#endif
