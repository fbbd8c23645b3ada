/* serve.c - the live page over HTTP: the page, its data, and news of them.
 *
 * One thread answers, and reads the run directories as any reader beside the writer does (store.h). */
#include "serve.h"
#include "fail.h"
#include "mem.h"
#include "summary.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 64, TIMEOUT = 60 };

/* ---- what was told ---------------------------------------------------------------------------------------------- */

static json_t *real_or_null(double x) {
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *text_or_null(const char *s) {
    return s ? json_string(s) : json_null();
}

static json_t *live_json(const fqp_live *v) {
    json_t *notes = json_array();
    for (size_t i = 0; i < v->nnotes; i++)
        json_array_append_new(notes, text_or_null(v->note[i]));
    return json_pack("{s:I, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "version", (json_int_t)v->version, "source",
                     text_or_null(v->source), "waiting", text_or_null(v->waiting), "ended", text_or_null(v->ended),
                     "frames", (json_int_t)v->frames, "step", (json_int_t)v->step, "age", real_or_null(v->age), "gap",
                     real_or_null(v->gap), "patience", real_or_null(v->patience), "notes", notes);
}

json_t *fqpi_told_now(const fqp_server *s) {
    json_t *live = s->told.live ? json_copy(s->told.live) : NULL;
    if (live && isfinite(s->told.age))
        json_object_set_new(live, "age", json_real(s->told.age + fqpi_clock() - s->told.when));
    return live;
}

static void told_free(fqpi_told *t) {
    json_decref(t->live);
    for (size_t i = 0; i < t->ndirs; i++)
        fqpi_free(t->dir[i]);
    fqpi_free(t->dir);
    *t = (fqpi_told){0};
}

static fqp_status told_make(const fqp_live *live, fqpi_told *out) {
    fqpi_told t = {.live = live_json(live), .age = live->age, .when = fqpi_clock()};
    t.dir = fqpi_calloc(NULL, live->ndirs + 1, sizeof *t.dir);
    bool ok = t.live && t.dir;
    for (size_t i = 0; i < live->ndirs && ok; i++) {
        t.dir[i] = fqpi_strdup(NULL, live->dir[i]);
        t.ndirs += t.dir[i] != NULL;
        ok = t.dir[i] != NULL;
    }
    if (!ok)
        told_free(&t);
    else
        *out = t;
    return ok ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqp_server_tell(fqp_server *s, const fqp_live *live) {
    fqpi_told t = {0};
    fqp_status st = told_make(live, &t);
    if (st)
        return st;
    pthread_mutex_lock(&s->lock);
    told_free(&s->told);
    s->told = t;
    fqpi_events_tell(s);
    pthread_mutex_unlock(&s->lock);
    return FQP_OK;
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static enum MHD_Result send_response(struct MHD_Connection *c, unsigned status, const char *type,
                                     struct MHD_Response *r) {
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Content-Security-Policy", "frame-ancestors 'none'"},
    };
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(r, headers[i][0], headers[i][1]);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, "Allow", "GET, HEAD");
    const enum MHD_Result done = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result send_text(struct MHD_Connection *c, unsigned status, const char *text) {
    return send_response(c, status, "text/plain; charset=utf-8",
                         MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY));
}

/* The page or its data, of the directories as they are now. */
static fqp_status build(fqp_server *s, fqp_status (*make)(fqp_ctx *, const fqpi_live_page *, fqpi_text *),
                        fqpi_text *out) {
    fqpi_told now = {0};
    pthread_mutex_lock(&s->lock);
    now.live = fqpi_told_now(s);
    now.dir = fqpi_calloc(NULL, s->told.ndirs + 1, sizeof *now.dir);
    for (size_t i = 0; now.dir && i < s->told.ndirs; i++)
        if ((now.dir[now.ndirs] = fqpi_strdup(NULL, s->told.dir[i])))
            now.ndirs++;
    pthread_mutex_unlock(&s->lock);
    if (!now.live)
        now.live = json_object();
    const fqpi_live_page page = {
        .ndirs = now.ndirs, .dir = (const char *const *)now.dir, .live = now.live, .summary = fqpi_watch_fresh};
    fqp_ctx_problems_clear(s->ctx);
    const fqp_status st = now.dir && now.live ? make(s->ctx, &page, out) : FQP_E_NOMEM;
    told_free(&now);
    return st;
}

static enum MHD_Result send_built(fqp_server *s, struct MHD_Connection *c, const char *type,
                                  fqp_status (*make)(fqp_ctx *, const fqpi_live_page *, fqpi_text *)) {
    fqpi_text t = {0};
    char text[500];
    if (build(s, make, &t)) { /* between two writes of the run; the next moment it is whole again */
        snprintf(text, sizeof text, "not now: %.400s\n",
                 fqp_ctx_problem_count(s->ctx) ? fqp_ctx_problem(s->ctx, 0).message : "out of memory");
        return send_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, text);
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(t.n, t.s, MHD_RESPMEM_MUST_COPY);
    fqpi_text_free(&t);
    return send_response(c, MHD_HTTP_OK, type, r);
}

static enum MHD_Result send_page(fqp_server *s, struct MHD_Connection *c) {
    return send_built(s, c, "text/html; charset=utf-8", fqpi_live_html);
}

static enum MHD_Result send_data(fqp_server *s, struct MHD_Connection *c) {
    return send_built(s, c, "application/json; charset=utf-8", fqpi_live_data);
}

static enum MHD_Result send_events(fqp_server *s, struct MHD_Connection *c) {
    return send_response(c, MHD_HTTP_OK, "text/event-stream; charset=utf-8", fqpi_events_open(s, c));
}

static const struct route {
    const char *path;
    enum MHD_Result (*send)(fqp_server *, struct MHD_Connection *);
} routes[] = {{"/", send_page}, {"/data", send_data}, {"/events", send_events}};

static bool allowed(const fqp_server *s, struct MHD_Connection *c) {
    if (!s->token)
        return true;
    const char *asked = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "token");
    const char *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    static const char bearer[] = "Bearer ";
    if (!asked && header && strncmp(header, bearer, strlen(bearer)) == 0)
        asked = header + strlen(bearer);
    return fqpi_secret_same(s->token, asked);
}

