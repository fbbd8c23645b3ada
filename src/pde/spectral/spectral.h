/* spectral.h - Fourier pseudo-spectral solution of equations in time, on a box whose solutions are periodic, or odd or
 * even about its walls (sine and cosine series: zero value, zero slope at the walls).
 *
 *   w_t = L w + N(t, x, w),   L linear with constant coefficients, on equispaced points
 *
 * by ETDRK4 (Cox & Matthews, J. Comput. Phys. 176, 430, 2002; Kassam & Trefethen, SIAM J. Sci. Comput. 26, 1214, 2005):
 * L exactly, N to fourth order in time.  N loses what its products alias into the upper third of the wave numbers
 * (Orszag 1971).  Everything is f64; an object belongs to one thread at a time. */
#ifndef FQPI_SPECTRAL_H
#define FQPI_SPECTRAL_H

#include <fqp/base.h>

enum { FQPI_SPECTRAL_AXES = 2, FQPI_SPECTRAL_FIELDS = 8 };

/* d^(order[0] + ..)/dx_0^order[0] .. of a field. */
typedef struct fqpi_spectral_term {
    int field, order[FQPI_SPECTRAL_AXES];
} fqpi_spectral_term;

typedef struct fqpi_spectral_flow {
    int axes, fields, terms;
    double lower[FQPI_SPECTRAL_AXES], upper[FQPI_SPECTRAL_AXES]; /* the box; a period where it is periodic */
    int parity[FQPI_SPECTRAL_FIELDS][FQPI_SPECTRAL_AXES];        /* about the walls: -1 odd, 1 even; 0: periodic */
    const fqpi_spectral_term *term;                              /* [terms], what `rate` looks at; borrowed */
    const double *linear; /* [fields, terms]: L; any choice is right, a good one is stable at long steps; borrowed */
    /* dw [n, fields] = w_t from w [n, terms] at x [n, axes]: L and N together. */
    fqp_status (*rate)(void *user, double t, int64_t n, const double *x, const double *w, double *dw);
    void *user;
} fqpi_spectral_flow;

typedef struct fqpi_spectral fqpi_spectral;

/* `points` along each axis of the box, even.  flow is copied; what it points to must outlive the object. */
fqp_status fqpi_spectral_create(fqp_ctx *ctx, const fqpi_spectral_flow *flow, int64_t points, fqpi_spectral **out);
void fqpi_spectral_destroy(fqpi_spectral *s);

/* Where the equation is looked at: x [places, axes], borrowed; walls included where there are any. */
int64_t fqpi_spectral_places(const fqpi_spectral *s, const double **x);
/* Begin with w [places, fields] at t. */
void fqpi_spectral_begin(fqpi_spectral *s, double t, const double *w);
/* On to t by equal steps, none longer than `step`.  FQP_E_DIVERGED when numbers are not finite any more. */
fqp_status fqpi_spectral_run(fqpi_spectral *s, double t, double step);
/* u [n, terms] = terms of the state at any x [n, axes] in the box: the sum of the series. */
fqp_status fqpi_spectral_eval(fqpi_spectral *s, int64_t n, const double *x, int terms, const fqpi_spectral_term *term,
                              double *u);

#endif
