/* folder.c - a folder into which a training writes one file a prediction.
 *
 * A look lists the folder, then goes through what is new in the order of the steps.  A file counts when it is whole,
 * and has not changed for a moment; one that is being written holds back the later steps for a while, so that two
 * writers do not make each other late. */
#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "step_name.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- listing --------------------------------------------------------------------------------------------------- */

/* Names under which programs keep a file while they write it. */
static bool passing(const char *name) {
    static const char *const ends[] = {".tmp", ".part", ".partial", ".swp", ".lock", "~", NULL};
    const size_t n = strlen(name);
    for (size_t i = 0; ends[i]; i++) {
        const size_t k = strlen(ends[i]);
        if (n >= k && strcmp(name + n - k, ends[i]) == 0)
            return true;
    }
    return name[0] == '.' || strncmp(name, "tmp", 3) == 0;
}

static bool apart(const fqp_follow *f, const char *name) {
    for (size_t i = 0; f->apart[i]; i++)
        if (strcmp(f->apart[i], name) == 0)
            return true;
    return false;
}

static fqpi_fate fate_of(const fqp_follow *f, const fqpi_known *k) {
    if (fnmatch(f->pattern, k->name, 0) != 0 || k->step < 0)
        return FQPI_FOREIGN;
    return k->step <= f->last && !f->last_one ? FQPI_RECORDED : FQPI_NEW; /* recorded before this was begun */
}

static void renew(fqpi_known *k, const fqpi_mark *mark, double now) {
    if (k->fate == FQPI_RECORDED)
        k->again = true;
    else if (k->fate == FQPI_LEFT)
        k->fate = FQPI_NEW;
    k->mark = *mark;
    k->since = now;
    k->stuck = false;
}

static fqp_status take_name(fqp_follow *f, const char *path, const char *name, double now) {
    fqpi_mark mark;
    fqpi_known *k = fqpi_names_find(&f->names, name);
    if (!fqpi_mark_of(path, &mark))
        return FQP_OK;
    if (!k) {
        k = fqpi_names_add(&f->names, name);
        if (!k)
            return FQP_E_NOMEM;
        k->step = fqpi_step_of_name(name);
        k->mark = mark;
        k->since = now;
        k->fate = fate_of(f, k);
    } else if (!fqpi_mark_same(&k->mark, &mark)) {
        renew(k, &mark, now);
    }
    k->there = true;
    return FQP_OK;
}

static fqp_status list(fqp_follow *f, double now) {
    for (size_t i = 0; i < f->names.n; i++)
        f->names.file[i]->there = false;
    DIR *d = opendir(f->path);
    fqp_status s = FQP_OK;
    for (struct dirent *e; d && !s && (e = readdir(d));) {
        if (passing(e->d_name) || apart(f, e->d_name))
            continue;
        char *path = fqpi_format(f->ctx, "%s/%s", f->path, e->d_name);
        s = path ? take_name(f, path, e->d_name, now) : FQP_E_NOMEM;
        fqpi_free(path);
    }
    if (d)
        closedir(d);
    return s;
}

/* The foreign files among those that are new, in one sentence. */
static void name_foreign(fqp_follow *f, size_t before) {
    enum { NAMED = 3 };
    char names[300] = "";
    size_t n = 0;
    for (size_t i = before; i < f->names.n; i++) {
        const fqpi_known *k = f->names.file[i];
        const size_t at = strlen(names);
        if (k->fate == FQPI_FOREIGN && ++n <= NAMED)
            snprintf(names + at, sizeof names - at, "%s%.80s", at ? ", " : "", k->name);
    }
    if (n == 0)
        return;
    char more[40] = "";
    if (n > NAMED)
        snprintf(more, sizeof more, " and %zu more", n - NAMED);
    fqpi_follow_note(f, "%s%s: ignored, since the predictions are %s with a step number in the name (--pred)", names,
                     more, f->pattern);
}

/* ---- one file -------------------------------------------------------------------------------------------------- */

typedef enum outcome { GO_ON, HOLD_BACK } outcome;

/* Later steps wait for this file, but not for ever: it may be one that is written all the time. */
static outcome hold(fqpi_known *k, double now) {
    if (k->held == 0)
        k->held = now;
    return now - k->held < fqpi_follow_patience ? HOLD_BACK : GO_ON;
}

static void leave(const fqp_follow *f, fqpi_known *k, const char *why) {
    k->fate = FQPI_LEFT;
    k->again = false;
    fqpi_follow_note(f, "%s: %s; left out", k->name, why);
}

/* Is it still changing?  A file of long ago is not, when it is seen for the first time. */
static bool settling(const fqpi_known *k, double now) {
    const double age = fqpi_wall_clock() - fqpi_mark_when(&k->mark);
    return now - k->since < fqpi_follow_settle && !(age > 4 * fqpi_follow_settle);
}

static outcome half(const fqp_follow *f, fqpi_known *k, const fqpi_npy_header *h, int64_t there, double now,
                    bool last) {
    if (!last && now - k->since < fqpi_follow_patience)
        return hold(k, now);
    if (!k->stuck && h->bytes)
        fqpi_follow_note(f, "%s: half-written, %lld of %lld bytes are there; it is read when it is whole", k->name,
                         (long long)there, (long long)fqpi_file_promised(h) + (long long)h->bytes);
    else if (!k->stuck)
        fqpi_follow_note(f, "%s: half-written, its header is not there yet; it is read when it is whole", k->name);
    k->stuck = true;
    return GO_ON;
}

