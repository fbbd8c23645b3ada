/* term.c - what goes to the terminal: colours, the progress line, problems; and Ctrl-C. */
#include "cli.h"
#include "mem.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static FILE *stand_in;

void term_stands_for_stdout(FILE *f) {
    stand_in = f;
}

bool term_colour(FILE *f) {
    const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");
    return !(no && *no) && isatty(f == stand_in ? STDOUT_FILENO : fileno(f)) && !(kind && strcmp(kind, "dumb") == 0);
}

bool term_unicode(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int term_width(void) {
    struct winsize w;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40)
        return w.ws_col < 120 ? w.ws_col : 120;
    return 80;
}

int term_height(void) {
    struct winsize w;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 ? w.ws_row : 24;
}

void show_in_browser(const char *what) {
    const char *const argv[] = {"xdg-open", what, NULL};
    pid_t child;
    if (posix_spawnp(&child, "xdg-open", NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
        fprintf(stderr, "fqp: xdg-open is not there to show %s\n", what);
}

const char *ink_on(FILE *f, ink i) {
    static const char *const codes[] = {[INK_PLAIN] = "",       [INK_BOLD] = "\033[1m",   [INK_DIM] = "\033[2m",
                                        [INK_RED] = "\033[31m", [INK_GREEN] = "\033[32m", [INK_YELLOW] = "\033[33m"};
    return term_colour(f) ? codes[i] : "";
}

const char *ink_off(FILE *f) {
    return term_colour(f) ? "\033[0m" : "";
}

/* ---- progress --------------------------------------------------------------------------------------------------- */

static bool line_open;               /* a progress line stands on stderr */
static char place[96], seed_now[48]; /* "condition b", "seeds 1 to 5 of 5": said in front of the progress */

static void time_text(char *buf, size_t size, double seconds) {
    const long s = lround(seconds);
    if (s >= 3600)
        snprintf(buf, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(buf, size, "%ld:%02ld", s / 60, s % 60);
}

static void progress(void *user, const fqp_progress *p) {
    (void)user;
    char left[32] = "";
    const double rate = p->seconds > 0 ? p->done / p->seconds : 0;
    if (rate > 0 && p->total > p->done)
        time_text(left, sizeof left, (p->total - p->done) / rate);
    const int percent = p->total > 0 ? (int)(100 * p->done / p->total) : 0;
    fprintf(stderr, "\r\033[K%s%s%s%s", place, *place ? ", " : "", seed_now, *seed_now ? ", " : "");
    fprintf(stderr, "%s  %3d %%  %.0f of %.0f %s", p->task, percent, p->done, p->total, p->unit);
    if (rate > 0)
        fprintf(stderr, "  %.4g/s", rate);
    if (p->detail && *p->detail)
        fprintf(stderr, "  %s", p->detail);
    if (*left)
        fprintf(stderr, "  %s left", left);
    fflush(stderr);
    line_open = true;
}

void term_progress_end(void) {
    if (line_open)
        fprintf(stderr, "\r\033[K");
    line_open = false;
}

/* Information says where the work is; a new place begins with no seed. */
static void remember(const char *line) {
    const bool seed = strncmp(line, "seed ", 5) == 0 || strncmp(line, "seeds ", 6) == 0;
    snprintf(seed_now, sizeof seed_now, "%s", seed ? line : "");
    if (!seed)
        snprintf(place, sizeof place, "%s", line);
}

static void note(void *user, fqp_log_level level, const char *line) {
    (void)user;
    if (level < FQP_LOG_WARN) {
        remember(line);
        return;
    }
    term_progress_end();
    fprintf(stderr, "%sfqp: %s%s\n", ink_on(stderr, INK_YELLOW), line, ink_off(stderr));
}

/* ---- contexts and Ctrl-C ---------------------------------------------------------------------------------------- */

static fqp_ctx *volatile running; /* what a signal interrupts */

static void on_signal(int number) {
    (void)number;
    if (running)
        fqp_ctx_interrupt(running);
}

static void catch_signals(void) {
    const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        struct sigaction old, action = {.sa_handler = on_signal};
        sigemptyset(&action.sa_mask);
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
}

fqp_ctx *term_ctx(const invocation *inv, int threads) {
    const bool quiet = given(inv, "quiet");
    const char *asked = value_of(inv, "threads");
    const fqp_ctx_opts opts = {.threads = asked ? atoi(asked) : threads,
                               .kernel = getenv("FQP_KERNEL"),
                               .log = quiet ? NULL : note,
                               .progress = quiet || !isatty(STDERR_FILENO) ? NULL : progress};
    fqp_ctx *ctx = NULL;
    const fqp_status s = fqp_ctx_create(&opts, &ctx);
    if (s) {
        fprintf(stderr, "fqp: no context: %s%s\n", fqp_status_name(s),
                opts.kernel ? " (is FQP_KERNEL a known level?)" : "");
        return NULL;
    }
    running = ctx;
    catch_signals();
    return ctx;
}

void term_ctx_destroy(fqp_ctx *ctx) {
    if (running == ctx)
        running = NULL;
    fqp_ctx_destroy(ctx);
}

/* ---- problems --------------------------------------------------------------------------------------------------- */

json_t *json_problems(fqp_ctx *ctx, fqp_status s) {
    json_t *list = json_array();
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++) {
        const fqp_problem p = fqp_ctx_problem(ctx, i);
        json_t *one = json_pack("{s:s, s:s}", "status", fqp_status_name(p.status), "message", p.message);
        if (p.source)
            json_object_set_new(one, "source", json_string(p.source));
        if (p.line) {
            json_object_set_new(one, "line", json_integer(p.line));
            json_object_set_new(one, "column", json_integer(p.column));
        }
        json_array_append_new(list, one);
    }
    return json_pack("{s:s, s:i, s:o}", "status", fqp_status_name(s), "exit", fqp_status_exit(s), "problems", list);
}

void json_print(json_t *j) {
    json_dumpf(j, stdout, JSON_INDENT(1) | JSON_ENCODE_ANY);
    fputc('\n', stdout);
    json_decref(j);
}

static void print_problems(fqp_ctx *ctx, fqp_status s, const char *aftermath) {
    const size_t n = fqp_ctx_problem_count(ctx);
    for (size_t i = 0; i < n; i++) {
        const fqp_problem p = fqp_ctx_problem(ctx, i);
        const size_t size = fqp_problem_text(&p, NULL, 0) + 1;
        char *text = malloc(size);
        if (text) {
            fqp_problem_text(&p, text, size);
            fprintf(stderr, "%s%s%s\n", ink_on(stderr, INK_RED), text, ink_off(stderr));
        }
        free(text);
    }
    if (n == 0)
        fprintf(stderr, "fqp: %s\n", fqp_status_name(s));
    if (aftermath && n > 1)
        fprintf(stderr, "%zu problems; %s\n", n, aftermath);
    else if (aftermath)
        fprintf(stderr, "%s\n", aftermath);
}

int term_problems(const invocation *inv, fqp_ctx *ctx, fqp_status s, const char *aftermath) {
    term_progress_end();
    if (s && given(inv, "json"))
        json_print(json_problems(ctx, s));
    else if (s)
        print_problems(ctx, s, aftermath);
    return fqp_status_exit(s);
}

int usage(const command *c, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "%sfqp%s%s: ", ink_on(stderr, INK_RED), c ? " " : "", c ? c->name : "");
    vfprintf(stderr, fmt, args);
    fprintf(stderr, "%s\n", ink_off(stderr));
    va_end(args);
    return 2;
}
