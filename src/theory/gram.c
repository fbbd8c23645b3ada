/* gram.c - life of a symmetric matrix: room in memory or in a file of its own, kept when it is whole.
 *
 * A file grows under another name, mapped into memory, with its whole length reserved first: a full disk is met before
 * the work, not as a signal in the middle of it. */
#include "gram_i.h"

#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"
#include "team.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- memory -------------------------------------------------------------------------------------- */

static fqp_status too_large(fqp_ctx *ctx, const char *what, int64_t rows, bool single, double bytes, double free) {
    char need[FQPI_BYTES_SIZE], have[FQPI_BYTES_SIZE], half[FQPI_BYTES_SIZE], halved[64] = "";
    double elem = single ? sizeof(float) : sizeof(double);
    if (!single)
        snprintf(halved, sizeof halved, " hold it in single precision (%s),", fqpi_bytes_text(bytes / 2, half));
    return fqpi_fail(ctx, FQP_E_NOMEM, NULL,
                     "%s takes %s (%lld x %lld numbers of %d bytes), %s are free: hold it in a file,%s "
                     "or take at most %.0f rows",
                     what, fqpi_bytes_text(bytes, need), (long long)rows, (long long)rows, (int)elem,
                     fqpi_bytes_text(free, have), halved, floor(sqrt(free / elem)));
}

static fqp_status open_memory(fqp_gram *g, const char *what, const fqp_gram_opts *o) {
    const double bytes = (double)g->rows * (double)g->rows * (double)fqp_dtype_size(g->dtype);
    const double free = o->memory > 0 ? o->memory : fqpi_memory_free();
    if (bytes > free)
        return too_large(g->ctx, what, g->rows, o->single, bytes, free);
    const int64_t shape[] = {g->rows, g->rows};
    g->array = (fqp_array){.dtype = g->dtype, .ndim = 2, .shape = {shape[0], shape[1]}};
    g->data = g->array.data = fqpi_alloc(g->ctx, (size_t)(g->rows * g->rows), fqp_dtype_size(g->dtype));
    return g->data ? FQP_OK : FQP_E_NOMEM;
}

/* ---- file ---------------------------------------------------------------------------------------- */

static fqp_status reserve(fqp_gram *g, const char *what, int fd, const char *head, size_t nhead) {
    char need[FQPI_BYTES_SIZE];
    errno = posix_fallocate(fd, 0, (off_t)g->bytes);
    if (errno == ENOSPC || errno == EFBIG || errno == EDQUOT)
        return fqpi_fail(g->ctx, FQP_E_IO, &(fqp_origin){.source = g->file}, "%s takes %s, which the disk has not free",
                         what, fqpi_bytes_text((double)g->bytes, need));
    if (errno || !fqpi_os_write(fd, head, nhead, 0))
        return fqpi_os_fail(g->ctx, g->file, "write");
    void *map = mmap(NULL, g->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return fqpi_os_fail(g->ctx, g->file, "map into memory");
    g->map = map;
    g->data = (char *)map + nhead;
    return FQP_OK;
}

/* The name that is written to at last: links are followed. */
static char *target_of(fqp_ctx *ctx, const char *file) {
    char *real = realpath(file, NULL), *name = fqpi_strdup(ctx, real ? real : file);
    free(real);
    return name;
}

static fqp_status open_file(fqp_gram *g, const char *what, const fqp_gram_opts *o) {
    char head[FQPI_NPY_HEADER_MAX];
    const size_t nhead = fqpi_npy_header_format(g->dtype, 2, (int64_t[]){g->rows, g->rows}, head);
    int made;
    g->file = target_of(g->ctx, o->file);
    g->bytes = nhead + (size_t)(g->rows * g->rows) * fqp_dtype_size(g->dtype);
    fqp_status s = g->file ? fqpi_os_neighbour(g->ctx, g->file, &g->temporary, &made) : FQP_E_NOMEM;
    if (s)
        return s;
    close(made);
    const int fd = fqpi_os_open(g->temporary, O_RDWR);
    if (fd < 0)
        return fqpi_os_fail(g->ctx, g->file, "write");
    s = reserve(g, what, fd, head, nhead);
    close(fd);
    return s;
}

/* ---- life ---------------------------------------------------------------------------------------- */

fqp_status fqpi_gram_open(fqp_ctx *ctx, const char *what, int64_t rows, const fqp_gram_opts *opts, fqp_gram **out) {
    static const fqp_gram_opts none = {0};
    const fqp_gram_opts *o = opts ? opts : &none;
    if (rows < 1 || rows > INT32_MAX)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s has %lld rows; 1 to %d are possible", what, (long long)rows,
                         INT32_MAX);
    fqp_gram *g = fqpi_calloc(ctx, 1, sizeof *g);
    if (!g)
        return FQP_E_NOMEM;
    *g = (fqp_gram){.ctx = ctx, .rows = rows, .dtype = o->single ? FQP_F32 : FQP_F64};
    const fqp_status s = o->file ? open_file(g, what, o) : open_memory(g, what, o);
    if (s)
        fqp_gram_destroy(g);
    else
        *out = g;
    return s;
}

