/* recorder.c - one seed's monitor into the run directory, frame by frame.
 *
 * step.npy is written last of a frame's files, so its count is the number of complete frames: a reader takes that many
 * rows of the others.  The rule of monitor.stop_captured counts, bin by bin, the frames in a row below tau: a bin is
 * captured once `hold` frames follow its first, which is fqp_capture_frame seen from the running end. */
#include "exp.h"
#include "fail.h"
#include "follow.h"
#include "looks.h"
#include "mem.h"
#include "solution.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static fqp_status put_text_list(fqpi_recorder *r, const char *file, const fqp_bins *b) {
    json_t *list = json_array();
    for (size_t i = 0; i < b->nbins; i++)
        json_array_append_new(list, json_string(b->label[i]));
    fqp_status s = fqpi_store_put_json(r->ctx, r->store, file, list);
    json_decref(list);
    return s;
}

/* How the spectra of a probe were made, in words (the normalisation is always 1/n). */
static void describe(const fqp_config *config, const char *probe, char *buf, size_t size) {
    if (strcmp(probe, "dft") == 0) {
        const fqp_dft_opts *o = fqp_config_section(config, "monitor.dft");
        fqpi_print(buf, size, "%s relative error, 1/n, no window, %s", o->error ? "amplitude" : "complex",
                   o->detrend ? "mean of the target subtracted" : "mean kept");
    } else if (strcmp(probe, "projection") == 0) {
        const fqp_projection_opts *o = fqp_config_section(config, "monitor.projection");
        fqpi_print(buf, size, "%s relative error along %s, 1/n, no window, coordinate %s, %s",
                   o->error ? "amplitude" : "complex", o->direction ? o->direction : "pc1",
                   o->rescale ? "rescaled to [0, 1]" : "as it is",
                   o->centre ? "mean of the target subtracted" : "mean kept");
    } else if (strcmp(probe, "scattered") == 0) {
        const fqp_scattered_opts *o = fqp_config_section(config, "monitor.scattered");
        fqpi_print(buf, size, "%s relative error of least-squares coefficients, points weighted %s, no window, %s",
                   o->error ? "amplitude" : "complex", o->weights ? "equally" : "by density",
                   o->detrend ? "mean of the target subtracted" : "mean kept");
    } else if (strcmp(probe, "sine") == 0) {
        fqpi_print(buf, size, "relative error of sine amplitudes between two borders (DST-I), no window");
    } else if (strcmp(probe, "filter") == 0) {
        fqpi_print(buf, size, "Gaussian low-pass in input space, delta is the variance of the kernel");
    } else {
        fqpi_print(buf, size, "complex relative error over shells of |k|, 1/n, no window");
    }
}

static fqp_status put_probe(fqpi_recorder *r, const fqpi_lane *l) {
    const char *kind = l->name;
    fqp_bins b;
    fqp_status s = fqp_monitor_bins(l->monitor, l->probe, 0, &b);
    if (s)
        return s;
    char name[FQPI_NAME], note[160];
    const int64_t nb = (int64_t)b.nbins, nc = (int64_t)b.ncomp;
    const struct {
        const char *file;
        fqp_view v;
    } table[] = {
        {"axis", fqp_view_1d(b.axis, nb)},
        {"target", fqp_view_make(b.target, FQP_F64, 3, (const int64_t[]){nb, nc, 2})},
        {"valid", fqp_view_make(b.valid, FQP_U8, 1, &nb)},
        {"selected", fqp_view_make(b.selected, FQP_U8, 1, &nb)},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table && !s; i++) {
        fqpi_print(name, sizeof name, "%s/%s/%s", r->folder, kind, table[i].file);
        s = fqp_store_put(r->store, name, table[i].v);
    }
    if (s)
        return s;
    fqpi_print(name, sizeof name, "%s/%s/label.json", r->folder, kind);
    s = put_text_list(r, name, &b);
    if (s)
        return s;
    describe(r->config, fqp_monitor_probe_name(l->monitor, l->probe), note, sizeof note);
    json_t *about = json_pack("{s:s, s:s, s:f, s:s}", "axis_name", b.axis_name, "axis_unit", b.axis_unit, "wavenumber",
                              b.wavenumber, "note", note);
    fqpi_print(name, sizeof name, "%s/%s/probe.json", r->folder, kind);
    s = fqpi_store_put_json(r->ctx, r->store, name, about);
    json_decref(about);
    return s;
}

