/* signal.c - what a signal looks like before anything is trained: its values, and where its power lies. */
#include "cli.h"

#include <math.h>
#include <string.h>

enum { MOST = 512, POINTS = 4000, WINDOW = 256 };

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

static json_t *list_of(const double *v, int64_t n, int64_t stride) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, isfinite(v[i * stride]) ? json_real(v[i * stride]) : json_null());
    return list;
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

/* ---- figures ------------------------------------------------------------------------------------------------------
 */

/* The file without its folders. */
static const char *title_of(const fqp_signal *s) {
    const char *slash = strrchr(s->origin, '/');
    return slash ? slash + 1 : s->origin;
}

/* Every so manieth sample, so that at most `most` are drawn. */
static int64_t every(int64_t n, int64_t most) {
    return (n + most - 1) / most;
}

static json_t *line_figure(const fqp_signal *s) {
    const int64_t stride = every(s->n, POINTS), n = (s->n + stride - 1) / stride;
    json_t *curves = json_array();
    for (int64_t c = 0; c < s->channels; c++) {
        char name[32];
        json_t *x = json_array();
        for (int64_t i = 0; i < n; i++)
            json_array_append_new(x, json_real((double)(i * stride) / (s->rate > 0 ? s->rate : 1)));
        snprintf(name, sizeof name, s->channels > 1 ? "channel %lld" : "%.0lld", (long long)(s->channels > 1 ? c : 0));
        json_array_append_new(curves, json_pack("{s:s, s:s, s:o, s:o}", "name", name, "style", "solid", "x", x, "y",
                                                list_of(values(&s->value) + c, n, stride * s->channels)));
    }
    return json_pack("{s:s, s:s, s:{s:s, s:b}, s:{s:s, s:b}, s:o}", "kind", "curves", "title", title_of(s), "x",
                     "label", s->rate > 0 ? "time [s]" : "sample", "log", 0, "y", "label", "value", "log", 0, "curves",
                     curves);
}

/* The first two axes of a signal, in the middle of a third one; the mean over channels in grey, first row on top. */
static json_t *image_figure(const fqp_signal *s) {
    const int64_t step = every(s->shape[0] > s->shape[1] ? s->shape[0] : s->shape[1], MOST);
    const int64_t rows = (s->shape[0] + step - 1) / step, cols = (s->shape[1] + step - 1) / step;
    const int64_t deep = s->ndim > 2 ? s->shape[2] : 1;
    json_t *list = json_array();
    for (int64_t r = rows - 1; r >= 0; r--)
        for (int64_t c = 0; c < cols; c++) {
            const double *v = values(&s->value) + ((r * step * s->shape[1] + c * step) * deep + deep / 2) * s->channels;
            double sum = 0;
            for (int64_t k = 0; k < s->channels; k++)
                sum += v[k] / (double)s->channels;
            json_array_append_new(list, json_real(sum));
        }
    return json_pack("{s:s, s:s, s:{s:f, s:f}, s:{s:f, s:f}, s:I, s:I, s:o, s:f, s:f, s:b, s:b, s:s}", "kind", "field",
                     "title", title_of(s), "x", "from", 0.0, "to", (double)s->shape[1], "y", "from", 0.0, "to",
                     (double)s->shape[0], "rows", (json_int_t)rows, "cols", (json_int_t)cols, "value", list, "low",
                     s->low, "high", s->high, "grey", 1, "square", 1, "unit", "value");
}

static fqp_status spectrum_figure(fqp_ctx *ctx, const fqp_signal *s, json_t *figures) {
    fqp_array frequency = {0}, power = {0};
    fqp_status st = fqp_signal_spectrum(ctx, s, &frequency, &power);
    if (st)
        return st;
    const double *k = values(&frequency);
    int64_t n = 1;
    while (n < frequency.shape[0] && k[n] <= nyquist(s) * (1 + 1e-12))
        n++;
    json_t *x = list_of(k + 1, n - 1, 1), *y = list_of(values(&power) + 1, n - 1, 1);
    json_array_append_new(figures, json_pack("{s:s, s:s, s:{s:s, s:b}, s:{s:s, s:b}, s:[{s:s, s:s, s:o, s:o}]}", "kind",
                                             "curves", "title", "Power over frequency, up to Nyquist's", "x", "label",
                                             s->rate > 0 ? "frequency [Hz]" : "frequency [cycles a sample]", "log", 1,
                                             "y", "label", "power", "log", 1, "curves", "name", "power", "style",
                                             "solid", "x", x, "y", y));
    fqp_array_free(&frequency);
    fqp_array_free(&power);
    return FQP_OK;
}

/* Of the first channel, in decibels below its greatest power. */
static fqp_status spectrogram_figure(fqp_ctx *ctx, const fqp_signal *s, json_t *figures) {
    const int64_t hop = s->n > WINDOW ? (s->n - WINDOW) / MOST + 1 : 1;
    fqp_array p = {0}, x = {0};
    double greatest = 0;
    fqp_status st = fqp_array_create(ctx, FQP_F64, 1, &s->n, &x);
    for (int64_t i = 0; !st && i < s->n; i++)
        ((double *)x.data)[i] = values(&s->value)[i * s->channels];
    if (!st)
        st = fqp_spectrogram(ctx, x.data, s->n, WINDOW, hop, &p);
    const int64_t count = st ? 0 : p.shape[0], bins = st ? 0 : p.shape[1];
    for (int64_t i = 0; i < count * bins; i++)
        greatest = fmax(greatest, values(&p)[i]);
    json_t *list = json_array();
    for (int64_t b = 0; b < bins; b++)
        for (int64_t t = 0; t < count && t < 2 * MOST; t++)
            json_array_append_new(list, json_real(fmax(-80, 10 * log10(values(&p)[t * bins + b] / greatest + 1e-300))));
    if (!st && greatest > 0)
        json_array_append_new(
            figures, json_pack("{s:s, s:s, s:{s:s, s:f, s:f}, s:{s:s, s:f, s:f}, s:I, s:I, s:O, s:f, s:f, s:s}", "kind",
                               "field", "title", "Spectrogram, Hann's window of 256 samples", "x", "label", "time [s]",
                               "from", 0.0, "to", (double)s->n / s->rate, "y", "label", "frequency [Hz]", "from", 0.0,
                               "to", s->rate / 2, "rows", (json_int_t)bins, "cols", (json_int_t)count, "value", list,
                               "low", -80.0, "high", 0.0, "unit", "dB"));
    json_decref(list);
    fqp_array_free(&p);
    fqp_array_free(&x);
    return st;
}

fqp_status signal_figures(fqp_ctx *ctx, const fqp_signal *s, json_t **out) {
    json_t *figures = json_array();
    fqp_status st = FQP_OK;
    if (s->ndim == 1)
        json_array_append_new(figures, line_figure(s));
    if (s->ndim > 1)
        json_array_append_new(figures, image_figure(s));
    if (s->ndim > 0)
        st = spectrum_figure(ctx, s, figures);
    if (!st && s->kind == FQP_SIGNAL_SOUND && s->n >= WINDOW)
        st = spectrogram_figure(ctx, s, figures);
    *out = json_pack("{s:i, s:o}", "version", 1, "figures", figures);
    return st;
}
