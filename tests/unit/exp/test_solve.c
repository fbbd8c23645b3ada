/* Problems solved in phases: what a run directory holds, orders of phases, tolerances, refusals and divergence. */
#include "folder.h"

#include <fqp.h>

#define POISSON                                                                                                        \
    "problem: {coordinates: [x], domain: \"interval(-1, 1)\", equations: \"-u_xx = sin(x) + 4*sin(4*x)\", "            \
    "conditions: [\"u = 0 on boundary\"], reference: direct, grid: 65}\n"                                              \
    "monitor: {probes: [sine], record: \"log:10\"}\n"                                                                  \
    "monitor.sine: {bands: [1, 3, 10, 20], floor: 0}\n"                                                                \
    "model: {hidden: [20, 20], activation: tanh}\n"                                                                    \
    "train: {lr: 3e-3}\n"

static fqp_status solve(const char *text, const char *dir, bool resume) {
    fqp_config *c = NULL;
    fqp_status s = fqp_config_parse(ctx, "test", text, 0, NULL, &c);
    s = s ? s : fqp_run(ctx, c, &(fqp_run_request){.dir = in_room(dir), .command = "test", .resume = resume});
    fqp_config_destroy(c);
    return s;
}

static fqp_array get(const char *dir, const char *file) {
    char path[256];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/%s", in_room(dir), file);
    assert_ok(ctx, fqp_npy_read(ctx, path, &a));
    return a;
}

static double last(const char *dir, const char *file, int64_t back) {
    fqp_array a = get(dir, file);
    const fqp_view v = fqp_array_view(&a);
    const double value = fqp_view_at(v, fqp_view_count(v) - 1 - back);
    fqp_array_free(&a);
    return value;
}

static bool holds(const char *dir, const char *file, const char *text) {
    char path[256], buffer[1 << 16];
    snprintf(path, sizeof path, "%s/%s", in_room(dir), file);
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    const size_t n = fread(buffer, 1, sizeof buffer - 1, f);
    fclose(f);
    buffer[n] = 0;
    return strstr(buffer, text) != NULL;
}

/* Sweeps leave of sine mode k what (1 - w (1 - cos(k pi/n)))^s says; high bands fall first. */
static void relaxation_as_a_run(void **state) {
    (void)state;
    assert_ok(ctx, solve(POISSON "solve: {method: [damped_jacobi 300]}\n", "r", false));
    assert_near(last("r", "seed_0001/step.npy", 0), 300, 0);
    const double pi = acos(-1);
    fqp_array error = get("r", "seed_0001/sine/error.npy"), step = get("r", "seed_0001/step.npy");
    const double *e = error.data;
    for (int64_t f = 0; f < error.shape[0]; f++) /* mode 2 is the first that the odd right side has */
        assert_near(e[f * error.shape[1] + 1],
                    pow(1 - 2.0 / 3 * (1 - cos(2 * pi / 64)), (double)((const int64_t *)step.data)[f]), 1e-9);
    const double *end = e + (error.shape[0] - 1) * error.shape[1];
    assert_true(end[error.shape[1] - 1] < 0.1 * end[error.shape[1] - 2]);
    fqp_array_free(&error);
    fqp_array_free(&step);
    assert_true(holds("r", "problem.json", "direct solution of the difference equations"));
    assert_true(holds("r", "baseline.json", "\"vcycle\""));
    fqp_array x = get("r", "x.npy"), u = get("r", "seed_0001/prediction.npy");
    assert_int_equal(x.shape[0], 65);
    assert_int_equal(u.shape[1], 65);
    fqp_array_free(&x);
    fqp_array_free(&u);
}

/* A tolerance ends the phases: the direct solution meets it at once. */
static void tolerance(void **state) {
    (void)state;
    assert_ok(ctx, solve(POISSON "solve: {method: [jacobi 20, direct, jacobi 1000], tolerance: 1e-8, until: error}\n",
                         "t", false));
    assert_near(last("t", "seed_0001/step.npy", 0), 21, 0);
    assert_true(last("t", "seed_0001/rel_l2.npy", 0) < 1e-10);
    assert_ok(ctx, solve(POISSON "solve: {method: [vcycle 30], tolerance: 1e-10}\n", "v", false));
    assert_true(last("v", "seed_0001/step.npy", 0) < 15);
    assert_true(last("v", "seed_0001/loss.npy", 0) < 1e-10);
}

