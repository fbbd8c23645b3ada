/* train.h - losses, optimisers, the loop and its observers.
 *
 * Two heights: fqp_fit() trains in one call; a trainer is the handle for a planned step, its loop, and what a user puts
 * in its place: objectives, streams of data, optimisers.  Different contexts may be used from different threads at the
 * same time; one context and what was made with it belong to one thread at a time. */
#ifndef FQP_TRAIN_H
#define FQP_TRAIN_H

#include <fqp/data.h>
#include <fqp/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "train". */
typedef struct fqp_train_opts {
    int loss;          /* mse | mae | huber | cross_entropy | l4 | logcosh | lp | spectral | sobolev | focal */
    double loss_param; /* huber delta, p of lp, sobolev's factor of the derivative, focal's power */
    double loss_power; /* s of spectral: weight k^(2s) at index k of the transform */
    int optimizer;     /* gd | momentum | nesterov | adam | adamw | rmsprop | lbfgs | lm | sign | least_squares |
                          natural | kfac */
    double lr, beta1, beta2, eps, momentum;
    double weight_decay; /* L2 in the gradient, decoupled for adamw */
    int finish;          /* none | lbfgs | lm: the optimiser of the last finish_steps steps */
    int64_t finish_steps;
    int64_t memory;          /* lbfgs pairs */
    double damping;          /* lm: of the first step; natural: of all; kfac: added to the curvature */
    fqp_reals lr_layers;     /* of the layers of weights, times lr; empty: all 1 */
    fqp_reals lr_branches;   /* of what branches have to themselves, times lr; empty: all 1 */
    double lr_slopes;        /* learning rate of trained slopes, times lr; 0: they keep their values to the bit */
    double slope_recovery;   /* c of c S(a) added to the loss, S = 1/mean_l exp(mean_i a_l,i) over hidden layers l and
                                neurons i (Jagtap et al. 2020b, eq. 9) */
    int64_t kfac_every;      /* kfac: steps between two looks at the curvature */
    double kfac_clip;        /* kfac: largest square of a step by the curvature; 0: any */
    double cutoff;           /* least_squares: singular values below this part of the largest count as 0 */
    int schedule;            /* constant | step | exponential | cosine | inverse_time */
    double schedule_rate;    /* step, exponential: factor; inverse_time: decay per step */
    int64_t schedule_every;  /* steps per factor (step, exponential); 0: total steps */
    int64_t warmup;          /* steps of linear warm-up */
    int64_t batch;           /* 0: full batch */
    int sampling;            /* shuffle | residual | detail: points of a mini-batch by their error, or by how fast the
                                target changes there, drawn with repetition */
    int64_t sampling_every;  /* residual: steps between two looks at all errors */
    double sampling_even;    /* part of the draws that goes to all points alike */
    bool sampling_unbiased;  /* losses divided by n times the probability of their point */
    int64_t steps;           /* at most this many optimiser steps ... */
    int64_t epochs;          /* ... or passes over the data, when > 0 */
    double seconds;          /* stop after so many seconds of training, those of resumed parts included; 0: never */
    double stop_loss;        /* stop when the training loss falls below; 0: never */
    double stop_accuracy;    /* stop when training accuracy reaches this; 0: never */
    double checkpoint_every; /* seconds between checkpoints; 0: only at the end and on interrupt */
    int64_t stages;          /* networks trained one after another at most, whose sum is the fit; 1: one, as usual */
    int stage_kind;          /* residue | scales | bands: what the next network is for */
    fqp_ints stage_steps;    /* steps of each stage, the last number for all further ones; empty: steps */
    double band_width;       /* bands: width of one, cycles per unit */
    double band_energy;      /* bands: those with a smaller share of the target's energy are left out */
    bool subtract_start;     /* learn and show f - f_0, f_0 the network as the trainer got it; linear outputs only */
} fqp_train_opts;

extern const fqp_section fqp_train_section;

typedef struct fqp_trainer fqp_trainer;

/* What an observer sees.  Pointers are valid during the call. */
typedef struct fqp_frame {
    int64_t step;        /* optimiser steps done */
    double epoch;        /* passes over the data done */
    double seconds;      /* training time so far, over resumed parts too, recording excluded */
    double loss;         /* training loss of the whole training set at these parameters when full batch, else the
                            mean over the batches since the last frame; at step 0 always the whole set */
    double accuracy;     /* training accuracy likewise; NaN for regression */
    fqp_view prediction; /* [n_eval, m] at the observer's points, in the model's precision */
} fqp_frame;

