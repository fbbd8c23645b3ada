/* flattening.c - how evenly a run's network learns frequencies: Rayleigh quotients of its tangent kernel at Fourier
 * modes on a line through the data's box.
 *
 * Training in the linear regime takes e_k' = -c r_k e_k as far as modes are eigenvectors (Jacot et al. 1806.07572; for
 * remedies Tancik et al. 2006.10739): r_high/r_low near 1 says that a high frequency is learnt as fast as a low one. */
#include <fqp/ntk.h>

#include "measure.h"
#include "mem.h"
#include "trained.h"

#include <math.h>

enum { POINTS = 256, MODES = 64 };

/* POINTS steps along the first coordinate from its least to its largest value, ends not included twice; the other
 * coordinates stay at the middle of theirs. */
static double *line(const fqpi_measuring *m, const fqp_dataset *data) {
    double *x = fqpi_alloc(m->ctx, (size_t)(POINTS * data->d), sizeof *x);
    const fqp_view v = fqp_array_view(&data->x);
    for (int64_t c = 0; x && c < data->d; c++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < data->n; i++) {
            const double at = fqp_view_at(v, i * data->d + c);
            low = fmin(low, at);
            high = fmax(high, at);
        }
        for (int64_t i = 0; i < POINTS; i++)
            x[i * data->d + c] = c == 0 ? low + (high - low) * (double)i / POINTS : 0.5 * (low + high);
    }
    return x;
}

/* r_k = z* K z/n^2, z = h exp(2 pi i k j/n), k = 0 .. MODES, K symmetric.  h = sqrt(2/3) (1 - cos(2 pi j/n)) is Hann's
 * window, whose squares add up to n: without it the jump of a kernel from one end of the line to the other gives all of
 * them a tail of k^-2.  Waves of 2 cycles and more have no mean under it. */
static void quotients(const double *K, double *rate) {
    double band[POINTS] = {0}, window[POINTS]; /* sums along diagonals */
    for (int64_t i = 0; i < POINTS; i++)
        window[i] = sqrt(2.0 / 3) * (1 - cos(2 * M_PI * (double)i / POINTS));
    for (int64_t i = 0; i < POINTS; i++)
        for (int64_t j = 0; j <= i; j++)
            band[i - j] += (i == j ? 1 : 2) * window[i] * window[j] * K[i * POINTS + j];
    for (int64_t k = 0; k <= MODES; k++) {
        rate[k] = 0;
        for (int64_t q = 0; q < POINTS; q++)
            rate[k] += band[q] * cos(2 * M_PI * (double)(k * q % POINTS) / POINTS) / ((double)POINTS * POINTS);
    }
}

static bool look(const fqpi_measuring *m, bool trained, double *rate) {
    const int64_t seed = m->trial->seed[m->seed].number;
    fqpi_trained t;
    fqp_ntk *k = NULL;
    bool good = !(trained ? fqpi_trained_load(m->ctx, m->dir, seed, &t) : fqpi_trained_draw(m->ctx, m->dir, seed, &t));
    double *x = good ? line(m, t.data) : NULL, *K = x ? fqpi_alloc(m->ctx, POINTS * POINTS, sizeof *K) : NULL;
    good = K && !fqp_ntk_empirical(m->ctx, t.model, FQP_NTK_SUM, &k) &&
           !fqp_ntk_gram(k, fqp_view_2d(x, POINTS, t.data->d), (fqp_view){0}, FQP_NTK_TANGENT, K);
    if (good)
        quotients(K, rate);
    fqp_ntk_destroy(k);
    fqpi_free(K);
    fqpi_free(x);
    fqpi_trained_free(&t);
    return good;
}

/* Runs differ in their directory, by which rates are told apart besides the seed. */
static const double *rates(const fqpi_measuring *m, bool trained) {
    static const char owner;
    unsigned name = 5381;
    for (const char *c = m->dir; *c; c++)
        name = name * 33 + (unsigned char)*c;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)(name >> 1), trained, &fresh);
    if (kept && fresh && !look(m, trained, kept))
        for (int k = 0; k <= MODES; k++)
            kept[k] = NAN;
    return kept;
}

static bool mode(double k) {
    return k >= 0 && k <= MODES && k == floor(k);
}

static double tangent_rate(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *rate = mode(arg[0]) ? rates(m, nargs > 1 && arg[1] != 0) : NULL;
    return rate ? rate[(int)arg[0]] : NAN;
}

static double flattening(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *rate = mode(arg[0]) && mode(arg[1]) ? rates(m, nargs > 2 && arg[2] != 0) : NULL;
    return rate ? rate[(int)arg[0]] / rate[(int)arg[1]] : NAN;
}

const fqpi_measure fqpi_measures_flattening[] = {
    {"tangent_rate", 1, 2, true, false,
     "tangent_rate(k, trained): Rayleigh quotient of the network's tangent kernel at a wave of k = 0..64 cycles along "
     "the first coordinate under a Hann window; at the start (0) or the end (1)",
     tangent_rate},
    {"flattening", 2, 3, true, false,
     "flattening(k_high, k_low, trained): tangent_rate(k_high)/tangent_rate(k_low): how much slower the high frequency "
     "is "
     "learnt",
     flattening},
    {0}};
