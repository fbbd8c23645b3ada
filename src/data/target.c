/* target.c - outputs by expression, with random numbers u1 .. u64 drawn once per seed. */
#include "data_i.h"
#include "expr_i.h"
#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void fqpi_target_free(fqpi_target *t) {
    for (int64_t j = 0; t->expr && j < t->m; j++)
        fqp_expr_destroy(t->expr[j]);
    fqpi_free(t->expr);
    *t = (fqpi_target){0};
}

/* Columns are known for a single target only: the origin of a list is the list. */
static fqpi_where place_of(const fqpi_data_job *job) {
    fqpi_where where = {.origin = fqpi_data_origin(job, "target"), .key = "data.target"};
    if (job->o->target.n > 1)
        where.origin.line = where.origin.column = 0;
    return where;
}

static fqp_status compile(fqpi_data_job *job, const char *text, int d, const char *variable, const char *const *u,
                          struct fqp_expr **out) {
    if (!variable)
        return fqpi_expr_create_coords(job->ctx, text, d, u, FQPI_TARGET_NUMBERS, place_of(job), out);
    const fqp_expr_opts opts = {.variables = &variable,
                                .nvariables = 1,
                                .parameters = u,
                                .nparameters = FQPI_TARGET_NUMBERS,
                                .origin = place_of(job).origin};
    return fqpi_expr_create_at(job->ctx, text, &opts, "data.target", out);
}

fqp_status fqpi_target_create(fqpi_data_job *job, int d, const char *variable, fqpi_target *t) {
    char text[FQPI_TARGET_NUMBERS][4];
    const char *name[FQPI_TARGET_NUMBERS];
    *t = (fqpi_target){.m = (int64_t)job->o->target.n};
    for (int k = 0; k < FQPI_TARGET_NUMBERS; k++) {
        snprintf(text[k], sizeof text[k], "u%d", k + 1);
        name[k] = text[k];
        t->u[k] = fqpi_rng_uniform(job->seed, FQPI_STREAM_TARGET, (uint64_t)k);
    }
    t->expr = fqpi_calloc(job->ctx, job->o->target.n, sizeof(void *));
    if (!t->expr)
        return job->status = FQP_E_NOMEM;
    for (int64_t j = 0; j < t->m; j++) {
        fqp_status status = compile(job, job->o->target.v[j], d, variable, name, &t->expr[j]);
        job->status = job->status ? job->status : status;
    }
    return job->status;
}

static void write_point(const double *x, int d, char *buf, size_t size) {
    size_t n = 0;
    for (int j = 0; j < d && j < 8 && n + 32 < size; j++)
        n += (size_t)snprintf(buf + n, size - n, "%s%.6g", j ? ", " : "", x[j]);
    snprintf(buf + n, size - n, "%s", d > 8 ? ", ..." : "");
}

static fqp_status check_finite(fqpi_data_job *job, const fqpi_target *t, int d, int64_t n, const double *x,
                               const double *y) {
    for (int64_t i = 0; i < n * t->m; i++)
        if (!isfinite(y[i])) {
            char point[400];
            write_point(x + i / t->m * d, d, point, sizeof point);
            return fqpi_data_refuse(job, FQP_E_EXPR, "target", "\"%s\" is %s at (%s)", fqp_expr_text(t->expr[i % t->m]),
                                    isnan(y[i]) ? "not a number" : "infinite", point);
        }
    return FQP_OK;
}

fqp_status fqpi_target_eval(fqpi_data_job *job, const fqpi_target *t, int d, int64_t n, const double *x, double *y) {
    double *column = fqpi_alloc(job->ctx, (size_t)n, sizeof *column), alpha = job->o->quantize;
    if (!column)
        return job->status = FQP_E_NOMEM;
    for (int64_t j = 0; !job->status && j < t->m; j++) {
        job->status = fqpi_expr_eval(job->ctx, t->expr[j], n, x, t->u, column);
        for (int64_t i = 0; !job->status && i < n; i++)
            y[i * t->m + j] = alpha > 0 ? alpha * round(column[i] / alpha) : column[i];
    }
    fqpi_free(column);
    return job->status ? job->status : check_finite(job, t, d, n, x, y);
}