static void add_lanes(fqpi_recorder *r, fqp_monitor *m, const char *prefix) {
    for (size_t p = 0; p < fqp_monitor_probes(m); p++) {
        fqpi_lane *l = &r->lane[r->nlanes++];
        *l = (fqpi_lane){.monitor = m, .probe = p};
        fqpi_print(l->name, sizeof l->name, "%s%s", prefix, fqp_monitor_probe_name(m, p));
    }
}

fqp_status fqpi_recorder_begin(fqpi_recorder *r, fqp_ctx *ctx, fqp_store *store, fqp_monitor *monitor,
                               fqp_monitor *held, const fqp_config *config, int64_t seed) {
    const fqp_monitor_opts *opts = fqp_config_section(config, "monitor");
    *r = (fqpi_recorder){.ctx = ctx,
                         .store = store,
                         .monitor = monitor,
                         .held = held,
                         .predictions = opts->predictions,
                         .tau = opts->tau,
                         .hold = opts->hold,
                         .stop_captured = opts->stop_captured,
                         .config = config,
                         .last_step = -1,
                         .last_loss = NAN,
                         .last_accuracy = NAN};
    fqpi_print(r->folder, sizeof r->folder, "seed_%04lld", (long long)seed);
    const size_t n = fqp_monitor_probes(monitor) + (held ? fqp_monitor_probes(held) : 0);
    r->lane = fqpi_calloc(ctx, n, sizeof *r->lane);
    if (!r->lane)
        return FQP_E_NOMEM;
    add_lanes(r, monitor, "");
    if (held)
        add_lanes(r, held, "held/");
    return fqpi_follow_create(ctx, store, r->folder, opts->tensorboard, &r->follow);
}

fqp_status fqpi_recorder_solution(fqpi_recorder *r, fqpi_solution *solution) {
    fqp_monitor *m = fqpi_solution_monitor(solution);
    r->solution = solution;
    r->predictions = true;
    if (!m)
        return FQP_OK;
    fqpi_lane *lane = fqpi_resize(r->ctx, r->lane, r->nlanes + fqp_monitor_probes(m), sizeof *lane);
    if (!lane)
        return FQP_E_NOMEM;
    r->lane = lane;
    add_lanes(r, m, "residual/");
    return FQP_OK;
}

/* Count this frame's error of every bin; true when all selected ones are captured. */
static bool count_below(const fqpi_recorder *r, int64_t *below, const double *error, const uint8_t *selected,
                        size_t nbins) {
    bool all = true;
    for (size_t b = 0; b < nbins; b++) {
        if (below[b] <= r->hold) /* once past it the bin stays captured */
            below[b] = error[b] < r->tau ? below[b] + 1 : 0;
        all = all && (!selected[b] || isnan(error[b]) || below[b] > r->hold); /* NaN: masked, never judged */
    }
    return all;
}

static bool any(const uint8_t *flag, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (flag[i])
            return true;
    return false;
}

static fqp_status append(fqpi_recorder *r, const char *series, fqp_view v) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s", r->folder, series);
    return fqp_store_append(r->store, name, v);
}

static fqp_status append_lane(fqpi_recorder *r, fqpi_lane *l, fqp_bins *b) {
    fqp_status s = fqp_monitor_bins(l->monitor, l->probe, fqp_monitor_frames(l->monitor) - 1, b);
    char series[FQPI_NAME];
    fqpi_print(series, sizeof series, "%s/prediction", l->name);
    const int64_t shape[] = {(int64_t)b->nbins, (int64_t)b->ncomp, 2};
    s = s ? s : append(r, series, fqp_view_make(b->prediction, FQP_F64, 3, shape));
    fqpi_print(series, sizeof series, "%s/error", l->name);
    return s ? s : append(r, series, fqp_view_1d(b->error, shape[0]));
}

static fqp_status append_spectra(fqpi_recorder *r) {
    bool all = true, some = false;
    for (size_t i = 0; i < r->nlanes; i++) {
        fqpi_lane *l = &r->lane[i];
        fqp_bins b = {0};
        fqp_status s = append_lane(r, l, &b);
        if (s)
            return s;
        if (!l->below && !(l->below = fqpi_calloc(r->ctx, b.nbins, sizeof *l->below)))
            return FQP_E_NOMEM;
        const bool here = count_below(r, l->below, b.error, b.selected, b.nbins);
        if (l->monitor != r->monitor)
            continue; /* what is learnt is judged where it is learnt */
        all = all && here;
        some = some || any(b.selected, b.nbins);
    }
    r->captured = all && some;
    return FQP_OK;
}

