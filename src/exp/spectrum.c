/* spectrum.c - eigenpairs of a kernel in the terms of training: frequency, time, and how one falls with the other. */
#include "exp.h"
#include "fail.h"
#include "mem.h"
#include "spectrum_i.h"

#include <fqp/spectrum.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PURE = 0.5; /* share of its power that an eigenvector has at the frequency it is said to have */
static const double FITS = 0.8; /* R^2 from which a power law is told */

/* ---- frequencies ----------------------------------------------------------------------------------------------- */

/* Mean eigenvalue of the vectors of k whole cycles; 0: there is none. */
static double at_frequency(const fqp_spectrum *s, double k) {
    double sum = 0, n = 0;
    for (int64_t i = 0; i < s->eigen.count; i++)
        if (s->mode[i].share >= PURE && fabs(s->mode[i].frequency - k) < 0.25 && s->eigen.value[i] > 0) {
            sum += s->eigen.value[i];
            n++;
        }
    return n > 0 ? sum / n : 0;
}

static double highest(const fqp_spectrum *s) {
    double k = 0;
    for (int64_t i = 0; i < s->eigen.count; i++)
        k = fmax(k, s->mode[i].frequency);
    return k;
}

/* ln l = slope ln k + ... by least squares over the multiples of `step` that are there. */
static void fit(fqp_spectrum *s, double step) {
    double n = 0, mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (double k = step; k <= highest(s); k += step) {
        const double l = at_frequency(s, k);
        if (l <= 0)
            continue;
        const double x = log(k), y = log(l);
        n++;
        xx += (x - mx) * (x - mx) * (n - 1) / n;
        yy += (y - my) * (y - my) * (n - 1) / n;
        xy += (x - mx) * (y - my) * (n - 1) / n;
        mx += (x - mx) / n;
        my += (y - my) / n;
    }
    if (n < 3)
        return;
    s->slope = xy / xx;
    s->fit = xy * xy / (xx * yy);
}

/* The lowest frequency, and five times that or the highest before. */
static void compare(fqp_spectrum *s, double step) {
    s->low = NAN;
    for (double k = step; k <= highest(s); k += step) {
        const double l = at_frequency(s, k);
        if (l <= 0)
            continue;
        if (isnan(s->low))
            s->low = k;
        else if (k <= 5 * s->low)
            s->high = k;
    }
    if (!isnan(s->high))
        s->ratio = at_frequency(s, s->low) / at_frequency(s, s->high);
}

static fqp_status describe(fqp_ctx *ctx, const fqp_kernel_points *p, fqp_spectrum *s) {
    s->pace = p->pace;
    if (!p->along || p->n != s->rows || s->rows < 4)
        return FQP_OK;
    s->mode = fqpi_calloc(ctx, (size_t)s->eigen.count, sizeof *s->mode);
    if (!s->mode)
        return FQP_E_NOMEM;
    const fqp_status status = fqp_eigen_modes(ctx, &s->eigen, p->s, 0, s->mode);
    if (status)
        return status;
    compare(s, 1); /* between two ends halves are frequencies too, but whole cycles speak to more people */
    if (isnan(s->ratio))
        compare(s, 0.5);
    fit(s, 1);
    if (isnan(s->slope))
        fit(s, 0.5);
    return FQP_OK;
}

fqp_status fqpi_spectrum_of_pairs(fqp_ctx *ctx, fqp_eigen *e, const fqp_kernel_points *points, double trace,
                                  fqp_spectrum *out) {
    fqp_spectrum s = {.rows = e->n,
                      .eigen = *e,
                      .trace = trace,
                      .pace = NAN,
                      .low = NAN,
                      .high = NAN,
                      .ratio = NAN,
                      .slope = NAN,
                      .fit = NAN};
    const fqp_status status = points ? describe(ctx, points, &s) : FQP_OK;
    if (status)
        fqp_spectrum_free(&s);
    else
        *out = s;
    return status;
}

fqp_status fqp_spectrum_of(fqp_ctx *ctx, const fqp_gram *g, const fqp_kernel_points *points, int64_t count,
                           fqp_spectrum *out) {
    if (!ctx || !g || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_spectrum_of needs a kernel and a place for its spectrum");
    const fqp_view v = fqp_gram_view(g);
    const int64_t rows = v.shape[0];
    fqp_eigen e = {0};
    double trace = 0;
    for (int64_t i = 0; i < rows; i++)
        trace += fqp_view_at(v, i * rows + i);
    const fqp_status s = fqp_gram_eigen(g, count < rows ? count : 0, 0, &e);
    return s ? s : fqpi_spectrum_of_pairs(ctx, &e, points, trace, out);
}

void fqp_spectrum_free(fqp_spectrum *s) {
    if (!s)
        return;
    fqp_eigen_free(&s->eigen);
    fqpi_free(s->mode);
    *s = (fqp_spectrum){0};
}

/* ---- in words -------------------------------------------------------------------------------------------------- */

static void say_ratio(const fqp_spectrum *s, fqpi_text *t) {
    const double times = s->ratio >= 1 ? s->ratio : 1 / s->ratio;
    char number[32];
    fqpi_print(number, sizeof number, times < 10 ? "%.1f" : times < 1e5 ? "%.0f" : "%.2g", times);
    fqpi_text_add(NULL, t, "The kernel learns %g cycle%s %s times %s than %g cycle%s", s->low, s->low == 1 ? "" : "s",
                  number, s->ratio >= 1 ? "faster" : "slower", s->high, s->high == 1 ? "" : "s");
}

static void say_frequencies(const fqp_spectrum *s, fqpi_text *t) {
    if (!s->mode)
        fqpi_text_add(NULL, t, "The kernel has %lld rows", (long long)s->rows);
    else if (isnan(s->ratio))
        fqpi_text_add(NULL, t, "The kernel's leading directions have no two frequencies to compare");
    else
        say_ratio(s, t);
    if (s->fit >= FITS)
        fqpi_text_add(NULL, t, "; eigenvalues fall like k^%.1f (R2 %.2f)", s->slope, s->fit);
}

/* Of all eigenvalues, or how much of them the leading ones hold. */
static void say_condition(const fqp_spectrum *s, fqpi_text *t) {
    const fqp_eigen *e = &s->eigen;
    const double last = e->value[e->count - 1], first = e->value[0];
    double held = 0;
    for (int64_t i = 0; i < e->count; i++)
        held += e->value[i];
    if (e->count < s->rows && isnan(s->trace))
        fqpi_text_add(NULL, t, "; the leading %lld of %lld eigenvalues span a factor of %.2g", (long long)e->count,
                      (long long)s->rows, first / last);
    else if (e->count < s->rows)
        fqpi_text_add(NULL, t,
                      "; the leading %lld of %lld eigenvalues hold %.4g %% of the trace and span a factor of %.2g",
                      (long long)e->count, (long long)s->rows, 100 * held / s->trace, first / last);
    else if (last > 1e-15 * (double)s->rows * first)
        fqpi_text_add(NULL, t, "; condition number %.2g", first / last);
    else
        fqpi_text_add(NULL, t, "; it is singular to rounding");
}

char *fqp_spectrum_sentence(const fqp_spectrum *s) {
    fqpi_text t = {0};
    say_frequencies(s, &t);
    say_condition(s, &t);
    fqpi_text_add(NULL, &t, ".");
    char *text = t.failed ? NULL : strdup(t.s);
    fqpi_text_free(&t);
    return text;
}
