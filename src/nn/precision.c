/* precision.c - a network in the other precision. */
#include "elements.h"
#include "feature_pass.h"
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
        net->turned_rows += fqpi_turned_rows(net, y);
    }
}

static void convert(const fqp_model *from, fqp_model *to) {
    enum { CHUNK = 512 };
    double w[CHUNK];
    for (int64_t i = 0; i < from->parameters; i += CHUNK) {
        const int64_t n = from->parameters - i < CHUNK ? from->parameters - i : CHUNK;
        fqpi_elem_load(from->k->dtype, n, fqpi_elem_in(from->k->dtype, from->w, i), 1, w);
        fqpi_elem_store(to->k->dtype, n, w, fqpi_elem_at(to->k->dtype, to->w, i), 1);
    }
}

fqp_status fqpi_model_copy(fqp_ctx *ctx, const fqp_model *net, fqp_dtype t, fqp_model **out) {
    fqp_model *copy = fqpi_calloc(ctx, 1, sizeof *copy);
    if (!copy)
        return FQP_E_NOMEM;
    *copy = *net;
    copy->feature = NULL;
    copy->k = fqpi_kernel_get(ctx, t);
    copy->k64 = fqpi_kernel_get(ctx, FQP_F64);
    copy->layer = fqpi_calloc(ctx, (size_t)net->layers, sizeof *net->layer);
    copy->w = fqpi_calloc(ctx, (size_t)fqpi_padded(copy->k, net->parameters), copy->k->elem);
    copy->embed.k64 = copy->k64;
    copy->embed.fixed = fqpi_calloc(ctx, (size_t)net->embed.numbers, sizeof(double));
    copy->embed.scales = fqpi_calloc(ctx, (size_t)net->embed.branches, sizeof(double));
    const fqp_status s = fqpi_reparam_copy(ctx, net, copy);
    if (s || !copy->layer || !copy->w || !copy->embed.fixed || !copy->embed.scales) {
        fqp_model_destroy(copy);
        return FQP_E_NOMEM;
    }
    memcpy(copy->embed.scales, net->embed.scales, (size_t)net->embed.branches * sizeof(double));
    if (fqpi_features_copy(ctx, net, copy)) {
        fqp_model_destroy(copy);
        return FQP_E_NOMEM;
    }
    memcpy(copy->layer, net->layer, (size_t)net->layers * sizeof *net->layer);
    if (net->embed.numbers > 0)
        memcpy(copy->embed.fixed, net->embed.fixed, (size_t)net->embed.numbers * sizeof(double));
    lay_out_again(copy);
    convert(net, copy);
    fqpi_reparam_refresh(copy, 0, 1);
    *out = copy;
    return FQP_OK;
}
