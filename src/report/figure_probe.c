/* figure_probe.c - heat map, spectrum and error curves of one probe. */
#include "fail.h"
#include "figure.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LINES = 10, MOST_WIDTHS = 4 };
static const double worst_share = 1.0, best = 0.01, tau = 0.1;

static bool has_errors(const fqpi_figure *f) {
    return f->bins && f->nshow > 0 && f->nrows > 0;
}

static double error_at(const fqpi_figure *f, int64_t frame, int64_t bin) {
    return ((const double *)f->bins->error.data)[frame * f->bins->nbins + bin];
}

static bool valid(const fqpi_figure *f, int64_t bin) {
    return ((const uint8_t *)f->bins->valid.data)[bin] != 0;
}

/* ---- heat map -------------------------------------------------------------------------------------------------- */

/* Share of the colour scale: log10 of the error between best (0) and 1 (1); NaN where masked. */
static void shares(const fqpi_figure *f, const int64_t *row, int64_t rows, double *out) {
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < f->nshow; i++) {
            double e = error_at(f, f->show[i], row[r]);
            out[r * f->nshow + i] = valid(f, row[r]) && !isnan(e)
                                        ? fmin(fmax(1 - log10(fmax(e, 1e-300)) / log10(best), 0), worst_share)
                                        : NAN;
        }
}

