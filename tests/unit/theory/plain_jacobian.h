/* plain_jacobian.h - a network's Jacobian by the chain rule, one parameter after the other, in plain loops: the other
 * road to its kernel. */
#ifndef PLAIN_JACOBIAN_H
#define PLAIN_JACOBIAN_H

#include "net.h"
#include "rng.h"
#include "support.h"

#include <stdlib.h>

static inline int find(const char *(*name)(size_t, const char **), const char *word) {
    for (size_t i = 0; name(i, NULL); i++)
        if (!strcmp(name(i, NULL), word))
            return (int)i;
    fail_msg("there is no \"%s\"", word);
    return -1;
}

static inline double *some_points(int64_t n, int64_t d, uint64_t seed) {
    double *x = calloc((size_t)(n * d), sizeof *x);
    for (int64_t i = 0; i < n * d; i++)
        x[i] = 2 * fqpi_rng_uniform(seed, FQPI_STREAM_TEST, (uint64_t)i) - 1;
    return x;
}

static inline double parameter(const fqp_model *net, int64_t i) {
    return fqp_model_precision(net) == FQP_F32 ? (double)((const float *)net->w)[i] : ((const double *)net->w)[i];
}

/* dh_a/dz_b of an output map at h. */
static inline double map_slope(const char *map, const double *h, int64_t a, int64_t b) {
    if (!strcmp(map, "softmax"))
        return h[a] * ((a == b) - h[b]);
    if (!strcmp(map, "sigmoid"))
        return a == b ? h[a] * (1 - h[a]) : 0;
    return a == b;
}

/* Where the weights of neuron o of a layer begin, its bias, and the first input that it sees. */
static inline int64_t plain_row(const fqpi_layer *y, int64_t o) {
    return fqpi_weight_block(y, o / fqpi_block_out(y)) + o % fqpi_block_out(y) * fqpi_block_in(y);
}
static inline int64_t plain_bias(const fqpi_layer *y, int64_t o) {
    return fqpi_bias_block(y, o / fqpi_block_out(y)) + o % fqpi_block_out(y);
}
static inline int64_t plain_column(const fqpi_layer *y, int64_t o) {
    return o / fqpi_block_out(y) * fqpi_block_in(y);
}

/* Rows of all outputs at one point: J [m][P], zero before. */
static inline void plain_rows(const fqp_model *net, const double *x, double *J) {
    enum { WIDEST = 64, DEEPEST = 8 };
    double h[DEEPEST + 1][WIDEST], slope[DEEPEST][WIDEST], map[WIDEST], dz[WIDEST], below[WIDEST], f[4];
    assert_true(net->widest <= WIDEST && net->layers <= DEEPEST);
    const fqp_view point = fqp_view_1d(x, net->embed.d);
    for (int64_t b = 0; b < net->embed.branches; b++) { /* what the first layer sees */
        const fqpi_embed e = fqpi_embed_branch(&net->embed, b);
        double *to = h[0] + b * e.width;
        for (int64_t i = 0; i < e.width && e.row->map;)
            i += e.row->map(&e, point, 0, i, 1, NULL, to + i);
        for (int64_t i = 0; i < e.width && !e.row->map; i++)
            to[i] = e.scale * x[i];
    }
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        for (int64_t o = 0; o < y->out; o++) {
            const int64_t in = fqpi_block_in(y);
            double z = y->bias < 0 ? 0 : y->bias_scale * parameter(net, plain_bias(y, o));
            for (int64_t i = 0; i < in; i++)
                z += y->scale * parameter(net, plain_row(y, o) + i) * h[l][plain_column(y, o) + i];
            const bool last = l == net->layers - 1, sine = y->act == FQPI_ACT_SIN;
            fqp_activation_eval(y->act, sine ? 1 : y->param, y->omega * z, f);
            h[l + 1][o] = last ? z : f[0];
            slope[l][o] = last ? 1 : y->omega * f[1];
        }
    }
    double sum = 0;
    for (int64_t a = 0; a < net->m; a++)
        sum += exp(h[net->layers][a]);
    for (int64_t a = 0; a < net->m; a++)
        map[a] =
            !strcmp(net->output->name, "softmax") ? exp(h[net->layers][a]) / sum : 1 / (1 + exp(-h[net->layers][a]));
    for (int64_t a = 0; a < net->m; a++) {
        for (int64_t b = 0; b < net->m; b++)
            dz[b] = map_slope(net->output->name, map, a, b);
        for (int64_t l = net->layers - 1; l >= 0; l--) {
            const fqpi_layer *y = &net->layer[l];
            double *row = J + a * net->parameters;
            memset(below, 0, sizeof below);
            for (int64_t o = 0; o < y->out; o++) {
                const int64_t first = plain_column(y, o);
                for (int64_t i = 0; i < fqpi_block_in(y); i++) {
                    row[plain_row(y, o) + i] += y->scale * dz[o] * h[l][first + i];
                    below[first + i] += y->scale * parameter(net, plain_row(y, o) + i) * dz[o];
                }
                if (y->bias >= 0)
                    row[plain_bias(y, o)] += y->bias_scale * dz[o];
            }
            for (int64_t i = 0; i < y->in; i++)
                dz[i] = l > 0 ? below[i] * slope[l - 1][i] : 0;
        }
    }
}

/* J [n][m][P] */
static inline double *plain_jacobian(const fqp_model *net, const double *x, int64_t n) {
    double *J = calloc((size_t)(n * net->m * net->parameters), sizeof *J);
    for (int64_t i = 0; i < n; i++)
        plain_rows(net, x + i * net->embed.d, J + i * net->m * net->parameters);
    return J;
}

/* Entry of J J^T of outputs a at point i and b at point j. */
static inline double plain_product(const fqp_model *net, const double *Ja, int64_t i, int64_t a, const double *Jb,
                                   int64_t j, int64_t b) {
    double sum = 0;
    for (int64_t p = 0; p < net->parameters; p++)
        sum += Ja[(i * net->m + a) * net->parameters + p] * Jb[(j * net->m + b) * net->parameters + p];
    return sum;
}

#endif
