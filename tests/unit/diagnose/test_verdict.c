/* Verdicts of evidence made by formulas: every cause, every piece that may be missing, every number in its sentence. */
#include "mem.h"
#include "support.h"

#include <fqp/verdict.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 512, FRAMES = 60, WAVES = 3 };

static fqp_ctx *ctx;

/* Waves sin(pi k x) on [-1, 1); of wave w the error falls as exp(-rate step), never below floor. */
typedef struct story {
    int n, held, k[WAVES];
    double amplitude[WAVES], rate[WAVES], noise;
    double noise_rate; /* with which the noise of the training points is learnt too */
    double noise_harm; /* what this does at the held-out points */
    double stretch;    /* inputs times this */
    bool single;       /* predictions in single precision */
} story;

typedef struct made {
    double x[2][MOST], y[2][MOST], first[2][MOST], last[2][MOST], loss[FRAMES];
    float last32[MOST];
    int64_t step[FRAMES];
    fqp_array bins[2];
    fqp_monitor *monitor[2];
    fqp_evidence e;
    fqp_verdict v;
} made;

/* Noise that is the same in every run, without a generator: fractional parts of multiples of irrational squares. */
static double noise(int i) {
    const double a = fmod(0.5 * (1 + sqrt(5)) * (i + 1) * (i + 7), 1), b = fmod(M_E * (i + 3) * (i + 11), 1);
    return sqrt(12.0 / 2) * (a + b - 1);
}

static void predict(const story *s, int side, double step, const double *x, int n, double *h) {
    for (int i = 0; i < n; i++) {
        h[i] = 0;
        for (int w = 0; w < WAVES; w++)
            h[i] += s->amplitude[w] * (1 - exp(-s->rate[w] * step)) * sin(M_PI * s->k[w] * x[i] / s->stretch);
        const double learnt = 1 - exp(-s->noise_rate * step);
        h[i] += learnt * (side ? s->noise_harm : s->noise) * noise(i + 1000 * side);
    }
}

static void points(const story *s, made *m, int side) {
    const int n = side ? s->held : s->n;
    for (int i = 0; i < n; i++) {
        m->x[side][i] = s->stretch * (-1 + 2.0 * i / n);
        m->y[side][i] = side ? 0 : s->noise * noise(i);
        for (int w = 0; w < WAVES; w++)
            m->y[side][i] += s->amplitude[w] * sin(M_PI * s->k[w] * m->x[side][i] / s->stretch);
    }
}

static fqp_sampled sampled(made *m, int side, int n) {
    return (fqp_sampled){.x = fqp_view_2d(m->x[side], n, 1),
                         .y = fqp_view_2d(m->y[side], n, 1),
                         .first = fqp_view_2d(m->first[side], n, 1),
                         .last = fqp_view_2d(m->last[side], n, 1)};
}

static void works(fqp_status s) {
    assert_int_equal(s, FQP_OK);
}

static made *make(const story *s) {
    made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->e = (fqp_evidence){.frames = FRAMES, .step = m->step, .loss = m->loss, .element = FQP_F64};
    for (int side = 0; side < (s->held ? 2 : 1); side++) {
        const int n = side ? s->held : s->n;
        points(s, m, side);
        works(fqp_monitor_create(ctx, fqp_view_2d(m->x[side], n, 1), fqp_view_2d(m->y[side], n, 1), NULL,
                                 &m->monitor[side]));
        for (int f = 0; f < FRAMES; f++) {
            double h[MOST];
            m->step[f] = 10 * f;
            predict(s, side, 10 * f, m->x[side], n, h);
            works(fqp_monitor_observe(m->monitor[side], m->step[f], 0, fqp_view_2d(h, n, 1)));
            memcpy(f ? m->last[side] : m->first[side], h, sizeof h);
            for (int i = 0; i < n && side == 0; i++)
                m->loss[f] += pow(h[i] - m->y[0][i], 2) / n;
        }
        works(fqp_verdict_bands(ctx, m->monitor[side], 0, &m->bins[side], side ? &m->e.held_bands : &m->e.bands));
    }
    m->e.train = sampled(m, 0, s->n);
    if (s->held)
        m->e.held = sampled(m, 1, s->held);
    for (int i = 0; i < s->n && s->single; i++)
        m->last32[i] = (float)m->y[0][i];
    if (s->single) {
        m->e.element = FQP_F32;
        m->e.train.last = fqp_view_make(m->last32, FQP_F32, 2, (const int64_t[]){s->n, 1});
    }
    works(fqp_verdict_judge(ctx, &m->e, &m->v));
    return m;
}

