/* data.c - measured points: of a file, or of the exact solution; with noise, drawn by place and unknown. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"
#include "rng.h"

#include <math.h>
#include <string.h>

/* Random points inside with the exact values there. */
static fqp_status from_exact(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    const int64_t n = job->o->data_count, shape[2] = {n, p->d + p->m};
    double *x = fqpi_alloc(job->ctx, (size_t)(n * (p->d + p->m)), sizeof *x), *u = x ? x + n * p->d : NULL;
    fqp_status status =
        x ? fqp_problem_draw(job->ctx, p, 0, FQP_POINTS_RANDOM, FQPI_STREAM_MEASURED, 0, n, x, NULL, NULL)
          : FQP_E_NOMEM;
    if (!status)
        status = fqp_problem_exact_eval(job->ctx, p, n, x, u);
    if (!status)
        status = fqp_array_create(job->ctx, FQP_F64, 2, shape, &p->data);
    double *row = p->data.data;
    for (int64_t i = 0; i < n && !status; i++, row += shape[1]) {
        memcpy(row, x + i * p->d, (size_t)p->d * sizeof *row);
        memcpy(row + p->d, u + i * p->m, (size_t)p->m * sizeof *row);
    }
    fqpi_free(x);
    return status;
}

static void add_noise(const fqp_pde *p, double noise, int64_t k) {
    double *v = p->data.data, sum = 0;
    const int64_t n = p->data.shape[0], width = p->d + p->m;
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        const double u = v[i * width + p->d + k];
        sum += isnan(u) ? 0 : u * u;
        known += !isnan(u);
    }
    const double std = known ? noise * sqrt(sum / (double)known) : 0;
    for (int64_t i = 0; i < n; i++)
        v[i * width + p->d + k] += std * fqpi_rng_normal(0, FQPI_STREAM_MEASURED, (uint64_t)(i * p->m + k));
}

static fqp_status add_piece(fqpi_pde_job *job, const char *text) {
    const fqp_pde *p = job->p;
    fqpi_pde_piece *piece = fqpi_pde_piece_add(job, FQP_PIECE_DATA, text);
    if (!piece || !(piece->rows.which = fqpi_calloc(job->ctx, 1, sizeof *piece->rows.which)))
        return FQP_E_NOMEM;
    piece->rows.count = 1;
    piece->rows.n = (int)p->m;
    piece->rows.linear = true;
    piece->place.where = WHERE_DATA;
    piece->unknowns = (1u << p->m) - 1;
    piece->measure = 1;
    return FQP_OK;
}

void fqpi_pde_read_data(fqpi_pde_job *job) {
    const fqp_problem_opts *o = job->o;
    fqp_pde *p = job->p;
    const bool file = o->data && *o->data;
    if (file && o->data_count > 0)
        fqpi_pde_refuse(job, "data_count", 0, "measured points come from %s already", o->data);
    else if (o->data_count > 0 && o->exact.n == 0)
        fqpi_pde_refuse(job, "data_count", 0, "measured points of the exact solution need problem.exact");
    else if (o->data_noise > 0 && !file && o->data_count == 0)
        fqpi_pde_refuse(job, "data_noise", 0, "there is no measured point; set problem.data or problem.data_count");
    if (job->status || (!file && o->data_count == 0))
        return;
    fqp_status status = file ? fqpi_pde_table_read(job->ctx, p, "data", o->data, &p->data) : from_exact(job);
    for (int64_t k = 0; k < p->m && !status && o->data_noise > 0; k++)
        add_noise(p, o->data_noise, k);
    if (!status)
        status = add_piece(job, file ? o->data : "data");
    fqpi_pde_note(job, status);
}
