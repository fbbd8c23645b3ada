/* Memory that runs out anywhere: every allocation of a run, a prediction, an analysis and a verification is made to
 * fail once. */
#include "unit/exp/room.h"

/* Two seeds: what hinders the second of a group is met again when it is the first of its own. */
static const char *const text =
    "run: {seeds: 2}\ndata: {source: expr, target: [\"sin(x)\"], lower: [-3], upper: [3], n: [9]}\n"
    "model: {hidden: [3]}\ntrain: {steps: 2}\nmonitor: {record: \"every:1\"}\n";

static fqp_status train(void) {
    fqp_config *c = NULL;
    fqp_status s = fqp_config_parse(ctx, "test", text, 0, NULL, &c);
    if (!s)
        s = fqp_run(ctx, c, &(fqp_run_request){.dir = in_room("run"), .replace = true, .command = "test"});
    fqp_config_destroy(c);
    return s;
}

/* Over a run that was trained: prediction, comparison and the kernel that has moved. */
static fqp_status predict(void) {
    static const char *const set[] = {"train.optimizer=gd", "run.seeds=1", "theory.kernel=empirical"};
    fqp_config *c = NULL;
    const char *dir = in_room("predicted");
    fqp_status s = fqp_config_parse(ctx, "test", text, 3, set, &c);
    if (!s && !fqpi_holds_run(dir))
        s = fqp_run(ctx, c, &(fqp_run_request){.dir = dir, .command = "test"});
    if (!s)
        s = fqp_predict(ctx, c, &(fqp_predict_request){.dir = dir, .command = "test"});
    fqp_config_destroy(c);
    return s;
}

static fqp_status analyse(void) {
    fqp_config *c = NULL;
    char file[4][256];
    static const char *const names[] = {"data/x.npy", "data/y.npy", "data/seed_0001/prediction.npy",
                                        "data/seed_0001/step.npy"};
    for (int i = 0; i < 4; i++)
        snprintf(file[i], sizeof file[i], "%s", in_room(names[i]));
    const char *preds[] = {file[2]};
    fqp_status s = fqp_config_parse(ctx, "test", text, 0, NULL, &c);
    if (!s)
        s = fqp_analyze(ctx, c,
                        &(fqp_analyze_request){.dir = in_room("analysis"),
                                               .x = file[0],
                                               .y = file[1],
                                               .preds = preds,
                                               .npreds = 1,
                                               .steps = file[3],
                                               .replace = true});
    fqp_config_destroy(c);
    return s;
}

static fqp_status verify(void) {
    fqp_verdicts *v = NULL;
    const fqp_status s = fqp_verify(ctx, in_room("r.yaml"),
                                    &(fqp_verify_request){.dir = in_room("out"), .claims = in_room("claims.yaml")}, &v);
    fqp_verdicts_destroy(v);
    return s;
}

/* Fail allocation 0, each, 2 each, ... until the call gets through; some failures are survived (a report that is
 * shorter). */
static void exhaust(fqp_status (*call)(void), long most, long each) {
    fqp_status s = FQP_E_NOMEM;
    long n = 0, refused = 0;
    for (; n < most; n += each) {
        const long before = fqpi_mem_count(ctx);
        fqpi_mem_fail_after(ctx, n);
        s = call();
        fqpi_mem_fail_after(ctx, -1);
        if (!s && fqpi_mem_count(ctx) - before <= n)
            break;
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
        refused += s == FQP_E_NOMEM;
    }
    assert_int_equal(s, FQP_OK);
    assert_true(n < most && refused > 20);
}

static void everywhere(void **state) {
    (void)state;
    works(train());
    assert_int_equal(rename(in_room("run"), in_room("data")), 0);
    put_file("claims.yaml", "claims: [{id: a, accept: {range: [0, 9]}}]\n");
    put_file("r.yaml", "recipe: {name: r}\nclaims: [{id: a, value: phase_error(0), control: {expect: 1 < 2}}]\n");
    works(analyse());
    works(verify());
    works(predict());
    exhaust(train, 5000, 1);
    exhaust(analyse, 5000, 3); /* the ways that a run shares are gone above */
    exhaust(verify, 5000, 5);
    exhaust(predict, 9000, 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(everywhere)};
    return cmocka_run_group_tests(tests, enter, leave);
}