static void drop(made *m) {
    for (int side = 0; side < 2; side++) {
        fqp_monitor_destroy(m->monitor[side]);
        fqp_array_free(&m->bins[side]);
    }
    free(m);
}

static double value(const fqp_verdict *v, const char *name) {
    for (size_t i = 0; i < v->nlines; i++)
        if (strcmp(v->line[i].name, name) == 0)
            return v->line[i].value;
    return NAN;
}

static const story learnt = {
    .n = 128, .k = {1, 3, 5}, .amplitude = {1, 1, 0.5}, .rate = {0.1, 0.05, 0.02}, .stretch = 1};

/* ---- causes ---------------------------------------------------------------------------------------------------- */

static void healthy(void **state) {
    (void)state;
    made *m = make(&learnt);
    assert_string_equal(m->v.cause, "healthy");
    drop(m);
}

static void spectral_bias(void **state) {
    (void)state;
    story s = learnt;
    s.k[2] = 40;
    s.rate[2] = 1e-6;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "spectral bias");
    assert_true(value(&m->v, "order") == 1);
    assert_true(fabs(value(&m->v, "error of high bands") - 1) < 1e-3);
    assert_non_null(strstr(m->v.next[0], "40"));
    drop(m);
}

/* 50 cycles on 32 points look like 14; the share of energy above 16 is amplitude^2 over the sum of squares. */
static void aliasing(void **state) {
    (void)state;
    story s = learnt;
    s.n = 32;
    s.held = 256;
    s.k[0] = 3;
    s.k[1] = 11;
    s.k[2] = 50;
    s.amplitude[2] = 1;
    made *m = make(&s);
    for (int i = 0; i < s.held; i++) /* what passes through the training points, held out: the lower frequency */
        m->last[1][i] += sin(M_PI * -14 * m->x[1][i]) - sin(M_PI * 50 * m->x[1][i]);
    works(fqp_verdict_judge(ctx, &m->e, &m->v));
    assert_string_equal(m->v.cause, "aliasing");
    assert_true(fabs(value(&m->v, "energy above Nyquist") - 1.0 / 3) < 0.01);
    const char *samples = strstr(m->v.next[0], "at least ");
    assert_non_null(samples);
    assert_true(atoi(samples + 9) > 100 && atoi(samples + 9) < 130);
    drop(m);
}

static void wrong_scale(void **state) {
    (void)state;
    story s = learnt;
    s.stretch = 500;
    s.rate[0] = s.rate[1] = s.rate[2] = 1e-4;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "wrong scale");
    assert_true(fabs(value(&m->v, "scale") / (500 / sqrt(3)) - 1) < 0.02); /* of a uniform distribution */
    assert_non_null(strstr(m->v.next[0], "Divide the inputs by 49"));
    drop(m);
}

static void noise_floor(void **state) {
    (void)state;
    story s = learnt;
    s.n = 400;
    s.noise = 0.3;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "noise floor");
    assert_true(value(&m->v, "distance from white") < 0.1);
    drop(m);
}

static void overfitting(void **state) {
    (void)state;
    story s = learnt;
    s.n = 64;
    s.held = 200;
    s.noise = s.noise_harm = 0.4;
    s.noise_rate = 0.004;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "overfitting");
    assert_true(value(&m->v, "rise of held-out error") > 1.5 && value(&m->v, "fall of training error") < 0.5);
    drop(m);
}

static void stalled(void **state) {
    (void)state;
    story s = learnt;
    s.rate[0] = s.rate[1] = s.rate[2] = 1e-6;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "optimiser stalled");
    assert_true(value(&m->v, "movement of the bands") < 1e-3);
    drop(m);
}

static void precision_floor(void **state) {
    (void)state;
    story s = learnt;
    s.single = true;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "precision floor");
    assert_true(value(&m->v, "units in the last place") < 0.5); /* rounding to nearest */
    drop(m);
}

