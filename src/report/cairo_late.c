/* cairo_late.c - the table of cairo's functions, filled from the shared library. */
#define FQPI_CAIRO_DECLARATIONS_ONLY
#include "cairo_late.h"
#include "fail.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

fqpi_cairo_table fqpi_cairo;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *missing; /* NULL: everything was found */

/* The library stays until the process ends: it registers functions to be called then. */
static void load(void) {
    void *library = dlopen(FQP_CAIRO_FILE, RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
        missing = FQP_CAIRO_FILE;
        return;
    }
    static const struct {
        const char *name;
        void *slot;
    } function[] = {
#define X(name) {"cairo_" #name, &fqpi_cairo.name},
        FQPI_CAIRO_FUNCTIONS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof function / sizeof *function; i++) {
        void *address = dlsym(library, function[i].name);
        if (!address)
            missing = function[i].name;
        memcpy(function[i].slot, &address, sizeof address);
    }
}

fqp_status fqpi_cairo_load(fqp_ctx *ctx) {
    pthread_once(&once, load);
    if (!missing)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                     "figures are drawn with cairo, which is not installed (%s not found)", missing);
}
