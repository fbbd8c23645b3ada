/* activation.c - the table of activations, in the order of the kernel's list. */
#include "activation.h"

#include <fqp/model.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

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

int fqpi_activation_derivatives(int activation, double param, double z, double f[FQPI_DERIVATIVES]) {
    const fqpi_activation *row = fqpi_activation_row(activation);
    for (int q = 0; q < FQPI_DERIVATIVES; q++)
        f[q] = NAN;
    return row ? row->eval(param, z, f) : -1;
}

int fqp_activation_eval(int activation, double param, double z, double f[4]) {
    double all[FQPI_DERIVATIVES];
    const int order = fqpi_activation_derivatives(activation, param, z, all);
    if (order >= 0)
        memcpy(f, all, 4 * sizeof *f);
    return order < 3 ? order : 3;
}
