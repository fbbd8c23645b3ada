/* periodogram.h - the spectrum of samples: grids, scattered, clustered and missing points, and what can be wrong with
 * it.
 *
 * Coefficients are scaled as 1/n sum_j y_j exp(-2 pi i k.(x_j - low)/period): a wave A cos has |c| = A/2 at k and at
 * -k. regular grid (found from x, points in any order)   FFT everything else weighted least squares of all waves at
 * once (Lomb and Scargle's, in one to three dimensions) On scattered points sums leak from wave to wave; least squares
 * give back the coefficients of a field made of the fitted waves, whatever the points.  Points are weighted by the
 * inverse density of points within one wave of the highest frequency (Pipe & Menon 1999), so that a cluster does not
 * count more than the rest.  More than three columns of x are seen along one direction.
 *
 * Energy of a bin = sum over its waves (k and -k both) and outputs of |c|^2: all bins together hold the mean square
 * (Parseval).  Shells of |k| gather by the Euclidean radius, squares first, then sums.
 *
 * With a window w, coefficients are divided by its mean (a tone keeps its amplitude) and energies by its mean square
 * (noise keeps its energy). */
#ifndef FQP_PERIODOGRAM_H
#define FQP_PERIODOGRAM_H

#include <fqp/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_periodogram_opts {
    const char *window;    /* none | hann | blackman | kaiser; NULL: none */
    double beta;           /* of the Kaiser window; 0: 8.6 */
    const char *detrend;   /* none | mean | linear; NULL: none */
    bool shells;           /* bins are shells of |k| */
    double width;          /* of a shell, cycles per longest side; 0: 1 */
    const char *direction; /* pc1, axis2, diagonal, random or a file of d numbers: coordinate along it, scaled to its
                              extent; NULL: all columns of x, pc1 when there are more than three */
    int64_t kmax;          /* highest index of each axis; 0: of a grid Nyquist, else what the points carry */
    const double *period;  /* [d] of the columns, at least their extents; NULL: extent nodes/(nodes - 1) */
    bool equal;            /* least squares with every point weighted the same */
    bool skip_nan;         /* points whose y is NaN are missing; otherwise they are refused */
    int64_t bootstrap;     /* resamples for error bars, 0: none; needs at most 2048 waves */
    double level;          /* of the intervals; 0: 0.8 */
    uint64_t seed;         /* of the resamples and of a random direction; 0: 1 */
} fqp_periodogram_opts;

/* What may be wrong, with the number that says so. */
typedef struct fqp_spectrum_warning {
    const char *name; /* aliasing, leakage, few_points, gap, uneven, clustered, duplicates, unexplained */
    double number, limit;
    char text[256]; /* one sentence */
} fqp_spectrum_warning;

typedef struct fqp_periodogram {
    int64_t n, d, m; /* points used, axes, outputs */
    int64_t left_out;
    bool complex_; /* y was complex: k and -k are bins of their own */
    bool grid;     /* FFT; otherwise least squares */
    bool shells;
    const char *axis_name, *axis_unit, *window, *detrend;
    char direction[64]; /* "": all columns */
    double wavenumber;  /* axis value * this = angular wavenumber in the units of x */
    double period[3];   /* of each axis */
    int64_t kmax[3];
    size_t nbins;
    double *axis;        /* [nbins] |k|; of one axis k itself, rising */
    int64_t *k;          /* [nbins, d]; NULL with shells */
    double *coefficient; /* [nbins, m, 2] of +k; NULL with shells */
    double *energy;      /* [nbins] */
    double *waves;       /* [nbins] number of waves, k and -k: energy/waves of white noise is flat */
    double *low, *high;  /* [nbins] of the energy without the noise; NULL without bootstrap */
    double *error;    /* [nbins] standard error of the root of the energy: root of the mean of |c* - c|^2, summed as the
                         energy is; or NULL */
    double total;     /* mean square of the detrended, windowed field, as energies are scaled */
    double explained; /* share of it that the waves hold (1 on a full grid) */
    double condition; /* of the normal equations, 1 on a grid */
    double gain, bandwidth; /* of the window: coherent gain, equivalent noise bandwidth in bins */
    size_t nwarnings;
    fqp_spectrum_warning warning[8];
} fqp_periodogram;

/* x [n] or [n, d], f64 or f32; y [n] or [n, m], f64, f32, c128 or c64.  *out is released by fqp_periodogram_free, also
 * after a failure; opts may be NULL.  FQP_E_SHAPE, FQP_E_ARG and FQP_E_DATA say in one sentence what is wrong.  One
 * context at a time; the same bits for any number of threads. */
FQP_API fqp_status fqp_periodogram_of(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_periodogram_opts *opts,
                                      fqp_periodogram *out);
FQP_API void fqp_periodogram_free(fqp_periodogram *p);

/* Names for option tables, NULL past the end. */
FQP_API const char *fqp_window_name(size_t i, const char **doc);
FQP_API const char *fqp_detrend_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
