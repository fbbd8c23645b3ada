/* stopping_i.h - the rule as a function of numbers (stopping_judge.c), and what it says (stopping.c). */
#ifndef FQPI_STOPPING_I_H
#define FQPI_STOPPING_I_H

#include <fqp/stopping.h>

typedef struct fqpi_stopping_facts {
    fqp_stopping_noise noise;
    int64_t hold;
    const char *unknown; /* why the noise is not known */
} fqpi_stopping_facts;

/* Where the frames have led so far; begins as FQPI_STOPPING_BEGIN. */
typedef struct fqpi_stopping_course {
    int64_t best, best_held; /* frames of the least estimated error and of the least held-out loss, -1: none */
    double train;            /* least training residual, mean square */
    bool beaten;             /* a frame did better at the held-out points than the estimate's twin */
    int64_t at;              /* frame at which the rule was met, after which nothing changes; -1: not yet */
} fqpi_stopping_course;
#define FQPI_STOPPING_BEGIN ((fqpi_stopping_course){.best = -1, .best_held = -1, .train = INFINITY, .at = -1})

/* Frame f of step [.] and frame [.], after f - 1. */
void fqpi_stopping_follow(const fqpi_stopping_facts *facts, fqpi_stopping_course *c, const int64_t *step,
                          const fqp_stopping_frame *frame, size_t f);
const fqpi_stopping_facts *fqpi_stopping_facts_of(const fqp_stopping *s); /* borrowed */
/* What follows from n frames. */
void fqpi_stopping_say(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c, const int64_t *step,
                       const fqp_stopping_frame *frame, size_t n, fqp_stop *out);

#endif
