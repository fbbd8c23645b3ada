/* safetensors.c - the format of huggingface/safetensors: 8 bytes (little endian) that count the header, a header of
 * JSON
 * {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [from, past]}, ..., "__metadata__": {texts}}, then the
 * data without gaps.  function.json is metadata "fqp.function". */
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "stream.h"
#include "tensors.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 8 };
static const char META[] = "__metadata__", KEY[] = "fqp.function";

static const char *type_name(fqp_dtype t) {
    return t == FQP_F32 ? "F32" : "F64";
}

static size_t bytes_of(fqp_view v) {
    return (size_t)fqp_view_count(v) * fqp_dtype_size(v.dtype);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static json_t *tensor_entry(fqp_view v, size_t from) {
    json_t *shape = json_array();
    for (int i = 0; i < v.ndim; i++)
        json_array_append_new(shape, json_integer(v.shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", type_name(v.dtype), "shape", shape, "data_offsets",
                     (json_int_t)from, (json_int_t)from + (json_int_t)bytes_of(v));
}

/* The header with its length before and blanks behind, to a multiple of 8. */
static fqp_status write_head(fqp_ctx *ctx, const fqpi_tensor *t, size_t n, const char *text, fqpi_text *out) {
    json_t *root = json_pack("{s:{s:s, s:s}}", META, "format", "fqp", KEY, text);
    size_t at = 0;
    for (size_t i = 0; i < n && root; i++) {
        json_object_set_new(root, t[i].name, tensor_entry(t[i].view, at));
        at += bytes_of(t[i].view);
    }
    char *json = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!json)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the function cannot be written");
    const size_t length = strlen(json), padded = (length + 7) / 8 * 8;
    char head[HEAD];
    for (int i = 0; i < HEAD; i++)
        head[i] = (char)(unsigned char)(padded >> 8 * i);
    fqpi_text_put(ctx, out, head, HEAD);
    fqpi_text_put(ctx, out, json, length);
    fqpi_text_put(ctx, out, "        ", padded - length);
    free(json);
    return out->failed ? FQP_E_NOMEM : FQP_OK;
}

typedef struct job {
    fqp_ctx *ctx;
    const char *path;
    fqpi_text head;
    fqpi_tensor *t;
    size_t n;
} job;

/* Numbers go out as they lie in memory: this library is built for little-endian processors only. */
static fqp_status write_all(void *self, int fd) {
    const job *j = self;
    bool good = fqpi_os_write(fd, j->head.s, j->head.n, -1);
    for (size_t i = 0; i < j->n && good; i++)
        good = fqpi_os_write(fd, j->t[i].view.data, bytes_of(j->t[i].view), -1);
    return good ? FQP_OK : fqpi_os_fail(j->ctx, j->path, "write");
}

fqp_status fqp_function_save_safetensors(fqp_ctx *ctx, const fqp_function *f, const char *path) {
    if (!ctx || !f || !path)
        return FQP_E_ARG;
    job j = {.ctx = ctx, .path = path};
    char *text = NULL;
    fqp_status s = fqpi_function_text(ctx, f, &text);
    s = s ? s : fqpi_tensors(ctx, f, &j.t, &j.n);
    s = s ? s : write_head(ctx, j.t, j.n, text, &j.head);
    s = s ? s : fqpi_os_replace_by(ctx, path, write_all, &j);
    fqpi_free(j.t);
    fqpi_text_free(&j.head);
    free(text);
    return s;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef struct file {
    fqp_ctx *ctx;
    const char *path;
    unsigned char *bytes;
    size_t n, data; /* where data begin */
    json_t *head;
} file;

/* Tensor `name` of type t; *count 0: there is none. */
static fqp_status find(const file *f, const char *name, fqp_dtype t, const unsigned char **data, int64_t *count) {
    const json_t *o = json_object_get(f->head, name), *at = json_object_get(o, "data_offsets"), *k;
    const char *type = json_string_value(json_object_get(o, "dtype"));
    *count = 0;
    if (!o)
        return FQP_OK;
    if (!type || strcmp(type, type_name(t)) != 0)
        return fqpi_data_fail(f->ctx, f->path, "%s is of type %.8s, its settings mean %s", name, type ? type : "?",
                              type_name(t));
    const json_int_t from = json_integer_value(json_array_get(at, 0)), past = json_integer_value(json_array_get(at, 1));
    if (json_array_size(at) != 2 || from < 0 || past < from || (uint64_t)past > f->n - f->data)
        return fqpi_data_fail(f->ctx, f->path, "%s: data_offsets are not within the %zu bytes of data", name,
                              f->n - f->data);
    int64_t elements = 1;
    size_t i;
    json_array_foreach(json_object_get(o, "shape"), i, k) {
        const json_int_t side = json_integer_value(k);
        elements = side >= 0 && (side == 0 || elements <= past / side) ? elements * side : -1;
        if (elements < 0)
            break;
    }
    if (elements < 0 || (uint64_t)elements * fqp_dtype_size(t) != (uint64_t)(past - from))
        return fqpi_data_fail(f->ctx, f->path, "%s: its shape and its data_offsets do not agree", name);
    *data = f->bytes + f->data + from;
    *count = elements;
    return FQP_OK;
}

/* Tensors of a part one after another, as they were written, until there are `want` numbers. */
typedef struct filling {
    const file *f;
    char *to;
    fqp_dtype t;
    int64_t have, want;
} filling;

static fqp_status append(filling *k, const char *name, bool *found) {
    const unsigned char *data;
    int64_t count;
    const fqp_status s = find(k->f, name, k->t, &data, &count);
    *found = !s && count > 0;
    if (s || count == 0)
        return s;
    if (count > k->want - k->have)
        return fqpi_data_fail(k->f->ctx, k->f->path, "%s holds more numbers than the settings mean", name);
    memcpy(k->to + (size_t)k->have * fqp_dtype_size(k->t), data, (size_t)count * fqp_dtype_size(k->t));
    k->have += count;
    return FQP_OK;
}

/* In the order in which the header names them: it is the order of the flat vector. */
static fqp_status collect(filling *k, size_t part) {
    char ours[32], embedding[48];
    snprintf(ours, sizeof ours, "part%zu.", part);
    snprintf(embedding, sizeof embedding, "%sembedding", ours);
    const char *name;
    json_t *value;
    fqp_status s = FQP_OK;
    bool found;
    json_object_foreach(k->f->head, name, value) {
        if (!s && strncmp(name, ours, strlen(ours)) == 0 && strcmp(name, embedding) != 0)
            s = append(k, name, &found);
    }
    if (!s && k->have != k->want)
        s = fqpi_data_fail(k->f->ctx, k->f->path, "part %zu: the tensors hold %lld numbers, its settings mean %lld",
                           part, (long long)k->have, (long long)k->want);
    return s;
}

static fqp_status numbers(void *self, size_t part, int64_t parameters, int64_t fixed, fqp_dtype type,
                          fqpi_numbers *out) {
    const file *f = self;
    if ((uint64_t)parameters > f->n || (uint64_t)fixed > f->n)
        return fqpi_data_fail(f->ctx, f->path, "part %zu: its settings mean more numbers than the file has bytes",
                              part);
    fqp_status s = fqp_array_create(f->ctx, type, 1, &parameters, &out->parameters);
    s = s ? s : fqp_array_create(f->ctx, FQP_F64, 1, &fixed, &out->fixed);
    s = s ? s : collect(&(filling){.f = f, .to = out->parameters.data, .t = type, .want = parameters}, part);
    if (s || fixed == 0)
        return s;
    char name[40];
    snprintf(name, sizeof name, "part%zu.embedding", part);
    filling k = {.f = f, .to = out->fixed.data, .t = FQP_F64, .want = fixed};
    bool found;
    s = append(&k, name, &found);
    if (!s && k.have != fixed)
        s = fqpi_data_fail(f->ctx, f->path, "%s holds %lld numbers, its settings mean %lld", name, (long long)k.have,
                           (long long)fixed);
    return s;
}

static fqp_status read_head(file *f) {
    uint64_t length = 0;
    for (int i = 0; i < HEAD && f->n >= HEAD; i++)
        length |= (uint64_t)f->bytes[i] << 8 * i;
    if (f->n < HEAD || length > f->n - HEAD)
        return fqpi_data_fail(f->ctx, f->path,
                              "no safetensors file: its first 8 bytes promise a header of %llu bytes, "
                              "the file has %zu",
                              (unsigned long long)length, f->n);
    json_error_t e;
    f->data = HEAD + (size_t)length;
    f->head = json_loadb((const char *)f->bytes + HEAD, (size_t)length, JSON_REJECT_DUPLICATES, &e);
    if (json_is_object(f->head))
        return FQP_OK;
    return fqpi_data_fail(f->ctx, f->path, "header: %s", f->head ? "no object" : e.text);
}

static fqp_status read_function(file *f, fqp_function **out) {
    fqp_status s = read_head(f);
    if (s)
        return s;
    const char *text = json_string_value(json_object_get(json_object_get(f->head, META), KEY));
    if (!text)
        return fqpi_data_fail(
            f->ctx, f->path, "the metadata hold no \"%s\": tensors without it do not say what function they make", KEY);
    char *source = fqpi_format(f->ctx, "%s:%s", f->path, KEY);
    s = source ? fqpi_function_read(f->ctx, source, text, strlen(text), numbers, f, out) : FQP_E_NOMEM;
    fqpi_free(source);
    return s;
}

fqp_status fqp_function_load_safetensors(fqp_ctx *ctx, const char *path, fqp_function **out) {
    if (!ctx || !path || !out)
        return FQP_E_ARG;
    fqpi_stream stream;
    file f = {.ctx = ctx, .path = path};
    fqp_status s = fqpi_stream_open(ctx, path, &stream);
    if (s)
        return s;
    s = fqpi_stream_all(&stream, &f.bytes, &f.n);
    fqpi_stream_close(&stream);
    s = s ? s : read_function(&f, out);
    json_decref(f.head);
    fqpi_free(f.bytes);
    return s;
}
