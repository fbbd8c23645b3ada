/* source_signal.c - an image, a sound, a volume or a table as a function of its coordinates. */
#include "data_i.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { HOLD_NONE, HOLD_CLEAN, HOLD_EVEN };

static const struct {
    const char *name, *doc;
} HOLDS[] = {
    [HOLD_NONE] = {"none", "all samples train"},
    [HOLD_CLEAN] = {"clean", "all samples train; test points are the same without noise"},
    [HOLD_EVEN] = {"even",
                   "samples of even index along every axis train, those of odd ones test (Tancik et al. 2006.10739)"},
};

const char *fqpi_hold_name(size_t i, const char **doc) {
    if (i >= sizeof HOLDS / sizeof *HOLDS)
        return NULL;
    if (doc)
        *doc = HOLDS[i].doc;
    return HOLDS[i].name;
}

/* ---- coordinates ----------------------------------------------------------------------------------------------- */

typedef struct frame {
    fqpi_box box;
    bool own; /* neither lower nor upper is given */
    bool endpoint;
} frame;

static fqp_status find_frame(fqpi_data_job *job, int64_t d, frame *f) {
    const fqp_data_opts *o = job->o;
    *f = (frame){.box = {.d = (int)d}, .own = o->lower.n == 0 && o->upper.n == 0};
    f->endpoint = !f->own && o->endpoint;
    const struct {
        const char *key;
        const fqp_reals *list;
        double otherwise, *to;
    } corner[] = {{"lower", &o->lower, 0, f->box.lower}, {"upper", &o->upper, 1, f->box.upper}};
    for (int c = 0; c < 2; c++) {
        const fqp_reals *list = corner[c].list;
        if (d > FQPI_BOX_MAX_DIM || (list->n > 1 && list->n != (size_t)d))
            return fqpi_data_refuse(job, FQP_E_CONFIG, corner[c].key, "%zu numbers for the %lld ax%s of %s", list->n,
                                    (long long)d, d == 1 ? "is" : "es", o->file);
        for (int64_t j = 0; j < d; j++)
            corner[c].to[j] = list->n ? list->v[list->n == 1 ? 0 : j] : corner[c].otherwise;
    }
    for (int64_t j = 0; j < d; j++)
        if (!(f->box.upper[j] > f->box.lower[j]))
            return fqpi_data_refuse(job, FQP_E_CONFIG, "upper", "%.10g is not above data.lower %.10g", f->box.upper[j],
                                    f->box.lower[j]);
    return FQP_OK;
}

/* ---- grids ------------------------------------------------------------------------------------------------------- */

/* The samples of one part of the grid and their coordinates. */
static fqp_status take(fqpi_data_job *job, const fqp_signal *s, const frame *f, const fqpi_part *part, int64_t grid[3],
                       fqp_array *x, fqp_array *y) {
    int64_t n = 1, here[3] = {1, 1, 1};
    for (int j = 0; j < s->ndim; j++)
        n *= here[j] = grid[j] = fqpi_part_count(part, s->shape[j]);
    job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, s->ndim}, x);
    if (!job->status)
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, s->channels}, y);
    if (job->status)
        return job->status;
    fqpi_grid_part(&f->box, s->shape, f->endpoint, part, x->data);
    const double *from = s->value.data;
    double *to = y->data;
    const size_t bytes = (size_t)s->channels * sizeof *to;
    for (int64_t i = 0; i < n; i++, to += s->channels) {
        int64_t rest = i, at = 0, stride = 1;
        for (int j = s->ndim - 1; j >= 0; j--) {
            at += stride * (part->first + part->stride * (rest % here[j]));
            rest /= here[j];
            stride *= s->shape[j];
        }
        memcpy(to, from + at * s->channels, bytes);
    }
    return FQP_OK;
}

/* The box that the training samples fill. */
static void note_box(const fqp_signal *s, const frame *f, int64_t stride, fqp_dataset *d) {
    for (int j = 0; j < s->ndim; j++) {
        const double gaps = (double)(f->endpoint && s->shape[j] > 1 ? s->shape[j] - 1 : s->shape[j]);
        const double step = (double)stride * (f->box.upper[j] - f->box.lower[j]) / gaps;
        d->lower[j] = f->box.lower[j];
        d->upper[j] = stride == 1 ? f->box.upper[j] : f->box.lower[j] + step * (double)(d->grid[j] - f->endpoint);
    }
}

