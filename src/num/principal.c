/* principal.c - Lanczos iteration on the covariance operator v -> X^T (X v) / n of the centred points, with full
 * reorthogonalisation (Golub & Van Loan, Matrix Computations, 4th ed., 10.1 and 10.3).
 *
 * Start vectors are fixed random numbers, rows are cut into blocks by size alone and partial sums are added in order:
 * the same directions, to the bit, for any number of threads. */
#include "principal.h"
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "real.h"
#include "rng.h"
#include "team.h"
#include "tridiag.h"

#include <math.h>

static const double CONVERGED = 1e-13; /* residual relative to the largest eigenvalue */
static const double NOTHING = 1e-13;   /* a variance below this share of the largest is rounding */
enum { BLOCK_ROWS = 256, MOST_BLOCKS = 64, MOST_STEPS = 400 };

typedef struct lanczos {
    fqp_ctx *ctx;
    const fqpi_kernel *kernel; /* f64 */
    fqp_view x;
    int64_t n, d, rows, blocks; /* rows to a block */
    const double *mean;
    double *row;  /* [threads, d] one centred row */
    double *part; /* [blocks, d] */
    const double *v;
    double *basis; /* [most, d] */
    double *alpha, *beta;
    double *diag, *off, *z; /* of the tridiagonal problem */
    int most;
} lanczos;

void fqpi_column_means(fqp_view x, double *mean) {
    const int64_t n = x.shape[0], d = x.shape[1];
    for (int64_t c = 0; c < d; c++)
        mean[c] = 0;
    for (int64_t j = 0; j < n; j++)
        for (int64_t c = 0; c < d; c++)
            mean[c] += fqpi_real_at(x, j * d + c);
    for (int64_t c = 0; c < d; c++)
        mean[c] /= (double)n;
}

static void apply_block(void *arg, int64_t block, int member) {
    const lanczos *l = arg;
    double *row = l->row + member * l->d, *part = l->part + block * l->d;
    const int64_t end = (block + 1) * l->rows < l->n ? (block + 1) * l->rows : l->n;
    for (int64_t c = 0; c < l->d; c++)
        part[c] = 0;
    for (int64_t j = block * l->rows; j < end; j++) {
        for (int64_t c = 0; c < l->d; c++)
            row[c] = fqpi_real_at(l->x, j * l->d + c) - l->mean[c];
        l->kernel->axpy(l->d, l->kernel->dot(l->d, row, l->v), row, part);
    }
}

/* w = X^T (X v) / n */
static void apply(lanczos *l, const double *v, double *w) {
    l->v = v;
    fqpi_team_for(l->ctx, l->blocks, apply_block, l);
    for (int64_t c = 0; c < l->d; c++) {
        w[c] = 0;
        for (int64_t b = 0; b < l->blocks; b++)
            w[c] += l->part[b * l->d + c];
        w[c] /= (double)l->n;
    }
}

/* Twice is enough (Kahan, Parlett). */
static void orthogonalise(const lanczos *l, double *w, int count) {
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++) {
            const double *q = l->basis + i * l->d;
            l->kernel->axpy(l->d, -l->kernel->dot(l->d, q, w), q, w);
        }
}

static double normalise(const lanczos *l, double *w) {
    const double norm = sqrt(l->kernel->dot(l->d, w, w));
    for (int64_t c = 0; norm > 0 && c < l->d; c++)
        w[c] /= norm;
    return norm;
}

/* A fixed random vector orthogonal to the basis so far: the start, and the way on when an invariant space is full. */
static void fresh(const lanczos *l, int step) {
    double *q = l->basis + step * l->d;
    for (int64_t c = 0; c < l->d; c++)
        q[c] = fqpi_rng_normal(0, FQPI_STREAM_DIRECTION, (uint64_t)(step * l->d + c));
    orthogonalise(l, q, step);
    normalise(l, q);
}

/* Eigenvalues of the tridiagonal matrix after `steps`; order[i] its i-th largest.  False: no convergence. */
static bool ritz(const lanczos *l, int steps, int count, int *order) {
    for (int i = 0; i < steps; i++) {
        l->diag[i] = l->alpha[i];
        l->off[i] = l->beta[i];
    }
    if (!fqpi_tridiag_eigen(steps, l->diag, l->off, l->z))
        return false;
    for (int i = 0; i < count && i < steps; i++) {
        order[i] = -1;
        for (int j = 0; j < steps; j++) {
            bool taken = false;
            for (int h = 0; h < i; h++)
                taken = taken || order[h] == j;
            if (!taken && (order[i] < 0 || l->diag[j] > l->diag[order[i]]))
                order[i] = j;
        }
    }
    return true;
}

