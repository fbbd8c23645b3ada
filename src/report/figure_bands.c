/* figure_bands.c - error and residual of a differential equation by frequency and step, side by side. */
#include "fail.h"
#include "figure.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DECADES = 5 };

static bool has_bands(const fqpi_figure *f) {
    char file[160];
    if (!f->solution || !f->solution->problem || !f->bins || f->layout != FQPI_LAYOUT_AXIS || !f->bins->prediction.data)
        return false;
    snprintf(file, sizeof file, "%.31s/residual/%.60s/prediction.npy", f->seed->folder, f->bins->name);
    return f->nrows > 1 && fqp_store_has(f->run->store, file);
}

/* || prediction - target || of a bin. */
static double off(const fqpi_bins *b, int64_t frame, int64_t bin) {
    const double *p = (const double *)b->prediction.data + 2 * b->ncomp * (frame * b->nbins + bin);
    const double *t = (const double *)b->target.data + 2 * b->ncomp * bin;
    double sum = 0;
    for (int64_t i = 0; i < 2 * b->ncomp; i++)
        sum += (p[i] - t[i]) * (p[i] - t[i]);
    return sqrt(sum);
}

/* Of DECADES below the largest, drawn into axes; share is room [nrows, nshow]. */
static void draw_part(const fqpi_figure *f, cairo_t *cr, const fqpi_bins *b, const char *name, double left,
                      double *share, double *edges) {
    double *xe = edges, *ye = edges + f->nshow + 1, *step = ye + f->nrows + 1, most = 0;
    for (int64_t r = 0; r < f->nrows; r++) {
        step[r] = ((const double *)b->axis.data)[f->row[r]];
        for (int64_t i = 0; i < f->nshow; i++)
            most = fmax(most, share[r * f->nshow + i] = off(b, f->show[i], f->row[r]));
    }
    fqpi_edges(step, f->nrows, false, ye);
    for (int64_t i = 0; i < f->nrows * f->nshow; i++)
        share[i] = fmax(0, 1 + log10(fmax(share[i], 1e-300) / most) / DECADES);
    fqpi_figure_steps(f, step);
    fqpi_axes a = {.x = left,
                   .y = 40,
                   .w = 230,
                   .h = 220,
                   .bare = true,
                   .xlabel = "training step",
                   .ylabel = strcmp(name, "error") == 0 ? "frequency" : NULL,
                   .rx = fqpi_range_steps(step, f->nshow),
                   .ry = {ye[0], ye[f->nrows], false, 0}};
    for (int64_t i = 0; i < f->nshow; i++)
        step[i] = a.rx.log && step[i] <= 0 ? a.rx.zero : step[i];
    fqpi_edges(step, f->nshow, a.rx.log, xe);
    fqpi_plot_field(cr, &a, xe, ye, share, f->nrows, f->nshow, fqpi_viridis);
    fqpi_axes_draw(cr, &a);
    fqpi_plot_text(cr, a.x + a.w / 2, 30, 0.5, 10, fqpi_ink, name);
    fqpi_tick tick[2] = {{.at = 0}, {.at = 1}};
    snprintf(tick[0].text, sizeof tick[0].text, "%.0e", most * pow(10, -DECADES));
    snprintf(tick[1].text, sizeof tick[1].text, "%.0e", most);
    fqpi_plot_bar(cr, a.x + a.w + 8, a.y, 7, a.h, fqpi_viridis, tick, 2, NULL);
}

static fqp_status draw_bands(const fqpi_figure *f, cairo_t *cr) {
    char name[80];
    fqpi_bins residual = {0};
    snprintf(name, sizeof name, "residual/%.60s", f->bins->name);
    fqp_status st = fqpi_bins_load(f->run, f->seed, name, &residual);
    const int64_t longer = f->nshow > f->nrows ? f->nshow : f->nrows;
    const size_t cells = (size_t)(f->nrows * f->nshow), edges = (size_t)(f->nshow + f->nrows + 2 + longer);
    double *room = st ? NULL : fqpi_alloc(f->ctx, cells + edges, sizeof *room);
    if (!st && !room)
        st = FQP_E_NOMEM;
    if (!st && residual.nbins == f->bins->nbins && f->show[f->nshow - 1] < residual.frames &&
        residual.prediction.data) {
        draw_part(f, cr, f->bins, "error", 60, room, room + cells);
        draw_part(f, cr, &residual, "residual", 390, room, room + cells);
    }
    fqpi_free(room);
    fqpi_bins_free(&residual);
    return st;
}

const fqpi_figure_kind fqpi_figure_bands = {"bands", 700, 310, true, has_bands, draw_bands};
