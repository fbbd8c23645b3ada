/* Documents: nodes know where they stand; what is refused, and where. */
#include "conf.h"
#include "unit/conf/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

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

static fqpi_doc *read_text(const char *text) {
    fqp_ctx_problems_clear(ctx);
    fqpi_doc *doc = NULL;
    if (fqpi_doc_read(ctx, "t.yaml", text, strlen(text), &doc) != FQP_OK)
        fail_msg("refused: %s", said(ctx));
    return doc;
}

static void refuses(const char *text, size_t n, const char *message) {
    fqp_ctx_problems_clear(ctx);
    fqpi_doc *doc = NULL;
    assert_int_equal(fqpi_doc_read(ctx, "t.yaml", text, n, &doc), FQP_E_CONFIG);
    assert_null(doc);
    assert_string_equal(said(ctx), message);
}

static void places(void **state) {
    (void)state;
    fqpi_doc *doc = read_text("# comment\n"
                              "recipe:\n"
                              "  name: sines\n"
                              "  \xC3\xA9t\xC3\xA9: \"a b\"\n"
                              "claims:\n"
                              "  - id: one\n"
                              "    accept: {range: [0, 1.5], what: it}\n"
                              "  - id: two\n"
                              "    text: >-\n"
                              "      folded\n"
                              "      lines\n");
    const fqpi_node *root = fqpi_doc_root(doc);
    assert_int_equal(root->kind, FQPI_NODE_MAP);
    assert_int_equal(root->count, 2);
    const fqpi_node *name = fqpi_node_find(root, "recipe/name");
    assert_string_equal(name->text, "sines");
    assert_int_equal(name->line, 3);
    assert_int_equal(name->column, 9);
    assert_int_equal(name->key_column, 3);
    const fqpi_node *accent = fqpi_node_get(fqpi_node_get(root, "recipe"), "\xC3\xA9t\xC3\xA9");
    assert_int_equal(accent->column, 8); /* characters, not bytes */
    assert_true(accent->quoted);
    const fqpi_node *second = fqpi_node_at(fqpi_node_get(root, "claims"), 1);
    assert_string_equal(fqpi_node_get(second, "text")->text, "folded lines");
    fqpi_text path = {0};
    fqpi_node_path(ctx, fqpi_node_at(fqpi_node_find(fqpi_node_at(fqpi_node_get(root, "claims"), 0), "accept/range"), 1),
                   &path);
    assert_string_equal(path.s, "claims[0].accept.range[1]");
    fqpi_text_free(&path);
    assert_null(fqpi_node_get(root, "nothing"));
    assert_null(fqpi_node_get(NULL, "nothing"));
    assert_null(fqpi_node_at(fqpi_node_get(root, "claims"), 2));
    assert_null(fqpi_node_find(root, "recipe/name/deeper"));
    fqp_origin origin = fqpi_node_origin(name);
    assert_string_equal(origin.source, "t.yaml");
    assert_int_equal(origin.line, 3);
    fqpi_doc_destroy(doc);
    fqpi_doc_destroy(NULL);
}

static void empty(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF", "---\n...\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fqpi_doc *doc = read_text(texts[i]);
        assert_true(!fqpi_doc_root(doc) || fqpi_node_null(fqpi_doc_root(doc)));
        fqpi_doc_destroy(doc);
    }
}

static void line_breaks(void **state) {
    (void)state;
    fqpi_doc *doc = read_text("\xEF\xBB\xBF"
                              "a: 1\r\nb: 2\rc: 3\n");
    assert_int_equal(fqpi_node_get(fqpi_doc_root(doc), "a")->column, 4);
    assert_int_equal(fqpi_node_get(fqpi_doc_root(doc), "b")->line, 2);
    assert_int_equal(fqpi_node_get(fqpi_doc_root(doc), "c")->line, 3);
    fqpi_doc_destroy(doc);
}