/* 10 log10(peak^2/mean squared error) over points and outputs [dB]. */
static fqp_status append_psnr(fqpi_recorder *r, fqp_view prediction) {
    const int64_t n = fqp_view_count(r->y);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double e = fqp_view_at(prediction, i) - fqp_view_at(r->y, i);
        sum += e * e;
    }
    const double psnr = 10 * log10(r->peak * r->peak * (double)n / sum);
    return append(r, "psnr", fqp_view_make(&psnr, FQP_F64, 0, NULL));
}

static fqp_status append_extras(fqpi_recorder *r, const fqpi_record *record) {
    fqp_status s = r->predictions ? append(r, "prediction", record->prediction) : FQP_OK;
    if (!s && r->predictions && r->held)
        s = append(r, "held/prediction", record->held);
    if (!s && r->peak > 0)
        s = append_psnr(r, record->prediction);
    if (!s && r->nterms > 0)
        s = append(r, "terms", fqp_view_1d(record->term, (int64_t)r->nterms));
    if (!s && r->rates)
        s = append(r, "lr", fqp_view_make(&record->lr, FQP_F64, 0, NULL));
    return s;
}

static fqp_status keep_last(const fqpi_recorder *r, fqp_view v, fqp_array *out) {
    if (!out->data) {
        fqp_status s = fqp_array_create(r->ctx, v.dtype, v.ndim, v.shape, out);
        if (s)
            return s;
    }
    memcpy(out->data, v.data, (size_t)fqp_view_count(v) * fqp_dtype_size(v.dtype));
    return FQP_OK;
}

static fqp_status observe(fqpi_recorder *r, const fqpi_record *record) {
    fqp_status s = fqp_monitor_observe(r->monitor, record->step, record->seconds, record->prediction);
    if (!s && r->held)
        s = fqp_monitor_observe(r->held, record->step, record->seconds, record->held);
    if (!s && r->solution)
        s = fqpi_solution_frame(r->solution, record->step, record->seconds, record->prediction, record->residual,
                                record->numbers);
    if (!s)
        s = keep_last(r, record->prediction, &r->final);
    return s || !r->held ? s : keep_last(r, record->held, &r->held_final);
}

fqp_status fqpi_recorder_frame(fqpi_recorder *r, const fqpi_record *record) {
    if (record->step <= r->last_step)
        return FQP_OK; /* the frame a resumed run starts at is there already */
    fqp_status s = observe(r, record);
    for (size_t i = 0; i < r->nlanes && !s && !r->described; i++)
        s = put_probe(r, &r->lane[i]);
    r->described = true;
    if (!s)
        s = append_spectra(r);
    if (!s)
        s = append_extras(r, record);
    const struct {
        const char *series;
        const double *value;
    } scalars[] = {{"seconds", &record->seconds},
                   {"loss", &record->loss},
                   {"accuracy", &record->accuracy},
                   {"epoch", &record->epoch}};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars && !s; i++)
        s = append(r, scalars[i].series, fqp_view_make(scalars[i].value, FQP_F64, 0, NULL));
    if (!s)
        s = fqpi_recorder_stop_frame(r, record);
    if (!s)
        s = append(r, "step", fqp_view_make(&record->step, FQP_I64, 0, NULL));
    if (!s)
        s = fqpi_follow_frame(r->follow, record, (const fqp_monitor *const[]){r->monitor, r->held}, r->held ? 2 : 1);
    if (s)
        return s;
    r->last_step = record->step;
    r->last_loss = record->loss;
    r->last_accuracy = record->accuracy;
    r->last_seconds = record->seconds;
    r->frames++;
    return fqpi_looks_frame(r->looks, r->frames - 1, r->last_step);
}

fqp_status fqpi_recorder_final(const fqpi_recorder *r) {
    const struct {
        const char *file;
        const fqp_array *a;
    } table[] = {{"final", &r->final}, {"held/final", &r->held_final}};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < 2 && !s; i++) {
        char name[FQPI_NAME];
        fqpi_print(name, sizeof name, "%s/%s", r->folder, table[i].file);
        if (table[i].a->data)
            s = fqp_store_put(r->store, name, fqp_array_view(table[i].a));
    }
    return s;
}

/* ---- resuming -------------------------------------------------------------------------------------------------- */

static fqp_status get(const fqpi_recorder *r, const char *series, fqp_array *out) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s", r->folder, series);
    return fqp_store_get(r->store, name, out);
}

