/* follow.c - log.jsonl and events of one seed, frame by frame.
 *
 * A file is opened for each frame and closed again: a run of thousands of seeds would otherwise run out of descriptors,
 * and a reader may move the file away. */
#include "follow.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fqpi_follow {
    fqp_ctx *ctx;
    fqp_store *store;
    char folder[32], *log, *events; /* paths; events NULL: none yet */
    bool wants_events, resumed;
    int64_t kept; /* last step of the part that was taken up; -1: none */
    fqpi_shown shown;
    bool known; /* shown is filled */
    fqpi_event event;
    fqpi_text line;
};

static double wall_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One write: a reader sees a line or record in full or not at all.  What a full disk cuts is cut off on resuming. */
static fqp_status append(const fqpi_follow *f, const char *path) {
    if (f->line.failed)
        return FQP_E_NOMEM;
    int fd = fqpi_os_open(path, O_WRONLY | O_CREAT | O_APPEND);
    if (fd < 0)
        return fqpi_os_fail(f->ctx, path, "open for writing");
    const fqp_status s = fqpi_os_write(fd, f->line.s, f->line.n, -1) ? FQP_OK : fqpi_os_fail(f->ctx, path, "append");
    close(fd);
    return s;
}

static void begin_line(fqpi_follow *f) {
    f->line.n = 0;
    f->line.failed = false;
}

fqp_status fqpi_follow_create(fqp_ctx *ctx, fqp_store *store, const char *folder, bool events, fqpi_follow **out) {
    fqpi_follow *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    *f = (fqpi_follow){.ctx = ctx, .store = store, .wants_events = events, .kept = -1, .event = {.ctx = ctx}};
    fqpi_print(f->folder, sizeof f->folder, "%s", folder);
    f->log = fqpi_format(ctx, "%s/%s/log.jsonl", fqp_store_dir(store), folder);
    if (!f->log) {
        fqpi_free(f);
        return FQP_E_NOMEM;
    }
    *out = f;
    return FQP_OK;
}

/* The file of this part of the run; the first record of a later part takes back what an earlier one had in advance. */
static fqp_status begin_events(fqpi_follow *f, int64_t step) {
    char *folder = fqpi_format(f->ctx, "%s/%s", fqp_store_dir(f->store), f->folder);
    fqp_status s = folder ? fqpi_event_name(f->ctx, folder, &f->events) : FQP_E_NOMEM;
    fqpi_free(folder);
    fqpi_event_version(f->ctx, &f->line, wall_clock());
    if (f->resumed)
        fqpi_event_restart(f->ctx, &f->line, wall_clock(), step);
    return s;
}

fqp_status fqpi_follow_frame(fqpi_follow *f, const fqpi_record *record, const fqp_monitor *const *monitor, size_t n) {
    if (!f)
        return FQP_OK;
    fqp_status s = f->known ? FQP_OK : fqpi_shown_monitors(f->ctx, monitor, n, &f->shown);
    f->known = !s;
    if (!s)
        s = fqpi_shown_last(&f->shown, monitor, n);
    if (s)
        return s;
    begin_line(f);
    fqpi_log_line(&f->shown, record, &f->line);
    s = append(f, f->log);
    if (s || !f->wants_events)
        return s;
    begin_line(f);
    if (!f->events)
        s = begin_events(f, record->step);
    fqpi_event_frame(&f->event, &f->shown, record, wall_clock(), &f->line);
    return s ? s : append(f, f->events);
}

/* ---- going on -----------------------------------------------------------------------------------------------------
 */

static fqp_status read_log(const fqpi_follow *f, unsigned char **bytes, size_t *n) {
    fqpi_stream stream;
    *bytes = NULL;
    *n = 0;
    if (access(f->log, F_OK) != 0)
        return FQP_OK;
    fqp_status s = fqpi_stream_open(f->ctx, f->log, &stream);
    if (s)
        return s;
    s = fqpi_stream_all(&stream, bytes, n);
    fqpi_stream_close(&stream);
    return s;
}

/* The lines of the frames from `from` on, out of the series. */
static fqp_status write_again(fqpi_follow *f, const fqpi_seed *seed, size_t from, size_t frames) {
    fqpi_shown shown;
    fqp_status s = fqpi_shown_seed(f->ctx, seed, &shown);
    if (s)
        return s;
    begin_line(f);
    for (size_t i = from; i < frames; i++) {
        fqpi_record record;
        fqpi_shown_frame(&shown, seed, i, &record);
        fqpi_log_line(&shown, &record, &f->line);
    }
    fqpi_shown_free(&shown);
    return append(f, f->log);
}

fqp_status fqpi_follow_resume(fqpi_follow *f, size_t frames) {
    unsigned char *bytes;
    size_t n, lines = 0, keep = 0;
    const fqpi_trial trial = {.ctx = f->ctx, .store = f->store};
    fqpi_seed seed = {0};
    fqp_status s = read_log(f, &bytes, &n);
    f->resumed = true;
    if (!s && frames > 0)
        s = fqpi_trial_seed(&trial, f->folder, &seed);
    if (!s && frames > 0)
        f->kept = ((const int64_t *)seed.step.data)[frames - 1];
    if (!s && bytes) {
        keep = fqpi_log_whole((const char *)bytes, n, seed.step.data, frames, &lines);
        if (keep < n && truncate(f->log, (off_t)keep) != 0)
            s = fqpi_os_fail(f->ctx, f->log, "shorten");
    }
    if (!s && lines < frames)
        s = write_again(f, &seed, lines, frames);
    fqpi_trial_seed_free(&seed);
    fqpi_free(bytes);
    return s;
}

/* ---- the end ------------------------------------------------------------------------------------------------------
 */

/* A run that was killed between its last frame and its maps, and taken up again, has no file of this part yet. */
static fqp_status put_maps(fqpi_follow *f) {
    begin_line(f);
    if (!f->events) {
        const fqp_status begun = begin_events(f, f->kept + 1);
        if (begun || append(f, f->events))
            return begun ? begun : FQP_E_IO;
    }
    const fqpi_trial trial = {.ctx = f->ctx, .store = f->store};
    fqpi_seed seed = {0};
    fqp_status s = fqpi_trial_seed(&trial, f->folder, &seed);
    begin_line(f);
    if (!s)
        s = fqpi_event_maps(&f->event, &seed, wall_clock(), &f->line);
    fqpi_trial_seed_free(&seed);
    return s ? s : append(f, f->events);
}

/* The maps are an ornament: a run is not lost for them. */
static void end_events(fqpi_follow *f) {
    fqpi_kept before = fqpi_keep(f->ctx, FQP_OK);
    if (put_maps(f))
        fqpi_log(f->ctx, FQP_LOG_WARN, "%s: without heat maps", f->events);
    fqp_ctx_problems_clear(f->ctx);
    fqpi_restore(f->ctx, &before);
}

void fqpi_follow_free(fqpi_follow *f) {
    if (!f)
        return;
    if (f->events || (f->wants_events && f->kept >= 0))
        end_events(f);
    fqpi_shown_free(&f->shown);
    fqpi_event_free(&f->event);
    fqpi_text_free(&f->line);
    fqpi_free(f->events);
    fqpi_free(f->log);
    fqpi_free(f);
}
