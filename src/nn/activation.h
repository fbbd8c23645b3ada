/* activation.h - one row per activation: plain scalar reference, documentation, parameter. */
#ifndef FQPI_ACTIVATION_H
#define FQPI_ACTIVATION_H

#include "activation_list.h"

#include <stdbool.h>

typedef struct fqpi_activation {
    const char *name, *doc;
    const char *parameter; /* what activation_param means; NULL: it has none */
    double value;          /* its default */
    double least, most;    /* accepted range, ends included */
    bool omega0;           /* in a network sigma is eval of omega0 z, with activation_param/omega0 for its parameter */
    /* sigma(z) and its derivatives into f[0..3]; returns the highest order that is an ordinary function (a kink of
     * sigma makes sigma'' a delta, which no value can stand for): entries beyond it are NaN. */
    int (*eval)(double param, double z, double f[4]);
    const char *c; /* sigma as a C99 expression of z and the parameter p, for exported functions */
} fqpi_activation;

const fqpi_activation *fqpi_activation_row(int activation); /* NULL outside the table */

#define R(NAME, name) extern const fqpi_activation fqpi_activation_##name;
FQPI_ACTIVATIONS(R)
#undef R

#endif
