/* journal.c - anyone's run while it goes on: monitors, recorder and manifest behind one way in. */
#include "journal.h"
#include "fail.h"
#include "grid.h"
#include "mem.h"
#include "probe.h"
#include "real.h"
#include "solution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fqp_journal {
    fqp_ctx *ctx;
    fqp_config *config;
    fqp_store *store;
    fqpi_manifest manifest;
    fqp_monitor *monitor, *held;
    fqpi_recorder recorder;
    fqp_array x, y, held_x, held_y; /* f64 or f32, two axes */
    fqp_pde *problem;               /* that the configuration states; NULL: none */
    fqp_stop stop;                  /* what the rule says after the last frame */
    bool temporary, ended;
    double began;
};

/* ---- points and settings --------------------------------------------------------------------------------------- */

/* A copy as a table of f32 or f64 with two axes. */
static fqp_status table(fqp_ctx *ctx, const char *what, fqp_view v, fqp_array *out) {
    if (!v.data || v.ndim < 1 || v.ndim > 2 || v.shape[0] < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s: a table [points, columns] is expected, not %d dimensions", what,
                         v.data ? v.ndim : 0);
    fqp_status s = fqp_array_convert(ctx, v, v.dtype == FQP_F32 ? FQP_F32 : FQP_F64, out);
    if (!s && out->ndim == 1) {
        out->ndim = 2;
        out->shape[1] = 1;
    }
    return s;
}

static fqp_status same_length(fqp_ctx *ctx, const char *x, const char *y, const fqp_array *a, const fqp_array *b) {
    if (a->shape[0] == b->shape[0])
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s has %lld points, %s has %lld", x, (long long)a->shape[0], y,
                     (long long)b->shape[0]);
}

static fqp_status take_points(fqp_journal *j, const fqp_journal_setup *setup) {
    fqp_ctx *ctx = j->ctx;
    fqp_status s = table(ctx, "x", setup->x, &j->x);
    if (!s)
        s = table(ctx, "y", setup->y, &j->y);
    if (!s)
        s = same_length(ctx, "x", "y", &j->x, &j->y);
    if (s || !setup->held_x.data)
        return s;
    s = table(ctx, "held-out x", setup->held_x, &j->held_x);
    if (!s)
        s = table(ctx, "held-out y", setup->held_y, &j->held_y);
    if (!s)
        s = same_length(ctx, "held-out x", "held-out y", &j->held_x, &j->held_y);
    if (!s && (j->held_x.shape[1] != j->x.shape[1] || j->held_y.shape[1] != j->y.shape[1]))
        s = fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                      "held-out points have %lld inputs and %lld outputs, the training points %lld and %lld",
                      (long long)j->held_x.shape[1], (long long)j->held_y.shape[1], (long long)j->x.shape[1],
                      (long long)j->y.shape[1]);
    return s;
}

/* The configuration, with the probe that suits the points where nobody named one; and whether points are held out. */
static fqp_status settle(fqp_journal *j, const fqp_config *given) {
    char *yaml = NULL, probes[64];
    fqp_status s = given ? fqp_config_yaml(j->ctx, given, &yaml) : FQP_OK;
    if (s)
        return s;
    const fqp_monitor_opts *opts = given ? fqp_config_section(given, "monitor") : NULL;
    const char *set[2];
    size_t nset = 0;
    const bool named = given && fqp_config_given(given, "monitor.probes");
    const int64_t row = fqpi_suiting_probe(j->ctx, fqp_array_view(&j->x));
    fqpi_print(probes, sizeof probes, "monitor.probes=[%s]", fqpi_probe_row((size_t)row)->name);
    if (!named)
        set[nset++] = probes;
    if (j->held_x.data || (opts && opts->held))
        set[nset++] = j->held_x.data ? "monitor.held=true" : "monitor.held=false";
    s = fqp_config_parse(j->ctx, "journal", yaml ? yaml : "", nset, set, &j->config);
    fqpi_free_text(yaml);
    return s;
}

