/* forecast_models.c - laws of decay of one frequency's error.
 *
 * exponential: in linear theory every eigenmode of the tangent kernel decays on its own (Jacot et al. 1806.07572).
 * stretched: between modes of many rates and kernels that move the error follows exp(-a t^b), b below 1 when the decay
 * slows down and above 1 when it gathers speed (Kohlrausch's law).  drifting: exponentials one after another, of which
 * the last one goes on; where it begins is found as a change point by least squares (Bai & Perron 1998). */
#include "forecast_i.h"

#include <math.h>

fqpi_line fqpi_line_fit(size_t n, const double *t, const double *y) {
    double mt = 0, my = 0, tt = 0, ty = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        mt += t[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        tt += (t[i] - mt) * (t[i] - mt);
        ty += (t[i] - mt) * (y[i] - my);
        yy += (y[i] - my) * (y[i] - my);
    }
    const double b = tt > 0 ? ty / tt : 0;
    return (fqpi_line){.a = my - b * mt, .b = b, .rest = fmax(yy - b * ty, 0)};
}

/* ---- exponential: p = (a, b), y = a + b t ------------------------------------------------------------------------ */

static bool fit_exponential(const fqpi_decay *d, double *p) {
    const fqpi_line l = fqpi_line_fit(d->n, d->t, d->y);
    p[0] = l.a;
    p[1] = l.b;
    return true;
}

static double at_line(const double *p, double t) {
    return p[0] + p[1] * t;
}

static double line_reaches(const double *p, double y) {
    return p[1] < 0 ? (y - p[0]) / p[1] : INFINITY;
}

/* ---- drifting: the same line, through the points after the last change ----------------------------------------- */

enum { LEAST_PART = 5, PLACES = 24 };
static const double DRIFT = 0.7; /* two lines must leave less than this part of what one leaves */

static bool fit_drifting(const fqpi_decay *d, double *p) {
    const fqpi_line whole = fqpi_line_fit(d->n, d->t, d->y);
    fqpi_line last = whole;
    double least = DRIFT * whole.rest;
    size_t before = 0;
    for (size_t k = 1; k < PLACES; k++) {
        const size_t at = k * d->n / PLACES;
        if (at < LEAST_PART || d->n - at < LEAST_PART || at == before)
            continue;
        before = at;
        const fqpi_line first = fqpi_line_fit(at, d->t, d->y), second = fqpi_line_fit(d->n - at, d->t + at, d->y + at);
        if (first.rest + second.rest < least) {
            least = first.rest + second.rest;
            last = second;
        }
    }
    p[0] = last.a;
    p[1] = last.b;
    return true;
}

/* ---- recent: the same line, through the later half of the points ----------------------------------------------- */

static bool fit_recent(const fqpi_decay *d, double *p) {
    const size_t half = d->n / 2;
    const fqpi_line l = fqpi_line_fit(d->n - half, d->t + half, d->y + half);
    p[0] = l.a;
    p[1] = l.b;
    return true;
}

/* ---- stretched: p = (a, b, power), y = a + b t^power ------------------------------------------------------------- */

static bool fit_stretched(const fqpi_decay *d, double *p) {
    static const double powers[] = {0.25, 0.5, 1, 1.5, 2, 3, 4};
    double least = INFINITY, u[FQPI_DECAY_POINTS];
    for (size_t k = 0; k < sizeof powers / sizeof *powers; k++) {
        for (size_t i = 0; i < d->n; i++)
            u[i] = pow(d->t[i], powers[k]);
        const fqpi_line l = fqpi_line_fit(d->n, u, d->y);
        if (l.rest < least) {
            least = l.rest;
            p[0] = l.a;
            p[1] = l.b;
            p[2] = powers[k];
        }
    }
    return d->n > 0;
}

static double at_stretched(const double *p, double t) {
    return p[0] + p[1] * pow(t, p[2]);
}

static double stretched_reaches(const double *p, double y) {
    const double u = line_reaches(p, y);
    return u > 0 ? pow(u, 1 / p[2]) : 0;
}

/* ---- kernel: the caller's rate from the mean of the later half on ---------------------------------------------- */

static bool fit_kernel(const fqpi_decay *d, double *p) {
    const size_t half = d->n / 2;
    p[0] = 0;
    p[1] = -d->rate;
    for (size_t i = half; i < d->n; i++)
        p[0] += (d->y[i] + d->rate * d->t[i]) / (double)(d->n - half);
    return d->rate > 0;
}

static const fqpi_rate_model rows[] = {
    {"exponential", "ln error = a - b t", fit_exponential, at_line, line_reaches},
    {"recent", "the same through the later half of the frames", fit_recent, at_line, line_reaches},
    {"drifting", "exponentials one after another, the last one goes on", fit_drifting, at_line, line_reaches},
    {"stretched", "ln error = a - b t^c", fit_stretched, at_stretched, stretched_reaches},
    {"kernel", "the rate handed in, of a tangent kernel", fit_kernel, at_line, line_reaches}};

const fqpi_rate_model *fqpi_rate_model_row(size_t i) {
    return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const char *fqp_forecast_model(size_t i, const char **doc) {
    const fqpi_rate_model *row = fqpi_rate_model_row(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}
