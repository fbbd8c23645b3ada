/* Laws of the conf layer, over random configurations:
 *   parse(yaml(c)) = c             field by field, and the text of the second is the text of the first
 *   an override equals the same line in the text
 *   parse(node written on one line) = node
 *   any damage to a text is answered by a status, never by a crash, and a refusal always has a message */
#include "rng.h"
#include "unit/conf/said.h"
#include "unit/conf/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static fqp_ctx *ctx;
static uint64_t draw_count;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) == FQP_OK ? 0 : 1;
}
static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static uint64_t below(uint64_t n) {
    return fqpi_rng_below(7, 1, draw_count++, n);
}

/* ---- random values as text ------------------------------------------------------------------------------------- */

/* Any double inside the range that "%.17g" can say. */
static double some_real(const fqp_key *key) {
    bool ranged = key->min < key->max;
    double u = fqpi_rng_uniform(7, 2, draw_count++), v = (u - 0.5) * pow(10, (double)below(40) - 20);
    if (!ranged)
        return v;
    v = fabs(v);
    return isfinite(key->max) && !(v > key->min && v < key->max) ? key->min + (key->max - key->min) * u : v;
}

static void some_number(const fqp_key *key, bool whole, fqpi_text *t) {
    if (whole && key->min < key->max)
        fqpi_text_add(ctx, t, "%lld", (long long)(key->min + (double)below((uint64_t)(key->max - key->min))));
    else if (whole)
        fqpi_text_add(ctx, t, "%lld", (long long)(below(UINT64_MAX) ^ below(UINT64_MAX)));
    else
        fqpi_text_add(ctx, t, "%.17g", some_real(key));
}

/* Characters that YAML finds special, controls, several bytes. */
static void some_text(fqpi_text *t) {
    static const char *const pieces[] = {"a",
                                         "Z",
                                         " ",
                                         "  ",
                                         ":",
                                         ": ",
                                         " #",
                                         "#",
                                         "'",
                                         "\\\"",
                                         "\\\\",
                                         "\\n",
                                         "\\t",
                                         "\\x01",
                                         "\\x7f",
                                         "\\u2028",
                                         "\\uFEFF",
                                         "\\x85",
                                         "-",
                                         "- ",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         ",",
                                         "&",
                                         "*",
                                         "!",
                                         "|",
                                         ">",
                                         "%",
                                         "@",
                                         "`",
                                         "?",
                                         "0",
                                         "1e3",
                                         "null",
                                         "~",
                                         "true",
                                         "\xC3\xA9",
                                         "\xE2\x88\x82",
                                         "\xF0\x9F\x93\x88",
                                         "...",
                                         "---",
                                         "=",
                                         "\\u0085x",
                                         "\\r",
                                         "x",
                                         ".",
                                         "/",
                                         "_"};
    fqpi_text_add(ctx, t, "\"");
    for (uint64_t n = below(8); n > 0; n--)
        fqpi_text_add(ctx, t, "%s", pieces[below(sizeof pieces / sizeof *pieces)]);
    fqpi_text_add(ctx, t, "\"");
}

static void some_single(const fqp_key *key, fqpi_text *t) {
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    switch (key->type) {
    case FQP_KEY_INT:
    case FQP_KEY_INTS:
        some_number(key, true, t);
        break;
    case FQP_KEY_REAL:
    case FQP_KEY_REALS:
        if (key->type == FQP_KEY_REAL && strcmp(key->deflt, "nan") == 0 && below(3) == 0)
            fqpi_text_add(ctx, t, "nan");
        else
            some_number(key, false, t);
        break;
    case FQP_KEY_BOOL:
        fqpi_text_add(ctx, t, "%s", words[below(6)]);
        break;
    case FQP_KEY_TEXT:
    case FQP_KEY_TEXTS:
        some_text(t);
        break;
    default:
        fqpi_text_add(ctx, t, "%s", color_name(below(4), NULL));
    }
}

