/* npz.c - several named arrays in one file: a zip archive of npy members, as numpy.savez writes it. */
#include "npz.h"
#include "archive.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ---------------------------------------------------------------------------------------------- */

/* Length of a member name without ".npy", or -1 when the member is no array. */
static int stem(const char *member) {
    size_t n = strlen(member);
    return n > 4 && n < 1 << 16 && strcmp(member + n - 4, ".npy") == 0 ? (int)(n - 4) : -1;
}

/* Pointers and texts in one malloc block. */
static fqp_status names_block(fqp_ctx *ctx, const fqpi_zip *zip, char ***names, size_t *count) {
    size_t n = 0, bytes = 1;
    for (size_t i = 0; i < zip->n; i++) {
        int k = stem(zip->entry[i].name);
        n += k >= 0;
        bytes += k >= 0 ? (size_t)k + 1 + sizeof(char *) : 0;
    }
    char **block = malloc(bytes);
    if (!block)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: %zu bytes were asked for", bytes);
    char *text = (char *)(block + n);
    size_t at = 0;
    for (size_t i = 0; i < zip->n; i++) {
        int k = stem(zip->entry[i].name);
        if (k < 0)
            continue;
        block[at++] = text;
        memcpy(text, zip->entry[i].name, (size_t)k);
        text[k] = '\0';
        text += k + 1;
    }
    *names = block;
    *count = n;
    return FQP_OK;
}

fqp_status fqp_npz_names(fqp_ctx *ctx, const char *path, char ***names, size_t *count) {
    if (!path || !names || !count)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npz_names needs a path and places for the names and their count");
    fqpi_zip zip;
    fqp_status s = fqpi_zip_open(ctx, path, &zip);
    if (s)
        return s;
    s = names_block(ctx, &zip, names, count);
    fqpi_zip_close(&zip);
    return s;
}

/* "x y step" for messages. */
static char *names_text(fqp_ctx *ctx, char **names, size_t n) {
    fqpi_text t = {0};
    for (size_t i = 0; i < n && t.n < 300; i++)
        fqpi_text_add(ctx, &t, i ? " %s" : "%s", names[i]);
    return t.s;
}

