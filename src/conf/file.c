/* file.c - a small text file as bytes. */
#include "fail.h"
#include "problems.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One byte more than allowed is read, so that a long file is known to be long and a pipe is not read for ever. */
static fqp_status read_all(fqp_ctx *ctx, const char *path, FILE *file, char *buffer, size_t *n) {
    fqp_origin origin = {.source = path};
    *n = fread(buffer, 1, FQPI_CONF_MAX_BYTES + 1, file);
    if (ferror(file))
        return fqpi_fail(ctx, FQP_E_IO, &origin, "cannot be read: %s", strerror(errno));
    if (*n > FQPI_CONF_MAX_BYTES)
        return fqpi_fail(ctx, FQP_E_CONFIG, &origin, "the file is larger than the %u bytes that are read",
                         FQPI_CONF_MAX_BYTES);
    buffer[*n] = '\0';
    return FQP_OK;
}

fqp_status fqpi_file_read(fqp_ctx *ctx, const char *path, char **text, size_t *n) {
    fqp_origin origin = {.source = path};
    FILE *file = fopen(path, "rb");
    if (!file)
        return fqpi_fail(ctx, FQP_E_IO, &origin, "cannot be opened: %s", strerror(errno));
    char *buffer = fqpi_alloc(ctx, FQPI_CONF_MAX_BYTES + 2, 1);
    fqp_status status = buffer ? read_all(ctx, path, file, buffer, n) : FQP_E_NOMEM;
    fclose(file);
    if (status == FQP_OK)
        *text = buffer;
    else
        fqpi_free(buffer);
    return status;
}
