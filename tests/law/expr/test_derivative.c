/* Derivatives: symbolic, reverse, forward and finite differences agree, over every function and random expressions. */
#include "support.h"
#include <fqp/expr.h>

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

enum { D = 2, N = 80 }; /* more points than one tile of derivatives holds */

static fqp_expr *compile(const char *text) {
    fqp_expr *e = NULL;
    if (fqp_expr_create_coords(ctx, text, D, NULL, 0, (fqp_origin){0}, &e))
        fail_msg("%s: %s", text, fqp_ctx_problem(ctx, 0).message);
    return e;
}

static fqp_expr *derivative(const fqp_expr *e, const char *name) {
    fqp_expr *d = NULL;
    if (fqp_expr_derivative(ctx, e, name, &d))
        fail_msg("%s: %s", fqp_expr_text(e), fqp_ctx_problem(ctx, 0).message);
    return d;
}

static double value(const fqp_expr *e, const double *p) {
    double v;
    assert_ok(ctx, fqp_expr_eval(ctx, e, 1, p, NULL, &v));
    return v;
}

/* Central difference of sixth order: error about h^6 f^(7)/140 + 3 eps |f|/h. */
static double difference(const fqp_expr *e, const double *p, int axis, double h) {
    static const double weight[] = {3. / 4, -3. / 20, 1. / 60};
    double s = 0, q[D] = {p[0], p[1]};
    for (int k = 1; k <= 3; k++) {
        q[axis] = p[axis] + k * h;
        double up = value(e, q);
        q[axis] = p[axis] - k * h;
        s += weight[k - 1] * (up - value(e, q));
    }
    return s / h;
}

static bool agree(double a, double b, double tol) {
    return (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= tol * (1 + fabs(a) + fabs(b));
}

/* The three exact roads at n points; differences at those where the step stays in one smooth piece. */
static int compare(const char *text, const double *p, int n, double tol) {
    fqp_expr *e = compile(text);
    double v[N], w[N], grad[N * D], forward[N], symbolic[N], direction[N * D];
    int compared = 0;
    assert_ok(ctx, fqp_expr_eval(ctx, e, n, p, NULL, v));
    assert_ok(ctx, fqp_expr_gradient(ctx, e, n, p, NULL, w, grad));
    assert_memory_equal(v, w, (size_t)n * sizeof *v);
    for (int axis = 0; axis < D; axis++) {
        fqp_expr *d = derivative(e, axis ? "y" : "x1");
        for (int i = 0; i < n * D; i++)
            direction[i] = i % D == axis;
        assert_ok(ctx, fqp_expr_forward(ctx, e, n, p, direction, NULL, w, forward));
        assert_memory_equal(v, w, (size_t)n * sizeof *v);
        assert_ok(ctx, fqp_expr_eval(ctx, d, n, p, NULL, symbolic));
        for (int i = 0; i < n; i++) {
            if (!isfinite(v[i]))
                continue;
            const double *q = p + i * D;
            if (!agree(grad[i * D + axis], forward[i], 1e-11) || !agree(symbolic[i], forward[i], 1e-11))
                fail_msg("%s, axis %d at (%.17g, %.17g): reverse %.17g, forward %.17g, symbolic %.17g", text, axis,
                         q[0], q[1], grad[i * D + axis], forward[i], symbolic[i]);
            double coarse = difference(e, q, axis, 2e-3), fine = difference(e, q, axis, 1e-3);
            if (!agree(coarse, fine, tol / 4))
                continue; /* a kink, a jump or a pole within the step */
            compared++;
            if (!agree(fine, forward[i], tol))
                fail_msg("%s, axis %d at (%g, %g): difference %.12g, derivative %.12g", text, axis, q[0], q[1], fine,
                         forward[i]);
        }
        fqp_expr_destroy(d);
    }
    fqp_expr_destroy(e);
    return compared;
}

static uint64_t seed = 0x2545F4914F6CDD1Du;

static uint64_t draw(void) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed * 0x9E3779B97F4A7C15u >> 32;
}

