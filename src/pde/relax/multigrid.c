/* multigrid.c - V- and F-cycles: damped Jacobi, linear interpolation P, full weighting R = P^T/2^d, coarse matrices
 * R A P (Galerkin), the coarsest solved directly (Briggs, Henson & McCormick 2000, chapters 3 and 10). */
#include "fail.h"
#include "mem.h"
#include "relax/system.h"

#include <string.h>

enum { LEVELS = 32, PARENTS = 8 };

typedef struct level {
    const fqpi_relax_matrix *m;
    fqpi_relax_matrix own; /* of all but the finest */
    double *u, *b;         /* [n], but not of the finest */
    double *r;             /* [n] */
} level;

struct fqpi_relax_cycles {
    fqp_ctx *ctx;
    fqp_grid_opts opts;
    size_t levels;
    level level[LEVELS];
    fqpi_relax_factors *factors;
    double *scratch[2]; /* [n] of the finest */
};

/* ---- transfer ---------------------------------------------------------------------------------------------------- */

/* Coarse nodes that fine node i is interpolated from: all with the same weight 1/count; those that are fixed are left
 * out of the list, not of the weight. */
static int parents(const fqpi_relax_grid *fine, const fqpi_relax_matrix *coarse, int64_t i, int64_t *to,
                   double *weight) {
    const fqpi_relax_grid *g = &coarse->grid;
    int count = 1;
    to[0] = 0;
    *weight = 1;
    for (int a = 0; a < g->axes; a++) {
        const int64_t at = fqpi_relax_along(fine, i, a), below = at / 2, above = (below + 1) % g->shape[a];
        for (int k = 0; k < count; k++)
            to[count + k] = to[k] + above * g->stride[a];
        for (int k = 0; k < count; k++)
            to[k] += below * g->stride[a];
        if (at % 2 != 0) {
            count *= 2;
            *weight *= 0.5;
        }
    }
    int kept = 0;
    for (int k = 0; k < count; k++)
        if (!coarse->fixed[to[k]])
            to[kept++] = to[k];
    return kept;
}

static double cell_ratio(int axes) {
    return 1 / (double)(1 << axes);
}

/* One axis after the other: an array [outer][nodes along the axis][inner] of the coarse grid becomes one of the fine
 * grid (interpolation), and the other way round (its transpose). */
typedef struct stride {
    int64_t outer, inner, fine, coarse;
} stride;

/* Axis a, those before it fine or coarse already. */
static stride stride_of(const fqpi_relax_grid *fine, const fqpi_relax_grid *coarse, int a) {
    stride t = {.outer = 1, .inner = 1, .fine = fine->shape[a], .coarse = coarse->shape[a]};
    for (int b = 0; b < a; b++)
        t.outer *= fine->shape[b];
    for (int b = a + 1; b < fine->axes; b++)
        t.inner *= coarse->shape[b];
    return t;
}

static void refine(const stride *t, const double *from, double *to) {
    for (int64_t o = 0; o < t->outer; o++)
        for (int64_t j = 0; j < t->fine; j++) {
            const double *a = from + (o * t->coarse + j / 2) * t->inner;
            const double *b = j % 2 ? from + (o * t->coarse + (j / 2 + 1) % t->coarse) * t->inner : a;
            for (int64_t i = 0; i < t->inner; i++)
                *to++ = 0.5 * (a[i] + b[i]);
        }
}

static void gather(const stride *t, const double *from, double *to) {
    memset(to, 0, (size_t)(t->outer * t->coarse * t->inner) * sizeof *to);
    for (int64_t o = 0; o < t->outer; o++)
        for (int64_t j = 0; j < t->fine; j++, from += t->inner) {
            double *a = to + (o * t->coarse + j / 2) * t->inner;
            double *b = j % 2 ? to + (o * t->coarse + (j / 2 + 1) % t->coarse) * t->inner : a;
            for (int64_t i = 0; i < t->inner; i++) {
                a[i] += 0.25 * from[i]; /* a half of the transpose, and the axis' part of 1/2^d */
                b[i] += 0.25 * from[i];
            }
        }
}

/* Residuals at fixed nodes are 0. */
static void restrict_to(fqpi_relax_cycles *c, const level *fine, level *coarse) {
    const double *from = fine->r;
    for (int a = fine->m->grid.axes - 1; a >= 0; a--) {
        const stride t = stride_of(&fine->m->grid, &coarse->m->grid, a);
        double *to = a == 0 ? coarse->b : c->scratch[a % 2];
        gather(&t, from, to);
        from = to;
    }
    for (int64_t i = 0; i < coarse->m->grid.n; i++)
        coarse->b[i] = coarse->m->fixed[i] ? 0 : coarse->b[i];
}

