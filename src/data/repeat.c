/* repeat.c - every training point several times, the further ones moved a little: data augmentation by jitter.
 *
 * Training on x + s z, z standard normal, with the labels of x fits the label function convolved with a Gaussian of
 * variance s^2: frequency xi is damped by exp(-2 pi^2 s^2 |xi|^2) (Bishop 1995; the filter of gauss_filter.h), and by
 * 1/r plus 1 - 1/r times that when one of r copies stays. */
#include "data_i.h"
#include "rng.h"

#include <string.h>

/* Copy r of row i stands at r n + i. */
static fqp_status repeat(fqpi_data_job *job, fqp_array *a) {
    if (!a->data)
        return FQP_OK;
    int64_t shape[FQP_MAX_DIM];
    memcpy(shape, a->shape, sizeof shape);
    shape[0] *= job->o->repeat;
    fqp_array more = {0};
    fqp_status s = fqp_array_create(job->ctx, a->dtype, a->ndim, shape, &more);
    if (s)
        return s;
    const size_t bytes = (size_t)fqp_view_count(fqp_array_view(a)) * fqp_dtype_size(a->dtype);
    for (int64_t r = 0; r < job->o->repeat; r++)
        memcpy((char *)more.data + (size_t)r * bytes, a->data, bytes);
    fqp_array_free(a);
    *a = more;
    return FQP_OK;
}

static void move(const fqpi_data_job *job, int64_t first) {
    fqp_array *x = &job->out->x;
    const int64_t all = x->shape[0] * x->shape[1];
    for (int64_t i = first * x->shape[1]; i < all; i++) {
        const double by = job->o->jitter * fqpi_rng_normal(job->seed, FQPI_STREAM_JITTER, (uint64_t)i);
        if (x->dtype == FQP_F32)
            ((float *)x->data)[i] += (float)by;
        else
            ((double *)x->data)[i] += by;
    }
}

fqp_status fqpi_data_repeat(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    if (job->o->jitter > 0 && job->o->repeat <= 1)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "jitter", "only repeated points are moved; set data.repeat above 1");
    if (job->o->repeat <= 1)
        return FQP_OK;
    enum { ARRAYS = 4 };
    fqp_array *const arrays[ARRAYS] = {&s->x, &s->y, &s->labels, &s->coordinate};
    for (size_t i = 0; i < ARRAYS && !job->status; i++)
        job->status = repeat(job, arrays[i]);
    if (job->status)
        return job->status;
    if (job->o->jitter > 0)
        move(job, s->n);
    s->n *= job->o->repeat;
    s->grid_ndim = 0;
    return FQP_OK;
}
