/* modes.c - the frequency of eigenvectors along a coordinate: power of Fourier sums over the points.
 *
 * Around a closed curve of n equal steps u_j = j/n, k is a whole number and the sum is the discrete transform,
 *   Y(k) = 1/n sum_j v_j exp(-2 pi i k u_j),   power |Y(k)|^2 + |Y(-k)|^2.
 * Between two ends, u the coordinate as a share of its range, k goes in halves and the sum is the trapezoidal rule for
 *   Y(k) = int_0^1 v(u) cos(2 pi k u) du:
 * the function is continued by reflection.  As a period it would jump from one end to the other, and the power of the
 * jump, 1/k^2, has no spread.  Eigenvectors between two ends are like cos(pi i u). */
#include "fail.h"
#include "mem.h"
#include "nudft.h"

#include <fqp/ntk.h>

#include <math.h>
#include <stdlib.h>

enum { TOGETHER = 16 };              /* vectors transformed in one call */
static const double BESIDE = 0.5;    /* cycles about the frequency that count for its share */
static const double NOTHING = 1e-10; /* elements below this part of the largest have no sign */

typedef struct place {
    double s;
    int64_t index;
} place;

typedef struct modes {
    const fqp_eigen *e;
    bool closed, ties;
    int64_t nk;
    double dk;
    place *order;  /* [n] by s */
    double *u;     /* [n] */
    double *share; /* [n] weight of a point in the mean */
    double *field; /* [n, TOGETHER] */
    double *out;   /* [nk, TOGETHER, 2] */
} modes;

static int compare(const void *a, const void *b) {
    const place *x = a, *y = b;
    return x->s != y->s ? (x->s > y->s) - (x->s < y->s) : (x->index > y->index) - (x->index < y->index);
}

