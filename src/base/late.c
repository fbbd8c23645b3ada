/* late.c - opening, and saying why it failed. */
#include "late.h"
#include "fail.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { REASON = 300 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over all rows, while one is opened */

/* Everything a row asks for, from this file; false and the system's words, in which it names the file. */
static bool take(const fqpi_late *library, const char *file, char reason[REASON]) {
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    bool all = handle != NULL;
    for (size_t i = 0; i < library->symbols && all; i++) {
        const fqpi_late_symbol *s = &library->symbol[i];
        void *address = dlsym(handle, s->name);
        memcpy(s->place, &address, sizeof address); /* C knows no cast from an object's address to a function's */
        all = address || s->optional;
    }
    if (!all) {
        const char *why = dlerror();
        snprintf(reason, REASON, "%s", why ? why : file);
    }
    return all;
}

static bool take_first(const fqpi_late *library, char reason[REASON]) {
    char later[REASON];
    if (library->instead)
        return take(library, library->instead, reason);
    for (size_t i = 0; i < FQPI_LATE_FILES && library->file[i]; i++)
        if (take(library, library->file[i], i ? later : reason))
            return true;
    return false;
}

fqp_status fqpi_late_open(fqp_ctx *ctx, fqpi_late *library, const fqp_origin *at, const char *who) {
    char reason[REASON] = "";
    if (atomic_load_explicit(&library->open, memory_order_acquire))
        return FQP_OK;
    pthread_mutex_lock(&lock);
    bool open = atomic_load_explicit(&library->open, memory_order_relaxed) || take_first(library, reason);
    atomic_store_explicit(&library->open, open, memory_order_release);
    pthread_mutex_unlock(&lock);
    if (open)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, at, "%s %s, which cannot be loaded: %s\n    install %s (Debian, Ubuntu)",
                     who, library->name, reason, library->package);
}

void fqpi_late_pretend(fqpi_late *library, const char *file) {
    pthread_mutex_lock(&lock);
    library->instead = file;
    atomic_store_explicit(&library->open, false, memory_order_release);
    pthread_mutex_unlock(&lock);
}
