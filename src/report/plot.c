/* plot.c - axes, ticks, lines and marks. */
#include "plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const fqpi_rgb fqpi_ink = {0.11, 0.13, 0.16}, fqpi_soft = {0.42, 0.45, 0.50}, fqpi_target = {0.54, 0.56, 0.60},
               fqpi_network = {0.76, 0.25, 0.05};
static const fqpi_rgb grid = {0.92, 0.93, 0.94}, rule = {0.62, 0.65, 0.69};

enum { TEXT = 9, TICKS = 64 };

static void colour(cairo_t *cr, fqpi_rgb c) {
    cairo_set_source_rgb(cr, c.r, c.g, c.b);
}

/* ---- ranges ---------------------------------------------------------------------------------------------------- */

fqpi_range fqpi_range_of(const double *v, int64_t n, bool log) {
    fqpi_range r = {INFINITY, -INFINITY, log, 0};
    for (int64_t i = 0; i < n; i++)
        if (isfinite(v[i]) && (!log || v[i] > 0)) {
            r.low = fmin(r.low, v[i]);
            r.high = fmax(r.high, v[i]);
        }
    if (r.low > r.high)
        r = (fqpi_range){log ? 0.1 : 0, 1, log, 0};
    return r;
}

fqpi_range fqpi_range_pad(fqpi_range r, double share) {
    if (r.log) {
        double f = r.high > r.low ? pow(r.high / r.low, share) : 2;
        return (fqpi_range){r.low / f, r.high * f, true, r.zero};
    }
    double d = r.high > r.low ? share * (r.high - r.low) : fmax(fabs(r.low), 1) * 0.5;
    return (fqpi_range){r.low - d, r.high + d, false, r.zero};
}

fqpi_range fqpi_range_steps(const double *step, int64_t n) {
    fqpi_range r = fqpi_range_of(step, n, true);
    bool any = false;
    for (int64_t i = 0; i < n; i++)
        any = any || step[i] > 0;
    if (!any)
        return (fqpi_range){0, 1, false, 0};
    if (step[0] <= 0)
        r.zero = r.low = r.low / 2;
    if (r.high <= r.low)
        r.high = 2 * r.low;
    return r;
}

static double share_of(fqpi_range r, double v) {
    if (isnan(v))
        return NAN;
    if (r.log)
        return v > 0        ? log(v / r.low) / log(r.high / r.low)
               : r.zero > 0 ? log(r.zero / r.low) / log(r.high / r.low)
                            : NAN;
    return (v - r.low) / (r.high - r.low);
}

double fqpi_axes_px(const fqpi_axes *a, double x) {
    return a->x + a->w * share_of(a->rx, x);
}

double fqpi_axes_py(const fqpi_axes *a, double y) {
    return a->y + a->h * (1 - share_of(a->ry, y));
}

/* ---- ticks ----------------------------------------------------------------------------------------------------- */

