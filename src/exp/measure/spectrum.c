/* spectrum.c - eigenvalues of kernels on the circle and on spheres, and the frequencies of eigenvectors.
 *
 * Uniform measure on the circle, l_k of cos kt and sin kt (Basri et al. 1906.00425; Bietti & Mairal 1905.12173), by
 * quadrature, by closed form, and by the eigenpairs of a matrix on n equal steps, whose eigenvalues are
 * n sum_m l_|k + n m|. */
#include "gram_i.h"
#include "kernels.h"
#include "mem.h"
#include "rng.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { STEPS = 256, MOST = 2048, ALIASES = 2000 };

/* ---- closed forms -------------------------------------------------------------------------------- */

/* Columns 1, 2, 3: first layer, first layer with bias, both layers. */
static double table(int column, int64_t k) {
    const double q = (double)k * (double)k, pi2 = M_PI * M_PI, even = (q + 1) / (pi2 * (q - 1) * (q - 1));
    const double first = k == 1 ? 0.125 : k % 2 ? 0 : even;
    const double output = k == 1 ? 0.125 : k % 2 ? 0 : 2 / (pi2 * (q - 1) * (q - 1));
    const double bias = k == 0   ? 1 / (2 * pi2) + 0.125
                        : k == 1 ? 0.0625 + 1 / (2 * pi2)
                        : k % 2  ? 1 / (2 * pi2 * q)
                                 : 0.5 * even;
    return column == FQPI_KERNEL_FIRST ? first : column == FQPI_KERNEL_BIAS ? bias : first + output;
}

static bool whole(double v, double least, double most) {
    return v >= least && v <= most && v == floor(v);
}

static double circle_table(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    return whole(arg[0], 1, 3) && whole(arg[1], 0, 1e9) ? table((int)arg[0], (int64_t)arg[1]) : NAN;
}

/* ---- quadrature ---------------------------------------------------------------------------------- */

static bool quadrature(const fqpi_measuring *m, double number, int64_t d, int64_t kmax, double *l) {
    fqpi_kernels k;
    double *term = fqpi_alloc(m->ctx, (size_t)kmax + 1, sizeof *term);
    bool good = term && fqpi_kernels_open(m, number, d, &k);
    for (int i = 0; good && i < k.n; i++) {
        good = !fqp_ntk_sphere(k.term[i], d, 1, kmax, i ? term : l);
        for (int64_t j = 0; j <= kmax && good && i; j++)
            l[j] += term[j];
    }
    if (term && good)
        fqpi_kernels_close(&k);
    fqpi_free(term);
    return good;
}

static double sphere_value(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double l[MOST + 1];
    if (!whole(arg[1], 2, 1000) || !whole(arg[2], 0, MOST))
        return NAN;
    return quadrature(m, arg[0], (int64_t)arg[1], (int64_t)arg[2], l) ? l[(int64_t)arg[2]] : NAN;
}

static double circle_value(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return sphere_value(m, (double[]){arg[0], 2, arg[1]}, 3);
}

/* ---- matrices on n equal steps ------------------------------------------------------------------- */

/* The mean of eigenvalues weighted by what their vectors have of cos kt and sin kt; *spread about it.  Fourier modes
 * are eigenvectors when the spread is 0. */
static double value_at(const fqp_eigen *e, const double *x, int64_t k, double *spread) {
    const int64_t n = e->n;
    double mean = 0, square = 0, all = 0;
    for (int64_t i = 0; i < e->count; i++) {
        double c = 0, s = 0;
        for (int64_t j = 0; j < n; j++) {
            const double *at = x + 2 * (k * j % n); /* cos and sin of k t_j */
            c += e->vector[i * n + j] * at[0];
            s += e->vector[i * n + j] * at[1];
        }
        const double p = (c * c + s * s) / (double)n;
        all += p;
        mean += p * e->value[i];
        square += p * e->value[i] * e->value[i];
    }
    mean /= all;
    *spread = sqrt(fmax(0, square / all - mean * mean));
    return mean;
}

