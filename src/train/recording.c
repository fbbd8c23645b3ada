/* recording.c - when to record: "every:10", "log:30", "epoch:1", "steps:0,10,100". */
#include "fail.h"
#include "mem.h"
#include <fqp/train.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY, LOG, EPOCH, STEPS, KINDS };
static const char *const kinds[KINDS] = {"every", "log", "epoch", "steps"};

static fqp_status refuse(fqp_ctx *ctx, const fqp_origin *origin, const char *text, const char *why) {
    return fqpi_fail(ctx, FQP_E_CONFIG, origin,
                     "schedule \"%s\": %s; write every:10, log:30, epoch:1 or steps:0,10,100", text, why);
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

/* Is step the nearest integer of some 10^(j/per_decade)? */
static bool on_log_grid(int64_t step, int64_t per_decade) {
    double j = floor((double)per_decade * log10((double)step));
    for (int i = -1; i <= 1; i++)
        if ((int64_t)llround(pow(10, (j + i) / (double)per_decade)) == step)
            return true;
    return false;
}

bool fqp_schedule_hits(const fqp_schedule *s, int64_t step, int64_t per_epoch) {
    if (step <= 0)
        return step == 0;
    if (s->kind == STEPS)
        return s->steps.n > 0 && bsearch(&step, s->steps.v, s->steps.n, sizeof step, ascending);
    if (s->kind == LOG)
        return on_log_grid(step, s->every);
    return step % (s->kind == EPOCH ? s->every * per_epoch : s->every) == 0;
}
