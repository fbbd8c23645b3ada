/* Values of every type: what is accepted, with which result, and what is refused, with which words. */
#include "unit/conf/said.h"
#include "unit/conf/tables.h"
#include "value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) == FQP_OK ? 0 : 1;
}
static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static const fqp_key *key_of(const char *name) {
    for (size_t i = 0; i < train_section.nkeys; i++)
        if (strcmp(train_section.keys[i].name, name) == 0)
            return &train_section.keys[i];
    fail_msg("no key %s", name);
    return NULL;
}

/* Read `text` as the value of train.<name>. */
static bool read_value(const char *name, const char *text, fqpi_value *v) {
    fqp_ctx_problems_clear(ctx);
    fqpi_doc *doc = NULL;
    if (fqpi_doc_read(ctx, "t", text, strlen(text), &doc) != FQP_OK)
        fail_msg("%s: %s", text, said(ctx));
    char path[64];
    snprintf(path, sizeof path, "train.%s", name);
    fqpi_problems ps = {.ctx = ctx};
    bool good = fqpi_value_read(&ps, path, key_of(name), fqpi_doc_root(doc), v);
    fqp_status status = fqpi_problems_report(&ps);
    assert_int_equal(status, good ? FQP_OK : FQP_E_CONFIG);
    fqpi_doc_destroy(doc);
    return good;
}

/* What is written back is the reading of the text. */
static void table(void **state) {
    (void)state;
    static const struct {
        const char *key, *text, *written;
    } rows[] = {
        {"lr", "0.5", "0.5"},
        {"lr", "1", "1"},
        {"lr", "\"0.25\"", "0.25"},
        {"lr", "1/4", "0.25"},
        {"lr", "0.1", "0.1"},
        {"decay", "nan", "nan"},
        {"decay", ".nan", "nan"},
        {"decay", "0", "0"},
        {"limit", "-2*pi", "-6.283185307179586"},
        {"limit", "1e300", "1e+300"},
        {"steps", "60000", "60000"},
        {"steps", "6e4", "60000"},
        {"steps", "1e5", "100000"},
        {"steps", "2*50", "100"},
        {"steps", "010", "10"},
        {"shift", "-9223372036854775808", "-9223372036854775808"},
        {"shift", "9223372036854775807", "9223372036854775807"},
        {"bias", "yes", "true"},
        {"bias", "Off", "false"},
        {"bias", "TRUE", "true"},
        {"title", "2024", "2024"},
        {"title", "a title", "\"a title\""},
        {"title", "''", "\"\""},
        {"title", "'null'", "\"null\""},
        {"title", "\"say \\\"hi\\\"\\n\\t\\x07\"", "\"say \\\"hi\\\"\\n\\u0009\\u0007\""},
        {"color", "blue", "blue"},
        {"hidden", "200", "[200]"},
        {"hidden", "[1, 2e2, 3]", "[1, 200, 3]"},
        {"hidden", "[]", "[]"},
        {"delta", "[1, 2*pi]", "[1, 6.283185307179586]"},
        {"delta", "{from: 1, to: 3, count: 3}", "[1, 2, 3]"},
        {"delta", "{from: 1, to: 100, count: 3, scale: log}", "[1, 10, 100]"},
        {"delta", "{from: 8, to: 2, count: 3, scale: log}", "[8, 4, 2]"},
        {"delta", "{from: 0.1, to: 0.3, count: 2, scale: linear}", "[0.1, 0.3]"},
        {"target", "sin(x)", "[sin(x)]"},
        {"target", "[x, 'max(x, y)']", "[x, \"max(x, y)\"]"},
        {"colors", "[blue, red, blue]", "[blue, red, blue]"},
        {"colors", "light_blue", "[light_blue]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fqpi_value v;
        memset(&v, 0, sizeof v);
        if (!read_value(rows[i].key, rows[i].text, &v))
            fail_msg("%s: %s", rows[i].text, said(ctx));
        fqpi_text t = {0};
        fqpi_value_yaml(ctx, key_of(rows[i].key), &v, &t);
        assert_string_equal(t.s, rows[i].written);
        fqpi_text_free(&t);
        fqpi_value_release(key_of(rows[i].key)->type, &v);
    }
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *key, *text, *message; /* first line after the place */
    } rows[] = {
        {"lr", "0", "train.lr: 0 is outside (0, 1]"},
        {"lr", "3", "train.lr: 3 is outside (0, 1]"},
        {"lr", "pi", "train.lr: pi = 3.14159 is outside (0, 1]"},
        {"lr", "-1e-3", "train.lr: -1e-3 is outside (0, 1]"},
        {"lr", "fast", "train.lr: \"fast\" is not a number"},
        {"lr", "[1]", "train.lr: expected a number, found a list"},
        {"lr", "{a: 1}", "train.lr: expected a number, found a mapping"},
        {"lr", "~", "train.lr: no value; write a number or leave the key out"},
        {"lr", "nan", "train.lr: \"nan\" is not a finite number"},
        {"lr", "1/0", "train.lr: \"1/0\" is not a finite number"},
        {"lr", "0,5", "train.lr: \"0,5\" is not a number: unexpected \",\""},
        {"lr", "''", "train.lr: \"\" is not a number: it ends too early"},
        {"decay", "inf", "train.decay: \"inf\" is not a finite number"},
        {"decay", "-1", "train.decay: -1 is outside [0, inf)"},
        {"steps", "1.5", "train.steps: \"1.5\" is not a whole number"},
        {"steps", "1_000", "train.steps: \"1_000\" is not a whole number: unexpected \"_\""},
        {"steps", "-1", "train.steps: -1 is outside [0, 1000000000]"},
        {"steps", "1e300", "train.steps: \"1e300\" is not a whole number: too large"},
        {"shift", "9223372036854775808", "train.shift: \"9223372036854775808\" is not a whole number: too large"},
        {"bias", "2", "train.bias: \"2\" is not true or false"},
        {"bias", "[]", "train.bias: expected true or false, found a list"},
        {"title", "[a]", "train.title: expected a text, found a list"},
        {"title", "~", "train.title: no value; write a text or leave the key out"},
        {"color", "Red", "train.color: unknown color \"Red\""},
        {"color", "3", "train.color: unknown color \"3\""},
        {"colors", "[red, gren]", "train.colors: unknown color \"gren\""},
        {"hidden", "{from: 1, to: 2, count: 3}", "train.hidden: expected a list of whole numbers, found a mapping"},
        {"hidden", "[1, [2]]", "train.hidden: expected a whole number, found a list"},
        {"hidden", "[1, ]", NULL},
        {"hidden", "[1, ~]", "train.hidden: no value; write a whole number or leave the key out"},
        {"hidden", "~", "train.hidden: no value; write a list of whole numbers or leave the key out"},
        {"delta", "{from: 1, to: 2}", "train.delta: {from, to, count} needs \"count\""},
        {"delta", "{from: 1, to: 2, count: 1}", "train.delta.count: 1 is outside [2, 1000000]"},
        {"delta", "{from: 1, to: 2, count: 1e9}", "train.delta.count: 1e9 is outside [2, 1000000]"},
        {"delta", "{from: 1, to: 2, count: 3, scale: lin}", "train.delta.scale: unknown scale \"lin\""},
        {"delta", "{from: 0, to: 2, count: 3, scale: log}", "train.delta: scale log needs from and to greater than 0"},
        {"delta", "{from: 0, to: 2, count: 3}", "train.delta: 0 is outside (0, 100]"},
        {"delta", "{from: 1, to: 200, count: 3}", "train.delta: 200 is outside (0, 100]"},
        {"delta", "{form: 1, to: 2, count: 3}", "train.delta: unknown key \"form\""},
        {"target", "[x, {a: b}]", "train.target: expected a text, found a mapping"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fqpi_value v, before;
        memset(&v, 0xA5, sizeof v);
        before = v;
        if (!rows[i].message) { /* a trailing comma is YAML */
            assert_true(read_value(rows[i].key, rows[i].text, &v));
            fqpi_value_release(key_of(rows[i].key)->type, &v);
            continue;
        }
        if (read_value(rows[i].key, rows[i].text, &v))
            fail_msg("%s: %s was accepted", rows[i].key, rows[i].text);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        char first[256];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(p.message, "\n"), p.message);
        assert_string_equal(first, rows[i].message);
        assert_memory_equal(&v, &before, sizeof v);
    }
}

