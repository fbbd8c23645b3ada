/* Conditions made from a table of axes: their names, settings, means over an axis, and what a table can have wrong. */
#include "unit/exp/room.h"

static const char *const text =
    "recipe: {name: r}\n"
    "data: {target: [\"sin(x)\"], n: [32], endpoint: false, lower: [0], upper: [6.283185307179586]}\n"
    "model: {hidden: [4]}\n"
    "train: {steps: 2, lr: 0.1}\n"
    "conditions: {one: {train.steps: 3}}\n"
    "presets: {smoke: {train.lr: 0.7}}\n"
    "sweep:\n"
    "  loss: {mae: {train.loss: mae}, l4: {train.loss: l4}}\n"
    "  scale: {0.5: {model.init: normal, model.weight_std: 0.5}}\n"
    "  cross: [[loss, scale]]\n";

static void names_and_settings(void **state) {
    (void)state;
    static const char *const names[] = {"one",       "loss_mae",           "loss_l4",
                                        "scale_0_5", "loss_mae_scale_0_5", "loss_l4_scale_0_5"};
    put_file("r.yaml", text);
    fqp_recipe *r = NULL;
    works(fqp_recipe_load(ctx, in_room("r.yaml"), &r));
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(fqp_recipe_condition(r, i), names[i]);
    assert_null(fqp_recipe_condition(r, 6));
    fqp_config *c = NULL;
    works(fqp_recipe_config(ctx, r, "loss_l4_scale_0_5", "smoke", 1, (const char *const[]){"train.steps=9"}, &c));
    const fqp_train_opts *t = fqp_config_section(c, "train");
    const fqp_model_opts *m = fqp_config_section(c, "model");
    assert_string_equal(fqp_loss_name((size_t)t->loss, NULL), "l4");
    assert_true(m->weight_std == 0.5 && t->lr == 0.7 && t->steps == 9);
    fqp_config_destroy(c);
    works(fqp_recipe_config(ctx, r, "loss_mae", NULL, 0, NULL, &c));
    t = fqp_config_section(c, "train");
    assert_string_equal(fqp_loss_name((size_t)t->loss, NULL), "mae");
    assert_true(t->steps == 2);
    fqp_config_destroy(c);
    fqp_recipe_destroy(r);
}

/* An axis in the place of a condition: the mean over its conditions, crosses left out. */
static void means_over_an_axis(void **state) {
    (void)state;
    char all[2048];
    snprintf(all, sizeof all,
             "%sclaims:\n"
             "  - id: mean\n"
             "    statement: the loss of an axis is the mean over it\n"
             "    stat: once\n"
             "    expect: abs(loss.loss() - (loss_mae.loss() + loss_l4.loss())/2) < 1e-15 && loss.loss() > 0\n"
             "    control: {stat: once, expect: loss_mae.loss() != loss_l4.loss()}\n",
             text);
    put_file("r.yaml", all);
    fqp_verdicts *v = NULL;
    works(fqp_verify(ctx, in_room("r.yaml"), &(fqp_verify_request){.dir = in_room("out")}, &v));
    assert_string_equal(fqp_verdicts_get(v, 0).verdict, "holds");
    fqp_verdicts_destroy(v);
    assert_true(access(in_room("out/loss_l4"), F_OK) == 0);
    assert_true(access(in_room("out/loss_l4_scale_0_5"), F_OK) != 0); /* nobody asked for it */
    assert_true(access(in_room("out/scale_0_5"), F_OK) != 0);
}

static void every_mistake_is_named(void **state) {
    (void)state;
    static const struct {
        const char *sweep, *says;
    } rows[] = {
        {"sweep: 3", "expected axes, found a single value"},
        {"sweep: {loss: [mae]}", "expected names with settings below each, found a list"},
        {"sweep: {a: {1: {train.steps: 1}}, cross: a}", "expected a list of pairs of axes, found a single value"},
        {"sweep: {a: {1: {train.steps: 1}}, cross: [[a, b]]}", "expected the names of two axes of this sweep"},
        {"sweep: {a: {1: {train.steps: 1}}, cross: [[a, a]]}", "expected the names of two axes of this sweep"},
        {"sweep: {a: {1: {train.steps: 1}}, cross: [a]}", "expected the names of two axes of this sweep"},
        {"sweep: {a: {0.1: {train.steps: 1}, 0_1: {train.steps: 1}}}", "there is another condition \"a_0_1\""},
        {"conditions: {a_1: {train.steps: 1}}\nsweep: {a: {1: {train.steps: 1}}}",
         "there is another condition \"a_1\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char whole[512];
        snprintf(whole, sizeof whole, "recipe: {name: r}\n%s\n", rows[i].sweep);
        put_file("r.yaml", whole);
        fqp_recipe *r = NULL;
        assert_int_equal(fqp_recipe_load(ctx, in_room("r.yaml"), &r), FQP_E_CONFIG);
        assert_null(r);
        if (!strstr(said(), rows[i].says))
            fail_msg("\"%s\" is not in: %s", rows[i].says, said());
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_settings),
        cmocka_unit_test(means_over_an_axis),
        cmocka_unit_test(every_mistake_is_named),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