/* 10 with a superscript in UTF-8. */
static void power_text(char *out, size_t size, int power, const char *after) {
    static const char *const digit[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char number[16];
    snprintf(number, sizeof number, "%d", power < 0 ? -power : power);
    snprintf(out, size, "10%s", power < 0 ? "⁻" : "");
    for (const char *c = number; *c; c++)
        strncat(out, digit[*c - '0'], size - strlen(out) - 1);
    strncat(out, after, size - strlen(out) - 1);
}

static void log_text(char *out, size_t size, double v, bool percent) {
    double shown = percent ? 100 * v : v;
    if (shown >= 9.99e-4 && shown < 1.01e4)
        snprintf(out, size, percent ? "%g %%" : "%g", shown);
    else
        power_text(out, size, (int)lround(log10(shown)), percent ? " %" : "");
}

static size_t log_ticks(fqpi_range r, bool percent, fqpi_tick *tick, size_t most) {
    size_t n = 0;
    double decades = log10(r.high / r.low);
    if (r.zero > 0)
        tick[n++] = (fqpi_tick){r.zero, "0"};
    int first = (int)floor(log10(r.low)), last = (int)ceil(log10(r.high));
    for (int p = first; p <= last; p++)
        for (int m = 1; m < 10 && n < most; m++) {
            double v = m * pow(10, p);
            bool shown = m == 1 || (decades < 2.2 && (m == 2 || m == 5)) || (decades < 1.2 && m == 3);
            if (v < r.low * (1 - 1e-9) || v > r.high * (1 + 1e-9) || (r.zero > 0 && v < 1.5 * r.zero) ||
                (!shown && decades > 8))
                continue;
            tick[n] = (fqpi_tick){.at = v};
            if (shown && (decades <= 12 || p % 3 == 0))
                log_text(tick[n].text, sizeof tick[n].text, v, percent);
            n++;
        }
    return n;
}

/* Steps of 1, 2 or 5 times a power of ten, at most about `few` of them. */
static size_t linear_ticks(fqpi_range r, double few, fqpi_tick *tick, size_t most) {
    double rough = (r.high - r.low) / few, unit = pow(10, floor(log10(rough))), f = rough / unit;
    double step = unit * (f < 1.001 ? 1 : f < 2.001 ? 2 : f < 5.001 ? 5 : 10);
    int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    size_t n = 0;
    double first = ceil(r.low / step - 1e-9), count = floor(r.high / step + 1e-9) - first + 1;
    for (; (double)n < count && n < most; n++) {
        double v = (first + (double)n) * step;
        tick[n].at = v;
        if (digits > 4 || fabs(v) >= 1e6)
            snprintf(tick[n].text, sizeof tick[n].text, "%.3g", v);
        else
            snprintf(tick[n].text, sizeof tick[n].text, "%.*f", digits, v == 0 ? 0.0 : v);
    }
    return n;
}

size_t fqpi_ticks(fqpi_range r, double length, bool percent, fqpi_tick *tick, size_t most) {
    return r.log ? log_ticks(r, percent, tick, most) : linear_ticks(r, fmax(3, length / 50), tick, most);
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

void fqpi_plot_text(cairo_t *cr, double x, double y, double anchor, double size, fqpi_rgb c, const char *text) {
    cairo_text_extents_t e;
    cairo_set_font_size(cr, size);
    cairo_text_extents(cr, text, &e);
    colour(cr, c);
    cairo_move_to(cr, x - anchor * e.x_advance, y);
    cairo_show_text(cr, text);
}

/* Lines one beside the other, the last at x. */
static void text_upward(cairo_t *cr, double x, double y, double size, const char *text) {
    char line[160];
    const char *end = strchr(text, '\n');
    if (end)
        text_upward(cr, x, y, size, end + 1);
    snprintf(line, sizeof line, "%.*s", end ? (int)(end - text) : (int)strlen(text), text);
    cairo_save(cr);
    cairo_translate(cr, end ? x - 1.3 * size : x, y);
    cairo_rotate(cr, -acos(-1) / 2);
    fqpi_plot_text(cr, 0, 0, 0.5, size, fqpi_ink, line);
    cairo_restore(cr);
}

/* ---- axes ------------------------------------------------------------------------------------------------------ */

static void segment(cairo_t *cr, double x0, double y0, double x1, double y1, fqpi_rgb c, double width) {
    colour(cr, c);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

static void draw_x(cairo_t *cr, const fqpi_axes *a) {
    fqpi_tick tick[TICKS];
    size_t n = fqpi_ticks(a->rx, a->w, false, tick, TICKS);
    double base = a->y + a->h;
    for (size_t i = 0; i < n; i++) {
        double x = fqpi_axes_px(a, tick[i].at);
        bool major = tick[i].text[0];
        if (major && !a->bare)
            segment(cr, x, a->y, x, base, grid, 0.6);
        segment(cr, x, base, x, base + (major ? 4 : 2), rule, 0.6);
        if (major && a->xlabel)
            fqpi_plot_text(cr, x, base + 14, 0.5, TEXT, fqpi_ink, tick[i].text);
    }
    if (a->xlabel)
        fqpi_plot_text(cr, a->x + a->w / 2, base + 30, 0.5, TEXT + 1, fqpi_ink, a->xlabel);
}

static double widest(cairo_t *cr, const fqpi_tick *tick, size_t n) {
    double most = 0;
    cairo_set_font_size(cr, TEXT);
    for (size_t i = 0; i < n; i++) {
        cairo_text_extents_t e;
        cairo_text_extents(cr, tick[i].text, &e);
        most = fmax(most, e.x_advance);
    }
    return most;
}

static void draw_y(cairo_t *cr, const fqpi_axes *a) {
    fqpi_tick own[TICKS];
    const fqpi_tick *tick = a->yticks ? a->yticks : own;
    size_t n = a->yticks ? a->nyticks : fqpi_ticks(a->ry, fmax(2 * a->h, 200), a->percent, own, TICKS);
    for (size_t i = 0; i < n; i++) {
        double y = fqpi_axes_py(a, tick[i].at);
        bool major = tick[i].text[0];
        if (y < a->y - 0.01 || y > a->y + a->h + 0.01)
            continue;
        if (major && !a->bare)
            segment(cr, a->x, y, a->x + a->w, y, grid, 0.6);
        segment(cr, a->x - (major ? 4 : 2), y, a->x, y, rule, 0.6);
        if (major && a->ylabel)
            fqpi_plot_text(cr, a->x - 7, y + 3.2, 1, TEXT, fqpi_ink, tick[i].text);
    }
    if (a->ylabel)
        text_upward(cr, a->x - 14 - widest(cr, tick, n), a->y + a->h / 2, TEXT + 1, a->ylabel);
}

void fqpi_axes_draw(cairo_t *cr, const fqpi_axes *a) {
    draw_x(cr, a);
    draw_y(cr, a);
    segment(cr, a->x, a->y, a->x, a->y + a->h, rule, 0.8);
    segment(cr, a->x, a->y + a->h, a->x + a->w, a->y + a->h, rule, 0.8);
}

/* ---- lines and marks ------------------------------------------------------------------------------------------- */

static void clip(cairo_t *cr, const fqpi_axes *a, double margin) {
    cairo_save(cr);
    cairo_rectangle(cr, a->x - margin, a->y - margin, a->w + 2 * margin, a->h + 2 * margin);
    cairo_clip(cr);
}

static void dash(cairo_t *cr, int stroke) {
    static const double pattern[][2] = {[FQPI_DASHED] = {4, 3}, [FQPI_DOTTED] = {1.2, 2}};
    cairo_set_dash(cr, pattern[stroke], stroke ? 2 : 0, 0);
}

void fqpi_plot_line(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c,
                    double width, int stroke) {
    bool pen = false;
    clip(cr, a, width);
    colour(cr, c);
    cairo_set_line_width(cr, width);
    dash(cr, stroke);
    for (int64_t i = 0; i < n; i++) {
        double px = fqpi_axes_px(a, x[i]), py = fqpi_axes_py(a, y[i]);
        bool there = isfinite(px) && isfinite(py);
        if (there && pen)
            cairo_line_to(cr, px, py);
        else if (there)
            cairo_move_to(cr, px, py);
        pen = there;
    }
    cairo_stroke(cr);
    dash(cr, FQPI_SOLID);
    cairo_restore(cr);
}

void fqpi_plot_stems(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c) {
    clip(cr, a, 0);
    for (int64_t i = 0; i < n; i++)
        if (isfinite(y[i]))
            segment(cr, fqpi_axes_px(a, x[i]), a->y + a->h, fqpi_axes_px(a, x[i]), fqpi_axes_py(a, y[i]), c, 0.8);
    cairo_restore(cr);
}

void fqpi_plot_marks(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c,
                     double radius, bool filled) {
    clip(cr, a, radius + 1);
    for (int64_t i = 0; i < n; i++) {
        double px = fqpi_axes_px(a, x[i]), py = fqpi_axes_py(a, y[i]);
        if (!isfinite(px) || !isfinite(py))
            continue;
        cairo_new_sub_path(cr);
        cairo_arc(cr, px, py, radius, 0, 2 * acos(-1));
        if (filled) {
            colour(cr, c);
            cairo_fill(cr);
        } else {
            cairo_set_source_rgb(cr, 1, 1, 1);
            cairo_fill_preserve(cr);
            colour(cr, c);
            cairo_set_line_width(cr, 1.2);
            cairo_stroke(cr);
        }
    }
    cairo_restore(cr);
}

void fqpi_plot_level(cairo_t *cr, const fqpi_axes *a, double y) {
    dash(cr, FQPI_DASHED);
    segment(cr, a->x, fqpi_axes_py(a, y), a->x + a->w, fqpi_axes_py(a, y), fqpi_soft, 0.7);
    dash(cr, FQPI_SOLID);
}

double fqpi_plot_legend(cairo_t *cr, double x, double y, const char *name, fqpi_rgb c, double width, int stroke) {
    cairo_text_extents_t e;
    dash(cr, stroke);
    segment(cr, x, y - 3, x + 16, y - 3, c, width);
    dash(cr, FQPI_SOLID);
    fqpi_plot_text(cr, x + 20, y, 0, TEXT, fqpi_ink, name);
    cairo_text_extents(cr, name, &e);
    return x + 20 + e.x_advance + 12;
}
