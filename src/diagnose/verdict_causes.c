/* verdict_causes.c - the table of causes.
 *
 * A cause holds when all its conditions do; the first that holds is the verdict.  So the order is part of the table:
 * what makes later rows meaningless stands before them (a residual of rounding errors has no order, held-out points
 * that the training points cannot tell apart say nothing of overfitting, ...). */
#include "verdict_i.h"

#include <math.h>
#include <stddef.h>

typedef char advice[FQP_VERDICT_NEXT][FQP_VERDICT_TEXT];

static size_t next_precision(const fqpi_findings *f, advice t) {
    if (f->e->element == FQP_F64) {
        fqpi_verdict_text(t[0], "Stop: double precision holds no more.");
        return 1;
    }
    fqpi_verdict_text(t[0], "Stop if %.2g %% of the variation is good enough.", 100 * f->v[FQPI_N_ERROR]);
    fqpi_verdict_text(t[1], "Otherwise train in double precision (model.precision: f64; float64 in other frameworks).");
    fqpi_verdict_text(t[2], "Subtract what is known of the target first, or fit the residual by a second network "
                            "(train.stages: 2): small values have smaller rounding errors.");
    return 3;
}

static size_t next_scale(const fqpi_findings *f, advice t) {
    const char *what = f->output_scale ? "targets" : f->d > 1 ? "inputs, each on its own," : "inputs";
    if (fabs(f->centre) > 0.1 * f->half)
        fqpi_verdict_text(t[0], "Subtract %.4g from the %s and divide by %.4g, so that they reach from -1 to 1.",
                          f->centre, what, f->half);
    else
        fqpi_verdict_text(t[0], "Divide the %s by %.4g, so that they reach from -1 to 1.", what, f->half);
    fqpi_verdict_text(t[1], "Then look again: frequencies, learning rates and initial weights mean something only for "
                            "values of size 1.");
    return 2;
}

static size_t next_aliasing(const fqpi_findings *f, advice t) {
    fqpi_verdict_text(t[0],
                      "Take at least %.0f samples along the axis: 99 %% of the target's energy lies below %.3g "
                      "cycles per unit.",
                      f->needed_points, f->needed_frequency);
    fqpi_verdict_text(t[1], "Or take away what is above %.3g cycles per unit from the targets before sampling them.",
                      f->nyquist);
    fqpi_verdict_text(t[2], "Neither another network nor more steps can bring back what the points do not tell apart.");
    return 3;
}

/* An operator of order p multiplies an error of frequency k by about k^p, so that low frequencies hardly count in the
 * residual (Xu et al. 1901.06523 on Jacobi against networks; Wang, Yu & Perdikaris 2007.14527 on conditions). */
static size_t next_hidden(const fqpi_findings *f, advice t) {
    const bool low = f->error_axis < 0.8 * f->residual_axis;
    fqpi_verdict_text(t[0],
                      "Weigh the conditions more (objective.boundary_weight, objective.balance: ntk) or keep them "
                      "exactly (objective.conditions: hard; loss_weights and hard constraints of DeepXDE): "
                      "they decide what the residual does not see.");
    fqpi_verdict_text(t[1], low ? "Minimise something that weighs low frequencies more: objective.kind: ritz or weak "
                                  "instead of the squared residual."
                                : "Look at the error map: where it is large, points or conditions are missing.");
    fqpi_verdict_text(t[2], "Let multigrid finish: solve.method: [network 1000, vcycle 20] takes what is left at every "
                            "frequency alike, where the problem is linear on a box.");
    return 3;
}

static size_t next_imbalance(const fqpi_findings *f, advice t) {
    if (f->terms) {
        fqpi_verdict_text(t[0], "Multiply loss term \"%s\" by %.2g, so that both begin alike.", f->e->term[f->small],
                          f->size_ratio);
        fqpi_verdict_text(t[1], "Or weigh the terms while training by their gradients (Wang, Teng & Perdikaris 2021).");
    } else {
        fqpi_verdict_text(t[0],
                          "Divide every output by its standard deviation: output %zu weighs %.2g times more than "
                          "output %zu in a mean square.",
                          f->large + 1, f->size_ratio * f->size_ratio, f->small + 1);
        fqpi_verdict_text(t[1], "Or train a network of its own for output %zu.", f->small + 1);
    }
    return 2;
}

