/* precision.c - a network in the other precision. */
#include "elements.h"
#include "mem.h"
#include "net.h"

#include <string.h>

/* Where the panels of a tape lie depends on the lanes of a vector. */
static void lay_out_again(fqp_model *net) {
    net->turned_rows = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        fqpi_layer *y = &net->layer[l];
        if (y->turned < 0)
            continue;
        y->turned = net->turned_rows;
        net->turned_rows += fqpi_padded(net->k, y->in);
    }
}

fqp_status fqpi_model_copy(fqp_ctx *ctx, const fqp_model *net, fqp_dtype t, fqp_model **out) {
    fqp_model *copy = fqpi_calloc(ctx, 1, sizeof *copy);
    double *w = fqpi_alloc(ctx, (size_t)net->parameters, sizeof *w);
    if (copy) {
        *copy = *net;
        copy->k = fqpi_kernel_get(ctx, t);
        copy->k64 = fqpi_kernel_get(ctx, FQP_F64);
        copy->layer = fqpi_calloc(ctx, (size_t)net->layers, sizeof *net->layer);
        copy->w = fqpi_calloc(ctx, (size_t)fqpi_padded(copy->k, net->parameters), copy->k->elem);
        copy->embed.k64 = copy->k64;
        copy->embed.fixed = fqpi_calloc(ctx, (size_t)net->embed.numbers, sizeof(double));
    }
    if (!copy || !w || !copy->layer || !copy->w || !copy->embed.fixed) {
        fqp_model_destroy(copy);
        fqpi_free(w);
        return FQP_E_NOMEM;
    }
    memcpy(copy->layer, net->layer, (size_t)net->layers * sizeof *net->layer);
    if (net->embed.numbers > 0)
        memcpy(copy->embed.fixed, net->embed.fixed, (size_t)net->embed.numbers * sizeof(double));
    lay_out_again(copy);
    fqpi_elem_load(net->k->dtype, net->parameters, net->w, 1, w);
    fqpi_elem_store(t, net->parameters, w, copy->w, 1);
    fqpi_free(w);
    *out = copy;
    return FQP_OK;
}