static void some_value(const fqp_key *key, fqpi_text *t) {
    if (key->type < FQP_KEY_INTS) {
        some_single(key, t);
        return;
    }
    fqpi_text_add(ctx, t, "[");
    for (uint64_t i = 0, n = below(5); i < n; i++) {
        fqpi_text_add(ctx, t, i ? ", " : "");
        some_single(key, t);
    }
    fqpi_text_add(ctx, t, "]");
}

/* A text giving about half of all keys, dotted. */
static void some_config(fqpi_text *t) {
    for (size_t s = 0; tables[s]; s++) {
        for (size_t i = 0; i < tables[s]->nkeys; i++) {
            if (below(2) == 0)
                continue;
            fqpi_text_add(ctx, t, "%s.%s: ", tables[s]->name, tables[s]->keys[i].name);
            some_value(&tables[s]->keys[i], t);
            fqpi_text_add(ctx, t, "\n");
        }
    }
}

/* ---- comparing ----------------------------------------------------------------------------------------------------
 */

static bool same_real(double a, double b) {
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void assert_same(const fqp_config *a, const fqp_config *b) {
    const train_opts *p = fqp_config_section(a, "train"), *q = fqp_config_section(b, "train");
    assert_true(same_real(p->lr, q->lr) && same_real(p->decay, q->decay) && same_real(p->limit, q->limit));
    assert_true(p->steps == q->steps && p->shift == q->shift && p->bias == q->bias && p->color == q->color);
    assert_true(same_text(p->title, q->title));
    assert_true(p->hidden.n == q->hidden.n && p->delta.n == q->delta.n && p->target.n == q->target.n &&
                p->colors.n == q->colors.n);
    for (size_t i = 0; i < p->hidden.n; i++)
        assert_true(p->hidden.v[i] == q->hidden.v[i]);
    for (size_t i = 0; i < p->delta.n; i++)
        assert_true(same_real(p->delta.v[i], q->delta.v[i]));
    for (size_t i = 0; i < p->target.n; i++)
        assert_true(same_text(p->target.v[i], q->target.v[i]));
    for (size_t i = 0; i < p->colors.n; i++)
        assert_true(p->colors.v[i] == q->colors.v[i]);
    const filter_opts *f = fqp_config_section(a, "monitor.filter"), *g = fqp_config_section(b, "monitor.filter");
    assert_true(same_text(f->file, g->file) && f->width.n == g->width.n);
    for (size_t i = 0; i < f->width.n; i++)
        assert_true(same_real(f->width.v[i], g->width.v[i]));
    const monitor_opts *m = fqp_config_section(a, "monitor"), *n = fqp_config_section(b, "monitor");
    assert_true(same_real(m->tau, n->tau));
}

static fqp_config *parse(const char *text, size_t nset, const char *const *set) {
    fqp_ctx_problems_clear(ctx);
    fqp_config *c = NULL;
    if (fqpi_config_parse(ctx, tables, "t.yaml", text, nset, set, &c) != FQP_OK)
        fail_msg("%s\nis refused: %s", text, said(ctx));
    return c;
}

static void written_and_read(void **state) {
    (void)state;
    for (int k = 0; k < 400; k++) {
        fqpi_text t = {0};
        fqpi_text_add(ctx, &t, "# %d\n", k);
        some_config(&t);
        fqp_config *a = parse(t.s, 0, NULL);
        char *first = NULL, *second = NULL;
        assert_int_equal(fqp_config_yaml(ctx, a, &first), FQP_OK);
        fqp_config *b = parse(first, 0, NULL);
        assert_same(a, b);
        assert_int_equal(fqp_config_yaml(ctx, b, &second), FQP_OK);
        assert_string_equal(first, second);
        fqp_config_destroy(a);
        fqp_config_destroy(b);
        free(first);
        free(second);
        fqpi_text_free(&t);
    }
}

static void override_is_text(void **state) {
    (void)state;
    for (int k = 0; k < 300; k++) {
        fqpi_text value = {0}, line = {0}, set = {0};
        const fqp_section *s = tables[below(3)];
        const fqp_key *key = &s->keys[below(s->nkeys)];
        some_value(key, &value);
        fqpi_text_add(ctx, &line, "%s.%s: %s\n", s->name, key->name, value.s);
        fqpi_text_add(ctx, &set, "%s.%s=%s", s->name, key->name, value.s);
        const char *one = set.s;
        fqp_config *a = parse(line.s, 0, NULL), *b = parse("", 1, &one);
        assert_same(a, b);
        fqp_config_destroy(a);
        fqp_config_destroy(b);
        fqpi_text_free(&value);
        fqpi_text_free(&line);
        fqpi_text_free(&set);
    }
}

/* ---- documents ------------------------------------------------------------------------------------------------------
 */

static void some_tree(fqpi_text *t, int depth) {
    uint64_t kind = depth == 0 ? 0 : below(3);
    if (kind == 0) {
        some_text(t);
        return;
    }
    fqpi_text_add(ctx, t, kind == 1 ? "[" : "{");
    for (uint64_t i = 0, n = below(4); i < n; i++) {
        fqpi_text_add(ctx, t, i ? ", " : "");
        if (kind == 2) {
            fqpi_text_add(ctx, t, "\"%llu", (unsigned long long)i);
            fqpi_text_add(ctx, t, "%s", below(2) ? " k: #\": " : "\": ");
        }
        some_tree(t, depth - 1);
    }
    fqpi_text_add(ctx, t, kind == 1 ? "]" : "}");
}

static bool same_tree(const fqpi_node *a, const fqpi_node *b) {
    if (a->kind != b->kind || a->count != b->count || strcmp(a->text, b->text) != 0 || !same_text(a->key, b->key) ||
        fqpi_node_null(a) != fqpi_node_null(b))
        return false;
    const fqpi_node *p = a->first, *q = b->first;
    for (; p; p = p->next, q = q->next)
        if (!same_tree(p, q))
            return false;
    return true;
}

static void trees(void **state) {
    (void)state;
    for (int k = 0; k < 400; k++) {
        fqpi_text t = {0}, written = {0};
        some_tree(&t, 4);
        fqpi_doc *a = NULL, *b = NULL;
        assert_int_equal(fqpi_doc_read(ctx, "a", t.s, t.n, &a), FQP_OK);
        fqpi_node_write(ctx, fqpi_doc_root(a), &written);
        fqp_ctx_problems_clear(ctx);
        if (fqpi_doc_read(ctx, "b", written.s, written.n, &b) != FQP_OK)
            fail_msg("%s\nis refused: %s", written.s, said(ctx));
        assert_true(same_tree(fqpi_doc_root(a), fqpi_doc_root(b)));
        fqpi_doc_destroy(a);
        fqpi_doc_destroy(b);
        fqpi_text_free(&t);
        fqpi_text_free(&written);
    }
}

/* Bytes overwritten, cut and doubled at random. */
static void damaged(void **state) {
    (void)state;
    static const char bytes[] = "\t\n :,[]{}#&*!|>'\"%@`-?~\\\xFF\x80\xC3x0";
    for (int k = 0; k < 3000; k++) {
        fqpi_text t = {0};
        some_config(&t);
        some_tree(&t, 3);
        for (uint64_t n = 1 + below(4); n > 0; n--)
            t.s[below(t.n)] = bytes[below(sizeof bytes - 1)];
        if (below(3) == 0)
            t.s[below(t.n)] = '\0';
        const char *set[] = {"train.title=x", t.s};
        fqp_ctx_problems_clear(ctx);
        fqp_config *c = NULL;
        fqp_status status = fqpi_config_parse(ctx, tables, "t.yaml", t.s, 1 + below(2), set, &c);
        assert_true(status == FQP_OK || (status == FQP_E_CONFIG && !c && fqp_ctx_problem_count(ctx) > 0));
        for (size_t i = 0; status != FQP_OK && i < fqp_ctx_problem_count(ctx); i++)
            assert_true(strlen(fqp_ctx_problem(ctx, i).message) > 10);
        fqp_config_destroy(c);
        fqpi_text_free(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(written_and_read), cmocka_unit_test(override_is_text),
                                       cmocka_unit_test(trees), cmocka_unit_test(damaged)};
    return cmocka_run_group_tests(tests, begin, end);
}
