/* The sentence of a summary, case by case. */
#include "unit/exp/room.h"

enum open { NOT_OPEN, END_OPEN, ALL_OPEN };

/* A bin as label:step (step -1: never). */
typedef struct bin {
    const char *label;
    int step;
    double forecast; /* 0: none */
    enum open open;  /* of the forecast: no upper end, no median either */
} bin;

static json_t *forecast_of(const bin *b) {
    const bool ok = b->forecast > 0;
    const double high = b->open == NOT_OPEN ? b->forecast * 1.25 : (double)INFINITY;
    return json_pack("{s:b, s:o, s:o, s:o}", "ok", ok, "low", fqpi_json_step(ok ? b->forecast * 0.8 : NAN), "median",
                     fqpi_json_step(!ok || b->open == ALL_OPEN ? NAN : b->forecast), "high",
                     fqpi_json_step(ok ? high : NAN));
}

/* A summary of one probe. */
static json_t *summary_of(const char *probe, const char *verdict, double tau, int seeds, int last, const bin *bins,
                          size_t n) {
    char key[16];
    snprintf(key, sizeof key, "%g", tau);
    json_t *list = json_array(), *ids = json_array(), *steps = json_array();
    for (int i = 0; i < seeds; i++) {
        json_array_append_new(ids, json_integer(i + 1));
        json_array_append_new(steps, json_integer(last));
    }
    for (size_t b = 0; b < n; b++) {
        json_t *forecasts = json_array();
        for (int i = 0; i < seeds; i++)
            json_array_append_new(forecasts, forecast_of(&bins[b]));
        json_array_append_new(
            list, json_pack("{s:s, s:{s:{s:o}}, s:o}", "label", bins[b].label, "capture", key, "median",
                            fqpi_json_step(bins[b].step < 0 ? (double)INFINITY : bins[b].step), "forecast", forecasts));
    }
    return json_pack("{s:f, s:o, s:{s:o}, s:[{s:s, s:o, s:{s:s}}]}", "tau", tau, "seeds", ids, "final", "step", steps,
                     "probes", "name", probe, "bins", list, "order_median", "verdict", verdict);
}

static void says(json_t *summary, const char *expected) {
    char *text = fqpi_sentence(ctx, summary, NULL);
    assert_non_null(text);
    assert_string_equal(text, expected);
    fqpi_free(text);
    json_decref(summary);
}

static void orders(void **state) {
    (void)state;
    static const bin three[] = {{"1", 63, 0, NOT_OPEN}, {"3", 206, 0, NOT_OPEN}, {"5", 1054, 0, NOT_OPEN}};
    says(summary_of("dft", "low first", 0.1, 3, 2000, three, 3),
         "Low frequencies first: cycles 1, 3, 5 were learnt at steps 63, 206, 1054 (median of 3 seeds).");
    static const bin reversed[] = {{"1", 900, 0, NOT_OPEN}, {"3", 300, 0, NOT_OPEN}, {"5", 12345, 0, NOT_OPEN}};
    says(summary_of("dft", "high first", 0.1, 1, 20000, reversed, 3),
         "High frequencies first: cycles 1, 3, 5 were learnt at steps 900, 300, 12,345.");
    says(summary_of("projection", "no order", 0.2, 2, 20000, reversed, 3),
         "No order: frequencies 1, 3, 5 were learnt at steps 900, 300, 12,345 (error below 20 %, median of 2 seeds).");
    says(summary_of("radial", "n/a", 0.1, 1, 100, three, 1), "Shell 1 was learnt at step 63.");
}