/* Set *stop to end training after this frame.  A failing status ends training with it. */
typedef fqp_status (*fqp_observer_fn)(void *user, const fqp_frame *frame, bool *stop);

/* When to record: "every:10", "log:30" (about 30 frames a decade, integers 1, 2, 3, ...), "epoch:1", "steps:0,10,100",
 * "adaptive:0.1" (whenever the training loss has changed by a tenth since the last frame, |ln(loss/last)| >= ln 1.1).
 * Step 0 and the last step are always recorded. */
typedef struct fqp_schedule {
    int kind;
    int64_t every;
    fqp_ints steps;
    double change; /* adaptive: the fraction; 0 for the other kinds */
} fqp_schedule;
FQP_API fqp_status fqp_schedule_parse(fqp_ctx *ctx, const char *text, fqp_origin origin, fqp_schedule *out);
FQP_API void fqp_schedule_release(fqp_schedule *s);
/* Is `step` recorded, with `per_epoch` steps to an epoch?  adaptive: step 0 only, the rest is seen while training. */
FQP_API bool fqp_schedule_hits(const fqp_schedule *s, int64_t step, int64_t per_epoch);

/* Model and data are borrowed and must outlive the trainer; opts are copied.  seed drives batch order. */
FQP_API fqp_status fqp_trainer_create(fqp_ctx *ctx, fqp_model *model, const fqp_dataset *data,
                                      const fqp_train_opts *opts, uint64_t seed, const fqp_config *conf,
                                      fqp_trainer **out);
FQP_API void fqp_trainer_destroy(fqp_trainer *t);

/* Record predictions at x_eval [n_eval, d] (copied) by schedule (copied). One observer per trainer. */
FQP_API fqp_status fqp_trainer_observe(fqp_trainer *t, fqp_view x_eval, const fqp_schedule *when, fqp_observer_fn fn,
                                       void *user);

/* Write a checkpoint here every opts.checkpoint_every seconds, on interrupt, on divergence and at the end. */
FQP_API fqp_status fqp_trainer_checkpoints(fqp_trainer *t, const char *path);

/* Train until steps, epochs, a stop rule, the observer's word, or an interrupt.  With opts.seconds the schedule of the
 * learning rate follows the time where that is ahead of the steps, so the result depends on the machine.  Stop rules
 * look at the loss of every step with full batches, at the mean over an epoch with mini-batches; lbfgs and lm also end
 * where no better point is found. FQP_E_DIVERGED names the step, the last finite loss and lr, and leaves the trainer at
 * the last copy of a finite state (some 100 steps apart with frames, 1000 without); FQP_E_INTERRUPTED after saving. May
 * be called again to go on after an interrupt. */
FQP_API fqp_status fqp_trainer_run(fqp_trainer *t);

/* n optimiser steps without observers, checkpoints or stop rules; loss of the last step's batch (before its update)
 * into *loss.  Nothing is allocated. */
FQP_API fqp_status fqp_trainer_step(fqp_trainer *t, int64_t n, double *loss);

FQP_API int64_t fqp_trainer_steps_done(const fqp_trainer *t);
/* Steps that one run would take: steps, or epochs times batches. */
FQP_API int64_t fqp_trainer_steps_total(const fqp_trainer *t);
/* Seconds spent so far by phase: "train", "eval", "observe", "checkpoint". NULL past the end. */
FQP_API const char *fqp_trainer_phase(const fqp_trainer *t, size_t i, double *seconds);

/* Loss and flat gradient of the whole training set at the current parameters; grad [parameter_count] f64. */
FQP_API fqp_status fqp_trainer_gradient(fqp_trainer *t, double *loss, double *grad);

/* Parameters, optimiser state, step, batch order: training on from it gives the same bits as never having stopped. The
 * file is an npz, written whole and renamed.  Restoring checks that model, data shape and optimiser are the same. */
FQP_API fqp_status fqp_trainer_save(const fqp_trainer *t, const char *path);
FQP_API fqp_status fqp_trainer_restore(fqp_trainer *t, const char *path);

