/* split.c - training and test points drawn from one set, training outputs exchanged among points, noise on them. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

/* Rows of a for which test[i] == wanted, in order. */
static fqp_status pick_rows(fqp_ctx *ctx, const fqp_array *a, const unsigned char *test, int wanted, int64_t count,
                            fqp_array *out) {
    if (!a->data)
        return FQP_OK;
    int64_t shape[FQP_MAX_DIM];
    memcpy(shape, a->shape, sizeof shape);
    shape[0] = count;
    fqp_status status = fqp_array_create(ctx, a->dtype, a->ndim, shape, out);
    if (status)
        return status;
    size_t row = fqp_dtype_size(a->dtype) * (size_t)(a->ndim > 1 ? a->shape[1] : 1);
    char *to = out->data;
    for (int64_t i = 0; i < a->shape[0]; i++)
        if (test[i] == wanted) {
            memcpy(to, (const char *)a->data + (size_t)i * row, row);
            to += row;
        }
    return FQP_OK;
}

/* One array in two; the first replaces it. */
static fqp_status part(fqp_ctx *ctx, fqp_array *a, const unsigned char *test, int64_t ntrain, fqp_array *rest) {
    fqp_array train = {0};
    int64_t n = a->data ? a->shape[0] : 0;
    fqp_status status = pick_rows(ctx, a, test, 0, ntrain, &train);
    if (!status)
        status = pick_rows(ctx, a, test, 1, n - ntrain, rest);
    if (status) {
        fqp_array_free(&train);
        return status;
    }
    fqp_array_free(a);
    *a = train;
    return FQP_OK;
}

/* Points whose place in a random permutation is ntrain or later become test points; both parts keep their order. */
static unsigned char *choose(fqpi_data_job *job, int64_t n, int64_t ntrain) {
    unsigned char *test = fqpi_calloc(job->ctx, (size_t)n, 1);
    for (int64_t i = 0; test && i < n; i++)
        test[i] = fqpi_rng_permuted(job->seed, FQPI_STREAM_SPLIT, 0, (uint64_t)n, (uint64_t)i) >= (uint64_t)ntrain;
    return test;
}

int64_t fqpi_data_kept(const fqp_data_opts *o, int64_t n) {
    return o->subset > 0 ? o->subset : llround(o->train_fraction * (double)n);
}

/* May the points be split, and into how many? */
static fqp_status check(fqpi_data_job *job, int64_t ntrain) {
    const fqp_data_opts *o = job->o;
    const long long n = job->out->n;
    const char *key = o->subset > 0 ? "subset" : "train_fraction";
    if (o->subset > 0 && o->train_fraction < 1)
        return fqpi_data_refuse(job, FQP_E_CONFIG, key, "data.train_fraction %g says another size; give one of them",
                                o->train_fraction);
    if (job->out->n_test)
        return fqpi_data_refuse(job, FQP_E_CONFIG, key, "there are %lld test points already; set it to %d",
                                (long long)job->out->n_test, o->subset > 0 ? 0 : 1);
    if (o->subset > n)
        return fqpi_data_refuse(job, FQP_E_CONFIG, key, "%lld of %lld points", (long long)o->subset, n);
    if (o->subset == 0 && (ntrain < 1 || ntrain >= n))
        return fqpi_data_refuse(job, FQP_E_CONFIG, key, "%g of %lld points leaves %s points", o->train_fraction, n,
                                ntrain < 1 ? "no training" : "no test");
    return FQP_OK;
}

fqp_status fqpi_data_split(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    if (job->status || (job->o->train_fraction >= 1 && job->o->subset == 0))
        return job->status;
    const int64_t ntrain = fqpi_data_kept(job->o, s->n);
    if (check(job, ntrain) || ntrain == s->n)
        return job->status;
    unsigned char *test = choose(job, s->n, ntrain);
    if (!test)
        return job->status = FQP_E_NOMEM;
    job->status = part(job->ctx, &s->x, test, ntrain, &s->x_test);
    if (!job->status)
        job->status = part(job->ctx, &s->y, test, ntrain, &s->y_test);
    if (!job->status)
        job->status = part(job->ctx, &s->labels, test, ntrain, &s->labels_test);
    if (!job->status)
        job->status = part(job->ctx, &s->coordinate, test, ntrain, &s->coordinate_test);
    fqpi_free(test);
    s->n_test = s->n - ntrain;
    s->n = ntrain;
    s->grid_ndim = s->grid_test_ndim = 0;
    return job->status;
}

static void add_noise(const fqpi_data_job *job, double *y, int64_t n, double std, uint64_t first) {
    for (int64_t i = 0; std > 0 && i < n * job->out->m; i++)
        y[i] += std * fqpi_rng_normal(job->seed, FQPI_STREAM_NOISE, first + (uint64_t)i);
}

void fqpi_data_noise(fqpi_data_job *job) {
    const uint64_t test = (uint64_t)1 << 40; /* draws that no training point has */
    add_noise(job, job->out->y.data, job->out->n, job->o->noise, 0);
    add_noise(job, job->out->y_test.data, job->out->n_test, job->o->test_noise, test);
}

/* The outputs of round(shuffle n) points, drawn at random, change places by a random permutation. */
fqp_status fqpi_data_exchange(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    const int64_t chosen = llround(job->o->shuffle * (double)s->n), m = s->m;
    if (chosen < 2)
        return FQP_OK;
    int64_t *row = fqpi_alloc(job->ctx, 2 * (size_t)chosen, sizeof *row), *order = row + chosen;
    double *old = row ? fqpi_alloc(job->ctx, (size_t)(chosen * m), sizeof *old) : NULL;
    if (!old) {
        fqpi_free(row);
        return job->status = FQP_E_NOMEM;
    }
    double *y = s->y.data;
    for (int64_t i = 0, k = 0; i < s->n; i++)
        if (fqpi_rng_permuted(job->seed, FQPI_STREAM_LABELS, 0, (uint64_t)s->n, (uint64_t)i) < (uint64_t)chosen) {
            memcpy(old + k * m, y + i * m, (size_t)m * sizeof *y);
            row[k++] = i;
        }
    fqpi_rng_permutation(job->seed, FQPI_STREAM_LABELS + 1, 0, chosen, order);
    for (int64_t k = 0; k < chosen; k++)
        memcpy(y + row[k] * m, old + order[k] * m, (size_t)m * sizeof *y);
    fqpi_free(old);
    fqpi_free(row);
    return FQP_OK;
}
