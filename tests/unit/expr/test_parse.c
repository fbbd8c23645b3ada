/* Broken expressions: column, reason, nearest spelling, and nothing that crashes. */
#include "support.h"
#include <fqp/expr.h>

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

/* Column (from 1) and first line of the message. */
static void each_mistake_has_its_column(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int column;
        const char *message;
    } row[] = {
        {"sin(x", 4, "the parenthesis opened here is not closed"},
        {"(x + (y)", 1, "the parenthesis opened here is not closed"},
        {"sin(x))", 7, "this parenthesis was never opened"},
        {"x + ", 5, "the expression ends where a value should follow"},
        {"x + * y", 5, "a value is missing before \"*\""},
        {"()", 2, "a value is missing before \")\""},
        {"sin()", 1, "sin takes 1 argument, 0 are given"},
        {"sin(x, y)", 1, "sin takes 1 argument, 2 are given"},
        {"1 + atan2(x)", 5, "atan2 takes 2 arguments, 1 is given"},
        {"max(x)", 1, "max takes at least 2 arguments, 1 is given"},
        {"if(x, y)", 1, "if takes 3 arguments, 2 are given"},
        {"2x", 2, "an operator is missing before \"x\""},
        {"x y", 3, "an operator is missing before \"y\""},
        {"(x)(y)", 4, "an operator is missing before \"(\""},
        {"x, y", 2, "a comma stands outside the arguments of a function"},
        {"x : y", 3, "\":\" without \"?\""},
        {"x ? y", 3, "\"?\" without \":\""},
        {"x + sin", 5, "\"sin\" is a function: its arguments are missing"},
        {"x + w", 5, "unknown name \"w\""},
        {"x + sine(x)", 5, "unknown function \"sine\""},
        {"y(x + 1)", 1, "\"y\" is not a function"},
        {"u(x)", 1, "u(...) needs one whole constant number"},
        {"u(1, 2)", 1, "u(...) needs one whole constant number"},
        {"u(9)", 1, "u(9): there is no \"u9\""},
        {"x = 1", 3, "\"=\" means nothing here"},
        {"x & y", 3, "\"&\" means nothing here"},
        {"x $ y", 3, "\"$\" means nothing here"},
        {"x \xE2\x88\x92 y", 3, "\"\xE2\x88\x92\" means nothing here"},
        {"\xCF\x80*x", 1, "\"\xCF\x80\" means nothing here"},
        {"x + 1\x01", 6, "a control character (byte 1) stands in the expression"},
        {"1e999", 1, "1e999 is beyond the range of numbers"},
        {"x + .", 5, "\".\" means nothing here"},
        {"a.b", 2, "\".\" means nothing here"},
        {"sum(1, 2, 3, 4)", 5, "sum begins with the name of its index"},
        {"sum(k, 1, x, k)", 11, "the bounds of sum must be whole constant numbers"},
        {"sum(k, 1, 2.5, k)", 11, "the bounds of sum must be whole constant numbers"},
        {"sum(k, 1, 2)", 12, "sum needs four arguments: index, first, last, term"},
        {"sum(k, 1, 2, k, 3)", 15, "sum takes four arguments"},
        {"sum(k, 1, 2, k", 4, "the parenthesis opened here is not closed"},
        {"sum(k, 1, 3, u(k + 7))", 14, "u(8): there is no \"u8\""},
        {"sum(k, 1, 2, k) + k", 19, "unknown name \"k\""},
        {"sum(k, 1, 1000000, k)", 20, "sums and products run over more than 100000 index values"},
        {"sum(i,1,9999,sum(j,1,9990,i*j))", 27, "sums and products run over more than 100000 index values"},
    };
    static const char *const parameter[] = {"a", "u1", "u2"};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_expr *e = NULL;
        fqp_status s =
            fqp_expr_create_coords(ctx, row[i].text, 2, parameter, 3, (fqp_origin){.line = 1, .column = 1}, &e);
        if (s != FQP_E_EXPR || e)
            fail_msg("\"%s\" answers %s", row[i].text, fqp_status_name(s));
        assert_int_equal(fqp_ctx_problem_count(ctx), 1);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        size_t n = strcspn(p.message, "\n");
        if (p.column != row[i].column || n != strlen(row[i].message) || strncmp(p.message, row[i].message, n) != 0)
            fail_msg("\"%s\" gives column %d: %s\nexpected column %d: %s", row[i].text, p.column, p.message,
                     row[i].column, row[i].message);
    }
}

