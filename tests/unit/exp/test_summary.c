/* A synthetic run through monitor, recorder and summary: every number against its formula. */
#include "unit/exp/room.h"

enum { POINTS = 64, FRAMES = 200 };
static const double band[3] = {1, 4, 9}, amplitude[3] = {1, 0.5, 2};

/* H_k = (1 - exp(-rate_k step)) Y_k: the error of band k is exp(-rate_k step). */
static void predict(const double rate[3], double step, double *h) {
    for (int j = 0; j < POINTS; j++) {
        h[j] = 0;
        for (int b = 0; b < 3; b++)
            h[j] += amplitude[b] * (1 - exp(-rate[b] * step)) * sin(2 * M_PI * band[b] * j / POINTS);
    }
}

static json_t *summary_of(const char *name, const double rate[3], int frames, const char *more) {
    char yaml[256];
    snprintf(yaml, sizeof yaml, "monitor: {probes: [dft], tau: 0.2, hold: 5%s}", more);
    fqp_config *config = configured(yaml);
    double x[POINTS], y[POINTS], h[POINTS];
    for (int j = 0; j < POINTS; j++)
        x[j] = (double)j / POINTS;
    const double whole[3] = {INFINITY, INFINITY, INFINITY};
    predict(whole, 1, y);
    fqp_monitor_setup setup = fqp_monitor_setup_from(config);
    fqp_monitor *monitor = NULL;
    fqp_store *store = NULL;
    fqpi_manifest manifest;
    fqpi_recorder r;
    works(fqp_monitor_create(ctx, fqp_view_1d(x, POINTS), fqp_view_1d(y, POINTS), &setup, &monitor));
    works(fqp_store_open(ctx, in_room(name), FQP_STORE_NEW, &store));
    works(fqpi_manifest_begin(ctx, store, config, "test", "a title", &manifest));
    json_array_append_new(json_object_get(manifest.root, "seeds"), json_integer(1));
    works(fqpi_manifest_write(&manifest, "running", ""));
    works(fqpi_recorder_begin(&r, ctx, store, monitor, NULL, config, 1));
    for (int f = 0; f < frames && !(r.stop_captured && r.captured); f++) {
        predict(rate, 2 * f, h);
        const fqpi_record record = {.step = 2 * f,
                                    .epoch = f,
                                    .seconds = 0.1 * f,
                                    .loss = 1.0 / (f + 1),
                                    .accuracy = NAN,
                                    .prediction = fqp_view_1d(h, POINTS)};
        works(fqpi_recorder_frame(&r, &record));
        works(fqpi_recorder_frame(&r, &record)); /* a frame that is there already changes nothing */
    }
    works(fqpi_summarise(ctx, store));
    json_t *out = NULL;
    works(fqpi_store_json(ctx, store, "summary.json", &out));
    fqpi_recorder_free(&r);
    fqpi_manifest_free(&manifest);
    fqp_monitor_destroy(monitor);
    fqp_store_close(store);
    fqp_config_destroy(config);
    return out;
}

static const json_t *probe_of(const json_t *summary) {
    return json_array_get(json_object_get(summary, "probes"), 0);
}

static const json_t *bin_of(const json_t *summary, size_t i) {
    return json_array_get(json_object_get(probe_of(summary), "bins"), i);
}