fqp_status fqpi_gram_keep(fqp_gram *g) {
    if (!g->temporary)
        return FQP_OK;
    if (rename(g->temporary, g->file) != 0)
        return fqpi_os_fail(g->ctx, g->file, "write");
    mprotect(g->map, g->bytes, PROT_READ);
    fqpi_free(g->temporary);
    g->temporary = NULL;
    return FQP_OK;
}

void fqpi_gram_release(fqp_gram *g) {
    if (g->map) /* what was written stays in the file; only this view of it is given up */
        madvise(g->map, g->bytes, MADV_DONTNEED);
}

void fqp_gram_destroy(fqp_gram *g) {
    if (!g)
        return;
    if (g->map)
        munmap(g->map, g->bytes);
    if (g->temporary)
        unlink(g->temporary);
    fqpi_free(g->temporary);
    fqpi_free(g->file);
    fqp_array_free(&g->array);
    fqpi_free(g);
}

fqp_view fqp_gram_view(const fqp_gram *g) {
    return fqp_view_make(g->data, g->dtype, 2, (int64_t[]){g->rows, g->rows});
}

/* ---- the upper triangle -------------------------------------------------------------------------- */

typedef struct mirror {
    fqp_gram *g;
    int64_t first, past;
} mirror;

/* Columns [from, to) of rows [first, past) to the rows of those numbers, as far as they lie above the diagonal. */
static void mirror_tile(void *arg, int64_t item, int member) {
    (void)member;
    const mirror *m = arg;
    const int64_t n = m->g->rows, from = item * FQPI_GRAM_TILE, past = from + FQPI_GRAM_TILE;
    for (int64_t top = m->first; top < m->past; top += FQPI_GRAM_TILE) {
        const int64_t bottom = top + FQPI_GRAM_TILE < m->past ? top + FQPI_GRAM_TILE : m->past;
        for (int64_t j = from; j < past && j < bottom; j++)
            for (int64_t i = j + 1 > top ? j + 1 : top; i < bottom; i++)
                if (m->g->dtype == FQP_F32)
                    ((float *)m->g->data)[j * n + i] = ((const float *)m->g->data)[i * n + j];
                else
                    ((double *)m->g->data)[j * n + i] = ((const double *)m->g->data)[i * n + j];
    }
}

void fqpi_gram_mirror(fqp_gram *g, int64_t first, int64_t n) {
    mirror m = {.g = g, .first = first, .past = first + n};
    fqpi_team_for(g->ctx, (m.past + FQPI_GRAM_TILE - 1) / FQPI_GRAM_TILE, mirror_tile, &m);
}
