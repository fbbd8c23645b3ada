/* measures.c - the table of measures, and what its rows share. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* one a line, so that neighbours do not meet */
/* clang-format off */
static const fqpi_measure *const tables[] = {
    fqpi_measures_advise,
    fqpi_measures_anti,
    fqpi_measures_capture,
    fqpi_measures_collocation,
    fqpi_measures_entrances,
    fqpi_measures_entropy,
    fqpi_measures_features,
    fqpi_measures_filter,
    fqpi_measures_flattening,
    fqpi_measures_forecast,
    fqpi_measures_hints,
    fqpi_measures_ideal,
    fqpi_measures_labels,
    fqpi_measures_layers,
    fqpi_measures_lazy,
    fqpi_measures_lfp,
    fqpi_measures_lfp_network,
    fqpi_measures_parity,
    fqpi_measures_phase,
    fqpi_measures_pixels,
    fqpi_measures_poisson,
    fqpi_measures_predict,
    fqpi_measures_predictions,
    fqpi_measures_projection,
    fqpi_measures_random_features,
    fqpi_measures_relaxation,
    fqpi_measures_remedies,
    fqpi_measures_residual,
    fqpi_measures_robustness,
    fqpi_measures_runge,
    fqpi_measures_sampling,
    fqpi_measures_settings,
    fqpi_measures_share,
    fqpi_measures_signal,fqpi_measures_solving, 
    fqpi_measures_solved,
    fqpi_measures_spectrum,
    fqpi_measures_spectrum_flow,
    fqpi_measures_stages,
    fqpi_measures_stopping,
    fqpi_measures_synthetic,
    fqpi_measures_tail,
    fqpi_measures_verdict,
    fqpi_measures_weights,
    fqpi_measures_width,
    NULL,
};
/* clang-format on */

const fqpi_measure *fqpi_measure_row(size_t i) {
    for (size_t t = 0; tables[t]; t++)
        for (const fqpi_measure *row = tables[t]; row->name; row++)
            if (i-- == 0)
                return row;
    return NULL;
}

const fqpi_measure *fqpi_measure_find(const char *name) {
    const fqpi_measure *row;
    for (size_t i = 0; (row = fqpi_measure_row(i)); i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const char *fqp_measure_name(size_t i, const char **doc) {
    const fqpi_measure *row = fqpi_measure_row(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}

const fqpi_series *fqpi_measuring_series(const fqpi_measuring *m, int64_t seed, const char *probe) {
    const fqpi_seed *s = &m->trial->seed[seed < 0 ? 0 : seed];
    for (size_t p = 0; p < s->nprobes; p++)
        if (probe ? strcmp(s->probe[p].name, probe) == 0 : strcmp(s->probe[p].name, "filter") != 0)
            return &s->probe[p];
    return NULL;
}

int64_t fqpi_measuring_bin(const fqpi_series *s, double k) {
    const double *axis = s->axis.data;
    for (size_t b = 0; b < s->nbins; b++)
        if (fabs(axis[b] - k) < 1e-9)
            return (int64_t)b;
    return -1;
}

/* The Fashion-MNIST images last asked for. */
typedef struct images {
    fqp_dataset *data;
    int64_t count;
} images;

static void drop_images(void *place) {
    images *i = place;
    fqp_dataset_destroy(i->data);
    *i = (images){0};
}

const fqp_dataset *fqpi_measuring_images(const fqpi_measuring *m, int64_t count) {
    images *c = fqpi_cache_place(m, tables, sizeof *c, drop_images);
    if (!c || (c->data && c->count == count))
        return c ? c->data : NULL;
    drop_images(c);
    char text[160];
    fqpi_print(text, sizeof text,
               "data: {source: images, images: fashion-mnist, count: %lld, standardise: unit, label_form: onehot}",
               (long long)count);
    fqp_config *config = NULL;
    if (fqp_config_parse(m->ctx, "measure", text, 0, NULL, &config))
        return NULL;
    if (!fqp_dataset_create(m->ctx, fqp_config_section(config, "data"), 1, config, &c->data))
        c->count = count;
    fqp_config_destroy(config);
    return c->data;
}

fqp_monitor *fqpi_measuring_monitor(const fqpi_measuring *m, const char *yaml, fqp_view x, fqp_view y) {
    fqp_config *config = NULL;
    fqp_monitor *monitor = NULL;
    if (fqp_config_parse(m->ctx, "measure", yaml, 0, NULL, &config))
        return NULL;
    fqp_monitor_setup setup = fqp_monitor_setup_from(config);
    setup.seed = (uint64_t)(m->seed < 0 ? 1 : m->seed + 1);
    if (fqp_monitor_create(m->ctx, x, y, &setup, &monitor))
        monitor = NULL;
    fqp_config_destroy(config);
    return monitor;
}
