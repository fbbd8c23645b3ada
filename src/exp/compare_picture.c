/* compare_picture.c - a small picture of a target: a line, an image (of a volume the middle), or points. */
#include "compare_i.h"
#include "real.h"

#include <math.h>

enum { LINE = 240, SIDE = 64, POINTS = 400 };

typedef struct scale {
    double low, high;
} scale;

static scale scale_of(const fqp_dataset *d) {
    const double *y = d->y.data;
    scale s = {INFINITY, -INFINITY};
    for (int64_t i = 0; i < d->n * d->m; i++) {
        s.low = fmin(s.low, y[i]);
        s.high = fmax(s.high, y[i]);
    }
    return s;
}

/* 0 .. 255 */
static json_t *grey(scale s, double v) {
    return json_integer(s.high > s.low ? lround(255 * (v - s.low) / (s.high - s.low)) : 128);
}

/* A sound is drawn by the least and the greatest value of each piece. */
static json_t *line(const fqp_dataset *d, scale s) {
    json_t *low = json_array(), *high = json_array();
    const double *y = d->y.data;
    const int64_t pieces = d->n < LINE ? d->n : LINE;
    for (int64_t p = 0; p < pieces; p++) {
        scale here = {INFINITY, -INFINITY};
        for (int64_t j = p * d->n / pieces; j < (p + 1) * d->n / pieces; j++) {
            here.low = fmin(here.low, y[j * d->m]);
            here.high = fmax(here.high, y[j * d->m]);
        }
        json_array_append_new(low, grey(s, here.low));
        json_array_append_new(high, grey(s, here.high));
    }
    return json_pack("{s:s, s:o, s:o}", "kind", "line", "low", low, "high", high);
}

/* Every sample nearest to a pixel's middle; three outputs are colours. */
static json_t *image(const fqp_dataset *d, scale s) {
    const int axes = d->grid_ndim;
    const int64_t rows = d->grid[axes - 2], columns = d->grid[axes - 1], *g = d->grid;
    const int64_t plane = axes == 3 ? g[0] / 2 * rows * columns : 0;
    const int64_t h = rows < SIDE ? rows : SIDE, w = columns < SIDE ? columns : SIDE, channels = d->m == 3 ? 3 : 1;
    const double *y = d->y.data;
    json_t *value = json_array();
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < w; j++)
            for (int64_t c = 0; c < channels; c++) {
                const int64_t at = plane + (2 * i + 1) * rows / (2 * h) * columns + (2 * j + 1) * columns / (2 * w);
                json_array_append_new(value, grey(s, y[at * d->m + c]));
            }
    return json_pack("{s:s, s:I, s:I, s:I, s:o}", "kind", "image", "rows", (json_int_t)h, "columns", (json_int_t)w,
                     "channels", (json_int_t)channels, "value", value);
}

/* The first two coordinates, each from 0 to 255, and the value. */
static json_t *points(const fqp_dataset *d, const fqp_facts *f, scale s) {
    json_t *value = json_array();
    const fqp_view x = fqp_array_view(&d->x);
    const int64_t n = d->n < POINTS ? d->n : POINTS;
    for (int64_t p = 0; p < n; p++) {
        const int64_t j = p * d->n / n;
        const double y = ((const double *)d->y.data)[j * d->m];
        for (int64_t a = 0; a < 2; a++) {
            const scale axis = {f->centre[a] - f->half[a], f->centre[a] + f->half[a]};
            json_array_append_new(value, a < d->d ? grey(axis, fqpi_real_at(x, j * d->d + a)) : grey(s, y));
        }
        json_array_append_new(value, grey(s, y));
    }
    return json_pack("{s:s, s:o}", "kind", "points", "value", value);
}

json_t *fqpi_contest_picture(const fqp_dataset *d, const fqp_facts *f) {
    const scale s = scale_of(d);
    if (f->grid && f->d == 1)
        return line(d, s);
    return f->grid && d->grid_ndim >= 2 ? image(d, s) : points(d, f, s);
}
