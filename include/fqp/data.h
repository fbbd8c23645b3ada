/* data.h - data sets: inputs x [n, d], outputs y [n, m], and where they came from. */
#ifndef FQP_DATA_H
#define FQP_DATA_H

#include <fqp/array.h>
#include <fqp/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "data".  Choices are rows of tables: see `fqp help data`. */
typedef struct fqp_data_opts {
    int source; /* expr | images | cifar10 | arrays | curve | cube | signal */

    /* source expr: y = target(x) on points of a box */
    fqp_texts target; /* one expression per output; u1..u64 are uniform(0,1) numbers drawn with the seed */
    fqp_reals lower;  /* box, one number per input dimension; empty: -3.14, of a signal 0 */
    fqp_reals upper;  /* empty: 3.14, of a signal 1 */
    fqp_ints n;       /* grid: points per axis; scattered: one total */
    int sampling;     /* grid | random | latin | sobol | chebyshev */
    bool endpoint;    /* grids include the upper end (h = (b-a)/(n-1)) or not (h = (b-a)/n) */
    fqp_ints test_n;  /* grid of test points per axis; empty: none */
    fqp_reals test_lower, test_upper; /* their box; empty: lower, upper */
    double quantize;                  /* alpha: y <- alpha*round(y/alpha) before noise; 0: none */

    /* source curve: y = target(t) on points x(t) of a closed plane curve, t in [0, 2 pi); n and test_n count them */
    int curve;      /* circle | flower */
    int64_t petals; /* flower: radius 1 + 0.5 sin(petals t) */
    double radius;  /* the curve's points times this */
    char *density;  /* of the training points, an expression of t, positive; empty: equispaced */

    /* source cube: y = target(x) on the points of {-1, 1}^dims; "parity" and "and" are names for targets */
    int64_t dims;

    /* source signal: an image, a sound, a volume or a table as a function of its coordinates.  Samples lie on a grid of
     * the box: of [0, 1) without the end as long as lower and upper are empty (Tancik et al. 2006.10739), else from
     * lower to upper as endpoint says.  A table's columns stay as they are, or are moved to reach from lower to upper
     */
    char *file;     /* a path, or a known name: camera, astronaut, ... (fqp_signal_name) */
    int colour;     /* as_is | grey (luma of ITU-R BT.601) | colour (three channels; opacity is left out) */
    int64_t axes;   /* of an array file: dimensions that are axes, the next counts channels; 0: all, up to three */
    fqp_ints crop;  /* from and to (exclusive) of the samples used along each axis; empty: all */
    int64_t shrink; /* so many samples along each axis become their mean */
    fqp_ints size; /* samples along each axis: means over the largest centred piece of that shape; empty: as they are */
    fqp_ints channels; /* channels used, from 0; empty: all */
    fqp_reals range;   /* the signal's range is moved to this one; empty: as it is */
    fqp_texts columns; /* of a table: names or numbers (from 0) of those used; empty: all */
    int64_t values;    /* of a table: so many of the last columns used are outputs, the others coordinates */
    int hold;          /* test points: none | clean (the training points without noise) | even */

    /* source images | cifar10 */
    char *images; /* IDX file, CIFAR batch, folder, or "fashion-mnist" (Debian's package), "mnist", "cifar10" */
    char *labels; /* IDX file; empty: found beside images */
    int64_t offset, count; /* training images: offset skipped, then count used (0: all) */
    int64_t test_count;    /* 0: none, -1: all */
    fqp_ints classes;      /* keep only these, numbered anew in this order; empty: all */
    int standardise;       /* none | unit (pixels/255) | centre (unit, then mean training image subtracted) | zscore */
    int label_form;        /* onehot | index */
    double shuffle; /* fraction of training labels replaced by uniformly random ones; without classes: of training
                       outputs that change places at random */

    /* source arrays */
    char *x, *y, *x_test, *y_test; /* files of array.h */

    /* all sources */
    double noise;          /* std of Gaussian noise added to training outputs */
    double test_noise;     /* ... and of that added to test outputs */
    int64_t repeat;        /* every training point so often, noise included ... */
    double jitter;         /* ... the further ones moved by Gaussian numbers of this std in every input */
    double train_fraction; /* of the points; the rest become test points (when no test set is given) */
    int64_t subset;        /* the same as a number of points; 0: train_fraction says it */
} fqp_data_opts;

extern const fqp_section fqp_data_section;

/* A data set.  Fields are read-only for the user; arrays are f64, but image inputs are f32. */
typedef struct fqp_dataset {
    int64_t n, d, m; /* training points, inputs, outputs */
    fqp_array x, y;  /* [n,d], [n,m] */
    int64_t n_test;
    fqp_array x_test, y_test;      /* empty when n_test is 0; y_test is free of noise but for test_noise */
    fqp_array labels, labels_test; /* i64 [n] class numbers; empty for regression */
    /* Points of a curve: its parameter t, [n,1] and [n_test,1]; empty otherwise.  Monitors measure along it. */
    fqp_array coordinate, coordinate_test;
    int64_t classes;
    /* Regular grids (of x, or of the coordinate): shape of the training and of the test points (product n, n_test), 0
     * axes when scattered or in more than three dimensions. */
    int grid_ndim, grid_test_ndim;
    int64_t grid[3], grid_test[3];
    double lower[3], upper[3];
    bool endpoint;
    double low, high; /* range of the values of a signal (signal.h); both 0: unknown */
    char *origin;     /* one line: files, or expression and sampling */
} fqp_dataset;

/* Draws use the context-independent generator with the given seed.  conf (may be NULL) lends line and
 * column to messages. */
FQP_API fqp_status fqp_dataset_create(fqp_ctx *ctx, const fqp_data_opts *opts, uint64_t seed, const fqp_config *conf,
                                      fqp_dataset **out);
/* From arrays in memory (copied).  x_test, y_test may be NULL. */
FQP_API fqp_status fqp_dataset_from_arrays(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_view *x_test,
                                           const fqp_view *y_test, fqp_dataset **out);
FQP_API void fqp_dataset_destroy(fqp_dataset *d);

/* Image sets known by name, NULL past the end; and folder i in which set `name` is looked for, in order ($FQP_DATA, the
 * distribution's, ./data, the user's own), false past the end.  *found (may be NULL): are its files there? */
FQP_API const char *fqp_data_set(size_t i, const char **doc);
FQP_API bool fqp_data_place(const char *name, size_t i, char *path, size_t size, bool *found);

#ifdef __cplusplus
}
#endif
#endif
