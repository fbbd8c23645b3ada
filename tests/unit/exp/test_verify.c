/* Verdicts: ranges, needs, controls, and every mistake a recipe can hold. */
#include "unit/exp/room.h"

static const char *const reg =
    "version: 1\n"
    "claims:\n"
    "  - {id: in, statement: inside, kind: exact, accept: {range: [1.4, 1.5]}}\n"
    "  - {id: out, statement: outside, kind: exact, accept: {range: [null, 1]}}\n"
    "  - {id: most, statement: most draws, kind: statistical, accept: {order: i below 5, need: 4/5}}\n"
    "  - {id: all, statement: all draws, kind: statistical, accept: {order: i below 5}}\n"
    "  - {id: late, statement: later, kind: exact, accept: {range: [0, 1]}}\n";

static fqp_verdicts *verify(const char *claims) {
    char text[2048];
    snprintf(text, sizeof text, "recipe: {name: r}\n%s", claims);
    put_file("claims.yaml", reg);
    put_file("r.yaml", text);
    fqp_verdicts *v = NULL;
    works(fqp_verify(ctx, in_room("r.yaml"),
                     &(fqp_verify_request){.dir = in_room("out"), .claims = in_room("claims.yaml")}, &v));
    return v;
}

static void verdicts(void **state) {
    (void)state;
    static const struct {
        const char *claim, *verdict, *control, *measured, *accepted;
    } rows[] = {
        {"{id: in, value: phase_error(0), control: {expect: 1}}", "holds", "fails as it should", "phase_error(0) 1.414",
         "[1.4, 1.5]"},
        {"{id: in, value: phase_error(0), control: {expect: 0}}", "fails", "did not fail", "phase_error(0) 1.414",
         "[1.4, 1.5]"},
        {"{id: in, value: phase_error(0), control: [{expect: 1}, {expect: 2 < 1}]}", "fails", "did not fail",
         "phase_error(0) 1.414", "[1.4, 1.5]"},
        {"{id: out, value: phase_error(0), control: {expect: 1}}", "fails", "fails as it should",
         "phase_error(0) 1.414", "[-inf, 1]"},
        {"{id: out, value: 0/0, control: {expect: 1}}", "fails", "fails as it should", "", "[-inf, 1]"},
        {"{id: most, draws: 5, expect: i < 5, control: {stat: once, expect: 1}}", "holds", "fails as it should",
         ": 4 of 5", "i below 5; 4/5"},
        {"{id: most, draws: 3, expect: i < 3, control: {stat: once, expect: 1}}", "fails", "fails as it should",
         ": 2 of 3", "i below 5; 4/5"},
        {"{id: all, draws: 5, expect: i < 5, control: {stat: once, expect: 1}}", "fails", "fails as it should",
         ": 4 of 5", "i below 5"},
        {"{id: all, draws: 4, expect: i < 5, control: {expect: i < 4}}", "fails", "did not fail", ": 4 of 4",
         "i below 5"},
        {"{id: late, not_run: no way}", "not run", "not run", "", "[0, 1]"},
        {"{id: own, statement: mine, value: phase_error(0), accept: {range: [1, 1.4]}, control: {expect: 1}}", "fails",
         "fails as it should", "phase_error(0) 1.414", "[1, 1.4]"},
        {"{id: own, statement: mine, draws: 5, expect: i < 5, accept: {need: 4/5}, control: {stat: once, expect: 1}}",
         "holds", "fails as it should", ": 4 of 5", "i < 5; 4/5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char claims[512];
        snprintf(claims, sizeof claims, "claims:\n  - %s\n", rows[i].claim);
        fqp_verdicts *v = verify(claims);
        assert_int_equal(fqp_verdicts_count(v), 1);
        const fqp_claim_result r = fqp_verdicts_get(v, 0);
        assert_string_equal(r.verdict, rows[i].verdict);
        assert_string_equal(r.control, rows[i].control);
        assert_string_equal(r.measured, rows[i].measured);
        assert_string_equal(r.accepted, rows[i].accepted);
        fqp_verdicts_destroy(v);
    }
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *claim, *words;
    } rows[] = {
        {"{id: inn, expect: 1, control: {expect: 1}}", "the register has no claim \"inn\"; did you mean \"in\"?"},
        {"{id: in, control: {expect: 1}}", "a claim that is run needs either expect"},
        {"{id: in, expect: 1, value: 1, control: {expect: 1}}", "a claim that is run needs either expect"},
        {"{id: in, expect: 1}", "the control is missing"},
        {"{id: in, expect: 1, control: {says: nothing}}", "a control needs expect"},
        {"{id: in, expect: 1, control: []}", "the control is missing"},
        {"{id: in, expect: 1, control: yes}", "a control is {expect: ..., says: ...}"},
        {"{id: in, expect: 1, stat: often, control: {expect: 1}}", "unknown \"often\"; known: each median mean once"},
        {"{id: in, expect: 1, on: there, control: {expect: 1}}", "there is no condition \"there\" in this recipe"},
        {"{id: in, expect: phase_eror(0), control: {expect: 1}}", "phase_eror"},
        {"{id: in, expect: phase_error(0, 1), control: {expect: 1}}", "phase_error"},
        {"{id: in, expect: 1 +, control: {expect: 1}}", "r.yaml:3"},
        {"{id: in, expect: 1, draws: 0, control: {expect: 1}}", "0 is outside [1, 100]"},
        {"{id: in, expected: 1, control: {expect: 1}}", "expected"},
        {"{id: in, statement: mine, expect: 1, control: {expect: 1}}", "the register states \"in\""},
        {"{id: in, accept: {need: 1/5}, expect: 1, control: {expect: 1}}", "accept"},
        {"{id: own, statement: mine, value: 1, control: {expect: 1}}", "else it could not fail"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, "recipe: {name: r}\nclaims:\n  - %s\n", rows[i].claim);
        put_file("claims.yaml", reg);
        put_file("r.yaml", text);
        fqp_verdicts *v = NULL;
        if (fqp_verify(ctx, in_room("r.yaml"),
                       &(fqp_verify_request){.dir = in_room("out"), .claims = in_room("claims.yaml")}, &v) == FQP_OK)
            fail_msg("accepted: %s", rows[i].claim);
        assert_null(v);
        if (!strstr(said(), rows[i].words))
            fail_msg("%s\nexpected: %s\nsaid: %s", rows[i].claim, rows[i].words, said());
    }
}

