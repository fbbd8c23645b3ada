/* others.c - a run directory that another process writes: read beside it, never locked, never written. */
#include "fail.h"
#include "frame_file.h"
#include "mem.h"
#include "watch_i.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Frames of a seed by the header of its steps, and when it grew last. */
typedef struct seed_state {
    int64_t frames;
    double when;
} seed_state;

static seed_state state_of(fqp_watch *w, const char *path) {
    fqpi_npy_header h;
    fqpi_mark mark;
    int64_t there;
    if (!fqpi_mark_of(path, &mark) || fqpi_file_look(w->ctx, path, false, &h, &there) != FQPI_WHOLE || h.ndim != 1) {
        fqp_ctx_problems_clear(w->ctx);
        return (seed_state){0};
    }
    return (seed_state){.frames = h.shape[0], .when = fqpi_mark_when(&mark)};
}

/* Value of a series at frame i; NaN: not there. */
static double at_frame(fqp_watch *w, const char *folder, const char *name, int64_t i) {
    fqp_array a = {0};
    double value = NAN;
    char *path = fqpi_format(w->ctx, "%s/%s.npy", folder, name);
    if (path && !fqp_npy_read(w->ctx, path, &a) && i < fqp_view_count(fqp_array_view(&a)))
        value = fqp_view_at(fqp_array_view(&a), i);
    fqp_array_free(&a);
    fqpi_free(path);
    fqp_ctx_problems_clear(w->ctx);
    return value;
}

static void take_frames(fqp_watch *w, const char *folder, seed_state now) {
    const double step = at_frame(w, folder, "step", now.frames - 1);
    if (isnan(step))
        return;
    w->frames = now.frames;
    w->step = (int64_t)step;
    fqpi_pace_add(&w->pace, now.when);
    if (w->request.frame)
        w->request.frame(w->request.user, w->step, at_frame(w, folder, "loss", now.frames - 1));
}

/* Files that are written as a whole tell of themselves by their age. */
static int64_t written(const char *dir, const char *file) {
    char path[4096];
    fqpi_mark m;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    return fqpi_mark_of(path, &m) ? m.changed + (int64_t)m.inode : 0;
}

static void take_status(fqp_watch *w, const json_t *manifest) {
    const char *status = json_string_value(json_object_get(manifest, "status"));
    fqpi_free(w->ended);
    w->ended = status && strcmp(status, "running") != 0 ? fqpi_strdup(w->ctx, status) : NULL;
}

fqp_status fqpi_watch_others(fqp_watch *w) {
    const char *dir = w->dir[0];
    char *path = fqpi_format(w->ctx, "%s/manifest.json", dir);
    json_t *manifest = path ? json_load_file(path, 0, NULL) : NULL, *seed;
    fqpi_free(path);
    if (!path)
        return FQP_E_NOMEM;
    int64_t state = written(dir, "manifest.json") + written(dir, "summary.json"), frames = 0;
    seed_state latest = {0};
    char *folder = NULL;
    size_t i;
    json_array_foreach(json_object_get(manifest, "seeds"), i, seed) {
        char *own = fqpi_format(w->ctx, "%s/seed_%04lld", dir, (long long)json_integer_value(seed));
        char *steps = own ? fqpi_format(w->ctx, "%s/step.npy", own) : NULL;
        const seed_state now = steps ? state_of(w, steps) : (seed_state){0};
        frames += now.frames;
        if (own)
            fqpi_waiter_add(&w->waiter, own);
        if (now.frames && now.when >= latest.when) {
            latest = now;
            fqpi_free(folder);
            folder = own;
            own = NULL;
        }
        fqpi_free(own);
        fqpi_free(steps);
    }
    state = (int64_t)((uint64_t)state * 31 + (uint64_t)frames);
    if (state != w->others_state && manifest) {
        w->others_state = state;
        w->version++;
        take_status(w, manifest);
        if (folder)
            take_frames(w, folder, latest);
    }
    fqpi_free(folder);
    json_decref(manifest);
    return FQP_OK;
}
