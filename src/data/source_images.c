/* source_images.c - labelled images: bytes to inputs, labels to outputs. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Images as they lie in the files: u8 [n, ...], labels one integer each. */
typedef struct raw {
    fqp_array pixels, labels;
    int64_t n, d;
} raw;

static void raw_free(raw *r) {
    fqp_array_free(&r->pixels);
    fqp_array_free(&r->labels);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static fqp_status check_raw(fqpi_data_job *job, const char *images, const char *labels, raw *r) {
    const fqp_array *p = &r->pixels, *l = &r->labels;
    if (p->dtype != FQP_U8 || p->ndim < 2)
        return fqpi_data_refuse(job, FQP_E_DATA, "images", "%s holds %s with %d axes; images are bytes [n, h, w]",
                                images, fqp_dtype_name(p->dtype), p->ndim);
    if (l->ndim != 1 || l->dtype == FQP_F32 || l->dtype == FQP_F64 || l->dtype == FQP_C64 || l->dtype == FQP_C128)
        return fqpi_data_refuse(job, FQP_E_DATA, "labels", "%s holds %s with %d axes; labels are whole numbers [n]",
                                labels, fqp_dtype_name(l->dtype), l->ndim);
    if (p->shape[0] != l->shape[0])
        return fqpi_data_refuse(job, FQP_E_DATA, "labels", "%s holds %lld labels for the %lld images of %s", labels,
                                (long long)l->shape[0], (long long)p->shape[0], images);
    r->n = p->shape[0];
    r->d = fqp_view_count(fqp_array_view(p)) / (r->n > 0 ? r->n : 1);
    if (r->n < 1 || r->d < 1)
        return fqpi_data_refuse(job, FQP_E_DATA, "images", "%s holds no images", images);
    for (int64_t i = 0; i < r->n; i++) {
        double label = fqp_view_at(fqp_array_view(l), i);
        if (label < 0 || label > 255)
            return fqpi_data_refuse(job, FQP_E_DATA, "labels", "label %lld of %s is %g; classes are 0 to 255",
                                    (long long)i, labels, label);
    }
    return FQP_OK;
}

static fqp_status read_idx(fqpi_data_job *job, const char *images, const char *labels, raw *r) {
    if (!*labels)
        return fqpi_data_refuse(job, FQP_E_DATA, "labels", "no labels were found beside %s", images);
    fqp_status status = fqp_array_read(job->ctx, images, &r->pixels);
    if (!status)
        status = fqp_array_read(job->ctx, labels, &r->labels);
    return status ? status : check_raw(job, images, labels, r);
}

/* out = a followed by b along the first axis; a is replaced. */
static fqp_status append(fqp_ctx *ctx, fqp_array *a, const fqp_array *b) {
    int64_t shape[FQP_MAX_DIM];
    memcpy(shape, a->shape, sizeof shape);
    shape[0] += b->shape[0];
    fqp_array both = {0};
    fqp_status status = fqp_array_create(ctx, a->dtype, a->ndim, shape, &both);
    if (status)
        return status;
    size_t first = (size_t)fqp_view_count(fqp_array_view(a)), second = (size_t)fqp_view_count(fqp_array_view(b));
    memcpy(both.data, a->data, first);
    memcpy((char *)both.data + first, b->data, second);
    fqp_array_free(a);
    *a = both;
    return FQP_OK;
}

/* Both arrays of a batch are bytes. */
static fqp_status read_cifar(fqpi_data_job *job, int n, char (*path)[FQPI_PATH], raw *r) {
    fqp_status status = fqp_cifar_read(job->ctx, path[0], &r->pixels, &r->labels);
    for (int i = 1; !status && i < n; i++) {
        raw more = {0};
        status = fqp_cifar_read(job->ctx, path[i], &more.pixels, &more.labels);
        if (!status)
            status = append(job->ctx, &r->pixels, &more.pixels);
        if (!status)
            status = append(job->ctx, &r->labels, &more.labels);
        raw_free(&more);
    }
    return status ? status : check_raw(job, path[0], path[0], r);
}

/* ---- choosing ---------------------------------------------------------------------------------------------------- */

/* New number of each class of the files, -1: not kept. */
typedef struct classes {
    int number[256];
    int64_t count;
    int largest; /* of the files */
} classes;

static int label_at(const raw *r, int64_t i) {
    return (int)fqp_view_at(fqp_array_view(&r->labels), i);
}

static fqp_status find_classes(fqpi_data_job *job, const raw *train, classes *c) {
    const fqp_ints *kept = &job->o->classes;
    int64_t images[256] = {0};
    c->largest = 0;
    for (int64_t i = 0; i < train->n; i++) {
        int label = label_at(train, i);
        images[label]++;
        c->largest = label > c->largest ? label : c->largest;
    }
    for (int k = 0; k < 256; k++)
        c->number[k] = kept->n || k > c->largest ? -1 : k;
    c->count = kept->n ? (int64_t)kept->n : c->largest + 1;
    for (size_t i = 0; i < kept->n; i++) {
        int64_t k = kept->v[i];
        if (images[k] == 0)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "classes", "class %lld has no images; classes are 0 to %d",
                                    (long long)k, c->largest);
        if (c->number[k] >= 0)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "classes", "class %lld is listed twice", (long long)k);
        c->number[k] = (int)i;
    }
    return FQP_OK;
}

