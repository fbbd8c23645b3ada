/* forecast.c - the step at which a band will be learnt, with an interval, or the reason why that cannot be said. */
#include "forecast_i.h"

#include <fqp/monitor.h>
#include <math.h>

static const double LEFT = 0.9; /* below it the error has left its first level */
static const int64_t LEAST = 5; /* frames of decay */
enum { POINTS = 512 };

static void refuse(fqp_forecast *out, const char *reason) {
    *out = (fqp_forecast){.median = NAN, .low = NAN, .high = NAN, .reason = reason};
}

void fqp_forecast_capture(const int64_t *step, const double *error, size_t frames, size_t stride,
                          const fqp_forecast_opts *opts, fqp_forecast *out) {
    if (frames == 0 || isnan(error[0])) {
        refuse(out, frames ? "the target has no energy here" : "nothing was recorded");
        return;
    }
    if (fqp_capture_frame(error, frames, stride, opts->tau, opts->hold) >= 0) {
        refuse(out, "already learnt");
        return;
    }
    size_t first = 0;
    for (size_t f = 0; f < frames; f++)
        if (!(error[f * stride] < LEFT))
            first = f + 1;
    const size_t every = (frames - first) / POINTS + 1;
    double t[POINTS], y[POINTS];
    fqpi_decay d = {.t = t, .y = y, .rate = opts->rate};
    for (size_t f = frames; f > first && d.n<POINTS; f = f> every ? f - every : 0) {
        const double e = error[(f - 1) * stride];
        if (e > 0 && isfinite(e)) {
            t[d.n] = (double)step[f - 1];
            y[d.n++] = log(e);
        }
    }
    if (d.n < (size_t)LEAST) {
        refuse(out, d.n == 0 ? "the error did not leave its first level" : "fewer than 5 frames of decay");
        return;
    }
    const fqpi_rate_model *row = fqpi_rate_model_row(0);
    double p[FQPI_RATE_PARAMETERS];
    if (!row->fit(&d, p) || !isfinite(row->reaches(p, log(opts->tau)))) {
        refuse(out, "the error does not decay");
        return;
    }
    const double now = (double)step[frames - 1], at = fmax(row->reaches(p, log(opts->tau)), now);
    *out = (fqp_forecast){
        .ok = true, .model = row->name, .median = at, .low = now + (at - now) / 1.5, .high = now + (at - now) * 1.5};
}