static fqp_status build_grid(fqpi_data_job *job, const fqp_signal *s) {
    fqp_dataset *d = job->out;
    const bool even = job->o->hold == HOLD_EVEN, clean = job->o->hold == HOLD_CLEAN;
    const fqpi_part all = {0, 1}, first = {0, 2}, second = {1, 2};
    frame f;
    if (find_frame(job, s->ndim, &f))
        return job->status;
    for (int j = 0; j < s->ndim && even; j++)
        if (s->shape[j] < 2)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "hold", "axis %d has one sample, which leaves no test points",
                                    j);
    *d = (fqp_dataset){.d = s->ndim, .m = s->channels, .endpoint = f.endpoint, .grid_ndim = s->ndim};
    take(job, s, &f, even ? &first : &all, d->grid, &d->x, &d->y);
    if (!job->status && (even || clean)) {
        d->grid_test_ndim = s->ndim;
        take(job, s, &f, even ? &second : &all, d->grid_test, &d->x_test, &d->y_test);
    }
    if (!job->status)
        note_box(s, &f, even ? 2 : 1, d);
    return job->status;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* Every column of coordinates is moved to reach from the box's lower to its upper end. */
static fqp_status move_points(fqpi_data_job *job, const frame *f, fqp_array *x) {
    double *v = x->data;
    const int64_t n = x->shape[0], d = x->shape[1];
    for (int64_t j = 0; j < d; j++) {
        double low = v[j], high = v[j];
        for (int64_t i = 0; i < n; i++) {
            low = fmin(low, v[i * d + j]);
            high = fmax(high, v[i * d + j]);
        }
        if (!(low < high))
            return fqpi_data_refuse(job, FQP_E_DATA, "lower",
                                    "coordinate %lld is %.6g in every row and cannot be moved to a box", (long long)j,
                                    low);
        const double factor = (f->box.upper[j] - f->box.lower[j]) / (high - low);
        for (int64_t i = 0; i < n; i++)
            v[i * d + j] = f->box.lower[j] + factor * (v[i * d + j] - low);
    }
    return FQP_OK;
}

static fqp_status copy_array(fqpi_data_job *job, const fqp_array *from, fqp_array *to) {
    job->status = job->status ? job->status : fqp_array_convert(job->ctx, fqp_array_view(from), FQP_F64, to);
    return job->status;
}

static fqp_status build_table(fqpi_data_job *job, fqp_signal *s) {
    fqp_dataset *d = job->out;
    frame f;
    if (job->o->hold == HOLD_EVEN)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "hold", "rows of a table lie on no grid; use data.train_fraction");
    if (find_frame(job, s->point.shape[1], &f) || (!f.own && move_points(job, &f, &s->point)))
        return job->status;
    *d = (fqp_dataset){.d = s->point.shape[1], .m = s->channels};
    copy_array(job, &s->point, &d->x);
    copy_array(job, &s->value, &d->y);
    if (job->o->hold == HOLD_CLEAN) {
        copy_array(job, &s->point, &d->x_test);
        copy_array(job, &s->value, &d->y_test);
    }
    return job->status;
}

/* ---- the row ------------------------------------------------------------------------------------------------------
 */

static void describe(fqpi_data_job *job, const fqp_signal *s) {
    fqpi_text t = {0};
    fqpi_text_add(job->ctx, &t, "%s; samples", s->origin);
    for (int j = 0; j < s->ndim; j++)
        fqpi_text_add(job->ctx, &t, "%s%lld", j ? " x " : " ", (long long)s->shape[j]);
    if (s->ndim == 0)
        fqpi_text_add(job->ctx, &t, " %lld", (long long)s->n);
    fqpi_text_add(job->ctx, &t, " of %lld output%s", (long long)s->channels, s->channels == 1 ? "" : "s");
    if (job->o->colour)
        fqpi_text_add(job->ctx, &t, ", %s", fqpi_colour_row((size_t)job->o->colour)->name);
    if (job->o->hold != HOLD_NONE)
        fqpi_text_add(job->ctx, &t, ", hold %s", HOLDS[job->o->hold].name);
    if (t.failed)
        job->status = FQP_E_NOMEM;
    job->out->origin = t.s;
}

static fqp_status build(fqpi_data_job *job) {
    fqp_signal s = {0};
    if (!fqpi_signal_make(job, &s)) {
        if (s.kind == FQP_SIGNAL_TABLE)
            build_table(job, &s);
        else
            build_grid(job, &s);
    }
    if (!job->status) {
        job->out->n = job->out->x.shape[0];
        job->out->n_test = job->out->x_test.data ? job->out->x_test.shape[0] : 0;
        job->out->low = s.low;
        job->out->high = s.high;
        describe(job, &s);
    }
    fqp_signal_free(&s);
    return job->status;
}

const fqpi_source fqpi_source_signal = {"signal", "an image, a sound, a volume or a table from a file", build, NULL};
