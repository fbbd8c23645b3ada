/* Configurations: defaults, text, overrides, variants; what was given and where; all problems in one call. */
#include "unit/conf/said.h"
#include "unit/conf/tables.h"

#include <jansson.h>
#include <locale.h>
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

static fqp_config *parse(const char *text, size_t nset, const char *const *set) {
    fqp_ctx_problems_clear(ctx);
    fqp_config *c = NULL;
    if (fqpi_config_parse(ctx, tables, "t.yaml", text, nset, set, &c) != FQP_OK)
        fail_msg("refused: %s", said(ctx));
    return c;
}

static void refuses(const char *text, size_t nset, const char *const *set, const char *message) {
    fqp_ctx_problems_clear(ctx);
    fqp_config *c = NULL;
    assert_int_equal(fqpi_config_parse(ctx, tables, "t.yaml", text, nset, set, &c), FQP_E_CONFIG);
    assert_null(c);
    assert_string_equal(said(ctx), message);
}

static const train_opts *train_of(const fqp_config *c) {
    return fqp_config_section(c, "train");
}

static void defaults(void **state) {
    (void)state;
    static const char *const texts[] = {"", "# nothing\n", "train:\n", "train: {}\nmonitor:\n  filter:\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fqp_config *c = parse(texts[i], 0, NULL);
        const train_opts *t = train_of(c);
        assert_true(t->lr == 1e-3 && isnan(t->decay) && t->limit == 2 * 3.14159265358979323846);
        assert_true(t->steps == 1000 && t->bias && !t->title && t->color == 0);
        assert_true(t->hidden.n == 2 && t->hidden.v[1] == 200 && t->delta.n == 0 && t->colors.v[1] == 2);
        assert_string_equal(t->target.v[0], "sin(x) + sin(3*x)");
        const filter_opts *f = fqp_config_section(c, "monitor.filter");
        assert_true(f->width.n == 0 && strcmp(f->file, "a.npy") == 0);
        assert_false(fqp_config_given(c, "train.lr"));
        assert_null(fqp_config_origin(c, "train.lr").source);
        assert_null(fqp_config_section(c, "nothing"));
        assert_false(fqp_config_given(c, "train.nothing"));
        assert_false(fqp_config_given(NULL, "train.lr"));
        fqp_config_destroy(c);
    }
    fqp_config_destroy(NULL);
}

static void given(void **state) {
    (void)state;
    static const char *const set[] = {"train.color=blue", "monitor.filter.width=[3, 5]",
                                      "train.title=",     "monitor={filter: {file: b.npy}}",
                                      "train.steps=5",    "train.steps=7"};
    fqp_config *c = parse("train:\n  lr: 0.5\n  color: green\n  title: t\nmonitor.tau: 0.2\n", 6, set);
    const train_opts *t = train_of(c);
    const filter_opts *f = fqp_config_section(c, "monitor.filter");
    assert_true(t->lr == 0.5 && t->color == 2 && !t->title && t->steps == 7);
    assert_true(f->width.n == 2 && f->width.v[1] == 5);
    assert_string_equal(f->file, "b.npy");
    assert_true(((const monitor_opts *)fqp_config_section(c, "monitor"))->tau == 0.2);
    assert_true(fqp_config_given(c, "monitor.tau") && fqp_config_given(c, "monitor.filter.file"));
    assert_false(fqp_config_given(c, "train.bias"));
    fqp_origin at = fqp_config_origin(c, "train.lr");
    assert_string_equal(at.source, "t.yaml");
    assert_true(at.line == 2 && at.column == 7);
    at = fqp_config_origin(c, "train.steps");
    assert_string_equal(at.source, "--set, argument 6");
    assert_true(at.line == 0);
    fqp_config_destroy(c);
}