/* Places of up to `count` kept images (0: all) after `offset` of them, into pick; answers how many. *all: kept ones. */
static int64_t choose(const raw *r, const classes *c, int64_t offset, int64_t count, int64_t *pick, int64_t *all) {
    int64_t n = 0;
    *all = 0;
    for (int64_t i = 0; i < r->n; i++) {
        if (c->number[label_at(r, i)] < 0)
            continue;
        if (*all >= offset && (count == 0 || n < count))
            pick[n++] = i;
        ++*all;
    }
    return n;
}

static fqp_status check_choice(fqpi_data_job *job, const char *key, int64_t offset, int64_t count, int64_t n,
                               int64_t all) {
    if (offset >= all)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "offset", "%lld leaves nothing of %lld images", (long long)offset,
                                (long long)all);
    if (n < count)
        return fqpi_data_refuse(job, FQP_E_CONFIG, key, "%lld images are asked for, %lld are there", (long long)count,
                                (long long)(all - offset));
    return FQP_OK;
}

/* ---- inputs and labels
 * ----------------------------------------------------------------------------------------------- */

/* x [n,d] f32 and labels [n] i64 of the chosen images. */
static fqp_status take(fqpi_data_job *job, const raw *r, const classes *c, int64_t n, const int64_t *pick, fqp_array *x,
                       fqp_array *labels) {
    fqp_status status = fqp_array_create(job->ctx, FQP_F32, 2, (int64_t[]){n, r->d}, x);
    if (!status)
        status = fqp_array_create(job->ctx, FQP_I64, 1, &n, labels);
    if (status)
        return status;
    float value[256];
    double divisor = fqpi_standard_row((size_t)job->o->standardise)->divisor;
    for (int p = 0; p < 256; p++)
        value[p] = (float)(p / divisor);
    int64_t *label = labels->data;
    for (int64_t i = 0; i < n; i++) {
        const unsigned char *from = (const unsigned char *)r->pixels.data + pick[i] * r->d;
        float *to = (float *)x->data + i * r->d;
        for (int64_t j = 0; j < r->d; j++)
            to[j] = value[from[j]];
        label[i] = c->number[label_at(r, pick[i])];
    }
    return FQP_OK;
}

static fqp_status pick_images(fqpi_data_job *job, const raw *r, const classes *c, bool test, fqp_array *x,
                              fqp_array *labels) {
    const fqp_data_opts *o = job->o;
    int64_t offset = test ? 0 : o->offset, count = test ? (o->test_count > 0 ? o->test_count : 0) : o->count, all;
    int64_t *pick = fqpi_alloc(job->ctx, (size_t)r->n, sizeof *pick);
    if (!pick)
        return FQP_E_NOMEM;
    int64_t n = choose(r, c, offset, count, pick, &all);
    fqp_status status = check_choice(job, test ? "test_count" : "count", offset, count, n, all);
    if (!status)
        status = take(job, r, c, n, pick, x, labels);
    fqpi_free(pick);
    return status;
}

