/* Derivatives of all orders to 4, mixed ones and sums: against arithmetic of polynomials, against differences of what
 * is one order below, gradients against differences, samples against their sum, single against double precision, every
 * level of the kernels. */
#include "elements.h"
#include "jet_polynomials.h"
#include "jet_shapes.h"
#include "mem.h"
#include "rng.h"

#include <stdlib.h>

enum { SAMPLES = 5, LIST = 12 };

/* ---- what is asked for ----------------------------------------------------------------------------- */

/* For networks of 1, 2, 3 and more inputs; kept are those up to an order. */
static size_t list(int64_t d, int order, fqp_derivative which[LIST]) {
    static const fqp_derivative all[4][LIST] = {
        {{{4}, false}, {{0}, false}, {{3}, false}, {{1}, false}, {{2}, true}},
        {{{3, 1}, false},
         {{2, 2}, false},
         {{0, 3}, false},
         {{2, 2}, true},
         {{1, 1}, false},
         {{0}, false},
         {{1}, false}},
        {{{2, 1, 1}, false},
         {{0}, false},
         {{0, 0, 4}, false},
         {{1, 1, 1}, false},
         {{2, 0, 2}, true},
         {{2, 2, 2}, true},
         {{1, 0, 1}, false},
         {{0, 2}, false},
         {{0, 0, 1}, false}},
        {{{1, 1, 0, 1, 1}, false}, {{0, 0, 3, 0, 0}, false}, {{2, 2, 2, 2, 2}, true}, {{0}, false}, {{0, 1}, false}}};
    const fqp_derivative *from = all[d < 4 ? d - 1 : 3];
    size_t n = 0;
    bool value = false;
    for (int i = 0; i < LIST; i++) {
        const int of = fqpi_derivative_order(&from[i]);
        if (of > order || (of == 0 && value))
            continue;
        value = value || of == 0;
        which[n++] = from[i];
    }
    return n;
}

typedef struct setting {
    fqp_ctx *ctx;
    fqp_model *net;
    fqpi_jet_plan *plan;
    fqpi_jet jet;
    void *block;
    double *x, *u, *du; /* [n, d], [n, m, count] twice */
    int64_t size;       /* n m count */
    int order;
} setting;

static double draw(int64_t i) {
    return fqpi_rng_normal(6, FQPI_STREAM_TEST, (uint64_t)i);
}

static void place(setting *t, size_t count, const fqp_derivative *which) {
    assert_ok(t->ctx, fqpi_jet_plan_create(t->ctx, t->net, count, which, &t->plan));
    const size_t bytes = fqpi_jet_bytes(t->net, t->plan, SAMPLES);
    t->block = fqpi_calloc(t->ctx, 1, bytes);
    memset(t->block, 0xff, bytes); /* NaN: nothing may be read before it is written */
    fqpi_jet_place(t->net, t->plan, SAMPLES, t->block, &t->jet);
    t->size = SAMPLES * t->net->m * (int64_t)count;
    t->u = calloc((size_t)t->size, sizeof *t->u);
    t->du = calloc((size_t)t->size, sizeof *t->du);
    for (int64_t i = 0; i < t->size; i++)
        t->du[i] = draw(1000 + i);
}

/* With the highest order that the network has. */
static setting open_setting(const shape *s, int precision, const char *level) {
    setting t = {.order = 4};
    const fqp_ctx_opts co = {.threads = 1, .kernel = level};
    assert_int_equal(fqp_ctx_create(&co, &t.ctx), FQP_OK);
    const fqp_model_opts o = shape_options(s, precision);
    assert_ok(t.ctx, fqp_model_create(t.ctx, s->d, s->m, &o, 3, &t.net));
    fqp_derivative which[LIST];
    fqpi_jet_plan *plan;
    while (fqpi_jet_plan_create(t.ctx, t.net, list(s->d, t.order, which), which, &plan))
        t.order--;
    fqpi_jet_plan_destroy(plan);
    fqp_ctx_problems_clear(t.ctx);
    place(&t, list(s->d, t.order, which), which);
    t.x = calloc((size_t)(SAMPLES * s->d), sizeof *t.x);
    for (int64_t i = 0; i < SAMPLES * s->d; i++)
        t.x[i] = 0.6 * draw(i);
    return t;
}