static void still_learning(void **state) {
    (void)state;
    story s = learnt;
    s.rate[0] = s.rate[1] = s.rate[2] = 0.002;
    made *m = make(&s);
    assert_string_equal(m->v.cause, "still learning");
    drop(m);
}

/* Two outputs, the second a hundred times smaller and not learnt. */
static void imbalance_of_outputs(void **state) {
    (void)state;
    enum { N = 50 };
    double x[N], y[N][2], h[N][2];
    for (int i = 0; i < N; i++) {
        x[i] = -1 + 2.0 * i / N;
        y[i][0] = 3 * sin(M_PI * x[i]);
        y[i][1] = 0.03 * cos(M_PI * x[i]);
        h[i][0] = 0.99 * y[i][0];
        h[i][1] = 0.2 * y[i][1];
    }
    const fqp_evidence e = {
        .train = {.x = fqp_view_2d(x, N, 1), .y = fqp_view_2d(&y[0][0], N, 2), .last = fqp_view_2d(&h[0][0], N, 2)}};
    fqp_verdict v;
    works(fqp_verdict_judge(ctx, &e, &v));
    assert_string_equal(v.cause, "loss imbalance");
    assert_true(fabs(value(&v, "unequal errors") - 80) < 1e-6);
    assert_true(fabs(value(&v, "error of the small part") - 0.8) < 1e-9);
    assert_non_null(strstr(v.sentence, "output 1 varies 100 times more than output 2"));
}

static void imbalance_of_terms(void **state) {
    (void)state;
    const int64_t step[] = {0, 10, 20, 30};
    const double loss[] = {1e4, 100, 3, 1.5}, part[4][2] = {{1e4, 1}, {100, 1}, {2, 1}, {0.5, 1}};
    const char *const names[] = {"equation", "boundary"};
    const fqp_evidence e = {.frames = 4, .step = step, .loss = loss, .nterms = 2, .term = names, .part = &part[0][0]};
    fqp_verdict v;
    works(fqp_verdict_judge(ctx, &e, &v));
    assert_string_equal(v.cause, "loss imbalance");
    assert_true(fabs(value(&v, "unequal errors") - 1 / sqrt(0.5e-4)) < 1e-6);
    assert_non_null(strstr(v.next[0], "\"boundary\" by 1e+04"));
}

/* -u'' = f on [-1, 1): the residual of wave k is (pi k)^2 times its error.  Tells the story at its end, with as many
 * bins as frequencies, so that the answers are known. */
static fqp_verdict solves(const story *s, double last_step) {
    enum { BINS = 60 };
    made *m = make(s);
    double size[FRAMES], axis[BINS], target[BINS][2] = {{0}}, error[BINS][2] = {{0}}, zero[BINS][2] = {{0}};
    double of_residual[BINS][2] = {{0}}, asked = 0, left = 0;
    const uint8_t yes[BINS] = {0};
    for (int w = 0; w < WAVES; w++) {
        const double weight = pow(M_PI * s->k[w], 2), off = s->amplitude[w] * exp(-s->rate[w] * last_step);
        asked += pow(weight * s->amplitude[w], 2);
        left += pow(weight * off, 2);
        error[s->k[w]][0] = off;
        of_residual[s->k[w]][0] = weight * off;
        target[s->k[w]][0] = 0;
    }
    for (int f = 0; f < FRAMES; f++)
        size[f] = sqrt(left / asked);
    for (int k = 0; k < BINS; k++)
        axis[k] = k;
    const fqp_bands bands = {.axis_name = "frequency",
                             .frames = 1,
                             .nbins = BINS,
                             .ncomp = 1,
                             .axis = axis,
                             .valid = yes,
                             .selected = yes,
                             .target = &target[0][0],
                             .error = &zero[0][0]};
    m->e.residual = size;
    m->e.bands = m->e.residual_bands = bands;
    m->e.bands.prediction = &error[0][0];
    m->e.residual_bands.prediction = &of_residual[0][0];
    fqp_verdict v;
    works(fqp_verdict_judge(ctx, &m->e, &v));
    drop(m);
    return v;
}

/* The low wave is a third of its size off, the high one, which makes the right side, is learnt. */
static const story hides = {
    .n = 128, .k = {1, 3, 40}, .amplitude = {1, 0, 0.1}, .rate = {1e-5, 1, 0.006}, .stretch = 1};

