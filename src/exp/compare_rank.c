/* compare_rank.c - who is best, and how sure is that?
 *
 * e_rs is the relative error of remedy r with seed s.  Remedies are ranked by the median over seeds of ln e; for each
 * the ratio to the best b is the median of e_rs/e_bs, pairs of the same seed.  Its interval is distribution-free, since
 * a remedy may work with one seed and fail with another: from the j-th smallest to the j-th largest of K ratios it
 * holds the true median with probability 1 - 2 P(Binomial(K, 1/2) < j), j the largest for which that is 0.95 or more,
 * else 1 (K = 3: from the least to the greatest, 0.75; K = 6: 0.97; Conover, Practical Nonparametric Statistics, 3.2).
 * A remedy whose interval holds 1 ties with the best.  With one seed nothing is said. */
#include "compare_i.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SEEDS = 1000 };

/* The j for K pairs, and the coverage. */
static size_t depth(size_t k, double *coverage) {
    double weight = pow(0.5, (double)k), below = weight; /* P(Binomial = i), P(Binomial < j) */
    size_t j = 1;
    *coverage = 1 - 2 * below;
    for (size_t i = 1; 2 * (i + 1) <= k + 1; i++) {
        weight *= (double)(k - i + 1) / (double)i;
        below += weight;
        if (1 - 2 * below < 0.95)
            break;
        j = i + 1;
        *coverage = 1 - 2 * below;
    }
    return j;
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
    double x[MOST_SEEDS];
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(runs) && n < MOST_SEEDS; i++) {
        const double v = real(json_array_get(runs, i), key);
        if (isfinite(v))
            x[n++] = v;
    }
    return median_of(x, n);
}

/* Median of ln e over the runs that are there; NaN when there is none. */
static double middle_log(const json_t *entry, size_t seeds) {
    double x[MOST_SEEDS];
    size_t n = 0;
    for (size_t i = 0; i < seeds && n < MOST_SEEDS; i++) {
        const double l = log_error(entry, i);
        if (!isnan(l))
            x[n++] = l;
    }
    return median_of(x, n);
}

/* ---- the order -------------------------------------------------------------------------------------------------- */

static void put(json_t *j, const char *key, double v) {
    json_object_set_new(j, key, fqpi_json_real(v));
}

/* ln e_rs - ln e_bs of the seeds that both have, sorted; a failed run is infinitely worse. */
static size_t pairs(const json_t *entry, const json_t *best, size_t seeds, double *d, bool *failed) {
    size_t n = 0;
    *failed = false;
    for (size_t i = 0; i < seeds && n < MOST_SEEDS; i++) {
        const double mine = log_error(entry, i), other = log_error(best, i);
        *failed = *failed || mine == INFINITY;
        if (!isnan(mine) && !isnan(other) && !(isinf(mine) && isinf(other)))
            d[n++] = mine - other;
    }
    return n;
}

static void put_ratio(json_t *entry, const json_t *best, size_t seeds) {
    double d[MOST_SEEDS], coverage = NAN, low = NAN, high = NAN;
    bool failed;
    const size_t k = pairs(entry, best, seeds, d, &failed);
    const double middle = median_of(d, k); /* sorts */
    if (k > 1) {
        const size_t j = depth(k, &coverage);
        low = d[j - 1];
        high = d[k - j];
    }
    put(entry, "ratio", exp(middle));
    put(entry, "ratio_low", exp(low));
    put(entry, "ratio_high", exp(high));
    put(entry, "coverage", coverage);
    json_object_set_new(entry, "verdict",
                        json_string(failed          ? "failed"
                                    : entry == best ? "best"
                                    : k < 2         ? "not judged"
                                    : low > 0       ? "worse"
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

/* Entries in the order of their median ln error; those without a run or with a failed one last. */
static bool sort(fqp_ctx *ctx, json_t *entries) {
    const size_t n = json_array_size(entries);
    json_t **list = fqpi_alloc(ctx, n, sizeof(void *));
    if (!list)
        return false;
    for (size_t i = 0; i < n; i++)
        list[i] = json_incref(json_array_get(entries, i));
    qsort(list, n, sizeof(void *), by_error);
    json_array_clear(entries);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(entries, list[i]);
    fqpi_free(list);
    return true;
}

/* ---- bands and curves ------------------------------------------------------------------------------------------- */

/* Median over an entry's runs of its error in every band. */
static json_t *bands_of(const json_t *entry) {
    const json_t *runs = json_object_get(entry, "runs");
    json_t *out = json_array();
    size_t count = 0, i;
    json_t *run;
    json_array_foreach(runs, i, run) {
        const size_t here = json_array_size(json_object_get(json_object_get(run, "bands"), "error"));
        count = here > count ? here : count;
    }
    for (size_t b = 0; b < count; b++) {
        double x[MOST_SEEDS];
        size_t n = 0;
        json_array_foreach(runs, i, run) {
            const json_t *e = json_array_get(json_object_get(json_object_get(run, "bands"), "error"), b);
            if (json_is_number(e) && n < MOST_SEEDS)
                x[n++] = json_number_value(e);
        }
        json_array_append_new(out, fqpi_json_real(median_of(x, n)));
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
               word(best, "name"), real(best, "error"), seeds > 1 ? "median over seeds" : "one seed");
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
        put(entry, "order", middle_log(entry, seeds));
    }
    if (!sort(ctx, entries))
        return FQP_E_NOMEM;
    const json_t *best = json_array_get(entries, 0);
    json_array_foreach(entries, i, entry) {
        put(entry, "error", exp(middle_log(entry, seeds)));
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
