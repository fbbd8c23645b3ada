/* forecast_backtest.c - forecasts of the past held against what came after. */
#include <fqp/forecast.h>
#include <fqp/monitor.h>

#include <math.h>

/* An absent capture is covered only by an interval without an upper end. */
static bool covers(const fqp_forecast *f, double truth) {
    return truth >= f->low && truth <= f->high;
}

void fqp_forecast_backtest(const int64_t *step, const double *error, size_t frames, size_t stride,
                           const fqp_forecast_opts *opts, double from, fqp_backtest *tally) {
    const size_t seen = (size_t)(from * (double)frames);
    if (seen == 0 || seen >= frames || isnan(error[0]) ||
        fqp_capture_frame(error, seen, stride, opts->tau, opts->hold) >= 0)
        return;
    const int64_t at = fqp_capture_frame(error, frames, stride, opts->tau, opts->hold);
    fqp_forecast f;
    fqp_forecast_capture(step, error, seen, stride, opts, &f);
    tally->captures++;
    tally->refused += !f.ok;
    tally->covered += f.ok && covers(&f, at < 0 ? (double)INFINITY : (double)step[at]);
    tally->open += f.ok && isinf(f.high);
}
