/* direct.c - solving the difference equations at once: elimination with pivots for tridiagonal systems, otherwise
 * CHOLMOD for symmetric positive definite matrices and UMFPACK for the rest (Davis, Direct Methods for Sparse Linear
 * Systems, 2006). */
#include "fail.h"
#include "mem.h"
#include "relax/suitesparse_late.h"
#include "relax/system.h"

#include <limits.h>
#include <math.h>

struct fqpi_relax_factors {
    fqp_ctx *ctx;
    const fqpi_relax_matrix *m;
    int n;       /* free nodes */
    int64_t *at; /* [n] their places */
    double *b;   /* [n] */
    double *x;   /* [n] */
    /* tridiagonal: U with two diagonals above the main one, L below, rows that were exchanged */
    double *low, *main, *up, *up2;
    uint8_t *swap;
    /* otherwise by columns */
    int *column, *row;
    double *value;
    cholmod_common common;
    cholmod_factor *cholesky;
    bool started;
    void *lu;
};

/* ---- tridiagonal (LAPACK's dgttrf, Golub & Van Loan 4.3) -------------------------------------------------------- */

static bool is_tridiagonal(const fqpi_relax_matrix *m) {
    for (size_t k = 0; k < m->count; k++)
        if (m->diagonal[k].offset < -1 || m->diagonal[k].offset > 1)
            return false;
    return true;
}

static fqp_status singular(fqp_ctx *ctx) {
    return fqpi_fail(ctx, FQP_E_DATA, NULL,
                     "the difference equations have no one solution: a resonance of the operator, or conditions that "
                     "leave a constant free");
}

static fqp_status eliminate(fqpi_relax_factors *f) {
    const int n = f->n;
    double largest = 0;
    for (int i = 0; i < n; i++) {
        f->main[i] = fqpi_relax_matrix_at(f->m, f->at[i], f->at[i]);
        largest = fmax(largest, fabs(f->main[i]));
        if (i + 1 < n && f->at[i + 1] == f->at[i] + 1) {
            f->up[i] = fqpi_relax_matrix_at(f->m, f->at[i], f->at[i + 1]);
            f->low[i] = fqpi_relax_matrix_at(f->m, f->at[i + 1], f->at[i]);
        }
    }
    for (int i = 0; i + 1 < n; i++) {
        f->swap[i] = fabs(f->low[i]) > fabs(f->main[i]);
        if (f->swap[i]) {
            const double main = f->main[i], up = f->up[i];
            f->main[i] = f->low[i];
            f->up[i] = f->main[i + 1];
            f->up2[i] = f->up[i + 1];
            f->low[i] = main / f->main[i];
            f->main[i + 1] = up - f->low[i] * f->up[i];
            f->up[i + 1] = -f->low[i] * f->up2[i];
        } else {
            f->low[i] = f->low[i] == 0 ? 0 : f->low[i] / f->main[i];
            f->main[i + 1] -= f->low[i] * f->up[i];
        }
    }
    const double rounding = 1e-15;
    for (int i = 0; i < n; i++)
        if (!(fabs(f->main[i]) > rounding * largest))
            return singular(f->ctx);
    return FQP_OK;
}

static void substitute(const fqpi_relax_factors *f, double *x) {
    const int n = f->n;
    for (int i = 0; i + 1 < n; i++) {
        const double a = f->swap[i] ? x[i + 1] : x[i], b = f->swap[i] ? x[i] : x[i + 1];
        x[i] = a;
        x[i + 1] = b - f->low[i] * a;
    }
    for (int i = n - 1; i >= 0; i--) {
        double sum = x[i];
        sum -= i + 1 < n ? f->up[i] * x[i + 1] : 0;
        sum -= i + 2 < n ? f->up2[i] * x[i + 2] : 0;
        x[i] = sum / f->main[i];
    }
}

static fqp_status tridiagonal(fqpi_relax_factors *f) {
    const size_t n = (size_t)f->n + 1;
    f->low = fqpi_calloc(f->ctx, n, sizeof *f->low);
    f->main = fqpi_calloc(f->ctx, n, sizeof *f->main);
    f->up = fqpi_calloc(f->ctx, n, sizeof *f->up);
    f->up2 = fqpi_calloc(f->ctx, n, sizeof *f->up2);
    f->swap = fqpi_calloc(f->ctx, n, 1);
    return f->low && f->main && f->up && f->up2 && f->swap ? eliminate(f) : FQP_E_NOMEM;
}

