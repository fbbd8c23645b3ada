/* Several contexts on several threads at once: each reads a configuration, trains, transforms, monitors, stores and
 * summarises, and leaves the same bytes as alone.  Meant for ThreadSanitizer too. */
#include <fqp.h>

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LIVES = 4 };

/* Every probe, both precisions, grids of one and two dimensions, mini-batches, a line search, a faulty file. */
static const char *const config[LIVES] = {
    "data: {source: expr, target: [\"sin(x) + x^2/5\", \"cos(3*x)\"], lower: [-3], upper: [3], n: [45]}\n"
    "model: {hidden: [16, 16], precision: f64}\n"
    "train: {steps: 60, lr: 1e-2}\n"
    "monitor: {probes: [dft, radial], record: \"every:6\", predictions: true}\n",

    "data: {source: expr, target: [\"sin(x*y) + u1\"], lower: [-1, -1], upper: [1, 1], n: [12, 10]}\n"
    "model: {hidden: [40], activation: relu}\n"
    "train: {steps: 80, batch: 32}\n"
    "monitor: {probes: [dft, projection], record: \"log:10\", predictions: true}\n",

    "data: {source: expr, target: [\"exp(-x^2) * sin(9*x)\"], lower: [-2], upper: [2], n: [64], sampling: random}\n"
    "model: {hidden: [10], precision: f64}\n"
    "train: {optimizer: lbfgs, steps: 12}\n"
    "monitor: {probes: [filter, projection], record: \"every:1\", predictions: true}\n",

    "data: {source: expr, target: [\"sin(pi*x) + 0.3*sin(7*pi*x)\"], lower: [-1], upper: [1], n: [200], noise: 0.01}\n"
    "model: {hidden: [64, 64], activation: sin, precision: f32}\n"
    "train: {steps: 40, optimizer: momentum, lr: 1e-3}\n"
    "monitor: {probes: [dft, filter], record: \"every:5\", predictions: true}\n"};

static char room[64];

typedef struct life {
    int kind;         /* which configuration */
    const char *name; /* its folder of run directories */
    pthread_barrier_t *start;
    uint64_t digest;
    char trouble[512]; /* empty: none */
} life;

static void trouble(life *l, fqp_ctx *ctx, const char *where, fqp_status s) {
    if (l->trouble[0])
        return;
    fqp_problem p = {.message = ""};
    if (fqp_ctx_problem_count(ctx) > 0)
        p = fqp_ctx_problem(ctx, 0);
    snprintf(l->trouble, sizeof l->trouble, "%s: %s: %s", where, fqp_status_name(s), p.message);
}

