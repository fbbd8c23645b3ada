/* activation.h - one row per activation: plain scalar reference, documentation, parameter. */
#ifndef FQPI_ACTIVATION_H
#define FQPI_ACTIVATION_H

#include "activation_list.h"

#include <stdbool.h>

enum { FQPI_DERIVATIVES = 6 }; /* sigma and its derivatives to order 5 */

typedef struct fqpi_activation {
    const char *name, *doc;
    const char *parameter; /* what activation_param means; NULL: it has none */
    double value;          /* its default */
    double least, most;    /* accepted range, ends included */
    bool omega0;           /* in a network sigma is eval of omega0 z, with activation_param/omega0 for its parameter */
    /* sigma(z) and its derivatives into f; returns the highest order that is an ordinary function (a kink of sigma
     * makes sigma'' a delta, which no value can stand for): entries beyond it are left alone, or NaN. */
    int (*eval)(double param, double z, double f[FQPI_DERIVATIVES]);
    const char *c; /* sigma as a C99 expression of z and the parameter p, for exported functions */
} fqpi_activation;

const fqpi_activation *fqpi_activation_row(int activation); /* NULL outside the table */

/* As fqp_activation_eval, to order 5; NaN beyond what the row supplies. */
int fqpi_activation_derivatives(int activation, double param, double z, double f[FQPI_DERIVATIVES]);

#define R(NAME, name) extern const fqpi_activation fqpi_activation_##name;
FQPI_ACTIVATIONS(R)
#undef R

#endif
