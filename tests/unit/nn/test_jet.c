/* Jets: outputs against evaluation, derivatives by the inputs and gradients by the parameters against differences,
 * single against double precision, tiles of every fill, refusals. */
#include "elements.h"
#include "jet_shapes.h"
#include "mem.h"
#include "rng.h"

#include <stdlib.h>

enum { MOST = 200 }; /* samples of a test at most */

typedef struct setting {
    fqp_ctx *ctx;
    fqp_model *net;
    fqpi_jet_plan *plan; /* values and pure derivatives to an order; NULL: refused */
    fqpi_jet jet;
    void *block;
    double *u[3], *du[3]; /* values, first, second derivatives, and their adjoints */
    double *x;
} setting;

static double draw(int64_t i) {
    return fqpi_rng_normal(5, FQPI_STREAM_TEST, (uint64_t)i);
}

static setting open_setting(const shape *s, int order, int precision, int64_t tile) {
    setting t = {0};
    fqp_ctx_opts co = {.threads = 1};
    assert_int_equal(fqp_ctx_create(&co, &t.ctx), FQP_OK);
    const fqp_model_opts o = shape_options(s, precision);
    assert_ok(t.ctx, fqp_model_create(t.ctx, s->d, s->m, &o, 3, &t.net));
    fqp_derivative which[FQPI_JET_PURE];
    if (fqpi_jet_plan_create(t.ctx, t.net, fqpi_jet_pure(s->d, order, which), which, &t.plan) == FQP_OK) {
        t.block = fqpi_calloc(t.ctx, 1, fqpi_jet_bytes(t.net, t.plan, tile));
        memset(t.block, 0xff, fqpi_jet_bytes(t.net, t.plan, tile)); /* NaN: nothing may be read before it is written */
        fqpi_jet_place(t.net, t.plan, tile, t.block, &t.jet);
    }
    t.x = calloc((size_t)(MOST * s->d), sizeof *t.x);
    for (int64_t i = 0; i < MOST * s->d; i++)
        t.x[i] = 0.7 * draw(i);
    for (int q = 0; q < 3; q++) {
        const int64_t n = MOST * s->m * (q ? s->d : 1);
        t.u[q] = calloc((size_t)n, sizeof(double));
        t.du[q] = calloc((size_t)n, sizeof(double));
        for (int64_t i = 0; i < n; i++)
            t.du[q][i] = draw(1000000 * (q + 1) + i);
    }
    return t;
}

static void close_setting(setting *t) {
    for (int q = 0; q < 3; q++)
        free(t->u[q]), free(t->du[q]);
    free(t->x);
    fqpi_free(t->block);
    fqpi_jet_plan_destroy(t->plan);
    fqp_model_destroy(t->net);
    fqp_ctx_destroy(t->ctx);
}

/* Number q of the list, of output i, in arrays by order: [n, m], [n, m, d], [n, m, d]. */
static double *part_of(const setting *t, double *const by_order[3], int64_t i, int64_t q, int64_t *step) {
    const int64_t d = t->net->embed.d, order = q == 0 ? 0 : 1 + (q - 1) / d, row = order ? d : 1;
    *step = t->net->m * row;
    return by_order[order] ? by_order[order] + i * row + (order ? (q - 1) % d : 0) : NULL;
}

static void get_to(setting *t, int64_t n, double *const to[3]) {
    for (int64_t i = 0; i < t->net->m; i++)
        for (int64_t q = 0, step; q < (int64_t)t->plan->count; q++) {
            double *at = part_of(t, to, i, q, &step);
            if (at)
                fqpi_jet_get_one(t->net, &t->jet, n, i, (size_t)q, at, step);
        }
}

static void put_from(setting *t, int64_t n, double *const from[3]) {
    fqpi_jet_clear(t->net, &t->jet, n);
    for (int64_t i = 0; i < t->net->m; i++)
        for (int64_t q = 0, step; q < (int64_t)t->plan->count; q++) {
            const double *at = part_of(t, from, i, q, &step);
            if (at)
                fqpi_jet_put_one(t->net, &t->jet, n, i, (size_t)q, at, step);
        }
}