/* FNV-1a */
static void digest(life *l, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        l->digest = (l->digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

static void digest_file(life *l, fqp_ctx *ctx, const char *run, const char *file) {
    char path[256];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/%s", run, file);
    if (access(path, F_OK) != 0)
        return;
    snprintf(path, sizeof path, "%s/%s%s", run, file, strstr(file, ".npz") ? ":parameters" : "");
    fqp_status s = fqp_array_read(ctx, path, &a);
    if (s)
        trouble(l, ctx, file, s);
    else
        digest(l, a.data, (size_t)fqp_view_count(fqp_array_view(&a)) * fqp_dtype_size(a.dtype));
    fqp_array_free(&a);
}

/* ---- what a life does -------------------------------------------------------------------------- */

static void run(life *l, fqp_ctx *ctx) {
    static const char *const files[] = {"x.npy",
                                        "y.npy",
                                        "seed_0001/prediction.npy",
                                        "seed_0001/loss.npy",
                                        "seed_0001/step.npy",
                                        "seed_0001/dft/error.npy",
                                        "seed_0001/radial/error.npy",
                                        "seed_0001/projection/error.npy",
                                        "seed_0001/filter/error.npy",
                                        "seed_0001/checkpoint.npz"};
    char dir[128];
    fqp_config *c = NULL;
    snprintf(dir, sizeof dir, "%s/%s-%d", room, l->name, l->kind);
    fqp_status s = fqp_config_parse(ctx, "contexts", config[l->kind], 0, NULL, &c);
    s = s ? s : fqp_run(ctx, c, &(fqp_run_request){.dir = dir, .command = "test"});
    if (s)
        trouble(l, ctx, "run", s);
    for (size_t i = 0; !s && i < sizeof files / sizeof *files; i++)
        digest_file(l, ctx, dir, files[i]);
    fqp_config_destroy(c);
}

static void fit(life *l, fqp_ctx *ctx) {
    enum { N = 96 };
    double x[N], y[N], out[N];
    for (int i = 0; i < N; i++) {
        x[i] = (double)i / N;
        y[i] = sin(6.283185307179586 * (1 + l->kind) * x[i]);
    }
    fqp_train_opts o;
    fqp_model *net = NULL;
    fqp_monitor *monitor = NULL;
    fqp_fitted r = {0};
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1);
    fqp_status s = fqp_section_defaults(ctx, &fqp_train_section, &o);
    o.steps = s ? 0 : 30;
    s = s ? s : fqp_monitor_create(ctx, vx, vy, NULL, &monitor);
    s = s ? s : fqp_fit(ctx, vx, vy, NULL, &o, 3, monitor, "every:3", &net, &r);
    s = s ? s : fqp_model_eval(ctx, net, vx, out);
    fqp_bins bins;
    for (size_t f = 0; !s && f < fqp_monitor_frames(monitor) && !fqp_monitor_bins(monitor, 0, f, &bins); f++)
        digest(l, bins.prediction, 2 * bins.nbins * sizeof(double));
    digest(l, out, sizeof out);
    digest(l, &r.loss, sizeof r.loss);
    if (s)
        trouble(l, ctx, "fit", s);
    fqp_model_destroy(net);
    fqp_monitor_destroy(monitor);
}

/* Problems belong to their context. */
static void blunder(life *l, fqp_ctx *ctx) {
    fqp_config *c = NULL;
    char text[64], want[32];
    fqp_ctx_problems_clear(ctx);
    snprintf(text, sizeof text, "model: {activatoin%d: tanh}\n", l->kind);
    snprintf(want, sizeof want, "activatoin%d", l->kind);
    fqp_status s = fqp_config_parse(ctx, "blunder", text, 0, NULL, &c);
    if (s != FQP_E_CONFIG || fqp_ctx_problem_count(ctx) < 1 || !strstr(fqp_ctx_problem(ctx, 0).message, want))
        snprintf(l->trouble, sizeof l->trouble, "the problem of another context is shown");
    fqp_config_destroy(c);
}

static void *live(void *arg) {
    life *l = arg;
    fqp_ctx *ctx = NULL;
    if (l->start)
        pthread_barrier_wait(l->start);
    fqp_status s = fqp_ctx_create(&(fqp_ctx_opts){.threads = 1 + l->kind % 2}, &ctx);
    if (s) {
        snprintf(l->trouble, sizeof l->trouble, "no context");
        return NULL;
    }
    l->digest = 0xcbf29ce484222325u;
    run(l, ctx);
    fit(l, ctx);
    blunder(l, ctx);
    fqp_ctx_destroy(ctx);
    return NULL;
}

static void the_same_bytes_as_alone(void **state) {
    (void)state;
    life alone[LIVES] = {0}, together[LIVES] = {0};
    for (int i = 0; i < LIVES; i++) {
        alone[i] = (life){.kind = i, .name = "alone"};
        live(&alone[i]);
        assert_string_equal(alone[i].trouble, "");
    }
    for (int i = 1; i < LIVES; i++)
        assert_true(alone[i].digest != alone[0].digest);
    static const char *const round[] = {"first", "second"};
    for (size_t k = 0; k < 2; k++) {
        pthread_t thread[LIVES];
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, LIVES);
        for (int i = 0; i < LIVES; i++) {
            together[i] = (life){.kind = i, .name = round[k], .start = &start};
            assert_int_equal(pthread_create(&thread[i], NULL, live, &together[i]), 0);
        }
        for (int i = 0; i < LIVES; i++)
            pthread_join(thread[i], NULL);
        pthread_barrier_destroy(&start);
        for (int i = 0; i < LIVES; i++) {
            assert_string_equal(together[i].trouble, "");
            assert_true(together[i].digest == alone[i].digest);
        }
    }
}

static int enter(void **state) {
    (void)state;
    snprintf(room, sizeof room, "/tmp/fqp-contexts-XXXXXX");
    return !mkdtemp(room);
}

static int leave(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", room);
    return system(command) != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_bytes_as_alone)};
    return cmocka_run_group_tests(tests, enter, leave);
}
