/* fft.c - one plan per field shape, made once.  FFTW_ESTIMATE and aligned buffers of our own: the same codelets and so
 * the same bits in every run. */
#include "fft.h"
#include "fail.h"
#include "grid.h"
#include "mem.h"

#include <fftw3.h>
#include <limits.h>
#include <pthread.h>

struct fqpi_fft {
    int ndim;
    int64_t shape[FQPI_GRID_MAX];
    size_t n, half;
    double *field;
    fftw_complex *spectrum;
    fftw_plan plan;
};

/* FFTW's planner keeps state of its own that all contexts share. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static fftw_plan make_plan(int ndim, const int *shape, double *in, fftw_complex *out) {
    pthread_mutex_lock(&planner);
    fftw_plan p = fftw_plan_dft_r2c(ndim, shape, in, out, FFTW_ESTIMATE);
    pthread_mutex_unlock(&planner);
    return p;
}

/* FFTW counts in int. */
static fqp_status check_shape(fqp_ctx *ctx, int ndim, const int64_t *shape, int *sizes) {
    for (int a = 0; a < ndim; a++) {
        if (shape[a] > INT_MAX || shape[a] < 1)
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "a transform over %lld points of one axis is not possible",
                             (long long)shape[a]);
        sizes[a] = (int)shape[a];
    }
    return FQP_OK;
}

fqp_status fqpi_fft_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_fft **out) {
    fqpi_fft *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    int sizes[FQPI_GRID_MAX] = {0};
    f->ndim = ndim;
    f->n = f->half = 1;
    const fqp_status s = check_shape(ctx, ndim, shape, sizes);
    if (s) {
        fqpi_fft_destroy(f);
        return s;
    }
    for (int a = 0; a < ndim; a++) {
        f->shape[a] = shape[a];
        f->n *= (size_t)shape[a];
        f->half *= (size_t)(a + 1 < ndim ? shape[a] : shape[a] / 2 + 1);
    }
    f->field = fqpi_calloc(ctx, f->n, sizeof *f->field);
    f->spectrum = fqpi_calloc(ctx, f->half, sizeof *f->spectrum);
    if (!f->field || !f->spectrum) {
        fqpi_fft_destroy(f);
        return FQP_E_NOMEM;
    }
    f->plan = make_plan(ndim, sizes, f->field, f->spectrum);
    if (!f->plan) {
        fqpi_fft_destroy(f);
        return fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "FFTW found no plan for %d axes", ndim);
    }
    *out = f;
    return FQP_OK;
}

static void drop_plan(fftw_plan plan) {
    if (!plan)
        return;
    pthread_mutex_lock(&planner);
    fftw_destroy_plan(plan);
    pthread_mutex_unlock(&planner);
}

void fqpi_fft_destroy(fqpi_fft *f) {
    if (!f)
        return;
    drop_plan(f->plan);
    fqpi_free(f->field);
    fqpi_free(f->spectrum);
    fqpi_free(f);
}

double *fqpi_fft_field(fqpi_fft *f) {
    return f->field;
}

const double *fqpi_fft_run(fqpi_fft *f) {
    fftw_execute(f->plan);
    return (const double *)f->spectrum;
}

size_t fqpi_fft_half(const fqpi_fft *f) {
    return f->half;
}

size_t fqpi_fft_index(const fqpi_fft *f, const int64_t *k, bool *conj) {
    const int last = f->ndim - 1;
    const int64_t n_last = f->shape[last], k_last = ((k[last] % n_last) + n_last) % n_last;
    *conj = k_last > n_last / 2; /* Y_{-k} = conj Y_k for real fields */
    const int64_t sign = *conj ? -1 : 1;
    size_t at = 0;
    for (int a = 0; a < last; a++) {
        const int64_t n = f->shape[a], ka = ((sign * k[a]) % n + n) % n;
        at = at * (size_t)n + (size_t)ka;
    }
    return at * (size_t)(n_last / 2 + 1) + (size_t)(*conj ? n_last - k_last : k_last);
}

/* ---- complex fields, in place ---------------------------------------------------------------------------------- */

struct fqpi_cfft {
    fftw_complex *field;
    fftw_plan forward, backward;
};

fqp_status fqpi_cfft_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_cfft **out) {
    int sizes[FQPI_GRID_MAX] = {0};
    size_t n = 1;
    fqp_status s = check_shape(ctx, ndim, shape, sizes);
    for (int a = 0; a < ndim && !s; a++)
        n *= (size_t)shape[a];
    fqpi_cfft *f = s ? NULL : fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return s ? s : FQP_E_NOMEM;
    f->field = fqpi_calloc(ctx, n, sizeof *f->field);
    if (f->field) {
        pthread_mutex_lock(&planner);
        f->forward = fftw_plan_dft(ndim, sizes, f->field, f->field, FFTW_FORWARD, FFTW_ESTIMATE);
        f->backward = fftw_plan_dft(ndim, sizes, f->field, f->field, FFTW_BACKWARD, FFTW_ESTIMATE);
        pthread_mutex_unlock(&planner);
    }
    if (!f->forward || !f->backward) {
        s = f->field ? fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "FFTW found no plan for %d axes", ndim) : FQP_E_NOMEM;
        fqpi_cfft_destroy(f);
        return s;
    }
    *out = f;
    return FQP_OK;
}

void fqpi_cfft_destroy(fqpi_cfft *f) {
    if (!f)
        return;
    drop_plan(f->forward);
    drop_plan(f->backward);
    fqpi_free(f->field);
    fqpi_free(f);
}

double *fqpi_cfft_field(fqpi_cfft *f) {
    return (double *)f->field;
}

void fqpi_cfft_run(fqpi_cfft *f, int sign) {
    fftw_execute(sign < 0 ? f->forward : f->backward);
}

/* ---- sine transforms, in place --------------------------------------------------------------------------------- */

struct fqpi_dst {
    double *field;
    fftw_plan plan;
};

fqp_status fqpi_dst_create(fqp_ctx *ctx, int ndim, const int64_t *shape, fqpi_dst **out) {
    static const fftw_r2r_kind kind[FQPI_GRID_MAX] = {FFTW_RODFT00, FFTW_RODFT00, FFTW_RODFT00};
    int sizes[FQPI_GRID_MAX] = {0};
    size_t n = 1;
    fqp_status s = check_shape(ctx, ndim, shape, sizes);
    for (int a = 0; a < ndim && !s; a++)
        n *= (size_t)shape[a];
    fqpi_dst *f = s ? NULL : fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return s ? s : FQP_E_NOMEM;
    f->field = fqpi_calloc(ctx, n, sizeof *f->field);
    if (f->field) {
        pthread_mutex_lock(&planner);
        f->plan = fftw_plan_r2r(ndim, sizes, f->field, f->field, kind, FFTW_ESTIMATE);
        pthread_mutex_unlock(&planner);
    }
    if (!f->plan) {
        s = f->field ? fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "FFTW found no plan for %d axes", ndim) : FQP_E_NOMEM;
        fqpi_dst_destroy(f);
        return s;
    }
    *out = f;
    return FQP_OK;
}

void fqpi_dst_destroy(fqpi_dst *f) {
    if (!f)
        return;
    drop_plan(f->plan);
    fqpi_free(f->field);
    fqpi_free(f);
}

double *fqpi_dst_field(fqpi_dst *f) {
    return f->field;
}

void fqpi_dst_run(fqpi_dst *f) {
    fftw_execute(f->plan);
}
