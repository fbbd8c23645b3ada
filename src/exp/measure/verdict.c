/* verdict.c - verdicts against runs whose cause is known (verdict_bank.c), and against runs whose title is their cause.
 */
#include "measure.h"
#include "mem.h"
#include "rng.h"
#include "verdict_bank.h"

#include <math.h>
#include <string.h>

enum { CAUSES = FQPI_KNOWN_CAUSES, RUNS = FQPI_KNOWN_RUNS, SICK = CAUSES - 1, PARTS = 2 };

/* The verdict of every run of a part. */
typedef struct judged {
    bool made[PARTS];
    const char *named[PARTS][CAUSES][RUNS];
} judged;

static fqp_status judge_one(fqp_ctx *ctx, int part, size_t cause, size_t i, const char **named) {
    fqpi_known_case c;
    fqpi_known_run *run = NULL;
    fqp_verdict *v = fqpi_alloc(ctx, 1, sizeof *v);
    fqp_status s = v ? fqpi_known_make(ctx, part, cause, i, &c) : FQP_E_NOMEM;
    if (!s) {
        s = fqpi_known_train(ctx, &c, 1 + i, &run);
        if (!s)
            s = fqp_verdict_judge(ctx, fqpi_known_evidence(run), v);
        if (!s)
            *named = v->cause;
        fqpi_known_release(run);
        fqpi_text_free(&c.yaml);
    }
    fqpi_free(v);
    return s;
}

/* NULL: a run of the bank could not be made. */
static const judged *bank_of(const fqpi_measuring *m, double part) {
    static const char owner;
    judged *j = fqpi_cache_place(m, &owner, sizeof *j, NULL);
    if (!j || !(part == 0 || part == 1))
        return NULL;
    const int p = part != 0;
    for (size_t c = 0; c < CAUSES && !j->made[p]; c++)
        for (size_t i = 0; i < RUNS; i++)
            if (judge_one(m->ctx, p, c, i, &j->named[p][c][i]))
                return NULL;
    j->made[p] = true;
    return j;
}

static bool answers(const char *named) {
    return strcmp(named, "cannot tell") != 0;
}

/* Runs of the eight causes whose verdict is truth[run], and those that were answered at all. */
static void count(const judged *j, int part, const size_t truth[SICK * RUNS], double *right, double *answered) {
    *right = *answered = 0;
    for (size_t k = 0; k < SICK * RUNS; k++) {
        const char *named = j->named[part][k / RUNS][k % RUNS];
        *answered += answers(named);
        *right += strcmp(named, fqpi_known_cause(truth[k])) == 0;
    }
}

static void known(size_t truth[SICK * RUNS]) {
    for (size_t k = 0; k < SICK * RUNS; k++)
        truth[k] = k / RUNS;
}

/* Of the sick runs of a part; false: the bank could not be made. */
static bool count_part(const fqpi_measuring *m, double part, double *right, double *answered) {
    const judged *j = bank_of(m, part);
    size_t truth[SICK * RUNS];
    if (!j)
        return false;
    known(truth);
    count(j, part != 0, truth, right, answered);
    return true;
}

static double right_share(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double right, answered;
    if (!count_part(m, arg[0], &right, &answered))
        return NAN;
    return answered > 0 ? right / answered : 0;
}

static double untold(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double right, answered;
    return count_part(m, arg[0], &right, &answered) ? 1 - answered / (SICK * RUNS) : NAN;
}

static double named_share(const judged *j, int part, size_t cause, const char *name) {
    double n = 0;
    for (size_t i = 0; i < RUNS; i++)
        n += strcmp(j->named[part][cause][i], name) == 0;
    return n / RUNS;
}

static double least(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const judged *j = bank_of(m, arg[0]);
    double worst = 1;
    for (size_t c = 0; j && c < SICK; c++)
        worst = fmin(worst, named_share(j, arg[0] != 0, c, fqpi_known_cause(c)));
    return j ? worst : NAN;
}

static double permuted(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const judged *j = bank_of(m, arg[0]);
    double most = 0;
    for (uint64_t draw = 0; j && (double)draw < arg[1]; draw++) {
        int64_t order[SICK * RUNS];
        size_t truth[SICK * RUNS];
        double right, answered;
        fqpi_rng_permutation(1, FQPI_STREAM_TEST, draw, SICK * RUNS, order);
        for (size_t k = 0; k < SICK * RUNS; k++)
            truth[k] = (size_t)order[k] / RUNS;
        count(j, arg[0] != 0, truth, &right, &answered);
        most = fmax(most, answered > 0 ? right / answered : 0);
    }
    return j ? most : NAN;
}

static double blamed(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const judged *j = bank_of(m, arg[0]);
    double n = 0;
    for (size_t c = 0; j && c < SICK; c++)
        n += RUNS * named_share(j, arg[0] != 0, SICK, fqpi_known_cause(c));
    return j ? n : NAN;
}

/* ---- runs whose title is their cause --------------------------------------------------------------------------- */

static const char *title_of(const fqpi_measuring *m) {
    const char *t = json_string_value(json_object_get(m->trial->manifest, "title"));
    return t ? t : "";
}

static double titled(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const judged *j = bank_of(m, arg[0]);
    const char *name = fqp_verdict_cause((size_t)fmax(arg[1], 0), NULL);
    for (size_t c = 0; j && name && c < CAUSES; c++)
        if (strcmp(fqpi_known_cause(c), title_of(m)) == 0)
            return named_share(j, arg[0] != 0, c, name);
    return NAN;
}

static double as_titled(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    json_t *list = fqpi_verdicts_json(m->trial);
    const char *cause = json_string_value(json_object_get(json_array_get(list, (size_t)m->seed), "cause"));
    const double same = cause ? strcmp(cause, title_of(m)) == 0 : NAN;
    json_decref(list);
    return same;
}

const fqpi_measure fqpi_measures_verdict[] = {
    {"verdict_right", 1, 1, false, false,
     "verdict_right(part): share of the verdict bank's runs with a known cause whose verdict is that cause, among "
     "those "
     "that are answered; part 0: of development, 1: held back",
     right_share},
    {"verdict_untold", 1, 1, false, false,
     "verdict_untold(part): share of them whose verdict is that it cannot be told", untold},
    {"verdict_least", 1, 1, false, false, "verdict_least(part): smallest share right over the causes", least},
    {"verdict_permuted", 2, 2, false, false,
     "verdict_permuted(part, n): verdict_right with the known causes permuted among the runs, the largest of n draws",
     permuted},
    {"verdict_blamed", 1, 1, false, false, "verdict_blamed(part): healthy runs, of 13, that were given a cause",
     blamed},
    {"verdict_titled", 2, 2, true, false,
     "verdict_titled(part, i): of the bank's runs with this run's title as cause, the share given row i of the table "
     "of "
     "verdicts",
     titled},
    {"verdict_as_titled", 0, 0, true, false, "verdict_as_titled(): is the verdict of this run its title?", as_titled},
    {0}};