static fqp_status no_member(fqp_ctx *ctx, const fqpi_zip *zip, const char *name) {
    const char *path = zip->path;
    char **names;
    size_t n;
    fqp_status s = names_block(ctx, zip, &names, &n);
    if (s)
        return s;
    char *all = names_text(ctx, names, n);
    const char *near = fqpi_nearest(name, (const char *const *)names, n);
    if (n == 0)
        s = fqpi_data_fail(ctx, path, "no array \"%s\": the archive holds none", name);
    else if (near)
        s = fqpi_data_fail(ctx, path, "no array \"%s\"; did you mean \"%s\"? known: %s", name, near, all ? all : "");
    else
        s = fqpi_data_fail(ctx, path, "no array \"%s\"; known: %s", name, all ? all : "");
    fqpi_free(all);
    free(names);
    return s;
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static fqp_status member_array(const fqpi_zip *zip, size_t i, const char *label, fqp_array *out) {
    fqpi_stream stream;
    fqp_status s = fqpi_zip_member(zip, i, label, &stream);
    if (s)
        return s;
    s = fqpi_npy_stream_read(&stream, out);
    fqpi_stream_close(&stream);
    return s;
}

/* The entry "<name>.npy", zip->n when there is none. */
static size_t locate(const fqpi_zip *zip, const char *name) {
    size_t i = 0, n = strlen(name);
    while (i < zip->n && (stem(zip->entry[i].name) != (int)n || strncmp(zip->entry[i].name, name, n) != 0))
        i++;
    return i;
}

static fqp_status read_named(fqp_ctx *ctx, const fqpi_zip *zip, const char *name, fqp_array *out) {
    size_t i = locate(zip, name);
    if (i == zip->n)
        return no_member(ctx, zip, name);
    char *label = fqpi_format(ctx, "%s:%s", zip->path, name);
    fqp_status s = label ? member_array(zip, i, label, out) : FQP_E_NOMEM;
    fqpi_free(label);
    return s;
}

fqp_status fqp_npz_read(fqp_ctx *ctx, const char *path, const char *name, fqp_array *out) {
    if (!path || !name || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npz_read needs a path, a name and a place for the array");
    fqpi_zip zip;
    fqp_status s = fqpi_zip_open(ctx, path, &zip);
    if (s)
        return s;
    s = read_named(ctx, &zip, name, out);
    fqpi_zip_close(&zip);
    return s;
}

static fqp_status read_only(fqp_ctx *ctx, const fqpi_zip *zip, fqp_array *out) {
    char **names;
    size_t n;
    fqp_status s = names_block(ctx, zip, &names, &n);
    if (s)
        return s;
    if (n == 1) {
        s = read_named(ctx, zip, names[0], out);
    } else if (n == 0) {
        s = fqpi_data_fail(ctx, zip->path, "the archive holds no array");
    } else {
        char *all = names_text(ctx, names, n);
        s = fqpi_data_fail(ctx, zip->path, "the archive holds %zu arrays (%s): name one as \"%s:%s\"", n,
                           all ? all : "", zip->path, names[0]);
        fqpi_free(all);
    }
    free(names);
    return s;
}

fqp_status fqpi_npz_read_only(fqp_ctx *ctx, const char *path, fqp_array *out) {
    fqpi_zip zip;
    fqp_status s = fqpi_zip_open(ctx, path, &zip);
    if (s)
        return s;
    s = read_only(ctx, &zip, out);
    fqpi_zip_close(&zip);
    return s;
}

/* ---- writing -------------------------------------------------------------------------------------------- */

typedef struct head {
    char text[FQPI_NPY_HEADER_MAX];
} head;

static fqp_status describe(fqp_ctx *ctx, const char *name, fqp_view v, head *h, fqpi_zip_source *out) {
    size_t bytes;
    fqp_status s = fqpi_view_check(ctx, v, &bytes);
    if (s)
        return s;
    *out = (fqpi_zip_source){.name = fqpi_format(ctx, "%s.npy", name),
                             .head = h->text,
                             .nhead = fqpi_npy_header_format(v.dtype, v.ndim, v.shape, h->text),
                             .body = v.data,
                             .nbody = bytes};
    return out->name ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status check_names(fqp_ctx *ctx, const char *path, size_t count, const char *const *names) {
    for (size_t i = 0; i < count; i++) {
        if (!names[i] || !*names[i])
            return fqpi_fail(ctx, FQP_E_ARG, &(fqp_origin){.source = path}, "array %zu has no name", i);
        if (strlen(names[i]) > 1000)
            return fqpi_fail(ctx, FQP_E_ARG, &(fqp_origin){.source = path},
                             "the name of array %zu is longer than 1000 bytes", i);
        for (size_t k = 0; k < i; k++)
            if (strcmp(names[i], names[k]) == 0)
                return fqpi_fail(ctx, FQP_E_ARG, &(fqp_origin){.source = path}, "two arrays are named \"%s\"",
                                 names[i]);
    }
    return FQP_OK;
}

fqp_status fqp_npz_write(fqp_ctx *ctx, const char *path, size_t count, const char *const *names,
                         const fqp_view *views) {
    if (!path || !names || !views || count == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npz_write needs a path and at least one named array");
    fqp_status s = check_names(ctx, path, count, names);
    if (s)
        return s;
    head *heads = fqpi_alloc(ctx, count, sizeof *heads);
    fqpi_zip_source *source = fqpi_calloc(ctx, count, sizeof *source);
    s = heads && source ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; i < count && !s; i++)
        s = describe(ctx, names[i], views[i], &heads[i], &source[i]);
    s = s ? s : fqpi_zip_write(ctx, path, count, source);
    for (size_t i = 0; source && i < count; i++)
        fqpi_free((char *)(uintptr_t)source[i].name);
    fqpi_free(source);
    fqpi_free(heads);
    return s;
}
