/* advise_rounds.c - trials: candidates around the formulas and a plain network, all a tenth of the way, two to the end.
 *
 * Successive halving (Jamieson & Talwalkar 2016) with networks that are trained on, not anew: the rates of learning
 * follow one schedule over the full trial.  Everything counts: with 4 candidates and the control it takes 2.3 full
 * trainings, a fifth of a grid search of 12 points. */
#include "advise_i.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* Measured on the development part of recipes/advise_bank.yaml. */
static const struct {
    const char *remedy;
    double factor;
} around[] = {{"fourier", 1}, {"fourier", 0.5}, {"siren", 1}, {"siren", 2}};

static const double FIRST = 0.1;             /* of a full trial: the first round */
static const double FEW_CYCLES = 4;          /* over the box: a plain network is trained to the end */
static const double FACTORS[] = {1, 0.5, 2}; /* of remedies asked for by name */
enum { LEAST_STEPS = 40, CONFIRMED = 2 };

/* ---- who takes part --------------------------------------------------------------------------------------------- */

/* The control is a plain network in good order: its biases drawn, its rate as high as its width bears. */
static fqp_status add_plain(fqpi_advice *a) {
    static const double RATE = 0.02, WIDTH = 50;
    const double width = sqrt((double)a->opts.parameters / 2); /* of three hidden layers */
    fqpi_print(a->rate, sizeof a->rate, "train.lr=%.3g", RATE * fmin(1, WIDTH / width));
    a->plain[0] = "model.init=torch";
    a->plain[1] = a->rate;
    a->ask[a->n++] = (fqpi_candidate_ask){.remedy = "plain", .factor = 1, .also = a->plain, .nalso = 2};
    return FQP_OK;
}

static fqp_status add_named(fqpi_advice *a, const char *name) {
    const fqp_remedy *r = fqp_remedy_find(a->ctx, name);
    if (!r)
        return FQP_E_ARG;
    char why[512];
    if (!fqp_remedy_serves(r, &a->facts, why, sizeof why)) {
        json_array_append_new(a->left, json_pack("{s:s, s:s}", "name", name, "why", why));
        return FQP_OK;
    }
    const size_t factors = fqpi_advise_key(r) ? sizeof FACTORS / sizeof *FACTORS : 1;
    for (size_t i = 0; i < factors && strcmp(name, "plain") != 0; i++) {
        if (a->n == FQPI_ADVISE_MOST)
            return fqpi_fail(a->ctx, FQP_E_ARG, NULL, "more than %d candidates", FQPI_ADVISE_MOST);
        a->ask[a->n++] = (fqpi_candidate_ask){.remedy = r->name, .factor = FACTORS[i]};
    }
    return FQP_OK;
}

static fqp_status gather(fqpi_advice *a) {
    fqp_status s = add_plain(a);
    for (size_t i = 0; i < a->opts.nremedies && !s; i++)
        s = add_named(a, a->opts.remedy[i]);
    for (size_t i = 0; a->opts.nremedies == 0 && i < sizeof around / sizeof *around; i++)
        a->ask[a->n++] = (fqpi_candidate_ask){.remedy = around[i].remedy, .factor = around[i].factor};
    return s;
}

/* Remedies that train by a plan of their own cannot be stopped and taken up. */
static bool in_one_piece(const fqpi_candidate *c) {
    for (size_t i = 0; i < c->set.n; i++)
        if (strncmp(c->set.v[i], "train.stages=", 13) == 0 || strcmp(c->set.v[i], "train.optimizer=least_squares") == 0)
            return false;
    return true;
}

/* ---- a budget --------------------------------------------------------------------------------------------------- */

/* Full trials that all rounds take together. */
static double trials(const fqpi_advice *a) {
    const double n = (double)a->n, last = fmin(CONFIRMED, n);
    return FIRST * n + (1 - FIRST) * last;
}

/* Steps of a full trial: those asked for, or what fits into an equal time. */
static int64_t steps_of(fqpi_advice *a, const fqpi_candidate_ask *ask) {
    if (a->opts.steps > 0)
        return a->opts.steps;
    const double ms = fqpi_candidate_pace(a->ctx, &a->split, &a->facts, ask);
    return ms > 0 ? (int64_t)fmax(LEAST_STEPS, 1e3 * a->opts.seconds / trials(a) / ms) : LEAST_STEPS;
}

