/* npz.c - several named arrays in one file: a zip archive of npy members, as numpy.savez writes it.  Reading. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "npz_i.h"
#include "os.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

fqp_status fqpi_npz_fail(fqp_ctx *ctx, const char *path, fqp_status status, const char *what, zip_error_t *why) {
    return fqpi_fail(ctx, status, &(fqp_origin){.source = path}, "%s: %s", what, zip_error_strerror(why));
}

fqp_status fqpi_npz_ready(fqp_ctx *ctx, const char *path) {
    return fqpi_late_open(ctx, &fqpi_zip_library, &(fqp_origin){.source = path}, "npz files need");
}

/* The archive, or NULL with the problem reported and its status in *s. */
static zip_t *archive_open(fqp_ctx *ctx, const char *path, fqp_status *s) {
    fqpi_stream probe; /* a missing file is reported as for every other format */
    *s = fqpi_stream_open(ctx, path, &probe);
    if (*s)
        return NULL;
    fqpi_stream_close(&probe);
    *s = fqpi_npz_ready(ctx, path);
    if (*s)
        return NULL;
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    if (!zip) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        *s = fqpi_npz_fail(ctx, path, code == ZIP_ER_READ ? FQP_E_IO : FQP_E_DATA, "zip archive", &why);
        zip_error_fini(&why);
    }
    return zip;
}

/* ---- names ---------------------------------------------------------------------------------------------- */

/* Length of a member name without ".npy", or -1 when the member is no array. */
static int stem(const char *member) {
    size_t n = member ? strlen(member) : 0;
    return n > 4 && strcmp(member + n - 4, ".npy") == 0 ? (int)(n - 4) : -1;
}

