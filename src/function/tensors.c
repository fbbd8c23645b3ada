/* tensors.c - the numbers of a function by name. */
#include "tensors.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "npz.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct list {
    fqpi_tensor *v;
    size_t n;
} list;

static fqpi_tensor *add(list *k, size_t part, const char *what, int64_t i, const char *rest, fqp_view view) {
    fqpi_tensor *t = &k->v[k->n++];
    snprintf(t->name, sizeof t->name, i < 0 ? "part%zu.%s" : "part%zu.%s%lld%s", part, what, (long long)i, rest);
    t->view = view;
    return t;
}

/* Elements [from, past) of the flat vector that no layer holds. */
static void add_rest(list *k, size_t part, int64_t *count, const fqp_model *net, int64_t from, int64_t past) {
    const int64_t n = past - from;
    if (n > 0)
        add(k, part, "rest", (*count)++, "",
            fqp_view_make(fqpi_elem_in(net->k->dtype, net->w, from), net->k->dtype, 1, &n));
}

static void add_part(list *k, size_t i, const fqp_model *net) {
    const fqp_dtype t = net->k->dtype;
    int64_t at = 0, rests = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t shape[2] = {fqpi_weight_rows(y), fqpi_block_in(y)};
        add_rest(k, i, &rests, net, at, y->weight);
        add(k, i, "layer", l, ".weight", fqp_view_make(fqpi_elem_in(t, net->w, y->weight), t, 2, shape));
        at = y->weight + shape[0] * shape[1];
        if (y->bias < 0)
            continue;
        add_rest(k, i, &rests, net, at, y->bias);
        add(k, i, "layer", l, ".bias", fqp_view_make(fqpi_elem_in(t, net->w, y->bias), t, 1, shape));
        at = y->bias + shape[0];
    }
    add_rest(k, i, &rests, net, at, net->parameters);
    if (net->embed.numbers > 0)
        add(k, i, "embedding", -1, "", fqp_view_make(net->embed.fixed, FQP_F64, 1, &net->embed.numbers));
}

fqp_status fqpi_tensors(fqp_ctx *ctx, const fqp_function *f, fqpi_tensor **out, size_t *n) {
    size_t most = 0;
    for (size_t i = 0; i < f->parts; i++)
        most += 4 * (size_t)f->part[i].model->layers + 2; /* a rest may stand before every other one */
    list k = {.v = fqpi_calloc(ctx, most, sizeof *k.v)};
    if (!k.v)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < f->parts; i++)
        add_part(&k, i, f->part[i].model);
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
