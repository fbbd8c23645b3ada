/* trainer.h - the inside of a trainer: data in the engine's form, the plan of a step, and the state that a checkpoint
 * keeps. */
#ifndef FQPI_TRAINER_H
#define FQPI_TRAINER_H

#include "cut.h"
#include "fail.h"
#include "loss.h"
#include "net.h"
#include "optimizer.h"
#include "schedule.h"
#include "user.h"
#include <fqp/train.h>

enum { FQPI_MEMO = 8 }; /* numbers a whole-vector optimiser keeps */

typedef enum fqpi_phase {
    FQPI_PHASE_TRAIN,
    FQPI_PHASE_EVAL,
    FQPI_PHASE_OBSERVE,
    FQPI_PHASE_CHECKPOINT,
    FQPI_PHASES
} fqpi_phase;

/* Why a stretch of steps ended. */
typedef enum fqpi_halt {
    FQPI_GOING,
    FQPI_FRAME,     /* the loss has changed so much that an adaptive schedule wants a frame */
    FQPI_STOPPED,   /* a stop rule, or the observer's word */
    FQPI_CONVERGED, /* the line search finds nothing better */
    FQPI_SAVE,      /* a checkpoint is due */
    FQPI_INTERRUPTED,
    FQPI_DIVERGED,
    FQPI_FAILED /* a user's objective, stream or optimiser: t->parts.failed */
} fqpi_halt;

/* What the samples of a step add up to. */
typedef struct fqpi_outcome {
    double loss;
    int64_t hits;
} fqpi_outcome;

enum { FQPI_CHUNK_ROWS = 24, FQPI_CHUNK_BYTES = 96 << 10 }; /* rows of a layer whose gradient is made together */

/* Where the first bad number was born. */
typedef struct fqpi_fault {
    int64_t step;
    int layer;        /* from 0; -1: of none, model.numbers */
    const char *what; /* "parameters", "activations", "gradient"; NULL: only the loss is known to be bad */
} fqpi_fault;

/* What one thread has to itself. */
typedef struct fqpi_member {
    _Alignas(64) fqpi_tiles tiles; /* of the present wave, all members' */
    bool loaded;                   /* its tiles of the whole set are in the tape */
    int64_t hits;
    fqpi_fault bad,
        faint;       /* first parameter that is not finite, first gradient below the normal numbers; what NULL: none */
    void *gradient;  /* of a chunk of rows */
    void *lanes;     /* see fqpi_lanes_bytes */
    void *criterion; /* see fqpi_criterion_scratch */
    void *pack;      /* see fqpi_pack_bytes; NULL: no layer is that large */
    fqpi_tape eval;  /* one tile of points to predict */
    void *predict;   /* see fqpi_predict_bytes */
    void *rows;      /* [a tile][x_row] inputs of the first layer, where they are not kept; else NULL */
} fqpi_member;

typedef struct fqpi_shallow fqpi_shallow;
typedef struct fqpi_spectral fqpi_spectral;

/* One thread or all?  Found out while training, since the bits are the same (pace.c). */
typedef struct fqpi_pace {
    int rounds[2];  /* measured with one thread, with all */
    double best[2]; /* seconds of a step */
    int chosen;     /* threads; 0: not decided */
} fqpi_pace;

/* Sums over the batches since the last frame, and over the running epoch (mini-batches). */
typedef struct fqpi_tally {
    double loss, samples, hits;
} fqpi_tally;

/* The last frame that an adaptive schedule asked for, and the loss it was judged by; step -1: none yet. */
typedef struct fqpi_mark {
    int64_t step;
    double loss;
} fqpi_mark;

/* All that changes while training, besides parameters and optimiser vectors: a checkpoint holds exactly this. */
typedef struct fqpi_progress_state {
    int64_t step;
    int64_t recorded;      /* last step shown to the observer; -1: none */
    double loss, accuracy; /* of the last gradient; what a frame shows with full batches */
    double seconds[FQPI_PHASES];
    fqpi_tally frame, epoch;
    fqpi_mark mark;
    double memo[FQPI_MEMO];
    bool finishing; /* the optimiser is that of train.finish */
} fqpi_progress_state;

/* A copy of parameters and state to fall back to when the numbers leave the finite ones. */
typedef struct fqpi_snapshot {
    void *block; /* parameters, then optimiser vectors; NULL: not made */
    fqpi_progress_state now;
} fqpi_snapshot;

/* The network that is subtracted (start.c); all NULL: none. */
typedef struct fqpi_start {
    void *w;         /* [parameters] as the trainer got them */
    const double *y; /* [n, m] targets as they were given */
    double *f;       /* [n, m] f_0 at the training points */
    void *f_eval;    /* [n_eval, m] at the observer's points, in the model's precision */
} fqpi_start;

/* Where the loop of run.c stands. */
typedef struct fqpi_loop {
    fqpi_halt halt;
    fqp_status status; /* of the observer or of a checkpoint */
    bool first;        /* the frame of the present step comes before any step */
} fqpi_loop;