static void unlearnt(void **state) {
    (void)state;
    static const bin late[] = {{"1", 63, 0, NOT_OPEN}, {"3", 206, 0, NOT_OPEN}, {"9", -1, 42000, NOT_OPEN}};
    says(summary_of("dft", "n/a", 0.1, 1, 1000, late, 3), "Cycles 1, 3 were learnt at steps 63, 206. Cycle 9 was not "
                                                          "learnt; at its present rate it needs about 41,000 more "
                                                          "steps (33,000 to 52,000).");
    static const bin soon[] = {{"1", 63, 0, NOT_OPEN}, {"9", -1, 1150, NOT_OPEN}}; /* may be any moment: 920 < 1000 */
    says(summary_of("dft", "n/a", 0.1, 1, 1000, soon, 2),
         "Cycle 1 was learnt at step 63. Cycle 9 was not learnt; at "
         "its present rate it needs about 150 more steps (up to 440).");
    static const bin open[] = {{"1", 63, 0, NOT_OPEN}, {"9", -1, 42000, END_OPEN}};
    says(summary_of("dft", "n/a", 0.1, 1, 1000, open, 2), "Cycle 1 was learnt at step 63. Cycle 9 was not learnt; at "
                                                          "its present rate it needs about 41,000 more steps (33,000 "
                                                          "or more).");
    static const bin later[] = {{"1", 63, 0, NOT_OPEN}, {"9", -1, 42000, ALL_OPEN}};
    says(summary_of("dft", "n/a", 0.1, 1, 1000, later, 2), "Cycle 1 was learnt at step 63. Cycle 9 was not learnt; at "
                                                           "its present rate it needs at least 33,000 more steps.");
    static const bin two[] = {{"1", 63, 0, NOT_OPEN}, {"7", -1, 0, NOT_OPEN}, {"9", -1, 0, NOT_OPEN}};
    says(summary_of("dft", "n/a", 0.1, 1, 1000, two, 3),
         "Cycle 1 was learnt at step 63. Cycles 7, 9 were not learnt in 1000 steps.");
    static const bin none[] = {{"1", -1, 0, NOT_OPEN}, {"9", -1, 0, NOT_OPEN}};
    says(summary_of("dft", "n/a", 0.1, 1, 50, none, 2),
         "Nothing was learnt in 50 steps: cycles 1, 9 stayed above 10 % error.");
    says(summary_of("dft", "n/a", 0.1, 1, 50, none, 0), "No cycle of the target stands out, so no order was judged.");
}

static void many(void **state) {
    (void)state;
    bin bins[10];
    char label[10][8];
    for (int i = 0; i < 10; i++) {
        snprintf(label[i], sizeof label[i], "%d", 5 * (i + 1));
        bins[i] = (bin){label[i], 100 * (i + 1), 0, NOT_OPEN};
    }
    says(summary_of("dft", "low first", 0.1, 1, 5000, bins, 10),
         "Low frequencies first: 10 cycles 5 to 50 were learnt between steps 100 and 1000.");
    says(json_pack("{s:f, s:[], s:{}, s:[]}", "tau", 0.1, "seeds", "final", "probes"), "Nothing was recorded.");
}

static void filters(void **state) {
    (void)state;
    static const struct {
        const char *verdict;
        double share;
        const char *lead;
    } table[] = {{"low first", 0.97, "Low frequencies first: "},
                 {"high first", 0.05, "High frequencies first: "},
                 {"no order", 0.5, "No order: "}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char expected[256];
        snprintf(expected, sizeof expected,
                 "%sthe error below the filter's cut-off was the smaller one in %.3g %% of the comparisons (delta 3, "
                 "10; median of 2 seeds).",
                 table[i].lead, 100 * table[i].share);
        says(json_pack("{s:f, s:[i, i], s:{}, s:[{s:s, s:{s:s, s:f}, s:[{s:f, s:[f]}, {s:f, s:[n]}, {s:f, s:[f]}]}]}",
                       "tau", 0.1, "seeds", 1, 2, "final", "probes", "name", "filter", "order_median", "verdict",
                       table[i].verdict, "low_share", table[i].share, "widths", "delta", 3.0, "low_share", 1.0, "delta",
                       5.0, "low_share", "delta", 10.0, "low_share", 0.9),
             expected);
    }
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        double v;
        const char *text;
    } table[] = {{0, "0"}, {9999, "9999"}, {10000, "10,000"}, {123456, "123,456"}, {1234567, "1,234,567"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char buf[32];
        fqpi_number_step(buf, sizeof buf, table[i].v);
        assert_string_equal(buf, table[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(unlearnt), cmocka_unit_test(many),
                                       cmocka_unit_test(filters), cmocka_unit_test(numbers)};
    return cmocka_run_group_tests(tests, enter, leave);
}
