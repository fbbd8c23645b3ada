/* runge.c - polynomial interpolation of Runge's function 1/(1 + 25 x^2) on [-1, 1].
 *
 * Barycentric formula (Berrut & Trefethen 2004): p(x) = sum w_j f_j/(x - x_j) / sum w_j/(x - x_j), weights (-1)^j
 * C(n-1, j) for equispaced points, (-1)^j sin((2j+1) pi/(2n)) for Chebyshev points of the first kind. */
#include "measure.h"

#include <math.h>

enum { NODES = 64 };

typedef struct nodes {
    int n;
    double x[NODES], weight[NODES], value[NODES];
} nodes;

static double runge(double x) {
    return 1 / (1 + 25 * x * x);
}

static void equispaced(nodes *p) {
    double binomial = 1;
    for (int j = 0; j < p->n; j++) {
        p->x[j] = -1 + 2.0 * j / (p->n - 1);
        p->weight[j] = j % 2 ? -binomial : binomial;
        binomial *= (double)(p->n - 1 - j) / (j + 1);
    }
}

static void chebyshev(nodes *p) {
    for (int j = 0; j < p->n; j++) {
        const double angle = (2 * j + 1) * M_PI / (2 * p->n);
        p->x[j] = cos(angle);
        p->weight[j] = j % 2 ? -sin(angle) : sin(angle);
    }
}

static void (*const kind[])(nodes *) = {equispaced, chebyshev};

static bool place(double n, double which, nodes *p) {
    if (!(n >= 2 && n <= NODES) || !(which == 0 || which == 1))
        return false;
    p->n = (int)n;
    kind[(int)which](p);
    for (int j = 0; j < p->n; j++)
        p->value[j] = runge(p->x[j]);
    return true;
}

static double interpolate(const nodes *p, double x) {
    double above = 0, below = 0;
    for (int j = 0; j < p->n; j++) {
        if (x == p->x[j])
            return p->value[j];
        const double w = p->weight[j] / (x - p->x[j]);
        above += w * p->value[j];
        below += w;
    }
    return above / below;
}

static double polynomial_at(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    nodes p;
    return place(arg[0], arg[1], &p) ? interpolate(&p, arg[2]) : NAN;
}

static double polynomial_error(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)m;
    (void)nargs;
    enum { GRID = 2001 };
    nodes p;
    if (!place(arg[0], arg[1], &p))
        return NAN;
    double most = 0;
    for (int i = 0; i < GRID; i++) {
        const double x = -1 + 2.0 * i / (GRID - 1);
        most = fmax(most, fabs(interpolate(&p, x) - runge(x)));
    }
    return most;
}

const fqpi_measure fqpi_measures_runge[] = {
    {"polynomial_error", 2, 2, false, false,
     "polynomial_error(n, nodes): largest error on 2001 points of the polynomial through n points of Runge's function; "
     "nodes 0 equispaced, 1 Chebyshev",
     polynomial_error},
    {"polynomial_at", 3, 3, false, false, "polynomial_at(n, nodes, x): value of that polynomial", polynomial_at},
    {0}};
