/* wavefit.c - the functions of wavefit.h: which waves there are, and their sum at points. */
#include "wavefit_i.h"

#include "mem.h"
#include "real.h"

#include <math.h>

static const double stretch = 1.5; /* length of the waves' box over that of the data */

double fqpi_wavefit_frequency(int64_t shell) {
    return (double)shell / stretch;
}

/* ---- which waves ----------------------------------------------------------------------------------------------- */

int64_t fqpi_wavefit_shell(int64_t d, const int *k) {
    double square = 0;
    for (int64_t a = 0; a < d; a++)
        square += (double)k[a] * k[a];
    return llround(sqrt(square));
}

bool fqpi_wavefit_next(int64_t d, int64_t shells, int *k) {
    for (int64_t a = d - 1; a >= 0; a--) {
        if (k[a] < shells) {
            k[a]++;
            return true;
        }
        k[a] = (int)-shells;
    }
    return false;
}

/* Of k and -k, whose waves are the same, the one whose first number that is not 0 is positive. */
static bool half(int64_t d, const int *k) {
    for (int64_t a = 0; a < d; a++)
        if (k[a] != 0)
            return k[a] > 0;
    return false;
}

bool fqpi_wavefit_counts(int64_t d, int64_t shells, const int *k) {
    return half(d, k) && fqpi_wavefit_shell(d, k) <= shells;
}

static int64_t count_waves(int64_t d, int64_t shells) {
    int k[FQPI_WAVEFIT_INPUTS] = {(int)-shells, (int)-shells, (int)-shells};
    int64_t count = 0;
    do
        count += fqpi_wavefit_counts(d, shells, k);
    while (fqpi_wavefit_next(d, shells, k));
    return count;
}

int64_t fqpi_wavefit_most(int64_t d, int64_t functions) {
    int64_t shells = 1;
    while (1 + 2 * count_waves(d, shells + 1) <= functions)
        shells++;
    return shells;
}

fqp_status fqpi_wavefit_list(fqp_ctx *ctx, int64_t shells, fqpi_wavefit *w) {
    int k[FQPI_WAVEFIT_INPUTS] = {(int)-shells, (int)-shells, (int)-shells};
    w->shells = shells;
    w->count = count_waves(w->d, shells);
    w->functions = 1 + 2 * w->count;
    w->k = fqpi_alloc(ctx, (size_t)(w->count * w->d), sizeof *w->k);
    if (!w->k)
        return FQP_E_NOMEM;
    int64_t at = 0;
    do
        if (fqpi_wavefit_counts(w->d, shells, k))
            for (int64_t a = 0; a < w->d; a++)
                w->k[at++] = k[a];
    while (fqpi_wavefit_next(w->d, shells, k));
    return FQP_OK;
}

void fqpi_wavefit_box(fqp_view x, fqpi_wavefit *w) {
    for (int64_t a = 0; a < w->d; a++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < x.shape[0]; i++) {
            const double at = fqpi_real_at(x, i * w->d + a);
            low = fmin(low, at);
            high = fmax(high, at);
        }
        w->low[a] = low;
        w->turn[a] = high > low ? 2 * M_PI / (stretch * (high - low)) : 0;
    }
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

void fqpi_wavefit_functions(const fqpi_wavefit *w, const double *x, double *phi) {
    phi[0] = 1;
    for (int64_t j = 0; j < w->count; j++) {
        double angle = 0;
        for (int64_t a = 0; a < w->d; a++)
            angle += w->k[j * w->d + a] * w->turn[a] * (x[a] - w->low[a]);
        phi[1 + 2 * j] = cos(angle);
        phi[2 + 2 * j] = sin(angle);
    }
}

fqp_status fqpi_wavefit_at(fqp_ctx *ctx, const fqpi_wavefit *w, fqp_view x, double *out) {
    double *phi = fqpi_alloc(ctx, (size_t)w->functions, sizeof *phi);
    if (!phi)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < x.shape[0]; i++) {
        fqpi_wavefit_functions(w, (const double *)x.data + i * w->d, phi);
        for (int64_t c = 0; c < w->m; c++) {
            double sum = w->mean[c];
            for (int64_t j = 0; j < w->functions; j++)
                sum += phi[j] * w->coefficient[j * w->m + c];
            out[i * w->m + c] = sum;
        }
    }
    fqpi_free(phi);
    return FQP_OK;
}

void fqpi_wavefit_free(fqpi_wavefit *w) {
    fqpi_free(w->k);
    fqpi_free(w->mean);
    fqpi_free(w->coefficient);
    fqpi_free(w->power);
    fqpi_free(w->part);
    *w = (fqpi_wavefit){0};
}
