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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_birthplace_has_its_words),
        cmocka_unit_test(the_text_is_cut_to_its_place),
        cmocka_unit_test(a_line_search_stands_where_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
