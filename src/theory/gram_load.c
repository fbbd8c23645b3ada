/* gram_load.c - a symmetric matrix out of anyone's file.
 *
 * What NumPy wrote as f64 or f32 is mapped, so that it may be larger than memory; everything else that can be read is
 * read and converted.  Being symmetric, it may lie row by row or column by column. */
#include "gram_i.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"
#include "team.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const double SYMMETRIC = 1e-5; /* of the largest entry: what sums in single precision leave */

/* ---- finding the numbers ------------------------------------------------------------------------- */

static fqp_status check_shape(fqp_ctx *ctx, const char *file, int ndim, const int64_t *shape) {
    if (ndim != 2)
        return fqpi_fail(ctx, FQP_E_SHAPE, &(fqp_origin){.source = file},
                         "a kernel is a square matrix, this array has %d dimensions", ndim);
    if (shape[0] != shape[1] || shape[0] < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, &(fqp_origin){.source = file},
                         "a kernel is a square matrix, this one is %lld x %lld", (long long)shape[0],
                         (long long)shape[1]);
    return FQP_OK;
}

/* Can the file stay where it is?  Then *bytes is its length up to the last number. */
static fqp_status mappable(fqp_ctx *ctx, const char *file, fqpi_npy_header *h, bool *fits, size_t *bytes) {
    fqpi_stream stream;
    fqp_status s = fqpi_stream_open(ctx, file, &stream);
    if (s)
        return s;
    s = fqpi_stream_peek(&stream);
    *fits = !s && !stream.compressed && stream.npeeked >= 6 && memcmp(stream.peeked, "\x93NUMPY", 6) == 0;
    if (*fits)
        s = fqpi_npy_header_read(&stream, h);
    if (!s && *fits)
        s = check_shape(ctx, file, h->ndim, h->shape);
    if (!s && *fits) {
        const size_t elem = fqp_dtype_size(h->dtype);
        *fits = (h->dtype == FQP_F64 || h->dtype == FQP_F32) && !h->half && !h->swap && h->bytes % elem == 0 &&
                h->shape[0] < INT32_MAX;
        *bytes = h->bytes + (size_t)h->shape[0] * (size_t)h->shape[1] * elem;
        *fits = *fits && *bytes <= stream.most; /* else it was cut, which the reader tells best */
    }
    fqpi_stream_close(&stream);
    return s;
}

static fqp_status map(fqp_gram *g, const char *file, const fqpi_npy_header *h, size_t bytes) {
    const int fd = fqpi_os_open(file, O_RDONLY);
    if (fd < 0)
        return fqpi_os_fail(g->ctx, file, "open");
    void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return fqpi_os_fail(g->ctx, file, "map into memory");
    g->map = p;
    g->bytes = bytes;
    g->rows = h->shape[0];
    g->dtype = h->dtype;
    g->data = (char *)p + h->bytes;
    return FQP_OK;
}

static fqp_status convert(fqp_gram *g, const char *file) {
    fqp_array a = {0};
    fqp_status s = fqp_array_read(g->ctx, file, &a);
    s = s ? s : check_shape(g->ctx, file, a.ndim, a.shape);
    if (!s && (a.dtype == FQP_C64 || a.dtype == FQP_C128))
        s = fqpi_data_fail(g->ctx, file, "a kernel is real, these numbers are complex");
    s = s ? s : fqp_array_convert(g->ctx, fqp_array_view(&a), a.dtype == FQP_F32 ? FQP_F32 : FQP_F64, &g->array);
    fqp_array_free(&a);
    if (s)
        return s;
    g->rows = g->array.shape[0];
    g->dtype = g->array.dtype;
    g->data = g->array.data;
    return FQP_OK;
}

/* ---- symmetry ------------------------------------------------------------------------------------ */

/* The worst entry of a row of tiles. */
typedef struct worst {
    double largest, difference;
    int64_t i, j; /* where the difference is, or the number that is none */
    bool finite;
} worst;

