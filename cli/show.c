/* show.c - what a run found, on the terminal: the sentence, a small heat map, the table, the warnings. */
#include "axis_text.h"
#include "cli.h"

#include <fqp/verdict.h>

#include <math.h>
#include <string.h>

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

/* Steps as in the report: whole, thousands separated from 10,000 on. */
static void step_text(char *buf, size_t size, const json_t *step) {
    if (!json_is_number(step)) {
        snprintf(buf, size, "never");
        return;
    }
    const long long v = (long long)json_number_value(step);
    if (v < 10000)
        snprintf(buf, size, "%lld", v);
    else if (v < 1000000)
        snprintf(buf, size, "%lld,%03lld", v / 1000, v % 1000);
    else
        snprintf(buf, size, "%lld,%03lld,%03lld", v / 1000000, v / 1000 % 1000, v % 1000);
}

static void capture_text(char *buf, size_t size, const json_t *bin, const char *level, bool spread) {
    const json_t *c = json_object_get(json_object_get(bin, "capture"), level);
    char mid[32], low[32], high[32];
    step_text(mid, sizeof mid, json_object_get(c, "median"));
    step_text(low, sizeof low, json_object_get(c, "low"));
    step_text(high, sizeof high, json_object_get(c, "high"));
    if (spread && (strcmp(low, mid) != 0 || strcmp(high, mid) != 0))
        snprintf(buf, size, "%s (%s-%s)", mid, low, high);
    else
        snprintf(buf, size, "%s", mid);
}

/* Median rate over the seeds whose fit was accepted, or why there is none. */
static void rate_text(char *buf, size_t size, const json_t *bin) {
    const json_t *rates = json_object_get(bin, "rate");
    double rate[64], r2[64];
    size_t n = 0;
    const char *reason = "";
    for (size_t i = 0; i < json_array_size(rates) && n < 64; i++) {
        const json_t *r = json_array_get(rates, i);
        if (json_is_true(json_object_get(r, "ok"))) {
            rate[n] = json_number_value(json_object_get(r, "rate"));
            r2[n++] = json_number_value(json_object_get(r, "r2"));
        } else if (!*reason) {
            reason = word(r, "reason");
        }
    }
    if (n == 0)
        snprintf(buf, size, "- %s", reason);
    else
        snprintf(buf, size, "%.3g per step, R2 %.2f", fqp_spread_of(rate, n).median, fqp_spread_of(r2, n).median);
}

/* Median over the seeds with an answer: "; expected at step 41,000 (30,000-60,000)"; nothing for what was learnt. */
static void forecast_text(char *buf, size_t size, const json_t *bin) {
    static const char *const keys[] = {"low", "median", "high"};
    const json_t *list = json_object_get(bin, "forecast");
    double value[3][64];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list) && n < 64; i++) {
        const json_t *f = json_array_get(list, i);
        for (int k = 0; k < 3; k++) {
            const json_t *v = json_object_get(f, keys[k]);
            value[k][n] = json_is_number(v) ? json_number_value(v) : (double)INFINITY;
        }
        n += json_is_true(json_object_get(f, "ok"));
    }
    buf[0] = 0;
    if (n == 0)
        return;
    char text[3][32];
    double at[3];
    for (int k = 0; k < 3; k++) {
        at[k] = fqp_spread_of(value[k], n).median;
        json_t *step = isinf(at[k]) ? json_null() : json_integer((json_int_t)at[k]);
        step_text(text[k], sizeof text[k], step);
        json_decref(step);
    }
    if (isinf(at[1]))
        snprintf(buf, size, "; expected at step %s or later", text[0]);
    else if (isinf(at[2]))
        snprintf(buf, size, "; expected at step %s (%s or later)", text[1], text[0]);
    else
        snprintf(buf, size, "; expected at step %s (%s-%s)", text[1], text[0], text[2]);
}

