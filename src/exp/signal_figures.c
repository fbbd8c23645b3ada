/* signal_figures.c - pictures of a signal, and of a copy beside it, as figures.json. */
#include "exp.h"
#include "fail.h"
#include "mem.h"

#include <fqp/signal.h>

#include <math.h>
#include <string.h>

enum { SIDE = 512, FIELD = 256, POINTS = 4000, WINDOW = 256, FRAMES = 400 };

typedef struct pictures {
    fqp_ctx *ctx;
    const fqp_signal *s;
    const double *copy; /* NULL: none */
    const char *dir;
    json_t *figures;
} pictures;

/* ---- what is shared --------------------------------------------------------------------------------------------- */

static const double *values(const fqp_array *a) {
    return a->data;
}

/* The file without its folders. */
static const char *title_of(const fqp_signal *s) {
    const char *slash = s->origin ? strrchr(s->origin, '/') : NULL;
    return slash ? slash + 1 : s->origin ? s->origin : "signal";
}

/* Every so manieth sample, so that at most `most` are drawn. */
static int64_t every(int64_t n, int64_t most) {
    return (n + most - 1) / most;
}

static json_t *list_of(const double *v, int64_t n, int64_t stride) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, isfinite(v[i * stride]) ? json_real(v[i * stride]) : json_null());
    return list;
}

static void add_curve(json_t *curves, const char *name, const char *style, json_t *x, json_t *y) {
    json_array_append_new(curves,
                          json_pack("{s:s, s:s, s:o, s:o}", "name", name, "style", style, "x", json_incref(x), "y", y));
}

