/* The real key tables, swept: names, defaults, ranges, help; and the law that a written configuration reads back. */
#include <fqp/config.h>

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const char *last_message(void) {
    size_t n = fqp_ctx_problem_count(ctx);
    return n ? fqp_ctx_problem(ctx, n - 1).message : "";
}

/* A lower case word, so that it can be typed and dotted. */
static bool is_word(const char *s, bool dots) {
    if (!islower((unsigned char)*s))
        return false;
    for (; *s; s++)
        if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_' && !(dots && *s == '.'))
            return false;
    return true;
}

/* One sentence: begins with a capital or a sign, ends with a full stop or a unit, on one line. */
static bool is_sentence(const char *s) {
    size_t n = s ? strlen(s) : 0;
    return n > 5 && n < 200 && !islower((unsigned char)s[0]) && s[n - 1] == '.' && !strchr(s, '\n');
}

static const size_t sizes[] = {
    [FQP_KEY_INT] = sizeof(int64_t),     [FQP_KEY_REAL] = sizeof(double),     [FQP_KEY_BOOL] = sizeof(bool),
    [FQP_KEY_TEXT] = sizeof(char *),     [FQP_KEY_CHOICE] = sizeof(int),      [FQP_KEY_INTS] = sizeof(fqp_ints),
    [FQP_KEY_REALS] = sizeof(fqp_reals), [FQP_KEY_TEXTS] = sizeof(fqp_texts), [FQP_KEY_CHOICES] = sizeof(fqp_ints)};

static void check_key(const fqp_section *s, const fqp_key *key, unsigned char *used) {
    if (!is_word(key->name, false) || !is_sentence(key->help))
        fail_msg("%s.%s: \"%s\"", s->name, key->name, key->help ? key->help : "");
    if (key->offset + sizes[key->type] > s->size)
        fail_msg("%s.%s lies outside its struct", s->name, key->name);
    for (size_t i = 0; i < sizes[key->type]; i++)
        if (used[key->offset + i]++)
            fail_msg("%s.%s overlaps another key", s->name, key->name);
    bool choice = key->type == FQP_KEY_CHOICE || key->type == FQP_KEY_CHOICES;
    if (choice != (key->choices != NULL))
        fail_msg("%s.%s: choices belong to choice keys", s->name, key->name);
    const char *name, *doc = NULL;
    for (size_t i = 0; choice && (name = key->choices(i, &doc)) != NULL; i++, doc = NULL)
        if (!is_word(name, false) || !doc || strlen(doc) < 3 || strchr(doc, '\n'))
            fail_msg("%s.%s: %s: %s", s->name, key->name, name, doc ? doc : "no help");
}

static void tables(void **state) {
    (void)state;
    const fqp_section *const *sections = fqp_sections();
    size_t count = 0;
    for (; sections[count]; count++) {
        const fqp_section *s = sections[count];
        if (!is_word(s->name, true) || !is_sentence(s->help))
            fail_msg("%s: %s", s->name, s->help ? s->help : "no help");
        assert_ptr_equal(fqp_section_find(s->name), s);
        unsigned char *used = calloc(s->size, 1);
        for (size_t i = 0; i < s->nkeys; i++) {
            check_key(s, &s->keys[i], used);
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(s->keys[i].name, s->keys[j].name);
        }
        free(used);
        void *opts = malloc(s->size);
        fqp_status status = fqp_section_defaults(ctx, s, opts);
        if (status != FQP_OK)
            fail_msg("%s: %s", s->name, last_message());
        fqp_section_release(s, opts);
        free(opts);
    }
    assert_true(count >= 9);
    assert_null(fqp_section_find("nothing"));
    assert_null(fqp_section_find(NULL));
}

/* Both ends of every range: the end itself is accepted unless open, a step beyond is refused. One key at its end may
 * not fit the others (a lower corner above the upper one); that is told in other words and is not meant here. */
