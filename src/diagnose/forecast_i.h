/* forecast_i.h - what the files of the forecaster share: the points of a decay and the laws fitted to them. */
#ifndef FQPI_FORECAST_I_H
#define FQPI_FORECAST_I_H

#include <fqp/forecast.h>

/* Points of the decay: t > 0 since the first frame, in units of the last frame's; y logarithms of the error. */
typedef struct fqpi_decay {
    size_t n;
    const double *t, *y;
    double rate; /* decay of y known from elsewhere, in the same units; 0: none */
} fqpi_decay;

enum { FQPI_RATE_PARAMETERS = 3, FQPI_DECAY_POINTS = 128 };

/* A law of decay, ln error = f(t; p). */
typedef struct fqpi_rate_model {
    const char *name, *doc;
    bool (*fit)(const fqpi_decay *d, double *p);  /* false: does not apply to these points */
    double (*at)(const double *p, double t);      /* ln error at t */
    double (*reaches)(const double *p, double y); /* t at which ln error is y; infinity: never */
} fqpi_rate_model;

const fqpi_rate_model *fqpi_rate_model_row(size_t i); /* NULL past the end */

/* Straight line y = a + b t through points, by least squares. */
typedef struct fqpi_line {
    double a, b;
    double rest; /* sum of squared residuals */
} fqpi_line;
fqpi_line fqpi_line_fit(size_t n, const double *t, const double *y);

#endif
