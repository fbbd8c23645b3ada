/* jacobian_file.c - the kernel of anyone's network: J J^T of a Jacobian in a file.
 *
 * The file is mapped, and served some parameters at a time for all rows, so that it passes by once and the matrix grows
 * in place; of the rows only those parameters are in memory.  Every entry is one sum over the parameters in their
 * order, however they are cut. */
#include "gram_i.h"

#include "elements.h"
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "npy.h"
#include "os.h"
#include "team.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SPAN = FQPI_GRAM_TILE, LEAST = 64 };
static const double PANEL_BYTES = 128e6;

typedef struct source {
    fqp_ctx *ctx;
    const char *file;
    void *map;
    size_t bytes;
    const void *data;
    fqp_dtype dtype;
    int ndim;
    int64_t n, m, p; /* points, outputs, parameters */
    int64_t step[3]; /* between points, outputs, parameters */
} source;

/* ---- the file ------------------------------------------------------------------------------------ */

static fqp_status check_header(source *f, const fqpi_npy_header *h, uint64_t most) {
    const fqp_origin at = {.source = f->file};
    if (h->ndim != 2 && h->ndim != 3)
        return fqpi_fail(f->ctx, FQP_E_SHAPE, &at,
                         "a Jacobian is [points, parameters] or [points, outputs, parameters], this array has %d "
                         "dimension%s",
                         h->ndim, h->ndim == 1 ? "" : "s");
    f->ndim = h->ndim;
    f->n = h->shape[0];
    f->m = h->ndim == 3 ? h->shape[1] : 1;
    f->p = h->shape[h->ndim - 1];
    f->dtype = h->dtype;
    if (f->n < 1 || f->m < 1 || f->p < 1)
        return fqpi_fail(f->ctx, FQP_E_SHAPE, &at, "an empty Jacobian: %lld points, %lld outputs, %lld parameters",
                         (long long)f->n, (long long)f->m, (long long)f->p);
    if ((h->dtype != FQP_F64 && h->dtype != FQP_F32) || h->half || h->swap)
        return fqpi_data_fail(f->ctx, f->file,
                              "a Jacobian is read in place, as f64 or f32 of this machine; this one is %s%s: "
                              "numpy.save(file, J.astype('f4'))",
                              h->half ? "f16" : fqp_dtype_name(h->dtype), h->swap ? ", byte order swapped" : "");
    const double bytes =
        (double)h->bytes + (double)f->n * (double)f->m * (double)f->p * (double)fqp_dtype_size(f->dtype);
    if (bytes > (double)most)
        return fqpi_data_fail(f->ctx, f->file, "cut short: header promises %.0f bytes, file ends after byte %llu",
                              bytes, (unsigned long long)most);
    f->bytes = (size_t)bytes;
    return FQP_OK;
}

static void set_steps(source *f, bool fortran) {
    const int64_t rows[3] = {f->m * f->p, f->p, 1}, columns[3] = {1, f->n, f->n * f->m};
    for (int i = 0; i < 3; i++)
        f->step[i] = fortran ? columns[i] : rows[i];
}

