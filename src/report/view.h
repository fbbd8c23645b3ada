/* view.h - what can be shown of the function itself: a curve, an image, points in the plane, outputs per class. */
#ifndef FQPI_VIEW_H
#define FQPI_VIEW_H

#include "run.h"

typedef enum fqpi_view_kind {
    FQPI_VIEW_NONE,     /* see `note` */
    FQPI_VIEW_LINE,     /* d = 1: values [P, M] over axis 0, ascending */
    FQPI_VIEW_IMAGE,    /* grid of 2 or 3 axes: values [h, w, M] over two axes, the third held in the middle */
    FQPI_VIEW_SCATTER,  /* d = 2 without a grid: values [P, M] at axis 0, axis 1 */
    FQPI_VIEW_CLASSES,  /* one-hot targets: mean output [class, output] over the points of each class */
    FQPI_VIEW_AGREEMENT /* one output of many inputs: prediction against target, [P, 1] */
} fqpi_view_kind;

/* Which points of a run are shown, and in which order. */
typedef struct fqpi_view {
    fqpi_view_kind kind;
    const char *note;     /* static text: why there is none, or what was left out; NULL: nothing to say */
    int64_t n, m;         /* points and outputs of the run */
    int64_t points, outs; /* shown values of a frame are [points, outs] */
    int64_t shape[2];     /* of an image; else points, 1 */
    int64_t *at;          /* [points] index of a shown point; NULL for FQPI_VIEW_CLASSES */
    int64_t *label;       /* [n] class of each point, FQPI_VIEW_CLASSES only */
    double *axis[2];      /* coordinates: [points], image [h] and [w], NULL */
} fqpi_view;

const char *fqpi_view_name(fqpi_view_kind kind); /* "line", ... */
fqp_status fqpi_view_choose(const fqpi_run *r, fqpi_view *out);
void fqpi_view_free(fqpi_view *v);
/* Classes of a seed whose targets y [n,m] differ from those of the run; nothing for other kinds. */
void fqpi_view_relabel(fqpi_view *v, const double *y);
/* Shown values of one frame: values [n,m] (any real type) from element `first` on, into out [points, outs]. */
void fqpi_view_take(const fqpi_view *v, fqp_view values, int64_t first, double *out);

#endif