static double uniform(double a, double b) {
    return a + (b - a) * (double)draw() / 4294967296.0;
}

static void points(double *p, int n) {
    for (int i = 0; i < n * D; i++)
        p[i] = uniform(-1.9, 2.1);
}

static int arguments_of(const char *name) {
    static const char *const two[] = {"atan2", "hypot", "pow", "mod", "min", "max"};
    static const char *const three[] = {"clamp", "if"};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (strcmp(name, two[i]) == 0)
            return 2;
    for (size_t i = 0; i < sizeof three / sizeof *three; i++)
        if (strcmp(name, three[i]) == 0)
            return 3;
    return strcmp(name, "sum") == 0 || strcmp(name, "prod") == 0 ? 4 : 1;
}

/* The table is swept: a new function is tested the day it lands. */
static void every_function_has_its_derivative(void **state) {
    (void)state;
    static const char *const inside[] = {"%s(x)", "%s(x, y)", "%s(x - y, 0.3*x*y, 1 + y)", "%s(k, 1, 4, x + k*y)"};
    static double p[N * D];
    points(p, N);
    for (size_t i = 0; fqp_expr_function(i, NULL); i++) {
        const char *name = fqp_expr_function(i, NULL);
        char text[100];
        snprintf(text, sizeof text, inside[arguments_of(name) - 1], name);
        int compared = compare(text, p, N, 1e-8);
        if (compared < N / 8)
            fail_msg("%s was compared with differences at %d points only", text, compared);
    }
}

static void append(char *text, size_t size, const char *part) {
    size_t n = strlen(text);
    snprintf(text + n, size - n, "%s", part);
}

/* A random expression of given depth. */
static void grow(char *text, size_t size, int depth) {
    static const char *const leaf[] = {"x", "y", "x", "y", "1.5", "0.7", "2", "pi", "r2", "r", "0", "1"};
    static const char *const sign[] = {" + ", " - ", "*", "/(0.2 + r)/0.5 - ", "/exp(x)*", "*"};
    static const char *const smooth[] = {"sin(",   "cos(",      "tanh(",    "exp(-", "atan(",  "erf(",  "sinc(",
                                         "gauss(", "sqrt(1 + ", "log(2 + ", "abs(",  "asinh(", "cbrt(", "-("};
    if (depth == 0) {
        append(text, size, leaf[draw() % 12]);
        return;
    }
    switch (draw() % 5) {
    case 0:
    case 1:
        append(text, size, smooth[draw() % 14]);
        grow(text, size, depth - 1);
        append(text, size, ")");
        break;
    case 2:
    case 3:
        append(text, size, "(");
        grow(text, size, depth - 1);
        append(text, size, sign[draw() % 6]);
        grow(text, size, depth - 1);
        append(text, size, ")");
        break;
    default: {
        static const char *const two[] = {"if(x < y, ", "max(", "hypot(", "if(x*y > 0, ", "min(", "atan2("};
        append(text, size, two[draw() % 6]);
        grow(text, size, depth - 1);
        append(text, size, ", ");
        grow(text, size, depth - 1);
        append(text, size, ")");
    }
    }
}

static void random_expressions(void **state) {
    (void)state;
    static double p[N * D];
    int compared = 0;
    for (int round = 0; round < 400; round++) {
        char text[6000] = "";
        grow(text, sizeof text, 1 + round % 5);
        points(p, 6);
        compared += compare(text, p, 6, 1e-6);
    }
    assert_in_range(compared, 2000, 4800);
}