static void forward(setting *t, int64_t n, const double *x) {
    fqpi_jet_forward(t->net, &t->jet, n, x);
    get_to(t, n, t->u);
}

static double parameter(const fqp_model *net, const void *from, int64_t i) {
    double v;
    fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, from, i), 1, &v);
    return v;
}

static void expect(const char *what, int i, int order, double got, double want, double allowed) {
    if (!(fabs(got - want) <= allowed))
        fail_msg("shape %d (%s), order %d: %s is %.12g, expected %.12g within %.3g", i,
                 fqp_activation_name((size_t)shape_row(i).activation, NULL), order, what, got, want, allowed);
}

/* Runs a check for every shape and every order that it serves; counts them, so that nothing is skipped unseen. */
static int for_all(void (*check)(int i, int order)) {
    int checks = 0;
    for (int i = 0; i < SHAPES; i++)
        for (int order = 0; order < 3; order++) {
            const shape s = shape_row(i);
            setting t = open_setting(&s, order, 1, 8);
            const bool served = t.plan != NULL;
            close_setting(&t);
            if (served)
                check(i, order), checks++;
        }
    return checks;
}

/* All but orders 1 and 2 of relu, leaky_relu, srelu, hat and wave, and order 2 of elu, softsign, the square relu_power,
 * s2relu, phi and finer, and of grids. */
enum { ALL_CHECKS = 3 * SHAPES - 2 * 5 - 6 - 1 };

static void outputs_of(int i, int order) {
    const shape s = shape_row(i);
    setting t = open_setting(&s, order, 1, 16);
    double want[16 * 3];
    for (int64_t n = 1; n <= 16; n += 3) {
        fqp_view x = {.data = t.x, .dtype = FQP_F64, .ndim = 2, .shape = {n, s.d}};
        assert_ok(t.ctx, fqp_model_eval(t.ctx, t.net, x, want));
        forward(&t, n, t.x);
        for (int64_t k = 0; k < n * s.m; k++)
            expect("u", i, order, t.u[0][k], want[k], 1e-13 * (1 + fabs(want[k])));
    }
    close_setting(&t);
}

static void outputs_are_those_of_evaluation(void **state) {
    (void)state;
    assert_int_equal(for_all(outputs_of), ALL_CHECKS);
}

/* u_x against differences of u, u_xx against differences of u_x. */
static void derivatives_of(int i, int order) {
    enum { N = 11 };
    const double h = 1e-5;
    const shape s = shape_row(i);
    setting t = open_setting(&s, order, 1, N);
    double *up[2], *down[2];
    for (int q = 0; q < 2; q++) {
        up[q] = calloc((size_t)(N * s.m * s.d), sizeof(double));
        down[q] = calloc((size_t)(N * s.m * s.d), sizeof(double));
    }
    for (int64_t c = 0; c < s.d; c++) {
        double moved[N * 5];
        for (int sign = -1; sign < 2; sign += 2) {
            memcpy(moved, t.x, (size_t)(N * s.d) * sizeof(double));
            for (int64_t k = 0; k < N; k++)
                moved[k * s.d + c] += sign * h;
            double **to = sign < 0 ? down : up;
            fqpi_jet_forward(t.net, &t.jet, N, moved);
            get_to(&t, N, (double *const[]){to[0], to[1], NULL});
        }
        forward(&t, N, t.x);
        for (int64_t k = 0; k < N * s.m; k++) {
            const int64_t at = k * s.d + c;
            const double first = (up[0][k] - down[0][k]) / (2 * h), second = (up[1][at] - down[1][at]) / (2 * h);
            if (order >= 1)
                expect("u_x", i, order, t.u[1][at], first, 1e-7 * (1 + fabs(first)));
            if (order == 2)
                expect("u_xx", i, order, t.u[2][at], second, 1e-7 * (1 + fabs(second) + fabs(first)));
        }
    }
    for (int q = 0; q < 2; q++)
        free(up[q]), free(down[q]);
    close_setting(&t);
}

