/* picture_field.c - a figure of figures.json that shows values on a grid: an image in grey, a spectrogram in colours.
 */
#include "picture.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>

enum { MOST = 1024, SIDE = 280, WIDE = 500, LEFT = 74, TOP = 40 };

static fqpi_rgb grey(double share) {
    const double v = fmin(fmax(share, 0), 1);
    return (fqpi_rgb){v, v, v};
}

static double number(const json_t *o, const char *key, double otherwise) {
    const json_t *v = json_object_get(o, key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

static bool square(const json_t *f) {
    return json_is_true(json_object_get(f, "square"));
}

static double width_of(const json_t *f) {
    const double rows = number(f, "rows", 1), cols = number(f, "cols", 1);
    return square(f) ? fmin(WIDE, SIDE * cols / rows) : WIDE;
}

static double height_of(const json_t *f) {
    const double rows = number(f, "rows", 1), cols = number(f, "cols", 1);
    return square(f) ? width_of(f) * rows / cols : 250;
}

void fqpi_picture_field_size(const json_t *f, double *width, double *height) {
    *width = LEFT + width_of(f) + 90;
    *height = TOP + height_of(f) + 56;
}

/* Edges of n cells from `from` to `to` of an axis. */
static fqpi_range edges(const json_t *axis, int64_t n, double *edge) {
    const double from = number(axis, "from", 0), to = number(axis, "to", 1);
    for (int64_t i = 0; i <= n; i++)
        edge[i] = from + (to - from) * (double)i / (double)n;
    return (fqpi_range){from, to, false, 0};
}

static void draw_bar(const json_t *f, const fqpi_axes *a, fqpi_scale scale, cairo_t *cr) {
    fqpi_tick tick[3];
    const double low = number(f, "low", 0), high = number(f, "high", 1);
    for (int i = 0; i < 3; i++) {
        tick[i].at = 0.5 * i;
        snprintf(tick[i].text, sizeof tick[i].text, "%.3g", low + (high - low) * tick[i].at);
    }
    fqpi_plot_bar(cr, a->x + a->w + 14, a->y, 12, a->h, scale, tick, 3, json_string_value(json_object_get(f, "unit")));
}

fqp_status fqpi_picture_field(fqp_ctx *ctx, const json_t *f, cairo_t *cr) {
    const int64_t rows = (int64_t)number(f, "rows", 0), cols = (int64_t)number(f, "cols", 0);
    const json_t *value = json_object_get(f, "value"), *x = json_object_get(f, "x"), *y = json_object_get(f, "y");
    const double low = number(f, "low", 0), high = number(f, "high", 1);
    double xe[MOST + 1], ye[MOST + 1];
    if (rows < 1 || cols < 1 || rows > MOST || cols > MOST || json_array_size(value) != (size_t)(rows * cols))
        return fqpi_fail(ctx, FQP_E_DATA, NULL, "a field of %lld x %lld values, %zu are given, cannot be drawn",
                         (long long)rows, (long long)cols, json_array_size(value));
    double *share = fqpi_alloc(ctx, (size_t)(rows * cols), sizeof *share);
    if (!share)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < rows * cols; i++) {
        const json_t *v = json_array_get(value, (size_t)i);
        share[i] = json_is_number(v) ? (json_number_value(v) - low) / (high - low) : NAN;
    }
    const fqpi_scale scale = json_is_true(json_object_get(f, "grey")) ? grey : fqpi_viridis;
    fqpi_axes a = {.x = LEFT, .y = TOP, .w = width_of(f), .h = height_of(f), .bare = true};
    a.rx = edges(x, cols, xe);
    a.ry = edges(y, rows, ye);
    a.xlabel = json_string_value(json_object_get(x, "label"));
    a.ylabel = json_string_value(json_object_get(y, "label"));
    fqpi_plot_field(cr, &a, xe, ye, share, rows, cols, scale);
    fqpi_axes_draw(cr, &a);
    draw_bar(f, &a, scale, cr);
    fqpi_free(share);
    return FQP_OK;
}
