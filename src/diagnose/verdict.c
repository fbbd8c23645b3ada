/* verdict.c - evidence to numbers, numbers to degrees, degrees to one cause.
 *
 * The degree to which number v is above threshold t is v^4 / (v^4 + t^4): 1/2 at the threshold, 0.94 at twice it, 0.06
 * at half of it.  A cause is as good as its weakest condition, so that a score of 1/2 or more means that every
 * condition holds. */
#include "fail.h"
#include "mem.h"
#include "verdict_i.h"

#include <math.h>
#include <string.h>

static const double HOLDS = 0.5, WORTH_NAMING = 0.1;

/* ---- the evidence must agree with itself ----------------------------------------------------------------------- */

static fqp_status check_sampled(fqp_ctx *ctx, const char *who, const fqp_sampled *s, int64_t *n, int64_t *d,
                                int64_t *m) {
    if (s->x.data && (s->x.ndim != 2 || s->x.shape[0] < 1 || s->x.shape[1] < 1))
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "verdict: the %s points must be an array [n, d]", who);
    *n = s->x.data ? s->x.shape[0] : 0;
    if (s->x.data && *d && s->x.shape[1] != *d)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "verdict: the %s points have %lld inputs, the others %lld", who,
                         (long long)s->x.shape[1], (long long)*d);
    *d = s->x.data ? s->x.shape[1] : *d;
    const fqp_view v[] = {s->y, s->first, s->last};
    static const char *const names[] = {"targets", "first predictions", "last predictions"};
    for (int i = 0; i < 3; i++) {
        if (!v[i].data)
            continue;
        const int64_t rows = v[i].ndim > 0 ? v[i].shape[0] : 0, count = fqp_view_count(v[i]);
        const int64_t columns = rows > 0 ? count / rows : 0;
        if (columns < 1 || (*n && rows != *n) || (*m && columns != *m))
            return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                             "verdict: the %s at the %s points are %lld x %lld, expected %lld x "
                             "%lld",
                             names[i], who, (long long)rows, (long long)columns, (long long)*n, (long long)*m);
        *n = rows;
        *m = columns;
    }
    return FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, const fqp_evidence *e, fqpi_findings *f) {
    fqp_status s = check_sampled(ctx, "training", &e->train, &f->n, &f->d, &f->m);
    if (!s)
        s = check_sampled(ctx, "held-out", &e->held, &f->held_n, &f->d, &f->m);
    if (s)
        return s;
    f->blind = !e->train.last.data && e->held.last.data;
    if (e->frames && !e->step)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "verdict: %zu frames without their steps", e->frames);
    const size_t more =
        e->held_bands.frames > e->residual_bands.frames ? e->held_bands.frames : e->residual_bands.frames;
    if (e->bands.frames > e->frames || more > e->frames)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "verdict: bands of %zu and %zu frames, but %zu steps", e->bands.frames,
                         more, e->frames);
    return FQP_OK;
}

static fqp_status find(fqp_ctx *ctx, fqpi_findings *f) {
    for (int i = 0; i < FQPI_N_COUNT; i++)
        f->v[i] = NAN;
    fqp_status s = fqpi_find_points(ctx, f);
    if (!s)
        s = fqpi_find_spectrum(ctx, f);
    s = s ? s : fqpi_find_bands(ctx, f);
    fqpi_find_equation(f);
    return s;
}

/* ---- scores ---------------------------------------------------------------------------------------------------- */

static double degree(const fqpi_condition *c, double v) {
    static const double STEEPNESS = 4;
    if (isnan(v))
        return c->optional ? 1 : 0;
    const double ratio = pow(fmax(v, 0) / c->threshold, STEEPNESS);
    const double above = isinf(ratio) ? 1 : ratio / (1 + ratio);
    return c->above ? above : 1 - above;
}

