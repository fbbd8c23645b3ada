/* Values of expressions: every function against libm, grammar, indices, host functions, memory. */
#include "mem.h"
#include "support.h"
#include <fqp/expr.h>

#include <pthread.h>
#include <stdlib.h>

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

static void show_problems(const char *text) {
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        print_error("%s: %s\n", text, fqp_ctx_problem(ctx, i).message);
}

/* Value of text at the point p of d coordinates. */
static double at(const char *text, int d, const double *p) {
    fqp_expr *e = NULL;
    double v = 0;
    if (fqp_expr_create_coords(ctx, text, d, NULL, 0, (fqp_origin){0}, &e))
        show_problems(text);
    assert_non_null(e);
    assert_int_equal(fqp_expr_eval(ctx, e, 1, p, NULL, &v), FQP_OK);
    fqp_expr_destroy(e);
    return v;
}

static bool close_to(double a, double b) {
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-15 * (1 + fabs(b));
}

static void check(const char *text, double got, double expected) {
    if (!close_to(got, expected))
        fail_msg("%s gives %.17g, expected %.17g", text, got, expected);
}

static void numbers_and_grammar(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } row[] = {
        {"1", 1},
        {"1.5", 1.5},
        {".5", .5},
        {"1.", 1},
        {"1e-3", 1e-3},
        {"2.5E+2", 250},
        {"1+2*3", 7},
        {"(1+2)*3", 9},
        {"2-3-4", -5},
        {"24/4/2", 3},
        {"2^3^2", 512},
        {"2**3", 8},
        {"-2^2", -4},
        {"(-2)^2", 4},
        {"2^-1", .5},
        {"2^-2*8", 2},
        {"-2^-2", -.25},
        {"--3", 3},
        {"+3", 3},
        {"2*-3", -6},
        {"!0", 1},
        {"!3 == 0", 1},
        {"2*pi", 6.283185307179586},
        {"e", 2.718281828459045},
        {"inf", INFINITY},
        {"-inf", -INFINITY},
        {"1 < 2", 1},
        {"2 < 1", 0},
        {"1 <= 1", 1},
        {"1 >= 2", 0},
        {"2 > 1", 1},
        {"1 == 1", 1},
        {"1 != 1", 0},
        {"1 < 2 < 3", 1},
        {"1 < 3 < 2", 0},
        {"3 > 2 >= 2 > 1", 1},
        {"1 < 2 && 2 < 1", 0},
        {"1 < 2 || 2 < 1", 1},
        {"0 || 1 && 0", 0},
        {"1 ? 2 : 3", 2},
        {"0 ? 2 : 0 ? 4 : 5", 5},
        {"if(1 > 2, 10, 20)", 20},
        {"1 + 2 < 4", 1},
        {"inf - inf < 0", 0},
        {"inf - inf == inf - inf", 0},
        {"(inf - inf) || 0", 0},
        {"!(inf - inf)", 1},
        {"if(inf - inf, 1, 2)", 2},
        {"min(3, 1, 2)", 1},
        {"max(3, 1, 2)", 3},
        {"max(inf - inf, 1)", NAN},
        {"min(1, inf - inf)", NAN},
        {"mod(7, 3)", 1},
        {"mod(-7, 3)", 2},
        {"mod(7, -3)", -2},
        {"mod(6, 3)", 0},
        {"clamp(5, 0, 1)", 1},
        {"clamp(-5, 0, 1)", 0},
        {"clamp(0.25, 0, 1)", .25},
        {"sign(-3)", -1},
        {"sign(0)", 0},
        {"heaviside(0)", .5},
        {"step(0)", 1},
        {"step(-1)", 0},
        {"round(2.5)", 3},
        {"round(-2.5)", -3},
        {"floor(-0.5)", -1},
        {"ceil(0.5)", 1},
        {"isfinite(1)", 1},
        {"isfinite(inf)", 0},
        {"isfinite(inf - inf)", 0},
        {"sinc(0)", 1},
        {"0^0", 1},
        {"sum(k, 1, 10, k)", 55},
        {"sum(k, 1, 0, k)", 0},
        {"sum(k, -2, 2, k^2)", 10},
        {"prod(k, 1, 5, k)", 120},
        {"prod(k, 1, 0, k)", 1},
        {"sum(i, 1, 3, sum(j, 1, i, i*j))", 25},
        {"sum(k, 1, 2, k) + sum(k, 1, 3, k)", 9},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double v = -99;
        if (fqp_expr_number(ctx, row[i].text, (fqp_origin){0}, &v))
            show_problems(row[i].text);
        check(row[i].text, v, row[i].value);
    }
}

