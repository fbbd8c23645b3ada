/* Nodes as the experiment layer uses them: typed values, known keys, problems with a path, writing back. */
#include "conf.h"
#include "unit/conf/said.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static fqp_ctx *ctx;
static fqpi_doc *doc;

static const char text[] = "claims:\n"
                           "  - id: one\n"
                           "    seeds: 5\n"
                           "    range: [2*pi, 1.0e-4]\n"
                           "    run: yes\n"
                           "    wehn: never\n"
                           "    empty:\n"
                           "  - two\n"
                           "top: -inf\n";

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) == FQP_OK &&
                   fqpi_doc_read(ctx, "r.yaml", text, sizeof text - 1, &doc) == FQP_OK
               ? 0
               : 1;
}
static int end(void **state) {
    (void)state;
    fqpi_doc_destroy(doc);
    fqp_ctx_destroy(ctx);
    return 0;
}

static const fqpi_node *claim(size_t i) {
    return fqpi_node_at(fqpi_node_get(fqpi_doc_root(doc), "claims"), i);
}

static void typed(void **state) {
    (void)state;
    const char *id = NULL;
    int64_t seeds = 0;
    double real = 0;
    bool run = false;
    assert_int_equal(fqpi_node_to_text(ctx, fqpi_node_get(claim(0), "id"), &id), FQP_OK);
    assert_string_equal(id, "one");
    assert_int_equal(fqpi_node_to_int(ctx, fqpi_node_get(claim(0), "seeds"), &seeds), FQP_OK);
    assert_int_equal(seeds, 5);
    assert_int_equal(fqpi_node_to_real(ctx, fqpi_node_at(fqpi_node_get(claim(0), "range"), 0), &real), FQP_OK);
    assert_true(real == 2 * 3.14159265358979323846);
    assert_int_equal(fqpi_node_to_real(ctx, fqpi_node_at(fqpi_node_get(claim(0), "range"), 1), &real), FQP_OK);
    assert_true(real == 1e-4);
    assert_int_equal(fqpi_node_to_bool(ctx, fqpi_node_get(claim(0), "run"), &run), FQP_OK);
    assert_true(run);
}

/* The wrong type is named with its path and place, and the output is left alone. */
static void wrong_type(void **state) {
    (void)state;
    const char *id = "before";
    double real = 7;
    int64_t whole = 7;
    bool flag = true;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_node_to_text(ctx, fqpi_node_get(claim(0), "range"), &id), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_text(ctx, fqpi_node_get(claim(0), "empty"), &id), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_real(ctx, fqpi_node_get(claim(0), "id"), &real), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_int(ctx, fqpi_node_at(fqpi_node_get(claim(0), "range"), 1), &whole), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_bool(ctx, claim(1), &flag), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_real(ctx, fqpi_node_get(fqpi_doc_root(doc), "top"), &real), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_to_real(ctx, fqpi_doc_root(doc), &real), FQP_E_CONFIG);
    assert_true(strcmp(id, "before") == 0 && real == 7 && whole == 7 && flag);
    assert_string_equal(said(ctx), "r.yaml:4:12: claims[0].range: expected a text, found a list\n"
                                   "    range: [2*pi, 1.0e-4]\n"
                                   "           ^\n"
                                   "r.yaml:7:11: claims[0].empty: expected a text, found no value\n"
                                   "    empty:\n"
                                   "          ^\n"
                                   "r.yaml:2:9: claims[0].id: \"one\" is not a number\n"
                                   "    - id: one\n"
                                   "          ^\n"
                                   "r.yaml:4:19: claims[0].range[1]: \"1.0e-4\" is not a whole number\n"
                                   "    range: [2*pi, 1.0e-4]\n"
                                   "                  ^\n"
                                   "r.yaml:8:5: claims[1]: \"two\" is not true or false\n"
                                   "    - two\n"
                                   "      ^\n"
                                   "r.yaml:9:6: top: \"-inf\" is not a finite number\n"
                                   "    top: -inf\n"
                                   "         ^\n"
                                   "r.yaml:1:1: value: expected a number, found a mapping\n"
                                   "    claims:\n"
                                   "    ^\n");
}

