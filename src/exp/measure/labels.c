/* labels.c - low-frequency ratio of label functions: LFR(delta) = ||y_low||^2 / ||y||^2, label mean removed. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>

enum { IMAGES = 3000, WIDTHS = 3 };
static const double widths[WIDTHS] = {5, 7, 10};

static void remove_mean(double *y, int64_t n, int64_t m) {
    for (int64_t c = 0; c < m; c++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += y[i * m + c];
        for (int64_t i = 0; i < n; i++)
            y[i * m + c] -= sum / (double)n;
    }
}

static void rotate_classes(double *y, int64_t n, int64_t m) {
    for (int64_t i = 0; i < n; i++) {
        const double last = y[i * m + m - 1];
        for (int64_t c = m - 1; c > 0; c--)
            y[i * m + c] = y[i * m + c - 1];
        y[i * m] = last;
    }
}

static fqp_dataset *images(const fqpi_measuring *m, double share) {
    char text[200];
    fqpi_print(text, sizeof text,
               "data: {source: images, images: fashion-mnist, count: %d, standardise: unit, label_form: onehot, "
               "shuffle: %.17g}",
               IMAGES, share);
    fqp_config *config = NULL;
    fqp_dataset *d = NULL;
    if (fqp_config_parse(m->ctx, "measure", text, 0, NULL, &config))
        return NULL;
    if (fqp_dataset_create(m->ctx, fqp_config_section(config, "data"), (uint64_t)m->seed + 1, config, &d))
        d = NULL;
    fqp_config_destroy(config);
    return d;
}

/* Ratios of all widths. */
static bool compute(const fqpi_measuring *m, double share, bool renamed, double ratio[WIDTHS]) {
    fqp_dataset *d = images(m, share);
    if (!d)
        return false;
    double *y = d->y.data, whole = 0;
    if (renamed)
        rotate_classes(y, d->n, d->m);
    remove_mean(y, d->n, d->m);
    for (int64_t i = 0; i < d->n * d->m; i++)
        whole += y[i] * y[i];
    fqp_monitor *monitor =
        fqpi_measuring_monitor(m, "monitor: {probes: [filter], filter: {delta: [5, 7, 10], min_share: 0}}",
                               fqp_array_view(&d->x), fqp_array_view(&d->y));
    fqp_bins bins;
    const bool good = monitor && !fqp_monitor_observe(monitor, 0, 0, fqp_array_view(&d->y)) &&
                      !fqp_monitor_bins(monitor, 0, 0, &bins);
    for (int w = 0; good && w < WIDTHS; w++)
        ratio[w] = bins.target[4 * w] * bins.target[4 * w] / whole; /* low parts are every second bin */
    fqp_monitor_destroy(monitor);
    fqp_dataset_destroy(d);
    return good;
}

enum { RATIOS = 64 };
typedef struct ratios {
    struct {
        double share, delta, ratio;
        int64_t draw;
    } label[RATIOS];
    size_t nlabels;
} ratios;

static double ratio_of(const fqpi_measuring *m, double share, double delta, bool renamed) {
    ratios *c = fqpi_cache_place(m, fqpi_measures_labels, sizeof *c, NULL);
    if (!c)
        return NAN;
    const double key = renamed ? share + 10 : share; /* shares lie in [0, 1] */
    for (size_t i = 0; i < c->nlabels; i++)
        if (c->label[i].share == key && c->label[i].delta == delta && c->label[i].draw == m->seed)
            return c->label[i].ratio;
    double ratio[WIDTHS], found = NAN;
    if (!compute(m, share, renamed, ratio))
        return NAN;
    for (int w = 0; w < WIDTHS; w++) {
        if (widths[w] == delta)
            found = ratio[w];
        c->label[c->nlabels % RATIOS].share = key;
        c->label[c->nlabels % RATIOS].delta = widths[w];
        c->label[c->nlabels % RATIOS].draw = m->seed;
        c->label[c->nlabels % RATIOS].ratio = ratio[w];
        if (c->nlabels < RATIOS)
            c->nlabels++;
    }
    return found;
}

static double label_ratio(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return ratio_of(m, arg[0], arg[1], false);
}

static double label_renaming(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return fabs(ratio_of(m, 0, arg[0], true) - ratio_of(m, 0, arg[0], false));
}

const fqpi_measure fqpi_measures_labels[] = {
    {"label_ratio", 2, 2, false, false,
     "label_ratio(p, delta): low-frequency ratio of the labels of 3000 images, share p of them random; delta 5, 7 or "
     "10",
     label_ratio},
    {"label_renaming", 1, 1, false, false,
     "label_renaming(delta): change of that ratio when the class names are permuted", label_renaming},
    {0}};