/* Corrections at fixed nodes are 0. */
static void interpolate(fqpi_relax_cycles *c, const level *coarse, const level *fine, double *u) {
    const double *from = coarse->u;
    for (int a = 0; a < fine->m->grid.axes; a++) {
        const stride t = stride_of(&fine->m->grid, &coarse->m->grid, a);
        refine(&t, from, c->scratch[a % 2]);
        from = c->scratch[a % 2];
    }
    for (int64_t i = 0; i < fine->m->grid.n; i++)
        u[i] += fine->m->fixed[i] ? 0 : from[i];
}

/* ---- coarse matrices --------------------------------------------------------------------------------------------- */

static bool coarsens(const fqpi_relax_grid *g, int64_t coarsest) {
    for (int a = 0; a < g->axes; a++) {
        const int64_t cells = fqpi_relax_cells(g, a), least = coarsest > 2 ? coarsest : 2;
        if (cells % 2 != 0 || cells / 2 < least)
            return false;
    }
    return true;
}

static fqpi_relax_grid coarser(const fqpi_relax_grid *g) {
    double upper[FQPI_RELAX_AXES];
    int64_t cells[FQPI_RELAX_AXES];
    for (int a = 0; a < g->axes; a++) {
        cells[a] = fqpi_relax_cells(g, a);
        upper[a] = g->lower[a] + g->step[a] * (double)cells[a];
        cells[a] /= 2;
    }
    return fqpi_relax_grid_of(g->axes, g->lower, upper, cells, g->periodic);
}

static void fix_coarse(const fqpi_relax_matrix *fine, fqpi_relax_matrix *coarse) {
    for (int64_t i = 0; i < coarse->grid.n; i++) {
        int64_t j = 0;
        for (int a = 0; a < coarse->grid.axes; a++)
            j += 2 * fqpi_relax_along(&coarse->grid, i, a) * fine->grid.stride[a];
        coarse->fixed[i] = fine->fixed[j];
    }
}

static fqp_status spread(fqp_ctx *ctx, const fqpi_relax_matrix *fine, int64_t i, int64_t j, double v,
                         fqpi_relax_matrix *coarse) {
    int64_t from[PARENTS], to[PARENTS];
    double left, right;
    const int rows = parents(&fine->grid, coarse, i, from, &left),
              columns = parents(&fine->grid, coarse, j, to, &right);
    fqp_status s = FQP_OK;
    for (int p = 0; p < rows; p++)
        for (int q = 0; q < columns && !s; q++)
            s = fqpi_relax_matrix_add(ctx, coarse, from[p], to[q], cell_ratio(fine->grid.axes) * left * right * v);
    return s;
}

static fqp_status galerkin(fqp_ctx *ctx, const fqpi_relax_matrix *fine, fqpi_relax_matrix *coarse) {
    const fqpi_relax_grid g = coarser(&fine->grid);
    fqp_status s = fqpi_relax_matrix_begin(ctx, &g, coarse);
    if (!s)
        fix_coarse(fine, coarse);
    for (size_t k = 0; k < fine->count && !s; k++) {
        const fqpi_relax_diagonal *d = &fine->diagonal[k];
        for (int64_t i = d->first; i <= d->last && !s; i++)
            if (d->a[i] != 0 && !fine->fixed[i] && !fine->fixed[i + d->offset])
                s = spread(ctx, fine, i, i + d->offset, d->a[i], coarse);
    }
    return s ? s : fqpi_relax_matrix_end(ctx, coarse);
}

/* ---- create, destroy --------------------------------------------------------------------------------------------- */