static fqp_status read_key(const fqp_section *s, const fqp_key *key, double v) {
    char text[256];
    snprintf(text, sizeof text, "%s.%s: %.17g\n", s->name, key->name, v);
    fqp_config *c = NULL;
    fqp_status status = fqp_config_parse(ctx, "t", text, 0, NULL, &c);
    assert_true(status == FQP_OK || status == FQP_E_CONFIG);
    fqp_config_destroy(c);
    return status;
}

static bool accepts(const fqp_section *s, const fqp_key *key, double v) {
    if (read_key(s, key, v) == FQP_OK)
        return true;
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        if (strstr(fqp_ctx_problem(ctx, i).message, " is outside "))
            return false;
    return true;
}

static void check_range(const fqp_section *s, const fqp_key *key) {
    bool whole = key->type == FQP_KEY_INT || key->type == FQP_KEY_INTS;
    bool number = whole || key->type == FQP_KEY_REAL || key->type == FQP_KEY_REALS;
    if (!number || !(key->min < key->max))
        return;
    if (isfinite(key->min)) {
        if (accepts(s, key, key->min) == key->open_min)
            fail_msg("%s.%s: lower end", s->name, key->name);
        assert_int_not_equal(FQP_OK, read_key(s, key, whole ? key->min - 1 : key->min - 1e-3 * (1 + fabs(key->min))));
    }
    if (isfinite(key->max)) {
        if (accepts(s, key, key->max) == key->open_max)
            fail_msg("%s.%s: upper end", s->name, key->name);
        assert_int_not_equal(
            FQP_OK, read_key(s, key, whole ? key->max + fabs(key->max) * 1e-12 + 1 : key->max + 1e-3 * fabs(key->max)));
    }
}

static void ranges(void **state) {
    (void)state;
    const fqp_section *const *sections = fqp_sections();
    for (size_t k = 0; sections[k]; k++)
        for (size_t i = 0; i < sections[k]->nkeys; i++)
            check_range(sections[k], &sections[k]->keys[i]);
}

/* Choices that go with another value of a key than its default. */
static const struct {
    const char *set, *with;
} companions[] = {{"data.source=curve", "data.target=[sin(t)]"}, {"data.source=cube", "data.target=[parity]"}};

/* Every name of every choice is accepted, and the written configuration reads back to the same text. */
static void every_choice(void **state) {
    (void)state;
    const fqp_section *const *sections = fqp_sections();
    for (size_t k = 0; sections[k]; k++) {
        for (size_t i = 0; i < sections[k]->nkeys; i++) {
            const fqp_key *key = &sections[k]->keys[i];
            const char *name;
            for (size_t j = 0; key->choices && (name = key->choices(j, NULL)) != NULL; j++) {
                char set[160];
                snprintf(set, sizeof set, "%s.%s=%s", sections[k]->name, key->name, name);
                const char *sets[] = {set, NULL};
                for (size_t c = 0; c < sizeof companions / sizeof *companions; c++)
                    if (strcmp(set, companions[c].set) == 0)
                        sets[1] = companions[c].with;
                fqp_config *a = NULL, *b = NULL;
                if (fqp_config_parse(ctx, "t", "", sets[1] ? 2 : 1, sets, &a) != FQP_OK)
                    fail_msg("%s: %s", set, last_message());
                char *first = NULL, *second = NULL;
                assert_int_equal(fqp_config_yaml(ctx, a, &first), FQP_OK);
                assert_int_equal(fqp_config_parse(ctx, "t", first, 0, NULL, &b), FQP_OK);
                assert_int_equal(fqp_config_yaml(ctx, b, &second), FQP_OK);
                assert_string_equal(first, second);
                char line[160];
                snprintf(line, sizeof line, "%s: %s%s", key->name, key->type == FQP_KEY_CHOICES ? "[" : "", name);
                assert_non_null(strstr(first, line));
                free(first);
                free(second);
                fqp_config_destroy(a);
                fqp_config_destroy(b);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables), cmocka_unit_test(ranges),
                                       cmocka_unit_test(every_choice)};
    return cmocka_run_group_tests(tests, begin, end);
}