/* Border between cells above and below tau, along cell edges. */
static void contour(cairo_t *cr, const fqpi_axes *a, const fqpi_figure *f, const int64_t *row, int64_t rows,
                    const double *xe, const double *ye) {
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 1.4);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_SQUARE);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < f->nshow && valid(f, row[r]); i++) {
            bool here = error_at(f, f->show[i], row[r]) < tau;
            double x0 = fqpi_axes_px(a, xe[i]), x1 = fqpi_axes_px(a, xe[i + 1]);
            double y0 = fqpi_axes_py(a, ye[r]), y1 = fqpi_axes_py(a, ye[r + 1]);
            if (i + 1 < f->nshow && (error_at(f, f->show[i + 1], row[r]) < tau) != here) {
                cairo_move_to(cr, x1, y0);
                cairo_line_to(cr, x1, y1);
            }
            if (r + 1 < rows && valid(f, row[r + 1]) && (error_at(f, f->show[i], row[r + 1]) < tau) != here) {
                cairo_move_to(cr, x0, y1);
                cairo_line_to(cr, x1, y1);
            }
        }
    cairo_stroke(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

/* One picture over rows at heights y, whose step axis is a->rx. */
static fqp_status picture(const fqpi_figure *f, cairo_t *cr, fqpi_axes *a, const int64_t *row, int64_t rows,
                          const double *y, const double *ye) {
    int64_t n = f->nshow;
    double *step = fqpi_alloc(f->ctx, (size_t)(2 * n + 1 + rows * n), sizeof *step);
    if (!step)
        return FQP_E_NOMEM;
    double *xe = step + n, *share = xe + n + 1;
    fqpi_figure_steps(f, step);
    for (int64_t i = 0; i < n; i++) /* step 0 has its own place on a logarithmic axis */
        step[i] = a->rx.log && step[i] <= 0 ? a->rx.zero : step[i];
    fqpi_edges(step, n, a->rx.log, xe);
    a->rx.low = xe[0];
    a->rx.high = xe[n];
    shares(f, row, rows, share);
    fqpi_axes_draw(cr, a);
    for (int64_t r = 0; r < rows; r++)
        if (!valid(f, row[r]))
            fqpi_plot_hatch(cr, a, ye[r], ye[r + 1]);
    fqpi_plot_field(cr, a, xe, ye, share, rows, n, fqpi_viridis);
    cairo_save(cr);
    cairo_rectangle(cr, a->x, a->y, a->w, a->h);
    cairo_clip(cr);
    contour(cr, a, f, row, rows, xe, ye);
    cairo_restore(cr);
    for (int64_t r = 0; r < rows; r++) {
        double at = fqpi_figure_capture(f, row[r]);
        fqpi_plot_marks(cr, a, &at, &y[r], 1, fqpi_ink, 3, false);
    }
    fqpi_free(step);
    return FQP_OK;
}

static void colour_bar(cairo_t *cr, double x, double y, double h) {
    static const fqpi_tick tick[] = {{0, "≤ 1 %"}, {0.5, "10 %"}, {1, "≥ 100 %"}};
    fqpi_plot_bar(cr, x, y, 9, h, fqpi_viridis, tick, 3, NULL);
    fqpi_plot_text(cr, x, y - 9, 0, 9, fqpi_soft, "relative error");
}

/* y: positions of rows; ticks of their own where rows are labels. */
static fqp_status one_picture(const fqpi_figure *f, cairo_t *cr, double *y, double *ye, fqpi_tick *tick) {
    char name[200];
    bool labels = f->layout == FQPI_LAYOUT_LABELS;
    for (int64_t r = 0; r < f->nrows; r++) {
        y[r] = labels ? (double)r : ((const double *)f->bins->axis.data)[f->row[r]];
        tick[r].at = y[r];
        snprintf(tick[r].text, sizeof tick[r].text, "%s", fqpi_figure_label(f, f->row[r]));
    }
    fqpi_edges(y, f->nrows, false, ye);
    fqpi_axes a = {.x = 70,
                   .y = 26,
                   .w = 350,
                   .h = 250,
                   .bare = true,
                   .xlabel = "training step",
                   .ylabel = fqpi_figure_axis(f, "\n", name, sizeof name),
                   .ry = {ye[0], ye[f->nrows], false, 0},
                   .rx = fqpi_range_steps(f->seed->step.data, f->seed->frames),
                   .yticks = labels && f->nrows <= 24 ? tick : NULL,
                   .nyticks = (size_t)f->nrows};
    colour_bar(cr, 434, 26, 250);
    return picture(f, cr, &a, f->row, f->nrows, y, ye);
}

static fqp_status two_pictures(const fqpi_figure *f, cairo_t *cr, double *y, double *ye, fqpi_tick *tick) {
    fqp_status st = FQP_OK;
    int64_t half = f->nrows / 2;
    colour_bar(cr, 434, 26, 250);
    for (int part = 0; part < 2 && st == FQP_OK; part++) {
        const int64_t *row = f->row + part * half;
        for (int64_t r = 0; r < half; r++) {
            y[r] = tick[r].at = ((const double *)f->bins->axis.data)[row[r]];
            snprintf(tick[r].text, sizeof tick[r].text, "%.3g", y[r]);
        }
        fqpi_edges(y, half, true, ye);
        fqpi_axes a = {.x = 70,
                       .y = part ? 160 : 26,
                       .w = 350,
                       .h = 116,
                       .bare = true,
                       .xlabel = part ? "training step" : NULL,
                       .ylabel = part ? "high part: width" : "low part: width",
                       .ry = {ye[0], ye[half], true, 0},
                       .rx = fqpi_range_steps(f->seed->step.data, f->seed->frames),
                       .yticks = tick,
                       .nyticks = (size_t)half};
        st = picture(f, cr, &a, row, half, y, ye);
    }
    return st;
}

static fqp_status draw_heatmap(const fqpi_figure *f, cairo_t *cr) {
    double *y = fqpi_alloc(f->ctx, (size_t)(2 * f->nrows + 1), sizeof *y);
    fqpi_tick *tick = fqpi_calloc(f->ctx, (size_t)f->nrows, sizeof *tick);
    fqp_status st = y && tick ? FQP_OK : FQP_E_NOMEM;
    if (st == FQP_OK)
        st = (f->layout == FQPI_LAYOUT_PARTS ? two_pictures : one_picture)(f, cr, y, y + f->nrows, tick);
    fqpi_free(y);
    fqpi_free(tick);
    return st;
}

const fqpi_figure_kind fqpi_figure_heatmap = {"heatmap", 500, 316, true, has_errors, draw_heatmap};

/* ---- spectrum -------------------------------------------------------------------------------------------------- */

static fqp_status draw_spectrum(const fqpi_figure *f, cairo_t *cr) {
    int64_t last = f->show[f->nshow - 1], n = f->nrows;
    bool parts = f->layout == FQPI_LAYOUT_PARTS;
    double *x = fqpi_alloc(f->ctx, (size_t)(3 * n), sizeof *x);
    if (!x)
        return FQP_E_NOMEM;
    double *target = x + n, *network = target + n;
    for (int64_t r = 0; r < n; r++) {
        x[r] = ((const double *)f->bins->axis.data)[f->row[r]];
        target[r] = fqpi_bins_target(f->bins, f->row[r]);
        network[r] = fqpi_bins_prediction(f->bins, last, f->row[r]);
    }
    char name[200], when[80];
    double high = fmax(fqpi_range_of(target, n, false).high, fqpi_range_of(network, n, false).high);
    fqpi_axes a = {.x = 70,
                   .y = 30,
                   .w = 396,
                   .h = 240,
                   .xlabel = fqpi_figure_axis(f, ", ", name, sizeof name),
                   .ylabel = parts ? "norm" : fqpi_amplitude_text(f->bins->name),
                   .ry = {0, high > 0 ? 1.08 * high : 1, false, 0},
                   .rx = fqpi_range_pad(fqpi_range_of(x, n, parts), 0.03)};
    fqpi_axes_draw(cr, &a);
    snprintf(when, sizeof when, "network at step %.0f", ((const double *)f->seed->step.data)[last]);
    fqpi_plot_legend(cr, fqpi_plot_legend(cr, 70, 18, "target", fqpi_target, 1.2, false), 18, when, fqpi_network, 2,
                     false);
    for (int64_t p = 0, each = parts ? n / 2 : n; p + each <= n && each > 0; p += each) {
        if (parts) {
            fqpi_plot_line(cr, &a, x + p, target + p, each, fqpi_target, 0.8, p > 0);
            fqpi_plot_line(cr, &a, x + p, network + p, each, fqpi_network, 1, p > 0);
        } else {
            fqpi_plot_stems(cr, &a, x, target, n, fqpi_target);
        }
        fqpi_plot_marks(cr, &a, x + p, target + p, each, fqpi_target, 3.4, false);
        fqpi_plot_marks(cr, &a, x + p, network + p, each, fqpi_network, 2, true);
    }
    fqpi_free(x);
    return FQP_OK;
}

const fqpi_figure_kind fqpi_figure_spectrum = {"spectrum", 500, 316, true, has_errors, draw_spectrum};

/* ---- error curves ---------------------------------------------------------------------------------------------- */

/* A curve to draw; low and high part of one width share their colour. */
typedef struct curve {
    int64_t bin;
    int64_t colour;
    bool dashed;
} curve;

static bool judged(const fqpi_figure *f, int64_t bin) {
    return ((const uint8_t *)f->bins->selected.data)[bin] && valid(f, bin);
}

/* Selected and valid bins (of parts: widths), evenly chosen when there are too many; answers how many curves. */
static int64_t curves(const fqpi_figure *f, curve *out, int64_t *colours) {
    bool parts = f->layout == FQPI_LAYOUT_PARTS;
    int64_t rows = parts ? f->nrows / 2 : f->nrows, most = parts ? MOST_WIDTHS : MOST_LINES, all = 0, n = 0, seen = 0;
    for (int64_t r = 0; r < rows; r++)
        all += judged(f, f->row[r]) && (!parts || judged(f, f->row[rows + r]));
    int64_t each = all > most ? (all + most - 1) / most : 1;
    *colours = 0;
    for (int64_t r = 0; r < rows; r++) {
        if (!judged(f, f->row[r]) || (parts && !judged(f, f->row[rows + r])) || seen++ % each)
            continue;
        out[n++] = (curve){f->row[r], *colours, false};
        if (parts)
            out[n++] = (curve){f->row[rows + r], *colours, true};
        ++*colours;
    }
    return n;
}

static fqpi_rgb curve_colour(const curve *c, int64_t colours) {
    return fqpi_viridis(colours > 1 ? 0.86 * (double)c->colour / (double)(colours - 1) : 0.3);
}

/* What was predicted of the same bands. */
static fqp_status draw_theory(const fqpi_figure *f, cairo_t *cr, const fqpi_axes *a, const curve *c, int64_t n,
                              int64_t colours) {
    const fqpi_bins *b = f->theory_bins;
    double *e = b ? fqpi_alloc(f->ctx, (size_t)(b->frames + 1), sizeof *e) : NULL;
    if (!b)
        return FQP_OK;
    if (!e)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t t = 0; t < b->frames; t++)
            e[t] = ((const double *)b->error.data)[t * b->nbins + c[i].bin];
        fqpi_plot_line(cr, a, f->theory->step.data, e, b->frames, curve_colour(&c[i], colours), 1.6, FQPI_DOTTED);
    }
    fqpi_free(e);
    return FQP_OK;
}

