/* signal_quality.c - how good a copy of a signal is. */
#include "fail.h"
#include "mem.h"

#include <fqp/signal.h>

#include <math.h>
#include <stddef.h>

double fqp_psnr(const double *truth, const double *copy, int64_t n, double peak) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (copy[i] - truth[i]) * (copy[i] - truth[i]);
    return 10 * log10(peak * peak * (double)n / sum);
}

double fqp_snr(const double *truth, const double *copy, int64_t n) {
    double signal = 0, noise = 0;
    for (int64_t i = 0; i < n; i++) {
        signal += truth[i] * truth[i];
        noise += (copy[i] - truth[i]) * (copy[i] - truth[i]);
    }
    return 10 * log10(signal / noise);
}

/* ---- SSIM (Wang, Bovik, Sheikh, Simoncelli 2004) ----------------------------------------------------------------
 *
 * Means, variances and covariance under a Gaussian window of 11 x 11 pixels, sigma 1.5; the mean of
 *
 *     (2 m_a m_b + C1) (2 s_ab + C2) / ((m_a^2 + m_b^2 + C1) (s_a^2 + s_b^2 + C2)),   C1 = (0.01 L)^2, C2 = (0.03 L)^2
 *
 * over all places where the window lies inside the image, then over channels. */

enum { RADIUS = 5, WINDOW = 2 * RADIUS + 1, MOMENTS = 5 };

static void window_weights(double w[WINDOW]) {
    double sum = 0;
    for (int i = 0; i < WINDOW; i++)
        sum += w[i] = exp(-0.5 * (i - RADIUS) * (i - RADIUS) / (1.5 * 1.5));
    for (int i = 0; i < WINDOW; i++)
        w[i] /= sum;
}

/* Along the columns: the five moments a, b, a^2, b^2, ab of row r under the window, at each of the w - 10 places. */
static void filter_row(const double *a, const double *b, int64_t width, int64_t channels, const double w[WINDOW],
                       double *out) {
    for (int64_t c = 0; c + WINDOW <= width; c++, out += MOMENTS) {
        for (int m = 0; m < MOMENTS; m++)
            out[m] = 0;
        for (int i = 0; i < WINDOW; i++) {
            const double p = a[(c + i) * channels], q = b[(c + i) * channels];
            const double moment[MOMENTS] = {p, q, p * p, q * q, p * q};
            for (int m = 0; m < MOMENTS; m++)
                out[m] += w[i] * moment[m];
        }
    }
}

static double likeness(const double m[MOMENTS], double peak) {
    const double c1 = 0.01 * 0.01 * peak * peak, c2 = 0.03 * 0.03 * peak * peak;
    const double va = m[2] - m[0] * m[0], vb = m[3] - m[1] * m[1], vab = m[4] - m[0] * m[1];
    return (2 * m[0] * m[1] + c1) * (2 * vab + c2) / ((m[0] * m[0] + m[1] * m[1] + c1) * (va + vb + c2));
}

/* The sum over all places of one channel; rows: room for [height][places][MOMENTS]. */
static double sum_of_channel(const double *a, const double *b, int64_t height, int64_t width, int64_t channels,
                             double peak, double *rows) {
    double w[WINDOW], sum = 0;
    const int64_t places = width - WINDOW + 1, line = places * MOMENTS;
    window_weights(w);
    for (int64_t r = 0; r < height; r++)
        filter_row(a + r * width * channels, b + r * width * channels, width, channels, w, rows + r * line);
    for (int64_t r = 0; r + WINDOW <= height; r++)
        for (int64_t c = 0; c < places; c++) {
            double m[MOMENTS] = {0};
            for (int i = 0; i < WINDOW; i++)
                for (int k = 0; k < MOMENTS; k++)
                    m[k] += w[i] * rows[(r + i) * line + c * MOMENTS + k];
            sum += likeness(m, peak);
        }
    return sum;
}

fqp_status fqp_ssim(fqp_ctx *ctx, const double *truth, const double *copy, int64_t height, int64_t width,
                    int64_t channels, double peak, double *out) {
    if (!truth || !copy || !out || height < WINDOW || width < WINDOW || channels < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "SSIM looks through windows of %d x %d pixels: %lld x %lld are too few", WINDOW, WINDOW,
                         (long long)height, (long long)width);
    const int64_t places = width - WINDOW + 1;
    double *rows = fqpi_alloc(ctx, (size_t)(height * places), MOMENTS * sizeof *rows), sum = 0;
    if (!rows)
        return FQP_E_NOMEM;
    for (int64_t k = 0; k < channels; k++)
        sum += sum_of_channel(truth + k, copy + k, height, width, channels, peak, rows);
    fqpi_free(rows);
    *out = sum / (double)((height - WINDOW + 1) * places * channels);
    return FQP_OK;
}

/* ---- what applies to a signal -------------------------------------------------------------------------------------
 */

/* Mean over channels of the distance of their spectrograms. */
static fqp_status distance(fqp_ctx *ctx, const fqp_signal *s, const double *copy, double *out) {
    double *a = fqpi_alloc(ctx, (size_t)s->n, 2 * sizeof *a), *b = a ? a + s->n : NULL, sum = 0;
    fqp_status status = a ? FQP_OK : FQP_E_NOMEM;
    for (int64_t k = 0; k < s->channels && !status; k++) {
        double one = 0;
        for (int64_t i = 0; i < s->n; i++) {
            a[i] = ((const double *)s->value.data)[i * s->channels + k];
            b[i] = copy[i * s->channels + k];
        }
        status = fqp_log_spectral_distance(ctx, a, b, s->n, &one);
        sum += one;
    }
    fqpi_free(a);
    *out = sum / (double)s->channels;
    return status;
}

fqp_status fqp_signal_quality(fqp_ctx *ctx, const fqp_signal *s, const double *copy, fqp_quality *out) {
    if (!s || !s->value.data || !copy || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_signal_quality needs a signal, a copy of its values and a place");
    const double *truth = s->value.data, peak = s->high - s->low;
    const int64_t n = s->n * s->channels;
    const double snr = fqp_snr(truth, copy, n);
    fqp_quality q = {.relative_l2 = pow(10, -snr / 20),
                     .psnr = fqp_psnr(truth, copy, n, peak),
                     .ssim = NAN,
                     .snr = snr,
                     .log_spectral_distance = NAN};
    fqp_status status = FQP_OK;
    if (s->ndim == 2 && s->shape[0] >= WINDOW && s->shape[1] >= WINDOW)
        status = fqp_ssim(ctx, truth, copy, s->shape[0], s->shape[1], s->channels, peak, &q.ssim);
    if (!status && s->kind == FQP_SIGNAL_SOUND)
        status = distance(ctx, s, copy, &q.log_spectral_distance);
    if (!status)
        *out = q;
    return status;
}
