/* begin.c - what is to be watched, and waiting for what has to be there first. */
#include "fail.h"
#include "frame_file.h"
#include "mem.h"
#include "watch_i.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool exists(const char *path, bool *folder) {
    struct stat st;
    const bool there = stat(path, &st) == 0;
    *folder = there && S_ISDIR(st.st_mode);
    return there;
}

/* Waiting, in plain words; the words are kept. */
static fqp_status wait_for(fqp_watch *w, bool last, const char *path) {
    if (last)
        return fqpi_fail(w->ctx, FQP_E_IO, &(fqp_origin){.source = path}, "is not there%s",
                         w->request.x ? "" : "; --x and --y name the points and targets");
    char *text = fqpi_format(w->ctx, "waiting for %s", path);
    if (!text)
        return FQP_E_NOMEM;
    w->version += !w->waiting || strcmp(w->waiting, text) != 0;
    fqpi_free(w->waiting);
    w->waiting = text;
    return FQP_OK;
}

/* ---- points and targets ------------------------------------------------------------------------------------------ */

/* x or y: as named, or beside the predictions.  Owned; NULL: out of memory. */
static char *file_of(const fqp_watch *w, const char *given, const char *name, bool folder) {
    const char *path = w->request.path;
    if (given)
        return fqpi_strdup(w->ctx, given);
    const char *slash = folder ? path + strlen(path) : strrchr(path, '/');
    return slash ? fqpi_format(w->ctx, "%.*s/%s", (int)(slash - path), path, name) : fqpi_strdup(w->ctx, name);
}

/* *there: it was read.  An npy file that is half-written is not there yet. */
static fqp_status read_table(fqp_watch *w, const char *path, fqp_array *out, bool *there) {
    fqpi_npy_header h;
    int64_t bytes;
    bool folder;
    const size_t n = strlen(path);
    const bool npy = n > 4 && strcmp(path + n - 4, ".npy") == 0;
    *there = exists(path, &folder) || (!npy && strchr(path, ':'));
    const fqpi_whole whole = *there && npy ? fqpi_file_look(w->ctx, path, true, &h, &bytes) : FQPI_WHOLE;
    if (whole == FQPI_BROKEN)
        return FQP_E_DATA;
    *there = *there && whole == FQPI_WHOLE;
    fqp_status s = *there ? fqp_array_read(w->ctx, path, out) : FQP_OK;
    return s || !*there ? s : fqpi_file_real(w->ctx, out);
}

static fqp_status take_tables(fqp_watch *w, const char *x, const char *y, bool last, bool *both) {
    const struct {
        const char *path;
        fqp_array *into;
    } table[] = {{x, &w->x}, {y, &w->y}};
    fqp_status s = FQP_OK;
    *both = true;
    for (size_t i = 0; i < 2 && !s && *both; i++) {
        fqp_array_free(table[i].into);
        s = read_table(w, table[i].path, table[i].into, both);
        if (!s && !*both)
            s = wait_for(w, last, table[i].path);
    }
    if (!s && *both && (w->y.ndim < 1 || w->y.ndim > 2))
        s = fqpi_fail(w->ctx, FQP_E_SHAPE, &(fqp_origin){.source = y}, "%d dimensions; targets are (n, m), or (n)",
                      w->y.ndim);
    return s;
}

/* ---- journal and follower ---------------------------------------------------------------------------------------- */