static void everything_at_once(void **state) {
    (void)state;
    static const char *const set[] = {"monitor.tau=.5",  "train.lr=2",       "train.delta=[3,4", "x.y.z=3", "foo", "=3",
                                      "train.bias=ture", "monitor.filter=3", "claims=1",         "train=~"};
    refuses("monitor:\n"
            "  tau: 1\n"
            "  filter: {width: 3, tau: 4}\n"
            "  train: 3\n"
            "train:\n"
            "  lr: 3\n"
            "  color: gren\n"
            "  hiden: [3]\n"
            "  hidden: [0, 1.5]\n"
            "  lr: 0.5\n"
            "train.steps.x: 3\n"
            "trian:\n"
            "  lr: 3\n"
            "train.color: red\n"
            "monitor.tau: 0.2\n"
            "monitor.tau: 0.2\n",
            10, set,
            "t.yaml:2:8: monitor.tau: 1 is outside (0, 1)\n"
            "    tau: 1\n"
            "         ^\n"
            "t.yaml:3:22: monitor.filter: unknown key \"tau\"\n"
            "    filter: {width: 3, tau: 4}\n"
            "                       ^\n"
            "    did you mean \"monitor.tau\"?\n"
            "t.yaml:4:3: monitor: unknown key \"train\"\n"
            "    train: 3\n"
            "    ^\n"
            "    did you mean \"train\"?\n"
            "t.yaml:6:7: train.lr: 3 is outside (0, 1]\n"
            "    lr: 3\n"
            "        ^\n"
            "t.yaml:7:10: train.color: unknown color \"gren\"\n"
            "    color: gren\n"
            "           ^\n"
            "    did you mean \"green\"? known: blue green light_blue red\n"
            "t.yaml:8:3: train: unknown key \"hiden\"\n"
            "    hiden: [3]\n"
            "    ^\n"
            "    did you mean \"hidden\"? known: bias color colors decay delta hidden limit lr shift steps target\n"
            "    title\n"
            "t.yaml:9:12: train.hidden: 0 is outside [1, 65536]\n"
            "    hidden: [0, 1.5]\n"
            "             ^\n"
            "t.yaml:9:15: train.hidden: \"1.5\" is not a whole number\n"
            "    hidden: [0, 1.5]\n"
            "                ^\n"
            "t.yaml:10:3: the key \"lr\" was given before, on line 6\n"
            "    lr: 0.5\n"
            "    ^\n"
            "t.yaml:11:1: train.steps: is a key with a value, nothing stands below it\n"
            "    train.steps.x: 3\n"
            "    ^\n"
            "t.yaml:12:1: unknown section \"trian\"\n"
            "    trian:\n"
            "    ^\n"
            "    did you mean \"train\"? known: claims conditions figures monitor presets recipe sweep train\n"
            "t.yaml:16:1: the key \"monitor.tau\" was given before, on line 15\n"
            "    monitor.tau: 0.2\n"
            "    ^\n"
            "--set, argument 2: train.lr: 2 is outside (0, 1]\n"
            "--set, argument 3: train.delta: did not find expected ',' or ']' while parsing a flow sequence\n"
            "--set, argument 4: unknown section \"x\"\n"
            "    known: claims conditions figures monitor presets recipe sweep train\n"
            "--set, argument 5: expected section.key=value, found \"foo\"\n"
            "--set, argument 6: expected section.key=value, found \"=3\"\n"
            "--set, argument 7: train.bias: \"ture\" is not true or false\n"
            "--set, argument 8: monitor.filter: expected keys with values below it, found a single value\n"
            "    write them as \"key: value\", with a blank after the colon\n"
            "--set, argument 9: claims: cannot be set here; it stands in the recipe's file\n");
}

/* The same key, nested and dotted. */
static void given_twice(void **state) {
    (void)state;
    refuses("train: {lr: 0.1}\ntrain.lr: 0.2\n", 0, NULL,
            "t.yaml:2:1: train.lr: was given before, on line 1\n"
            "    train.lr: 0.2\n"
            "    ^\n");
}

/* What stands before a syntax error is judged too. */
static void before_a_syntax_error(void **state) {
    (void)state;
    refuses("train:\n  lr: 3\n  hidden: [1, 0\nmonitor: 1\n", 0, NULL,
            "t.yaml:2:7: train.lr: 3 is outside (0, 1]\n"
            "    lr: 3\n"
            "        ^\n"
            "t.yaml:4:8: did not find expected ',' or ']' while parsing a flow sequence that begins on line 3\n"
            "    monitor: 1\n"
            "           ^\n");
}

