/* section.c - finding sections and keys; a section's defaults and their release. */
#include "fail.h"
#include "value.h"

#include <string.h>

const fqp_section *fqpi_section_find(const fqp_section *const *sections, const char *name) {
    for (; *sections; sections++)
        if (strcmp((*sections)->name, name) == 0)
            return *sections;
    return NULL;
}

const fqp_key *fqpi_key_find(const fqp_section *const *sections, const char *dotted, const fqp_section **sec) {
    const char *dot = strrchr(dotted, '.');
    if (!dot)
        return NULL;
    for (; *sections; sections++) {
        const fqp_section *s = *sections;
        if (strlen(s->name) != (size_t)(dot - dotted) || strncmp(s->name, dotted, strlen(s->name)) != 0)
            continue;
        for (size_t i = 0; i < s->nkeys; i++) {
            if (strcmp(s->keys[i].name, dot + 1) != 0)
                continue;
            if (sec)
                *sec = s;
            return &s->keys[i];
        }
    }
    return NULL;
}

void fqp_section_release(const fqp_section *sec, void *opts) {
    if (!opts)
        return;
    for (size_t i = 0; i < sec->nkeys; i++)
        fqpi_value_release(sec->keys[i].type, (char *)opts + sec->keys[i].offset);
}

static fqp_status fill(fqp_ctx *ctx, const fqp_section *sec, char *opts) {
    fqpi_problems ps = {.ctx = ctx};
    bool good = true;
    for (size_t i = 0; i < sec->nkeys && !ps.failed; i++) {
        const fqp_key *key = &sec->keys[i];
        fqpi_text path = {0};
        fqpi_text_add(ctx, &path, "%s.%s", sec->name, key->name);
        if (path.failed)
            ps.failed = true;
        else
            good = fqpi_value_default(&ps, path.s, key, opts + key->offset) && good;
        fqpi_text_free(&path);
    }
    bool failed = ps.failed;
    fqpi_problems_report(&ps);
    return failed ? FQP_E_NOMEM : good ? FQP_OK : FQP_E_INTERNAL;
}

/* A default that its own table refuses is a fault of this library: FQP_E_INTERNAL. */
fqp_status fqp_section_defaults(fqp_ctx *ctx, const fqp_section *sec, void *opts) {
    memset(opts, 0, sec->size);
    void *locale = fqpi_locale_begin();
    fqp_status status = fill(ctx, sec, opts);
    fqpi_locale_end(locale);
    if (status != FQP_OK)
        fqp_section_release(sec, opts);
    return status;
}
