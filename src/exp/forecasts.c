/* forecasts.c - when what is not learnt will be, and how well that could be said earlier in the same run: the parts
 * "forecast" and "backtest" of summary.json. */
#include "exp.h"

#include <fqp/forecast.h>
#include <math.h>
#include <string.h>

static const double *errors_of(const fqpi_series *s, size_t bin) {
    return (const double *)s->error.data + bin;
}

/* The decay that a tangent kernel gives a bin, where `fqp predict` was laid over the run; 0: none, or no exponential.
 */
static double predicted_rate(const fqpi_trial *t, const fqpi_series *measured, size_t bin) {
    const fqpi_seed *theory = &t->theory;
    for (size_t i = 0; i < theory->nprobes; i++) {
        const fqpi_series *s = &theory->probe[i];
        if (strcmp(s->name, measured->name) != 0 || s->nbins != measured->nbins)
            continue;
        const double *error = errors_of(s, bin);
        fqp_rate r;
        fqp_rate_fit(theory->step.data, error, s->frames, s->nbins,
                     fqp_capture_frame(error, s->frames, s->nbins, t->tau, t->hold), &r);
        return r.ok ? r.rate : 0;
    }
    return 0;
}

static fqp_forecast_opts opts_of(const fqpi_trial *t, const fqpi_series *s, size_t bin) {
    return (fqp_forecast_opts){.tau = t->tau, .hold = t->hold, .rate = predicted_rate(t, s, bin)};
}

static json_t *word(const char *text) {
    return text ? json_string(text) : json_null();
}

json_t *fqpi_forecasts(const fqpi_trial *t, size_t probe, size_t bin) {
    json_t *out = json_array();
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_series *s = &t->seed[i].probe[probe];
        const fqp_forecast_opts opts = opts_of(t, s, bin);
        fqp_forecast f;
        fqp_forecast_capture(t->seed[i].step.data, errors_of(s, bin), s->frames, s->nbins, &opts, &f);
        json_array_append_new(out,
                              json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "ok", f.ok, "model", word(f.model), "median",
                                        fqpi_json_step(round(f.median)), "low", fqpi_json_step(round(f.low)), "high",
                                        fqpi_json_step(round(f.high)), "reason", word(f.reason)));
    }
    return out;
}

json_t *fqpi_backtests(const fqpi_trial *t, size_t probe, const size_t *bin, size_t n) {
    static const double from[] = {1.0 / 3, 0.5, 2.0 / 3};
    static const char *const names[] = {"from", "captures", "covered", "refused", "open"};
    enum { SHARES = sizeof from / sizeof *from, NAMES = sizeof names / sizeof *names };
    json_t *out = json_array();
    for (size_t i = 0; i < t->nseeds; i++) {
        const fqpi_series *s = &t->seed[i].probe[probe];
        json_t *one = json_object();
        for (size_t k = 0; k < NAMES; k++)
            json_object_set_new(one, names[k], json_array());
        for (size_t p = 0; p < SHARES; p++) {
            fqp_backtest b = {0};
            for (size_t j = 0; j < n; j++) {
                const fqp_forecast_opts opts = opts_of(t, s, bin[j]);
                fqp_forecast_backtest(t->seed[i].step.data, errors_of(s, bin[j]), s->frames, s->nbins, &opts, from[p],
                                      &b);
            }
            const int64_t counts[] = {b.captures, b.covered, b.refused, b.open};
            json_array_append_new(json_object_get(one, names[0]), json_real(from[p]));
            for (size_t k = 1; k < NAMES; k++)
                json_array_append_new(json_object_get(one, names[k]), json_integer((json_int_t)counts[k - 1]));
        }
        json_array_append_new(out, one);
    }
    return out;
}