static void known_keys(void **state) {
    (void)state;
    static const char *const known[] = {"id", "seeds", "range", "run", "when", "empty"};
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_node_only(ctx, claim(0), known, 6), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_only(ctx, claim(1), known, 6), FQP_E_CONFIG);
    assert_int_equal(fqpi_node_only(ctx, fqpi_doc_root(doc), (const char *const[]){"claims", "top"}, 2), FQP_OK);
    assert_int_equal(fqpi_node_fail(ctx, claim(1), "has %d words", 1), FQP_E_CONFIG);
    assert_string_equal(said(ctx), "r.yaml:6:5: claims[0]: unknown key \"wehn\"\n"
                                   "    wehn: never\n"
                                   "    ^\n"
                                   "    did you mean \"when\"? known: empty id range run seeds when\n"
                                   "r.yaml:8:5: claims[1]: expected a mapping, found a single value\n"
                                   "    - two\n"
                                   "      ^\n"
                                   "r.yaml:8:5: claims[1]: has 1 words\n"
                                   "    - two\n"
                                   "      ^\n");
}

static void written(void **state) {
    (void)state;
    fqpi_text t = {0};
    fqpi_node_write(ctx, fqpi_doc_root(doc), &t);
    assert_string_equal(t.s,
                        "{claims: [{id: one, seeds: 5, range: [2*pi, 1.0e-4], run: yes, wehn: never, empty: null}, "
                        "two], top: \"-inf\"}");
    fqpi_text_free(&t);
    static const struct {
        double v;
        const char *text;
    } reals[] = {{0.1, "0.1"},
                 {1.0 / 3, "0.3333333333333333"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {-0.0, "-0"},
                 {1e22, "1e+22"},
                 {5e-324, "4.94065645841247e-324"},
                 {INFINITY, "inf"},
                 {NAN, "nan"}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        fqpi_real_write(ctx, reals[i].v, &t);
        assert_string_equal(t.s, reals[i].text);
        fqpi_text_free(&t);
    }
    static const char *const scalars[][2] = {{"plain", "plain"},
                                             {"", "\"\""},
                                             {"a b", "\"a b\""},
                                             {"- a", "\"- a\""},
                                             {"-3", "-3"},
                                             {"-", "\"-\""},
                                             {"...", "\"...\""},
                                             {"~", "\"~\""},
                                             {"Null", "\"Null\""},
                                             {"true", "true"},
                                             {"a#", "\"a#\""},
                                             {"/tmp/x", "/tmp/x"},
                                             {"a\x01\xC2\x85", "\"a\\u0001\\u0085\""}};
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++) {
        fqpi_scalar_write(ctx, scalars[i][0], &t);
        assert_string_equal(t.s, scalars[i][1]);
        fqpi_text_free(&t);
    }
}

static void no_memory(void **state) {
    (void)state;
    static const char *const known[] = {"id"};
    for (long n = 0; n < 40; n++) {
        double v = 7;
        fqp_ctx_problems_clear(ctx);
        fqpi_mem_fail_after(ctx, n);
        fqp_status a = fqpi_node_only(ctx, claim(0), known, 1);
        fqpi_mem_fail_after(ctx, n);
        fqp_status b = fqpi_node_to_real(ctx, claim(1), &v);
        fqpi_mem_fail_after(ctx, n);
        fqp_status c = fqpi_node_fail(ctx, claim(1), "why");
        fqpi_mem_fail_after(ctx, -1);
        assert_true(a == FQP_E_NOMEM || (a == FQP_E_CONFIG && n > 5));
        assert_true(b == FQP_E_NOMEM || (b == FQP_E_CONFIG && n > 2));
        assert_true(c == FQP_E_NOMEM || (c == FQP_E_CONFIG && n > 2));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(typed), cmocka_unit_test(wrong_type),
                                       cmocka_unit_test(known_keys), cmocka_unit_test(written),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
