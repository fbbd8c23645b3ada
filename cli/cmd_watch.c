/* cmd_watch.c - fqp watch: a training that goes on, on a live page and in the terminal. */
#include "live.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Points, n or n x d; default: x.npy in the folder."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Targets at the points, n or n x m; default: y.npy in the folder."},
    {"pred", 0, OPT_VALUE, "PATTERN", OFFER_NONE, NULL,
     "Names of the predictions in the folder; the last number of a name is its step; default: 'pred_*.npy'."},
    {"steps", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Steps of one growing file of predictions, growing with it; default: 0, 1, 2, ..."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Run directory; default: runs/ and the folder's name.  When training begins again, DIR-2, DIR-3, ... follow."},
    {"resume", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Go on with the run in the directory."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished run in the directory first; measure all anew."},
    {"config", 'c', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Configuration whose monitor sections are used."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Override a key: --set 'monitor.probes=[filter]'."},
    {"port", 'p', OPT_VALUE, "N", OFFER_NONE, NULL, "Port of the live page; 0: any that is free; default: 8077."},
    {"open", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Show the page in the browser of the desktop."},
    {"text", 't', OPT_FLAG, NULL, OFFER_NONE, NULL, "No page: the terminal only, for work through ssh."},
    {"listen", 0, OPT_VALUE, "ADDRESS", OFFER_NONE, NULL,
     "Address of the page in numbers; default: 127.0.0.1, this machine only.  Any other needs --token."},
    {"token", 0, OPT_VALUE, "TEXT", OFFER_NONE, NULL,
     "At least 16 characters that whoever asks for the page must name; default: $FQP_TOKEN."},
    {"every", 0, OPT_VALUE, "TIME", OFFER_NONE, NULL,
     "Time between looks where the system does not tell of new files: 1s, 10s, 1m; default: 1s."},
    {"idle", 0, OPT_VALUE, "TIME", OFFER_NONE, NULL,
     "End when nothing new came for this time after a frame; default: never."},
    {"once", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Measure what is there, write run directory and report, end."},
    {0}};

typedef struct session {
    const invocation *inv;
    fqp_ctx *ctx;
    fqp_watch *watch;
    fqp_server *server;
    bool screen;             /* the terminal is drawn in place */
    uint64_t told, drawn;    /* version that the server, the screen last had */
    double told_at, seen_at; /* clock of the last word to the server, of the last news */
    uint64_t seen;
} session;

static double clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- telling ------------------------------------------------------------------------------------------------------
 */

enum { HEARTBEAT = 5 }; /* seconds; a page that is open learns that somebody is there */

static void tell_server(session *s, const fqp_live *live) {
    if (!s->server || (live->version == s->told && clock_now() - s->told_at < HEARTBEAT))
        return;
    if (fqp_server_tell(s->server, live) == FQP_OK) {
        s->told = live->version;
        s->told_at = clock_now();
    }
}

static void draw(session *s, const fqp_live *live) {
    const char *url = s->server ? fqp_server_url(s->server) : NULL;
    if (live->version == s->drawn) {
        live_screen_tick(live, url);
        return;
    }
    s->drawn = live->version;
    char *summary = NULL;
    if (live->frames && fqp_watch_summary(s->watch, &summary))
        fqp_ctx_problems_clear(s->ctx); /* not written yet */
    live_screen_draw(live, summary, url);
    free(summary);
}

static void refresh(session *s) {
    const fqp_live live = fqp_watch_live(s->watch);
    if (live.version != s->seen)
        s->seen_at = clock_now();
    s->seen = live.version;
    tell_server(s, &live);
    if (s->screen)
        draw(s, &live);
}

static void on_frame(void *user, int64_t step, double loss) {
    session *s = user;
    const fqp_live live = fqp_watch_live(s->watch);
    if (clock_now() - s->told_at > 1) /* a folder full of frames takes a while */
        tell_server(s, &live);
    if (s->screen || given(s->inv, "json") || given(s->inv, "quiet") || given(s->inv, "once"))
        return;
    printf("frame %lld  step %lld", (long long)live.frames, (long long)step);
    if (isfinite(loss))
        printf("  loss %.4g", loss);
    printf("\n");
    fflush(stdout);
}

static void on_note(void *user, const char *text) {
    const session *s = user;
    if (!s->screen && !given(s->inv, "quiet"))
        fprintf(stderr, "%snote:%s %s\n", ink_on(stderr, INK_YELLOW), ink_off(stderr), text);
}

/* ---- watching -----------------------------------------------------------------------------------------------------
 */

static bool over(const session *s, double idle) {
    const fqp_live live = fqp_watch_live(s->watch);
    return (live.ended && !s->server && !s->screen) || (idle > 0 && live.frames && clock_now() - s->seen_at > idle);
}

static fqp_status follow(session *s, double idle) {
    fqp_status st = FQP_OK;
    s->seen_at = clock_now();
    do {
        st = fqp_watch_look(s->watch, false);
        refresh(s);
        if (!st && !over(s, idle))
            fqp_watch_wait(s->watch, 1);
    } while (!st && !fqp_ctx_interrupted(s->ctx) && !over(s, idle));
    return st == FQP_E_INTERRUPTED ? FQP_OK : st;
}

static int print_json(const session *s, const fqp_live *live) {
    char *summary = NULL;
    if (fqp_watch_summary(s->watch, &summary))
        fqp_ctx_problems_clear(s->ctx);
    json_t *out = json_problems(s->ctx, FQP_OK), *j = summary ? json_loads(summary, 0, NULL) : NULL;
    json_object_set_new(out, "dir", json_string(live->dir[0]));
    json_object_set_new(out, "summary", j ? j : json_null());
    json_print(out);
    free(summary);
    return 0;
}

/* What is there now, and where. */
static int finish(session *s, bool show) {
    const fqp_live live = fqp_watch_live(s->watch);
    if (live.ndirs == 0) {
        fprintf(stderr, "%s; nothing was measured.\n", live.waiting ? live.waiting : "ended");
        return 130;
    }
    if (given(s->inv, "json"))
        return print_json(s, &live);
    char *summary = NULL;
    json_t *j = NULL;
    if (live.frames && !fqp_watch_summary(s->watch, &summary))
        j = json_loads(summary, 0, NULL);
    fqp_ctx_problems_clear(s->ctx);
    if (j && show)
        show_summary(stdout, live.dir[0], j);
    if (fqp_watch_reads(s->watch))
        printf("%s was only read.\n", live.dir[0]);
    else
        printf("run directory: %s, %lld frames\nreport: %s/report.html\n", live.dir[0], (long long)live.frames,
               live.dir[0]);
    json_decref(j);
    free(summary);
    return 0;
}

static fqp_status nothing_there(session *s) {
    const fqp_live live = fqp_watch_live(s->watch);
    if (live.frames || live.waiting)
        return FQP_OK;
    const char *pred = value_of(s->inv, "pred");
    fprintf(stderr, "fqp watch: %s: no prediction that can be used is there (%s)\n", live.source,
            pred ? pred : "pred_*.npy");
    return FQP_E_DATA;
}

static int watch(session *s, double idle) {
    const bool once = given(s->inv, "once"), screen = s->screen;
    if (screen)
        live_screen_begin();
    fqp_status st = once ? fqp_watch_look(s->watch, true) : follow(s, idle);
    if (screen)
        live_screen_end();
    s->screen = false;
    const bool interrupted = fqp_ctx_interrupted(s->ctx);
    fqp_ctx_interrupt_clear(s->ctx); /* what is there is made complete */
    if (st)
        return term_problems(s->inv, s->ctx, st, NULL);
    st = fqp_watch_end(s->watch);
    refresh(s);
    if (st)
        return term_problems(s->inv, s->ctx, st, "The frames are recorded; their report could not be written.");
    if (once && !interrupted && nothing_there(s))
        return fqp_status_exit(FQP_E_DATA);
    return finish(s, screen || once);
}

/* ---- beginning ----------------------------------------------------------------------------------------------------
 */

static int port_of(const invocation *inv, int *port) {
    const char *text = value_of(inv, "port");
    char *end = NULL;
    const long v = text ? strtol(text, &end, 10) : 8077;
    if (text && (end == text || *end || v < 0 || v > 65535))
        return usage(inv->command, "--port: \"%s\" is not a port: 1 to 65535, or 0 for any that is free", text);
    *port = (int)v;
    return 0;
}

static int serve(session *s) {
    const invocation *inv = s->inv;
    fqp_server_opts o = {.address = value_of(inv, "listen"), .token = value_of(inv, "token")};
    const int bad = port_of(inv, &o.port);
    if (bad || given(inv, "text") || given(inv, "once"))
        return bad;
    if (!o.token && o.address)
        o.token = getenv("FQP_TOKEN");
    const fqp_status st = fqp_server_create(s->ctx, &o, &s->server);
    if (st)
        return term_problems(inv, s->ctx, st, st == FQP_E_UNSUPPORTED ? "fqp watch --text needs no page." : NULL);
    if (!s->screen && !given(inv, "quiet"))
        fprintf(stderr, "live page: %s\n", fqp_server_url(s->server));
    if (given(inv, "open"))
        show_in_browser(fqp_server_url(s->server));
    return 0;
}

static fqp_status configure(const invocation *inv, fqp_ctx *ctx, fqp_config **out) {
    const char *const *set;
    const size_t n = values_of(inv, "set", &set);
    const char *file = value_of(inv, "config");
    if (!file && !n)
        return FQP_OK; /* the probe that suits the points */
    return file ? fqp_config_load(ctx, file, n, set, out) : fqp_config_parse(ctx, "defaults", "", n, set, out);
}

static int open_watch(session *s, const fqp_config *config, double every) {
    const invocation *inv = s->inv;
    if (given(inv, "resume") && given(inv, "replace"))
        return usage(inv->command, "either --resume or --replace");
    const fqp_watch_request q = {.path = inv->argument[0],
                                 .x = value_of(inv, "x"),
                                 .y = value_of(inv, "y"),
                                 .pattern = value_of(inv, "pred"),
                                 .steps = value_of(inv, "steps"),
                                 .dir = value_of(inv, "out"),
                                 .replace = given(inv, "replace"),
                                 .resume = given(inv, "resume"),
                                 .config = config,
                                 .command = command_text,
                                 .every = every,
                                 .user = s,
                                 .frame = on_frame,
                                 .note = on_note};
    const fqp_status st = fqp_watch_create(s->ctx, &q, &s->watch);
    return st ? term_problems(inv, s->ctx, st, NULL) : 0;
}

static bool wants_screen(const invocation *inv) {
    const char *kind = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(kind && strcmp(kind, "dumb") == 0) && !given(inv, "open") &&
           !given(inv, "once") && !given(inv, "quiet") && !given(inv, "json");
}

static int run(invocation *inv) {
    session s = {.inv = inv, .screen = wants_screen(inv), .ctx = term_ctx(inv, 0)};
    double every = 0, idle = 0;
    fqp_config *config = NULL;
    if (!s.ctx)
        return 4;
    int code = time_of(inv, "every", &every);
    if (!code)
        code = time_of(inv, "idle", &idle);
    if (!code) {
        const fqp_status st = configure(inv, s.ctx, &config);
        code = st ? term_problems(inv, s.ctx, st, "nothing was written.") : 0;
    }
    if (!code)
        code = serve(&s);
    if (!code)
        code = open_watch(&s, config, every);
    if (!code)
        code = watch(&s, idle);
    fqp_server_destroy(s.server);
    fqp_watch_destroy(s.watch);
    fqp_config_destroy(config);
    term_ctx_destroy(s.ctx);
    return code;
}

const command cmd_watch = {
    .name = "watch",
    .arguments = "FOLDER|FILE|DIR",
    .summary = "follow a training that goes on, on a live page",
    .about = "Follows a folder into which any program writes its predictions, one growing npy file of them, or the run "
             "directory that another process is writing, while training goes on.  Every prediction is measured as it "
             "comes; the page on this machine (and the terminal) show how far each frequency has got.  Half-written "
             "files are waited for, other files are ignored, and when training begins again so does the run directory. "
             "Ctrl-C ends it and leaves run directory and report complete.",
    .example = "fqp watch preds                    # preds/x.npy, preds/y.npy, preds/pred_0100.npy, ...\n"
               "fqp watch preds --text             # on a cluster, through ssh\n"
               "fqp watch preds.npy --x x.npy --y y.npy --steps steps.npy\n"
               "fqp watch runs/sines_1d            # while fqp run or the Python door writes it",
    .options = options,
    .least = 1,
    .most = 1,
    .run = run};