/* Names above the axes, in as many rows as they need; answers where the axes may begin. */
static double legend(const fqpi_figure *f, cairo_t *cr, const curve *c, int64_t n, int64_t colours) {
    double x = 70, y = 16;
    for (int64_t i = 0; i < n; i++) {
        if (x > 400) {
            x = 70;
            y += 14;
        }
        x = fqpi_plot_legend(cr, x, y, fqpi_figure_label(f, c[i].bin), curve_colour(&c[i], colours), 2, c[i].dashed);
    }
    if (f->theory_bins)
        fqpi_plot_legend(cr, x, y, "predicted", fqpi_soft, 1.6, FQPI_DOTTED);
    return y + 12;
}

static fqp_status draw_errors(const fqpi_figure *f, cairo_t *cr) {
    curve c[MOST_LINES];
    int64_t colours, n = curves(f, c, &colours), F = f->bins->frames;
    double *e = fqpi_alloc(f->ctx, (size_t)(F * (n + 1)), sizeof *e);
    if (!e)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        for (int64_t t = 0; t < F; t++)
            e[i * F + t] = error_at(f, t, c[i].bin);
    fqpi_range range = fqpi_range_of(e, n * F, true);
    range.low = fmax(fmin(range.low, 0.05), 1e-5);
    range.high = fmax(range.high, 1);
    double top = legend(f, cr, c, n, colours);
    fqpi_axes a = {.x = 70,
                   .y = top,
                   .w = 396,
                   .h = 270 - top,
                   .xlabel = "training step",
                   .ylabel = "relative error",
                   .percent = true,
                   .rx = fqpi_range_steps(f->seed->step.data, F),
                   .ry = fqpi_range_pad(range, 0.04)};
    fqpi_axes_draw(cr, &a);
    fqpi_plot_level(cr, &a, tau);
    for (int64_t i = 0; i < n; i++)
        fqpi_plot_line(cr, &a, f->seed->step.data, e + i * F, F, curve_colour(&c[i], colours), 1.4, c[i].dashed);
    for (int64_t i = 0; i < n; i++) {
        double at = fqpi_figure_capture(f, c[i].bin), level = tau;
        fqpi_plot_marks(cr, &a, &at, &level, 1, curve_colour(&c[i], colours), 3, false);
    }
    fqpi_free(e);
    return draw_theory(f, cr, &a, c, n, colours);
}

static bool has_curves(const fqpi_figure *f) {
    curve c[MOST_LINES];
    int64_t colours;
    return has_errors(f) && curves(f, c, &colours) > 0;
}

const fqpi_figure_kind fqpi_figure_errors = {"errors", 500, 316, true, has_curves, draw_errors};
