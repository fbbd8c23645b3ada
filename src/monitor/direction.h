/* direction.h - directions of input space by name, and the coordinate of points along one. */
#ifndef FQPI_DIRECTION_H
#define FQPI_DIRECTION_H

#include "probe.h"

/* "pc1", "axis2", "diagonal", "random" (by seed), or an array file of d numbers: unit vector direction [d], which must
 * be zero before.  mean [d] of the columns of x.  `key` begins messages. */
fqp_status fqpi_direction_find(const fqpi_points *p, const char *key, const char *name, uint64_t seed,
                               const double *mean, double *direction);
/* s [n] along it, shifted and scaled to [0, 1] where rescaled; *extent: what its unit is worth in units of x. */
fqp_status fqpi_direction_coordinate(const fqpi_points *p, const char *who, const char *name, bool rescale,
                                     const double *mean, const double *direction, double *s, double *extent);

#endif
