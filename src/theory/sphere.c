/* sphere.c - eigenvalues of a kernel of the angle on the unit sphere of R^d.
 *
 * Spherical harmonics of degree k are eigenfunctions of K(x, x') = f(x . x') under the uniform measure, by the formula
 * of Funk and Hecke (e.g. Atkinson & Han, Spherical Harmonics, 2012, Theorem 2.22):
 *
 *   l_k = int_0^pi f(cos t) P_k(cos t) sin^(d-2) t dt / int_0^pi sin^(d-2) t dt,
 *
 * P_k the Gegenbauer polynomial of R^d with P_k(1) = 1: cos kt for d = 2, Legendre for d = 3.  Kernels of relu have a
 * kink where two points meet and where they are opposite, |t| and |pi - t|: as functions of x . x' a square root, but
 * analytic in the angle on [0, pi].  So the rule of Gauss and Legendre in t converges exponentially. */
#include "fail.h"
#include "legendre.h"
#include "mem.h"
#include "ntk_i.h"

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;
static const double SETTLED = 1e-13;  /* change of any l_k from one rule to the next, of the largest |K| */
static const double ISOTROPIC = 1e-9; /* difference of K at equal angles, likewise */
enum { LEAST_NODES = 64, MOST_NODES = 8192, DEGREES = 4000 };

typedef struct sphere {
    const fqp_ntk *k;
    int64_t d, kmax;
    double radius;
    double *angle, *weight, *f; /* [MOST_NODES] */
    double *last, *p;           /* [MOST_NODES] P_{k-1} and P_k there */
    double *points;             /* [MOST_NODES + 1, d] */
    double *axes;               /* [2, d] */
    double *before;             /* [kmax + 1] of the rule before */
} sphere;

/* f at the angles: K of a point and its neighbours along the great circle through two orthogonal unit vectors. */
static fqp_status along(const sphere *z, int64_t n, const double *from, const double *towards, double *f) {
    for (int64_t i = 0; i <= n; i++) {
        const double t = i < n ? z->angle[i] : 0;
        for (int64_t c = 0; c < z->d; c++)
            z->points[i * z->d + c] = z->radius * (cos(t) * from[c] + sin(t) * towards[c]);
    }
    fqp_view one = fqp_view_2d(z->points + n * z->d, 1, z->d), all = fqp_view_2d(z->points, n, z->d);
    return z->k->kind->gram(z->k, one, all, FQP_NTK_TANGENT, f);
}

static double largest(int64_t n, const double *f) {
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs(f[i]));
    return most;
}

/* Unit vectors along the first two axes, or leaning towards all of them. */
static void directions(int64_t d, bool leaning, double *from, double *towards) {
    double dot = 0, square = 0, length = 0;
    for (int64_t c = 0; c < d; c++) {
        from[c] = leaning ? 1 + 0.1 * cos((double)c) : c == 0;
        towards[c] = leaning ? sin(1 + 2 * (double)c) : c == 1;
        square += from[c] * from[c];
        dot += from[c] * towards[c];
    }
    for (int64_t c = 0; c < d; c++) {
        towards[c] -= dot / square * from[c];
        length += towards[c] * towards[c];
    }
    for (int64_t c = 0; c < d; c++) {
        from[c] /= sqrt(square);
        towards[c] /= sqrt(length);
    }
}

static fqp_status great_circle(const sphere *z, int64_t n, bool leaning, double *f) {
    directions(z->d, leaning, z->axes, z->axes + z->d);
    fqpi_legendre(n, 0, PI, z->angle, z->weight);
    return along(z, n, z->axes, z->axes + z->d, f);
}

/* Two great circles must tell the same. */
static fqp_status check_isotropy(const sphere *z) {
    double other[LEAST_NODES];
    fqp_status s = great_circle(z, LEAST_NODES, false, z->f);
    if (!s)
        s = great_circle(z, LEAST_NODES, true, other);
    for (int64_t i = 0; i < LEAST_NODES && !s; i++)
        if (!(fabs(z->f[i] - other[i]) <= ISOTROPIC * largest(LEAST_NODES, z->f)))
            s = fqpi_fail(z->k->ctx, FQP_E_UNSUPPORTED, NULL,
                          "fqp_ntk_sphere: at an angle of %.3g this kernel is %.6g in one direction and %.6g in "
                          "another; the formula holds for kernels of the angle alone, as those of infinitely wide "
                          "networks are: take the eigenvalues of its matrix on points of the sphere",
                          z->angle[i], z->f[i], other[i]);
    return s;
}