static void close_setting(setting *t) {
    free(t->x), free(t->u), free(t->du);
    fqpi_free(t->block);
    fqpi_jet_plan_destroy(t->plan);
    fqp_model_destroy(t->net);
    fqp_ctx_destroy(t->ctx);
}

static void forward(setting *t, const double *x, double *u) {
    fqpi_reparam_refresh(t->net, 0, 1);
    fqpi_jet_forward(t->net, &t->jet, SAMPLES, x);
    fqpi_jet_get(t->net, &t->jet, SAMPLES, u);
}

static double largest(int64_t n, const double *x) {
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

static void expect(const char *what, int i, const setting *t, double got, double want, double allowed) {
    if (!(fabs(got - want) <= allowed))
        fail_msg("shape %d (%s), order %d: %s is %.12g, expected %.12g within %.3g", i,
                 fqp_activation_name((size_t)shape_row(i).activation, NULL), t->order, what, got, want, allowed);
}

/* ---- polynomials ----------------------------------------------------------------------------------- */

static bool is_dense(const shape *s) {
    return s->d <= 3 && !s->embedding && !s->filters && !s->gate;
}

static void polynomials_at(const char *level) {
    int checked = 0;
    for (int i = 0; i < SHAPES; i++) {
        const shape s = shape_row(i);
        if (!is_dense(&s))
            continue;
        setting t = open_setting(&s, 1, level);
        fqp_derivative which[LIST];
        const int64_t count = (int64_t)list(s.d, t.order, which);
        forward(&t, t.x, t.u);
        for (int64_t k = 0; k < SAMPLES; k++) {
            polynomial out[4];
            network(t.net, t.x + k * s.d, out);
            for (int64_t j = 0; j < s.m * count; j++) {
                const double want = derivative(&out[j / count], &which[j % count]);
                expect("a coefficient", i, &t, t.u[k * s.m * count + j], want, 1e-11 * (1 + largest(t.size, t.u)));
            }
        }
        checked += t.order;
        close_setting(&t);
    }
    assert_int_equal(checked, 4 * 13 + 1 + 5 + 4 * 6 + 3); /* smooth ones, square relu, one order of others; special */
}

static void derivatives_are_coefficients_of_polynomials(void **state) {
    (void)state;
    static const char *const levels[] = {"reference", "base", "avx2", "avx512"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        polynomials_at(levels[i]);
}

/* ---- differences ----------------------------------------------------------------------------------- */

/* A derivative with one order less, along the first axis that it has; -1: the value. */
static int below(const fqp_derivative *of, fqp_derivative *less) {
    *less = *of;
    for (int i = 0; i < FQP_AXES; i++)
        if (of->order[i]) {
            less->order[i]--;
            return i;
        }
    return -1;
}

/* Change of u along an axis, of fourth order in h. */
static void difference(setting *t, int axis, double h, double *slope) {
    const int64_t d = t->net->embed.d;
    double *moved = calloc((size_t)(SAMPLES * d), sizeof *moved), *u = calloc((size_t)t->size, sizeof *u);
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    memset(slope, 0, (size_t)t->size * sizeof *slope);
    for (int q = 0; q < 4; q++) {
        memcpy(moved, t->x, (size_t)(SAMPLES * d) * sizeof *moved);
        for (int64_t k = 0; k < SAMPLES; k++)
            moved[k * d + axis] += at[q] * h;
        forward(t, moved, u);
        for (int64_t i = 0; i < t->size; i++)
            slope[i] += factor[q] * u[i] / (12 * h);
    }
    free(moved), free(u);
}

static void differences_of(int i, const shape *s) {
    setting t = open_setting(s, 1, "");
    fqp_derivative which[LIST];
    const size_t count = list(s->d, t.order, which);
    setting lower = open_setting(s, 1, "");
    forward(&t, t.x, t.u);
    for (size_t q = 0; q < count; q++) {
        fqp_derivative less;
        const int axis = below(&which[q], &less);
        if (axis < 0 || which[q].summed)
            continue;
        fqpi_jet_plan_destroy(lower.plan);
        fqpi_free(lower.block), free(lower.u), free(lower.du);
        place(&lower, 1, &less);
        double *slope = calloc((size_t)lower.size, sizeof *slope);
        difference(&lower, axis, 3e-4, slope);
        for (int64_t k = 0; k < SAMPLES * s->m; k++)
            expect("a difference", i, &t, t.u[k * (int64_t)count + (int64_t)q], slope[k],
                   1e-8 * (1 + largest(t.size, t.u)));
        free(slope);
    }
    close_setting(&t);
    close_setting(&lower);
}

static void derivatives_are_limits_of_differences(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        const shape s = shape_row(i);
        if (s.embedding != GRID) /* a step may cross a border of cells: test_jet.c looks at them */
            differences_of(i, &s);
    }
}

/* A sum of second derivatives is the sum of them. */
static void sums_are_sums(void **state) {
    (void)state;
    static const fqp_derivative which[] = {
        {{2, 0, 2}, true}, {{2, 2, 2}, true}, {{2}, false}, {{0, 2}, false}, {{0, 0, 2}, false}};
    enum { COUNT = sizeof which / sizeof which[0] };
    for (int kind = 0; kind < 6; kind++) {
        shape s = {.d = 3, .m = 2, .hidden = {8, 4}, .layers = 2, .param = NAN, .bias = true};
        s.embedding = kind == 1 || kind == 2;
        s.learnt = kind == 2;
        s.filters = kind == 3 ? 1 : kind == 4 ? 2 : 0;
        s.gate = kind == 5 ? 2 : 0;
        setting t = open_setting(&s, 1, "");
        fqpi_jet_plan_destroy(t.plan);
        fqpi_free(t.block), free(t.u), free(t.du);
        place(&t, COUNT, which);
        forward(&t, t.x, t.u);
        for (int64_t k = 0; k < SAMPLES * s.m; k++) {
            const double *u = t.u + k * COUNT;
            assert_near(u[0], u[2] + u[4], 1e-11 * (1 + largest(t.size, t.u)));
            assert_near(u[1], u[2] + u[3] + u[4], 1e-11 * (1 + largest(t.size, t.u)));
        }
        close_setting(&t);
    }
}

/* ---- gradients ------------------------------------------------------------------------------------- */

static double functional(setting *t) {
    double sum = 0;
    forward(t, t->x, t->u);
    for (int64_t i = 0; i < t->size; i++)
        sum += t->du[i] * t->u[i];
    return sum;
}

/* Gradient by the trained numbers, by way of the rows of all samples. */
static void gradient_by_rows(setting *t, double *grad) {
    const int64_t p = t->net->parameters;
    double *rows = calloc((size_t)(SAMPLES * p), sizeof *rows);
    fqpi_jet_put(t->net, &t->jet, SAMPLES, t->du);
    fqpi_jet_backward_each(t->net, &t->jet, SAMPLES, rows, p);
    memset(grad, 0, (size_t)p * sizeof *grad);
    for (int64_t s = 0; s < SAMPLES; s++) {
        fqpi_reparam_row(t->net, rows + s * p);
        for (int64_t i = 0; i < p; i++)
            grad[i] += rows[s * p + i];
    }
    free(rows);
}

static void gradients_of(int i, const shape *s) {
    setting t = open_setting(s, 1, "");
    const int64_t p = t.net->parameters;
    const double h = 1e-5;
    double *w = t.net->w, *grad = calloc((size_t)p, sizeof *grad), *by_rows = calloc((size_t)p, sizeof *by_rows);
    functional(&t);
    fqpi_jet_put(t.net, &t.jet, SAMPLES, t.du);
    fqpi_jet_backward(t.net, &t.jet, SAMPLES, grad, false);
    fqpi_reparam_row(t.net, grad);
    gradient_by_rows(&t, by_rows); /* the pass forward has stood one way back */
    const double size = largest(t.size, t.u) + largest(p, grad);
    for (int64_t k = 0; k < p; k++) {
        const double kept = w[k];
        w[k] = kept + h;
        const double up = functional(&t);
        w[k] = kept - h;
        const double slope = (up - functional(&t)) / (2 * h);
        w[k] = kept;
        expect("gradient", i, &t, grad[k], slope, 3e-7 * (1 + size));
        expect("the sum of rows", i, &t, by_rows[k], grad[k], 1e-11 * (1 + size));
    }
    free(grad), free(by_rows);
    close_setting(&t);
}

static void gradients_are_limits_of_differences(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        const shape s = shape_row(i);
        gradients_of(i, &s);
    }
}