static void add_curves(const pictures *p, const char *title, const char *x, const char *y, bool log_, json_t *curves) {
    json_array_append_new(p->figures,
                          json_pack("{s:s, s:s, s:{s:s, s:b}, s:{s:s, s:b}, s:o}", "kind", "curves", "title", title,
                                    "x", "label", x, "log", log_, "y", "label", y, "log", log_, "curves", curves));
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void add_lines(const pictures *p) {
    const fqp_signal *s = p->s;
    const int64_t stride = every(s->n, POINTS), n = (s->n + stride - 1) / stride;
    json_t *curves = json_array(), *x = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(x, json_real((double)(i * stride) / (s->rate > 0 ? s->rate : 1)));
    for (int64_t c = 0; c < s->channels; c++) {
        char name[48];
        fqpi_print(name, sizeof name, s->channels > 1 ? "channel %lld" : "signal", (long long)c);
        add_curve(curves, name, p->copy ? "dashed" : "solid", x,
                  list_of(values(&s->value) + c, n, stride * s->channels));
        if (!p->copy)
            continue;
        fqpi_print(name, sizeof name, s->channels > 1 ? "fit of channel %lld" : "fit", (long long)c);
        add_curve(curves, name, "solid", x, list_of(p->copy + c, n, stride * s->channels));
    }
    json_decref(x);
    add_curves(p, title_of(s), s->rate > 0 ? "time [s]" : "sample", "value", false, curves);
}

/* ---- pictures of the first two axes ----------------------------------------------------------------------------- */

/* The first two axes, in the middle of a third one: every `step`th sample of each. */
typedef struct plane {
    int64_t step, rows, cols;
} plane;

static plane plane_of(const fqp_signal *s, int64_t most) {
    const int64_t step = every(s->shape[0] > s->shape[1] ? s->shape[0] : s->shape[1], most);
    return (plane){step, (s->shape[0] + step - 1) / step, (s->shape[1] + step - 1) / step};
}

static const double *at(const fqp_signal *s, const double *v, int64_t r, int64_t c) {
    const int64_t deep = s->ndim > 2 ? s->shape[2] : 1;
    return v + ((r * s->shape[1] + c) * deep + deep / 2) * s->channels;
}

static json_t *field(const pictures *p, const char *title, plane q, json_t *list, double low, double high, bool grey) {
    return json_pack("{s:s, s:s, s:{s:f, s:f}, s:{s:f, s:f}, s:I, s:I, s:o, s:f, s:f, s:b, s:b, s:s}", "kind", "field",
                     "title", title, "x", "from", 0.0, "to", (double)p->s->shape[1], "y", "from", 0.0, "to",
                     (double)p->s->shape[0], "rows", (json_int_t)q.rows, "cols", (json_int_t)q.cols, "value", list,
                     "low", low, "high", high, "grey", grey, "square", 1, "unit", "value");
}

/* The mean over channels in grey, first row on top. */
static void add_grey(const pictures *p) {
    const fqp_signal *s = p->s;
    const plane q = plane_of(s, SIDE);
    json_t *list = json_array();
    for (int64_t r = q.rows - 1; r >= 0; r--)
        for (int64_t c = 0; c < q.cols; c++) {
            const double *v = at(s, values(&s->value), r * q.step, c * q.step);
            double sum = 0;
            for (int64_t k = 0; k < s->channels; k++)
                sum += v[k] / (double)s->channels;
            json_array_append_new(list, json_real(sum));
        }
    json_array_append_new(p->figures, field(p, title_of(s), q, list, s->low, s->high, true));
}

/* v as an image file of at most SIDE pixels a side. */
static fqp_status add_image(const pictures *p, const char *title, const char *file, const double *v) {
    const fqp_signal *s = p->s;
    const plane q = plane_of(s, SIDE);
    const int64_t channels = s->channels == 3 ? 3 : 1;
    double *small = fqpi_calloc(p->ctx, (size_t)(q.rows * q.cols * channels), sizeof *small);
    if (!small)
        return FQP_E_NOMEM;
    for (int64_t r = 0; r < q.rows; r++)
        for (int64_t c = 0; c < q.cols; c++)
            for (int64_t k = 0; k < channels; k++)
                small[(r * q.cols + c) * channels + k] = at(s, v, r * q.step, c * q.step)[k];
    fqp_signal image = *s;
    image.kind = FQP_SIGNAL_IMAGE;
    image.ndim = 2;
    image.shape[0] = q.rows;
    image.shape[1] = q.cols;
    image.n = q.rows * q.cols;
    image.channels = channels;
    image.bits = 8;
    image.value = (fqp_array){.data = small, .dtype = FQP_F64, .ndim = 2, .shape = {image.n, channels}};
    char path[4096];
    fqpi_print(path, sizeof path, "%s/%s", p->dir, file);
    const fqp_status st = fqp_signal_write(p->ctx, path, &image);
    fqpi_free(small);
    json_array_append_new(p->figures, json_pack("{s:s, s:s, s:s}", "kind", "image", "title", title, "file", file));
    return st;
}

/* Root mean square of the difference over channels and over the samples that a cell stands for. */
static void add_difference(const pictures *p) {
    const fqp_signal *s = p->s;
    const plane q = plane_of(s, FIELD);
    json_t *list = json_array();
    double most = 0;
    for (int64_t r = q.rows - 1; r >= 0; r--)
        for (int64_t c = 0; c < q.cols; c++) {
            double sum = 0;
            int64_t count = 0;
            for (int64_t i = r * q.step; i < (r + 1) * q.step && i < s->shape[0]; i++)
                for (int64_t j = c * q.step; j < (c + 1) * q.step && j < s->shape[1]; j++, count++)
                    for (int64_t k = 0; k < s->channels; k++) {
                        const double e = at(s, p->copy, i, j)[k] - at(s, values(&s->value), i, j)[k];
                        sum += e * e / (double)s->channels;
                    }
            const double rms = sqrt(sum / (double)count);
            most = fmax(most, rms);
            json_array_append_new(list, json_real(rms));
        }
    json_array_append_new(p->figures,
                          field(p, "Where they differ (root mean square)", q, list, 0, most > 0 ? most : 1, false));
}

static fqp_status add_images(const pictures *p) {
    if (!p->copy) {
        add_grey(p);
        return FQP_OK;
    }
    fqp_status st = add_image(p, "Signal", "signal.png", values(&p->s->value));
    st = st ? st : add_image(p, "Fit", "copy.png", p->copy);
    add_difference(p);
    return st;
}

/* ---- spectra ---------------------------------------------------------------------------------------------------- */

/* Power of v up to Nyquist's frequency as a curve. */
static fqp_status add_power(const pictures *p, const char *name, const char *style, double *v, json_t *curves) {
    fqp_array frequency = {0}, power = {0};
    fqp_signal s = *p->s;
    s.value.data = v;
    const fqp_status st = fqp_signal_spectrum(p->ctx, &s, &frequency, &power);
    if (st)
        return st;
    const double *k = values(&frequency), nyquist = s.rate > 0 ? s.rate / 2 : 0.5;
    int64_t n = 1;
    while (n < frequency.shape[0] && k[n] <= nyquist * (1 + 1e-12))
        n++;
    json_t *x = list_of(k + 1, n - 1, 1);
    add_curve(curves, name, style, x, list_of(values(&power) + 1, n - 1, 1));
    json_decref(x);
    fqp_array_free(&frequency);
    fqp_array_free(&power);
    return FQP_OK;
}

static fqp_status add_difference_power(const pictures *p, json_t *curves) {
    const int64_t n = p->s->n * p->s->channels;
    double *e = fqpi_alloc(p->ctx, (size_t)n, sizeof *e);
    if (!e)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        e[i] = p->copy[i] - values(&p->s->value)[i];
    const fqp_status st = add_power(p, "difference", "solid", e, curves);
    fqpi_free(e);
    return st;
}

static fqp_status add_spectra(const pictures *p) {
    json_t *curves = json_array();
    fqp_status st = add_power(p, p->copy ? "signal" : "power", p->copy ? "dashed" : "solid", p->s->value.data, curves);
    double *copy = NULL;
    if (!st && p->copy) {
        const size_t n = (size_t)(p->s->n * p->s->channels);
        copy = fqpi_alloc(p->ctx, n, sizeof *copy);
        st = copy ? FQP_OK : FQP_E_NOMEM;
        if (copy)
            memcpy(copy, p->copy, n * sizeof *copy);
        st = st ? st : add_power(p, "fit", "solid", copy, curves);
        st = st ? st : add_difference_power(p, curves);
    }
    fqpi_free(copy);
    add_curves(p, "Power over frequency, up to Nyquist's",
               p->s->rate > 0 ? "frequency [Hz]" : "frequency [cycles a sample]", "power", true, curves);
    return st;
}

/* Of the first channel, in decibels below `greatest`, which is found when it is 0. */
static fqp_status add_spectrogram(const pictures *p, const char *title, const double *v, double *greatest) {
    const fqp_signal *s = p->s;
    const int64_t hop = s->n > WINDOW ? (s->n - WINDOW) / FRAMES + 1 : 1;
    fqp_array power = {0}, x = {0};
    fqp_status st = fqp_array_create(p->ctx, FQP_F64, 1, &s->n, &x);
    for (int64_t i = 0; !st && i < s->n; i++)
        ((double *)x.data)[i] = v[i * s->channels];
    if (!st)
        st = fqp_spectrogram(p->ctx, x.data, s->n, WINDOW, hop, &power);
    const int64_t count = st ? 0 : power.shape[0], bins = st ? 0 : power.shape[1];
    const bool first = !(*greatest > 0);
    for (int64_t i = 0; first && i < count * bins; i++)
        *greatest = fmax(*greatest, values(&power)[i]);
    json_t *list = json_array();
    for (int64_t b = 0; b < bins; b++)
        for (int64_t t = 0; t < count; t++)
            json_array_append_new(list,
                                  json_real(fmax(-80, 10 * log10(values(&power)[t * bins + b] / *greatest + 1e-300))));
    if (!st && *greatest > 0)
        json_array_append_new(
            p->figures,
            json_pack("{s:s, s:s, s:{s:s, s:f, s:f}, s:{s:s, s:f, s:f}, s:I, s:I, s:O, s:f, s:f, s:s}", "kind", "field",
                      "title", title, "x", "label", "time [s]", "from", 0.0, "to", (double)s->n / s->rate, "y", "label",
                      "frequency [Hz]", "from", 0.0, "to", s->rate / 2, "rows", (json_int_t)bins, "cols",
                      (json_int_t)count, "value", list, "low", -80.0, "high", 0.0, "unit", "dB"));
    json_decref(list);
    fqp_array_free(&power);
    fqp_array_free(&x);
    return st;
}

static fqp_status add_spectrograms(const pictures *p) {
    double greatest = 0;
    const fqp_status st =
        add_spectrogram(p, "Spectrogram, Hann's window of 256 samples", values(&p->s->value), &greatest);
    return st || !p->copy ? st : add_spectrogram(p, "Spectrogram of the fit", p->copy, &greatest);
}

/* ---- the door --------------------------------------------------------------------------------------------------- */

fqp_status fqp_signal_figures(fqp_ctx *ctx, const fqp_signal *s, const double *copy, const char *dir) {
    if (!ctx || !s || !dir)
        return FQP_E_ARG;
    const pictures p = {.ctx = ctx, .s = s, .copy = copy, .dir = dir, .figures = json_array()};
    fqp_status st = FQP_OK;
    if (s->ndim == 1)
        add_lines(&p);
    if (s->ndim > 1)
        st = add_images(&p);
    if (!st && s->ndim > 0)
        st = add_spectra(&p);
    if (!st && s->kind == FQP_SIGNAL_SOUND && s->n >= WINDOW)
        st = add_spectrograms(&p);
    json_t *all = json_pack("{s:i, s:o}", "version", 1, "figures", p.figures);
    char path[4096];
    fqpi_print(path, sizeof path, "%s/figures.json", dir);
    if (!st && json_dump_file(all, path, JSON_COMPACT) != 0)
        st = fqpi_fail(ctx, FQP_E_IO, NULL, "%s: cannot be written", path);
    json_decref(all);
    return st;
}
