/* figure_run.c - the function at the last frame, and the loss. */
#include "fail.h"
#include "figure.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>

/* ---- loss ------------------------------------------------------------------------------------------------------ */

static bool has_loss(const fqpi_figure *f) {
    for (int64_t i = 0; f->seed->loss.data && i < f->seed->frames; i++)
        if (((const double *)f->seed->loss.data)[i] > 0)
            return true;
    return false;
}

static fqp_status draw_loss(const fqpi_figure *f, cairo_t *cr) {
    int64_t n = f->seed->frames;
    fqpi_axes a = {.x = 70,
                   .y = 16,
                   .w = 396,
                   .h = 254,
                   .xlabel = "training step",
                   .ylabel = "loss",
                   .rx = fqpi_range_steps(f->seed->step.data, n),
                   .ry = fqpi_range_pad(fqpi_range_of(f->seed->loss.data, n, true), 0.04)};
    fqpi_axes_draw(cr, &a);
    fqpi_plot_line(cr, &a, f->seed->step.data, f->seed->loss.data, n, fqpi_ink, 1.5, false);
    if (f->theory && f->theory != f->seed && f->theory->loss.data) {
        fqpi_plot_line(cr, &a, f->theory->step.data, f->theory->loss.data, f->theory->frames, fqpi_ink, 1.6,
                       FQPI_DOTTED);
        fqpi_plot_legend(cr, 390, 30, "predicted", fqpi_ink, 1.6, FQPI_DOTTED);
    }
    return FQP_OK;
}

const fqpi_figure_kind fqpi_figure_loss = {"loss", 500, 316, false, has_loss, draw_loss};

/* ---- function -------------------------------------------------------------------------------------------------- */

/* First output of the shown values [points, outs]. */
static void first_output(const fqpi_view *v, double *values) {
    for (int64_t i = 0; i < v->points; i++)
        values[i] = values[i * v->outs];
}

static void draw_curve(const fqpi_figure *f, cairo_t *cr, const double *target, const double *network, double *work) {
    int64_t n = f->view->points;
    const double *x = f->view->axis[0];
    fqpi_range rt = fqpi_range_of(target, n, false), rn = fqpi_range_of(network, n, false);
    fqpi_range both = {fmin(rt.low, rn.low), fmax(rt.high, rn.high), false, 0}, rx = fqpi_range_of(x, n, false);
    if (!(rx.high > rx.low))
        rx = fqpi_range_pad(rx, 0.5);
    fqpi_axes a = {.x = 70, .y = 30, .w = 560, .h = 136, .ylabel = "y", .rx = rx, .ry = fqpi_range_pad(both, 0.06)};
    fqpi_axes_draw(cr, &a);
    fqpi_plot_line(cr, &a, x, target, n, fqpi_target, 2.2, false);
    fqpi_plot_line(cr, &a, x, network, n, fqpi_network, 1.4, false);
    double worst = 0;
    for (int64_t i = 0; i < n; i++) {
        work[i] = network[i] - target[i];
        worst = fmax(worst, fabs(work[i]));
    }
    worst = worst > 0 ? 1.15 * worst : 1;
    fqpi_axes b = {.x = 70,
                   .y = 184,
                   .w = 560,
                   .h = 62,
                   .xlabel = "x",
                   .ylabel = "residual",
                   .rx = rx,
                   .ry = {-worst, worst, false, 0}};
    fqpi_axes_draw(cr, &b);
    fqpi_plot_line(cr, &b, x, work, n, fqpi_soft, 1, false);
}

/* Colours of values [h, w] of which the first index runs to the right. */
static void field(const fqpi_figure *f, cairo_t *cr, const fqpi_axes *a, const double *v, double low, double high,
                  fqpi_scale scale, double *work) {
    const fqpi_view *view = f->view;
    int64_t h = view->shape[0], w = view->shape[1];
    double xe[258], ye[258]; /* a view has at most 256 points a side */
    fqpi_edges(view->axis[0], h, false, xe);
    fqpi_edges(view->axis[1], w, false, ye);
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < w; j++)
            work[j * h + i] = high > low ? (v[i * w + j] - low) / (high - low) : 0.5;
    fqpi_plot_field(cr, a, xe, ye, work, w, h, scale);
}

