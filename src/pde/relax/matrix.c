/* matrix.c - a sparse matrix by diagonals, and the loops over it.
 *
 * Neighbours on a regular grid stand at fixed distances, so that a product is as many streams as a row has entries,
 * without an index.  Long diagonals are gone through together, the few entries of wrapped borders after them. */
#include "fail.h"
#include "mem.h"
#include "relax/system.h"
#include "team.h"

#include <math.h>
#include <stdlib.h>

/* ---- making it ------------------------------------------------------------------------------------------------- */

fqp_status fqpi_relax_matrix_begin(fqp_ctx *ctx, const fqpi_relax_grid *g, fqpi_relax_matrix *m) {
    *m = (fqpi_relax_matrix){.grid = *g};
    m->inverse = fqpi_calloc(ctx, (size_t)g->n, sizeof *m->inverse);
    m->fixed = fqpi_calloc(ctx, (size_t)g->n, 1);
    return m->inverse && m->fixed ? FQP_OK : FQP_E_NOMEM;
}

static fqpi_relax_diagonal *find(const fqpi_relax_matrix *m, int64_t offset) {
    for (size_t k = 0; k < m->count; k++)
        if (m->diagonal[k].offset == offset)
            return (fqpi_relax_diagonal *)&m->diagonal[k];
    return NULL;
}

fqp_status fqpi_relax_matrix_add(fqp_ctx *ctx, fqpi_relax_matrix *m, int64_t i, int64_t j, double v) {
    fqpi_relax_diagonal *d = find(m, j - i);
    if (!d) {
        if (m->count == FQPI_RELAX_DIAGONALS)
            return fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "difference equations with more than %d diagonals",
                             FQPI_RELAX_DIAGONALS);
        d = &m->diagonal[m->count];
        *d = (fqpi_relax_diagonal){.offset = j - i, .first = i, .last = i};
        d->a = fqpi_calloc(ctx, (size_t)m->grid.n, sizeof *d->a);
        if (!d->a)
            return FQP_E_NOMEM;
        m->count++;
    }
    d->a[i] += v;
    d->first = i < d->first ? i : d->first;
    d->last = i > d->last ? i : d->last;
    return FQP_OK;
}

static bool is_long(const fqpi_relax_matrix *m, const fqpi_relax_diagonal *d) {
    enum { SHARE = 8 };
    int64_t filled = 0;
    for (int64_t i = d->first; i <= d->last; i++)
        filled += d->a[i] != 0;
    return SHARE * filled >= m->grid.n;
}

static int by_offset(const void *a, const void *b) {
    const fqpi_relax_diagonal *p = a, *q = b;
    return (p->offset > q->offset) - (p->offset < q->offset);
}

fqp_status fqpi_relax_matrix_end(fqp_ctx *ctx, fqpi_relax_matrix *m) {
    qsort(m->diagonal, m->count, sizeof *m->diagonal, by_offset);
    m->bulk = 0;
    for (size_t k = 0; k < m->count; k++) /* stable: long ones to the front */
        if (is_long(m, &m->diagonal[k])) {
            const fqpi_relax_diagonal d = m->diagonal[k];
            for (size_t l = k; l > m->bulk; l--)
                m->diagonal[l] = m->diagonal[l - 1];
            m->diagonal[m->bulk++] = d;
        }
    const fqpi_relax_diagonal *main = find(m, 0);
    for (int64_t i = 0; i < m->grid.n; i++) {
        const double a = main ? main->a[i] : 0;
        m->free += !m->fixed[i];
        if (!m->fixed[i] && (a == 0 || !isfinite(a)))
            return fqpi_fail(
                ctx, FQP_E_UNSUPPORTED, NULL,
                "the difference equation at node %lld has %g on its diagonal: nothing can be relaxed there",
                (long long)i, a);
        m->inverse[i] = m->fixed[i] ? 0 : 1 / a;
    }
    if (m->free == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "the grid has no free node: take at least 2 intervals along every axis");
    return FQP_OK;
}

void fqpi_relax_matrix_free(fqpi_relax_matrix *m) {
    for (size_t k = 0; k < m->count; k++)
        fqpi_free(m->diagonal[k].a);
    fqpi_free(m->inverse);
    fqpi_free(m->fixed);
    *m = (fqpi_relax_matrix){0};
}

double fqpi_relax_matrix_at(const fqpi_relax_matrix *m, int64_t i, int64_t j) {
    const fqpi_relax_diagonal *d = find(m, j - i);
    return d ? d->a[i] : 0;
}

bool fqpi_relax_matrix_symmetric(const fqpi_relax_matrix *m) {
    const double rounding = 1e-12;
    for (size_t k = 0; k < m->count; k++) {
        const fqpi_relax_diagonal *d = &m->diagonal[k], *t = find(m, -d->offset);
        for (int64_t i = d->first; i <= d->last; i++) {
            const int64_t j = i + d->offset;
            if (d->a[i] == 0 || m->fixed[i] || m->fixed[j])
                continue;
            if (!t || fabs(t->a[j] - d->a[i]) > rounding * (fabs(d->a[i]) + fabs(t->a[j])))
                return false;
        }
    }
    return true;
}

