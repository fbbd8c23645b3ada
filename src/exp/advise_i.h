/* advise_i.h - an advice being made: facts, settings by formula, trials, an answer. */
#ifndef FQPI_ADVISE_I_H
#define FQPI_ADVISE_I_H

#include "advise_trial.h"
#include "exp.h"
#include "fail.h"

#include <fqp/advise.h>

enum { FQPI_ADVISE_MOST = 64 }; /* candidates */

typedef struct fqpi_advice {
    fqp_ctx *ctx;
    const fqp_config *base; /* NULL: arrays in memory */
    const fqp_dataset *data;
    fqp_advise_opts opts; /* no zeros left where they mean a default */
    fqp_facts facts, raw; /* of what the trials see; of the data as they came */
    bool arrays;          /* the data are arrays of a user's units */
    fqp_dataset *moved;   /* owned; NULL: the data are left as they are */
    json_t *root;         /* advice.json */
    fqp_store *store;     /* NULL: nothing is written */
    /* trials */
    fqpi_split split;
    fqpi_candidate_ask ask[FQPI_ADVISE_MOST];
    fqpi_candidate candidate[FQPI_ADVISE_MOST]; /* the control, a plain network, first */
    size_t n;
    json_t *left;         /* "left_out": remedies that do not serve the target; borrowed */
    const char *plain[2]; /* overrides of the control */
    char rate[64];
    fqpi_progress progress;
} fqpi_advice;

/* "settings": every formula, its numbers per unit of x and for inputs from -1 to 1, its source (advise_settings.c). */
fqp_status fqpi_advise_settings(fqpi_advice *a);
/* "warnings": where the spectrum cannot be trusted, each with its number. */
fqp_status fqpi_advise_warnings(fqpi_advice *a);

/* Arrays in units far from 1 are moved for the trials, "moved" tells how (advise_move.c). */
fqp_status fqpi_advise_move(fqpi_advice *a);
fqp_status fqpi_advise_moved_config(const fqpi_advice *a, fqp_config **out);

/* Trials of all candidates (advise_rounds.c). */
fqp_status fqpi_advise_rounds(fqpi_advice *a);
void fqpi_advise_rounds_free(fqpi_advice *a);
/* "candidates", "answer" and "status" from the trials so far; written when there is a directory (advise_answer.c). */
fqp_status fqpi_advise_answer(fqpi_advice *a, const char *status);
/* Words about the number of a remedy (advise_settings.c); NULL where there are none. */
typedef struct fqpi_words {
    const char *key, *symbol, *unit, *torch; /* "model.omega0", "omega_0", "radians per unit of x", .. */
} fqpi_words;
fqpi_words fqpi_advise_words(const fqp_remedy *remedy);
/* Numbers of a key in overrides; scaled: for inputs moved to [-1, 1]. */
json_t *fqpi_advise_value(const fqpi_advice *a, const fqp_texts *set, const char *key, bool scaled);

#endif