/* |beta_m s_mi| bounds the residual of Ritz pair i. */
static bool settled(const lanczos *l, int steps, int count, const int *order) {
    if (steps < count)
        return false;
    for (int i = 0; i < count; i++)
        if (fabs(l->beta[steps - 1] * l->z[(steps - 1) * steps + order[i]]) > CONVERGED * l->diag[order[0]])
            return false;
    return true;
}

/* Grow the basis until `count` pairs have settled; the number of steps, 0 when the small problem fails. */
static int iterate(lanczos *l, int count, int *order) {
    fresh(l, 0);
    double *w = l->basis + l->most * l->d; /* one row beyond */
    double scale = 0;
    for (int step = 0, check = 8;; step++) {
        apply(l, l->basis + step * l->d, w);
        l->alpha[step] = l->kernel->dot(l->d, w, l->basis + step * l->d);
        orthogonalise(l, w, step + 1);
        l->beta[step] = normalise(l, w);
        scale = fmax(scale, fabs(l->alpha[step]) + l->beta[step]);
        const bool full = step + 1 == l->most, broken = l->beta[step] <= 1e-14 * scale;
        if (full || step + 1 == check) {
            if (!ritz(l, step + 1, count, order))
                return 0;
            if (full || (!broken && settled(l, step + 1, count, order)))
                return step + 1;
            check += check / 2;
        }
        if (broken) {
            l->beta[step] = 0;
            fresh(l, step + 1);
            continue;
        }
        for (int64_t c = 0; c < l->d; c++)
            l->basis[(step + 1) * l->d + c] = w[c];
    }
}

static void fix_sign(int64_t d, double *v) {
    int64_t top = 0;
    for (int64_t c = 1; c < d; c++)
        if (fabs(v[c]) > fabs(v[top]))
            top = c;
    const double sign = v[top] < 0 ? -1 : 1;
    for (int64_t c = 0; c < d; c++)
        v[c] *= sign;
}

static fqp_status extract(lanczos *l, int count, double *direction, double *variance) {
    int order[64] = {0};
    const int steps = iterate(l, count, order);
    if (steps == 0)
        return fqpi_fail(l->ctx, FQP_E_INTERNAL, NULL, "principal components: the small eigenproblem did not converge");
    for (int i = 0; i < count; i++) {
        variance[i] = l->diag[order[i]];
        if (!(variance[i] > NOTHING * variance[0]))
            return fqpi_fail(l->ctx, FQP_E_ARG, NULL,
                             "principal component %d was asked for, the points vary in %d direction%s only", count, i,
                             i == 1 ? "" : "s");
        double *v = direction + i * l->d;
        for (int64_t c = 0; c < l->d; c++)
            v[c] = 0;
        for (int s = 0; s < steps; s++)
            l->kernel->axpy(l->d, l->z[s * steps + order[i]], l->basis + s * l->d, v);
        normalise(l, v);
        fix_sign(l->d, v);
    }
    return FQP_OK;
}

fqp_status fqpi_principal(fqp_ctx *ctx, fqp_view x, const double *mean, int64_t count, double *direction,
                          double *variance) {
    lanczos l = {
        .ctx = ctx, .kernel = fqpi_kernel_get(ctx, FQP_F64), .x = x, .n = x.shape[0], .d = x.shape[1], .mean = mean};
    l.most = l.d < MOST_STEPS ? (int)l.d : MOST_STEPS;
    if (count < 1 || count > 64 || count > l.d)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "principal component %lld was asked for, there are 1 to %lld",
                         (long long)count, (long long)(l.d < 64 ? l.d : 64));
    l.rows = (l.n + MOST_BLOCKS - 1) / MOST_BLOCKS;
    l.rows = l.rows < BLOCK_ROWS ? BLOCK_ROWS : l.rows;
    l.blocks = (l.n + l.rows - 1) / l.rows;
    const size_t d = (size_t)l.d, most = (size_t)l.most,
                 rows = (size_t)fqp_ctx_threads(ctx) + (size_t)l.blocks + most + 1;
    double *block = fqpi_calloc(ctx, rows * d + 4 * most + most * most, sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    l.row = block;
    l.part = l.row + (size_t)fqp_ctx_threads(ctx) * d;
    l.basis = l.part + (size_t)l.blocks * d;
    l.alpha = l.basis + (most + 1) * d;
    l.beta = l.alpha + most;
    l.diag = l.beta + most;
    l.off = l.diag + most;
    l.z = l.off + most;
    fqp_status s = extract(&l, (int)count, direction, variance);
    fqpi_free(block);
    return s;
}
