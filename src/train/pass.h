/* pass.h - one wave of samples through the network and back; what a member of the team does of it. */
#ifndef FQPI_PASS_H
#define FQPI_PASS_H

#include "trainer.h"

/* Where the samples of a step come from. */
typedef struct fqpi_batch {
    const fqpi_waves *waves;
    int64_t epoch, start; /* position of its first sample in the epoch's order */
    bool shuffled;
} fqpi_batch;

fqpi_batch fqpi_batch_of(const fqp_trainer *t, int64_t step);
fqpi_batch fqpi_batch_whole(const fqp_trainer *t);

/* Phase 1: a member's tiles of wave w, forward and (with backward) the signals pulled back.  Losses of the samples go
 * to t->losses, hits are added to the member's. */
void fqpi_pass_samples(fqp_trainer *t, const fqpi_batch *b, int64_t w, int member, int members, bool backward);

/* Phase 2, after a barrier: a member's rows of every layer.  Gradients of waves but the last are kept; the last one's
 * are brought to `update`, or stay in t->gradient when it is NULL. */
void fqpi_pass_rows(fqp_trainer *t, const fqpi_batch *b, int64_t w, int member, int members, const fqpi_update *update);

/* Points [n_eval] predicted, a member's share. */
void fqpi_pass_points(fqp_trainer *t, int member, int members);

#endif
