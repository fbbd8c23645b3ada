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
    fqp_array value;  /* f64 [n, channels], the last axis fastest */
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

/* Signals known by name (photographs of Debian's packages), NULL past the end. */
FQP_API const char *fqp_signal_name(size_t i, const char **doc);

/* The signal that section data (source: signal) means: file found by its name, cut, averaged, colours and channels
 * chosen, values in data.range.  conf (may be NULL) lends line and column to messages.  What is written back to a file
 * after a fit is a copy of it with other values. */
FQP_API fqp_status fqp_data_signal(fqp_ctx *ctx, const fqp_data_opts *opts, const fqp_config *conf, fqp_signal *out);

#ifdef __cplusplus
}
#endif
#endif
