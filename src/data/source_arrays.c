/* source_arrays.c - the user's own arrays, from files or from memory. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void write_shape(fqp_view v, char *buf, size_t size) {
    size_t n = (size_t)snprintf(buf, size, "[");
    for (int j = 0; j < v.ndim && n + 24 < size; j++)
        n += (size_t)snprintf(buf + n, size - n, "%s%lld", j ? ", " : "", (long long)v.shape[j]);
    snprintf(buf + n, size - n, "]");
}

static fqp_status check_finite(fqpi_data_job *job, const char *key, const char *what, const fqp_array *a) {
    const double *v = a->data;
    int64_t cols = a->shape[1];
    for (int64_t i = 0; i < a->shape[0] * cols; i++)
        if (!isfinite(v[i]))
            return fqpi_data_refuse(job, FQP_E_DATA, key, "element (%lld, %lld) of %s is %s", (long long)(i / cols),
                                    (long long)(i % cols), what, isnan(v[i]) ? "not a number" : "infinite");
    return FQP_OK;
}

fqp_status fqpi_data_matrix(fqpi_data_job *job, const char *key, const char *what, fqp_view v, fqp_array *out) {
    char shape[128];
    write_shape(v, shape, sizeof shape);
    if (v.dtype == FQP_C128 || v.dtype == FQP_C64)
        return fqpi_data_refuse(job, FQP_E_DATA, key, "%s holds complex numbers; real ones are needed", what);
    if (v.ndim < 1 || v.ndim > 2)
        return fqpi_data_refuse(job, FQP_E_SHAPE, key, "%s has shape %s, expected [n] or [n, columns]", what, shape);
    if (fqp_view_count(v) < 1)
        return fqpi_data_refuse(job, FQP_E_SHAPE, key, "%s is empty: its shape is %s", what, shape);
    fqp_array a = {0};
    fqp_status status = fqp_array_convert(job->ctx, v, FQP_F64, &a);
    if (status)
        return job->status = status;
    if (a.ndim == 1) {
        a.ndim = 2;
        a.shape[1] = 1;
    }
    status = check_finite(job, key, what, &a);
    if (status)
        fqp_array_free(&a);
    else
        *out = a;
    return status;
}

fqp_status fqpi_data_same_count(fqpi_data_job *job, const char *key, int64_t got, int64_t want) {
    if (got == want)
        return FQP_OK;
    return fqpi_data_refuse(job, FQP_E_SHAPE, key, "%lld rows for %lld points", (long long)got, (long long)want);
}

static fqp_status read_matrix(fqpi_data_job *job, const char *key, const char *path, fqp_array *out) {
    fqp_array raw = {0};
    fqp_status status = fqp_array_read(job->ctx, path, &raw);
    if (status)
        return job->status = job->status ? job->status : status;
    status = fqpi_data_matrix(job, key, path, fqp_array_view(&raw), out);
    fqp_array_free(&raw);
    return status;
}

static bool given(const char *path) {
    return path && *path;
}

/* Arrays in memory have no files. */
static void check_rows(fqpi_data_job *job, const char *key, const char *y, const fqp_array *rows, const char *x,
                       const fqp_array *points) {
    if (!x || !y)
        fqpi_data_same_count(job, key, rows->shape[0], points->shape[0]);
    else if (rows->shape[0] != points->shape[0])
        fqpi_data_refuse(job, FQP_E_SHAPE, key, "%s holds %lld rows for the %lld points of %s", y,
                         (long long)rows->shape[0], (long long)points->shape[0], x);
}