static fqp_status make_level(fqp_ctx *ctx, level *l, bool finest) {
    const size_t n = (size_t)l->m->grid.n;
    l->r = fqpi_calloc(ctx, n, sizeof *l->r);
    if (finest)
        return l->r ? FQP_OK : FQP_E_NOMEM;
    l->u = fqpi_calloc(ctx, n, sizeof *l->u);
    l->b = fqpi_calloc(ctx, n, sizeof *l->b);
    return l->r && l->u && l->b ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status build(fqpi_relax_cycles *c, const fqpi_relax_matrix *m) {
    c->level[0].m = m;
    c->levels = 1;
    for (int i = 0; i < 2; i++)
        if (!(c->scratch[i] = fqpi_alloc(c->ctx, (size_t)m->grid.n, sizeof(double))))
            return FQP_E_NOMEM;
    fqp_status s = make_level(c->ctx, &c->level[0], true);
    while (!s && c->levels < LEVELS && coarsens(&c->level[c->levels - 1].m->grid, c->opts.coarsest)) {
        level *l = &c->level[c->levels++];
        l->m = &l->own;
        s = galerkin(c->ctx, l[-1].m, &l->own);
        s = s ? s : make_level(c->ctx, l, false);
    }
    return s ? s : fqpi_relax_factors_create(c->ctx, c->level[c->levels - 1].m, &c->factors);
}

fqp_status fqpi_relax_cycles_create(fqp_ctx *ctx, const fqpi_relax_matrix *m, const fqp_grid_opts *opts,
                                    fqpi_relax_cycles **out) {
    fqpi_relax_cycles *c = fqpi_calloc(ctx, 1, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    c->ctx = ctx;
    c->opts = *opts;
    const fqp_status s = build(c, m);
    if (s)
        fqpi_relax_cycles_destroy(c);
    else
        *out = c;
    return s;
}

void fqpi_relax_cycles_destroy(fqpi_relax_cycles *c) {
    if (!c)
        return;
    fqpi_relax_factors_destroy(c->factors);
    fqpi_free(c->scratch[0]);
    fqpi_free(c->scratch[1]);
    for (size_t l = 0; l < c->levels; l++) {
        fqpi_relax_matrix_free(&c->level[l].own);
        fqpi_free(c->level[l].u);
        fqpi_free(c->level[l].b);
        fqpi_free(c->level[l].r);
    }
    fqpi_free(c);
}

size_t fqpi_relax_cycles_levels(const fqpi_relax_cycles *c) {
    return c->levels;
}

/* ---- cycles ------------------------------------------------------------------------------------------------------ */

static void smooth(const fqpi_relax_cycles *c, const level *l, int64_t sweeps, const double *b, double *u) {
    for (int64_t i = 0; i < sweeps; i++)
        fqpi_relax_jacobi(c->ctx, l->m, c->opts.damping, b, u, l->r);
}

/* An F-cycle visits what lies below by an F-cycle, and then by a V-cycle. */
static fqp_status descend(fqpi_relax_cycles *c, size_t at, bool full, const double *b, double *u) {
    level *l = &c->level[at], *below = l + 1;
    if (at + 1 == c->levels)
        return fqpi_relax_factors_solve(c->factors, b, u);
    smooth(c, l, c->opts.before, b, u);
    fqpi_relax_residual(c->ctx, l->m, u, b, l->r);
    restrict_to(c, l, below);
    memset(below->u, 0, (size_t)below->m->grid.n * sizeof *below->u);
    fqp_status s = descend(c, at + 1, full, below->b, below->u);
    if (!s && full && at + 2 < c->levels)
        s = descend(c, at + 1, false, below->b, below->u);
    if (s)
        return s;
    interpolate(c, below, l, u);
    smooth(c, l, c->opts.after, b, u);
    return FQP_OK;
}

fqp_status fqpi_relax_cycle(fqpi_relax_cycles *c, bool full, const double *b, double *u) {
    return descend(c, 0, full, b, u);
}

/* ---- single levels ----------------------------------------------------------------------------------------------- */

const fqpi_relax_matrix *fqpi_relax_cycles_matrix(const fqpi_relax_cycles *c, size_t l) {
    return c->level[l].m;
}

void fqpi_relax_cycles_down(fqpi_relax_cycles *c, size_t l, const double *r, double *coarse) {
    memcpy(c->level[0].r, r, (size_t)c->level[0].m->grid.n * sizeof *r);
    for (size_t k = 1; k <= l; k++) {
        restrict_to(c, &c->level[k - 1], &c->level[k]);
        memcpy(c->level[k].r, c->level[k].b, (size_t)c->level[k].m->grid.n * sizeof *r);
    }
    memcpy(coarse, c->level[l].r, (size_t)c->level[l].m->grid.n * sizeof *r);
}

void fqpi_relax_cycles_up(fqpi_relax_cycles *c, size_t l, const double *coarse, double *u) {
    if (l == 0) {
        for (int64_t i = 0; i < c->level[0].m->grid.n; i++)
            u[i] += coarse[i];
        return;
    }
    memcpy(c->level[l].u, coarse, (size_t)c->level[l].m->grid.n * sizeof *coarse);
    for (size_t k = l; k-- > 0;) {
        double *to = k == 0 ? u : c->level[k].u;
        if (k > 0)
            memset(to, 0, (size_t)c->level[k].m->grid.n * sizeof *to);
        interpolate(c, &c->level[k + 1], &c->level[k], to);
    }
}
