/* event_file.c - what TensorBoard shows of a seed: scalars of every frame, and heat maps at the end. */
#include "colour.h"
#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "os.h"
#include "png_bytes.h"
#include "thin.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "error/dft/3 cycles": TensorBoard groups tags by what stands before the first slash.  A label that already says what
 * it counts ("low, delta 10") is left as it is. */
static void tag_of(const fqpi_shown_probe *p, size_t i, char *tag, size_t size) {
    const char *label = p->text[i];
    const bool bare = label[strspn(label, "0123456789.e+-() ,")] == 0;
    fqpi_print(tag, size, "error/%s/%s%s", p->name, label, bare ? " cycles" : "");
}

void fqpi_event_frame(fqpi_event *e, const fqpi_shown *s, const fqpi_record *record, double wall, fqpi_text *out) {
    const struct {
        const char *tag;
        double value;
    } scalar[] = {{"loss", record->loss},
                  {"accuracy", record->accuracy},
                  {"time/epoch", record->epoch},
                  {"time/seconds", record->seconds}};
    fqpi_event_begin(e, s->ctx, wall, record->step);
    for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++)
        if (isfinite(scalar[i].value))
            fqpi_event_scalar(e, scalar[i].tag, scalar[i].value);
    for (size_t p = 0; p < s->n; p++)
        for (size_t i = 0; i < s->probe[p].n; i++) {
            const double error = s->error[p][s->probe[p].bin[i]];
            char tag[160];
            tag_of(&s->probe[p], i, tag, sizeof tag);
            if (isfinite(error))
                fqpi_event_scalar(e, tag, error);
        }
    fqpi_event_end(e, out);
}

/* ---- heat maps ----------------------------------------------------------------------------------------------------
 */

/* Frames are thinned to FRAMES columns; rows and columns are repeated until the image is large enough to be read. */
enum { FRAMES = 480, ROWS = 240, HIGH = 240, WIDE = 480 };

/* Errors from 1 % to 100 % from dark to light on a logarithmic scale, as on the page; grey where there is none. */
static void colour(double error, uint8_t *rgb) {
    const fqpi_rgb none = {0.8, 0.8, 0.8};
    const fqpi_rgb c = isfinite(error) ? fqpi_viridis(1 + log10(fmin(fmax(error, 0.01), 1)) / 2) : none;
    rgb[0] = (uint8_t)lround(255 * c.r);
    rgb[1] = (uint8_t)lround(255 * c.g);
    rgb[2] = (uint8_t)lround(255 * c.b);
}

/* Shown bins in order of the axis, which is not always that of the bins. */
static void in_order(const fqpi_shown_probe *p, const double *axis, size_t *bin) {
    for (size_t i = 0; i < p->n; i++) {
        size_t at = i;
        for (; at > 0 && axis[bin[at - 1]] > axis[p->bin[i]]; at--)
            bin[at] = bin[at - 1];
        bin[at] = p->bin[i];
    }
}

typedef struct map {
    const double *error; /* [F, nbins] */
    size_t nbins;
    const size_t *bin; /* [n] upward */
    size_t n;
    const int64_t *frame; /* [columns] */
    int64_t columns;
} map;

static fqp_status put_map(fqpi_event *e, const map *m, const char *tag) {
    const int64_t rows = m->n < ROWS ? (int64_t)m->n : ROWS;
    const int64_t tall = rows < HIGH ? HIGH / rows : 1, broad = m->columns < WIDE ? WIDE / m->columns : 1;
    const int64_t height = rows * tall, width = m->columns * broad;
    uint8_t *pixel = fqpi_alloc(e->ctx, (size_t)(height * width), 3);
    fqpi_text png = {0};
    if (!pixel)
        return FQP_E_NOMEM;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            const size_t row = (size_t)(rows - 1 - y / tall) * m->n / (size_t)rows;
            const int64_t frame = m->frame[x / broad];
            colour(m->error[(size_t)frame * m->nbins + m->bin[row]], pixel + 3 * (y * width + x));
        }
    const fqp_view v = fqp_view_make(pixel, FQP_U8, 3, (const int64_t[]){height, width, 3});
    const fqp_status s = fqpi_png_bytes(e->ctx, tag, v, &png);
    if (!s)
        fqpi_event_image(e, tag, width, height, &png);
    fqpi_text_free(&png);
    fqpi_free(pixel);
    return s;
}

static fqp_status put_probe(fqpi_event *e, const fqpi_shown_probe *p, const fqpi_series *series, const int64_t *frame,
                            int64_t columns) {
    char tag[80];
    size_t *bin = fqpi_alloc(e->ctx, p->n, sizeof *bin);
    if (!bin)
        return FQP_E_NOMEM;
    in_order(p, series->axis.data, bin);
    const map m = {series->error.data, series->nbins, bin, p->n, frame, columns};
    fqpi_print(tag, sizeof tag, "heat map/%s", p->name);
    const fqp_status s = p->n && columns ? put_map(e, &m, tag) : FQP_OK;
    fqpi_free(bin);
    return s;
}

fqp_status fqpi_event_maps(fqpi_event *e, const fqpi_seed *seed, double wall, fqpi_text *out) {
    fqpi_shown shown = {0};
    int64_t *frame = NULL, columns = 0;
    if (seed->frames == 0)
        return FQP_OK;
    double *step = fqpi_alloc(e->ctx, seed->frames, sizeof *step);
    for (size_t f = 0; step && f < seed->frames; f++)
        step[f] = (double)((const int64_t *)seed->step.data)[f];
    fqp_status s = step ? fqpi_shown_seed(e->ctx, seed, &shown) : FQP_E_NOMEM;
    if (!s)
        s = fqpi_thin(e->ctx, step, (int64_t)seed->frames, FRAMES, &frame, &columns);
    fqpi_event_begin(e, e->ctx, wall, step ? (int64_t)step[seed->frames - 1] : 0);
    for (size_t p = 0; p < shown.n && !s; p++)
        s = put_probe(e, &shown.probe[p], &seed->probe[p], frame, columns);
    if (!s)
        fqpi_event_end(e, out);
    fqpi_free(frame);
    fqpi_free(step);
    fqpi_shown_free(&shown);
    return s;
}

/* ---- names --------------------------------------------------------------------------------------------------------
 */

static const char PREFIX[] = "events.out.tfevents.";

bool fqpi_is_event_file(const char *name) {
    return strncmp(name, PREFIX, sizeof PREFIX - 1) == 0;
}

/* TensorBoard reads the files of a folder in the order of their names. */
fqp_status fqpi_event_name(fqp_ctx *ctx, const char *folder, char **path) {
    const long long now = (long long)time(NULL);
    for (int i = 0; i < 1000; i++) {
        *path = fqpi_format(ctx, "%s/%s%010lld.%03d.fqp", folder, PREFIX, now, i);
        if (!*path)
            return FQP_E_NOMEM;
        if (access(*path, F_OK) != 0)
            return FQP_OK;
        fqpi_free(*path);
        *path = NULL;
    }
    return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: a thousand event files in one second", folder);
}
