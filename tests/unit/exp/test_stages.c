/* What a stage is asked to learn, from functions so far that are known; and whole runs of small stages. */
#include "room.h"

#include "stages.h"

#include "kernel.h"

/* A seed of `yaml` on one thread, up to its first stage; nothing is stored. */
typedef struct bench {
    fqp_config *config;
    fqp_dataset *data;
    fqpi_job job;
    fqpi_part part;
    fqpi_stages *s;
} bench;

static void begin(const char *yaml, bench *b) {
    *b = (bench){0};
    if (fqp_config_parse(ctx, "t", yaml, 0, NULL, &b->config))
        fail_msg("%s", said());
    assert_int_equal(fqp_dataset_create(ctx, fqp_config_section(b->config, "data"), 1, b->config, &b->data), FQP_OK);
    b->job = (fqpi_job){.ctx = ctx,
                        .config = b->config,
                        .model = fqp_config_section(b->config, "model"),
                        .train = fqp_config_section(b->config, "train")};
    b->part =
        (fqpi_part){.seed = 1, .data = b->data, .x = fqp_array_view(&b->data->x), .y = fqp_array_view(&b->data->y)};
    assert_int_equal(fqpi_stages_create(&b->job, &b->part, false, &b->s), FQP_OK);
    assert_non_null(b->s);
}

static void finish(bench *b) {
    fqpi_stages_destroy(b->s);
    fqp_dataset_destroy(b->data);
    fqp_config_destroy(b->config);
}

static bool next(bench *b) {
    bool over = false;
    if (fqpi_stages_next(b->s, &over))
        fail_msg("%s", said());
    return !over;
}

/* The sum becomes sum_u amplitude_u sin(2 pi f_u x), as a network of sines with weights of its own. */
static void know(bench *b, int waves, const double *f, const double *amplitude) {
    int64_t hidden = waves;
    fqp_model_opts o;
    assert_int_equal(fqp_section_defaults(ctx, &fqp_model_section, &o), FQP_OK);
    fqp_model_opts net = o;
    net.hidden = (fqp_ints){&hidden, 1};
    net.activation = FQPI_ACT_SIN;
    net.precision = 1;
    fqp_model *model = NULL;
    assert_int_equal(fqp_model_create(ctx, 1, 1, &net, 1, &model), FQP_OK);
    double *w = fqp_model_parameters(model);
    memset(w, 0, (size_t)fqp_model_parameter_count(model) * sizeof *w);
    for (int u = 0; u < waves; u++) {
        w[u] = 2 * acos(-1) * f[u];
        w[2 * waves + u] = amplitude[u];
    }
    const fqp_function_part part = {.options = &net, .seed = 1, .model = model, .factor = 1};
    assert_int_equal(fqp_function_add(b->s->sum, &part), FQP_OK);
    fqp_model_destroy(model);
    fqp_section_release(&fqp_model_section, &o);
    assert_int_equal(fqp_function_eval(ctx, b->s->sum, fqp_array_view(&b->data->x), b->s->base), FQP_OK);
    json_array_append_new(b->s->ended, json_object());
}

#define SINES                                                                                                          \
    "data: {target: ['sin(2*pi*x) + 1e-3*sin(2*pi*9*x)'], lower: [-1], upper: [1], n: [%d], endpoint: false}\n"

static void residue(void **state) {
    (void)state;
    char yaml[512];
    snprintf(yaml, sizeof yaml, SINES "model: {hidden: [8], precision: f64}\ntrain: {stages: 3}", 100);
    bench b;
    begin(yaml, &b);
    assert_true(next(&b));
    const double eps = sqrt((1 + 1e-6) / 2);
    assert_true(fabs(b.s->now.factor - eps) < 1e-12);
    assert_true(b.s->now.model.first_scale == b.job.model->first_scale);
    const double *y = b.data->y.data, *learnt = b.s->set.y.data;
    for (int i = 0; i < 100; i++)
        assert_true(fabs(learnt[i] * eps - y[i]) < 1e-15);
    know(&b, 1, (double[]){1}, (double[]){1});
    assert_true(next(&b));
    assert_true(fabs(b.s->now.factor - 1e-3 * sqrt(0.5)) < 1e-12);
    assert_true(fabs(b.s->now.model.first_scale - 2 * acos(-1) * 9) < 1e-9);
    assert_int_equal(b.s->now.model.first_activation, 1 + FQPI_ACT_SIN);
    assert_int_equal(b.s->now.model.activation, b.job.model->activation);
    /* all of it is known: rounding is left, which nobody learns */
    know(&b, 1, (double[]){9}, (double[]){1e-3});
    assert_false(next(&b));
    assert_non_null(strstr(b.s->then, "the residue is rounding"));
    finish(&b);
}

