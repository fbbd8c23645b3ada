/* verdict_points.c - numbers from points, targets and the first and last predictions alone. */
#include "mem.h"
#include "verdict_i.h"

#include <float.h>
#include <math.h>

enum { FEW_INPUTS = 3 }; /* of more the size of all together counts: single pixels may well be constant */

/* Column c of [n,m]: mean, spread (population), extremes. */
typedef struct column {
    double mean, std, low, high;
} column;

static column column_of(fqp_view v, int64_t n, int64_t m, int64_t c) {
    column k = {.low = INFINITY, .high = -INFINITY};
    for (int64_t i = 0; i < n; i++) {
        const double y = fqp_view_at(v, i * m + c);
        k.mean += y / (double)n;
        k.low = fmin(k.low, y);
        k.high = fmax(k.high, y);
    }
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double gap = fqp_view_at(v, i * m + c) - k.mean;
        sum += gap * gap;
    }
    k.std = sqrt(sum / (double)n);
    return k;
}

static double distance(fqp_view a, fqp_view b, int64_t n, int64_t m, int64_t c) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double gap = fqp_view_at(a, i * m + c) - fqp_view_at(b, i * m + c);
        sum += gap * gap;
    }
    return sqrt(sum / (double)n);
}

/* Over all outputs; NaN without predictions or with constant targets. */
static double relative_error(const fqp_sampled *s, int64_t n, int64_t m) {
    if (!s->last.data || !s->y.data)
        return NAN;
    double rest = 0, all = 0;
    for (int64_t c = 0; c < m; c++) {
        const double std = column_of(s->y, n, m, c).std, gap = distance(s->last, s->y, n, m, c);
        rest += gap * gap;
        all += std * std;
    }
    return all > 0 ? sqrt(rest / all) : NAN;
}

/* Root mean square of the residual, outputs together. */
static double residual(const fqp_sampled *s, int64_t n, int64_t m) {
    double sum = 0;
    for (int64_t c = 0; c < m && s->last.data && s->y.data; c++) {
        const double gap = distance(s->last, s->y, n, m, c);
        sum += gap * gap / (double)m;
    }
    return sqrt(sum);
}

static double moved(const fqp_sampled *s, int64_t n, int64_t m) {
    if (!s->first.data || !s->last.data || !s->y.data)
        return NAN;
    double way = 0, all = 0;
    for (int64_t c = 0; c < m; c++) {
        const double a = distance(s->first, s->last, n, m, c), b = distance(s->first, s->y, n, m, c);
        way += a * a;
        all += b * b;
    }
    return all > 0 ? sqrt(way / all) : NAN;
}

/* Rounding of the forward pass is relative to the largest values that are added up, so the largest target is the
 * measure. */
static double in_ulps(const fqpi_findings *f) {
    const fqp_sampled *s = &f->e->train;
    if (!s->last.data || !s->y.data)
        return NAN;
    const double eps = f->e->element == FQP_F64 ? DBL_EPSILON : (double)FLT_EPSILON;
    double worst = 0;
    for (int64_t c = 0; c < f->m; c++) {
        const column k = column_of(s->y, f->n, f->m, c);
        const double largest = fmax(fabs(k.low), fabs(k.high));
        if (largest > 0)
            worst = fmax(worst, distance(s->last, s->y, f->n, f->m, c) / (eps * largest));
    }
    return worst;
}

/* ---- scale ----------------------------------------------------------------------------------------------------- */

/* How far a column is from size 1: sqrt(mean^2 + std^2) may be too large, the spread too small.  Initialisations
 * (Glorot & Bengio 2010, He et al. 2015) are made for inputs and outputs of that size. */
static double away(const column *k) {
    return k->std > 0 ? fmax(hypot(k->mean, k->std), 1 / k->std) : 1;
}

static void worst_input(fqpi_findings *f, fqp_view x) {
    column all = {.low = INFINITY, .high = -INFINITY};
    const int64_t columns = f->d > FEW_INPUTS ? 1 : f->d, n = x.shape[0];
    for (int64_t a = 0; a < columns; a++) {
        all = f->d > FEW_INPUTS ? column_of(x, n * f->d, 1, 0) : column_of(x, n, f->d, a);
        if (a > 0 && away(&all) <= f->v[FQPI_N_SCALE])
            continue;
        f->v[FQPI_N_SCALE] = away(&all);
        f->axis = f->d > FEW_INPUTS ? -1 : a;
        f->low = all.low;
        f->high = all.high;
    }
}

/* Outputs are too large when they are so on the average (geometric mean), too small when all are: that they differ from
 * each other is another cause. */
