/* lapack.c - the table of routines and what is made of them. */
#include "lapack.h"

#include <pthread.h>

/* R(name, arguments): a routine is one line here.  Matrices column by column, every argument by address; lengths of
 * texts come last, as Fortran compilers add them. */
#define ROUTINES(R)                                                                                                    \
    R(dpotrf, (const char *uplo, const int *n, double *a, const int *lda, int *info, size_t))                          \
    R(dpotrs, (const char *uplo, const int *n, const int *columns, const double *a, const int *lda, double *b,         \
               const int *ldb, int *info, size_t))

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
