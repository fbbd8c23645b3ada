/* measure.h - the functions claims may use: t(3), gap(), filter_share(), ...
 *
 * A measure is a row: name, number of arguments, one line of help, a function.  A new one is a row in a file of this
 * folder; a new file adds its table to measures.c. */
#ifndef FQPI_MEASURE_H
#define FQPI_MEASURE_H

#include "exp.h"

/* The predictions a seed stored (monitor.predictions: true), with the points and targets they were made at. */
typedef struct fqpi_stored {
    char *dir; /* the run they are of */
    int64_t seed;
    int64_t frames, n, d, m;
    fqp_array x, y;       /* [n,d], [n,m] as monitored: training or test points (monitor.on) */
    fqp_array step;       /* i64 [frames] */
    fqp_array prediction; /* [frames,n,m] f32 or f64 */
} fqpi_stored;

/* What costly measures keep between calls of one verification. */
typedef struct fqpi_cache {
    struct fqpi_place *first;
} fqpi_cache;
void fqpi_cache_free(fqpi_cache *c);

typedef struct fqpi_measuring {
    fqp_ctx *ctx;
    const fqpi_trial *trial; /* NULL when the row needs no run */
    const char *dir;         /* of that run */
    int64_t seed;            /* place in trial->seed, or the draw, from 0; -1: pooled over all seeds */
    fqpi_cache *cache;
} fqpi_measuring;

typedef struct fqpi_measure {
    const char *name;
    int least, most; /* arguments */
    bool run;        /* needs a run */
    bool pools;      /* can pool seeds by itself (seed = -1) */
    const char *doc;
    double (*eval)(const fqpi_measuring *m, const double *arg, int nargs); /* NaN: not applicable */
} fqpi_measure;

const fqpi_measure *fqpi_measure_row(size_t i); /* NULL past the end */
const fqpi_measure *fqpi_measure_find(const char *name);

extern const fqpi_measure fqpi_measures_advise[];
extern const fqpi_measure fqpi_measures_anti[];
extern const fqpi_measure fqpi_measures_capture[];
extern const fqpi_measure fqpi_measures_collocation[];
extern const fqpi_measure fqpi_measures_entrances[];
extern const fqpi_measure fqpi_measures_entropy[];
extern const fqpi_measure fqpi_measures_features[];
extern const fqpi_measure fqpi_measures_filter[];
extern const fqpi_measure fqpi_measures_flattening[];
extern const fqpi_measure fqpi_measures_forecast[];
extern const fqpi_measure fqpi_measures_hints[];
extern const fqpi_measure fqpi_measures_ideal[];
extern const fqpi_measure fqpi_measures_labels[];
extern const fqpi_measure fqpi_measures_layers[];
extern const fqpi_measure fqpi_measures_lazy[];
extern const fqpi_measure fqpi_measures_lfp[];
extern const fqpi_measure fqpi_measures_lfp_network[];
extern const fqpi_measure fqpi_measures_parity[];
extern const fqpi_measure fqpi_measures_phase[];
extern const fqpi_measure fqpi_measures_pixels[];
extern const fqpi_measure fqpi_measures_poisson[];
extern const fqpi_measure fqpi_measures_predict[];
extern const fqpi_measure fqpi_measures_predictions[];
extern const fqpi_measure fqpi_measures_projection[];
extern const fqpi_measure fqpi_measures_random_features[];
extern const fqpi_measure fqpi_measures_relaxation[];
extern const fqpi_measure fqpi_measures_remedies[];
extern const fqpi_measure fqpi_measures_residual[];
extern const fqpi_measure fqpi_measures_robustness[];
extern const fqpi_measure fqpi_measures_runge[];
extern const fqpi_measure fqpi_measures_sampling[];
extern const fqpi_measure fqpi_measures_settings[];
extern const fqpi_measure fqpi_measures_share[];
extern const fqpi_measure fqpi_measures_signal[];
extern const fqpi_measure fqpi_measures_solving[];
extern const fqpi_measure fqpi_measures_solved[];
extern const fqpi_measure fqpi_measures_spectrum[];
extern const fqpi_measure fqpi_measures_spectrum_flow[];
extern const fqpi_measure fqpi_measures_stages[];
extern const fqpi_measure fqpi_measures_stopping[];
extern const fqpi_measure fqpi_measures_synthetic[];
extern const fqpi_measure fqpi_measures_tail[];
extern const fqpi_measure fqpi_measures_verdict[];
extern const fqpi_measure fqpi_measures_weights[];
extern const fqpi_measure fqpi_measures_width[];

/* ---- shared by the rows ---------------------------------------------------------------------------------------- */
/* The series a row speaks of: probe by name, or the first one that is not the filter (NULL); NULL when absent. */
const fqpi_series *fqpi_measuring_series(const fqpi_measuring *m, int64_t seed, const char *probe);
/* Bin at axis value k, -1: there is none. */
int64_t fqpi_measuring_bin(const fqpi_series *s, double k);
/* First count Fashion-MNIST training images (pixels/255, one-hot labels), kept in the cache; NULL with a problem. */
const fqp_dataset *fqpi_measuring_images(const fqpi_measuring *m, int64_t count);
/* Stored predictions of the seed at hand, kept until another seed or run is asked for; NULL with a problem. */
const fqpi_stored *fqpi_measuring_stored(const fqpi_measuring *m);
/* A place of `size` bytes for the file that asks, zero when it is new; owner: the address of one of the file's objects.
 * release (may be NULL) is called on it at the end.  NULL without memory. */
void *fqpi_cache_place(const fqpi_measuring *m, const void *owner, size_t size, void (*release)(void *place));
/* The numbers remembered for owner under a, b and the seed at hand, or a new row with *fresh set, to be filled; NULL
 * without memory. */
enum { FQPI_MEMO_NUMBERS = 66 };
double *fqpi_measuring_memo(const fqpi_measuring *m, const void *owner, int a, int b, bool *fresh);
/* Last frame up to `step` (infinite: the last of all). */
int64_t fqpi_stored_frame(const fqpi_stored *s, double step);
/* Element i of [n,m] of a frame. */
double fqpi_stored_at(const fqpi_stored *s, int64_t frame, int64_t i);
/* A monitor from configuration text over arrays in memory; NULL with a problem. */
fqp_monitor *fqpi_measuring_monitor(const fqpi_measuring *m, const char *yaml, fqp_view x, fqp_view y);

#endif
