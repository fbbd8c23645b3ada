/* output.c - the table of output maps; a new one is one line here and one file in output/. */
#include "output.h"
#include "elements.h"

extern const fqpi_output fqpi_output_linear, fqpi_output_softmax, fqpi_output_sigmoid;

static const fqpi_output *const rows[] = {&fqpi_output_linear, &fqpi_output_softmax, &fqpi_output_sigmoid};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_output *fqpi_output_row(int output) {
    return output >= 0 && output < ROWS ? rows[output] : NULL;
}

const char *fqpi_output_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}

void fqpi_output_panel(const fqpi_output *o, const fqpi_kernel *k, const fqpi_kernel *k64, int64_t m, int64_t ld,
                       const void *z, double *h, double *work) {
    fqpi_elem_load(k->dtype, m * ld, z, 1, h);
    if (o->map)
        o->map(k64, m, ld, h, work);
}
