/* Advice: every formula on targets whose spectrum is known, against numbers worked out by hand; the trials and what is
 * made of them; arrays in other units; what is refused. */
#include "unit/exp/room.h"

#include <fqp/advise.h>

static const double PI = 3.14159265358979323846;

static json_t *parsed(char *text) {
    json_t *j = text ? json_loads(text, 0, NULL) : NULL;
    fqpi_free_text(text);
    assert_non_null(j);
    return j;
}

static json_t *advised_config(const char *yaml, fqp_advise_opts o) {
    fqp_config *c = configured(yaml);
    char *text = NULL;
    works(fqp_advise_config(ctx, c, &o, &text));
    fqp_config_destroy(c);
    return parsed(text);
}

static json_t *advised(const double *x, const double *y, int64_t n, int64_t d, fqp_advise_opts o) {
    char *text = NULL;
    works(fqp_advise(ctx, fqp_view_2d(x, n, d), fqp_view_1d(y, n), &o, &text));
    return parsed(text);
}

static const json_t *named(const json_t *list, const char *name) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")), name) == 0)
            return json_array_get(list, i);
    return NULL;
}

static const json_t *setting(const json_t *j, const char *name) {
    const json_t *s = named(json_object_get(j, "settings"), name);
    assert_non_null(s);
    return s;
}

static double item(const json_t *j, const char *key, size_t i) {
    const json_t *v = json_object_get(j, key);
    v = json_is_array(v) ? json_array_get(v, i) : v;
    assert_true(json_is_number(v));
    return json_number_value(v);
}

static void near(double a, double b, double relative) {
    if (!(fabs(a - b) <= relative * fabs(b)))
        fail_msg("%.9g is not %.9g", a, b);
}

/* ---- formulas --------------------------------------------------------------------------------------------------- */

/* sin(16 pi x) on 256 points of [-1, 1): period 2, bins half a cycle per unit apart, the wave in bin 16.  A Hann window
 * puts a sixth of the energy into each neighbour, so that 98 % ends in bin 17: 8.5 cycles per unit. */
static void a_tone_says_every_number(void **state) {
    (void)state;
    json_t *j =
        advised_config("data: {target: [\"sin(2*pi*8*x)\"], lower: [-1], upper: [1], n: [256], endpoint: false}",
                       (fqp_advise_opts){.settings = true});
    const double half = 1 - 1.0 / 256, edge = 8.5;
    near(item(json_object_get(j, "target"), "high", 0), edge, 1e-12);
    near(item(setting(j, "sigma of Fourier features"), "value", 0), edge / 3, 1e-4);
    near(item(setting(j, "sigma of Fourier features"), "scaled", 0), half * edge / 3, 1e-4);
    near(item(setting(j, "omega_0 of SIREN"), "value", 0), 2 * PI * edge / 5, 1e-3);
    near(item(setting(j, "omega_0 of SIREN"), "scaled", 0), half * 2 * PI * edge / 5, 1e-3);
    const json_t *scales = setting(j, "scales of MscaleDNN");
    const size_t last = json_array_size(json_object_get(scales, "value")) - 1;
    assert_int_equal(last, 6); /* 1 + log2(53.2) rounded up */
    near(item(scales, "value", 0), 1 / half, 1e-4);
    near(item(scales, "value", last), 2 * PI * edge, 1e-4);
    near(item(setting(j, "phases of PhaseDNN"), "value", 0), 2 * PI * 8, 1e-4);
    const json_t *samples = setting(j, "samples");
    near(item(samples, "value", 0), ceil(6 * 2 * half * edge) + 1, 1e-12);
    near(item(samples, "nyquist", 0), ceil(2 * 2 * half * edge) + 1, 1e-12);
    near(item(samples, "have", 0), 256, 1e-12);
    near(item(setting(j, "parameters"), "value", 0), 5000, 1e-12);
    assert_int_equal(json_array_size(json_object_get(j, "warnings")), 0);
    assert_null(json_object_get(j, "answer"));
    json_decref(j);
}

