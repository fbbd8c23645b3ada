/* value.c - reading one value of a key.
 *
 * One row per type says how a single value is read; lists of any type share one reader.  A scalar where a list belongs
 * is a list of one.  Defaults are texts and take the same road.
 */
#include "value.h"
#include "fail.h"
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct reader {
    fqpi_problems *ps;
    const char *path;
    const fqp_key *key;
} reader;

/* Reads a scalar node that is not null into one element. */
typedef bool (*read_fn)(reader *r, const fqpi_node *node, void *element);

static bool read_int(reader *r, const fqpi_node *node, void *element);
static bool read_real(reader *r, const fqpi_node *node, void *element);
static bool read_bool(reader *r, const fqpi_node *node, void *element);
static bool read_text(reader *r, const fqpi_node *node, void *element);
static bool read_list_text(reader *r, const fqpi_node *node, void *element);
static bool read_choice(reader *r, const fqpi_node *node, void *element);
static bool read_list_choice(reader *r, const fqpi_node *node, void *element);

typedef struct type_row {
    const char *noun;
    bool list;
    size_t size;    /* of the value */
    size_t element; /* of a list's element */
    read_fn read;
} type_row;

static const type_row rows[] = {
    [FQP_KEY_INT] = {"a whole number", false, sizeof(int64_t), 0, read_int},
    [FQP_KEY_REAL] = {"a number", false, sizeof(double), 0, read_real},
    [FQP_KEY_BOOL] = {"true or false", false, sizeof(bool), 0, read_bool},
    [FQP_KEY_TEXT] = {"a text", false, sizeof(char *), 0, read_text},
    [FQP_KEY_CHOICE] = {"a name", false, sizeof(int), 0, read_choice},
    [FQP_KEY_INTS] = {"a list of whole numbers", true, sizeof(fqp_ints), sizeof(int64_t), read_int},
    [FQP_KEY_REALS] = {"a list of numbers", true, sizeof(fqp_reals), sizeof(double), read_real},
    [FQP_KEY_TEXTS] = {"a list of texts", true, sizeof(fqp_texts), sizeof(char *), read_list_text},
    [FQP_KEY_CHOICES] = {"a list of names", true, sizeof(fqp_ints), sizeof(int64_t), read_list_choice},
};

/* fqp_ints, fqp_reals and fqp_texts in one form: a pointer and a count. */
typedef struct list {
    void *v;
    size_t n;
} list;

size_t fqpi_value_size(fqp_key_type type) {
    return rows[type].size;
}

size_t fqpi_value_element(fqp_key_type type) {
    return rows[type].element;
}

