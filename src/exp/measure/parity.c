/* parity.c - parity on the cube {-1, 1}^d and its samples.
 *
 *   f(x) = x_1 ... x_d,   f^(k) = 2^-d sum_x f(x) exp(-2 pi i k.x) = (-i)^d prod_j sin(2 pi k_j)
 * so it is zero at k = 0 and of modulus one where every k_j is +-1/4.  A sample S shows the false low-frequency part
 *   f_S(k) = |S|^-1 sum_{x in S} f(x) exp(-2 pi i k.x),   E |f_S(0)|^2 = (1/|S|) (1 - |S|/N) N/(N - 1)
 * (drawn without replacement among N; survey arXiv 2201.07395, section 5).  Figures walk along k = (q, ..., q). */
#include "measure.h"
#include "mem.h"
#include "rng.h"
#include "trained.h"

#include <complex.h>
#include <math.h>

enum { MOST = 20 };

/* Point i of the cube, the last input fastest. */
static double input(int64_t i, int d, int c) {
    return i >> (d - 1 - c) & 1 ? 1 : -1;
}

static double parity_of(const double *x, int d) {
    double y = 1;
    for (int c = 0; c < d; c++)
        y *= x[c];
    return y;
}

static double and_of(const double *x, int d) {
    for (int c = 0; c < d; c++)
        if (x[c] < 0)
            return -1;
    return 1;
}

static double (*const function[])(const double *, int) = {parity_of, and_of};

/* The sum over all points; `which` 0: parity, 1: and. */
static double complex direct(int which, int d, const double *k) {
    double complex sum = 0;
    const int64_t n = (int64_t)1 << d;
    for (int64_t i = 0; i < n; i++) {
        double x[MOST], phase = 0;
        for (int c = 0; c < d; c++) {
            x[c] = input(i, d, c);
            phase += k[c] * x[c];
        }
        sum += function[which](x, d) * cexp(-2 * M_PI * I * phase);
    }
    return sum / (double)n;
}

static double complex formula(int d, const double *k) {
    static const double complex turn[4] = {1, -I, -1, I};
    double complex y = turn[d % 4];
    for (int c = 0; c < d; c++)
        y *= sin(2 * M_PI * k[c]);
    return y;
}

static void along_diagonal(double q, int d, double *k) {
    for (int c = 0; c < d; c++)
        k[c] = q;
}

/* arg[1] random k in [-1/2, 1/2]^d, k = 0 and k = (1/4, ..., 1/4). */
static double parity_formula(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const int d = (int)arg[0];
    if (d < 1 || d > MOST)
        return NAN;
    double worst = 0, k[MOST];
    const uint64_t seed = (uint64_t)(m->seed < 0 ? 1 : m->seed + 1);
    for (int i = 0; i < (int)arg[1] + 2; i++) {
        if (i < 2)
            along_diagonal(0.25 * i, d, k);
        for (int c = 0; i >= 2 && c < d; c++)
            k[c] = fqpi_rng_uniform(seed, FQPI_STREAM_TEST, (uint64_t)i * MOST + (uint64_t)c) - 0.5;
        worst = fmax(worst, cabs(direct(0, d, k) - formula(d, k)));
    }
    return worst;
}

static double cube_modulus(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    const int which = (int)arg[0], d = (int)arg[1];
    if (which < 0 || which > 1 || d < 1 || d > MOST)
        return NAN;
    double k[MOST];
    along_diagonal(arg[2], d, k);
    return cabs(direct(which, d, k));
}

/* ---- samples --------------------------------------------------------------------------------------------------- */

/* Mean of parity over one sample: f_S(0). */
static double sample_mean(int d, int64_t size, uint64_t draw, bool again, int64_t *order) {
    const int64_t n = (int64_t)1 << d;
    double sum = 0;
    if (!again)
        fqpi_rng_permutation(1, FQPI_STREAM_SPLIT, draw, n, order);
    for (int64_t i = 0; i < size; i++) {
        const uint64_t place = draw * (uint64_t)size + (uint64_t)i;
        const int64_t at = again ? (int64_t)fqpi_rng_below(1, FQPI_STREAM_TEST, place, (uint64_t)n) : order[i];
        double x[MOST];
        for (int c = 0; c < d; c++)
            x[c] = input(at, d, c);
        sum += parity_of(x, d);
    }
    return sum / (double)size;
}

static double alias_rms(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const int d = (int)arg[0];
    const int64_t size = (int64_t)arg[1], n = d < 1 || d > MOST ? 0 : (int64_t)1 << d;
    if (size < 1 || size > n)
        return NAN;
    int64_t *order = fqpi_alloc(m->ctx, (size_t)n, sizeof *order);
    if (!order)
        return NAN;
    double sum = 0;
    for (uint64_t draw = 0; (double)draw < arg[2]; draw++) {
        const double mean = sample_mean(d, size, draw, arg[3] > 0, order);
        sum += mean * mean;
    }
    fqpi_free(order);
    return sqrt(sum / arg[2]);
}

/* ---- a trained network ----------------------------------------------------------------------------------------- */

/* Training points of a run on the cube, and its network at all points of the cube. */
typedef struct bench {
    fqpi_trained t;
    int d;
    int64_t n;
    fqp_array x; /* [n,d] the whole cube */
    double *h;   /* [n] */
} bench;

static void tear_down(bench *b) {
    fqpi_free(b->h);
    fqp_array_free(&b->x);
    fqpi_trained_free(&b->t);
}

