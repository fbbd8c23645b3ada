/* slopes.h - hooks of a step for networks with trained slopes; nothing for others. */
#ifndef FQPI_TRAIN_SLOPES_H
#define FQPI_TRAIN_SLOPES_H

#include "path.h"

fqp_status fqpi_slopes_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o);
fqp_status fqpi_slopes_open(fqp_trainer *t);
void fqpi_slopes_close(fqp_trainer *t);

double fqpi_slopes_term(const fqp_trainer *t); /* train.slope_recovery times S(a), part of the loss */

/* Gradient by live rows [i0, i1) of layer l, whole, into that by trained rows; what the slopes get of it is noted. */
void fqpi_slopes_weights(fqp_trainer *t, int64_t l, int64_t i0, int64_t i1, void *g);
void fqpi_slopes_biases(fqp_trainer *t, int64_t l, int64_t i0, int64_t i1, void *g);
/* After the rows of all layers, called by all members: gradient of the slopes, into t->gradient and to `update` (NULL:
 * none). */
void fqpi_slopes_finish(fqp_trainer *t, int member, int members, const fqpi_update *update);

/* The same for a whole gradient by live weights in t->gradient, by one member, with that of the slope recovery term or
 * without; and the update of slopes alone. */
void fqpi_slopes_whole(fqp_trainer *t, bool recovery);
void fqpi_slopes_update(fqp_trainer *t, const fqpi_update *update);

/* Parameters have changed: live weights follow.  Called by all members, who meet before it, and have to after it. */
void fqpi_slopes_refresh(const fqp_trainer *t, int member, int members);

#endif