/* How forecasts from earlier frames of the same run fared, over the seeds. */
static void print_backtest(FILE *f, const json_t *probe) {
    static const char *const names[] = {"captures", "refused", "covered"};
    static const char *const shares[] = {"a third", "half", "two thirds"};
    const json_t *list = json_object_get(probe, "backtest");
    const char *lead = "back-test: forecasts from ";
    bool any = false;
    for (size_t p = 0; p < sizeof shares / sizeof *shares; p++) {
        long long count[3] = {0};
        for (size_t i = 0; i < json_array_size(list); i++)
            for (int k = 0; k < 3; k++)
                count[k] += json_integer_value(json_array_get(json_object_get(json_array_get(list, i), names[k]), p));
        if (count[0] == 0)
            continue;
        fprintf(f, "%s%s of the frames: ", lead, shares[p]);
        if (count[0] > count[1])
            fprintf(f, "%lld of %lld intervals held%s", count[2], count[0] - count[1], count[1] ? ", " : "");
        if (count[1])
            fprintf(f, "%lld refused", count[1]);
        lead = "; ";
        any = true;
    }
    if (any)
        fprintf(f, "\n");
}

enum { CROWD = 40, ROWS = 24 };

/* Of a crowd of bands ROWS at most are shown: the first ones one by one, then further and further apart, to the last.
 */
static bool shown(size_t i, size_t n) {
    for (int k = 0; n > CROWD && k < ROWS; k++)
        if ((size_t)lround(pow((double)n, k / (ROWS - 1.0))) == i + 1)
            return true;
    return n <= CROWD;
}

static void print_table(FILE *f, const json_t *probe, bool seeds) {
    const json_t *bins = json_object_get(probe, "bins");
    const size_t n = json_array_size(bins);
    if (n == 0)
        return;
    const int width = seeds ? 20 : 9;
    int first = (int)strlen(word(probe, "axis_name"));
    for (size_t i = 0; i < n; i++)
        first = (int)strlen(word(json_array_get(bins, i), "label")) > first
                    ? (int)strlen(word(json_array_get(bins, i), "label"))
                    : first;
    fprintf(f, "\n%s%-*s %-*s %-*s %-*s %s%s\n", ink_on(f, INK_BOLD), first, word(probe, "axis_name"), width, "50 %",
            width, "10 %", width, "1 % error", "fitted rate", ink_off(f));
    static const char *const levels[] = {"0.5", "0.1", "0.01"};
    for (size_t i = 0; i < n; i++) {
        const json_t *bin = json_array_get(bins, i);
        if (!shown(i, n))
            continue;
        fprintf(f, "%-*s", first, word(bin, "label"));
        char text[192];
        for (size_t l = 0; l < 3; l++) {
            capture_text(text, sizeof text, bin, levels[l], seeds);
            fprintf(f, " %-*s", width, text);
        }
        rate_text(text, sizeof text, bin);
        fprintf(f, " %s", text);
        forecast_text(text, sizeof text, bin);
        fprintf(f, "%s\n", text);
    }
    char wave[64];
    fqpi_axis_wave(wave, sizeof wave, json_number_value(json_object_get(probe, "wavenumber")),
                   term_unicode() ? "2πk" : "2 pi k");
    fprintf(f, "%s%s%s%s; %s; times in steps%s%s%s\n", ink_on(f, INK_DIM), word(probe, "axis_unit"), *wave ? ", " : "",
            wave, word(probe, "note"), seeds ? ", median over seeds (10 % to 90 %)" : "",
            n > CROWD ? "; some bands of all in summary.json" : "", ink_off(f));
}

/* Peak signal-to-noise ratio at the end, of a signal. */
static void print_psnr(FILE *f, const json_t *summary) {
    const json_t *list = json_object_get(json_object_get(summary, "final"), "psnr");
    double psnr[256];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list) && n < 256; i++)
        if (json_is_number(json_array_get(list, i)))
            psnr[n++] = json_number_value(json_array_get(list, i));
    if (n == 0)
        return;
    const fqp_spread s = fqp_spread_of(psnr, n);
    fprintf(f, "PSNR %.2f dB at the end", s.median);
    if (n > 1)
        fprintf(f, " (%.2f to %.2f)", s.low, s.high);
    fprintf(f, "\n");
}

