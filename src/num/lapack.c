/* lapack.c - the table of routines and what is made of them. */
#include "lapack.h"
#include "fail.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <pthread.h>

/* R(name, arguments): a routine is one line here.  Matrices column by column, every argument by address; lengths of
 * texts come last, as Fortran compilers add them. */
#define ROUTINES(R)                                                                                                    \
    R(dpotrf, (const char *uplo, const int *n, double *a, const int *lda, int *info, size_t))                          \
    R(dpotrs, (const char *uplo, const int *n, const int *columns, const double *a, const int *lda, double *b,         \
               const int *ldb, int *info, size_t))                                                                     \
    R(dpotri, (const char *uplo, const int *n, double *a, const int *lda, int *info, size_t))                          \
    R(dsytrf, (const char *uplo, const int *n, double *a, const int *lda, int *pivot, double *work, const int *lwork,  \
               int *info, size_t))                                                                                     \
    R(dsycon, (const char *uplo, const int *n, const double *a, const int *lda, const int *pivot, const double *norm,  \
               double *condition, double *work, int *iwork, int *info, size_t))                                        \
    R(dsytrs, (const char *uplo, const int *n, const int *columns, const double *a, const int *lda, const int *pivot,  \
               double *b, const int *ldb, int *info, size_t))                                                          \
    R(dsyevd, (const char *vectors, const char *uplo, const int *n, double *a, const int *lda, double *value,          \
               double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t))              \
    R(dgelsd,                                                                                                          \
      (const int *rows, const int *n, const int *columns, double *a, const int *lda, double *b, const int *ldb,        \
       double *singular, const double *cut, int *rank, double *work, const int *lwork, int *iwork, int *info))         \
    R(dgelsy, (const int *rows, const int *n, const int *columns, double *a, const int *lda, double *b,                \
               const int *ldb, int *pivot, const double *cut, int *rank, double *work, const int *lwork, int *info))

/* One per process, as the library is. */
static struct {
#define R(name, arguments) void(*name) arguments;
    ROUTINES(R)
#undef R
    int (*threads)(void); /* of OpenBLAS; NULL elsewhere */
    void (*set_threads)(int);
    pthread_mutex_t lock;
    int inside, before; /* calls under way; threads to go back to */
} lapack = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const fqpi_late_symbol symbol[] = {
#define R(routine, arguments) {.name = #routine "_", .place = &lapack.routine},
    ROUTINES(R)
#undef R
        {.name = "openblas_get_num_threads", .place = &lapack.threads, .optional = true},
    {.name = "openblas_set_num_threads", .place = &lapack.set_threads, .optional = true},
};

fqpi_late fqpi_lapack_library = {
    .name = "LAPACK",
    .package = "libopenblas0-serial",
    .file = {"libopenblas.so.0", "liblapack.so.3", "libopenblas.so", "liblapack.so"},
    .symbol = symbol,
    .symbols = sizeof symbol / sizeof *symbol,
};

fqp_status fqpi_lapack_ready(fqp_ctx *ctx, const char *who) {
    return fqpi_late_open(ctx, &fqpi_lapack_library, NULL, who);
}

/* Around every call: the library's threads are held back as long as one of ours is inside, and its owner finds them as
 * they were. */
static void enter(void) {
    if (!lapack.threads || !lapack.set_threads)
        return;
    pthread_mutex_lock(&lapack.lock);
    if (lapack.inside++ == 0) {
        lapack.before = lapack.threads();
        if (lapack.before != 1)
            lapack.set_threads(1);
    }
    pthread_mutex_unlock(&lapack.lock);
}

static void leave(void) {
    if (!lapack.threads || !lapack.set_threads)
        return;
    pthread_mutex_lock(&lapack.lock);
    if (--lapack.inside == 0 && lapack.before != 1)
        lapack.set_threads(lapack.before);
    pthread_mutex_unlock(&lapack.lock);
}

/* Rows of a lower triangle are columns of an upper one. */
static const char upper = 'U';

bool fqpi_cholesky(int64_t n, double *a) {
    int order = (int)n, info = 0;
    enter();
    lapack.dpotrf(&upper, &order, a, &order, &info, 1);
    leave();
    return info == 0;
}