static double score(const fqpi_cause *row, const fqpi_findings *f) {
    double least = 1;
    for (const fqpi_condition *c = row->condition; c < row->condition + FQPI_CONDITIONS && c->why; c++)
        least = fmin(least, degree(c, f->v[c->number]));
    return least;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void put(char *text, size_t size, const char *part) {
    const size_t at = strlen(text), n = strlen(part);
    if (at + n < size)
        memcpy(text + at, part, n + 1);
}

static bool told(const fqp_verdict *v, const char *name) {
    for (size_t i = 0; i < v->nlines; i++)
        if (strcmp(v->line[i].name, name) == 0)
            return true;
    return false;
}

/* One more number, as a line and, of the first ones, as a clause of the sentence. */
static void tell(const fqpi_findings *f, fqpi_number i, fqp_verdict *out) {
    if (f->blind && i == FQPI_N_HELD)
        i = FQPI_N_ERROR; /* the same */
    if (isnan(f->v[i]) || out->nlines == FQP_VERDICT_LINES || told(out, fqpi_number_rows[i].name))
        return;
    fqp_verdict_line *l = &out->line[out->nlines++];
    l->name = fqpi_number_rows[i].name;
    l->value = f->v[i];
    fqpi_number_rows[i].says(f, l->says);
    if (out->nlines <= FQP_VERDICT_SAID) {
        put(out->sentence, sizeof out->sentence, out->nlines > 1 ? "; " : ": ");
        put(out->sentence, sizeof out->sentence, l->says);
    }
    if (l->says[0] >= 'a' && l->says[0] <= 'z')
        l->says[0] = (char)(l->says[0] - 'a' + 'A');
    put(l->says, sizeof l->says, ".");
}

/* "Lead: first clause; second clause; third clause." */
static void speak(const fqpi_findings *f, const fqpi_cause *row, fqp_verdict *out) {
    put(out->sentence, sizeof out->sentence, row->lead);
    for (const fqpi_condition *c = row->condition; c < row->condition + FQPI_CONDITIONS && c->why; c++)
        tell(f, c->number, out);
    put(out->sentence, sizeof out->sentence, ".");
    out->nnext = row->next(f, out->next);
}

/* Every number there is speaks for itself, the most telling ones first. */
static void cannot_tell(const fqpi_findings *f, fqp_verdict *out) {
    static const fqpi_number telling[] = {FQPI_N_ERROR,  FQPI_N_HELD, FQPI_N_DECLINE, FQPI_N_ORDER,
                                          FQPI_N_COLOUR, FQPI_N_STIR, FQPI_N_SCALE,   FQPI_N_BEYOND};
    out->cause = "cannot tell";
    put(out->sentence, sizeof out->sentence, "Cannot tell");
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        tell(f, telling[i], out);
    put(out->sentence, sizeof out->sentence,
        out->nlines ? "; no known cause fits these numbers." : ": there is nothing to judge by.");
    if (!f->e->held.last.data) {
        fqpi_verdict_text(out->next[0], "Keep some points out of training and record predictions there too "
                                        "(monitor.held): overfitting and too few samples cannot be seen without them.");
        out->nnext = 1;
    }
}

static void add_other(fqp_verdict *out, const char *cause, double value) {
    size_t at = out->nothers++;
    for (; at > 0 && out->other[at - 1].score < value; at--)
        out->other[at] = out->other[at - 1];
    out->other[at].cause = cause;
    out->other[at].score = value;
}

fqp_status fqp_verdict_judge(fqp_ctx *ctx, const fqp_evidence *evidence, fqp_verdict *out) {
    if (!evidence || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_verdict_judge: evidence and a place for the verdict are needed");
    fqpi_findings f = {.e = evidence, .axis = -1};
    memset(out, 0, sizeof *out);
    fqp_status s = check(ctx, evidence, &f);
    if (!s)
        s = find(ctx, &f);
    if (s)
        return s;
    const fqpi_cause *found = NULL;
    for (const fqpi_cause *row = fqpi_causes; row->name; row++) {
        const double value = score(row, &f);
        if (!found && value >= HOLDS) {
            found = row;
            out->score = value;
        } else if (value >= WORTH_NAMING && out->nothers < FQP_VERDICT_CAUSES) {
            add_other(out, row->name, value);
        }
    }
    if (found) {
        out->cause = found->name;
        speak(&f, found, out);
    } else {
        cannot_tell(&f, out);
    }
    return FQP_OK;
}

const char *fqp_verdict_cause(size_t i, const char **doc) {
    size_t n = 0;
    while (fqpi_causes[n].name)
        n++;
    if (i == n && doc)
        *doc = "no cause of the table fits the numbers";
    if (i < n && doc)
        *doc = fqpi_causes[i].doc;
    return i < n ? fqpi_causes[i].name : i == n ? "cannot tell" : NULL;
}
