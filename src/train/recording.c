/* recording.c - when to record: "every:10", "log:30", "epoch:1", "steps:0,10,100", "adaptive:0.1". */
#include "mem.h"
#include "trainer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY, LOG, EPOCH, STEPS, ADAPTIVE, KINDS };
static const char *const kinds[KINDS] = {"every", "log", "epoch", "steps", "adaptive"};

static fqp_status refuse(fqp_ctx *ctx, const fqp_origin *origin, const char *text, const char *why) {
    return fqpi_fail(ctx, FQP_E_CONFIG, origin,
                     "monitor.record: \"%s\": %s; write every:10, log:30, epoch:1, steps:0,10,100 or adaptive:0.1",
                     text, why);
}

/* A non-negative integer at *p, which moves behind it. */
static bool number(const char **p, int64_t *v) {
    char *end;
    errno = 0;
    if (**p < '0' || **p > '9')
        return false;
    *v = strtoll(*p, &end, 10);
    *p = end;
    return errno == 0;
}

/* A fraction above 0 that is all of `text`. */
static bool fraction(const char *text, double *v) {
    char *end;
    *v = strtod(text, &end);
    return ((*text >= '0' && *text <= '9') || *text == '.') && end != text && !*end && *v > 0 && isfinite(*v);
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static fqp_status parse_steps(fqp_ctx *ctx, const fqp_origin *origin, const char *text, const char *list,
                              fqp_schedule *out) {
    size_t count = 1;
    for (const char *p = list; *p; p++)
        count += *p == ',';
    out->steps.v = fqpi_alloc(ctx, count, sizeof *out->steps.v);
    if (!out->steps.v)
        return FQP_E_NOMEM;
    for (const char *p = list;; p++) {
        while (*p == ' ')
            p++;
        if (!number(&p, &out->steps.v[out->steps.n++]) || (*p && *p != ',')) {
            fqp_schedule_release(out);
            return refuse(ctx, origin, text, "the list holds something that is no step number");
        }
        if (!*p)
            break;
    }
    qsort(out->steps.v, out->steps.n, sizeof *out->steps.v, ascending);
    return FQP_OK;
}

fqp_status fqp_schedule_parse(fqp_ctx *ctx, const char *text, fqp_origin origin, fqp_schedule *out) {
    if (!text || !out)
        return FQP_E_ARG;
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    fqp_schedule s = {.kind = KINDS};
    for (int i = 0; i < KINDS; i++)
        if (strlen(kinds[i]) == length && !strncmp(kinds[i], text, length))
            s.kind = i;
    if (s.kind == KINDS || !colon)
        return refuse(ctx, &origin, text, s.kind == KINDS ? "this kind is not known" : "a number is missing");
    const char *p = colon + 1;
    if (s.kind == STEPS) {
        fqp_status status = parse_steps(ctx, &origin, text, p, &s);
        if (status)
            return status;
    } else if (s.kind == ADAPTIVE) {
        if (!fraction(p, &s.change))
            return refuse(ctx, &origin, text, "the change must be a fraction above 0");
    } else if (!number(&p, &s.every) || *p || s.every < 1 || (s.kind == LOG && s.every > 100000)) {
        return refuse(ctx, &origin, text, "the number must be an integer of at least 1");
    }
    *out = s;
    return FQP_OK;
}

void fqp_schedule_release(fqp_schedule *s) {
    if (!s)
        return;
    fqpi_free(s->steps.v);
    s->steps = (fqp_ints){0};
}

/* The j-th step of a logarithmic grid; neighbours may be equal. */
static int64_t log_step(double j, int64_t per_decade) {
    return (int64_t)llround(pow(10, j / (double)per_decade));
}

/* Is step the nearest integer of some 10^(j/per_decade)? */
static bool on_log_grid(int64_t step, int64_t per_decade) {
    double j = floor((double)per_decade * log10((double)step));
    for (int i = -1; i <= 1; i++)
        if (log_step(j + i, per_decade) == step)
            return true;
    return false;
}

bool fqp_schedule_hits(const fqp_schedule *s, int64_t step, int64_t per_epoch) {
    if (step <= 0)
        return step == 0;
    if (s->kind == ADAPTIVE)
        return false;
    if (s->kind == STEPS)
        return s->steps.n > 0 && bsearch(&step, s->steps.v, s->steps.n, sizeof step, ascending);
    if (s->kind == LOG)
        return on_log_grid(step, s->every);
    return step % (s->kind == EPOCH ? s->every * per_epoch : s->every) == 0;
}

static int64_t next_log(int64_t step, int64_t per_decade) {
    double j = step > 0 ? floor((double)per_decade * log10((double)step)) - 1 : 0;
    while (log_step(j, per_decade) <= step)
        j++;
    return log_step(j, per_decade);
}

static int64_t next_listed(int64_t step, const fqp_ints *steps) {
    for (size_t i = 0; i < steps->n; i++) /* sorted */
        if (steps->v[i] > step)
            return steps->v[i];
    return INT64_MAX;
}

int64_t fqpi_schedule_next(const fqp_schedule *s, int64_t step, int64_t per_epoch) {
    if (s->kind == ADAPTIVE)
        return INT64_MAX;
    if (s->kind == STEPS)
        return next_listed(step, &s->steps);
    if (s->kind == LOG)
        return next_log(step, s->every);
    int64_t every = s->kind == EPOCH ? s->every * per_epoch : s->every;
    return (step / every + 1) * every;
}

/* |ln(loss / last)| >= ln(1 + change).  An objective may be negative: magnitudes are compared, and a change of sign
 * counts. */
bool fqpi_schedule_due(const fqp_schedule *s, double loss, double last) {
    double a = fabs(loss), b = fabs(last), grown = 1 + s->change;
    if (!(s->change > 0) || isnan(loss) || isnan(last) || loss == last)
        return false;
    return a >= grown * b || b >= grown * a || (loss < 0) != (last < 0);
}