/* ---- many networks at once ------------------------------------------------------------------------------------- */

/* Run n trainers of one context as one computation, each as fqp_trainer_run would, with the same bits as alone.  Each
 * is stepped by one thread at a time, so that its parameters stay in that thread's cache; observers are called on the
 * calling thread, one after another.  statuses [n] (may be NULL) receives how each ended.  A member that diverges
 * leaves the others running; the answer is the first status that is not FQP_OK, an interrupt before a divergence. */
FQP_API fqp_status fqp_population_run(fqp_ctx *ctx, size_t n, fqp_trainer *const *trainers, fqp_status *statuses);

/* ---- the plan of a step ---------------------------------------------------------------------------------------- */

typedef struct fqp_plan {
    const char *path;   /* "layers", "shallow" (two-layer networks), "jets" (objectives with derivatives) */
    const char *kernel; /* processor level */
    int threads;        /* that steps use; chosen by measurement while training when the context has several */
    bool measured;      /* the measurement is complete */
    double ms[2];       /* measured milliseconds of a step on one thread, on all; NaN: not measured */
    int64_t wave;       /* samples whose activations are held at a time; a batch is one or several waves */
    size_t bytes;       /* memory of the trainer */
    int64_t faint_step; /* first step with a gradient below the normal numbers of the precision; -1: none so far */
    int faint_layer;    /* ... and its layer, from 0 */
} fqp_plan;
FQP_API fqp_plan fqp_trainer_plan(const fqp_trainer *t);

/* ---- a user's own objective, data and optimiser ---------------------------------------------------------------- */

/* Called on the thread that steps the trainer: the caller's; in a population any thread of the context, so trainers
 * that share what `user` points to must expect calls at the same time. */

/* What an objective sees: network outputs at the n points of this step, and derivatives to the order it asked for.
 * Borrowed, valid during the call, all f64. */
typedef struct fqp_batch {
    int64_t step, n;
    fqp_view x;           /* [n, d] */
    fqp_view y;           /* [n, m] targets of the data set or the stream; no data when there are none */
    fqp_view u;           /* [n, m] */
    fqp_view u_x, u_xx;   /* [n, m, d] du/dx_i and d2u/dx_i2; no data below order 1, 2 */
    double *du;           /* [n, m] to be filled: dloss/du.  Zero on entry. */
    double *du_x, *du_xx; /* [n, m, d] likewise; NULL below order 1, 2 */
} fqp_batch;
/* The loss of the batch into *loss, its derivatives into the adjoints.  A failing status ends training with it. */
typedef fqp_status (*fqp_objective_fn)(void *user, const fqp_batch *batch, double *loss);
/* Minimise this instead of train.loss.  order 0: values; 1, 2: with derivatives by inputs (order + 1 derivatives of the
 * activation are needed: a network that lacks them is refused here).  Not with lbfgs and lm. */
FQP_API fqp_status fqp_trainer_objective(fqp_trainer *t, int order, fqp_objective_fn fn, void *user);

/* Fill the next batch: x [n, d], y [n, m] (f64).  A failing status ends training with it. */
typedef fqp_status (*fqp_stream_fn)(void *user, int64_t step, int64_t n, double *x, double *y);
/* Draw every batch of n points from here instead of from the data set. */
FQP_API fqp_status fqp_trainer_stream(fqp_trainer *t, int64_t n, fqp_stream_fn fn, void *user);

/* Groups: points of a step that are asked for the same derivatives, each group for its own.  A differential equation
 * has one a piece: inside for u_t and u_xx, on the border for u alone (objective.h). */
typedef struct fqp_group {
    int64_t most;                /* places for points */
    size_t count;                /* derivatives of every output ... */
    const fqp_derivative *which; /* ... [count] */
    int64_t rows;                /* residuals of the group at most, all points together (least squares alone) */
    int64_t span;                /* neighbouring points that one of them looks at, at most; 0: as 1 */
} fqp_group;

typedef struct fqp_group_batch {
    int64_t n;       /* points of this step */
    double *x;       /* [n, d] */
    const double *u; /* [n, m, count] */
    double *du;      /* [n, m, count] dloss/du, to be filled; zero on entry */
} fqp_group_batch;