static fqp_status watch(fqp_journal *j, const fqp_config *given) {
    fqp_monitor_setup setup = fqp_monitor_setup_from(j->config);
    setup.conf = given ? given : j->config; /* messages speak of the lines that were written */
    fqp_status s = fqp_monitor_create(j->ctx, fqp_array_view(&j->x), fqp_array_view(&j->y), &setup, &j->monitor);
    if (!s && j->held_x.data)
        s = fqpi_held_monitor(j->ctx, fqp_array_view(&j->held_x), fqp_array_view(&j->held_y), &setup, &j->held);
    return s;
}

/* ---- the directory --------------------------------------------------------------------------------------------- */

static fqp_status put_inputs(fqp_journal *j, const char *origin) {
    fqp_dataset d = {
        .n = j->x.shape[0], .d = j->x.shape[1], .m = j->y.shape[1], .n_test = j->held_x.data ? j->held_x.shape[0] : 0};
    fqpi_grid grid;
    if (d.d <= FQPI_GRID_MAX && !fqpi_grid_find(j->ctx, fqp_array_view(&j->x), "", "", NULL, &grid)) {
        d.grid_ndim = grid.ndim;
        memcpy(d.grid, grid.shape, (size_t)grid.ndim * sizeof *grid.shape);
    }
    fqp_ctx_problems_clear(j->ctx); /* scattered points are welcome */
    d.origin = fqpi_strdup(j->ctx, origin ? origin : "");
    fqpi_manifest_data(&j->manifest, &d, "train");
    fqpi_free(d.origin);
    fqp_status s = fqp_store_put(j->store, "x", fqp_array_view(&j->x));
    if (!s)
        s = fqp_store_put(j->store, "y", fqp_array_view(&j->y));
    if (!s && j->held_x.data)
        s = fqpi_held_put(j->store, "seed_0001", fqp_array_view(&j->held_x), fqp_array_view(&j->held_y));
    char *yaml = NULL;
    if (!s)
        s = fqp_config_yaml(j->ctx, j->config, &yaml);
    if (!s)
        s = fqp_store_put_text(j->store, "config.yaml", yaml);
    fqpi_free_text(yaml);
    return s;
}

/* When to stop can be told with held-out points. */
static fqp_status rule(fqp_journal *j) {
    if (!j->held)
        return FQP_OK;
    return fqpi_recorder_stopping(&j->recorder, &(fqp_stopping_setup){.x = fqp_array_view(&j->x),
                                                                      .y = fqp_array_view(&j->y),
                                                                      .held_x = fqp_array_view(&j->held_x),
                                                                      .held_y = fqp_array_view(&j->held_y)});
}

static fqp_status begin(fqp_journal *j, const fqp_journal_setup *setup) {
    const fqp_run_opts *run = fqp_config_section(j->config, "run");
    fqp_status s = fqpi_manifest_begin(j->ctx, j->store, j->config, setup->command,
                                       setup->title ? setup->title : run->title, &j->manifest);
    if (s)
        return s;
    json_object_set_new(j->manifest.root, "analysed", json_true());
    json_array_append_new(json_object_get(j->manifest.root, "seeds"), json_integer(1));
    if (setup->nterms > 0) {
        json_t *names = json_array();
        for (size_t i = 0; i < setup->nterms; i++)
            json_array_append_new(names, json_string(setup->term[i]));
        s = fqpi_store_put_json(j->ctx, j->store, "seed_0001/terms.json", names);
        json_decref(names);
    }
    s = s ? s : put_inputs(j, setup->origin);
    return s ? s : rule(j);
}

/* Of an equation that the configuration states: its residual at the points, by finite differences. */
static fqp_status solve(fqp_journal *j) {
    const fqp_problem_opts *opts = fqp_config_section(j->config, "problem");
    if (!fqp_problem_given(opts))
        return FQP_OK;
    fqp_status s = fqp_problem_create(j->ctx, opts, j->config, &j->problem);
    const fqpi_solution_setup setup = {.ctx = j->ctx,
                                       .store = j->store,
                                       .folder = j->recorder.folder,
                                       .config = j->config,
                                       .problem = j->problem,
                                       .x = fqp_array_view(&j->x),
                                       .y = fqp_array_view(&j->y),
                                       .reference = "the targets given"};
    fqpi_solution *solution = NULL;
    s = s ? s : fqpi_solution_create(&setup, &solution);
    return s ? s : fqpi_recorder_solution(&j->recorder, solution);
}

