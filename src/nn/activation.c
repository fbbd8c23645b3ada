/* activation.c - the table of activations, in the order of the kernel's list. */
#include "activation.h"

#include <fqp/model.h>
#include <stddef.h>

static const fqpi_activation *const rows[] = {
#define R(NAME, name) &fqpi_activation_##name,
    FQPI_ACTIVATIONS(R)
#undef R
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_activation *fqpi_activation_row(int activation) {
    return activation >= 0 && activation < ROWS ? rows[activation] : NULL;
}

const char *fqp_activation_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}

int fqp_activation_eval(int activation, double param, double z, double f[4]) {
    const fqpi_activation *row = fqpi_activation_row(activation);
    return row ? row->eval(param, z, f) : -1;
}