static void the_message_shows_line_caret_and_spelling(void **state) {
    (void)state;
    fqp_expr *e = NULL;
    fqp_origin origin = {.source = "poisson.yaml", .line = 7, .column = 11};
    assert_refused(ctx, fqp_expr_create_coords(ctx, "x + 2*tnah(3*x)", 1, NULL, 0, origin, &e), FQP_E_EXPR,
                   "poisson.yaml:7:17: unknown function \"tnah\"\n"
                   "    x + 2*tnah(3*x)\n"
                   "          ^\n"
                   "    did you mean \"tanh\"?");
    assert_refused(ctx, fqp_expr_create_coords(ctx, "x + omega", 2, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR,
                   "column 5: unknown name \"omega\"\n"
                   "    x + omega\n"
                   "        ^\n"
                   "    known: x y x1 x2 r r2 pi e inf");
    assert_refused(ctx, fqp_expr_create_coords(ctx, "\xC3\xA9 + 1", 1, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR,
                   "column 1: \"\xC3\xA9\" means nothing here\n"
                   "    \xC3\xA9 + 1\n"
                   "    ^");
    assert_refused(ctx, fqp_expr_create_coords(ctx, "x +\n  yy", 2, NULL, 0, origin, &e), FQP_E_EXPR,
                   "poisson.yaml:8:3: unknown name \"yy\"\n"
                   "      yy\n"
                   "      ^\n"
                   "    did you mean \"y\"?");
    assert_refused(ctx, fqp_expr_create_coords(ctx, " ", 1, NULL, 0, origin, &e), FQP_E_EXPR,
                   "poisson.yaml:7:11: the expression is empty");
    assert_refused(ctx, fqp_expr_create_coords(ctx, "", 1, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR,
                   "the expression is empty");
}

/* A long line is cut around the caret. */
static void long_lines_are_cut(void **state) {
    (void)state;
    char text[600] = "";
    for (int i = 0; i < 100; i++)
        strcat(text, "x + ");
    strcat(text, "q + ");
    for (int i = 0; i < 30; i++)
        strcat(text, "x + ");
    fqp_expr *e = NULL;
    assert_int_equal(fqp_expr_create_coords(ctx, text, 1, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR);
    const char *message = fqp_ctx_problem(ctx, 0).message;
    assert_memory_equal(message, "column 401: unknown name \"q\"\n", 29);
    const char *line = message + 29, *caret = strchr(line, '\n') + 1;
    assert_in_range(strcspn(line, "\n"), 20, 76);
    assert_int_equal(line[strcspn(caret, "^")], 'q');
}

static void depth_and_length_are_bounded(void **state) {
    (void)state;
    enum { N = 70000 };
    char *text = malloc(N + 1);
    assert_non_null(text);
    static const char open[] = "(-!^";
    for (size_t k = 0; k < 4; k++) {
        fqp_expr *e = NULL;
        memset(text, open[k], 60000);
        text[60000] = 0;
        if (open[k] == '^')
            for (int i = 0; i < 60000; i += 2)
                text[i] = 'x';
        assert_int_equal(fqp_expr_create_coords(ctx, text, 1, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR);
        assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "column 201: more than 200 levels of nesting") ||
                                strstr(fqp_ctx_problem(ctx, 0).message, "column 401: more than 200 levels of nesting")
                            ? text
                            : NULL);
    }
    memset(text, ' ', N);
    text[N] = 0;
    fqp_expr *e = NULL;
    assert_refused(ctx, fqp_expr_create_coords(ctx, text, 1, NULL, 0, (fqp_origin){0}, &e), FQP_E_EXPR,
                   "the expression is 70000 characters long, at most 65536 are accepted");
    free(text);
}

/* A flat sum of many terms is not nesting. */
static void long_flat_sums_are_accepted(void **state) {
    (void)state;
    char text[60002];
    for (int i = 0; i < 60000; i += 2)
        memcpy(text + i, "x+", 2);
    memcpy(text + 60000, "x", 2);
    fqp_expr *e = NULL;
    double x = 0.5, v = 0;
    assert_ok(ctx, fqp_expr_create_coords(ctx, text, 1, NULL, 0, (fqp_origin){0}, &e));
    assert_ok(ctx, fqp_expr_eval(ctx, e, 1, &x, NULL, &v));
    assert_near(v, 0.5 * 30001, 0);
    fqp_expr_destroy(e);
}

static bool never(void *user, const char *name, int nargs) {
    (void)user, (void)name, (void)nargs;
    return false;
}

static double nothing(void *user, const char *name, int nargs, const double *args) {
    (void)user, (void)name, (void)nargs, (void)args;
    return 0;
}

static const char *gap_only(void *user, size_t i) {
    (void)user;
    return i == 0 ? "swapped.gap" : NULL;
}

static bool knows_gap(void *user, const char *name, int nargs) {
    (void)user;
    return nargs == 2 && strcmp(name, "swapped.gap") == 0;
}

static void host_mistakes(void **state) {
    (void)state;
    fqp_expr_host host = {.known = knows_gap, .eval = nothing, .list = gap_only};
    fqp_expr_opts opts = {.host = &host};
    fqp_expr *e = NULL;
    assert_refused(ctx, fqp_expr_create(ctx, "1 + swaped.gap(1,2)", &opts, &e), FQP_E_EXPR,
                   "column 5: unknown function \"swaped.gap\"\n"
                   "    1 + swaped.gap(1,2)\n"
                   "        ^\n"
                   "    did you mean \"swapped.gap\"?");
    assert_refused(ctx, fqp_expr_create(ctx, "swapped.gap(1)", &opts, &e), FQP_E_EXPR,
                   "column 1: swapped.gap takes 2 arguments, 1 is given\n"
                   "    swapped.gap(1)\n"
                   "    ^");
    host = (fqp_expr_host){.known = never};
    assert_int_equal(fqp_expr_create(ctx, "1", &opts, &e), FQP_E_ARG);
    assert_int_equal(fqp_expr_create(ctx, NULL, NULL, &e), FQP_E_ARG);
    assert_int_equal(fqp_expr_create(ctx, "1", NULL, NULL), FQP_E_ARG);
    assert_int_equal(fqp_expr_create_coords(ctx, "1", 0, NULL, 0, (fqp_origin){0}, &e), FQP_E_ARG);
}

/* Random bytes and random words either compile or are refused with a message; none of them hangs or crashes. */
static void garbage_is_refused_politely(void **state) {
    (void)state;
    static const char *const word[] = {"x", "y",   "sin",  "(",    ")", "+", "-",  "*",   "/",  "^",  ",",
                                       "<", "==",  "&&",   "?",    ":", "!", "2",  "1e3", "pi", "if", "sum",
                                       "k", "max", "u(1)", "sinc", ".", " ", "\n", "e",   "x1", "r",  "0"};
    uint64_t s = 88172645463325252u;
    int good = 0;
    for (int round = 0; round < 20000; round++) {
        char text[400] = "";
        size_t n = 0;
        for (int i = 0; i < 3 + round % 12; i++) {
            s ^= s << 13, s ^= s >> 7, s ^= s << 17;
            if (s % 50 == 0)
                n += (size_t)snprintf(text + n, sizeof text - n, "%c", (int)(s >> 8 & 0xff));
            else
                n += (size_t)snprintf(text + n, sizeof text - n, "%s", word[s % (sizeof word / sizeof *word)]);
        }
        fqp_expr *e = NULL;
        fqp_status status = fqp_expr_create_coords(ctx, text, 2, NULL, 0, (fqp_origin){0}, &e);
        if (status) {
            assert_int_equal(status, FQP_E_EXPR);
            assert_int_equal(fqp_ctx_problem_count(ctx), 1);
        } else {
            double p[] = {0.5, 2}, v;
            assert_ok(ctx, fqp_expr_eval(ctx, e, 1, p, NULL, &v));
            good++;
        }
        fqp_expr_destroy(e);
    }
    assert_in_range(good, 50, 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_column), cmocka_unit_test(the_message_shows_line_caret_and_spelling),
        cmocka_unit_test(long_lines_are_cut),          cmocka_unit_test(depth_and_length_are_bounded),
        cmocka_unit_test(long_flat_sums_are_accepted), cmocka_unit_test(host_mistakes),
        cmocka_unit_test(garbage_is_refused_politely),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
