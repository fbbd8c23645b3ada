/* journal.h - anyone's run while it goes on: predictions in, run directory out, and what fqp can say about it so far.
 *
 * A journal owns the monitor of the training points, that of held-out points where there are some, and the run
 * directory into which every frame goes as it comes.  fqp_analyze, fqp watch and the Python door are loops around it.
 * A journal and its context belong to one thread at a time. */
#ifndef FQP_JOURNAL_H
#define FQP_JOURNAL_H

#include <fqp/array.h>
#include <fqp/config.h>
#include <fqp/monitor.h>
#include <fqp/stopping.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_journal_setup {
    const char *dir;          /* run directory; NULL: a temporary one that goes with the journal */
    bool replace;             /* remove a finished run in dir first */
    bool resume;              /* go on with the run in dir: frames after the last one there are added */
    fqp_view x, y;            /* training points [n,d] and targets [n,m]; copied */
    fqp_view held_x, held_y;  /* held-out points [h,d] and targets [h,m]; data NULL: none */
    const fqp_config *config; /* its monitor sections are used; NULL: defaults, and the probe that suits the points */
    const char *title, *command, *origin; /* for the manifest; NULL: none.  origin says where the arrays came from */
    size_t nterms;                        /* parts of the loss that every moment brings, "equation", "boundary", ... */
    const char *const *term;              /* [nterms] their names */
} fqp_journal_setup;

typedef struct fqp_journal fqp_journal;

/* Shapes, grids and directory are checked before anything is written. */
FQP_API fqp_status fqp_journal_create(fqp_ctx *ctx, const fqp_journal_setup *setup, fqp_journal **out);
/* Ends the run directory as fqp_journal_end(j, "done") would, when that was not called. */
FQP_API void fqp_journal_destroy(fqp_journal *j);

/* One look at the network.  {.seconds = NAN, .loss = NAN, .lr = NAN} where that is not known. */
typedef struct fqp_moment {
    int64_t step;
    double seconds;      /* of training so far; NaN: not known */
    fqp_view prediction; /* [n,m], or [n] when m = 1; f32 or f64 */
    fqp_view held;       /* [h,m]; data NULL: not at this moment (all or none of the moments) */
    double loss;         /* NaN: the mean square of prediction - y */
    double lr;           /* learning rate; NaN: not known */
    const double *term;  /* [nterms] */
} fqp_moment;

/* Steps must increase (FQP_E_ARG, nothing recorded).  A prediction with NaN or infinity is marked - step and reason in
 * the manifest, *fqp_journal_mark - and no frame is recorded; the answer is FQP_OK and the journal goes on.  Another
 * shape than announced is FQP_E_SHAPE. */
FQP_API fqp_status fqp_journal_observe(fqp_journal *j, const fqp_moment *moment);

FQP_API size_t fqp_journal_frames(const fqp_journal *j);
/* Moments that could not be used, in their order; NULL past the end. */
FQP_API const char *fqp_journal_mark(const fqp_journal *j, size_t i, int64_t *step);
FQP_API const char *fqp_journal_dir(const fqp_journal *j);
/* Borrowed; held: that of the held-out points, NULL without them. */
FQP_API const fqp_monitor *fqp_journal_monitor(const fqp_journal *j, bool held);

/* summary.json of what is there so far: captures, rates, forecasts, verdict, when to stop, warnings
 * (docs/reference/run-directory.md).  *json is released with free(); NULL: only the file is written. */
FQP_API fqp_status fqp_journal_summary(fqp_journal *j, char **json);
/* Should training end now, by the rule of stopping.h?  Needs held-out points, else never.  *why (may be NULL): a
 * sentence with the numbers, borrowed until the next moment. */
FQP_API bool fqp_journal_should_stop(const fqp_journal *j, const char **why);
/* ... and the step whose network to keep, which lies before the last one. */
FQP_API fqp_stop fqp_journal_stop(const fqp_journal *j);

/* Summary and status ("done", "interrupted", "diverged", "failed") into the directory; frames can no longer be added.
 */
FQP_API fqp_status fqp_journal_end(fqp_journal *j, const char *status);

#ifdef __cplusplus
}
#endif
#endif