static void small_loss_wrong_answer(void **state) {
    (void)state;
    const fqp_verdict v = solves(&hides, 10 * (FRAMES - 1));
    assert_string_equal(v.cause, "small loss, wrong answer");
    const double low = exp(-0.0059), high = 160 * exp(-3.54);
    assert_true(fabs(value(&v, "residual of the equation") - hypot(low, high) / hypot(1, 160)) < 1e-9);
    assert_true(value(&v, "error over residual") > 20);
    assert_non_null(strstr(v.line[2].says, "the error lies around frequency 1, "));
    assert_non_null(strstr(v.next[0], "objective.boundary_weight"));
    assert_non_null(strstr(v.next[1], "ritz"));
}

/* A solution that is right, one whose residual is as large as its error, and one that has not begun. */
static void solutions_that_hide_nothing(void **state) {
    (void)state;
    const double end = 10 * (FRAMES - 1);
    fqp_verdict v = solves(&learnt, end);
    assert_string_equal(v.cause, "healthy");
    story s = hides;
    s.rate[2] = 1e-6; /* the high wave is missing too: the residual is as large as the right side */
    v = solves(&s, end);
    assert_string_not_equal(v.cause, "small loss, wrong answer");
    s = hides;
    s.k[2] = 2; /* one scale: residual and error say the same */
    s.amplitude[2] = 1;
    s.rate[0] = 1e-3;
    v = solves(&s, end);
    assert_string_not_equal(v.cause, "small loss, wrong answer");
}

/* Only held-out points were watched: their error rises while the loss falls. */
static void watched_at_held_out_points(void **state) {
    (void)state;
    story s = learnt;
    s.n = 64;
    s.held = 200;
    s.noise = s.noise_harm = 0.4;
    s.noise_rate = 0.004;
    made *m = make(&s);
    m->e.train = (fqp_sampled){0};
    m->e.bands = m->e.held_bands;
    m->e.held_bands = (fqp_bands){0};
    works(fqp_verdict_judge(ctx, &m->e, &m->v));
    assert_string_equal(m->v.cause, "overfitting");
    drop(m);
}

/* ---- what is missing ------------------------------------------------------------------------------------------- */

static bool has_digit(const char *text) {
    return strpbrk(text, "0123456789") != NULL;
}

static void well_said(const fqp_verdict *v) {
    assert_non_null(v->cause);
    assert_true(v->score >= 0 && v->score <= 1);
    assert_true(strcmp(v->cause, "cannot tell") == 0 || v->score >= 0.5);
    assert_true(v->sentence[strlen(v->sentence) - 1] == '.');
    assert_true(v->nlines == 0 || has_digit(v->sentence));
    for (size_t i = 0; i < v->nlines; i++) {
        assert_true(!isnan(v->line[i].value));
        assert_true(has_digit(v->line[i].says));
        assert_true(v->line[i].says[strlen(v->line[i].says) - 1] == '.');
        assert_true(v->line[i].says[0] < 'a' || v->line[i].says[0] > 'z');
    }
    for (size_t i = 0; i < v->nnext; i++)
        assert_true(v->next[i][strlen(v->next[i]) - 1] == '.');
    for (size_t i = 1; i < v->nothers; i++)
        assert_true(v->other[i].score <= v->other[i - 1].score);
}

/* Every subset of what a run may have left gives an answer in words. */
static void any_piece_missing(void **state) {
    (void)state;
    story s = learnt;
    s.n = 24;
    s.held = 40;
    s.noise = s.noise_harm = 0.4;
    s.noise_rate = 0.004;
    made *m = make(&s);
    const fqp_evidence whole = m->e;
    for (unsigned gone = 0; gone < 1u << 11; gone++) {
        fqp_evidence e = whole;
        fqp_view *const views[] = {&e.train.x, &e.train.y, &e.train.first, &e.train.last,
                                   &e.held.x,  &e.held.y,  &e.held.last};
        for (unsigned i = 0; i < 7; i++)
            if (gone >> i & 1)
                *views[i] = (fqp_view){0};
        if (gone >> 7 & 1)
            e.loss = NULL;
        if (gone >> 8 & 1)
            e.bands = (fqp_bands){0};
        if (gone >> 9 & 1)
            e.held_bands = (fqp_bands){0};
        if (gone >> 10 & 1)
            e.bands.prediction = NULL;
        fqp_verdict v;
        works(fqp_verdict_judge(ctx, &e, &v));
        well_said(&v);
    }
    drop(m);
}

