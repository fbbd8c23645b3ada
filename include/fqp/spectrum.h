/* spectrum.h - the tangent kernels of an experiment, and what their eigenpairs say: which frequency is learnt when. */
#ifndef FQP_SPECTRUM_H
#define FQP_SPECTRUM_H

#include <fqp/ntk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- kernels of experiments ------------------------------------------------------------------------------------ */

typedef enum fqp_kernel_kind {
    FQP_KERNEL_START,   /* of the network as the seed draws it */
    FQP_KERNEL_END,     /* of the network that the seed of a run ended with */
    FQP_KERNEL_INFINITE /* of the infinitely wide network */
} fqp_kernel_kind;

typedef struct fqp_kernel_request {
    fqp_kernel_kind kind;
    const char *dir; /* the run, for FQP_KERNEL_END */
    int64_t seed;    /* 0: 1 */
    int64_t points;  /* training points, evenly chosen; 0: all */
    int64_t output;  /* of the empirical kernels: a number, FQP_NTK_SUM or FQP_NTK_ALL */
    fqp_gram_opts gram;
} fqp_kernel_request;

/* Where the points of a kernel lie, and what its training is like. */
typedef struct fqp_kernel_points {
    int64_t n, d, m; /* points, inputs, outputs */
    bool along;      /* they have a coordinate */
    double *s;       /* [n] it; NULL: along a closed curve in equal steps */
    char name[48];   /* of the coordinate: "t", "x", "the first principal component" */
    double pace;     /* lr c, c = 2/(n m) of a mean of squares; NaN: another loss */
} fqp_kernel_points;

/* The kernel of a configuration at its training points.  *points is released by fqp_kernel_points_free; may be NULL. */
FQP_API fqp_status fqp_kernel_create(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *request,
                                     fqp_gram **out, fqp_kernel_points *points);
/* Points of a file [n] or [n, d], for kernels that come without an experiment. */
FQP_API fqp_status fqp_kernel_points_of(fqp_ctx *ctx, fqp_view x, fqp_kernel_points *out);
FQP_API void fqp_kernel_points_free(fqp_kernel_points *p);

/* ---- what its eigenpairs say ----------------------------------------------------------------------------------- */

typedef struct fqp_spectrum {
    int64_t rows;
    fqp_eigen eigen;         /* all pairs, or the leading ones */
    fqp_mode *mode;          /* [eigen.count]; NULL: the rows have no coordinate */
    double trace;            /* NaN: the matrix was never held */
    double pace;             /* see above; eigenvalue l is learnt in 1/(pace l) steps of gradient descent */
    double low, high, ratio; /* two frequencies among the pairs, and how many times faster the first is learnt */
    double slope, fit;       /* eigenvalues fall like k^slope, R^2 of that; NaN: fewer than three frequencies */
} fqp_spectrum;

/* count 0: all pairs.  points NULL or without a coordinate for each row: no frequencies. */
FQP_API fqp_status fqp_spectrum_of(fqp_ctx *ctx, const fqp_gram *g, const fqp_kernel_points *points, int64_t count,
                                   fqp_spectrum *out);
/* The leading pairs of an experiment's kernel without ever holding it, by products K v; request->gram is not read. */
FQP_API fqp_status fqp_kernel_leading(fqp_ctx *ctx, const fqp_config *config, const fqp_kernel_request *request,
                                      int64_t count, fqp_kernel_points *points, fqp_spectrum *out);
FQP_API void fqp_spectrum_free(fqp_spectrum *s);
/* One sentence; free(). */
FQP_API char *fqp_spectrum_sentence(const fqp_spectrum *s);

#ifdef __cplusplus
}
#endif
#endif
