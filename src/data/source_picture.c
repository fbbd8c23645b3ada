/* source_picture.c - one image as a function of two coordinates: grey value in [0, 1] of (row, column). */
#include "data_i.h"
#include "fail.h"
#include "mem.h"
#include "readers.h"

#include <math.h>
#include <string.h>

enum { MOST_SIDE = 4096 };

typedef struct plan {
    fqpi_box box;
    int64_t count[2];
} plan;

static void make_plan(fqpi_data_job *job, plan *p) {
    const fqp_data_opts *o = job->o;
    *p = (plan){.box = {.d = 2}};
    const struct {
        const char *key;
        size_t length;
    } lists[] = {{"lower", o->lower.n}, {"upper", o->upper.n}, {"n", o->n.n}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].length != 1 && lists[i].length != 2)
            fqpi_data_refuse(job, FQP_E_CONFIG, lists[i].key, "%zu numbers for the two axes of a picture",
                             lists[i].length);
    for (int j = 0; j < 2 && !job->status; j++) {
        p->box.lower[j] = o->lower.v[o->lower.n == 1 ? 0 : j];
        p->box.upper[j] = o->upper.v[o->upper.n == 1 ? 0 : j];
        p->count[j] = o->n.v[o->n.n == 1 ? 0 : j];
        if (!(p->box.upper[j] > p->box.lower[j]))
            fqpi_data_refuse(job, FQP_E_CONFIG, "upper", "%.10g is not above data.lower %.10g", p->box.upper[j],
                             p->box.lower[j]);
        else if (p->count[j] > MOST_SIDE)
            fqpi_data_refuse(job, FQP_E_CONFIG, "n", "a picture of more than %d pixels a side", MOST_SIDE);
    }
}

/* ---- from the file to grey values of another size ---------------------------------------------------------------- */

/* Grey value of pixel i, in the file's units: luma of ITU-R BT.601 for colours; opacity is not looked at. */
static double grey(fqp_view v, int64_t i) {
    const int64_t channels = v.ndim > 2 ? v.shape[2] : 1;
    if (channels < 3)
        return fqp_view_at(v, i * channels);
    return 0.299 * fqp_view_at(v, i * channels) + 0.587 * fqp_view_at(v, i * channels + 1) +
           0.114 * fqp_view_at(v, i * channels + 2);
}

/* The part of a side of `all` pixels that pixel i of n covers, when the n cover `used` of them, centred. */
static void cover(int64_t all, double used, int64_t n, int64_t i, double *from, double *to) {
    const double start = ((double)all - used) / 2;
    *from = start + used * (double)i / (double)n;
    *to = start + used * (double)(i + 1) / (double)n;
}

/* Mean over the area of the rectangle. */
static double mean_of(fqp_view v, const double from[2], const double to[2]) {
    double sum = 0, area = 0;
    for (int64_t r = (int64_t)floor(from[0]); r < v.shape[0] && (double)r < to[0]; r++)
        for (int64_t c = (int64_t)floor(from[1]); c < v.shape[1] && (double)c < to[1]; c++) {
            const double h = fmin((double)r + 1, to[0]) - fmax((double)r, from[0]);
            const double w = fmin((double)c + 1, to[1]) - fmax((double)c, from[1]);
            sum += h * w * grey(v, r * v.shape[1] + c);
            area += h * w;
        }
    return sum / area;
}

static void sample(fqp_view v, const plan *p, double *y) {
    const double white = v.dtype == FQP_U16 ? 65535 : 255;
    const double scale = fmin((double)v.shape[0] / (double)p->count[0], (double)v.shape[1] / (double)p->count[1]);
    for (int64_t r = 0; r < p->count[0]; r++)
        for (int64_t c = 0; c < p->count[1]; c++) {
            double from[2], to[2];
            cover(v.shape[0], scale * (double)p->count[0], p->count[0], r, &from[0], &to[0]);
            cover(v.shape[1], scale * (double)p->count[1], p->count[1], c, &from[1], &to[1]);
            y[r * p->count[1] + c] = mean_of(v, from, to) / white;
        }
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

static fqp_status fill(fqpi_data_job *job, const plan *p, const char *path, fqp_view v) {
    fqp_dataset *s = job->out;
    const int64_t n = p->count[0] * p->count[1];
    *s = (fqp_dataset){.n = n, .n_test = n, .d = 2, .m = 1, .endpoint = true, .grid_ndim = 2, .grid_test_ndim = 2};
    fqp_array *const arrays[] = {&s->x, &s->x_test, &s->y, &s->y_test};
    for (size_t i = 0; i < 4 && !job->status; i++)
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, i < 2 ? 2 : 1}, arrays[i]);
    if (job->status)
        return job->status;
    fqpi_grid_fill(&p->box, p->count, true, n, s->x.data);
    sample(v, p, s->y.data);
    memcpy(s->x_test.data, s->x.data, (size_t)n * 2 * sizeof(double));
    memcpy(s->y_test.data, s->y.data, (size_t)n * sizeof(double));
    for (int j = 0; j < 2; j++) {
        s->grid[j] = s->grid_test[j] = p->count[j];
        s->lower[j] = p->box.lower[j];
        s->upper[j] = p->box.upper[j];
    }
    s->origin =
        fqpi_format(job->ctx, "%s, %lld x %lld pixels as grey values of %lld x %lld", path, (long long)v.shape[0],
                    (long long)v.shape[1], (long long)p->count[0], (long long)p->count[1]);
    return job->status = s->origin ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status check(fqpi_data_job *job, int64_t *n) {
    plan p;
    make_plan(job, &p);
    *n = p.count[0] * p.count[1];
    return job->status;
}

static fqp_status build(fqpi_data_job *job) {
    plan p;
    make_plan(job, &p);
    char *path = job->status ? NULL : fqpi_alloc(job->ctx, FQPI_PATH, 1);
    if (!path)
        return job->status = job->status ? job->status : FQP_E_NOMEM;
    fqp_array raw = {0};
    job->status = fqpi_picture_find(job, path);
    if (!job->status)
        job->status = fqpi_read_any(job->ctx, path, true, &raw);
    if (!job->status)
        fill(job, &p, path, fqp_array_view(&raw));
    fqp_array_free(&raw);
    fqpi_free(path);
    return job->status;
}

const fqpi_source fqpi_source_picture = {"picture", "one image as a function of two coordinates", build, check};