/* Why the run ended where it did: the sentence, the numbers behind it that the sentence does not say, what to do next.
 * Seeds that agree with the first one are not repeated. */
static void print_verdicts(FILE *f, const json_t *summary) {
    const json_t *list = json_object_get(summary, "verdict");
    const char *before = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i), *next = json_object_get(v, "next");
        if (strcmp(before, word(v, "cause")) == 0)
            continue;
        before = word(v, "cause");
        char text[1024];
        const int64_t seed = json_integer_value(json_object_get(v, "seed"));
        if (json_array_size(list) > 1)
            snprintf(text, sizeof text, "Seed %lld: %s", (long long)seed, word(v, "sentence"));
        else
            snprintf(text, sizeof text, "%s", word(v, "sentence"));
        fprintf(f, "\n%sverdict%s ", ink_on(f, INK_BOLD), ink_off(f));
        print_wrapped(f, text, 8, term_width());
        const json_t *lines = json_object_get(v, "evidence");
        for (size_t k = FQP_VERDICT_SAID; k < json_array_size(lines); k++) {
            fprintf(f, "        ");
            print_wrapped(f, word(json_array_get(lines, k), "says"), 8, term_width());
        }
        for (size_t k = 0; k < json_array_size(next); k++) {
            fprintf(f, "%s  next%s  ", ink_on(f, INK_BOLD), ink_off(f));
            print_wrapped(f, json_string_value(json_array_get(next, k)), 8, term_width());
        }
    }
}

/* What the stopping rule says: of the first seed, and of the others where it is met. */
static void print_stops(FILE *f, const json_t *summary) {
    const json_t *list = json_object_get(summary, "stop");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *stop = json_array_get(list, i);
        if (i > 0 && !json_is_true(json_object_get(stop, "stop")))
            continue;
        char text[512];
        if (json_array_size(list) > 1)
            snprintf(text, sizeof text, "seed %lld: %s", (long long)json_integer_value(json_object_get(stop, "seed")),
                     word(stop, "why"));
        else
            snprintf(text, sizeof text, "%s", word(stop, "why"));
        fprintf(f, "%s  rule%s  ", ink_on(f, INK_BOLD), ink_off(f));
        print_wrapped(f, text, 8, term_width());
    }
}

void show_summary(FILE *f, const char *dir, const json_t *summary) {
    fprintf(f, "%s", ink_on(f, INK_BOLD));
    print_wrapped(f, word(summary, "sentence"), 0, term_width());
    fprintf(f, "%s", ink_off(f));
    print_psnr(f, summary);
    print_verdicts(f, summary);
    print_stops(f, summary);
    const json_t *probes = json_object_get(summary, "probes"), *warnings = json_object_get(summary, "warnings");
    const bool seeds = json_array_size(json_object_get(summary, "seeds")) > 1;
    for (size_t p = 0; p < json_array_size(probes); p++) {
        if (strncmp(word(json_array_get(probes, p), "name"), "held/", 5) == 0)
            fprintf(f, "\n%sheld-out points%s\n", ink_on(f, INK_BOLD), ink_off(f));
        show_heat(f, dir, summary, json_array_get(probes, p));
        print_table(f, json_array_get(probes, p), seeds);
        print_backtest(f, json_array_get(probes, p));
    }
    if (json_array_size(warnings))
        fprintf(f, "\n");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        fprintf(f, "%snote:%s ", ink_on(f, INK_YELLOW), ink_off(f));
        print_wrapped(f, json_string_value(json_array_get(warnings, i)), 6, term_width());
    }
    fprintf(f, "\n");
}

void show_run(FILE *f, const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/summary.json", dir);
    json_t *summary = json_load_file(path, 0, NULL);
    if (summary)
        show_summary(f, dir, summary);
    json_decref(summary);
}
