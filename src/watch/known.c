/* known.c - the files of a followed folder, by name. */
#include "known.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b) {
    return strcmp((*(fqpi_known *const *)a)->name, (*(fqpi_known *const *)b)->name);
}

fqpi_known *fqpi_names_find(const fqpi_names *t, const char *name) {
    fqpi_known key = {.name = (char *)(uintptr_t)name}, *at = &key, **found;
    found = t->sorted ? bsearch(&at, t->file, t->sorted, sizeof(void *), by_name) : NULL;
    return found ? *found : NULL;
}

fqpi_known *fqpi_names_add(fqpi_names *t, const char *name) {
    if (t->n == t->cap) {
        const size_t cap = t->cap ? 2 * t->cap : 64;
        fqpi_known **more = fqpi_resize(t->ctx, t->file, cap, sizeof(void *));
        if (!more)
            return NULL;
        t->file = more;
        t->cap = cap;
    }
    fqpi_known *k = fqpi_calloc(t->ctx, 1, sizeof *k);
    if (k && !(k->name = fqpi_strdup(t->ctx, name))) {
        fqpi_free(k);
        k = NULL;
    }
    if (k)
        t->file[t->n++] = k;
    return k;
}

void fqpi_names_sort(fqpi_names *t) {
    if (t->sorted < t->n)
        qsort(t->file, t->n, sizeof(void *), by_name);
    t->sorted = t->n;
}

void fqpi_names_prune(fqpi_names *t) {
    size_t kept = 0;
    for (size_t i = 0; i < t->n; i++) {
        fqpi_known *k = t->file[i];
        if (k->there || k->fate == FQPI_RECORDED || k->fate == FQPI_FOREIGN) {
            t->file[kept++] = k;
        } else {
            fqpi_free(k->name);
            fqpi_free(k);
        }
    }
    t->n = t->sorted = kept;
}

void fqpi_names_free(fqpi_names *t) {
    for (size_t i = 0; i < t->n; i++) {
        fqpi_free(t->file[i]->name);
        fqpi_free(t->file[i]);
    }
    fqpi_free(t->file);
    *t = (fqpi_names){0};
}