static void nulls(void **state) {
    (void)state;
    fqpi_doc *doc = read_text("[~, null, Null, NULL, '', \"null\", nil, {a: }]");
    static const bool expected[] = {true, true, true, true, false, false, false};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(fqpi_node_null(fqpi_node_at(fqpi_doc_root(doc), i)), expected[i]);
    assert_true(fqpi_node_null(fqpi_node_get(fqpi_node_at(fqpi_doc_root(doc), 7), "a")));
    fqpi_doc_destroy(doc);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"a: [1, 2\nb: 3\n",
         "t.yaml:2:2: did not find expected ',' or ']' while parsing a flow sequence that begins on line 1\n"
         "    b: 3\n"
         "     ^\n"},
        {"a:\n  b: 1\n\tc: 2\n",
         "t.yaml:3:1: found a tab character that violates indentation while scanning a plain scalar that begins on "
         "line 2\n"
         "     c: 2\n"
         "    ^\n"
         "    a tab cannot indent: use blanks\n"},
        {"a: 1\n b: 2\n", "t.yaml:2:3: mapping values are not allowed in this context\n"
                          "    b: 2\n"
                          "     ^\n"
                          "    a key is followed by a colon and a blank; a text with \": \" in it needs quotes\n"},
        {"a: &x 1\nb: *x\n",
         "t.yaml:1:4: anchors (&name) are not supported: write the value out, in quotes if it begins with &\n"
         "    a: &x 1\n"
         "       ^\n"},
        {"a: *x\n",
         "t.yaml:1:4: aliases (*name) are not supported: write the value out, in quotes if it begins with *\n"
         "    a: *x\n"
         "       ^\n"},
        {"a: !!str 1\n",
         "t.yaml:1:4: tags (!name) are not supported: write the value alone, in quotes if it begins with !\n"
         "    a: !!str 1\n"
         "       ^\n"},
        {"a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document: only one is read\n"
                              "    ---\n"
                              "    ^\n"},
        {"? [a, b]\n: 1\n", "t.yaml:1:3: a key must be a word, not a list or a mapping\n"
                            "    ? [a, b]\n"
                            "      ^\n"},
        {"a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\na: 4\n", "t.yaml:3:1: the key \"a\" was given before, on line 1\n"
                                                      "    a: 3\n"
                                                      "    ^\n"
                                                      "t.yaml:4:11: the key \"d\" was given before, on line 4\n"
                                                      "    c: {d: 1, d: 2}\n"
                                                      "              ^\n"
                                                      "t.yaml:5:1: the key \"a\" was given before, on line 1\n"
                                                      "    a: 4\n"
                                                      "    ^\n"},
        {"a: \"x\\0y\"\n", "t.yaml:1:4: a text cannot hold a zero byte\n"
                           "    a: \"x\\0y\"\n"
                           "       ^\n"},
        {"a: \"open\n",
         "t.yaml:2:1: found unexpected end of stream while scanning a quoted scalar that begins on line 1\n"
         "    a quote is not closed\n"},
        {"ok: 1\ncaf\xE9: 2\n", "t.yaml:2:4: not UTF-8 text (byte 0xe9)\n"
                                "    caf?: 2\n"
                                "       ^\n"},
        {"a: \x1B[31m\n", "t.yaml:1:4: a control character (byte 0x1b)\n"
                          "    a: ?[31m\n"
                          "       ^\n"},
        {"a: @home\n", "t.yaml:1:4: found character that cannot start any token while scanning for the next token\n"
                       "    a: @home\n"
                       "       ^\n"
                       "    a text that begins with @ ` or % needs quotes\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refuses(rows[i].text, strlen(rows[i].text), rows[i].message);
    refuses("a: 1\0b", 6,
            "t.yaml:1:5: a zero byte: not a text file (byte 0x00)\n"
            "    a: 1?b\n"
            "        ^\n");
}