static bool always(const void *who, int64_t step) {
    (void)who;
    (void)step;
    return true;
}

static bool stored(const fqp_journal *j, const char *name, const fqp_array *a) {
    fqp_array there = {0};
    bool same = fqp_store_get(j->store, name, &there) == FQP_OK && there.dtype == a->dtype && there.ndim == a->ndim &&
                memcmp(there.shape, a->shape, (size_t)a->ndim * sizeof *a->shape) == 0;
    same =
        same && memcmp(there.data, a->data, (size_t)fqp_view_count(fqp_array_view(a)) * fqp_dtype_size(a->dtype)) == 0;
    fqp_array_free(&there);
    return same;
}

static fqp_status go_on(fqp_journal *j) {
    fqp_status s = fqpi_manifest_resume(j->ctx, j->store, j->config, &j->manifest);
    if (s)
        return s;
    if (!stored(j, "x", &j->x) || !stored(j, "y", &j->y))
        return fqpi_fail(j->ctx, FQP_E_ARG, NULL, "%s: the run there has other points or targets",
                         fqp_store_dir(j->store));
    const fqp_status ruled = rule(j);
    return ruled ? ruled : fqpi_recorder_resume(&j->recorder, INT64_MAX, always, NULL);
}

static fqp_status open_directory(fqp_journal *j, const fqp_journal_setup *setup, bool *resumed) {
    if (setup->dir)
        return fqpi_open_for_run(j->ctx, setup->dir, setup->resume, setup->replace, &j->store, resumed);
    const char *base = getenv("TMPDIR");
    char *dir = fqpi_format(j->ctx, "%s/fqp-XXXXXX", base && *base ? base : "/tmp");
    if (!dir)
        return FQP_E_NOMEM;
    fqp_status s = mkdtemp(dir) ? fqpi_open_for_run(j->ctx, dir, false, false, &j->store, resumed)
                                : fqpi_fail(j->ctx, FQP_E_IO, NULL, "%s: no temporary directory can be made", dir);
    j->temporary = true;
    fqpi_free(dir);
    return s;
}

static fqp_status open_journal(fqp_journal *j, const fqp_journal_setup *setup) {
    bool resumed = false;
    fqp_status s = take_points(j, setup);
    if (!s)
        s = settle(j, setup->config);
    if (!s)
        s = watch(j, setup->config);
    if (!s)
        s = open_directory(j, setup, &resumed);
    if (!s)
        s = fqpi_recorder_begin(&j->recorder, j->ctx, j->store, j->monitor, j->held, j->config, 1);
    if (!s)
        s = solve(j);
    j->recorder.nterms = setup->nterms;
    if (!s)
        s = resumed ? go_on(j) : begin(j, setup);
    if (!s && resumed)
        j->recorder.rates = fqp_store_has(j->store, "seed_0001/lr.npy");
    j->stop = fqpi_recorder_stop(&j->recorder);
    return s ? s : fqpi_manifest_write(&j->manifest, "running", "");
}

fqp_status fqp_journal_create(fqp_ctx *ctx, const fqp_journal_setup *setup, fqp_journal **out) {
    if (!ctx || !setup || !out || !setup->x.data || !setup->y.data || (setup->nterms && !setup->term))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_journal_create: a context, points and targets are needed");
    if (!setup->held_x.data != !setup->held_y.data)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "held-out points need both x and y");
    fqp_journal *j = fqpi_calloc(ctx, 1, sizeof *j);
    if (!j)
        return FQP_E_NOMEM;
    j->ctx = ctx;
    j->began = fqpi_clock();
    const fqp_status s = open_journal(j, setup);
    if (s) {
        fqpi_kept kept = fqpi_keep(ctx, s);
        j->ended = true;
        fqp_journal_destroy(j);
        return fqpi_restore(ctx, &kept);
    }
    *out = j;
    return FQP_OK;
}