static double number(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

/* First recorded step at which exp(-rate step) < level. */
static double formula(double rate, double level) {
    double step = 0;
    while (exp(-rate * step) >= level)
        step += 2;
    return step;
}

static void every_number(void **state) {
    (void)state;
    static const double rate[3] = {0.05, 0.03, 0.012};
    json_t *s = summary_of("numbers", rate, FRAMES, "");
    assert_int_equal(json_array_size(json_object_get(probe_of(s), "bins")), 3);
    static const char *const levels[] = {"0.5", "0.1", "0.01", "0.2"};
    for (size_t b = 0; b < 3; b++) {
        const json_t *bin = bin_of(s, b);
        assert_true(number(bin, "axis") == band[b]);
        assert_true(fabs(number(bin, "target") - amplitude[b] / 2) < 1e-12);
        for (size_t l = 0; l < 4; l++) {
            const double level = atof(levels[l]), want = formula(rate[b], level);
            const json_t *c = json_object_get(json_object_get(bin, "capture"), levels[l]);
            const double got = number(c, "median");
            assert_true(want > 2 * (FRAMES - 1) ? isnan(got) : got == want);
            assert_int_equal(json_array_size(json_object_get(c, "step")), 1);
        }
        const json_t *fit = json_array_get(json_object_get(bin, "rate"), 0);
        assert_true(json_is_true(json_object_get(fit, "ok")));
        assert_true(fabs(number(fit, "rate") - rate[b]) < 1e-9);
        assert_true(number(fit, "r2") > 0.999999);
        assert_true(fabs(json_number_value(json_array_get(json_object_get(bin, "error_final"), 0)) -
                         exp(-rate[b] * 2 * (FRAMES - 1))) < 1e-9);
    }
    const json_t *order = json_object_get(probe_of(s), "order_median");
    assert_string_equal(json_string_value(json_object_get(order, "verdict")), "low first");
    assert_true(number(order, "kendall") == 1);
    assert_true(fabs(number(order, "gap") - formula(rate[2], 0.2) / formula(rate[0], 0.2)) < 1e-12);
    assert_true(number(s, "tau") == 0.2 && number(s, "hold") == 5);
    const json_t *final = json_object_get(s, "final");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(final, "step"), 0)), 2 * (FRAMES - 1));
    assert_true(json_is_null(json_array_get(json_object_get(final, "accuracy"), 0)));
    json_decref(s);
}

/* Cut before the slowest band is learnt, at ln 5/0.012 = 134.1. */
static void forecasts(void **state) {
    (void)state;
    static const double rate[3] = {0.05, 0.03, 0.012};
    json_t *s = summary_of("forecasts", rate, 60, "");
    for (size_t b = 0; b < 3; b++) {
        const json_t *f = json_array_get(json_object_get(bin_of(s, b), "forecast"), 0);
        assert_true(json_is_true(json_object_get(f, "ok")) == (b == 2));
        if (b < 2)
            assert_string_equal(json_string_value(json_object_get(f, "reason")), "already learnt");
        else
            assert_true(number(f, "median") == 134 && number(f, "low") == 118 && number(f, "high") > 134);
        assert_true(json_is_string(json_object_get(f, "model")) == (b == 2));
        assert_null(json_object_get(json_array_get(json_object_get(bin_of(s, b), "rate"), 0), "forecast"));
    }
    assert_non_null(
        strstr(json_string_value(json_object_get(s, "sentence")), "at its present rate it needs about 16 "));
    /* from 20 of 60 frames bands 2 and 3 are open, from 30 and 40 band 3 alone, which never comes within them */
    const json_t *t = json_array_get(json_object_get(probe_of(s), "backtest"), 0);
    static const int captures[] = {2, 1, 1}, covered[] = {1, 0, 0};
    for (size_t p = 0; p < 3; p++) {
        assert_int_equal(json_integer_value(json_array_get(json_object_get(t, "captures"), p)), captures[p]);
        assert_int_equal(json_integer_value(json_array_get(json_object_get(t, "covered"), p)), covered[p]);
        assert_int_equal(json_integer_value(json_array_get(json_object_get(t, "refused"), p)), 0);
    }
    json_decref(s);
}

static void high_first(void **state) {
    (void)state;
    static const double rate[3] = {0.012, 0.03, 0.05};
    json_t *s = summary_of("high", rate, FRAMES, "");
    const json_t *order = json_object_get(probe_of(s), "order_median");
    assert_string_equal(json_string_value(json_object_get(order, "verdict")), "high first");
    assert_int_equal(
        strncmp(json_string_value(json_object_get(s, "sentence")), "High frequencies first: cycles 1, 4, 9", 38), 0);
    json_decref(s);
}