const char *fqpi_value_noun(fqp_key_type type) {
    return rows[type].noun;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

bool fqpi_range_given(const fqp_key *key) {
    return key->min < key->max && (isfinite(key->min) || isfinite(key->max));
}

void fqpi_range_text(const fqp_key *key, char *buf, size_t size) {
    snprintf(buf, size, "%c%.10g, %.10g%c", key->open_min || isinf(key->min) ? '(' : '[', key->min, key->max,
             key->open_max || isinf(key->max) ? ')' : ']');
}

static bool in_range(const fqp_key *key, double v) {
    if (!fqpi_range_given(key))
        return true;
    return (key->open_min ? v > key->min : v >= key->min) && (key->open_max ? v < key->max : v <= key->max);
}

/* "3 is outside (0, 1]"; an expression also shows its value. */
static bool check_range(reader *r, const fqpi_node *node, double v) {
    if (in_range(r->key, v))
        return true;
    char range[80], value[48] = "", *end = NULL, word[FQPI_QUOTED_SIZE];
    fqpi_range_text(r->key, range, sizeof range);
    strtod(node->text, &end);
    bool literal = end != node->text && *end == '\0';
    if (!literal)
        snprintf(value, sizeof value, " = %.6g", v);
    const char *text = fqpi_quoted(node->text, word);
    fqpi_problem_add(r->ps, fqpi_place_of(node), NULL, "%s: %.*s%s is outside %s", r->path, (int)strlen(text) - 2,
                     text + 1, value, range);
    return false;
}

/* ---- single values ------------------------------------------------------------------------------------------------
 */

/* why may be ""; "unknown name" adds nothing when the name is all there is. */
static bool wrong(reader *r, const fqpi_node *node, const char *what, const char *why) {
    char word[FQPI_QUOTED_SIZE];
    if (strncmp(why, "unknown name ", 13) == 0 && strcmp(why + 13, fqpi_quoted(node->text, word)) == 0)
        why = "";
    fqpi_problem_add(r->ps, fqpi_place_of(node), NULL, "%s: %s is not %s%s%s", r->path, fqpi_quoted(node->text, word),
                     what, why[0] ? ": " : "", why);
    return false;
}

/* "nan" and "inf" are values only where the default is one. */
static bool default_allows(const fqp_key *key, double v) {
    const char *d = key->deflt ? key->deflt : "";
    return isnan(v) ? strcasecmp(d, "nan") == 0 : strcasecmp(d, "inf") == 0;
}

static bool read_real(reader *r, const fqpi_node *node, void *element) {
    char why[64];
    double v = 0;
    if (!fqpi_number_parse(node->text, &v, why, sizeof why))
        return wrong(r, node, "a number", why);
    if (!isfinite(v) && !default_allows(r->key, v))
        return wrong(r, node, "a finite number", "");
    if (!isnan(v) && !check_range(r, node, v))
        return false;
    memcpy(element, &v, sizeof v);
    return true;
}

/* Digits with a sign are read exactly; anything else as an expression whose value must be whole. */
static bool whole_number(const char *text, int64_t *out, char *why, unsigned size) {
    why[0] = '\0';
    size_t sign = text[0] == '-' || text[0] == '+';
    if (isdigit((unsigned char)text[sign]) && text[sign + strspn(text + sign, "0123456789")] == '\0') {
        errno = 0;
        long long v = strtoll(text, NULL, 10);
        if (errno == ERANGE) {
            snprintf(why, size, "too large");
            return false;
        }
        *out = v;
        return true;
    }
    double v = 0;
    if (!fqpi_number_parse(text, &v, why, size))
        return false;
    if (!isfinite(v) || v != floor(v))
        return false;
    if (fabs(v) > 9007199254740992.0) { /* beyond 2^53 a double no longer names one whole number */
        snprintf(why, size, "too large");
        return false;
    }
    *out = (int64_t)v;
    return true;
}

static bool read_int(reader *r, const fqpi_node *node, void *element) {
    char why[64];
    int64_t v = 0;
    if (!whole_number(node->text, &v, why, sizeof why))
        return wrong(r, node, "a whole number", why);
    if (!check_range(r, node, (double)v))
        return false;
    memcpy(element, &v, sizeof v);
    return true;
}

static bool read_bool(reader *r, const fqpi_node *node, void *element) {
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(node->text, words[i]) == 0) {
            bool v = i % 2 == 0;
            memcpy(element, &v, sizeof v);
            return true;
        }
    }
    return wrong(r, node, "true or false", "");
}

static bool read_list_text(reader *r, const fqpi_node *node, void *element) {
    char *copy = fqpi_strdup(r->ps->ctx, node->text);
    if (!copy) {
        r->ps->failed = true;
        return false;
    }
    memcpy(element, &copy, sizeof copy);
    return true;
}

/* The empty text is NULL in an options struct. */
static bool read_text(reader *r, const fqpi_node *node, void *element) {
    char *none = NULL;
    if (node->text[0] != '\0')
        return read_list_text(r, node, element);
    memcpy(element, &none, sizeof none);
    return true;
}

const char **fqpi_choice_names(fqp_ctx *ctx, const fqp_key *key, size_t *n) {
    size_t count = 0;
    while (key->choices(count, NULL))
        count++;
    const char **names = fqpi_alloc(ctx, count, sizeof *names);
    for (size_t i = 0; names && i < count; i++)
        names[i] = key->choices(i, NULL);
    *n = count;
    return names;
}

/* model.activation: unknown activation "tahn"; monitor.probes: unknown probe "dtf" */
static void unknown_choice(reader *r, const fqpi_node *node) {
    size_t n = 0, length = strlen(r->key->name);
    const char **names = fqpi_choice_names(r->ps->ctx, r->key, &n);
    if (!names) {
        r->ps->failed = true;
        return;
    }
    if (rows[r->key->type].list && length > 1 && r->key->name[length - 1] == 's')
        length--;
    char word[FQPI_QUOTED_SIZE];
    fqpi_problem_add_known(r->ps, fqpi_place_of(node), node->text, names, n, "%s: unknown %.*s %s", r->path,
                           (int)length, r->key->name, fqpi_quoted(node->text, word));
    fqpi_free(names);
}

static bool choice_index(reader *r, const fqpi_node *node, int *out) {
    const char *name;
    for (int i = 0; (name = r->key->choices((size_t)i, NULL)) != NULL; i++) {
        if (strcmp(name, node->text) == 0) {
            *out = i;
            return true;
        }
    }
    unknown_choice(r, node);
    return false;
}

