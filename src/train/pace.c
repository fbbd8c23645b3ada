/* pace.c - one thread or all?
 *
 * Two threads share a small step at the price of two meetings; whether that pays depends on the network, the processor
 * and on what else runs.  Results are the same bits with any number of threads, so both ways are tried in turn on the
 * first steps of the training itself, and the quicker one is kept. */
#include "team.h"
#include "trainer.h"

enum { BLOCK = 3, BLOCKS = 4 };        /* rounds of one way in a row: the first finds the caches of the other; blocks */
static const double ROUND = 5e-3;      /* seconds of a round: a woken thread may need some to find a core of its own */
static const double LONG_STEP = 10e-3; /* a step of so many seconds is worth all threads */
static const double EVAL_WORK = 4e5;   /* multiplications of a prediction worth a second thread */

static bool decided(const fqp_trainer *t) {
    return t->pace.chosen > 0;
}

static int rounds(const fqpi_pace *p) {
    return p->rounds[0] + p->rounds[1];
}

/* The way to be tried next: all threads, one, all, one. */
static int way(const fqp_trainer *t) {
    return rounds(&t->pace) / BLOCK % 2 == 0;
}

int fqpi_pace_members(const fqp_trainer *t) {
    int all = fqpi_team_free(t->ctx, t->members);
    if (all <= 1 ||
        fqpi_user_steps(t)) /* a user's functions are called on the caller, passes cut their work themselves */
        return 1;
    if (decided(t))
        return t->pace.chosen;
    return way(t) ? all : 1;
}

int fqpi_pace_eval_members(const fqp_trainer *t) {
    double work = (double)t->net->parameters * (double)t->n_eval;
    int members = fqpi_pace_members(t);
    return members == 1 && work > EVAL_WORK ? fqpi_team_free(t->ctx, t->members) : members;
}

int64_t fqpi_pace_steps(const fqp_trainer *t, int members) {
    if (decided(t) || fqpi_team_free(t->ctx, t->members) <= 1 || fqpi_user_steps(t))
        return INT64_MAX;
    double best = t->pace.best[members > 1];
    return best > 0 && best < ROUND ? (int64_t)(ROUND / best) : 1;
}

void fqpi_pace_took(fqp_trainer *t, int members, double seconds, int64_t steps) {
    fqpi_pace *p = &t->pace;
    if (decided(t) || steps < 1 || fqpi_team_free(t->ctx, t->members) <= 1 || fqpi_user_steps(t))
        return;
    int w = members > 1;
    double each = seconds / (double)steps;
    p->best[w] = p->rounds[w] == 0 || each < p->best[w] ? each : p->best[w];
    p->rounds[w]++;
    bool enough = rounds(p) >= BLOCK * BLOCKS;
    if (enough || (p->rounds[1] >= 2 && p->best[1] > LONG_STEP))
        p->chosen = enough && p->best[0] <= p->best[1] ? 1 : t->members;
}
