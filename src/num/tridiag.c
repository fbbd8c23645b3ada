/* tridiag.c - implicit QL with Wilkinson shifts (Bowdler, Martin, Reinsch, Wilkinson 1968: procedure tql2). */
#include "tridiag.h"

#include <float.h>
#include <math.h>

static void set_identity(int n, double *z) {
    for (int i = 0; i < n * n; i++)
        z[i] = 0;
    for (int i = 0; i < n; i++)
        z[i * n + i] = 1;
}

/* First index from l on below which the matrix splits. */
static int split(int n, const double *d, const double *e, int l) {
    int m = l;
    while (m + 1 < n && fabs(e[m]) > DBL_EPSILON * (fabs(d[m]) + fabs(d[m + 1])))
        m++;
    return m;
}

/* One QL sweep over the block [l, m]. */
static void sweep(int n, double *d, double *e, double *z, int l, int m) {
    double g = (d[l + 1] - d[l]) / (2 * e[l]), r = hypot(g, 1);
    g = d[m] - d[l] + e[l] / (g + copysign(r, g));
    double s = 1, c = 1, p = 0;
    for (int i = m - 1; i >= l; i--) {
        double f = s * e[i];
        const double b = c * e[i];
        r = hypot(f, g);
        e[i + 1] = r;
        if (r == 0) { /* the block splits here */
            d[i + 1] -= p;
            e[m] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        for (int k = 0; k < n; k++) {
            f = z[k * n + i + 1];
            z[k * n + i + 1] = s * z[k * n + i] + c * f;
            z[k * n + i] = c * z[k * n + i] - s * f;
        }
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
}

bool fqpi_tridiag_eigen(int n, double *diag, double *off, double *z) {
    set_identity(n, z);
    off[n - 1] = 0;
    for (int l = 0; l < n; l++) {
        int m, sweeps = 0;
        while ((m = split(n, diag, off, l)) != l) {
            if (sweeps++ == 60)
                return false;
            sweep(n, diag, off, z, l, m);
        }
    }
    return true;
}