struct fqp_trainer {
    fqp_ctx *ctx;
    fqp_model *net;
    fqp_train_opts opts;
    uint64_t seed;
    const fqpi_optimizer *optimizer;
    const fqpi_schedule_row *schedule;
    fqpi_criterion criterion;

    /* data: x [n][x_row] inputs of the first layer in the model's precision, rows padded with zeros; NULL: too many to
     * keep, made from the points tile by tile */
    int64_t n, x_row;
    fqp_view points; /* [n, d] the data set's own */
    const void *x;
    const double *y;       /* [n, m] */
    const int64_t *labels; /* [n]; NULL: regression */
    void *x_own;           /* x and y where the data set's own arrays do not serve */
    double *y_own;
    fqpi_start start; /* of train.subtract_start; y holds the targets plus f_0 then */

    /* plan */
    int64_t batch, per_epoch;     /* samples of a batch; steps of an epoch */
    fqpi_waves whole, part, rest; /* of the data set, of a batch, of an epoch's last batch */
    const struct fqpi_path *path; /* how a step is taken (path.h) */
    struct fqpi_shallow *shallow; /* room of shallow.c; NULL on other paths */
    int members, dealt;           /* threads there may be, and among which tiles are dealt now */
    fqpi_pace pace;
    fqpi_member *member; /* [members] */
    void *member_block;
    fqpi_tape tape; /* of a wave */
    void *tape_block;
    int64_t *at;          /* [capacity] rows of the data set in the wave */
    double *targets;      /* [m][ld] panels, tile by tile */
    int64_t *wave_labels; /* [capacity] */
    double *losses;       /* [capacity] of the samples */
    int64_t stride;       /* of optimiser vectors, in elements */
    void *gradient;       /* [stride] where it has to be kept */
    void *state;          /* [vectors][stride] of the optimiser */
    int64_t vectors;
    struct fqpi_least_squares *least; /* of minimise.c; NULL: not needed */
    struct fqpi_slope_work *slopes;   /* of slopes.c; NULL: the network has none */
    struct fqpi_sampling *sampling;   /* of sampling.c; NULL: batches are shuffled */
    struct fqpi_kfac *kfac;           /* of kfac.c; NULL: not needed */
    fqpi_spectral *spectral;          /* of spectral.c; NULL: the loss is one of samples */
    size_t bytes;                     /* of all this */

    fqpi_progress_state now;
    bool known;            /* the step at the present parameters is prepared in the tape */
    fqpi_outcome prepared; /* its loss and hits */
    double last_finite;
    double judged; /* the loss that rules saw last: of a step with full batches, of an epoch with mini-batches */
    fqpi_fault fault;
    fqpi_snapshot snapshot;
    fqpi_loop loop;
    bool in_population; /* one of many: progress and interrupts are told by the population */

    /* observer */
    fqp_observer_fn observer;
    void *user;
    fqp_schedule when;
    int64_t n_eval;
    void *x_eval;          /* [n_eval][x_row]; NULL: made tile by tile */
    fqp_array points_eval; /* [n_eval, d] then */
    void *prediction;      /* [n_eval, m] */
    bool frame_ready;      /* prediction and loss belong to the present step */

    fqpi_user parts;

    char *checkpoint;  /* path; NULL: none */
    double saved_at;   /* clock */
    double began;      /* clock when the present stretch of steps began */
    double peak;       /* range of the targets where the loss is their mean square error, else 0 */
    double share;      /* of train.seconds that is spent; 0 without a limit */
    double next_share; /* the same as member 0 saw it last */
    fqpi_progress progress;
};

/* ---- run.c: the loop in verbs, which a population speaks to many trainers at once ------------------ */

/* Does the schedule, or the end of training, ask for a frame at this step?  Adaptive: has it asked for one here? */
bool fqpi_loop_scheduled(const fqp_trainer *t, int64_t step);
fqp_status fqpi_loop_begin(fqp_trainer *t);
bool fqpi_loop_going(const fqp_trainer *t);     /* something is left to do */
int64_t fqpi_loop_target(const fqp_trainer *t); /* the step of the next event */
/* Towards the target, or onto it.  May be called on any thread: it reports no problem and calls no observer. */
void fqpi_loop_advance(fqp_trainer *t, int64_t until);
/* After an advance that reached the target or was halted: frame, copy to fall back to, checkpoint. */
void fqpi_loop_attend(fqp_trainer *t);
fqp_status fqpi_loop_end(fqp_trainer *t);

/* fault.c: the first layer whose parameters or outputs left the finite numbers, into t->fault; and what the message of
 * a divergence says. */
void fqpi_fault_find(fqp_trainer *t);
void fqpi_fault_note(fqpi_member *own, unsigned flags, int64_t step, int64_t layer); /* what an update saw */
fqpi_fault fqpi_fault_faint(const fqp_trainer *t); /* the first gradient below the normal numbers */
bool fqpi_fault_known(const fqp_trainer *t);       /* by any member; asked when no update is on its way */
enum { FQPI_FAULT_TEXT = 192 };
void fqpi_fault_text(const fqp_trainer *t, char *buf, size_t size);

