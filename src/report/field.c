/* field.c - values on cells as colours, hatching where there are none, and the bar that explains the colours. */
#include "plot.h"

#include <math.h>

enum { DOTS = 3 /* dots of a field's picture per point */ };

/* ---- fields ---------------------------------------------------------------------------------------------------- */

/* Cell whose edges (as paper coordinates, rising) enclose p; -1: none. */
static int64_t cell_at(const double *edge, int64_t n, double p) {
    if (!(p >= edge[0]) || p > edge[n])
        return -1;
    int64_t low = 0, high = n;
    while (high - low > 1) {
        int64_t mid = (low + high) / 2;
        if (edge[mid] <= p)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static uint32_t dot(fqpi_rgb c) {
    return 0xff000000u | (uint32_t)lround(255 * c.r) << 16 | (uint32_t)lround(255 * c.g) << 8 |
           (uint32_t)lround(255 * c.b);
}

static double paper_x(const fqpi_axes *a, double x) {
    double p = fqpi_axes_px(a, x);
    return isfinite(p) ? p - a->x : 0;
}

static double paper_y(const fqpi_axes *a, double y) {
    double p = fqpi_axes_py(a, y);
    return isfinite(p) ? a->y + a->h - p : 0;
}

/* Fill a picture of the axes' rectangle, cell by cell (nearest): one image instead of thousands of rectangles, without
 * the hairlines that viewers draw between them. */
static void fill(const fqpi_axes *a, const double *px, const double *py, const double *share, int64_t rows,
                 int64_t cols, fqpi_scale scale, cairo_surface_t *s) {
    int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s);
    int stride = cairo_image_surface_get_stride(s);
    unsigned char *data = cairo_image_surface_get_data(s);
    for (int j = 0; j < h; j++) {
        int64_t r = cell_at(py, rows, a->h * (1 - (j + 0.5) / h));
        for (int i = 0; i < w; i++) {
            int64_t c = cell_at(px, cols, a->w * (i + 0.5) / w);
            double v = r < 0 || c < 0 ? NAN : share[r * cols + c];
            ((uint32_t *)(void *)(data + (size_t)j * (size_t)stride))[i] = isnan(v) ? 0 : dot(scale(v));
        }
    }
    cairo_surface_mark_dirty(s);
}

void fqpi_plot_field(cairo_t *cr, const fqpi_axes *a, const double *xe, const double *ye, const double *share,
                     int64_t rows, int64_t cols, fqpi_scale scale) {
    enum { MOST = 1024 };
    double px[MOST + 1], py[MOST + 1];
    if (rows < 1 || cols < 1 || rows > MOST || cols > MOST)
        return;
    for (int64_t i = 0; i <= cols; i++)
        px[i] = paper_x(a, xe[i]);
    for (int64_t i = 0; i <= rows; i++)
        py[i] = paper_y(a, ye[i]);
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)(a->w * DOTS), (int)(a->h * DOTS));
    if (cairo_surface_status(s) == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(s);
        fill(a, px, py, share, rows, cols, scale, s);
        cairo_save(cr);
        cairo_translate(cr, a->x, a->y);
        cairo_scale(cr, a->w / (int)(a->w * DOTS), a->h / (int)(a->h * DOTS));
        cairo_set_source_surface(cr, s, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
        cairo_paint(cr);
        cairo_restore(cr);
    }
    cairo_surface_destroy(s);
}

void fqpi_plot_hatch(cairo_t *cr, const fqpi_axes *a, double ylow, double yhigh) {
    double top = fmax(fqpi_axes_py(a, yhigh), a->y), bottom = fmin(fqpi_axes_py(a, ylow), a->y + a->h), gap = 6;
    if (!(bottom > top))
        return;
    cairo_save(cr);
    cairo_rectangle(cr, a->x, top, a->w, bottom - top);
    cairo_clip(cr);
    cairo_set_source_rgb(cr, fqpi_target.r, fqpi_target.g, fqpi_target.b);
    cairo_set_line_width(cr, 0.6);
    int lines = (int)((a->w + a->h) / gap);
    for (int i = 0; i <= lines; i++) { /* all bands on the same family of lines */
        double x = a->x - a->h + i * gap;
        cairo_move_to(cr, x, a->y + a->h);
        cairo_line_to(cr, x + a->h, a->y);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

void fqpi_plot_bar(cairo_t *cr, double x, double y, double w, double h, fqpi_scale scale, const fqpi_tick *tick,
                   size_t n, const char *label) {
    cairo_pattern_t *p = cairo_pattern_create_linear(0, y + h, 0, y);
    for (int i = 0; i <= 20; i++) {
        fqpi_rgb c = scale(i / 20.0);
        cairo_pattern_add_color_stop_rgb(p, i / 20.0, c.r, c.g, c.b);
    }
    cairo_rectangle(cr, x, y, w, h);
    cairo_set_source(cr, p);
    cairo_fill(cr);
    cairo_pattern_destroy(p);
    for (size_t i = 0; i < n; i++)
        fqpi_plot_text(cr, x + w + 4, y + h * (1 - tick[i].at) + 3.2, 0, 9, fqpi_ink, tick[i].text);
    if (label)
        fqpi_plot_text(cr, x + w, y - 8, 1, 9, fqpi_soft, label);
}