static bool set_up(const fqpi_measuring *m, bench *b) {
    *b = (bench){0};
    fqp_status s = fqpi_trained_load(m->ctx, m->dir, m->trial->seed[m->seed].number, &b->t);
    if (!s && (b->t.data->d > MOST || b->t.data->m != 1))
        s = FQP_E_SHAPE;
    if (!s) {
        b->d = (int)b->t.data->d;
        b->n = (int64_t)1 << b->d;
        s = fqp_array_create(m->ctx, FQP_F64, 2, (int64_t[]){b->n, b->d}, &b->x);
    }
    for (int64_t i = 0; !s && i < b->n * b->d; i++)
        ((double *)b->x.data)[i] = input(i / b->d, b->d, (int)(i % b->d));
    b->h = s ? NULL : fqpi_alloc(m->ctx, (size_t)b->n, sizeof *b->h);
    if (b->h && !fqp_model_eval(m->ctx, b->t.model, fqp_array_view(&b->x), b->h))
        return true;
    tear_down(b);
    return false;
}

static double complex transform(const double *x, const double *y, int64_t n, int d, const double *k) {
    double complex sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double phase = 0;
        for (int c = 0; c < d; c++)
            phase += k[c] * x[i * d + c];
        sum += y[i] * cexp(-2 * M_PI * I * phase);
    }
    return sum / (double)n;
}

/* At k = (q, ..., q): of the training sample, or of the network over the whole cube. */
static double modulus(const fqpi_measuring *m, double q, bool network) {
    bench b;
    if (!set_up(m, &b))
        return NAN;
    double k[MOST];
    along_diagonal(q, b.d, k);
    const fqp_dataset *data = b.t.data;
    const double found = network ? cabs(transform(b.x.data, b.h, b.n, b.d, k))
                                 : cabs(transform(data->x.data, data->y.data, data->n, b.d, k));
    tear_down(&b);
    return found;
}

static double sample_modulus(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return modulus(m, arg[0], false);
}

static double network_modulus(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return modulus(m, arg[0], true);
}

/* ---- Walsh functions: the frequencies of the cube -------------------------------------------------------------- */

/* Mean of y(x) prod_{c in set} x_c. */
static double walsh(const double *x, const double *y, int64_t n, int d, int64_t set) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double chi = y[i];
        for (int c = 0; c < d; c++)
            chi *= set >> c & 1 ? x[i * d + c] : 1;
        sum += chi;
    }
    return sum / (double)n;
}

static int size_of(int64_t set) {
    int n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

/* Slope of the network's Walsh coefficients over those of a sample, degrees 0 to arg[0]; arg[1]: of the sample drawn by
 * another seed, this many further on. */
static double slope(const bench *b, const fqp_dataset *sample, double most) {
    double both = 0, norm = 0;
    for (int64_t set = 0; set < b->n; set++) {
        if (size_of(set) > most)
            continue;
        const double found = walsh(sample->x.data, sample->y.data, sample->n, b->d, set);
        both += found * walsh(b->x.data, b->h, b->n, b->d, set);
        norm += found * found;
    }
    return both / norm;
}

static double false_low(const fqpi_measuring *m, const double *arg, int nargs) {
    bench b;
    fqp_dataset *other = NULL;
    if (!set_up(m, &b))
        return NAN;
    const uint64_t seed = (uint64_t)(m->trial->seed[m->seed].number + (nargs > 1 ? llround(arg[1]) : 0));
    fqp_status s = FQP_OK;
    if (nargs > 1)
        s = fqp_dataset_create(m->ctx, fqp_config_section(b.t.config, "data"), seed, b.t.config, &other);
    const double found = s ? NAN : slope(&b, other ? other : b.t.data, arg[0]);
    fqp_dataset_destroy(other);
    tear_down(&b);
    return found;
}

/* The network's coefficient of the function of all inputs, which is 1 for parity itself. */
static double true_top(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    bench b;
    if (!set_up(m, &b))
        return NAN;
    const double top = walsh(b.x.data, b.h, b.n, b.d, b.n - 1);
    tear_down(&b);
    return top;
}

const fqpi_measure fqpi_measures_parity[] = {
    {"parity_formula", 2, 2, false, false,
     "parity_formula(d, n): largest difference of parity's transform by sum and by formula, at n random k, 0 and 1/4",
     parity_formula},
    {"cube_modulus", 3, 3, false, false,
     "cube_modulus(f, d, q): modulus of the transform at k = (q, ..., q) over the whole cube of parity (f = 0) or and "
     "(1)",
     cube_modulus},
    {"alias_rms", 4, 4, false, false,
     "alias_rms(d, size, draws, again): rms of the transform at 0 of parity on random samples of the cube, drawn "
     "without "
     "(0) or with replacement (1)",
     alias_rms},
    {"sample_modulus", 1, 1, true, false,
     "sample_modulus(q): modulus at k = (q, ..., q) of the training points' transform", sample_modulus},
    {"network_modulus", 1, 1, true, false,
     "network_modulus(q): modulus at k = (q, ..., q) of the trained network over the whole cube", network_modulus},
    {"false_low", 1, 2, true, false,
     "false_low(n), false_low(n, i): slope of the network's Walsh coefficients (whole cube) over those of the training "
     "points, degrees "
     "0 "
     "to n; 1: it took their false low frequencies, 0: it has none of them; i: training points of the seed i further "
     "on",
     false_low},
    {"true_top", 0, 0, true, false,
     "true_top(): the network's Walsh coefficient of the product of all inputs, 1 for parity", true_top},
    {0}};
