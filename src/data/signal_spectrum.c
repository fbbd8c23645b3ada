/* signal_spectrum.c - how the power of a signal lies over its frequencies, in all and in the course of time. */
#include "fail.h"
#include "fft.h"
#include "mem.h"

#include <fqp/signal.h>

#include <math.h>

/* ---- power over radial frequency -----------------------------------------------------------------------------------
 */

static int64_t longest(const fqp_signal *s) {
    int64_t n = 1;
    for (int j = 0; j < s->ndim; j++)
        n = s->shape[j] > n ? s->shape[j] : n;
    return n;
}

/* Shell of the wave vector that stands at place i of a transform: cycles along the longest side, rounded; *twice: its
 * opposite is not stored. */
static int64_t shell_of(const fqp_signal *s, int64_t longest_side, int64_t i, bool *twice) {
    double square = 0;
    for (int j = s->ndim - 1; j >= 0; j--) {
        const int64_t all = s->shape[j], here = j == s->ndim - 1 ? all / 2 + 1 : all, at = i % here;
        const int64_t k = at > all / 2 ? at - all : at;
        i /= here;
        square += (double)(k * k) / ((double)all * (double)all);
        if (j == s->ndim - 1)
            *twice = k > 0 && 2 * k != all;
    }
    return llround(sqrt(square) * (double)longest_side);
}

static void add_channel(const fqp_signal *s, int64_t channel, fqpi_fft *f, int64_t bins, double *sum) {
    const double *y = s->value.data;
    double *field = fqpi_fft_field(f);
    for (int64_t i = 0; i < s->n; i++)
        field[i] = y[i * s->channels + channel];
    const double *z = fqpi_fft_run(f);
    const double scale = 1 / ((double)s->n * (double)s->n * (double)s->channels);
    const int64_t side = longest(s), half = (int64_t)fqpi_fft_half(f);
    for (int64_t i = 0; i < half; i++) {
        bool twice = false;
        const int64_t b = shell_of(s, side, i, &twice);
        if (b < bins)
            sum[b] += (twice ? 2 : 1) * scale * (z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1]);
    }
}

fqp_status fqp_signal_spectrum(fqp_ctx *ctx, const fqp_signal *s, fqp_array *frequency, fqp_array *power) {
    if (!s || !frequency || !power || s->ndim < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a spectrum needs samples on a grid");
    const int64_t side = longest(s);
    const int64_t bins = (int64_t)floor(0.5 * sqrt(s->ndim) * (double)side) + 2;
    fqpi_fft *f = NULL;
    fqp_array k = {0}, p = {0};
    fqp_status status = fqpi_fft_create(ctx, s->ndim, s->shape, &f);
    if (!status)
        status = fqp_array_create(ctx, FQP_F64, 1, &bins, &k);
    if (!status)
        status = fqp_array_create(ctx, FQP_F64, 1, &bins, &p);
    for (int64_t c = 0; !status && c < s->channels; c++)
        add_channel(s, c, f, bins, p.data);
    for (int64_t b = 0; !status && b < bins; b++)
        ((double *)k.data)[b] = (double)b / (double)side * (s->rate > 0 ? s->rate : 1);
    fqpi_fft_destroy(f);
    if (status) {
        fqp_array_free(&k);
        fqp_array_free(&p);
        return status;
    }
    *frequency = k;
    *power = p;
    return FQP_OK;
}

/* ---- power over time and frequency
 * ----------------------------------------------------------------------------------- */

typedef struct frames {
    int64_t window, hop, count, bins;
} frames;

static fqp_status find_frames(fqp_ctx *ctx, int64_t n, int64_t window, int64_t hop, frames *f) {
    if (window < 2 || hop < 1 || n < window)
        return fqpi_fail(
            ctx, FQP_E_SHAPE, NULL,
            "a spectrogram of %lld samples with windows of %lld, %lld apart: the signal must be as long as a "
            "window",
            (long long)n, (long long)window, (long long)hop);
    *f = (frames){window, hop, 1 + (n - window) / hop, window / 2 + 1};
    return FQP_OK;
}

/* Power [count, bins] under Hann's window 0.5 - 0.5 cos(2 pi i/window), so that a sine of amplitude A in the middle of
 * a bin has A^2/2 there. */
static void transform(const double *x, const frames *f, fqpi_fft *fft, double *power) {
    double *field = fqpi_fft_field(fft), sum = 0;
    for (int64_t i = 0; i < f->window; i++)
        sum += 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)f->window);
    for (int64_t t = 0; t < f->count; t++) {
        for (int64_t i = 0; i < f->window; i++)
            field[i] = (0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)f->window)) * x[t * f->hop + i];
        const double *z = fqpi_fft_run(fft);
        for (int64_t b = 0; b < f->bins; b++) {
            const double twice = b > 0 && 2 * b != f->window ? 2 : 1;
            *power++ = twice * (z[2 * b] * z[2 * b] + z[2 * b + 1] * z[2 * b + 1]) / (sum * sum);
        }
    }
}

fqp_status fqp_spectrogram(fqp_ctx *ctx, const double *x, int64_t n, int64_t window, int64_t hop, fqp_array *power) {
    frames f = {0};
    fqpi_fft *fft = NULL;
    fqp_array p = {0};
    if (!x || !power)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_spectrogram needs samples and a place for their power");
    fqp_status status = find_frames(ctx, n, window, hop, &f);
    if (!status)
        status = fqpi_fft_create(ctx, 1, &window, &fft);
    if (!status)
        status = fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){f.count, f.bins}, &p);
    if (!status)
        transform(x, &f, fft, p.data);
    fqpi_fft_destroy(fft);
    if (status)
        fqp_array_free(&p);
    else
        *power = p;
    return status;
}

/* Powers below this share of the greatest one of the truth count as this share: silence has no logarithm. */
static const double FLOOR = 1e-10;

fqp_status fqp_log_spectral_distance(fqp_ctx *ctx, const double *truth, const double *copy, int64_t n, double *out) {
    const int64_t window = n < 512 ? n : 512;
    fqp_array p = {0}, q = {0};
    fqp_status status = fqp_spectrogram(ctx, truth, n, window, window / 4 > 0 ? window / 4 : 1, &p);
    if (!status)
        status = fqp_spectrogram(ctx, copy, n, window, window / 4 > 0 ? window / 4 : 1, &q);
    const double *a = p.data, *b = q.data;
    double most = 0, sum = 0;
    for (int64_t i = 0; !status && i < p.shape[0] * p.shape[1]; i++)
        most = fmax(most, a[i]);
    for (int64_t t = 0; !status && t < p.shape[0]; t++) {
        double square = 0;
        for (int64_t k = 0; k < p.shape[1]; k++, a++, b++) {
            const double ratio = 10 * log10(fmax(*a, FLOOR * most) / fmax(*b, FLOOR * most));
            square += ratio * ratio;
        }
        sum += sqrt(square / (double)p.shape[1]);
    }
    if (!status)
        *out = most > 0 ? sum / (double)p.shape[0] : NAN;
    fqp_array_free(&p);
    fqp_array_free(&q);
    return status;
}
