/* stopping_i.h - the rule as a function of numbers (stopping_judge.c), and what it says (stopping.c). */
#ifndef FQPI_STOPPING_I_H
#define FQPI_STOPPING_I_H

#include <fqp/stopping.h>

typedef struct fqpi_stopping_facts {
    fqp_stopping_noise noise;
    int64_t hold;
    const char *unknown; /* why the noise is not known */
} fqpi_stopping_facts;

/* step [n], frame [n] */
void fqpi_stopping_judge(const fqpi_stopping_facts *facts, size_t n, const int64_t *step,
                         const fqp_stopping_frame *frame, fqp_stop *out);

#endif