typedef struct fqp_groups {
    size_t count;
    const fqp_group *group; /* [count], copied with all it points to */
    /* Set n (at most `most`) and x of every batch; *changed: something is not as in the last call.  Step -1: outside
     * training (a gradient or loss is asked for), like the last step. */
    fqp_status (*draw)(void *user, int64_t step, fqp_group_batch *batch, bool *changed);
    /* The loss and its derivatives by all u and by the model's further numbers [numbers] (zero on entry). */
    fqp_status (*objective)(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                            double *dnumbers, double *loss);
    /* The loss as a sum of squares, sum over groups and rows of r^2, weights in r: group g's r [rows], their
     * derivatives dr [rows, span, m, count] by the u of the points that they look at, and dnumbers [rows, numbers];
     * zero on entry. The n points are n/span neighbourhoods, the first `span` points, the next, ..., and the rows are
     * shared evenly among these: row i looks at neighbourhood i n/(span rows).  (An equation at every point: span 1,
     * rows n; two equations: rows 2n, those of a point together; periodic pairs: span 2, rows n/2; one integral over
     * all points: span n.)  NULL: the loss is none; lm is refused. */
    fqp_status (*residuals)(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *numbers,
                            int64_t *rows, int64_t *span, double *r, double *dr, double *dnumbers);
    /* What of the user's own goes into checkpoints, so that a resumed run has the same bits: how many numbers, written
     * to v unless that is NULL; and back.  Both NULL: nothing. */
    size_t (*state)(void *user, double *v);
    fqp_status (*restore)(void *user, const double *v, size_t n);
    void *user;
} fqp_groups;
/* Minimise this instead of train.loss; the data set's points are not used.  With gd, momentum, nesterov, adam, adamw,
 * rmsprop, sign and an own optimiser; with lbfgs where points stay the same from step to step (it begins anew where
 * draw says changed); with lm, Gauss-Newton steps on the residuals (for small networks in f64). */
FQP_API fqp_status fqp_trainer_groups(fqp_trainer *t, const fqp_groups *groups);
/* For weights that follow the training, at the present parameters and the points of the last step (asked from within
 * `draw`: the points as they are then, so that it can ask before or after it moves them): norm [groups] of the
 * gradient of each group's part of the loss (adjoints of the other groups taken as 0); trace [groups] = mean over the
 * group's residuals of the squared norm of dr_i/dparameters, from every stride-th residual (needs `residuals`). */
FQP_API fqp_status fqp_trainer_group_norms(fqp_trainer *t, double *norm);
FQP_API fqp_status fqp_trainer_group_traces(fqp_trainer *t, int64_t stride, double *trace);

/* w [n] <- a step along gradient g [n], both in the model's precision; step counts from 1, lr follows the schedule.  A
 * failing status ends training with it.  State is the user's own; checkpoints do not hold it. */
typedef fqp_status (*fqp_optimizer_fn)(void *user, int64_t step, double lr, int64_t n, void *w, const void *g);
/* Update parameters by this instead of by train.optimizer. */
FQP_API fqp_status fqp_trainer_optimizer(fqp_trainer *t, fqp_optimizer_fn fn, void *user);

/* ---- one call -------------------------------------------------------------------------------------------------- */

typedef struct fqp_fitted {
    int64_t steps;
    double loss;    /* of the training set after the last step */
    double seconds; /* of training */
} fqp_fitted;
/* Train a new network on x [n, d], y [n, m].  model, train NULL: defaults.  monitor (may be NULL) is shown predictions
 * at x by the schedule `record` (NULL: "log:30").  *out is the caller's; also after FQP_E_DIVERGED and
 * FQP_E_INTERRUPTED. result may be NULL. */
typedef struct fqp_monitor fqp_monitor;
FQP_API fqp_status fqp_fit(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_model_opts *model,
                           const fqp_train_opts *train, uint64_t seed, fqp_monitor *monitor, const char *record,
                           fqp_model **out, fqp_fitted *result);

FQP_API const char *fqp_loss_name(size_t i, const char **doc);
FQP_API const char *fqp_optimizer_name(size_t i, const char **doc);
FQP_API const char *fqp_finish_name(size_t i, const char **doc);
FQP_API const char *fqp_stage_kind_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
