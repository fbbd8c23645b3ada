/* rule.h - one row per way of training: what becomes of an eigenmode of the kernel after s steps.
 *
 * A mode with eigenvalue l has the residual r, and its gradient pulls by a r, a = lr c l (ntk.h). */
#ifndef FQPI_RULE_H
#define FQPI_RULE_H

#include <fqp/ntk.h>

/* r(s)/r(0), and that less 1 without cancellation.  A mode beyond the numbers is +-infinity, never NaN. */
typedef struct fqpi_decay {
    double factor, gain;
} fqpi_decay;

typedef struct fqpi_rule {
    const char *name;
    bool discrete, inert;                                     /* whole steps only; has momentum */
    double (*limit)(double momentum);                         /* modes fall while 0 < a < limit */
    fqpi_decay (*decay)(double a, double momentum, double s); /* a > 0, s > 0 finite */
} fqpi_rule;

const fqpi_rule *fqpi_rule_row(int rule); /* FQP_FLOW_...; NULL outside the table */

/* Any a >= 0 and s >= 0, infinity too: 0 where the mode is learnt, infinity where it does not fall. */
fqpi_decay fqpi_rule_decay(const fqpi_rule *rule, double a, double momentum, double s);

#endif
