/* write.c - the resolved configuration as YAML (which reads back to the same values) and as JSON. */
#include "config_i.h"
#include "fail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one value: rows by type ---------------------------------------------------------------------------------------
 */

static void yaml_int(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    (void)key;
    int64_t v;
    memcpy(&v, p, sizeof v);
    fqpi_text_add(ctx, out, "%lld", (long long)v);
}
static json_t *json_int(const fqp_key *key, const void *p) {
    (void)key;
    int64_t v;
    memcpy(&v, p, sizeof v);
    return json_integer(v);
}

static void yaml_real(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    (void)key;
    double v;
    memcpy(&v, p, sizeof v);
    fqpi_real_write(ctx, v, out);
}
/* JSON has no NaN and no infinity. */
static json_t *json_number(const fqp_key *key, const void *p) {
    (void)key;
    double v;
    memcpy(&v, p, sizeof v);
    return isfinite(v) ? json_real(v) : json_null();
}

static void yaml_bool(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    (void)key;
    bool v;
    memcpy(&v, p, sizeof v);
    fqpi_text_add(ctx, out, "%s", v ? "true" : "false");
}
static json_t *json_bool(const fqp_key *key, const void *p) {
    (void)key;
    bool v;
    memcpy(&v, p, sizeof v);
    return json_boolean(v);
}

static const char *text_at(const void *p) {
    char *v;
    memcpy(&v, p, sizeof v);
    return v ? v : "";
}
static void yaml_text(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    (void)key;
    fqpi_scalar_write(ctx, text_at(p), out);
}
static json_t *json_text(const fqp_key *key, const void *p) {
    (void)key;
    return json_string(text_at(p));
}

