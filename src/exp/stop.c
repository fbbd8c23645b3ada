/* stop.c - the rule of stopping.h beside a recorder: stop.json (what the points alone tell) and the series stop.npy
 * [frames, 5] in a seed's folder, from which a stored run gives the same answer as one that goes on.
 *
 * In the summary, a seed: "stop" (the rule is met), "step" whose network to keep, the best so far, "at", where the rule
 * was met (null: not yet), "noise" (standard deviation), "crossing" (cycles per domain), "why". */
#include "exp.h"
#include "fail.h"
#include "stopping_i.h"

#include <math.h>
#include <string.h>

enum { NUMBERS = sizeof(fqp_stopping_frame) / sizeof(double) };

static fqp_status put_facts(const fqpi_recorder *r, const fqpi_stopping_facts *f) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/stop.json", r->folder);
    json_t *j = json_pack("{s:b, s:o, s:o, s:o, s:I, s:s}", "known", f->noise.known, "noise",
                          fqpi_json_real(f->noise.noise), "signal", fqpi_json_real(f->noise.signal), "crossing",
                          fqpi_json_real(f->noise.crossing), "hold", (json_int_t)f->hold, "unknown", f->unknown);
    if (!j)
        return FQP_E_NOMEM;
    const fqp_status s = fqpi_store_put_json(r->ctx, r->store, name, j);
    json_decref(j);
    return s;
}

fqp_status fqpi_recorder_stopping(fqpi_recorder *r, const fqp_stopping_setup *points) {
    const fqp_monitor_opts *o = fqp_config_section(r->config, "monitor");
    fqp_stopping_setup setup = *points;
    setup.hold = o->hold;
    const fqp_status s = fqp_stopping_create(r->ctx, &setup, &r->stopping);
    return s ? s : put_facts(r, fqpi_stopping_facts_of(r->stopping));
}

fqp_status fqpi_recorder_stop_frame(fqpi_recorder *r, const fqpi_record *record) {
    if (!r->stopping)
        return FQP_OK;
    fqp_status s = fqp_stopping_observe(r->stopping, record->step, record->prediction, record->held);
    if (s)
        return s;
    char name[FQPI_NAME];
    double number[NUMBERS];
    const fqp_stopping_frame *f = fqp_stopping_frame_at(r->stopping, fqp_stopping_frames(r->stopping) - 1, NULL);
    memcpy(number, f, sizeof number);
    fqpi_print(name, sizeof name, "%s/stop", r->folder);
    return fqp_store_append(r->store, name, fqp_view_1d(number, NUMBERS));
}

/* Rows of folder/stop.npy; FQP_OK with rows NULL where there are none. */
static fqp_status rows(const fqp_store *store, const char *folder, fqp_array *out) {
    char name[FQPI_NAME], file[FQPI_NAME + 4];
    fqpi_print(name, sizeof name, "%s/stop", folder);
    fqpi_print(file, sizeof file, "%s.npy", name);
    *out = (fqp_array){0};
    fqp_status s = fqp_store_has(store, file) ? fqp_store_get(store, name, out) : FQP_OK;
    if (!s && out->data && (out->dtype != FQP_F64 || out->ndim != 2 || out->shape[1] != NUMBERS))
        fqp_array_free(out);
    return s;
}

fqp_status fqpi_recorder_stop_resume(fqpi_recorder *r, const int64_t *step, size_t frames) {
    fqp_array row;
    if (!r->stopping)
        return FQP_OK;
    fqp_status s = rows(r->store, r->folder, &row);
    for (size_t f = 0; !s && row.data && f < frames && (int64_t)f < row.shape[0]; f++) {
        fqp_stopping_frame frame;
        memcpy(&frame, (const double *)row.data + f * NUMBERS, sizeof frame);
        s = fqp_stopping_restore(r->stopping, step[f], &frame);
    }
    fqp_array_free(&row);
    return s;
}

fqp_stop fqpi_recorder_stop(const fqpi_recorder *r) {
    if (r->stopping)
        return fqp_stopping_judge(r->stopping);
    return (fqp_stop){.step = -1, .frame = -1, .at = -1, .why = "without held-out points nobody can tell when to stop"};
}

/* ---- of a stored run ------------------------------------------------------------------------------------------- */

static double real_of(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static fqpi_stopping_facts facts_of(const json_t *j) {
    const char *unknown = json_string_value(json_object_get(j, "unknown"));
    return (fqpi_stopping_facts){.noise = {.known = json_is_true(json_object_get(j, "known")),
                                           .noise = real_of(j, "noise"),
                                           .signal = real_of(j, "signal"),
                                           .crossing = real_of(j, "crossing")},
                                 .hold = json_integer_value(json_object_get(j, "hold")),
                                 .unknown = unknown ? unknown : ""};
}

static json_t *stop_json(const fqpi_seed *seed, const fqpi_stopping_facts *facts, const fqp_array *row) {
    const size_t stored = (size_t)row->shape[0], n = seed->frames < stored ? seed->frames : stored;
    const int64_t *step = seed->step.data;
    const fqp_stopping_frame *frame = row->data; /* NUMBERS doubles a row, as they were put there */
    fqpi_stopping_course c = FQPI_STOPPING_BEGIN;
    fqp_stop o;
    for (size_t f = 0; f < n; f++)
        fqpi_stopping_follow(facts, &c, step, frame, f);
    fqpi_stopping_say(facts, &c, step, frame, n, &o);
    return json_pack("{s:I, s:b, s:o, s:o, s:o, s:o, s:s}", "seed", (json_int_t)seed->number, "stop", o.stop, "step",
                     o.step < 0 ? json_null() : json_integer((json_int_t)o.step), "at",
                     o.stop ? json_integer((json_int_t)step[o.at]) : json_null(), "noise",
                     fqpi_json_real(facts->noise.noise), "crossing", fqpi_json_real(facts->noise.crossing), "why",
                     o.why);
}

fqp_status fqpi_stop_summary(fqp_ctx *ctx, const fqp_store *store, const fqpi_trial *t, json_t *summary) {
    json_t *list = json_array();
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < t->nseeds && !s; i++) {
        char file[FQPI_NAME];
        fqpi_print(file, sizeof file, "%s/stop.json", t->seed[i].folder);
        if (!fqp_store_has(store, file))
            continue;
        json_t *j = NULL;
        fqp_array row = {0};
        s = fqpi_store_json(ctx, store, file, &j);
        s = s ? s : rows(store, t->seed[i].folder, &row);
        if (!s && row.data) {
            const fqpi_stopping_facts facts = facts_of(j);
            json_array_append_new(list, stop_json(&t->seed[i], &facts, &row));
        }
        fqp_array_free(&row);
        json_decref(j);
    }
    json_object_set_new(summary, "stop", list);
    return s;
}