static fqp_status open_one(fqpi_advice *a, size_t i) {
    fqpi_candidate_ask *ask = &a->ask[i];
    ask->parameters = a->opts.parameters;
    ask->seed = a->opts.seed;
    ask->steps = LEAST_STEPS;
    ask->steps = steps_of(a, ask);
    const fqp_status s = fqpi_candidate_open(a->ctx, &a->split, &a->facts, ask, &a->candidate[i]);
    if (!s && !in_one_piece(&a->candidate[i]))
        return fqpi_fail(a->ctx, FQP_E_UNSUPPORTED, NULL,
                         "remedy %s trains by a plan of its own and has no trials here; fqp compare --remedies %s,... "
                         "measures it",
                         ask->remedy, ask->remedy);
    return s;
}

/* ---- rounds ----------------------------------------------------------------------------------------------------- */

static double total_steps(const fqpi_advice *a) {
    double all = 0;
    for (size_t i = 0; i < a->n; i++)
        all += (double)a->candidate[i].steps;
    return all / (double)a->n * trials(a);
}

static double steps_done(const fqpi_advice *a) {
    double all = 0;
    for (size_t i = 0; i < a->n; i++)
        all += (double)a->candidate[i].done;
    return all;
}

/* Part by part, so that there is a line of progress. */
static fqp_status train(fqpi_advice *a, size_t i, int64_t to) {
    enum { PARTS = 64 };
    fqpi_candidate *c = &a->candidate[i];
    fqp_status s = FQP_OK;
    while (c->done < to && !c->diverged && !s) {
        s = fqpi_candidate_step(a->ctx, c, to - c->done < PARTS ? to - c->done : PARTS);
        char text[128];
        fqpi_print(text, sizeof text, "%s x %.3g", c->remedy->name, c->factor);
        if (fqpi_progress_due(&a->progress))
            fqpi_progress_report(&a->progress, steps_done(a), text);
    }
    return s ? s : fqpi_candidate_look(a->ctx, c, &a->split);
}

static fqp_status first_round(fqpi_advice *a) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < a->n && !s; i++)
        s = train(a, i, (int64_t)ceil(FIRST * (double)a->candidate[i].steps));
    return s;
}

/* The best that is not yet at its end, or none (n). */
static size_t best_waiting(const fqpi_advice *a) {
    size_t best = a->n;
    for (size_t i = 0; i < a->n; i++) {
        const fqpi_candidate *c = &a->candidate[i];
        if (c->done < c->steps && !c->diverged && !c->lost && (best == a->n || c->error < a->candidate[best].error))
            best = i;
    }
    return best;
}

/* The two best go to the end; of a smooth target the best and the control, which stands first. */
static void choose(fqpi_advice *a) {
    const bool smooth = fqp_facts_cycles(&a->facts) <= FEW_CYCLES && a->facts.d <= FQP_FACTS_AXES;
    size_t order[FQPI_ADVISE_MOST], n = 0;
    for (size_t i = smooth ? 1 : 0; i < a->n; i++)
        order[n++] = i;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && a->candidate[order[k]].error < a->candidate[order[k - 1]].error; k--) {
            const size_t other = order[k];
            order[k] = order[k - 1];
            order[k - 1] = other;
        }
    for (size_t k = smooth ? CONFIRMED - 1 : CONFIRMED; k < n; k++) {
        a->candidate[order[k]].lost = true;
        fqpi_candidate_close(&a->candidate[order[k]]);
    }
}

fqp_status fqpi_advise_rounds(fqpi_advice *a) {
    a->left = json_array();
    json_object_set_new(a->root, "left_out", a->left);
    fqp_status s = fqpi_split_make(a->ctx, a->data, a->opts.seed, &a->split);
    if (!s)
        s = gather(a);
    for (size_t i = 0; i < a->n && !s; i++)
        s = open_one(a, i);
    if (s)
        return s;
    fqpi_progress_begin(&a->progress, a->ctx, "advise", "steps", total_steps(a));
    s = first_round(a);
    if (!s) {
        choose(a);
        s = fqpi_advise_answer(a, "running");
    }
    for (size_t i; !s && (i = best_waiting(a)) < a->n;) {
        s = train(a, i, a->candidate[i].steps);
        if (!s)
            s = fqpi_advise_answer(a, "running");
    }
    fqpi_progress_report(&a->progress, steps_done(a), "done");
    return s;
}

void fqpi_advise_rounds_free(fqpi_advice *a) {
    for (size_t i = 0; i < a->n; i++)
        fqpi_candidate_free(&a->candidate[i]);
    fqpi_split_free(&a->split);
}
