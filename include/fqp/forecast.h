/* forecast.h - when will a band be learnt?  The step at which its error goes below a tolerance and stays there, with an
 * interval, from the frames recorded so far; or the reason why they do not support an answer.
 *
 * Works on any series of errors (a bin of a monitor, a column of a table).  All functions here are pure: same numbers
 * for the same series, callable from any thread, nothing kept. */
#ifndef FQP_FORECAST_H
#define FQP_FORECAST_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_forecast_opts {
    double tau;   /* tolerance, above 0 */
    int64_t hold; /* frames the error must stay below it, as in fqp_capture_frame */
    double rate;  /* decay of ln error per step known from elsewhere (a tangent kernel's 2 lr lambda); 0: none */
    double level; /* share of intervals that are to hold, in (0, 1); 0: 0.8 */
} fqp_forecast_opts;

/* low >= the last step recorded.  What lies further away than 12 times the steps so far is not told: such a median or
 * upper end is infinite, "later, or never". */
typedef struct fqp_forecast {
    bool ok;
    const char *model;        /* of most weight, static: "exponential"; NULL when !ok */
    double median, low, high; /* steps; NaN when !ok */
    const char *reason;       /* why there is no answer, static; NULL when ok */
} fqp_forecast;

/* step [frames] increasing; error [frames] with stride, relative (1: nothing learnt yet), NaN or infinite where not
 * known.  A band that is below tau at the end is not forecast: reason "already learnt". */
FQP_API void fqp_forecast_capture(const int64_t *step, const double *error, size_t frames, size_t stride,
                                  const fqp_forecast_opts *opts, fqp_forecast *out);

/* The rate models, in their order; NULL past the end. */
FQP_API const char *fqp_forecast_model(size_t i, const char **doc);

/* Forecasts from the first part of the frames, held against the rest.  An interval covers a capture inside it, and the
 * absence of a capture only where it is open to the end. */
typedef struct fqp_backtest {
    int64_t captures; /* bands asked about: known, and not learnt in the first part */
    int64_t refused;  /* of these, without an answer */
    int64_t covered;  /* of those answered, with the truth inside */
    int64_t open;     /* of those answered, without an upper end */
} fqp_backtest;

/* Adds one band to the tally; from: share of the frames that is seen, in (0, 1). */
FQP_API void fqp_forecast_backtest(const int64_t *step, const double *error, size_t frames, size_t stride,
                                   const fqp_forecast_opts *opts, double from, fqp_backtest *tally);

#ifdef __cplusplus
}
#endif
#endif