void fqpi_cholesky_solve(int64_t n, const double *a, double *x) {
    int order = (int)n, one = 1, info = 0;
    enter();
    lapack.dpotrs(&upper, &order, &one, a, &order, x, &order, &info, 1);
    leave();
}

void fqpi_cholesky_inverse(int64_t n, double *a) {
    int order = (int)n, info = 0;
    enter();
    lapack.dpotri(&upper, &order, a, &order, &info, 1);
    leave();
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            a[j * n + i] = a[i * n + j];
}

/* The 1-norm of a symmetric matrix of which the lower triangle is given; sum [n] is scratch. */
static double symmetric_norm(int64_t n, const double *a, double *sum) {
    double norm = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *row = a + i * n;
        sum[i] = fabs(row[i]);
        for (int64_t j = 0; j < i; j++) {
            sum[i] += fabs(row[j]);
            sum[j] += fabs(row[j]);
        }
    }
    for (int64_t i = 0; i < n; i++)
        norm = sum[i] > norm || isnan(sum[i]) ? sum[i] : norm;
    return norm;
}

/* Factors of A over A; the estimate of its condition, 0 when a pivot is 0. */
static double indefinite_factors(int n, double *a, int *pivot, double *work, int length) {
    double norm = symmetric_norm(n, a, work), condition = 0;
    int info = 0;
    lapack.dsytrf(&upper, &n, a, &n, pivot, work, &length, &info, 1);
    if (info == 0)
        lapack.dsycon(&upper, &n, a, &n, pivot, &norm, &condition, work, pivot + n, &info, 1);
    return info == 0 ? condition : 0;
}

fqp_status fqpi_symmetric_solve(fqp_ctx *ctx, const char *who, int64_t n, double *a, int64_t columns, double *b,
                                double *condition) {
    enum { BLOCK = 64 };
    const int order = (int)n, rhs = (int)columns;
    int *pivot = fqpi_alloc(ctx, 2 * (size_t)n, sizeof *pivot), info = 0;
    double *work = fqpi_alloc(ctx, BLOCK * (size_t)n, sizeof *work), found = 0;
    fqp_status s = pivot && work ? FQP_OK : FQP_E_NOMEM;
    if (!s) {
        enter();
        found = indefinite_factors(order, a, pivot, work, BLOCK * order);
        if (found >= DBL_EPSILON * (double)n)
            lapack.dsytrs(&upper, &order, &rhs, a, &order, pivot, b, &order, &info, 1);
        leave();
        if (!(found >= DBL_EPSILON * (double)n))
            s = fqpi_fail(ctx, FQP_E_DATA, NULL,
                          "%s: the %lld equations have no one solution in double precision (1/condition is %.2g)", who,
                          (long long)n, found);
    }
    if (condition)
        *condition = found;
    fqpi_free(work);
    fqpi_free(pivot);
    return s;
}

/* dsyevd wants 1 + 6 n + 2 n^2 numbers; dsytrd in blocks of 64 is content with them. */
static double eigen_work(int64_t n) {
    return 1 + 6 * (double)n + 2 * (double)n * (double)n;
}

double fqpi_symmetric_eigen_bytes(int64_t n) {
    return eigen_work(n) * sizeof(double) + (3 + 5 * (double)n) * sizeof(int);
}

fqp_status fqpi_symmetric_eigen(fqp_ctx *ctx, const char *who, int64_t n, double *a, double *value) {
    static const char vectors = 'V';
    if (eigen_work(n) > INT32_MAX)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "%s: all eigenpairs of %lld rows are more than LAPACK can count: ask for the leading ones",
                         who, (long long)n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            if (!isfinite(a[i * n + j]))
                return fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: element (%lld, %lld) of the matrix is not finite", who,
                                 (long long)i, (long long)j);
    int order = (int)n, length = (int)eigen_work(n), lengthi = 3 + 5 * order, info = 0;
    double *work = fqpi_alloc(ctx, (size_t)length, sizeof *work);
    int *iwork = fqpi_alloc(ctx, (size_t)lengthi, sizeof *iwork);
    fqp_status s = work && iwork ? FQP_OK : FQP_E_NOMEM;
    if (!s) {
        enter();
        lapack.dsyevd(&vectors, &upper, &order, a, &order, value, work, &length, iwork, &lengthi, &info, 1, 1);
        leave();
        if (info)
            s = fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: the eigenvalue iteration of LAPACK failed (dsyevd, %d)", who,
                          info);
    }
    fqpi_free(iwork);
    fqpi_free(work);
    return s;
}

