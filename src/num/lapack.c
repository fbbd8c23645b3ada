/* lapack.c - the table of routines, filled at first use, and what is made of them. */
#include "lapack.h"
#include "fail.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/* R(name, arguments): a routine is one line here.  Matrices column by column, every argument by address; lengths of
 * texts come last, as Fortran compilers add them. */
#define ROUTINES(R)                                                                                                    \
    R(dpotrf, (const char *uplo, const int *n, double *a, const int *lda, int *info, size_t))                          \
    R(dpotrs, (const char *uplo, const int *n, const int *columns, const double *a, const int *lda, double *b,         \
               const int *ldb, int *info, size_t))

static const char *const libraries[] = {"libopenblas.so.0", "liblapack.so.3", "libopenblas.so", "liblapack.so"};
enum { LIBRARIES = sizeof libraries / sizeof libraries[0] };

/* One per process, as the loaded library is. */
static struct {
    pthread_once_t once;
    pthread_mutex_t lock;
    bool found;
#define R(name, arguments) void(*name) arguments;
    ROUTINES(R)
#undef R
    int (*threads)(void); /* of OpenBLAS; NULL elsewhere */
    void (*set_threads)(int);
    int inside, before; /* calls under way; threads to go back to */
} lapack = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

/* The bytes of dlsym's answer: C knows no cast from an object's address to a function's. */
static bool take(void *library, const char *symbol, void *function) {
    void *address = dlsym(library, symbol);
    memcpy(function, &address, sizeof address);
    return address != NULL;
}

static bool fill(void *library) {
    return true
#define R(name, arguments) &&take(library, #name "_", &lapack.name)
        ROUTINES(R)
#undef R
            ;
}

static void load(void) {
    for (int i = 0; i < LIBRARIES && !lapack.found; i++) {
        void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (!library)
            continue;
        lapack.found = fill(library);
        if (!lapack.found)
            dlclose(library);
        else if (!take(library, "openblas_get_num_threads", &lapack.threads) ||
                 !take(library, "openblas_set_num_threads", &lapack.set_threads))
            lapack.set_threads = NULL;
    }
}

fqp_status fqpi_lapack_ready(fqp_ctx *ctx, const char *who) {
    pthread_once(&lapack.once, load);
    if (lapack.found)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                     "%s needs LAPACK, and neither %s nor %s can be loaded; install libopenblas0-serial (Debian, "
                     "Ubuntu) or another LAPACK",
                     who, libraries[0], libraries[1]);
}

/* Around every call: the library's threads are held back as long as one of ours is inside, and its owner finds them as
 * they were. */
static void enter(void) {
    if (!lapack.set_threads)
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
    if (!lapack.set_threads)
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
