/* waves.c - sines and cosines of given frequencies, with their derivatives by the coordinates. */
#include "waves.h"
#include "real.h"

#include <math.h>

static const double TURN = 2 * 3.14159265358979323846;

int64_t fqpi_waves_fixed(int64_t d, const fqp_model_opts *o, int64_t count) {
    return count * (isnan(o->feature_decay) ? d : d + 1);
}

void fqpi_waves_amplitudes(int64_t d, const fqp_model_opts *o, int64_t count, double *fixed) {
    if (isnan(o->feature_decay))
        return;
    double *a = fixed + count * d, sum = 0;
    for (int64_t j = 0; j < count; j++) {
        double square = 0;
        for (int64_t c = 0; c < d; c++)
            square += fixed[j * d + c] * fixed[j * d + c];
        a[j] = pow(sqrt(square), -o->feature_decay);
        sum += a[j] * a[j];
    }
    for (int64_t j = 0; j < count; j++)
        a[j] /= sqrt(sum);
}

/* sin, cos, -sin, -cos: each the derivative of the one before, times the rate 2 pi b_axis. */
int64_t fqpi_waves_map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int order, int64_t axis, double *f) {
    const int64_t count = e->width / 2, half = from < count ? 0 : 1, first = from - half * count;
    const int64_t n = count - first < FQPI_EMBEDDED ? count - first : FQPI_EMBEDDED;
    const double *B = e->fixed + first * e->d;
    const double *a = e->numbers > count * e->d ? e->fixed + count * e->d + first : NULL;
    const double turn = TURN * e->scale;
    const int quarter = (int)half + order;
    for (int64_t i = 0; i < n; i++) {
        double turns = 0;
        for (int64_t c = 0; c < e->d; c++)
            turns += B[i * e->d + c] * fqpi_real_at(x, at + c);
        f[i] = turn * turns;
    }
    e->k64->vsincos(n, f, quarter % 2 ? NULL : f, quarter % 2 ? f : NULL);
    for (int64_t i = 0; i < n && quarter > 0; i++)
        f[i] *= (quarter < 2 ? 1 : -1) * (order > 0 ? pow(turn * B[i * e->d + axis], order) : 1);
    for (int64_t i = 0; i < n && a; i++)
        f[i] *= a[i];
    return n;
}