static void derivatives_are_limits_of_differences(void **state) {
    (void)state;
    assert_int_equal(for_all(derivatives_of), ALL_CHECKS);
}

/* sum of outputs and derivatives times their adjoints, to the given order */
static double functional(setting *t, int order, int64_t n) {
    double sum = 0;
    forward(t, n, t->x);
    for (int q = 0; q <= order; q++)
        for (int64_t i = 0; i < n * t->net->m * (q ? t->net->embed.d : 1); i++)
            sum += t->du[q][i] * t->u[q][i];
    return sum;
}

static void gradients_of(int i, int order) {
    enum { N = 9 };
    const double h = 1e-6;
    const shape s = shape_row(i);
    setting t = open_setting(&s, order, 1, N);
    double *grad = calloc((size_t)t.net->parameters, sizeof *grad), *w = t.net->w;
    const double size = fabs(functional(&t, order, N));
    put_from(&t, N, t.du);
    fqpi_jet_backward(t.net, &t.jet, N, grad, false);
    for (int64_t k = 0; k < t.net->parameters; k++) {
        const double kept = w[k];
        w[k] = kept + h;
        const double up = functional(&t, order, N);
        w[k] = kept - h;
        const double difference = (up - functional(&t, order, N)) / (2 * h);
        w[k] = kept;
        expect("gradient", i, order, grad[k], difference, 2e-7 * (1 + fabs(difference) + size));
    }
    free(grad);
    close_setting(&t);
}

static void gradients_are_limits_of_differences(void **state) {
    (void)state;
    assert_int_equal(for_all(gradients_of), ALL_CHECKS);
}

static double largest(int64_t n, const double *x) {
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* The same network in both precisions. */
static void singles_of(int i, int order) {
    enum { N = 37 };
    const shape s = shape_row(i);
    setting one = open_setting(&s, order, 0, N), two = open_setting(&s, order, 1, N);
    const int64_t parameters = one.net->parameters;
    double *want = calloc((size_t)parameters, sizeof *want);
    float *got = calloc((size_t)parameters, sizeof *got);
    for (int64_t k = 0; k < parameters; k++)
        ((double *)two.net->w)[k] = parameter(one.net, one.net->w, k);
    forward(&one, N, one.x);
    forward(&two, N, two.x);
    for (int q = 0; q <= order; q++) {
        const int64_t n = N * s.m * (q ? s.d : 1);
        for (int64_t k = 0; k < n; k++)
            expect("in single precision u", i, order, one.u[q][k], two.u[q][k], 3e-5 * (1 + largest(n, two.u[q])));
    }
    put_from(&one, N, one.du);
    fqpi_jet_backward(one.net, &one.jet, N, got, false);
    put_from(&two, N, two.du);
    fqpi_jet_backward(two.net, &two.jet, N, want, false);
    for (int64_t k = 0; k < parameters; k++)
        expect("in single precision the gradient", i, order, (double)got[k], want[k],
               3e-5 * (1 + largest(parameters, want)));
    free(want), free(got);
    close_setting(&one);
    close_setting(&two);
}

static void single_precision_is_near_double(void **state) {
    (void)state;
    assert_int_equal(for_all(singles_of), ALL_CHECKS);
}

/* Samples are the same bits in any tile; the gradients of tiles add up, and the same cutting gives the same bits. */
static void tiles_add_up(int precision) {
    enum { TILE = 64 };
    const shape s = {
        .d = 2, .m = 2, .hidden = {13, 50}, .layers = 2, .param = NAN, .init = FQPI_INIT_TORCH, .bias = true};
    static const int64_t cuts[] = {1, 7, 16, 17, 63, 64};
    setting t = open_setting(&s, 2, precision, TILE), whole = open_setting(&s, 2, precision, MOST);
    const int64_t parameters = t.net->parameters;
    const size_t bytes = (size_t)parameters * t.net->k->elem;
    void *want = calloc(1, bytes), *got = calloc(1, bytes), *again = calloc(1, bytes);
    forward(&whole, MOST, whole.x);
    put_from(&whole, MOST, whole.du);
    fqpi_jet_backward(whole.net, &whole.jet, MOST, want, false);
    for (size_t c = 0; c < sizeof cuts / sizeof cuts[0]; c++) {
        void *const sums[] = {got, again};
        for (int round = 0; round < 2; round++)
            for (int64_t from = 0; from < MOST; from += cuts[c]) {
                const int64_t n = MOST - from < cuts[c] ? MOST - from : cuts[c];
                forward(&t, n, t.x + from * s.d);
                for (int q = 0; q < 3; q++) {
                    const int64_t row = s.m * (q ? s.d : 1);
                    assert_memory_equal(t.u[q], whole.u[q] + from * row, (size_t)(n * row) * sizeof(double));
                }
                put_from(
                    &t, n,
                    (double *const[]){t.du[0] + from * s.m, t.du[1] + from * s.m * s.d, t.du[2] + from * s.m * s.d});
                fqpi_jet_backward(t.net, &t.jet, n, sums[round], from > 0);
            }
        assert_memory_equal(got, again, bytes);
        for (int64_t k = 0; k < parameters; k++)
            assert_near(parameter(t.net, got, k), parameter(t.net, want, k),
                        (precision ? 1e-13 : 1e-4) * (10 + fabs(parameter(t.net, want, k))));
    }
    free(want), free(got), free(again);
    close_setting(&t);
    close_setting(&whole);
}

static void tiles_of_any_fill(void **state) {
    (void)state;
    tiles_add_up(0);
    tiles_add_up(1);
}

/* Why a plan of this order is refused; "": it is not. */
static const char *refusal(int activation, double param, int output, int order, char text[512]) {
    int64_t hidden = 3;
    fqp_ctx *ctx;
    fqp_model *net;
    fqpi_jet_plan *plan;
    fqp_derivative which[FQPI_JET_PURE];
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){&hidden, 1};
    o.activation = activation;
    o.activation_param = param;
    o.output = output;
    assert_ok(ctx, fqp_model_create(ctx, 1, 2, &o, 1, &net));
    const fqp_status s = fqpi_jet_plan_create(ctx, net, fqpi_jet_pure(1, order, which), which, &plan);
    assert_true((s == FQP_OK) == (plan != NULL));
    snprintf(text, 512, "%s", s ? fqp_ctx_problem(ctx, 0).message : "");
    fqpi_jet_plan_destroy(plan);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
    return text;
}

