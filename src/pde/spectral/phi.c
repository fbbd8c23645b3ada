/* phi.c - series, then doublings:  2^l phi_l(2z) = phi_0(z) phi_l(z) + sum_{j=1..l} phi_j(z)/(l - j)!. */
#include "spectral/phi.h"

#include <math.h>
#include <string.h>

enum { TERMS = 18, SQUARE = FQPI_PHI_MOST * FQPI_PHI_MOST };
static const double inverse_factorial[FQPI_PHI_COUNT] = {1, 1, 0.5, 1.0 / 6};

/* c = a b, + add on the diagonal */
static void multiply(int n, const double complex *a, const double complex *b, double add, double complex *c) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double complex sum = i == j ? add : 0;
            for (int k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
}

static double largest(int n, const double complex *z) {
    double most = 0;
    for (int i = 0; i < n; i++) {
        double row = 0;
        for (int j = 0; j < n; j++)
            row += cabs(z[i * n + j]);
        most = fmax(most, row);
    }
    return most;
}

/* What decides the series of z: |z^2|^(1/2) and |z^3|^(1/3), which are far below |z| where entries differ in scale
 * (Al-Mohy & Higham, SIAM J. Matrix Anal. Appl. 31, 970, 2009); a doubling too many costs half a bit. */
static double reach(int n, const double complex *z) {
    double complex square[SQUARE], cube[SQUARE];
    multiply(n, z, z, 0, square);
    multiply(n, square, z, 0, cube);
    return fmax(sqrt(largest(n, square)), cbrt(largest(n, cube)));
}

static void twice(int n, double complex phi[FQPI_PHI_COUNT][SQUARE]) {
    double complex old[FQPI_PHI_COUNT][SQUARE];
    memcpy(old, phi, sizeof old);
    for (int l = 0; l < FQPI_PHI_COUNT; l++) {
        multiply(n, old[0], old[l], 0, phi[l]);
        for (int i = 0; i < n * n; i++) {
            for (int j = 1; j <= l; j++)
                phi[l][i] += inverse_factorial[l - j] * old[j][i];
            phi[l][i] = ldexp(1, -l) * phi[l][i];
        }
    }
}

void fqpi_phi(int n, const double complex *z, double complex phi[FQPI_PHI_COUNT][SQUARE]) {
    double complex small[SQUARE], sum[SQUARE] = {0};
    const double size = reach(n, z);
    int doublings = 0;
    while (ldexp(size, -doublings) > 0.5 && doublings < 1000)
        doublings++;
    for (int i = 0; i < n * n; i++)
        small[i] = ldexp(1, -doublings) * z[i];
    /* Horner: phi_3 = (1 + z/4 (1 + z/5 (1 + ..)))/3! */
    for (int j = TERMS; j >= 0; j--) {
        double complex next[SQUARE];
        multiply(n, small, sum, 0, next);
        for (int i = 0; i < n * n; i++)
            sum[i] = (next[i] + (i % (n + 1) == 0 ? 1 : 0)) / (j > 0 ? j + FQPI_PHI_COUNT - 1 : 6);
    }
    memcpy(phi[FQPI_PHI_COUNT - 1], sum, sizeof sum);
    for (int l = FQPI_PHI_COUNT - 2; l >= 0; l--)
        multiply(n, small, phi[l + 1], inverse_factorial[l], phi[l]);
    while (doublings-- > 0)
        twice(n, phi);
}
