/* Recording schedules: what is hit, what is refused. */
#include "unit/train/fixture.h"

static fqp_ctx *ctx;

static fqp_schedule parse(const char *text) {
    fqp_schedule s;
    assert_ok(ctx, fqp_schedule_parse(ctx, text, (fqp_origin){0}, &s));
    return s;
}

static void kinds(void **state) {
    (void)state;
    fqp_schedule s = parse("every:10");
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(fqp_schedule_hits(&s, i, 7), i % 10 == 0);
    s = parse("epoch:2");
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(fqp_schedule_hits(&s, i, 7), i % 14 == 0);
    s = parse("steps:100, 0,10,3");
    for (int64_t i = 0; i < 200; i++)
        assert_int_equal(fqp_schedule_hits(&s, i, 7), i == 0 || i == 3 || i == 10 || i == 100);
    fqp_schedule_release(&s);
    assert_int_equal(s.steps.n, 0);
}

static void logarithmic_frames(void **state) {
    (void)state;
    const int64_t per_decade[] = {1, 10, 30, 100};
    for (size_t k = 0; k < 4; k++) {
        fqp_schedule s = {0};
        char text[16];
        snprintf(text, sizeof text, "log:%d", (int)per_decade[k]);
        s = parse(text);
        for (int64_t p = 1; p <= 1000000; p *= 10)
            assert_true(fqp_schedule_hits(&s, p, 1)); /* every power of ten */
        int64_t frames = 0;
        for (int64_t i = 1000; i < 10000; i++)
            frames += fqp_schedule_hits(&s, i, 1);
        assert_int_equal(frames, per_decade[k]);
        for (int64_t i = 1; i <= 4 && per_decade[k] >= 30; i++)
            assert_true(fqp_schedule_hits(&s, i, 1)); /* all small integers */
        assert_true(fqp_schedule_hits(&s, 0, 1));
        assert_false(fqp_schedule_hits(&s, -1, 1));
    }
}

static void the_next_step_is_the_first_hit(void **state) {
    (void)state;
    static const char *const texts[] = {"every:1", "every:7",  "epoch:2",         "log:1",
                                        "log:30",  "log:1000", "steps:3,3,50,900"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        fqp_schedule s = parse(texts[k]);
        int64_t next = INT64_MAX;
        for (int64_t i = 3000; i >= 0; i--) { /* next: the first hit after i, when one is below 3000 */
            if (next < INT64_MAX)
                assert_int_equal(fqpi_schedule_next(&s, i, 5), next);
            if (fqp_schedule_hits(&s, i, 5))
                next = i;
        }
        fqp_schedule_release(&s);
    }
    fqp_schedule s = parse("steps:3");
    assert_int_equal(fqpi_schedule_next(&s, 3, 1), INT64_MAX);
    fqp_schedule_release(&s);
}

static void a_changed_loss_is_due(void **state) {
    (void)state;
    fqp_schedule s = parse("adaptive:0.25");
    assert_near(s.change, 0.25, 0);
    assert_true(fqp_schedule_hits(&s, 0, 1));
    for (int64_t i = 1; i < 100; i++)
        assert_false(fqp_schedule_hits(&s, i, 1));
    assert_int_equal(fqpi_schedule_next(&s, 0, 1), INT64_MAX);
    const struct {
        double loss, last;
        bool due;
    } rows[] = {
        {1, 1, false},     {1.24, 1, false}, {1.25, 1, true},  {0.81, 1, false},        {0.8, 1, true}, {-1, -1, false},
        {-1.2, -1, false}, {-1.3, -1, true}, {-0.8, -1, true}, {-0.01, 0.01, true},     {0, 0, false},  {1e-9, 0, true},
        {0, 1e-9, true},   {NAN, 1, false},  {1, NAN, false},  {1e-300, 1e-300, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fqpi_schedule_due(&s, rows[i].loss, rows[i].last) != rows[i].due)
            fail_msg("%g after %g", rows[i].loss, rows[i].last);
    s = parse("every:3"); /* the other kinds never ask for a frame by the loss */
    assert_false(fqpi_schedule_due(&s, 1, 100));
}

static void refusals(void **state) {
    (void)state;
    fqp_schedule s;
    const fqp_origin at = {"a.yaml", 3, 9};
#define HOW "; write every:10, log:30, epoch:1, steps:0,10,100 or adaptive:0.1"
    const struct {
        const char *text, *message;
    } bad[] = {
        {"evry:10", "a.yaml:3:9: monitor.record: \"evry:10\": this kind is not known" HOW},
        {"", "a.yaml:3:9: monitor.record: \"\": this kind is not known" HOW},
        {"every", "a.yaml:3:9: monitor.record: \"every\": a number is missing" HOW},
        {"every:0", "a.yaml:3:9: monitor.record: \"every:0\": the number must be an integer of at least 1" HOW},
        {"every:-3", "a.yaml:3:9: monitor.record: \"every:-3\": the number must be an integer of at least 1" HOW},
        {"log:3x", "a.yaml:3:9: monitor.record: \"log:3x\": the number must be an integer of at least 1" HOW},
        {"every:99999999999999999999",
         "a.yaml:3:9: monitor.record: \"every:99999999999999999999\": the number must be an integer of at least 1" HOW},
        {"steps:1,,2",
         "a.yaml:3:9: monitor.record: \"steps:1,,2\": the list holds something that is no step number" HOW},
        {"steps:1;2", "a.yaml:3:9: monitor.record: \"steps:1;2\": the list holds something that is no step number" HOW},
        {"steps:", "a.yaml:3:9: monitor.record: \"steps:\": the list holds something that is no step number" HOW},
        {"adaptive", "a.yaml:3:9: monitor.record: \"adaptive\": a number is missing" HOW},
        {"adaptive:0", "a.yaml:3:9: monitor.record: \"adaptive:0\": the change must be a fraction above 0" HOW},
        {"adaptive:-1", "a.yaml:3:9: monitor.record: \"adaptive:-1\": the change must be a fraction above 0" HOW},
        {"adaptive:inf", "a.yaml:3:9: monitor.record: \"adaptive:inf\": the change must be a fraction above 0" HOW},
        {"adaptive:1e999", "a.yaml:3:9: monitor.record: \"adaptive:1e999\": the change must be a fraction above 0" HOW},
        {"adaptive:0.1x", "a.yaml:3:9: monitor.record: \"adaptive:0.1x\": the change must be a fraction above 0" HOW},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(ctx, fqp_schedule_parse(ctx, bad[i].text, at, &s), FQP_E_CONFIG, bad[i].message);
    fqpi_mem_fail_after(ctx, 0);
    assert_int_equal(fqp_schedule_parse(ctx, "steps:1,2", at, &s), FQP_E_NOMEM);
    fqpi_mem_fail_after(ctx, -1);
    fqp_schedule_release(NULL);
}

static int open_ctx(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int close_ctx(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(logarithmic_frames),
        cmocka_unit_test(the_next_step_is_the_first_hit),
        cmocka_unit_test(a_changed_loss_is_due),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
