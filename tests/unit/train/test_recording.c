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

static void refusals(void **state) {
    (void)state;
    fqp_schedule s;
    const fqp_origin at = {"a.yaml", 3, 9};
#define HOW "; write every:10, log:30, epoch:1 or steps:0,10,100"
    const struct {
        const char *text, *message;
    } bad[] = {
        {"evry:10", "a.yaml:3:9: schedule \"evry:10\": this kind is not known" HOW},
        {"", "a.yaml:3:9: schedule \"\": this kind is not known" HOW},
        {"every", "a.yaml:3:9: schedule \"every\": a number is missing" HOW},
        {"every:0", "a.yaml:3:9: schedule \"every:0\": the number must be an integer of at least 1" HOW},
        {"every:-3", "a.yaml:3:9: schedule \"every:-3\": the number must be an integer of at least 1" HOW},
        {"log:3x", "a.yaml:3:9: schedule \"log:3x\": the number must be an integer of at least 1" HOW},
        {"every:99999999999999999999",
         "a.yaml:3:9: schedule \"every:99999999999999999999\": the number must be an integer of at least 1" HOW},
        {"steps:1,,2", "a.yaml:3:9: schedule \"steps:1,,2\": the list holds something that is no step number" HOW},
        {"steps:1;2", "a.yaml:3:9: schedule \"steps:1;2\": the list holds something that is no step number" HOW},
        {"steps:", "a.yaml:3:9: schedule \"steps:\": the list holds something that is no step number" HOW},
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
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
