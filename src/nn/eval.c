/* eval.c - the network at given points, tile by tile on all threads. */
#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "net.h"
#include "team.h"

/* ---- one tile ------------------------------------------------------------------------------------ */

size_t fqpi_predict_bytes(const fqp_model *net) {
    return (size_t)((net->m + FQPI_WORK_ROWS) * fqpi_tile_samples(net->k)) * sizeof(double);
}

void fqpi_predict(const fqp_model *net, const fqpi_tape *tape, int64_t n, const void *x, int64_t x_row, fqp_dtype t,
                  void *out, void *work) {
    fqpi_span s = {.n = n, .ld = fqpi_padded(net->k, n)};
    double *h = work;
    fqpi_inputs(net, tape, s, x, x_row, NULL);
    fqpi_forward(net, tape, s, false);
    fqpi_output_panel(net->output, net->k, net->k64, net->m, s.ld, fqpi_tape_h(net, tape, net->layers, s), h,
                      h + net->m * s.ld);
    for (int64_t i = 0; i < net->m; i++)
        for (int64_t j = 0; j < n; j++)
            fqpi_elem_store(t, 1, &h[i * s.ld + j], fqpi_elem_at(t, out, j * net->m + i), 1);
}

static void copy_in(const fqpi_embed *e, fqp_view x, int64_t at, fqp_dtype t, void *row) {
    enum { CHUNK = 256 };
    double v[CHUNK];
    for (int64_t c = 0; c < e->width; c += CHUNK) {
        const int64_t n = e->width - c < CHUNK ? e->width - c : CHUNK;
        fqpi_elem_load(x.dtype, n, fqpi_elem_in(x.dtype, x.data, at + c), 1, v);
        for (int64_t i = 0; i < n && e->scale != 1; i++)
            v[i] *= e->scale;
        fqpi_elem_store(t, n, v, fqpi_elem_at(t, row, c), 1);
    }
}

static void embed_in(const fqpi_embed *e, fqp_view x, int64_t at, fqp_dtype t, void *row) {
    double f[FQPI_EMBEDDED];
    for (int64_t c = 0, n; c < e->width; c += n) {
        n = e->row->map(e, x, at, c, 1, NULL, f);
        fqpi_elem_store(t, n, f, fqpi_elem_at(t, row, c), 1);
    }
}

void fqpi_rows_in(const fqp_model *net, fqp_view x, int64_t first, int64_t n, void *rows, int64_t row) {
    const fqp_dtype t = net->k->dtype;
    const fqpi_embed plain = {.d = net->embed.d, .width = net->embed.d, .scale = 1};
    for (int64_t s = 0; s < n && net->features; s++)
        copy_in(&plain, x, (first + s) * plain.d, t, fqpi_elem_at(t, rows, s * row + fqpi_row_coordinates(net)));
    for (int64_t b = 0; b < net->embed.branches && !net->makes_inputs; b++) {
        const fqpi_embed e = fqpi_embed_branch(&net->embed, b);
        for (int64_t s = 0; s < n; s++)
            (e.row->map ? embed_in : copy_in)(&e, x, (first + s) * e.d, t,
                                              fqpi_elem_at(t, rows, s * row + b * e.width));
    }
}

/* ---- many points ---------------------------------------------------------------------------------- */

typedef struct job {
    const fqp_model *net;
    fqp_view x;
    int64_t layer;  /* wanted: outputs of hidden layer 1, 2, ...; 0: predictions */
    int64_t width;  /* of what is wanted */
    int64_t n, row; /* points; elements of a row in `rows` */
    char *block;    /* [member] rows [tile][row] in the model's precision, tape, work */
    size_t rows, tape, work;
    double *out;
} job;

/* out [n, width] = what hidden layer l gives at n <= a tile of samples. */
static void hidden(const fqp_model *net, const fqpi_tape *tape, int64_t l, int64_t n, const void *x, int64_t x_row,
                   int64_t width, double *out) {
    const fqpi_span s = {.n = n, .ld = fqpi_padded(net->k, n)};
    fqpi_inputs(net, tape, s, x, x_row, NULL);
    fqpi_forward(net, tape, s, false);
    const void *h = fqpi_tape_h(net, tape, l, s);
    for (int64_t i = 0; i < width; i++)
        for (int64_t j = 0; j < n; j++)
            fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, h, i * s.ld + j), 1, &out[j * width + i]);
}

static void tile(void *arg, int64_t i, int member) {
    job *j = arg;
    const fqp_model *net = j->net;
    int64_t size = fqpi_tile_samples(net->k), first = i * size, n = j->n - first < size ? j->n - first : size;
    char *rows = j->block + (size_t)member * (j->rows + j->tape + j->work);
    fqpi_tape tape;
    fqpi_tape_place(net, size, false, rows + j->rows, &tape);
    fqpi_rows_in(net, j->x, first, n, rows, j->row);
    double *out = j->out + first * j->width;
    if (j->layer > 0)
        hidden(net, &tape, j->layer, n, rows, j->row, j->width, out);
    else
        fqpi_predict(net, &tape, n, rows, j->row, FQP_F64, out, rows + j->rows + j->tape);
}

static fqp_status check(fqp_ctx *ctx, const fqp_model *net, fqp_view x) {
    if (!x.data || (x.dtype != FQP_F64 && x.dtype != FQP_F32))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "model: points must be an f32 or f64 array");
    int64_t d = x.ndim == 2 ? x.shape[1] : x.ndim == 1 ? 1 : -1;
    if (d != net->embed.d || x.shape[0] < 0)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "model: points have %lld columns, the network takes %lld inputs",
                         (long long)d, (long long)net->embed.d);
    return FQP_OK;
}

static fqp_status run(fqp_ctx *ctx, job *j) {
    const fqp_model *net = j->net;
    const int64_t size = fqpi_tile_samples(net->k);
    fqpi_reparam_refresh(net, 0, 1);
    j->n = j->x.shape[0];
    j->row = fqpi_row_length(net);
    j->rows = (size_t)(size * j->row) * net->k->elem;
    j->tape = fqpi_tape_bytes(net, size, false);
    j->work = fqpi_predict_bytes(net);
    j->block = fqpi_calloc(ctx, (size_t)fqp_ctx_threads(ctx), j->rows + j->tape + j->work);
    if (!j->block)
        return FQP_E_NOMEM;
    fqpi_team_for(ctx, (j->n + size - 1) / size, tile, j);
    fqpi_free(j->block);
    return FQP_OK;
}

fqp_status fqp_model_eval(fqp_ctx *ctx, const fqp_model *net, fqp_view x, double *out) {
    if (!ctx || !net || !out)
        return FQP_E_ARG;
    fqp_status s = check(ctx, net, x);
    return s ? s : run(ctx, &(job){.net = net, .x = x, .width = net->m, .out = out});
}

fqp_status fqp_model_hidden(fqp_ctx *ctx, const fqp_model *net, int64_t l, fqp_view x, double *out) {
    if (!ctx || !net || !out)
        return FQP_E_ARG;
    if (l < 1 || l >= net->layers)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "model: there is no hidden layer %lld, the network has %lld",
                         (long long)l, (long long)net->layers - 1);
    fqp_status s = check(ctx, net, x);
    return s ? s : run(ctx, &(job){.net = net, .x = x, .layer = l, .width = net->layer[l].in, .out = out});
}