static fqp_status open_source(source *f) {
    fqpi_stream stream;
    fqpi_npy_header h = {0};
    fqp_status s = fqpi_stream_open(f->ctx, f->file, &stream);
    if (s)
        return s;
    if (stream.compressed || !stream.most)
        s = fqpi_data_fail(f->ctx, f->file, "a Jacobian is read in place: an unpacked .npy file is needed");
    s = s ? s : fqpi_npy_header_read(&stream, &h);
    s = s ? s : check_header(f, &h, stream.most);
    fqpi_stream_close(&stream);
    const int fd = s ? -1 : fqpi_os_open(f->file, O_RDONLY);
    if (s || fd < 0)
        return s ? s : fqpi_os_fail(f->ctx, f->file, "open");
    void *map = mmap(NULL, f->bytes, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return fqpi_os_fail(f->ctx, f->file, "map into memory");
    f->map = map;
    f->data = (const char *)map + h.bytes;
    set_steps(f, h.fortran);
    return FQP_OK;
}

static fqp_status check_output(const source *f, int64_t output) {
    if (output >= FQP_NTK_ALL && output < f->m)
        return FQP_OK;
    return fqpi_fail(f->ctx, FQP_E_ARG, &(fqp_origin){.source = f->file},
                     "output %lld: the Jacobian has outputs 0 to %lld; -1 is the sum of all, -2 all against all",
                     (long long)output, (long long)f->m - 1);
}

/* ---- panels -------------------------------------------------------------------------------------- */

typedef struct panels {
    const source *f;
    const fqpi_kernel *k;
    fqp_gram *g;
    int64_t output;       /* rows of one output; FQP_NTK_ALL: of all, output by output */
    int64_t spans, room;  /* of rows; parameters that a panel has room for */
    int64_t first, count; /* parameters that are there */
    void *panel;          /* [spans][room][SPAN] */
    void *row;            /* [member][SPAN][room] */
    int64_t *bad;         /* [spans] row with a number that is none; -1: all are fine */
    bool begun;
} panels;

static const void *entry(const panels *q, int64_t row, int64_t parameter) {
    const source *f = q->f;
    const int64_t a = q->output == FQP_NTK_ALL ? row / f->n : q->output;
    return fqpi_elem_in(f->dtype, f->data, row % f->n * f->step[0] + a * f->step[1] + parameter * f->step[2]);
}

static bool load_row(const panels *q, int64_t row, void *to) {
    enum { CHUNK = 512 };
    const source *f = q->f;
    double v[CHUNK], sum = 0;
    for (int64_t i = 0; i < q->count; i += CHUNK) {
        const int64_t n = q->count - i < CHUNK ? q->count - i : CHUNK;
        fqpi_elem_load(f->dtype, n, entry(q, row, q->first + i), f->step[2], v);
        fqpi_elem_store(q->k->dtype, n, v, fqpi_elem_at(q->k->dtype, to, i), 1);
        for (int64_t j = 0; j < n; j++)
            sum += 0 * v[j];
    }
    return sum == 0;
}

static int64_t rows_in(const panels *q, int64_t s) {
    const int64_t left = q->g->rows - s * SPAN;
    return left < SPAN ? left : SPAN;
}

static void *panel_of(const panels *q, int64_t s) {
    return fqpi_elem_at(q->k->dtype, q->panel, s * q->room * SPAN);
}

static void load_span(void *arg, int64_t s, int member) {
    const panels *q = arg;
    void *rows = fqpi_elem_at(q->k->dtype, q->row, member * SPAN * q->room);
    q->bad[s] = -1;
    for (int64_t i = 0; i < rows_in(q, s) && q->bad[s] < 0; i++)
        if (!load_row(q, s * SPAN + i, fqpi_elem_at(q->k->dtype, rows, i * q->room)))
            q->bad[s] = s * SPAN + i;
    q->k->transpose(rows_in(q, s), q->count, rows, q->room, panel_of(q, s), SPAN);
}

static fqp_status say_bad(const panels *q, int64_t row) {
    const source *f = q->f;
    const int64_t a = q->output == FQP_NTK_ALL ? row / f->n : q->output, i = row % f->n;
    for (int64_t p = q->first; p < q->first + q->count; p++) {
        double v;
        fqpi_elem_load(f->dtype, 1, entry(q, row, p), 1, &v);
        if (isfinite(v))
            continue;
        return f->ndim == 3
                   ? fqpi_data_fail(f->ctx, f->file, "entry [%lld, %lld, %lld] is %g", (long long)i, (long long)a,
                                    (long long)p, v)
                   : fqpi_data_fail(f->ctx, f->file, "entry [%lld, %lld] is %g", (long long)i, (long long)p, v);
    }
    return FQP_E_INTERNAL;
}

/* ---- products ------------------------------------------------------------------------------------ */

static void add_tile(void *arg, int64_t item, int member) {
    (void)member;
    const panels *q = arg;
    const int64_t s = item / q->spans, t = item % q->spans;
    if (t > s)
        return;
    const fqpi_gemm g = {.m = rows_in(q, s),
                         .n = rows_in(q, t),
                         .k = q->count,
                         .a = panel_of(q, s),
                         .a_row = 1,
                         .a_col = SPAN,
                         .b = panel_of(q, t),
                         .b_row = SPAN,
                         .c = fqpi_gram_at(q->g, s * SPAN, t * SPAN),
                         .c_row = q->g->rows,
                         .accumulate = q->begun};
    q->k->gemm(&g, NULL);
}

static fqp_status add_chunk(panels *q) {
    fqp_ctx *ctx = q->f->ctx;
    if (fqp_ctx_interrupted(ctx))
        return FQP_E_INTERRUPTED;
    fqpi_team_for(ctx, q->spans, load_span, q);
    for (int64_t s = 0; s < q->spans; s++)
        if (q->bad[s] >= 0)
            return say_bad(q, q->bad[s]);
    fqpi_team_for(ctx, q->spans * q->spans, add_tile, q);
    q->begun = true;
    madvise(q->f->map, q->f->bytes, MADV_DONTNEED);
    fqpi_gram_release(q->g);
    return FQP_OK;
}

static fqp_status add_all(panels *q, bool sum) {
    const source *f = q->f;
    const int64_t passes = sum ? f->m : 1;
    fqpi_progress p;
    fqpi_progress_begin(&p, f->ctx, "J J^T", "parameters", (double)f->p * (double)passes);
    for (int64_t a = 0; a < passes; a++) {
        if (sum)
            q->output = a;
        for (q->first = 0; q->first < f->p; q->first += q->room) {
            q->count = q->first + q->room < f->p ? q->room : f->p - q->first;
            const fqp_status s = add_chunk(q);
            if (s)
                return s;
            fqpi_progress_report(&p, (double)a * (double)f->p + (double)(q->first + q->count), NULL);
        }
    }
    fqpi_gram_mirror(q->g, 0, q->g->rows);
    return FQP_OK;
}

static int64_t room_for(const panels *q) {
    const double fit = PANEL_BYTES / ((double)(q->spans * SPAN) * (double)q->k->elem);
    const int64_t room = fit > LEAST ? (int64_t)fit / LEAST * LEAST : LEAST;
    const int64_t all = (q->f->p + LEAST - 1) / LEAST * LEAST;
    return room < all ? room : all;
}

static fqp_status multiply(const source *f, int64_t output, fqp_gram *g) {
    panels q = {.f = f, .g = g, .k = fqpi_kernel_get(f->ctx, g->dtype), .output = output};
    q.spans = (g->rows + SPAN - 1) / SPAN;
    q.room = room_for(&q);
    q.panel = fqpi_calloc(f->ctx, (size_t)(q.spans * SPAN * q.room), q.k->elem);
    q.row = fqpi_calloc(f->ctx, (size_t)(fqp_ctx_threads(f->ctx) * SPAN * q.room), q.k->elem);
    q.bad = fqpi_calloc(f->ctx, (size_t)q.spans, sizeof *q.bad);
    const fqp_status s = q.panel && q.row && q.bad ? add_all(&q, output == FQP_NTK_SUM) : FQP_E_NOMEM;
    fqpi_free(q.panel);
    fqpi_free(q.row);
    fqpi_free(q.bad);
    return s;
}

fqp_status fqp_gram_of_jacobian(fqp_ctx *ctx, const char *file, int64_t output, const fqp_gram_opts *opts,
                                fqp_gram **out) {
    if (!ctx || !file || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_gram_of_jacobian needs a file and a place for the matrix");
    source f = {.ctx = ctx, .file = file};
    fqp_gram *g = NULL;
    char what[64];
    fqp_status s = open_source(&f);
    s = s ? s : check_output(&f, output);
    snprintf(what, sizeof what, "the kernel of %lld points", (long long)f.n);
    s = s ? s : fqpi_gram_open(ctx, what, output == FQP_NTK_ALL ? f.n * f.m : f.n, opts, &g);
    s = s ? s : multiply(&f, output, g);
    s = s ? s : fqpi_gram_keep(g);
    if (f.map)
        munmap(f.map, f.bytes);
    if (s)
        fqp_gram_destroy(g);
    else
        *out = g;
    return s;
}