/* Order k of one expression against the formula. */
static void higher_orders(void **state) {
    (void)state;
    const double x = 0.8;
    const struct {
        const char *text;
        double order[5];
    } row[] = {
        {"sin(2*x)", {sin(2 * x), 2 * cos(2 * x), -4 * sin(2 * x), -8 * cos(2 * x), 16 * sin(2 * x)}},
        {"exp(-x)", {exp(-x), -exp(-x), exp(-x), -exp(-x), exp(-x)}},
        {"x^4", {x * x * x * x, 4 * x * x * x, 12 * x * x, 24 * x, 24}},
        {"x^2.5", {pow(x, 2.5), 2.5 * pow(x, 1.5), 3.75 * sqrt(x), 1.875 / sqrt(x), -0.9375 * pow(x, -1.5)}},
        {"log(x)", {log(x), 1 / x, -1 / (x * x), 2 / (x * x * x), -6 / (x * x * x * x)}},
        {"sqrt(x)", {sqrt(x), .5 / sqrt(x), -.25 * pow(x, -1.5), .375 * pow(x, -2.5), -.9375 * pow(x, -3.5)}},
        {"1/x", {1 / x, -1 / (x * x), 2 / pow(x, 3), -6 / pow(x, 4), 24 / pow(x, 5)}},
    };
    double p[] = {x, 0};
    for (size_t r = 0; r < sizeof row / sizeof *row; r++) {
        fqp_expr *e = compile(row[r].text);
        for (int k = 0; k < 5; k++) {
            if (!agree(value(e, p), row[r].order[k], 1e-13))
                fail_msg("%s order %d is %.17g, expected %.17g", row[r].text, k, value(e, p), row[r].order[k]);
            fqp_expr *d = derivative(e, "x");
            fqp_expr_destroy(e);
            e = d;
        }
        fqp_expr_destroy(e);
    }
}

/* f_k(0) = (-1)^(k/2)/(k+1) for even k, 0 for odd k; and x f_k + k f_{k-1} = sin(x + k pi/2). */
static void sinc_to_order_eight(void **state) {
    (void)state;
    static const double point[] = {0, 1e-5, 0.3, 1.9, 2.1, 3, 5, 7.9, 8.1, 20};
    fqp_expr *f = compile("sinc(x)");
    double before[10];
    for (int k = 0; k <= 8; k++) {
        double p[] = {0, 0};
        assert_near(value(f, p), k % 2 ? 0 : (k % 4 ? -1 : 1) / (k + 1.0), 1e-15);
        for (size_t i = 0; i < sizeof point / sizeof *point; i++) {
            p[0] = point[i];
            double v = value(f, p);
            if (k > 0)
                assert_near(p[0] * v + k * before[i], sin(p[0] + k * 1.5707963267948966), 2e-11);
            before[i] = v;
        }
        fqp_expr *d = derivative(f, "x");
        fqp_expr_destroy(f);
        f = d;
    }
    fqp_expr_destroy(f);
}

/* What a branch not taken does (NaN, infinity) stays there; and the conventions at kinks. */
static void conventions(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double x, y, dx;
    } row[] = {
        {"if(x > 0, sqrt(x), 0)", -1, 0, 0},
        {"if(x > 0, log(x)*x, x)", -1, 0, 1},
        {"x > 0 ? exp(1000/x) : 3*x", 0, 0, 3},
        {"sqrt(if(x > 0, x, 0))", -1, 0, 0},
        {"if(x == 0, 1, sin(x)/x)", 0, 0, 0},
        {"clamp(x, -1, 1)", 2, 0, 0},
        {"clamp(x, -1, 1)", 0.5, 0, 1},
        {"abs(x)", 0, 0, 0},
        {"r", 0, 0, 0},
        {"r^2", 0, 0, 0},
        {"hypot(x, y)", 0, 0, 0},
        {"max(x, 0)", 0, 0, 1},
        {"x^2 + 0*log(x)", -1, 0, -2},
        {"x^y", 0, 2, 0},
        {"y^x", 0, 3, 1.0986122886681098},
        {"floor(x)*x", 2.5, 0, 2},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_expr *e = compile(row[i].text), *d = derivative(e, "x");
        double p[] = {row[i].x, row[i].y}, dx[] = {1, 0}, grad[2], forward, v;
        assert_ok(ctx, fqp_expr_gradient(ctx, e, 1, p, NULL, &v, grad));
        assert_ok(ctx, fqp_expr_forward(ctx, e, 1, p, dx, NULL, &v, &forward));
        if (!agree(value(d, p), row[i].dx, 1e-15) || !agree(grad[0], row[i].dx, 1e-15) ||
            !agree(forward, row[i].dx, 1e-15))
            fail_msg("%s at %g, %g: symbolic %g, reverse %g, forward %g; expected %g", row[i].text, p[0], p[1],
                     value(d, p), grad[0], forward, row[i].dx);
        fqp_expr_destroy(d);
        fqp_expr_destroy(e);
    }
}

