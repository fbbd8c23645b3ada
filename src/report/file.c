/* file.c - a whole file, read, or written to a neighbour and renamed. */
#include "file.h"
#include "fail.h"
#include "mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static fqp_status refused(fqp_ctx *ctx, const char *path, const char *what) {
    fqp_origin at = {path, 0, 0};
    return fqpi_fail(ctx, FQP_E_IO, &at, "cannot write %s: %s", what, strerror(errno));
}

fqp_status fqpi_file_write(fqp_ctx *ctx, const char *path, const char *what, const fqpi_bytes *part, size_t parts) {
    char *neighbour = fqpi_format(ctx, "%s.part", path);
    if (!neighbour)
        return FQP_E_NOMEM;
    fqp_status st = FQP_OK;
    FILE *f = fopen(neighbour, "wb");
    if (!f) {
        st = refused(ctx, path, what);
    } else {
        bool ok = true;
        for (size_t i = 0; i < parts && ok; i++)
            ok = fwrite(part[i].at, 1, part[i].n, f) == part[i].n;
        ok = fclose(f) == 0 && ok; /* a full disk may show only now */
        if (!ok || rename(neighbour, path) != 0) {
            st = refused(ctx, path, what);
            unlink(neighbour);
        }
    }
    fqpi_free(neighbour);
    return st;
}

fqp_status fqpi_file_bytes(fqp_ctx *ctx, const char *path, char **bytes, size_t *n) {
    const fqp_origin at = {path, 0, 0};
    FILE *f = fopen(path, "rb");
    long size = -1;
    *bytes = NULL;
    if (f && fseek(f, 0, SEEK_END) == 0)
        size = ftell(f);
    if (size >= 0 && fseek(f, 0, SEEK_SET) == 0)
        *bytes = fqpi_alloc(ctx, (size_t)size + 1, 1);
    *n = *bytes ? fread(*bytes, 1, (size_t)size, f) : 0;
    const bool whole = *bytes && *n == (size_t)size;
    fqp_status st = whole ? FQP_OK : fqpi_fail(ctx, FQP_E_IO, &at, "cannot read: %s", strerror(errno));
    if (f)
        fclose(f);
    if (st) {
        fqpi_free(*bytes);
        *bytes = NULL;
    }
    return st;
}