/* With each kind of slopes, and trained scales. */
static void gradients_by_slopes_are_limits_of_differences(void **state) {
    (void)state;
    for (int slopes = 1; fqp_slopes_name((size_t)slopes, NULL); slopes++) {
        const shape s = {.d = 2,
                         .m = 1,
                         .hidden = {6, 4},
                         .layers = 2,
                         .param = NAN,
                         .bias = true,
                         .scales = 2,
                         .branches = FQPI_BRANCHES_SEPARATE,
                         .slopes = slopes};
        gradients_of(0, &s);
    }
}

/* ---- precision --------------------------------------------------------------------------------------- */

static double number(const fqp_model *net, const void *from, int64_t i) {
    double v;
    fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, from, i), 1, &v);
    return v;
}

static void single_precision_is_near_double(void **state) {
    (void)state;
    for (int i = 0; i < SHAPES; i++) {
        const shape s = shape_row(i);
        setting one = open_setting(&s, 0, ""), two = open_setting(&s, 1, "");
        const int64_t p = one.net->parameters;
        double *want = calloc((size_t)p, sizeof *want), *each = calloc((size_t)p, sizeof *each);
        float *got = calloc((size_t)p, sizeof *got);
        for (int64_t k = 0; k < p; k++)
            ((double *)two.net->w)[k] = number(one.net, one.net->w, k);
        functional(&one), functional(&two);
        for (int64_t k = 0; k < one.size; k++)
            expect("in single precision u", i, &one, one.u[k], two.u[k], 1e-4 * (1 + largest(two.size, two.u)));
        fqpi_jet_put(one.net, &one.jet, SAMPLES, one.du);
        fqpi_jet_backward(one.net, &one.jet, SAMPLES, got, false);
        fqpi_jet_put(two.net, &two.jet, SAMPLES, two.du);
        fqpi_jet_backward(two.net, &two.jet, SAMPLES, want, false);
        gradient_by_rows(&one, each);
        for (int64_t k = 0; k < p; k++) {
            expect("in single precision the gradient", i, &one, (double)got[k], want[k], 2e-4 * (1 + largest(p, want)));
            expect("in single precision a row", i, &one, each[k], want[k], 2e-4 * (1 + largest(p, want)));
        }
        free(want), free(got), free(each);
        close_setting(&one);
        close_setting(&two);
    }
}