static fqp_status lay_out(fqp_ctx *ctx, modes *m, const double *s) {
    const int64_t n = m->e->n;
    for (int64_t i = 0; i < n; i++) {
        m->order[i] = (place){s ? s[i] : (double)i / (double)n, i};
        if (!isfinite(m->order[i].s))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_eigen_modes: coordinate %lld is not finite", (long long)i);
    }
    qsort(m->order, (size_t)n, sizeof *m->order, compare);
    const double first = m->order[0].s, range = s ? m->order[n - 1].s - first : 1;
    if (!(range > 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_eigen_modes: all %lld points have the same coordinate %g",
                         (long long)n, first);
    for (int64_t i = 0; i < n; i++) {
        m->u[m->order[i].index] = (m->order[i].s - first) / range;
        m->ties = m->ties || (i > 0 && m->order[i].s == m->order[i - 1].s);
        const double before = m->order[i > 0 ? i - 1 : i].s, after = m->order[i + 1 < n ? i + 1 : i].s;
        m->share[m->order[i].index] = m->closed ? 1 : 0.5 * (double)n * (after - before) / range;
    }
    return FQP_OK;
}

static int64_t sign_changes(const modes *m, const double *v) {
    double largest = 0, last = 0, first = 0;
    int64_t changes = 0;
    for (int64_t i = 0; i < m->e->n; i++)
        largest = fmax(largest, fabs(v[i]));
    for (int64_t i = 0; i < m->e->n; i++) {
        const double at = v[m->order[i].index];
        if (fabs(at) <= NOTHING * largest)
            continue;
        changes += last * at < 0;
        first = first == 0 ? at : first;
        last = at;
    }
    return changes + (m->closed && first * last < 0);
}

/* Power at k of column c.  On a closed curve that is k and -k together, and n/2 and -n/2 are one. */
static double power(const modes *m, int64_t k, int64_t c) {
    const double *y = m->out + 2 * (k * TOGETHER + c);
    const bool one = k == 0 || (m->closed && 2 * k == m->e->n);
    return (one ? 1 : 2) * (y[0] * y[0] + (m->closed ? y[1] * y[1] : 0));
}

static fqp_mode describe(const modes *m, int64_t c) {
    double sum = 0, first = 0, second = 0, best = -1, near = 0;
    int64_t at = 0;
    for (int64_t k = 0; k < m->nk; k++) {
        const double p = power(m, k, c), f = (double)k * m->dk;
        sum += p;
        first += f * p;
        second += f * f * p;
        if (p > best * (1 + 1e-12)) { /* the lowest of equals */
            best = p;
            at = k;
        }
    }
    for (int64_t k = 0; k < m->nk; k++)
        if (fabs((double)(k - at)) * m->dk <= BESIDE)
            near += power(m, k, c);
    const double centre = sum > 0 ? first / sum : 0;
    return (fqp_mode){.frequency = (double)at * m->dk,
                      .centre = centre,
                      .spread = sum > 0 ? sqrt(fmax(0, second / sum - centre * centre)) : 0,
                      .share = sum > 0 ? near / sum : 0,
                      .sign_changes = -1};
}

static void transform(const modes *m, fqpi_nudft *f, fqp_mode *out) {
    static const double shift[TOGETHER];
    const int64_t n = m->e->n;
    for (int64_t i = 0; i < m->e->count; i += TOGETHER) {
        const int64_t some = m->e->count - i < TOGETHER ? m->e->count - i : TOGETHER;
        for (int64_t j = 0; j < n; j++)
            for (int64_t c = 0; c < TOGETHER; c++)
                m->field[j * TOGETHER + c] = c < some ? m->share[j] * m->e->vector[(i + c) * n + j] : 0;
        fqpi_nudft_run(f, m->field, TOGETHER, shift, m->out);
        for (int64_t c = 0; c < some; c++) {
            out[i + c] = describe(m, c);
            if (!m->ties)
                out[i + c].sign_changes = sign_changes(m, m->e->vector + (i + c) * n);
        }
    }
}

static fqp_status run(fqp_ctx *ctx, modes *m, const double *s, fqp_mode *out) {
    fqpi_nudft *f = NULL;
    fqp_status status = lay_out(ctx, m, s);
    if (!status)
        status = fqpi_nudft_create(ctx, m->e->n, m->u, 0, m->dk, m->nk, TOGETHER, &f);
    if (!status)
        transform(m, f, out);
    fqpi_nudft_destroy(f);
    return status;
}

fqp_status fqp_eigen_modes(fqp_ctx *ctx, const fqp_eigen *e, const double *s, double kmax, fqp_mode *out) {
    if (!ctx || !e || !out)
        return FQP_E_ARG;
    const double most = floor(0.5 * (double)e->n), asked = kmax > 0 ? kmax : most;
    if (e->n < 2 || !(kmax >= 0) || asked > most)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_eigen_modes: frequencies to %g of %lld points: %g is the highest that they can tell",
                         kmax, (long long)e->n, most);
    modes m = {.e = e, .closed = !s, .dk = s ? 0.5 : 1};
    m.nk = (int64_t)floor(asked / m.dk) + 1;
    m.order = fqpi_alloc(ctx, (size_t)e->n, sizeof *m.order);
    m.u = fqpi_alloc(ctx, (size_t)e->n, sizeof *m.u);
    m.share = fqpi_alloc(ctx, (size_t)e->n, sizeof *m.share);
    m.field = fqpi_alloc(ctx, (size_t)e->n * TOGETHER, sizeof *m.field);
    m.out = fqpi_alloc(ctx, (size_t)m.nk * TOGETHER * 2, sizeof *m.out);
    fqp_status status = m.order && m.u && m.share && m.field && m.out ? run(ctx, &m, s, out) : FQP_E_NOMEM;
    fqpi_free(m.out);
    fqpi_free(m.field);
    fqpi_free(m.share);
    fqpi_free(m.u);
    fqpi_free(m.order);
    return status;
}