/* l [kmax + 1] = eigenvalues of the matrix over n; false also when Fourier modes are not its eigenvectors. */
static bool by_matrix(const fqpi_measuring *m, double number, int64_t n, int64_t kmax, double *l) {
    fqpi_kernels k;
    fqp_eigen e = {0};
    double *x = fqpi_alloc(m->ctx, 2 * (size_t)n, sizeof *x), spread;
    bool good = x && fqpi_kernels_open(m, number, 2, &k);
    if (good) {
        fqpi_circle(n, x);
        good = fqpi_kernels_eigen(m, &k, 2, n, x, &e);
        fqpi_kernels_close(&k);
    }
    for (int64_t j = 0; j <= kmax && good; j++) {
        l[j] = value_at(&e, x, j, &spread) / (double)n;
        good = spread <= 1e-7 * e.value[0];
    }
    fqp_eigen_free(&e);
    fqpi_free(x);
    return good;
}

static double circle_matrix(const fqpi_measuring *m, const double *arg, int nargs) {
    const double n = nargs > 2 ? arg[2] : STEPS;
    double l[MOST / 2 + 1];
    if (!whole(n, 3, MOST) || !whole(arg[1], 0, n / 2))
        return NAN;
    return by_matrix(m, arg[0], (int64_t)n, (int64_t)arg[1], l) ? l[(int64_t)arg[1]] : NAN;
}

static double alias_sum(int column, int64_t k) {
    double sum = 0;
    for (int64_t i = -ALIASES; i <= ALIASES; i++)
        sum += table(column, llabs(k + i * STEPS));
    return sum;
}

/* Where the table has 0, relative to its largest entry. */
static double off(double got, double want, int column) {
    return fabs(got - want) / (want > 0 ? want : table(column, 0));
}

static double circle_error(const fqpi_measuring *m, const double *arg, int nargs) {
    const bool aliases = nargs > 2 && arg[2] > 0;
    const int64_t first = aliases ? 0 : 1, last = aliases ? 16 : 12;
    double l[17], most = 0;
    if (!whole(arg[1], 1, 3) || !by_matrix(m, arg[0], STEPS, last, l))
        return NAN;
    const int column = (int)arg[1];
    for (int64_t k = first; k <= last; k++)
        most = fmax(most, off(l[k], aliases ? alias_sum(column, k) : table(column, k), column));
    return most;
}

/* Even k at which the kernel's matrix agrees with the column: to 1 %, and to 1e-5 when aliases are counted. */
static double circle_agreeing(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double l[13];
    int agree = 0;
    if (!whole(arg[1], 1, 3) || !by_matrix(m, arg[0], STEPS, 12, l))
        return NAN;
    const int column = (int)arg[1];
    for (int64_t k = 2; k <= 12; k += 2)
        agree += off(l[k], table(column, k), column) < 0.01 && off(l[k], alias_sum(column, k), column) < 1e-5;
    return agree;
}

/* ---- lines through logarithms -------------------------------------------------------------------- */

typedef struct line {
    double slope, fit; /* fit: R^2 */
} line;

/* Of ln l_k against ln k or against k; values below the rounding of l_0 count as that. */
static line through(const double *l, int64_t from, int64_t to, int64_t by, bool power) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (int64_t k = from; k <= to; k += by) {
        const double a = power ? log((double)k) : (double)k, b = log(fmax(l[k], DBL_EPSILON * l[0]));
        n++;
        x += a;
        y += b;
        xx += a * a;
        xy += a * b;
        yy += b * b;
    }
    const double sxx = xx - x * x / n, sxy = xy - x * y / n, syy = yy - y * y / n;
    return (line){sxy / sxx, sxy * sxy / (sxx * syy)};
}

/* l_k for k = from, from + by, ..., to; n > 0: by the matrix of n steps. */
typedef struct range {
    double kernel, d, from, to, by, n;
} range;

