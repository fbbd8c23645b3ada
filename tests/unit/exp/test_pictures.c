/* Figures of a recipe: their numbers, their mistakes, and claims by region. */
#include "unit/exp/room.h"

static const char *const claim = "claims:\n"
                                 "  - {id: own, statement: s, expect: 1, control: {expect: 1}}\n";

static fqp_status verify(const char *body, const fqp_verify_request *request, fqp_verdicts **v) {
    char text[2048];
    snprintf(text, sizeof text, "recipe: {name: r, title: T}\n%s", body);
    put_file("r.yaml", text);
    *v = NULL;
    return fqp_verify(ctx, in_room("r.yaml"), request, v);
}

static json_t *figures_of(const char *figures) {
    char body[2048];
    fqp_verdicts *v;
    snprintf(body, sizeof body, "%s%s", claim, figures);
    works(verify(body, &(fqp_verify_request){.dir = in_room("out")}, &v));
    json_t *root = json_loads(fqp_verdicts_figures(v), 0, NULL);
    fqp_verdicts_destroy(v);
    assert_non_null(root);
    return root;
}

static double number(const json_t *o, const char *key, size_t i) {
    return json_number_value(json_array_get(json_object_get(o, key), i));
}

static void curves(void **state) {
    (void)state;
    json_t *root = figures_of("figures:\n"
                              "  - title: Squares\n"
                              "    x: {label: place, from: 1, to: 100, n: 3, log: true}\n"
                              "    y: {label: value, log: true}\n"
                              "    curves:\n"
                              "      - {name: square, y: x*x}\n"
                              "      - {name: own abscissa, x: 2*x, y: phase_error(0), style: dashed}\n"
                              "      - {name: never, y: 1/0, style: points}\n");
    json_t *f = json_array_get(json_object_get(root, "figures"), 0), *list = json_object_get(f, "curves");
    assert_string_equal(json_string_value(json_object_get(f, "kind")), "curves");
    assert_true(json_is_true(json_object_get(json_object_get(f, "x"), "log")));
    const double place[] = {1, 10, 100};
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(number(json_array_get(list, 0), "x", i) - (place[i])) <= 1e-12 * place[i]);
        assert_true(fabs(number(json_array_get(list, 0), "y", i) - (place[i] * place[i])) <=
                    1e-9 * place[i] * place[i]);
        assert_true(fabs(number(json_array_get(list, 1), "x", i) - (2 * place[i])) <= 1e-12 * place[i]);
        assert_true(fabs(number(json_array_get(list, 1), "y", i) - (sqrt(2))) <= 1e-9);
        assert_true(json_is_string(json_array_get(json_object_get(json_array_get(list, 2), "y"), i)));
    }
    json_decref(root);
}

static const char *const run = "run: {seeds: 3}\n"
                               "data: {source: expr, target: [sin(x)], lower: [-3], upper: [3], n: [21]}\n"
                               "model: {hidden: [4], activation: tanh}\n"
                               "train: {optimizer: gd, lr: 0.01, steps: 3}\n"
                               "monitor: {record: \"every:1\"}\n"
                               "conditions:\n"
                               "  wide: {model.hidden: [8]}\n";

