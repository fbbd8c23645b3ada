/* bins.c - laying out bins, their errors, and peaks: shared by the probes. */
#include "fail.h"
#include "mem.h"
#include "probe.h"

#include <math.h>

fqp_status fqpi_layout_alloc(fqp_ctx *ctx, fqpi_layout *l, size_t nbins, size_t ncomp) {
    l->nbins = nbins;
    l->ncomp = ncomp;
    l->axis = fqpi_calloc(ctx, nbins, sizeof *l->axis);
    l->text = fqpi_calloc(ctx, nbins, sizeof *l->text);
    l->label = fqpi_calloc(ctx, nbins, sizeof *l->label);
    l->valid = fqpi_calloc(ctx, nbins, 1);
    l->selected = fqpi_calloc(ctx, nbins, 1);
    l->target = fqpi_calloc(ctx, nbins * ncomp, 2 * sizeof *l->target);
    if (!l->axis || !l->text || !l->label || !l->valid || !l->selected || !l->target)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < nbins; b++)
        l->label[b] = l->text[b];
    return FQP_OK;
}

void fqpi_layout_free(fqpi_layout *l) {
    fqpi_free(l->axis);
    fqpi_free(l->text);
    fqpi_free(l->label);
    fqpi_free(l->valid);
    fqpi_free(l->selected);
    fqpi_free(l->target);
}

static double sum_squares(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sum;
}

double fqpi_bin_norm(const double *spectrum, size_t ncomp, size_t bin) {
    return sqrt(sum_squares(spectrum + 2 * ncomp * bin, 2 * ncomp));
}

static double complex_error(const double *h, const double *y, size_t ncomp) {
    double diff = 0;
    for (size_t i = 0; i < 2 * ncomp; i++)
        diff += (h[i] - y[i]) * (h[i] - y[i]);
    return sqrt(diff / sum_squares(y, 2 * ncomp));
}

static double amplitude_error(const double *h, const double *y, size_t ncomp, double n) {
    double diff = 0;
    for (size_t c = 0; c < ncomp; c++) {
        const double gap = n * (hypot(h[2 * c], h[2 * c + 1]) - hypot(y[2 * c], y[2 * c + 1]));
        diff += gap * gap;
    }
    return sqrt(diff) / (1e-5 + n * sqrt(sum_squares(y, 2 * ncomp)));
}

void fqpi_bin_errors(const fqpi_layout *l, int kind, int64_t n, size_t from, size_t to, const double *spectrum,
                     double *error) {
    for (size_t b = from; b < to; b++) {
        const double *h = spectrum + 2 * l->ncomp * b, *y = l->target + 2 * l->ncomp * b;
        if (!l->valid[b])
            error[b] = NAN;
        else if (kind == FQPI_ERROR_AMPLITUDE)
            error[b] = amplitude_error(h, y, l->ncomp, (double)n);
        else
            error[b] = complex_error(h, y, l->ncomp);
    }
}

void fqpi_peaks(const double *v, size_t n, double floor, bool ends, uint8_t *peak) {
    for (size_t i = 0; i < n; i++) {
        const bool inside = i > 0 && i + 1 < n;
        peak[i] = (inside || (ends && n > 1)) && v[i] > floor && (i == 0 || v[i] > v[i - 1]) &&
                  (i + 1 == n || v[i] > v[i + 1]);
    }
}