/* 22 points have 11 in a unit of length, 1.2 in a period of 9 cycles: 3 would be 54. */
static void too_few_points(void **state) {
    (void)state;
    char yaml[512];
    snprintf(yaml, sizeof yaml, SINES "model: {hidden: [8], precision: f64}\ntrain: {stages: 3}", 40);
    bench b;
    begin(yaml, &b);
    know(&b, 1, (double[]){1}, (double[]){1});
    assert_false(next(&b));
    assert_non_null(strstr(b.s->then, "stage 1 would need 54 points"));
    finish(&b);
}

/* The networks of all bands, gated, add up to the target; each is slow.  networks 0: however many. */
static void bands_of(const char *yaml, double width, int networks) {
    bench b;
    begin(yaml, &b);
    const int64_t n = b.data->n * b.data->m, d = b.data->d;
    double *sum = calloc((size_t)n, sizeof *sum);
    const double *x = b.data->x.data, *y = b.data->y.data;
    int count = 0;
    for (; next(&b); count++) {
        const fqpi_stage *now = &b.s->now;
        for (int64_t i = 0; i < b.data->n; i++) {
            double angle = -now->turn;
            for (int64_t c = 0; c < d; c++)
                angle += now->phase[c] * x[i * d + c];
            for (int64_t o = 0; o < b.data->m; o++)
                sum[i * b.data->m + o] += (now->gated ? cos(angle) : 1) * now->target[i * b.data->m + o];
        }
        for (int64_t i = 0; i < n; i++)
            assert_true(fabs(((double *)b.s->set.y.data)[i] * now->factor - now->target[i]) < 1e-12);
        for (int64_t o = 0; o < b.data->m && d == 1; o++) /* beyond half a width there is nothing */
            for (int64_t k = (int64_t)(width * 0.5 + 1); k < b.data->n / 2; k++) {
                double re = 0, im = 0;
                for (int64_t i = 0; i < b.data->n; i++) {
                    re += now->target[i * b.data->m + o] * cos(2 * acos(-1) * (double)k * x[i]);
                    im += now->target[i * b.data->m + o] * sin(2 * acos(-1) * (double)k * x[i]);
                }
                assert_true(hypot(re, im) / (double)n < 1e-12);
            }
        json_array_append_new(b.s->ended, json_object());
    }
    assert_true(networks == 0 || count == networks);
    for (int64_t i = 0; i < n; i++)
        assert_true(fabs(sum[i] - y[i]) < 1e-12);
    free(sum);
    finish(&b);
}

static void bands(void **state) {
    (void)state;
    /* period 1: modes 2, 17, 30 in bands 0, 20, 30 of width 10 */
    bands_of(
        "data: {target: ['sin(2*pi*2*x) + sin(2*pi*17*x + 1) + cos(2*pi*30*x)*(1 + 0.1*sin(2*pi*3*x))'], lower: [0], "
        "upper: [1], n: [96], endpoint: false}\n"
        "train: {stages: 9, stage_kind: bands, band_width: 10, band_energy: 1e-12}",
        10, 4);
    /* every mode has energy, the Nyquist frequency too; descending points; two outputs */
    bands_of("data: {target: ['exp(x)', 'x*x'], lower: [0], upper: [1], n: [32], endpoint: false}\n"
             "train: {stages: 32, stage_kind: bands, band_width: 5, band_energy: 0}",
             5, 0);
    bands_of("data: {target: ['exp(x1)*cos(9*x2)'], lower: [0, 0], upper: [1, 1], n: [12, 10], endpoint: false}\n"
             "train: {stages: 120, stage_kind: bands, band_width: 4, band_energy: 0}",
             4, 0);
}

static void bands_refused(void **state) {
    (void)state;
    bench b;
    bool over;
    begin("data: {target: ['x'], lower: [0], upper: [1], n: [64], sampling: random}\n"
          "train: {stages: 9, stage_kind: bands, band_width: 5}",
          &b);
    assert_int_not_equal(fqpi_stages_next(b.s, &over), FQP_OK);
    if (!strstr(said(), "train.stage_kind: bands needs equal spacing"))
        fail_msg("%s", said());
    fqp_ctx_problems_clear(ctx);
    finish(&b);
    begin("data: {target: ['exp(x)'], lower: [0], upper: [1], n: [64]}\n"
          "train: {stages: 3, stage_kind: bands, band_width: 5, band_energy: 0}",
          &b);
    assert_int_not_equal(fqpi_stages_next(b.s, &over), FQP_OK);
    assert_non_null(strstr(said(), "need 13 networks"));
    fqp_ctx_problems_clear(ctx);
    finish(&b);
    fqp_config *c = NULL;
    assert_int_not_equal(
        fqp_config_parse(ctx, "t", "train: {stages: 3, stage_kind: bands}\ndata: {target: x}", 0, NULL, &c), FQP_OK);
    assert_non_null(strstr(said(), "train.band_width"));
    fqp_ctx_problems_clear(ctx);
}

/* The spectrum of the function so far sets the scales: 17.3 and 41 cycles per unit over a box of length 2, neither of
 * which is a line of the transform. */
