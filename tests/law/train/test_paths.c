/* The ways a step can be taken give the same gradient: two-layer networks by units and layer by layer; a batch in one
 * wave and in several. */
#include "unit/train/fixture.h"

#include "path.h"

typedef struct network {
    const char *activation;
    int64_t units, d, n;
    bool bias, ntk, f64;
} network;

static void open_network(fixture *f, const network *q, int threads, const char *optimizer, bool by_layers) {
    int64_t hidden[] = {q->units};
    fixture_open(f, threads);
    fixture_data(f, q->n, q->d, 1);
    fqp_model_opts mo = small_model(hidden, 1, find(fqp_activation_name, q->activation), q->f64);
    mo.bias = q->bias;
    mo.parameters = q->ntk;
    mo.bias_std = q->bias ? 0.3 : NAN;
    fqp_train_opts to = fqpi_train_defaults;
    to.optimizer = find(fqp_optimizer_name, optimizer);
    assert_ok(f->ctx, fqp_model_create(f->ctx, q->d, 1, &mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &to, 1, NULL, &f->trainer));
    assert_ptr_equal(f->trainer->path, &fqpi_path_shallow);
    if (by_layers)
        f->trainer->path = &fqpi_path_layers;
    f->trainer->pace.chosen = f->trainer->members;
}

static const network networks[] = {
    {"relu", 64, 1, 1, true, false, true},         {"relu", 2000, 1, 100, true, false, true},
    {"leaky_relu", 100, 2, 61, true, false, true}, {"relu", 130, 4, 300, true, true, true},
    {"relu", 257, 3, 17, false, true, true},       {"leaky_relu", 1000, 1, 64, true, true, false},
};
enum { STEPS = 20 };
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static void compare(const network *q, const double *a, const double *b, int64_t p, double tolerance) {
    double size = 1e-3;
    for (int64_t i = 0; i < p; i++)
        size = fmax(size, fabs(b[i]));
    for (int64_t i = 0; i < p; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * size))
            fail_msg("%s, %d units, %d inputs, %d points: parameter %d has %.17g, not %.17g", q->activation,
                     (int)q->units, (int)q->d, (int)q->n, (int)i, a[i], b[i]);
}

static void units_and_layers_agree(void **state) {
    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        const network *q = &networks[i];
        fixture units, layers;
        open_network(&units, q, 2, "gd", false);
        open_network(&layers, q, 2, "gd", true);
        int64_t p = fqp_model_parameter_count(units.net);
        double *g = calloc((size_t)p, sizeof *g), *h = calloc((size_t)p, sizeof *h), loss, loss_layers;
        assert_ok(units.ctx, fqp_trainer_gradient(units.trainer, &loss, g));
        assert_ok(layers.ctx, fqp_trainer_gradient(layers.trainer, &loss_layers, h));
        assert_near(loss, loss_layers, (q->f64 ? 1e-13 : 1e-5) * loss_layers);
        compare(q, g, h, p, q->f64 ? 1e-12 : 1e-4);
        free(g);
        free(h);
        fixture_close(&units);
        fixture_close(&layers);
    }
}

static void units_do_not_feel_threads(void **state) {
    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        fixture one, many;
        double loss, loss_many;
        open_network(&one, &networks[i], 1, "adam", false);
        assert_ok(one.ctx, fqp_trainer_step(one.trainer, STEPS, &loss));
        for (int threads = 2; threads < 5; threads++) {
            open_network(&many, &networks[i], threads, "adam", false);
            assert_ok(many.ctx, fqp_trainer_step(many.trainer, STEPS, &loss_many));
            if (loss != loss_many)
                fail_msg("network %d, %d threads: loss %.17g, not %.17g", i, threads, loss_many, loss);
            assert_memory_equal(fqp_model_parameters(one.net), fqp_model_parameters(many.net),
                                (size_t)one.net->parameters * one.net->k->elem);
            fixture_close(&many);
        }
        fixture_close(&one);
    }
}

/* Waves of one batch: gradient and loss as in a single wave, to rounding. */
static void waves_agree(void **state) {
    (void)state;
    int64_t hidden[] = {30, 20};
    for (int64_t most = 16; most <= 128; most *= 2) {
        double loss[2], *g[2];
        for (int split = 0; split < 2; split++) {
            fixture f;
            fixture_open(&f, 2);
            fixture_data(&f, 201, 5, 3);
            fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
            assert_ok(f.ctx, fqp_model_create(f.ctx, 5, 3, &mo, 3, &f.net));
            assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, NULL, 1, NULL, &f.trainer));
            f.trainer->pace.chosen = 2;
            assert_int_equal(f.trainer->whole.count, 1);
            if (split)
                f.trainer->whole = fqpi_waves_make(201, f.net->k->lanes, most);
            g[split] = calloc((size_t)f.net->parameters, sizeof **g);
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss[split], g[split]));
            if (split) {
                assert_near(loss[1], loss[0], 1e-14 * loss[0]);
                compare(&(network){.activation = "waves"}, g[1], g[0], f.net->parameters, 1e-13);
            }
            fixture_close(&f);
        }
        free(g[0]);
        free(g[1]);
    }
}

/* Columns of a large matrix are packed when a thread has several tiles, and read in place when it has few. */
static void packing_changes_no_bit(void **state) {
    (void)state;
    static int64_t hidden[] = {600, 520};
    fixture f[2];
    for (int i = 0; i < 2; i++) {
        fixture_open(&f[i], i ? 4 : 1);
        fixture_data(&f[i], 201, 5, 3);
        fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
        fqp_train_opts to = fqpi_train_defaults;
        assert_ok(f[i].ctx, fqp_model_create(f[i].ctx, 5, 3, &mo, 3, &f[i].net));
        assert_ok(f[i].ctx, fqp_trainer_create(f[i].ctx, f[i].net, &f[i].data, &to, 1, NULL, &f[i].trainer));
        f[i].trainer->pace.chosen = f[i].trainer->members;
        assert_true(fqpi_pack_bytes(f[i].net) > 0);
        assert_ok(f[i].ctx, fqp_trainer_step(f[i].trainer, 3, NULL));
    }
    assert_memory_equal(fqp_model_parameters(f[0].net), fqp_model_parameters(f[1].net),
                        (size_t)f[0].net->parameters * sizeof(double));
    fixture_close(&f[0]);
    fixture_close(&f[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_and_layers_agree),
        cmocka_unit_test(units_do_not_feel_threads),
        cmocka_unit_test(waves_agree),
        cmocka_unit_test(packing_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
