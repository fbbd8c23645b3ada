/* model.numbers: trained numbers that are no part of y(x).  Everything that looks at the function sees the same network
 * with and without them. */
#include "unit/train/fixture.h"

#include <fqp/function.h>
#include <fqp/ntk.h>
#include <math.h>

enum { N = 30, D = 2, M = 2, NUMBERS = 3 };

static int64_t hidden[] = {6, 5};
static double at_start[NUMBERS] = {0.25, -3, 1e6}, scales[] = {1, 2};

/* Kinds: plain; trained slopes and scales; gabor filters; a learnt embedding. */
enum { KINDS = 4 };

static fqp_model_opts options(int kind, bool numbers) {
    fqp_model_opts o = small_model(hidden, 2, FQPI_ACT_TANH, true);
    o.bias_std = 0.2;
    if (kind == 1) {
        hidden[1] = 6;
        o.scales = (fqp_reals){scales, 2};
        o.train_scales = true;
        o.slopes = find(fqp_slopes_name, "neuron");
    }
    if (kind == 2)
        o.filters = find(fqp_filter_name, "gabor");
    if (kind == 3) {
        o.embedding = find(fqp_embedding_name, "fourier");
        o.train_features = true;
        o.features = 4;
    }
    o.numbers = (fqp_reals){at_start, numbers ? NUMBERS : 0};
    return o;
}

typedef struct pair {
    fqp_ctx *ctx;
    fixture with, without;
} pair;

static void open_pair(pair *p, int kind) {
    fixture *const both[] = {&p->without, &p->with};
    for (int i = 0; i < 2; i++) {
        fixture_open(both[i], 2);
        fixture_data(both[i], N, D, M);
        const fqp_model_opts o = options(kind, i);
        assert_ok(both[i]->ctx, fqp_model_create(both[i]->ctx, D, M, &o, 5, &both[i]->net));
    }
}

static void close_pair(pair *p) {
    fixture_close(&p->with);
    fixture_close(&p->without);
}

static const double *numbers_of(const fqp_model *net) {
    int64_t first;
    assert_int_equal(fqp_model_numbers(net, &first), NUMBERS);
    return (const double *)net->w + first;
}

static void they_are_the_end_of_the_parameters(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        pair p;
        int64_t first;
        double u[2][N * M];
        open_pair(&p, kind);
        const int64_t n = fqp_model_parameter_count(p.without.net);
        assert_int_equal(fqp_model_parameter_count(p.with.net), n + NUMBERS);
        assert_int_equal(fqp_model_numbers(p.without.net, &first), 0);
        assert_int_equal(fqp_model_numbers(p.with.net, &first), NUMBERS);
        assert_int_equal(first, n);
        assert_memory_equal(numbers_of(p.with.net), at_start, sizeof at_start);
        assert_memory_equal(p.with.net->w, p.without.net->w, (size_t)n * sizeof(double));
        assert_ok(p.with.ctx, fqp_model_eval(p.with.ctx, p.with.net, fqp_array_view(&p.with.data.x), u[0]));
        assert_ok(p.without.ctx, fqp_model_eval(p.without.ctx, p.without.net, fqp_array_view(&p.with.data.x), u[1]));
        assert_memory_equal(u[0], u[1], sizeof u[0]);
        fqp_model *copy;
        assert_ok(p.with.ctx, fqpi_model_copy(p.with.ctx, p.with.net, FQP_F32, &copy));
        assert_int_equal(fqp_model_numbers(copy, &first), NUMBERS);
        assert_true(((const float *)copy->w)[first + 2] == 1e6F);
        fqp_model_destroy(copy);
        close_pair(&p);
    }
}

