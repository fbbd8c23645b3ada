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

/* Rows of all outputs at one point: J [m][P]. */
static inline void plain_rows(const fqp_model *net, const double *x, double *J) {
    enum { WIDEST = 64, DEEPEST = 8 };
    double h[DEEPEST + 1][WIDEST], slope[DEEPEST][WIDEST], map[WIDEST], dz[WIDEST], below[WIDEST], f[4];
    assert_true(net->widest <= WIDEST && net->layers <= DEEPEST);
    const fqp_view point = fqp_view_1d(x, net->embed.d);
    for (int64_t i = 0; i < net->d && net->embed.row->map;) /* what the first layer sees */
        i += net->embed.row->map(&net->embed, point, 0, i, 0, 0, h[0] + i);
    if (!net->embed.row->map)
        memcpy(h[0], x, (size_t)net->d * sizeof *x);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        for (int64_t o = 0; o < y->out; o++) {
            double z = y->bias < 0 ? 0 : y->bias_scale * parameter(net, y->bias + o);
            for (int64_t i = 0; i < y->in; i++)
                z += y->scale * parameter(net, y->weight + o * y->in + i) * h[l][i];
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
            for (int64_t o = 0; o < y->out; o++) {
                for (int64_t i = 0; i < y->in; i++)
                    row[y->weight + o * y->in + i] = y->scale * dz[o] * h[l][i];
                if (y->bias >= 0)
                    row[y->bias + o] = y->bias_scale * dz[o];
            }
            for (int64_t i = 0; i < y->in && l > 0; i++) {
                below[i] = 0;
                for (int64_t o = 0; o < y->out; o++)
                    below[i] += y->scale * parameter(net, y->weight + o * y->in + i) * dz[o];
                below[i] *= slope[l - 1][i];
            }
            memcpy(dz, below, sizeof dz);
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
