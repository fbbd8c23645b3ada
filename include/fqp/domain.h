/* domain.h - where a differential equation holds: shapes as text, their inside, their border, points on both.
 *
 *   interval(0, 1)        box(-1, 1, -1, 1) - disk(0.5, 0.5, 0.2)        lshape(-1, 1)
 *   ball(0, 0, 0, 1)      box(0, 1, 0, 1, 0, 1) - holes("centres.csv")   points("cloud.npy")
 *
 * Shapes (fqp_domain_shape lists them) are joined by + (union), - (without) and & (both, which binds tighter), with
 * parentheses; their numbers may be constant expressions (2*pi/3).  Every shape is a signed distance (negative inside,
 * exact for single shapes, a bound for joined ones), and a join takes the smaller or larger one.  A domain is one of
 * space; time is a further axis that the problem adds (problem.h).  Numbers are f64, points [n, d] row-major.  A domain
 * does not change after it was made: calls on it may come from several threads. */
#ifndef FQP_DOMAIN_H
#define FQP_DOMAIN_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FQP_DOMAIN_AXES = 3 };

typedef struct fqp_domain fqp_domain;

/* text describes a domain of d = 1 .. 3 coordinates.  Mistakes (unknown shape, wrong number of numbers, another
 * dimension, radius that is not positive, no interior, a file that cannot be read) are reported with their column, all
 * of them: FQP_E_CONFIG; of files FQP_E_DATA and FQP_E_IO.  Shapes that touch without overlapping are a warning in the
 * log: see fqp_domain_smooth. */
FQP_API fqp_status fqp_domain_create(fqp_ctx *ctx, const char *text, int64_t d, fqp_origin origin, fqp_domain **out);
FQP_API void fqp_domain_destroy(fqp_domain *domain);
FQP_API int64_t fqp_domain_axes(const fqp_domain *domain);
/* The smallest box around it, [d] each; and is it that box? */
FQP_API void fqp_domain_box(const fqp_domain *domain, double *lower, double *upper);
FQP_API bool fqp_domain_is_box(const fqp_domain *domain);
/* Is it known by points of a file only?  Then it has no smooth function, its distance is that from the nearest point
 * less the largest gap between neighbours, and draws give the points of the file. */
FQP_API bool fqp_domain_is_cloud(const fqp_domain *domain);
/* Volume, and area of the border (on a line the number of its ends): closed forms of single shapes, otherwise by
 * counting Sobol's points, to about 0.1 %. */
FQP_API double fqp_domain_volume(const fqp_domain *domain);
FQP_API double fqp_domain_area(const fqp_domain *domain);

/* distance [n]: signed, negative inside.  normal [n, d] (may be NULL): its gradient, of unit length. */
FQP_API void fqp_domain_distance(const fqp_domain *domain, int64_t n, const double *x, double *distance,
                                 double *normal);

/* phi [n] with phi > 0 inside and 0 on the border, smooth inside, and its derivatives: first
 * [n, d], second [n, d, d]; NULL: not wanted.  Its slope across the border is 1, but for boxes, where it is 1 in the
 * middle of a face and falls to 0 at its edges so that second derivatives stay bounded; of all else they grow like
 * 1/distance towards corners, and where borders of joined shapes coincide it has another slope.  Shapes are joined by
 * R-functions (Rvachev; Shapiro 2007), sides of polygons by R-equivalence (Sukumar & Srivastava 2104.08426); where
 * shapes of a union touch without overlapping, phi is 0 between them.  Of points of a file phi is 1: it has none. */
FQP_API void fqp_domain_smooth(const fqp_domain *domain, int64_t n, const double *x, double *phi, double *first,
                               double *second);

/* How points are laid: random and uniform; Sobol's sequence, scrambled by seed; a regular lattice, evenly
 * thinned to n points (none is left out in an interval). */
typedef enum fqp_points_kind { FQP_POINTS_RANDOM, FQP_POINTS_SOBOL, FQP_POINTS_GRID } fqp_points_kind;

/* n points inside, x [n, d].  A draw is a function of seed, draw, kind and n alone; of a lattice (middles of cells) of
 * kind and n. */
FQP_API fqp_status fqp_domain_inside(fqp_ctx *ctx, const fqp_domain *domain, fqp_points_kind kind, uint64_t seed,
                                     uint64_t draw, int64_t n, double *x);
/* n points on the border, uniform by area, x [n, d], with outward normals [n, d] (may be NULL).  On a line a lattice of
 * as many points as the area says has every end once, lower ends of a shape first. */
FQP_API fqp_status fqp_domain_border(fqp_ctx *ctx, const fqp_domain *domain, fqp_points_kind kind, uint64_t seed,
                                     uint64_t draw, int64_t n, double *x, double *normal);

/* Names of the shapes with their arguments, for messages and help; NULL past the end. */
FQP_API const char *fqp_domain_shape(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