/* ---- products -------------------------------------------------------------------------------------------------- */

static void one(const fqpi_relax_diagonal *d, int64_t from, int64_t to, const double *restrict u, double *restrict r) {
    const double *restrict a = d->a, *ua = u + d->offset;
    for (int64_t i = from; i < to; i++)
        r[i] -= a[i] * ua[i];
}

static void three(const fqpi_relax_diagonal *d, int64_t from, int64_t to, const double *restrict u,
                  double *restrict r) {
    const double *restrict a = d[0].a, *restrict b = d[1].a, *restrict c = d[2].a;
    const double *ua = u + d[0].offset, *ub = u + d[1].offset, *uc = u + d[2].offset;
    for (int64_t i = from; i < to; i++)
        r[i] = r[i] - a[i] * ua[i] - b[i] * ub[i] - c[i] * uc[i];
}

static int64_t clamp(int64_t v, int64_t low, int64_t high) {
    return v < low ? low : v > high ? high : v;
}

/* Every sum runs over the diagonals in their order, whatever the stretches. */
static void stretch(const fqpi_relax_matrix *m, int64_t from, int64_t to, const double *u, const double *b, double *r) {
    enum { FUSED = 3 };
    for (int64_t i = from; i < to; i++)
        r[i] = b && !m->fixed[i] ? b[i] : 0;
    for (size_t k = 0, count; k < m->count; k += count) {
        const fqpi_relax_diagonal *d = &m->diagonal[k];
        count = k + FUSED <= m->bulk ? FUSED : 1;
        int64_t low = from, high = to;
        for (size_t l = 0; l < count; l++) {
            low = clamp(d[l].first, low, to);
            high = clamp(d[l].last + 1, from, high);
        }
        for (size_t l = 0; l < count && count > 1; l++) {
            const int64_t first = clamp(d[l].first, from, to), last = clamp(d[l].last + 1, first, to),
                          left = clamp(low, first, last);
            one(&d[l], first, left, u, r);
            one(&d[l], clamp(high, left, last), last, u, r);
        }
        if (count > 1)
            three(d, low, high, u, r);
        else
            one(d, low, high, u, r);
    }
}

/* Tiles stay in the first-level cache; large grids are shared out. */
enum { TILE = 2048, SHARED = 1 << 18 };

typedef struct sweep {
    const fqpi_relax_matrix *m;
    const double *u, *b;
    double *r, *to;
    double omega;
} sweep;

static void residual_tile(void *arg, int64_t tile, int member) {
    (void)member;
    const sweep *s = arg;
    const int64_t from = tile * TILE, n = s->m->grid.n;
    stretch(s->m, from, from + TILE < n ? from + TILE : n, s->u, s->b, s->r);
}

static void update_tile(void *arg, int64_t tile, int member) {
    (void)member;
    const sweep *s = arg;
    const int64_t from = tile * TILE, n = s->m->grid.n, to = from + TILE < n ? from + TILE : n;
    const double *restrict inverse = s->m->inverse, *restrict r = s->r;
    double *restrict u = s->to;
    for (int64_t i = from; i < to; i++)
        u[i] += s->omega * inverse[i] * r[i];
}

static void over_tiles(fqp_ctx *ctx, const sweep *s, void (*body)(void *, int64_t, int)) {
    const int64_t tiles = (s->m->grid.n + TILE - 1) / TILE;
    if (s->m->grid.n >= SHARED) {
        fqpi_team_for(ctx, tiles, body, (void *)s);
        return;
    }
    for (int64_t t = 0; t < tiles; t++)
        body((void *)s, t, 0);
}

void fqpi_relax_residual(fqp_ctx *ctx, const fqpi_relax_matrix *m, const double *u, const double *b, double *r) {
    over_tiles(ctx, &(sweep){.m = m, .u = u, .b = b, .r = r}, residual_tile);
}

void fqpi_relax_jacobi(fqp_ctx *ctx, const fqpi_relax_matrix *m, double omega, const double *b, double *u, double *r) {
    const sweep s = {.m = m, .u = u, .b = b, .r = r, .to = u, .omega = omega};
    over_tiles(ctx, &s, residual_tile);
    over_tiles(ctx, &s, update_tile);
}

void fqpi_relax_successive(const fqpi_relax_matrix *m, double omega, const double *b, double *u) {
    for (int64_t i = 0; i < m->grid.n; i++) {
        if (m->fixed[i])
            continue;
        double sum = b[i];
        for (size_t k = 0; k < m->count; k++) {
            const fqpi_relax_diagonal *d = &m->diagonal[k];
            if (i >= d->first && i <= d->last)
                sum -= d->a[i] * u[i + d->offset];
        }
        u[i] += omega * m->inverse[i] * sum;
    }
}
