/* Constant expressions: values by a second road (the C compiler), and what is refused. */
#include "number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PI 3.14159265358979323846
#define E 2.71828182845904523536

static void values(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {{"3", 3},
                {"-3", -3},
                {"+3", 3},
                {"0.1", 0.1},
                {".5", 0.5},
                {"5.", 5},
                {"1e-3", 1e-3},
                {"1E+3", 1e3},
                {"60000", 60000},
                {"2*pi/3", 2 * PI / 3},
                {"-pi", -PI},
                {"1/3", 1.0 / 3},
                {"1 - 2 - 3", -4},
                {"8/4/2", 1},
                {"2^3^2", 512},
                {"-2^2", -4},
                {"2^-1", 0.5},
                {"(1+2)*3", 9},
                {"2*e", 2 * E},
                {"sqrt(2)", 1.4142135623730951},
                {"exp(1)", E},
                {"log(e)", 1},
                {"sin(pi/2) + cos(0)", 2},
                {"abs(-4)", 4},
                {" 1 ", 1},
                {"inf", INFINITY},
                {"-.inf", -INFINITY},
                {"--1", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double v = -77;
        char why[64];
        if (!fqpi_number_parse(rows[i].text, &v, why, sizeof why))
            fail_msg("%s: %s", rows[i].text, why);
        if (!(v == rows[i].value || fabs(v - rows[i].value) < 4e-16 * fabs(rows[i].value)))
            fail_msg("%s gives %.17g instead of %.17g", rows[i].text, v, rows[i].value);
    }
    double v = 0;
    char why[64];
    assert_true(fqpi_number_parse(".nan", &v, why, sizeof why) && isnan(v));
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {{"", "it ends too early"},           {"2*pie", "unknown name \"pie\""},
                {"1_000", "unexpected \"_\""},       {"0x10", "unexpected \"x\""},
                {"2e", "unexpected \"e\""},          {"(1", "missing \")\""},
                {"sin(1", "missing \")\""},          {"sinus(1)", "unknown function \"sinus\""},
                {"1)", "unexpected \")\""},          {"1 +", "it ends too early"},
                {"1,5", "unexpected \",\""},         {"1 2", "unexpected \"2\""},
                {"3 %", "unexpected \"%\""},         {"π", "unexpected \"π\""},
                {"*2", "unexpected \"*\""},          {"infinity", "unknown name \"infinity\""},
                {"1..2", "unexpected \".\""},        {"a very long name that goes on", "unknown name \"a\""},
                {"0x1p3", "unexpected \"x\""},       {"sin", "unknown name \"sin\""},
                {"pi(2)", "unknown function \"pi\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double v = -77;
        char why[64];
        if (fqpi_number_parse(rows[i].text, &v, why, sizeof why))
            fail_msg("%s was accepted as %g", rows[i].text, v);
        assert_string_equal(why, rows[i].why);
        assert_true(v == -77);
    }
}

/* Depth is bounded: thousands of signs or parentheses are refused, not followed. */
static void deep(void **state) {
    (void)state;
    static char text[100001];
    static const char fill[] = "(-+^";
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < sizeof text - 1; i++)
            text[i] = fill[k] == '^' ? (i % 2 ? '^' : '2') : fill[k];
        double v = 0;
        char why[64];
        assert_false(fqpi_number_parse(text, &v, why, sizeof why));
        assert_string_equal(why, "nested too deeply");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(refused), cmocka_unit_test(deep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
