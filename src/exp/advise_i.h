/* advise_i.h - an advice being made: facts, settings by formula, trials, an answer. */
#ifndef FQPI_ADVISE_I_H
#define FQPI_ADVISE_I_H

#include "exp.h"

#include <fqp/advise.h>

typedef struct fqpi_advice {
    fqp_ctx *ctx;
    const fqp_config *base; /* NULL: arrays in memory */
    const fqp_dataset *data;
    fqp_advise_opts opts; /* no zeros left where they mean a default */
    fqp_facts facts;
    json_t *root; /* advice.json */
} fqpi_advice;

/* "settings": every formula, its numbers per unit of x and for inputs from -1 to 1, its source (advise_settings.c). */
fqp_status fqpi_advise_settings(fqpi_advice *a);
/* "warnings": where the spectrum cannot be trusted, each with its number. */
fqp_status fqpi_advise_warnings(fqpi_advice *a);

/* Numbers of an override of a list, "model.feature_sigma=[2, 3]"; how many, at most `most`; 0: not among them. */
size_t fqpi_advise_numbers(const fqp_texts *set, const char *key, double *v, size_t most);

#endif