/* y: one column per class, or the number of the class. */
static fqp_status outputs(fqpi_data_job *job, const fqp_array *labels, int64_t nclasses, fqp_array *y) {
    bool onehot = job->o->label_form == 0;
    int64_t n = labels->shape[0], m = onehot ? nclasses : 1;
    const int64_t *label = labels->data;
    fqp_status status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){n, m}, y);
    for (int64_t i = 0; !status && i < n; i++)
        ((double *)y->data)[onehot ? i * m + label[i] : i] = onehot ? 1 : (double)label[i];
    return status;
}

/* A fraction of the training labels, drawn at random, gets classes drawn uniformly (Zhang et al. 2017). */
static void shuffle_labels(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    int64_t *label = s->labels.data, replaced = llround(job->o->shuffle * (double)s->n);
    uint64_t n = (uint64_t)s->n, c = (uint64_t)s->classes;
    for (int64_t i = 0; replaced > 0 && i < s->n; i++)
        if (fqpi_rng_permuted(job->seed, FQPI_STREAM_LABELS, 0, n, (uint64_t)i) < (uint64_t)replaced)
            label[i] = (int64_t)fqpi_rng_below(job->seed, FQPI_STREAM_LABELS + 1, (uint64_t)i, c);
}

/* ---- standardisation, by the training images
 * ------------------------------------------------------------------------------ */

static void subtract_image(fqp_array *x, const double *mean) {
    float *v = x->data;
    for (int64_t i = 0; x->data && i < x->shape[0]; i++)
        for (int64_t j = 0; j < x->shape[1]; j++, v++)
            *v = (float)(*v - mean[j]);
}

static fqp_status centre(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    double *mean = fqpi_calloc(job->ctx, (size_t)s->d, sizeof *mean);
    if (!mean)
        return FQP_E_NOMEM;
    const float *v = s->x.data;
    for (int64_t i = 0; i < s->n; i++)
        for (int64_t j = 0; j < s->d; j++)
            mean[j] += *v++;
    for (int64_t j = 0; j < s->d; j++)
        mean[j] /= (double)s->n;
    subtract_image(&s->x, mean);
    subtract_image(&s->x_test, mean);
    fqpi_free(mean);
    return FQP_OK;
}

static void move(fqp_array *x, double mean, double std) {
    float *v = x->data;
    for (int64_t i = 0; x->data && i < x->shape[0] * x->shape[1]; i++)
        v[i] = (float)((v[i] - mean) / std);
}

static fqp_status zscore(fqpi_data_job *job) {
    fqp_dataset *s = job->out;
    const float *v = s->x.data;
    int64_t count = s->n * s->d;
    double mean = 0, square = 0;
    for (int64_t i = 0; i < count; i++)
        mean += v[i];
    mean /= (double)count;
    for (int64_t i = 0; i < count; i++)
        square += (v[i] - mean) * (v[i] - mean);
    if (square == 0)
        return fqpi_data_refuse(job, FQP_E_DATA, "standardise",
                                "zscore divides by the spread of the pixels, which is 0");
    double std = sqrt(square / (double)count);
    move(&s->x, mean, std);
    move(&s->x_test, mean, std);
    return FQP_OK;
}

/* ---- all together
 * -------------------------------------------------------------------------------------------------------- */

