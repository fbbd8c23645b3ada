/* sentence.c - what was measured, in plain words: a number behind every verdict, a unit behind every number.
 *
 * "Low frequencies first" is a hypothesis here: the sentence says which order the capture times have, or that they
 * have none. */
#include "exp.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------------------------- */

void fqpi_number_step(char *buf, size_t size, double step) {
    char digits[32];
    fqpi_print(digits, sizeof digits, "%.0f", step);
    const size_t n = strlen(digits);
    if (n <= 4) { /* 1054, but 41,000 */
        fqpi_print(buf, size, "%s", digits);
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < n && at + 2 < size; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buf[at++] = ',';
        buf[at++] = digits[i];
    }
    buf[at] = 0;
}

/* To two significant digits, as a forecast deserves. */
static double rounded(double x) {
    if (!(x > 0) || !isfinite(x))
        return x;
    const double unit = pow(10, floor(log10(x)) - 1);
    return round(x / unit) * unit;
}

/* ---- access to summary.json ------------------------------------------------------------------------------------ */

static double number(const json_t *j, const char *key, double otherwise) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static double captured_at(const json_t *summary, const json_t *bin) {
    char key[32];
    fqpi_print(key, sizeof key, "%g", number(summary, "tau", 0.1));
    return number(json_object_get(json_object_get(bin, "capture"), key), "median", INFINITY);
}

typedef struct noun {
    const char *probe, *one, *many;
} noun;
static const noun nouns[] = {
    {"dft", "cycle", "cycles"},    {"scattered", "cycle", "cycles"}, {"projection", "frequency", "frequencies"},
    {"radial", "shell", "shells"}, {"sine", "mode", "modes"},        {NULL, "band", "bands"}};

static const noun *noun_of(const json_t *probe) {
    const noun *n = nouns;
    while (n->probe && strcmp(n->probe, word(probe, "name")) != 0)
        n++;
    return n;
}

static const char *lead(const char *verdict) {
    static const char *const table[][2] = {{"low first", "Low frequencies first: "},
                                           {"high first", "High frequencies first: "},
                                           {"no order", "No order: "}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(verdict, table[i][0]) == 0)
            return table[i][1];
    return "";
}

/* ---- one probe whose bins lie along an axis -------------------------------------------------------------------- */

enum { MANY = 6 }; /* more items than this are told as a range */

typedef struct told {
    fqp_ctx *ctx;
    fqpi_text text;
    const json_t *summary, *probe;
    const json_t *bin[64]; /* captured first, in order of the axis, then those not captured */
    double at[64];
    size_t captured, all;
} told;

static void gather(told *t) {
    const json_t *bins = json_object_get(t->probe, "bins");
    const json_t *late[64];
    size_t nlate = 0;
    for (size_t i = 0; i < json_array_size(bins) && i < 64; i++) {
        const json_t *b = json_array_get(bins, i);
        const double at = captured_at(t->summary, b);
        if (isfinite(at)) {
            t->at[t->captured] = at;
            t->bin[t->captured++] = b;
        } else {
            late[nlate++] = b;
        }
    }
    t->all = t->captured;
    for (size_t i = 0; i < nlate; i++)
        t->bin[t->all++] = late[i];
}

static void labels(told *t, size_t from, size_t to) {
    if (to - from > MANY) {
        fqpi_text_add(t->ctx, &t->text, "%s to %s", word(t->bin[from], "label"), word(t->bin[to - 1], "label"));
        return;
    }
    for (size_t i = from; i < to; i++)
        fqpi_text_add(t->ctx, &t->text, "%s%s", i > from ? ", " : "", word(t->bin[i], "label"));
}

static void times(told *t) {
    char a[32], b[32];
    if (t->captured > MANY) {
        double lo = t->at[0], hi = t->at[0];
        for (size_t i = 1; i < t->captured; i++) {
            lo = fmin(lo, t->at[i]);
            hi = fmax(hi, t->at[i]);
        }
        fqpi_number_step(a, sizeof a, lo);
        fqpi_number_step(b, sizeof b, hi);
        fqpi_text_add(t->ctx, &t->text, "between steps %s and %s", a, b);
        return;
    }
    fqpi_text_add(t->ctx, &t->text, "at step%s ", t->captured > 1 ? "s" : "");
    for (size_t i = 0; i < t->captured; i++) {
        fqpi_number_step(a, sizeof a, t->at[i]);
        fqpi_text_add(t->ctx, &t->text, "%s%s", i ? ", " : "", a);
    }
}

