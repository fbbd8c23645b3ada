/* monitor.h - the error of every frequency, for any sequence of predictions.
 *
 * A monitor knows no network: it is given points x [n,d], targets y [n,m], and from then on predictions.  Each probe
 * turns target and prediction into bins over some axis (wavenumber, frequency along a direction, filter width, shell);
 * captures, rates and order are computed from bins alone, so they are the same code for every probe.
 *
 * Error of a bin (Xu et al. 1901.06523):  Delta_F = ||H - Y|| / ||Y||, complex difference, norm over outputs.
 * The amplitude form of the authors' scripts, | |H|-|Y| | / (1e-5+|Y|), is an option of probe dft and projection.
 */
#ifndef FQP_MONITOR_H
#define FQP_MONITOR_H

#include <fqp/array.h>
#include <fqp/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "monitor". */
typedef struct fqp_monitor_opts {
    fqp_ints probes;    /* dft projection filter radial scattered sine; default dft */
    int on;             /* train | test: which points are monitored */
    bool held;          /* watch the test points beside the training points, with a second monitor */
    char *record;       /* schedule, see train.h: "log:30" */
    double tau;         /* capture threshold */
    int64_t hold;       /* frames that must stay below tau after a capture (fewer remain at the end: all of them) */
    bool stop_captured; /* end training when every selected bin is captured and `hold` more frames are recorded */
    bool stop_noise;    /* end training when what is left to learn is noise (stopping.h), and keep the best network */
    bool predictions;   /* store every recorded prediction */
    bool tensorboard;   /* write event files of TensorBoard */
} fqp_monitor_opts;

/* Section "monitor.dft": 1-D to 3-D regular grids. */
typedef struct fqp_dft_opts {
    int64_t kmax;  /* highest index per axis; 0: all below Nyquist.  Search range of peaks is 0..kmax-1 */
    int peaks;     /* auto (strict local maxima above floor) | all (every bin above floor) | list */
    fqp_ints list; /* indices when peaks is list (1-D); selected even where masked */
    double floor;  /* bins with |Y| below floor * max|Y| are masked */
    bool ends;     /* end points of the search range may be peaks too */
    int error;     /* complex | amplitude */
    bool detrend;  /* subtract the target's mean from both */
} fqp_dft_opts;

/* Section "monitor.projection": non-uniform DFT of the outputs along directions of input space. */
typedef struct fqp_projection_opts {
    char *direction; /* "pc1", "pc2", ..., "axis1", "axis2", ..., "diagonal", "random" (with direction_seed; 0: seed of
                        the run), or an array file of d numbers, scaled to unit length */
    int64_t direction_seed;
    double kmin, kmax, dk; /* frequencies in cycles per unit of the coordinate */
    bool rescale;          /* coordinate shifted and scaled to [0,1]; the scale is recorded */
    int64_t output;        /* one output column, counted from 0; -1: norm over all */
    bool centre;           /* subtract the target's mean from target and prediction */
    int peaks;             /* auto (the ends of the range may be peaks) | all; not used when bands are given */
    double floor;
    int error;
    fqp_reals bands; /* edges pairwise [lo, hi, lo, hi]: further bins that gather whole bands, and are then the only
                        selected ones; a band holds per output the norm over its frequencies; empty: none */
} fqp_projection_opts;

/* Section "monitor.filter": Gaussian low-pass in input space, delta = variance of the kernel (P. 2.3 of the survey). */
typedef struct fqp_filter_opts {
    fqp_reals
        delta; /* widths; empty: five chosen from the data's distances.  Bins: low and high part of each in turn */
    double min_share; /* a part below this share of ||y|| is masked */
} fqp_filter_opts;

/* Section "monitor.radial": shells of |k| on 1-D to 3-D grids, in cycles per longest side.  Bins hold norms. */
typedef struct fqp_radial_opts {
    double width; /* of a shell in units of the fundamental */
    double kmax;  /* 0: to Nyquist of the coarsest axis */
    double floor;
} fqp_radial_opts;

/* Section "monitor.scattered": least-squares spectrum of points that need no order, in one to three dimensions:
 * scattered, jittered, clustered, or a grid with points missing.  Bins, peaks and errors as those of monitor.dft. */
typedef struct fqp_scattered_opts {
    int64_t kmax; /* highest index per axis; 0: what the points carry, at most 1024 unknowns */
    int peaks;    /* auto | all | list */
    fqp_ints list;
    double floor;
    bool ends;
    int error; /* complex | amplitude */
    bool detrend;
    int weights;      /* density | equal */
    fqp_reals period; /* of each column of x; empty: from the points, (largest - smallest) nodes/(nodes - 1) */
} fqp_scattered_opts;

/* Section "monitor.sine": the sine modes of a field that is 0 on the border of a 1-D to 3-D grid. */
typedef struct fqp_sine_opts {
    int64_t kmax;    /* highest index per axis (in several dimensions highest shell); 0: all */
    int peaks;       /* auto | all */
    double floor;    /* bins whose target is not above floor * the largest are masked */
    fqp_reals bands; /* edges pairwise [lo, hi, lo, hi]: further bins that gather whole bands, and are then the only
                        selected ones; empty: none */
} fqp_sine_opts;

extern const fqp_section fqp_monitor_section, fqp_dft_section, fqp_projection_section, fqp_filter_section,
    fqp_radial_section, fqp_scattered_section, fqp_sine_section;