/* ---- by columns ------------------------------------------------------------------------------------------------- */

/* place [nodes]: number among the free ones, -1: fixed */
static fqp_status columns(fqpi_relax_factors *f, const int *place) {
    const fqpi_relax_matrix *m = f->m;
    const double entries = (double)f->n * (double)m->count;
    if (entries > INT_MAX)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                         "a direct solution of %d equations with %zu entries each is too large: use vcycle or cg", f->n,
                         m->count);
    f->column = fqpi_calloc(f->ctx, (size_t)f->n + 1, sizeof *f->column);
    f->row = fqpi_alloc(f->ctx, (size_t)entries, sizeof *f->row);
    f->value = fqpi_alloc(f->ctx, (size_t)entries, sizeof *f->value);
    if (!f->column || !f->row || !f->value)
        return FQP_E_NOMEM;
    int count = 0;
    for (int c = 0; c < f->n; c++) {
        f->column[c] = count;
        for (int64_t at = f->at[c], k = (int64_t)m->count - 1; k >= 0; k--) { /* rows in rising order come below */
            const int64_t i = at - m->diagonal[k].offset;
            if (i < 0 || i >= m->grid.n || place[i] < 0 || m->diagonal[k].a[i] == 0)
                continue;
            int to = count++;
            for (; to > f->column[c] && f->row[to - 1] > place[i]; to--) {
                f->row[to] = f->row[to - 1];
                f->value[to] = f->value[to - 1];
            }
            f->row[to] = place[i];
            f->value[to] = m->diagonal[k].a[i];
        }
    }
    f->column[f->n] = count;
    return FQP_OK;
}

/* *done: the matrix is positive definite. */
static fqp_status cholesky(fqpi_relax_factors *f, bool *done) {
    fqp_status s = fqpi_late_open(f->ctx, &fqpi_cholmod_library, NULL, "a direct solution needs");
    if (s)
        return s;
    f->started = cholmod_start(&f->common);
    f->common.print = 0;
    const int count = f->column[f->n];
    cholmod_sparse lower = {.nrow = (size_t)f->n,
                            .ncol = (size_t)f->n,
                            .nzmax = (size_t)count,
                            .p = f->column,
                            .i = f->row,
                            .x = f->value,
                            .stype = -1,
                            .itype = CHOLMOD_INT,
                            .xtype = CHOLMOD_REAL,
                            .dtype = CHOLMOD_DOUBLE,
                            .sorted = 1,
                            .packed = 1};
    f->cholesky = f->started ? cholmod_analyze(&lower, &f->common) : NULL;
    *done = f->cholesky && cholmod_factorize(&lower, f->cholesky, &f->common) && f->common.status == CHOLMOD_OK;
    return f->common.status == CHOLMOD_OUT_OF_MEMORY
               ? fqpi_fail(f->ctx, FQP_E_NOMEM, NULL, "no memory for the factors of %d equations", f->n)
               : FQP_OK;
}

static fqp_status lu(fqpi_relax_factors *f) {
    fqp_status s = fqpi_late_open(f->ctx, &fqpi_umfpack_library, NULL, "a direct solution needs");
    if (s)
        return s;
    void *symbolic = NULL;
    int told = umfpack_di_symbolic(f->n, f->n, f->column, f->row, f->value, &symbolic, NULL, NULL);
    if (told == UMFPACK_OK)
        told = umfpack_di_numeric(f->column, f->row, f->value, symbolic, &f->lu, NULL, NULL);
    if (symbolic)
        umfpack_di_free_symbolic(&symbolic);
    if (told == UMFPACK_WARNING_singular_matrix)
        return singular(f->ctx);
    if (told == UMFPACK_ERROR_out_of_memory)
        return fqpi_fail(f->ctx, FQP_E_NOMEM, NULL, "no memory for the factors of %d equations", f->n);
    return told == UMFPACK_OK ? FQP_OK
                              : fqpi_fail(f->ctx, FQP_E_INTERNAL, NULL, "UMFPACK factorised nothing (%d)", told);
}

