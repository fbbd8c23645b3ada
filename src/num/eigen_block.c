/* eigen_block.c - a new block of a Lanczos basis: orthogonal to what is there, orthonormal in itself.
 *
 * Projection by classical Gram-Schmidt and orthonormalisation by the eigenvectors of the block's own Gram matrix (SVQB,
 * Stathopoulos & Wu, SIAM J. Sci. Comput. 23, 2165, 2002) are repeated until neither changes much: then both hold to
 * rounding.  Directions of a size that is rounding - the Krylov space is exhausted - are replaced by random ones, which
 * finds the further copies of a multiple eigenvalue. */
#include "eigen_i.h"
#include "fail.h"
#include "lapack.h"
#include "rng.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_ROUNDS = 8 };
static const double CLEAN = 0.25;             /* square of the length that must remain for a round to be the last */
static const double NOISE = 64 * DBL_EPSILON; /* directions below this share of |A| are rounding */

static double *next_block(const fqpi_lanczos_state *l) {
    return l->basis + l->panels * l->p.n * l->p.b;
}

void fqpi_lanczos_random(fqpi_lanczos_state *l) {
    const int64_t size = l->p.n * l->p.b;
    fqpi_rng_normals(0, FQPI_STREAM_DIRECTION, l->draws, size, next_block(l));
    l->draws += (uint64_t)size;
}

static void random_column(fqpi_lanczos_state *l, int64_t c) {
    const double scale = 1 / sqrt((double)l->p.n);
    double *x = next_block(l);
    for (int64_t i = 0; i < l->p.n; i++)
        x[i * l->p.b + c] = scale * fqpi_rng_normal(0, FQPI_STREAM_DIRECTION, l->draws++);
}

/* x -= Q Q^T x over `count` panels from `first` on; what an image loses goes to t. */
static void project(fqpi_lanczos_state *l, bool image, int64_t first, int64_t count) {
    const int64_t b = l->p.b, rows = count * b, column = (l->panels - 1) * b, stride = l->most * b;
    const double *q = l->basis + first * l->p.n * b;
    if (count <= 0)
        return;
    fqpi_panels_inner(&l->p, count, q, next_block(l), l->h);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; image && j < b; j++)
            for (int64_t k = 0; k < b; k++)
                l->t[(first * b + i) * stride + column + j] += l->h[i * b + k] * l->coupling[k * b + j];
    for (int64_t i = 0; i < rows * b; i++)
        l->h[i] = -l->h[i];
    fqpi_panels_add(&l->p, count, q, l->h, next_block(l));
}

/* An image has parts along its own panel, the one before, and those of a restart; along others it has rounding, which
 * the next round takes out. */
static void project_near(fqpi_lanczos_state *l) {
    const int64_t near = l->panels - l->kept < 2 ? l->panels - l->kept : 2;
    project(l, true, 0, l->kept);
    project(l, true, l->panels - near, near);
}

/* x = y B with orthonormal y as far as one round can: y takes the place of x, coupling becomes B coupling.  *least: the
 * smallest squared length or eigenvalue met. */
static fqp_status orthonormalise(fqpi_lanczos_state *l, double *least) {
    const int64_t b = l->p.b;
    double *x = next_block(l), *g = l->gram, *turn = l->turn, length[FQPI_LANCZOS_BLOCK], value[FQPI_LANCZOS_BLOCK];
    fqpi_panels_inner(&l->p, 1, x, x, g);
    *least = INFINITY;
    for (int64_t i = 0; i < b; i++) {
        length[i] = sqrt(g[i * b + i]);
        *least = fmin(*least, g[i * b + i]);
        length[i] = length[i] > 0 ? length[i] : 1;
    }
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j <= i; j++)
            g[i * b + j] /= length[i] * length[j];
    fqp_status s = fqpi_symmetric_eigen(l->ctx, l->who, b, g, value);
    if (s)
        return s;
    *least = fmin(*least, value[0]);
    for (int64_t i = 0; i < b; i++)
        value[i] = sqrt(fmax(value[i], DBL_EPSILON * (double)b * value[b - 1]));
    for (int64_t r = 0; r < b; r++)
        for (int64_t i = 0; i < b; i++)
            turn[r * b + i] = g[i * b + r] / (length[r] * value[i]);
    fqpi_panels_turn(&l->p, 1, x, turn, 1, x);
    memcpy(l->saved, l->coupling, (size_t)(b * b) * sizeof(double));
    for (int64_t i = 0; i < b; i++)
        for (int64_t j = 0; j < b; j++) {
            double sum = 0;
            for (int64_t c = 0; c < b; c++)
                sum += g[i * b + c] * length[c] * l->saved[c * b + j];
            l->coupling[i * b + j] = value[i] * sum;
        }
    return FQP_OK;
}

/* Directions that are rounding. */
static void replace_noise(fqpi_lanczos_state *l) {
    const int64_t b = l->p.b;
    for (int64_t i = 0; i < b; i++) {
        double square = 0;
        for (int64_t j = 0; j < b; j++)
            square += l->coupling[i * b + j] * l->coupling[i * b + j];
        if (sqrt(square) > NOISE * l->norm)
            continue;
        random_column(l, i);
        memset(l->coupling + i * b, 0, (size_t)b * sizeof(double));
    }
}

static void mirror(fqpi_lanczos_state *l) {
    const int64_t b = l->p.b, rows = l->panels * b, first = rows - b, stride = l->most * b;
    for (int64_t j = first; j < rows; j++)
        for (int64_t i = 0; i < j; i++) {
            double *upper = &l->t[i * stride + j], *lower = &l->t[j * stride + i];
            if (i >= first)
                *upper = 0.5 * (*upper + *lower);
            *lower = *upper;
        }
}

fqp_status fqpi_lanczos_orthonormal(fqpi_lanczos_state *l, bool image) {
    const int64_t b = l->p.b, rows = l->panels * b, stride = l->most * b;
    memset(l->coupling, 0, (size_t)(b * b) * sizeof(double));
    for (int64_t i = 0; i < b; i++)
        l->coupling[i * b + i] = 1;
    for (int64_t i = 0; image && i < rows; i++)
        memset(&l->t[i * stride + rows - b], 0, (size_t)b * sizeof(double));
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double least;
        if (round == 0 && image)
            project_near(l);
        else
            project(l, image, 0, l->panels);
        fqp_status s = orthonormalise(l, &least);
        if (s)
            return s;
        if (round == 0 && image)
            replace_noise(l);
        else if (least > CLEAN) {
            if (image)
                mirror(l);
            return FQP_OK;
        }
    }
    return fqpi_fail(l->ctx, FQP_E_DATA, NULL, "%s: no further direction could be found among %lld", l->who,
                     (long long)l->p.n);
}
