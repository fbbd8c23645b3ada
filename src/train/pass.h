/* pass.h - what a step works on, and the predictions of a frame. */
#ifndef FQPI_PASS_H
#define FQPI_PASS_H

#include "trainer.h"

/* Where the samples of a step come from. */
typedef struct fqpi_batch {
    const fqpi_waves *waves;
    int64_t step;         /* -1: outside the steps */
    int64_t epoch, start; /* position of its first sample in the epoch's order */
    bool shuffled;
} fqpi_batch;

fqpi_batch fqpi_batch_of(const fqp_trainer *t, int64_t step);
fqpi_batch fqpi_batch_whole(const fqp_trainer *t);

/* Points [n_eval] predicted, a member's share. */
void fqpi_pass_points(fqp_trainer *t, int member, int members);

#endif
