/* Help, page, manual and completion: exact on small sections, and every key is in each of them. */
#include "reference.h"
#include "unit/conf/said.h"
#include "unit/conf/tables.h"

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

static void helps(const char *word, const char *expected) {
    fqpi_text t = {0};
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_reference_help(ctx, tables, word, &t), FQP_OK);
    assert_string_equal(t.s, expected);
    fqpi_text_free(&t);
}

static void help(void **state) {
    (void)state;
    helps("train.lr", "train.lr: Step size.\n    a number in (0, 1]; default 1e-3\n");
    helps("lr", "train.lr: Step size.\n    a number in (0, 1]; default 1e-3\n");
    helps("train.limit", "train.limit: Limit [rad].\n    a number; default 2*pi\n");
    helps("train.title", "train.title: Title.\n    a text; default none\n");
    helps("train.color", "train.color: Colour.\n"
                         "    a name; default red\n"
                         "    red         the long waves\n"
                         "    green       the middle\n"
                         "    blue        the short waves\n"
                         "    light_blue  paler\n");
    helps("monitor.filter", "monitor.filter: The Gaussian filter.\n\n"
                            "  width  Widths of the filter. (default none)\n"
                            "  file   File. (default a.npy)\n");
    helps(NULL, "  train               How the network is trained.\n"
                "  monitor             What is observed.\n"
                "  monitor.filter      The Gaussian filter.\n");
    static const char *const wrong[][2] = {
        {"trian", "there is no key or section \"trian\"; did you mean \"train\"?\n"},
        {"train.rl", "there is no key or section \"train.rl\"; did you mean \"train.lr\"?\n"},
        {"hiden", "there is no key or section \"hiden\"; did you mean \"hidden\"?\n"},
        {"zzzzzzzzz", "there is no key or section \"zzzzzzzzz\"\n"}};
    for (size_t i = 0; i < 4; i++) {
        fqpi_text t = {0};
        fqp_ctx_problems_clear(ctx);
        assert_int_equal(fqpi_reference_help(ctx, tables, wrong[i][0], &t), FQP_E_ARG);
        assert_string_equal(said(ctx), wrong[i][1]);
        fqpi_text_free(&t);
    }
}

static void page(void **state) {
    (void)state;
    static const fqp_key keys[] = {{"a", FQP_KEY_TEXT, 0, "x|y", 0, 0, false, false, NULL, "One | two."},
                                   {"c", FQP_KEY_CHOICE, 0, "red", 0, 0, false, false, color_name, "\\alpha - beta."}};
    static const fqp_section section = {"s", ".S.", keys, 2, 8, NULL};
    static const fqp_section *const one[] = {&section, NULL};
    fqpi_text t = {0};
    fqpi_reference_markdown(ctx, one, &t);
    assert_string_equal(strstr(t.s, "\n## "),
                        "\n## s\n\n.S.\n\n| key | default | accepts | meaning |\n|---|---|---|---|\n"
                        "| `a` | `x\\|y` | a text | One \\| two. |\n"
                        "| `c` | `red` | a name | \\alpha - beta. |\n"
                        "\nNames of `s.c`:\n\n- `red`: the long waves\n- `green`: the middle\n"
                        "- `blue`: the short waves\n- `light_blue`: paler\n");
    fqpi_text_free(&t);
    fqpi_reference_man(ctx, one, &t);
    assert_string_equal(
        t.s, ".SS s\n\\&.S.\n"
             ".TP\n.B s.a\nOne | two.\nAccepts a text; default x|y.\n"
             ".TP\n.B s.c\n\\ealpha \\- beta.\nAccepts a name: red, green, blue, light_blue; default red.\n");
    fqpi_text_free(&t);
}

static void every_key(void **state) {
    (void)state;
    fqpi_text markdown = {0}, man = {0}, names = {0}, values = {0};
    fqpi_reference_markdown(ctx, tables, &markdown);
    fqpi_reference_man(ctx, tables, &man);
    fqpi_reference_names(ctx, tables, &names);
    size_t count = 0, lines = 0;
    for (size_t s = 0; tables[s]; s++) {
        for (size_t i = 0; i < tables[s]->nkeys; i++, count++) {
            char line[128];
            snprintf(line, sizeof line, "%s.%s\n", tables[s]->name, tables[s]->keys[i].name);
            assert_non_null(strstr(names.s, line));
            assert_non_null(strstr(man.s, line));
            snprintf(line, sizeof line, "| `%s` |", tables[s]->keys[i].name);
            assert_non_null(strstr(markdown.s, line));
        }
    }
    for (size_t i = 0; i < names.n; i++)
        lines += names.s[i] == '\n';
    assert_int_equal(lines, count);
    fqpi_reference_values(ctx, tables, "train.colors", &values);
    fqpi_reference_values(ctx, tables, "train.bias", &values);
    fqpi_reference_values(ctx, tables, "train.lr", &values);
    fqpi_reference_values(ctx, tables, "nothing", &values);
    assert_string_equal(values.s, "red\ngreen\nblue\nlight_blue\ntrue\nfalse\n");
    fqpi_text_free(&markdown);
    fqpi_text_free(&man);
    fqpi_text_free(&names);
    fqpi_text_free(&values);
}

static void no_memory(void **state) {
    (void)state;
    static const char *const words[] = {"train", "train.lr", "trian", NULL};
    for (size_t k = 0; k < 4; k++) {
        for (long n = 0;; n++) {
            fqpi_text t = {0};
            fqp_ctx_problems_clear(ctx);
            fqpi_mem_fail_after(ctx, n);
            fqp_status status = fqpi_reference_help(ctx, tables, words[k], &t);
            fqpi_mem_fail_after(ctx, -1);
            fqpi_text_free(&t);
            if (status != FQP_E_NOMEM)
                break;
        }
    }
    for (long n = 0; n < 40; n++) {
        fqpi_text t = {0};
        fqpi_mem_fail_after(ctx, n);
        fqpi_reference_man(ctx, tables, &t);
        fqpi_reference_markdown(ctx, tables, &t);
        fqpi_mem_fail_after(ctx, -1);
        fqpi_text_free(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(help), cmocka_unit_test(page), cmocka_unit_test(every_key),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
