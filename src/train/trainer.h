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
    FQPI_STOPPED,   /* a stop rule, or the observer's word */
    FQPI_CONVERGED, /* the line search finds nothing better */
    FQPI_SAVE,      /* a checkpoint is due */
    FQPI_INTERRUPTED,
    FQPI_DIVERGED
} fqpi_halt;

/* What one slot of samples adds up to; a cache line each. */
typedef struct fqpi_slot_sum {
    _Alignas(64) double loss;
    int64_t hits;
} fqpi_slot_sum;

/* Work space of one thread. */
typedef struct fqpi_member {
    fqpi_work work;
    int64_t *at; /* [ld] rows of the data set in this tile */
    void *rows;  /* [ld][x_row] their inputs, gathered; unused with full batches */
} fqpi_member;

/* Sums over the batches since the last frame, and over the running epoch (mini-batches). */
typedef struct fqpi_tally {
    double loss, samples, hits;
} fqpi_tally;

/* All that changes while training, besides parameters and optimiser vectors: a checkpoint holds exactly this. */
typedef struct fqpi_progress_state {
    int64_t step;
    int64_t recorded;      /* last step shown to the observer; -1: none */
    double loss, accuracy; /* of the last gradient; what a frame shows with full batches */
    double seconds[FQPI_PHASES];
    fqpi_tally frame, epoch;
    double memo[FQPI_MEMO];
} fqpi_progress_state;

/* A copy of parameters and state to fall back to when the numbers leave the finite ones. */
typedef struct fqpi_snapshot {
    void *block; /* parameters, then optimiser vectors; NULL: not made */
    fqpi_progress_state now;
} fqpi_snapshot;

struct fqp_trainer {
    fqp_ctx *ctx;
    fqp_model *net;
    fqp_train_opts opts;
    uint64_t seed;
    const fqpi_optimizer *optimizer;
    const fqpi_schedule_row *schedule;
    fqpi_criterion criterion;

    /* data: x [n][x_row] in the model's precision, rows padded with zeros */
    int64_t n, x_row;
    const void *x;
    const double *y;       /* [n, m] */
    const int64_t *labels; /* [n]; NULL: regression */
    void *x_own;           /* x and y where the data set's own arrays do not serve */
    double *y_own;

    /* plan */
    int64_t batch, per_epoch;   /* samples of a batch; steps of an epoch */
    fqpi_cut whole, part, rest; /* cut of the data set, of a batch, of an epoch's last batch */
    int members;
    double alone;        /* multiplications of a pass below which a second thread is not woken */
    fqpi_member *member; /* [members] */
    void *member_block;
    int64_t stride; /* of gradients and optimiser vectors, in elements */
    void *slots;    /* [slots][stride] gradients of slots */
    void *gradient; /* [stride] their sum */
    void *state;    /* [vectors][stride] of the optimiser */
    int64_t vectors;
    struct fqpi_least_squares *least; /* of minimise.c; NULL: not needed */
    fqpi_slot_sum sum[FQPI_SLOTS_MAX];

    fqpi_progress_state now;
    bool known; /* the slots hold the gradient at the present parameters (full batch) */
    double last_finite;
    fqpi_snapshot snapshot;

    /* observer */
    fqp_observer_fn observer;
    void *user;
    fqp_schedule when;
    int64_t n_eval;
    void *x_eval;     /* [n_eval][x_row] */
    void *prediction; /* [n_eval, m] */
    bool frame_ready; /* prediction and loss belong to the present step */

    char *checkpoint; /* path; NULL: none */
    double saved_at;  /* clock */
    fqpi_progress progress;
};

/* ---- engine.c: one stretch of steps as one job of the team ---------------------------------------- */

/* Step until `until`; when it is reached (or a rule stops training) and record is set, loss and predictions are those
 * of the present parameters and frame_ready is set.  quiet: no stop rules, interrupts, progress. */
fqpi_halt fqpi_advance(fqp_trainer *t, int64_t until, bool record, bool quiet);
/* Loss and hits of the whole training set into now.loss, now.accuracy; its gradient into t->gradient when asked. */
void fqpi_measure(fqp_trainer *t, bool gradient);
double fqpi_learning_rate(const fqp_trainer *t, int64_t step);
static inline bool fqpi_full_batch(const fqp_trainer *t) {
    return t->batch == t->n;
}

/* ---- minimise.c: optimisers that want the whole vector -------------------------------------------- */

/* What such an optimiser cannot serve, with the reason; n training points. */
fqp_status fqpi_minimise_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o);
/* Work space of t, whose data and plan stand; nothing for optimisers that need none. */
fqp_status fqpi_minimise_open(fqp_trainer *t);
void fqpi_minimise_close(fqp_trainer *t);
/* Step until `until`; after() (NULL: none) is asked after every step and may end the stretch. */
fqpi_halt fqpi_minimise(fqp_trainer *t, int64_t until, fqpi_halt (*after)(fqp_trainer *t));

extern const fqp_train_opts fqpi_train_defaults;

#endif
