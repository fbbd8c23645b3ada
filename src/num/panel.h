/* panel.h - products of panels: n rows of b columns, b a multiple of 8, so that a row is whole cache lines.
 *
 * A basis is panels one after the other.  All products run on the threads of the context, cut by size alone, and every
 * element is one sum in a fixed order (kernel.h): the same bits for any number of threads. */
#ifndef FQPI_PANEL_H
#define FQPI_PANEL_H

#include "kernel.h"

typedef struct fqpi_panels {
    fqp_ctx *ctx;
    const fqpi_kernel *kernel; /* f64 */
    int64_t n, b, most;        /* most panels of a basis */
    double *scratch;           /* [threads][...] */
    int64_t scratch_each;
} fqpi_panels;

fqp_status fqpi_panels_open(fqp_ctx *ctx, int64_t n, int64_t b, int64_t most, fqpi_panels *out);
void fqpi_panels_close(fqpi_panels *p);

/* h [count b, b] = Q^T W of the basis q of `count` panels and the panel w. */
void fqpi_panels_inner(const fqpi_panels *p, int64_t count, const double *q, const double *w, double *h);
/* w += Q h, h [count b, b] */
void fqpi_panels_add(const fqpi_panels *p, int64_t count, const double *q, const double *h, double *w);
/* The first `to` panels of out = Q s, s [count b, to b]; out may be q. */
void fqpi_panels_turn(const fqpi_panels *p, int64_t count, const double *q, const double *s, int64_t to, double *out);
/* out = A v of the symmetric matrix a [n, n], f64 or f32; v and out are panels of p->b columns. */
void fqpi_panels_apply(const fqpi_panels *p, fqp_view a, const double *v, double *out);

/* A panel from and to vectors one after the other [b, n]; rows past `count` are 0 and are not written. */
void fqpi_panels_from_rows(const fqpi_panels *p, int64_t count, const double *rows, double *panel);
void fqpi_panels_to_rows(const fqpi_panels *p, int64_t count, const double *panel, double *rows);

#endif
