/* The table of remedies: facts of targets against what the targets are made of, and every row on every kind of target
 * that it serves: its settings are read, its network meets the budget, it trains. */
#include "unit/exp/room.h"

#include <fqp/remedy.h>
#include <fqp/train.h>

static fqp_dataset *data_of(const char *text) {
    fqp_config *c = configured(text);
    fqp_dataset *d = NULL;
    works(fqp_dataset_create(ctx, fqp_config_section(c, "data"), 1, c, &d));
    fqp_config_destroy(c);
    return d;
}

static fqp_facts facts_of(const char *text) {
    fqp_dataset *d = data_of(text);
    fqp_facts f;
    works(fqp_facts_of(ctx, d, &f));
    fqp_dataset_destroy(d);
    return f;
}

/* ---- facts ------------------------------------------------------------------------------------------------------ */

static void two_waves_are_two_peaks(void **state) {
    (void)state;
    const fqp_facts f =
        facts_of("data: {target: [\"sin(2*pi*3*x) + 0.1*cos(2*pi*20*x)\"], lower: [-1], upper: [1], n: [256], "
                 "endpoint: false}");
    assert_string_equal(f.kind, "curve");
    assert_true(f.grid && f.lines);
    assert_int_equal(f.peaks, 2);
    assert_true(fabs(f.peak[0][0] - 3) < 0.5 && fabs(f.peak[1][0] - 20) < 0.5);
    assert_true(fabs(f.low[0] - 3) <=
                0.5); /* of the energy 1 % is in the second wave: the peak says where the band ends */
    assert_true(fabs(f.high[0] - 20) <= 0.5);
    assert_true(fabs(f.nyquist[0] - 64) < 1e-9);
    assert_true(fabs(f.half[0] - (1 - 1 / 256.0)) < 1e-12);
}

/* What leaks from the ends of a target that is not periodic stays small under the window. */
static void a_ramp_has_no_high_band(void **state) {
    (void)state;
    const fqp_facts f = facts_of("data: {target: [\"x\"], lower: [0], upper: [4], n: [400]}");
    assert_true(fqp_facts_cycles(&f) <= 4);
}

static void axes_are_told_apart(void **state) {
    (void)state;
    const fqp_facts f =
        facts_of("data: {target: [\"sin(2*pi*2*x) * cos(2*pi*9*y)\"], lower: [0, 0], upper: [1, 1], n: [32, 64], "
                 "endpoint: false}");
    assert_string_equal(f.kind, "image");
    assert_true(fabs(f.high[0] - 2) <= 1 && fabs(f.high[1] - 9) <= 1);
    assert_true(fabs(f.nyquist[0] - 16) < 1e-9 && fabs(f.nyquist[1] - 32) < 1e-9);
    assert_int_equal(f.peaks, 2); /* (2, 9) and (2, -9) */
}

/* Random points: the noise of their scatter is not taken for high frequencies. */
static void scattered_points_show_their_band(void **state) {
    (void)state;
    const fqp_facts f =
        facts_of("data: {target: [\"sin(2*pi*2*x1) + 0*x2\"], lower: [0, 0], upper: [1, 1], n: [4000], sampling: "
                 "random}");
    assert_string_equal(f.kind, "table");
    assert_false(f.grid);
    assert_true(f.high[0] >= 1.5 && f.high[0] <= 6);
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *kind, *text;
} targets[] = {
    {"curve", "data: {target: [\"sin(4*x) + 0.3*sin(30*x)\"], lower: [-1], upper: [1], n: [64]}"},
    {"image",
     "data: {target: [\"sin(9*x)*cos(5*y)\", \"x*y\", \"cos(14*y)\"], lower: [-1, -1], upper: [1, 1], n: [12, 10]}"},
    {"volume", "data: {target: [\"sin(5*x)*cos(5*y)*sin(3*z)\"], lower: [-1, -1, -1], upper: [1, 1, 1], n: [5, 6, 7]}"},
    {"table", "data: {target: [\"sin(6*x1)*cos(3*x2)\"], lower: [-1, -1], upper: [1, 1], n: [120], sampling: sobol}"},
};

static const long long budget = 4000;

static void serve(const fqp_remedy *r, size_t t, const fqp_facts *f) {
    fqp_prescription p;
    const fqp_status s = fqp_remedy_prescribe(ctx, r, f, budget, &p);
    if (s)
        fail_msg("%s on a %s: %s", r->name, targets[t].kind, said());
    if (llabs(p.parameters - budget) > budget / 10)
        fail_msg("%s on a %s: %lld parameters for a budget of %lld", r->name, targets[t].kind, (long long)p.parameters,
                 budget);
    fqp_config *short_run = NULL;
    const char *more[64];
    for (size_t i = 0; i < p.set.n && i < 60; i++)
        more[i] = p.set.v[i];
    more[p.set.n] = "train.steps=5";
    if (fqp_config_parse(ctx, "target", targets[t].text, p.set.n + 1, more, &short_run))
        fail_msg("%s on a %s: %s", r->name, targets[t].kind, said());
    fqp_dataset *data = data_of(targets[t].text);
    fqp_model *model = NULL;
    fqp_trainer *trainer = NULL;
    works(fqp_model_create(ctx, data->d, data->m, fqp_config_section(short_run, "model"), 1, &model));
    if (fqp_trainer_create(ctx, model, data, fqp_config_section(short_run, "train"), 1, short_run, &trainer) ||
        fqp_trainer_run(trainer))
        fail_msg("%s on a %s: %s", r->name, targets[t].kind, said());
    assert_true(fqp_trainer_steps_done(trainer) >= 1);
    fqp_trainer_destroy(trainer);
    fqp_model_destroy(model);
    fqp_dataset_destroy(data);
    fqp_config_destroy(short_run);
    fqp_prescription_free(&p);
}

static void every_row_serves_what_it_says(void **state) {
    (void)state;
    for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
        const fqp_facts f = facts_of(targets[t].text);
        for (size_t i = 0; fqp_remedy_at(i); i++) {
            char why[512];
            const fqp_remedy *r = fqp_remedy_at(i);
            assert_true(*r->doc && *r->paper && *r->serves);
            if (fqp_remedy_serves(r, &f, why, sizeof why)) {
                serve(r, t, &f);
                continue;
            }
            assert_true(strlen(why) > 10);
            fqp_prescription p;
            assert_int_equal(fqp_remedy_prescribe(ctx, r, &f, budget, &p), FQP_E_UNSUPPORTED);
            assert_non_null(strstr(said(), why));
            fqp_ctx_problems_clear(ctx);
        }
    }
}

static void a_mistyped_name_finds_its_neighbour(void **state) {
    (void)state;
    assert_null(fqp_remedy_find(ctx, "sirn"));
    assert_non_null(strstr(said(), "did you mean \"siren\"?"));
    fqp_ctx_problems_clear(ctx);
    assert_null(fqp_remedy_find(ctx, "what is this"));
    assert_non_null(strstr(said(), "known: plain relu siren"));
    fqp_ctx_problems_clear(ctx);
    for (size_t i = 0; fqp_remedy_at(i); i++)
        assert_ptr_equal(fqp_remedy_find(ctx, fqp_remedy_at(i)->name), fqp_remedy_at(i)); /* names are unique */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_waves_are_two_peaks),       cmocka_unit_test(a_ramp_has_no_high_band),
        cmocka_unit_test(axes_are_told_apart),           cmocka_unit_test(scattered_points_show_their_band),
        cmocka_unit_test(every_row_serves_what_it_says), cmocka_unit_test(a_mistyped_name_finds_its_neighbour),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
