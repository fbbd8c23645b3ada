/* advise_trial.h - one candidate of an advice: a remedy's network on the points not held out, trained part by part. */
#ifndef FQPI_ADVISE_TRIAL_H
#define FQPI_ADVISE_TRIAL_H

#include "exp.h"

#include <fqp/train.h>

/* Points to train on and points to judge by. */
typedef struct fqpi_split {
    fqp_dataset *train;
    fqp_array x, y;  /* held out */
    const char *how; /* in words */
} fqpi_split;

/* The data's own test points are held out; without them a random fifth of the training points. */
fqp_status fqpi_split_make(fqp_ctx *ctx, const fqp_dataset *data, int64_t seed, fqpi_split *out);
void fqpi_split_free(fqpi_split *s);

typedef struct fqpi_candidate {
    const fqp_remedy *remedy;
    double factor; /* times what the formula says */
    fqp_texts set; /* overrides of a configuration */
    int64_t parameters;
    fqp_config *config;
    fqp_model *model;
    fqp_trainer *trainer;
    int64_t steps, done; /* of a full trial; so far */
    double seconds;      /* of training so far */
    double error;        /* at the held-out points: rms over their standard deviation; NaN: not looked yet */
    bool diverged;
    size_t place; /* in the order of candidates */
} fqpi_candidate;

typedef struct fqpi_candidate_ask {
    const char *remedy;
    double factor;    /* the band taken to reach so many times as far */
    const char *also; /* one more override; NULL: none */
    int64_t parameters, steps, seed;
} fqpi_candidate_ask;

/* FQP_E_UNSUPPORTED when the remedy does not serve the target. */
fqp_status fqpi_candidate_open(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                               const fqpi_candidate_ask *ask, fqpi_candidate *out);
/* Train up to step `to` and look at the held-out points; divergence is a result, no failure. */
fqp_status fqpi_candidate_train(fqp_ctx *ctx, fqpi_candidate *c, const fqpi_split *split, int64_t to);
/* Relative error at x [n,d], y [n,m]: rms over the standard deviation of y. */
fqp_status fqpi_candidate_error(fqp_ctx *ctx, const fqpi_candidate *c, const fqp_array *x, const fqp_array *y,
                                double *error);
/* Milliseconds of a step, measured on a copy; 0 on failure. */
double fqpi_candidate_pace(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                           const fqpi_candidate_ask *ask);
void fqpi_candidate_close(fqpi_candidate *c); /* network and trainer go, results stay */
void fqpi_candidate_free(fqpi_candidate *c);

#endif
