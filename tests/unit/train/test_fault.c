/* The words for the place where a number ceased to be finite. */
#include "unit/train/fixture.h"

static void every_birthplace_has_its_words(void **state) {
    (void)state;
    const fqpi_optimizer plain = {0};
    fqp_trainer t = {.optimizer = &plain, .opts.lr = 0.5, .last_finite = 0.0834, .now.step = 1240};
    static const struct {
        fqpi_fault fault;
        double last_finite;
        const char *text;
    } rows[] = {
        {{1240, 1, "parameters"},
         0.0834,
         "step 1240: the weights of layer 2 overflowed (loss was 0.0834 at step 1239, train.lr 0.5)"},
        {{1240, 0, "activations"},
         0.0834,
         "step 1240: the outputs of layer 1 overflowed (loss was 0.0834 at step 1239, train.lr 0.5)"},
        {{1239, 4, "gradient"},
         0.0834,
         "step 1239: the gradient of the weights of layer 5 overflowed (loss was 0.0834 at step 1239, train.lr 0.5)"},
        {{0, 0, NULL}, 0.0834, "step 1240: loss is not finite (loss was 0.0834 at step 1239, train.lr 0.5)"},
        {{3, 0, "a word without a row"},
         0.0834,
         "step 1240: loss is not finite (loss was 0.0834 at step 1239, train.lr 0.5)"},
        {{0, 0, NULL}, NAN, "step 1240: loss is not finite (train.lr 0.5)"},
        {{0, 2, "activations"}, NAN, "step 0: the outputs of layer 3 overflowed (train.lr 0.5)"},
    };
    char text[FQPI_FAULT_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        t.fault = rows[i].fault;
        t.last_finite = rows[i].last_finite;
        fqpi_fault_text(&t, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void the_text_is_cut_to_its_place(void **state) {
    (void)state;
    const fqpi_optimizer plain = {0};
    fqp_trainer t = {.optimizer = &plain, .opts.lr = 0.5, .last_finite = NAN};
    char text[10];
    fqpi_fault_text(&t, text, sizeof text);
    assert_string_equal(text, "step 0: l");
}

/* A line search that fails has not made its step: the last finite loss is that of the present one. */
static void a_line_search_stands_where_it_was(void **state) {
    (void)state;
    fqp_trainer t = {.optimizer = fqpi_optimizer_row(find(fqp_optimizer_name, "lbfgs")),
                     .opts.lr = 1,
                     .last_finite = 2,
                     .now.step = 7};
    char text[FQPI_FAULT_TEXT];
    fqpi_fault_text(&t, text, sizeof text);
    assert_string_equal(text, "step 7: loss is not finite (loss was 2 at step 7, train.lr 1)");
}

/* A training whose numbers leave the finite ones says where: by the words of its failure. */
static void expect_words(const char *activation, const char *optimizer, double lr, double weight, double first,
                         int64_t batch, int threads, const char *words) {
    static int64_t hidden[] = {12, 8};
    fixture f;
    fixture_open(&f, threads);
    fixture_data(&f, 40, 2, 1);
    fqp_model_opts mo = small_model(hidden, 2, find(fqp_activation_name, activation), false);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.lr = lr;
    o.batch = batch;
    o.weight_decay = 1;
    o.steps = 50;
    assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
    ((float *)f.net->w)[f.net->layer[1].weight] = (float)weight;
    if (first > 0)
        ((float *)f.net->w)[f.net->layer[0].weight] = (float)first;
    assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 11, NULL, &f.trainer));
    f.trainer->pace.chosen = threads;
    assert_int_equal(fqp_trainer_run(f.trainer), FQP_E_DIVERGED);
    const char *said = fqp_ctx_problem(f.ctx, 0).message;
    if (!strstr(said, words))
        fail_msg("%s, %s: \"%s\" holds no \"%s\"", activation, optimizer, said, words);
    fixture_close(&f);
}

static void a_bad_number_is_named_where_it_is_born(void **state) {
    (void)state;
    for (int threads = 1; threads < 4; threads++)
        for (int64_t batch = 0; batch <= 16; batch += 16) {
            /* tanh hides an infinite weight from the loss: only the update sees it */
            expect_words("tanh", "gd", 999, 3e38, 0, batch, threads, "step 1: the weights of layer 2 overflowed");
            expect_words("relu", "gd", 1e-3, INFINITY, 0, batch, threads, "step 0: the weights of layer 2 overflowed");
            expect_words("relu", "gd", 1e-3, 3e38, 1e9, batch, threads, "step 0: the outputs of layer 2 overflowed");
        }
}

static void a_vanishing_gradient_is_seen(void **state) {
    (void)state;
    static int64_t hidden[] = {12, 8};
    for (int faint = 0; faint < 2; faint++) {
        fixture f;
        fixture_open(&f, 2);
        fixture_data(&f, 40, 2, 1);
        fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, false);
        fqp_train_opts o = fqpi_train_defaults;
        o.steps = 3;
        assert_ok(f.ctx, fqp_model_create(f.ctx, 2, 1, &mo, 5, &f.net));
        for (int64_t i = 0; faint && i < 8; i++) /* the last layer's weights carry the signal back */
            ((float *)f.net->w)[f.net->layer[2].weight + i] = 1e-38F;
        assert_ok(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &o, 11, NULL, &f.trainer));
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        fqp_plan plan = fqp_trainer_plan(f.trainer);
        assert_int_equal(plan.faint_step, faint ? 1 : -1);
        if (faint)
            assert_int_equal(plan.faint_layer, 1);
        fixture_close(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_number_is_named_where_it_is_born), cmocka_unit_test(a_vanishing_gradient_is_seen),
        cmocka_unit_test(every_birthplace_has_its_words),         cmocka_unit_test(the_text_is_cut_to_its_place),
        cmocka_unit_test(a_line_search_stands_where_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
