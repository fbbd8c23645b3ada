/* probe.h - what a probe is: a row of functions, and the bins it lays out.
 *
 * A new probe is one file in probe/ and one line in rows.c. */
#ifndef FQPI_PROBE_H
#define FQPI_PROBE_H

#include <fqp/monitor.h>

/* What a probe is made from.  Borrowed during create only. */
typedef struct fqpi_points {
    fqp_ctx *ctx;
    int64_t n, d, m;
    fqp_view x;      /* [n,d] f32 or f64 */
    const double *y; /* [n,m] */
    uint64_t seed;
    const fqp_config *conf; /* may be NULL */
} fqpi_points;

enum { FQPI_LABEL = 40 };

/* The bins of a probe: all that does not change from frame to frame.  The monitor owns it and frees it after the
 * probe's state, so a probe may read its own layout while it measures. */
typedef struct fqpi_layout {
    const char *axis_name, *axis_unit;
    size_t nbins, ncomp;
    double wavenumber;
    double *axis; /* [nbins] */
    char (*text)[FQPI_LABEL];
    const char **label; /* label[b] = text[b] */
    uint8_t *valid, *selected;
    double *target; /* [nbins, ncomp, 2] */
} fqpi_layout;

typedef struct fqpi_probe {
    const char *name, *doc;
    const fqp_section *section;
    size_t setup; /* offset of its options pointer in fqp_monitor_setup */
    /* Check the premise, lay out the bins, transform the target.  *state is released by destroy even after failure. */
    fqp_status (*create)(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state);
    /* h [n,m] -> spectrum [nbins, ncomp, 2] and error [nbins] (NaN where the target has no energy).  Allocates nothing.
     */
    void (*measure)(void *state, const double *h, double *spectrum, double *error);
    void (*destroy)(void *state);
} fqpi_probe;

extern const fqpi_probe fqpi_probe_dft, fqpi_probe_projection, fqpi_probe_filter, fqpi_probe_radial,
    fqpi_probe_scattered, fqpi_probe_sine;

/* Row i, NULL past the end (rows.c). */
const fqpi_probe *fqpi_probe_row(size_t i);
const char *fqpi_probe_choice(size_t i, const char **doc);
fqp_origin fqpi_origin_of(const fqp_config *conf, const char *key);

/* ---- bins.c ------------------------------------------------------------------------------------------------ */
fqp_status fqpi_layout_alloc(fqp_ctx *ctx, fqpi_layout *l, size_t nbins, size_t ncomp);
void fqpi_layout_free(fqpi_layout *l);

/* Norm over outputs of one bin of a spectrum. */
double fqpi_bin_norm(const double *spectrum, size_t ncomp, size_t bin);

/* Choices "complex" and "amplitude" of key error, in this order. */
enum { FQPI_ERROR_COMPLEX, FQPI_ERROR_AMPLITUDE };
/* Errors of the bins [from, to):  complex  ||H - Y|| / ||Y||;  amplitude  || |H|-|Y| || / (1e-5 + ||Y||) with the
 * transform not scaled, H = n * spectrum (the authors' scripts); norms over outputs. */
void fqpi_bin_errors(const fqpi_layout *l, int kind, int64_t n, size_t from, size_t to, const double *spectrum,
                     double *error);

/* Strict local maxima of v[0..n); end points only when `ends` (compared with their one neighbour), nothing at or below
 * `floor`. */
void fqpi_peaks(const double *v, size_t n, double floor, bool ends, uint8_t *peak);

/* Choices of key peaks. */
enum { FQPI_PEAKS_AUTO, FQPI_PEAKS_ALL, FQPI_PEAKS_LIST };

#endif