/* "(median of 3 seeds)", "(error below 20 %)", both or nothing */
static void circumstances(told *t) {
    const double tau = number(t->summary, "tau", 0.1);
    const size_t seeds = json_array_size(json_object_get(t->summary, "seeds"));
    if (tau != 0.1 && seeds > 1)
        fqpi_text_add(t->ctx, &t->text, " (error below %.3g %%, median of %zu seeds)", 100 * tau, seeds);
    else if (tau != 0.1)
        fqpi_text_add(t->ctx, &t->text, " (error below %.3g %%)", 100 * tau);
    else if (seeds > 1)
        fqpi_text_add(t->ctx, &t->text, " (median of %zu seeds)", seeds);
}

static double last_step(const told *t) {
    const json_t *steps = json_object_get(json_object_get(t->summary, "final"), "step");
    double last = 0;
    for (size_t i = 0; i < json_array_size(steps); i++)
        last = fmax(last, json_number_value(json_array_get(steps, i)));
    return last;
}

/* Median over the seeds that have a forecast: steps still needed, infinite where it is open to the end; false when no
 * seed has one. */
static bool forecast(const told *t, const json_t *bin, double more[3]) {
    static const char *const keys[3] = {"low", "median", "high"};
    const json_t *forecasts = json_object_get(bin, "forecast");
    const json_t *ends = json_object_get(json_object_get(t->summary, "final"), "step");
    double value[3][64];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(forecasts) && n < 64; i++) {
        const json_t *f = json_array_get(forecasts, i);
        if (!json_is_true(json_object_get(f, "ok")))
            continue;
        const double end = json_number_value(json_array_get(ends, i));
        for (int k = 0; k < 3; k++)
            value[k][n] = fmax(number(f, keys[k], INFINITY) - end, 0);
        n++;
    }
    for (int k = 0; k < 3 && n; k++)
        more[k] = rounded(fqp_spread_of(value[k], n).median);
    return n > 0;
}

/* "about 41,000 more steps (30,000 to 60,000)", as far as the interval is bounded. */
static void needs(told *t, const double more[3]) {
    char lo[32], mid[32], hi[32];
    fqpi_number_step(lo, sizeof lo, more[0]);
    fqpi_number_step(mid, sizeof mid, more[1]);
    fqpi_number_step(hi, sizeof hi, more[2]);
    if (isinf(more[1]))
        fqpi_text_add(t->ctx, &t->text, "at least %s more steps", lo);
    else if (isinf(more[2]))
        fqpi_text_add(t->ctx, &t->text, "about %s more steps (%s or more)", mid, lo);
    else if (more[0] < 1)
        fqpi_text_add(t->ctx, &t->text, "about %s more steps (up to %s)", mid, hi);
    else
        fqpi_text_add(t->ctx, &t->text, "about %s more steps (%s to %s)", mid, lo, hi);
}

/* "; at its present rate ... (30,000 to 60,000)." of the lowest bin that was not learnt, or `instead` and a full stop.
 */
static void outlook(told *t, bool one, const char *instead) {
    double more[3];
    if (!forecast(t, t->bin[t->captured], more)) {
        fqpi_text_add(t->ctx, &t->text, "%s.", instead);
        return;
    }
    fqpi_text_add(t->ctx, &t->text, "; at its present rate ");
    if (one)
        fqpi_text_add(t->ctx, &t->text, "it");
    else
        fqpi_text_add(t->ctx, &t->text, "%s %s", noun_of(t->probe)->one, word(t->bin[t->captured], "label"));
    fqpi_text_add(t->ctx, &t->text, " needs ");
    needs(t, more);
    fqpi_text_add(t->ctx, &t->text, ".");
}

