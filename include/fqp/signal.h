/* signal.h - what people fit: images, sound, volumes and scattered tables, with what their files say about them. */
#ifndef FQP_SIGNAL_H
#define FQP_SIGNAL_H

#include <fqp/array.h>
#include <fqp/data.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum fqp_signal_kind {
    FQP_SIGNAL_IMAGE,
    FQP_SIGNAL_SOUND,
    FQP_SIGNAL_VOLUME,
    FQP_SIGNAL_TABLE
} fqp_signal_kind;

/* Samples of a grid of up to three axes, or rows of a table.  Owned: release with fqp_signal_free; a zero-initialised
 * one is empty. */
typedef struct fqp_signal {
    fqp_signal_kind kind;
    int ndim;         /* axes of the grid: image 2 (rows, columns), sound 1 (time), volume 1 to 3; table 0 */
    int64_t shape[3]; /* samples along each axis */
    int64_t n;        /* samples: their product; of a table: rows */
    int64_t channels;
    fqp_array value;  /* f64 [n, channels], the last axis of the grid fastest */
    fqp_array point;  /* table: coordinates f64 [n, d]; otherwise empty */
    double low, high; /* range of the values: 0 and 1 of images and of volumes of unsigned integers, -1 and 1 of sound,
                         the least and the greatest value of others */
    double rate;      /* sound: samples a second [Hz]; otherwise 0 */
    int bits;         /* of a stored number, 0: unknown */
    char *origin;     /* one line: file, size, format */
} fqp_signal;

FQP_API const char *fqp_signal_kind_name(fqp_signal_kind kind); /* "image", ... */
FQP_API void fqp_signal_free(fqp_signal *s);                    /* NULL is legal */

/* By content, not by name: PNG (grey, palette, opacity, 16 bit, interlaced), JPEG (grey, YCbCr, CMYK), PGM and PPM;
 * WAV, FLAC, AIFF and what else libsndfile knows; npy, npz and IDX as volumes (up to three axes; a fourth one counts
 * channels); CSV as a table whose last column is the value.  FQP_E_DATA names the file, the place and the reason. */
FQP_API fqp_status fqp_signal_read(fqp_ctx *ctx, const char *path, fqp_signal *out);

/* In the format of the suffix: .png, .pgm, .ppm (low to high becomes 0 to 255, or to 65535 where bits is 16; beyond is
 * clipped), .wav, .flac, .aiff (8, 16 or 24 bits; floating point from 32 on), .npy (f64 [shape] or [shape, channels]),
 * .csv (coordinates x1 .., values y1 ..).  A file read and written again keeps every bit.  Written whole to a temporary
 * neighbour, then renamed over path.  FQP_E_ARG: the format cannot hold the signal. */
FQP_API fqp_status fqp_signal_write(fqp_ctx *ctx, const char *path, const fqp_signal *s);

/* Signals known by name (photographs of Debian's packages), NULL past the end. */
FQP_API const char *fqp_signal_name(size_t i, const char **doc);

/* The signal that section data (source: signal) means: file found by its name, cut, averaged, colours and channels
 * chosen, values in data.range.  conf (may be NULL) lends line and column to messages.  What is written back to a file
 * after a fit is a copy of it with other values. */
FQP_API fqp_status fqp_data_signal(fqp_ctx *ctx, const fqp_data_opts *opts, const fqp_config *conf, fqp_signal *out);

/* ---- how good a copy is ------------------------------------------------------------------------------------------
 * All in decibels but the relative error and SSIM; infinite for an exact copy. */

/* 10 log10(peak^2 / mean squared error) over n numbers. */
FQP_API double fqp_psnr(const double *truth, const double *copy, int64_t n, double peak);
/* 10 log10(sum of truth^2 / sum of squared errors). */
FQP_API double fqp_snr(const double *truth, const double *copy, int64_t n);
/* Structural similarity (Wang et al. 2004) of images [height, width, channels]: Gaussian window of 11 pixels,
 * sigma 1.5, places where it lies inside, mean over channels.  FQP_E_SHAPE: fewer than 11 pixels along a side. */
FQP_API fqp_status fqp_ssim(fqp_ctx *ctx, const double *truth, const double *copy, int64_t height, int64_t width,
                            int64_t channels, double peak, double *out);
/* Mean over frames of the root mean square, over frequencies, of 10 log10(P/Q) (Gray and Markel 1976); spectrograms
 * with windows of 512 samples, 128 apart (of a shorter signal: one, a quarter apart), powers below 1e-10 of the
 * greatest count as that. */
FQP_API fqp_status fqp_log_spectral_distance(fqp_ctx *ctx, const double *truth, const double *copy, int64_t n,
                                             double *out);

typedef struct fqp_quality {
    double relative_l2; /* root of sum of squared errors over sum of squares */
    double psnr;        /* peak: high - low of the signal */
    double ssim;        /* two axes of at least 11 samples, otherwise NaN */
    double snr;
    double log_spectral_distance; /* sound, otherwise NaN */
} fqp_quality;
/* copy: [n, channels] as s->value. */
FQP_API fqp_status fqp_signal_quality(fqp_ctx *ctx, const fqp_signal *s, const double *copy, fqp_quality *out);

/* ---- spectra --------------------------------------------------------------------------------------------------------
 */

/* Power over radial frequency, f64 [bins] each: wave vectors k (cycles along the axes of N_j samples) belong to the bin
 * next to |(k_j/N_j)| max N; power sums |Y_k|^2/n^2 over the bin, mean over channels, so that all bins together hold
 * the mean square of the values.  frequency: cycles a sample, Hz of a sound.  Up to the corner of the lattice:
 * Nyquist's frequency along an axis is 1/2 of a cycle a sample.  FQP_E_ARG: no grid. */
FQP_API fqp_status fqp_signal_spectrum(fqp_ctx *ctx, const fqp_signal *s, fqp_array *frequency, fqp_array *power);

/* Power f64 [1 + (n - window)/hop, window/2 + 1] of frames of x [n] under Hann's window; bin b lies at b/window cycles
 * a sample, and a sine of amplitude A in the middle of a bin has A^2/2 there.  FQP_E_SHAPE: x is shorter than the
 * window. */
FQP_API fqp_status fqp_spectrogram(fqp_ctx *ctx, const double *x, int64_t n, int64_t window, int64_t hop,
                                   fqp_array *power);

/* ---- figures --------------------------------------------------------------------------------------------------------
 */

/* dir/figures.json: the signal, its power over frequency, a sound's spectrogram; fqp_report_figures draws it.  With a
 * copy [n, channels] beside it: both, where they differ, both spectra and spectrograms; images stand in dir/signal.png
 * and dir/copy.png then. Long signals are thinned out. */
FQP_API fqp_status fqp_signal_figures(fqp_ctx *ctx, const fqp_signal *s, const double *copy, const char *dir);

#ifdef __cplusplus
}
#endif
#endif
