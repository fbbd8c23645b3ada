/* wavebox.h - the wave vectors of a box as bins: which, in what order, named how, which of them are peaks.  Shared by
 * the probes whose axis is |k|. */
#ifndef FQPI_WAVEBOX_H
#define FQPI_WAVEBOX_H

#include "grid.h"
#include "probe.h"

typedef struct fqpi_wave {
    int64_t k[FQPI_GRID_MAX]; /* axis by axis */
    double length;            /* |k| in cycles per longest side; of one axis k itself */
    size_t key;               /* order among equal lengths: that of a discrete transform */
} fqpi_wave;

typedef struct fqpi_wavebox {
    int ndim;
    int64_t kmax[FQPI_GRID_MAX]; /* |k_a| <= kmax_a */
    int column[FQPI_GRID_MAX];   /* of x, for axis a */
    double period[FQPI_GRID_MAX];
    size_t n;
    fqpi_wave *wave; /* [n] sorted by length; one of k and -k, which tell the same of a real field */
} fqpi_wavebox;

/* List all from kmax, column and period.  Refuses too many in the name of `kmax_key`. */
fqp_status fqpi_wavebox_list(const fqpi_points *p, const char *kmax_key, fqpi_wavebox *w);
void fqpi_wavebox_free(fqpi_wavebox *w);
double fqpi_wavebox_longest(const fqpi_wavebox *w); /* period */
/* Where k stands in [2 kmax_0 + 1, ...], k = -kmax first. */
size_t fqpi_wavebox_at(const fqpi_wavebox *w, const int64_t *k);

/* Axis, unit, wavenumber and labels ("3", or "(2, 5)" in the order of the columns of x). */
void fqpi_wavebox_describe(const fqpi_wavebox *w, fqpi_layout *l);

typedef struct fqpi_selection {
    const char *probe, *list_key; /* for messages */
    int peaks;
    const fqp_ints *list;
    double floor;
    bool ends;
} fqpi_selection;
/* Mask what lies below the floor and select, once l->target is there. */
fqp_status fqpi_wavebox_select(const fqpi_points *p, const fqpi_selection *o, const fqpi_wavebox *w, fqpi_layout *l);

#endif
