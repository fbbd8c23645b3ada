/* predict.c - training as the kernel sees it, against the runs: fqp predict within claims.
 *
 * A row predicts the seed at hand at its recorded frames, through a monitor of the run's own configuration. */
#include "../predict_i.h"
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* What a theory predicts of a seed, at its recorded frames. */
typedef struct told {
    char *dir;
    int64_t seed;
    int kernel, rule; /* of fqpi_theory_wish */
    bool reversed;
    size_t frames, nbins;
    double *error;     /* [frames, nbins] of the first probe that has an axis */
    double *rms;       /* [frames] ||predicted - measured function|| / ||target||; NaN: no stored predictions */
    double largest_lr; /* stable */
} told;

static void drop(void *place) {
    told *t = place;
    fqpi_free(t->dir);
    fqpi_free(t->error);
    fqpi_free(t->rms);
    *t = (told){0};
}

/* ---- the theory of a seed -------------------------------------------------------------------------------------- */

typedef struct telling {
    const fqpi_measuring *m;
    const fqpi_seed *seed;
    const fqpi_series *series;
    fqp_config *config;
    fqp_dataset *data;
    fqpi_theory theory;
    fqp_monitor *monitor;
    size_t probe;
    double *f; /* [n_eval, m] */
    told *out;
} telling;

static fqp_status open_all(telling *t, fqpi_theory_wish wish) {
    const fqpi_measuring *m = t->m;
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/config.yaml", m->dir);
    fqp_status s = fqp_config_load(m->ctx, path, 0, NULL, &t->config);
    if (!s)
        s = fqp_dataset_create(m->ctx, fqp_config_section(t->config, "data"), (uint64_t)t->seed->number, t->config,
                               &t->data);
    if (!s)
        s = fqpi_theory_create(m->ctx, t->config, t->data, t->seed->number, wish, &t->theory);
    if (s)
        return s;
    fqp_monitor_setup setup = fqp_monitor_setup_from(t->config);
    setup.seed = (uint64_t)t->seed->number;
    s = fqp_monitor_create(m->ctx, t->theory.where, t->theory.y, &setup, &t->monitor);
    while (!s && t->probe < fqp_monitor_probes(t->monitor) &&
           strcmp(fqp_monitor_probe_name(t->monitor, t->probe), t->series->name) != 0)
        t->probe++;
    t->f = fqpi_alloc(m->ctx, (size_t)(t->theory.n_eval * t->theory.m), sizeof *t->f);
    return s || t->f ? s : FQP_E_NOMEM;
}

static void close_all(telling *t) {
    fqpi_free(t->f);
    fqp_monitor_destroy(t->monitor);
    fqpi_theory_free(&t->theory);
    fqp_dataset_destroy(t->data);
    fqp_config_destroy(t->config);
}

static double distance(const telling *t, const fqpi_stored *stored, size_t frame) {
    const double *y = stored ? stored->y.data : NULL;
    double away = 0, size = 0;
    for (int64_t i = 0; stored && i < stored->n * stored->m; i++) {
        const double d = t->f[i] - fqpi_stored_at(stored, (int64_t)frame, i);
        away += d * d;
        size += y[i] * y[i];
    }
    return stored ? sqrt(away / size) : NAN;
}

static fqp_status tell_frames(telling *t) {
    const int64_t *step = t->seed->step.data;
    const fqp_monitor_opts *monitor = fqp_config_section(t->config, "monitor");
    const fqpi_stored *stored = monitor->predictions ? fqpi_measuring_stored(t->m) : NULL;
    fqp_status s = FQP_OK;
    for (size_t f = 0; !s && f < t->out->frames; f++) {
        fqp_bins b;
        double loss;
        s = fqpi_theory_at(&t->theory, (double)step[f], t->f, &loss);
        if (!s)
            s = fqp_monitor_observe(t->monitor, step[f], NAN, fqp_view_2d(t->f, t->theory.n_eval, t->theory.m));
        if (!s)
            s = fqp_monitor_bins(t->monitor, t->probe, f, &b);
        if (!s && b.nbins != t->out->nbins)
            s = FQP_E_DATA;
        if (!s)
            memcpy(t->out->error + f * b.nbins, b.error, b.nbins * sizeof *b.error);
        t->out->rms[f] = s ? NAN : distance(t, stored, f);
    }
    return s;
}

static fqp_status tell(const fqpi_measuring *m, fqpi_theory_wish wish, told *out) {
    telling t = {.m = m, .seed = &m->trial->seed[m->seed], .out = out};
    t.series = fqpi_measuring_series(m, m->seed, NULL);
    if (!t.series)
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL, "%s: no probe with an axis", m->dir);
    *out = (told){.seed = m->seed,
                  .kernel = wish.kernel,
                  .rule = wish.rule,
                  .reversed = wish.reversed,
                  .frames = t.series->frames,
                  .nbins = t.series->nbins,
                  .dir = fqpi_strdup(m->ctx, m->dir)};
    out->error = fqpi_alloc(m->ctx, out->frames * out->nbins, sizeof(double));
    out->rms = fqpi_alloc(m->ctx, out->frames, sizeof(double));
    fqp_status s = out->dir && out->error && out->rms ? open_all(&t, wish) : FQP_E_NOMEM;
    out->largest_lr = t.theory.largest_lr;
    if (!s)
        s = tell_frames(&t);
    close_all(&t);
    return s;
}