static fqp_status cut(fqpi_recorder *r, const char *series, int64_t frames) {
    char name[FQPI_NAME], file[FQPI_NAME + 4];
    fqpi_print(name, sizeof name, "%s/%s", r->folder, series);
    fqpi_print(file, sizeof file, "%s.npy", name);
    return fqp_store_has(r->store, file) ? fqp_store_truncate(r->store, name, frames) : FQP_OK;
}

static fqp_status cut_all(fqpi_recorder *r, int64_t frames) {
    static const char *const series[] = {"step",       "seconds",         "loss",  "accuracy", "epoch", "psnr",
                                         "prediction", "held/prediction", "terms", "lr",       "stop"};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof series / sizeof *series && !s; i++)
        s = cut(r, series[i], frames);
    if (!s && r->solution)
        s = fqpi_solution_resume(r->solution, frames);
    for (size_t i = 0; i < r->nlanes && !s; i++) {
        char name[FQPI_NAME];
        fqpi_print(name, sizeof name, "%s/prediction", r->lane[i].name);
        s = cut(r, name, frames);
        fqpi_print(name, sizeof name, "%s/error", r->lane[i].name);
        if (!s)
            s = cut(r, name, frames);
    }
    return s;
}

/* Stored errors of one probe through the capture rule; *all: and everything selected was captured. */
static fqp_status replay(fqpi_recorder *r, fqpi_lane *l, size_t frames, bool *all) {
    char name[FQPI_NAME];
    fqp_array error = {0}, selected = {0};
    fqpi_print(name, sizeof name, "%s/selected", l->name);
    fqp_status s = get(r, name, &selected);
    fqpi_print(name, sizeof name, "%s/error", l->name);
    if (!s)
        s = get(r, name, &error);
    if (!s) {
        const size_t nbins = (size_t)selected.shape[0];
        l->below = fqpi_calloc(r->ctx, nbins, sizeof *l->below);
        if (!l->below)
            s = FQP_E_NOMEM;
        bool here = false;
        for (size_t f = 0; f < frames && !s; f++)
            here = count_below(r, l->below, (const double *)error.data + f * nbins, selected.data, nbins);
        if (l->monitor == r->monitor)
            *all = *all && here && any(selected.data, nbins);
    }
    fqp_array_free(&error);
    fqp_array_free(&selected);
    return s;
}

fqp_status fqpi_recorder_resume(fqpi_recorder *r, int64_t step, fqpi_asked_fn asked, const void *who) {
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/step.npy", r->folder);
    if (!fqp_store_has(r->store, file)) {
        fqp_status cleared = cut_all(r, 0);
        if (!cleared)
            cleared = fqpi_follow_resume(r->follow, 0);
        return cleared ? cleared : fqpi_looks_resume(r->looks, NULL, 0);
    }
    fqp_array steps = {0};
    fqp_status s = get(r, "step", &steps);
    if (s)
        return s;
    const int64_t *at = steps.data;
    int64_t keep = 0;
    while (keep < steps.shape[0] && at[keep] <= step)
        keep++;
    /* The last frame of an interrupted part may stand outside the schedule; a run that was never stopped would not have
     * it. */
    if (keep > 0 && at[keep - 1] > 0 && !asked(who, at[keep - 1]))
        keep--;
    s = cut_all(r, keep);
    if (!s)
        s = fqpi_looks_resume(r->looks, at, (size_t)keep);
    if (!s)
        s = fqpi_follow_resume(r->follow, (size_t)keep);
    if (!s && keep > 0) {
        r->last_step = at[keep - 1];
        r->frames = (size_t)keep;
        bool all = true;
        for (size_t i = 0; i < r->nlanes && !s; i++)
            s = replay(r, &r->lane[i], r->frames, &all);
        r->captured = all;
        r->described = true;
        s = s ? s : fqpi_recorder_stop_resume(r, at, r->frames);
    }
    fqp_array_free(&steps);
    return s;
}

void fqpi_recorder_free(fqpi_recorder *r) {
    for (size_t i = 0; i < r->nlanes; i++)
        fqpi_free(r->lane[i].below);
    fqpi_free(r->lane);
    r->lane = NULL;
    r->nlanes = 0;
    fqp_array_free(&r->final);
    fqp_array_free(&r->held_final);
    fqp_stopping_destroy(r->stopping);
    r->stopping = NULL;
    fqpi_solution_destroy(r->solution);
    r->solution = NULL;
    fqpi_looks_free(r->looks);
    fqpi_follow_free(r->follow);
    r->looks = NULL;
    r->follow = NULL;
}
