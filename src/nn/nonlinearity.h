/* nonlinearity.h - which activation a layer has, by the options of its network. */
#ifndef FQPI_NONLINEARITY_H
#define FQPI_NONLINEARITY_H

#include <fqp/model.h>

/* sigma(omega z); act identity for the last layer. */
typedef struct fqpi_nonlinearity {
    int act;
    double param, omega;
} fqpi_nonlinearity;

fqp_status fqpi_nonlinearity_check(fqp_ctx *ctx, const fqp_model_opts *o);
fqpi_nonlinearity fqpi_nonlinearity_of(const fqp_model_opts *o, int64_t l);
/* The factor that SIREN's rule divides the weights of layer l >= 1 by. */
double fqpi_nonlinearity_omega0(const fqp_model_opts *o, int64_t l);

const char *fqpi_first_activation_name(size_t i, const char **doc); /* 0: same, then the activations */

#endif
