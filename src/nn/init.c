/* init.c - the table of initialisations. */
#include "init.h"

#include <fqp/model.h>

#define R(NAME, name) extern const fqpi_init fqpi_init_##name;
FQPI_INITS(R)
#undef R

static const fqpi_init *const rows[] = {
#define R(NAME, name) &fqpi_init_##name,
    FQPI_INITS(R)
#undef R
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_init *fqpi_init_row(int init) {
    return init >= 0 && init < ROWS ? rows[init] : NULL;
}

const char *fqp_init_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}