/* The theory of the seed at hand, kept until another is asked for; NULL with a problem. */
static const told *told_of(const fqpi_measuring *m, fqpi_theory_wish wish) {
    told *t = fqpi_cache_place(m, fqpi_measures_predict, sizeof *t, drop);
    if (!t)
        return NULL;
    if (t->dir && t->seed == m->seed && t->kernel == wish.kernel && t->rule == wish.rule &&
        t->reversed == wish.reversed && strcmp(t->dir, m->dir) == 0)
        return t;
    drop(t);
    if (!tell(m, wish, t))
        return t;
    drop(t);
    return NULL;
}

/* Arguments from `at` on: kernel, rule. */
static fqpi_theory_wish wish_of(const double *arg, int nargs, int at) {
    return (fqpi_theory_wish){.kernel = nargs > at ? (int)arg[at] : -1, .rule = nargs > at + 1 ? (int)arg[at + 1] : -1};
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* max over frames and selected bins of |predicted - measured|, in parts of the measured error at the start */
static double largest_gap(const fqpi_measuring *m, fqpi_theory_wish wish) {
    const told *t = told_of(m, wish);
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    double most = NAN;
    for (size_t i = 0; t && i < t->frames * t->nbins; i++) {
        const size_t bin = i % t->nbins;
        const double start = fqpi_series_error(s, 0, bin);
        const double d = fabs(t->error[i] - fqpi_series_error(s, i / t->nbins, bin)) / (start > 0 ? start : 1);
        if (fqpi_series_selected(s, bin) && isfinite(d) && !(d <= most))
            most = d;
    }
    return most;
}

static double predict_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    return largest_gap(m, wish_of(arg, nargs, 0));
}

static double predict_gap_reversed(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return largest_gap(m, (fqpi_theory_wish){.kernel = -1, .rule = -1, .reversed = true});
}

static double largest_rms(const told *t) {
    double most = t && t->frames ? t->rms[0] : NAN;
    for (size_t f = 0; t && f < t->frames; f++)
        most = fmax(most, t->rms[f]);
    return most;
}

static double predict_rms(const fqpi_measuring *m, const double *arg, int nargs) {
    return largest_rms(told_of(m, wish_of(arg, nargs, 0)));
}

static double predict_rms_reversed(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return largest_rms(told_of(m, (fqpi_theory_wish){.kernel = -1, .rule = -1, .reversed = true}));
}

static double predict_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const told *t = told_of(m, wish_of(arg, nargs, 2));
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    const int64_t bin = t ? fqpi_measuring_bin(s, arg[0]) : -1;
    if (bin < 0 || !t->frames)
        return NAN;
    const int64_t *step = m->trial->seed[m->seed].step.data;
    size_t f = t->frames - 1;
    while (nargs > 1 && f > 0 && (double)step[f] > arg[1])
        f--;
    return t->error[f * t->nbins + (size_t)bin];
}

static double predict_t(const fqpi_measuring *m, const double *arg, int nargs) {
    const told *t = told_of(m, wish_of(arg, nargs, 1));
    const fqpi_series *s = fqpi_measuring_series(m, m->seed, NULL);
    const int64_t bin = t ? fqpi_measuring_bin(s, arg[0]) : -1;
    if (bin < 0)
        return NAN;
    const int64_t f = fqp_capture_frame(t->error + bin, t->frames, t->nbins, m->trial->tau, m->trial->hold);
    return f < 0 ? INFINITY : (double)((const int64_t *)m->trial->seed[m->seed].step.data)[f];
}

static double predict_lr(const fqpi_measuring *m, const double *arg, int nargs) {
    const told *t = told_of(m, wish_of(arg, nargs, 0));
    return t ? t->largest_lr : NAN;
}

const fqpi_measure fqpi_measures_predict[] = {
    {"predict_gap", 0, 2, true, false,
     "predict_gap([kernel, rule]): largest |predicted - measured| error over steps and selected bins, in parts of the "
     "error at the start; kernel 0 infinite, 1 the network's own; rule 0 flow, 1 gd, 2 momentum, 3 nesterov; -1: as "
     "configured",
     predict_gap},
    {"predict_gap_reversed", 0, 0, true, false,
     "predict_gap_reversed(): the same with the eigenvalues in reversed order, a wrong theory", predict_gap_reversed},
    {"predict_rms", 0, 2, true, false,
     "predict_rms([kernel, rule]): largest distance of the predicted from the measured function over the steps, in "
     "parts of the target (needs monitor.predictions)",
     predict_rms},
    {"predict_rms_reversed", 0, 0, true, false,
     "predict_rms_reversed(): the same with the eigenvalues in reversed order", predict_rms_reversed},
    {"predict_error", 1, 4, true, false,
     "predict_error(k[, step, kernel, rule]): predicted error of frequency k, at the end or at a step", predict_error},
    {"predict_t", 1, 3, true, false,
     "predict_t(k[, kernel, rule]): step at which frequency k is predicted to be learnt", predict_t},
    {"predict_lr", 0, 2, true, false, "predict_lr([kernel, rule]): largest learning rate predicted to be stable",
     predict_lr},
    {0}};
