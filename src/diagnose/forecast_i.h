/* forecast_i.h - what the files of the forecaster share: the points of a decay and the models fitted to them. */
#ifndef FQPI_FORECAST_I_H
#define FQPI_FORECAST_I_H

#include <fqp/forecast.h>

/* Points of the decay: steps t, logarithms of the error y. */
typedef struct fqpi_decay {
    size_t n;
    const double *t, *y;
    double rate; /* handed in by the caller; 0: none */
} fqpi_decay;

enum { FQPI_RATE_PARAMETERS = 4 };

/* A law of decay, ln error = f(t; p). */
typedef struct fqpi_rate_model {
    const char *name, *doc;
    int parameters;
    bool (*fit)(const fqpi_decay *d, double *p);  /* false: does not apply to these points */
    double (*at)(const double *p, double t);      /* ln error at step t */
    double (*reaches)(const double *p, double y); /* step at which ln error is y for good; infinity: never */
} fqpi_rate_model;

const fqpi_rate_model *fqpi_rate_model_row(size_t i); /* NULL past the end */

#endif