/* All four arrays are there: do they fit each other? */
static void check_pairs(fqpi_data_job *job) {
    static const fqp_data_opts none = {0};
    const fqp_data_opts *o = job->o ? job->o : &none;
    fqp_dataset *s = job->out;
    check_rows(job, "y", o->y, &s->y, o->x, &s->x);
    if (!s->x_test.data)
        return;
    check_rows(job, "y_test", o->y_test, &s->y_test, o->x_test, &s->x_test);
    if (s->x_test.shape[1] != s->x.shape[1])
        fqpi_data_refuse(job, FQP_E_SHAPE, "x_test", "%lld columns, data.x has %lld", (long long)s->x_test.shape[1],
                         (long long)s->x.shape[1]);
    if (s->y_test.shape[1] != s->y.shape[1])
        fqpi_data_refuse(job, FQP_E_SHAPE, "y_test", "%lld columns, data.y has %lld", (long long)s->y_test.shape[1],
                         (long long)s->y.shape[1]);
}

static void note_sizes(fqp_dataset *s) {
    s->n = s->x.shape[0];
    s->d = s->x.shape[1];
    s->m = s->y.shape[1];
    s->n_test = s->x_test.data ? s->x_test.shape[0] : 0;
}

static fqp_status build(fqpi_data_job *job) {
    const fqp_data_opts *o = job->o;
    fqp_dataset *s = job->out;
    if (!given(o->x))
        fqpi_data_refuse(job, FQP_E_CONFIG, "x", "the file of inputs is missing");
    if (!given(o->y))
        fqpi_data_refuse(job, FQP_E_CONFIG, "y", "the file of outputs is missing");
    if (given(o->x_test) != given(o->y_test))
        fqpi_data_refuse(job, FQP_E_CONFIG, given(o->x_test) ? "y_test" : "x_test",
                         "test inputs and test outputs go together");
    if (job->status)
        return job->status;
    read_matrix(job, "x", o->x, &s->x);
    read_matrix(job, "y", o->y, &s->y);
    if (given(o->x_test)) {
        read_matrix(job, "x_test", o->x_test, &s->x_test);
        read_matrix(job, "y_test", o->y_test, &s->y_test);
    }
    if (job->status)
        return job->status;
    check_pairs(job);
    note_sizes(s);
    s->origin = fqpi_format(job->ctx, "%s, %s%s%s: %lld points, %lld inputs, %lld outputs", o->x, o->y,
                            given(o->x_test) ? ", test " : "", given(o->x_test) ? o->x_test : "", (long long)s->n,
                            (long long)s->d, (long long)s->m);
    if (!s->origin)
        job->status = FQP_E_NOMEM;
    return job->status;
}

const fqpi_source fqpi_source_arrays = {"arrays", "your own files: npy, npz, csv, IDX, images", build, NULL};

fqp_status fqp_dataset_from_arrays(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_view *x_test, const fqp_view *y_test,
                                   fqp_dataset **out) {
    fqp_ctx_problems_clear(ctx);
    if (!out || !x.data || !y.data || !x_test != !y_test)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s",
                         !out               ? "out is NULL"
                         : x.data && y.data ? "test inputs and test outputs go together"
                                            : "the inputs or the outputs are NULL");
    fqp_dataset *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    fqpi_data_job job = {.ctx = ctx, .out = s};
    fqpi_data_matrix(&job, "x", "the array of inputs", x, &s->x);
    fqpi_data_matrix(&job, "y", "the array of outputs", y, &s->y);
    if (x_test) {
        fqpi_data_matrix(&job, "x_test", "the array of test inputs", *x_test, &s->x_test);
        fqpi_data_matrix(&job, "y_test", "the array of test outputs", *y_test, &s->y_test);
    }
    if (!job.status) {
        check_pairs(&job);
        note_sizes(s);
        s->origin = fqpi_format(ctx, "arrays in memory: %lld points, %lld inputs, %lld outputs", (long long)s->n,
                                (long long)s->d, (long long)s->m);
        job.status = job.status ? job.status : s->origin ? FQP_OK : FQP_E_NOMEM;
    }
    if (job.status)
        fqp_dataset_destroy(s);
    else
        *out = s;
    return job.status;
}
