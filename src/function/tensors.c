/* tensors.c - the numbers of a function by name. */
#include "tensors.h"

#include "elements.h"
#include "fail.h"
#include "feature.h"
#include "mem.h"
#include "npz.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct list {
    fqpi_tensor *v;
    size_t n;
} list;

static void add(list *k, size_t part, const char *what, int64_t i, const char *rest, fqp_view view) {
    fqpi_tensor *t = &k->v[k->n++];
    snprintf(t->name, sizeof t->name, i < 0 ? "part%zu.%s" : "part%zu.%s%lld%s", part, what, (long long)i, rest);
    t->view = view;
}

static void add_numbers(list *k, size_t part, const char *what, int64_t i, const fqp_model *net, int64_t at,
                        int64_t n) {
    if (n > 0)
        add(k, part, what, i, "", fqp_view_make(fqpi_elem_in(net->k->dtype, net->w, at), net->k->dtype, 1, &n));
}

/* In the order of the flat vector (model.h). */
static void add_part(list *k, size_t i, const fqp_model *net) {
    const fqp_dtype t = net->k->dtype;
    int64_t scales, slopes;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t shape[2] = {fqpi_weight_rows(y), fqpi_block_in(y)};
        add(k, i, "layer", l, ".weight", fqp_view_make(fqpi_elem_in(t, net->w, y->weight), t, 2, shape));
        if (y->bias >= 0)
            add(k, i, "layer", l, ".bias", fqp_view_make(fqpi_elem_in(t, net->w, y->bias), t, 1, shape));
    }
    const int64_t nscales = fqp_model_scales(net, &scales), nslopes = fqp_model_slopes(net, &slopes);
    add_numbers(k, i, "scales", -1, net, scales, nscales);
    add_numbers(k, i, "slopes", -1, net, slopes, nslopes);
    for (int64_t j = 0; j < net->features; j++)
        if (net->feature[j].at >= 0)
            add_numbers(k, i, net->feature[j].row->name, j, net, net->feature[j].at, net->feature[j].numbers);
    if (net->embed.numbers > 0)
        add(k, i, "embedding", -1, "", fqp_view_make(net->embed.fixed, FQP_F64, 1, &net->embed.numbers));
}

/* Is every number of the part there, once? */
static fqp_status check_part(fqp_ctx *ctx, const list *k, size_t first, size_t i, const fqp_model *net) {
    int64_t n = 0;
    for (size_t j = first; j < k->n; j++)
        n += fqp_view_count(k->v[j].view);
    n -= net->embed.numbers;
    if (n == net->parameters)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "part %zu: %lld of its %lld parameters have no name", i,
                     (long long)(net->parameters - n), (long long)net->parameters);
}

fqp_status fqpi_tensors(fqp_ctx *ctx, const fqp_function *f, fqpi_tensor **out, size_t *n) {
    size_t most = 0;
    for (size_t i = 0; i < f->parts; i++)
        most += (size_t)(2 * f->part[i].model->layers + f->part[i].model->features) + 3;
    list k = {.v = fqpi_calloc(ctx, most, sizeof *k.v)};
    if (!k.v)
        return FQP_E_NOMEM;
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < f->parts && !s; i++) {
        const size_t first = k.n;
        add_part(&k, i, f->part[i].model);
        s = check_part(ctx, &k, first, i, f->part[i].model);
    }
    if (s) {
        fqpi_free(k.v);
        return s;
    }
    *out = k.v;
    *n = k.n;
    return FQP_OK;
}

fqp_status fqp_function_save_npz(fqp_ctx *ctx, const fqp_function *f, const char *path) {
    if (!ctx || !f || !path)
        return FQP_E_ARG;
    fqpi_tensor *t = NULL;
    size_t n = 0;
    char *text = NULL;
    fqp_status s = fqpi_tensors(ctx, f, &t, &n);
    s = s ? s : fqpi_function_text(ctx, f, &text);
    const char **names = s ? NULL : fqpi_alloc(ctx, n, sizeof *names);
    fqp_view *views = s ? NULL : fqpi_alloc(ctx, n, sizeof *views);
    if (!s && (!names || !views))
        s = FQP_E_NOMEM;
    for (size_t i = 0; i < n && !s; i++) {
        names[i] = t[i].name;
        views[i] = t[i].view;
    }
    s = s ? s : fqpi_npz_write_with(ctx, path, "function.json", text, n, names, views);
    fqpi_free(names);
    fqpi_free(views);
    fqpi_free(t);
    free(text);
    return s;
}