/* Pointers and texts in one malloc block. */
static fqp_status names_block(fqp_ctx *ctx, zip_t *zip, char ***names, size_t *count) {
    zip_int64_t members = zip_get_num_entries(zip, 0);
    size_t n = 0, bytes = 1;
    for (zip_int64_t i = 0; i < members; i++) {
        int k = stem(zip_get_name(zip, (zip_uint64_t)i, 0));
        n += k >= 0;
        bytes += k >= 0 ? (size_t)k + 1 + sizeof(char *) : 0;
    }
    char **block = malloc(bytes);
    if (!block)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: %zu bytes were asked for", bytes);
    char *text = (char *)(block + n);
    size_t at = 0;
    for (zip_int64_t i = 0; i < members; i++) {
        const char *member = zip_get_name(zip, (zip_uint64_t)i, 0);
        int k = stem(member);
        if (k < 0)
            continue;
        block[at++] = text;
        memcpy(text, member, (size_t)k);
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
    fqp_status s;
    zip_t *zip = archive_open(ctx, path, &s);
    if (!zip)
        return s;
    s = names_block(ctx, zip, names, count);
    zip_discard(zip);
    return s;
}

/* "x y step" for messages. */
static char *names_text(fqp_ctx *ctx, char **names, size_t n) {
    fqpi_text t = {0};
    for (size_t i = 0; i < n && t.n < 300; i++)
        fqpi_text_add(ctx, &t, i ? " %s" : "%s", names[i]);
    return t.s;
}

static fqp_status no_member(fqp_ctx *ctx, zip_t *zip, const char *path, const char *name) {
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

static fqp_status member_read(fqpi_stream *s, void *buf, size_t n, size_t *got) {
    *got = 0;
    while (*got < n) {
        zip_int64_t k = zip_fread(s->handle, (char *)buf + *got, n - *got);
        if (k < 0)
            return fqpi_npz_fail(s->ctx, s->name, FQP_E_DATA, "zip member", zip_file_get_error(s->handle));
        if (k == 0)
            break;
        *got += (size_t)k;
    }
    return FQP_OK;
}

static void member_close(fqpi_stream *s) {
    zip_fclose(s->handle);
}

static const fqpi_stream_kind kind_member = {member_read, member_close};

/* Sizes in the archive are promises too: no member is larger than the file times what deflate can do. */
static fqp_status member_check(fqp_ctx *ctx, const char *path, const char *label, const zip_stat_t *m) {
    struct stat st = {0};
    if (m->comp_method != ZIP_CM_STORE && m->comp_method != ZIP_CM_DEFLATE)
        return fqpi_data_fail(ctx, label, "packed with zip method %d; stored and deflated members are read",
                              m->comp_method);
    if (m->encryption_method != ZIP_EM_NONE)
        return fqpi_data_fail(ctx, label, "the member is encrypted");
    uint64_t most = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0, packed = m->comp_size < most ? m->comp_size : most;
    if (m->comp_method == ZIP_CM_DEFLATE)
        packed *= FQPI_DEFLATE_RATIO;
    if (m->size > packed)
        return fqpi_data_fail(ctx, label, "the archive promises %llu bytes from %llu packed ones",
                              (unsigned long long)m->size, (unsigned long long)m->comp_size);
    return FQP_OK;
}

/* The member as a stream, closed by fqpi_stream_close. */
static fqp_status member_open(fqp_ctx *ctx, zip_t *zip, zip_int64_t i, const char *path, const char *label,
                              fqpi_stream *out) {
    zip_stat_t m;
    if (zip_stat_index(zip, (zip_uint64_t)i, 0, &m) != 0)
        return fqpi_npz_fail(ctx, label, FQP_E_DATA, "zip member", zip_get_error(zip));
    fqp_status s = member_check(ctx, path, label, &m);
    if (s)
        return s;
    zip_file_t *file = zip_fopen_index(zip, (zip_uint64_t)i, 0);
    if (!file)
        return fqpi_npz_fail(ctx, label, FQP_E_DATA, "zip member", zip_get_error(zip));
    *out = (fqpi_stream){
        .ctx = ctx, .name = label, .most = m.size, .compressed = true, .kind = &kind_member, .handle = file};
    return FQP_OK;
}

static fqp_status member_array(fqp_ctx *ctx, zip_t *zip, zip_int64_t i, const char *path, const char *label,
                               fqp_array *out) {
    fqpi_stream stream;
    fqp_status s = member_open(ctx, zip, i, path, label, &stream);
    if (s)
        return s;
    s = fqpi_npy_stream_read(&stream, out);
    fqpi_stream_close(&stream);
    return s;
}

static fqp_status member_text(fqp_ctx *ctx, zip_t *zip, const char *path, const char *name, char **text, size_t *n) {
    const zip_int64_t i = zip_name_locate(zip, name, 0);
    if (i < 0)
        return fqpi_data_fail(ctx, path, "the archive holds no %s", name);
    char *label = fqpi_format(ctx, "%s:%s", path, name);
    if (!label)
        return FQP_E_NOMEM;
    fqpi_stream stream;
    fqp_status s = member_open(ctx, zip, i, path, label, &stream);
    if (!s) {
        unsigned char *bytes = NULL;
        s = fqpi_stream_all(&stream, &bytes, n);
        fqpi_stream_close(&stream);
        if (!s)
            *text = (char *)bytes;
    }
    fqpi_free(label);
    return s;
}

fqp_status fqpi_npz_text(fqp_ctx *ctx, const char *path, const char *text_name, char **text, size_t *n) {
    fqp_status s;
    zip_t *zip = archive_open(ctx, path, &s);
    if (!zip)
        return s;
    s = member_text(ctx, zip, path, text_name, text, n);
    zip_discard(zip);
    return s;
}

static fqp_status read_named(fqp_ctx *ctx, zip_t *zip, const char *path, const char *name, fqp_array *out) {
    char *label = fqpi_format(ctx, "%s:%s", path, name), *member = fqpi_format(ctx, "%s.npy", name);
    fqp_status s = FQP_E_NOMEM;
    if (label && member) {
        zip_int64_t i = zip_name_locate(zip, member, 0);
        s = i < 0 ? no_member(ctx, zip, path, name) : member_array(ctx, zip, i, path, label, out);
    }
    fqpi_free(label);
    fqpi_free(member);
    return s;
}

fqp_status fqp_npz_read(fqp_ctx *ctx, const char *path, const char *name, fqp_array *out) {
    if (!path || !name || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_npz_read needs a path, a name and a place for the array");
    fqp_status s;
    zip_t *zip = archive_open(ctx, path, &s);
    if (!zip)
        return s;
    s = read_named(ctx, zip, path, name, out);
    zip_discard(zip);
    return s;
}

fqp_status fqpi_npz_read_only(fqp_ctx *ctx, const char *path, fqp_array *out) {
    fqp_status s;
    char **names = NULL;
    size_t n = 0;
    zip_t *zip = archive_open(ctx, path, &s);
    if (!zip)
        return s;
    s = names_block(ctx, zip, &names, &n);
    if (!s && n == 1)
        s = read_named(ctx, zip, path, names[0], out);
    else if (!s && n == 0)
        s = fqpi_data_fail(ctx, path, "the archive holds no array");
    else if (!s) {
        char *all = names_text(ctx, names, n);
        s = fqpi_data_fail(ctx, path, "the archive holds %zu arrays (%s): name one as \"%s:%s\"", n, all ? all : "",
                           path, names[0]);
        fqpi_free(all);
    }
    free(names);
    zip_discard(zip);
    return s;
}