static void stops_when_captured(void **state) {
    (void)state;
    static const double rate[3] = {0.05, 0.03, 0.012};
    json_t *s = summary_of("stops", rate, FRAMES, ", stop_captured: true");
    /* the last band's capture frame, and hold = 5 frames after it */
    assert_int_equal(json_integer_value(json_array_get(json_object_get(s, "frames"), 0)),
                     (int)(formula(rate[2], 0.2) / 2) + 1 + 5);
    json_decref(s);
}

static void warns(void **state) {
    (void)state;
    static const double rate[3] = {0.05, 0.03, 0.012};
    json_t *s = summary_of("warns", rate, (int)(formula(rate[2], 0.2) / 2) + 2, "");
    bool early = false, chance = false;
    for (size_t i = 0; i < json_array_size(json_object_get(s, "warnings")); i++) {
        const char *text = json_string_value(json_array_get(json_object_get(s, "warnings"), i));
        early = early || strcmp(text, "dft: 1 capture lies less than 5 frames before the end and may not last") == 0;
        chance = chance || strstr(text, "3 bands: such an order would come by chance in 17 %");
    }
    assert_true(early && chance);
    json_decref(s);
}

static bool divides(const void *every, int64_t step) {
    return step % *(const int64_t *)every == 0;
}

/* Cut after a checkpoint and replayed, the series and the capture rule stand where they stood. */
static void resumes(void **state) {
    (void)state;
    static const double rate[3] = {0.05, 0.03, 0.012};
    json_decref(summary_of("again", rate, 100, ""));
    fqp_config *config = configured("monitor: {probes: [dft], tau: 0.2, hold: 5}");
    double x[POINTS], y[POINTS], h[POINTS];
    const double whole[3] = {INFINITY, INFINITY, INFINITY};
    predict(whole, 1, y);
    for (int j = 0; j < POINTS; j++)
        x[j] = (double)j / POINTS;
    fqp_monitor_setup setup = fqp_monitor_setup_from(config);
    fqp_monitor *monitor = NULL;
    fqp_store *store = NULL;
    fqpi_recorder r;
    works(fqp_monitor_create(ctx, fqp_view_1d(x, POINTS), fqp_view_1d(y, POINTS), &setup, &monitor));
    works(fqp_store_open(ctx, in_room("again"), FQP_STORE_RESUME, &store));
    works(fqpi_recorder_begin(&r, ctx, store, monitor, NULL, config, 1));
    const int64_t every = 4; /* 42 is not on it */
    works(fqpi_recorder_resume(&r, 43, divides, &every));
    assert_int_equal(r.last_step, 40);
    assert_int_equal(r.frames, 21);
    predict(rate, 42, h);
    const fqpi_record record = {.step = 42, .loss = 1, .accuracy = NAN, .prediction = fqp_view_1d(h, POINTS)};
    works(fqpi_recorder_frame(&r, &record));
    fqp_array error = {0}, step = {0};
    works(fqp_store_get(store, "seed_0001/step", &step));
    works(fqp_store_get(store, "seed_0001/dft/error", &error));
    assert_int_equal(step.shape[0], 22);
    assert_int_equal(error.shape[0], 22);
    assert_true(fabs(((double *)error.data)[21 * error.shape[1] + 4] - exp(-0.03 * 42)) < 1e-12);
    fqp_array_free(&error);
    fqp_array_free(&step);
    fqpi_recorder_free(&r);
    fqp_monitor_destroy(monitor);
    fqp_store_close(store);
    fqp_config_destroy(config);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_number), cmocka_unit_test(forecasts),
                                       cmocka_unit_test(high_first),   cmocka_unit_test(stops_when_captured),
                                       cmocka_unit_test(warns),        cmocka_unit_test(resumes)};
    return cmocka_run_group_tests(tests, enter, leave);
}
