/* file.c - the own format: a zip archive of function.json and, for every part, part<i>.npy and what its embedding drew
 * (part<i>_embedding.npy).  numpy.load opens the arrays. */
#include "fail.h"
#include "mem.h"
#include "npz.h"
#include "os.h"
#include "stream.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

static const char TEXT[] = "function.json";

/* ---- writing ----------------------------------------------------------------------------------------------------- */

typedef struct members {
    char (*name)[40];
    const char **names;
    fqp_view *views;
    size_t n;
} members;

static void put(members *k, const char *form, size_t i, const void *data, fqp_dtype type, int64_t count) {
    snprintf(k->name[k->n], sizeof *k->name, form[0] ? "part%zu_%s" : "part%zu", i, form);
    k->names[k->n] = k->name[k->n];
    k->views[k->n++] = fqp_view_make(data, type, 1, &count);
}

static fqp_status gather(fqp_ctx *ctx, const fqp_function *f, members *k) {
    *k = (members){.name = fqpi_calloc(ctx, 2 * f->parts, sizeof *k->name),
                   .names = fqpi_calloc(ctx, 2 * f->parts, sizeof(char *)),
                   .views = fqpi_calloc(ctx, 2 * f->parts, sizeof *k->views)};
    if (!k->name || !k->names || !k->views)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < f->parts; i++) {
        const fqp_model *net = f->part[i].model;
        put(k, "", i, net->w, net->k->dtype, net->parameters);
        if (net->embed.numbers > 0)
            put(k, "embedding", i, net->embed.fixed, FQP_F64, net->embed.numbers);
    }
    return FQP_OK;
}

fqp_status fqp_function_save(fqp_ctx *ctx, const fqp_function *f, const char *path) {
    if (!ctx || !f || !path)
        return FQP_E_ARG;
    members k;
    char *text = NULL;
    fqp_status s = gather(ctx, f, &k);
    s = s ? s : fqpi_function_text(ctx, f, &text);
    s = s ? s : fqpi_npz_write_with(ctx, path, TEXT, text, k.n, k.names, k.views);
    free(text);
    fqpi_free(k.name);
    fqpi_free(k.names);
    fqpi_free(k.views);
    return s;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef struct archive {
    fqp_ctx *ctx;
    const char *path;
} archive;

static fqp_status member(const archive *a, const char *name, int64_t count, fqp_dtype type, fqp_array *out) {
    fqp_status s = fqp_npz_read(a->ctx, a->path, name, out);
    if (s)
        return s;
    const int64_t have = fqp_view_count(fqp_array_view(out));
    if (have == count && out->dtype == type)
        return FQP_OK;
    s = fqpi_data_fail(a->ctx, a->path, "%s.npy holds %lld %s numbers, function.json means %lld %s", name,
                       (long long)have, fqp_dtype_name(out->dtype), (long long)count, fqp_dtype_name(type));
    fqp_array_free(out);
    return s;
}

static fqp_status numbers(void *self, size_t part, int64_t parameters, int64_t fixed, fqp_dtype type,
                          fqpi_numbers *out) {
    const archive *a = self;
    char name[40];
    snprintf(name, sizeof name, "part%zu", part);
    fqp_status s = member(a, name, parameters, type, &out->parameters);
    snprintf(name, sizeof name, "part%zu_embedding", part);
    return s || fixed == 0 ? s : member(a, name, fixed, FQP_F64, &out->fixed);
}

static fqp_status load_zip(fqp_ctx *ctx, const char *path, fqp_function **out) {
    char *text = NULL, *source = NULL;
    size_t n = 0;
    fqp_status s = fqpi_npz_text(ctx, path, TEXT, &text, &n);
    if (!s) {
        source = fqpi_format(ctx, "%s:%s", path, TEXT);
        s = source ? fqpi_function_read(ctx, source, text, n, numbers, &(archive){ctx, path}, out) : FQP_E_NOMEM;
    }
    fqpi_free(source);
    fqpi_free(text);
    return s;
}

/* A header of JSON behind 8 bytes that count it. */
static bool is_safetensors(const fqpi_stream *s) {
    return s->npeeked > 8 && s->peeked[6] == 0 && s->peeked[7] == 0 && s->peeked[8] == '{';
}

fqp_status fqp_function_load(fqp_ctx *ctx, const char *path, fqp_function **out) {
    if (!ctx || !path || !out)
        return FQP_E_ARG;
    fqpi_stream stream;
    fqp_status s = fqpi_stream_open(ctx, path, &stream);
    if (s)
        return s;
    s = fqpi_stream_peek(&stream);
    const bool safetensors = !s && is_safetensors(&stream);
    fqpi_stream_close(&stream);
    if (s)
        return s;
    return safetensors ? fqp_function_load_safetensors(ctx, path, out) : load_zip(ctx, path, out);
}
