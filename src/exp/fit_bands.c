/* fit_bands.c - errors of a probe gathered into octaves, and over time.
 *
 *   error of a band = sqrt(sum |H_b - Y_b|^2 / sum |Y_b|^2) over its bins b,   |H_b - Y_b| = error_b |Y_b| */
#include "fit_i.h"

#include <math.h>

typedef struct sums {
    double error, target;
} sums;

/* Bins with axis in [from, to). */
static sums over(const fqpi_series *s, size_t frame, double from, double to) {
    const double *axis = s->axis.data;
    sums all = {0, 0};
    for (size_t b = 0; b < s->nbins; b++) {
        if (!fqpi_series_valid(s, b) || axis[b] < from || axis[b] >= to)
            continue;
        const double y = fqpi_series_target(s, b), e = fqpi_series_error(s, frame, b) * y;
        all.error += e * e;
        all.target += y * y;
    }
    return all;
}

static double relative(sums all) {
    return all.target > 0 ? sqrt(all.error / all.target) : NAN;
}

/* The lowest positive place on the axis, and the end of the last band. */
static double lowest(const fqpi_series *s, double *last) {
    const double *axis = s->axis.data;
    double low = INFINITY;
    *last = 0;
    for (size_t b = 0; b < s->nbins; b++) {
        low = axis[b] > 0 ? fmin(low, axis[b]) : low;
        *last = fmax(*last, axis[b]);
    }
    return low;
}

json_t *fqpi_fit_bands(const fqpi_series *s) {
    json_t *from = json_array(), *to = json_array(), *share = json_array(), *error = json_array();
    double last;
    const double low = lowest(s, &last);
    const size_t frame = s->frames ? s->frames - 1 : 0;
    const sums all = over(s, frame, -INFINITY, INFINITY);
    for (double a = 0, b = 2 * low; a <= last && s->frames && isfinite(low); a = b, b *= 2) {
        const sums here = over(s, frame, a, b);
        json_array_append_new(from, json_real(a));
        json_array_append_new(to, json_real(b));
        json_array_append_new(share, fqpi_json_real(here.target / all.target));
        json_array_append_new(error, fqpi_json_real(relative(here)));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "probe", s->name, "axis", s->axis_name, "unit",
                     s->axis_unit, "from", from, "to", to, "share", share, "error", error);
}

json_t *fqpi_fit_curve(const fqpi_seed *seed, const fqpi_series *s) {
    json_t *step = json_array(), *seconds = json_array(), *error = json_array();
    for (size_t f = 0; f < s->frames; f++) {
        json_array_append_new(step, json_integer(((const int64_t *)seed->step.data)[f]));
        json_array_append_new(seconds, fqpi_json_real(((const double *)seed->seconds.data)[f]));
        json_array_append_new(error, fqpi_json_real(relative(over(s, f, -INFINITY, INFINITY))));
    }
    return json_pack("{s:o, s:o, s:o}", "step", step, "seconds", seconds, "error", error);
}
