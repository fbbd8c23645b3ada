/* harmonic_cg.c - conjugate gradients for waves on scattered points, by products with a Toeplitz matrix through an FFT.
 *
 * The rounds build the Lanczos matrix of the normal equations on their way (Golub & Van Loan, sec. 11.3): its
 * eigenvalues say how well the points tell the waves apart. */
#include "harmonic_i.h"
#include "mem.h"
#include "spread.h"
#include "tridiag.h"

#include <math.h>
#include <string.h>

static const double CLOSE = 1e-12;

static int64_t all_cells(const fqpi_harmonic *h) {
    int64_t all = 1;
    for (int a = 0; a < h->d; a++)
        all *= h->cells[a];
    return all;
}

/* Where entry i of a box of |k_a| <= reach K_a stands in the circulant. */
static int64_t place(const fqpi_harmonic *h, int64_t i, int64_t reach) {
    int64_t k[FQPI_HARMONIC_AXES], at = 0;
    for (int a = h->d - 1; a >= 0; a--) {
        const int64_t side = 2 * reach * h->K[a] + 1;
        k[a] = i % side - reach * h->K[a];
        i /= side;
    }
    for (int a = 0; a < h->d; a++)
        at = at * h->cells[a] + (k[a] + h->cells[a]) % h->cells[a];
    return at;
}

fqp_status fqpi_harmonic_cg_create(fqp_ctx *ctx, fqpi_harmonic *h, const double *T) {
    int64_t wide = 1;
    for (int a = 0; a < h->d; a++) {
        h->cells[a] = fqpi_spread_cells(4 * h->K[a] + 1);
        wide *= 4 * h->K[a] + 1;
    }
    const int64_t all = all_cells(h);
    h->symbol = fqpi_alloc(ctx, (size_t)all, sizeof *h->symbol);
    h->rest = fqpi_alloc(ctx, 6 * (size_t)h->box, sizeof *h->rest);
    h->step = fqpi_alloc(ctx, 2 * FQPI_HARMONIC_ROUNDS, sizeof *h->step);
    fqp_status s = h->symbol && h->rest && h->step ? FQP_OK : FQP_E_NOMEM;
    s = s ? s : fqpi_cfft_create(ctx, h->d, h->cells, &h->fft);
    if (s)
        return s;
    h->direction = h->rest + 2 * h->box;
    h->product = h->direction + 2 * h->box;
    h->ratio = h->step + FQPI_HARMONIC_ROUNDS;
    double *field = fqpi_cfft_field(h->fft);
    memset(field, 0, 2 * (size_t)all * sizeof *field);
    for (int64_t i = 0; i < wide; i++)
        memcpy(field + 2 * place(h, i, 2), T + 2 * i, 2 * sizeof *field);
    fqpi_cfft_run(h->fft, -1);
    for (int64_t i = 0; i < all; i++)
        h->symbol[i] = field[2 * i] / (double)all; /* T_-q is the conjugate of T_q: no imaginary part */
    return FQP_OK;
}

void fqpi_harmonic_cg_destroy(fqpi_harmonic *h) {
    fqpi_cfft_destroy(h->fft);
    fqpi_free(h->symbol);
    fqpi_free(h->rest);
    fqpi_free(h->step);
}

/* out_k = sum_l T_{k-l} v_l */
static void multiply(fqpi_harmonic *h, const double *v, double *out) {
    const int64_t all = all_cells(h);
    double *field = fqpi_cfft_field(h->fft);
    memset(field, 0, 2 * (size_t)all * sizeof *field);
    for (int64_t i = 0; i < h->box; i++)
        memcpy(field + 2 * place(h, i, 1), v + 2 * i, 2 * sizeof *field);
    fqpi_cfft_run(h->fft, -1);
    for (int64_t i = 0; i < all; i++) {
        field[2 * i] *= h->symbol[i];
        field[2 * i + 1] *= h->symbol[i];
    }
    fqpi_cfft_run(h->fft, 1);
    for (int64_t i = 0; i < h->box; i++)
        memcpy(out + 2 * i, field + 2 * place(h, i, 1), 2 * sizeof *out);
}

static double dot(int64_t n, const double *a, const double *b) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

int fqpi_harmonic_cg(fqpi_harmonic *h, double *x) {
    const int64_t n = 2 * h->box;
    double *r = h->rest, *p = h->direction, *q = h->product, size = dot(n, h->sum, h->sum);
    const double enough = CLOSE * CLOSE * size;
    memset(x, 0, (size_t)n * sizeof *x);
    memcpy(r, h->sum, (size_t)n * sizeof *r);
    memcpy(p, r, (size_t)n * sizeof *p);
    int round = 0;
    for (; round < FQPI_HARMONIC_ROUNDS && size > enough; round++) {
        multiply(h, p, q);
        const double step = size / dot(n, p, q);
        for (int64_t i = 0; i < n; i++) {
            x[i] += step * p[i];
            r[i] -= step * q[i];
        }
        const double next = dot(n, r, r), ratio = next / size;
        for (int64_t i = 0; i < n; i++)
            p[i] = r[i] + ratio * p[i];
        h->step[round] = step;
        h->ratio[round] = ratio;
        size = next;
    }
    return round;
}

fqp_status fqpi_harmonic_cg_condition(fqp_ctx *ctx, fqpi_harmonic *h, int rounds) {
    double least = INFINITY, most = 0, *diag = fqpi_alloc(ctx, (size_t)rounds * ((size_t)rounds + 2), sizeof *diag);
    if (!diag)
        return FQP_E_NOMEM;
    double *off = diag + rounds, *z = off + rounds;
    for (int i = 0; i < rounds; i++) {
        diag[i] = 1 / h->step[i] + (i ? h->ratio[i - 1] / h->step[i - 1] : 0);
        off[i] = sqrt(h->ratio[i]) / h->step[i];
    }
    const bool found = fqpi_tridiag_eigen(rounds, diag, off, z);
    for (int i = 0; i < rounds; i++) {
        least = fmin(least, diag[i]);
        most = fmax(most, diag[i]);
    }
    h->condition = found && least > 0 && rounds < FQPI_HARMONIC_ROUNDS ? most / least : INFINITY;
    fqpi_free(diag);
    return FQP_OK;
}
