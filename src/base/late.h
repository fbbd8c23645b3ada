/* late.h - libraries that are opened when they are first needed.
 *
 * Some libraries take longer to load, with all they bring, than everything else at the start of a command that never
 * calls them.  They are compiled against but not linked: a row tells what to look for and where the functions found are
 * to be kept, and whoever needs the library opens it first. */
#ifndef FQPI_LATE_H
#define FQPI_LATE_H

#include <fqp/base.h>

#include <stdatomic.h>

/* A pointer to the function `name` is put into *place.  Optional: NULL when the library has no such function. */
typedef struct fqpi_late_symbol {
    const char *name;
    void *place;
    bool optional;
} fqpi_late_symbol;

enum { FQPI_LATE_FILES = 4 };

/* One per library and process. */
typedef struct fqpi_late {
    const char *name, *package;        /* for messages; package of Debian and Ubuntu */
    const char *file[FQPI_LATE_FILES]; /* tried in this order; the first is the one of the package */
    const fqpi_late_symbol *symbol;
    size_t symbols;
    const char *instead; /* fqpi_late_pretend */
    atomic_bool open;
} fqpi_late;

/* Before any function of the library is called; from several threads, and more than once, is fine.  What was found
 * stays until the process ends, since libraries register functions to be called then.  FQP_E_UNSUPPORTED when it is not
 * installed; at (or NULL) and `who` begin the message: "figures need". */
fqp_status fqpi_late_open(fqp_ctx *ctx, fqpi_late *library, const fqp_origin *at, const char *who);

/* For tests: the next opening looks for this file only.  NULL: for those of the row again. */
void fqpi_late_pretend(fqpi_late *library, const char *file);

#endif