static size_t next_overfitting(const fqpi_findings *f, advice t) {
    if (f->stop_step < f->e->step[f->e->frames - 1])
        fqpi_verdict_text(t[0], "Stop at step %lld, where the held-out error was smallest.", (long long)f->stop_step);
    else
        fqpi_verdict_text(t[0],
                          "Over all bands the held-out error is smallest now, at step %lld: other bands still "
                          "gain more than this one loses; watch it, fqp can tell when to stop.",
                          (long long)f->stop_step);
    if (f->n > 0)
        fqpi_verdict_text(t[1], "More training points than the %lld of now, a smaller network, or train.weight_decay.",
                          (long long)f->n);
    else
        fqpi_verdict_text(t[1], "More training points, a smaller network, or train.weight_decay.");
    return 2;
}

static size_t next_noise(const fqpi_findings *f, advice t) {
    fqpi_verdict_text(t[0],
                      "Stop: what remains is noise of standard deviation %.3g%s; further steps can only learn it.",
                      f->white_std, f->m > 1 ? " (all outputs together)" : "");
    fqpi_verdict_text(t[1],
                      "Only more or better samples help: with %lld instead of %lld points noise weighs half as "
                      "much.",
                      4 * (long long)f->n, (long long)f->n);
    return 2;
}

static size_t next_stalled(const fqpi_findings *f, advice t) {
    if (f->v[FQPI_N_LR] < 0.01)
        fqpi_verdict_text(t[0],
                          "The schedule has brought the learning rate to %.2g of its start: let it fall more "
                          "slowly, and not to 0.",
                          f->v[FQPI_N_LR]);
    else if (f->v[FQPI_N_MOVED] < 0.5)
        fqpi_verdict_text(t[0],
                          "The network is %.2g %% of the way: raise the learning rate tenfold and look at the "
                          "first hundred steps.",
                          100 * f->v[FQPI_N_MOVED]);
    else
        fqpi_verdict_text(t[0], "Nothing moves any more: look whether the learning rate has fallen to 0 or units have "
                                "died, and restart from here with a larger rate.");
    fqpi_verdict_text(t[1], "Try train.optimizer adam, or lbfgs for small problems.");
    return 2;
}

static size_t next_bias(const fqpi_findings *f, advice t) {
    fqpi_verdict_text(t[0], "fqp advise --x x.npy --y y.npy names features and scales that reach frequency %.3g.",
                      f->high_axis);
    fqpi_verdict_text(t[1], "Fourier features, sine activations or branches of several scales learn it in fewer steps "
                            "(fqp list remedies); a larger plain network does not.");
    return 2;
}

static size_t next_learning(const fqpi_findings *f, advice t) {
    fqpi_verdict_text(t[0],
                      "Go on: twice the steps (%lld) would bring the loss down by another factor of about %.2g if "
                      "it falls on like this.",
                      2 * (long long)f->last_step, exp(f->v[FQPI_N_DECLINE]));
    return 1;
}

static size_t next_healthy(const fqpi_findings *f, advice t) {
    (void)f;
    fqpi_verdict_text(t[0], "Nothing to do.");
    return 1;
}