void fqp_journal_destroy(fqp_journal *j) {
    if (!j)
        return;
    if (!j->ended) {
        fqpi_kept kept = fqpi_keep(j->ctx, FQP_OK);
        fqp_journal_end(j, "done");
        fqp_ctx_problems_clear(j->ctx);
        fqpi_restore(j->ctx, &kept);
    }
    char *dir = j->temporary && j->store ? fqpi_strdup(j->ctx, fqp_store_dir(j->store)) : NULL;
    fqpi_recorder_free(&j->recorder);
    fqpi_manifest_free(&j->manifest);
    fqp_monitor_destroy(j->monitor);
    fqp_monitor_destroy(j->held);
    fqp_store_close(j->store);
    if (dir)
        fqpi_remove_run(j->ctx, dir);
    fqpi_free(dir);
    fqp_array_free(&j->x);
    fqp_array_free(&j->y);
    fqp_array_free(&j->held_x);
    fqp_array_free(&j->held_y);
    fqp_problem_destroy(j->problem);
    fqp_config_destroy(j->config);
    fqpi_free(j);
}

/* ---- observing ------------------------------------------------------------------------------------------------- */

static fqp_status check_shape(const fqp_journal *j, const char *what, const fqp_array *y, fqp_view *v) {
    if (v->ndim == 1 && y->shape[1] == 1) {
        v->ndim = 2;
        v->shape[1] = 1;
    }
    if (v->dtype != FQP_F64 && v->dtype != FQP_F32)
        return fqpi_fail(j->ctx, FQP_E_ARG, NULL, "%s: real numbers (f64 or f32) are expected, not %s", what,
                         fqp_dtype_name(v->dtype));
    if (v->ndim == 2 && v->shape[0] == y->shape[0] && v->shape[1] == y->shape[1])
        return FQP_OK;
    return fqpi_fail(j->ctx, FQP_E_SHAPE, NULL, "%s: shape (%lld, %lld), but the targets announced are (%lld, %lld)",
                     what, (long long)v->shape[0], (long long)(v->ndim > 1 ? v->shape[1] : 1), (long long)y->shape[0],
                     (long long)y->shape[1]);
}

static int64_t first_bad(fqp_view v) {
    const int64_t n = fqp_view_count(v);
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(fqpi_real_at(v, i)))
            return i;
    return -1;
}

/* A moment that cannot be measured is remembered with its reason. */
static fqp_status mark(fqp_journal *j, int64_t step, const char *what, int64_t at, fqp_view v) {
    json_t *marks = json_object_get(j->manifest.root, "unusable");
    if (!marks) {
        marks = json_array();
        json_object_set_new(j->manifest.root, "unusable", marks);
    }
    char *reason =
        fqpi_format(j->ctx, "%s: value %lld (counted from 0) is %g", what, (long long)at, fqp_view_at(v, at));
    if (!reason)
        return FQP_E_NOMEM;
    json_array_append_new(marks, json_pack("{s:I, s:s}", "step", (json_int_t)step, "reason", reason));
    fqpi_log(j->ctx, FQP_LOG_WARN, "step %lld is left out: %s", (long long)step, reason);
    fqpi_free(reason);
    return fqpi_manifest_write(&j->manifest, "running", "");
}

static double mean_square(fqp_view p, const fqp_array *y) {
    const fqp_view v = fqp_array_view(y);
    const int64_t n = fqp_view_count(v);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double d = fqpi_real_at(p, i) - fqpi_real_at(v, i);
        sum += d * d;
    }
    return sum / (double)n;
}

static fqp_status record(fqp_journal *j, const fqp_moment *m, fqp_view prediction, fqp_view held) {
    if (j->recorder.frames == 0 && isfinite(m->lr))
        j->recorder.rates = true;
    const fqpi_record r = {.step = m->step,
                           .epoch = NAN,
                           .seconds = m->seconds,
                           .loss = isnan(m->loss) ? mean_square(prediction, &j->y) : m->loss,
                           .accuracy = NAN,
                           .prediction = prediction,
                           .held = held,
                           .lr = m->lr,
                           .term = m->term};
    const fqp_status s = fqpi_recorder_frame(&j->recorder, &r);
    j->stop = fqpi_recorder_stop(&j->recorder);
    return s;
}