static fqp_status sparse(fqpi_relax_factors *f, const int *place) {
    fqp_status s = columns(f, place);
    bool done = false;
    if (!s && fqpi_relax_matrix_symmetric(f->m))
        s = cholesky(f, &done);
    return s || done ? s : lu(f);
}

/* ---- create, solve, destroy ------------------------------------------------------------------------------------- */

static fqp_status build(fqpi_relax_factors *f) {
    const int64_t nodes = f->m->grid.n;
    if (f->m->free > INT_MAX)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL, "a direct solution of %lld equations is too large",
                         (long long)f->m->free);
    f->n = (int)f->m->free;
    f->at = fqpi_alloc(f->ctx, (size_t)f->n, sizeof *f->at);
    f->b = fqpi_alloc(f->ctx, (size_t)nodes, sizeof *f->b);
    f->x = fqpi_alloc(f->ctx, (size_t)f->n, sizeof *f->x);
    int *place = fqpi_alloc(f->ctx, (size_t)nodes, sizeof *place);
    fqp_status s = f->at && f->b && f->x && place ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0, k = 0; i < nodes && !s; i++) {
        place[i] = f->m->fixed[i] ? -1 : (int)k;
        if (!f->m->fixed[i])
            f->at[k++] = i;
    }
    if (!s)
        s = is_tridiagonal(f->m) ? tridiagonal(f) : sparse(f, place);
    fqpi_free(place);
    return s;
}

fqp_status fqpi_relax_factors_create(fqp_ctx *ctx, const fqpi_relax_matrix *m, fqpi_relax_factors **out) {
    fqpi_relax_factors *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->m = m;
    const fqp_status s = build(f);
    if (s)
        fqpi_relax_factors_destroy(f);
    else
        *out = f;
    return s;
}

void fqpi_relax_factors_destroy(fqpi_relax_factors *f) {
    if (!f)
        return;
    if (f->cholesky)
        cholmod_free_factor(&f->cholesky, &f->common);
    if (f->started)
        cholmod_finish(&f->common);
    if (f->lu)
        umfpack_di_free_numeric(&f->lu);
    void *const owned[] = {f->at, f->b, f->x, f->low, f->main, f->up, f->up2, f->swap, f->column, f->row, f->value};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
    fqpi_free(f);
}

static fqp_status by_cholesky(fqpi_relax_factors *f, const double *b) {
    cholmod_dense right = {.nrow = (size_t)f->n,
                           .ncol = 1,
                           .nzmax = (size_t)f->n,
                           .d = (size_t)f->n,
                           .x = (void *)b,
                           .xtype = CHOLMOD_REAL,
                           .dtype = CHOLMOD_DOUBLE};
    cholmod_dense *x = cholmod_solve(CHOLMOD_A, f->cholesky, &right, &f->common);
    if (!x)
        return fqpi_fail(f->ctx, FQP_E_NOMEM, NULL, "no memory for the solution of %d equations", f->n);
    for (int i = 0; i < f->n; i++)
        f->x[i] = ((const double *)x->x)[i];
    cholmod_free_dense(&x, &f->common);
    return FQP_OK;
}

fqp_status fqpi_relax_factors_solve(fqpi_relax_factors *f, const double *b, double *u) {
    for (int i = 0; i < f->n; i++)
        u[f->at[i]] = 0;
    fqpi_relax_residual(f->ctx, f->m, u, b, f->b);
    for (int i = 0; i < f->n; i++)
        f->b[i] = f->b[f->at[i]]; /* at[i] >= i */
    fqp_status s = FQP_OK;
    if (f->main) {
        for (int i = 0; i < f->n; i++)
            f->x[i] = f->b[i];
        substitute(f, f->x);
    } else if (f->lu) {
        s = umfpack_di_solve(UMFPACK_A, f->column, f->row, f->value, f->x, f->b, f->lu, NULL, NULL) == UMFPACK_OK
                ? FQP_OK
                : singular(f->ctx);
    } else
        s = by_cholesky(f, f->b);
    for (int i = 0; i < f->n && !s; i++)
        u[f->at[i]] = f->x[i];
    return s;
}
