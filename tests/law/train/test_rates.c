/* Learning rates of layers and branches: one step of every optimiser is that with the learning rate of the part. */
#include "unit/train/fixture.h"

static int64_t hidden[] = {8, 6};
static double scales[] = {1, 3}, by_layer[] = {0, 0.5, 3}, by_branch[] = {2, 0.25};

static fqp_model_opts network(bool branches) {
    fqp_model_opts o = small_model(hidden, 2, FQPI_ACT_TANH, true);
    if (branches) {
        o.scales = (fqp_reals){scales, 2};
        o.branches = FQPI_BRANCHES_SEPARATE;
    }
    o.slopes = find(fqp_slopes_name, "layer");
    return o;
}

/* Parameters after three steps, by a learning rate. */
static double *after(const fqp_model_opts *mo, fqp_train_opts to, int threads, int64_t *p, fqp_model **net,
                     fixture *f) {
    fixture_open(f, threads);
    fixture_data(f, 40, 2, 1);
    assert_ok(f->ctx, fqp_model_create(f->ctx, 2, 1, mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &to, 1, NULL, &f->trainer));
    f->trainer->pace.chosen = f->trainer->members;
    assert_ok(f->ctx, fqp_trainer_step(f->trainer, 1, NULL));
    *p = fqp_model_parameter_count(f->net);
    *net = f->net;
    return fqp_model_parameters(f->net);
}

/* The rate of parameter i, by plain counting. */
static double rate(const fqp_model *net, int64_t i, bool layers, bool branches) {
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t in = fqpi_block_in(y), rows = fqpi_weight_rows(y);
        const bool bias = i >= y->bias && i < y->bias + rows;
        if (!bias && (i < y->weight || i >= y->weight + in * rows))
            continue;
        const int64_t row = bias ? i - y->bias : (i - y->weight) / in;
        return (layers ? by_layer[l] : 1) * (branches && y->blocks > 1 ? by_branch[row / fqpi_block_out(y)] : 1);
    }
    return 1; /* slopes */
}

static void check(int optimizer, bool layers, bool branches, int threads) {
    const fqp_model_opts mo = network(branches);
    fqp_train_opts to = fqpi_train_defaults;
    to.optimizer = optimizer;
    to.lr = 0.01;
    if (layers)
        to.lr_layers = (fqp_reals){by_layer, 3};
    if (branches)
        to.lr_branches = (fqp_reals){by_branch, 2};
    fixture f, g;
    int64_t p, q;
    fqp_model *net, *other;
    const double *w = after(&mo, to, threads, &p, &net, &f);
    to.lr_layers.n = to.lr_branches.n = 0;
    const double factors[] = {0, 0.5, 3, 1, 1, 0.25, 6, 2, 0.125, 0.75};
    int64_t seen = 0;
    for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) {
        fqp_train_opts one = to;
        one.lr = to.lr * factors[k];
        if (factors[k] == 0 || (k > 3 && factors[k] == 1))
            continue;
        const double *v = after(&mo, one, 1, &q, &other, &g);
        for (int64_t i = 0; i < p; i++)
            if (rate(net, i, layers, branches) == factors[k]) {
                seen++;
                if (w[i] != v[i])
                    fail_msg("%s: parameter %d", fqp_optimizer_name((size_t)optimizer, NULL), (int)i);
            }
        fixture_close(&g);
    }
    for (int64_t i = 0; i < p; i++)
        seen += rate(net, i, layers, branches) == 0;
    assert_int_equal(seen, p);
    fixture_close(&f);
}

static void a_part_moves_by_its_own_rate(void **state) {
    (void)state;
    for (int o = 0; fqp_optimizer_name((size_t)o, NULL); o++)
        for (int which = 1; which < 4 && fqpi_optimizer_row(o)->update; which++)
            for (int threads = 1; threads < 3 && !fqpi_optimizer_row(o)->kronecker; threads++)
                check(o, which & 1, which & 2, threads);
}

static void a_layer_of_rate_0_stays(void **state) {
    (void)state;
    fixture f;
    int64_t p;
    fqp_model *net, *start = NULL;
    const fqp_model_opts mo = network(false);
    fqp_train_opts to = fqpi_train_defaults;
    to.lr_layers = (fqp_reals){by_layer, 3};
    const double *w = after(&mo, to, 1, &p, &net, &f);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 50, NULL));
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 3, &start));
    assert_memory_equal(w, fqp_model_parameters(start), (size_t)net->layer[1].weight * sizeof *w);
    assert_memory_not_equal(w, fqp_model_parameters(start), (size_t)p * sizeof *w);
    fqp_model_destroy(start);
    fixture_close(&f);
}

static void refused(const fqp_model_opts *mo, const fqp_train_opts *to, const char *text) {
    fixture f;
    fixture_open(&f, 1);
    fixture_data(&f, 40, 2, 1);
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, mo, 3, &f.net));
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, to, 1, NULL, &f.trainer), FQP_E_CONFIG, text);
    fixture_close(&f);
}

static void lists_that_do_not_fit_are_refused(void **state) {
    (void)state;
    fqp_model_opts mo = network(true);
    fqp_train_opts to = fqpi_train_defaults;
    to.lr_layers = (fqp_reals){by_layer, 2};
    refused(&mo, &to, "train.lr_layers: 2 factors, the network has 3 layers of weights");
    to.lr_layers.n = 3;
    to.optimizer = find(fqp_optimizer_name, "lbfgs");
    refused(&mo, &to, "train.lr_layers: lbfgs moves all parameters together and has no learning rate of parts");
    to = fqpi_train_defaults;
    to.lr_branches = (fqp_reals){by_branch, 1};
    refused(&mo, &to, "train.lr_branches: 1 factors, the network has 2 branches (model.scales)");
    mo.branches = FQPI_BRANCHES_SHARED;
    to.lr_branches.n = 2;
    refused(&mo, &to, "train.lr_branches: with model.branches shared all branches have the same weights");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_moves_by_its_own_rate),
        cmocka_unit_test(a_layer_of_rate_0_stays),
        cmocka_unit_test(lists_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
