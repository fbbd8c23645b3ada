/* predict_i.h - training of one seed as its kernel sees it; shared by fqp_predict, its comparison and the measures. */
#ifndef FQPI_PREDICT_I_H
#define FQPI_PREDICT_I_H

#include "exp.h"
#include <fqp/ntk.h>

/* Which outputs the rows of the kernel are. */
typedef enum fqpi_coupling {
    FQPI_SHARED,  /* one kernel serves every output */
    FQPI_COUPLED, /* all outputs against all: rows a n + i */
    FQPI_AVERAGED /* the mean of the outputs' kernels serves each: all against all would be too large */
} fqpi_coupling;

/* What is asked beyond the configuration. */
typedef struct fqpi_theory_wish {
    int kernel;    /* -1: as the configuration says */
    int rule;      /* FQP_FLOW_...; -1: the configuration's optimiser */
    bool reversed; /* eigenvalues in the opposite order: a wrong theory, for controls */
} fqpi_theory_wish;
static const fqpi_theory_wish FQPI_AS_CONFIGURED = {.kernel = -1, .rule = -1};

typedef struct fqpi_theory {
    fqp_ctx *ctx;
    const fqp_config *config; /* borrowed, as are the data */
    const fqp_dataset *data;
    fqp_view x, y, where; /* monitored points, their targets, what their frequencies are measured along */
    int64_t seed, n, m, n_eval;
    bool elsewhere; /* monitored points are not the training points */
    bool from_zero; /* f_0 = 0 */
    bool empirical;
    fqpi_coupling coupling;
    fqp_model *model; /* at its start */
    fqp_flow *flow;
    double *residual; /* [rows, columns] of the flow, scratch */
    double *outside;  /* [rows, columns] at monitored points elsewhere, scratch */
    double c;
    double lr, largest_lr;
    bool stable;
    int64_t rows, pairs, cut;       /* of the kernel; eigenpairs; of them below the cut-off */
    double value_first, value_last; /* largest eigenvalue, smallest one above the cut-off */
    double kernel_seconds, eigen_seconds, bytes;
} fqpi_theory;

/* Refusals that need no data: optimiser, loss, schedule, ... */
fqp_status fqpi_theory_check(fqp_ctx *ctx, const fqp_config *config);
fqp_status fqpi_theory_create(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, int64_t seed,
                              fqpi_theory_wish wish, fqpi_theory *out);
void fqpi_theory_free(fqpi_theory *t);
/* f [n_eval, m] at the monitored points and the training loss after `step` steps.  FQP_E_DIVERGED where they leave the
 * finite numbers. */
fqp_status fqpi_theory_at(fqpi_theory *t, double step, double *f, double *loss);
/* Would another seed get the same prediction (its data being the same)? */
bool fqpi_theory_common(const fqpi_theory *t);

/* theory.json so far: what was predicted, and by what (predict_words.c).  NULL: out of memory. */
json_t *fqpi_theory_json(const fqpi_theory *t, const fqpi_trial *trial, const fqpi_seed *predicted, json_t *notes);
/* Its part "measured", and the sentence of the whole (predict_compare.c). */
fqp_status fqpi_theory_compare(fqp_ctx *ctx, const fqp_store *store, json_t *theory);

/* A step of the schedule after `step`, with the configuration's batches and end; -1: none. */
typedef struct fqpi_agenda {
    fqp_schedule when;
    int64_t per_epoch, last;
    const int64_t *steps; /* or these, borrowed */
    size_t nsteps;
} fqpi_agenda;
int64_t fqpi_agenda_next(const fqpi_agenda *a, int64_t step);

#endif
