/* run_i.h - what an experiment being made (run.c) and its seeds (seed.c) share. */
#ifndef FQPI_RUN_I_H
#define FQPI_RUN_I_H

#include "exp.h"
#include "solving.h"

typedef struct fqpi_stages fqpi_stages;

/* One run being made. */
typedef struct fqpi_job {
    fqp_ctx *ctx;
    const fqp_config *config;
    fqp_store *store;
    fqpi_manifest manifest;
    const fqp_run_opts *run;
    const fqp_data_opts *data;
    const fqp_model_opts *model;
    const fqp_train_opts *train;
    const fqp_monitor_opts *monitor;
    bool resume;
    int64_t first, last; /* seeds */
    size_t frames;       /* recorded in all, those of earlier parts included */
} fqpi_job;

/* One seed of it.  Its trainer holds its address: it must not move once it is prepared. */
typedef struct fqpi_part {
    int64_t seed;
    char *checkpoint;      /* path */
    fqpi_solving *solving; /* the differential equation that is solved; NULL: data are learnt */
    fqp_dataset *own_data;
    const fqp_dataset *data; /* own_data, or that of another part with the same content */
    fqpi_stages *stages;     /* of train.stages (stages.h); NULL: one network, as usual */
    fqp_model *model;        /* in training; with stages that of the present one, NULL when none is left */
    fqp_trainer *trainer;
    fqp_monitor *monitor, *held; /* held: of the test points beside the training points, NULL without monitor.held */
    fqp_schedule when;
    fqpi_recorder recorder;
    fqp_view x, y;  /* monitored points: inputs of the network, and targets */
    fqp_view seen;  /* x, and below it the held-out points */
    fqp_array both; /* what seen looks at when there are any */
    fqp_view where; /* what their frequencies are measured along: x, or the coordinate of a curve */
    bool finished;  /* nothing is left to do */
    struct {
        void *w;      /* parameters of the best frame so far, NULL: none yet */
        int64_t step; /* its step */
        bool unsaved; /* not in best.fqp yet */
    } best;           /* of monitor.stop_noise (best.c) */
} fqpi_part;

/* Everything up to the first step; like (may be NULL): a part whose data set is used when it is the same. */
fqp_status fqpi_part_prepare(fqpi_job *j, fqpi_part *p, const fqpi_part *like);
/* The trainer has ended well: *more when another stage has taken its place. */
fqp_status fqpi_part_stage(fqpi_job *j, fqpi_part *p, bool *more);
/* Into the manifest: how training ended, and the time it took. */
void fqpi_part_ended(fqpi_job *j, const fqpi_part *p, fqp_status s);
/* The trained function into the seed's folder as function.fqp (function_file.c); and out of it, when training goes on.
 */
fqp_status fqpi_part_function(fqpi_job *j, fqpi_part *p);
/* f = net with these parameters (NULL: its own), less net with those of start (NULL: none), and what it says about
 * itself. */
fqp_status fqpi_function_compose(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, fqp_model *net,
                                 void *parameters, void *start, uint64_t seed, fqp_function **out);
/* The network of the step that monitor.stop_noise recommends (best.c): after every frame, at the end (NULL: it was lost
 * with a killed run), and its file away. */
fqp_status fqpi_part_best_frame(fqpi_part *p, const fqp_stop *stop);
fqp_status fqpi_part_best(fqpi_part *p, fqp_function **out);
void fqpi_part_best_again(const fqpi_part *p,
                          const char *function); /* training goes on: that file is the best so far */
void fqpi_part_best_drop(const fqpi_part *p);
/* Is there a function even though training ended so?  The stages before the one that diverged are one. */
bool fqpi_part_keeps(const fqpi_part *p, fqp_status s);
void fqpi_part_no_function(const fqpi_job *j, const fqpi_part *p);
/* Estimated bytes of data, trainer and monitor. */
size_t fqpi_part_bytes(const fqpi_part *p);
/* All its selected bins were captured before this part of the run began. */
bool fqpi_part_captured(const fqpi_part *p);
/* monitor.stop_noise: the rule was met. */
bool fqpi_part_noise(const fqpi_part *p);
void fqpi_part_release(fqpi_part *p);

#endif
