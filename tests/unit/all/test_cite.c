/* Every choice of a configuration and every remedy is cited or stated to need no paper; references are in order. */
#include "support.h"

#include "cite.h"

#include <fqp/cite.h>
#include <fqp/config.h>
#include <fqp/remedy.h>
#include <stdlib.h>

static fqp_ctx *ctx;

static int enter(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int leave(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* Keys of references separated by blanks, each of which exists. */
static size_t known_references(const char *refs, const char *whose) {
    size_t count = 0;
    for (const char *at = refs; *at; count++) {
        const size_t n = strcspn(at, " ");
        if (!fqpi_reference_find(at, n))
            fail_msg("%s: no reference \"%.*s\"", whose, (int)n, at);
        at += n + (at[n] == ' ');
    }
    return count;
}

static void references_are_whole(void **state) {
    (void)state;
    for (const fqpi_reference *r = fqpi_references; r->key; r++) {
        if (!r->author || !r->title || !r->type)
            fail_msg("%s lacks author, title or type", r->key);
        if (strcmp(r->type, "misc") != 0 && !r->where)
            fail_msg("%s does not say where it appeared", r->key);
        if (strcmp(r->key, "fqp") == 0)
            continue;
        /* the key is the first author's name, the year and a word of the title */
        char year[16];
        snprintf(year, sizeof year, "%d", r->year);
        assert_true(r->year > 1940 && strstr(r->key, year));
        if (strcmp(r->type, "misc") == 0 && !r->where && !r->arxiv)
            fail_msg("%s can be found nowhere", r->key);
        if (r->arxiv && (strlen(r->arxiv) != (strncmp(r->arxiv, "15", 2) < 0 ? 9 : 10) || r->arxiv[4] != '.'))
            fail_msg("%s: arXiv:%s", r->key, r->arxiv);
        if (r->arxiv && atoi((char[]){r->arxiv[0], r->arxiv[1], 0}) + 2000 > r->year)
            fail_msg("%s is older than its preprint", r->key);
        if (r->doi && strncmp(r->doi, "10.", 3) != 0)
            fail_msg("%s: doi:%s", r->key, r->doi);
        for (const fqpi_reference *q = fqpi_references; q != r; q++)
            assert_string_not_equal(q->key, r->key);
    }
}

static bool row_of(const char *key, const char *value) {
    for (const fqpi_cited *c = fqpi_cited_settings; c->key; c++)
        if (strcmp(c->key, key) == 0 && (strcmp(c->value, "*") == 0 || strcmp(c->value, value) == 0))
            return true;
    return strcmp(key, "model.first_activation") == 0 && row_of("model.activation", value);
}

static void every_choice_has_a_row(void **state) {
    (void)state;
    size_t choices = 0;
    for (const fqp_section *const *s = fqp_sections(); *s; s++)
        for (size_t k = 0; k < (*s)->nkeys; k++) {
            const fqp_key *key = &(*s)->keys[k];
            char name[96];
            snprintf(name, sizeof name, "%s.%s", (*s)->name, key->name);
            const char *value;
            for (size_t i = 0; key->choices && (value = key->choices(i, NULL)); i++, choices++)
                if (!row_of(name, value))
                    fail_msg("src/report/cite_settings.c says nothing of %s: %s", name, value);
        }
    assert_true(choices > 100);
}

static const fqp_key *key_of(const char *dotted) {
    const char *dot = strrchr(dotted, '.');
    char section[64];
    snprintf(section, sizeof section, "%.*s", dot ? (int)(dot - dotted) : 0, dotted);
    const fqp_section *s = fqp_section_find(section);
    for (size_t k = 0; s && k < s->nkeys; k++)
        if (strcmp(s->keys[k].name, dot + 1) == 0)
            return &s->keys[k];
    return NULL;
}

static bool choice_of(const fqp_key *key, const char *value) {
    const char *name;
    for (size_t i = 0; (name = key->choices(i, NULL)); i++)
        if (strcmp(name, value) == 0)
            return true;
    return false;
}

/* The other way round: no row is about what does not exist. */
static void every_row_has_a_choice(void **state) {
    (void)state;
    for (const fqpi_cited *c = fqpi_cited_settings; c->key; c++) {
        known_references(c->refs, c->key);
        if (*c->key == '@')
            continue;
        const fqp_key *key = key_of(c->key);
        if (!key)
            fail_msg("no key %s", c->key);
        if (key->choices && strcmp(c->value, "*") != 0 && !choice_of(key, c->value))
            fail_msg("%s is never %s", c->key, c->value);
        if (c->with && *c->with != '@' && !key_of(c->with))
            fail_msg("no key %s", c->with);
    }
}

/* Where "2006.09661" begins in a text; NULL: nowhere. */
static const char *arxiv_in(const char *text) {
    for (const char *at = strchr(text, '.'); at; at = strchr(at + 1, '.'))
        if (at - text >= 4 && strspn(at - 4, "0123456789") == 4 && strspn(at + 1, "0123456789") == 5)
            return at - 4;
    return NULL;
}

/* The paper that a remedy's row names is among those that are cited for it. */
static void remedies_are_cited(void **state) {
    (void)state;
    const fqp_remedy *r;
    for (size_t i = 0; (r = fqp_remedy_at(i)); i++) {
        char *json = NULL;
        assert_ok(ctx, fqp_cite_method(ctx, r->name, &json));
        const char *number = arxiv_in(r->paper);
        char want[64]; /* its number, or the first author of what has none */
        snprintf(want, sizeof want, "%.*s", number ? 10 : (int)strcspn(r->paper, " ,"), number ? number : r->paper);
        if (!strstr(json, want))
            fail_msg("remedy %s: %s is not cited", r->name, want);
        free(json);
    }
    for (size_t i = 0; fqp_cite_method_name(i); i++)
        assert_true(known_references(fqpi_cited_methods[i].refs, fqp_cite_method_name(i)) > 0);
}

static json_t *cited(const char *config) {
    char *json = NULL;
    assert_ok(ctx, fqp_cite_config(ctx, config, &json));
    json_t *list = json_loads(json, 0, NULL);
    assert_non_null(list);
    free(json);
    return list;
}

static bool holds(const json_t *list, const char *key) {
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        if (strcmp(json_string_value(json_object_get(e, "key")), key) == 0)
            return true;
    }
    return false;
}

static void settings_decide(void **state) {
    (void)state;
    json_t *list = cited("{}");
    assert_int_equal(json_array_size(list), 5);
    assert_true(holds(list, "fqp") && holds(list, "xu2020frequency"));
    json_decref(list);
    list =
        cited("{\"model\": {\"scales\": [], \"branches\": \"first\", \"init\": \"siren\"}, \"train\": {\"stages\": 1, "
              "\"stage_kind\": \"residue\", \"optimizer\": \"kfac\"}}");
    assert_true(holds(list, "sitzmann2020implicit") && holds(list, "martens2015optimizing"));
    assert_false(holds(list, "liu2020multi") || holds(list, "wang2024multi"));
    json_decref(list);
    list = cited("{\"model\": {\"scales\": [1, 2.0], \"branches\": \"first\", \"activation\": \"tanh\", "
                 "\"first_activation\": \"gabor\"}, \"train\": {\"stages\": 2.0, \"stage_kind\": \"residue\"}, "
                 "\"data\": {\"source\": \"images\", \"images\": null}}");
    assert_true(holds(list, "liu2020multi") && holds(list, "wang2024multi") && holds(list, "saragadam2023wire"));
    assert_true(holds(list, "xiao2017fashion") && !holds(list, "lecun1998gradient"));
    json_decref(list);
    char *json = NULL;
    assert_refused(ctx, fqp_cite_method(ctx, "sirn", &json), FQP_E_ARG, "no method \"sirn\"; did you mean \"siren\"?");
}

/* BibTeX as its grammar has it: braces are balanced, and every field ends with a comma or the entry. */
static void bibtex_is_balanced(void **state) {
    (void)state;
    for (const fqpi_cited_method *m = fqpi_cited_methods; m->name; m++) {
        json_t *list = fqpi_cite_name(m->name), *e;
        size_t i;
        json_array_foreach(list, i, e) {
            int depth = 0;
            const char *tex = json_string_value(json_object_get(e, "bibtex"));
            for (const char *c = tex; *c; c++) {
                depth += (*c == '{') - (*c == '}');
                assert_true(depth >= 0 && (depth > 0 || c[0] != ','));
            }
            assert_int_equal(depth, 0);
            assert_true(*tex == '@' && strstr(tex, "\n}\n"));
        }
        json_decref(list);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_whole),   cmocka_unit_test(every_choice_has_a_row),
        cmocka_unit_test(every_row_has_a_choice), cmocka_unit_test(remedies_are_cited),
        cmocka_unit_test(settings_decide),        cmocka_unit_test(bibtex_is_balanced),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