/* The formula of SIREN counts inputs: a neuron of the first layer adds d of them. */
static void axes_have_their_own_sigma(void **state) {
    (void)state;
    json_t *j = advised_config("data: {target: [\"sin(2*pi*2*x)*cos(2*pi*6*y)\"], lower: [-1, -1], upper: [1, 1], "
                               "n: [64, 64], endpoint: false}",
                               (fqp_advise_opts){.settings = true});
    const json_t *sigma = setting(j, "sigma of Fourier features");
    near(item(sigma, "value", 0), 2.5 / 3, 1e-3);
    near(item(sigma, "value", 1), 6.5 / 3, 1e-3);
    near(item(setting(j, "omega_0 of SIREN"), "value", 0), 2 * PI * 6.5 * 2 / 5, 1e-3);
    json_decref(j);
}

static void scattered_waves_are_seen_across_the_axes(void **state) {
    (void)state;
    enum { N = 900 };
    static double x[2 * N], y[N];
    for (int j = 0; j < N; j++) {
        x[2 * j] = fmod(j * 0.7548776662466927, 1);
        x[2 * j + 1] = fmod(j * 0.5698402909980532, 1);
        y[j] = sin(2 * PI * (4 * x[2 * j] - 3 * x[2 * j + 1]));
    }
    json_t *j = advised(x, y, N, 2, (fqp_advise_opts){.settings = true});
    const json_t *target = json_object_get(j, "target");
    /* a box of length 1 smears a wave over three cycles per unit */
    assert_true(fabs(item(target, "high", 0) - 4.5) <= 1.1 && fabs(item(target, "high", 1) - 3.5) <= 1.1);
    const json_t *peak = json_array_get(json_object_get(target, "peaks"), 0);
    const double kx = json_number_value(json_array_get(peak, 0)), ky = json_number_value(json_array_get(peak, 1));
    assert_true(fabs(kx - 4) <= 0.3 && fabs(ky + 3) <= 0.3);
    assert_non_null(json_object_get(setting(j, "phases of PhaseDNN"), "why")); /* needs a grid */
    json_decref(j);
}

/* ---- what cannot be trusted ------------------------------------------------------------------------------------- */

/* A tenth of noise: said, and not taken for waves. */
static void noise_is_no_wave(void **state) {
    (void)state;
    json_t *j = advised_config("data: {target: [\"sin(2*pi*5*x)\"], lower: [-1], upper: [1], n: [400], noise: 0.0707}",
                               (fqp_advise_opts){.settings = true});
    const json_t *noise = named(json_object_get(j, "warnings"), "noise");
    assert_non_null(noise);
    assert_true(item(noise, "number", 0) > 0.07 && item(noise, "number", 0) < 0.13);
    assert_true(fabs(item(json_object_get(j, "target"), "high", 0) - 5) <= 1);
    json_decref(j);
}

static void a_wave_near_nyquist_is_doubted(void **state) {
    (void)state;
    json_t *j = advised_config("data: {target: [\"sin(2*pi*13.6*x)\"], lower: [-1], upper: [1], n: [60]}",
                               (fqp_advise_opts){.settings = true});
    const json_t *doubt = named(json_object_get(j, "warnings"), "nyquist");
    assert_non_null(doubt);
    assert_true(item(doubt, "number", 0) >= 0.8 && item(doubt, "number", 0) <= 1.01);
    assert_non_null(named(json_object_get(j, "warnings"), "samples"));
    json_decref(j);
}

/* ---- trials ----------------------------------------------------------------------------------------------------- */

static const char *const wavy =
    "data: {target: [\"sin(2*pi*9*x) + 0.5*cos(2*pi*6*x)\"], lower: [-1], upper: [1], n: [240]}";

static void waves_want_a_remedy(void **state) {
    (void)state;
    json_t *j = advised_config(wavy, (fqp_advise_opts){.steps = 300});
    const json_t *answer = json_object_get(j, "answer"), *list = json_object_get(j, "candidates");
    assert_true(json_is_false(json_object_get(answer, "plain")));
    assert_true(item(answer, "error", 0) < 0.2 && item(answer, "plain_error", 0) > 0.5);
    assert_string_equal(json_string_value(json_object_get(j, "status")), "done");
    assert_int_equal(json_array_size(list), 5);
    /* five a tenth of the way, two of them to the end */
    near(item(json_object_get(j, "budget"), "steps_taken", 0), 5 * 30 + 2 * 270, 1e-12);
    assert_int_equal((int)item(json_object_get(j, "held"), "points", 0), 48);
    assert_int_equal((int)item(json_object_get(j, "held"), "train", 0), 192);
    near(item(answer, "error", 0), item(json_array_get(list, 0), "error", 0), 1e-12);
    json_decref(j);
}

