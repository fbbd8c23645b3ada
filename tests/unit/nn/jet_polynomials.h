/* jet_polynomials.h - dense networks in arithmetic of truncated polynomials: derivatives without the formulas of jets.
 */
#ifndef TEST_NN_JET_POLYNOMIALS_H
#define TEST_NN_JET_POLYNOMIALS_H

#include "jet.h"

#include <math.h>
#include <string.h>

/* Polynomials in the displacements of three inputs, terms of more than four factors left out: what derivatives are
 * made of, without a word about partitions. */
enum { SIDE = 5, TERMS = SIDE * SIDE * SIDE };
typedef struct polynomial {
    double c[TERMS]; /* of e0^i e1^j e2^k at (i SIDE + j) SIDE + k */
} polynomial;

static inline int degree(int at) {
    return at / SIDE / SIDE + at / SIDE % SIDE + at % SIDE;
}

static inline void add_product(polynomial *to, double factor, const polynomial *a, const polynomial *b) {
    for (int i = 0; i < TERMS; i++)
        for (int j = 0; a->c[i] != 0 && j < TERMS; j++)
            if (b->c[j] != 0 && degree(i) + degree(j) < SIDE)
                to->c[i + j] += factor * a->c[i] * b->c[j];
}

/* sum of s^(k)(p0)/k! (p - p0)^k */
static inline polynomial compose(int act, double param, double omega, polynomial p) {
    double f[FQPI_DERIVATIVES], scale = 1;
    const bool sine = act == FQPI_ACT_SIN; /* whose parameter the reference row takes for omega */
    fqpi_activation_derivatives(act, sine ? 1 : param, omega * p.c[0], f);
    p.c[0] = 0;
    polynomial power = {{1}}, sum = {{0}};
    for (int q = 0; q < SIDE; q++) {
        polynomial next = {{0}};
        for (int i = 0; i < TERMS && isfinite(f[q]); i++)
            sum.c[i] += f[q] * scale * power.c[i];
        add_product(&next, 1, &power, &p);
        power = next;
        scale *= omega / (q + 1);
    }
    return sum;
}

static inline double weight(const fqp_model *net, int64_t at) {
    return ((const double *)fqpi_live(net))[at];
}

/* A network of dense layers of the coordinates in double precision, at one point. */
static inline void network(const fqp_model *net, const double *x, polynomial *out) {
    enum { WIDE = 64 };
    static polynomial h[WIDE], z[WIDE];
    memset(h, 0, sizeof h);
    for (int64_t b = 0; b < net->embed.branches; b++)
        for (int64_t i = 0; i < net->embed.d; i++) {
            h[b * net->embed.d + i].c[0] = net->embed.scales[b] * x[i];
            h[b * net->embed.d + i].c[i == 0 ? SIDE * SIDE : i == 1 ? SIDE : 1] = net->embed.scales[b];
        }
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t in = fqpi_block_in(y), rows = fqpi_block_out(y);
        memset(z, 0, sizeof z);
        for (int64_t o = 0; o < y->out; o++) {
            const int64_t b = o / rows, r = o % rows;
            for (int64_t i = 0; i < in; i++)
                for (int q = 0; q < TERMS; q++)
                    z[o].c[q] += y->scale * weight(net, fqpi_weight_block(y, b) + r * in + i) * h[b * in + i].c[q];
            z[o].c[0] += y->bias < 0 ? 0 : y->bias_scale * weight(net, fqpi_bias_block(y, b) + r);
            z[o] = compose(y->act, y->param, y->omega, z[o]);
        }
        memcpy(h, z, sizeof h);
    }
    memcpy(out, h, (size_t)net->m * sizeof *out);
}

static inline double coefficient(const polynomial *p, const uint8_t order[3]) {
    double factorial = 1;
    for (int i = 0; i < 3; i++)
        for (int q = 2; q <= order[i]; q++)
            factorial *= q;
    return factorial * p->c[(order[0] * SIDE + order[1]) * SIDE + order[2]];
}

static inline double derivative(const polynomial *p, const fqp_derivative *of) {
    double sum = 0;
    for (int i = 0; i < 3 && of->summed; i++) {
        uint8_t twice[3] = {0};
        twice[i] = 2;
        sum += of->order[i] ? coefficient(p, twice) : 0;
    }
    return of->summed ? sum : coefficient(p, of->order);
}

#endif