/* A recipe of one's own needs no register. */
static void without_register(void **state) {
    (void)state;
    put_file("r.yaml", "recipe: {name: r}\nclaims:\n  - {id: own, statement: mine, expect: 1, control: {expect: 1}}\n");
    fqp_verdicts *v = NULL;
    works(fqp_verify(ctx, in_room("r.yaml"), &(fqp_verify_request){.dir = in_room("out")}, &v));
    assert_string_equal(fqp_verdicts_get(v, 0).verdict, "holds");
    assert_string_equal(fqp_verdicts_get(v, 0).statement, "mine");
    fqp_verdicts_destroy(v);
    v = NULL;
    put_file("r.yaml", "recipe: {name: r}\nclaims:\n  - {id: in, expect: 1, control: {expect: 1}}\n");
    assert_int_equal(fqp_verify(ctx, in_room("r.yaml"), &(fqp_verify_request){.dir = in_room("out")}, &v),
                     FQP_E_CONFIG);
    assert_non_null(strstr(said(), "no statement, and there is no register"));
}

static void recipes(void **state) {
    (void)state;
    put_file("r.yaml",
             "recipe: {name: r, title: T}\nconditions: {wide: {train.lr: 0.5}}\npresets: {smoke: {train.steps: 7}}\n");
    fqp_recipe *r = NULL;
    works(fqp_recipe_load(ctx, in_room("r.yaml"), &r));
    assert_string_equal(fqp_recipe_text(r, "title"), "T");
    assert_string_equal(fqp_recipe_text(r, "about"), "");
    assert_string_equal(fqp_recipe_condition(r, 0), "wide");
    assert_null(fqp_recipe_condition(r, 1));
    fqp_config *c = NULL;
    works(fqp_recipe_config(ctx, r, "wide", "smoke", 1, (const char *const[]){"train.steps=9"}, &c));
    const fqp_train_opts *t = fqp_config_section(c, "train");
    assert_true(t->lr == 0.5 && t->steps == 9); /* condition, then preset, then --set */
    fqp_config_destroy(c);
    assert_int_equal(fqp_recipe_config(ctx, r, "wise", "smok", 0, NULL, &c), FQP_E_CONFIG);
    assert_non_null(strstr(said(), "no condition \"wise\" here; did you mean \"wide\"?"));
    assert_non_null(strstr(said(), "no preset \"smok\" here; did you mean \"smoke\"?"));
    fqp_recipe_destroy(r);
    put_file("r.yaml", "recipe: {nam: r}\nclaims: {}\n");
    assert_int_equal(fqp_recipe_load(ctx, in_room("r.yaml"), &r), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(ctx), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(mistakes),
                                       cmocka_unit_test(recipes), cmocka_unit_test(without_register)};
    return cmocka_run_group_tests(tests, enter, leave);
}