/* ---- the door ---------------------------------------------------------------------------------------- */

static fqp_view points(const double *x, int64_t n, int64_t d) {
    return (fqp_view){.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {n, d}};
}

static void the_model_answers_the_same(void **state) {
    (void)state;
    static const fqp_derivative which[] = {{{3, 1}, false}, {{0}, false}, {{2, 2}, true}};
    enum { N = 301 };
    const shape s = {.d = 2, .m = 2, .hidden = {6, 8}, .layers = 2, .param = NAN, .bias = true, .embedding = 1};
    setting t = open_setting(&s, 1, "");
    double x[N][2], got[N][2][3], value[N][2], twice[N][2][2];
    for (int i = 0; i < N; i++)
        x[i][0] = draw(2 * i), x[i][1] = draw(2 * i + 1);
    const fqp_view at = points(&x[0][0], N, 2);
    assert_ok(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 3, which, &got[0][0][0]));
    assert_ok(t.ctx, fqp_model_eval(t.ctx, t.net, at, &value[0][0]));
    assert_ok(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 2, (fqp_derivative[2]){{{0}, false}}, &twice[0][0][0]));
    fqpi_jet_plan_destroy(t.plan);
    fqpi_free(t.block), free(t.u), free(t.du);
    place(&t, 3, which);
    for (int i = 0; i + SAMPLES <= N; i += SAMPLES) {
        forward(&t, x[i], t.u);
        assert_memory_equal(got[i], t.u, SAMPLES * sizeof got[i]);
    }
    for (int i = 0; i < N; i++)
        for (int q = 0; q < 2; q++) {
            assert_near(got[i][q][1], value[i][q], 1e-13 * (1 + fabs(value[i][q])));
            assert_true(twice[i][q][0] == value[i][q] && twice[i][q][1] == value[i][q]);
        }
    close_setting(&t);
}