/* A cell over seeds is their median with the quantiles; conditions of figures are run even when no claim asks. */
static void map(void **state) {
    (void)state;
    char figures[1024];
    snprintf(figures, sizeof figures,
             "%sfigures:\n  - {title: M, rows: [{name: four, on: base}, {name: eight, on: wide}],\n"
             "     columns: [{name: e, value: error(1)}, {name: s, value: error(1), stat: once}]}\n",
             run);
    json_t *root = figures_of(figures);
    const json_t *rows = json_object_get(json_array_get(json_object_get(root, "figures"), 0), "rows");
    assert_int_equal(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(rows, i);
        assert_true(number(row, "low", 0) < number(row, "value", 0));
        assert_true(number(row, "value", 0) < number(row, "high", 0));
        assert_true(number(row, "low", 1) == number(row, "value", 1) && number(row, "value", 1) > 0);
    }
    json_decref(root);
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *figure, *words;
    } rows[] = {
        {"{curves: [{y: x}]}", "needs x: {label"},
        {"{x: {values: [1]}, curves: [{y: z}]}", "\"z\""},
        {"{x: {values: [1]}, curves: [{y: gapp()}]}", "gapp"},
        {"{x: {values: [1]}, curves: [{name: a}]}", "y is missing"},
        {"{x: {values: [1]}, curves: [{y: x, style: bold}]}", "unknown \"bold\"; known: line dashed points"},
        {"{x: {values: [1]}, curves: [{y: x, on: there}]}", "there is no condition \"there\""},
        {"{x: {values: [1]}, curve: [{y: x}]}", "did you mean \"curves\"?"},
        {"{x: {values: [one]}, curves: [{y: x}]}", "one"},
        {"{x: {from: 1, to: 2}, curves: [{y: x}]}", "or from, to and n"},
        {"{x: {from: 1, to: 2, n: 1}, curves: [{y: x}]}", "1 is outside [2, 1024]"},
        {"{x: {from: 0, to: 2, n: 3, log: true}, curves: [{y: x}]}", "needs from and to above 0"},
        {"{x: {values: [1]}}", "needs curves: [...], or rows and columns"},
        {"{rows: [{name: a, on: there}], columns: [{value: 1}]}", "there is no condition \"there\""},
        {"{rows: [{name: a}], columns: [{name: b}]}", "value is missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024];
        fqp_verdicts *v;
        snprintf(body, sizeof body, "%sfigures:\n  - %s\n", claim, rows[i].figure);
        if (verify(body, &(fqp_verify_request){.dir = in_room("out")}, &v) == FQP_OK)
            fail_msg("accepted: %s", rows[i].figure);
        if (!strstr(said(), rows[i].words))
            fail_msg("%s\nexpected: %s\nsaid: %s", rows[i].figure, rows[i].words, said());
    }
}

static void regions(void **state) {
    (void)state;
    put_file("claims.yaml", "version: 1\nclaims:\n"
                            "  - {id: a, region: S1, statement: s, accept: {range: [0, 2]}}\n"
                            "  - {id: b, region: S2, statement: s, accept: {range: [0, 2]}}\n");
    char body[1024];
    snprintf(body, sizeof body,
             "%sclaims:\n  - {id: a, on: wide, value: error(1), control: {expect: 1}}\n"
             "  - {id: b, value: error(1), control: {expect: 1}}\n"
             "figures:\n  - {title: M, rows: [{name: eight, on: wide}], columns: [{value: error(1)}]}\n",
             run);
    fqp_verdicts *v;
    fqp_verify_request request = {.dir = in_room("some"), .claims = in_room("claims.yaml"), .region = "S2"};
    works(verify(body, &request, &v));
    assert_int_equal(fqp_verdicts_count(v), 1);
    assert_string_equal(fqp_verdicts_get(v, 0).id, "b");
    assert_int_not_equal(access(in_room("some/base/manifest.json"), F_OK), -1);
    assert_int_equal(access(in_room("some/wide"), F_OK), -1); /* neither claim a nor the figure makes that run */
    fqp_verdicts_destroy(v);
    request.dir = in_room("none");
    request.claims = in_room("claims.yaml");
    request.region = "S7";
    works(verify(body, &request, &v));
    assert_int_equal(fqp_verdicts_count(v), 0);
    assert_int_equal(access(in_room("none"), F_OK), -1);
    fqp_verdicts_destroy(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(curves, enter, leave),
        cmocka_unit_test_setup_teardown(map, enter, leave),
        cmocka_unit_test_setup_teardown(mistakes, enter, leave),
        cmocka_unit_test_setup_teardown(regions, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