static void smooth_wants_nothing(void **state) {
    (void)state;
    json_t *j = advised_config("data: {target: [\"exp(-2*x^2) + 0.3*x\"], lower: [-1], upper: [1], n: [200]}",
                               (fqp_advise_opts){.steps = 500});
    const json_t *answer = json_object_get(j, "answer");
    assert_true(json_is_true(json_object_get(answer, "plain")));
    assert_true(item(answer, "plain_error", 0) < 0.02);
    assert_non_null(strstr(json_string_value(json_object_get(answer, "sentence")), "A plain network is enough"));
    json_decref(j);
}

static void the_same_steps_say_the_same(void **state) {
    (void)state;
    json_t *first = advised_config(wavy, (fqp_advise_opts){.steps = 60}),
           *again = advised_config(wavy, (fqp_advise_opts){.steps = 60}),
           *other = advised_config(wavy, (fqp_advise_opts){.steps = 60, .seed = 2});
    const json_t *a = json_object_get(first, "candidates"), *b = json_object_get(again, "candidates");
    bool differs = false;
    for (size_t i = 0; i < json_array_size(a); i++) {
        const double e = item(json_array_get(a, i), "error", 0);
        assert_true(e == item(json_array_get(b, i), "error", 0));
        differs = differs || e != item(json_array_get(json_object_get(other, "candidates"), i), "error", 0);
    }
    assert_true(differs);
    json_decref(first);
    json_decref(again);
    json_decref(other);
}

static void named_remedies_take_part(void **state) {
    (void)state;
    static const char *const names[] = {"finer", "mscale"};
    json_t *j = advised_config(wavy, (fqp_advise_opts){.steps = 40, .remedy = names, .nremedies = 2});
    const json_t *list = json_object_get(j, "candidates");
    assert_int_equal(json_array_size(list), 5); /* plain, finer times 1/2, 1, 2, mscale */
    double factors = 0;
    for (size_t i = 0; i < 5; i++)
        factors += item(json_array_get(list, i), "factor", 0);
    near(factors, 1 + 0.5 + 1 + 2 + 1, 1e-12);
    json_decref(j);
}

/* Kelvin by millimetres: the same advice as in units of 1, in both units. */
static void other_units_say_the_same(void **state) {
    (void)state;
    enum { N = 240 };
    static double x[N], y[N], far[N], hot[N];
    for (int j = 0; j < N; j++) {
        x[j] = -1 + 2.0 * j / (N - 1);
        y[j] = sin(2 * PI * 7 * x[j]);
        far[j] = 3000 + 1000 * x[j];
        hot[j] = 290 + 4 * y[j];
    }
    json_t *near_one = advised(x, y, N, 1, (fqp_advise_opts){.steps = 200}),
           *moved = advised(far, hot, N, 1, (fqp_advise_opts){.steps = 200, .dir = in_room("moved")});
    const json_t *a = setting(near_one, "omega_0 of SIREN"), *b = setting(moved, "omega_0 of SIREN");
    assert_null(json_object_get(near_one, "moved"));
    assert_non_null(json_object_get(moved, "moved"));
    assert_non_null(named(json_object_get(moved, "warnings"), "scale"));
    near(item(b, "scaled", 0), item(a, "scaled", 0), 1e-3);
    near(item(b, "value", 0), item(a, "value", 0) / 1000, 1e-3);
    assert_true(item(json_object_get(moved, "answer"), "error", 0) < 0.2);
    fqp_config *c = NULL; /* what is written is complete */
    fqp_dataset *data = NULL;
    works(fqp_config_load(ctx, in_room("moved/advice.yaml"), 0, NULL, &c));
    works(fqp_dataset_create(ctx, fqp_config_section(c, "data"), 1, c, &data));
    assert_int_equal(data->n, N);
    fqp_dataset_destroy(data);
    fqp_config_destroy(c);
    json_decref(near_one);
    json_decref(moved);
}

