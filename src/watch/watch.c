/* watch.c - keep a run directory of a training that goes on elsewhere, or read the one it writes itself. */
#include <fqp/report.h>

#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "summary.h"
#include "watch_i.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double EVERY = 1, SOONEST = 0.2; /* seconds between looks */

/* ---- making ------------------------------------------------------------------------------------------------------ */

static bool copy_text(fqp_ctx *ctx, const char **text) {
    const char *given = *text;
    *text = fqpi_strdup(ctx, given);
    return *text || !given;
}

/* runs/<name of what is watched> */
static char *default_dir(fqp_ctx *ctx, const char *path) {
    char real[PATH_MAX];
    const char *name = realpath(path, real) ? real : path;
    size_t n = strlen(name);
    while (n > 1 && name[n - 1] == '/')
        n--;
    size_t begin = n;
    while (begin > 0 && name[begin - 1] != '/')
        begin--;
    if (n > begin + 4 && strncmp(name + n - 4, ".npy", 4) == 0)
        n -= 4;
    return fqpi_format(ctx, "runs/%.*s", (int)(n - begin), name + begin);
}

fqp_status fqp_watch_create(fqp_ctx *ctx, const fqp_watch_request *request, fqp_watch **out) {
    if (!ctx || !request || !request->path || !*request->path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_watch_create: a context and what to watch are needed");
    fqp_watch *w = fqpi_calloc(ctx, 1, sizeof *w);
    if (!w)
        return FQP_E_NOMEM;
    *w = (fqp_watch){.ctx = ctx, .request = *request, .step = -1, .waiter = {.fd = -1}, .changed = true};
    fqp_watch_request *q = &w->request;
    const char **text[] = {&q->path, &q->x, &q->y, &q->pattern, &q->steps, &q->dir, &q->command};
    bool ok = true;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        ok = copy_text(ctx, text[i]) && ok;
    if (ok && !q->dir)
        ok = (q->dir = default_dir(ctx, q->path)) != NULL;
    if (q->every <= 0)
        q->every = EVERY;
    fqpi_waiter_open(&w->waiter);
    if (!ok) {
        fqp_watch_destroy(w);
        return FQP_E_NOMEM;
    }
    *out = w;
    return FQP_OK;
}

void fqp_watch_destroy(fqp_watch *w) {
    if (!w)
        return;
    fqp_journal_destroy(w->journal);
    fqp_follow_destroy(w->follow);
    fqpi_waiter_close(&w->waiter);
    fqp_array_free(&w->x);
    fqp_array_free(&w->y);
    for (size_t i = 0; i < w->ndirs; i++)
        fqpi_free(w->dir[i]);
    for (size_t i = 0; i < w->nnotes; i++)
        fqpi_free(w->note[i]);
    const char *const text[] = {w->request.path,  w->request.x,   w->request.y,      w->request.pattern,
                                w->request.steps, w->request.dir, w->request.command};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        fqpi_free((void *)(uintptr_t)text[i]);
    fqpi_free(w->waiting);
    fqpi_free(w->ended);
    fqpi_free(w);
}

bool fqp_watch_reads(const fqp_watch *w) {
    return w->reads;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* A summary reads every series again: it is written when it takes a small part of the time only. */
static fqp_status summarise(fqp_watch *w, bool last) {
    const double share = 4, now = fqpi_clock();
    if (!w->unsaid || (!last && now - w->said < share * w->said_costs))
        return FQP_OK;
    const fqp_status s = fqp_journal_summary(w->journal, NULL);
    w->said = fqpi_clock();
    w->said_costs = w->said - now;
    w->unsaid = s != FQP_OK;
    w->version++;
    return s;
}

static bool due(const fqp_watch *w, bool last) {
    return last || w->changed || fqpi_clock() - w->looked >= w->request.every ||
           (w->follow && fqpi_follow_holds(w->follow));
}

fqp_status fqp_watch_look(fqp_watch *w, bool last) {
    fqp_status s = FQP_OK;
    if (due(w, last)) {
        w->changed = false;
        fqpi_waiter_add(&w->waiter, w->request.path); /* again, in case it was removed and made anew */
        if (!w->ready)
            s = fqpi_watch_begin(w, last);
        if (!s && w->ready)
            s = w->reads ? fqpi_watch_others(w) : fqp_follow_look(w->follow, last);
        w->looked = fqpi_clock();
    }
    return s || !w->journal ? s : summarise(w, last);
}

void fqp_watch_wait(fqp_watch *w, double seconds) {
    const double now = fqpi_clock(), soon = w->looked + SOONEST - now;
    if (w->follow && fqpi_follow_holds(w->follow) && seconds > fqpi_follow_settle)
        seconds = fqpi_follow_settle;
    if (fqpi_waiter_sleep(&w->waiter, w->ctx, seconds))
        w->changed = true;
    if (w->changed && soon > 0) { /* what comes in a bunch is looked at once */
        fqpi_waiter pause = {.fd = -1};
        fqpi_waiter_sleep(&pause, w->ctx, soon);
    }
}

/* ---- result ------------------------------------------------------------------------------------------------------ */

fqp_status fqp_watch_summary(fqp_watch *w, char **json) {
    if (w->ndirs == 0)
        return fqpi_fail(w->ctx, FQP_E_ARG, NULL, "%s", w->waiting ? w->waiting : "nothing was watched yet");
    json_t *fresh = w->reads ? fqpi_watch_fresh(w->ctx, w->dir[0]) : NULL;
    char *path = fqpi_format(w->ctx, "%s/summary.json", w->dir[0]);
    if (path && !fresh)
        fresh = json_load_file(path, 0, NULL);
    fqpi_free(path);
    *json = fresh ? json_dumps(fresh, JSON_INDENT(1)) : NULL;
    json_decref(fresh);
    if (!path)
        return FQP_E_NOMEM;
    return *json ? FQP_OK : fqpi_fail(w->ctx, FQP_E_DATA, NULL, "%s: nothing was recorded yet", w->dir[0]);
}

fqp_status fqp_watch_end(fqp_watch *w) {
    if (!w->journal)
        return FQP_OK;
    fqp_status s = fqp_journal_end(w->journal, "done");
    const char *const dirs[] = {w->dir[0]};
    if (!s)
        s = fqp_report_html(w->ctx, 1, dirs, NULL);
    w->unsaid = false;
    return s;
}
