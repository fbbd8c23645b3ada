/* copy.c - an options struct made from another one, or from JSON, by its key table: texts and lists are its own. */
#include "conf.h"
#include "fail.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* fqp_ints, fqp_reals and fqp_texts in one form: a pointer and a count. */
typedef struct list {
    void *v;
    size_t n;
} list;

static bool copy_texts(fqp_ctx *ctx, list *l) {
    char **v = l->v;
    for (size_t i = 0; i < l->n; i++) {
        v[i] = fqpi_strdup(ctx, v[i]);
        if (!v[i]) {
            l->n = i; /* those behind are still the original's */
            return false;
        }
    }
    return true;
}

static bool copy_list(fqp_ctx *ctx, fqp_key_type type, const void *from, void *to) {
    list l, own = {0};
    memcpy(&l, from, sizeof l);
    bool good = true;
    if (l.n > 0) {
        own = (list){fqpi_alloc(ctx, l.n, fqpi_value_element(type)), l.n};
        good = own.v != NULL;
    }
    if (good && own.v) {
        memcpy(own.v, l.v, l.n * fqpi_value_element(type));
        good = type != FQP_KEY_TEXTS || copy_texts(ctx, &own);
    }
    memcpy(to, &own, sizeof own);
    if (!good && own.v)
        fqpi_value_release(type, to);
    return good;
}

static bool copy_text(fqp_ctx *ctx, const void *from, void *to) {
    char *text;
    memcpy(&text, from, sizeof text);
    char *own = fqpi_strdup(ctx, text);
    memcpy(to, &own, sizeof own);
    return own || !text;
}

static bool copy_value(fqp_ctx *ctx, fqp_key_type type, const void *from, void *to) {
    if (fqpi_value_element(type) > 0)
        return copy_list(ctx, type, from, to);
    return type == FQP_KEY_TEXT ? copy_text(ctx, from, to) : true;
}

fqp_status fqp_section_copy(fqp_ctx *ctx, const fqp_section *sec, const void *from, void *to) {
    memcpy(to, from, sec->size);
    bool good = true;
    for (size_t i = 0; i < sec->nkeys; i++) { /* every key, so that nothing of the original is released below */
        const size_t at = sec->keys[i].offset;
        good = copy_value(ctx, sec->keys[i].type, (const char *)from + at, (char *)to + at) && good;
    }
    if (!good)
        fqp_section_release(sec, to);
    return good ? FQP_OK : FQP_E_NOMEM;
}

/* ---- from JSON, which is YAML ------------------------------------------------------------------------------------ */

/* {"<section>": {keys}} without the keys that are null; NULL: out of memory, or texts that are no UTF-8. */
static char *given_text(const fqp_section *sec, const json_t *object) {
    json_t *keys = json_object(), *root = json_object();
    bool good = keys && root;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        if (good && !json_is_null(value))
            good = json_object_set(keys, name, value) == 0;
    }
    good = json_object_set_new(root, sec->name, keys) == 0 && good;
    char *text = good ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(root);
    return text;
}

fqp_status fqpi_section_read_json(fqp_ctx *ctx, const fqp_section *sec, const char *source, const json_t *object,
                                  void *opts) {
    if (!json_is_object(object))
        return fqpi_fail(ctx, FQP_E_CONFIG, &(fqp_origin){.source = source}, "%s is no object of settings", sec->name);
    char *text = given_text(sec, object);
    if (!text)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the settings cannot be read");
    /* By the keys alone: what they mean together is for the one who uses them. */
    fqp_section alone = *sec;
    alone.check = NULL;
    const fqp_section *const sections[] = {&alone, NULL};
    fqp_config *config = NULL;
    fqp_status s = fqpi_config_parse(ctx, sections, source, text, 0, NULL, &config);
    if (!s)
        s = fqp_section_copy(ctx, sec, fqp_config_section(config, sec->name), opts);
    fqp_config_destroy(config);
    free(text);
    return s;
}