/* Nesting and size are bounded by numbers, in any bracket. */
static void bounds(void **state) {
    (void)state;
    static const char *const fill[] = {"[", "{a: ", "- "};
    for (size_t k = 0; k < 3; k++) {
        fqpi_text t = {0};
        for (int i = 0; i < 20000; i++)
            fqpi_text_add(ctx, &t, "%s", fill[k]);
        fqp_ctx_problems_clear(ctx);
        fqpi_doc *doc = NULL;
        assert_int_equal(fqpi_doc_read(ctx, "t.yaml", t.s, t.n, &doc), FQP_E_CONFIG);
        assert_non_null(strstr(said(ctx), ": nested more than 32 levels deep\n"));
        fqpi_text_free(&t);
    }
    size_t n = FQPI_CONF_MAX_BYTES + 1;
    char *large = malloc(n);
    memset(large, '#', n);
    fqpi_doc *doc = NULL;
    assert_int_equal(fqpi_doc_read(ctx, "t.yaml", large, n - 1, &doc), FQP_OK);
    fqpi_doc_destroy(doc);
    refuses(large, n, "t.yaml: 1048577 bytes are more than the 1048576 that are read\n");
    free(large);
}

/* A long line is shown around the caret; many problems are counted, not all shown. */
static void long_and_many(void **state) {
    (void)state;
    fqpi_text t = {0};
    for (int i = 0; i < 60; i++)
        fqpi_text_add(ctx, &t, "%s\"key %d\": 1", i ? ", " : "{", i);
    fqpi_text_add(ctx, &t, ", \"key 3\": 2}\n");
    fqp_ctx_problems_clear(ctx);
    fqpi_doc *doc = NULL;
    assert_int_equal(fqpi_doc_read(ctx, "t.yaml", t.s, t.n, &doc), FQP_E_CONFIG);
    const char *line = strchr(said(ctx), '\n') + 1, *caret = strchr(line, '^');
    const char *second = strchr(line, '\n') + 1;
    assert_true(second - line < 110);
    assert_memory_equal(line + (caret - second), "\"key 3\": 2", 10);
    fqpi_text_free(&t);

    for (int i = 0; i < 500; i++)
        fqpi_text_add(ctx, &t, "a: 1\n");
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_doc_read(ctx, "t.yaml", t.s, t.n, &doc), FQP_E_CONFIG);
    assert_int_equal(fqp_ctx_problem_count(ctx), 101);
    assert_string_equal(fqp_ctx_problem(ctx, 100).message, "399 more problems are not shown");
    fqpi_text_free(&t);
}

static void files(void **state) {
    (void)state;
    fqpi_doc *doc = NULL;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_doc_load(ctx, "/nonexistent/a.yaml", &doc), FQP_E_IO);
    assert_string_equal(said(ctx), "/nonexistent/a.yaml: cannot be opened: No such file or directory\n");
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_doc_load(ctx, "/tmp", &doc), FQP_E_IO);
    assert_string_equal(said(ctx), "/tmp: cannot be read: Is a directory\n");
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_doc_load(ctx, "/dev/zero", &doc), FQP_E_CONFIG);
    assert_string_equal(said(ctx), "/dev/zero: the file is larger than the 1048576 bytes that are read\n");
    /* The register of claims is a document like any other. */
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_doc_load(ctx, FQP_SOURCE_DIR "/recipes/claims.yaml", &doc), FQP_OK);
    assert_true(fqpi_node_get(fqpi_doc_root(doc), "claims")->count >= 90);
    fqpi_doc_destroy(doc);
}

/* The n-th allocation fails, for every n: FQP_E_NOMEM and nothing is leaked (the sanitizer looks). */
static void no_memory(void **state) {
    (void)state;
    static const char text[] = "a: {b: [1, 2, 3], c: d}\na: [2]\ne: &f g\n";
    for (long n = 0;; n++) {
        fqp_ctx_problems_clear(ctx);
        fqpi_doc *doc = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status status = fqpi_doc_read(ctx, "t.yaml", text, sizeof text - 1, &doc);
        fqpi_mem_fail_after(ctx, -1);
        assert_null(doc);
        if (status == FQP_E_CONFIG) {
            assert_true(n > 5);
            break;
        }
        assert_int_equal(status, FQP_E_NOMEM);
        assert_true(fqp_ctx_problem_count(ctx) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),        cmocka_unit_test(empty),    cmocka_unit_test(line_breaks),
        cmocka_unit_test(nulls),         cmocka_unit_test(refusals), cmocka_unit_test(bounds),
        cmocka_unit_test(long_and_many), cmocka_unit_test(files),    cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