/* recording.c: the first step after `step` that is recorded (INT64_MAX: none is known beforehand), and: does an
 * adaptive schedule want a frame at this loss, after one at `last`? */
int64_t fqpi_schedule_next(const fqp_schedule *s, int64_t step, int64_t per_epoch);
bool fqpi_schedule_due(const fqp_schedule *s, double loss, double last);

/* ---- engine.c: one stretch of steps as one job of the team ---------------------------------------- */

/* Step until `until`; when it is reached (or a rule stops training) and record is set, loss and predictions are those
 * of the present parameters and frame_ready is set.  quiet: no stop rules, interrupts, progress. */
fqpi_halt fqpi_advance(fqp_trainer *t, int64_t until, bool record, bool quiet);
/* Loss and hits of the whole training set into now.loss, now.accuracy; its gradient into t->gradient when asked. */
void fqpi_measure(fqp_trainer *t, bool gradient);
double fqpi_learning_rate(const fqp_trainer *t, int64_t step);
double fqpi_seconds_done(const fqp_trainer *t); /* of training, the running stretch included */
/* For progress: what the loss is worth; and work done and in all, in seconds where time is what ends training. */
enum { FQPI_DETAIL = 64 };
void fqpi_loop_detail(const fqp_trainer *t, char *buf, size_t size);
double fqpi_loop_done(const fqp_trainer *t, int64_t steps_done);
double fqpi_loop_total(const fqp_trainer *t);
const char *fqpi_loop_unit(const fqp_trainer *t);
int64_t fqpi_chunk_rows(const fqp_trainer *t, int64_t in); /* of a layer with so many inputs */

/* ---- start.c: train.subtract_start ---------------------------------------------------------------- */

fqp_status fqpi_start_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o);
fqp_status fqpi_start_open(fqp_trainer *t);                   /* the present parameters are the start; targets stand */
fqp_status fqpi_start_observe(fqp_trainer *t);                /* the observer's points stand */
fqp_status fqpi_start_restore(fqp_trainer *t, const void *w); /* the start was w [parameters] */
void fqpi_start_lower(const fqp_trainer *t, int64_t from, int64_t past); /* these numbers of t->prediction */
void fqpi_start_close(fqp_trainer *t);

/* ---- pace.c: how many threads --------------------------------------------------------------------- */

int fqpi_pace_members(const fqp_trainer *t);                /* for the next steps */
int fqpi_pace_eval_members(const fqp_trainer *t);           /* for the points of a frame */
int64_t fqpi_pace_steps(const fqp_trainer *t, int members); /* to be done before asking again */
void fqpi_pace_took(fqp_trainer *t, int members, double seconds, int64_t steps);

/* Every step sees the whole data set. */
static inline bool fqpi_full_batch(const fqp_trainer *t) {
    return t->batch == t->n && !t->parts.stream;
}
/* Steps are prepared by user_step.c. */
static inline bool fqpi_user_steps(const fqp_trainer *t) {
    return t->parts.groups.source != NULL;
}

/* ---- minimise.c: optimisers that want the whole vector -------------------------------------------- */

/* What such an optimiser cannot serve, with the reason; n training points. */
fqp_status fqpi_minimise_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o,
                               const fqpi_optimizer *row);
/* Work space of t, whose data and plan stand; nothing for optimisers that need none. */
fqp_status fqpi_minimise_open(fqp_trainer *t);
void fqpi_minimise_close(fqp_trainer *t);
/* The same for the residuals of groups of points, in the place of those of the data set. */
fqp_status fqpi_minimise_check_groups(const fqp_trainer *t, const fqp_groups *groups);
fqp_status fqpi_minimise_open_groups(fqp_trainer *t, const fqp_groups *given, const fqpi_groups *groups);
/* Step until `until`; after() (NULL: none) is asked after every step and may end the stretch. */
fqpi_halt fqpi_minimise(fqp_trainer *t, int64_t until, fqpi_halt (*after)(fqp_trainer *t));

/* ---- last_layer.c: the last layer as the solution of linear equations ------------------------------ */

fqp_status fqpi_last_layer_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o);
fqp_status fqpi_last_layer_solve(fqp_trainer *t);

/* ---- spectral.c: losses of the transform of the whole error --------------------------------------- */

/* Points and batches that such a loss cannot serve, with the reason. */
fqp_status fqpi_spectral_check(fqp_ctx *ctx, const fqp_dataset *data, const fqp_train_opts *o);
/* Puts the loss in the place of a user's objective; nothing for losses of samples. */
fqp_status fqpi_spectral_open(fqp_trainer *t, const fqp_dataset *data);
void fqpi_spectral_close(fqp_trainer *t);
bool fqpi_spectral_judges(const fqp_trainer *t); /* no user's objective has taken its place */

extern const fqp_train_opts fqpi_train_defaults;

#endif
