/* step.c - ETDRK4:  a = e^{hL/2} w + Q N(w),  b = e^{hL/2} w + Q N(a),  c = e^{hL/2} a + Q (2 N(b) - N(w)),
 *   w+ = e^{hL} w + f1 N(w) + f2 (N(a) + N(b)) + f3 N(c). */
#include "fail.h"
#include "spectral/phi.h"
#include "spectral/spectral_i.h"

#include <math.h>
#include <string.h>

/* ---- the matrices of a step -------------------------------------------------------------------------------- */

static double complex *matrix_of(const fqpi_spectral *s, fqpi_etd which, int64_t i) {
    const int64_t square = (int64_t)s->flow.fields * s->flow.fields;
    return s->matrix + ((int64_t)which * s->n + i) * square;
}

static void matrices_at(fqpi_spectral *s, int64_t i, double h) {
    const int fields = s->flow.fields, square = fields * fields;
    const double complex *l = s->symbol + i * square;
    double complex z[FQPI_PHI_MOST * FQPI_PHI_MOST] = {0};
    double complex phi[FQPI_PHI_COUNT][FQPI_PHI_MOST * FQPI_PHI_MOST];
    for (int e = 0; e < square; e++)
        z[e] = 0.5 * h * l[e];
    fqpi_phi(fields, z, phi);
    for (int e = 0; e < square; e++) {
        matrix_of(s, FQPI_ETD_HALF, i)[e] = phi[0][e];
        matrix_of(s, FQPI_ETD_STAGE, i)[e] = 0.5 * h * phi[1][e];
        z[e] = h * l[e];
    }
    fqpi_phi(fields, z, phi);
    for (int e = 0; e < square; e++) {
        matrix_of(s, FQPI_ETD_WHOLE, i)[e] = phi[0][e];
        matrix_of(s, FQPI_ETD_FIRST, i)[e] = h * (phi[1][e] - 3 * phi[2][e] + 4 * phi[3][e]);
        matrix_of(s, FQPI_ETD_MIDDLE, i)[e] = h * (2 * phi[2][e] - 4 * phi[3][e]);
        matrix_of(s, FQPI_ETD_LAST, i)[e] = h * (4 * phi[3][e] - phi[2][e]);
    }
}

static void prepare(fqpi_spectral *s, double h) {
    if (fabs(h - s->step) <= 1e-12 * h)
        return;
    for (int64_t i = 0; i < s->n; i++)
        matrices_at(s, i, h);
    s->step = h;
}

/* ---- a step ------------------------------------------------------------------------------------------------------ */

/* slope = N(w) = rate - L w, as a series */
static fqp_status nonlinear(fqpi_spectral *s, double t, const double complex *w, double complex *slope) {
    const int fields = s->flow.fields;
    fqpi_spectral_out(s, w, s->looked);
    const fqp_status status = s->flow.rate(s->flow.user, t, s->places, s->place, s->looked, s->rate);
    if (status)
        return status;
    fqpi_spectral_into(s, s->rate, slope);
    for (int64_t i = 0; i < s->n; i++) {
        const double complex *l = s->symbol + i * fields * fields;
        const bool drop = s->side[i] & FQPI_SIDE_ALIASED;
        for (int f = 0; f < fields; f++) {
            double complex sum = drop ? 0 : slope[f * s->n + i];
            for (int g = 0; g < fields && !drop; g++)
                sum -= l[f * fields + g] * w[g * s->n + i];
            slope[f * s->n + i] = sum;
        }
    }
    return FQP_OK;
}

/* out (+)= factor * matrix * in, wave number by wave number; out may not be in. */
static void apply(const fqpi_spectral *s, fqpi_etd which, double factor, const double complex *in, bool add,
                  double complex *out) {
    const int fields = s->flow.fields;
    for (int f = 0; f < fields; f++)
        for (int64_t i = 0; i < s->n; i++) {
            const double complex *row = matrix_of(s, which, i) + f * fields;
            double complex sum = add ? out[f * s->n + i] : 0;
            for (int g = 0; g < fields; g++)
                sum += factor * row[g] * in[g * s->n + i];
            out[f * s->n + i] = sum;
        }
}

static fqp_status step(fqpi_spectral *s, double t, double h) {
    const int64_t size = s->n * s->flow.fields;
    double complex *w = s->state, *a = s->stage, *b = a + size;
    double complex *nw = s->slope, *na = nw + size, *nb = na + size, *nc = nb + size;
    fqp_status status = nonlinear(s, t, w, nw);
    if (status)
        return status;
    apply(s, FQPI_ETD_HALF, 1, w, false, a);
    apply(s, FQPI_ETD_STAGE, 1, nw, true, a);
    status = nonlinear(s, t + h / 2, a, na);
    if (status)
        return status;
    apply(s, FQPI_ETD_HALF, 1, w, false, b);
    apply(s, FQPI_ETD_STAGE, 1, na, true, b);
    status = nonlinear(s, t + h / 2, b, nb);
    if (status)
        return status;
    apply(s, FQPI_ETD_HALF, 1, a, false, b); /* b becomes c */
    apply(s, FQPI_ETD_STAGE, 2, nb, true, b);
    apply(s, FQPI_ETD_STAGE, -1, nw, true, b);
    status = nonlinear(s, t + h, b, nc);
    if (status)
        return status;
    apply(s, FQPI_ETD_WHOLE, 1, w, false, a);
    apply(s, FQPI_ETD_FIRST, 1, nw, true, a);
    apply(s, FQPI_ETD_MIDDLE, 1, na, true, a);
    apply(s, FQPI_ETD_MIDDLE, 1, nb, true, a);
    apply(s, FQPI_ETD_LAST, 1, nc, true, a);
    memcpy(w, a, (size_t)size * sizeof *w);
    return FQP_OK;
}

void fqpi_spectral_begin(fqpi_spectral *s, double t, const double *w) {
    fqpi_spectral_into(s, w, s->state);
    s->time = t;
}

static bool all_finite(const fqpi_spectral *s) {
    for (int64_t i = 0; i < s->n * s->flow.fields; i++)
        if (!isfinite(creal(s->state[i])) || !isfinite(cimag(s->state[i])))
            return false;
    return true;
}

fqp_status fqpi_spectral_run(fqpi_spectral *s, double t, double longest) {
    const double begin = s->time, span = t - begin;
    const int64_t steps = span > 0 ? (int64_t)ceil(span / longest * (1 - 1e-12)) : 0;
    if (steps == 0)
        return FQP_OK;
    prepare(s, span / (double)steps);
    for (int64_t i = 0; i < steps; i++) {
        const fqp_status status = step(s, begin + span * (double)i / (double)steps, s->step);
        if (status)
            return status;
        if (fqp_ctx_interrupted(s->ctx))
            return FQP_E_INTERRUPTED;
    }
    s->time = t;
    return all_finite(s)
               ? FQP_OK
               : fqpi_fail(s->ctx, FQP_E_DIVERGED, NULL,
                           "spectral solution: numbers are not finite at t = %g, with steps of %g", t, s->step);
}