/* ---- least squares ------------------------------------------------------------------------------------------------
 */

typedef struct overdetermined {
    int rows, n, columns, lead; /* lead: of b */
    double *a, *b, cut;
    double *singular; /* [min(rows, n)]; of dgelsd */
    int *whole;       /* pivots of dgelsy, room of dgelsd */
    int rank, info;
} overdetermined;

static void call_svd(overdetermined *q, double *work, int length) {
    lapack.dgelsd(&q->rows, &q->n, &q->columns, q->a, &q->rows, q->b, &q->lead, q->singular, &q->cut, &q->rank, work,
                  &length, q->whole, &q->info);
}

static void call_qr(overdetermined *q, double *work, int length) {
    lapack.dgelsy(&q->rows, &q->n, &q->columns, q->a, &q->rows, q->b, &q->lead, q->whole, &q->cut, &q->rank, work,
                  &length, &q->info);
}

static fqp_status solve_by(fqp_ctx *ctx, const char *who, overdetermined *q,
                           void (*call)(overdetermined *, double *, int), size_t wholes) {
    double wanted[1] = {0};
    int first[1] = {0};
    q->whole = first;
    enter();
    call(q, wanted, -1);
    leave();
    if (!(wanted[0] < INT32_MAX))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s: %d equations of %d unknowns are more than LAPACK can count",
                         who, q->rows, q->n);
    const size_t integers = wholes ? wholes : (size_t)first[0];
    double *work = fqpi_alloc(ctx, (size_t)wanted[0] + 1, sizeof *work);
    int *whole = fqpi_calloc(ctx, integers + 1, sizeof *whole);
    fqp_status s = work && whole ? FQP_OK : FQP_E_NOMEM;
    if (!s) {
        q->whole = whole; /* pivots 0: every column may move */
        enter();
        call(q, work, (int)wanted[0]);
        leave();
        if (q->info)
            s = fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: the decomposition of LAPACK failed (%d)", who, q->info);
    }
    fqpi_free(whole);
    fqpi_free(work);
    return s;
}

fqp_status fqpi_least_squares(fqp_ctx *ctx, const char *who, fqpi_decomposition by, int64_t rows, int64_t n, double *a,
                              int64_t columns, double *b, double cut, fqpi_least_told *told) {
    if (rows < 1 || n < 1 || rows > INT32_MAX || n > INT32_MAX || columns > INT32_MAX)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s: %lld equations of %lld unknowns", who, (long long)rows,
                         (long long)n);
    for (int64_t i = 0; i < rows * n; i++)
        if (!isfinite(a[i]))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: element (%lld, %lld) of the matrix is not finite", who,
                             (long long)(i % rows), (long long)(i / rows));
    const int64_t least = rows < n ? rows : n, lead = rows > n ? rows : n;
    overdetermined q = {.rows = (int)rows,
                        .n = (int)n,
                        .columns = (int)columns,
                        .lead = (int)lead,
                        .a = a,
                        .b = b,
                        .cut = cut > 0 ? cut : DBL_EPSILON};
    double *singular = fqpi_alloc(ctx, (size_t)least, sizeof *singular);
    if (!singular)
        return FQP_E_NOMEM;
    q.singular = singular;
    const bool svd = by == FQPI_BY_SVD;
    const fqp_status s = solve_by(ctx, who, &q, svd ? call_svd : call_qr, svd ? 0 : (size_t)n);
    /* of dgelsy the diagonal of R stands for the singular values */
    if (!s && told)
        *told = (fqpi_least_told){.rank = q.rank,
                                  .largest = svd ? singular[0] : fabs(a[0]),
                                  .smallest = svd ? singular[least - 1] : fabs(a[(least - 1) * (rows + 1)])};
    fqpi_free(singular);
    return s;
}