/* All options a monitor needs in one place; NULL members mean defaults. */
typedef struct fqp_monitor_setup {
    const fqp_monitor_opts *monitor;
    const fqp_dft_opts *dft;
    const fqp_projection_opts *projection;
    const fqp_filter_opts *filter;
    const fqp_radial_opts *radial;
    const fqp_scattered_opts *scattered;
    const fqp_sine_opts *sine;
    uint64_t seed;          /* random directions */
    const fqp_config *conf; /* for messages; may be NULL */
} fqp_monitor_setup;
FQP_API fqp_monitor_setup fqp_monitor_setup_from(const fqp_config *conf);

typedef struct fqp_monitor fqp_monitor;

/* x [n,d], y [n,m]; both copied (x only as far as the probes need it).  Each probe checks its premise: dft and radial
 * need a regular grid in C order (found from x itself, 1-D to 3-D) and name the first bad gap otherwise. */
FQP_API fqp_status fqp_monitor_create(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_monitor_setup *setup,
                                      fqp_monitor **out);
FQP_API void fqp_monitor_destroy(fqp_monitor *m);

/* The only way in.  prediction [n,m] (f32 or f64; [n] when m = 1); steps must increase; values must be finite
 * (FQP_E_DATA otherwise, nothing recorded). */
FQP_API fqp_status fqp_monitor_observe(fqp_monitor *m, int64_t step, double seconds, fqp_view prediction);

FQP_API size_t fqp_monitor_frames(const fqp_monitor *m);
FQP_API size_t fqp_monitor_probes(const fqp_monitor *m);
FQP_API const char *fqp_monitor_probe_name(const fqp_monitor *m, size_t probe);
FQP_API const int64_t *fqp_monitor_steps(const fqp_monitor *m);  /* [frames] */
FQP_API const double *fqp_monitor_seconds(const fqp_monitor *m); /* [frames] */

/* Bins of one probe at one frame.  Borrowed from the monitor until the next observe. */
typedef struct fqp_bins {
    const char *axis_name;    /* "frequency" */
    const char *axis_unit;    /* "cycles per domain" */
    size_t nbins, ncomp;      /* ncomp: outputs kept apart in the spectra (1 for norms) */
    const double *axis;       /* [nbins] */
    const char *const *label; /* [nbins] "3", "low, delta 10", "(2, 5)" */
    const uint8_t *valid;     /* [nbins] 0: no target energy, error is NaN */
    const uint8_t *selected;  /* [nbins] the bins whose capture is reported (peaks, filter parts, bands) */
    const double *target;     /* [nbins, ncomp, 2] re, im; scaled as 1/n sum y exp(-2 pi i k.x) */
    const double *prediction; /* same shape, this frame */
    const double *error;      /* [nbins], this frame */
    double wavenumber;        /* axis value * this = angular wavenumber in the units of x; 0: does not apply */
} fqp_bins;
FQP_API fqp_status fqp_monitor_bins(const fqp_monitor *m, size_t probe, size_t frame, fqp_bins *out);

/* ---- what follows from bins: the same functions serve a live monitor, a stored run and any table ------------- */

/* First frame f with error[f'] < tau for f and the following `hold` frames (to the end if fewer); -1: never.  error
 * [frames] with stride. */
FQP_API int64_t fqp_capture_frame(const double *error, size_t frames, size_t stride, double tau, int64_t hold);

/* Exponential fit error ~ exp(c - rate*step): least squares of ln error over the frames after the last one at 0.9 or
 * above, up to and with the capture (or the end); frames with error 0 are left out.  ok = false with a reason when
 * fewer than 5 frames, r2 < 0.8, or no decay; numbers that exist are given all the same.  Intervals hold 80 % for
 * independent residuals (Student's t). */
typedef struct fqp_rate {
    bool ok;
    double rate; /* per step */
    double r2;
    double rate_low, rate_high; /* 80 % interval of the slope */
    int64_t first, last;        /* frames used */
    const char *reason;         /* static text when !ok */
} fqp_rate;
FQP_API void fqp_rate_fit(const int64_t *step, const double *error, size_t frames, size_t stride, int64_t captured,
                          fqp_rate *out);

/* Does capture follow frequency?  axis [n] and capture step t [n] (infinity: never). Kendall's tau-b (ties count
 * as ties, +inf ties with +inf), exact permutation p-values for n <= 8, normal approximation above.
 *
 * Verdict: low (high) first when p_low (p_high) <= 0.05.  Where not even a perfect order has so small a chance (up to
 * three bins, or many ties), a perfect order is believed when every bin was captured; with a bin missing it is n/a,
 * since frames in random order give "captured more often, hence earlier" just as well.  n/a also for fewer than two
 * bins and when nothing was captured.  For the filter probe judge each width by its two bins, axis 0 (low) and 1
 * (high). */
typedef enum fqp_order_verdict {
    FQP_ORDER_NA,
    FQP_ORDER_LOW_FIRST,
    FQP_ORDER_HIGH_FIRST,
    FQP_ORDER_NONE
} fqp_order_verdict;
typedef struct fqp_order {
    fqp_order_verdict verdict;
    double kendall;       /* NaN: n/a */
    double p_low, p_high; /* chance of so large (small) a tau without any order */
    double gap; /* t(highest) / t(lowest): NaN n/a (also for t(lowest) = 0), +inf when only the lowest was captured */
    bool monotone; /* t never falls with frequency and the first is finite */
} fqp_order;
FQP_API void fqp_order_judge(const double *axis, const double *t, size_t n, fqp_order *out);

/* Median and 10 %, 90 % quantiles over seeds, linear between neighbours; infinities are values, NaN is left out.  x is
 * sorted in place. */
typedef struct fqp_spread {
    double low, median, high;
} fqp_spread;
FQP_API fqp_spread fqp_spread_of(double *x, size_t n);

#ifdef __cplusplus
}
#endif
#endif