static line line_of(const fqpi_measuring *m, range r, bool power) {
    double l[MOST + 1];
    const double most = r.n > 0 ? r.n / 2 : MOST;
    if (!whole(r.d, 2, 1000) || !whole(r.n, 0, MOST) || !whole(r.from, 1, most) || !whole(r.to, r.from + 2, most) ||
        !whole(r.by, 1, r.to))
        return (line){NAN, NAN};
    const int64_t to = (int64_t)r.to;
    if (r.n > 0 ? !by_matrix(m, r.kernel, (int64_t)r.n, to, l) : !quadrature(m, r.kernel, (int64_t)r.d, to, l))
        return (line){NAN, NAN};
    return through(l, (int64_t)r.from, to, (int64_t)r.by, power);
}

/* Two-layer relu kernels without bias have no odd eigenvalues above 1: slopes are over even ones. */
static double stride_of(double kernel) {
    return kernel == FQPI_KERNEL_FIRST || kernel == FQPI_KERNEL_BOTH || kernel == FQPI_KERNEL_OUTPUT ? 2 : 1;
}

static double circle_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    const range r = {arg[0], 2, arg[1], arg[2], stride_of(arg[0]), nargs > 3 ? arg[3] : 0};
    return line_of(m, r, true).slope;
}

static double sphere_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return line_of(m, (range){arg[0], arg[1], arg[2], arg[3], stride_of(arg[0]), 0}, true).slope;
}

static double power_fit(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return line_of(m, (range){arg[0], 2, arg[1], arg[2], arg[3], 0}, true).fit;
}

static double exponential_fit(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return line_of(m, (range){arg[0], 2, arg[1], arg[2], arg[3], 0}, false).fit;
}

/* ---- eigenvectors on an interval ----------------------------------------------------------------- */

enum { POINTS = 101, LEADING = 30 };

/* Eigenvectors of the kernel on [-1, 1]; kernel -1: of a random symmetric matrix. */
static bool interval(const fqpi_measuring *m, double kernel, fqp_mode mode[POINTS]) {
    fqpi_kernels k = {0};
    fqp_eigen e = {0};
    fqp_gram *g;
    double x[POINTS];
    for (int i = 0; i < POINTS; i++)
        x[i] = -1 + 2.0 * i / (POINTS - 1);
    if (fqpi_gram_open(m->ctx, "the matrix of a kernel", POINTS, NULL, &g))
        return false;
    double *a = g->data;
    bool good = kernel == -1 || fqpi_kernels_open(m, kernel, 1, &k);
    for (int i = 0; i < POINTS && kernel == -1; i++)
        for (int j = 0; j < POINTS; j++)
            a[i * POINTS + j] =
                fqpi_rng_normal(1, FQPI_STREAM_TEST, (uint64_t)(i < j ? i * POINTS + j : j * POINTS + i));
    good = good && (kernel == -1 || fqpi_kernels_gram(m, &k, 1, POINTS, x, 0, NULL, a)) &&
           !fqp_gram_eigen(g, 0, 0, &e) && !fqp_eigen_modes(m->ctx, &e, x, 0, mode);
    fqpi_kernels_close(&k);
    fqp_gram_destroy(g);
    fqp_eigen_free(&e);
    return good;
}

/* Rank of v[i] among the n, from 0; equals share the mean of theirs. */
static double rank(const double *v, int n, int i) {
    double below = 0, equal = 0;
    for (int j = 0; j < n; j++) {
        below += v[j] < v[i];
        equal += v[j] == v[i];
    }
    return below + 0.5 * (equal - 1);
}

