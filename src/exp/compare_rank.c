/* compare_rank.c - who is best, and how sure is that?
 *
 * e_rs is the relative error of remedy r with seed s; the best remedy b has the least mean of ln e.  The ratio to it is
 * exp(mean_s d_s), d_s = ln e_rs - ln e_bs, with the interval of Student's t for K paired differences (95 %): a remedy
 * whose interval holds 1 ties with the best.  With one seed there is no interval, and nothing is said. */
#include "compare_i.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* P(|T| < t) as a finite sum (Abramowitz & Stegun 26.7.3, 26.7.4). */
static double inside_of(double t, int64_t nu) {
    const double theta = atan(t / sqrt((double)nu)), c = cos(theta), s = sin(theta);
    double term = nu % 2 ? c : 1, sum = nu > 1 ? term : 0;
    for (int64_t k = nu % 2 ? 3 : 2; k <= nu - 2; k += 2) {
        term *= c * c * (double)(k - 1) / (double)k;
        sum += term;
    }
    return nu % 2 ? 2 / PI * (theta + s * sum) : s * sum;
}

double fqp_student(double inside, int64_t nu) {
    double low = 0, high = 1;
    if (nu < 1 || !(inside > 0 && inside < 1))
        return NAN;
    while (inside_of(high, nu) < inside && high < 1e12)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        const double middle = (low + high) / 2;
        *(inside_of(middle, nu) < inside ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

/* ---- numbers of the runs ---------------------------------------------------------------------------------------- */

static double real(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

/* ln of the error of an entry's run; NaN: not there (yet), infinity: it diverged or failed. */
static double log_error(const json_t *entry, size_t run) {
    const json_t *r = json_array_get(json_object_get(entry, "runs"), run);
    const char *status = json_string_value(json_object_get(r, "status"));
    if (!status)
        return NAN;
    const double e = real(r, "error");
    return strcmp(status, "done") == 0 && isfinite(e) ? log(fmax(e, 1e-300)) : INFINITY;
}

static double median_of(double *x, size_t n) {
    return n ? fqp_spread_of(x, n).median : NAN;
}

/* Median over an entry's runs. */
static double typical(const json_t *entry, const char *key) {
    const json_t *runs = json_object_get(entry, "runs");
    double x[64];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(runs) && n < 64; i++) {
        const double v = real(json_array_get(runs, i), key);
        if (isfinite(v))
            x[n++] = v;
    }
    return median_of(x, n);
}

/* Mean of ln e over the runs that are there; NaN when there is none. */
static double mean_log(const json_t *entry, size_t seeds, size_t *count) {
    double sum = 0;
    *count = 0;
    for (size_t i = 0; i < seeds; i++) {
        const double l = log_error(entry, i);
        if (isnan(l))
            continue;
        sum += l;
        (*count)++;
    }
    return *count ? sum / (double)*count : NAN;
}

/* ---- the order -------------------------------------------------------------------------------------------------- */

static void put(json_t *j, const char *key, double v) {
    json_object_set_new(j, key, fqpi_json_real(v));
}

static void put_ratio(json_t *entry, const json_t *best, size_t seeds) {
    double sum = 0, square = 0;
    int64_t k = 0;
    bool failed = false;
    for (size_t i = 0; i < seeds; i++) {
        const double d = log_error(entry, i) - log_error(best, i);
        failed = failed || log_error(entry, i) == INFINITY;
        if (!isfinite(d))
            continue;
        sum += d;
        square += d * d;
        k++;
    }
    const double mean = sum / (double)k, var = k > 1 ? fmax(0, square - sum * mean) / (double)(k - 1) : NAN;
    const double half = k > 1 ? fqp_student(0.95, k - 1) * sqrt(var / (double)k) : NAN;
    const bool sure = k > 1 && mean - half > 0;
    put(entry, "ratio", k ? exp(mean) : NAN);
    put(entry, "ratio_low", exp(mean - half));
    put(entry, "ratio_high", exp(mean + half));
    json_object_set_new(entry, "verdict",
                        json_string(failed          ? "failed"
                                    : entry == best ? "best"
                                    : k < 2         ? "not judged"
                                    : sure          ? "worse"
                                                    : "tie"));
}

static size_t seeds_of(const json_t *root) {
    return (size_t)real(json_object_get(root, "plan"), "seeds");
}

static int by_error(const void *a, const void *b) {
    const double x = real(*(json_t *const *)a, "order"), y = real(*(json_t *const *)b, "order");
    const double p = isnan(x) ? INFINITY : x, q = isnan(y) ? INFINITY : y;
    return (p > q) - (p < q);
}

/* Entries in the order of their mean ln error; those without a run or with a failed one last. */
static bool sort(fqp_ctx *ctx, json_t *entries) {
    const size_t n = json_array_size(entries);
    json_t **list = fqpi_alloc(ctx, n, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < n; i++)
        list[i] = json_incref(json_array_get(entries, i));
    qsort(list, n, sizeof *list, by_error);
    json_array_clear(entries);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(entries, list[i]);
    fqpi_free(list);
    return true;
}

/* ---- bands and curves ------------------------------------------------------------------------------------------- */

/* Geometric mean over an entry's runs of its error in every band. */
static json_t *bands_of(const json_t *entry) {
    const json_t *runs = json_object_get(entry, "runs");
    json_t *out = json_array();
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const size_t here =
            json_array_size(json_object_get(json_object_get(json_array_get(runs, i), "bands"), "error"));
        count = here > count ? here : count;
    }
    for (size_t b = 0; b < count; b++) {
        double sum = 0;
        size_t n = 0;
        for (size_t i = 0; i < json_array_size(runs); i++) {
            const json_t *e =
                json_array_get(json_object_get(json_object_get(json_array_get(runs, i), "bands"), "error"), b);
            if (json_is_number(e) && json_number_value(e) > 0) {
                sum += log(json_number_value(e));
                n++;
            }
        }
        json_array_append_new(out, fqpi_json_real(n ? exp(sum / (double)n) : NAN));
    }
    return out;
}

/* What all runs share of their bands. */
static json_t *axis_of(const json_t *entries) {
    size_t i, k;
    json_t *entry, *run;
    json_array_foreach(entries, i, entry) {
        json_array_foreach(json_object_get(entry, "runs"), k, run) {
            const json_t *b = json_object_get(run, "bands");
            if (!json_is_object(b))
                continue;
            json_t *out = json_copy((json_t *)(uintptr_t)b);
            json_object_del(out, "error");
            return out;
        }
    }
    return json_null();
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static void add_runner_up(const json_t *next, char *text, size_t size) {
    const size_t at = strlen(text);
    const double low = real(next, "ratio_low"), high = real(next, "ratio_high");
    char range[64] = "";
    if (isnan(real(next, "ratio")))
        return;
    if (isfinite(low))
        fqpi_print(range, sizeof range, " (%.3g to %.3g)", low, high);
    fqpi_print(text + at, size - at, "; %s has %.3g times that%s%s", word(next, "name"), real(next, "ratio"), range,
               strcmp(word(next, "verdict"), "tie") == 0 ? ", which is a tie" : "");
}

static json_t *sentence(const json_t *root) {
    const json_t *entries = json_object_get(root, "remedies"), *best = json_array_get(entries, 0);
    const size_t seeds = seeds_of(root);
    char text[640];
    if (isnan(real(best, "error"))) {
        fqpi_print(text, sizeof text, "%s: no remedy has come to an end yet.", word(root, "title"));
        return json_string(text);
    }
    fqpi_print(text, sizeof text, "%s: %s comes out best, relative error %.3g (%s)", word(root, "title"),
               word(best, "name"), real(best, "error"), seeds > 1 ? "geometric mean over seeds" : "one seed");
    if (json_array_size(entries) > 1)
        add_runner_up(json_array_get(entries, 1), text, sizeof text);
    fqpi_print(text + strlen(text), sizeof text - strlen(text), ".");
    return json_string(text);
}

fqp_status fqpi_contest_rank(fqp_ctx *ctx, json_t *root) {
    json_t *entries = json_object_get(root, "remedies"), *entry;
    const size_t seeds = seeds_of(root);
    size_t i;
    json_array_foreach(entries, i, entry) {
        size_t count;
        put(entry, "order", mean_log(entry, seeds, &count));
    }
    if (!sort(ctx, entries))
        return FQP_E_NOMEM;
    const json_t *best = json_array_get(entries, 0);
    json_array_foreach(entries, i, entry) {
        size_t count;
        const double mean = mean_log(entry, seeds, &count);
        put(entry, "error", isfinite(mean) ? exp(mean) : NAN);
        json_object_del(entry, "order");
        json_object_set_new(entry, "rank", json_integer((json_int_t)i + 1));
        put(entry, "ms_per_step", typical(entry, "ms_per_step"));
        put(entry, "steps", typical(entry, "steps"));
        put(entry, "seconds", typical(entry, "seconds"));
        put(entry, "bytes", typical(entry, "bytes"));
        put(entry, "parameters", typical(entry, "parameters"));
        put_ratio(entry, best, seeds);
        json_object_set_new(entry, "bands", bands_of(entry));
    }
    json_object_set_new(root, "bands", axis_of(entries));
    json_object_set_new(root, "sentence", sentence(root));
    return FQP_OK;
}