static void roots(void **state) {
    (void)state;
    refuses("[1, 2]\n", 0, NULL,
            "t.yaml:1:1: expected sections such as \"train:\", found a list\n"
            "    [1, 2]\n"
            "    ^\n");
    refuses("hello\n", 0, NULL,
            "t.yaml:1:1: expected sections such as \"train:\", found a single value\n"
            "    hello\n"
            "    ^\n");
}

static void raw_and_variants(void **state) {
    (void)state;
    static const char *const set[] = {"train.color=blue"};
    fqp_config *c = parse("recipe: {name: r, n: 3}\n"
                          "train: {lr: 0.5, steps: 10, color: green}\n"
                          "presets:\n"
                          "  smoke: {train.steps: 2, monitor: {tau: 0.3}}\n"
                          "  empty:\n"
                          "  wrong: {train: {lr: 7}}\n"
                          "conditions:\n"
                          "  wide: {train.hidden: 7, train.color: red, train.steps: 4}\n",
                          1, set);
    assert_string_equal(fqpi_node_find(fqpi_config_node(c, "recipe"), "name")->text, "r");
    assert_null(fqpi_config_node(c, "claims"));
    assert_null(fqpi_config_node(c, "train"));
    assert_string_equal(fqpi_config_source(c), "t.yaml");

    static const char *const paths[] = {"presets/smoke", "presets/empty", "conditions/wide"};
    static const char *const more[] = {"train.lr=0.25"};
    fqp_config *v = NULL;
    assert_int_equal(fqpi_config_variant(ctx, c, 3, paths, 1, more, &v), FQP_OK);
    assert_int_equal(train_of(c)->steps, 10);
    fqp_config_destroy(c); /* the variant stands by itself */
    assert_true(train_of(v)->steps == 4 && train_of(v)->hidden.v[0] == 7 && train_of(v)->lr == 0.25);
    assert_int_equal(train_of(v)->color, 2); /* overrides of the base come after the condition */
    assert_true(((const monitor_opts *)fqp_config_section(v, "monitor"))->tau == 0.3);
    assert_int_equal(fqp_config_origin(v, "train.steps").line, 8);

    static const char *const bad[] = {"presets/wrong", "presets/none", "recipe/name"};
    fqp_config *w = NULL;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_config_variant(ctx, v, 3, bad, 0, NULL, &w), FQP_E_CONFIG);
    assert_string_equal(said(ctx),
                        "t.yaml: there is no \"presets/none\" in it\n"
                        "t.yaml:1:16: recipe/name: expected keys with values below it, found a single value\n"
                        "    recipe: {name: r, n: 3}\n"
                        "                   ^\n"
                        "    write them as \"key: value\", with a blank after the colon\n"
                        "t.yaml:6:23: train.lr: 7 is outside (0, 1]\n"
                        "    wrong: {train: {lr: 7}}\n"
                        "                        ^\n");
    fqp_config_destroy(v);
}

/* Problems found after parsing point at the key all the same. */
static void later_checks(void **state) {
    (void)state;
    static const char *const set[] = {"train.lr=0.5", "monitor.tau=0.3"};
    fqp_config *c = parse("train:\n  hidden: [7, 8]\n", 2, set);
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_config_fail(ctx, c, "train.hidden", FQP_E_SHAPE, "%d is too wide", 7), FQP_E_SHAPE);
    assert_int_equal(fqpi_config_fail(ctx, c, "monitor.tau", FQP_E_CONFIG, "too near"), FQP_E_CONFIG);
    assert_int_equal(fqpi_config_fail(ctx, c, "train.steps", FQP_E_CONFIG, "a default"), FQP_E_CONFIG);
    assert_int_equal(fqpi_config_fail(ctx, NULL, "train.lr", FQP_E_ARG, "no configuration"), FQP_E_ARG);
    assert_string_equal(said(ctx), "t.yaml:2:11: train.hidden: 7 is too wide\n"
                                   "    hidden: [7, 8]\n"
                                   "            ^\n"
                                   "--set, argument 2: monitor.tau: too near\n"
                                   "train.steps: a default\n"
                                   "train.lr: no configuration\n");
    assert_int_equal(fqp_ctx_problem(ctx, 0).status, FQP_E_SHAPE);
    fqp_config_destroy(c);
}

