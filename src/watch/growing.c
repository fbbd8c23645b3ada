/* growing.c - one npy file of frames [F,n,m] that grows while training goes on.
 *
 * Writers differ: some raise the header's count with every frame, some only append bytes, some make the whole file
 * first and fill it.  So what counts is the frames whose bytes are there; of a file made whole first, frames of nothing
 * but zeros at the end are not written yet. */
#include "dtype.h"
#include "fail.h"
#include "follow.h"
#include "os.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct growing {
    fqp_follow *f;
    fqpi_npy_header h;
    int fd;
    size_t frame;  /* bytes */
    int64_t there; /* frames whose bytes are there */
    fqp_array one; /* raw values of one frame */
    fqp_array steps;
} growing;

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Said once, until something else is said. */
static void tell(fqp_follow *f, const char *text) {
    if (strcmp(f->said, text) == 0)
        return;
    snprintf(f->said, sizeof f->said, "%s", text);
    fqpi_follow_note(f, "%s: %s", base_name(f->path), text);
}

static bool usable(fqp_follow *f, const fqpi_npy_header *h) {
    char shape[FQPI_FILE_SHAPE], text[300];
    if (h->ndim < 2 || !fqpi_file_fits(h->ndim - 1, h->shape + 1, f->n, f->m)) {
        fqpi_file_shape(h->ndim, h->shape, shape);
        snprintf(text, sizeof text, "shape %s; frames of (%lld, %lld) one after the other are followed", shape,
                 (long long)f->n, (long long)f->m);
    } else if (h->fortran || h->half) {
        snprintf(text, sizeof text, "%s cannot be read while it grows; write C order of float32 or float64",
                 h->half ? "half precision" : "Fortran order");
    } else {
        return true;
    }
    tell(f, text);
    return false;
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

static bool read_frame(growing *g, int64_t i) {
    const off_t at = (off_t)(g->h.bytes + (size_t)i * g->frame);
    const bool got = fqpi_os_read(g->fd, g->one.data, g->frame, at) == (ssize_t)g->frame;
    if (got && g->h.swap)
        fqpi_dtype_swap(g->one.data, g->f->n * g->f->m, g->h.dtype);
    return got;
}

static bool nothing(const growing *g) {
    const char *b = g->one.data;
    return b[0] == 0 && memcmp(b, b + 1, g->frame - 1) == 0;
}

/* Frames up to the last one that holds something. */
static int64_t written(growing *g) {
    int64_t count = g->there;
    while (count > g->f->frames && (!read_frame(g, count - 1) || nothing(g)))
        count--;
    return count;
}

/* Step of frame i: of the steps file as far as it goes; -1: not known yet. */
static int64_t step_at(const growing *g, int64_t i) {
    if (!g->f->steps)
        return i;
    const fqp_view v = fqp_array_view(&g->steps);
    const double step = g->steps.data && i < fqp_view_count(v) ? fqp_view_at(v, i) : -1;
    return step >= 0 && step < 9e15 && step == floor(step) ? (int64_t)step : -1;
}

static fqp_status give_frame(growing *g, int64_t i, int64_t step) {
    fqp_array real = {0};
    const fqp_view raw = fqp_view_make(g->one.data, g->h.dtype, 2, (int64_t[]){g->f->n, g->f->m});
    const bool plain = g->h.dtype == FQP_F32 || g->h.dtype == FQP_F64;
    fqp_status s = plain ? FQP_OK : fqp_array_convert(g->f->ctx, raw, FQP_F64, &real);
    if (s == FQP_E_NOMEM)
        return s;
    if (s) {
        char why[300];
        fqpi_file_why(g->f->ctx, why, sizeof why);
        tell(g->f, why);
        return FQP_OK;
    }
    g->f->frames = i + 1;
    s = fqpi_follow_feed(g->f, step, base_name(g->f->path), fqpi_mark_when(&g->f->grown), plain ? &g->one : &real);
    fqp_array_free(&real);
    return s;
}

static fqp_status next(growing *g, int64_t i, bool *go_on) {
    fqp_follow *f = g->f;
    const int64_t step = step_at(g, i);
    *go_on = step >= 0 && read_frame(g, i);
    if (!*go_on)
        return FQP_OK;
    if (i == 0)
        f->first_hash = fqpi_file_hash(g->one.data, g->frame);
    if (step <= f->last && !f->begun) { /* recorded before this was begun */
        f->frames = i + 1;
        return FQP_OK;
    }
    fqp_status s = FQP_OK;
    if (step <= f->last)
        s = fqpi_follow_restart(f, "step %lld follows step %lld in %s: training began again", (long long)step,
                                (long long)f->last, base_name(f->steps ? f->steps : f->path));
    return s ? s : give_frame(g, i, step);
}

/* ---- a look ---------------------------------------------------------------------------------------------------- */

/* Is it another file under the name, or are other values in its first frame? */
static bool other(growing *g) {
    const fqp_follow *f = g->f;
    return f->frames &&
           (g->there < f->frames || (read_frame(g, 0) && f->first_hash != fqpi_file_hash(g->one.data, g->frame)));
}

static fqp_status read_steps(growing *g) {
    fqpi_npy_header h;
    int64_t there;
    char why[300];
    const fqpi_whole w = fqpi_file_look(g->f->ctx, g->f->steps, false, &h, &there);
    fqp_status s = FQP_OK;
    if (w == FQPI_WHOLE)
        s = fqp_npy_read(g->f->ctx, g->f->steps, &g->steps);
    if (s == FQP_E_NOMEM)
        return s;
    if (s == FQP_E_DATA || w == FQPI_BROKEN) {
        fqpi_file_why(g->f->ctx, why, sizeof why);
        tell(g->f, why);
    }
    fqp_ctx_problems_clear(g->f->ctx);
    return FQP_OK;
}

static fqp_status read_on(growing *g) {
    fqp_follow *f = g->f;
    bool go_on = true;
    fqp_status s = FQP_OK;
    if (other(g)) {
        f->frames = 0;
        s = fqpi_follow_restart(f, "%s begins anew with other values: training began again", base_name(f->path));
    }
    if (!s && f->steps)
        s = read_steps(g);
    const int64_t count = s ? 0 : written(g);
    for (int64_t i = f->frames; i < count && !s && go_on; i++)
        s = fqp_ctx_interrupted(f->ctx) ? FQP_E_INTERRUPTED : next(g, i, &go_on);
    return s;
}

static fqp_status open_frames(growing *g, int64_t size) {
    fqp_follow *f = g->f;
    g->frame = fqp_dtype_size(g->h.dtype);
    if (__builtin_mul_overflow(g->frame, (size_t)f->n, &g->frame) ||
        __builtin_mul_overflow(g->frame, (size_t)f->m, &g->frame))
        return FQP_OK;
    g->there = (size - (int64_t)g->h.bytes) / (int64_t)g->frame;
    g->fd = fqpi_os_open(f->path, O_RDONLY);
    fqp_status s = fqpi_array_make(f->ctx, g->h.dtype, 2, (int64_t[]){f->n, f->m}, &g->one);
    if (!s && g->fd >= 0)
        s = read_on(g);
    fqp_array_free(&g->one);
    fqp_array_free(&g->steps);
    if (g->fd >= 0)
        close(g->fd);
    return s;
}

fqp_status fqpi_follow_growing(fqp_follow *f, bool last) {
    (void)last; /* a frame that is not whole is none */
    growing g = {.f = f, .fd = -1};
    int64_t size;
    char why[300];
    if (!fqpi_mark_of(f->path, &f->grown))
        return FQP_OK;
    const fqpi_whole w = fqpi_file_look(f->ctx, f->path, false, &g.h, &size);
    if (w == FQPI_BROKEN) {
        fqpi_file_why(f->ctx, why, sizeof why);
        tell(f, why);
    }
    return w == FQPI_WHOLE && usable(f, &g.h) ? open_frames(&g, size) : FQP_OK;
}
