/* verdict_says.c - every number of a verdict as a clause of a sentence. */
#include "verdict_i.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void fqpi_verdict_text(char text[FQP_VERDICT_TEXT], const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, FQP_VERDICT_TEXT, fmt, args);
    va_end(args);
}

typedef char clause[FQP_VERDICT_TEXT];

static const char *axis_name(const fqpi_findings *f) {
    return f->e->bands.axis_name ? f->e->bands.axis_name : "frequency";
}

static void error(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the error at the %s points is %.3g %% of the target's variation",
                      f->blind ? "held-out" : "training", 100 * f->v[FQPI_N_ERROR]);
}

static void held(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the error at the held-out points is %.3g %% of the target's variation",
                      100 * f->v[FQPI_N_HELD]);
}

static void gap(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the held-out error is %.3g times the training error (%.3g %% against %.3g %%)",
                      f->v[FQPI_N_GAP], 100 * f->v[FQPI_N_HELD], 100 * f->v[FQPI_N_ERROR]);
}

static void ulps(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the residual is %.3g units in the last place of %s", f->v[FQPI_N_ULPS],
                      f->e->element == FQP_F64 ? "double precision" : "single precision");
}

static void scale(const fqpi_findings *f, clause t) {
    char what[40] = "the inputs";
    if (f->output_scale)
        (void)snprintf(what, sizeof what, "the targets");
    else if (f->d > 1 && f->axis >= 0)
        (void)snprintf(what, sizeof what, "input %lld", (long long)f->axis + 1);
    fqpi_verdict_text(t, "%s %s from %.3g to %.3g, a factor %.3g from the size 1 that networks are initialised for",
                      what, f->d > 1 && !f->output_scale && f->axis >= 0 ? "reaches" : "reach", f->low, f->high,
                      f->v[FQPI_N_SCALE]);
}

static void unequal(const fqpi_findings *f, clause t) {
    if (f->terms)
        fqpi_verdict_text(t,
                          "loss term \"%s\" began %.3g times larger than \"%s\", and of their square roots %.3g %% and "
                          "%.3g %% are left: %.3g times more of the small one",
                          f->e->term[f->large], f->size_ratio, f->e->term[f->small], 100 * f->large_error,
                          100 * f->v[FQPI_N_NEGLECTED], f->v[FQPI_N_UNEQUAL]);
    else
        fqpi_verdict_text(
            t,
            "output %zu varies %.3g times more than output %zu, and their relative errors are %.3g %% and "
            "%.3g %%: %.3g times larger for the small one",
            f->large + 1, f->size_ratio, f->small + 1, 100 * f->large_error, 100 * f->v[FQPI_N_NEGLECTED],
            f->v[FQPI_N_UNEQUAL]);
}

static void neglected(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the error of the small one is %.3g %% of it", 100 * f->v[FQPI_N_NEGLECTED]);
}

static void colour(const fqpi_findings *f, clause t) {
    if (f->whole_spectrum)
        fqpi_verdict_text(t,
                          "the residual's cumulated spectrum is at most %.2g away from that of white noise (0: white, "
                          "1: one frequency)",
                          f->v[FQPI_N_COLOUR]);
    else
        fqpi_verdict_text(t, "residuals of nearest neighbours correlate with %.2g (0: white, 1: smooth)",
                          f->v[FQPI_N_COLOUR]);
}

static void beyond(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t,
                      "%.3g %% of the held-out target's energy lies above the training points' Nyquist frequency of "
                      "%.3g cycles per unit",
                      100 * f->v[FQPI_N_BEYOND], f->nyquist);
}

static void order(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "errors order with %s (Kendall's tau %.2f)", axis_name(f), f->v[FQPI_N_ORDER]);
}

static void low_error(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the error is %.3g %% around %s %.3g", 100 * f->v[FQPI_N_LOW_ERROR], axis_name(f),
                      f->low_axis);
}

static void high_error(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the error is %.3g %% around %s %.3g", 100 * f->v[FQPI_N_HIGH_ERROR], axis_name(f),
                      f->high_axis);
}

static void stir(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "in the second half of the steps no band's error changed by more than %.3g %%",
                      100 * expm1(f->v[FQPI_N_STIR]));
}

static void decline(const fqpi_findings *f, clause t) {
    const double factor = exp(f->v[FQPI_N_DECLINE]);
    if (factor >= 1)
        fqpi_verdict_text(t, "over the last doubling of the steps the loss fell by a factor %.3g", factor);
    else
        fqpi_verdict_text(t, "over the last doubling of the steps the loss rose by a factor %.3g", 1 / factor);
}

static void rise(const fqpi_findings *f, clause t) {
    char band[64] = "";
    if (f->band_high > 0)
        (void)snprintf(band, sizeof band, " of the band from %.3g to %.3g", f->band_low, f->band_high);
    fqpi_verdict_text(t, "the held-out error%s is %.3g times what it was at step %lld", band, f->v[FQPI_N_RISE],
                      (long long)f->best_step);
}

static void since(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "%s is %.3g times what it was then",
                      f->band_high > 0 ? "the training error of that band" : "the training error", f->v[FQPI_N_SINCE]);
}

static void moved(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the network's output went %.3g %% of the way from its start to the target",
                      100 * f->v[FQPI_N_MOVED]);
}

static void lr(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the learning rate ended at %.3g of its largest value", f->v[FQPI_N_LR]);
}

static void residual(const fqpi_findings *f, clause t) {
    fqpi_verdict_text(t, "the equation's residual is %.3g %% of what the equation asks for",
                      100 * f->v[FQPI_N_RESIDUAL]);
}

static void hidden(const fqpi_findings *f, clause t) {
    char where[96] = "";
    if (f->error_axis < 0.8 * f->residual_axis)
        (void)snprintf(where, sizeof where, "; the error lies around %s %.3g, the residual around %.3g", axis_name(f),
                       f->error_axis, f->residual_axis);
    fqpi_verdict_text(t, "the error is %.3g times larger than the residual lets expect%s", f->v[FQPI_N_HIDDEN], where);
}

const fqpi_number_row fqpi_number_rows[FQPI_N_COUNT] = {
    [FQPI_N_ERROR] = {"training error", error},
    [FQPI_N_HELD] = {"held-out error", held},
    [FQPI_N_GAP] = {"held-out over training error", gap},
    [FQPI_N_ULPS] = {"units in the last place", ulps},
    [FQPI_N_SCALE] = {"scale", scale},
    [FQPI_N_UNEQUAL] = {"unequal errors", unequal},
    [FQPI_N_NEGLECTED] = {"error of the small part", neglected},
    [FQPI_N_COLOUR] = {"distance from white", colour},
    [FQPI_N_BEYOND] = {"energy above Nyquist", beyond},
    [FQPI_N_ORDER] = {"order", order},
    [FQPI_N_LOW_ERROR] = {"error of low bands", low_error},
    [FQPI_N_HIGH_ERROR] = {"error of high bands", high_error},
    [FQPI_N_STIR] = {"movement of the bands", stir},
    [FQPI_N_DECLINE] = {"fall of the loss", decline},
    [FQPI_N_RISE] = {"rise of held-out error", rise},
    [FQPI_N_SINCE] = {"fall of training error", since},
    [FQPI_N_MOVED] = {"way to the target", moved},
    [FQPI_N_LR] = {"learning rate", lr},
    [FQPI_N_RESIDUAL] = {"residual of the equation", residual},
    [FQPI_N_HIDDEN] = {"error over residual", hidden},
};
