/* capture.c - when a frequency is learnt, how fast, and quantiles over seeds.
 *
 * Capture time (Xu et al. 1901.06523, made testable): the first recorded frame whose error is below tau and stays there
 * for the following `hold` frames.  Rate: least squares of ln error against step, the decay that linear theory
 * predicts. */
#include <fqp/monitor.h>

#include <math.h>
#include <stdlib.h>

int64_t fqp_capture_frame(const double *error, size_t frames, size_t stride, double tau, int64_t hold) {
    int64_t first = -1; /* of the present run of frames below tau */
    for (size_t f = 0; f < frames; f++) {
        if (!(error[f * stride] < tau))
            first = -1;
        else if (first < 0)
            first = (int64_t)f;
        if (first >= 0 && (int64_t)f - first >= hold)
            return first;
    }
    return first;
}

/* ---- rate -------------------------------------------------------------------------------------------------- */

static const double FIT_FROM = 0.9; /* the fit begins where the error has left the plateau near 1 for good */
static const double FIT_R2 = 0.8;
static const int64_t FIT_FRAMES = 5;

typedef struct line { /* of ln error against step, around the mean step */
    int64_t n;
    double x, y;          /* means */
    double sxx, sxy, syy; /* centred sums */
} line;

/* A zero or infinite error has no logarithm; such frames are left out. */
static bool usable(double error) {
    return error > 0 && isfinite(error);
}

static line fit_line(const int64_t *step, const double *error, size_t stride, int64_t first, int64_t last) {
    line l = {0};
    for (int64_t f = first; f <= last; f++)
        if (usable(error[(size_t)f * stride])) {
            l.n++;
            l.x += (double)step[f];
            l.y += log(error[(size_t)f * stride]);
        }
    l.x /= (double)l.n;
    l.y /= (double)l.n;
    for (int64_t f = first; f <= last; f++)
        if (usable(error[(size_t)f * stride])) {
            const double dx = (double)step[f] - l.x, dy = log(error[(size_t)f * stride]) - l.y;
            l.sxx += dx * dx;
            l.sxy += dx * dy;
            l.syy += dy * dy;
        }
    return l;
}

/* 90 % point of Student's t with nu degrees of freedom: Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5), good to
 * 1e-3 from nu = 3. */
static double student_90(double nu) {
    const double z = 1.2815515655446004, z2 = z * z;
    const double g1 = z * (z2 + 1) / 4, g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    return z + g1 / nu + g2 / (nu * nu) + g3 / (nu * nu * nu);
}

static void refuse(fqp_rate *out, const char *reason) {
    out->ok = false;
    out->reason = reason;
}

static void window(const double *error, size_t frames, size_t stride, int64_t captured, fqp_rate *out) {
    out->last = captured >= 0 ? captured : (int64_t)frames - 1;
    out->first = 0;
    for (int64_t f = 0; f <= out->last; f++)
        if (!(error[(size_t)f * stride] < FIT_FROM))
            out->first = f + 1;
}

void fqp_rate_fit(const int64_t *step, const double *error, size_t frames, size_t stride, int64_t captured,
                  fqp_rate *out) {
    *out = (fqp_rate){.rate = NAN, .r2 = NAN, .rate_low = NAN, .rate_high = NAN, .first = -1, .last = -1};
    if (frames == 0 || isnan(error[0])) {
        refuse(out, frames ? "the target has no energy here" : "nothing was recorded");
        return;
    }
    window(error, frames, stride, captured, out);
    if (out->first > out->last) {
        refuse(out, "the error did not leave its first level");
        return;
    }
    const line l = fit_line(step, error, stride, out->first, out->last);
    if (l.n < FIT_FRAMES) {
        refuse(out, "fewer than 5 frames while the error decays");
        return;
    }
    const double slope = l.sxy / l.sxx, rest = fmax(l.syy - slope * l.sxy, 0);
    const double half = student_90((double)l.n - 2) * sqrt(rest / ((double)l.n - 2) / l.sxx);
    out->rate = -slope;
    out->r2 = l.syy > 0 ? 1 - rest / l.syy : 0;
    out->rate_low = out->rate - half;
    out->rate_high = out->rate + half;
    if (!(out->rate > 0)) {
        refuse(out, "the error does not decay");
        return;
    }
    if (out->r2 < FIT_R2) {
        refuse(out, "the decay is not exponential (r2 below 0.8)");
        return;
    }
    out->ok = true;
}

/* ---- spread ------------------------------------------------------------------------------------------------ */

/* NaN after everything, so that it never counts. */
static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    if (isnan(x) || isnan(y))
        return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

/* Linear between neighbours, (n-1) q from the first; infinity beside a finite value wins as soon as it has weight. */
static double quantile(const double *x, size_t n, double q) {
    const double place = q * (double)(n - 1);
    const size_t i = (size_t)place;
    const double part = place - (double)i;
    if (part == 0 || x[i] == x[i + 1])
        return x[i];
    return x[i] + part * (x[i + 1] - x[i]);
}

fqp_spread fqp_spread_of(double *x, size_t n) {
    if (n > 0)
        qsort(x, n, sizeof *x, ascending);
    while (n > 0 && isnan(x[n - 1]))
        n--;
    if (n == 0)
        return (fqp_spread){NAN, NAN, NAN};
    return (fqp_spread){quantile(x, n, 0.1), quantile(x, n, 0.5), quantile(x, n, 0.9)};
}