/* A table whose default breaks its own rule is the library's fault. */
static void bad_default(void **state) {
    (void)state;
    static const fqp_key keys[] = {{"a", FQP_KEY_INT, 0, "7", 0, 5, false, false, NULL, "A."}};
    static const fqp_section section = {"s", "S.", keys, 1, 8, NULL};
    int64_t opts[1] = {3};
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_section_defaults(ctx, &section, opts), FQP_E_INTERNAL);
    assert_string_equal(said(ctx), "default: s.a: 7 is outside [0, 5]\n");
    train_opts t;
    assert_int_equal(fqp_section_defaults(ctx, &train_section, &t), FQP_OK);
    fqp_section_release(&train_section, &t);
    assert_true(!t.hidden.v && !t.target.v && t.hidden.n == 0);
    fqp_section_release(&train_section, &t); /* twice is harmless */
    fqp_section_release(&train_section, NULL);
}

static void yaml_and_json(void **state) {
    (void)state;
    fqp_config *c = parse("train: {title: 'a: \"b\" # c', lr: 0.1, delta: [1, 2.5]}\n", 0, NULL);
    char *text = NULL;
    assert_int_equal(fqp_config_yaml(ctx, c, &text), FQP_OK);
    assert_string_equal(text, "train: # How the network is trained.\n"
                              "  lr: 0.1\n"
                              "  decay: nan\n"
                              "  limit: 6.283185307179586\n"
                              "  steps: 1000\n"
                              "  shift: 0\n"
                              "  bias: true\n"
                              "  title: \"a: \\\"b\\\" # c\"\n"
                              "  color: red\n"
                              "  hidden: [200, 200]\n"
                              "  delta: [1, 2.5]\n"
                              "  target: [\"sin(x) + sin(3*x)\"]\n"
                              "  colors: [red, blue]\n"
                              "monitor: # What is observed.\n"
                              "  tau: 0.1\n"
                              "  filter: # The Gaussian filter.\n"
                              "    width: []\n"
                              "    file: a.npy\n");
    free(text);
    assert_int_equal(fqp_config_json(ctx, c, &text), FQP_OK);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_t *t = json_object_get(root, "train");
    assert_true(json_real_value(json_object_get(t, "lr")) == 0.1);
    assert_non_null(strstr(text, "\"lr\": 0.10000000000000001"));
    assert_true(json_is_null(json_object_get(t, "decay")));
    assert_string_equal(json_string_value(json_object_get(t, "title")), "a: \"b\" # c");
    assert_string_equal(json_string_value(json_array_get(json_object_get(t, "colors"), 1)), "blue");
    json_t *f = json_object_get(json_object_get(root, "monitor"), "filter");
    assert_string_equal(json_string_value(json_object_get(f, "file")), "a.npy");
    json_decref(root);
    free(text);
    fqp_config_destroy(c);
}

/* Files, with the path as source. */
static void loads(void **state) {
    (void)state;
    char path[] = "/tmp/fqp_config_XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fputs("train: {lr: 0.5}\n", f);
    fclose(f);
    fqp_config *c = NULL;
    assert_int_equal(fqpi_config_load(ctx, tables, path, 0, NULL, &c), FQP_OK);
    assert_true(train_of(c)->lr == 0.5);
    assert_string_equal(fqpi_config_source(c), path);
    fqp_config_destroy(c);
    remove(path);
    assert_int_equal(fqpi_config_load(ctx, tables, path, 0, NULL, &c), FQP_E_IO);
}

