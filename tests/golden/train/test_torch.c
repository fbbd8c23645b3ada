/* Our training against PyTorch's, step by step from the same parameters (torch.npz, written by make.py). */
#include "support.h"
#include <fqp/train.h>

#include <stdlib.h>

static const char *const path = FQP_SOURCE_DIR "/tests/golden/train/torch.npz";
static fqp_ctx *ctx;

static fqp_array member(const char *name) {
    fqp_array a = {0};
    assert_ok(ctx, fqp_npz_read(ctx, path, name, &a));
    return a;
}

static int find(const char *(*names)(size_t, const char **), const char *word) {
    for (size_t i = 0; names(i, NULL); i++)
        if (!strcmp(names(i, NULL), word))
            return (int)i;
    fail_msg("there is no \"%s\"", word);
    return -1;
}

static fqp_model *make_model(const char *activation, bool classes) {
    int64_t hidden[] = {5, 4};
    fqp_model_opts o = {.hidden = {hidden, 2},
                        .activation = find(fqp_activation_name, activation),
                        .activation_param = NAN,
                        .output = classes,
                        .weight_std = 1,
                        .bias_std = NAN,
                        .bias = true,
                        .omega0 = 1,
                        .window_overlap = 0.5,
                        .precision = 1};
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 1, &net));
    fqp_array start = member("start");
    assert_int_equal(start.shape[0], fqp_model_parameter_count(net));
    memcpy(fqp_model_parameters(net), start.data, (size_t)start.shape[0] * sizeof(double));
    fqp_array_free(&start);
    return net;
}

static void compare(const char *what, int step, double got, double want) {
    if (!(fabs(got - want) <= 1e-10 * (fabs(want) + 1e-3)))
        fail_msg("%s, %d: %.17g, PyTorch has %.17g", what, step, got, want);
}

static void run_case(const char *optimizer, const char *loss, const char *activation) {
    char name[64], end[80];
    snprintf(name, sizeof name, "%s-%s-%s.loss", optimizer, loss, activation);
    snprintf(end, sizeof end, "%s-%s-%s.end", optimizer, loss, activation);
    bool classes = !strcmp(loss, "cross_entropy");
    fqp_dataset data = {
        .n = 30, .d = 2, .m = 3, .x = member("x"), .y = member("y"), .labels = member("label"), .classes = 3};
    double index[30];
    if (classes) { /* targets as class numbers: one-hot is made from them */
        data.m = 1;
        fqp_array_free(&data.y);
        data.y = (fqp_array){.data = index, .dtype = FQP_F64, .ndim = 2, .shape = {30, 1}};
    }
    fqp_train_opts o = {.loss = find(fqp_loss_name, loss),
                        .loss_param = 0.3,
                        .optimizer = find(fqp_optimizer_name, optimizer),
                        .lr = 0.05,
                        .beta1 = 0.8,
                        .beta2 = 0.95,
                        .eps = 1e-6,
                        .momentum = 0.8,
                        .weight_decay = 0.01,
                        .memory = 1,
                        .damping = 1e-3,
                        .schedule_rate = 1,
                        .steps = 20};
    fqp_model *net = make_model(activation, classes);
    fqp_trainer *t = NULL;
    assert_ok(ctx, fqp_trainer_create(ctx, net, &data, &o, 1, NULL, &t));
    fqp_array want = member(name), last = member(end);
    for (int step = 0; step < 20; step++) {
        double value;
        assert_ok(ctx, fqp_trainer_step(t, 1, &value));
        compare(name, step, value, ((double *)want.data)[step]);
    }
    const double *w = fqp_model_parameters(net);
    for (int i = 0; i < (int)last.shape[0]; i++)
        compare(end, i, w[i], ((double *)last.data)[i]);
    fqp_trainer_destroy(t);
    fqp_model_destroy(net);
    fqp_array_free(&want);
    fqp_array_free(&last);
    fqp_array_free(&data.x);
    if (!classes)
        fqp_array_free(&data.y);
    fqp_array_free(&data.labels);
}

static void optimisers(void **state) {
    (void)state;
    const char *all[] = {"gd", "momentum", "nesterov", "adam", "adamw", "rmsprop"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        run_case(all[i], "mse", "tanh");
}

static void losses(void **state) {
    (void)state;
    const char *all[] = {"mse", "mae", "huber", "cross_entropy"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        run_case("gd", all[i], "tanh");
}

static void activations(void **state) {
    (void)state;
    const char *all[] = {"tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "softsign", "sin"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        run_case("gd", "mse", all[i]);
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
        cmocka_unit_test(optimisers),
        cmocka_unit_test(losses),
        cmocka_unit_test(activations),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
