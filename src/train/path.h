/* path.h - the ways a step can be taken. */
#ifndef FQPI_PATH_H
#define FQPI_PATH_H

#include "pass.h"
#include "team.h"

/* One row per way.  All members call both functions; between them only the update is missing. */
typedef struct fqpi_path {
    const char *name;
    bool alone; /* one member calls, and deals the work to the others by itself */
    /* Loss and hits of the batch at the present parameters, the same numbers on every member; with backward also what
     * finish needs. */
    fqpi_outcome (*prepare)(fqp_trainer *t, const fqpi_batch *b, int member, int members, bool backward);
    /* The gradient, brought to `update`, or left in t->gradient when it is NULL. */
    void (*finish)(fqp_trainer *t, const fqpi_batch *b, int member, int members, const fqpi_update *update);
} fqpi_path;

extern const fqpi_path fqpi_path_layers;  /* pass.c: any network */
extern const fqpi_path fqpi_path_user;    /* group_step.c: a user's objective or points */
extern const fqpi_path fqpi_path_shallow; /* shallow.c: two-layer relu networks of one output */

bool fqpi_shallow_serves(const fqp_trainer *t);
fqp_status fqpi_shallow_create(fqp_trainer *t); /* t->shallow, one block; fqpi_free destroys it */
void fqpi_shallow_targets(fqp_trainer *t);      /* once more, when they have changed */
enum { FQPI_SHALLOW_MOST = 4096 };              /* samples */

static inline void fqpi_meet(const fqp_trainer *t, int members) {
    if (members > 1)
        fqpi_team_barrier(t->ctx);
}

/* rates.c: train.lr_layers and lr_branches. */
fqp_status fqpi_rates_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o);
fqp_status fqpi_rates_open(fqp_trainer *t); /* the lists become the trainer's own */
void fqpi_rates_close(fqp_trainer *t);
bool fqpi_rates_differ(const fqp_trainer *t);
/* The factor of parameter `at`, a weight or bias of layer l, on the learning rate; *same is lowered to the number of
 * parameters from there on that have the same. */
double fqpi_rate_of(const fqp_trainer *t, int64_t l, int64_t at, int64_t *same);

/* Update parameters [at, at + n) of layer l with gradient g; bad numbers are noted in the member's books. */
void fqpi_apply(fqp_trainer *t, int member, int64_t l, int64_t at, int64_t n, const void *g, const fqpi_update *update);

#endif
