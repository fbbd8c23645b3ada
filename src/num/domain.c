/* domain.c - extents and different coordinates, column by column. */
#include "domain.h"
#include "fail.h"
#include "mem.h"
#include "real.h"

#include <stdlib.h>

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure_column(fqpi_domain *o, int a, double *v, int64_t n) {
    qsort(v, (size_t)n, sizeof *v, rising);
    const double extent = v[n - 1] - v[0];
    int64_t nodes = 1;
    for (int64_t j = 1; j < n; j++)
        nodes += v[j] - v[j - 1] > 1e-9 * extent;
    o->low[a] = v[0];
    o->extent[a] = extent;
    o->nodes[a] = nodes;
    o->period[a] = nodes > 1 ? extent * (double)nodes / (double)(nodes - 1) : 1;
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