static void bar(cairo_t *cr, double x, double low, double high, fqpi_scale scale) {
    fqpi_tick tick[3] = {{.at = 0}, {.at = 0.5}, {.at = 1}};
    for (int i = 0; i < 3; i++)
        snprintf(tick[i].text, sizeof tick[i].text, "%.3g", low + tick[i].at * (high - low));
    fqpi_plot_bar(cr, x, 66, 7, 150, scale, tick, 3, NULL);
}

/* Target, network and residual side by side: the first two share their scale. */
static void draw_images(const fqpi_figure *f, cairo_t *cr, const double *target, double *network, double *work) {
    static const char *const title[] = {"target", "network", "residual"};
    static const double left[] = {50, 224, 446};
    int64_t n = f->view->points;
    fqpi_range r = fqpi_range_of(target, n, false);
    double worst = 0;
    for (int64_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(network[i] - target[i]));
    for (int k = 0; k < 3; k++) {
        double xe[258], ye[258];
        fqpi_edges(f->view->axis[0], f->view->shape[0], false, xe);
        fqpi_edges(f->view->axis[1], f->view->shape[1], false, ye);
        fqpi_axes a = {.x = left[k],
                       .y = 66,
                       .w = 150,
                       .h = 150,
                       .bare = true,
                       .xlabel = "x1",
                       .ylabel = k ? NULL : "x2",
                       .rx = {xe[0], xe[f->view->shape[0]], false, 0},
                       .ry = {ye[0], ye[f->view->shape[1]], false, 0}};
        for (int64_t i = 0; k == 2 && i < n; i++)
            network[i] -= target[i];
        field(f, cr, &a, k ? network : target, k == 2 ? -worst : r.low, k == 2 ? worst : r.high,
              k == 2 ? fqpi_signed_scale : fqpi_viridis, work);
        fqpi_axes_draw(cr, &a);
        fqpi_plot_text(cr, a.x + a.w / 2, 56, 0.5, 10, fqpi_ink, title[k]);
    }
    bar(cr, 382, r.low, r.high, fqpi_viridis);
    bar(cr, 604, -worst, worst, fqpi_signed_scale);
}

static bool has_function(const fqpi_figure *f) {
    return (f->view->kind == FQPI_VIEW_LINE || f->view->kind == FQPI_VIEW_IMAGE) && f->prediction.data && f->nshow > 0;
}

static fqp_status draw_function(const fqpi_figure *f, cairo_t *cr) {
    const fqpi_view *v = f->view;
    int64_t each = v->points * v->outs, last = f->show[f->nshow - 1];
    double *target = fqpi_alloc(f->ctx, (size_t)(3 * each), sizeof *target);
    fqp_array y = {0};
    if (!target)
        return FQP_E_NOMEM;
    double *network = target + each, *work = network + each;
    fqp_status st = fqpi_run_raw(f->run, "y", &y);
    if (st == FQP_OK) {
        fqpi_view_take(v, fqp_array_view(&y), 0, target);
        fqpi_view_take(v, fqp_array_view(&f->prediction), last * v->n * v->m, network);
        first_output(v, target);
        first_output(v, network);
        char when[80];
        snprintf(when, sizeof when, "network at step %.0f", ((const double *)f->seed->step.data)[last]);
        if (v->kind == FQPI_VIEW_LINE) {
            fqpi_plot_legend(cr, fqpi_plot_legend(cr, 70, 18, "target", fqpi_target, 2.2, false), 18, when,
                             fqpi_network, 1.6, false);
            draw_curve(f, cr, target, network, work);
        } else {
            fqpi_plot_text(cr, 50, 24, 0, 10, fqpi_soft, when);
            draw_images(f, cr, target, network, work);
        }
    }
    fqp_array_free(&y);
    fqpi_free(target);
    return st;
}

const fqpi_figure_kind fqpi_figure_function = {"function", 660, 290, false, has_function, draw_function};
