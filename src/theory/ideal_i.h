/* ideal_i.h - a row of the table of transforms. */
#ifndef FQPI_IDEAL_I_H
#define FQPI_IDEAL_I_H

#include <fqp/ideal.h>

/* F(xi) = exp(log) (unit[0] + i unit[1]), and d ln F/d xi = slope[0] + i slope[1]. */
typedef struct fqpi_polar {
    double log, unit[2], slope[2];
} fqpi_polar;

typedef struct fqpi_transform {
    const char *name, *function, *formula, *valid;
    double value; /* default parameter */
    fqp_decay decay;
    double (*rate)(double param);                      /* of the decay; of lines where they stand */
    void (*at)(double param, double xi, fqpi_polar *); /* xi != 0; NULL: lines */
    double (*zero)(double param);                      /* F(0); NULL: singular there */
} fqpi_transform;

extern const fqpi_transform fqpi_transforms[]; /* terminated by a row without a name */

#endif