static void nothing_at_all(void **state) {
    (void)state;
    const fqp_evidence e = {0};
    fqp_verdict v;
    works(fqp_verdict_judge(ctx, &e, &v));
    assert_string_equal(v.cause, "cannot tell");
    well_said(&v);
    assert_int_equal(v.nlines, 0);
}

/* Constant targets, one point, exact predictions: nothing to divide by. */
static void degenerate(void **state) {
    (void)state;
    const double zero[16] = {0}, x[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int64_t n = 1; n <= 16; n += 5) {
        const fqp_sampled flat = {.x = fqp_view_2d(x, n, 1),
                                  .y = fqp_view_2d(zero, n, 1),
                                  .first = fqp_view_2d(zero, n, 1),
                                  .last = fqp_view_2d(zero, n, 1)};
        const int64_t step[2] = {0, 0};
        const double loss[2] = {0, NAN}, lr[2] = {0, 0};
        const fqp_evidence e = {.frames = 2, .step = step, .loss = loss, .lr = lr, .train = flat, .held = flat};
        fqp_verdict v;
        works(fqp_verdict_judge(ctx, &e, &v));
        well_said(&v);
    }
}

static void shapes_disagree(void **state) {
    (void)state;
    const double a[12] = {0};
    const struct {
        fqp_evidence e;
        const char *says;
    } table[] = {
        {{.train = {.x = fqp_view_2d(a, 4, 1), .y = fqp_view_2d(a, 3, 1)}}, "targets at the training points are 3 x 1"},
        {{.train = {.y = fqp_view_2d(a, 4, 2), .last = fqp_view_2d(a, 4, 3)}}, "last predictions"},
        {{.train = {.x = fqp_view_2d(a, 4, 1)}, .held = {.x = fqp_view_2d(a, 4, 2)}}, "2 inputs, the others 1"},
        {{.train = {.x = fqp_view_1d(a, 4)}}, "[n, d]"},
        {{.frames = 1, .step = (const int64_t[]){0}, .bands = {.frames = 2}}, "bands of 2 and 0 frames, but 1 steps"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fqp_verdict v;
        fqp_ctx_problems_clear(ctx);
        assert_int_equal(fqp_verdict_judge(ctx, &table[i].e, &v), FQP_E_SHAPE);
        assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, table[i].says));
    }
    fqp_ctx_problems_clear(ctx);
}

static void no_memory(void **state) {
    (void)state;
    story s = learnt;
    s.held = 200;
    made *m = make(&s);
    fqp_status last = FQP_E_NOMEM;
    for (long n = 0; last == FQP_E_NOMEM; n++) {
        fqpi_mem_fail_after(ctx, n);
        last = fqp_verdict_judge(ctx, &m->e, &m->v);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(n < 1000);
    }
    works(last);
    fqp_ctx_problems_clear(ctx);
    drop(m);
}

static void table_of_causes(void **state) {
    (void)state;
    const char *doc = NULL, *name;
    size_t n = 0;
    for (; (name = fqp_verdict_cause(n, &doc)); n++)
        assert_true(*name && doc && *doc);
    assert_true(n <= FQP_VERDICT_CAUSES);
    assert_string_equal(fqp_verdict_cause(n - 1, NULL), "cannot tell");
}

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),
        cmocka_unit_test(spectral_bias),
        cmocka_unit_test(aliasing),
        cmocka_unit_test(wrong_scale),
        cmocka_unit_test(noise_floor),
        cmocka_unit_test(overfitting),
        cmocka_unit_test(stalled),
        cmocka_unit_test(precision_floor),
        cmocka_unit_test(still_learning),
        cmocka_unit_test(imbalance_of_outputs),
        cmocka_unit_test(imbalance_of_terms),
        cmocka_unit_test(small_loss_wrong_answer),
        cmocka_unit_test(solutions_that_hide_nothing),
        cmocka_unit_test(watched_at_held_out_points),
        cmocka_unit_test(any_piece_missing),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(degenerate),
        cmocka_unit_test(shapes_disagree),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(table_of_causes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
