/* stages.h - several networks trained one after another, whose sum is the fit (train.stages).
 *
 * A stage is one training as any other, of a network on targets of its own; stages.c keeps the sum of the stages that
 * have ended (stages.fqp of the seed's folder), shows the monitor that sum plus the network in training, and counts
 * steps and seconds on.  What the next network is for, a kind says (train.stage_kind): it looks at the data and the sum
 * and nothing else, so that a run taken up again comes to the same next stage.
 *
 *   total(x) = sum so far (x) + factor cos(phase . x - turn) net(x)      (kinds that replace: the sum is dropped) */
#ifndef FQPI_STAGES_H
#define FQPI_STAGES_H

#include "grid.h"
#include "run_i.h"

#include <fqp/function.h>

/* What is trained next. */
typedef struct fqpi_stage {
    fqp_model_opts model; /* owned */
    bool made;            /* model is */
    double *target;       /* [n, m] owned; the network learns target/factor */
    double factor;
    bool gated;
    double phase[FQPI_GRID_MAX], turn;
    json_t *facts; /* what the kind found out, for the manifest; owned */
} fqpi_stage;

struct fqpi_stages {
    fqp_ctx *ctx;
    fqp_store *store; /* borrowed, as all down to kind but folder */
    char folder[32];  /* "seed_0001" */
    const fqp_train_opts *train;
    const fqp_model_opts *model;
    const fqp_dataset *data;
    fqp_view x, y; /* monitored */
    const struct fqpi_stage_kind *kind;
    fqp_function *sum;
    double *base, *base_seen; /* its values at the training points [n, m], at the monitored ones */
    double *total;            /* [monitored, m] of a frame */
    double *fit;              /* [n, m] scratch */
    json_t *ended;            /* facts of the stages that have ended, in order */
    int64_t step;             /* where the present one began */
    double seconds, epochs;
    fqpi_stage now;
    fqp_dataset set; /* data with now.target/now.factor; borrows the rest */
    char *then;      /* why there is no further stage; NULL: as many as there were to be */
};

/* One kind of stages. */
typedef struct fqpi_stage_kind {
    bool replaces; /* the next network takes the place of the sum */
    /* What no single key can tell; NULL: nothing.  Only called with several stages. */
    fqp_status (*check)(fqp_ctx *ctx, const fqp_config *c);
    /* The next stage into s->now, whose model is a copy of s->model and whose target is y; or *over with the reason in
     * s->then (NULL: nothing is left to do). */
    fqp_status (*next)(fqpi_stages *s, bool *over);
} fqpi_stage_kind;

extern const fqpi_stage_kind fqpi_stages_residue, fqpi_stages_scales, fqpi_stages_bands;

/* ---- for kinds ------------------------------------------------------------------------------------------------- */
int64_t fqpi_stages_done(const fqpi_stages *s);
double fqpi_rms(const double *v, int64_t n);
fqp_status fqpi_stages_fail_key(fqp_ctx *ctx, const fqp_config *c, const char *key, const char *why);
/* No further stage, and why. */
fqp_status fqpi_stages_over(fqpi_stages *s, bool *over, const char *fmt, ...) FQP_PRINTF(3, 4);

/* ---- for seeds ------------------------------------------------------------------------------------------------- */
/* With one stage *out stays NULL.  resume: what an earlier part of the run left is taken up. */
fqp_status fqpi_stages_create(fqpi_job *j, const fqpi_part *p, bool resume, fqpi_stages **out);
void fqpi_stages_destroy(fqpi_stages *s);
/* Into s->now what is to be trained; *over: nothing is. */
fqp_status fqpi_stages_next(fqpi_stages *s, bool *over);
/* Options of the present stage's training, and the seed of its network. */
fqp_train_opts fqpi_stages_train(const fqpi_stages *s);
uint64_t fqpi_stages_seed(const fqpi_stages *s, uint64_t seed);
/* Does the checkpoint belong to the present stage? */
bool fqpi_stages_owns(const fqpi_stages *s, const char *checkpoint, uint64_t seed);
/* The trained network joins the sum, which is saved. */
fqp_status fqpi_stages_ended(fqpi_stages *s, const fqpi_part *p, uint64_t seed);
/* A frame of the present stage becomes one of the whole training. */
fqp_status fqpi_stages_frame(fqpi_stages *s, const fqp_model *net, fqpi_record *frame);
/* What is known of the stages that have ended, and why there is no further one, into the manifest. */
void fqpi_stages_tell(const fqpi_stages *s, fqpi_manifest *m, int64_t seed);
/* The sum with its notes, borrowed. */
fqp_function *fqpi_stages_function(fqpi_stages *s);

#endif