static double sinc(double x) {
    return x == 0 ? 1 : sin(x) / x;
}

static double gauss(double x) {
    return exp(-x * x);
}

static double heaviside(double x) {
    return x > 0 ? 1 : x < 0 ? 0 : .5;
}

static double step(double x) {
    return x >= 0;
}

static double sign(double x) {
    return (x > 0) - (x < 0);
}

/* Functions of one number: once folded as a constant, once over points. */
static void functions_of_one_number_agree_with_libm(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double (*f)(double);
    } row[] = {
        {"sin", sin},     {"cos", cos},     {"tan", tan},     {"asin", asin},   {"acos", acos},
        {"atan", atan},   {"sinh", sinh},   {"cosh", cosh},   {"tanh", tanh},   {"asinh", asinh},
        {"acosh", acosh}, {"atanh", atanh}, {"exp", exp},     {"expm1", expm1}, {"log", log},
        {"ln", log},      {"log2", log2},   {"log10", log10}, {"log1p", log1p}, {"sqrt", sqrt},
        {"cbrt", cbrt},   {"abs", fabs},    {"floor", floor}, {"ceil", ceil},   {"round", round},
        {"erf", erf},     {"erfc", erfc},   {"sinc", sinc},   {"gauss", gauss}, {"heaviside", heaviside},
        {"step", step},   {"sign", sign},
    };
    static const double point[] = {-3.7, -1, -0.3, 0, 1e-9, 0.25, 0.5, 1, 1.75, 2.5, 40};
    for (size_t r = 0; r < sizeof row / sizeof *row; r++)
        for (size_t i = 0; i < sizeof point / sizeof *point; i++) {
            char text[64];
            snprintf(text, sizeof text, "%s(x)", row[r].name);
            check(text, at(text, 1, &point[i]), row[r].f(point[i]));
            snprintf(text, sizeof text, "%s(%.17g)", row[r].name, point[i]);
            check(text, at(text, 1, &point[i]), row[r].f(point[i]));
        }
}

static void functions_of_more_numbers_and_simplifications(void **state) {
    (void)state;
    static const double p[] = {1.25, -0.5, 2};
    const double x = p[0], y = p[1], z = p[2];
    const struct {
        const char *text;
        double value;
    } row[] = {
        {"atan2(y, x)", atan2(y, x)},
        {"hypot(x, y)", hypot(x, y)},
        {"pow(x, y)", pow(x, y)},
        {"x^y", pow(x, y)},
        {"mod(y, x)", 0.75},
        {"if(x < y, x, z)", z},
        {"x < y ? x : z", z},
        {"x1 + 10*x2 + 100*x3", x + 10 * y + 100 * z},
        {"x(1) + 10*x(2)", x + 10 * y},
        {"sum(i, 1, 3, x(i)^2)", x * x + y * y + z * z},
        {"r2", x * x + y * y + z * z},
        {"r", sqrt(x * x + y * y + z * z)},
        {"x^2", x * x},
        {"x^3", x * x * x},
        {"x^7", pow(x, 7)},
        {"x^0.5", sqrt(x)},
        {"x^-1", 1 / x},
        {"x^-2", 1 / (x * x)},
        {"x^11", pow(x, 11)},
        {"0*x", 0},
        {"1*x + 0", x},
        {"x/1 - 0", x},
        {"0 - x", -x},
        {"-(-x)", x},
        {"2*(3*x)", 6 * x},
        {"x + x", 2 * x},
        {"-x*-y", x * y},
        {"x - (-y)", x + y},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        check(row[i].text, at(row[i].text, 3, p), row[i].value);
}

/* The result at a point does not depend on how many points there are or where it stands. */
static void a_point_has_the_same_bits_anywhere(void **state) {
    (void)state;
    enum { N = 1000 };
    static const char *const text[] = {
        "sin(x) + sin(3*x)",
        "exp(-r2/0.1)*cos(20*pi*x)",
        "if(x < y, x^2, sqrt(y))",
        "sum(k, 1, 20, sin(k*x)/k)*tanh(y) + x/y + erf(x*y)",
        "3",
        "x",
    };
    static double p[2 * N], all[N];
    for (int i = 0; i < 2 * N; i++)
        p[i] = sin(i * 12.9898) * 3;
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        fqp_expr *e = NULL;
        assert_int_equal(fqp_expr_create_coords(ctx, text[k], 2, NULL, 0, (fqp_origin){0}, &e), FQP_OK);
        assert_int_equal(fqp_expr_eval(ctx, e, N, p, NULL, all), FQP_OK);
        for (int begin = 0, n = 1; begin + n < N; begin += n, n = (n * 3) % 313 + 1) {
            double part[320];
            assert_int_equal(fqp_expr_eval(ctx, e, n, p + 2 * begin, NULL, part), FQP_OK);
            assert_memory_equal(part, all + begin, (size_t)n * sizeof *part);
        }
        fqp_expr_destroy(e);
    }
}