/* Networks before and after sweeps, a corrector in turns, random features. */
static void networks_and_sweeps(void **state) {
    (void)state;
    assert_ok(ctx, solve(POISSON "objective: {kind: ritz, boundary_weight: 10}\n"
                                 "solve: {method: [network 150, jacobi 20], rounds: 1}\n",
                         "n", false));
    assert_near(last("n", "seed_0001/step.npy", 0), 170, 0);
    assert_ok(ctx, solve(POISSON "solve: {method: [jacobi 100, network 150, jacobi 1]}\n", "j", false));
    const double before = last("j", "seed_0001/rel_l2.npy", 0);
    assert_ok(ctx, solve(POISSON "solve: {method: [jacobi 101]}\n", "alone", false));
    assert_true(before < 0.7 * last("alone", "seed_0001/rel_l2.npy", 0));
    assert_ok(ctx, solve(POISSON "solve: {method: [correct 1, damped_jacobi 9], rounds: 8}\n"
                                 "solve.correct: {cells: 16, hidden: [40], samples: 1000, steps: 2000, lr: 3e-3}\n",
                         "c", false));
    if (!(last("c", "seed_0001/rel_l2.npy", 0) < 0.1)) /* 72 sweeps alone leave 0.8 */
        fail_msg("a corrector and sweeps leave %g", last("c", "seed_0001/rel_l2.npy", 0));
    assert_ok(ctx,
              solve(POISSON "solve: {method: [random_features], patches: 2, features: 30, points: 30}\n", "f", false));
    assert_true(last("f", "seed_0001/rel_l2.npy", 0) < 1e-2); /* the difference equations' own error */
}

static void refusals(void **state) {
    (void)state;
    assert_refused(ctx, solve(POISSON "solve: {method: [jacobi 20, jakobi 3]}\n", "x", false), FQP_E_CONFIG,
                   "test:6:29: solve.method: \"jakobi\" is no phase; did you mean jacobi?\n"
                   "    solve: {method: [jacobi 20, jakobi 3]}\n                                ^");
    assert_refused(ctx, solve("solve: {method: [jacobi -2]}\n", "x", false), FQP_E_CONFIG,
                   "test:1:18: solve.method: \"-2\" is no whole number of steps from 1 on\n"
                   "    solve: {method: [jacobi -2]}\n                     ^");
    assert_ok(ctx, solve(POISSON "solve: {method: [jacobi 2]}\n", "again", false));
    assert_refused(
        ctx, solve(POISSON "solve: {method: [jacobi 2]}\n", "again", true), FQP_E_UNSUPPORTED,
        "a run of phases (solve.method) is not taken up again: what it recorded stays; begin it anew in another "
        "directory or with --replace");
}

/* An indefinite matrix: the run says diverged and keeps finite numbers. */
static void divergence(void **state) {
    (void)state;
    assert_int_equal(solve("problem: {coordinates: [x], domain: \"interval(0, 1)\", equations: \"-u_xx - 400*u = 1\", "
                           "conditions: [\"u = 0 on boundary\"], grid: 33}\n"
                           "monitor: {probes: [sine]}\nsolve: {method: [damped_jacobi 100000]}\n",
                           "d", false),
                     FQP_E_DIVERGED);
    assert_true(holds("d", "manifest.json", "\"diverged\""));
    assert_true(isfinite(last("d", "seed_0001/final.npy", 16)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(relaxation_as_a_run, enter, leave),
        cmocka_unit_test_setup_teardown(tolerance, enter, leave),
        cmocka_unit_test_setup_teardown(networks_and_sweeps, enter, leave),
        cmocka_unit_test_setup_teardown(refusals, enter, leave),
        cmocka_unit_test_setup_teardown(divergence, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
