/* picture.c - the figures that a recipe declares, drawn from figures.json: curves, and maps as tables with colours. */
#include "picture.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROW = 24, COLUMN = 110, NAMES = 190 };

static const char *text_of(const json_t *o, const char *key) {
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool is_map(const json_t *f) {
    return strcmp(text_of(f, "kind"), "map") == 0;
}

static double at(const json_t *list, size_t i) {
    const json_t *v = json_array_get(list, i);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static bool is_field(const json_t *f) {
    return strcmp(text_of(f, "kind"), "field") == 0;
}

/* ---- curves ---------------------------------------------------------------------------------------------------- */

/* Numbers of one curve, without those that its axes cannot show. */
typedef struct curve {
    double *x, *y;
    int64_t n;
} curve;

static bool on_axis(double v, bool log_) {
    return isfinite(v) && (!log_ || v > 0);
}

static bool log_of(const json_t *f, const char *axis) {
    return json_is_true(json_object_get(json_object_get(f, axis), "log"));
}

static fqp_status take(fqp_ctx *ctx, const json_t *f, const json_t *c, curve *out) {
    const json_t *x = json_object_get(c, "x"), *y = json_object_get(c, "y");
    const size_t n = json_array_size(y);
    out->x = fqpi_calloc(ctx, 2 * n + 1, sizeof *out->x);
    if (!out->x)
        return FQP_E_NOMEM;
    out->y = out->x + n;
    for (size_t i = 0; i < n; i++)
        if (on_axis(at(x, i), log_of(f, "x")) && on_axis(at(y, i), log_of(f, "y"))) {
            out->x[out->n] = at(x, i);
            out->y[out->n++] = at(y, i);
        }
    return FQP_OK;
}

static fqpi_range joined(fqpi_range a, fqpi_range b) {
    return (fqpi_range){fmin(a.low, b.low), fmax(a.high, b.high), a.log, 0};
}

static void draw_lines(const json_t *list, const curve *c, size_t n, const fqpi_axes *a, cairo_t *cr) {
    double x = a->x;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        const bool dashed = strcmp(text_of(one, "style"), "dashed") == 0;
        const fqpi_rgb colour = dashed ? fqpi_soft : fqpi_viridis(n > 1 ? 0.85 * (double)i / (double)(n - 1) : 0.3);
        if (strcmp(text_of(one, "style"), "points") == 0)
            fqpi_plot_marks(cr, a, c[i].x, c[i].y, c[i].n, colour, 2.4, true);
        else
            fqpi_plot_line(cr, a, c[i].x, c[i].y, c[i].n, colour, 1.5, dashed);
        x = fqpi_plot_legend(cr, x, 36, text_of(one, "name"), colour, 1.5, dashed);
    }
}

static fqp_status draw_curves(fqp_ctx *ctx, const json_t *f, cairo_t *cr) {
    const json_t *list = json_object_get(f, "curves");
    const size_t n = json_array_size(list);
    curve *c = fqpi_calloc(ctx, n ? n : 1, sizeof *c);
    fqp_status s = c ? FQP_OK : FQP_E_NOMEM;
    fqpi_axes a = {.x = 74,
                   .y = 52,
                   .w = 500,
                   .h = 250,
                   .xlabel = text_of(json_object_get(f, "x"), "label"),
                   .ylabel = text_of(json_object_get(f, "y"), "label"),
                   .rx = {0, 1, false, 0},
                   .ry = {0, 1, false, 0}};
    bool first = true;
    for (size_t i = 0; i < n && !s; i++) {
        s = take(ctx, f, json_array_get(list, i), &c[i]);
        if (s || c[i].n == 0)
            continue;
        const fqpi_range x = fqpi_range_of(c[i].x, c[i].n, log_of(f, "x")),
                         y = fqpi_range_of(c[i].y, c[i].n, log_of(f, "y"));
        a.rx = first ? x : joined(a.rx, x);
        a.ry = first ? y : joined(a.ry, y);
        first = false;
    }
    if (!s) {
        a.ry = fqpi_range_pad(a.ry, 0.05);
        fqpi_axes_draw(cr, &a);
        draw_lines(list, c, n, &a, cr);
    }
    for (size_t i = 0; c && i < n; i++)
        fqpi_free(c[i].x);
    fqpi_free(c);
    return s;
}

/* ---- maps ------------------------------------------------------------------------------------------------------ */

static double scaled(double v, bool log_) {
    return log_ ? log(v) : v;
}

static void draw_cell(cairo_t *cr, double x, double y, double share, const json_t *v) {
    char text[24];
    if (isfinite(share)) {
        const fqpi_rgb c = fqpi_viridis(share);
        cairo_set_source_rgb(cr, 0.6 + 0.4 * c.r, 0.6 + 0.4 * c.g, 0.6 + 0.4 * c.b);
        cairo_rectangle(cr, x, y, COLUMN - 4, ROW - 3);
        cairo_fill(cr);
    }
    if (json_is_string(v))
        snprintf(text, sizeof text, "never");
    else if (json_is_number(v))
        snprintf(text, sizeof text, "%.3g", json_number_value(v));
    else
        snprintf(text, sizeof text, "-");
    fqpi_plot_text(cr, x + COLUMN - 12, y + ROW - 9, 1, 10, fqpi_ink, text);
}

static void draw_column(const json_t *f, size_t k, cairo_t *cr) {
    const json_t *rows = json_object_get(f, "rows"), *row, *column = json_array_get(json_object_get(f, "columns"), k);
    const bool log_ = json_is_true(json_object_get(column, "log"));
    const double x = NAMES + COLUMN * (double)k;
    double low = INFINITY, high = -INFINITY;
    size_t i;
    json_array_foreach(rows, i, row) {
        const double v = at(json_object_get(row, "value"), k);
        if (on_axis(v, log_)) {
            low = fmin(low, scaled(v, log_));
            high = fmax(high, scaled(v, log_));
        }
    }
    fqpi_plot_text(cr, x + COLUMN - 12, 46, 1, 10, fqpi_soft, text_of(column, "name"));
    json_array_foreach(rows, i, row) {
        const double v = at(json_object_get(row, "value"), k);
        const double share = on_axis(v, log_) && high > low ? (scaled(v, log_) - low) / (high - low) : NAN;
        draw_cell(cr, x, 54 + ROW * (double)i, share, json_array_get(json_object_get(row, "value"), k));
    }
}

static fqp_status draw_map(const json_t *f, cairo_t *cr) {
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(f, "rows"), i, row)
        fqpi_plot_text(cr, 12, 54 + ROW * (double)(i + 1) - 9, 0, 10, fqpi_ink, text_of(row, "name"));
    for (size_t k = 0; k < json_array_size(json_object_get(f, "columns")); k++)
        draw_column(f, k, cr);
    return FQP_OK;
}

bool fqpi_picture_is_file(const json_t *f) {
    return strcmp(text_of(f, "kind"), "image") == 0;
}

/* ---- the door -------------------------------------------------------------------------------------------------- */

void fqpi_picture_size(const json_t *f, double *width, double *height) {
    if (is_field(f)) {
        fqpi_picture_field_size(f, width, height);
        return;
    }
    *width = is_map(f) ? NAMES + COLUMN * (double)json_array_size(json_object_get(f, "columns")) + 12 : 600;
    *height = is_map(f) ? 66 + ROW * (double)json_array_size(json_object_get(f, "rows")) : 350;
}

fqp_status fqpi_picture_draw(fqp_ctx *ctx, const json_t *f, cairo_t *cr) {
    fqpi_plot_text(cr, 12, 20, 0, 11, fqpi_ink, text_of(f, "title"));
    if (is_field(f))
        return fqpi_picture_field(ctx, f, cr);
    return is_map(f) ? draw_map(f, cr) : draw_curves(ctx, f, cr);
}
