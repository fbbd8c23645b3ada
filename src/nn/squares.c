/* squares.c - the normal equations of optimizer/lm.c: of parameters, or the smaller ones of residuals behind them. */
#include "squares.h"
#include "lapack.h"

#include <math.h>
#include <string.h>

static double largest_diagonal(const fqpi_squares *s) {
    double top = 0;
    for (int64_t i = 0; i < s->size; i++)
        top = fmax(top, s->normal[i * (s->size + 1)]);
    return top;
}

void fqpi_normal_take(fqpi_normal *q) {
    const fqpi_squares *s = q->s;
    s->linearise(s->self);
    s->pull(s->self, s->r, q->g);
    q->o->k->axpy(q->o->n, s->decay, q->o->w, q->g);
    if (s->decay > 0 && s->rows < q->o->n)
        s->push(s->self, q->o->w, s->jw);
    q->top = largest_diagonal(s);
    memcpy(q->w0, q->o->w, (size_t)q->o->n * sizeof *q->w0);
}

static bool factorise(const fqpi_squares *s, double shift) {
    for (int64_t i = 0; i < s->size; i++) {
        memcpy(s->factor + i * s->size, s->normal + i * s->size, (size_t)(i + 1) * sizeof *s->factor);
        s->factor[i * (s->size + 1)] += shift;
    }
    return fqpi_cholesky(s->size, s->factor);
}

bool fqpi_normal_solve(fqpi_normal *q, double lambda) {
    const fqpi_squares *s = q->s;
    double shift = lambda + s->decay;
    if (!factorise(s, shift))
        return false;
    if (s->rows >= q->o->n) {
        for (int64_t i = 0; i < q->o->n; i++)
            q->d[i] = -q->g[i];
        fqpi_cholesky_solve(s->size, s->factor, q->d);
        return true;
    }
    double share = s->decay / shift;
    for (int64_t i = 0; i < s->rows; i++)
        s->q[i] = (share > 0 ? share * s->jw[i] : 0) - s->r[i];
    fqpi_cholesky_solve(s->size, s->factor, s->q);
    s->pull(s->self, s->q, q->d);
    q->o->k->axpy(q->o->n, -share, q->w0, q->d);
    return true;
}
