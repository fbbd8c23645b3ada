/* copy.c - an options struct copied by its key table: texts and lists are the copy's own. */
#include "value.h"

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
