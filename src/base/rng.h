/* rng.h - counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, Random123).
 *
 * A draw is a pure function of (seed, stream, index): no state, any order, any thread, the same bits. Streams keep
 * uses apart. */
#ifndef FQPI_RNG_H
#define FQPI_RNG_H

#include <stdint.h>

enum {
    FQPI_STREAM_WEIGHT = 1 << 16, /* + layer */
    FQPI_STREAM_BIAS = 2 << 16,   /* + layer */
    FQPI_STREAM_BATCH = 3 << 16,  /* + epoch mixed in by the caller's index */
    FQPI_STREAM_POINTS = 4 << 16,
    FQPI_STREAM_NOISE = 5 << 16,
    FQPI_STREAM_LABELS = 6 << 16,
    FQPI_STREAM_SPLIT = 7 << 16,
    FQPI_STREAM_TARGET = 8 << 16, /* u1, u2, ... of target expressions */
    FQPI_STREAM_DIRECTION = 9 << 16,
    FQPI_STREAM_TEST = 10 << 16,
    FQPI_STREAM_FEATURES = 11 << 16,
    FQPI_STREAM_JITTER = 11 << 16,
    FQPI_STREAM_SLOPES = 13 << 16, /* + layer */
    FQPI_STREAM_FILTER = 14 << 16, /* + 4 for each feature of a network */
    FQPI_STREAM_CURVATURE = 24 << 16,
    FQPI_STREAM_RESAMPLE = 25 << 16,
    FQPI_STREAM_PLACES = 26 << 16, /* of the pieces of a differential equation */
    FQPI_STREAM_MEASURED = 27 << 16,
    FQPI_STREAM_DOMAIN = 40 << 16,   /* + 1: the draw's own seed, + 2: on the border */
    FQPI_STREAM_OBJECTIVE = 45 << 16 /* + 1: points by residual, + 2: looks back */
};

uint64_t fqpi_rng_bits(uint64_t seed, uint32_t stream, uint64_t index);
double fqpi_rng_uniform(uint64_t seed, uint32_t stream, uint64_t index); /* (0,1), 53 bits */
double fqpi_rng_normal(uint64_t seed, uint32_t stream, uint64_t index);  /* N(0,1), Box-Muller */
/* out[i] = fqpi_rng_normal(seed, stream, first + i), the same bits in less time. */
void fqpi_rng_normals(uint64_t seed, uint32_t stream, uint64_t first, int64_t n, double *out);
/* Integer in [0, n), unbiased to 2^-64. */
uint64_t fqpi_rng_below(uint64_t seed, uint32_t stream, uint64_t index, uint64_t n);
/* Fisher-Yates permutation of 0..n-1 as a function of (seed, stream, round). */
void fqpi_rng_permutation(uint64_t seed, uint32_t stream, uint64_t round, int64_t n, int64_t *out);
/* Position i of a permutation of 0..n-1 without storing it (Feistel network with cycle walking). */
uint64_t fqpi_rng_permuted(uint64_t seed, uint32_t stream, uint64_t round, uint64_t n, uint64_t i);

#endif