typedef struct checked {
    const fqp_gram *g;
    worst *row;
} checked;

static double at(const fqp_gram *g, int64_t i, int64_t j) {
    return g->dtype == FQP_F32 ? (double)((const float *)g->data)[i * g->rows + j]
                               : ((const double *)g->data)[i * g->rows + j];
}

static void look(const fqp_gram *g, int64_t i, int64_t j, worst *w) {
    const double a = at(g, i, j), b = at(g, j, i), difference = fabs(a - b);
    if (!w->finite)
        return;
    if (!isfinite(a) || !isfinite(b)) {
        *w = (worst){.i = isfinite(a) ? j : i, .j = isfinite(a) ? i : j};
        return;
    }
    w->largest = fmax(w->largest, fabs(a));
    if (difference > w->difference) {
        w->difference = difference;
        w->i = i;
        w->j = j;
    }
}

static void check_rows(void *arg, int64_t item, int member) {
    (void)member;
    const checked *c = arg;
    const int64_t top = item * FQPI_GRAM_TILE, end = top + FQPI_GRAM_TILE, n = c->g->rows, past = end < n ? end : n;
    worst w = {.finite = true};
    for (int64_t from = 0; from < past; from += FQPI_GRAM_TILE)
        for (int64_t i = top; i < past; i++)
            for (int64_t j = from; j <= i && j < from + FQPI_GRAM_TILE; j++)
                look(c->g, i, j, &w);
    c->row[item] = w;
}

static fqp_status judge(const fqp_gram *g, const char *file, const worst *row, int64_t rows) {
    worst w = {.finite = true};
    for (int64_t r = 0; r < rows; r++) {
        if (!row[r].finite)
            return fqpi_data_fail(g->ctx, file, "entry [%lld, %lld] is %g", (long long)row[r].i, (long long)row[r].j,
                                  at(g, row[r].i, row[r].j));
        w.largest = fmax(w.largest, row[r].largest);
        if (row[r].difference > w.difference) {
            w.difference = row[r].difference;
            w.i = row[r].i;
            w.j = row[r].j;
        }
    }
    if (w.difference > SYMMETRIC * w.largest)
        return fqpi_data_fail(g->ctx, file, "not symmetric: entry [%lld, %lld] is %g, entry [%lld, %lld] is %g",
                              (long long)w.i, (long long)w.j, at(g, w.i, w.j), (long long)w.j, (long long)w.i,
                              at(g, w.j, w.i));
    return FQP_OK;
}

static fqp_status check_symmetry(const fqp_gram *g, const char *file) {
    const int64_t rows = (g->rows + FQPI_GRAM_TILE - 1) / FQPI_GRAM_TILE;
    checked c = {.g = g, .row = fqpi_calloc(g->ctx, (size_t)rows, sizeof *c.row)};
    if (!c.row)
        return FQP_E_NOMEM;
    fqpi_team_for(g->ctx, rows, check_rows, &c);
    const fqp_status s = judge(g, file, c.row, rows);
    fqpi_free(c.row);
    return s;
}

fqp_status fqp_gram_load(fqp_ctx *ctx, const char *file, fqp_gram **out) {
    if (!ctx || !file || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_gram_load needs a file and a place for the matrix");
    fqpi_npy_header h = {0};
    bool fits = false;
    size_t bytes = 0;
    struct stat st;
    fqp_status s = stat(file, &st) != 0 || !S_ISREG(st.st_mode) ? FQP_OK : mappable(ctx, file, &h, &fits, &bytes);
    if (s)
        return s;
    fqp_gram *g = fqpi_calloc(ctx, 1, sizeof *g);
    if (!g)
        return FQP_E_NOMEM;
    g->ctx = ctx;
    s = fits ? map(g, file, &h, bytes) : convert(g, file);
    s = s ? s : check_symmetry(g, file);
    if (s)
        fqp_gram_destroy(g);
    else
        *out = g;
    return s;
}
