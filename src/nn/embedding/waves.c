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

/* What a derivative multiplies the wave of frequency b by: the product of its rates turn b_c, one for each time that it
 * is taken by c; of a sum, the sum of their squares. */
static double rate_of(const fqp_derivative *of, int64_t d, double turn, const double *b) {
    double product = 1, sum = 0;
    for (int64_t c = 0; c < d && c < FQP_AXES; c++) {
        for (int q = 0; q < of->order[c]; q++)
            product *= turn * b[c];
        sum += of->order[c] > 0 ? turn * b[c] * (turn * b[c]) : 0;
    }
    return of->summed ? sum : product;
}

static int order_of(const fqp_derivative *of) {
    int order = 0;
    for (int c = 0; c < FQP_AXES; c++)
        order += of->order[c];
    return of->summed ? 2 : order;
}

/* sin, cos, -sin, -cos: each the derivative of the one before, times its rate. */
int64_t fqpi_waves_map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                       const fqp_derivative *which, double *f) {
    static const fqp_derivative value = {.summed = false};
    const int64_t waves = e->width / 2, half = from < waves ? 0 : 1, first = from - half * waves;
    const int64_t n = waves - first < FQPI_EMBEDDED ? waves - first : FQPI_EMBEDDED;
    const double *B = e->fixed + first * e->d;
    const double *a = e->numbers > waves * e->d ? e->fixed + waves * e->d + first : NULL;
    const double turn = TURN * e->scale;
    double sine[2][FQPI_EMBEDDED];
    for (int64_t i = 0; i < n; i++) {
        double turns = 0;
        for (int64_t c = 0; c < e->d; c++)
            turns += B[i * e->d + c] * fqpi_real_at(x, at + c);
        sine[0][i] = turn * turns;
    }
    if (which)
        e->k64->vsincos(n, sine[0], sine[0], sine[1]);
    else
        e->k64->vsincos(n, sine[0], half ? NULL : sine[0], half ? sine[1] : NULL);
    for (int64_t k = 0; k < count; k++, f += FQPI_EMBEDDED) {
        const fqp_derivative *of = which ? &which[k] : &value;
        const int quarter = (int)half + order_of(of);
        for (int64_t i = 0; i < n; i++)
            f[i] = sine[quarter % 2][i] * (quarter % 4 < 2 ? 1 : -1) * (a ? a[i] : 1);
        for (int64_t i = 0; i < n && quarter > half; i++)
            f[i] *= rate_of(of, e->d, turn, B + i * e->d);
    }
    return n;
}