#define ABOVE(number, threshold, why)                                                                                  \
    { FQPI_N_##number, true, threshold, false, why }
#define BELOW(number, threshold, why)                                                                                  \
    { FQPI_N_##number, false, threshold, false, why }
#define IF_ABOVE(number, threshold, why)                                                                               \
    { FQPI_N_##number, true, threshold, true, why }
#define IF_BELOW(number, threshold, why)                                                                               \
    { FQPI_N_##number, false, threshold, true, why }

const fqpi_cause fqpi_causes[] = {
    {.name = "wrong scale",
     .doc = "inputs or outputs are far from the size that initial weights and learning rates are made for",
     .lead = "Wrong scale",
     .condition = {ABOVE(SCALE, 25, "tanh and relu networks still learn well with inputs of some ten units or tenths"),
                   ABOVE(ERROR, 0.1, "a badly scaled run that learnt all the same has no problem")},
     .next = next_scale},
    {.name = "aliasing",
     .doc = "the training points are too few for the target's frequencies: higher ones appear as lower ones",
     .lead = "Too few samples",
     .condition = {ABOVE(BEYOND, 0.05, "so much of the held-out target is invisible at the training points"),
                   ABOVE(HELD, 0.2, "the square root of 0.05: the error such a share must cause")},
     .next = next_aliasing},
    {.name = "small loss, wrong answer",
     .doc = "the equation's residual is small, the solution is wrong: the residual hardly sees low frequencies",
     .lead = "Small loss, wrong answer",
     .condition = {BELOW(RESIDUAL, 0.1, "the equation must be met to 10 %, so that its loss looks small"),
                   ABOVE(ERROR, 0.2, "a solution wrong by less than 20 % may be on its way"),
                   ABOVE(HIDDEN, 4, "error and residual are alike where neither weighs a frequency more")},
     .next = next_hidden},
    {.name = "loss imbalance",
     .doc = "outputs or loss terms of different size: the loss sees the large ones only",
     .lead = "Loss imbalance",
     .condition = {ABOVE(UNEQUAL, 4, "equal parts end within a factor of two or so of each other"),
                   ABOVE(NEGLECTED, 0.1, "a small part that is learnt to 10 % is not neglected")},
     .next = next_imbalance},
    {.name = "overfitting",
     .doc = "the training error falls in a band in which the held-out error rises",
     .lead = "Overfitting",
     .condition = {IF_ABOVE(GAP, 1.5, "held-out errors of a fit that generalises are those of training"),
                   ABOVE(RISE, 1.15, "more than the fluctuation of an error near its minimum"),
                   BELOW(SINCE, 0.9, "the training error of that band must have gone on falling"),
                   ABOVE(HELD, 0.1, "a held-out error below 10 % is no failure")},
     .next = next_overfitting},
    {.name = "precision floor",
     .doc = "what remains is rounding: the number format holds no smaller error",
     .lead = "Precision floor",
     .condition = {BELOW(ULPS, 64, "a forward pass of a few layers of some hundred terms loses up to six bits")},
     .next = next_precision},
    {.name = "noise floor",
     .doc = "the residual is white: what can be learnt is learnt, and the rest is noise",
     .lead = "Noise floor",
     .condition = {BELOW(COLOUR, 0.25, "a fit of a quarter of the frequencies makes a white residual 0.25 coloured"),
                   BELOW(ERROR, 0.95, "something must have been learnt"),
                   IF_BELOW(GAP, 1.3, "a network that learns the noise is worse at held-out points")},
     .next = next_noise},
    {.name = "optimiser stalled",
     .doc = "no band moves any more although much is missing, or none ever moved",
     .lead = "The optimiser stands still",
     .condition = {BELOW(STIR, 0.1,
                         "in half of all steps every band's error should change by a tenth while it is "
                         "learnt"),
                   IF_BELOW(DECLINE, 0.35, "the loss must stand as well: bands are not all there is to learn"),
                   ABOVE(ERROR, 0.2, "standing still near the target is having arrived")},
     .next = next_stalled},
    {.name = "spectral bias",
     .doc = "low frequencies are learnt, high ones are not: errors order with frequency",
     .lead = "Spectral bias",
     .condition = {ABOVE(ORDER, 0.4, "Kendall's tau beyond chance for ten bands (5 %)"),
                   BELOW(LOW_ERROR, 0.3, "the low bands must have been learnt"),
                   ABOVE(HIGH_ERROR, 0.3, "the high bands must not"),
                   BELOW(HIGH_ERROR, 1.5, "a band that is left alone has an error of 1; more was learnt wrongly")},
     .next = next_bias},
    {.name = "still learning",
     .doc = "the loss falls on: no cause but too few steps",
     .lead = "Still learning",
     .condition = {ABOVE(DECLINE, 0.35, "the loss falls by a third or more with every doubling of the steps"),
                   ABOVE(ERROR, 0.1, "what is learnt to 10 % counts as learnt"),
                   IF_BELOW(HELD, 1, "worse than a constant at held-out points: more of the same will not help")},
     .next = next_learning},
    {.name = "healthy",
     .doc = "learnt; nothing to do",
     .lead = "Learnt",
     .condition = {BELOW(ERROR, 0.1, "what is learnt to 10 % counts as learnt"),
                   IF_BELOW(HELD, 0.15, "at held-out points too")},
     .next = next_healthy},
    {.name = NULL}};
