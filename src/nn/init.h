/* init.h - one row per rule of initialisation: how weights and biases of a layer are spread. */
#ifndef FQPI_INIT_H
#define FQPI_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zero-mean distribution: uniform on [-size, size], or normal with standard deviation size. */
typedef struct fqpi_spread {
    bool uniform;
    double size;
} fqpi_spread;

typedef struct fqpi_init_layer {
    int64_t layer, in, out; /* fan-in and fan-out */
    double weight_std;      /* model.weight_std */
    double omega0;          /* model.omega0 */
    double hidden_fans;     /* fan-in plus fan-out of the last layer between hidden ones, for the output layer; of the
                               others their own */
    bool ntk;               /* NTK parameters: the layer itself divides by sqrt(fan-in) */
} fqpi_init_layer;

typedef struct fqpi_init {
    const char *name, *doc;
    fqpi_spread (*weight)(const fqpi_init_layer *l);
    fqpi_spread (*bias)(const fqpi_init_layer *l); /* NULL: zero */
} fqpi_init;

/* The rows in order: a new one is one line here and one file in init/. */
#define FQPI_INITS(R)                                                                                                  \
    R(NORMAL, normal)                                                                                                  \
    R(UNIFORM, uniform)                                                                                                \
    R(GLOROT_UNIFORM, glorot_uniform)                                                                                  \
    R(GLOROT_NORMAL, glorot_normal)                                                                                    \
    R(HE_NORMAL, he_normal)                                                                                            \
    R(HE_UNIFORM, he_uniform)                                                                                          \
    R(LECUN_NORMAL, lecun_normal)                                                                                      \
    R(LECUN_UNIFORM, lecun_uniform)                                                                                    \
    R(TORCH, torch)                                                                                                    \
    R(NTK, ntk)                                                                                                        \
    R(SIREN, siren)                                                                                                    \
    R(MSCALE, mscale)

enum {
#define R(NAME, name) FQPI_INIT_##NAME,
    FQPI_INITS(R)
#undef R
};

const fqpi_init *fqpi_init_row(int init); /* NULL outside the table */

#endif