static fqp_status describe(fqpi_data_job *job, const fqpi_image_files *f, const raw *r) {
    const fqp_dataset *s = job->out;
    fqpi_text t = {0};
    fqpi_text_add(job->ctx, &t, "%s", f->cifar ? f->batch[0] : f->images);
    if (f->nbatches > 1)
        fqpi_text_add(job->ctx, &t, " and %d more", f->nbatches - 1);
    fqpi_text_add(job->ctx, &t, ": %lld images of ", (long long)s->n);
    for (int j = 1; j < r->pixels.ndim; j++)
        fqpi_text_add(job->ctx, &t, "%s%lld", j > 1 ? " x " : "", (long long)r->pixels.shape[j]);
    for (size_t i = 0; i < job->o->classes.n; i++)
        fqpi_text_add(job->ctx, &t, "%s%lld", i ? " " : ", classes ", (long long)job->o->classes.v[i]);
    fqpi_text_add(job->ctx, &t, ", pixels %s", fqpi_standard_row((size_t)job->o->standardise)->name);
    if (job->o->shuffle > 0)
        fqpi_text_add(job->ctx, &t, ", %g of the labels random", job->o->shuffle);
    job->out->origin = t.s;
    return t.failed ? FQP_E_NOMEM : FQP_OK;
}

static fqp_status build_test(fqpi_data_job *job, fqpi_image_files *f, const classes *c) {
    fqp_dataset *s = job->out;
    raw r = {0};
    if (!*f->test_images)
        return fqpi_data_refuse(job, FQP_E_DATA, "test_count", "no test images were found beside %s",
                                f->cifar ? f->batch[0] : f->images);
    fqp_status status =
        f->cifar ? read_cifar(job, 1, &f->test_images, &r) : read_idx(job, f->test_images, f->test_labels, &r);
    for (int64_t i = 0; !status && i < r.n; i++)
        if (label_at(&r, i) > c->largest)
            status = fqpi_data_refuse(job, FQP_E_DATA, "labels", "test label %lld is %d, training labels end at %d",
                                      (long long)i, label_at(&r, i), c->largest);
    if (!status && r.d != s->d)
        status = fqpi_data_refuse(job, FQP_E_DATA, "images", "test images have %lld pixels, training images %lld",
                                  (long long)r.d, (long long)s->d);
    if (!status)
        status = pick_images(job, &r, c, true, &s->x_test, &s->labels_test);
    if (!status)
        status = outputs(job, &s->labels_test, c->count, &s->y_test);
    s->n_test = status ? 0 : s->x_test.shape[0];
    raw_free(&r);
    return status;
}

static fqp_status build_all(fqpi_data_job *job, fqpi_image_files *f) {
    fqp_dataset *s = job->out;
    raw r = {0};
    classes c;
    fqp_status status = f->cifar ? read_cifar(job, f->nbatches, f->batch, &r) : read_idx(job, f->images, f->labels, &r);
    if (!status)
        status = find_classes(job, &r, &c);
    if (!status)
        status = pick_images(job, &r, &c, false, &s->x, &s->labels);
    if (!status) {
        s->n = s->x.shape[0];
        s->d = r.d;
        s->classes = c.count;
        status = describe(job, f, &r);
        shuffle_labels(job);
    }
    raw_free(&r);
    if (!status)
        status = outputs(job, &s->labels, c.count, &s->y);
    if (!status)
        s->m = s->y.shape[1];
    if (!status && job->o->test_count)
        status = build_test(job, f, &c);
    const fqpi_standard *standard = fqpi_standard_row((size_t)job->o->standardise);
    if (!status && standard->centre)
        status = centre(job);
    if (!status && standard->zscore)
        status = zscore(job);
    return status;
}

static fqp_status build_named(fqpi_data_job *job, const char *fallback) {
    fqpi_image_files *f = fqpi_alloc(job->ctx, 1, sizeof *f);
    if (!f)
        return job->status = FQP_E_NOMEM;
    fqp_status status = fqpi_image_files_find(job, fallback, f);
    if (!status)
        status = build_all(job, f);
    fqpi_free(f);
    return job->status = job->status ? job->status : status;
}

static fqp_status build_images(fqpi_data_job *job) {
    return build_named(job, "fashion-mnist");
}

static fqp_status build_cifar10(fqpi_data_job *job) {
    return build_named(job, "cifar10");
}

const fqpi_source fqpi_source_images = {"images", "labelled images: IDX files or CIFAR-10 batches", build_images, NULL};
const fqpi_source fqpi_source_cifar10 = {"cifar10", "CIFAR-10, binary version", build_cifar10, NULL};
