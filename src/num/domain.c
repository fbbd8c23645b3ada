/* domain.c - extents and different coordinates, column by column. */
#include "domain.h"
#include "fail.h"
#include "mem.h"
#include "real.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Rounding of the numbers of a column that reaches from v[0] to v[n - 1]: of single precision where all of them are
 * single precision numbers. */
static double rounding(const double *v, int64_t n) {
    bool single = true;
    for (int64_t j = 0; j < n && single; j++)
        single = (double)(float)v[j] == v[j];
    return 4 * (single ? FLT_EPSILON : DBL_EPSILON) * fmax(fabs(v[0]), fabs(v[n - 1]));
}

/* Numbers in rising order that lie on a lattice of `gap`, which may miss some of its nodes: how many nodes from the
 * first to the last?  0: they do not. */
static int64_t lattice(const double *v, int64_t n, double gap) {
    const double off = fmin(1e-9 * (v[n - 1] - v[0]) + rounding(v, n), 0.01 * gap);
    for (int64_t j = 1; j < n; j++) {
        const double at = v[j] - v[0];
        if (fabs(at - gap * round(at / gap)) > off * fmax(1, at / gap / (double)n))
            return 0;
    }
    return llround((v[n - 1] - v[0]) / gap) + 1;
}

static void measure_column(fqpi_domain *o, int a, double *v, int64_t n) {
    qsort(v, (size_t)n, sizeof *v, rising);
    const double extent = v[n - 1] - v[0];
    int64_t different = 1;
    double gap = extent;
    for (int64_t j = 1; j < n; j++)
        if (v[j] - v[j - 1] > 1e-9 * extent) {
            different++;
            gap = fmin(gap, v[j] - v[j - 1]);
        }
    /* the smallest gap carries the rounding of two numbers: a whole number of it fills the extent */
    const double steps = different > 1 ? round(extent / gap) : 0;
    const int64_t nodes = steps > 0 && steps < 64 * (double)different ? lattice(v, n, extent / steps) : 0;
    o->low[a] = v[0];
    o->extent[a] = extent;
    o->rounding[a] = rounding(v, n);
    o->nodes[a] = nodes > different ? nodes : different;
    o->period[a] = different > 1 ? extent * (double)o->nodes[a] / (double)(o->nodes[a] - 1) : 1;
}

fqp_status fqpi_domain_find(fqp_ctx *ctx, const char *who, fqp_view x, fqpi_domain *out) {
    const int64_t n = x.shape[0], d = x.shape[1];
    if (d < 1 || d > FQPI_GRID_MAX)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "%s needs points of 1 to %d coordinates, x has %lld columns; use a projection along a "
                         "direction",
                         who, FQPI_GRID_MAX, (long long)d);
    double *v = fqpi_alloc(ctx, (size_t)n, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    fqpi_domain o = {.d = (int)d};
    int64_t most = 1;
    for (int a = 0; a < o.d; a++) {
        for (int64_t j = 0; j < n; j++)
            v[j] = fqpi_real_at(x, j * d + a);
        measure_column(&o, a, v, n);
        most = o.nodes[a] > most ? o.nodes[a] : most;
    }
    fqpi_free(v);
    if (most < 2)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s: all %lld points lie at one place", who, (long long)n);
    *out = o;
    return FQP_OK;
}

void fqpi_domain_turns(const fqpi_domain *domain, fqp_view x, double *u) {
    for (int64_t i = 0; i < x.shape[0] * domain->d; i++) {
        const int a = (int)(i % domain->d);
        u[i] = (fqpi_real_at(x, i) - domain->low[a]) / domain->period[a];
    }
}

int64_t fqpi_domain_most(const fqpi_domain *domain, int a) {
    return (domain->nodes[a] - 1) / 2;
}

double fqpi_domain_waves(const fqpi_domain *domain, int64_t K) {
    double all = 1;
    for (int a = 0; a < domain->d; a++)
        all *= 2 * fmin((double)K, (double)fqpi_domain_most(domain, a)) + 1;
    return all;
}

int64_t fqpi_domain_highest(const fqpi_domain *domain, double waves) {
    int64_t K = 0;
    double last = 1; /* waves of K */
    for (double next = fqpi_domain_waves(domain, 1); next <= waves && next > last;
         next = fqpi_domain_waves(domain, K + 1)) {
        last = next;
        K++;
    }
    return K;
}

static bool take(const fqpi_domain *domain, fqp_view x, const double *off, int64_t *place, uint8_t *taken) {
    for (int64_t j = 0; j < x.shape[0]; j++) {
        place[j] = 0;
        for (int a = 0; a < domain->d; a++) {
            const double nodes = (double)domain->nodes[a],
                         at = (fqpi_real_at(x, j * domain->d + a) - domain->low[a]) / domain->period[a] * nodes,
                         node = round(at);
            if (fabs(at - node) > off[a] || node >= nodes)
                return false;
            place[j] = place[j] * domain->nodes[a] + (int64_t)node;
        }
        if (taken[place[j]]++)
            return false;
    }
    return true;
}

fqp_status fqpi_domain_grid(fqp_ctx *ctx, const fqpi_domain *domain, fqp_view x, int64_t *place, bool *grid) {
    double all = 1, off[FQPI_GRID_MAX];
    for (int a = 0; a < domain->d; a++)
        all *= (double)domain->nodes[a];
    *grid = false;
    if (all != (double)x.shape[0])
        return FQP_OK;
    uint8_t *taken = fqpi_calloc(ctx, (size_t)x.shape[0], 1);
    if (!taken)
        return FQP_E_NOMEM;
    for (int a = 0; a < domain->d; a++)
        off[a] =
            fmin(1e-9 * (double)domain->nodes[a] + domain->rounding[a] * (double)domain->nodes[a] / domain->period[a],
                 0.01); /* in gaps */
    *grid = take(domain, x, off, place, taken);
    fqpi_free(taken);
    return FQP_OK;
}
