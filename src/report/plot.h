/* plot.h - axes with ticks, lines, stems, marks and fields: the little that the figures need. */
#ifndef FQPI_PLOT_H
#define FQPI_PLOT_H

#include "cairo_late.h"
#include "colour.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const fqpi_rgb fqpi_ink, fqpi_soft, fqpi_target, fqpi_network;

typedef struct fqpi_range {
    double low, high;
    bool log;
    double zero; /* where 0 is drawn on a logarithmic axis; 0: nowhere */
} fqpi_range;

/* Tick of an axis; minor ones carry no text. */
typedef struct fqpi_tick {
    double at;
    char text[24];
} fqpi_tick;

typedef struct fqpi_axes {
    double x, y, w, h; /* rectangle on paper, in points from the top left */
    fqpi_range rx, ry;
    const char *xlabel, *ylabel; /* NULL: no label, and no tick text either */
    const fqpi_tick *yticks;     /* NULL: chosen from the range */
    size_t nyticks;
    bool percent; /* y ticks are relative errors, written in per cent */
    bool bare;    /* no grid */
} fqpi_axes;

double fqpi_axes_px(const fqpi_axes *a, double x);
double fqpi_axes_py(const fqpi_axes *a, double y);

/* Smallest range of the finite (on a logarithmic axis: positive) values; [0,1] or [0.1,1] when there are none. */
fqpi_range fqpi_range_of(const double *v, int64_t n, bool log);
fqpi_range fqpi_range_pad(fqpi_range r, double share);
/* Range of a time line of steps: logarithmic with a place for step 0. */
fqpi_range fqpi_range_steps(const double *step, int64_t n);
/* At most `most` ticks with and without text, spaced for an axis of `length` points; answers their number. */
size_t fqpi_ticks(fqpi_range r, double length, bool percent, fqpi_tick *tick, size_t most);

void fqpi_axes_draw(cairo_t *cr, const fqpi_axes *a);

/* How a line is drawn; false and true are solid and dashed. */
enum { FQPI_SOLID, FQPI_DASHED, FQPI_DOTTED };

/* What is drawn into axes is clipped to them. */
void fqpi_plot_line(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c,
                    double width, int stroke);
void fqpi_plot_stems(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c);
void fqpi_plot_marks(cairo_t *cr, const fqpi_axes *a, const double *x, const double *y, int64_t n, fqpi_rgb c,
                     double radius, bool filled);
void fqpi_plot_level(cairo_t *cr, const fqpi_axes *a, double y); /* dashed line across */

/* Text at a point: anchor 0 left, 0.5 centre, 1 right. */
void fqpi_plot_text(cairo_t *cr, double x, double y, double anchor, double size, fqpi_rgb c, const char *text);

/* One entry of a legend at (x, y): a short line and its name; answers the x where the next may begin. */
double fqpi_plot_legend(cairo_t *cr, double x, double y, const char *name, fqpi_rgb c, double width, int stroke);

/* ---- fields (field.c) ---------------------------------------------------------------------------------------------
 */

/* Cells [rows, cols] with edges xe [cols+1], ye [rows+1], values already as shares of the scale; NaN is left out. */
void fqpi_plot_field(cairo_t *cr, const fqpi_axes *a, const double *xe, const double *ye, const double *share,
                     int64_t rows, int64_t cols, fqpi_scale scale);
void fqpi_plot_hatch(cairo_t *cr, const fqpi_axes *a, double ylow, double yhigh);
void fqpi_plot_bar(cairo_t *cr, double x, double y, double w, double h, fqpi_scale scale, const fqpi_tick *tick,
                   size_t n, const char *label); /* tick.at as share */

#endif