/* Every bad element of a list is named, not only the first. */
static void all_elements(void **state) {
    (void)state;
    fqpi_value v;
    assert_false(read_value("hidden", "[0, 5, x, 1.5]", &v));
    assert_int_equal(fqp_ctx_problem_count(ctx), 3);
    assert_int_equal(fqp_ctx_problem(ctx, 1).column, 8);
}

/* Spacing by a second road: sums of steps and products of ratios. */
static void spacing(void **state) {
    (void)state;
    fqpi_value v;
    assert_true(read_value("delta", "{from: 0.5, to: 60, count: 51}", &v));
    assert_int_equal(v.reals.n, 51);
    assert_true(v.reals.v[0] == 0.5 && v.reals.v[50] == 60);
    for (size_t i = 1; i < 51; i++)
        assert_true(fabs(v.reals.v[i] - v.reals.v[i - 1] - 59.5 / 50) < 1e-13);
    fqpi_value_release(FQP_KEY_REALS, &v);
    assert_true(read_value("delta", "{from: 0.5, to: 60, count: 51, scale: log}", &v));
    assert_true(v.reals.v[0] == 0.5 && v.reals.v[50] == 60);
    for (size_t i = 1; i < 51; i++)
        assert_true(fabs(v.reals.v[i] / v.reals.v[i - 1] / exp(log(120) / 50) - 1) < 1e-13);
    fqpi_value_release(FQP_KEY_REALS, &v);
}

/* Whatever rounding does in between, the last number is the one that was asked for. */
static void last_number(void **state) {
    (void)state;
    for (int to = 2; to <= 100; to++) {
        char text[80];
        snprintf(text, sizeof text, "{from: 0.3, to: %d, count: 7, scale: log}", to);
        fqpi_value v;
        assert_true(read_value("delta", text, &v));
        assert_true(v.reals.v[6] == to);
        fqpi_value_release(FQP_KEY_REALS, &v);
    }
}

/* Ranges in words, and a table without a range. */
static void ranges(void **state) {
    (void)state;
    char text[80];
    fqpi_range_text(key_of("lr"), text, sizeof text);
    assert_string_equal(text, "(0, 1]");
    fqpi_range_text(key_of("decay"), text, sizeof text);
    assert_string_equal(text, "[0, inf)");
    assert_false(fqpi_range_given(key_of("limit")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table),        cmocka_unit_test(refused),
                                       cmocka_unit_test(all_elements), cmocka_unit_test(spacing),
                                       cmocka_unit_test(last_number),  cmocka_unit_test(ranges)};
    return cmocka_run_group_tests(tests, begin, end);
}
