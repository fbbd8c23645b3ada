/* jet_rule.h - which derivatives by the inputs a jet holds, as the kernels want to know it.
 *
 * Channel 0 is the value; a channel stands behind all that its derivative is made of.  Through a = s(z) every channel
 * is a_c = s' z_c + sum over its terms of  coefficient s^(factors) z_f1 z_f2 .. (the formula of Faa di Bruno, whose
 * terms are the partitions of the set of derivatives taken), and of a product (g z)_c = sum over its pairs of
 * coefficient g_left z_right (Griewank & Walther, Evaluating Derivatives, 2008, chapter 13). */
#ifndef FQPI_JET_RULE_H
#define FQPI_JET_RULE_H

#include <stdint.h>

enum { FQPI_JET_ORDER = 4, FQPI_JET_GIVEN = -1 };

typedef struct fqpi_jet_term {
    double coefficient;
    int32_t factors, factor[FQPI_JET_ORDER]; /* 2 to 4 channels */
} fqpi_jet_term;

typedef struct fqpi_jet_pair {
    double coefficient;
    int32_t left, right;
} fqpi_jet_pair;

typedef struct fqpi_jet_rule {
    int order; /* of the highest derivative */
    int form;  /* row of FQPI_JET_FORMS whose channels these are, for which kernels have code of its own; else -1 */
    int64_t channels;
    const int32_t *first_term, *first_pair; /* [channels + 1]; those of a channel end where the next one's begin */
    const fqpi_jet_term *term;
    const fqpi_jet_pair *pair;
} fqpi_jet_rule;

/* R(axes, seconds, sums of axes): value, first derivatives by so many axes, then so many second derivatives, each the
 * sum of d2/dx_i^2 over the axes i whose bits are set. */
#define FQPI_JET_FORMS(R)                                                                                              \
    R(0, 0, 0, 0, 0)                                                                                                   \
    R(1, 0, 0, 0, 0)                                                                                                   \
    R(1, 1, 1, 0, 0)                                                                                                   \
    R(2, 0, 0, 0, 0)                                                                                                   \
    R(2, 1, 1, 0, 0)                                                                                                   \
    R(2, 1, 3, 0, 0)                                                                                                   \
    R(2, 2, 1, 2, 0)                                                                                                   \
    R(3, 0, 0, 0, 0)                                                                                                   \
    R(3, 1, 1, 0, 0)                                                                                                   \
    R(3, 1, 3, 0, 0)                                                                                                   \
    R(3, 1, 7, 0, 0)                                                                                                   \
    R(3, 2, 1, 2, 0)                                                                                                   \
    R(3, 2, 3, 4, 0)                                                                                                   \
    R(3, 3, 1, 2, 4)

#endif
