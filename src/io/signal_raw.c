/* signal_raw.c - what the dimensions of an array read from a file mean. */
#include "signal_raw.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"

#include <stdio.h>
#include <string.h>

/* What a kind of file is, by fqpi_kind. */
static const struct {
    fqp_signal_kind kind;
    int axes; /* 0: as many as the array has, at most three */
} KINDS[] = {[FQPI_ARRAY] = {FQP_SIGNAL_VOLUME, 0},
             [FQPI_IMAGE] = {FQP_SIGNAL_IMAGE, 2},
             [FQPI_SOUND] = {FQP_SIGNAL_SOUND, 1},
             [FQPI_TABLE] = {FQP_SIGNAL_TABLE, 0}};

static const char *const NAMES[] = {[FQP_SIGNAL_IMAGE] = "image",
                                    [FQP_SIGNAL_SOUND] = "sound",
                                    [FQP_SIGNAL_VOLUME] = "volume",
                                    [FQP_SIGNAL_TABLE] = "table"};

const char *fqp_signal_kind_name(fqp_signal_kind kind) {
    return (unsigned)kind < sizeof NAMES / sizeof *NAMES ? NAMES[kind] : "?";
}

void fqp_signal_free(fqp_signal *s) {
    if (!s)
        return;
    fqp_array_free(&s->value);
    fqp_array_free(&s->point);
    fqpi_free(s->origin);
    *s = (fqp_signal){0};
}

void fqpi_signal_unload(fqpi_raw_signal *s) {
    fqp_array_free(&s->a);
    fqpi_free(s->note.header);
    *s = (fqpi_raw_signal){0};
}

static fqp_status find_axes(fqp_ctx *ctx, const char *path, int axes, fqpi_raw_signal *s) {
    char text[FQPI_SHAPE_SIZE];
    const fqp_array *a = &s->a;
    if (s->kind == FQP_SIGNAL_TABLE) {
        s->shape[0] = a->shape[0];
        s->channels = a->shape[1];
        return FQP_OK;
    }
    const int own = KINDS[s->note.kind].axes;
    s->ndim = own ? own : axes ? axes : a->ndim < 3 ? a->ndim : 3;
    if (s->ndim < 1 || a->ndim < s->ndim || a->ndim > s->ndim + 1)
        return fqpi_data_fail(ctx, path, "shape %s is no signal: 1 to 3 axes%s, and one more dimension for channels",
                              fqpi_shape_text(a->ndim, a->shape, text), axes ? " (as many as data.axes says)" : "");
    for (int j = 0; j < s->ndim; j++)
        s->shape[j] = a->shape[j];
    s->channels = a->ndim > s->ndim ? a->shape[s->ndim] : 1;
    return FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, const char *path, const fqpi_raw_signal *s) {
    char text[FQPI_SHAPE_SIZE];
    if (!fqpi_dtype_row(s->a.dtype)->to_f64)
        return fqpi_data_fail(ctx, path, "holds complex numbers; a signal is real");
    if (fqp_view_count(fqp_array_view(&s->a)) < 1)
        return fqpi_data_fail(ctx, path, "holds no samples: its shape is %s",
                              fqpi_shape_text(s->a.ndim, s->a.shape, text));
    return FQP_OK;
}

fqp_status fqpi_signal_load(fqp_ctx *ctx, const char *path, int axes, fqpi_raw_signal *out) {
    fqpi_raw_signal s = {0};
    fqp_status status = fqpi_read_noted(ctx, path, &s.a, &s.note);
    if (!status) {
        s.kind = KINDS[s.note.kind].kind;
        s.counts = s.a.dtype == FQP_U8 || s.a.dtype == FQP_U16;
        s.white = s.note.white > 0 ? s.note.white : s.a.dtype == FQP_U8 ? 255 : s.a.dtype == FQP_U16 ? 65535 : 1;
        status = check(ctx, path, &s);
    }
    if (!status)
        status = find_axes(ctx, path, axes, &s);
    if (status)
        fqpi_signal_unload(&s);
    else
        *out = s;
    return status;
}

char *fqpi_signal_title(fqp_ctx *ctx, const char *path, const fqpi_raw_signal *s) {
    char size[FQPI_SHAPE_SIZE], more[80] = "";
    const bool table = s->kind == FQP_SIGNAL_TABLE;
    if (s->note.rate > 0)
        snprintf(more, sizeof more, ", %.10g Hz", s->note.rate);
    const size_t n = strnlen(more, sizeof more);
    if (s->note.bits)
        snprintf(more + n, sizeof more - n, ", %d bit", s->note.bits);
    return fqpi_format(ctx, "%s, %s of %s%s, %lld %s%s%s", path, fqp_signal_kind_name(s->kind),
                       fqpi_shape_text(table ? 1 : s->ndim, s->shape, size), table ? " rows" : "",
                       (long long)s->channels, table ? "column" : "channel", s->channels == 1 ? "" : "s", more);
}
