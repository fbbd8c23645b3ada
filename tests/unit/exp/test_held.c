/* monitor.held: the test points seen beside the training points are those that monitor.on test sees alone. */
#include "unit/exp/room.h"

static const char settings[] = "run: {seeds: 2}\n"
                               "data: {target: [\"sin(2*x) + sin(5*x)\"], n: [40], test_n: [64], endpoint: false}\n"
                               "model: {hidden: [20, 20]}\n"
                               "train: {steps: 60, batch: %d}\n"
                               "monitor: {record: \"every:7\", %s}\n";

static void train(const char *name, int batch, const char *monitor) {
    char yaml[512], dir[256];
    snprintf(yaml, sizeof yaml, settings, batch, monitor);
    snprintf(dir, sizeof dir, "%s/%s", room, name);
    fqp_config *config = configured(yaml);
    works(fqp_run(ctx, config, &(fqp_run_request){.dir = dir}));
    fqp_config_destroy(config);
}

static void same(const char *a, const char *b) {
    char command[700];
    snprintf(command, sizeof command, "cmp %s/%s %s/%s", room, a, room, b);
    assert_int_equal(system(command), 0);
}

static void both_are_what_each_alone_would_be(void **state) {
    (void)state;
    for (int batch = 0; batch <= 8; batch += 8) {
        char both[32], train_only[32], test_only[32];
        snprintf(both, sizeof both, "both%d", batch);
        snprintf(train_only, sizeof train_only, "train%d", batch);
        snprintf(test_only, sizeof test_only, "test%d", batch);
        train(both, batch, "held: true");
        train(train_only, batch, "on: train");
        train(test_only, batch, "on: test");
        static const char *const series[] = {"error", "prediction", "target", "axis"};
        for (int seed = 1; seed <= 2; seed++)
            for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
                char a[128], b[128];
                snprintf(a, sizeof a, "%s/seed_%04d/dft/%s.npy", both, seed, series[i]);
                snprintf(b, sizeof b, "%s/seed_%04d/dft/%s.npy", train_only, seed, series[i]);
                same(a, b);
                snprintf(a, sizeof a, "%s/seed_%04d/held/dft/%s.npy", both, seed, series[i]);
                snprintf(b, sizeof b, "%s/seed_%04d/dft/%s.npy", test_only, seed, series[i]);
                same(a, b);
            }
    }
    same("both0/seed_0001/held/y.npy", "test0/y.npy");
}

static void refuses(const char *yaml, const char *part) {
    fqp_config *config = configured(yaml);
    assert_int_equal(fqp_run(ctx, config, &(fqp_run_request){.dir = in_room("no")}), FQP_E_CONFIG);
    assert_non_null(strstr(said(), part));
    fqp_ctx_problems_clear(ctx);
    fqp_config_destroy(config);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    refuses("monitor: {held: true}", "there are no test points");
    refuses("data: {test_n: [50]}\nmonitor: {held: true, on: test}", "with monitor.on test there are no others");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_are_what_each_alone_would_be, enter, leave),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