static const char *choice_at(const fqp_key *key, int64_t v) {
    const char *name = v >= 0 ? key->choices((size_t)v, NULL) : NULL;
    return name ? name : "";
}
static int64_t narrow(const void *p) {
    int v;
    memcpy(&v, p, sizeof v);
    return v;
}
static int64_t wide(const void *p) {
    int64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static void yaml_choice(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    fqpi_scalar_write(ctx, choice_at(key, narrow(p)), out);
}
static json_t *json_choice(const fqp_key *key, const void *p) {
    return json_string(choice_at(key, narrow(p)));
}
static void yaml_choices(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out) {
    fqpi_scalar_write(ctx, choice_at(key, wide(p)), out);
}
static json_t *json_choices(const fqp_key *key, const void *p) {
    return json_string(choice_at(key, wide(p)));
}

typedef struct writer {
    size_t element; /* of a list; 0: a single value */
    void (*yaml)(fqp_ctx *ctx, const fqp_key *key, const void *p, fqpi_text *out);
    json_t *(*json)(const fqp_key *key, const void *p);
} writer;

static const writer writers[] = {
    [FQP_KEY_INT] = {0, yaml_int, json_int},
    [FQP_KEY_REAL] = {0, yaml_real, json_number},
    [FQP_KEY_BOOL] = {0, yaml_bool, json_bool},
    [FQP_KEY_TEXT] = {0, yaml_text, json_text},
    [FQP_KEY_CHOICE] = {0, yaml_choice, json_choice},
    [FQP_KEY_INTS] = {sizeof(int64_t), yaml_int, json_int},
    [FQP_KEY_REALS] = {sizeof(double), yaml_real, json_number},
    [FQP_KEY_TEXTS] = {sizeof(char *), yaml_text, json_text},
    [FQP_KEY_CHOICES] = {sizeof(int64_t), yaml_choices, json_choices},
};

typedef struct list {
    const char *v;
    size_t n;
} list;

void fqpi_value_yaml(fqp_ctx *ctx, const fqp_key *key, const void *field, fqpi_text *out) {
    const writer *w = &writers[key->type];
    if (w->element == 0) {
        w->yaml(ctx, key, field, out);
        return;
    }
    list l;
    memcpy(&l, field, sizeof l);
    fqpi_text_put(ctx, out, "[", 1);
    for (size_t i = 0; i < l.n; i++) {
        if (i > 0)
            fqpi_text_put(ctx, out, ", ", 2);
        w->yaml(ctx, key, l.v + i * w->element, out);
    }
    fqpi_text_put(ctx, out, "]", 1);
}

json_t *fqpi_value_json(const fqp_key *key, const void *field) {
    const writer *w = &writers[key->type];
    if (w->element == 0)
        return w->json(key, field);
    list l;
    memcpy(&l, field, sizeof l);
    json_t *array = json_array();
    for (size_t i = 0; array && i < l.n; i++) {
        if (json_array_append_new(array, w->json(key, l.v + i * w->element)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* ---- YAML: sections nest by their names, whatever their order in the list
 * --------------------------------------------- */

static bool below(const char *name, const char *prefix) {
    size_t n = strlen(prefix);
    return n == 0 || (strncmp(name, prefix, n) == 0 && name[n] == '.');
}

static void yaml_keys(fqp_ctx *ctx, const fqpi_slot *slot, int indent, fqpi_text *out) {
    for (size_t i = 0; i < slot->section->nkeys; i++) {
        const fqp_key *key = &slot->section->keys[i];
        fqpi_text_add(ctx, out, "%*s%s: ", indent, "", key->name);
        fqpi_value_yaml(ctx, key, (const char *)slot->opts + key->offset, out);
        fqpi_text_put(ctx, out, "\n", 1);
    }
}

static void yaml_below(fqp_ctx *ctx, const fqp_config *c, const char *prefix, int indent, fqpi_text *out);

/* Is slot i the first whose name continues prefix with this word? */
static bool first_of_word(const fqp_config *c, size_t i, size_t length) {
    const char *name = c->slot[i].section->name;
    for (size_t j = 0; j < i; j++) {
        const char *other = c->slot[j].section->name;
        if (strncmp(other, name, length) == 0 && (other[length] == '\0' || other[length] == '.'))
            return false;
    }
    return true;
}

static void yaml_group(fqp_ctx *ctx, const fqp_config *c, const char *name, size_t offset, int indent, fqpi_text *out) {
    const fqpi_slot *slot = fqpi_config_slot(c, name);
    fqpi_text_add(ctx, out, "%*s%s:", indent, "", name + offset);
    if (slot)
        fqpi_text_add(ctx, out, " # %s", slot->section->help);
    fqpi_text_put(ctx, out, "\n", 1);
    if (slot)
        yaml_keys(ctx, slot, indent + 2, out);
    yaml_below(ctx, c, name, indent + 2, out);
}

static void yaml_below(fqp_ctx *ctx, const fqp_config *c, const char *prefix, int indent, fqpi_text *out) {
    for (size_t i = 0; i < c->nslots && !out->failed; i++) {
        const char *name = c->slot[i].section->name;
        if (!below(name, prefix))
            continue;
        size_t offset = prefix[0] ? strlen(prefix) + 1 : 0;
        size_t length = offset + strcspn(name + offset, ".");
        if (!first_of_word(c, i, length))
            continue;
        char *whole = fqpi_strndup(ctx, name, length);
        if (whole)
            yaml_group(ctx, c, whole, offset, indent, out);
        else
            out->failed = true;
        fqpi_free(whole);
    }
}

/* The caller releases with free(), so the text leaves the library's own blocks. */
static fqp_status hand_out(fqp_ctx *ctx, const char *text, char **out) {
    char *copy = text ? strdup(text) : NULL;
    if (!copy)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the configuration cannot be written");
    *out = copy;
    return FQP_OK;
}

fqp_status fqp_config_yaml(fqp_ctx *ctx, const fqp_config *c, char **out) {
    fqpi_text text = {0};
    fqpi_text_put(ctx, &text, "", 0);
    yaml_below(ctx, c, "", 0, &text);
    fqp_status status = text.failed ? FQP_E_NOMEM : hand_out(ctx, text.s, out);
    fqpi_text_free(&text);
    return status;
}

/* ---- JSON
 * ---------------------------------------------------------------------------------------------------------------- */

/* The object of a dotted name below root, made where missing; borrowed.  NULL: out of memory. */
static json_t *object_at(fqp_ctx *ctx, json_t *root, const char *name) {
    json_t *at = root;
    while (at && *name) {
        size_t n = strcspn(name, ".");
        char *word = fqpi_strndup(ctx, name, n);
        json_t *next = word ? json_object_get(at, word) : NULL;
        if (word && !next && json_object_set_new(at, word, json_object()) == 0)
            next = json_object_get(at, word);
        fqpi_free(word);
        at = next;
        name += n + (name[n] == '.');
    }
    return at;
}

static bool json_keys(const fqp_section *sec, const void *opts, json_t *object) {
    for (size_t i = 0; object && i < sec->nkeys; i++) {
        const fqp_key *key = &sec->keys[i];
        if (json_object_set_new(object, key->name, fqpi_value_json(key, (const char *)opts + key->offset)) != 0)
            return false;
    }
    return object != NULL;
}

static bool json_section(fqp_ctx *ctx, json_t *root, const fqpi_slot *slot) {
    return json_keys(slot->section, slot->opts, object_at(ctx, root, slot->section->name));
}

json_t *fqpi_section_json(const fqp_section *sec, const void *opts) {
    json_t *object = json_object();
    if (json_keys(sec, opts, object))
        return object;
    json_decref(object);
    return NULL;
}

fqp_status fqp_config_json(fqp_ctx *ctx, const fqp_config *c, char **out) {
    json_t *root = json_object();
    bool good = root != NULL;
    for (size_t i = 0; good && i < c->nslots; i++)
        good = json_section(ctx, root, &c->slot[i]);
    char *text = good ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(root);
    if (!text)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the configuration cannot be written");
    *out = text; /* jansson's blocks are malloc's */
    return FQP_OK;
}
