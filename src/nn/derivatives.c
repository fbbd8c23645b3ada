/* derivatives.c - derivatives of a network at given points, tile by tile on all threads. */
#include "fail.h"
#include "jet.h"
#include "mem.h"
#include "real.h"
#include "team.h"

typedef struct job {
    const fqp_model *net;
    const fqpi_jet_plan *plan;
    fqp_view x;
    int64_t n, size; /* points; of a tile at most */
    char *block;     /* [member] coordinates of a tile, its pass */
    size_t coordinates, pass;
    double *out;
} job;

static void tile(void *arg, int64_t i, int member) {
    const job *j = arg;
    const int64_t first = i * j->size, n = j->n - first < j->size ? j->n - first : j->size, d = j->plan->d;
    char *part = j->block + (size_t)member * (j->coordinates + j->pass);
    double *x = (double *)(void *)part;
    fqpi_jet jet;
    for (int64_t at = 0; at < n * d; at++)
        x[at] = fqpi_real_at(j->x, first * d + at);
    fqpi_jet_place(j->net, j->plan, n, part + j->coordinates, &jet);
    fqpi_jet_forward(j->net, &jet, n, x);
    fqpi_jet_get(j->net, &jet, n, j->out + first * j->net->m * (int64_t)j->plan->count);
}

static fqp_status run(fqp_ctx *ctx, job *j) {
    fqpi_reparam_refresh(j->net, 0, 1);
    j->n = j->x.shape[0];
    j->size = fqpi_jet_tile(j->net, j->plan);
    j->coordinates = ((size_t)(j->size * j->plan->d) * sizeof(double) + 63) / 64 * 64;
    j->pass = fqpi_jet_bytes(j->net, j->plan, j->size);
    j->block = fqpi_calloc(ctx, (size_t)fqp_ctx_threads(ctx), j->coordinates + j->pass);
    if (!j->block)
        return FQP_E_NOMEM;
    fqpi_team_for(ctx, (j->n + j->size - 1) / j->size, tile, j);
    fqpi_free(j->block);
    return FQP_OK;
}

/* Values alone go through the output map, whatever it is. */
static fqp_status values(fqp_ctx *ctx, const fqp_model *net, fqp_view x, int64_t count, double *out) {
    const fqp_status s = fqp_model_eval(ctx, net, x, out);
    for (int64_t i = s ? 0 : x.shape[0] * net->m; i-- > 0;)
        for (int64_t q = count; q-- > 0;)
            out[i * count + q] = out[i];
    return s;
}

static fqp_status check_points(fqp_ctx *ctx, const fqp_model *net, fqp_view x) {
    if (!x.data || (x.dtype != FQP_F64 && x.dtype != FQP_F32))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "derivatives: points must be an f32 or f64 array");
    const int64_t d = x.ndim == 2 ? x.shape[1] : x.ndim == 1 ? 1 : -1;
    if (d != net->embed.d || x.shape[0] < 0)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "derivatives: points have %lld columns, the network takes %lld inputs",
                         (long long)d, (long long)net->embed.d);
    return FQP_OK;
}

fqp_status fqp_model_derivatives(fqp_ctx *ctx, const fqp_model *net, fqp_view x, size_t count,
                                 const fqp_derivative *which, double *out) {
    if (!ctx || !net || !out || (count && !which))
        return FQP_E_ARG;
    fqp_status s = check_points(ctx, net, x);
    fqpi_jet_plan *plan = NULL;
    s = s ? s : fqpi_jet_plan_create_forward(ctx, net, count, which, &plan);
    if (!s && plan->rule.order == 0)
        s = values(ctx, net, x, (int64_t)count, out);
    else if (!s)
        s = run(ctx, &(job){.net = net, .plan = plan, .x = x, .out = out});
    fqpi_jet_plan_destroy(plan);
    return s;
}
