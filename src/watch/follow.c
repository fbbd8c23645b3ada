/* follow.c - frames in a growing folder or file, as they come. */
#include "follow.h"
#include "fail.h"
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const double fqpi_follow_settle = 0.25, fqpi_follow_patience = 5;

void fqpi_follow_note(const fqp_follow *f, const char *fmt, ...) {
    char text[800];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (f->follower.note)
        f->follower.note(f->follower.user, text);
}

fqp_status fqpi_follow_restart(fqp_follow *f, const char *fmt, ...) {
    char why[400];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    f->last = -1;
    f->last_one = NULL;
    return f->follower.restart ? f->follower.restart(f->follower.user, why) : FQP_OK;
}

fqp_status fqpi_follow_feed(fqp_follow *f, int64_t step, const char *file, double when, const fqp_array *values) {
    const fqp_sight sight = {.step = step,
                             .file = file,
                             .when = when,
                             .prediction = fqp_view_make(values->data, values->dtype, 2, (int64_t[]){f->n, f->m})};
    f->last = step;
    f->begun = true;
    return f->follower.frame(f->follower.user, &sight);
}

static fqp_status copy_apart(fqp_follow *f, const char *const *known) {
    size_t n = 0;
    while (known && known[n])
        n++;
    f->apart = fqpi_calloc(f->ctx, n + 1, sizeof *f->apart);
    for (size_t i = 0; f->apart && i < n; i++)
        if (!(f->apart[i] = fqpi_strdup(f->ctx, known[i])))
            return FQP_E_NOMEM;
    return f->apart ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqp_follow_create(fqp_ctx *ctx, const fqp_follow_opts *opts, const fqp_follower *follower,
                             fqp_follow **out) {
    if (!ctx || !opts || !opts->path || !follower || !follower->frame || !out || opts->n < 1 || opts->m < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_follow_create: a context, a path, the shape of a frame and a callback are needed");
    fqp_follow *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    *f = (fqp_follow){.ctx = ctx,
                      .follower = *follower,
                      .path = fqpi_strdup(ctx, opts->path),
                      .pattern = fqpi_strdup(ctx, opts->pattern ? opts->pattern : "pred_*.npy"),
                      .steps = fqpi_strdup(ctx, opts->steps),
                      .n = opts->n,
                      .m = opts->m,
                      .last = opts->after,
                      .names = {.ctx = ctx}};
    fqp_status s = f->path && f->pattern && (f->steps || !opts->steps) ? copy_apart(f, opts->known) : FQP_E_NOMEM;
    if (s)
        fqp_follow_destroy(f);
    else
        *out = f;
    return s;
}

void fqp_follow_destroy(fqp_follow *f) {
    if (!f)
        return;
    fqpi_names_free(&f->names);
    for (size_t i = 0; f->apart && f->apart[i]; i++)
        fqpi_free(f->apart[i]);
    fqpi_free(f->apart);
    fqpi_free(f->path);
    fqpi_free(f->pattern);
    fqpi_free(f->steps);
    fqpi_free(f);
}

bool fqpi_follow_holds(const fqp_follow *f) {
    return f->holds;
}

fqp_status fqp_follow_look(fqp_follow *f, bool last) {
    struct stat st;
    if (stat(f->path, &st) != 0)
        return FQP_OK; /* not yet, or removed for a while */
    return S_ISDIR(st.st_mode) ? fqpi_follow_folder(f, last) : fqpi_follow_growing(f, last);
}
