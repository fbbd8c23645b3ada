/* finish.h - train.finish: one optimiser first, another for the last steps. */
#ifndef FQPI_FINISH_H
#define FQPI_FINISH_H

#include "trainer.h"

const char *fqpi_finish_name(size_t i, const char **doc);
const fqpi_optimizer *fqpi_finish_row(const fqp_train_opts *o); /* NULL: none */
/* What the other optimiser cannot serve, and steps that there are not. */
fqp_status fqpi_finish_check(fqp_ctx *ctx, const fqp_model *net, const fqp_dataset *data, const fqp_train_opts *o);
bool fqpi_finish_squares(const fqp_trainer *t); /* one of the two wants the sum of squares */

int64_t fqpi_finish_at(const fqp_trainer *t); /* the first of the last steps; without any INT64_MAX */
void fqpi_finish_turn(fqp_trainer *t);        /* from here on it is the other optimiser, if it is time */
void fqpi_finish_adopt(fqp_trainer *t);       /* the optimiser is that of t->now */

#endif
