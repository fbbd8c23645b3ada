/* signal_write.c - a signal as a file, in the format that the path's suffix names. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "sound.h"

#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct row {
    const char *suffix;
    bool (*fits)(const fqp_signal *s);
    const char *takes; /* what it can hold, for messages */
    fqp_status (*write)(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s);
} row;

/* ---- whole numbers of pictures ----------------------------------------------------------------------------------- */

/* The range of the signal as 0 to the largest number, u8 or u16 [rows, columns, channels]. */
static fqp_status quantise(fqp_ctx *ctx, const fqp_signal *s, fqp_array *out) {
    const bool deep = s->bits == 16;
    const double most = deep ? 65535 : 255, *v = s->value.data;
    fqp_status status =
        fqpi_array_make(ctx, deep ? FQP_U16 : FQP_U8, 3, (int64_t[]){s->shape[0], s->shape[1], s->channels}, out);
    for (int64_t i = 0; !status && i < s->n * s->channels; i++) {
        const double q = rint(fmax(0, fmin(1, (v[i] - s->low) / (s->high - s->low))) * most);
        if (deep)
            ((uint16_t *)out->data)[i] = (uint16_t)q;
        else
            ((uint8_t *)out->data)[i] = (uint8_t)q;
    }
    return status;
}

static fqp_status write_png(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s) {
    fqp_array a = {0};
    (void)suffix;
    fqp_status status = quantise(ctx, s, &a);
    if (!status)
        status = fqp_png_write(ctx, path, fqp_array_view(&a));
    fqp_array_free(&a);
    return status;
}

/* Two-byte samples have the high byte first. */
static fqp_status write_map(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s) {
    fqp_array a = {0};
    fqpi_text head = {0};
    (void)suffix;
    fqp_status status = quantise(ctx, s, &a);
    if (status)
        return status;
    const bool deep = a.dtype == FQP_U16;
    const int64_t count = s->n * s->channels;
    fqpi_text_add(ctx, &head, "P%d\n%lld %lld\n%d\n", s->channels == 1 ? 5 : 6, (long long)s->shape[1],
                  (long long)s->shape[0], deep ? 65535 : 255);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    fqpi_dtype_swap(a.data, count, a.dtype);
#endif
    status =
        head.failed ? FQP_E_NOMEM : fqpi_os_replace(ctx, path, head.s, head.n, a.data, (size_t)count * (deep ? 2 : 1));
    fqpi_text_free(&head);
    fqp_array_free(&a);
    return status;
}

/* ---- numbers as they are ------------------------------------------------------------------------------------------
 */

static fqp_status write_npy(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s) {
    int64_t shape[4] = {s->shape[0], s->shape[1], s->shape[2]};
    (void)suffix;
    shape[s->ndim] = s->channels;
    return fqp_npy_write(ctx, path, fqp_view_make(s->value.data, FQP_F64, s->ndim + (s->channels > 1), shape));
}

static fqp_status write_csv(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s) {
    fqpi_text t = {0};
    const int64_t d = s->point.shape[1];
    const double *x = s->point.data, *y = s->value.data;
    (void)suffix;
    for (int64_t j = 0; j < d + s->channels; j++)
        fqpi_text_add(ctx, &t, "%s%c%lld", j ? "," : "", j < d ? 'x' : 'y', (long long)(j < d ? j + 1 : j - d + 1));
    fqpi_text_add(ctx, &t, "\n");
    for (int64_t i = 0; i < s->n && !t.failed; i++) {
        for (int64_t j = 0; j < d + s->channels; j++)
            fqpi_text_add(ctx, &t, "%s%.17g", j ? "," : "", j < d ? x[i * d + j] : y[i * s->channels + j - d]);
        fqpi_text_add(ctx, &t, "\n");
    }
    fqp_status status = t.failed ? FQP_E_NOMEM : fqpi_os_replace(ctx, path, t.s, t.n, NULL, 0);
    fqpi_text_free(&t);
    return status;
}

/* ---- which --------------------------------------------------------------------------------------------------------
 */

static bool plane(const fqp_signal *s) {
    return s->ndim == 2 && s->channels <= 4;
}
static bool plane_of_one(const fqp_signal *s) {
    return s->ndim == 2 && s->channels == 1;
}
static bool plane_of_three(const fqp_signal *s) {
    return s->ndim == 2 && s->channels == 3;
}
static bool line(const fqp_signal *s) {
    return s->ndim == 1;
}
static bool grid(const fqp_signal *s) {
    return s->ndim > 0;
}
static bool table(const fqp_signal *s) {
    return s->kind == FQP_SIGNAL_TABLE;
}

static const row ROWS[] = {
    {".png", plane, "two axes and up to four channels", write_png},
    {".pgm", plane_of_one, "two axes and one channel", write_map},
    {".ppm", plane_of_three, "two axes and three channels", write_map},
    {".wav", line, "one axis", fqpi_sound_write},
    {".flac", line, "one axis", fqpi_sound_write},
    {".aiff", line, "one axis", fqpi_sound_write},
    {".npy", grid, "a grid", write_npy},
    {".csv", table, "a table", write_csv},
};
enum { NROWS = sizeof ROWS / sizeof *ROWS };

/* Every number is one, and a picture's range is not empty. */
static fqp_status check_values(fqp_ctx *ctx, const char *path, const fqp_signal *s) {
    const double *v = s->value.data;
    const fqp_origin at = {.source = path};
    for (int64_t i = 0; i < s->n * s->channels; i++)
        if (!isfinite(v[i]))
            return fqpi_fail(ctx, FQP_E_DATA, &at, "cannot be written: channel %lld of sample %lld is %s",
                             (long long)(i % s->channels), (long long)(i / s->channels),
                             isnan(v[i]) ? "not a number" : "infinite");
    return FQP_OK;
}

fqp_status fqp_signal_write(fqp_ctx *ctx, const char *path, const fqp_signal *s) {
    const fqp_origin at = {.source = path};
    size_t i = 0;
    if (!path || !s || !s->value.data)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_signal_write needs a path and a signal");
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    while (i < NROWS && (!dot || strcasecmp(ROWS[i].suffix, dot) != 0))
        i++;
    if (i == NROWS)
        return fqpi_fail(ctx, FQP_E_ARG, &at,
                         "the suffix says the format: .png, .pgm, .ppm, .wav, .flac, .aiff, .npy or .csv");
    if (!ROWS[i].fits(s))
        return fqpi_fail(ctx, FQP_E_ARG, &at, "%s holds %s; the %s has %d ax%s and %lld channel%s", ROWS[i].suffix + 1,
                         ROWS[i].takes, fqp_signal_kind_name(s->kind), s->ndim, s->ndim == 1 ? "is" : "es",
                         (long long)s->channels, s->channels == 1 ? "" : "s");
    fqp_status status = check_values(ctx, path, s);
    if (!status && s->ndim == 2 && ROWS[i].write != write_npy && !(s->low < s->high))
        status = fqpi_fail(ctx, FQP_E_ARG, &at, "every value is %.6g: there is no range to be drawn", s->low);
    return status ? status : ROWS[i].write(ctx, path, ROWS[i].suffix, s);
}