static void kernels_do_not_see_them(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        pair p;
        double gram[2][N * N];
        open_pair(&p, kind);
        fixture *const both[] = {&p.without, &p.with};
        for (int i = 0; i < 2; i++) {
            fqp_ntk *k;
            const fqp_view x = fqp_array_view(&p.with.data.x);
            assert_ok(both[i]->ctx, fqp_ntk_empirical(both[i]->ctx, both[i]->net, 0, &k));
            assert_ok(both[i]->ctx, fqp_ntk_gram(k, x, x, FQP_NTK_TANGENT, gram[i]));
            fqp_ntk_destroy(k);
        }
        assert_memory_equal(gram[0], gram[1], sizeof gram[0]);
        close_pair(&p);
    }
}

static void functions_do_not_hold_them(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        pair p;
        double u[2][N * M];
        open_pair(&p, kind);
        const fqp_view x = fqp_array_view(&p.with.data.x);
        const fqp_model_opts o = options(kind, true);
        fqp_function *f, *again;
        char path[] = "/tmp/fqp_numbers_XXXXXX";
        const int file = mkstemp(path);
        assert_true(file >= 0);
        close(file);
        const fqp_function_part part = {.options = &o, .seed = 5, .model = p.with.net, .factor = 1};
        assert_ok(p.with.ctx, fqp_function_create(p.with.ctx, D, M, &f));
        assert_ok(p.with.ctx, fqp_function_add(f, &part));
        assert_int_equal(fqp_function_parameter_count(f), fqp_model_parameter_count(p.without.net));
        assert_ok(p.with.ctx, fqp_function_save(p.with.ctx, f, path));
        assert_ok(p.with.ctx, fqp_function_load(p.with.ctx, path, &again));
        assert_ok(p.with.ctx, fqp_function_eval(p.with.ctx, again, x, u[0]));
        assert_ok(p.with.ctx, fqp_model_eval(p.with.ctx, p.without.net, x, u[1]));
        for (int i = 0; i < N * M; i++)
            assert_near(u[0][i], u[1][i], 1e-14);
        unlink(path);
        fqp_function_destroy(f);
        fqp_function_destroy(again);
        close_pair(&p);
    }
}

/* A loss without them leaves them as they are, decay or not; the network's own parameters move as without them. */
static void a_data_set_does_not_move_them(void **state) {
    (void)state;
    static const char *const name[] = {"adam", "adamw", "lbfgs", "lm"};
    for (int i = 0; i < 8; i++) {
        pair p;
        open_pair(&p, 0);
        fixture *const both[] = {&p.without, &p.with};
        fqp_train_opts o = fqpi_train_defaults;
        o.optimizer = find(fqp_optimizer_name, name[i / 2]);
        o.weight_decay = i % 2 && i / 2 != 3 ? 0.01 : 0;
        o.steps = 5;
        for (int k = 0; k < 2; k++) {
            assert_ok(both[k]->ctx,
                      fqp_trainer_create(both[k]->ctx, both[k]->net, &both[k]->data, &o, 1, NULL, &both[k]->trainer));
            assert_ok(both[k]->ctx, fqp_trainer_run(both[k]->trainer));
        }
        assert_memory_equal(numbers_of(p.with.net), at_start, sizeof at_start);
        const double *v = p.with.net->w, *w = p.without.net->w;
        for (int64_t k = 0; k < p.without.net->parameters; k++)
            assert_near(v[k], w[k], 1e-9 * (1 + fabs(w[k])));
        close_pair(&p);
    }
}

static void decay_by_squares_is_refused(void **state) {
    (void)state;
    pair p;
    open_pair(&p, 0);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, "lm");
    o.weight_decay = 0.01;
    assert_int_equal(fqp_trainer_create(p.with.ctx, p.with.net, &p.with.data, &o, 1, NULL, &p.with.trainer),
                     FQP_E_CONFIG);
    assert_non_null(
        strstr(fqp_ctx_problem(p.with.ctx, 0).message, "train.weight_decay: lm would apply it to model.numbers too"));
    p.with.trainer = NULL;
    close_pair(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_the_end_of_the_parameters), cmocka_unit_test(kernels_do_not_see_them),
        cmocka_unit_test(functions_do_not_hold_them),         cmocka_unit_test(a_data_set_does_not_move_them),
        cmocka_unit_test(decay_by_squares_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