static void parameters_by_name_and_index(void **state) {
    (void)state;
    static const char *const parameter[] = {"a", "u1", "u2", "u3"};
    static const char *const variable[] = {"t", "e"};
    static const double value[] = {2, 0.1, 0.2, 0.3}, p[] = {3, 5, 4, 6};
    fqp_expr_opts opts = {.variables = variable, .nvariables = 2, .parameters = parameter, .nparameters = 4};
    fqp_expr *e = NULL;
    double v[2];
    assert_int_equal(fqp_expr_create(ctx, "a*t + sum(k, 1, 3, k*u(k)) + e", &opts, &e), FQP_OK);
    assert_int_equal(fqp_expr_eval(ctx, e, 2, p, value, v), FQP_OK);
    assert_true(close_to(v[0], 6 + 0.1 + 0.4 + 0.9 + 5));
    assert_true(close_to(v[1], 8 + 0.1 + 0.4 + 0.9 + 6));
    assert_true(fqp_expr_uses(e, 0));
    assert_true(fqp_expr_uses(e, 1));
    assert_string_equal(fqp_expr_text(e), "a*t + sum(k, 1, 3, k*u(k)) + e");
    assert_int_equal(fqp_expr_eval(ctx, e, 2, p, NULL, v), FQP_E_ARG);
    assert_int_equal(fqp_expr_eval(ctx, e, 2, NULL, value, v), FQP_E_ARG);
    assert_int_equal(fqp_expr_eval(ctx, e, -1, p, value, v), FQP_E_ARG);
    assert_int_equal(fqp_expr_eval(ctx, e, 0, NULL, value, NULL), FQP_OK);
    fqp_expr_destroy(e);
    assert_int_equal(fqp_expr_create(ctx, "2*t", &opts, &e), FQP_OK);
    assert_false(fqp_expr_uses(e, 1));
    fqp_expr_destroy(e);
    fqp_expr_destroy(NULL);
}

/* ---- host functions ---------------------------------------------------------------------------------------- */

static int calls;

static bool host_known(void *user, const char *name, int nargs) {
    (void)user;
    return (strcmp(name, "t") == 0 && nargs == 1) || (strcmp(name, "swapped.gap") == 0 && nargs == 0);
}

static double host_eval(void *user, const char *name, int nargs, const double *args) {
    (void)user;
    calls++;
    return nargs == 1 ? 100 * args[0] : (double)strlen(name);
}

static const char *host_list(void *user, size_t i) {
    static const char *const name[] = {"t", "swapped.gap"};
    (void)user;
    return i < 2 ? name[i] : NULL;
}

static const fqp_expr_host HOST = {.known = host_known, .eval = host_eval, .list = host_list};

static void host_functions_are_called_once(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
        int calls;
    } row[] = {
        {"t(5)", 500, 1},
        {"t(1) < t(3) < t(5)", 1, 3},
        {"t(5)/t(1) > 10", 0, 2},
        {"swapped.gap()", 11, 1},
        {"swapped.gap + 0.5", 11.5, 1},
        {"t(2) + t(2)", 400, 1},
        {"sum(k, 1, 3, t(k))", 600, 3},
        {"t(1) < 200 && swapped.gap() == 11 || 0", 1, 2},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_expr *e = NULL;
        double v = 0;
        if (fqp_expr_create(ctx, row[i].text, &(fqp_expr_opts){.host = &HOST}, &e))
            show_problems(row[i].text);
        assert_non_null(e);
        calls = 0;
        assert_int_equal(fqp_expr_eval(ctx, e, 1, NULL, NULL, &v), FQP_OK);
        check(row[i].text, v, row[i].value);
        assert_int_equal(calls, row[i].calls);
        fqp_expr_destroy(e);
    }
}