static void outputs(fqpi_findings *f, fqp_view y) {
    double log_size = 0, std = 0, low = INFINITY, high = -INFINITY;
    for (int64_t c = 0; c < f->m; c++) {
        const column k = column_of(y, y.shape[0], f->m, c);
        if (!(k.std > 0))
            return;
        log_size += log(hypot(k.mean, k.std)) / (double)f->m;
        std = fmax(std, k.std);
        low = fmin(low, k.low);
        high = fmax(high, k.high);
    }
    const double factor = fmax(exp(log_size), 1 / std);
    if (factor <= f->v[FQPI_N_SCALE])
        return;
    f->v[FQPI_N_SCALE] = factor;
    f->output_scale = true;
    f->low = low;
    f->high = high;
}

static void scale(fqpi_findings *f) {
    const fqp_sampled *watched = f->blind ? &f->e->held : &f->e->train;
    if (!watched->x.data)
        return;
    f->v[FQPI_N_SCALE] = 0;
    worst_input(f, watched->x);
    if (watched->y.data)
        outputs(f, watched->y);
    f->centre = 0.5 * (f->low + f->high);
    f->half = 0.5 * (f->high - f->low);
}

/* ---- parts of the loss ----------------------------------------------------------------------------------------- */

/* Outputs or loss terms: share of the loss at the start in `size` (amplitudes), relative error at the end. */
typedef struct part {
    double size, error;
} part;

static void compare(fqpi_findings *f, const part *p, size_t n, bool terms) {
    static const double SIZES = 5.5; /* amplitudes; 30 in the loss: the small one is then below 3 % of it */
    for (size_t s = 0; s < n; s++)
        for (size_t l = 0; l < n; l++) {
            if (!(p[l].size >= SIZES * p[s].size) || !(p[s].size > 0) || !(p[l].error > 0))
                continue;
            const double ratio = p[s].error / p[l].error;
            if (ratio <= f->v[FQPI_N_UNEQUAL])
                continue;
            f->v[FQPI_N_UNEQUAL] = ratio;
            f->v[FQPI_N_NEGLECTED] = p[s].error;
            f->terms = terms;
            f->small = s;
            f->large = l;
            f->large_error = p[l].error;
            f->size_ratio = terms ? p[l].size * p[l].size / (p[s].size * p[s].size) : p[l].size / p[s].size;
        }
}

static fqp_status parts(fqp_ctx *ctx, fqpi_findings *f) {
    const fqp_evidence *e = f->e;
    const size_t columns = e->train.y.data && e->train.last.data ? (size_t)f->m : 0;
    if (columns < 2 && e->nterms < 2)
        return FQP_OK;
    part *p = fqpi_calloc(ctx, columns > e->nterms ? columns : e->nterms, sizeof *p);
    if (!p)
        return FQP_E_NOMEM;
    f->v[FQPI_N_UNEQUAL] = 1;
    f->v[FQPI_N_NEGLECTED] = 0;
    for (size_t c = 0; c < columns; c++) {
        p[c].size = column_of(e->train.y, f->n, f->m, (int64_t)c).std;
        p[c].error = p[c].size > 0 ? distance(e->train.last, e->train.y, f->n, f->m, (int64_t)c) / p[c].size : 0;
    }
    compare(f, p, columns, false);
    for (size_t t = 0; t < e->nterms && e->frames > 1; t++) {
        p[t].size = sqrt(fmax(e->part[t], 0));
        p[t].error = p[t].size > 0 ? sqrt(fmax(e->part[(e->frames - 1) * e->nterms + t], 0)) / p[t].size : 0;
    }
    compare(f, p, e->frames > 1 ? e->nterms : 0, true);
    fqpi_free(p);
    return FQP_OK;
}

fqp_status fqpi_find_points(fqp_ctx *ctx, fqpi_findings *f) {
    f->v[FQPI_N_ERROR] = relative_error(&f->e->train, f->n, f->m);
    f->v[FQPI_N_HELD] = relative_error(&f->e->held, f->held_n, f->m);
    f->v[FQPI_N_GAP] = f->v[FQPI_N_HELD] / f->v[FQPI_N_ERROR];
    if (f->blind)
        f->v[FQPI_N_ERROR] = f->v[FQPI_N_HELD];
    f->v[FQPI_N_ULPS] = in_ulps(f);
    f->white_std = residual(&f->e->train, f->n, f->m);
    f->v[FQPI_N_MOVED] = moved(&f->e->train, f->n, f->m);
    scale(f);
    return parts(ctx, f);
}
