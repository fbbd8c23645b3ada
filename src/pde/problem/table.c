/* table.c - files of points and values: columns are the coordinates, then the unknowns; of an .npz file two arrays. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *s, const char *end) {
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcasecmp(s + n - k, end) == 0;
}

static fqp_status wrong_shape(fqp_ctx *ctx, const fqp_pde *p, const char *key, const char *path, const fqp_array *a) {
    return fqpi_fail(ctx, FQP_E_DATA, NULL,
                     "problem.%s: %s holds %d dimensions%s%lld; wanted are rows of %lld coordinates and %lld value%s",
                     key, path, a->ndim, a->ndim == 2 ? ", columns " : ", elements ",
                     (long long)(a->ndim == 2 ? a->shape[1] : fqp_view_count(fqp_array_view(a))), (long long)p->d,
                     (long long)p->m, p->m > 1 ? "s" : "");
}

static fqp_status real_rows(fqp_ctx *ctx, const fqp_pde *p, const char *key, const char *path, fqp_array *raw,
                            int64_t columns, fqp_array *out) {
    bool good = raw->ndim == 2 ? raw->shape[1] == columns : raw->ndim == 1 && columns == 1;
    fqp_status status =
        good ? fqp_array_convert(ctx, fqp_array_view(raw), FQP_F64, out) : wrong_shape(ctx, p, key, path, raw);
    fqp_array_free(raw);
    return status;
}

/* Arrays x [rows, d] and u [rows, m] of an archive side by side. */
static fqp_status read_archive(fqp_ctx *ctx, const fqp_pde *p, const char *key, const char *path, fqp_array *out) {
    fqp_array raw = {0}, x = {0}, u = {0};
    fqp_status status = fqp_npz_read(ctx, path, "x", &raw);
    if (!status)
        status = real_rows(ctx, p, key, path, &raw, p->d, &x);
    if (!status)
        status = fqp_npz_read(ctx, path, "u", &raw);
    if (!status)
        status = real_rows(ctx, p, key, path, &raw, p->m, &u);
    if (!status && x.shape[0] != u.shape[0])
        status = fqpi_fail(ctx, FQP_E_DATA, NULL, "problem.%s: %s has %lld points x and %lld values u", key, path,
                           (long long)x.shape[0], (long long)u.shape[0]);
    const int64_t shape[2] = {x.shape[0], p->d + p->m};
    if (!status)
        status = fqp_array_create(ctx, FQP_F64, 2, shape, out);
    const double *px = x.data, *pu = u.data;
    double *y = out->data;
    for (int64_t i = 0; i < shape[0] && !status; i++) {
        memcpy(y + i * shape[1], px + i * p->d, (size_t)p->d * sizeof *y);
        memcpy(y + i * shape[1] + p->d, pu + i * p->m, (size_t)p->m * sizeof *y);
    }
    fqp_array_free(&x);
    fqp_array_free(&u);
    return status;
}

fqp_status fqpi_pde_table_read(fqp_ctx *ctx, const fqp_pde *p, const char *key, const char *path, fqp_array *out) {
    fqp_array raw = {0}, table = {0};
    fqp_status status;
    if (ends_with(path, ".npz"))
        status = read_archive(ctx, p, key, path, &table);
    else if (!(status = fqp_array_read(ctx, path, &raw)))
        status = real_rows(ctx, p, key, path, &raw, p->d + p->m, &table);
    if (status)
        return status;
    const double *v = table.data;
    const int64_t width = p->d + p->m;
    if (table.shape[0] == 0)
        status = fqpi_fail(ctx, FQP_E_DATA, NULL, "problem.%s: %s holds no point", key, path);
    for (int64_t i = 0; i < table.shape[0] * width && !status; i++) {
        const int64_t row = i / width + 1, column = i % width + 1;
        if (!isfinite(v[i]) && (column <= p->d || isinf(v[i])))
            status = fqpi_fail(ctx, FQP_E_DATA, NULL, "problem.%s: %s: row %lld, column %lld is not a number", key,
                               path, (long long)row, (long long)column);
    }
    if (status)
        fqp_array_free(&table);
    else
        *out = table;
    return status;
}