/* ---- what is refused -------------------------------------------------------------------------------------------- */

static void refused(const double *x, const double *y, int64_t n, const char *word) {
    char *text = NULL;
    const fqp_status s = fqp_advise(ctx, fqp_view_1d(x, n), fqp_view_1d(y, n), NULL, &text);
    assert_int_equal(s, FQP_E_DATA);
    assert_null(text);
    if (!strstr(said(), word))
        fail_msg("\"%s\" is not in: %s", word, said());
    fqp_ctx_problems_clear(ctx);
}

static void mistakes_are_said(void **state) {
    (void)state;
    double x[40], y[40];
    for (int j = 0; j < 40; j++) {
        x[j] = j / 39.0;
        y[j] = 3.25;
    }
    refused(x, y, 40, "y is 3.25 at all 40 points");
    y[3] = 1;
    refused(x, y, 9, "9 points are too few");
    y[7] = NAN;
    refused(x, y, 40, "data.y: element (7, 0) of the array of outputs is not a number");
    y[7] = 0;
    x[2] = INFINITY;
    refused(x, y, 40, "data.x: element (2, 0)");
    x[2] = 2 / 39.0;
    static const char *const wrong[] = {"sirn"};
    char *text = NULL;
    assert_int_equal(fqp_advise(ctx, fqp_view_1d(x, 40), fqp_view_1d(y, 40),
                                &(fqp_advise_opts){.remedy = wrong, .nremedies = 1}, &text),
                     FQP_E_ARG);
    assert_non_null(strstr(said(), "did you mean \"siren\"?"));
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_advise(ctx, fqp_view_1d(x, 40), fqp_view_1d(y, 39), NULL, &text), FQP_E_SHAPE);
    fqp_ctx_problems_clear(ctx);
}

static void an_interrupt_leaves_what_is_known(void **state) {
    (void)state;
    fqp_config *c = configured(wavy);
    char *text = NULL;
    fqp_ctx_interrupt(ctx);
    assert_int_equal(fqp_advise_config(ctx, c, &(fqp_advise_opts){.steps = 50}, &text), FQP_E_INTERRUPTED);
    fqp_ctx_interrupt_clear(ctx);
    fqp_ctx_problems_clear(ctx);
    fqp_config_destroy(c);
    json_t *j = parsed(text);
    assert_string_equal(json_string_value(json_object_get(j, "status")), "interrupted");
    assert_non_null(setting(j, "sigma of Fourier features"));
    json_decref(j);
}

static void memory_may_run_out(void **state) {
    (void)state;
    double x[64], y[64];
    for (int j = 0; j < 64; j++) {
        x[j] = j / 63.0;
        y[j] = sin(20 * x[j]);
    }
    fqp_status s = FQP_E_NOMEM;
    long at = 0;
    for (; s == FQP_E_NOMEM && at < 1000000; at += 1 + at / 16) {
        char *text = NULL;
        fqpi_mem_fail_after(ctx, at);
        s = fqp_advise(ctx, fqp_view_1d(x, 64), fqp_view_1d(y, 64), &(fqp_advise_opts){.steps = 10, .parameters = 300},
                       &text);
        fqpi_mem_fail_after(ctx, -1);
        fqp_ctx_problems_clear(ctx);
        fqpi_free_text(text);
    }
    assert_int_equal(s, FQP_OK);
    assert_true(at > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_says_every_number),
        cmocka_unit_test(axes_have_their_own_sigma),
        cmocka_unit_test(scattered_waves_are_seen_across_the_axes),
        cmocka_unit_test(noise_is_no_wave),
        cmocka_unit_test(a_wave_near_nyquist_is_doubted),
        cmocka_unit_test(waves_want_a_remedy),
        cmocka_unit_test(smooth_wants_nothing),
        cmocka_unit_test(the_same_steps_say_the_same),
        cmocka_unit_test(named_remedies_take_part),
        cmocka_unit_test(other_units_say_the_same),
        cmocka_unit_test(mistakes_are_said),
        cmocka_unit_test(an_interrupt_leaves_what_is_known),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
