/* sampling.h - mini-batches in proportion to a score of the points (importance sampling).
 *
 * p_i = (1 - e) s_i/sum s + e/n, drawn with repetition by counters.  Divided by n p_i, the losses of a batch have the
 * mean of the whole set and so has their gradient (Katharopoulos & Fleuret 1803.00942, eq. 8). */
#ifndef FQPI_TRAIN_SAMPLING_H
#define FQPI_TRAIN_SAMPLING_H

#include "path.h"

const char *fqpi_sampling_name(size_t i, const char **doc);

fqp_status fqpi_sampling_check(fqp_ctx *ctx, const fqp_dataset *data, const fqp_train_opts *o);
fqp_status fqpi_sampling_open(fqp_trainer *t); /* nothing for shuffled batches */
void fqpi_sampling_close(fqp_trainer *t);

/* Before the step is prepared, by all members: scores at the present parameters, when they are due. */
void fqpi_sampling_refresh(fqp_trainer *t, int64_t step, int member, int members);
int64_t fqpi_sampling_draw(const fqp_trainer *t, int64_t step, int64_t position);
double fqpi_sampling_weight(const fqp_trainer *t, int64_t point); /* of its loss */

/* Scores that change while training, for checkpoints; NULL: none. */
const double *fqpi_sampling_scores(const fqp_trainer *t);
void fqpi_sampling_restore(fqp_trainer *t, const double *scores);

#endif
