/* eval.c - the network at given points, tile by tile on all threads. */
#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "net.h"
#include "team.h"

enum { TILE = 64 };

typedef struct job {
    const fqp_model *net;
    fqp_view x;
    int64_t n, row;  /* points; elements of a row in `rows` */
    void *rows;      /* [member][TILE][row] inputs of a tile in the model's precision */
    fqpi_work *work; /* [member] */
    double *out;
} job;

static void tile(void *arg, int64_t i, int member) {
    job *j = arg;
    const fqp_model *net = j->net;
    fqp_dtype t = net->k->dtype;
    int64_t first = i * TILE, n = j->n - first < TILE ? j->n - first : TILE;
    fqpi_work *work = &j->work[member];
    void *rows = fqpi_elem_at(t, j->rows, member * TILE * j->row);
    for (int64_t s = 0; s < n; s++)
        for (int64_t c = 0; c < net->d; c++) {
            double v;
            fqpi_elem_load(j->x.dtype, 1, fqpi_elem_in(j->x.dtype, j->x.data, (first + s) * net->d + c), 1, &v);
            fqpi_elem_store(t, 1, &v, fqpi_elem_at(t, rows, s * j->row + c), 1);
        }
    fqpi_predict(net, work, n, rows, j->row, FQP_F64, j->out + first * net->m);
}

static fqp_status check(fqp_ctx *ctx, const fqp_model *net, fqp_view x) {
    if (!x.data || (x.dtype != FQP_F64 && x.dtype != FQP_F32))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "model: points must be an f32 or f64 array");
    int64_t d = x.ndim == 2 ? x.shape[1] : x.ndim == 1 ? 1 : -1;
    if (d != net->d || x.shape[0] < 0)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "model: points have %lld columns, the network takes %lld inputs",
                         (long long)d, (long long)net->d);
    return FQP_OK;
}

fqp_status fqp_model_eval(fqp_ctx *ctx, const fqp_model *net, fqp_view x, double *out) {
    if (!ctx || !net || !out)
        return FQP_E_ARG;
    fqp_status s = check(ctx, net, x);
    if (s)
        return s;
    int members = fqp_ctx_threads(ctx);
    size_t bytes = fqpi_work_bytes(net, TILE);
    job j = {.net = net, .x = x, .n = x.shape[0], .row = fqpi_padded(net->k, net->d), .out = out};
    char *block = fqpi_calloc(ctx, (size_t)members, bytes);
    j.rows = fqpi_calloc(ctx, (size_t)(members * TILE * j.row), net->k->elem);
    j.work = fqpi_calloc(ctx, (size_t)members, sizeof *j.work);
    if (block && j.rows && j.work) {
        for (int i = 0; i < members; i++)
            fqpi_work_place(net, TILE, block + (size_t)i * bytes, &j.work[i]);
        fqpi_team_for(ctx, (j.n + TILE - 1) / TILE, tile, &j);
    } else {
        s = FQP_E_NOMEM;
    }
    fqpi_free(j.work);
    fqpi_free(j.rows);
    fqpi_free(block);
    return s;
}