fqp_status fqp_journal_observe(fqp_journal *j, const fqp_moment *m) {
    if (!j || !m || !m->prediction.data || (j->recorder.nterms && !m->term))
        return fqpi_fail(j ? j->ctx : NULL, FQP_E_ARG, NULL, "fqp_journal_observe: a prediction is needed%s",
                         j && j->recorder.nterms ? ", and the parts of the loss that were announced" : "");
    if (j->ended)
        return fqpi_fail(j->ctx, FQP_E_ARG, NULL, "step %lld: this journal has ended", (long long)m->step);
    if (m->step < 0 || m->step <= j->recorder.last_step)
        return fqpi_fail(j->ctx, FQP_E_ARG, NULL, "step %lld follows step %lld: steps must increase",
                         (long long)m->step, (long long)j->recorder.last_step);
    fqp_view p = m->prediction, h = m->held;
    fqp_status s = check_shape(j, "prediction", &j->y, &p);
    if (!s && j->held && !h.data)
        s = fqpi_fail(j->ctx, FQP_E_ARG, NULL, "step %lld: the prediction at the held-out points is missing",
                      (long long)m->step);
    if (!s && !j->held && h.data)
        s = fqpi_fail(j->ctx, FQP_E_ARG, NULL, "step %lld: no held-out points were announced", (long long)m->step);
    if (!s && j->held)
        s = check_shape(j, "held-out prediction", &j->held_y, &h);
    if (s)
        return s;
    const int64_t bad = first_bad(p), bad_held = j->held ? first_bad(h) : -1;
    if (bad >= 0)
        return mark(j, m->step, "prediction", bad, p);
    return bad_held >= 0 ? mark(j, m->step, "held-out prediction", bad_held, h) : record(j, m, p, h);
}

size_t fqp_journal_frames(const fqp_journal *j) {
    return j->recorder.frames;
}

const char *fqp_journal_mark(const fqp_journal *j, size_t i, int64_t *step) {
    const json_t *m = json_array_get(json_object_get(j->manifest.root, "unusable"), i);
    if (m && step)
        *step = json_integer_value(json_object_get(m, "step"));
    return json_string_value(json_object_get(m, "reason"));
}

const char *fqp_journal_dir(const fqp_journal *j) {
    return fqp_store_dir(j->store);
}

const fqp_monitor *fqp_journal_monitor(const fqp_journal *j, bool held) {
    return held ? j->held : j->monitor;
}

fqp_stop fqp_journal_stop(const fqp_journal *j) {
    return j->stop;
}

bool fqp_journal_should_stop(const fqp_journal *j, const char **why) {
    if (why)
        *why = j->stop.why;
    return j->stop.stop;
}

/* ---- what it says ---------------------------------------------------------------------------------------------- */

fqp_status fqp_journal_summary(fqp_journal *j, char **json) {
    fqp_status s = j->recorder.frames ? FQP_OK
                                      : fqpi_fail(j->ctx, FQP_E_ARG, NULL, "nothing was observed yet%s",
                                                  fqp_journal_mark(j, 0, NULL) ? " that could be used" : "");
    if (!s)
        s = fqpi_recorder_final(&j->recorder);
    if (!s)
        s = fqpi_summarise(j->ctx, j->store);
    return s || !json ? s : fqp_store_get_text(j->store, "summary.json", json);
}

fqp_status fqpi_journal_end(fqp_journal *j, const char *status, const char *message) {
    if (j->ended)
        return FQP_OK;
    j->ended = true;
    fqpi_manifest_phase(&j->manifest, "analyse", fqpi_clock() - j->began);
    const fqp_status s = fqpi_manifest_write(&j->manifest, status, message);
    return s || j->recorder.frames == 0 ? s : fqp_journal_summary(j, NULL);
}

fqp_status fqp_journal_end(fqp_journal *j, const char *status) {
    return fqpi_journal_end(j, status && *status ? status : "done", "");
}
