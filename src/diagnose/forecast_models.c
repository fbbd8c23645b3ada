/* forecast_models.c - laws of decay of one frequency's error.
 *
 * exponential: linear theory, every eigenmode of the tangent kernel decays on its own (Jacot et al. 1806.07572). */
#include "forecast_i.h"

#include <math.h>
#include <stddef.h>

/* p = (c, rate): ln error = c - rate t, least squares. */
static bool fit_exponential(const fqpi_decay *d, double *p) {
    double t = 0, y = 0, tt = 0, ty = 0;
    for (size_t i = 0; i < d->n; i++) {
        t += d->t[i] / (double)d->n;
        y += d->y[i] / (double)d->n;
    }
    for (size_t i = 0; i < d->n; i++) {
        tt += (d->t[i] - t) * (d->t[i] - t);
        ty += (d->t[i] - t) * (d->y[i] - y);
    }
    if (!(tt > 0))
        return false;
    p[1] = -ty / tt;
    p[0] = y + p[1] * t;
    return true;
}

static double at_exponential(const double *p, double t) {
    return p[0] - p[1] * t;
}

static double reaches_exponential(const double *p, double y) {
    return p[1] > 0 ? (p[0] - y) / p[1] : INFINITY;
}

static const fqpi_rate_model rows[] = {
    {"exponential", "ln error = c - rate t", 2, fit_exponential, at_exponential, reaches_exponential}};

const fqpi_rate_model *fqpi_rate_model_row(size_t i) {
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const char *fqp_forecast_model(size_t i, const char **doc) {
    const fqpi_rate_model *row = fqpi_rate_model_row(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}