static bool read_choice(reader *r, const fqpi_node *node, void *element) {
    int v = 0;
    if (!choice_index(r, node, &v))
        return false;
    memcpy(element, &v, sizeof v);
    return true;
}

static bool read_list_choice(reader *r, const fqpi_node *node, void *element) {
    int v = 0;
    if (!choice_index(r, node, &v))
        return false;
    int64_t wide = v;
    memcpy(element, &wide, sizeof wide);
    return true;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------
 */

static bool expected(reader *r, const fqpi_node *node, const char *noun) {
    if (fqpi_node_null(node)) {
        fqpi_problem_add(r->ps, fqpi_place_of(node), NULL, "%s: no value; write %s or leave the key out", r->path,
                         noun);
        return false;
    }
    const char *hint =
        r->key->type == FQP_KEY_TEXT && node->kind != FQPI_NODE_LIST ? "a text with \": \" in it needs quotes" : NULL;
    fqpi_problem_add(r->ps, fqpi_place_of(node), hint, "%s: expected %s, found %s", r->path, noun,
                     fqpi_node_noun(node));
    return false;
}

static bool read_single(reader *r, const fqpi_node *node, void *element) {
    static const char *const nouns[] = {[FQP_KEY_INTS] = "a whole number",
                                        [FQP_KEY_REALS] = "a number",
                                        [FQP_KEY_TEXTS] = "a text",
                                        [FQP_KEY_CHOICES] = "a name"};
    const type_row *row = &rows[r->key->type];
    if (node->kind != FQPI_NODE_SCALAR || fqpi_node_null(node))
        return expected(r, node, row->list ? nouns[r->key->type] : row->noun);
    return row->read(r, node, element);
}

static void release_list(fqp_key_type type, list *l) {
    if (type == FQP_KEY_TEXTS)
        for (size_t i = 0; i < l->n; i++)
            fqpi_free(((char **)l->v)[i]);
    fqpi_free(l->v);
    *l = (list){0};
}

/* Every bad element is reported; the list counts only when all are good. */
static bool read_elements(reader *r, const fqpi_node *first, size_t count, list *out) {
    const type_row *row = &rows[r->key->type];
    list l = {0};
    if (count > 0 && !(l.v = fqpi_calloc(r->ps->ctx, count, row->element))) {
        r->ps->failed = true;
        return false;
    }
    bool good = true;
    const fqpi_node *c = first;
    for (size_t i = 0; i < count && !r->ps->failed; i++, c = c->next)
        if (read_single(r, c, (char *)l.v + l.n * row->element))
            l.n++;
        else
            good = false;
    if (good && !r->ps->failed)
        *out = l;
    else
        release_list(r->key->type, &l);
    return good && !r->ps->failed;
}

/* ---- {from: a, to: b, count: n, scale: log} -------------------------------------------------------------------------
 */

enum { MOST_POINTS = 1000000 };

typedef struct spacing {
    double from, to;
    int64_t count;
    int scale;
} spacing;

static const char *scale_name(size_t i, const char **doc) {
    static const char *const names[] = {"linear", "log"};
    if (doc)
        *doc = "";
    return i < 2 ? names[i] : NULL;
}

static const fqp_key spacing_keys[] = {
    {"from", FQP_KEY_REAL, offsetof(spacing, from), NULL, 0, 0, false, false, NULL, "first number"},
    {"to", FQP_KEY_REAL, offsetof(spacing, to), NULL, 0, 0, false, false, NULL, "last number"},
    {"count", FQP_KEY_INT, offsetof(spacing, count), NULL, 2, MOST_POINTS, false, false, NULL, "how many"},
    {"scale", FQP_KEY_CHOICE, offsetof(spacing, scale), "linear", 0, 0, false, false, scale_name, "linear or log"}};
enum { NSPACING = sizeof spacing_keys / sizeof *spacing_keys };

static bool read_spacing_key(reader *r, const fqpi_node *node, spacing *s, bool *given) {
    static const char *const names[NSPACING] = {"from", "to", "count", "scale"};
    for (size_t i = 0; i < NSPACING; i++) {
        const fqp_key *key = &spacing_keys[i];
        if (strcmp(key->name, node->key) != 0)
            continue;
        char path[256];
        snprintf(path, sizeof path, "%s.%s", r->path, key->name);
        given[i] = true;
        return fqpi_value_read(r->ps, path, key, node, (char *)s + key->offset);
    }
    char word[FQPI_QUOTED_SIZE];
    fqpi_problem_add_known(r->ps, fqpi_place_of_key(node), node->key, names, NSPACING, "%s: unknown key %s", r->path,
                           fqpi_quoted(node->key, word));
    return false;
}

static bool fill_spacing(reader *r, const fqpi_node *node, const spacing *s, list *out) {
    if (s->scale == 1 && !(s->from > 0 && s->to > 0)) {
        fqpi_problem_add(r->ps, fqpi_place_of(node), NULL, "%s: scale log needs from and to greater than 0", r->path);
        return false;
    }
    const double ends[] = {s->from, s->to};
    for (size_t i = 0; i < 2; i++) {
        if (!in_range(r->key, ends[i])) {
            const char *name = spacing_keys[i].name;
            return check_range(r, fqpi_node_get(node, name), ends[i]);
        }
    }
    double *v = fqpi_alloc(r->ps->ctx, (size_t)s->count, sizeof *v);
    if (!v) {
        r->ps->failed = true;
        return false;
    }
    for (int64_t i = 0; i < s->count; i++) {
        double t = (double)i / (double)(s->count - 1);
        v[i] = s->scale == 1 ? pow(10, (1 - t) * log10(s->from) + t * log10(s->to)) : (1 - t) * s->from + t * s->to;
    }
    v[0] = s->from;
    v[s->count - 1] = s->to;
    *out = (list){v, (size_t)s->count};
    return true;
}

static bool read_spacing(reader *r, const fqpi_node *node, list *out) {
    spacing s = {0};
    bool given[NSPACING] = {false}, good = true;
    for (const fqpi_node *c = node->first; c && !r->ps->failed; c = c->next)
        good = !c->repeated && read_spacing_key(r, c, &s, given) && good;
    bool complain = good && !node->open;
    for (size_t i = 0; i < 3; i++) {
        if (complain && !given[i]) {
            fqpi_problem_add(r->ps, fqpi_place_of(node), NULL, "%s: {from, to, count} needs \"%s\"", r->path,
                             spacing_keys[i].name);
            good = false;
        }
    }
    return good && !node->open && !r->ps->failed && fill_spacing(r, node, &s, out);
}

/* ---- values
 * ---------------------------------------------------------------------------------------------------------- */

static bool read_list(reader *r, const fqpi_node *node, list *out) {
    if (node->kind == FQPI_NODE_LIST)
        return !node->open && read_elements(r, node->first, node->count, out);
    if (node->kind == FQPI_NODE_SCALAR && !fqpi_node_null(node))
        return read_elements(r, node, 1, out);
    if (node->kind == FQPI_NODE_MAP && r->key->type == FQP_KEY_REALS)
        return read_spacing(r, node, out);
    return expected(r, node, rows[r->key->type].noun);
}

bool fqpi_value_read(fqpi_problems *ps, const char *path, const fqp_key *key, const fqpi_node *node, void *field) {
    reader r = {ps, path, key};
    if (!rows[key->type].list)
        return read_single(&r, node, field);
    list l = {0};
    if (!read_list(&r, node, &l))
        return false;
    memcpy(field, &l, sizeof l);
    return true;
}

bool fqpi_value_default(fqpi_problems *ps, const char *path, const fqp_key *key, void *field) {
    memset(field, 0, rows[key->type].size);
    const char *text = key->deflt ? key->deflt : "";
    if (text[0] == '\0' && (rows[key->type].list || key->type == FQP_KEY_TEXT))
        return true;
    fqpi_doc *doc = NULL;
    bool good = fqpi_doc_build(ps->ctx, "default", 0, true, text, strlen(text), ps, &doc) == FQP_OK && ps->n == 0;
    if (good && !doc->root) {
        fqpi_problem_add(ps, (fqpi_place){NULL, 0, 0}, NULL, "%s: the table gives no default", path);
        good = false;
    }
    good = good && fqpi_value_read(ps, path, key, doc->root, field);
    fqpi_doc_destroy(doc);
    return good;
}

void fqpi_value_release(fqp_key_type type, void *field) {
    if (rows[type].list) {
        list l;
        memcpy(&l, field, sizeof l);
        release_list(type, &l);
        memcpy(field, &l, sizeof l);
    } else if (type == FQP_KEY_TEXT) {
        char *text, *none = NULL;
        memcpy(&text, field, sizeof text);
        fqpi_free(text);
        memcpy(field, &none, sizeof none);
    }
}