/* A host function of a variable is called at every point and has no derivative. */
static void host_functions_of_a_variable_have_no_derivative(void **state) {
    (void)state;
    static const char *const variable[] = {"s"};
    fqp_expr *e = NULL, *d = NULL;
    double p[] = {1, 2, 3}, v[3];
    fqp_expr_opts opts = {.variables = variable, .nvariables = 1, .host = &HOST};
    assert_int_equal(fqp_expr_create(ctx, "s + t(s)", &opts, &e), FQP_OK);
    assert_int_equal(fqp_expr_eval(ctx, e, 3, p, NULL, v), FQP_OK);
    for (int i = 0; i < 3; i++)
        assert_true(v[i] == 101 * p[i]);
    assert_int_equal(fqp_expr_derivative(ctx, e, "s", &d), FQP_E_EXPR);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "t has no derivative"));
    assert_int_equal(fqp_expr_gradient(ctx, e, 3, p, NULL, NULL, v), FQP_E_EXPR);
    assert_int_equal(fqp_expr_forward(ctx, e, 3, p, p, NULL, NULL, v), FQP_E_EXPR);
    fqp_expr_destroy(e);
    assert_int_equal(fqp_expr_create(ctx, "s*t(4)", &opts, &e), FQP_OK);
    assert_int_equal(fqp_expr_derivative(ctx, e, "s", &d), FQP_OK);
    assert_int_equal(fqp_expr_eval(ctx, d, 1, p, NULL, v), FQP_OK);
    assert_true(v[0] == 400);
    fqp_expr_destroy(d);
    fqp_expr_destroy(e);
}

/* Every allocation may fail: FQP_E_NOMEM, outputs untouched, nothing lost (the sanitiser counts). */
static void every_allocation_may_fail(void **state) {
    (void)state;
    fqp_ctx *c = NULL;
    assert_int_equal(fqp_ctx_create(NULL, &c), FQP_OK);
    static const char *const variable[] = {"x", "y"};
    fqp_expr_opts opts = {.variables = variable, .nvariables = 2, .host = &HOST};
    static double p[600], v[300], g[600];
    long failures = 0;
    for (long n = 0;; n++) {
        fqp_expr *e = NULL, *d = NULL;
        fqpi_mem_fail_after(c, n);
        fqp_status s = fqp_expr_create(c, "sum(k, 1, 30, sin(k*x)*cos(k*y + 1)) + x*t(1) + swapped.gap()", &opts, &e);
        if (!s)
            s = fqp_expr_derivative(c, e, "x", &d);
        if (!s)
            s = fqp_expr_eval(c, d, 300, p, NULL, v);
        if (!s)
            s = fqp_expr_gradient(c, d, 300, p, NULL, v, g);
        if (!s)
            s = fqp_expr_forward(c, d, 300, p, p, NULL, v, g);
        fqpi_mem_fail_after(c, -1);
        fqp_expr_destroy(d);
        fqp_expr_destroy(e);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
        failures++;
    }
    assert_in_range(failures, 20, 1000);
    fqp_ctx_destroy(c);
}

/* One expression, several threads, each with a context of its own. */
enum { MANY = 3000 };

static void *evaluate(void *arg) {
    const fqp_expr *e = arg;
    fqp_ctx *mine = NULL;
    static double p[MANY];
    double *v = malloc(2 * MANY * sizeof *v);
    bool good = v && fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &mine) == FQP_OK;
    for (int round = 0; good && round < 20; round++)
        good = fqp_expr_eval(mine, e, MANY, p, NULL, v) == FQP_OK && v[MANY - 1] == 1 &&
               fqp_expr_gradient(mine, e, MANY, p, NULL, NULL, v + MANY) == FQP_OK && v[2 * MANY - 1] == 3;
    fqp_ctx_destroy(mine);
    free(v);
    return good ? arg : NULL;
}

static void threads_share_an_expression(void **state) {
    (void)state;
    fqp_expr *e = NULL;
    pthread_t thread[4];
    assert_ok(ctx, fqp_expr_create_coords(ctx, "cos(x) + 3*sinh(x)", 1, NULL, 0, (fqp_origin){0}, &e));
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, evaluate, e), 0);
    for (int i = 0; i < 4; i++) {
        void *good = NULL;
        pthread_join(thread[i], &good);
        assert_ptr_equal(good, e);
    }
    fqp_expr_destroy(e);
}

/* Every row has a name and a sentence. */
static void every_function_has_help(void **state) {
    (void)state;
    size_t n = 0;
    for (const char *doc = NULL, *name; (name = fqp_expr_function(n, &doc)); n++) {
        assert_true(strlen(name) >= 2);
        assert_non_null(doc);
        assert_true(strlen(doc) >= 3);
    }
    assert_in_range(n, 40, 100);
    assert_null(fqp_expr_function(n, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_grammar),
        cmocka_unit_test(functions_of_one_number_agree_with_libm),
        cmocka_unit_test(functions_of_more_numbers_and_simplifications),
        cmocka_unit_test(a_point_has_the_same_bits_anywhere),
        cmocka_unit_test(parameters_by_name_and_index),
        cmocka_unit_test(host_functions_are_called_once),
        cmocka_unit_test(host_functions_of_a_variable_have_no_derivative),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(threads_share_an_expression),
        cmocka_unit_test(every_function_has_help),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