static enum MHD_Result answer(void *self, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *upload, size_t *uploaded, void **seen) {
    fqp_server *s = self;
    (void)version;
    (void)upload;
    (void)uploaded;
    (void)seen; /* answered as soon as the head of the request is there: nothing is ever taken in */
    if (s->place.loopback && !s->token && !fqpi_host_is_here(MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host")))
        return send_text(c, MHD_HTTP_FORBIDDEN, "this page is asked for as localhost or 127.0.0.1\n");
    if (!allowed(s, c))
        return send_text(c, MHD_HTTP_UNAUTHORIZED, "the token is missing or another one: ?token=...\n");
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].path, url) != 0)
            continue;
        if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
            return send_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET: nothing can be changed here\n");
        return routes[i].send(s, c);
    }
    return send_text(c, MHD_HTTP_NOT_FOUND, "there is / (the page), /data and /events\n");
}

/* ---- beginning and end ------------------------------------------------------------------------------------------ */

static void silent(void *self, const char *format, va_list args) {
    (void)self;
    (void)format;
    (void)args;
}

/* Signals are for the thread that watches. */
static struct MHD_Daemon *start(fqp_server *s) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *d =
        MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
                         0, NULL, NULL, answer, s, MHD_OPTION_EXTERNAL_LOGGER, silent, NULL, MHD_OPTION_LISTEN_SOCKET,
                         s->place.fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                         (unsigned)TIMEOUT, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return d;
}

fqp_status fqp_server_create(fqp_ctx *ctx, const fqp_server_opts *opts, fqp_server **out) {
    if (!ctx || !opts || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_server_create: a context, options and a place are needed");
    fqp_server *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    s->place.fd = -1;
    pthread_mutex_init(&s->lock, NULL);
    s->token = fqpi_strdup(ctx, opts->token);
    fqp_status st = s->token || !opts->token ? FQP_OK : FQP_E_NOMEM;
    if (!st)
        st = fqpi_late_open(ctx, &fqpi_http_library, NULL, "the live page needs");
    if (!st)
        st = fqpi_listen(ctx, opts, &s->place);
    if (!st)
        st = fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &s->ctx);
    if (!st && !(s->daemon = start(s)))
        st = fqpi_fail(ctx, FQP_E_IO, NULL, "the live page could not be started");
    if (st)
        fqp_server_destroy(s);
    else
        *out = s;
    return st;
}

void fqp_server_destroy(fqp_server *s) {
    if (!s)
        return;
    if (s->daemon) {
        fqpi_events_end(s);
        MHD_stop_daemon(s->daemon); /* closes the socket */
    } else if (s->place.fd >= 0) {
        close(s->place.fd);
    }
    told_free(&s->told);
    fqp_ctx_destroy(s->ctx);
    pthread_mutex_destroy(&s->lock);
    fqpi_free(s->token);
    fqpi_free(s);
}

const char *fqp_server_url(const fqp_server *s) {
    return s->place.url;
}
