/* loops.h - plain loops over samples that features need, in both precisions; rows of samples are whole vectors. */
#ifndef FQPI_LOOPS_H
#define FQPI_LOOPS_H

#include "feature.h"
#include "jet_rule.h"

/* Rows of jets, [groups][channels][lanes] (jet.h). */
typedef struct fqpi_jet_rows {
    const fqpi_jet_rule *rule;
    int64_t groups;
} fqpi_jet_rows;

/* n samples of a level of a grid encoding, in rows ld apart; values, or their derivative by the axes whose bits are set
 * in `by`. */
typedef struct fqpi_grid_tile {
    const fqpi_levels *levels;
    int64_t d, level, n, ld;
    unsigned by;
} fqpi_grid_tile;

typedef struct fqpi_loops {
    void (*multiply)(int64_t n, const void *a, const void *b, void *c); /* c = a b */
    /* Adjoints of the angles of n sines and cosines from those of both: ds = ds cos - dc sin. */
    void (*turn)(int64_t n, const void *sin, const void *cos, void *ds, const void *dc);
    /* q[j] = -gamma/2 |x_j - mu|^2, coordinate c of sample j at x[c*ld + j] */
    void (*distance)(int64_t n, int64_t d, const void *x, int64_t ld, const void *mu, double gamma, void *q);
    /* Adjoint a of values v = s e, e = exp(-gamma/2 r^2), becomes those of gamma (rows g) and mu (d rows m, `step`
     * apart), and of the angle (in place: times `keep`, e cos). */
    void (*envelope)(int64_t n, int64_t d, const void *x, int64_t ld, const void *mu, double gamma, const void *v,
                     const void *keep, void *a, void *g, void *m, int64_t step);
    /* y_i = sum_b gate_b z_(b m + i), panels [..][ld], and the adjoints; dgate NULL: not wanted */
    void (*gate)(int64_t gates, int64_t m, int64_t ld, const void *gate, const void *z, void *y);
    void (*gate_back)(int64_t gates, int64_t m, int64_t ld, const void *gate, const void *z, const void *dy, void *dz,
                      void *dgate);
    /* Values [entry] rows of whole vectors from the level's table, and the table's gradient from the adjoints of the
     * values, added sample by sample. */
    void (*grid)(const fqpi_grid_tile *t, const void *x, const void *table, void *value);
    void (*grid_back)(const fqpi_grid_tile *t, const void *x, const void *adjoint, void *gradient);
    /* y (+)= g z, and from dy the adjoint of one factor by the other, dz (+)= .. (in place: dz may be dy) */
    void (*jet_multiply)(const fqpi_jet_rows *p, const void *g, const void *z, void *y, bool add);
    void (*jet_multiply_back)(const fqpi_jet_rows *p, const void *dy, const void *g, void *dz, bool add);
    /* One channel: y = scale (x - shift), or = scale without x. */
    void (*jet_affine)(const fqpi_jet_rows *p, double scale, const void *x, double shift, void *y);
} fqpi_loops;

extern const fqpi_loops fqpi_loops_f32, fqpi_loops_f64;

static inline const fqpi_loops *fqpi_loops_of(const fqpi_kernel *k) {
    return k->dtype == FQP_F32 ? &fqpi_loops_f32 : &fqpi_loops_f64;
}

#endif
