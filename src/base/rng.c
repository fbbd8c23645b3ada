/* rng.c - Philox4x32-10 as shipped by Random123 (Salmon, Moraes, Dror, Shaw, SC'11). */
#include "rng.h"

#include <math.h>
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#include <Random123/philox.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

typedef struct pair {
    uint64_t a, b;
} pair;

/* key = seed, counter = (index, stream): every draw has its own block of 128 bits. */
static pair block(uint64_t seed, uint32_t stream, uint64_t index) {
    philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), stream, 0}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t r = philox4x32(counter, key);
    return (pair){(uint64_t)r.v[1] << 32 | r.v[0], (uint64_t)r.v[3] << 32 | r.v[2]};
}

/* The middle of one of 2^53 cells of (0,1): never 0, never 1. */
static double open_unit(uint64_t bits) {
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

uint64_t fqpi_rng_bits(uint64_t seed, uint32_t stream, uint64_t index) {
    return block(seed, stream, index).a;
}

double fqpi_rng_uniform(uint64_t seed, uint32_t stream, uint64_t index) {
    return open_unit(block(seed, stream, index).a);
}

double fqpi_rng_normal(uint64_t seed, uint32_t stream, uint64_t index) {
    pair p = block(seed, stream, index);
    return sqrt(-2.0 * log(open_unit(p.a))) * cos(2.0 * 3.14159265358979323846 * open_unit(p.b));
}

/* Philox4x32-10 again, for LANES neighbouring counters at a time in loops that compilers turn into vectors. */
enum { LANES = 8 };

static void blocks(uint64_t seed, uint32_t stream, uint64_t first, pair out[LANES]) {
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES], k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (uint64_t i = 0; i < LANES; i++) {
        c0[i] = (uint32_t)(first + i);
        c1[i] = (uint32_t)((first + i) >> 32);
        c2[i] = stream;
        c3[i] = 0;
    }
    for (int round = 0; round < 10; round++, k0 += PHILOX_W32_0, k1 += PHILOX_W32_1)
        for (int i = 0; i < LANES; i++) {
            uint64_t p0 = (uint64_t)PHILOX_M4x32_0 * c0[i], p1 = (uint64_t)PHILOX_M4x32_1 * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)p1;
            c3[i] = (uint32_t)p0;
        }
    for (int i = 0; i < LANES; i++)
        out[i] = (pair){(uint64_t)c1[i] << 32 | c0[i], (uint64_t)c3[i] << 32 | c2[i]};
}

/* Stage by stage instead of number by number, so that neighbours overlap. */
void fqpi_rng_normals(uint64_t seed, uint32_t stream, uint64_t first, int64_t n, double *out) {
    enum { PART = 16 * LANES };
    pair p[PART];
    for (int64_t at = 0; at < n; at += PART) {
        int64_t m = n - at < PART ? n - at : PART;
        double *to = out + at;
        for (int64_t i = 0; i < m; i += LANES)
            blocks(seed, stream, first + (uint64_t)(at + i), p + i);
        for (int64_t i = 0; i < m; i++)
            to[i] = log(open_unit(p[i].a));
        for (int64_t i = 0; i < m; i++)
            to[i] = sqrt(-2.0 * to[i]) * cos(2.0 * 3.14159265358979323846 * open_unit(p[i].b));
    }
}

__extension__ typedef unsigned __int128 wide;

/* Multiply-shift (Lemire 2019) without the rejection: the bias is below n/2^64. */
static uint64_t scaled(uint64_t bits, uint64_t n) {
    return (uint64_t)(((wide)bits * n) >> 64);
}

uint64_t fqpi_rng_below(uint64_t seed, uint32_t stream, uint64_t index, uint64_t n) {
    return scaled(block(seed, stream, index).a, n);
}

void fqpi_rng_permutation(uint64_t seed, uint32_t stream, uint64_t round, int64_t n, int64_t *out) {
    for (int64_t i = 0; i < n; i++)
        out[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        uint64_t bits = block(seed ^ (round * 0x9E3779B97F4A7C15u), stream, (uint64_t)i).a;
        int64_t j = (int64_t)scaled(bits, (uint64_t)i + 1);
        int64_t t = out[i];
        out[i] = out[j];
        out[j] = t;
    }
}

/* A Feistel network on the next even number of bits, walked until it lands below n (Black & Rogaway 2002). */
uint64_t fqpi_rng_permuted(uint64_t seed, uint32_t stream, uint64_t round, uint64_t n, uint64_t i) {
    unsigned half = 1;
    while (half < 32 && (n - 1) >> (2 * half) != 0)
        half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t r = 0; r < 6; r++) {
            uint64_t f = block(seed ^ (round * 0x9E3779B97F4A7C15u), stream, right << 3 | r).a & mask;
            uint64_t swap = right;
            right = left ^ f;
            left = swap;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