static void what_cannot_be_served_is_refused(void **state) {
    (void)state;
    char why[512];
    assert_string_equal(refusal(FQPI_ACT_TANH, NAN, 0, 4, why), "");
    assert_string_equal(refusal(FQPI_ACT_RELU, NAN, 0, 0, why), "");
    assert_non_null(strstr(refusal(FQPI_ACT_RELU, NAN, 0, 1, why),
                           "the gradient of d1 dx0 needs the second derivative of the activation, and relu has none"));
    assert_string_equal(refusal(FQPI_ACT_RELU_POWER, 2, 0, 1, why), "");
    assert_non_null(strstr(refusal(FQPI_ACT_RELU_POWER, 2, 0, 2, why), "third derivative"));
    assert_string_equal(refusal(FQPI_ACT_RELU_POWER, 3, 0, 2, why), "");
    assert_string_equal(refusal(FQPI_ACT_RELU_POWER, 5, 0, 4, why), "");
    assert_non_null(strstr(refusal(FQPI_ACT_SOFTSIGN, NAN, 0, 2, why), "softsign"));
    assert_non_null(strstr(refusal(FQPI_ACT_TANH, NAN, 1, 1, why), "model.output linear"));
    assert_non_null(strstr(refusal(FQPI_ACT_TANH, NAN, 0, 5, why), "of order 5; at most 4"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_evaluation),
        cmocka_unit_test(derivatives_are_limits_of_differences),
        cmocka_unit_test(gradients_are_limits_of_differences),
        cmocka_unit_test(single_precision_is_near_double),
        cmocka_unit_test(tiles_of_any_fill),
        cmocka_unit_test(what_cannot_be_served_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