static void unlearnt(told *t) {
    if (t->captured == t->all)
        return;
    const noun *n = noun_of(t->probe);
    const bool one = t->all - t->captured == 1;
    const char *name = one ? n->one : n->many;
    char last[32], in_steps[64];
    fqpi_number_step(last, sizeof last, last_step(t));
    fqpi_print(in_steps, sizeof in_steps, " in %s steps", last);
    if (t->captured == 0) {
        fqpi_text_add(t->ctx, &t->text, "Nothing was learnt in %s steps: %s ", last, name);
        labels(t, 0, t->all);
        fqpi_text_add(t->ctx, &t->text, " stayed above %.3g %% error", 100 * number(t->summary, "tau", 0.1));
    } else {
        fqpi_text_add(t->ctx, &t->text, " %c%s ", name[0] - 'a' + 'A', name + 1);
        labels(t, t->captured, t->all);
        fqpi_text_add(t->ctx, &t->text, " %s not learnt", one ? "was" : "were");
    }
    outlook(t, one, t->captured == 0 ? "" : in_steps);
}

static void tell_axis(told *t) {
    gather(t);
    const noun *n = noun_of(t->probe);
    if (t->all == 0) {
        fqpi_text_add(t->ctx, &t->text, "No %s of the target stands out, so no order was judged.", n->one);
        return;
    }
    if (t->captured == 0) {
        unlearnt(t);
        return;
    }
    const char *start = lead(word(json_object_get(t->probe, "order_median"), "verdict"));
    const char *name = t->captured > 1 ? n->many : n->one;
    fqpi_text_add(t->ctx, &t->text, "%s", start);
    if (t->captured > MANY)
        fqpi_text_add(t->ctx, &t->text, "%zu ", t->captured);
    if (!*start && t->captured <= MANY)
        fqpi_text_add(t->ctx, &t->text, "%c%s ", name[0] - 'a' + 'A', name + 1);
    else
        fqpi_text_add(t->ctx, &t->text, "%s ", name);
    labels(t, 0, t->captured);
    fqpi_text_add(t->ctx, &t->text, " %s learnt ", t->captured > 1 ? "were" : "was");
    times(t);
    circumstances(t);
    fqpi_text_add(t->ctx, &t->text, ".");
    unlearnt(t);
}

/* ---- the filter ------------------------------------------------------------------------------------------------ */

static void tell_filter(told *t) {
    const json_t *order = json_object_get(t->probe, "order_median"), *widths = json_object_get(t->probe, "widths");
    const double share = number(order, "low_share", NAN);
    if (isnan(share)) {
        fqpi_text_add(t->ctx, &t->text,
                      "At no filter width do both parts of the target hold enough energy to compare.");
        return;
    }
    const char *start = lead(word(order, "verdict"));
    fqpi_text_add(t->ctx, &t->text,
                  "%sthe error below the filter's cut-off was the smaller one in %.3g %% of the comparisons (delta ",
                  start, 100 * share);
    size_t told_widths = 0;
    for (size_t i = 0; i < json_array_size(widths); i++) {
        const json_t *w = json_array_get(widths, i);
        if (json_is_null(json_array_get(json_object_get(w, "low_share"), 0)))
            continue;
        fqpi_text_add(t->ctx, &t->text, "%s%.3g", told_widths++ ? ", " : "", number(w, "delta", 0));
    }
    const size_t seeds = json_array_size(json_object_get(t->summary, "seeds"));
    if (seeds > 1)
        fqpi_text_add(t->ctx, &t->text, "; median of %zu seeds", seeds);
    fqpi_text_add(t->ctx, &t->text, ").");
}

char *fqpi_sentence(fqp_ctx *ctx, const json_t *summary, const json_t *manifest) {
    (void)manifest;
    const json_t *probes = json_object_get(summary, "probes");
    fqpi_text all = {0};
    if (json_array_size(probes) == 0)
        fqpi_text_add(ctx, &all, "Nothing was recorded.");
    for (size_t p = 0; p < json_array_size(probes); p++) {
        told t = {.ctx = ctx, .summary = summary, .probe = json_array_get(probes, p)};
        if (strncmp(word(t.probe, "name"), "held/", 5) == 0)
            continue; /* what was learnt is said where it is learnt; the verdict compares */
        if (strcmp(word(t.probe, "name"), "filter") == 0)
            tell_filter(&t);
        else
            tell_axis(&t);
        fqpi_text_add(ctx, &all, "%s%s", p ? " " : "", t.text.s ? t.text.s : "");
        fqpi_text_free(&t.text);
    }
    if (all.failed) {
        fqpi_text_free(&all);
        return NULL;
    }
    return all.s;
}
