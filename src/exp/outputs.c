/* outputs.c - a run directory for other programs. */
#include "outputs.h"
#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "os.h"

#include <fqp/outputs.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

fqp_status fqpi_bands_of_run(fqp_ctx *ctx, const fqpi_trial *trial, json_t *summary) {
    int64_t rows = 0, frames = 0;
    char *path = fqpi_format(ctx, "%s/bands.csv", fqp_store_dir(trial->store));
    const fqp_status s = path ? fqpi_bands_write(ctx, trial, path, FQPI_BANDS_THIN, &rows, &frames) : FQP_E_NOMEM;
    fqpi_free(path);
    json_object_set_new(summary, "bands",
                        json_pack("{s:I, s:I}", "rows", (json_int_t)rows, "most_frames", (json_int_t)frames));
    return s;
}

/* ---- of a directory -----------------------------------------------------------------------------------------------
 */

typedef struct opened {
    fqp_store *store;
    fqpi_trial trial;
} opened;

static fqp_status open_run(fqp_ctx *ctx, const char *dir, opened *o) {
    *o = (opened){0};
    if (!fqpi_holds_run(dir))
        return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: no manifest.json here: not a run directory", dir);
    fqp_status s = fqp_store_open(ctx, dir, FQP_STORE_READ, &o->store);
    return s ? s : fqpi_trial_load(ctx, o->store, &o->trial);
}

static fqp_status close_run(fqp_ctx *ctx, opened *o, fqp_status s) {
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqpi_trial_free(&o->trial);
    fqp_store_close(o->store);
    return fqpi_restore(ctx, &kept);
}

fqp_status fqp_export_bands(fqp_ctx *ctx, const char *dir, const char *path, bool all, int64_t *rows) {
    if (!ctx || !dir || !path)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_export_bands: a context, a directory and a path are needed");
    fqp_ctx_problems_clear(ctx);
    opened o;
    int64_t written = 0, frames;
    fqp_status s = open_run(ctx, dir, &o);
    if (!s)
        s = fqpi_bands_write(ctx, &o.trial, path, all ? FQPI_BANDS_ALL : FQPI_BANDS_SELECTED, &written, &frames);
    if (rows)
        *rows = written;
    return close_run(ctx, &o, s);
}

/* Seconds since 1970 of "2026-01-01T00:00:00Z"; 0 when it is none. */
static double when(const char *text) {
    struct tm t = {0};
    if (!text ||
        sscanf(text, "%d-%d-%dT%d:%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec) != 6)
        return 0;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return (double)timegm(&t);
}

static fqp_status put_events(fqp_ctx *ctx, const fqpi_seed *seed, double began, fqpi_text *out) {
    fqpi_event event = {.ctx = ctx};
    fqpi_shown shown;
    double wall = began;
    fqp_status s = fqpi_shown_seed(ctx, seed, &shown);
    if (s)
        return s;
    fqpi_event_version(ctx, out, began);
    for (size_t f = 0; f < seed->frames; f++) {
        fqpi_record record;
        fqpi_shown_frame(&shown, seed, f, &record);
        wall = isfinite(record.seconds) ? began + record.seconds : wall;
        fqpi_event_frame(&event, &shown, &record, wall, out);
    }
    s = fqpi_event_maps(&event, seed, wall, out);
    fqpi_event_free(&event);
    fqpi_shown_free(&shown);
    return s ? s : out->failed ? FQP_E_NOMEM : FQP_OK;
}

static fqp_status write_seed(fqp_ctx *ctx, const fqpi_seed *seed, double began, const char *out) {
    fqpi_text events = {0};
    char *path = NULL, *folder = fqpi_format(ctx, "%s/%s", out, seed->folder);
    fqp_status s = folder ? fqpi_os_mkdirs(ctx, folder) : FQP_E_NOMEM;
    if (!s)
        s = fqpi_event_name(ctx, folder, &path);
    if (!s)
        s = put_events(ctx, seed, began, &events);
    if (!s)
        s = fqpi_os_replace(ctx, path, events.s, events.n, NULL, 0);
    fqpi_text_free(&events);
    fqpi_free(path);
    fqpi_free(folder);
    return s;
}

fqp_status fqp_export_tensorboard(fqp_ctx *ctx, const char *dir, const char *out, size_t *files) {
    if (!ctx || !dir || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_export_tensorboard: a context and two directories are needed");
    fqp_ctx_problems_clear(ctx);
    opened o;
    size_t written = 0;
    fqp_status s = open_run(ctx, dir, &o);
    const double began = s ? 0 : when(json_string_value(json_object_get(o.trial.manifest, "created")));
    for (; !s && written < o.trial.nseeds; written++)
        s = write_seed(ctx, &o.trial.seed[written], began, out);
    if (files)
        *files = written;
    return close_run(ctx, &o, s);
}