/* ---- the integral -------------------------------------------------------------------------------- */

/* l_0 .. l_kmax by the n-point rule. */
static fqp_status integrate(const sphere *z, int64_t n, double *out) {
    const double e = (double)z->d - 2;
    double whole = 0, *last = z->last, *p = z->p;
    fqp_status s = great_circle(z, n, false, z->f);
    if (s)
        return s;
    for (int64_t i = 0; i < n; i++) {
        z->weight[i] *= pow(sin(z->angle[i]), e);
        whole += z->weight[i];
        last[i] = 1;
        p[i] = cos(z->angle[i]);
        z->f[i] *= z->weight[i];
    }
    for (int64_t k = 0; k <= z->kmax; k++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++)
            sum += z->f[i] * last[i];
        out[k] = sum / whole;
        for (int64_t i = 0; i < n; i++) { /* (j + d - 2) P_{j+1} = (2 j + d - 2) t P_j - j P_{j-1}, j = k + 1 */
            const double j = (double)(k + 1), next = ((2 * j + e) * cos(z->angle[i]) * p[i] - j * last[i]) / (j + e);
            last[i] = p[i];
            p[i] = next;
        }
    }
    return FQP_OK;
}

static fqp_status settle(const sphere *z, double *out) {
    fqp_status s = FQP_OK;
    int64_t n = LEAST_NODES;
    while (n < 2 * z->kmax + LEAST_NODES)
        n *= 2;
    s = integrate(z, n, z->before);
    for (n *= 2; n <= MOST_NODES && !s; n *= 2) {
        double change = 0, size = 0;
        s = integrate(z, n, out);
        for (int64_t k = 0; k <= z->kmax && !s; k++) {
            change = fmax(change, fabs(out[k] - z->before[k]));
            z->before[k] = out[k];
        }
        for (int64_t i = 0; i < n && !s; i++)
            size = fmax(size, fabs(z->f[i] / z->weight[i]));
        if (!s && change <= SETTLED * size)
            return FQP_OK;
    }
    return s ? s
             : fqpi_fail(z->k->ctx, FQP_E_UNSUPPORTED, NULL,
                         "fqp_ntk_sphere: the integral has not settled with %d points: the kernel varies too fast for "
                         "radius %g",
                         MOST_NODES, z->radius);
}

static fqp_status check(const fqp_ntk *k, int64_t d, double radius, int64_t kmax) {
    if (d < 2 || !(radius > 0 && radius < INFINITY) || kmax < 0 || kmax > DEGREES)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL,
                         "fqp_ntk_sphere: d %lld, radius %g, degrees to %lld: d is at least 2, the radius above 0, the "
                         "degree at most %d",
                         (long long)d, radius, (long long)kmax, DEGREES);
    if (k->d && k->d != d)
        return fqpi_fail(k->ctx, FQP_E_SHAPE, NULL, "fqp_ntk_sphere: d is %lld, the network has %lld inputs",
                         (long long)d, (long long)k->d);
    return fqp_ntk_rows(k, 1) == 1
               ? FQP_OK
               : fqpi_fail(k->ctx, FQP_E_UNSUPPORTED, NULL,
                           "fqp_ntk_sphere: the kernel has %lld rows at a point; take one output, or their sum",
                           (long long)fqp_ntk_rows(k, 1));
}

fqp_status fqp_ntk_sphere(const fqp_ntk *k, int64_t d, double radius, int64_t kmax, double *out) {
    if (!k)
        return FQP_E_ARG;
    if (!out)
        return fqpi_fail(k->ctx, FQP_E_ARG, NULL, "fqp_ntk_sphere: no room for the eigenvalues was given");
    fqp_status s = check(k, d, radius, kmax);
    if (s)
        return s;
    const size_t rows = MOST_NODES + 1, width = (size_t)d;
    double *block = fqpi_alloc(k->ctx, rows * (5 + width) + 2 * width + (size_t)kmax + 1, sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    sphere z = {.k = k, .d = d, .kmax = kmax, .radius = radius};
    double **const part[] = {&z.angle, &z.weight, &z.f, &z.last, &z.p};
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        *part[i] = block + i * rows;
    z.points = block + 5 * rows;
    z.axes = z.points + rows * width;
    z.before = z.axes + 2 * width;
    s = check_isotropy(&z);
    if (!s)
        s = settle(&z, out);
    fqpi_free(block);
    return s;
}
