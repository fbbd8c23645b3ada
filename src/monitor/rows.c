/* rows.c - the probes of this build. */
#include "probe.h"

static const fqpi_probe *const rows[] = {&fqpi_probe_dft,    &fqpi_probe_projection, &fqpi_probe_filter,
                                         &fqpi_probe_radial, &fqpi_probe_scattered,  &fqpi_probe_sine};

const fqpi_probe *fqpi_probe_row(size_t i) {
    return i < sizeof rows / sizeof rows[0] ? rows[i] : NULL;
}

const char *fqpi_probe_choice(size_t i, const char **doc) {
    const fqpi_probe *row = fqpi_probe_row(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}

fqp_origin fqpi_origin_of(const fqp_config *conf, const char *key) {
    return conf ? fqp_config_origin(conf, key) : (fqp_origin){0};
}
