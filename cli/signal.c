/* signal.c - what a signal looks like before anything is trained: its values, and where its power lies. */
#include "cli.h"

#include <math.h>
#include <string.h>

bool is_signal(const fqp_config *config) {
    const fqp_data_opts *o = fqp_config_section(config, "data");
    for (size_t i = 0; i < fqp_data_section.nkeys; i++)
        if (strcmp(fqp_data_section.keys[i].name, "source") == 0)
            return strcmp(fqp_data_section.keys[i].choices((size_t)o->source, NULL), "signal") == 0;
    return false;
}

static const double *values(const fqp_array *a) {
    return a->data;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static const char *unit_of(const fqp_signal *s) {
    return s->rate > 0 ? "Hz" : "cycles a sample";
}

static double nyquist(const fqp_signal *s) {
    return s->rate > 0 ? s->rate / 2 : 0.5;
}

static void mean_and_spread(const fqp_signal *s, double *mean, double *spread) {
    const double *y = values(&s->value);
    const int64_t n = s->n * s->channels;
    *mean = *spread = 0;
    for (int64_t i = 0; i < n; i++)
        *mean += y[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        *spread += (y[i] - *mean) * (y[i] - *mean) / (double)n;
    *spread = sqrt(*spread);
}

typedef struct octave {
    double from, to, share;
} octave;
enum { OCTAVES = 40 };

/* Shares of the power of the deviations from the mean, octave by octave. */
static fqp_status find_octaves(fqp_ctx *ctx, const fqp_signal *s, octave *o, size_t *count) {
    fqp_array frequency = {0}, power = {0};
    *count = 0;
    if (s->ndim == 0)
        return FQP_OK;
    fqp_status st = fqp_signal_spectrum(ctx, s, &frequency, &power);
    if (st)
        return st;
    const double *k = values(&frequency), *p = values(&power);
    const int64_t n = power.shape[0];
    double all = 0;
    for (int64_t b = 1; b < n; b++)
        all += p[b];
    for (int64_t from = 1; from < n && all > 0 && *count < OCTAVES; from *= 2) {
        const int64_t to = 2 * from < n ? 2 * from : n;
        octave *one = &o[(*count)++];
        *one = (octave){k[from], k[to - 1], 0};
        for (int64_t b = from; b < to; b++)
            one->share += p[b] / all;
    }
    fqp_array_free(&frequency);
    fqp_array_free(&power);
    return FQP_OK;
}

fqp_status show_signal(FILE *f, fqp_ctx *ctx, const fqp_signal *s) {
    double mean, spread;
    octave o[OCTAVES];
    size_t n = 0;
    mean_and_spread(s, &mean, &spread);
    fprintf(f, "values from %.6g to %.6g, mean %.4g, standard deviation %.4g\n", s->low, s->high, mean, spread);
    fqp_status st = find_octaves(ctx, s, o, &n);
    if (st || s->ndim == 0)
        return st;
    fprintf(f, "Nyquist's frequency %.6g %s; along the box", nyquist(s), unit_of(s));
    for (int j = 0; j < s->ndim; j++)
        fprintf(f, "%s%lld", j ? " x " : " ", (long long)(s->shape[j] / 2));
    fprintf(f, " cycles\n\n%spower by frequency [%s]%s\n", ink_on(f, INK_BOLD), unit_of(s), ink_off(f));
    for (size_t i = 0; i < n; i++)
        fprintf(f, "  %9.4g to %-9.4g %6.2f %%%s\n", o[i].from, o[i].to, 100 * o[i].share,
                s->ndim > 1 && o[i].to > nyquist(s) ? "  reaches into the corners, above Nyquist's along an axis" : "");
    return FQP_OK;
}

fqp_status signal_json(fqp_ctx *ctx, const fqp_signal *s, json_t **out) {
    octave o[OCTAVES];
    size_t n = 0;
    fqp_status st = find_octaves(ctx, s, o, &n);
    json_t *j = json_pack("{s:s, s:I, s:[], s:f, s:f, s:i, s:[]}", "kind", fqp_signal_kind_name(s->kind), "channels",
                          (json_int_t)s->channels, "shape", "low", s->low, "high", s->high, "bits", s->bits, "octaves");
    for (int a = 0; a < s->ndim; a++)
        json_array_append_new(json_object_get(j, "shape"), json_integer(s->shape[a]));
    if (s->ndim)
        json_object_set_new(j, "nyquist", json_real(nyquist(s)));
    if (s->ndim)
        json_object_set_new(j, "unit", json_string(unit_of(s)));
    for (size_t i = 0; i < n; i++)
        json_array_append_new(json_object_get(j, "octaves"),
                              json_pack("{s:f, s:f, s:f}", "from", o[i].from, "to", o[i].to, "share", o[i].share));
    *out = j;
    return st;
}
