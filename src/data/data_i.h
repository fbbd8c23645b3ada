/* data_i.h - one data set in the making: a source fills it, then it is split and given noise. */
#ifndef FQPI_DATA_I_H
#define FQPI_DATA_I_H

#include <fqp/data.h>
#include <fqp/signal.h>

typedef struct fqpi_data_job {
    fqp_ctx *ctx;
    const fqp_data_opts *o;
    uint64_t seed;
    const fqp_config *conf;
    fqp_dataset *out;
    fqp_status status; /* of the first problem */
} fqpi_data_job;

/* Report "data.<key>: ..." where the key was given.  Answers (and keeps) status. */
fqp_status fqpi_data_refuse(fqpi_data_job *job, fqp_status status, const char *key, const char *fmt, ...)
    FQP_PRINTF(4, 5);
fqp_origin fqpi_data_origin(const fqpi_data_job *job, const char *key);

/* The checks of a data set's source without making it; *n training points, 0 where only making it will tell. */
fqp_status fqpi_data_check(fqp_ctx *ctx, const fqp_data_opts *opts, const fqp_config *conf, int64_t *n);

/* ---- rows ------------------------------------------------------------------------------------------------------ */

typedef struct fqpi_source {
    const char *name, *doc;
    fqp_status (*build)(fqpi_data_job *job); /* training points and, where there are any, test points */
    /* what can be said before anything is read or drawn; n: training points, 0: not known yet.  NULL: nothing */
    fqp_status (*check)(fqpi_data_job *job, int64_t *n);
} fqpi_source;
extern const fqpi_source fqpi_source_expr, fqpi_source_curve, fqpi_source_cube, fqpi_source_signal, fqpi_source_images,
    fqpi_source_cifar10, fqpi_source_arrays;
const fqpi_source *fqpi_source_row(size_t i);

/* The box of expressions and the points in it. */
enum { FQPI_BOX_MAX_DIM = 256 };
typedef struct fqpi_box {
    int d;
    double lower[FQPI_BOX_MAX_DIM], upper[FQPI_BOX_MAX_DIM];
} fqpi_box;

typedef struct fqpi_sampling {
    const char *name, *doc;
    bool grid, even; /* points of axes, data.n along each; at equal distances */
    int max_dim;
    /* n points into x [n,d]; not for grids */
    void (*fill)(uint64_t seed, const fqpi_box *box, int64_t n, double *x);
} fqpi_sampling;
const fqpi_sampling *fqpi_sampling_row(size_t i);
/* x_i = centre - half cos(pi (i + 1/2)/count) along every axis, the last one fastest; n is the product of the counts.
 */
void fqpi_chebyshev_fill(const fqpi_box *box, const int64_t *count, int64_t n, double *x);
/* Indices first, first + stride, ... along an axis. */
typedef struct fqpi_part {
    int64_t first, stride;
} fqpi_part;
static inline int64_t fqpi_part_count(const fqpi_part *p, int64_t n) {
    return n > p->first ? (n - p->first + p->stride - 1) / p->stride : 0;
}
/* Those points of the grid below whose index along every axis belongs to the part. */
void fqpi_grid_part(const fqpi_box *box, const int64_t *count, bool endpoint, const fqpi_part *part, double *x);
/* Grid with count[j] points along axis j, the last axis fastest. */
void fqpi_grid_fill(const fqpi_box *box, const int64_t *count, bool endpoint, int64_t n, double *x);

/* A closed curve of the plane, t in [0, 2 pi). */
typedef struct fqpi_curve {
    const char *name, *doc;
    void (*at)(double t, double petals, double x[2]);
} fqpi_curve;
const fqpi_curve *fqpi_curve_row(size_t i);

typedef struct fqpi_standard {
    const char *name, *doc;
    double divisor; /* of a pixel */
    bool centre;    /* subtract the mean training image */
    bool zscore;    /* subtract the mean of all training pixels, divide by their standard deviation */
} fqpi_standard;
const fqpi_standard *fqpi_standard_row(size_t i);

/* ---- targets ------------------------------------------------------------------------------------------------------
 */

enum { FQPI_TARGET_NUMBERS = 64 }; /* u1 .. u64 */
typedef struct fqpi_target {
    int64_t m;
    struct fqp_expr **expr; /* [m] */
    double u[FQPI_TARGET_NUMBERS];
} fqpi_target;
/* Expressions of the coordinates x1 .. xd (variable NULL), or of one variable (d = 1). */
fqp_status fqpi_target_create(fqpi_data_job *job, int d, const char *variable, fqpi_target *t);
void fqpi_target_free(fqpi_target *t);
/* y [n,m] at x [n,d], quantized as data.quantize says. */
fqp_status fqpi_target_eval(fqpi_data_job *job, const fqpi_target *t, int d, int64_t n, const double *x, double *y);

/* ---- what every source ends with
 * ------------------------------------------------------------------------------------- */

fqp_status fqpi_data_split(fqpi_data_job *job);
/* Training points that data.subset or data.train_fraction leave of n. */
int64_t fqpi_data_kept(const fqp_data_opts *o, int64_t n);
void fqpi_data_noise(fqpi_data_job *job);
/* data.shuffle where there are no classes. */
fqp_status fqpi_data_exchange(fqpi_data_job *job);
fqp_status fqpi_data_repeat(fqpi_data_job *job);

/* An array of numbers as f64 [n,d]: a list becomes a column; complex, empty, NaN and infinite ones are refused. */
fqp_status fqpi_data_matrix(fqpi_data_job *job, const char *key, const char *what, fqp_view v, fqp_array *out);
fqp_status fqpi_data_same_count(fqpi_data_job *job, const char *key, int64_t got, int64_t want);

/* ---- signals ---------------------------------------------------------------------------------------------------- */

typedef struct fqpi_colour {
    const char *name, *doc;
    int64_t channels; /* 0: as many as there are */
} fqpi_colour;
const fqpi_colour *fqpi_colour_row(size_t i);
const char *fqpi_hold_name(size_t i, const char **doc);

/* The signal of data.file after everything the section says about it. */
fqp_status fqpi_signal_make(fqpi_data_job *job, fqp_signal *out);
struct fqpi_raw_signal;
/* Its part for tables: coordinates and values of the columns chosen. */
fqp_status fqpi_signal_table(fqpi_data_job *job, const struct fqpi_raw_signal *raw, fqp_signal *s);

/* ---- image files
 * --------------------------------------------------------------------------------------------------------- */

enum { FQPI_PATH = 4096, FQPI_BATCHES = 8 };
/* Files of an image set; "" where there is none. */
typedef struct fqpi_image_files {
    bool cifar;
    int nbatches; /* cifar: files of training images with their labels */
    char batch[FQPI_BATCHES][FQPI_PATH];
    char images[FQPI_PATH], labels[FQPI_PATH];
    char test_images[FQPI_PATH], test_labels[FQPI_PATH]; /* cifar: test_images holds both */
} fqpi_image_files;
/* Find the files that data.images and data.labels mean; fallback is the name when data.images is empty. */
fqp_status fqpi_image_files_find(fqpi_data_job *job, const char *fallback, fqpi_image_files *f);
/* The file that data.file means, a path or a known name, into path [FQPI_PATH]. */
fqp_status fqpi_signal_find(fqpi_data_job *job, char *path);
bool fqpi_file_exists(const char *path);
bool fqpi_folder_exists(const char *path);

#endif
