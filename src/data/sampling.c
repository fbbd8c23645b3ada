/* sampling.c - points in a box: grids, uniform random, Latin hypercubes (McKay, Beckman & Conover 1979), Sobol, zeros
 * of Chebyshev polynomials. */
#include "data_i.h"
#include "rng.h"
#include "sobol.h"

#include <math.h>

/* Uses of FQPI_STREAM_POINTS. */
enum { UNIFORM = FQPI_STREAM_POINTS, STRATUM, SHIFT };

/* Coordinates a + i h as numpy.linspace gives them, the upper end exactly. */
static double grid_coordinate(const fqpi_box *box, int j, int64_t count, bool endpoint, int64_t i) {
    double a = box->lower[j], b = box->upper[j];
    if (endpoint && count > 1 && i == count - 1)
        return b;
    int64_t gaps = endpoint && count > 1 ? count - 1 : count;
    return a + (double)i * ((b - a) / (double)gaps);
}

void fqpi_grid_part(const fqpi_box *box, const int64_t *count, bool endpoint, const fqpi_part *part, double *x) {
    int64_t n = 1;
    for (int j = 0; j < box->d; j++)
        n *= fqpi_part_count(part, count[j]);
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i;
        for (int j = box->d - 1; j >= 0; j--) {
            const int64_t here = fqpi_part_count(part, count[j]);
            x[i * box->d + j] = grid_coordinate(box, j, count[j], endpoint, part->first + part->stride * (rest % here));
            rest /= here;
        }
    }
}

void fqpi_grid_fill(const fqpi_box *box, const int64_t *count, bool endpoint, int64_t n, double *x) {
    (void)n;
    fqpi_grid_part(box, count, endpoint, &(fqpi_part){0, 1}, x);
}

void fqpi_chebyshev_fill(const fqpi_box *box, const int64_t *count, int64_t n, double *x) {
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i;
        for (int j = box->d - 1; j >= 0; j--) {
            const double a = box->lower[j], b = box->upper[j];
            const double angle = M_PI * ((double)(rest % count[j]) + 0.5) / (double)count[j];
            x[i * box->d + j] = 0.5 * (a + b) - 0.5 * (b - a) * cos(angle);
            rest /= count[j];
        }
    }
}

static double inside(const fqpi_box *box, int j, double u) {
    return box->lower[j] + (box->upper[j] - box->lower[j]) * u;
}

static void random_fill(uint64_t seed, const fqpi_box *box, int64_t n, double *x) {
    for (int64_t i = 0; i < n * box->d; i++)
        x[i] = inside(box, (int)(i % box->d), fqpi_rng_uniform(seed, UNIFORM, (uint64_t)i));
}

/* Along every axis one point in each of n strata, in an order of its own. */
static void latin_fill(uint64_t seed, const fqpi_box *box, int64_t n, double *x) {
    int d = box->d;
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < d; j++) {
            uint64_t stratum = fqpi_rng_permuted(seed, STRATUM, (uint64_t)j, (uint64_t)n, (uint64_t)i);
            double u = fqpi_rng_uniform(seed, UNIFORM, (uint64_t)(i * d + j));
            x[i * d + j] = inside(box, j, ((double)stratum + u) / (double)n);
        }
}

static void sobol_fill(uint64_t seed, const fqpi_box *box, int64_t n, double *x) {
    uint64_t shift[FQPI_SOBOL_MAX_DIM];
    for (int j = 0; j < box->d; j++)
        shift[j] = fqpi_rng_bits(seed, SHIFT, (uint64_t)j);
    fqpi_sobol(0, n, box->d, shift, x);
    for (int64_t i = 0; i < n * box->d; i++)
        x[i] = inside(box, (int)(i % box->d), x[i]);
}

static const fqpi_sampling ROWS[] = {
    {"grid", "a regular grid, the last axis fastest", true, true, FQPI_BOX_MAX_DIM, NULL},
    {"random", "independent uniform points", false, false, FQPI_BOX_MAX_DIM, random_fill},
    {"latin", "Latin hypercube: one point in each of n strata along every axis", false, false, FQPI_BOX_MAX_DIM,
     latin_fill},
    {"sobol", "Sobol sequence with a digital shift drawn with the seed", false, false, FQPI_SOBOL_MAX_DIM, sobol_fill},
    {"chebyshev",
     "zeros of a Chebyshev polynomial along every axis, dense towards the ends, where equal spacing leaves the largest "
     "errors between points",
     true, false, FQPI_BOX_MAX_DIM, NULL},
};

const fqpi_sampling *fqpi_sampling_row(size_t i) {
    return i < sizeof ROWS / sizeof *ROWS ? &ROWS[i] : NULL;
}