/* The values, when the file stayed what it was while they were read; values->data NULL: not now. */
static fqp_status values_of(fqp_follow *f, fqpi_known *k, const char *path, fqp_array *values) {
    fqpi_mark after;
    char why[300];
    fqp_status s = fqp_npy_read(f->ctx, path, values);
    if (!s)
        s = fqpi_file_real(f->ctx, values);
    if (s == FQP_E_NOMEM)
        return s;
    if (!fqpi_mark_of(path, &after) || !fqpi_mark_same(&k->mark, &after)) {
        fqp_ctx_problems_clear(f->ctx);
        fqp_array_free(values);
    } else if (s) {
        fqp_array_free(values);
        fqpi_file_why(f->ctx, why, sizeof why);
        leave(f, k, why);
    }
    return FQP_OK;
}

/* What an earlier step means: the training began again, or a file came late. */
static fqp_status earlier(fqp_follow *f, fqpi_known *k, bool *take) {
    const long long step = (long long)k->step, last = (long long)f->last;
    char why[160];
    *take = true;
    if (k->again)
        return fqpi_follow_restart(f, "%s was written again with other values: training began again at step %lld",
                                   k->name, step);
    if (f->last_one && !f->last_one->there)
        return fqpi_follow_restart(f, "step %lld after step %lld, whose file is gone: training began again", step,
                                   last);
    *take = false;
    if (step == last)
        snprintf(why, sizeof why, "step %lld is there already", step);
    else
        snprintf(why, sizeof why, "step %lld came after step %lld was measured; --replace measures all of them anew",
                 step, last);
    leave(f, k, why);
    return FQP_OK;
}

static fqp_status feed(fqp_follow *f, fqpi_known *k, const fqp_array *values) {
    const uint64_t hash =
        fqpi_file_hash(values->data, (size_t)fqp_view_count(fqp_array_view(values)) * fqp_dtype_size(values->dtype));
    if (k->again && k->hashed && k->hash == hash) { /* touched, copied, put back: the same frame */
        k->again = false;
        return FQP_OK;
    }
    char shape[FQPI_FILE_SHAPE], why[320];
    if (!fqpi_file_fits(values->ndim, values->shape, f->n, f->m)) {
        fqpi_file_shape(values->ndim, values->shape, shape);
        snprintf(why, sizeof why, "shape %s differs from the targets' (%lld, %lld)", shape, (long long)f->n,
                 (long long)f->m);
        leave(f, k, why);
        return FQP_OK;
    }
    bool take = true;
    fqp_status s = k->step <= f->last ? earlier(f, k, &take) : FQP_OK;
    if (s || !take)
        return s;
    k->fate = FQPI_RECORDED;
    k->again = false;
    k->hash = hash;
    k->hashed = true;
    f->last_one = k;
    return fqpi_follow_feed(f, k->step, k->name, fqpi_mark_when(&k->mark), values);
}

static fqp_status try_file(fqp_follow *f, fqpi_known *k, double now, bool last, outcome *what) {
    fqpi_npy_header h;
    int64_t there;
    char why[300];
    *what = GO_ON;
    if (!last && settling(k, now)) {
        *what = hold(k, now);
        return FQP_OK;
    }
    char *path = fqpi_format(f->ctx, "%s/%s", f->path, k->name);
    if (!path)
        return FQP_E_NOMEM;
    fqp_status s = FQP_OK;
    fqp_array values = {0};
    const fqpi_whole w = fqpi_file_look(f->ctx, path, true, &h, &there);
    if (w == FQPI_HALF) {
        *what = half(f, k, &h, there, now, last);
    } else if (w == FQPI_BROKEN) {
        fqpi_file_why(f->ctx, why, sizeof why);
        leave(f, k, why);
    } else if (w == FQPI_WHOLE) {
        s = values_of(f, k, path, &values);
        if (!s && !values.data && k->fate != FQPI_LEFT)
            *what = hold(k, now);
        else if (!s && values.data)
            s = feed(f, k, &values);
        k->held = *what == GO_ON ? 0 : k->held;
    }
    fqp_array_free(&values);
    fqpi_free(path);
    return s;
}

/* ---- a look ---------------------------------------------------------------------------------------------------- */

static int by_step(const void *a, const void *b) {
    const fqpi_known *x = *(fqpi_known *const *)a, *y = *(fqpi_known *const *)b;
    return x->step != y->step ? (x->step > y->step) - (x->step < y->step) : strcmp(x->name, y->name);
}

/* Files that may bring a frame, in the order of their steps; one block. */
static fqp_status candidates(fqp_follow *f, fqpi_known ***out, size_t *count) {
    fqpi_known **list = fqpi_alloc(f->ctx, f->names.n + 1, sizeof(void *));
    size_t n = 0;
    if (!list)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < f->names.n; i++) {
        fqpi_known *k = f->names.file[i];
        if (k->there && (k->fate == FQPI_NEW || (k->fate == FQPI_RECORDED && k->again)))
            list[n++] = k;
    }
    if (n)
        qsort(list, n, sizeof(void *), by_step);
    *out = list;
    *count = n;
    return FQP_OK;
}

fqp_status fqpi_follow_folder(fqp_follow *f, bool last) {
    const double now = fqpi_clock();
    const size_t before = f->names.n;
    fqpi_known **file = NULL;
    size_t n = 0;
    fqp_status s = list(f, now);
    if (s)
        return s;
    name_foreign(f, before);
    fqpi_names_sort(&f->names);
    fqpi_names_prune(&f->names);
    s = candidates(f, &file, &n);
    outcome what = GO_ON;
    for (size_t i = 0; i < n && !s && what == GO_ON; i++)
        s = fqp_ctx_interrupted(f->ctx) ? FQP_E_INTERRUPTED : try_file(f, file[i], now, last, &what);
    f->holds = what == HOLD_BACK;
    fqpi_free(file);
    return s;
}
