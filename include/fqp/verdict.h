/* verdict.h - why a run ended where it did: one cause out of a table, the numbers that speak for it, what to do next.
 *
 * A verdict knows no network and no files: points, predictions and the bins of a probe over the frames are enough, and
 * every piece may be missing.  Each cause is a list of conditions on measures that mean something by themselves (share
 * of the target's energy above the Nyquist frequency, flatness of the residual's spectrum, residual in units of the
 * last place, ...); nothing is fitted on runs. */
#ifndef FQP_VERDICT_H
#define FQP_VERDICT_H

#include <fqp/array.h>
#include <fqp/monitor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bins of one probe over the frames; borrowed.  frames 0: there are none. */
typedef struct fqp_bands {
    const char *axis_name, *axis_unit;
    size_t frames, nbins, ncomp;
    const double *axis;              /* [nbins] */
    const uint8_t *valid, *selected; /* [nbins] as in fqp_bins */
    const double *target;            /* [nbins, ncomp, 2] */
    const double *prediction;        /* [frames, nbins, ncomp, 2]; NULL: not kept */
    const double *error;             /* [frames, nbins]; NaN where the target has no energy */
} fqp_bands;

/* Points and what was predicted there; borrowed.  A view without data is not known; f32 or f64. */
typedef struct fqp_sampled {
    fqp_view x;           /* [n,d] */
    fqp_view y;           /* [n,m] targets */
    fqp_view first, last; /* [n,m] predictions of the first and of the last frame */
} fqp_sampled;

/* All that may be known of a run; zero-initialised nothing is. */
typedef struct fqp_evidence {
    size_t frames;
    const int64_t *step;         /* [frames], increasing */
    const double *loss;          /* [frames], NaN where not known; NULL: not known */
    const double *lr;            /* [frames] learning rate likewise; NULL: not known */
    size_t nterms;               /* named parts of the loss */
    const char *const *term;     /* [nterms] */
    const double *part;          /* [frames, nterms] */
    fqp_dtype element;           /* of the predictions as they were made: FQP_F32 or FQP_F64 */
    fqp_sampled train, held;     /* held: points not trained on */
    fqp_bands bands, held_bands; /* of one probe, at the training points (where only held-out ones
                                    were watched: at those) and at the held-out points; frame f is step[f] */
    const double *residual;   /* [frames] of a differential equation, relative to what it asks for; NULL: not known */
    fqp_bands residual_bands; /* of the same probe as bands */
} fqp_evidence;

enum { FQP_VERDICT_TEXT = 256, FQP_VERDICT_LINES = 8, FQP_VERDICT_NEXT = 3, FQP_VERDICT_CAUSES = 16 };
enum { FQP_VERDICT_SAID = 3 }; /* so many of the first lines are in the sentence */

/* One number that speaks for the verdict. */
typedef struct fqp_verdict_line {
    const char *name; /* static: "whiteness" */
    double value;
    char says[FQP_VERDICT_TEXT]; /* a sentence with the number */
} fqp_verdict_line;

typedef struct fqp_verdict {
    const char *cause; /* static: "spectral bias", ..., "still learning", "healthy", "cannot tell" */
    double score;      /* of that cause, from 0 to 1; at least 0.5 but for "cannot tell" */
    char sentence[2 * FQP_VERDICT_TEXT];
    size_t nlines, nnext, nothers;
    fqp_verdict_line line[FQP_VERDICT_LINES];
    char next[FQP_VERDICT_NEXT][FQP_VERDICT_TEXT]; /* what to do, most useful first */
    struct {
        const char *cause;
        double score;
    } other[FQP_VERDICT_CAUSES]; /* the other causes with a score of 0.1 or more, highest first */
} fqp_verdict;

/* FQP_E_SHAPE: arrays that do not agree; FQP_E_NOMEM.  Any thread. */
FQP_API fqp_status fqp_verdict_judge(fqp_ctx *ctx, const fqp_evidence *evidence, fqp_verdict *out);

/* The table, in the order in which causes are looked at; NULL past the end.  *doc: what it means, one line. */
FQP_API const char *fqp_verdict_cause(size_t i, const char **doc);

/* All frames of one probe of a live monitor; *bands borrows from *owner, which is released with fqp_array_free. */
FQP_API fqp_status fqp_verdict_bands(fqp_ctx *ctx, const fqp_monitor *monitor, size_t probe, fqp_array *owner,
                                     fqp_bands *bands);

#ifdef __cplusplus
}
#endif
#endif
