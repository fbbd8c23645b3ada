/* figure.h - what every figure of a run draws from. */
#ifndef FQPI_FIGURE_H
#define FQPI_FIGURE_H

#include "axis_text.h"
#include "page_solution.h"
#include "plot.h"
#include "run.h"
#include "view.h"

typedef enum fqpi_layout {
    FQPI_LAYOUT_AXIS,   /* bins over a rising axis */
    FQPI_LAYOUT_LABELS, /* several bins share one axis value: the selected ones, in order of the axis */
    FQPI_LAYOUT_PARTS   /* low and high part of every filter width */
} fqpi_layout;

/* First seed of a run and one of its probes. */
typedef struct fqpi_figure {
    fqp_ctx *ctx;
    const fqpi_run *run;
    const fqpi_seed *seed;
    const fqpi_bins *bins;        /* NULL: the run has no probe */
    const fqpi_seed *theory;      /* what was predicted, and ... */
    const fqpi_bins *theory_bins; /* ... this probe of it; NULL: nothing */
    const fqpi_view *view;
    const fqpi_page_solution *solution; /* of a differential equation; problem NULL: none */
    fqp_array prediction;               /* [F,n,m] or empty; borrowed */
    const json_t *summary;              /* of the probe, or NULL */
    const int64_t *show;                /* frames drawn in fields */
    int64_t nshow;
    fqpi_layout layout;
    int64_t *row; /* bins in order of the axis; parts: all low ones, then all high ones */
    int64_t nrows;
} fqpi_figure;

/* Draws and answers the size it wants, or does nothing when there is nothing to show. */
typedef struct fqpi_figure_kind {
    const char *name;
    double width, height;
    bool of_probe; /* once per probe; else once per run */
    bool (*has)(const fqpi_figure *f);
    fqp_status (*draw)(const fqpi_figure *f, cairo_t *cr);
} fqpi_figure_kind;

extern const fqpi_figure_kind fqpi_figure_heatmap, fqpi_figure_spectrum, fqpi_figure_errors, fqpi_figure_function,
    fqpi_figure_loss, fqpi_figure_solution, fqpi_figure_convergence, fqpi_figure_bands;

fqp_status fqpi_figure_arrange(fqpi_figure *f); /* layout and rows from the bins; row is owned */
const char *fqpi_figure_label(const fqpi_figure *f, int64_t bin);
/* Name, unit and wavenumber of the probe's axis (axis_text.h) into buf. */
const char *fqpi_figure_axis(const fqpi_figure *f, const char *between, char *buf, size_t size);
/* Steps of the shown frames, into out [nshow]. */
void fqpi_figure_steps(const fqpi_figure *f, double *out);
/* First step from which bin stays below 10 % in this seed; NaN: never, or no summary. */
double fqpi_figure_capture(const fqpi_figure *f, int64_t bin);
/* Edges between n neighbouring values into out [n+1]; between their logarithms when log. */
void fqpi_edges(const double *v, int64_t n, bool log, double *out);

#endif