static void scales(void **state) {
    (void)state;
    static const char *const embedding[] = {"basic", "identity"};
    const double unit[] = {1, 2 * acos(-1)};
    for (int e = 0; e < 2; e++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml,
                 "data: {target: ['sin(x)'], lower: [-1], upper: [1], n: [400]}\n"
                 "model: {hidden: [12], scales: [1, 2, 4], embedding: %s}\n"
                 "train: {stages: 3, stage_kind: scales}",
                 embedding[e]);
        bench b;
        begin(yaml, &b);
        assert_true(next(&b));
        assert_true(b.s->now.factor == 1 && b.s->now.model.scales.v[2] == 4);
        know(&b, 2, (double[]){41, 17.3}, (double[]){0.5, 1});
        assert_true(next(&b));
        assert_true(b.s->now.model.scales.v[0] == 1);
        assert_true(fabs(b.s->now.model.scales.v[1] / unit[e] - 17.3) < 0.05);
        assert_true(fabs(b.s->now.model.scales.v[2] / unit[e] - 41) < 0.05);
        assert_true(((const double *)b.s->set.y.data)[7] == ((const double *)b.data->y.data)[7]);
        finish(&b);
    }
}

/* A whole run: the frames are those of the sum, which function.fqp holds. */
static void whole(void **state) {
    (void)state;
    static const char *const kinds[] = {"stage_kind: residue, stages: 3",
                                        "stage_kind: bands, band_width: 6, stages: 9, band_energy: 1e-4"};
    for (int k = 0; k < 2; k++) {
        char yaml[640];
        snprintf(
            yaml, sizeof yaml,
            "data: {target: ['sin(2*pi*x) + 0.5*sin(2*pi*12*x)'], lower: [0], upper: [1], n: [64], endpoint: false}\n"
            "model: {hidden: [12, 12], precision: f64}\n"
            "train: {optimizer: lbfgs, memory: 20, steps: 150, %s}\n"
            "monitor: {probes: [dft], predictions: true, record: 'every:50'}\n",
            kinds[k]);
        fqp_config *c = NULL;
        assert_int_equal(fqp_config_parse(ctx, "t", yaml, 0, NULL, &c), FQP_OK);
        char name[8];
        snprintf(name, sizeof name, "run%d", k);
        const char *dir = in_room(name);
        if (fqp_run(ctx, c, &(fqp_run_request){.dir = dir}))
            fail_msg("%s", said());
        fqp_store *store = NULL;
        fqp_array prediction = {0}, loss = {0}, step = {0}, x = {0}, y = {0};
        assert_int_equal(fqp_store_open(ctx, dir, FQP_STORE_READ, &store), FQP_OK);
        assert_int_equal(fqp_store_get(store, "seed_0001/prediction", &prediction), FQP_OK);
        assert_int_equal(fqp_store_get(store, "seed_0001/loss", &loss), FQP_OK);
        assert_int_equal(fqp_store_get(store, "seed_0001/step", &step), FQP_OK);
        assert_int_equal(fqp_store_get(store, "x", &x), FQP_OK);
        assert_int_equal(fqp_store_get(store, "y", &y), FQP_OK);
        const int64_t frames = step.shape[0];
        const double *last = (const double *)prediction.data + (frames - 1) * 64;
        fqp_function *f = NULL;
        double fit[64], sum = 0;
        assert_int_equal(fqp_function_of_run(ctx, dir, 1, &f), FQP_OK);
        assert_int_equal(fqp_function_eval(ctx, f, fqp_array_view(&x), fit), FQP_OK);
        for (int i = 0; i < 64; i++) {
            assert_true(fabs(fit[i] - last[i]) < 1e-13);
            sum += pow(fit[i] - ((const double *)y.data)[i], 2) / 64;
        }
        const double told = ((const double *)loss.data)[frames - 1];
        assert_true(fabs(sum - told) <= 1e-6 * told + 1e-26);
        assert_true(told < 1e-5); /* of 0.625 */
        json_t *manifest = NULL;
        assert_int_equal(fqpi_store_json(ctx, store, "manifest.json", &manifest), FQP_OK);
        const json_t *stages = json_object_get(manifest, "stages");
        int64_t steps = 0, parts = 0;
        for (size_t i = 0; i < json_array_size(stages); i++) {
            const json_t *one = json_array_get(stages, i);
            steps += json_integer_value(json_object_get(one, "steps"));
            parts += json_object_get(one, "stage") != NULL;
        }
        assert_int_equal(steps, ((const int64_t *)step.data)[frames - 1]);
        assert_int_equal(fqp_function_parts(f), parts);
        json_decref(manifest);
        fqp_function_destroy(f);
        fqp_array_free(&prediction);
        fqp_array_free(&loss);
        fqp_array_free(&step);
        fqp_array_free(&x);
        fqp_array_free(&y);
        fqp_store_close(store);
        fqp_config_destroy(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(residue), cmocka_unit_test(too_few_points),
                                       cmocka_unit_test(bands),   cmocka_unit_test(bands_refused),
                                       cmocka_unit_test(scales),  cmocka_unit_test(whole)};
    return cmocka_run_group_tests(tests, enter, leave);
}