fqp_status fqpi_watch_open(fqp_watch *w, const char *dir, bool replace, bool resume) {
    char *origin = fqpi_format(w->ctx, "watched: %s", w->request.path);
    const fqp_journal_setup setup = {.dir = dir,
                                     .replace = replace,
                                     .resume = resume,
                                     .x = fqp_array_view(&w->x),
                                     .y = fqp_array_view(&w->y),
                                     .config = w->request.config,
                                     .title = base_name(w->request.path),
                                     .command = w->request.command,
                                     .origin = origin};
    fqp_status s = origin ? fqp_journal_create(w->ctx, &setup, &w->journal) : FQP_E_NOMEM;
    char *name = s ? NULL : fqpi_strdup(w->ctx, dir);
    fqpi_free(origin);
    if (s || !name)
        return s ? s : FQP_E_NOMEM;
    if (w->ndirs == FQPI_SEGMENTS)
        fqpi_free(w->dir[--w->ndirs]);
    memmove(w->dir + 1, w->dir, w->ndirs * sizeof *w->dir);
    w->dir[0] = name;
    w->ndirs++;
    w->version++;
    return FQP_OK;
}

/* Step of the last frame of a run that is gone on with; -1: none. */
static fqp_status last_step(fqp_watch *w, int64_t *step) {
    *step = -1;
    w->frames = (int64_t)fqp_journal_frames(w->journal);
    if (w->frames == 0)
        return FQP_OK;
    fqp_array steps = {0};
    char *path = fqpi_format(w->ctx, "%s/seed_0001/step.npy", w->dir[0]);
    fqp_status s = path ? fqp_npy_read(w->ctx, path, &steps) : FQP_E_NOMEM;
    if (!s && fqp_view_count(fqp_array_view(&steps)) >= w->frames)
        *step = (int64_t)fqp_view_at(fqp_array_view(&steps), w->frames - 1);
    fqp_array_free(&steps);
    fqpi_free(path);
    w->step = *step;
    return s;
}

static fqp_status found_frame(void *watch, const fqp_sight *sight);
static fqp_status found_restart(void *watch, const char *why);

static fqp_status start_following(fqp_watch *w, const char *x, const char *y) {
    const fqp_watch_request *q = &w->request;
    const char *const known[] = {base_name(x), base_name(y), q->steps ? base_name(q->steps) : "steps.npy", NULL};
    int64_t after = -1;
    fqp_status s = fqpi_watch_open(w, q->dir, q->replace, q->resume);
    if (!s)
        s = last_step(w, &after);
    const fqp_follow_opts opts = {.path = q->path,
                                  .pattern = q->pattern,
                                  .steps = q->steps,
                                  .known = known,
                                  .n = w->y.shape[0],
                                  .m = w->y.ndim > 1 ? w->y.shape[1] : 1,
                                  .after = after};
    const fqp_follower follower = {.user = w, .frame = found_frame, .restart = found_restart, .note = fqpi_watch_note};
    return s ? s : fqp_follow_create(w->ctx, &opts, &follower, &w->follow);
}

static double loss_of(const fqp_watch *w, fqp_view p) {
    const fqp_view y = fqp_array_view(&w->y);
    const int64_t n = fqp_view_count(y);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        const double d = fqp_view_at(p, i) - fqp_view_at(y, i);
        sum += d * d;
    }
    return sum / (double)n;
}

static fqp_status found_frame(void *watch, const fqp_sight *sight) {
    fqp_watch *w = watch;
    const fqp_moment moment = {
        .step = sight->step, .seconds = NAN, .prediction = sight->prediction, .loss = NAN, .lr = NAN};
    const fqp_status s = fqp_journal_observe(w->journal, &moment);
    if (s)
        return s;
    fqpi_pace_add(&w->pace, sight->when);
    w->step = sight->step;
    w->version++;
    int64_t step;
    const char *why = fqp_journal_mark(w->journal, w->marks, &step);
    if (why) {
        char text[400];
        w->marks++;
        snprintf(text, sizeof text, "%.120s (step %lld) is left out: %.200s", sight->file, (long long)step, why);
        fqpi_watch_remember(w, text); /* the journal has logged it */
        return FQP_OK;
    }
    w->frames = (int64_t)fqp_journal_frames(w->journal);
    w->unsaid = true;
    if (w->request.frame)
        w->request.frame(w->request.user, sight->step, loss_of(w, sight->prediction));
    return FQP_OK;
}

