/* options.h - the ranges of a key table, held against a filled options struct. */
#ifndef FQPI_OPTIONS_H
#define FQPI_OPTIONS_H

#include <fqp/config.h>

/* Report every number outside its range and every choice that does not exist, "train.lr: 3 is outside (0, 1]"; a key
 * whose default is nan may be NaN.  FQP_E_CONFIG when there is one. */
fqp_status fqpi_options_check(fqp_ctx *ctx, const fqp_section *section, const void *opts);

#endif