/* The forward mode is linear in the direction, and equals gradient . direction. */
static void forward_is_gradient_along_direction(void **state) {
    (void)state;
    static double p[N * D], direction[N * D], grad[N * D], along[N], v[N];
    points(p, N);
    points(direction, N);
    fqp_expr *e = compile("sum(k, 1, 12, sin(k*x + y)/k)*exp(-r2) + x*tanh(y/(1 + x^2)) + r");
    assert_ok(ctx, fqp_expr_gradient(ctx, e, N, p, NULL, NULL, grad));
    assert_ok(ctx, fqp_expr_forward(ctx, e, N, p, direction, NULL, v, along));
    for (int i = 0; i < N; i++)
        assert_near(along[i], grad[2 * i] * direction[2 * i] + grad[2 * i + 1] * direction[2 * i + 1], 1e-13);
    fqp_expr_destroy(e);
}

static void parameters_have_derivatives(void **state) {
    (void)state;
    static const char *const parameter[] = {"a", "w"};
    const double value_of[] = {1.5, 3}, x = 0.4;
    fqp_expr *e = NULL, *d = NULL;
    double v;
    assert_ok(ctx, fqp_expr_create_coords(ctx, "a^2*sin(w*x)", 1, parameter, 2, (fqp_origin){0}, &e));
    assert_ok(ctx, fqp_expr_derivative(ctx, e, "w", &d));
    assert_ok(ctx, fqp_expr_eval(ctx, d, 1, &x, value_of, &v));
    assert_near(v, 2.25 * x * cos(3 * x), 1e-15);
    assert_string_equal(fqp_expr_text(d), "d/dw (a^2*sin(w*x))");
    fqp_expr_destroy(d);
    d = NULL;
    assert_refused(ctx, fqp_expr_derivative(ctx, e, "q", &d), FQP_E_EXPR,
                   "\"a^2*sin(w*x)\" has neither a variable nor a parameter \"q\"");
    assert_null(d);
    fqp_expr_destroy(e);
}

/* Each term once: the tenth derivative of a product of sines stays a small program, and so does a long product's. */
static void derivatives_do_not_explode(void **state) {
    (void)state;
    fqp_expr *e = compile("sin(x)*cos(x)*exp(x)");
    double p[] = {0.7, 0};
    for (int k = 0; k < 10; k++) {
        fqp_expr *d = derivative(e, "x");
        fqp_expr_destroy(e);
        e = d;
    }
    /* Im of (1+2i)^10 exp((1+2i)x)/2, from sin x cos x = sin(2x)/2; (1+2i)^10 = 237 - 3116i */
    double want = exp(0.7) / 2 * (237 * sin(1.4) - 3116 * cos(1.4));
    assert_near(value(e, p), want, 1e-10 * fabs(want));
    fqp_expr_destroy(e);
    e = compile("prod(k, 1, 500, 1 + x/k^2)");
    fqp_expr *d = derivative(e, "x");
    double s = 0;
    for (int k = 1; k <= 500; k++)
        s += 1 / (k * (double)k + 0.7);
    assert_near(value(d, p), value(e, p) * s, 1e-12);
    fqp_expr_destroy(d);
    fqp_expr_destroy(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_its_derivative),
        cmocka_unit_test(random_expressions),
        cmocka_unit_test(higher_orders),
        cmocka_unit_test(sinc_to_order_eight),
        cmocka_unit_test(conventions),
        cmocka_unit_test(forward_is_gradient_along_direction),
        cmocka_unit_test(parameters_have_derivatives),
        cmocka_unit_test(derivatives_do_not_explode),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