/* The n-th allocation fails, for every n: FQP_E_NOMEM, nothing leaked, the output untouched. */
static void no_memory(void **state) {
    (void)state;
    static const char good[] = "train: {lr: 0.5, title: t, hidden: [1, 2], target: [a, b], colors: red,"
                               " delta: {from: 1, to: 2, count: 4}}\nrecipe: {a: [1]}\n";
    static const char bad[] = "train: {lr: 5, titel: t, hidden: [1, x], color: rad, colors: [red, bleu],"
                              " delta: {from: 1, to: 2, cuont: 4}}\ntrain.lr: 3\n";
    static const char *const set[] = {"train.title=x", "monitor.filter.width=[1, 2]", "train.target=[c, d]"};
    for (int k = 0; k < 2; k++) {
        for (long n = 0;; n++) {
            fqp_ctx_problems_clear(ctx);
            fqp_config *c = NULL;
            fqpi_mem_fail_after(ctx, n);
            fqp_status status = fqpi_config_parse(ctx, tables, "t.yaml", k ? bad : good, 3, set, &c);
            fqpi_mem_fail_after(ctx, -1);
            if (status != FQP_E_NOMEM) {
                assert_int_equal(status, k ? FQP_E_CONFIG : FQP_OK);
                assert_true(n > 50);
                fqp_config_destroy(c);
                break;
            }
            assert_null(c);
            assert_true(fqp_ctx_problem_count(ctx) > 0);
        }
    }
}

static void no_memory_for_defaults(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        train_opts t;
        fqpi_mem_fail_after(ctx, n);
        fqp_status status = fqp_section_defaults(ctx, &train_section, &t);
        fqpi_mem_fail_after(ctx, -1);
        if (status == FQP_OK) {
            assert_true(n > 20);
            fqp_section_release(&train_section, &t);
            break;
        }
        assert_int_equal(status, FQP_E_NOMEM);
        assert_true(!t.hidden.v && !t.target.v && !t.colors.v);
    }
}

static void no_memory_to_write(void **state) {
    (void)state;
    fqp_config *c = parse("train: {title: t}\n", 0, NULL);
    for (int k = 0; k < 3; k++) {
        for (long n = 0;; n++) {
            char *text = NULL;
            fqp_config *v = NULL;
            fqpi_mem_fail_after(ctx, n);
            fqp_status status = k == 0   ? fqp_config_yaml(ctx, c, &text)
                                : k == 1 ? fqp_config_json(ctx, c, &text)
                                         : fqpi_config_variant(ctx, c, 0, NULL, 0, NULL, &v);
            fqpi_mem_fail_after(ctx, -1);
            if (status == FQP_OK) {
                assert_true(n > 2);
                free(text);
                fqp_config_destroy(v);
                break;
            }
            assert_int_equal(status, FQP_E_NOMEM);
            assert_true(!text && !v);
        }
    }
    fqp_config_destroy(c);
}

/* A program that speaks German still reads 0.5. */
static void other_locale(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = setlocale(LC_ALL, names[i]);
    if (!found)
        skip();
    fqp_config *c = parse("train: {lr: 0.5, limit: 1.5e0}\n", 0, NULL);
    assert_true(train_of(c)->lr == 0.5 && train_of(c)->limit == 1.5);
    char *text = NULL;
    assert_int_equal(fqp_config_yaml(ctx, c, &text), FQP_OK);
    assert_non_null(strstr(text, "lr: 0.5\n"));
    free(text);
    fqp_config_destroy(c);
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(defaults),
                                       cmocka_unit_test(given),
                                       cmocka_unit_test(everything_at_once),
                                       cmocka_unit_test(given_twice),
                                       cmocka_unit_test(before_a_syntax_error),
                                       cmocka_unit_test(roots),
                                       cmocka_unit_test(raw_and_variants),
                                       cmocka_unit_test(bad_default),
                                       cmocka_unit_test(later_checks),
                                       cmocka_unit_test(yaml_and_json),
                                       cmocka_unit_test(loads),
                                       cmocka_unit_test(no_memory),
                                       cmocka_unit_test(no_memory_to_write),
                                       cmocka_unit_test(no_memory_for_defaults),
                                       cmocka_unit_test(other_locale)};
    return cmocka_run_group_tests(tests, begin, end);
}