/* The run so far is made complete; a new directory takes what follows. */
static fqp_status found_restart(void *watch, const char *why) {
    fqp_watch *w = watch;
    fqp_status s = fqp_watch_end(w);
    fqp_journal_destroy(w->journal);
    w->journal = NULL;
    w->marks = 0;
    w->pace.n = 0;
    char *dir = NULL;
    bool folder, taken = true;
    while (!s && taken) {
        fqpi_free(dir);
        dir = fqpi_format(w->ctx, "%s-%zu", w->request.dir, ++w->segment + 1);
        s = dir ? FQP_OK : FQP_E_NOMEM;
        taken = dir && exists(dir, &folder) && !w->request.replace;
    }
    if (!s)
        s = fqpi_watch_open(w, dir, w->request.replace, false);
    char *text =
        s ? NULL : fqpi_format(w->ctx, "%s; from here on the run is %s, before it was %s", why, dir, w->dir[1]);
    if (text)
        fqpi_watch_note(w, text);
    fqpi_free(text);
    fqpi_free(dir);
    w->frames = 0;
    w->step = -1;
    return s;
}

/* ---- beginning --------------------------------------------------------------------------------------------------- */

static fqp_status begin_own(fqp_watch *w, bool folder, bool last) {
    char *x = file_of(w, w->request.x, "x.npy", folder), *y = file_of(w, w->request.y, "y.npy", folder);
    bool both = false;
    fqp_status s = x && y ? take_tables(w, x, y, last, &both) : FQP_E_NOMEM;
    if (!s && both)
        s = start_following(w, x, y);
    w->ready = !s && both;
    fqpi_free(x);
    fqpi_free(y);
    return s;
}

static fqp_status begin_others(fqp_watch *w) {
    if (w->request.x || w->request.y)
        return fqpi_fail(w->ctx, FQP_E_ARG, &(fqp_origin){.source = w->request.path},
                         "is a run directory, which knows its points; --x and --y are for a folder of predictions");
    w->dir[0] = fqpi_strdup(w->ctx, w->request.path);
    w->ndirs = w->dir[0] != NULL;
    w->reads = w->ready = w->dir[0] != NULL;
    w->version++;
    return w->dir[0] ? FQP_OK : FQP_E_NOMEM;
}

/* A folder that may still come has at least a place to come to. */
static fqp_status no_path(fqp_watch *w, bool last) {
    char *above = fqpi_strdup(w->ctx, w->request.path);
    char *slash = above ? strrchr(above, '/') : NULL;
    bool folder = true;
    if (slash && slash > above) {
        *slash = '\0';
        exists(above, &folder);
    }
    fqpi_free(above);
    if (!above)
        return FQP_E_NOMEM;
    if (folder && !last)
        return wait_for(w, last, w->request.path);
    return fqpi_fail(w->ctx, FQP_E_IO, &(fqp_origin){.source = w->request.path}, "cannot be watched: %s",
                     strerror(ENOENT));
}

fqp_status fqpi_watch_begin(fqp_watch *w, bool last) {
    bool folder, ignored;
    if (!exists(w->request.path, &folder))
        return no_path(w, last);
    char *manifest = fqpi_format(w->ctx, "%s/manifest.json", w->request.path);
    char *lock = fqpi_format(w->ctx, "%s/.lock", w->request.path);
    fqp_status s = FQP_E_NOMEM;
    if (manifest && lock && folder && exists(manifest, &ignored))
        s = begin_others(w);
    else if (manifest && lock && folder && exists(lock, &ignored)) /* a run that has hardly begun */
        s = wait_for(w, last, manifest);
    else if (manifest && lock)
        s = begin_own(w, folder, last);
    fqpi_free(manifest);
    fqpi_free(lock);
    if (!s && w->ready) {
        fqpi_free(w->waiting);
        w->waiting = NULL;
    }
    return s;
}