/* Without a gradient to come one order less of the activation will do; the rest is refused with its reason. */
static void what_is_refused(void **state) {
    (void)state;
    const shape s = {
        .d = 2, .m = 1, .hidden = {5}, .layers = 1, .activation = FQPI_ACT_ELU, .param = NAN, .bias = true};
    setting t = open_setting(&s, 1, "");
    double u[2];
    const fqp_view at = points((const double[]){0.1, 0.2}, 1, 2);
    fqpi_jet_plan *plan;
    const fqp_derivative xy = {{1, 1}, false}, xyy = {{1, 2}, false}, z = {{0, 0, 1}, false}, odd = {{2, 1}, true},
                         none = {{0}, true};
    assert_int_equal(t.order, 1);
    assert_ok(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 1, &xy, u));
    assert_refused(t.ctx, fqpi_jet_plan_create(t.ctx, t.net, 1, &xy, &plan), FQP_E_UNSUPPORTED,
                   "derivatives: the gradient of d2 dx0 dx1 needs the third derivative of the activation, and elu has "
                   "none; smooth enough are: tanh gelu silu softplus sigmoid sin ricker gaussian erf cos sincos gabor");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 1, &xyy, u), FQP_E_UNSUPPORTED,
                   "derivatives: d3 dx0 dx1 dx1 needs the third derivative of the activation, and elu has none; smooth "
                   "enough are: tanh gelu silu softplus sigmoid sin ricker gaussian erf cos sincos gabor");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 1, &z, u), FQP_E_ARG,
                   "derivatives: axis 2 of a network of 2 inputs");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 1, &odd, u), FQP_E_ARG,
                   "derivatives: a sum of second derivatives has order 2 or 0 along an axis, not 1");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 1, &none, u), FQP_E_ARG,
                   "derivatives: a sum of second derivatives over no axis");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, at, 0, &z, u), FQP_E_ARG,
                   "derivatives: none are asked for");
    assert_refused(t.ctx, fqp_model_derivatives(t.ctx, t.net, points(u, 2, 1), 1, &xy, u), FQP_E_SHAPE,
                   "derivatives: points have 1 columns, the network takes 2 inputs");
    close_setting(&t);
}

static void no_memory_is_said(void **state) {
    (void)state;
    const shape s = {.d = 2, .m = 1, .hidden = {5}, .layers = 1, .param = NAN, .bias = true};
    const fqp_derivative xxyy = {{2, 2}, false};
    setting t = open_setting(&s, 1, "");
    double u[1];
    int failures = 0;
    fqp_status answer = FQP_E_NOMEM;
    for (; answer == FQP_E_NOMEM; failures++) {
        fqpi_mem_fail_after(t.ctx, failures);
        answer = fqp_model_derivatives(t.ctx, t.net, points((const double[]){0.1, 0.2}, 1, 2), 1, &xxyy, u);
        fqpi_mem_fail_after(t.ctx, -1);
    }
    assert_ok(t.ctx, answer);
    assert_int_equal(failures, 9); /* a plan of 7 parts, work space; then it can be done */
    close_setting(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_coefficients_of_polynomials),
        cmocka_unit_test(derivatives_are_limits_of_differences),
        cmocka_unit_test(sums_are_sums),
        cmocka_unit_test(gradients_are_limits_of_differences),
        cmocka_unit_test(gradients_by_slopes_are_limits_of_differences),
        cmocka_unit_test(single_precision_is_near_double),
        cmocka_unit_test(the_model_answers_the_same),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