/* Spearman's correlation of the place of an eigenvector and its number of sign changes. */
static double eigenvector_order(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    fqp_mode mode[POINTS];
    double changes[LEADING], xy = 0, xx = 0, yy = 0;
    if (!interval(m, arg[0], mode))
        return NAN;
    for (int i = 0; i < LEADING; i++)
        changes[i] = (double)mode[i].sign_changes;
    for (int i = 0; i < LEADING; i++) {
        const double a = i - 0.5 * (LEADING - 1), b = rank(changes, LEADING, i) - 0.5 * (LEADING - 1);
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    return xy / sqrt(xx * yy);
}

/* Eigenvector arg[1], which may be a little off a whole number, as points of a figure are. */
static const fqp_mode *mode_at(const fqpi_measuring *m, const double *arg, fqp_mode mode[POINTS]) {
    const double i = round(arg[1]);
    return whole(i, 0, POINTS - 1) && interval(m, arg[0], mode) ? &mode[(int)i] : NULL;
}

static double eigenvector_changes(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    fqp_mode all[POINTS];
    const fqp_mode *mode = mode_at(m, arg, all);
    return mode ? (double)mode->sign_changes : NAN;
}

static double eigenvector_frequency(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    fqp_mode all[POINTS];
    const fqp_mode *mode = mode_at(m, arg, all);
    return mode ? mode->frequency : NAN;
}

/* ---- a run on the circle ------------------------------------------------------------------------- */

/* The largest |H_k|/n of all frames. */
static double output_most(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const int64_t at = m->seed < 0 ? 0 : m->seed;
    fqpi_series *s = (fqpi_series *)(uintptr_t)fqpi_measuring_series(m, at, NULL);
    const int64_t b = s ? fqpi_measuring_bin(s, arg[0]) : -1;
    double most = 0;
    if (b < 0 || fqpi_series_prediction(m->trial, &m->trial->seed[at], s))
        return NAN;
    for (size_t f = 0; f < s->frames; f++) {
        const double *h = (const double *)s->prediction.data + (f * s->nbins + (size_t)b) * 2 * s->ncomp;
        for (size_t c = 0; c < s->ncomp; c++)
            most = fmax(most, hypot(h[2 * c], h[2 * c + 1]));
    }
    return most;
}

const fqpi_measure fqpi_measures_spectrum[] = {
    {"circle_table", 2, 2, false, false,
     "circle_table(column, k): eigenvalue l_k of a relu kernel on the circle in closed form; column 1: first layer, 2: "
     "with bias, 3: both layers",
     circle_table},
    {"circle_value", 2, 2, false, false, "circle_value(kernel, k): l_k by quadrature; " FQPI_KERNELS_DOC, circle_value},
    {"circle_matrix", 2, 3, false, false,
     "circle_matrix(kernel, k), circle_matrix(kernel, k, n): eigenvalue of the matrix on n (256) equal steps, over n",
     circle_matrix},
    {"circle_error", 2, 3, false, false,
     "circle_error(kernel, column): largest relative difference of circle_matrix and circle_table, k = 1..12; a third "
     "argument 1: with all aliases, k = 0..16",
     circle_error},
    {"circle_agreeing", 2, 2, false, false,
     "circle_agreeing(kernel, column): how many of k = 2, 4, ..., 12 agree, to 1 % and to 1e-5 with all aliases",
     circle_agreeing},
    {"circle_slope", 3, 4, false, false,
     "circle_slope(kernel, from, to): slope of ln l_k against ln k (even k for kernels 1, 3, 4); a fourth argument n: "
     "by "
     "the matrix of n steps",
     circle_slope},
    {"sphere_value", 3, 3, false, false, "sphere_value(kernel, d, k): l_k on the unit sphere of R^d", sphere_value},
    {"sphere_slope", 4, 4, false, false, "sphere_slope(kernel, d, from, to): slope of ln l_k against ln k there",
     sphere_slope},
    {"power_fit", 4, 4, false, false, "power_fit(kernel, from, to, step): R^2 of ln l_k against ln k on the circle",
     power_fit},
    {"exponential_fit", 4, 4, false, false, "exponential_fit(kernel, from, to, step): R^2 of ln l_k against k there",
     exponential_fit},
    {"eigenvector_order", 1, 1, false, false,
     "eigenvector_order(kernel): Spearman correlation of rank and sign changes of 30 eigenvectors on [-1, 1]; kernel "
     "-1: "
     "random matrix",
     eigenvector_order},
    {"eigenvector_changes", 2, 2, false, false, "eigenvector_changes(kernel, i): sign changes of eigenvector i, from 0",
     eigenvector_changes},
    {"eigenvector_frequency", 2, 2, false, false,
     "eigenvector_frequency(kernel, i): its dominant frequency, cycles over [-1, 1]", eigenvector_frequency},
    {"output_most", 1, 1, true, false, "output_most(k): largest |H_k|/n of all frames", output_most},
    {0}};
