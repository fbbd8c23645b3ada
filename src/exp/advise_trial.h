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
    double factor; /* of fqpi_candidate_ask */
    fqp_texts set; /* overrides of a configuration */
    int64_t parameters;
    fqp_config *config;
    fqp_model *model;
    fqp_trainer *trainer;
    int64_t steps, done; /* of a full trial; so far */
    double seconds;      /* of training so far */
    double error;        /* at the held-out points: rms over their standard deviation; NaN: not looked yet */
    bool diverged, lost; /* lost: not trained on after a round */
} fqpi_candidate;

typedef struct fqpi_candidate_ask {
    const char *remedy;
    double factor; /* times the number of the remedy's formula (fqpi_advise_key), else times the edge of the band */
    const char *const *also; /* [nalso] further overrides */
    size_t nalso;
    int64_t parameters, steps, seed;
} fqpi_candidate_ask;

/* The key whose number is a remedy's choice of frequencies, "model.omega0"; NULL: it has several, or none. */
const char *fqpi_advise_key(const fqp_remedy *r);
/* Numbers of an override of a list, "model.feature_sigma=[2, 3]"; how many, at most `most`; 0: not among them.  The
 * last override of a key counts. */
size_t fqpi_advise_numbers(const fqp_texts *set, const char *key, double *v, size_t most);

/* FQP_E_UNSUPPORTED when the remedy does not serve the target. */
fqp_status fqpi_candidate_open(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                               const fqpi_candidate_ask *ask, fqpi_candidate *out);
/* Train on by n steps; divergence is a result, no failure. */
fqp_status fqpi_candidate_step(fqp_ctx *ctx, fqpi_candidate *c, int64_t n);
/* Its error at the points held out. */
fqp_status fqpi_candidate_look(fqp_ctx *ctx, fqpi_candidate *c, const fqpi_split *split);
/* Relative error at x [n,d], y [n,m]: rms over the standard deviation of y. */
fqp_status fqpi_candidate_error(fqp_ctx *ctx, const fqpi_candidate *c, const fqp_array *x, const fqp_array *y,
                                double *error);
/* Milliseconds of a step, measured on a copy; 0 on failure. */
double fqpi_candidate_pace(fqp_ctx *ctx, const fqpi_split *split, const fqp_facts *facts,
                           const fqpi_candidate_ask *ask);
void fqpi_candidate_close(fqpi_candidate *c); /* network and trainer go, results stay */
void fqpi_candidate_free(fqpi_candidate *c);

#endif
